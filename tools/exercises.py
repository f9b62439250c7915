"""What a page asks of its readers: exercises, their solutions, their checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.parameters import read_source
from tools.plain import Block, blocks

TITLE = re.compile(r"^(?P<title>.*?)\s*(\[(?P<kind>\w+)\])?\s*(?P<stars>[*★]{0,5})\s*$")
KINDS = ("concept", "code", "project")
GATES = ("exercise-start", "solution-start", "exercise", "solution")
POINTS = {"concept": 2, "code": 3, "project": 5}  # for each star


@dataclass
class Part:
    """A stretch of a page in the order of the page.

    Parameters
    ----------
    role : str
        page, exercise, stub, solution or check.
    source : str or Block
        Code, or a block of MyST Markdown.
    metadata : dict
        Of a code cell.
    exercise : Exercise or None
        To which it belongs.
    """

    role: str
    source: str | Block
    metadata: dict[str, Any] = field(default_factory=dict)
    exercise: Exercise | None = None

    @property
    def is_code(self) -> bool:
        """Whether it is a cell of code."""
        return isinstance(self.source, str)


@dataclass
class Exercise:
    """One exercise of a page.

    Parameters
    ----------
    number : int
        Its place on the page, from 1.
    label, title, kind : str
        `cor-ex-2`, its heading, and concept, code or project.
    stars : int
        How hard it is, from 1.
    """

    number: int
    label: str
    title: str
    kind: str
    stars: int

    @property
    def points(self) -> int:
        """What it is worth."""
        return POINTS[self.kind] * self.stars


def parts(path: Path) -> list[Part]:
    """Return what a page consists of, with exercises and solutions told apart.

    Parameters
    ----------
    path : Path
        MyST source of the page.

    Raises
    ------
    ValueError
        If an exercise has a kind that does not exist, or a gate is not closed.
    """
    found = list(_walk(path))
    for part in found:
        exercise = part.exercise
        if exercise is not None and not exercise.kind:
            solved = (each.is_code for each in found if each.exercise is exercise)
            exercise.kind = "code" if any(solved) else "concept"
    return found


def exercises(found: list[Part]) -> list[Exercise]:
    """Return the exercises of a page in their order.

    Parameters
    ----------
    found : list of Part
        From `parts`.
    """
    known = {id(part.exercise): part.exercise for part in found if part.exercise is not None}
    return list(known.values())


def _walk(path: Path) -> Iterator[Part]:
    role, current = "page", None
    known: dict[str, Exercise] = {}
    for cell in read_source(path).cells:
        if cell.cell_type == "code":
            checked = "check" in cell.metadata.get("tags", [])
            owner = current if role != "page" or checked else None
            yield Part("check" if checked else role, cell.source, dict(cell.metadata), owner)
            continue
        for block in blocks(cell.source):
            gate = block.name in ("exercise-start", "solution-start")
            if role != "page" and block.name in GATES:
                raise ValueError(f"{path.name}: {block.name} {block.argument} stands in a {role}.")
            if block.name in ("exercise-start", "exercise"):
                current = _exercise(path, block, len(known) + 1)
                known[current.label] = current
                role = "exercise" if gate else "page"
                yield Part("exercise", Block("heading", "", ""), {}, current)
                if not gate:
                    yield from _exercise_text(blocks(block.body), current)
            elif block.name in ("solution-start", "solution"):
                label = block.argument.strip()
                if label not in known:
                    raise ValueError(f"{path.name}: there is no exercise {label!r} before it.")
                current, role = known[label], "solution" if gate else "page"
                if not gate:
                    yield Part("solution", Block("", "", block.body), {}, current)
            elif block.name in ("exercise-end", "solution-end"):
                role = "page"
            elif role == "exercise" and current is not None:
                yield from _exercise_text(iter([block]), current)
            else:
                yield Part(role, block, {}, current if role != "page" else None)
    if role != "page" and current is not None:
        raise ValueError(f"{path.name}: {role} {current.label} has no end.")


def _exercise_text(found: Iterator[Block], current: Exercise) -> Iterator[Part]:
    for block in found:
        if block.name == "fence" and block.argument in ("python", "ipython3"):
            yield Part("stub", block.body, {}, current)
        else:
            yield Part("exercise", block, {}, current)


def _exercise(path: Path, block: Block, number: int) -> Exercise:
    match = TITLE.match(block.argument)
    assert match is not None  # every part of the pattern may be empty
    kind = match["kind"] or ""
    if kind and kind not in KINDS:
        raise ValueError(
            f"{path.name}: exercise {block.argument!r} is of kind {kind!r}: choose from "
            f"{', '.join(KINDS)}."
        )
    label = block.options.get("label", f"{path.stem}-{number}")
    return Exercise(number, label, match["title"], kind, max(1, len(match["stars"])))
