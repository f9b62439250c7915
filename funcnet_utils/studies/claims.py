"""The claims of the paper, fixed before any run, and the ledger of their verdicts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from funcnet_utils import clustering, stats, topology
from funcnet_utils.models import attack_auc
from funcnet_utils.stats import Effect
from funcnet_utils.studies.study import Study

CLUSTER_METHOD = "average"
PAGES = {
    "SW": {"page": "small_world", "figure": "fig-sw-sigma"},
    "BN": {"page": "batch_norm", "figure": "fig-bn-effects"},
    "DO": {"page": "dropout", "figure": "fig-do-effects"},
    "CL": {"page": "clustering", "figure": "fig-cl-embedding"},
}
"""Where the book looks at the claims of a family."""
ARMS = {"BN": "batch_norm", "DO": "dropout"}
COLUMNS = [
    *("claim", "words", "measure", "dataset", "hidden", "n_epochs", "effect", "low", "high"),
    *("cliffs_delta", "hedges_g", "p", "p_holm", "n", "verdict", "direction"),
    *("left", "left_low", "left_high", "left_p", "left_p_holm", "densities", "page", "figure"),
]
NOTHING = Effect(math.nan, math.nan, math.nan, math.nan, math.nan, math.nan, 0)
"""What is left of an effect that has no control."""
GRAPH_MEASURES = ("sigma", "global_efficiency", "local_efficiency", "clustering", "modularity")
Sample = pd.DataFrame
"""A measure with a row per network and a column per arm."""


@dataclass(frozen=True)
class Claim:
    """One claim, how it is measured, and where the book looks at it.

    Parameters
    ----------
    name : str
        Short name, as in "BN-eff".
    words : str
        The claim in the words of the paper's abstract.
    measure : str
        What is measured, in words.
    direction : {1, -1}
        Sign that the claim gives the effect.
    arm : str, default=""
        Arm that is compared with vanilla; empty for claims about all arms.
    samples : tuple of str
        What is measured, a name for each part of the claim: a column of `Study.networks`, a graph
        measure, "loops" or "robust_area".
    """

    name: str
    words: str
    measure: str
    direction: int
    arm: str = ""
    samples: tuple[str, ...] = ()

    @property
    def sweep(self) -> list[str]:
        """Graph measures whose sign is followed over all densities."""
        return [name for name in self.samples if name in GRAPH_MEASURES]

    def values(self, study: Study) -> list[Sample]:
        """Return the measures of each network, one table for each part of the claim."""
        return [_sample(study, name) for name in self.samples]


def robust_area(study: Study, attack: str = "worst") -> Sample:
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


def _sample(study: Study, name: str) -> Sample:
    if name == "robust_area":
        return robust_area(study)
    if name == "loops":
        return study.loop_measure("count")
    return study.network_measure(name) if name in study.networks else study.measure(name)


# name | words of the abstract | what is measured, in words | claimed sign | samples
TABLE = """
SW | functional networks are small-world | small-worldness σ, minus 1 | +1 | sigma
BN-acc | batch normalization enhances model performance | test accuracy | +1 | test_accuracy
BN-eff | … by increasing the global efficiency | global efficiency | +1 | global_efficiency
BN-loops | … and the number of loops | loops | +1 | loops
BN-rob | … but reduces adversarial robustness | robust accuracy | -1 | robust_area
BN-ft | … by lowering the fault tolerance | local efficiency | -1 | local_efficiency
DO-gen | dropout improves generalization | generalization gap | -1 | generalization_gap
DO-rob | … and robustness of models | robust accuracy | +1 | robust_area
DO-spec | … by improving the functional specialization | clustering and modularity | +1 \
    | clustering modularity
DO-ft | … and fault tolerance | local efficiency | +1 | local_efficiency
CL | models cluster correctly by their functional topology | adjusted Rand index | +1 |
"""


def _claim(line: str) -> Claim:
    name, words, measure, sign, samples = (cell.strip() for cell in line.split("|"))
    return Claim(name, words, measure, int(sign), ARMS.get(name[:2], ""), tuple(samples.split()))


CLAIMS = {claim.name: claim for claim in map(_claim, TABLE.strip().splitlines())}


def ledger(study: Study, names: list[str] | None = None) -> pd.DataFrame:
    """Return the verdict on each claim that the arms of a study allow, by the rule fixed before.

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
        Columns claim, words, measure, dataset, hidden, n_epochs, n, effect, low, high,
        cliffs_delta, hedges_g, p, p_holm, verdict, left (the effect once mean ``|r|``, or the null
        model, is accounted for; NaN where nothing is), left_low, left_high, left_p, left_p_holm,
        densities (where the claimed sign holds by MTPC), direction, page and figure.

    References
    ----------
    Berger (1982), doi:10.1080/00401706.1982.10487790, for claims with parts.
    """
    config = study.config
    run: dict[str, Any] = {"dataset": config.dataset, "hidden": "-".join(map(str, config.hidden))}
    run["n_epochs"] = config.n_epochs
    rows = []
    for claim in CLAIMS.values():
        if found := _effects(claim, study):
            effect, left = (vars(each) for each in found)
            rest = {f"left_{name}": value for name, value in left.items()}
            densities = {"densities": _densities(claim, study)}
            rows.append(run | vars(claim) | effect | rest | densities | PAGES[claim.name[:2]])
    table = pd.DataFrame(rows).rename(
        columns={"name": "claim", "mean": "effect", "left_mean": "left"}
    )
    for p in ("p", "left_p"):
        table[f"{p}_holm"] = pd.Series(stats.holm(table[p].dropna()), table[p].dropna().index)
    table = table.assign(verdict=stats.judged(table))[COLUMNS]
    return table if names is None else table[table["claim"].isin(names)].reset_index(drop=True)


def _effects(claim: Claim, study: Study) -> tuple[Effect, Effect] | None:
    """Return the effect of the weakest part, and what is left of it; NaN without a control."""
    seed, arms = study.config.seed, study.config.arms
    if claim.name == "SW":
        sigma, null = study.measure("sigma"), study.measure("sigma_hqs")
        parts = [stats.one_sample_effect(sigma[arm], 1.0, seed) for arm in arms]
        beyond = [stats.paired_effect(sigma[arm], null[arm], seed) for arm in arms]
        return _weakest(parts, 1), _weakest(beyond, 1)
    if claim.name == "CL":
        return _cluster_effects(study) if len(arms) > 1 else None
    if claim.arm not in arms or "vanilla" not in arms:
        return None
    pairs = [(table[claim.arm], table["vanilla"]) for table in claim.values(study)]
    effect = _weakest([stats.paired_effect(*pair, seed) for pair in pairs], claim.direction)
    if not (claim.sweep or "loops" in claim.samples):  # mean |r| cannot explain it
        return effect, NOTHING
    mean_r = study.network_measure("mean_abs_r")
    covariate = mean_r[claim.arm], mean_r["vanilla"]
    rest = [stats.adjusted_effect(*pair, *covariate, seed) for pair in pairs]
    return effect, _weakest(rest, claim.direction)


def _weakest(effects: Iterable[Effect], direction: int) -> Effect:
    """Return the effect that speaks least for the claim, with the largest p of all parts."""
    parts = list(effects)
    least = min(parts, key=lambda effect: (direction * effect.hedges_g, direction * effect.mean))
    return replace(least, p=max(effect.p for effect in parts))


def _cluster_effects(study: Study) -> tuple[Effect, Effect]:
    """Return the adjusted Rand index, and its lead over the best baseline without topology."""
    arms = [arm for arm, _ in study.diagrams]
    k, seed = len(study.config.arms), study.config.seed
    networks = study.networks.set_index(["arm", "network"]).loc[list(study.diagrams)]
    strengths = [study.functional_network(*key).strength for key in study.diagrams]
    baselines = clustering.baseline_distances(networks, strengths, density=study.config.density)
    topological = topology.sliced_wasserstein_matrix([h1 for _, h1 in study.diagrams.values()])
    found = {
        name: clustering.cluster(distances, k, CLUSTER_METHOD, seed)
        for name, distances in {**baselines, "topology": topological}.items()
    }
    ari = {name: adjusted_rand_score(arms, labels) for name, labels in found.items()}
    best = max(baselines, key=lambda name: ari[name])
    how = topological, arms, k, CLUSTER_METHOD, seed
    low, high = clustering.bootstrap_ari(*how)
    lead = clustering.bootstrap_ari(*how, baseline=baselines[best])
    p = clustering.permutation_p(arms, found["topology"], seed, n_permutations=9_999)
    # a bootstrap has no p: the rule asks whether the interval of the lead holds 0
    lead_p = 0.0 if lead[0] * lead[1] > 0 else 1.0
    return (
        Effect(ari["topology"], low, high, math.nan, math.nan, p, len(arms)),
        Effect(ari["topology"] - ari[best], *lead, math.nan, math.nan, lead_p, len(arms)),
    )


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
