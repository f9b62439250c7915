"""One way to refuse a value: one sentence with the value, the range and the remedy."""

from __future__ import annotations

import difflib
import itertools
import math
import numbers
from collections.abc import Iterable, Sequence


def closest(name: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown name: the closest known one, and the whole list.

    Parameters
    ----------
    name : str
        The name that was given.
    known : iterable of str
        The names that exist.

    Examples
    --------
    >>> closest("droput", ["vanilla", "dropout"])
    "did you mean 'dropout'? (choose from vanilla, dropout)"
    >>> closest("xyz", ["vanilla", "dropout"])
    'choose from vanilla, dropout'
    """
    names = list(known)
    choice = f"choose from {', '.join(names)}"
    match = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {match[0]!r}? ({choice})" if match else choice


def check_int(name: str, value: object, low: int, high: int | None = None) -> int:
    """Return a whole number in [low, high], or refuse it.

    Examples
    --------
    >>> check_int("steps", 0, 1)
    Traceback (most recent call last):
    ValueError: steps is 0: choose a whole number >= 1.
    """
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < low or (high is not None and value > high):  # type: ignore[operator]
        span = f">= {low}" if high is None else f"in [{low}, {high}]"
        raise ValueError(f"{name} is {value!r}: choose a whole number {span}.")
    return int(value)  # type: ignore[call-overload]


def check_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Refuse a name that is none of the choices."""
    if value not in (known := list(choices)):
        raise ValueError(f"{name} is {value!r}: {closest(str(value), known)}.")


def is_real(value: object) -> bool:
    """Say whether a value is a plain number, as JSON writes it; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_real(name: str, value: object, low: float, high: float, what: str = "a number") -> float:
    """Return a finite number in [low, high], or refuse it; `what` says what the number is."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not real or not low <= value <= high or math.isinf(value):  # type: ignore[operator,arg-type]
        raise ValueError(f"{name} is {value!r}: choose {what} in [{low:g}, {high:g}].")
    return float(value)  # type: ignore[arg-type]


def check_rising(name: str, values: Sequence[float], high: float) -> tuple[float, ...]:
    """Return at least two ascending numbers in [0, high], or refuse them."""
    given = tuple(values)
    inside = all(is_real(value) and 0 <= value <= high and value != math.inf for value in given)
    if len(given) < 2 or not inside or not all(a < b for a, b in itertools.pairwise(given)):
        raise ValueError(
            f"{name} are {given}: give at least two, ascending, each in [0, {high:g}]."
        )
    return given
