"""Analyse one functional network: from correlations to the rows of the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funcnet_utils import graphs, topology
from funcnet_utils.models.streams import Stream, whole_seed
from funcnet_utils.network import FunctionalNetwork
from funcnet_utils.studies.config import StudyConfig

SMALL_WORLD_FIELDS = ("sigma", "sigma_sd", "omega", "phi", "C_rand", "L_rand")


def functional_network(config: StudyConfig, correlation: np.ndarray) -> FunctionalNetwork:
    """Return the functional network of a study's correlations, shape (n_hidden, n_hidden)."""
    layers = np.repeat(np.arange(len(config.hidden)), config.hidden)
    return FunctionalNetwork.from_correlation(
        correlation, layers, dead=config.dead, precision=config.precision
    )


def analyse_network(
    config: StudyConfig, correlation: np.ndarray, network: int
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
    network : int
        Number of the network, for its seed.

    Returns
    -------
    tables : dict of DataFrame
        "nodes" (one row), "graph_measures" and "loops", without the arm.
    diagrams : list of ndarray
        Persistence diagrams [H0, H1], each of shape (m, 2).

    Raises
    ------
    ValueError
        If a density is below what a spanning tree of the live units needs.
    """
    net = functional_network(config, correlation)
    n_dead = int(net.dead.sum())
    if config.densities[0] < (least := 2 / max(len(net.units), 2)):
        raise ValueError(
            f"density {config.densities[0]} is too low for network {network}: {n_dead} of its "
            f"{len(correlation)} units are dead, and a spanning tree of the others needs "
            f"{least:.4g}. Choose densities from [{least:.4g}, 1] or dead='zero'; the trained "
            "networks are kept."
        )
    seed = whole_seed(config.seed, network, Stream.NULL_GRAPHS)
    pairs = net.strength[np.triu_indices(len(net.r), 1)]
    units = {"network": [network], "n_units": len(net.units), "n_dead": n_dead}
    nodes = pd.DataFrame(units | {"mean_abs_r": pairs.mean(), "sd_abs_r": pairs.std()})
    stack = net.graph(config.densities)
    small_world = graphs.small_world(stack, config.n_null, seed)
    measures = graphs.all_measures(stack, seed, labels=net.layers)
    measures |= {name: getattr(small_world, name) for name in SMALL_WORLD_FIELDS}
    sweep = pd.DataFrame({"network": network, "density": config.densities, **measures})
    # small-worldness of random correlation matrices of the same mean and variance
    nulls = net.null("hqs", config.n_null, seed, config.density)
    sigma = graphs.small_world(nulls, config.n_null, seed).sigma
    null = pd.DataFrame({"network": network, "density": [config.density]})
    null = null.assign(sigma_hqs=sigma.mean(), sigma_hqs_sd=sigma.std())
    tall = [table.melt(["network", "density"], var_name="measure") for table in (sweep, null)]
    diagrams = net.diagrams()
    loops = [
        (network, dimension, measure, float(value))
        for dimension, diagram in enumerate(diagrams)
        for measure, value in topology.summary(diagram).items()
    ]
    tables = {"nodes": nodes, "graph_measures": pd.concat(tall, ignore_index=True)}
    tables["loops"] = pd.DataFrame(loops, columns=["network", "dimension", "measure", "value"])
    return tables, diagrams
