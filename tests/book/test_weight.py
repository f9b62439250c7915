"""What a first visit costs: bytes on the wire without compression, figures apart."""

import pytest

from tools.html import pagecode, slim

KILO = 1000
FIRST_PAGE = 500 * KILO
PAGE_WITH_MATHS = 1400 * KILO


def transfer(visit, page):
    """Load a page with an empty cache; return its requests as (kind, bytes, address)."""
    one = visit("http")
    found = []
    one.tab.on(
        "requestfinished",
        lambda request: found.append(
            (request.resource_type, request.sizes()["responseBodySize"], request.url)
        ),
    )
    one.open(page).wait_for_load_state("networkidle")
    return found


def weight(found):
    return sum(size for kind, size, _ in found if kind != "image")


def test_first_page_is_light(visit):
    found = transfer(visit, "book/intro")
    assert weight(found) < FIRST_PAGE, sorted(found, key=lambda one: -one[1])[:8]
    assert not [url for *_, url in found if "mathjax" in url or "searchindex" in url]


def test_maths_is_loaded_where_it_is_used(visit, soups):
    name = next(name for name, soup in soups.items() if soup.select("article .math"))
    found = transfer(visit, name.removesuffix(".html"))
    assert [url for *_, url in found if "mathjax" in url]
    assert weight(found) < PAGE_WITH_MATHS
    plain = soups["book/bibliography.html"]
    assert not plain.select('script[src*="mathjax"]')


def test_icons_are_drawn(visit):
    tab = visit().open("book/intro")
    code = """() => document.fonts.ready.then(() => [...document.querySelectorAll(
        '[class*="fa-"]')].filter(i => i.offsetParent).map(i => [i.className,
        getComputedStyle(i, '::before').content,
        getComputedStyle(i, '::before').content !== 'none'
        && document.fonts.check('900 16px "Font Awesome 6 Free"',
                                getComputedStyle(i, '::before').content[1])]))"""
    icons = tab.evaluate(code)
    assert len(icons) >= 3
    assert [name for name, _, drawn in icons if not drawn] == []


def test_every_used_icon_has_a_glyph(html, soups):
    import io
    import re

    from fontTools.ttLib import TTFont

    fonts = [TTFont(io.BytesIO(path.read_bytes())) for path in html.rglob("fa-*.woff")]
    known = {code for font in fonts for code in font.getBestCmap() or ()}
    sheet = next((html / "_static").rglob("pydata-sphinx-theme.css")).read_text()
    used = {
        name
        for soup in soups.values()
        for tag in soup.select('[class*="fa-"]')
        for name in tag["class"]
        if name.startswith("fa-") and name not in {"fa-solid", "fa-brands", "fa-lg"}
    }
    assert used
    for name in used:
        (glyph,) = set(re.findall(rf'\.{name}:+before\{{content:"(.)"', sheet))
        assert ord(glyph) in known, name


def test_purge_keeps_what_scripts_and_pages_name():
    sheet = (
        "a.used:not(.lost), p { color: red !important; } .lost .used { top: 0 }"
        "@media (min-width: 1px) { .used::after { content: ',{' } }"
        "@font-face { font-family: x } @keyframes spin { 0% { top: 0 } }"
    )
    small = slim.purge(sheet, {"used"})
    assert "a.used:not(.lost),p{color:red!important}" in small
    assert ".lost .used" not in small
    assert '.used::after{content:",{"}' in small
    assert "@font-face" in small
    assert "@keyframes spin" in small
    assert slim.purge(small, {"used"}) == small


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ('<svg xmlns="http://www.w3.org/2000/svg" width="36pt" height="72pt"/>', (48, 96)),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20"/>', (30, 20)),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="100%"/>', None),
    ],
)
def test_size_of_a_drawing(tmp_path, text, size):
    (tmp_path / "a.svg").write_text(text)
    assert pagecode.picture_size(tmp_path / "a.svg") == size
    page = pagecode.image_sizes('<img src="a.svg" alt="x"/>', tmp_path)
    assert (f'width="{size[0]}" height="{size[1]}"' in page) if size else "width" not in page


def test_figures_lead_to_their_files():
    logo, figure = '<img alt="" src="../_static/a.svg">', '<img alt="x" src="../_images/b.svg">'
    page = pagecode.enlargeable(logo + figure)
    assert page == f'{logo}<a class="enlarge" href="../_images/b.svg">{figure}</a>'
    assert pagecode.enlargeable(page) == page
