"""The book on paper: its built pages joined into one document for the printer."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urlsplit

from bs4 import BeautifulSoup, Tag

TITLE = "The living book of functional networks"
SUBTITLE = "Neurons as nodes, correlations as edges, graph theory and topology as explanation"
ON_SCREEN_ONLY = (
    ".headerlink, script, noscript, button, template, details.hide.above-input, .viewcode-link, "
    ".copybtn, iframe, #explorer, [data-screen-only]"
)
NUMBER = "<b data-page="
STYLE = """
@page { size: A4; margin: 20mm 18mm 22mm;
        @bottom-center { content: counter(page); font: 9pt "DejaVu Sans", sans-serif; } }
@page :first { @bottom-center { content: none; } }
body { font: 10pt/1.45 "DejaVu Serif", Georgia, serif; color: #111; margin: 0; }
h1, h2, h3, h4, h5, h6, [role="heading"] { font-family: "DejaVu Sans", sans-serif;
        line-height: 1.2; break-after: avoid; }
h1 { font-size: 20pt; } h2 { font-size: 20pt; } h3 { font-size: 14pt; } h4 { font-size: 11.5pt; }
h5, h6 { font-size: 10pt; }
h1.part { font-size: 12pt; letter-spacing: .08em; text-transform: uppercase; color: #555;
        border-bottom: .6pt solid #999; padding-bottom: 2mm; }
h1.part, article { break-before: page; }
h1.part + article { break-before: auto; }
.title-page { height: 235mm; display: flex; flex-direction: column; justify-content: center; }
.title-page p.title { font: bold 34pt/1.15 "DejaVu Sans", sans-serif; margin: 0 0 8mm; }
.title-page img { max-width: 100%; margin: 10mm 0; }
nav { break-before: page; font-size: 9pt; line-height: 1.25; }
nav h1, nav p { font-family: "DejaVu Sans", sans-serif; }
nav p { margin: 3mm 0 1mm; font-weight: bold; }
nav ul { margin: 0; padding: 0; list-style: none; }
nav a { display: flex; gap: 2mm; color: inherit; margin: .4mm 0; }
nav b { font-weight: normal; }
nav li.below a { padding-left: 6mm; }
nav i { flex: 1; border-bottom: .6pt dotted #999; margin-bottom: 1mm; }
td p, th p { margin: 0; }
.citation { display: flex; gap: 4mm; } .citation p { margin: 0 0 2mm; }
a { color: #0a4a75; text-decoration: none; overflow-wrap: anywhere; }
a.glossary-link { color: inherit; }
img { max-width: 100%; max-height: 220mm; height: auto; object-fit: contain; }
figure, .cell_output, table, .admonition { break-inside: avoid; }
.api table, .py.class, .dropdown.admonition { break-inside: auto; }
figure { margin: 5mm 0; text-align: center; }
figcaption { font-size: 9pt; text-align: left; }
pre { font: 8pt/1.35 "DejaVu Sans Mono", monospace; background: #f4f4f4; padding: 2mm 3mm;
        white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: 0.87em "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: 8.5pt; max-width: 100%; }
td, th { border-bottom: .4pt solid #999; padding: 1mm 2mm; text-align: left; vertical-align: top;
        overflow-wrap: anywhere; }
blockquote { border-left: 2pt solid #999; margin-left: 0; padding-left: 4mm; }
.admonition, .proof, .verdict-box, .smoke-note { border-left: 2.5pt solid #0072b2;
        background: #f6f8fa; padding: 1mm 4mm; margin: 4mm 0; }
.admonition-title, .verdict-box p { font-weight: bold; }
dt { break-after: avoid; }
dt.sig { font: bold 8.5pt "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
dl.glossary dt { font-weight: bold; }
dd { margin-left: 6mm; }
.swatch { display: inline-block; width: .9em; height: .9em; }
"""


class Leaf(NamedTuple):
    """A page in the order of the book.

    Parameters
    ----------
    name : str
        As in the table of contents.
    depth : int
        0 for the first page, 1 for a chapter, 2 for a page below a chapter.
    part : str
        Heading of the part that begins with this page, or "".
    """

    name: str
    depth: int
    part: str


def leaves(toc: dict[str, Any]) -> Iterator[Leaf]:
    """Yield the pages of a table of contents in order.

    Parameters
    ----------
    toc : dict
        Content of `_toc.yml`, with parts.

    Examples
    --------
    >>> chapter = {"file": "b", "sections": [{"file": "c"}]}
    >>> toc = {"root": "a", "parts": [{"caption": "One", "chapters": [chapter]}]}
    >>> [tuple(leaf) for leaf in leaves(toc)]
    [('a', 0, ''), ('b', 1, 'One'), ('c', 2, '')]
    """
    yield Leaf(toc["root"], 0, "")
    for part in toc["parts"]:
        caption = part["caption"]
        for chapter in part["chapters"]:
            yield Leaf(chapter["file"], 1, caption)
            caption = ""
            yield from (Leaf(below["file"], 2, "") for below in chapter.get("sections", ()))


def on_paper(folder: Path, toc: dict[str, Any], mathjax: str) -> str:
    """Return the book as one document: solutions open, links within it, nothing for screens only.

    Parameters
    ----------
    folder : Path
        Folder of the built book; the document names pictures relative to it.
    toc : dict
        Content of `_toc.yml`.
    mathjax : str
        Address of MathJax.
    """
    order = list(leaves(toc))
    names = {f"{leaf.name}.html" for leaf in order}
    body, contents = [], []
    for leaf in order:
        text = (folder / f"{leaf.name}.html").read_text(encoding="utf-8")
        article = BeautifulSoup(text, "html.parser").select_one("article")
        if article is None:
            raise ValueError(f"{leaf.name}.html has no article: build the book again.")
        _for_paper(article)
        _renamed(article, f"{leaf.name}.html", names)
        _demoted(article, leaf.depth)
        if leaf.part:
            body.append(f'<h1 class="part">{leaf.part}</h1>')
            contents.append(f"</ul><p>{leaf.part}</p><ul>")
        body.append(str(article))
        contents.append(_line(article, leaf))
    return (
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{TITLE}</title>"
        '<link rel="stylesheet" href="_static/pygments.css">'
        f"<style>{STYLE}</style>"
        "<script>MathJax = {options: {enableMenu: false, processHtmlClass: 'math'}}</script>"
        f'<script defer src="{mathjax}"></script></head><body>'
        f'<div class="title-page"><p class="title">{TITLE}</p><p>{SUBTITLE}</p>'
        '<img src="_static/pipeline.png" alt="">'
        "<p>Edition for print, made from the same run as the book on the screen.</p></div>"
        f"<nav><h1>Contents</h1><ul>{''.join(contents)}</ul></nav>"
        f"{''.join(body)}</body></html>"
    )


def with_pages(document: str, pages: dict[str, int]) -> str:
    """Return the document with the page of each line of its contents.

    Parameters
    ----------
    document : str
        From `on_paper`.
    pages : dict of str to int
        Page of each place in it.
    """
    return re.sub(
        f'{NUMBER}"([^"]+)">', lambda line: f"{line[0]}{pages.get(line[1], '')}", document
    )


def _line(article: Tag, leaf: Leaf) -> str:
    name = str(article["id"])
    heading = article.find(["h1", "h2", "h3"])
    title = heading.decode_contents() if heading else leaf.name
    style = ' class="below"' if leaf.depth > 1 else ""
    return f'<li{style}><a href="#{name}">{title}<i></i>{NUMBER}"{name}"></b></a></li>'


def _for_paper(article: Tag) -> None:
    for tag in article.select(ON_SCREEN_ONLY):
        tag.decompose()
    for tag in article.select(".toctree-wrapper"):  # the list of contents stands in front
        tag.decompose()
    for tag in article.select("details"):
        tag["open"] = ""
    for tag in article.select("img[loading]"):
        del tag["loading"]


def _renamed(article: Tag, name: str, names: set[str]) -> None:
    """Make identifiers unique in the whole book, and let links and pictures follow."""
    here = posixpath.dirname(name)
    for tag in article.find_all(True):
        for attribute in ("aria-describedby", "aria-labelledby"):
            del tag[attribute]
        if tag.get("id"):
            tag["id"] = f"{name}:{tag['id']}"
        if tag.get("src") and not urlsplit(str(tag["src"])).scheme:
            tag["src"] = posixpath.normpath(posixpath.join(here, str(tag["src"])))
        if tag.name == "a" and tag.get("href") and not urlsplit(str(tag["href"])).scheme:
            target, anchor = urldefrag(str(tag["href"]))
            page = posixpath.normpath(posixpath.join(here, target)) if target else name
            if page not in names:
                del tag["href"]
            else:
                tag["href"] = f"#{page}:{anchor}" if anchor else f"#{page}"
    article["id"] = name


def _demoted(article: Tag, depth: int) -> None:
    """Let the headings of a page stand below the one of its part."""
    for tag in article.find_all(["h1", "h2", "h3", "h4", "h5"]):
        tag.name = f"h{min(int(tag.name[1]) + depth, 6)}"
