"""Analyse one functional network: from correlations to the rows of the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funcnet_utils import graphs, topology
from funcnet_utils.models import functional_weights
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
        "nodes" (one row), "graph_measures" and "loops", without the arm and the network.
    diagrams : list of ndarray
        Persistence diagrams [H0, H1], each of shape (m, 2).

    Raises
    ------
    ValueError
        If a density is below what a spanning tree of the live units needs.
    """
    strength, units = functional_weights(correlation, config.dead, config.precision)
    n_dead = int((np.diagonal(correlation) == 0).sum())
    if config.densities[0] < (least := 2 / max(len(units), 2)):
        raise ValueError(
            f"density {config.densities[0]} is too low for network {network}: {n_dead} of its "
            f"{len(correlation)} units are dead, and a spanning tree of the others needs "
            f"{least:.4g}. Choose densities from [{least:.4g}, 1] or dead='zero'; the trained "
            "networks are kept."
        )
    seed = int(np.random.SeedSequence(config.seed, spawn_key=(network, 3)).generate_state(1)[0])
    diagrams = topology.persistence(1 - strength - np.eye(len(strength)))
    pairs = strength[np.triu_indices(len(strength), 1)]
    facts = {
        "n_units": len(units),
        "n_dead": n_dead,
        "mean_abs_r": pairs.mean(),
        "sd_abs_r": pairs.std(),
    }
    signed = correlation[np.ix_(units, units)]
    np.fill_diagonal(signed, 1)  # a dead unit that stays a node correlates with itself alone
    measures = [
        _density_sweep(config, strength, layers[units], seed),
        _correlation_null(config, signed, seed),
    ]
    loops = [
        pd.DataFrame({"measure": list(found), "value": np.array(list(found.values()), float)})
        for found in map(topology.summary, diagrams)
    ]
    return {
        "nodes": pd.DataFrame([facts]),
        "graph_measures": pd.concat(measures, ignore_index=True),
        "loops": pd.concat(loops, keys=range(len(loops)), names=["dimension"])
        .reset_index("dimension")
        .reset_index(drop=True),
    }, diagrams


def _density_sweep(
    config: StudyConfig, strength: np.ndarray, layers: np.ndarray, seed: int
) -> pd.DataFrame:
    stack = np.stack([graphs.spanning_density_graph(strength, d) for d in config.densities])
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
