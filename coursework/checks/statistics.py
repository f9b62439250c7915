"""Checks of the chapter on statistics."""

from __future__ import annotations

import numpy as np
from statsmodels.stats.multitest import multipletests

from coursework.checks import toys
from coursework.checks.core import Judge, Solution, exercise
from funcnet_utils import stats

P_VALUES = np.array([0.001, 0.022, 0.026, 0.012, 0.4])


@exercise("st-ex-1", "a test that cannot reach 0.05 cannot find anything.")
def least_sign_flip_p() -> Solution:
    """Return the least two-sided sign-flip p of 5 pairs, and the least n that can reach 0.05."""
    return Solution(
        [2 / 2**5, 6],
        [
            ([1 / 2**5, 5], "That is one-sided: flipping all signs gives the same size of mean."),
            ([1 / 2**5, 6], "That is one-sided: flipping all signs gives the same size of mean."),
            ([2 / 2**5, 5], "The first is right, and it is above 0.05: so 5 pairs do not suffice."),
            ([0, 6], "A permutation p is never 0: the observed signs are one of the flips."),
            ([1 / 5**2, 6], "There are 2 to the power n ways to flip n signs, not n squared."),
        ],
        "n pairs have 2**n flips; the mean is as extreme for the observed signs and all reversed.",
        tolerance=3e-4,
    )


@exercise("st-ex-2", "wins minus losses, over all pairs of one network of each arm.")
def own_cliffs_delta() -> Solution:
    """Return Cliff's delta of the toy arms."""
    arm, reference = toys.arms()
    delta = stats.cliffs_delta(arm, reference)
    greater = np.greater.outer(arm, reference).mean()
    ties = 1 - greater - np.less.outer(arm, reference).mean()
    return Solution(
        delta,
        [
            (
                np.sign(np.round(arm - reference, 9)).mean(),
                "You compared each network with its own partner: delta uses all 100 pairs.",
            ),
            (greater, "That is the share of wins: subtract the share of losses."),
            (
                greater + ties / 2,
                "That is the probability of superiority (AUC): delta = 2 AUC - 1.",
            ),
            (delta + ties, "You counted ties as wins: they count 0."),
            (delta * 10, "You divided by n, not by the number of all pairs, n times n."),
        ],
        "Compare every network of the arm with every one of the reference: +1, 0 or -1; the mean.",
    )


@exercise("st-ex-3", "step by step, and never smaller than the one before.")
def own_holm() -> Solution:
    """Return the p values of the exercise, corrected by Holm's method."""
    p, m = P_VALUES, len(P_VALUES)
    order = np.argsort(p)
    loose = np.empty(m)
    loose[order] = np.minimum(p[order] * (m - np.arange(m)), 1)
    holm = np.empty(m)
    holm[order] = np.maximum.accumulate(loose[order])
    return Solution(
        holm,
        [
            (p, "p without correction: five tests have five chances to err."),
            (np.minimum(m * p, 1), "That is Bonferroni: only the smallest p is multiplied by 5."),
            (m * p, "That is Bonferroni, and above 1: only the smallest p is multiplied by 5."),
            (multipletests(p, method="fdr_bh")[1], "That is Benjamini-Hochberg, for another aim."),
            (loose, "Almost: a corrected p may not be smaller than that of a smaller p."),
            (np.sort(holm), "You returned them sorted: put them back into the given order."),
        ],
        "Sort; multiply by 5, 4, 3, 2, 1; take the running maximum; cap at 1; undo the sorting.",
    )


@exercise("st-ex-4", "the difference in pooled standard deviations, corrected for small samples.")
def own_hedges_g() -> Solution:
    """Return Hedges g of the toy arms."""
    a, b = toys.arms()
    n = len(a)
    d = (a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    shrink = 1 - 3 / (4 * (2 * n - 2) - 1)
    rough = (a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / 2)
    return Solution(
        d * shrink,
        [
            (d, "That is Cohen's d: multiply by 1 - 3 / (4 (2n - 2) - 1) for small samples."),
            (rough * shrink, "You divided by n, not n - 1, in the variances: use ddof=1."),
            (rough, "That is d with variances divided by n: use ddof=1, then correct."),
            (
                (a - b).mean() / (a - b).std(ddof=1) * shrink,
                "You divided by the spread of the differences: g uses the spread of networks.",
            ),
            (
                (a - b).mean() / (a - b).std(ddof=1),
                "You divided by the spread of the differences: g uses the spread of networks.",
            ),
            (a.mean() - b.mean(), "That is the raw difference: divide by the pooled deviation."),
        ],
        "Mean difference, divided by the root of the mean variance, times the small-sample factor.",
        tolerance=1e-4,
    )


@exercise("st-ex-5", "ten looks at nothing find something two times in five.")
def false_alarms() -> Judge:
    """Accept an estimate of the chance of at least one p below 0.05 in ten tests of nothing."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.size != 1:
            return f"Give one share; your answer has shape {answer.shape}."
        share = float(answer.reshape(()))
        truth = 1 - 0.95**10
        if abs(share - truth) < 0.06:
            return None
        if abs(share - 0.05) < 0.025:
            return "That is the chance of one test: ask for at least one of the ten (any)."
        if abs(share - 0.5) < 0.03:
            return "0.5 is the expected number of false alarms: asked is the chance of any."
        if abs(share - 0.95**10) < 0.06:
            return "That is the chance of no false alarm: take one minus it."
        if share > 1:
            return "A chance lies in [0, 1]: divide by the number of simulated studies."
        return "Use at least 500 simulated studies of ten tests each, and any(p < 0.05) in a study."

    return judge
