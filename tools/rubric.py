"""What exercises are worth, and for what."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from tools.exercises import KINDS, Exercise

CRITERIA = {
    "concept": {"right answer": 0.5, "reasons given, in terms of the definitions": 0.5},
    "code": {"the check passes": 0.6, "result read and explained in a sentence or two": 0.4},
    "project": {
        "question, method and control are stated before the result": 0.3,
        "runs from top to bottom with a seed": 0.3,
        "effect with its interval; conclusion no wider than the data": 0.4,
    },
}


def table(pages: Mapping[str, Sequence[Exercise]]) -> str:
    """Return the rubric as CSV, a line an exercise.

    Parameters
    ----------
    pages : mapping of str to sequence of Exercise
        By name of the page.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("page", "number", "label", "title", "kind", "stars", "points"))
    for page, found in pages.items():
        for each in found:
            row = (each.number, each.label, each.title, each.kind, each.stars, each.points)
            writer.writerow((page, *row))
    return stream.getvalue()


def rubric(pages: Mapping[str, Sequence[Exercise]]) -> str:
    """Return the rubric as Markdown: what earns points, and the points of each exercise.

    Parameters
    ----------
    pages : mapping of str to sequence of Exercise
        By title of the page.
    """
    lines = ["# Rubric", "", "Written by `funcnet coursework` from the pages: do not edit."]
    lines += ["", "| kind | what earns points | share |", "|---|---|---|"]
    for kind in KINDS:
        lines += [f"| {kind} | {what} | {share:.0%} |" for what, share in CRITERIA[kind].items()]
    for title, found in pages.items():
        lines += ["", f"## {title}", "", "| | exercise | kind | stars | points |"]
        lines.append("|---|---|---|---|---|")
        for each in found:
            stars = "★" * each.stars
            row = (each.number, each.title, each.kind, stars, each.points)
            lines.append(f"| {' | '.join(map(str, row))} |")
        lines.append(f"| | **sum** | | | **{sum(each.points for each in found)}** |")
    total = sum(each.points for found in pages.values() for each in found)
    return "\n".join([*lines, "", f"All pages: {total} points.", ""])
