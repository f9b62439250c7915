"""Make the styles and icons of the built book small: keep the rules and glyphs that pages use.

The theme brings all of Bootstrap and of Font Awesome. A rule stays if every class, id and element
that its selector names occurs as a word in some page or script, so that what scripts add stays too.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont

WORD = re.compile(r"[A-Za-z_][\w-]*")
NAME = re.compile(r"[.#]((?:\\.|[\w-])+)")
NEGATED = re.compile(r":(?:not|where|is|has)\((?:[^()]|\([^()]*\))*\)")
ATTRIBUTE = re.compile(r"\[[^\]]*\]")
GLYPH = re.compile("[\ue000-\uf8ff]")  # private use: icons
OWN = ("book.css",)
GROUPS = ("media", "supports")


def slim(folder: Path) -> None:
    """Cut down the styles of a built book in place, and drop files that no page asks for.

    Parameters
    ----------
    folder : Path
        Folder of the built book.
    """
    static = folder / "_static"
    for path in static.rglob("*.map"):
        path.unlink()
    for path in (static / "scripts").glob("fontawesome*"):
        path.unlink()
    words = used_words(folder)
    glyphs: set[str] = set()
    sheets = [path for path in static.rglob("*.css") if path.name not in OWN]
    for path in sheets:
        text = purge(path.read_text(encoding="utf-8"), words)
        glyphs |= set(GLYPH.findall(text))
        path.write_text(text, encoding="utf-8")
    _icons(static, sheets, glyphs)


def used_words(folder: Path) -> set[str]:
    """Return the words of all pages and scripts, the names that a style can refer to.

    Parameters
    ----------
    folder : Path
        Folder of the built book.
    """
    words: set[str] = set()
    for path in folder.rglob("*.html"):
        for tag in re.findall(r"<[a-zA-Z][^>]*>", path.read_text(encoding="utf-8")):
            words.update(WORD.findall(tag))
    for path in folder.rglob("*.js"):
        if "mathjax" not in path.parts and path.name != "searchindex.js":
            words.update(WORD.findall(path.read_text(encoding="utf-8", errors="ignore")))
    return words


def purge(sheet: str, words: set[str]) -> str:
    """Return a style sheet without the rules that can match nothing, and without comments.

    Parameters
    ----------
    sheet : str
        CSS.
    words : set of str
        Names that occur in pages and scripts.

    Examples
    --------
    >>> purge("/* a */ .used, .lost { color: red } @media print { .lost { top: 0 } }", {"used"})
    '.used{color:red}'
    """
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return "".join(_kept(rules, words))


def _kept(rules: Iterable[tinycss2.ast.Node], words: set[str]) -> Iterable[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = _split(tinycss2.serialize(rule.prelude))
            kept = [one for one in selectors if _matches(one, words)]
            if kept:
                yield f"{','.join(kept)}{{{_tight(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in GROUPS:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            content = "".join(_kept(inner, words))
            if content:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{content}}}"
        elif rule.type == "at-rule":
            yield rule.serialize()


def _tight(content: list[tinycss2.ast.Node]) -> str:
    """Return declarations without comments and the blanks between them."""
    declarations = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    parts = []
    for one in declarations:
        if one.type != "declaration":
            return tinycss2.serialize(content).strip()
        value = tinycss2.serialize(one.value).strip()
        important = "!important" if one.important else ""
        parts.append(f"{one.name}:{value}{important}")
    return ";".join(parts)


def _split(prelude: str) -> list[str]:
    """Split a list of selectors at the commas outside brackets."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(prelude):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append(prelude[start:place].strip())
            start = place + 1
    return [*parts, prelude[start:].strip()]


def _matches(selector: str, words: set[str]) -> bool:
    """Tell whether a selector can match: what it only excludes or offers does not count."""
    plain = ATTRIBUTE.sub("", NEGATED.sub("", selector))
    return all(name.replace("\\", "") in words for name in NAME.findall(plain))


def _icons(static: Path, sheets: Iterable[Path], glyphs: set[str]) -> None:
    """Replace each font of icons by its glyphs in use."""
    fonts = static / "vendor" / "fontawesome" / "webfonts"
    for path in fonts.glob("*.ttf"):
        small = path.with_suffix(".woff")
        small.write_bytes(font_subset(path.read_bytes(), glyphs))
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        text = re.sub(
            r"src:url\(([^)]*?/fa-[a-z0-9-]+)\.woff2\)[^;}]*",
            r'src:url(\1.woff) format("woff")',
            text,
        )
        sheet.write_text(text, encoding="utf-8")
    for path in [*fonts.glob("*.ttf"), *fonts.glob("*.woff2")]:
        path.unlink()


def font_subset(font: bytes, glyphs: Iterable[str]) -> bytes:
    """Return a font with a few glyphs, as WOFF; the same bytes for the same input.

    Parameters
    ----------
    font : bytes
        A TrueType font.
    glyphs : iterable of str
        Characters.
    """
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    options = subset.Options(
        flavor="woff", layout_features=[], drop_tables=["FFTM"], recalc_timestamp=False
    )
    loaded = TTFont(io.BytesIO(font), recalcTimestamp=False)
    small = subset.Subsetter(options)
    small.populate(text="".join(glyphs))
    small.subset(loaded)
    target = io.BytesIO()
    loaded.flavor = "woff"
    loaded.save(target)
    return target.getvalue()
