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
    """Return the claims supported in this page's run, with and without care, and the rise of p."""
    mine = ledger[ledger["run"] == "this page"]
    found = mine["verdict"].str.startswith("supported").sum()
    outside = mine["low"] * mine["high"] > 0
    claimed = mine["effect"] * mine["direction"] > 0
    small = mine["p"] < 0.05
    plain = (small & outside & claimed).sum()
    rise = (mine["p_holm"] - mine["p"]).mean()
    return Solution(
        [found, plain, rise],
        direction=[found, (small & outside).sum(), rise],
        all_runs=[ledger["verdict"].str.startswith("supported").sum(), plain, rise],
        holm=[found, ((mine["p_holm"] < 0.05) & outside & claimed).sum(), rise],
        level=[found, plain, mine["p_holm"].mean()],
    )


@exercise("le-ex-2")
def claim_of_your_own(answer: np.ndarray, trained: Any) -> Solution | Hint:
    """Accept the effect of layer norm on global efficiency."""
    return paired_effect(answer, trained, "global_efficiency", "layer_norm", "vanilla")
