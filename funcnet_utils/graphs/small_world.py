"""Small-worldness: sigma, omega and phi against nulls with the same degrees."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from funcnet_utils._bits import map_in_threads, pack
from funcnet_utils.errors import announce_if_long, check_int
from funcnet_utils.graphs._graph import Adjacency, Graph, Stack, as_float, checked
from funcnet_utils.graphs.measures import clustering
from funcnet_utils.graphs.nulls import Rewiring, lattice, stream_seeds
from funcnet_utils.graphs.paths import characteristic_path_length


@dataclass(frozen=True)
class SmallWorld:
    """Indices of small-worldness; floats for one graph, arrays of shape (...) for a stack.

    Parameters
    ----------
    sigma : float or ndarray
        (C / C_rand) / (L / L_rand); above 1 for a small world. NaN if C_rand is 0 or L is not
        defined.
    sigma_sd : float or ndarray
        Standard deviation (divided by the number of nulls minus 1) of (C / C_i) / (L / L_i) over
        the single null graphs i with C_i > 0; NaN for fewer than two of them.
    omega : float or ndarray
        L_rand / L - C / C_latt: near 0 for a small world, 1 random, -1 lattice. NaN if C_latt is
        0 or L is not defined.
    phi : float or ndarray
        Small-world propensity in [0, 1], 1 for a perfect small world: one minus the root mean
        square of (C_latt - C) / (C_latt - C_rand) and (L - L_rand) / (L_latt - L_rand), each
        clipped to [0, 1], and 0 where the graph is at least as good as its reference. So phi is 1
        where graph and references coincide, as for a star or a complete graph. NaN without edges.
    C, L : float or ndarray
        Clustering and characteristic path length.
    C_rand, L_rand : float or ndarray
        Their means over the null graphs.
    C_latt, L_latt : float or ndarray
        Those of one latticised graph; C_latt is at least C, as the graph itself has its degrees.
    """

    sigma: Any
    sigma_sd: Any
    omega: Any
    phi: Any
    C: Any
    L: Any
    C_rand: Any
    L_rand: Any
    C_latt: Any
    L_latt: Any


def small_world(adjacency: Adjacency, n_null: int = 20, seed: int = 0) -> SmallWorld:
    """Return the small-worldness of graphs against null graphs with the same degrees.

    Sigma uses the mean local clustering, not the transitivity. It grows with the number of nodes
    and depends on the density: never compare it between graphs of another size or density. Null
    graphs need not be connected; L is then the mean over connected pairs. The nulls are those of
    `rewired` and `lattice` with the same seed.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
        One graph or a stack.
    n_null : int, default=20
        Number of rewired graphs of each graph, at least 1.
    seed : int, default=0
        Seed of the nulls. Each graph of a stack gets what it gets alone, on any number of threads.

    Returns
    -------
    SmallWorld

    Warns
    -----
    LongComputationWarning
        If it is going to take more than a minute, by an estimate within a factor of about 3.

    References
    ----------
    Humphries, Gurney (2008), doi:10.1371/journal.pone.0002051. Telesford et al. (2011),
    doi:10.1089/brain.2011.0038. Muldoon, Bridgeford, Bassett (2016), doi:10.1038/srep22057.

    Examples
    --------
    >>> ring = sum(np.roll(np.eye(40), k, axis=0) for k in (1, 2, 38, 39))
    >>> result = small_world(ring, n_null=20, seed=0)
    >>> result.C, bool(result.sigma > 1)
    (0.5, True)
    """
    stack = checked(adjacency)
    streams = stream_seeds(seed, check_int("n_null", n_null, 1))
    graph_seconds = (1e-12 * stack.n**3 + 2.5e-7 * graph.ends for graph in stack.graphs)
    what = f"sigma of {len(stack.graphs)} graphs of {stack.n} nodes with {n_null} nulls"
    announce_if_long(what, (n_null + 4) * sum(graph_seconds), "fewer nodes or nulls")
    jobs = [partial(lattice, graph.adjacency, seed) for graph in stack.graphs]
    for rewiring in map_in_threads(Rewiring, stack.graphs):
        jobs += [partial(rewiring, stream) for stream in streams]
    pairs = np.array(map_in_threads(lambda job: _c_and_l(job()), jobs)).reshape(-1, 2)
    rings, nulls = np.split(pairs, [len(stack.graphs)])
    parts = zip(stack.graphs, nulls.reshape(-1, n_null, 2), rings.tolist(), strict=True)
    found = [indices(*_c_and_l(graph.rows), null, *ring) for graph, null, ring in parts]
    values = np.array(found, dtype=float).reshape(*stack.shape, len(fields(SmallWorld)))
    return SmallWorld(*(as_float(field) for field in np.moveaxis(values, -1, 0)))


def _c_and_l(graph: np.ndarray) -> tuple[float, float]:
    """Return C and L of booleans, or of bit rows."""
    alone = Stack((), len(graph), [Graph(pack(graph) if graph.dtype == bool else graph)])
    return clustering(alone), characteristic_path_length(alone)


def indices(
    c: float, length: float, nulls: np.ndarray, c_latt: float, l_latt: float
) -> tuple[float, ...]:
    """Return the fields of `SmallWorld` from C and L of a graph, its nulls and its lattice."""
    c_rand, l_rand = nulls.mean(axis=0).tolist()
    c_latt = max(c_latt, c)
    single = [(c / c_i) / (length / l_i) for c_i, l_i in nulls if c_i > 0]
    off_c = _deviation(c_latt - c, c_latt - c_rand)
    off_l = _deviation(length - l_rand, l_latt - l_rand)
    return (
        (c / c_rand) / (length / l_rand) if c_rand > 0 else np.nan,
        float(np.std(single, ddof=1)) if len(single) > 1 else np.nan,
        l_rand / length - c / c_latt if c_latt > 0 else np.nan,
        1 - np.sqrt((off_c**2 + off_l**2) / 2),
        *(c, length, c_rand, l_rand, c_latt, l_latt),
    )


def _deviation(gap: float, span: float) -> float:
    """Return gap / span clipped to [0, 1], 0 for no gap, NaN for an undefined one."""
    if np.isnan(gap):
        return gap
    return min(gap / span, 1.0) if 0 < gap < span else float(gap > 0)
