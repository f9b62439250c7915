"""What stands at the head of a page: time to read, and downloads of page and book."""

from __future__ import annotations

import math
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx

from tools.printing import PDF, browser, print_book

WORDS_A_MINUTE = 200
NOT_READ = (nodes.literal_block, nodes.raw, nodes.comment, nodes.math_block)
UNTIMED = ("book/api", "book/bibliography", "book/changes", "book/explorer")
MEGABYTE = 1_000_000
OFFER = "Download as PDF"


def minutes_to_read(doctree: nodes.document) -> int:
    """Return the minutes that the prose of a page takes, at least 1; code does not count.

    Parameters
    ----------
    doctree : document
        A page.
    """
    words = sum(
        len(text.astext().split())
        for text in doctree.findall(nodes.Text)
        if not any(isinstance(parent, NOT_READ) for parent in _parents(text))
    )
    return max(1, math.ceil(words / WORDS_A_MINUTE))


def _parents(node: nodes.Node) -> list[nodes.Node]:
    found = []
    while node.parent is not None:
        node = node.parent
        found.append(node)
    return found


def add_header(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Say how long a page takes, and offer its source and the printed book.

    Parameters
    ----------
    app : Sphinx
    pagename : str
        Name of the page.
    templatename : str
        Template of the page.
    context : dict
        What the template is filled with; changed in place.
    doctree : document or None
        The page; None for pages that Sphinx makes itself.
    """
    if doctree is None:
        return
    path_to = context["pathto"]
    pdf = browser() is not None
    for group in context.get("header_buttons", []):
        if group.get("label") == "download-buttons":
            if pagename.startswith("notebooks/"):
                url = path_to(f"_sources/{pagename}.md", resource=True)
                group["buttons"].insert(1, _button(url, "Download source file", ".md", "file"))
            if pdf:
                url = path_to(PDF, resource=True)
                group["buttons"].append(_button(url, "Download the book", "book as .pdf", "book"))
    facts = []
    if not pagename.startswith(UNTIMED):
        minutes = minutes_to_read(doctree)
        facts.append(f"About {minutes} minute{'s' if minutes > 1 else ''} to read")
    if pdf and pagename == app.config.root_doc:
        facts.append(f'<a href="{path_to(PDF, resource=True)}">{OFFER}</a>')
    if facts:
        line = f'</h1>\n<p class="page-facts" data-screen-only>{" · ".join(facts)}</p>'
        context["body"] = context["body"].replace("</h1>", line, 1)


def _button(url: str, tooltip: str, text: str, icon: str) -> dict[str, str]:
    return {
        "type": "link",
        "url": url,
        "text": text,
        "tooltip": tooltip,
        "icon": f"fas fa-{icon}",
        "label": f"download-{icon}",
    }


def copy_sources(app: Sphinx, fault: Exception | None) -> None:
    """Put the sources of the chapters where their buttons point.

    Parameters
    ----------
    app : Sphinx
    fault : Exception or None
        What stopped the build.
    """
    if fault is not None or app.builder.name != "html":
        return
    place = Path(app.outdir) / "_sources" / "notebooks"
    place.mkdir(parents=True, exist_ok=True)
    for source in (Path(app.srcdir) / "notebooks").glob("*.md"):
        shutil.copy(source, place / source.name)


def add_pdf(app: Sphinx, fault: Exception | None) -> None:
    """Print the finished pages where a browser is installed, and say how large the PDF is.

    Parameters
    ----------
    app : Sphinx
    fault : Exception or None
        What stopped the build.
    """
    if fault is not None or app.builder.name != "html" or browser() is None:
        return
    folder = Path(app.outdir)
    toc = yaml.safe_load((Path(app.srcdir) / "_toc.yml").read_text(encoding="utf-8"))
    print("printing the book ...", file=sys.stderr, flush=True)
    size = print_book(folder, toc).stat().st_size / MEGABYTE
    first = folder / f"{app.config.root_doc}.html"
    text = first.read_text(encoding="utf-8")
    first.write_text(
        text.replace(f"{OFFER}</a>", f"{OFFER}</a> ({size:.1f} MB)", 1), encoding="utf-8"
    )
