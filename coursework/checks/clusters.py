"""Checks of the chapter on clustering."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score

from coursework.checks.core import Solution, exercise
from funcnet_utils import clustering, topology

SIMPLE = ["mean_abs_r", "sd_abs_r", "train_loss", "weight_norm"]


def ari(study: Any, distances: np.ndarray) -> float:
    """Return the adjusted Rand index of the arms of a study and clusters of its networks.

    Parameters
    ----------
    study : Study
        The reader's run.
    distances : ndarray, shape (n, n)
        Distances between its networks, in the order of `study.diagrams`.
    """
    arms = [arm for arm, _ in study.diagrams]
    labels = clustering.cluster(distances, len(study.config.arms), seed=study.config.seed)
    return float(adjusted_rand_score(arms, labels))


@exercise("cl-ex-2")
def number_or_shape(trained: Any) -> Solution:
    """Return the loops kept, indices of their number and places, and the mean distance."""
    loops = [h1 for _, h1 in trained.diagrams.values()]
    numbers = np.array([len(diagram) for diagram in loops])
    rng, kept = np.random.default_rng(trained.config.seed), numbers.min()
    thinned = [rng.choice(diagram, kept, replace=False) for diagram in loops]
    number = ari(trained, clustering.feature_distances(numbers))
    place, whole = (topology.sliced_wasserstein_matrix(each) for each in (thinned, loops))
    mean, mean_whole = (squareform(each, checks=False).mean() for each in (place, whole))
    index = ari(trained, place)
    return Solution(
        [kept, number, index, mean],
        tolerance=[0, 1e-6, 1e-6, 1e-6],
        unthinned=[kept, number, ari(trained, whole), mean_whole],
        unthinned2=[kept, number, index, mean_whole],
        most=[numbers.max(), number, index, mean],
        diagonal=[kept, number, index, place.mean()],
    )


@exercise("cl-ex-3")
def taken_away(trained: Any) -> Solution:
    """Return the indices before and after a regression, and the share of variance left."""
    grid = np.linspace(0, 1, 101)
    curves = np.array(
        [topology.betti_curve(h1, grid) for _, h1 in trained.diagrams.values()], dtype=float
    )
    curves -= curves.mean(axis=0)
    table = trained.networks.set_index(["arm", "network"]).loc[list(trained.diagrams), SIMPLE]
    predictors = ((table - table.mean()) / table.std()).to_numpy()
    fit = predictors @ np.linalg.lstsq(predictors, curves, rcond=None)[0]
    rest = curves - fit
    share = (rest**2).sum() / (curves**2).sum()
    before, after = (ari(trained, topology.l2_matrix(each)) for each in (curves, rest))
    return Solution(
        [before, after, share],
        explained=[before, after, 1 - share],
        fitted=[before, ari(trained, topology.l2_matrix(fit)), share],
        root=[before, after, share**0.5],
    )
