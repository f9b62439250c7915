"""Cards for links: what a citation, figure, equation, definition or term says, without a click.

The text of each card is taken from the built pages and stored in the page itself, so that it needs
no network; `hover.js` shows it on hover and on keyboard focus.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from bs4 import BeautifulSoup, Tag

SCRIPT = '<script defer src="{root}_static/hover.js"></script>'
LONGEST = 4000


def add_cards(folder: Path) -> int:
    """Add the cards to every page of the built book, and return how many there are.

    Parameters
    ----------
    folder : Path
        Folder of the built book.
    """
    paths = sorted([*folder.glob("book/*.html"), *folder.glob("notebooks/*.html")])
    pages = {
        path.relative_to(folder).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in paths
    }
    total = 0
    for name, soup in pages.items():
        cards: dict[str, str] = {}
        for link in soup.select("article a[href*='#']"):
            href = str(link["href"])
            if href in cards or "headerlink" in (link.get("class") or []):
                continue
            target, anchor = urldefrag(href)
            page = posixpath.normpath(posixpath.join(posixpath.dirname(name), target or "."))
            page = name if not target else page
            if urlsplit(target).netloc or page not in pages or not anchor:
                continue
            text = card_text(pages[page], anchor, posixpath.relpath(page, posixpath.dirname(name)))
            if text:
                cards[href] = text
        if cards:
            _write(folder / name, cards, "../" * name.count("/"))
        total += len(cards)
    return total


def card_text(soup: BeautifulSoup, anchor: str, page: str) -> str:
    """Return the HTML of the card for an anchor of a page, or nothing if it needs none.

    Parameters
    ----------
    soup : BeautifulSoup
        The page that holds the anchor.
    anchor : str
        Identifier of the target.
    page : str
        Address of that page as seen from the page that shows the card.
    """
    target = soup.find(id=anchor)
    if not isinstance(target, Tag):
        return ""
    kind = _kind(target)
    if kind is None:
        return ""
    whole = f"{kind}{kind.find_next_sibling('dd') or ''}" if kind.name == "dt" else str(kind)
    if len(whole) > LONGEST:
        return ""
    copy = BeautifulSoup(whole, "html.parser")
    for tag in copy.select(".headerlink, .backrefs, .label, script, button, template"):
        tag.decompose()
    for tag in copy.find_all(True):
        del tag["id"]
        for attribute in ("href", "src"):
            value = str(tag.get(attribute) or "")
            if value and not value.startswith(("http", "data:")):
                tag[attribute] = posixpath.normpath(posixpath.join(posixpath.dirname(page), value))
                if value.startswith("#"):
                    tag[attribute] = f"{page}{value}"
    return str(copy)


def _kind(target: Tag) -> Tag | None:
    """Return what an anchor names: the element itself, or the one around or in it."""
    for pattern in ("div.citation", "figure", "div.proof", "dt"):
        if target.name == pattern or ("." in pattern and _is(target, pattern)):
            return (
                target
                if pattern != "dt" or target.find_parent("dl", {"class": "glossary"})
                else None
            )
    if _is(target, "div.math") or target.select_one("div.math"):
        return target
    inner = target.find(["figure"]) if target.name in ("span", "div") else None
    return inner if isinstance(inner, Tag) and len(target.find_all("figure")) == 1 else None


def _is(tag: Tag, pattern: str) -> bool:
    name, _, style = pattern.partition(".")
    return tag.name == name and style in (tag.get("class") or [])


def _write(path: Path, cards: dict[str, str], root: str) -> None:
    stored = "".join(
        f'<template data-card="{href}">{text}</template>' for href, text in cards.items()
    )
    page = path.read_text(encoding="utf-8")
    head, body, tail = page.rpartition("</body>")
    path.write_text(f"{head}{stored}{SCRIPT.format(root=root)}{body}{tail}", encoding="utf-8")
