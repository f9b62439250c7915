"""The claims of the protocol, and the ledger: two words for each, about effect and control."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils import stats
from funcnet_utils.stats import Effect
from funcnet_utils.studies import cluster_claim, matched, protocol
from funcnet_utils.studies.matched import AA, CLAIMED, NOT_COMPUTED
from funcnet_utils.studies.matched import robust_area as robust_area  # pages find it here
from funcnet_utils.studies.registered import registered, registered_control
from funcnet_utils.studies.study import SUMMARY, Study

PAGES = {
    "SW": {"page": "small_world", "figure": "fig-sw-sigma"},
    "BN": {"page": "batch_norm", "figure": "fig-bn-effects"},
    "DO": {"page": "dropout", "figure": "fig-do-effects"},
    "CL": {"page": "clustering", "figure": "fig-cl-embedding"},
}
"""Where the book looks at the claims of a family."""
ARMS = {"BN": "batch_norm", "DO": "dropout"}
WORST = ("reversed", "explained", "undecided", NOT_COMPUTED, "holds")
"""A claim with several parts has the first of these words that one of them has."""
SURE = ("supported", "contradicted")
COLUMNS = [
    *("claim", "verdict", "control", "words", "measure", "dataset", "hidden", "n_epochs"),
    *("effect", "low", "high", "cliffs_delta", "hedges_g", "p", "p_holm", "n", "direction"),
    *("bound", "n_needed", "against", "left", "left_low", "left_high", "noise", "parts", "aa"),
    *("registered", "adjusted", "adjusted_low", "adjusted_high", "leverage", "se_ratio"),
    *("densities", "protocol", "page", "figure"),
]


@dataclass(frozen=True)
class Claim:
    """One claim, how it is measured, and where the book looks at it.

    Parameters
    ----------
    name : str
        Short name, as in "BN-eff".
    words : str
        The claim, after the paper's abstract.
    measure : str
        What is measured, in words.
    direction : {1, -1}
        Sign that the claim gives the effect.
    arm : str, default=""
        Arm that is compared with vanilla; empty for claims about all arms.
    samples : sequence of str
        What is measured, a name for each part of the claim: a column of `Study.networks`, a graph
        measure, "loops" or "robust_area".
    """

    name: str
    words: str
    measure: str
    direction: int
    arm: str = ""
    samples: Sequence[str] = ()

    @property
    def sweep(self) -> list[str]:
        """Graph measures whose sign is followed over all densities."""
        return [name for name in self.samples if name in SUMMARY]

    def values(self, study: Study) -> list[pd.DataFrame]:
        """Return a table per part of the claim: a row per network and a column per arm."""
        return [matched.sample(study, name) for name in self.samples]


@dataclass(frozen=True)
class Part:
    """One part of a claim: pairs of values, and what each control leaves of their differences.

    Parameters
    ----------
    name : str
        The measure, or the arm.
    effect : Effect
        The mean difference.
    differences : ndarray, shape (n,)
        Of each pair; for small-worldness, of each network from 1.
    bound : float
        Smallest effect of interest, NaN if not computed.
    lefts : dict of str to (ndarray of shape (n,), float)
        By control, the primary one first: the differences left, and the noise of their nulls.
    """

    name: str
    effect: Effect
    differences: np.ndarray
    bound: float
    lefts: dict[str, tuple[np.ndarray, float]] = field(default_factory=dict)

    @property
    def within(self) -> bool:
        """Whether the effect lies within the smallest effect of interest."""
        nothing = np.zeros(len(self.differences))
        return self.bound > 0 and (
            stats.equivalence(self.differences, nothing, self.bound, "absolute").p < stats.ALPHA
        )

    @property
    def control(self) -> str:
        """The word about the primary control."""
        for left, _ in self.lefts.values():
            return stats.control_word(self.differences, left)
        return NOT_COMPUTED

    def words(self, correction: float, direction: int) -> str:
        """Return both words, p corrected as much as that of the claim."""
        p = min(1.0, self.effect.p * correction)
        word = stats.verdict(self.effect, p, direction, within=self.within)
        return f"{word}, {self.control}" if word.startswith(SURE) else word


CLAIMS = {
    facts["name"]: Claim(**facts, arm=ARMS.get(facts["name"][:2], ""))
    for entry in protocol.entries()
    for facts in entry.get("claims", [])
}


def parts_of(claim: Claim, study: Study) -> list[Part]:
    """Return the parts of a claim: its measures, or its arms if it is about all; else none.

    Parameters
    ----------
    claim : Claim
        A claim about networks or pairs of them.
    study : Study
        A study with vanilla networks and attacks; without the arm, there are no parts.
    """
    arms, seed = study.config.arms, study.config.seed
    pair, found = [claim.arm, "vanilla"], []
    asked = [(name, name, pair) for name in claim.samples if {*pair} <= {*arms}]
    if claim.name == "SW":
        asked = [(arm, "sigma", [arm]) for arm in arms if arm in CLAIMED]
    for part, name, compared in asked:
        table = matched.sample(study, name)[compared]
        differences, values = matched.difference(table), table.to_numpy().T
        if claim.arm:
            effect = stats.paired_effect(values[0], values[1], seed)
        else:
            differences -= 1
            effect = stats.one_sample_effect(values[0], 1.0, seed)
        bound, lefts = matched.smallest_effect(study, name), matched.lefts(study, name, *compared)
        found.append(Part(part, effect, differences, bound, lefts))
    return found


def ledger(study: Study, names: list[str] | None = None) -> pd.DataFrame:
    """Return the words about each claim that the arms of a study allow, by the protocol.

    Claims with several parts (every arm; clustering and modularity) are as good as their weakest
    part: its effect is shown, and the largest p counts. Holm's correction runs over all claims of
    the study, whichever are asked for.

    Parameters
    ----------
    study : Study
        A study with vanilla networks and attacks.
    names : list of str, optional
        Claims to return, by default all.

    Returns
    -------
    DataFrame
        Columns claim, verdict and control (the two words), words, measure, dataset, hidden,
        n_epochs; effect, low, high, cliffs_delta, hedges_g, p, p_holm, n, direction; bound (the
        smallest effect of interest), n_needed (pairs that would settle it); against (the control),
        left, left_low, left_high (what it leaves, 95%), noise (of the nulls, as a share of the
        spread of left), parts (words of each), aa (the same claim of vanilla against vanilla with
        another order of batches, empty without that arm); registered (the word by the first rule),
        adjusted, adjusted_low, adjusted_high (the effect after the registered control), leverage
        and se_ratio (of mean ``|r|``); densities (where the claimed sign holds by MTPC), protocol
        (its digest), page and figure.

    References
    ----------
    Berger (1982), doi:10.1080/00401706.1982.10487790, for claims with parts.
    """
    table = _ledger(study)
    return table[table["claim"].isin(names or CLAIMS)].reset_index(drop=True)


@functools.lru_cache(maxsize=8)
def _ledger(study: Study) -> pd.DataFrame:
    config = study.config
    run: dict[str, Any] = {"dataset": config.dataset, "hidden": "-".join(map(str, config.hidden))}
    run |= {"n_epochs": config.n_epochs, "protocol": protocol.digest()[:12]}
    rows = _judged([*CLAIMS.values()], study)
    claims = [CLAIMS[row["name"]] for row in rows]
    repeated = _judged([replace(claim, arm=AA) for claim in claims if claim.arm], study)
    aa = {row["name"]: row["both"] for row in repeated}
    first = [registered_control(claim, study) for claim in claims]
    words = registered(rows, [effect for effect, _ in first])
    for row, claim, word, (effect, far) in zip(rows, claims, words, first, strict=True):
        row |= run | PAGES[claim.name[:2]] | {"registered": word}
        row |= {"aa": aa.get(claim.name, ""), "densities": _densities(claim, study)}
        row |= {"adjusted": effect.mean, "adjusted_low": effect.low, "adjusted_high": effect.high}
        row["leverage"], row["se_ratio"] = far
    return pd.DataFrame(rows).rename(columns={"name": "claim", "mean": "effect"})[COLUMNS]


def _judged(claims: list[Claim], study: Study) -> list[dict[str, Any]]:
    """Return effects, what is left of them, and the two words, a row per claim."""
    rows: list[dict[str, Any]] = []
    for claim in claims:
        if claim.name == "CL" and len({*study.config.arms} & {*CLAIMED}) > 1:
            rows.append(vars(claim) | cluster_claim.clusters(study))
        elif parts := parts_of(claim, study):
            rows.append(vars(claim) | _of_parts(parts, claim.direction))
    for row, p in zip(rows, stats.holm([row["p"] for row in rows]), strict=True):
        word = stats.verdict(row["weakest"], p, row["direction"], within=row["within"])
        row |= {"p_holm": p, "n_needed": math.nan}
        row["control"] = row["control"] if word.startswith(SURE) else ""
        if row["name"] == "CL" and row["control"] in WORST[:3] and word.startswith("supported"):
            word += ", not specific"
        if word == "inconclusive" and row["spread"] * row["bound"] > 0:
            row["n_needed"] = stats.pairs_needed(row["spread"], row["bound"], len(rows))
        row |= {"verdict": word, "both": f"{word}, {row['control']}".removesuffix(", ")}
        row["parts"] = "; ".join(
            f"{part.name}: {part.words(p / row['p'], row['direction'])}" for part in row["parts"]
        )
    return rows


def _of_parts(parts: list[Part], side: int) -> dict[str, Any]:
    """Return the row of the weakest part, with the largest p and the worst word of all."""
    least = min(parts, key=lambda part: (side * part.effect.hedges_g, side * part.effect.mean))
    row = vars(least.effect) | {
        "p": max(part.effect.p for part in parts),
        "weakest": least.effect,
        "within": all(part.within for part in parts),
        "spread": least.differences.std(ddof=1),
        "bound": least.bound,
        "control": min((part.control for part in parts), key=WORST.index),
        "parts": parts if len(parts) > 1 else [],
    }
    return row | matched.left_of(least.lefts)


def _densities(claim: Claim, study: Study) -> str:
    """Say over which densities the sign of a graph measure is the claimed one."""
    grid = np.array(study.config.densities)
    if not claim.sweep or (claim.arm and len(grid) < 2):
        return ""
    holds = np.ones(len(grid), bool)
    for name in claim.sweep:
        tables = [study.measure(name, density) for density in grid]
        curves = {arm: np.column_stack([table[arm] for table in tables]) for arm in tables[0]}
        if claim.arm:
            test = stats.mtpc(curves[claim.arm], curves["vanilla"], grid, study.config.seed)
            holds &= np.isin(grid, test.survives) & (np.sign(test.statistic) == claim.direction)
        else:
            holds &= np.all([curve.mean(axis=0) > 1 for curve in curves.values()], axis=0)
    return f"{int(holds.sum())} of {len(grid)}"
