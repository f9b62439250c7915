"""One way to refuse a value: one sentence with the value, the range and the remedy."""

from __future__ import annotations

import difflib
import itertools
import math
import numbers
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

ROUNDING = 1e-9
"""What rounding leaves between two halves, on a diagonal or below 0, over the largest entry."""
MANY_NAMES = 40
LONG = 60.0


class LongComputationWarning(UserWarning):
    """A computation is going to take more than a minute."""


def announce_if_long(what: str, seconds: float, faster: str, stacklevel: int = 3) -> None:
    """Warn before a computation that takes more than a minute, and say what would be faster."""
    if seconds > LONG:
        message = f"{what} takes about {seconds / 60:.0f} min on one core; faster: {faster}."
        warnings.warn(message, LongComputationWarning, stacklevel=stacklevel)


def closest(name: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown name: the closest known one, and a list of 40 at most.

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
    left = [] if len(names) <= MANY_NAMES else [f"... ({len(names)} in all)"]
    choice = f"choose from {', '.join([*names[:MANY_NAMES], *left])}"
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


def generator_of(seed: object) -> np.random.Generator:
    """Return the generator of a seed; None, which would draw another one each time, is refused."""
    return np.random.default_rng(check_int("seed", seed, 0))


def check_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Refuse a name that is none of the choices."""
    known = list(choices)
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} is {value!r}: {closest(str(value), known)}.")


def check_real(name: str, value: object, low: float, high: float, what: str = "a number") -> float:
    """Return a finite number in [low, high], or refuse it; `what` says what the number is."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not real or not low <= value <= high or math.isinf(value):  # type: ignore[operator,arg-type]
        span = f" in [{low:g}, {high:g}]" if high < math.inf else f" >= {low:g}, a finite one"
        span = span if low > -math.inf else ", a finite one"
        raise ValueError(f"{name} is {value!r}: choose {what}{span}.")
    return float(value)  # type: ignore[arg-type]


def check_rising(name: str, given: Iterable[Any], top: float) -> tuple[float, ...]:
    """Return at least two ascending numbers in [0, top], or refuse them."""
    try:
        values = tuple(check_real(name, value, 0, top) for value in given)
    except (TypeError, ValueError):
        values = ()
    if len(values) < 2 or not all(a < b for a, b in itertools.pairwise(values)):
        raise ValueError(f"{name} are {given}: give at least two, ascending, each in [0, {top:g}].")
    return values


def check_labels(labels: object, n: int, of: str = "network") -> np.ndarray:
    """Return labels as whole numbers from 0, one for each of n things, or refuse them."""
    given = np.asarray(labels)
    try:
        missing = given.dtype.kind == "c" or np.ma.is_masked(labels)
        missing |= any(label is None or label != label for label in labels)  # type: ignore[attr-defined]
        codes = np.unique(given, return_inverse=True)[1]
    except TypeError:  # of several types, or of one that does not compare, such as None
        missing = True
    if given.shape != (n,) or missing:
        raise ValueError(
            f"there are {given.size} labels for {n} {of}s: give one per {of}, in a vector without "
            "NaN or None."
        )
    return codes


def as_numbers(
    name: str, values: object, *, ndim: int | None = None, finite: bool = True
) -> np.ndarray:
    """Return real numbers as an array of their own type, or refuse them."""
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"there is a mask on {name}, and it would be ignored: select by it first.")
    try:
        given = np.asarray(values)
    except ValueError:
        raise ValueError(f"the rows of {name} differ in length: give an array.") from None
    if given.dtype.kind not in "biuf":
        raise ValueError(f"the type of {name} is {given.dtype}: give real numbers.")
    if ndim not in (None, given.ndim):
        raise ValueError(f"the shape of {name} is {given.shape}: give {ndim} dimension(s).")
    if finite and not np.isfinite(given).all():
        raise ValueError(f"there is NaN or infinity in {name}: leave out what has no value.")
    return given


def check_square(name: str, values: object, *, one: bool = False) -> np.ndarray:
    """Return square matrices as an array of their own type, or refuse them."""
    given = as_numbers(name, values, finite=False)
    if given.ndim < 2 or given.shape[-1] != given.shape[-2] or (one and given.ndim != 2):
        wanted = "one square matrix (n, n)" if one else "square matrices (..., n, n)"
        raise ValueError(f"the shape of {name} is {given.shape}: give {wanted}.")
    return given


def check_matrix(
    name: str,
    values: object,
    *,
    one: bool = False,
    positive: str = "",
    hollow: bool = False,
    rounding: float = ROUNDING,
) -> np.ndarray:
    """Return symmetric matrices (..., n, n) as float64, or refuse them.

    What rounding leaves is put right: the halves are averaged. With `positive`, the remedy for
    entries below 0, entries are >= 0; with `hollow` the diagonal is 0.
    """
    given = check_square(name, values, one=one)
    stack = np.require(given, np.float64, ["C", "W"])
    lowest, highest = float(stack.min(initial=0)), float(stack.max(initial=0))
    if not math.isfinite(lowest) or not math.isfinite(highest):
        raise ValueError(f"there is NaN or infinity in {name}: drop dead units first.")
    if given.dtype.kind == "f":
        rounding = max(rounding, 64 * float(np.finfo(given.dtype).eps))
    slack = rounding * max(-lowest, highest)
    if positive and lowest < -slack:
        raise ValueError(f"{name} goes down to {lowest:g}, and must be >= 0: {positive}.")
    nodes = np.arange(stack.shape[-1])
    own = float(np.abs(stack[..., nodes, nodes]).max(initial=0)) if hollow else 0.0
    if own > slack:
        raise ValueError(f"{name} has {own:g} on the diagonal: set it to 0.")
    matrices = stack.reshape(math.prod(stack.shape[:-2]), *stack.shape[-2:])
    if (gap := max(map(_asymmetry, matrices), default=0.0)) > slack:
        fault = f"(i, j) and (j, i) differ by up to {gap:g}: use (w + w.T) / 2 if both mean one"
        if any(np.triu(each, 1).any() != np.tril(each, -1).any() for each in matrices):
            fault = "it contains one triangle only: fill the other one by w + w.T - diag(w)"
        raise ValueError(f"{name} is not symmetric, {fault}.")
    if gap or own or (positive and lowest < 0):
        stack = (stack + np.swapaxes(stack, -1, -2)) / 2
        if positive:
            np.maximum(stack, 0, out=stack)
        if hollow:
            stack[..., nodes, nodes] = 0
    return stack


def check_distances(distances: object, least: int = 0) -> np.ndarray:
    """Return one matrix of distances as float64, or refuse it."""
    name, remedy = "the matrix of distances", "use 1 - |r|, which is >= 0"
    matrix = check_matrix(name, distances, one=True, positive=remedy, hollow=True)
    check_int("the number of points of the matrix of distances", len(matrix), least)
    return matrix


def power_of_2(value: float) -> float:
    """Return the power of 2 below a value: divided by it, numbers keep their digits; 1/2 for 0."""
    return float(np.ldexp(1.0, np.frexp(value)[1] - 1))


def _asymmetry(matrix: np.ndarray) -> float:
    """Return the largest difference between the two halves, by tiles that fit a cache."""
    places = [slice(i, i + 128) for i in range(0, len(matrix), 128)]
    pairs = itertools.combinations_with_replacement(places, 2)
    gaps = (np.abs(matrix[a, b] - matrix[b, a].T) for a, b in pairs)
    return max((float(gap.max()) for gap in gaps), default=0.0)
