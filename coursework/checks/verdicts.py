"""Checks of the chapters on the choices of the paper and on the ledger."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coursework.checks.core import Hint, Solution, exercise
from coursework.checks.experiments import paired_effect


@exercise("dv-ex-2")
def seen_and_noise(seen: Any, noise: Any) -> Solution:
    """Return the correlation between weights over test images and over noise, for each arm."""
    plain, whole, signed = [], [], []
    for arm in seen.config.arms:
        both = np.stack([study.correlation(arm, 0) for study in (seen, noise)])
        alive = np.flatnonzero(both.diagonal(axis1=1, axis2=2).all(0))
        both = both[:, alive[:, None], alive]
        upper = both[:, *np.triu_indices(len(alive), 1)]
        plain.append(np.corrcoef(np.abs(upper))[0, 1])
        signed.append(np.corrcoef(upper)[0, 1])
        whole.append(np.corrcoef(np.abs(both).reshape(2, -1))[0, 1])
    return Solution(plain, signed=signed, diagonal=whole, once=[plain[0]] * len(plain))


@exercise("le-ex-1")
def without_corrections(ledger: pd.DataFrame) -> Solution:
    """Return the claims supported in this page's run, the rise of p, and a count by hand."""
    mine = ledger[ledger["run"] == "this page"]
    found, every = (each["verdict"].str.startswith("supported").sum() for each in (mine, ledger))
    rise = (mine["p_holm"] - mine["p"]).mean()
    return Solution(
        [found, rise, 3],
        direction=[found, rise, 4],
        interval=[found, rise, 5],
        p_alone=[found, rise, 6],
        holm=[found, rise, 2],
        all_runs=[every, rise, 3],
        level=[found, mine["p_holm"].mean(), 3],
    )


@exercise("le-ex-2")
def claim_of_your_own(answer: np.ndarray, trained: Any) -> Solution | Hint:
    """Accept the effect of layer norm on global efficiency."""
    return paired_effect(answer, trained, "global_efficiency", "layer_norm", "vanilla")
