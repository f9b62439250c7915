"""Citations as plain text, for what is read outside the book."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=2)
def _entries(path: Path, stamp: float) -> dict[str, Any]:
    from pybtex.database import parse_file

    return dict(parse_file(str(path), bib_format="bibtex").entries)


class Citations:
    """Cites works by author and year, and lists those that were cited.

    Parameters
    ----------
    path : Path
        BibTeX file; without it, keys stand for the works.
    """

    def __init__(self, path: Path) -> None:
        self._works = _entries(path, path.stat().st_mtime) if path.exists() else {}
        self.cited: list[str] = []

    def __call__(self, keys: str, way: str) -> str:
        """Return the text of a citation.

        Parameters
        ----------
        keys : str
            Keys of the bibliography, joined by commas.
        way : {"t", "p"}
            In the sentence, as Watts and Strogatz (1998), or in parentheses.
        """
        names = [key.strip() for key in keys.split(",")]
        self.cited += [key for key in names if key not in self.cited]
        if way == "t":
            return ", ".join(f"{self._authors(key)} ({self._year(key)})" for key in names)
        return f"({'; '.join(f'{self._authors(key)}, {self._year(key)}' for key in names)})"

    def references(self) -> str:
        """Return the list of cited works, with their addresses, sorted."""
        return "\n".join(sorted(f"- {self._reference(key)}" for key in self.cited))

    def _names(self, key: str) -> list[str]:
        people = self._works[key].persons.get("author", []) if key in self._works else []
        return [_clean(" ".join(person.prelast_names + person.last_names)) for person in people]

    def _authors(self, key: str) -> str:
        names = self._names(key) or [key]
        if len(names) > 2:
            return f"{names[0]} et al."
        return " and ".join(names)

    def _year(self, key: str) -> str:
        return str(self._works[key].fields.get("year", "n.d.")) if key in self._works else "n.d."

    def _reference(self, key: str) -> str:
        if key not in self._works:
            return key
        fields = self._works[key].fields
        where = fields.get("journal") or fields.get("booktitle") or fields.get("publisher", "")
        address = f"https://doi.org/{fields['doi']}" if "doi" in fields else fields.get("url", "")
        if not address and "eprint" in fields:
            address = f"https://arxiv.org/abs/{fields['eprint']}"
        parts = [
            f"{', '.join(self._names(key))} ({self._year(key)})",
            f"*{_clean(fields.get('title', key))}*",
            _clean(where),
            address,
        ]
        return ". ".join(part for part in parts if part)


def _clean(text: str) -> str:
    from pybtex.richtext import Text

    return str(Text.from_latex(text).render_as("text")).replace("`", "'").strip()
