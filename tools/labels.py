"""Numbers of what a page labels."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tools.parameters import read_source
from tools.plain import EQUATION, blocks


def page_labels(path: Path) -> dict[str, str]:
    """Return what figures, tables, equations, definitions and exercises of a page are called.

    Parameters
    ----------
    path : Path
        MyST source of the page.

    Returns
    -------
    dict of str to str
        By label, such as "Figure 2" or "(1)".
    """
    counts, labels = Counter[str](), dict[str, str]()

    def number(kind: str, label: str, form: str = "{kind} {number}") -> None:
        counts[kind] += 1
        labels[label] = form.format(kind=kind, number=counts[kind])

    def read(text: str) -> None:
        for block in blocks(text):
            label = block.options.get("label", block.options.get("name", ""))
            if block.name in ("exercise", "exercise-start"):
                number("Exercise", label)
            elif block.name.startswith("prf:"):
                number(block.name.removeprefix("prf:").capitalize(), label)
            elif block.name in ("figure", "table", "list-table") and label:
                number("Figure" if block.name == "figure" else "Table", label)
            elif block.name == "math" and label:
                number("Equation", label, "({number})")
            if block.name == "":
                for found in EQUATION.finditer(block.body):
                    number("Equation", found["label"], "({number})")
            elif block.name != "fence":
                read(block.body)

    for cell in read_source(path).cells:
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if cell.cell_type == "markdown":
            read(cell.source)
        elif "name" in figure:
            number("Figure", figure["name"])
    return labels
