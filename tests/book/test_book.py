"""The built book, as files and in a real browser with the network cut."""

from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

SEVERE = ("serious", "critical")
COLOURS = "color-contrast"
ALIKE = 3  # an element may lie below another one, where axe does not judge it

# Marks a few visible elements with text of every look: what decides their contrast is equal.
MARK = """alike => {
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1
      && element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  };
  const behind = (element) => {
    if (!element) return '';
    if (!grounds.has(element)) {
      const style = getComputedStyle(element), further = behind(element.parentElement);
      const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.position];
      const clear = own.join() === 'rgba(0, 0, 0, 0),none,1,static';
      grounds.set(element, clear ? further : `${own} on ${further}`);
    }
    return grounds.get(element);
  };
  const grounds = new Map(), seen = new Map();
  for (const element of document.querySelectorAll('body, body *')) {
    element.removeAttribute('data-look');
    const texts = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!texts || !shown(element)) continue;
    const {color, fontSize, fontWeight, textShadow} = getComputedStyle(element);
    const parts = [element.tagName, color, fontSize, fontWeight, textShadow, behind(element)];
    const look = parts.join(), count = seen.get(look) ?? 0;
    if (count < alike) element.setAttribute('data-look', '');
    seen.set(look, count + 1);
  }
  return seen.size;
}"""


def test_internal_links_lead_somewhere(soups, html):
    anchors = {
        name: {tag["id"] for tag in soup.find_all(id=True)}
        | {tag["name"] for tag in soup.find_all("a", attrs={"name": True})}
        for name, soup in soups.items()
    }
    broken, checked = [], 0
    for name, soup in soups.items():
        for link in soup.find_all("a", href=True):
            target, anchor = urldefrag(urljoin(f"http://book/{name}", link["href"]))
            if urlsplit(target).netloc != "book":
                continue
            checked += 1
            path = unquote(urlsplit(target).path).lstrip("/")
            exists = (html / path).is_file()
            if not exists or (anchor and path in anchors and anchor not in anchors[path]):
                broken.append(f"{name} -> {link['href']}")
    assert checked > 20
    assert not broken


def test_nothing_is_loaded_from_elsewhere(soups):
    loads = {"script": "src", "img": "src", "link": "href", "iframe": "src", "object": "data"}
    documents = {"canonical", "next", "prev", "search", "index"}
    remote = [
        f"{name}: {tag[attribute]}"
        for name, soup in soups.items()
        for kind, attribute in loads.items()
        for tag in soup.find_all(kind, attrs={attribute: True})
        if urlsplit(tag[attribute]).netloc and not documents & set(tag.get("rel", []))
    ]
    assert not remote


def test_every_page_has_a_policy_before_its_first_script(soups):
    for name, soup in soups.items():
        if name.startswith("_static/"):
            continue
        (meta,) = soup.select('meta[http-equiv="Content-Security-Policy"]')
        assert meta.find_previous("script") is None, name
        rules = dict(rule.split(maxsplit=1) for rule in meta["content"].split("; "))
        assert rules["default-src"] == rules["form-action"] == "'self'"
        assert rules["object-src"] == rules["base-uri"] == "'none'"
        assert not {"'unsafe-inline'", "'unsafe-eval'"} & set(rules["script-src"].split())
        allowed = {"'self'", "'none'", "'unsafe-hashes'", "'unsafe-inline'", "data:"}
        words = {word for rule in rules.values() for word in rule.split()} - allowed
        assert all(word.startswith("'sha256-") for word in words), name


@pytest.mark.parametrize("origin", ["file", "http"])
def test_buttons_of_a_page_work_and_what_is_smuggled_in_does_not(origin, visit):
    one = visit(origin)
    tab = one.open("notebooks/small_world")
    tab.evaluate("() => { window.print = () => { window.printed = true; }; }")
    tab.evaluate("() => document.querySelector('[onclick=\"window.print()\"]').click()")
    assert tab.evaluate("window.printed")
    assert one.faults == []
    tab.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.smuggled = true";
      const picture = '<img src="https://example.org/x.png" onerror="window.smuggled = true">';
      document.head.append(script);
      document.body.insertAdjacentHTML("beforeend", picture);
    }""")
    tab.wait_for_timeout(300)
    assert tab.evaluate("window.smuggled") is None
    assert len(one.faults) >= 3
    assert all("Content Security Policy" in fault for fault in one.faults)


def test_github_pages_serves_every_folder(html):
    assert (html / ".nojekyll").exists()


def test_page_is_complete_and_accessible_offline(book_page, visit, html):
    # reduced motion, or colours are judged in the middle of a transition
    one = visit("file", color_scheme="light", reduced_motion="reduce")
    tab = one.open(book_page)
    tab.evaluate("() => document.querySelectorAll('img').forEach(i => { i.loading = 'eager'; })")
    tab.wait_for_load_state("networkidle")
    soup = BeautifulSoup((html / f"{book_page}.html").read_text(), "html.parser")
    assert one.faults == []
    pictures = tab.eval_on_selector_all(
        "article img", "found => found.map(i => [i.src, i.complete && i.naturalWidth > 0, i.alt])"
    )
    assert len(pictures) == len(soup.select("article img"))
    assert [src for src, loaded, _ in pictures if not loaded] == []
    assert [src for src, _, alt in pictures if not alt or "/" in alt] == []
    assert tab.locator("mjx-merror").count() == 0
    assert tab.locator("article mjx-container").count() >= len(soup.select("article .math"))
    solutions = tab.locator(".solution.dropdown > section")
    assert not any(solution.is_visible() for solution in solutions.all())
    assert faults_of(tab, rules={COLOURS: {"enabled": False}}) == []
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        assert faults_of_colours(tab, scheme) == []
    for button in tab.locator(".solution.dropdown button.toggle-button").all():
        button.click()
    assert all(solution.is_visible() for solution in solutions.all())


def faults_of_colours(tab, scheme):
    """Only colours are other in the dark; what looks the same has the same contrast."""
    tab.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
    assert tab.evaluate(MARK, ALIKE) > 5
    return faults_of(tab, {"include": [["[data-look]"]]}, runOnly=[COLOURS])


def faults_of(tab, place=None, **options):
    """What axe finds serious."""
    # preload asks for style sheets that do not exist; what is right needs no description
    lean = {"preload": False, "resultTypes": ["violations"], "selectors": False}
    found = Axe().run(tab, place, lean | options).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]} {node['any'][:1]}"
        for fault in found
        if fault["impact"] in SEVERE
        for node in fault["nodes"]
    ]


def test_the_book_has_figures_and_math(soups):
    for selector in ("article .cell_output img", "article .math", ".solution.dropdown"):
        assert any(soup.select(selector) for soup in soups.values()), selector
