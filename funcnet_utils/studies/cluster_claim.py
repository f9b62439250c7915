"""The claim on clusters: one index per run, and its lead over what is simpler than topology."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from funcnet_utils import clustering, stats, topology
from funcnet_utils.stats import Effect
from funcnet_utils.studies.matched import (
    AGAINST,
    CLAIMED,
    NOT_COMPUTED,
    NOTHING,
    smallest_effect,
)
from funcnet_utils.studies.study import Study

CLUSTER_METHOD = "average"
LEAST = 2
"""Networks of each arm that a baseline is chosen and tested on."""


class _Clusters:
    """Distances of the networks of a study, and how well clusters of them agree with the arms."""

    def __init__(self, study: Study) -> None:
        keys = [key for key in study.diagrams if key[0] in CLAIMED]
        self.arms = np.array([arm for arm, _ in keys])
        self.even = np.array([network % 2 == 0 for _, network in keys])
        self.k, self.seed = len(set(self.arms)), study.config.seed
        diagrams = [study.diagrams[key][1] for key in keys]
        self.distances = {"topology": topology.sliced_wasserstein_matrix(diagrams)}
        networks = study.networks.set_index(["arm", "network"]).loc[keys]
        try:
            strengths = [study.functional_network(*key).strength for key in keys]
        except ValueError:  # published studies keep few correlations
            self.baselines = []
        else:
            found = clustering.baseline_distances(networks, strengths, density=study.config.density)
            self.distances |= found
            self.baselines = list(found)

    def part(self, name: str, rows: np.ndarray) -> np.ndarray:
        return self.distances[name][np.ix_(rows, rows)]

    def ari(self, name: str, rows: np.ndarray) -> float:
        labels = clustering.cluster(self.part(name, rows), self.k, CLUSTER_METHOD, self.seed)
        return float(adjusted_rand_score(self.arms[rows], labels))

    def best(self, rows: np.ndarray) -> str:
        return max(self.baselines, key=lambda name: self.ari(name, rows))

    def interval(self, rows: np.ndarray, baseline: str = "") -> tuple[float, float]:
        other = self.part(baseline, rows) if baseline else None
        how = self.k, CLUSTER_METHOD, self.seed
        topological = self.part("topology", rows)
        return clustering.bootstrap_ari(topological, self.arms[rows], *how, baseline=other)


_clusters = functools.lru_cache(maxsize=8)(_Clusters)


def clusters(study: Study) -> dict[str, Any]:
    """Return the row of the claim on clusters, and the word about its control.

    Parameters
    ----------
    study : Study
        A study with at least two arms of the paper.
    """
    found, whole = _clusters(study), np.arange(len(_clusters(study).arms))
    index, (low, high) = found.ari("topology", whole), found.interval(whole)
    labels = clustering.cluster(found.distances["topology"], found.k, CLUSTER_METHOD, found.seed)
    p = clustering.permutation_p(found.arms, labels, found.seed, n_permutations=9_999)
    effect = Effect(index, low, high, math.nan, math.nan, p, len(whole))
    bound = smallest_effect(study, "ari")
    row = vars(effect) | {"weakest": effect, "within": -bound < low and high < bound}
    row |= {"spread": math.nan, "bound": bound, "control": NOT_COMPUTED, "against": "", "parts": []}
    row |= dict.fromkeys(("left", "left_low", "left_high", "noise"), math.nan)
    odd, even = np.flatnonzero(~found.even), np.flatnonzero(found.even)
    if found.baselines and len(odd) >= LEAST * found.k:
        best = found.best(even)
        low, high = found.interval(odd, best)
        side, third = math.copysign(1, index), abs(index) * stats.PART
        explained = -third < low and high < third
        word = "holds" if side * low > 0 and side * high > 0 else "undecided"
        word = "reversed" if side * low < 0 and side * high < 0 else word
        row |= {"control": "explained" if explained else word}
        row |= {"left": found.ari("topology", odd) - found.ari(best, odd), "left_low": low}
        row |= {"left_high": high, "against": f"{AGAINST['baseline']}: {best}"}
    return row


def lead(study: Study) -> Effect:
    """Return the lead over the best baseline, both on the same networks, as first registered.

    Parameters
    ----------
    study : Study
        As for `clusters`.
    """
    found, whole = _clusters(study), np.arange(len(_clusters(study).arms))
    if not found.baselines:
        return NOTHING
    best = found.best(whole)
    low, high = found.interval(whole, best)
    mean = found.ari("topology", whole) - found.ari(best, whole)
    # a bootstrap has no p: the rule asked whether the interval of the lead contains 0
    p = 0.0 if low * high > 0 else 1.0
    return Effect(mean, low, high, math.nan, math.nan, p, len(whole))
