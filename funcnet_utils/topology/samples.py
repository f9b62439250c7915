"""Loops of samples of points, where the loops of all of them would not fit memory or time."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from funcnet_utils.errors import (
    announce_if_long,
    check_int,
    check_real,
    check_square,
    generator_of,
)
from funcnet_utils.topology.memory import time_estimate
from funcnet_utils.topology.persistence import persistence
from funcnet_utils.topology.summaries import loops, summary


def sampled_loops(
    distances: np.ndarray, n_points: int, min_lifetime: float, n_draws: int = 20, seed: int = 0
) -> dict[str, tuple[float, float, float]]:
    """Return what the loops of random samples of points have in common, with an interval.

    Each draw takes points without replacement and summarizes their loops; the means over draws
    estimate what a sample *of this size* shows on average, not what all points show. Means of
    another size of sample are others: short loops become more, and long ones are born earlier, the
    more points there are. So compare networks by samples of one size, and take a count of long
    loops for that of all points only if it is the same at several sizes. Intervals are Student's,
    and too short for features that only few draws contain; they say nothing about other points.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
        As for `persistence`. Only the entries between points of a draw are read, so it may be a
        `numpy.memmap` that is larger than memory.
    n_points : int
        Points of a draw, in [1, n].
    min_lifetime : float
        Lifetime, >= 0, that a long loop exceeds.
    n_draws : int, default=20
        Draws, at least 2.
    seed : int, default=0
        Seed of the draws.

    Returns
    -------
    dict of str to tuple of float
        `long`, the number of long loops, and every scalar of `summary`: each with its mean over
        draws and the two ends of the 95% interval of that mean.

    Raises
    ------
    ValueError
        If an argument is out of range, or `persistence` refuses the distances of a draw.

    References
    ----------
    Chazal, Fasy, Lecci, Michel, Rinaldo, Wasserman (2015), arXiv:1406.1901.

    Examples
    --------
    >>> angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    >>> chords = np.abs(np.exp(1j * angle)[:, None] - np.exp(1j * angle))
    >>> sampled_loops(chords, n_points=60, min_lifetime=0.5)["long"]
    (1.0, 1.0, 1.0)
    """
    matrix = check_square("the matrix of distances", distances, one=True)
    check_int("the number of points", len(matrix), 1)
    check_int("n_points", n_points, 1, len(matrix))
    check_int("n_draws", n_draws, 2)
    check_real("min_lifetime", min_lifetime, 0, np.inf)
    rng = generator_of(seed)
    rows = []
    for draw in range(n_draws):
        chosen = np.sort(rng.choice(len(matrix), n_points, replace=False))
        sample = matrix[np.ix_(chosen, chosen)]
        if draw == 0:
            what = f"loops of {n_draws} draws of {n_points} points"
            announce_if_long(what, n_draws * time_estimate(sample), "fewer draws or points")
        diagram = persistence(sample)[1]
        rows.append({"long": loops(diagram, min_lifetime)} | summary(diagram))
    values = np.array([list(row.values()) for row in rows], dtype=float)
    means = values.mean(axis=0)
    margins = stdtrit(n_draws - 1, 0.975) * values.std(axis=0, ddof=1) / np.sqrt(n_draws)
    ends = np.column_stack([means, means - margins, means + margins]).tolist()
    return {name: (mean, low, high) for name, (mean, low, high) in zip(rows[0], ends, strict=True)}
