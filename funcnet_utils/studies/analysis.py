"""Analyse one functional network: from correlations to the rows of the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funcnet_utils import graphs, topology
from funcnet_utils.correlation import strength
from funcnet_utils.studies.config import StudyConfig

SMALL_WORLD_FIELDS = ("sigma", "sigma_sd", "omega", "phi", "C_rand", "L_rand")


def analyse_network(
    config: StudyConfig, correlation: np.ndarray, layers: np.ndarray, network: int
) -> tuple[dict[str, pd.DataFrame], list[np.ndarray]]:
    """Return the measures and the persistence diagrams of one functional network.

    The null graphs of network k draw from the same seed in every arm, so arms that are equal stay
    equal.

    Parameters
    ----------
    config : StudyConfig
        Densities, null graphs, seed and what to do with dead units.
    correlation : ndarray, shape (n_hidden, n_hidden)
        Signed correlations, as `funcnet_utils.models.correlations` returns them.
    layers : ndarray of int, shape (n_hidden,)
        Layer of each unit.
    network : int
        Number of the network, for its seed.

    Returns
    -------
    tables : dict of DataFrame
        "networks" (one row), "graph_measures" and "loops", without the arm and the network.
    diagrams : list of ndarray
        Persistence diagrams [H0, H1], each of shape (m, 2).
    """
    weights, units = strength(correlation, config.dead, config.precision)
    seed = int(np.random.SeedSequence(config.seed, spawn_key=(network, 3)).generate_state(1)[0])
    diagrams = topology.persistence(1 - weights - np.eye(len(weights)))
    pairs = weights[np.triu_indices(len(weights), 1)]
    facts = {
        "n_units": len(units),
        "n_dead": int((np.diagonal(correlation) == 0).sum()),
        "mean_abs_r": pairs.mean(),
        "sd_abs_r": pairs.std(),
    }
    tables = {
        "networks": pd.DataFrame([facts]),
        "graph_measures": pd.concat(
            [
                _density_sweep(config, weights, layers[units], seed),
                _correlation_null(config, correlation[np.ix_(units, units)], seed),
            ],
            ignore_index=True,
        ),
        "loops": pd.concat(
            [_summary(dimension, diagram) for dimension, diagram in enumerate(diagrams)],
            ignore_index=True,
        ),
    }
    return tables, diagrams


def _density_sweep(
    config: StudyConfig, weights: np.ndarray, layers: np.ndarray, seed: int
) -> pd.DataFrame:
    stack = np.stack([graphs.spanning_density_graph(weights, d) for d in config.densities])
    small_world = graphs.small_world(stack, config.n_null, seed)
    measures = graphs.all_measures(stack, seed, labels=layers)
    measures |= {name: getattr(small_world, name) for name in SMALL_WORLD_FIELDS}
    table = pd.DataFrame({"density": config.densities, **measures})
    return table.melt("density", var_name="measure")


def _correlation_null(config: StudyConfig, correlation: np.ndarray, seed: int) -> pd.DataFrame:
    """Small-worldness of graphs cut from random correlation matrices of matched moments."""
    nulls = np.abs(graphs.hqs(correlation, config.n_null, seed))
    stack = np.stack([graphs.spanning_density_graph(null, config.density) for null in nulls])
    sigma = graphs.small_world(stack, config.n_null, seed).sigma
    return pd.DataFrame(
        {
            "density": config.density,
            "measure": ["sigma_hqs", "sigma_hqs_sd"],
            "value": [sigma.mean(), sigma.std()],
        }
    )


def _summary(dimension: int, diagram: np.ndarray) -> pd.DataFrame:
    summary = topology.summary(diagram)
    return pd.DataFrame(
        {
            "dimension": dimension,
            "measure": list(summary),
            "value": [float(value) for value in summary.values()],
        }
    )
