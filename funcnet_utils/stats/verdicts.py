"""Corrections for many tests, and verdicts on claims, by a rule fixed before any run."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from funcnet_utils.stats._sample import ALPHA
from funcnet_utils.stats.effects import Effect

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["mean", "low", "high", "cliffs_delta", "hedges_g", "p", "p_holm", "n"]
LEFT = {name: f"left_{name}" for name in ("mean", "low", "high", "p", "p_holm")} | {"mean": "left"}


def holm(p_values: ArrayLike) -> np.ndarray:
    """Return p values corrected for many tests by Holm's step-down method.

    It bounds the probability of even one false discovery; the primary table uses it.

    Parameters
    ----------
    p_values : sequence of float, shape (n,)
        Values in [0, 1].

    References
    ----------
    Holm (1979), https://www.jstor.org/stable/4615733.

    Examples
    --------
    >>> holm([0.01, 0.04]).tolist()
    [0.02, 0.04]
    """
    p = _checked(p_values)
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(steps, 1)[np.argsort(order)]


def benjamini_hochberg(p_values: ArrayLike) -> np.ndarray:
    """Return p values corrected by Benjamini and Hochberg's step-up method.

    Calling all below 0.05 discoveries keeps the expected share of false ones below 5 %; all tables
    but the primary one use it.

    Parameters
    ----------
    p_values : sequence of float, shape (n,)
        Values in [0, 1].

    References
    ----------
    Benjamini, Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    p = _checked(p_values)
    return stats.false_discovery_control(p) if len(p) else p


def _checked(p_values: ArrayLike) -> np.ndarray:
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p values are not a list of numbers in [0, 1]: leave out tests not made.")
    return p


def verdict_words(
    effect: ArrayLike, low: ArrayLike, high: ArrayLike, p: ArrayLike, direction: ArrayLike
) -> np.ndarray:
    """Return the verdicts on claims, by the rule fixed before any run.

    "supported": p < 0.05 and the interval lies on the claimed side of 0. "contradicted": the same
    on the other side. "inconclusive": anything else, also where an effect is NaN.

    Parameters
    ----------
    effect, low, high : array_like of float, shape (n,)
        Effects with their intervals.
    p : array_like of float, shape (n,)
        Their p values, corrected for the number of claims.
    direction : array_like of {1, -1}, shape (n,)
        Signs that the claims give the effects.

    Examples
    --------
    >>> verdict_words([1, -1, 1], [0.5, -2, -1], [2, -0.5, 2], 0.01, 1).tolist()
    ['supported', 'contradicted', 'inconclusive']
    """
    sure = np.less(p, ALPHA) & (np.multiply(low, high) > 0)
    claimed = np.multiply(effect, direction) > 0
    return np.select([sure & claimed, sure], ["supported", "contradicted"], "inconclusive")


def verdict(effect: Effect, p_corrected: float, direction: int = 1) -> str:
    """Return the verdict on one effect, with its corrected p; see `verdict_words`.

    Examples
    --------
    >>> verdict(Effect(1.0, 0.5, 1.5, 1.0, 2.0, 0.001, 20), 0.003)
    'supported'
    """
    return str(verdict_words(effect.mean, effect.low, effect.high, p_corrected, direction))


def verdicts(
    effects: Mapping[Hashable, Effect],
    directions: Mapping[Hashable, int],
    explained: Mapping[Hashable, Effect] | None = None,
) -> pd.DataFrame:
    """Return a primary table: each claim with its effect, corrected p value and verdict.

    A claim that is supported or contradicted becomes "explained away" when `explained` does not
    give the same verdict: there the interval contains 0, or Holm's p (over the effects of
    `explained`) is not below 0.05, or the sign is the other one.

    Parameters
    ----------
    effects : mapping of claim to Effect
        All primary effects of the table; Holm's correction runs over them.
    directions : mapping of claim to {1, -1}
        Sign that each claim gives its effect.
    explained : mapping of claim to Effect, optional
        For some claims, what is left of the effect after a covariate (`adjusted_effect`) or
        against a null model.

    Returns
    -------
    DataFrame
        One row per claim, in the order given: claim, effect, low, high, cliffs_delta, hedges_g, p,
        p_holm, n, verdict, direction, and what is left of it, NaN where nothing is: left, left_low,
        left_high, left_p, left_p_holm.

    Raises
    ------
    ValueError
        If a claim has no direction of 1 or -1, or `explained` names a claim that is not there.

    Examples
    --------
    >>> strong = Effect(1.0, 0.5, 1.5, 1.0, 2.0, 0.001, 20)
    >>> weak = Effect(0.1, -0.2, 0.4, 0.1, 0.2, 0.5, 20)
    >>> verdicts({"a": strong, "b": strong}, {"a": 1, "b": -1}, {"a": weak})["verdict"].tolist()
    ['explained away', 'contradicted']
    """
    explained = explained or {}
    for claim in effects:
        if (sign := directions.get(claim)) not in (1, -1):
            raise ValueError(f"claim {claim!r} has direction {sign!r}: give 1 or -1.")
    if unknown := [claim for claim in explained if claim not in effects]:
        raise ValueError(f"claim {unknown[0]!r} is explained but not in effects: add it there.")
    left = _table([explained.get(claim) for claim in effects])[list(LEFT)].rename(columns=LEFT)
    table = _table(list(effects.values())).rename(columns={"mean": "effect"})
    table.insert(0, "claim", list(effects))
    table = table.assign(verdict="", direction=[directions[claim] for claim in effects]).join(left)
    return table.assign(verdict=judged(table))


def _table(effects: Sequence[Effect | None]) -> pd.DataFrame:
    """Return effects as rows, with Holm's p over those that are there."""
    import pandas as pd

    there = [effect is not None for effect in effects]
    table = pd.DataFrame([vars(effect) if effect else {} for effect in effects], columns=COLUMNS)
    table.loc[there, "p_holm"] = holm(table.loc[there, "p"])
    return table


def judged(
    table: pd.DataFrame, *, holm: bool = True, controls: bool = True, control_holm: bool = True
) -> pd.Series:
    """Return the verdicts that a table of claims would hold under another rule.

    Parameters
    ----------
    table : DataFrame
        As `verdicts` returns it.
    holm : bool, default=True
        Correct p over the claims.
    controls : bool, default=True
        Let "explained away" replace verdicts that are other ones, or inconclusive, for what is
        left of the effect.
    control_holm : bool, default=True
        Correct p over the controls, too.

    Returns
    -------
    Series of str
        With all three, the verdicts of the rule fixed before any run.
    """
    import pandas as pd

    words = _words(table, "effect", "low", "high", "p_holm" if holm else "p")
    if controls:
        p = "left_p_holm" if control_holm else "left_p"
        left = _words(table, "left", "left_low", "left_high", p)
        gone = table["left"].notna() & (words != "inconclusive") & (words != left)
        words = np.where(gone, "explained away", words)
    return pd.Series(words, table.index)


def _words(table: pd.DataFrame, *columns: str) -> np.ndarray:
    return verdict_words(*table[[*columns, "direction"]].to_numpy(float).T)
