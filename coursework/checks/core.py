"""How an answer is judged: the right one is computed, and each typical mistake has its hint."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from funcnet_utils.errors import closest

GENERIC = "Work it out once more on paper, then compare line by line."


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


@dataclass(frozen=True)
class Solution:
    """A right answer made of numbers, and answers that typical mistakes lead to.

    Parameters
    ----------
    right : float or ndarray
        The right answer.
    mistakes : sequence of (answer, hint)
        What comes out of each typical mistake, and what to tell who made it.
    otherwise : str
        Hint for any other answer.
    tolerance : float, default=1e-6
        Largest absolute difference to the right answer; larger where rounding by hand is welcome.
    """

    right: Any
    mistakes: Sequence[tuple[Any, str]] = ()
    otherwise: str = GENERIC
    tolerance: float = 1e-6


Judge = Callable[[np.ndarray], str | None]
_EXERCISES: dict[str, tuple[str, Callable[[], Solution | Judge]]] = {}


def exercise(name: str, praise: str) -> Callable[[Any], Any]:
    """Register a function that returns the `Solution` of an exercise, or a judge of answers.

    Parameters
    ----------
    name : str
        Label of the exercise, such as "cor-ex-2".
    praise : str
        What to say of a right answer.
    """

    def register(function: Callable[[], Solution | Judge]) -> Callable[[], Solution | Judge]:
        _EXERCISES[name] = (praise, function)
        return function

    return register


def exercises() -> list[str]:
    """Return the labels of all exercises that have a check, sorted."""
    return sorted(_EXERCISES)


def check(name: str, answer: Any) -> Report:
    """Say whether an answer is right; if not, give a hint. A wrong answer is no error.

    Parameters
    ----------
    name : str
        Label of the exercise, such as "cor-ex-2".
    answer : object
        The reader's answer, of any type.

    Returns
    -------
    Report
        Shown by a notebook as a coloured box, as text elsewhere.

    Raises
    ------
    ValueError
        If no exercise has that label.

    Examples
    --------
    >>> check("cor-ex-1", [-0.6, -0.6])
    Hint: The first number is right. The weight is |r|, so it has no sign.
    >>> check("cor-ex-1", [-0.6, 0.6]).right
    True
    """
    if name not in _EXERCISES:
        raise ValueError(f"there is no exercise {name!r}: {closest(name, _EXERCISES)}.")
    praise, function = _EXERCISES[name]
    numbers = _numbers(answer)
    hint = _unreadable(answer) if numbers is None else _hint(numbers, function())
    return Report(name, hint is None, praise if hint is None else hint)


def _unreadable(answer: Any) -> str:
    parts = answer if isinstance(answer, list | tuple) else [answer]
    if any(part is None or part is Ellipsis for part in parts):
        return "There is no answer yet: assign your result to the variable named in the exercise."
    return (
        f"The answer is a {type(answer).__name__}: give a number or an array of numbers. "
        "A function must be called, and a text is not a number."
    )


def _hint(numbers: np.ndarray, solution: Solution | Judge) -> str | None:
    if not isinstance(solution, Solution):
        try:
            return solution(numbers)
        except (ValueError, IndexError, TypeError, ArithmeticError) as fault:
            return f"The answer could not be read: {fault}"
    right = np.asarray(solution.right, dtype=float)
    if numbers.shape != right.shape and (numbers.size, right.size) == (1, 1):
        numbers = numbers.reshape(right.shape)
    if numbers.shape != right.shape:
        return f"The answer has shape {numbers.shape}: give {_described(right)}."
    if np.isnan(numbers).any():
        return "The answer holds NaN: look for a division by zero, or for a mean of nothing."
    for value, hint in [(right, None), *solution.mistakes, *_everywhere(right)]:
        if _near(numbers, value, solution.tolerance):
            return hint
    scale = max(float(np.abs(right).max(initial=0)), 1e-12)
    if float(np.abs(numbers - right).max(initial=0)) < 0.02 * scale:
        return "Very close. Rounded on the way? Keep all digits, and use the seed of the exercise."
    return solution.otherwise


def _everywhere(right: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Mistakes that can be made in any exercise; the right answer 0 has none of them."""
    return [
        (-right, "The size is right and the sign is not: which difference did you take?"),
        (100 * right, "The number is right in percent: give it as a share, divided by 100."),
    ]


def _numbers(answer: Any) -> np.ndarray | None:
    if answer is None or isinstance(answer, str | bytes) or callable(answer):
        return None
    try:
        return np.asarray(answer, dtype=float)
    except Exception:  # whatever a reader's object does, it is no number
        return None


def _near(numbers: np.ndarray, value: Any, tolerance: float) -> bool:
    other = np.asarray(value, dtype=float)
    return other.shape == numbers.shape and bool(
        np.allclose(numbers, other, rtol=1e-9, atol=tolerance)
    )


def _described(right: np.ndarray) -> str:
    return f"an array of shape {right.shape}" if right.ndim else "a single number"
