"""What a persistence computation costs: refused if it does not fit, announced if it is long."""

from __future__ import annotations

import contextlib
import math
import numbers
from pathlib import Path

import numpy as np

from funcnet_utils import errors
from funcnet_utils.topology._births import changes

LITTLE = 2**26
"""Bytes that every machine has: to ask for what is free takes longer than a small network."""


def memory_estimate(points: int | np.ndarray, maxdim: int = 1) -> int:
    """Return about how many bytes `persistence` takes beyond the distances, at its peak.

    Edges and a copy of the matrix take 12 n^2 bytes, annotations 0.9 per squared number of living
    loops. Voids take n^3 / 10 more, and 0.05 per cubed number of living loops.

    Parameters
    ----------
    points : int or ndarray, shape (n, n)
        As for `time_estimate`.
    maxdim : int, default=1
        As for `persistence`.

    Examples
    --------
    >>> f"{memory_estimate(1200) / 1e9:.2f} GB"
    '0.16 GB'
    """
    return round(_cost(*_size(points, maxdim), maxdim)[1])


def time_estimate(points: int | np.ndarray, maxdim: int = 1) -> float:
    """Return about how many seconds `persistence` takes on one core of 2024.

    Right to a factor of 3 for trained networks, signals of 2 to 200 factors, independent signals,
    random points and circles: 400 to 4,000 of them, with voids 100 to 800. Points take
    4.5e-8 n^2 + 7e-12 n^3 seconds, with voids 3.6e-7 n^2 + 1.5e-12 n^4 more. What else it takes
    grows with the largest number of loops that are alive at once, which is estimated from the edges
    of a few random points: 2.2e-12 per cube, with voids 1.1e-12 per fourth power more. Independent
    units have most of them, about n^1.5 / 3 - n.

    Parameters
    ----------
    points : int or ndarray, shape (n, n)
        Distances as for `persistence`, or a number of independent units.
    maxdim : int, default=1
        As for `persistence`.

    Examples
    --------
    >>> f"{time_estimate(1200):.1f} s"
    '4.5 s'
    >>> angle = np.linspace(0, 2 * np.pi, 1200, endpoint=False)
    >>> f"{time_estimate(np.abs(np.exp(1j * angle)[:, None] - np.exp(1j * angle))):.1f} s"
    '0.1 s'
    """
    return _cost(*_size(points, maxdim), maxdim)[0]


def refuse_or_announce(distances: np.ndarray, maxdim: int) -> None:
    """Raise MemoryError if `persistence` would not fit, warn if it takes more than a minute."""
    n = len(distances)
    seconds, needed = _cost(n, n * n / 4, maxdim)  # a graph without triangles has no more edges
    if seconds > errors.LONG or not _fits(needed):
        n_loops = living_loops(distances, maxdim)
        refuse_if_too_large(n, n_loops, maxdim)
        seconds, _ = _cost(n, n_loops, maxdim)
        what = f"persistence of {n} points to dimension {maxdim}"
        errors.announce_if_long(what, seconds, _cheaper(maxdim), stacklevel=4)


def refuse_if_too_large(n: int, n_loops: float, maxdim: int) -> None:
    """Raise MemoryError if `persistence` would not fit the available memory."""
    needed = _cost(n, n_loops, maxdim)[1]
    if not _fits(needed):
        raise MemoryError(
            f"persistence of {n} points to dimension {maxdim} needs about {needed / 1e9:.1f} GB, "
            f"and {available_memory() / 1e9:.1f} GB are available: choose {_cheaper(maxdim)}."
        )


def living_loops(distances: np.ndarray, maxdim: int) -> float:
    """Return about how many loops are alive at once, at most, from the edges of a few points."""
    n = len(distances)
    n_chosen = min(n, max(n // 128, 64 if maxdim == 2 else 16))  # a few percent of the whole time
    chosen = np.random.default_rng(0).choice(n, n_chosen, replace=False)
    lengths, gains = changes(distances, chosen)
    most = np.cumsum(gains[np.argsort(lengths)]).max(initial=0)
    if n == 0:
        return 0.0
    return max(float(most * n / (2 * n_chosen)) - (n - 1), 0.0)  # n - 1 edges join components


def _size(points: int | np.ndarray, maxdim: int) -> tuple[int, float]:
    """Return the number of points, and about how many loops are alive at once, at most."""
    errors.check_int("maxdim", maxdim, 0, 2)
    if isinstance(points, numbers.Number):
        n = errors.check_int("the number of points", points, 0)
        return n, max(n**1.5 / 3 - n, 0.0)
    distances = errors.check_distances(points)
    return len(distances), living_loops(distances, maxdim)


def _cost(n: int, n_loops: float, maxdim: int) -> tuple[float, float]:
    """Return seconds and bytes of `persistence` with so many loops that are alive at once."""
    seconds = 4.5e-8 * n**2 + 7e-12 * n**3 + 2.2e-12 * n_loops**3
    needed = 12 * n**2 + 0.9 * n_loops**2
    if maxdim == 2:
        seconds += 3.6e-7 * n**2 + 1.5e-12 * n**4 + 1.1e-12 * n_loops**4
        needed += n**3 / 10 + 0.05 * n_loops**3
    return seconds, needed


def _fits(needed: float) -> bool:
    return needed <= LITTLE or needed <= available_memory()


def available_memory() -> float:
    """Return the bytes that can still be taken, within the limit of a container.

    Infinity where psutil is not installed.
    """
    try:
        import psutil
    except ImportError:
        return math.inf
    free = psutil.virtual_memory().available
    for place in ("memory.max", "memory/memory.limit_in_bytes"):  # control groups 2 and 1
        with contextlib.suppress(OSError, ValueError):  # not there, or without a limit: "max"
            limit = int(Path("/sys/fs/cgroup", place).read_text())
            free = min(free, limit - psutil.Process().memory_info().rss)
    return free


def _cheaper(maxdim: int) -> str:
    return "fewer units or maxdim=1" if maxdim == 2 else "fewer units"
