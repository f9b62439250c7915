"""What a persistence computation costs: refused if it does not fit, announced if it is long."""

from __future__ import annotations

import contextlib
import math
import warnings
from pathlib import Path

from funcnet_utils.errors import check_choice

LONG = 60.0


class LongComputationWarning(UserWarning):
    """A computation is going to take more than a minute."""


def memory_estimate(n: int, maxdim: int = 1, method: str = "auto") -> int:
    """Return the bytes that `persistence` takes beyond the distance matrix, at its peak.

    The reduced method holds edges and ranks, 4 n^2 bytes each, and bit rows; with the checks of
    the matrix and a copy without rounding that is 18 n^2 bytes. Of ripser the estimate is a fit to
    measurements on correlation distances of 100 to 4,000 points: 250 n^2 + n^3 / 4 bytes for
    loops, 18 n^3 more for voids.

    Parameters
    ----------
    n : int
        Points, >= 0.
    maxdim, method
        As for `persistence`.

    Examples
    --------
    >>> [f"{memory_estimate(4000, method=m) / 1e9:.2f} GB" for m in ("reduced", "ripser")]
    ['0.29 GB', '20.00 GB']
    """
    check_options(maxdim, method)
    if maxdim == 2:
        return 250 * n**2 + 18 * n**3
    return 250 * n**2 + n**3 // 4 if method == "ripser" else 18 * n**2


def time_estimate(n: int, maxdim: int = 1, method: str = "auto") -> float:
    """Return about how many seconds `persistence` takes on one core, to a factor of 3 or so.

    Fitted to trained networks of 400 to 10,000 units on a server core of 2024: 7e-11 n^3 seconds
    by the reduced method, 2e-9 n^3 by ripser, and 5e-10 n^4 for voids. How long it takes depends
    on the distances: pure noise takes 3 times longer by the reduced method, and up to 100 times
    longer by ripser.

    Parameters
    ----------
    n : int
        Points, >= 0.
    maxdim, method
        As for `persistence`.

    Examples
    --------
    >>> [f"{time_estimate(4000, method=m):.0f} s" for m in ("reduced", "ripser")]
    ['4 s', '128 s']
    """
    check_options(maxdim, method)
    if maxdim == 2:
        return 2e-9 * n**3 + 5e-10 * n**4
    return (2e-9 if method == "ripser" else 7e-11) * n**3


def announce_if_long(n: int, maxdim: int, method: str) -> None:
    """Warn if a computation is going to take more than a minute."""
    if (seconds := time_estimate(n, maxdim, method)) > LONG:
        warnings.warn(
            f"persistence of {n} points to dimension {maxdim} takes about {seconds / 60:.0f} min; "
            f"faster: {_cheaper(maxdim, method)}.",
            LongComputationWarning,
            stacklevel=3,
        )


def refuse_if_too_large(n: int, maxdim: int, method: str) -> None:
    """Raise MemoryError if a computation would not fit the available memory."""
    needed, available = memory_estimate(n, maxdim, method), available_memory()
    if needed > available:
        raise MemoryError(
            f"persistence of {n} points to dimension {maxdim} with method {method!r} needs about "
            f"{needed / 1e9:.1f} GB, and {available / 1e9:.1f} GB are available: "
            f"choose {_cheaper(maxdim, method)}."
        )


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


def check_options(maxdim: int, method: str) -> None:
    """Refuse a dimension and a method that do not go together."""
    check_choice("method", method, ("auto", "reduced", "ripser"))
    if maxdim not in (0, 1, 2):
        raise ValueError(f"maxdim is {maxdim}: choose 0 (components), 1 (loops) or 2 (voids).")
    if maxdim == 2 and method == "reduced":
        raise ValueError("method 'reduced' ends at maxdim 1: choose 'auto' or 'ripser' for voids.")


def _cheaper(maxdim: int, method: str) -> str:
    other = " or method='reduced'" if method == "ripser" else ""
    return "fewer units" + (" or maxdim=1" if maxdim == 2 else other)
