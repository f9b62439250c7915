"""Reading comforts: numbers, cards, downloads, launches, time to read, the printed book."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from bs4 import BeautifulSoup

from tools import printing
from tools.html import cards, header, pagecode, paper

KILO = 1000
REPOSITORY = "someone/book"
SITE = "https://someone.github.io/book/"


@pytest.mark.parametrize("origin", ["file", "http"])
def test_a_citation_shows_its_work_without_a_click(origin, visit):
    one = visit(origin)
    tab = one.open("book/intro")
    link = tab.locator('article a[href*="bibliography.html#"]').first
    card = tab.locator("#hover-card")
    assert not card.is_visible()
    link.focus()
    assert "Functional network: a novel framework" in card.inner_text()
    assert link.get_attribute("aria-describedby") == "hover-card"
    assert "doi.org" in card.locator("a").first.get_attribute("href")
    tab.keyboard.press("Escape")
    assert not card.is_visible()
    assert link.get_attribute("aria-describedby") is None
    link.hover()
    card.wait_for(state="visible")
    card.hover()
    tab.wait_for_timeout(400)
    assert card.is_visible()
    assert one.faults == []


def test_cards_of_figures_are_drawn_on_a_phone(visit, soups):
    name, href = next(
        (name, card["data-card"])
        for name, soup in soups.items()
        for card in soup.select("template[data-card]")
        if card.find("figure")
    )
    tab = visit(viewport={"width": 390, "height": 844}).open(name.removesuffix(".html"))
    tab.locator(f'article a[href="{href}"]:visible').first.focus()
    card = tab.locator("#hover-card")
    card.wait_for(state="visible", timeout=5000)
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    tab.wait_for_function("document.querySelector('#hover-card img').naturalWidth > 0")


def test_card_text_names_things_from_the_page_that_shows_it():
    soup = BeautifulSoup(
        '<div class="proof" id="d"><p id="x">See <a href="a.html#q">A</a>, <a href="#e">e</a>'
        '<a class="headerlink" href="#d">#</a></p></div><p id="plain">x</p>'
        '<dl class="glossary"><dt id="t">term</dt><dd><img src="../i.svg"/></dd></dl>',
        "html.parser",
    )

    def card(name):
        return cards.card_text(soup.find(id=name), "../book/b.html")

    text = card("d")
    assert text == (
        '<div class="proof"><p>See <a href="../book/a.html#q">A</a>, '
        '<a href="../book/b.html#e">e</a></p></div>'
    )
    assert 'src="../i.svg"' in card("t")
    assert card("plain") == ""


def test_bibliography_links_to_publishers(soups):
    entries = soups["book/bibliography.html"].select(".citation")
    assert entries
    linked = [one for one in entries if one.select('a[href^="http"]')]
    assert len(linked) == len(entries)


def test_each_page_tells_how_long_it_takes(soups):
    for name, soup in soups.items():
        if name.startswith("notebooks/"):
            said = soup.select_one(".page-facts").get_text()
            assert re.fullmatch(r"About \d+ minutes? to read", said), name


def test_code_takes_no_time_to_read():
    from docutils import nodes

    page = nodes.section()
    page += nodes.paragraph("", "word " * 401)
    page += nodes.literal_block("", "code " * 5000)
    assert header.minutes_to_read(page) == 3


def test_chapters_can_be_downloaded(soups, html):
    for name, soup in soups.items():
        if not name.startswith("notebooks/"):
            continue
        found = {
            link["href"].rpartition(".")[2]: (html / name).parent / link["href"]
            for link in soup.select(".dropdown-download-buttons a[href]")
        }
        assert {"ipynb", "md"} <= set(found), name
        assert all(path.resolve().is_file() for path in found.values())
        assert "```{code-cell}" in found["md"].read_text()


def test_chapters_start_in_binder_and_colab(soups, html):
    for name, soup in soups.items():
        if not name.startswith("notebooks/"):
            continue
        page = name.removesuffix(".html")
        links = [a["href"] for a in soup.select(".dropdown-launch-buttons a[href]")]
        (binder,) = (link for link in links if link.startswith("https://mybinder.org/"))
        (colab,) = (link for link in links if link.startswith("https://colab."))
        assert binder.endswith(f"{page}.md"), "MyST source, through jupytext"
        assert colab.endswith(f"/{REPOSITORY}/blob/gh-pages/_sources/{page}.ipynb")
        assert json.loads((html / "_sources" / f"{page}.ipynb").read_text())["cells"]


def test_sitemap_names_every_page(soups, html):
    tree = ElementTree.parse(html / "sitemap.xml")
    found = {place.text for place in tree.findall(".//{*}loc")}
    pages = {name for name in soups if name.startswith(("book/", "notebooks/"))}
    assert {f"{SITE}{page}" for page in pages} <= found


def test_social_cards(soups, html):
    for name in ("book/intro.html", "notebooks/small_world.html"):
        tags = {tag["property"]: tag["content"] for tag in soups[name].select("meta[property]")}
        assert {"og:title", "og:description", "og:url"} <= set(tags)
        assert tags["og:image"] == f"{SITE}_static/card.png"
    image = html / "_static" / "card.png"
    assert image.stat().st_size < 200 * KILO
    assert pagecode.picture_size(image) == (1200, 630)


def test_figures_definitions_and_theorems_have_numbers_and_addresses(soups):
    chapters = {name: soup for name, soup in soups.items() if name.startswith("notebooks/")}
    patterns = {
        "figure figcaption .caption-number": r"Fig\. \d+\.\d+ ",
        ".proof.definition .caption-number": r"Definition \d+\.\d+ *",
        ".proof.theorem .caption-number": r"Theorem \d+\.\d+ *",
        ".exercise .caption-number": r"Exercise \d+\.\d+ *",
    }
    for selector, pattern in patterns.items():
        found = [tag.get_text() for soup in chapters.values() for tag in soup.select(selector)]
        assert found, selector
        assert [text for text in found if not re.fullmatch(pattern, text)] == []
        assert len(found) == len(set(found)), f"{selector}: a number given twice"
    for name, soup in chapters.items():
        for tag in soup.select("article :is(h1, h2, h3), article figure[id] figcaption"):
            if not tag.find_parent("div", {"class": "solution"}):
                assert tag.select_one("a.headerlink[href^='#']"), f"{name}: {tag.get_text()}"


def test_what_changed_is_a_page(soups):
    assert "Unreleased" in soups["book/changes.html"].get_text()


def test_the_book_is_printed_and_offered(soups, html):
    if printing.browser() is None:
        pytest.skip("no Chromium or Chrome")
    pdf = html / printing.PDF
    assert pdf.read_bytes().startswith(b"%PDF")
    assert not (html / "print.html").exists()
    (offer,) = soups["book/intro.html"].select(f'.page-facts a[href="../{printing.PDF}"]')
    assert offer.parent.get_text().endswith(f"({pdf.stat().st_size / 1e6:.1f} MB)")
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True).stdout
    assert "Solution to" in text
    assert r"\(" not in text.replace(r"\(`", ""), "maths that was not drawn"
    assert text.split("\f")[2].rstrip().endswith("3"), "page numbers"
    pages = printing.page_numbers(pdf.read_bytes())
    contents = " ".join("".join(text.split("\f")[1:3]).split())
    for name, soup in soups.items():
        if name.startswith("notebooks/"):
            heading = soup.h1.get_text().removesuffix("#").split(". ")[-1]
            assert heading in " ".join(text.split("\f")[pages[name] - 1].split())
            assert f"{heading} {pages[name]} " in contents


def book_of(folder, **pages):
    for name, article in pages.items():
        (folder / f"{name}.html").write_text(f"<body><article>{article}</article></body>")
    return {"root": "a", "parts": [{"caption": "Part", "chapters": [{"file": "b"}]}]}


def test_pages_on_paper_are_one_document(tmp_path):
    toc = book_of(
        tmp_path,
        a='<h1 id="x">A</h1><a href="b.html#x">to b</a><a href="b.html">b</a><a href="#x">up</a>',
        b='<h1 id="x">B</h1><img loading="lazy" src="i.png"/><a href="https://c.d/">out</a>',
    )
    page = BeautifulSoup(paper.on_paper(tmp_path, toc, "m.js"), "html.parser")
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = [a["href"] for a in page.select("article a")]
    assert links == ["#b.html:x", "#b.html", "#a.html:x", "https://c.d/"]
    assert {link[1:] for link in links if link[0] == "#"} <= set(ids)
    headings = [(tag.name, tag.get_text()) for tag in page.select("h1, h2")]
    assert headings == [("h1", "Contents"), ("h1", "A"), ("h1", "Part"), ("h2", "B")]
    numbered = BeautifulSoup(paper.with_pages(str(page), {"b.html": 7}), "html.parser")
    assert [tag.get_text() for tag in numbered.select("nav li")] == ["A", "B7"]
    assert not page.select("img[loading]")


def test_without_a_browser_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match="install one to print"):
        printing.print_page(tmp_path / "a.html", tmp_path / "a.pdf")


def test_paper_leaves_out_what_only_a_screen_can_use(tmp_path):
    toc = book_of(
        tmp_path,
        a="<details class='hide above-input'>code</details><details><p>kept</p></details>",
        b="<a href='_modules/x.html'>source</a><button>x</button>",
    )
    page = paper.on_paper(tmp_path, toc, "m.js")
    assert "code" not in page.partition("<article")[2]
    assert '<details open=""><p>kept</p>' in page
    assert "_modules" not in page
    assert "<button" not in page
