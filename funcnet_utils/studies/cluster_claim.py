"""The claim on clusters: one index per run, and its lead over what is simpler than topology."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from funcnet_utils import clustering, stats, topology
from funcnet_utils.stats import Effect
from funcnet_utils.studies import matched
from funcnet_utils.studies.matched import AGAINST, CLAIMED, NOT_COMPUTED, NOTHING
from funcnet_utils.studies.study import Study

CLUSTER_METHOD = "average"
LEAST = 2
"""Networks of each arm that a baseline is chosen and tested on."""


@functools.lru_cache(maxsize=8)
class _Clusters:
    """Distances of the networks of a study, and how well clusters of them agree with the arms."""

    def __init__(self, study: Study) -> None:
        keys = [key for key in study.diagrams if key[0] in CLAIMED]
        self.arms = np.array([arm for arm, _ in keys])
        self.even = np.array([network % 2 == 0 for _, network in keys])
        self.k, self.seed = len(set(self.arms)), study.config.seed
        diagrams = [study.diagrams[key][1] for key in keys]
        self.distances = {"topology": topology.sliced_wasserstein_matrix(diagrams)}
        try:
            strengths = [study.functional_network(*key).strength for key in keys]
        except ValueError:  # published studies keep few correlations
            return
        networks = study.networks.set_index(["arm", "network"]).loc[keys]
        density = study.config.density
        self.distances |= clustering.baseline_distances(networks, strengths, density=density)

    def part(self, name: str, rows: np.ndarray) -> np.ndarray:
        return self.distances[name][np.ix_(rows, rows)]

    def ari(self, name: str, rows: np.ndarray) -> float:
        labels = clustering.cluster(self.part(name, rows), self.k, CLUSTER_METHOD, self.seed)
        return float(adjusted_rand_score(self.arms[rows], labels))

    def interval(self, rows: np.ndarray, baseline: np.ndarray | None = None) -> tuple[float, float]:
        how = self.k, CLUSTER_METHOD, self.seed
        topological = self.part("topology", rows)
        return clustering.bootstrap_ari(topological, self.arms[rows], *how, baseline=baseline)

    def lead(self, chosen: np.ndarray, rows: np.ndarray) -> tuple[str, float, float, float]:
        """Return the best baseline on some networks, and the lead over it on others."""
        _, *baselines = self.distances
        best = max(baselines, key=lambda name: self.ari(name, chosen))
        index = self.ari("topology", rows) - self.ari(best, rows)
        return best, index, *self.interval(rows, self.part(best, rows))


def clusters(study: Study) -> dict[str, Any]:
    """Return the row of the claim on clusters, and the word about its control.

    Parameters
    ----------
    study : Study
        A study with at least two arms of the paper.
    """
    found, whole = _Clusters(study), np.arange(len(_Clusters(study).arms))
    index, (low, high) = found.ari("topology", whole), found.interval(whole)
    labels = clustering.cluster(found.distances["topology"], found.k, CLUSTER_METHOD, found.seed)
    p = clustering.permutation_p(found.arms, labels, found.seed, n_permutations=9_999)
    effect = Effect(index, low, high, math.nan, math.nan, p, len(whole))
    bound = matched.smallest_effect(study, "ari")
    row = vars(effect) | {"weakest": effect, "within": -bound < low and high < bound}
    row |= {"spread": math.nan, "bound": bound, "control": NOT_COMPUTED, "parts": []}
    row |= matched.left_of({})
    odd, even = np.flatnonzero(~found.even), np.flatnonzero(found.even)
    if len(found.distances) > 1 and len(odd) >= LEAST * found.k:
        best, row["left"], low, high = found.lead(even, odd)
        row |= {"left_low": low, "left_high": high, "against": f"{AGAINST['baseline']}: {best}"}
        side, third = math.copysign(1, index), abs(index) * stats.PART
        low, high = sorted((side * low, side * high))
        row["control"] = "holds" if low > 0 else "reversed" if high < 0 else "undecided"
        if -third < low and high < third:
            row["control"] = "explained"
    return row


def lead(study: Study) -> Effect:
    """Return the lead over the best baseline, both on the same networks, as first registered.

    Parameters
    ----------
    study : Study
        As for `clusters`.
    """
    found, whole = _Clusters(study), np.arange(len(_Clusters(study).arms))
    if len(found.distances) == 1:
        return NOTHING
    _, mean, low, high = found.lead(whole, whole)
    # a bootstrap has no p: the rule asked whether the interval of the lead contains 0
    p = 0.0 if low * high > 0 else 1.0
    return Effect(mean, low, high, math.nan, math.nan, p, len(whole))
