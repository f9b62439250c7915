"""Reading comforts: numbers, downloads, launches, time to read, pictures, the printed book."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import pytest
from sphinx.util.images import get_image_size

from tools import bookext, printing

KILO = 1000
REPOSITORY = "someone/book"
SITE = "https://someone.github.io/book/"


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
    assert bookext.minutes_to_read(page) == 3


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
        cells = json.loads(found["ipynb"].read_text())["cells"]
        text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        assert not re.search(r"\{[a-z][\w:-]*\}`|`{3,}\{|:{3,}\{|^:label:", text, re.M), name
        assert "find_spec" in next("".join(c["source"]) for c in cells if c["cell_type"] == "code")


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
    assert get_image_size(image) == (1200, 630)


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
    assert soups["book/intro.html"].select(f'.page-facts a[href="../{printing.PDF}"]')
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True).stdout
    assert "Solution to" in text
    assert r"\(" not in text.replace(r"\(`", ""), "maths that was not drawn"
    words = " ".join(text.split())
    for name, soup in soups.items():
        if name.startswith("notebooks/"):
            heading = soup.h1.get_text().removesuffix("#").split(". ")[-1]
            assert heading in words


def test_without_a_browser_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match="install one to print"):
        printing.print_page(tmp_path / "a.html", tmp_path / "a.pdf")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ('<svg xmlns="http://www.w3.org/2000/svg" width="36pt" height="72pt"/>', ("48", "96")),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="30px" height="20px"/>', ("30", "20")),
    ],
)
def test_pictures_get_their_size(tmp_path, text, size):
    from docutils import nodes
    from docutils.utils import new_document

    (tmp_path / "a.svg").write_text(text)
    page = new_document("page")
    page += [nodes.image(uri="a.svg"), nodes.image(uri="a.svg", width="50%")]
    bookext.size_pictures(SimpleNamespace(srcdir=tmp_path), page, "page")
    first, second = page.findall(nodes.image)
    assert (first["width"], first["height"]) == size
    assert second["width"] == "50%"


def test_figures_lead_to_their_files(soups, html):
    for name, soup in soups.items():
        if name.startswith("notebooks/"):
            for picture in soup.select("article .cell_output img"):
                link = picture.find_parent("a")
                assert link, f"{name}: {picture}"
                assert ((html / name).parent / link["href"]).resolve().is_file()


def test_icons_are_drawn(visit):
    tab = visit().open("book/intro")
    drawn = """() => document.fonts.ready.then(() => [
        ...document.querySelectorAll('[class*="fa-"]')].filter(i => i.checkVisibility()).map(
            i => i.tagName == 'svg' ? i.childElementCount > 0 :
            getComputedStyle(i, '::before').content !== 'none'))"""
    icons = tab.evaluate(drawn)
    assert len(icons) >= 3
    assert all(icons)
