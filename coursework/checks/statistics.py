"""Checks of the chapter on statistics."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Hint, Solution, exercise
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
    """Return Hedges g of the toy arms."""
    a, b = toys.arms()
    n = len(a)
    d = (a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    shrink = 1 - 3 / (4 * (2 * n - 2) - 1)
    rough = (a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / 2)
    return Solution(
        d * shrink,
        tolerance=1e-4,
        d=d,
        ddof=rough * shrink,
        ddof_d=rough,
        paired=(a - b).mean() / (a - b).std(ddof=1) * shrink,
        paired2=(a - b).mean() / (a - b).std(ddof=1),
        raw=a.mean() - b.mean(),
    )


@exercise("st-ex-5")
def false_alarms(answer: np.ndarray) -> Hint | None:
    """Accept an estimate of the chance of at least one p below 0.05 in ten tests of nothing."""
    if answer.size != 1:
        return "one", {"shape": answer.shape}
    share = float(answer.reshape(()))
    if abs(share - (1 - 0.95**10)) < 0.06:
        return None
    if share > 1:
        return "count"
    mistakes = {"one_test": (0.05, 0.025), "expected": (0.5, 0.03), "no_alarm": (0.95**10, 0.06)}
    near = (name for name, (value, gap) in mistakes.items() if abs(share - value) < gap)
    return next(near, "few")
