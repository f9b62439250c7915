"""Distances between networks: by topology, and by the simpler quantities topology must beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from funcnet_utils import graphs, topology
from funcnet_utils.clustering.methods import Labels
from funcnet_utils.errors import as_numbers, check_labels, check_square, power_of_2

GRID = np.linspace(0, 1, 101)
N_QUANTILES = 1_001
NUMBERS = ("mean_abs_r", "sd_abs_r", "train_loss", "weight_norm")


def topological_distances(
    diagrams: Sequence[np.ndarray], strengths: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """Return all distances between networks by their topology.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        H1 diagram of each of N networks, with filtration values in [0, 1].
    strengths : sequence of ndarray, each of shape (n, n)
        ``|r|`` of each network, for the graph filtration. Smaller networks are filled up with
        units of strength 0.

    Returns
    -------
    dict of str to ndarray, each of shape (N, N)
        "wasserstein" (order 2), "bottleneck", "sliced_wasserstein", L2 of "betti_curve",
        "landscape" and "silhouette" over [0, 1], and of "image"; "graph_filtration".
    """
    root = np.sqrt(GRID[1] - GRID[0])  # of the step, so that distances of curves are integrals
    given = [check_square("a strength", matrix, one=True) for matrix in strengths]
    size = max((len(matrix) for matrix in given), default=0)
    padded = [np.pad(matrix, (0, size - len(matrix))) for matrix in given]
    return {
        "wasserstein": topology.wasserstein_matrix(diagrams),
        "bottleneck": topology.bottleneck_matrix(diagrams),
        "sliced_wasserstein": topology.sliced_wasserstein_matrix(diagrams),
        "betti_curve": root * topology.l2_matrix([topology.betti_curve(d, GRID) for d in diagrams]),
        "landscape": root * topology.l2_matrix([topology.landscape(d, GRID) for d in diagrams]),
        "image": topology.l2_matrix([topology.persistence_image(d) for d in diagrams]),
        "silhouette": root * topology.l2_matrix([topology.silhouette(d, GRID) for d in diagrams]),
        "graph_filtration": topology.graph_filtration_matrix(padded),
    }


def baseline_distances(
    networks: pd.DataFrame, strengths: Sequence[np.ndarray], density: float = 0.05
) -> dict[str, np.ndarray]:
    """Return distances between networks by what is simpler than topology.

    If one of these tells the arms apart as well as persistence diagrams do, topology gets no
    credit.

    Parameters
    ----------
    networks : DataFrame
        One row per network, as `Study.networks`: mean_abs_r, sd_abs_r, train_loss and weight_norm,
        the norm of the weight matrices. The scales of batch norm must not count there: one arm has
        them before any training.
    strengths : sequence of ndarray, each of shape (n, n)
        ``|r|`` of the same networks in the same order.
    density : float, default=0.05
        Density of the graphs whose degrees are compared, not below that of a tree.

    Returns
    -------
    dict of str to ndarray, each of shape (N, N)
        The four columns in standard deviations; "degrees" and "edge_weights": 2-Wasserstein
        distances between the distributions of the degrees, as shares of the nodes, and of ``|r|``
        over all pairs; so networks may differ in size.
    """
    if len(strengths) != len(networks):
        raise ValueError(
            f"there are {len(strengths)} strengths for {len(networks)} networks: give one of each."
        )
    counts = [graphs.spanning_density_graph(s, density).sum(axis=0) for s in strengths]
    degrees = [degree / (len(degree) - 1) for degree in counts]
    pairs = [np.asarray(s)[np.triu_indices(len(s), 1)] for s in strengths]
    return {name: feature_distances(networks[name]) for name in NUMBERS} | {
        "degrees": _distribution_distances(degrees),
        "edge_weights": _distribution_distances(pairs),
    }


def feature_distances(features: ArrayLike, groups: Labels | None = None) -> np.ndarray:
    """Return the (n, n) Euclidean distances of features in units of their standard deviation.

    Parameters
    ----------
    features : array_like, shape (n, n_features) or (n,)
        One row per network.
    groups : sequence, shape (n,), optional
        Standardise within each group, so that a data set that shifts a feature for all its
        networks does not hide the arms. No arm is looked at.
    """
    table = as_numbers("features", features).astype(float)
    if not table.size:
        raise ValueError("features are empty: give a row per network.")
    table = table.reshape(len(table), -1)
    table /= np.array([power_of_2(column) for column in np.abs(table).max(axis=0)])
    group = check_labels(np.zeros(len(table)) if groups is None else groups, len(table))
    scaled = np.empty_like(table)
    for members in (group == one for one in np.unique(group)):
        part, spread = table[members], table[members].std(axis=0)
        scaled[members] = (part - part.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.sqrt(((scaled[:, None] - scaled[None]) ** 2).sum(axis=-1))


def _distribution_distances(samples: Sequence[np.ndarray]) -> np.ndarray:
    """Return 2-Wasserstein distances of samples, from their quantiles."""
    levels = (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES
    quantiles = [np.quantile(sample, levels, method="inverted_cdf") for sample in samples]
    return topology.l2_matrix(quantiles) / np.sqrt(N_QUANTILES)
