"""Reading comforts: cards, downloads, time to read, the printed book, social cards."""

import re
import shutil
import subprocess

import pytest
from bs4 import BeautifulSoup

from funcnet_utils.publishing import printing
from funcnet_utils.publishing.html import cards, header, pagecode

KILO = 1000


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
    tab.locator(f'article a[href="{href}"]').first.focus()
    card = tab.locator("#hover-card")
    card.wait_for(state="visible")
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
    text = cards.card_text(soup, "d", "../book/b.html")
    assert text == (
        '<div class="proof"><p>See <a href="../book/a.html#q">A</a>, '
        '<a href="../book/b.html#e">e</a></p></div>'
    )
    assert 'src="../i.svg"' in cards.card_text(soup, "t", "../book/b.html")
    assert cards.card_text(soup, "plain", "b.html") == ""
    assert cards.card_text(soup, "nowhere", "b.html") == ""


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


def test_social_cards(soups, html):
    for name in ("book/intro.html", "notebooks/small_world.html"):
        tags = {tag["property"]: tag["content"] for tag in soups[name].select("meta[property]")}
        assert {"og:title", "og:description", "og:image"} <= set(tags)
        image = ((html / name).parent / tags["og:image"]).resolve()
        assert image.stat().st_size < 200 * KILO
        assert pagecode.picture_size(image) == (1200, 630)


def test_what_changed_is_a_page(soups):
    assert "Unreleased" in soups["book/changes.html"].get_text()


@pytest.mark.skipif(printing.browser() is None, reason="no Chromium or Chrome")
def test_the_book_is_printed(smoke_project, html, tmp_path):
    pdf = printing.print_book(smoke_project)
    assert pdf.read_bytes().startswith(b"%PDF")
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    text = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True).stdout
    assert printing.TITLE.split()[0] in text
    assert "Solution to" in text
    assert r"\(" not in text.replace(r"\(`", ""), "maths that was not drawn"
    pages = text.split("\f")
    assert pages[2].rstrip().endswith("3"), "page numbers"
    assert not (html / pdf.name).exists(), "printed after the pages, offered by the next build"


def test_without_a_browser_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match="install one to print"):
        printing.print_page(tmp_path / "a.html", tmp_path / "a.pdf")


def test_print_leaves_out_what_only_a_screen_can_use():
    page = printing.book_on_paper(
        "<article><details class='hide above-input'>code</details><details><p>kept</p></details>"
        "<a href='_modules/x.html'>source</a><button>x</button></article>"
    )
    assert "code" not in page.partition("<article>")[2]
    assert '<details open=""><p>kept</p>' in page
    assert "_modules" not in page
    assert "<button" not in page
