"""Verdicts on claims, by a rule fixed before any run."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd

from funcnet_utils.stats._sample import ALPHA
from funcnet_utils.stats.effects import Effect
from funcnet_utils.stats.multiple import holm


def verdict(effect: Effect, p_corrected: float, direction: int = 1) -> str:
    """Return the verdict on a claim, by the rule fixed before any run.

    Parameters
    ----------
    effect : Effect
        The measured effect.
    p_corrected : float
        Its p value after Holm's correction.
    direction : {1, -1}, default=1
        Sign that the claim gives the effect.

    Returns
    -------
    {"supported", "contradicted", "inconclusive"}
        Supported: corrected p < 0.05 and the interval lies on the claimed side of 0.
        Contradicted: the same on the other side. Inconclusive: anything else.

    Examples
    --------
    >>> verdict(Effect(1.0, 0.5, 1.5, 1.0, 2.0, 0.001, 20), 0.003)
    'supported'
    """
    if p_corrected < ALPHA and effect.low * effect.high > 0:
        return "supported" if effect.mean * direction > 0 else "contradicted"
    return "inconclusive"


def verdicts(
    effects: Mapping[Hashable, Effect],
    directions: Mapping[Hashable, int],
    explained: Mapping[Hashable, Effect] | None = None,
) -> pd.DataFrame:
    """Return a primary table: each claim with its effect, corrected p value and verdict.

    A claim that is supported or contradicted becomes "explained away" when its effect vanishes in
    `explained`: there the interval holds 0, or Holm's p (over the effects of `explained`) is not
    below 0.05, or the sign turns round.

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
        One row a claim, in the order given: claim, effect, low, high, cliffs_delta, hedges_g, p,
        p_holm, n, verdict.

    Raises
    ------
    ValueError
        If a claim has no direction of 1 or -1, or `explained` names a claim that is not there.

    References
    ----------
    Holm (1979), https://www.jstor.org/stable/4615733.

    Examples
    --------
    >>> strong = Effect(1.0, 0.5, 1.5, 1.0, 2.0, 0.001, 20)
    >>> weak = Effect(0.1, -0.2, 0.4, 0.1, 0.2, 0.5, 20)
    >>> verdicts({"a": strong, "b": strong}, {"a": 1, "b": -1}, {"a": weak})["verdict"].tolist()
    ['explained away', 'contradicted']
    """
    explained = explained or {}
    for claim in effects:
        if directions.get(claim) not in (1, -1):
            raise ValueError(
                f"claim {claim!r} has direction {directions.get(claim)!r}: give 1 or -1."
            )
    if unknown := [claim for claim in explained if claim not in effects]:
        raise ValueError(f"claim {unknown[0]!r} is explained but not in effects: add it there.")
    corrected = holm([effect.p for effect in effects.values()])
    left_p = dict(zip(explained, holm([left.p for left in explained.values()]), strict=True))
    rows = []
    for (claim, effect), p in zip(effects.items(), corrected, strict=True):
        found = verdict(effect, p, directions[claim])
        if found != "inconclusive" and claim in explained:
            left = verdict(explained[claim], left_p[claim], directions[claim])
            found = found if left == found else "explained away"
        rows.append(
            {
                "claim": claim,
                "effect": effect.mean,
                "low": effect.low,
                "high": effect.high,
                "cliffs_delta": effect.cliffs_delta,
                "hedges_g": effect.hedges_g,
                "p": effect.p,
                "p_holm": float(p),
                "n": effect.n,
                "verdict": found,
            }
        )
    return pd.DataFrame(rows)
