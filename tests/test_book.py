"""The built book, as files and in a real browser with the network cut."""

import os
import shutil
import threading
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

from funcnet_utils.publishing.book import build_html, server
from funcnet_utils.publishing.project import Project

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def toc_pages():
    toc = yaml.safe_load((Project.default().root / "_toc.yml").read_text())
    return [toc["root"], *(c["file"] for part in toc["parts"] for c in part["chapters"])]


PAGES = toc_pages()


@pytest.fixture(scope="session")
def html(smoke_project, outcomes):
    assert all(outcome.status == "ran" for outcome in outcomes.values())
    assert build_html(smoke_project) == 0, "a warning or an error: see the output above"
    return smoke_project.html


@pytest.fixture(scope="session")
def soups(html):
    return {
        path.relative_to(html).as_posix(): BeautifulSoup(path.read_text(), "html.parser")
        for path in html.rglob("*.html")
    }


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("FUNCNET_NEED_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def origins(html):
    with server(html, 0) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield {"file": html.as_uri(), "http": f"http://127.0.0.1:{httpd.server_port}"}
        httpd.shutdown()


class Visit:
    """A browser tab that reaches nothing but the book, and remembers what went wrong."""

    def __init__(self, browser, origin, **settings):
        self.faults = []
        self.origin = origin
        self.context = browser.new_context(**settings)
        self.context.route("**/*", self._guard)
        self.tab = self.context.new_page()
        self.tab.on("console", self._console)
        self.tab.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.tab.on("response", self._response)

    def _guard(self, route):
        url = route.request.url
        if url.startswith((self.origin, "data:", "blob:")):
            route.continue_()
        else:
            self.faults.append(f"remote: {url}")
            route.abort()

    def _console(self, message):
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _response(self, response):
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def open(self, page):
        self.tab.goto(f"{self.origin}/{page}.html", wait_until="load")
        self.tab.evaluate("() => window.MathJax?.startup?.promise")
        return self.tab


@pytest.fixture
def visit(browser, origins):
    visits = []

    def start(origin="file", **settings):
        visits.append(Visit(browser, origins[origin], **settings))
        return visits[-1]

    yield start
    for one in visits:
        one.context.close()


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


def test_github_pages_serves_every_folder(html):
    assert (html / ".nojekyll").exists()


@pytest.mark.parametrize("origin", ["file", "http"])
@pytest.mark.parametrize("page", PAGES)
def test_page_is_complete_offline(page, origin, visit, soups):
    one = visit(origin)
    tab = one.open(page)
    tab.wait_for_load_state("networkidle")
    soup = soups[f"{page}.html"]
    assert one.faults == []
    pictures = tab.eval_on_selector_all(
        "article img", "found => found.map(i => [i.src, i.complete && i.naturalWidth > 0, i.alt])"
    )
    assert len(pictures) == len(soup.select("article img"))
    assert [src for src, loaded, _ in pictures if not loaded] == []
    assert [src for src, _, alt in pictures if not alt or "/" in alt] == []
    assert tab.locator("mjx-merror").count() == 0
    assert tab.locator("article mjx-container").count() >= len(soup.select("article .math"))


def test_the_book_has_figures_and_math(soups):
    for selector in ("article .cell_output img", "article .math"):
        assert any(soup.select(selector) for soup in soups.values()), selector


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_page_is_accessible(page, scheme, visit):
    # reduced motion, or colours are judged in the middle of a transition
    tab = visit(color_scheme=scheme, reduced_motion="reduce").open(page)
    assert tab.get_attribute("html", "data-theme") == scheme
    # preload asks for style sheets that do not exist
    found = Axe().run(tab, options={"preload": False}).response["violations"]
    assert [
        f"{fault['id']}: {node['html'][:200]} {node['any'][:1]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ] == []


@pytest.mark.parametrize("page", PAGES)
def test_page_fits_a_phone(page, visit):
    tab = visit(viewport={"width": 390, "height": 844}).open(page)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_solutions_open_on_click(visit, soups):
    pages = [name for name, soup in soups.items() if soup.select(".solution.dropdown")]
    assert pages
    for name in pages:
        tab = visit().open(name.removesuffix(".html"))
        for solution in tab.locator(".solution.dropdown").all():
            content = solution.locator("#solution-content")
            assert not content.is_visible()
            solution.locator("button.toggle-button").click()
            assert content.is_visible()


@pytest.mark.parametrize("origin", ["file", "http"])
def test_search_finds_pages(origin, visit):
    one = visit(origin)
    one.tab.goto(f"{one.origin}/search.html?q=network")
    one.tab.wait_for_selector("ul.search li a")
    assert one.tab.locator("ul.search li a").count() >= 1
