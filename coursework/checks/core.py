"""How an answer is judged: the right one is recomputed, and each typical mistake has its hint."""

from __future__ import annotations

import html
import inspect
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from funcnet_utils.errors import closest

RECORDS: dict[str, dict[str, Any]] = tomllib.loads(
    files("coursework").joinpath("exercises.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Report:
    """What `check` says of an answer.

    Parameters
    ----------
    exercise : str
        Label of the exercise.
    right : bool
        Whether the answer is right.
    text : str
        Why it is right, or what to try.
    """

    exercise: str
    right: bool
    text: str

    def __repr__(self) -> str:
        """Return the report as text: a tick, or a hint."""
        return f"✓ {self.exercise}: {self.text}" if self.right else f"Hint: {self.text}"

    def _repr_html_(self) -> str:
        kind, word = ("right", "✓ Right:") if self.right else ("hint", "Not yet. Hint:")
        return (
            f'<div class="check check-{kind}" role="note"><strong>{word}</strong> '
            f"{html.escape(self.text)}</div>"
        )


class Solution:
    """The right answer, and the answers that typical mistakes lead to.

    Parameters
    ----------
    right : float or array_like
        The right answer.
    tolerance : float or array_like, default=1e-6
        Largest absolute difference that still counts as right; larger where rounding by hand is
        welcome, and one value per number where numbers differ in kind.
    **mistakes : float or array_like
        Wrong answers by the name of their hint in `exercises.toml`. Digits at the end of a name
        are ignored, so that several mistakes can share a hint.
    """

    def __init__(self, right: Any, tolerance: Any = 1e-6, **mistakes: Any) -> None:
        self.right = np.asarray(right, dtype=float)
        self.tolerance = tolerance
        self.mistakes = {name: np.asarray(value, dtype=float) for name, value in mistakes.items()}


Hint = str | tuple[str, dict[str, Any]]  # its name, and what to fill into its text
Solver = Callable[..., Solution | Hint | None]
SOLVERS: dict[str, Solver] = {}


def exercise(name: str) -> Callable[[Solver], Solver]:
    """Register the function that solves an exercise whose answer is not in `exercises.toml`.

    The function takes what it recomputes from (the reader's study, say) under the names that
    `check` gets it by, and `answer` if it needs the answer itself. It returns a `Solution`; the
    name of a hint if the answer is wrong for sure; or None if it is right.

    Parameters
    ----------
    name : str
        Label of the exercise, such as "cor-ex-2".
    """

    def register(solver: Solver) -> Solver:
        SOLVERS[name] = solver
        return solver

    return register


def exercises() -> list[str]:
    """Return the labels of all exercises that have a check, sorted."""
    return sorted(RECORDS)


def check(name: str, answer: Any, **run: Any) -> Report:
    """Say whether an answer is right; if not, give a hint. A wrong answer is no error.

    Parameters
    ----------
    name : str
        Label of the exercise, such as "cor-ex-2".
    answer : object
        The reader's answer, of any type.
    **run : object
        What the right answer is recomputed from, such as `trained=trained`: the page's check
        cell passes it.

    Returns
    -------
    Report
        Shown by a notebook as a coloured box, as text elsewhere.

    Raises
    ------
    ValueError
        If no exercise has that label, or it needs other parts of the run.

    Examples
    --------
    >>> check("cor-ex-1", [-0.6, -0.6])
    Hint: The first number is right. The weight is |r|, so it has no sign.
    >>> check("cor-ex-1", [-0.6, 0.6]).right
    True
    """
    if name not in RECORDS:
        raise ValueError(f"there is no exercise {name!r}: {closest(name, RECORDS)}.")
    numbers = _numbers(answer)
    solve = _prepared(name, numbers, run)
    hint = numbers if isinstance(numbers, str) else _hint(name, numbers, solve, list(run))
    return Report(name, hint is None, RECORDS[name]["praise"] if hint is None else hint)


def _prepared(name: str, answer: Any, run: dict[str, Any]) -> Callable[[], Any]:
    """Return the solver of an exercise with its arguments filled in."""
    solver = SOLVERS.get(name) or (lambda: _written(RECORDS[name]))
    wanted = inspect.signature(solver).parameters.keys()
    needed = sorted(wanted - {"answer"})
    if needed != sorted(run):
        call = ", ".join([repr(name), "answer", *(f"{part}={part}" for part in needed)])
        raise ValueError(f"{name} is checked against your own run: write check({call}).")
    given = run | ({"answer": answer} if "answer" in wanted else {})
    return lambda: solver(**given)


def _written(record: dict[str, Any]) -> Solution:
    return Solution(record["right"], record.get("tolerance", 1e-6), **record["mistakes"])


def _hint(name: str, numbers: np.ndarray, solve: Callable[[], Any], run: list[str]) -> str | None:
    record = RECORDS[name]
    if np.isnan(numbers).any():
        return "The answer contains NaN: look for a division by zero, or for a mean of nothing."
    try:
        found = solve()
    except Exception:  # by now a reader's names may mean anything
        if not run:
            raise
        again = "were they changed? Run the cells above again."
        return f"The check could not recompute from {', '.join(run)}: {again}"
    if not isinstance(found, Solution):
        key, values = found if isinstance(found, tuple) else (found, {})
        return None if key is None else record["hints"][key].format(**values)
    right = found.right
    if right.ndim < 2 and numbers.size == right.size:  # a column, a row, a number in brackets
        numbers = numbers.reshape(right.shape)
    if numbers.shape != right.shape:
        wanted = f"an array of shape {right.shape}" if right.ndim else "a single number"
        return f"The answer has shape {numbers.shape}: give {record.get('wanted', wanted)}."
    if _near(numbers, right, found.tolerance):
        return None
    for key, value in found.mistakes.items():
        if value.shape == right.shape and _near(numbers, value, found.tolerance):
            return str(record["hints"][key.rstrip("0123456789")])
    return _general(numbers, right, found.tolerance) or str(record["otherwise"])


def _general(numbers: np.ndarray, right: np.ndarray, tolerance: Any) -> str | None:
    """Return the hint for a mistake that can be made in any exercise."""
    order = np.argsort(right, axis=None)
    room = np.broadcast_to(tolerance, right.shape).flat[order]
    if _near(np.sort(numbers, axis=None), right.flat[order], room):
        return "The numbers are right and their order is not: what does the exercise ask for first?"
    if _near(numbers, -right, tolerance):
        return "The size is right and the sign is not: which difference did you take?"
    if np.abs(right).max(initial=0) <= 1 and _near(numbers, 100 * right, tolerance):
        return "The number is right in percent: give it as a share, divided by 100."
    slack = np.where(right % 1 == 0, 0, 0.02 * np.abs(right))  # a count is not rounded
    if _near(numbers, right, np.maximum(tolerance, slack)):
        seeded = "where numbers are random, use the seed of the exercise."
        return f"Very close. Rounded on the way? Keep all digits; {seeded}"
    return None


@np.errstate(all="ignore")  # a long double may be too long for a float
def _numbers(answer: Any) -> np.ndarray | str:
    """Return the numbers of an answer, or what to say if it has none."""
    try:
        plain = _plain(answer)
        if _missing(plain):
            return "There is no answer yet: assign your result to the variable of the exercise."
        if hasattr(answer, "adjacency"):
            return "That is a graph of networkx: convert it with graphs.from_networkx."
        given = np.asarray(plain)
        texts = any(isinstance(part, str | bytes) for part in given.ravel())
        if given.dtype.kind in "biufO" and not texts and not callable(answer):
            return given.astype(float)
    except Exception:  # whatever a reader's object does, it is no number
        pass
    return (
        f"No real numbers can be read from this {type(answer).__name__}: give a number or an array "
        "of numbers, with functions called, texts converted, and rows of one length."
    )


def _plain(answer: Any) -> Any:
    """Return an answer as numbers and lists, whichever library it comes from."""
    if isinstance(answer, np.ma.MaskedArray):
        answer = np.ma.filled(answer.astype(float), np.nan)
    for convert in ("detach", "toarray", "to_numpy", "tolist"):  # torch, SciPy, pandas, NumPy
        answer = getattr(answer, convert)() if hasattr(answer, convert) else answer
    return [_plain(part) for part in answer] if isinstance(answer, list | tuple) else answer


def _missing(part: Any) -> bool:
    return any(map(_missing, part)) if isinstance(part, list) else part is None or part is Ellipsis


def _near(numbers: np.ndarray, other: np.ndarray, tolerance: Any) -> bool:
    return bool(np.isclose(numbers, other, rtol=1e-9, atol=tolerance).all())
