"""What Lighthouse asks of a page, on a phone; timings are shown in the log and never judged."""

import itertools

PHONE = {"width": 390, "height": 844}
KILO = 1000
MOST_ELEMENTS = 12_000
MOST_REQUESTS = 60

WATCH = """
window.seen = {lcp: 0, cls: 0, blocked: 0};
const watch = (type, each) => new PerformanceObserver(
  list => list.getEntries().forEach(each)).observe({type, buffered: true});
watch('largest-contentful-paint', e => { seen.lcp = e.startTime; });
watch('layout-shift', e => { if (!e.hadRecentInput) seen.cls += e.value; });
watch('longtask', e => { seen.blocked += e.duration - 50; });
"""
ASK = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return {
    ...seen,
    fcp: paint ? paint.startTime : 0,
    width: document.documentElement.scrollWidth,
    spilt: all('article table:not(.fx-scroll *)').filter(
      t => t.offsetWidth > t.parentElement.clientWidth + 1
      || t.getBoundingClientRect().right > innerWidth).map(t => t.id || t.className),
    elements: all('*').length,
    repeated: all('[id]').map(e => e.id).filter((id, i, ids) => ids.indexOf(id) !== i),
    language: document.documentElement.lang,
    title: document.title,
    description: document.querySelector('meta[name=description]')?.content ?? '',
    canonical: document.querySelector('link[rel=canonical]')?.href ?? '',
    viewports: all('meta[name=viewport]').map(m => m.content),
    pictures: all('article img').filter(
      i => !i.alt || !i.getAttribute('width') || !i.getAttribute('height')).map(i => i.src),
    levels: all('article :is(h1, h2, h3, h4, h5, h6)').filter(
      h => !h.closest('.onlyprint, [hidden]')).map(h => +h.tagName[1]),
    unnamed: all('button, a[href]').filter(
      b => b.offsetParent && !b.textContent.trim() && !b.getAttribute('aria-label') && !b.title
           && !b.querySelector('img[alt]') && !b.dataset.bsOriginalTitle).map(b => b.outerHTML),
    small: all('.article-header-buttons button').filter(b => b.offsetParent).map(
      b => b.getBoundingClientRect()).filter(r => r.width < 24 || r.height < 24).length,
  };
}"""

ASK_WIDE = """() => [...document.querySelectorAll('article table:not(.fx-scroll *)')].filter(
  t => t.offsetWidth > t.parentElement.clientWidth + 1).map(t => t.id || t.className)"""


def test_page_quality(book_page, visit, record_property):
    one = visit("http", viewport=PHONE, is_mobile=True, has_touch=True)
    one.context.add_init_script(WATCH)
    sizes, old = [], []
    one.tab.on(
        "requestfinished",
        lambda request: sizes.append(
            (request.sizes()["responseBodySize"], request.resource_type == "image")
        ),
    )
    one.tab.on(
        "console", lambda message: "deprecat" in message.text.lower() and old.append(message.text)
    )
    one.open(book_page).wait_for_load_state("networkidle")
    found = one.tab.evaluate(ASK)
    weight = sum(size for size, image in sizes if not image)
    record_property(
        "page cost",
        [
            book_page,
            f"{found['fcp']:.0f}",
            f"{found['lcp']:.0f}",
            f"{found['blocked']:.0f}",
            f"{found['cls']:.3f}",
            f"{weight / KILO:.0f}",
            f"{sum(size for size, _ in sizes) / KILO:.0f}",
            str(len(sizes)),
            str(found["elements"]),
        ],
    )
    assert one.faults == []
    assert old == []
    assert found["width"] <= PHONE["width"], "the page scrolls sideways"
    assert found["spilt"] == [], "a table wider than its place"
    assert found["repeated"] == []
    assert found["language"] == "en"
    assert found["title"]
    assert 20 < len(found["description"]) < 400
    assert found["canonical"].endswith(f"/{book_page}.html")
    assert found["viewports"] == ["width=device-width, initial-scale=1.0"]
    assert found["pictures"] == []
    assert found["unnamed"] == []
    assert found["small"] == 0
    levels = found["levels"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert found["cls"] < 0.1
    assert len(sizes) < MOST_REQUESTS
    assert found["elements"] < MOST_ELEMENTS


def test_tables_fit_the_column_and_one_switch_unfolds_all_code(book_page, visit):
    tab = visit("http", viewport={"width": 1280, "height": 800}).open(book_page)
    tab.wait_for_load_state("networkidle")
    assert tab.evaluate(ASK_WIDE) == []
    folded = tab.locator(".bd-article details.hide")
    if (count := folded.count()) > 1:
        tab.get_by_role("button", name="Show all code").click()
        assert tab.locator(".bd-article details.hide[open]").count() == count
        tab.get_by_role("button", name="Hide all code").click()
        assert tab.locator(".bd-article details.hide[open]").count() == 0
