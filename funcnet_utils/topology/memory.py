"""What a persistence computation costs: refused if it does not fit, announced if it is long."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

from funcnet_utils.errors import announce_if_long, check_int


def memory_estimate(n: int, maxdim: int = 1) -> int:
    """Return the bytes that `persistence` takes beyond the distance matrix, at its peak.

    Up to loops these are edges and their annotations, 4 n^2 bytes each, bit rows, and a copy of the
    matrix without rounding: 18 n^2 bytes. Voids need a row of bits for every edge, n^3 / 16 bytes,
    and annotations of triangles: n^3 / 10 in all for trained networks. Independent units have far
    more voids, and annotations then take about 0.02 bytes per cubed number of loops more: 0.6 GB
    for 400 units. `persistence` refuses what does not fit a second time once it has counted loops.

    Parameters
    ----------
    n : int
        Points, >= 0.
    maxdim : int, default=1
        As for `persistence`.

    Examples
    --------
    >>> f"{memory_estimate(4000) / 1e9:.2f} GB"
    '0.29 GB'
    """
    n, maxdim = check_int("n", n, 0), check_int("maxdim", maxdim, 0, 2)
    return 18 * n**2 + (n**3 // 10 if maxdim == 2 else 0)


def time_estimate(n: int, maxdim: int = 1) -> float:
    """Return about how many seconds `persistence` takes on one core for units of few factors.

    Fitted to trained networks of 400 to 4,000 units, with voids of 400 to 1,500, on a core of
    2024, to a factor of 3 or so: 1e-11 n^3 seconds; voids 1.5e-12 n^4 more. Independent units have
    far more loops and voids and take about 4e-14 n^4.5 seconds more, 3 s for 1,200 and 1 min for
    2,400; with voids 3 s for 300 and 17 s for 400. How many loops there are shows only on the way,
    so `persistence` warns a second time once it has counted them.

    Parameters
    ----------
    n : int
        Points, >= 0.
    maxdim : int, default=1
        As for `persistence`.

    Examples
    --------
    >>> f"{time_estimate(4000):.1f} s"
    '0.6 s'
    """
    n, maxdim = check_int("n", n, 0), check_int("maxdim", maxdim, 0, 2)
    return 1e-11 * n**3 + (1.5e-12 * n**4 if maxdim == 2 else 0)


def announce(seconds: float, n: int, maxdim: int, stacklevel: int = 4) -> None:
    """Warn if `persistence` is going to take more than a minute."""
    what = f"persistence of {n} points to dimension {maxdim}"
    announce_if_long(what, seconds, _cheaper(maxdim), stacklevel)


def refuse_if_too_large(n: int, maxdim: int, n_loops: int = 0) -> None:
    """Raise MemoryError if a computation would not fit the available memory."""
    needed, available = memory_estimate(n, maxdim), available_memory()
    needed += n_loops**3 // 50 if maxdim == 2 else 0
    if needed > available:
        raise MemoryError(
            f"persistence of {n} points to dimension {maxdim} needs about {needed / 1e9:.1f} GB, "
            f"and {available / 1e9:.1f} GB are available: choose {_cheaper(maxdim)}."
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


def _cheaper(maxdim: int) -> str:
    return "fewer units or maxdim=1" if maxdim == 2 else "fewer units"
