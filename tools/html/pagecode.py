"""Finish the HTML of one page: nothing loaded that the page does not use, no jump while loading."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from PIL import Image

SCRIPT = r"[ \t]*<script\b[^>]*{}[^>]*>\s*</script>\n?"
INLINE = r"[ \t]*<script>[^<]*{}[^<]*</script>\n?"
STYLE = r"[ \t]*<link\b[^>]*href=\"[^\"]*{}[^\"]*\"[^>]*>\n?"
SEARCH = (r"_static/searchtools\.js", r"_static/language_data\.js", r'"[^"]*searchindex\.js')
UNFOLD = "Pages below"
POINT = 4 / 3  # CSS pixels


def finish(path: Path, depth: int = 0) -> None:
    """Rewrite one page of the built book in place.

    Parameters
    ----------
    path : Path
        An HTML file below the folder of the book.
    depth : int, default=0
        Folders between the book and the page.
    """
    page = path.read_text(encoding="utf-8")
    card = 'property="og:image" content="'
    page = page.replace(f"{card}_static/", f"{card}{'../' * depth}_static/")
    page = image_sizes(light(page, is_search=path.name == "search.html"), path.parent)
    done = enlargeable(page)
    if done != path.read_text(encoding="utf-8"):
        path.write_text(done, encoding="utf-8")


def light(page: str, is_search: bool = False) -> str:
    """Return a page without scripts and styles that nothing on it needs.

    Parameters
    ----------
    page : str
        HTML of a whole page.
    is_search : bool, default=False
        Whether this is the page of the search.

    Examples
    --------
    >>> page = '<script src="_static/searchtools.js"></script>' + chr(10) + "<p>Text</p>"
    >>> light(page)
    '<p>Text</p>'
    >>> light(page, is_search=True) == page
    True
    """
    body = page[page.find("<body") :]
    page = re.sub(r'styles/theme\.css\?[^"]*', "basic.css", page)  # all that the former imports
    page = page.replace("<summary><span", f'<summary aria-label="{UNFOLD}"><span')
    drop = [
        SCRIPT.format("fontawesome"),
        SCRIPT.format("sphinx-thebe"),
        INLINE.format("THEBE_JS_URL"),
        INLINE.format("kernelName"),
        r"\s*<script type=\"text/x-thebe-config\">.*?</script>",
        STYLE.format("sphinx-thebe"),
    ]
    if not is_search:
        drop += [SCRIPT.format(part) for part in SEARCH]
    if not re.search(r'class="[^"]*\bsd-', body):
        drop += [STYLE.format("sphinx-design"), SCRIPT.format("design-tabs")]
    if 'class="highlight' not in body:
        drop += [STYLE.format("copybutton"), SCRIPT.format("(?:copybutton|clipboard)")]
    if not re.search(r'class="[^"]*\bmath\b', body):
        drop += [SCRIPT.format("mathjax/"), INLINE.format("window.MathJax")]
    if not re.search(r'class="[^"]*\b(cell|cell_output)\b', body):
        drop += [STYLE.format("mystnb")]
    if "plot-directive" not in body:
        drop += [STYLE.format("plot_directive")]
    for name in ("exercise", "proof"):
        if not re.search(rf'class="[^"]*\b(?:{name}|solution)\b', body):
            drop += [STYLE.format(rf"/{name}\.css")]
    for pattern in drop:
        page = re.sub(pattern, "", page, flags=re.DOTALL)
    _, *again = re.findall(r'[ \t]*<meta name="viewport"[^>]*>\n?', page) or [""]
    for tag in again:
        head, _, tail = page.rpartition(tag)
        page = head + tail
    return page


def image_sizes(page: str, folder: Path) -> str:
    """Give each picture its width and height, and fetch all but the first figure when needed.

    A browser that knows the shape of a picture keeps its place, so the text does not jump.

    Parameters
    ----------
    page : str
        HTML of a whole page.
    folder : Path
        Folder of the page, from which its pictures are named.
    """
    seen = 0

    def sized(match: re.Match[str]) -> str:
        nonlocal seen
        tag = match.group(0)
        source = re.search(r'src="([^"]+)"', tag)
        if source is None or source.group(1).startswith(("data:", "http")):
            return tag
        added = ""
        size = picture_size(folder / source.group(1))
        if size and " width=" not in tag and " height=" not in tag and "style=" not in tag:
            added = f' width="{size[0]}" height="{size[1]}"'
        if "logo" not in tag:
            seen += 1
            if seen > 1 and "loading=" not in tag:
                added += ' loading="lazy"'
        return f"<img{added}{tag[4:]}"

    return re.sub(r"<img\b[^>]*>", sized, page)


def enlargeable(page: str) -> str:
    """Link each figure to its file: a tap shows it alone, as large as the screen.

    Parameters
    ----------
    page : str
        HTML of a whole page.

    Examples
    --------
    >>> enlargeable('<img alt="A ring" src="../_images/a.svg">')
    '<a class="enlarge" href="../_images/a.svg"><img alt="A ring" src="../_images/a.svg"></a>'
    """

    def linked(match: re.Match[str]) -> str:
        link, picture, source = match.groups()
        return match[0] if link else f'<a class="enlarge" href="{source}">{picture}</a>'

    return re.sub(r'(<a\b[^>]*>\s*)?(<img\b[^>]*src="([^"]*_images/[^"]+)"[^>]*>)', linked, page)


def picture_size(path: Path) -> tuple[int, int] | None:
    """Return width and height in CSS pixels of an SVG or a bitmap, or None if it has none.

    Parameters
    ----------
    path : Path
        The picture.
    """
    path = Path(str(path).split("?")[0])
    if not path.is_file():
        return None
    if path.suffix != ".svg":
        with Image.open(path) as picture:
            return picture.size
    root = next(ElementTree.iterparse(path, events=("start",)))[1]
    lengths = [_pixels(root.get(side, "")) for side in ("width", "height")]
    if None in lengths:
        numbers = root.get("viewBox", "").split()
        lengths = [float(number) for number in numbers[2:]] if len(numbers) == 4 else []
    return (round(lengths[0]), round(lengths[1])) if len(lengths) == 2 else None  # type: ignore


def _pixels(length: str) -> float | None:
    match = re.fullmatch(r"([\d.]+)(px|pt)?", length)
    return float(match[1]) * (POINT if match[2] == "pt" else 1) if match else None


def finish_all(folder: Path) -> None:
    """Finish every page of the built book.

    Parameters
    ----------
    folder : Path
        Folder of the built book.
    """
    for path in folder.rglob("*.html"):
        finish(path, len(path.relative_to(folder).parts) - 1)
