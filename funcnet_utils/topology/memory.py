"""What a persistence computation will cost: a refusal if it does not fit, a word if it is long."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

LONG = 60.0


class LongComputationWarning(UserWarning):
    """A computation is going to take more than a minute."""


def memory_estimate(n: int, maxdim: int = 1, method: str = "auto") -> int:
    """Return the bytes that `persistence` takes beyond the distance matrix, at its peak.

    The reduced route holds edges and ranks, 4 n^2 bytes each, and bit rows; with the checks of the
    matrix and a copy without rounding that is 18 n^2 bytes. Of ripser the estimate is a fit to
    measurements on correlation distances of 100 to 4,000 points: 250 n^2 + n^3 / 4 bytes for
    loops, 18 n^3 more for voids.

    Parameters
    ----------
    n : int
        Points, >= 0.
    maxdim : {0, 1, 2}
        Highest dimension.
    method : {"auto", "reduced", "ripser"}
        See `persistence`.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the dimension and the method do not go together.

    Examples
    --------
    >>> [f"{memory_estimate(4000, method=m) / 1e9:.2f} GB" for m in ("reduced", "ripser")]
    ['0.29 GB', '20.00 GB']
    """
    _check(maxdim, method)
    if maxdim == 2:
        return 250 * n**2 + 18 * n**3
    return 250 * n**2 + n**3 // 4 if method == "ripser" else 18 * n**2


def time_estimate(n: int, maxdim: int = 1, method: str = "auto") -> float:
    """Return about how many seconds `persistence` takes on one core, to a factor of 3 or so.

    Fitted to trained networks of 400 to 10,000 units on a server core of 2024: 7e-11 n^3 seconds
    by the reduced route, 2e-9 n^3 by ripser, and 5e-10 n^4 for voids. How long it takes depends
    on the distances: pure noise takes 3 times longer by the reduced route, and up to 100 times
    longer by ripser.

    Parameters
    ----------
    n : int
        Points, >= 0.
    maxdim : {0, 1, 2}
        Highest dimension.
    method : {"auto", "reduced", "ripser"}
        See `persistence`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the dimension and the method do not go together.

    Examples
    --------
    >>> [f"{time_estimate(4000, method=m):.0f} s" for m in ("reduced", "ripser")]
    ['4 s', '128 s']
    """
    _check(maxdim, method)
    if maxdim == 2:
        return 2e-9 * n**3 + 5e-10 * n**4
    return (2e-9 if method == "ripser" else 7e-11) * n**3


def announce_if_long(sizes: list[int], maxdim: int, method: str, workers: int = 1) -> None:
    """Warn if computations of these sizes are going to take more than a minute in all."""
    seconds = sum(time_estimate(n, maxdim, method) for n in sizes) / workers
    if seconds <= LONG:
        return
    ways = _ways(maxdim, method)
    if len(sizes) > workers:
        ways.append("more workers")
    many = f"{len(sizes)} matrices" if len(sizes) > 1 else "one matrix"
    warnings.warn(
        f"persistence of {many} of up to {max(sizes)} points to dimension {maxdim} takes about "
        f"{seconds / 60:.0f} min; faster: {' or '.join(ways)}.",
        LongComputationWarning,
        stacklevel=3,
    )


def refuse_if_too_large(n: int, maxdim: int, method: str, copies: int = 1) -> None:
    """Raise MemoryError if `copies` computations at once would not fit the available memory."""
    needed, available = copies * memory_estimate(n, maxdim, method), _available()
    if needed <= available:
        return
    ways = _ways(maxdim, method)
    if copies > 1:
        ways.append("fewer workers")
    raise MemoryError(
        f"persistence of {n} points to dimension {maxdim} with method {method!r} needs about "
        f"{needed / 1e9:.1f} GB, and {available / 1e9:.1f} GB are available: "
        f"choose {' or '.join(ways)}."
    )


def _ways(maxdim: int, method: str) -> list[str]:
    """Return what makes a computation cheaper."""
    ways = ["fewer units"]
    if maxdim == 2:
        ways.append("maxdim=1")
    elif method == "ripser":
        ways.append("method='reduced'")
    return ways


def _check(maxdim: int, method: str) -> None:
    if method not in ("auto", "reduced", "ripser"):
        raise ValueError(f"method is {method!r}: choose 'auto', 'reduced' or 'ripser'.")
    if maxdim not in (0, 1, 2):
        raise ValueError(f"maxdim is {maxdim}: choose 0 (components), 1 (loops) or 2 (voids).")
    if maxdim == 2 and method == "reduced":
        raise ValueError("method 'reduced' ends at maxdim 1: choose 'auto' or 'ripser' for voids.")


def _available() -> float:
    """Return the bytes that can still be taken: infinity where the system does not tell."""
    facts = Path("/proc/meminfo")
    if facts.exists():
        for line in facts.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", ()):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return float("inf")
