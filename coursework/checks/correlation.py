"""Checks of the chapter on correlation."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Solution, exercise


@exercise("cor-ex-1", "a positive factor and a shift change nothing; a negative factor turns r.")
def units_and_signs() -> Solution:
    """Return r and ``|r|`` of units a and -3 b + 7, when those of a and b are 0.6."""
    r = 0.6
    return Solution(
        [-r, r],
        [
            ([r, r], "A negative factor turns the signal upside down: what does that do to r?"),
            ([-r, -r], "The first number is right. The weight is |r|, so it has no sign."),
            ([-3 * r, 3 * r], "r has no units: the factor cancels against the standard deviation."),
            ([r, -r], "You gave them in the other order: r comes first, then the weight."),
        ],
        "Start from the formula: which parts change when b becomes -3 b + 7?",
    )


@exercise("cor-ex-2", "the covariance, divided by both standard deviations.")
def by_hand() -> Solution:
    """Return r of the two toy units."""
    x, y = toys.signals().T
    n = len(x)
    r = np.corrcoef(x, y)[0, 1]
    return Solution(
        r,
        [
            (r * n / (n - 1), "Too large by n / (n - 1): you divided one part by n, not n - 1."),
            (r * (n - 1) / n, "Too small by (n - 1) / n: you divided one part by n, not n - 1."),
            (np.cov(x, y)[0, 1], "That is the covariance: divide by both standard deviations."),
            (np.cov(x, y, ddof=0)[0, 1], "That is a covariance: divide by both deviations."),
            (
                ((x - x.mean()) * (y - y.mean())).sum(),
                "That is the sum of products: divide by the root of both sums of squares.",
            ),
            (
                x @ y / np.sqrt((x @ x) * (y @ y)),
                "That is the cosine: subtract the mean of each unit first.",
            ),
            (np.cov(x, y)[0, 1] / x.var(ddof=1) ** 2, "Take the roots of the variances."),
        ],
        "Subtract the means, multiply, sum; then divide by the root of both sums of squares.",
    )


@exercise("cor-ex-3", "each pair once, strong in either direction.")
def strong_pairs() -> Solution:
    """Return the number of pairs of the ten units with ``|r|`` >= 0.5."""
    r = np.corrcoef(toys.ten_units().T)
    size = np.abs(r)
    right = int((size[np.triu_indices(10, 1)] >= 0.5).sum())
    return Solution(
        right,
        [
            (2 * right, "You counted each pair twice: (i, j) and (j, i) are one edge."),
            (2 * right + 10, "You counted each pair twice, and each unit with itself."),
            (right + 10, "You counted each unit with itself: leave the diagonal out."),
            (
                int((r[np.triu_indices(10, 1)] >= 0.5).sum()),
                "You left out strong negative correlations: take the size |r| first.",
            ),
        ],
        "Look at the upper triangle only, `np.triu_indices(10, 1)`, and compare |r| with 0.5.",
    )


@exercise("cor-ex-4", "two strong links force a third.")
def least_third_correlation() -> Solution:
    """Return the least r_ac when r_ab = 0.9 and r_bc = 0.8."""
    product, slack = 0.9 * 0.8, np.sqrt((1 - 0.9**2) * (1 - 0.8**2))
    return Solution(
        product - slack,
        [
            (product, "0.72 is the middle of the range; the theorem subtracts a root from it."),
            (product + slack, "That is the largest possible value: the least one was asked for."),
            (product - slack**2, "The theorem has a root of the product of both terms."),
            (0.0, "Zero is not possible: test whether the 3 x 3 matrix has a negative eigenvalue."),
            (-1.0, "-1 is not possible: test whether the 3 x 3 matrix has a negative eigenvalue."),
        ],
        "Put both correlations into the theorem on partial transitivity.",
        tolerance=0.002,
    )


@exercise("cor-ex-5", "the units share the class, and hardly anything else.")
def without_common_cause() -> Solution:
    """Return r of the two units after the mean of each class is subtracted."""
    units, classes = toys.common_cause()
    means = np.array([units[classes == k].mean(0) for k in range(3)])
    raw = np.corrcoef(units.T)[0, 1]
    return Solution(
        np.corrcoef((units - means[classes]).T)[0, 1],
        [
            (
                raw,
                "That is the plain correlation (subtracting the overall mean changes nothing): "
                "subtract from each image the mean of its own class.",
            ),
            (
                np.corrcoef(means.T)[0, 1],
                "That is the correlation between the class means: you kept what should go.",
            ),
            (
                np.mean([np.corrcoef(units[classes == k].T)[0, 1] for k in range(3)]),
                "That is the mean of three correlations: subtract the class means, then take one "
                "correlation over all images.",
            ),
        ],
        "Subtract `units[classes == k].mean(0)` from the images of class k, then correlate.",
        tolerance=1e-5,
    )
