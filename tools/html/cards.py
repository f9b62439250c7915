"""Cards for links: what a citation, figure, equation, definition or term says, without a click.

The text of each card is taken from the built pages and stored in the page itself, so that it needs
no network; `hover.js` shows it on hover and on keyboard focus.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from urllib.parse import urldefrag

from bs4 import BeautifulSoup, Tag

SCRIPT = '<script defer src="{root}_static/hover.js"></script>'
LONGEST = 4000
NAMED = {"citation", "proof", "math"}


def add_cards(folder: Path) -> int:
    """Add the cards to every page of the built book, and return how many there are.

    Parameters
    ----------
    folder : Path
        Folder of the built book.
    """
    pages = {
        path.relative_to(folder).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for part in ("book", "notebooks")
        for path in sorted((folder / part).rglob("*.html"))
    }
    places = {
        name: {str(tag["id"]): tag for tag in soup.find_all(id=True)}
        for name, soup in pages.items()
    }
    total = 0
    for name, soup in pages.items():
        here = posixpath.dirname(name)
        draws_maths = bool(soup.select('script[src*="mathjax"]'))
        cards: dict[str, str] = {}
        for link in soup.select("article a[href*='#']:not(.headerlink)"):
            href = str(link["href"])
            target, anchor = urldefrag(href)
            page = posixpath.normpath(posixpath.join(here, target)) if target else name
            place = places.get(page, {}).get(anchor)
            if href in cards or place is None:
                continue
            text = card_text(place, posixpath.relpath(page, here))
            if text and (draws_maths or 'class="math' not in text):
                cards[href] = text
        if cards:
            _write(folder / name, cards, "../" * name.count("/"))
        total += len(cards)
    return total


def card_text(place: Tag, page: str) -> str:
    """Return the HTML of the card for a place of a page, or nothing if it needs none.

    Parameters
    ----------
    place : bs4.Tag
        What a link leads to.
    page : str
        Address of its page as seen from the page that shows the card.
    """
    kind = _kind(place)
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


def _kind(place: Tag) -> Tag | None:
    """Return what a place names: itself, or the one figure in it; None if it gets no card."""
    if place.name == "dt":
        return place if place.find_parent("dl", {"class": "glossary"}) else None
    styles = set(place.get("class") or [])
    if place.name == "figure" or (place.name == "div" and styles & NAMED):
        return place
    figures = place.find_all("figure") if place.name in ("span", "div") else []
    return figures[0] if len(figures) == 1 else None


def _write(path: Path, cards: dict[str, str], root: str) -> None:
    stored = "".join(
        f'<template data-card="{href}">{text}</template>' for href, text in cards.items()
    )
    page = path.read_text(encoding="utf-8")
    head, body, tail = page.rpartition("</body>")
    path.write_text(f"{head}{stored}{SCRIPT.format(root=root)}{body}{tail}", encoding="utf-8")
