"""What a network would show by chance: its measures on null networks of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from funcnet_utils import graphs, topology
from funcnet_utils.models.streams import Stream, whole_seed
from funcnet_utils.network import RANDOM, FunctionalNetwork
from funcnet_utils.studies.analysis import functional_network
from funcnet_utils.studies.config import StudyConfig

PRIMARY = "spectrum"
KINDS = (*RANDOM, "rewired")
HALF = "half probe"
GRAPH_MEASURES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "global_efficiency": lambda stack, seed: graphs.global_efficiency(stack),
    "local_efficiency": lambda stack, seed: graphs.local_efficiency(stack),
    "clustering": lambda stack, seed: graphs.clustering(stack),
    "modularity": lambda stack, seed: graphs.modularity(stack, seed=seed),
}
MEASURES = (*GRAPH_MEASURES, "sigma", "loops")
COLUMNS = ["network", "null", "measure", "value", "mean", "sd", "n"]
MOST_UNITS = 2_000
"""Larger networks are compared on a random sample of so many units."""
UNITS = 750  # smaller networks get more primary nulls: single ones scatter more


def null_measures(
    config: StudyConfig,
    correlation: np.ndarray,
    network: int,
    kinds: Sequence[str] = KINDS,
    wanted: Sequence[str] = MEASURES,
) -> pd.DataFrame:
    """Return the measures of one functional network, and their means over its null networks.

    The nulls of network k draw from the same seed in every arm, so arms that are equal stay equal.

    Parameters
    ----------
    config : StudyConfig
        Density, seed, and the number of nulls of each kind (`n_null`; of the primary kind more if
        there are less than 375 units, five times as many for 150).
    correlation : ndarray, shape (n_hidden, n_hidden)
        Signed correlations.
    network : int
        Number of the network, for its seed.
    kinds : sequence of str, default=("spectrum", "hqs", "configuration", "rewired")
        Kinds of null, as for `FunctionalNetwork.null`.
    wanted : sequence of str, default=all
        Measures; "sigma" takes longest.

    Returns
    -------
    DataFrame
        Columns network, null (its kind), measure, value (of the network itself), mean and sd over
        n nulls.
        Rewired graphs have neither sigma nor loops; a singular matrix has no configuration model.
    """
    net = functional_network(config, correlation)
    seed = whole_seed(config.seed, network, Stream.NULL_GRAPHS)
    if len(net.r) > MOST_UNITS:
        drawn = np.random.default_rng(seed).choice(len(net.r), MOST_UNITS, replace=False)
        part = np.sort(net.units[drawn])
        net = FunctionalNetwork.from_correlation(correlation[np.ix_(part, part)], dead=config.dead)
    graph = net.graph(config.density)[None]
    own = _measured(wanted, graph, net.r[None], config.n_null, seed)
    singular = np.linalg.eigvalsh(net.r + np.diag(1 - np.diagonal(net.r)))[0] < 1e-10
    rows = []
    for kind in kinds:
        if kind == "configuration" and singular:
            continue
        matrices: np.ndarray | None = None
        if kind == "rewired":
            nulls = net.null(kind, config.n_null, seed, config.density)
        else:
            more = max(1, UNITS // len(net.r)) if kind == PRIMARY else 1
            matrices = net.null_correlations(kind, more * config.n_null, seed)
            cut = [graphs.spanning_density_graph(abs(r), config.density) for r in matrices]
            nulls = np.stack(cut)
        found = _measured(wanted, nulls, matrices, config.n_null, seed)
        for measure, values in found.items():
            spread = values.std(ddof=1) if len(values) > 1 else np.nan
            of = network, kind, measure, own[measure][0]
            rows.append((*of, values.mean(), spread, len(values)))
    return pd.DataFrame(rows, columns=COLUMNS)


def half_probe(config: StudyConfig, correlation: np.ndarray, network: int) -> pd.DataFrame:
    """Return the loops of one network over half of the probe, as a row beside `null_measures`.

    Parameters
    ----------
    config, network
        As there.
    correlation : ndarray, shape (n_hidden, n_hidden)
        Signed correlations over every second image of the probe.
    """
    loops = float(len(functional_network(config, correlation).diagrams()[1]))
    return pd.DataFrame([(network, HALF, "loops", loops, np.nan, np.nan, 0)], columns=COLUMNS)


def _measured(
    wanted: Sequence[str], stack: np.ndarray, r: np.ndarray | None, n_null: int, seed: int
) -> dict[str, np.ndarray]:
    """Return measures of graphs, and of their correlations, which rewired graphs do not have."""
    found = {name: of(stack, seed) for name, of in GRAPH_MEASURES.items() if name in wanted}
    if r is not None and "sigma" in wanted:
        found["sigma"] = graphs.small_world(stack, n_null, seed).sigma
    if r is not None and "loops" in wanted:
        apart = (1 - np.abs(each) for each in r)
        loops = [len(topology.persistence(each - np.diag(np.diagonal(each)))[1]) for each in apart]
        found["loops"] = np.array(loops, dtype=float)
    return found
