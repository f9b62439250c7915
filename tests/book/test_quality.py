"""What Lighthouse asks of a page, in a real browser; timings are shown and never judged."""

import itertools

import pytest
import yaml

from funcnet_utils.publishing.project import Project

KILO = 1000
MOST_BYTES = 1500 * KILO
MOST_ELEMENTS = 12_000
MOST_REQUESTS = 60

WATCH = """
window.seen = {lcp: 0, cls: 0};
new PerformanceObserver(list => { for (const e of list.getEntries()) seen.lcp = e.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => {
  for (const e of list.getEntries()) if (!e.hadRecentInput) seen.cls += e.value;
}).observe({type: 'layout-shift', buffered: true});
"""
ASK = """() => ({
  fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  lcp: seen.lcp, cls: seen.cls,
  elements: document.querySelectorAll('*').length,
  language: document.documentElement.lang,
  title: document.title,
  description: document.querySelector('meta[name=description]')?.content ?? '',
  viewports: [...document.querySelectorAll('meta[name=viewport]')].map(m => m.content),
  pictures: [...document.querySelectorAll('article img')].filter(
    i => !i.alt || !i.getAttribute('width') || !i.getAttribute('height')).map(i => i.src),
  levels: [...document.querySelectorAll('article :is(h1, h2, h3, h4, h5, h6)')].filter(
    h => !h.closest('.onlyprint')).map(h => +h.tagName[1]),
  unnamed: [...document.querySelectorAll('button, a[href]')].filter(
    b => b.offsetParent && !b.innerText.trim() && !b.getAttribute('aria-label') && !b.title
         && !b.querySelector('img[alt]') && !b.dataset.bsOriginalTitle).map(b => b.outerHTML),
  small: [...document.querySelectorAll('.article-header-buttons button')].filter(
    b => b.offsetParent).map(b => b.getBoundingClientRect()).filter(
    r => r.width < 24 || r.height < 24).length,
  ids: [...document.querySelectorAll('[id]')].length,
})"""


def pages():
    toc = yaml.safe_load((Project.default().root / "_toc.yml").read_text())
    chapters = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return [toc["root"], *chapters, "book/api/graphs"]


@pytest.mark.parametrize("page", pages())
def test_page_quality(page, visit, request):
    one = visit("http", viewport={"width": 412, "height": 823})
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
    one.open(page).wait_for_load_state("networkidle")
    one.tab.wait_for_timeout(200)
    found = one.tab.evaluate(ASK)
    weight = sum(size for size, image in sizes if not image)
    request.config.stash.setdefault(request.config.page_table, []).append(
        [
            page,
            f"{found['fcp']:.0f}",
            f"{found['lcp']:.0f}",
            f"{found['cls']:.3f}",
            f"{weight / KILO:.0f}",
            f"{sum(size for size, _ in sizes) / KILO:.0f}",
            str(len(sizes)),
            str(found["elements"]),
        ]
    )
    assert one.faults == []
    assert old == []
    assert found["language"] == "en"
    assert found["title"]
    assert 20 < len(found["description"]) < 400
    assert found["viewports"] == ["width=device-width, initial-scale=1"]
    assert found["pictures"] == []
    assert found["unnamed"] == []
    assert found["small"] == 0
    levels = found["levels"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert found["cls"] < 0.1
    assert weight < MOST_BYTES
    assert len(sizes) < MOST_REQUESTS
    assert found["elements"] < MOST_ELEMENTS
