"""Checks of the chapters on statistics and on early stopping."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import ttest_1samp

from coursework.checks import toys
from coursework.checks.core import Solution, exercise
from funcnet_utils import stats


@exercise("st-ex-2")
def own_cliffs_delta() -> Solution:
    """Return Cliff's delta of the toy arms."""
    arm, reference = toys.arms()
    delta = stats.cliffs_delta(arm, reference)
    greater = np.greater.outer(arm, reference).mean()
    ties = 1 - greater - np.less.outer(arm, reference).mean()
    return Solution(
        delta,
        paired=np.sign(np.round(arm - reference, 9)).mean(),
        wins=greater,
        superiority=greater + ties / 2,
        ties=delta + ties,
        n=delta * 10,
    )


@exercise("st-ex-4")
def own_hedges_g() -> Solution:
    """Return Hedges g of the first eight pairs of the toy arms."""
    a, b = (values[:8] for values in toys.arms())
    n = len(a)
    d = (a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    shrink = 1 - 3 / (4 * (2 * n - 2) - 1)
    rough = (a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / 2)
    return Solution(
        d * shrink,
        tolerance=1e-4,
        ten=stats.hedges_g(*toys.arms()),
        factor=d * (1 - 3 / 71),
        d=d,
        ddof=rough * shrink,
        ddof_d=rough,
        paired=(a - b).mean() / (a - b).std(ddof=1) * shrink,
        paired2=(a - b).mean() / (a - b).std(ddof=1),
        raw=a.mean() - b.mean(),
    )


@exercise("st-ex-5")
def false_alarms(seed: int) -> Solution:
    """Return the share of 2,000 studies in which one of ten tests of nothing has p below 0.05."""
    differences = np.random.default_rng(seed).normal(size=(2000, 12, 10))
    low = ttest_1samp(differences, 0, axis=1).pvalue < 0.05
    share = low.any(axis=1).mean()
    return Solution(
        share,
        count=2000 * share,
        one_test=low.mean(),
        expected=low.sum(axis=1).mean(),
        no_alarm=1 - share,
        closed_form=1 - 0.95**10,
    )


@exercise("es-ex-3")
def stop_anywhere(own: Any) -> Solution:
    """Return the mean regret of a random epoch, of all, of the second half, and by hand."""
    curves = own.pivot(index="network", columns="epoch", values="accuracy").to_numpy()
    half, best = curves.shape[1] // 2, curves.max(axis=1).mean()
    lost = best - [curves.mean(), curves[:, half:].mean()]
    shared = lost - best + curves.mean(axis=0).max()
    right = np.append(lost, 7 / 60)
    common = {"common": [*shared, 4 / 60], "common2": [*lost, 4 / 60]}
    return Solution(right, points=100 * right, **common)
