"""Networks compared without what could explain a difference, and the smallest that matters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils import stats
from funcnet_utils.models import attack_auc
from funcnet_utils.stats import Effect
from funcnet_utils.studies.controls import HALF, KINDS, PRIMARY
from funcnet_utils.studies.protocol import entries
from funcnet_utils.studies.study import Study

AA = "vanilla_aa"
"""The arm that differs from vanilla by the order of its batches alone; in no claim."""
NOT_COMPUTED = "not computed"
NOTHING = Effect(math.nan, math.nan, math.nan, math.nan, math.nan, math.nan, 0)
"""What is left of an effect that has no control."""
CLAIMED = ("vanilla", "batch_norm", "dropout")
"""The arms of the paper: claims about all arms speak of these."""
NO_CONTROLS = pd.DataFrame(columns=["arm", "null", "measure", "value"])
STEP = 1.1
"""The smallest effect of interest of a graph measure is that of so much more density."""
AGAINST = {
    "spectrum": "spectrum-preserving nulls",
    "hqs": "HQS nulls",
    "configuration": "configuration model",
    "rewired": "degree-preserving nulls",
    "loss": "equal training loss",
    "clean": "images classified correctly",
    "baseline": "best simple quantity",
}


def robust_area(study: Study, attack: str = "worst") -> pd.DataFrame:
    """Return the area under accuracy over epsilon, a row per network and a column per arm.

    Parameters
    ----------
    study : Study
        A study with attacks.
    attack : str, default="worst"
        An attack of `funcnet_utils.models.attack_table`; "worst" is PGD with two losses.
    """
    areas = attack_auc(study.attacks)
    rows = areas[areas["attack"] == attack]
    return rows.pivot(index="network", columns="arm", values="area")[list(study.config.arms)]


def sample(study: Study, name: str) -> pd.DataFrame:
    """Return a measure of each network, a row per network and a column per arm.

    Parameters
    ----------
    study : Study
        A study, with attacks for robust accuracy.
    name : str
        A column of `Study.networks`, a graph measure, "loops" or "robust_area".
    """
    if name == "robust_area":
        return robust_area(study)
    if name == "loops":
        return study.loop_measure("count")
    return study.network_measure(name) if name in study.networks else study.measure(name)


def lefts(study: Study, name: str, *arms: str) -> dict[str, tuple[np.ndarray, float]]:
    """Return what controls leave of each difference, and the noise of their nulls, by control.

    The primary control comes first; empty if it was not computed.

    Parameters
    ----------
    study : Study
        A study with the table `controls` (`null_measures` of each network) for graphs and loops,
        and with checkpoints for accuracy and gap.
    name : str
        As for `sample`.
    *arms : str
        The arm and the one that is subtracted from it, or the only one.
    """
    if name == "robust_area":
        rows = study.attacks.query("attack == 'worst' and epsilon == 0")
        clean = rows.pivot(index="network", columns="arm", values="accuracy")[[*arms]]
        # in the units of the area, at the clean accuracy that the pair has on average
        shares = robust_area(study)[clean.columns] / clean
        return {"clean": (difference(shares.mul(clean.mean(axis=1), axis=0)), 0.0)}
    if name in study.networks:
        found = "checkpoints" in study.tables
        return {"loss": (difference(_at_equal_loss(study, name, arms)), 0.0)} if found else {}
    table, n = study.tables.get("controls", NO_CONTROLS), study.config.n_networks
    kinds = {}
    for kind in KINDS:
        rows = table.query("null == @kind and measure == @name and arm in @arms")
        if len(rows) == len(arms) * n:
            rest = rows.assign(left=rows["value"] - rows["mean"])
            left = rest.pivot(index="network", columns="arm", values="left")[[*arms]]
            noise = np.sqrt((rows["sd"] ** 2 / rows["n"]).sum() / n)
            kinds[kind] = difference(left), float(noise)
    return kinds if PRIMARY in kinds else {}


def difference(table: pd.DataFrame) -> np.ndarray:
    """Return the first column of a table, minus the second one if there is one."""
    first, *others = table.to_numpy().T
    return first - sum(others)


def left_of(lefts: dict[str, tuple[np.ndarray, float]]) -> dict[str, Any]:
    """Return what the primary control leaves, with its interval and the noise of its nulls.

    Parameters
    ----------
    lefts : dict of str to (ndarray of shape (n,), float)
        As `lefts` returns it; NaN if empty.
    """
    names = ("against", "left", "left_low", "left_high", "noise")
    for kind, (left, noise) in lefts.items():
        spread = left.std(ddof=1)
        share = noise / spread if noise and spread else math.nan
        values = (AGAINST[kind], left.mean(), *stats.t_interval(left), share)
        return dict(zip(names, values, strict=True))
    return dict(zip(names, ("", *[math.nan] * 4), strict=True))


def _at_equal_loss(study: Study, name: str, arms: tuple[str, ...]) -> pd.DataFrame:
    """Return each network where all of its number have the largest of their last losses."""
    table = study.checkpoints.sort_values("epoch")
    table = table.assign(generalization_gap=table["train_accuracy"] - table["test_accuracy"])
    runs, rows = table.groupby(["arm", "network"]), []
    for network in range(study.config.n_networks):
        own = [runs.get_group((arm, network))[["train_loss", name]].to_numpy().T for arm in arms]
        target = max(losses[-1] for losses, _ in own)
        rows.append([at_loss(losses, values, target) for losses, values in own])
    return pd.DataFrame(rows)


def at_loss(losses: np.ndarray, values: np.ndarray, target: float) -> float:
    """Return the value at the last time a loss fell to a target, linear in its logarithm.

    Parameters
    ----------
    losses, values : ndarray, shape (n,)
        Loss, above 0, and what is asked for, at each checkpoint.
    target : float
        A loss not below the last one.

    Examples
    --------
    >>> at_loss(np.array([1.0, 0.01]), np.array([0.5, 0.9]), 0.1)
    0.7
    """
    above = np.flatnonzero(losses >= target)
    if not len(above) or above[-1] == len(losses) - 1:
        return float(values[-1])
    k = above[-1]
    start, end, here = np.log([losses[k], losses[k + 1], target])
    return float(values[k] + (values[k + 1] - values[k]) * (start - here) / (start - end))


def smallest_effect(study: Study, name: str) -> float:
    """Return the smallest effect of interest of a measure by the protocol; NaN if not computed.

    Parameters
    ----------
    study : Study
        For graph measures with a sweep of densities, for loops with the table `controls`.
    name : str
        As for `sample`, or "ari".
    """
    fixed = entries()[1]["bounds"]
    if name in fixed:
        return float(fixed[name])
    own = sample(study, name)["vanilla"].mean()
    if name == "loops":
        table = study.tables.get("controls", NO_CONTROLS)
        rows = table[(table["null"] == HALF) & (table["arm"] == "vanilla")]
        return float(abs(rows["value"].mean() - own))
    grid, density = study.config.densities, STEP * study.config.density
    if density > grid[-1]:
        return np.nan
    curve = [study.measure(name, each)["vanilla"].mean() for each in grid]
    return float(abs(np.interp(density, grid, curve) - own))
