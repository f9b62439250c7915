"""Distances between networks: by topology, and by the simpler quantities topology must beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from funcnet_utils import graphs, topology
from funcnet_utils.clustering.unseen import feature_distances

N_QUANTILES = 1_001


def topological_distances(
    diagrams: Sequence[np.ndarray],
    weights: Sequence[np.ndarray] | None = None,
    *,
    n_steps: int = 101,
    workers: int = 1,
    progress: bool = False,
) -> dict[str, np.ndarray]:
    """Return all distances between networks by their topology.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        H1 diagram of each of N networks, with filtration values in [0, 1].
    weights : sequence of ndarray, each of shape (n, n), optional
        ``|r|`` of each network, for the graph filtration. Smaller networks are filled up with
        units of weight 0.
    n_steps : int, default=101
        Steps of the curves over [0, 1]; their distances are integrals.
    workers : int, default=1
        Threads or processes for the distances of points.
    progress : bool, default=False
        Show bars on standard error.

    Returns
    -------
    dict of str to ndarray, each of shape (N, N)
        "wasserstein" (order 2), "bottleneck", "sliced_wasserstein", L2 of "betti_curve",
        "landscape", "image" and "silhouette", and with weights "graph_filtration".

    Examples
    --------
    >>> found = topological_distances([np.array([[0.0, 1.0]]), np.array([[0.0, 0.5]])])
    >>> float(found["wasserstein"][0, 1])
    0.5
    """
    grid = np.linspace(0, 1, n_steps)
    step = np.sqrt(grid[1] - grid[0])
    found = {
        "wasserstein": topology.wasserstein_matrix(diagrams, workers=workers, progress=progress),
        "bottleneck": topology.bottleneck_matrix(diagrams, workers=workers, progress=progress),
        "sliced_wasserstein": topology.sliced_wasserstein_matrix(
            diagrams, workers=workers, progress=progress
        ),
        "betti_curve": step * topology.l2_matrix([topology.betti_curve(d, grid) for d in diagrams]),
        "landscape": step * topology.l2_matrix([topology.landscape(d, grid) for d in diagrams]),
        "image": topology.l2_matrix([topology.persistence_image(d) for d in diagrams]),
        "silhouette": step * topology.l2_matrix([topology.silhouette(d, grid) for d in diagrams]),
    }
    if weights is not None:
        size = max(len(matrix) for matrix in weights)
        padded = [np.pad(matrix, (0, size - len(matrix))) for matrix in weights]
        found["graph_filtration"] = topology.graph_filtration_matrix(padded)
    return found


def baseline_distances(
    networks: pd.DataFrame,
    weights: Sequence[np.ndarray] | None = None,
    weight_norm: ArrayLike | None = None,
    density: float = 0.05,
) -> dict[str, np.ndarray]:
    """Return distances between networks by what is simpler than topology.

    If one of these tells the arms apart as well as persistence diagrams do, topology gets no
    credit.

    Parameters
    ----------
    networks : DataFrame
        One row a network, as `Study.networks`: mean_abs_r, sd_abs_r, train_loss.
    weights : sequence of ndarray, each of shape (n, n), optional
        ``|r|`` of the same networks in the same order.
    weight_norm : sequence of float, optional
        Norm of the weight matrices of each network, by default the column of `networks` if there.
        The scales of batch norm must not count: one arm has them before any training.
    density : float, default=0.05
        Density of the graphs whose degrees are compared.

    Returns
    -------
    dict of str to ndarray, each of shape (N, N)
        "mean_abs_r", "sd_abs_r", "train_loss", "weight_norm" (if known): in standard deviations.
        With weights, "degrees" and "edge_weights": 2-Wasserstein distances between the
        distributions of the degrees, as shares of the nodes, and of ``|r|`` over all pairs; so
        networks may differ in size.

    Raises
    ------
    ValueError
        If weights or norms are not one a network, or the density is below that of a tree.

    Examples
    --------
    >>> table = pd.DataFrame({"mean_abs_r": [0.1, 0.3], "sd_abs_r": 0.2, "train_loss": [1, 0]})
    >>> list(baseline_distances(table))
    ['mean_abs_r', 'sd_abs_r', 'train_loss']
    """
    if weights is not None and len(weights) != len(networks):
        raise ValueError(
            f"there are {len(weights)} weights for {len(networks)} networks: give one of each."
        )
    found = {
        name: feature_distances(networks[name].to_numpy())
        for name in ("mean_abs_r", "sd_abs_r", "train_loss")
    }
    if weight_norm is None and "weight_norm" in networks:
        weight_norm = networks["weight_norm"].to_numpy()
    if weight_norm is not None:
        found["weight_norm"] = feature_distances(weight_norm)
        if len(found["weight_norm"]) != len(networks):
            raise ValueError(
                f"there are {len(found['weight_norm'])} weight norms for {len(networks)} networks: "
                "give one of each."
            )
    if weights is not None:
        found["degrees"] = _distribution_distances([_degrees(w, density) for w in weights])
        pairs = [np.asarray(w)[np.triu_indices(len(w), 1)] for w in weights]
        found["edge_weights"] = _distribution_distances(pairs)
    return found


def _degrees(weights: np.ndarray, density: float) -> np.ndarray:
    return graphs.spanning_density_graph(weights, density).sum(axis=0) / (len(weights) - 1)


def _distribution_distances(samples: Sequence[np.ndarray]) -> np.ndarray:
    """Return 2-Wasserstein distances of samples, from their quantiles."""
    levels = (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES
    quantiles = [np.quantile(sample, levels, method="inverted_cdf") for sample in samples]
    return topology.l2_matrix(quantiles) / np.sqrt(N_QUANTILES)
