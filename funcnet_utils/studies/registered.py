"""The registered controls, which decide nothing any more: mean ``|r|``, HQS, best clustering."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from funcnet_utils import stats
from funcnet_utils.stats import Effect
from funcnet_utils.studies import cluster_claim
from funcnet_utils.studies.matched import AA, NOTHING

if TYPE_CHECKING:
    from funcnet_utils.studies.claims import Claim
    from funcnet_utils.studies.study import Study


def registered_control(claim: Claim, study: Study) -> tuple[Effect, tuple[float, float]]:
    """Return the effect after the registered control, NaN without one, and its leverage.

    Parameters
    ----------
    claim : Claim
        Graphs and loops are regressed on mean ``|r|`` of the pairs, and `stats.leverage` says how
        far that extrapolates; small-worldness is compared with HQS nulls, clusters with the best
        clustering without topology.
    study : Study
        A study with the arm of the claim.
    """
    seed, nowhere = study.config.seed, (math.nan, math.nan)
    if claim.name == "CL":
        return cluster_claim.lead(study), nowhere
    if claim.name == "SW":
        sigma, null = study.measure("sigma"), study.measure("sigma_hqs")
        arms = [arm for arm in study.config.arms if arm != AA]
        return _weakest([stats.paired_effect(sigma[a], null[a], seed) for a in arms], 1), nowhere
    if not (claim.sweep or "loops" in claim.samples):  # it was not asked
        return NOTHING, nowhere
    mean_r = study.network_measure("mean_abs_r")
    strength = mean_r[claim.arm], mean_r["vanilla"]
    pairs = [(table[claim.arm], table["vanilla"]) for table in claim.values(study)]
    rest = [stats.adjusted_effect(*pair, *strength, seed) for pair in pairs]
    return _weakest(rest, claim.direction), stats.leverage(*strength)


def _weakest(parts: list[Effect], direction: int) -> Effect:
    """Return the effect that speaks least for the claim, with the largest p of all parts."""
    least = min(parts, key=lambda effect: (direction * effect.hedges_g, direction * effect.mean))
    return replace(least, p=max(effect.p for effect in parts))


def registered(rows: list[dict[str, Any]], controls: Sequence[Effect]) -> list[str]:
    """Return the words about claims by the rule as it was first published.

    Parameters
    ----------
    rows : list of dict
        By claim: weakest (its effect), p_holm and direction.
    controls : sequence of Effect
        By claim: what the registered control leaves; n is 0 where there is none.

    Returns
    -------
    list of str
        Supported, contradicted or inconclusive; "explained away" where one of the first two is
        another word for what is left.
    """
    p = iter(stats.holm([effect.p for effect in controls if effect.n]))
    words = []
    for row, effect in zip(rows, controls, strict=True):
        word = stats.verdict(row["weakest"], row["p_holm"], row["direction"])
        rest = stats.verdict(effect, next(p), row["direction"]) if effect.n else word
        words.append(word if word in ("inconclusive", rest) else "explained away")
    return words
