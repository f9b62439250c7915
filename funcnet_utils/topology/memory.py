"""How much memory a persistence computation takes, and a refusal before it is too late."""

from __future__ import annotations

import os
from pathlib import Path


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
    if method not in ("auto", "reduced", "ripser"):
        raise ValueError(f"method is {method!r}: choose 'auto', 'reduced' or 'ripser'.")
    if maxdim not in (0, 1, 2):
        raise ValueError(f"maxdim is {maxdim}: choose 0 (components), 1 (loops) or 2 (voids).")
    if maxdim == 2 and method == "reduced":
        raise ValueError("method 'reduced' ends at maxdim 1: choose 'auto' or 'ripser' for voids.")
    if maxdim == 2:
        return 250 * n**2 + 18 * n**3
    return 250 * n**2 + n**3 // 4 if method == "ripser" else 18 * n**2


def refuse_if_too_large(n: int, maxdim: int, method: str, copies: int = 1) -> None:
    """Raise MemoryError if `copies` computations at once would not fit the available memory."""
    needed, available = copies * memory_estimate(n, maxdim, method), _available()
    if needed <= available:
        return
    ways = ["keep fewer units"]
    if maxdim == 2:
        ways.append("choose maxdim=1")
    elif method == "ripser":
        ways.append("choose method='reduced'")
    if copies > 1:
        ways.append("choose fewer workers")
    raise MemoryError(
        f"persistence of {n} points to dimension {maxdim} with method {method!r} needs about "
        f"{needed / 1e9:.1f} GB, and {available / 1e9:.1f} GB are available: {' or '.join(ways)}."
    )


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
