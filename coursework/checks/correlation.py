"""Checks of the chapter on correlation."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Solution, exercise


@exercise("cor-ex-3")
def strong_pairs() -> Solution:
    """Return the number of pairs of the ten units with ``|r|`` >= 0.57."""
    r = np.corrcoef(toys.ten_units().T)
    size = np.abs(r)
    right = int((size[np.triu_indices(10, 1)] >= 0.57).sum())
    return Solution(
        right,
        twice=2 * right,
        twice_and_self=2 * right + 10,
        with_self=right + 10,
        positive_only=int((r[np.triu_indices(10, 1)] >= 0.57).sum()),
    )


@exercise("cor-ex-5")
def without_common_cause() -> Solution:
    """Return r of the two units after the mean of each class is subtracted."""
    units, classes = toys.common_cause()
    means = np.array([units[classes == k].mean(0) for k in range(3)])
    raw = np.corrcoef(units.T)[0, 1]
    return Solution(
        np.corrcoef((units - means[classes]).T)[0, 1],
        tolerance=1e-5,
        raw=raw,
        between=np.corrcoef(means.T)[0, 1],
        averaged=np.mean([np.corrcoef(units[classes == k].T)[0, 1] for k in range(3)]),
    )
