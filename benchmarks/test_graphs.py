"""Graph measures beside other libraries, on a graph of functional size: `make bench`."""

import networkx as nx
import numpy as np
import pytest

from funcnet_utils import graphs

bct = pytest.importorskip("bct", reason="install the extra: pip install -e .[bench]")
igraph = pytest.importorskip("igraph", reason="install the extra: pip install -e .[bench]")

SIZES = [(150, 0.05), (400, 0.10)]


def functional_like(n, density):
    """Cut a graph from correlations of signals with a common part."""
    rng = np.random.default_rng(0)
    signals = rng.normal(size=(n, 40)) + rng.normal(size=(1, 40))
    return graphs.spanning_density_graph(np.abs(np.corrcoef(signals)), density)


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"n={size[0]}, d={size[1]}")
def adjacency(request):
    return functional_like(*request.param)


def routes(adjacency):
    plain = nx.from_numpy_array(adjacency)
    other = igraph.Graph(n=len(adjacency), edges=np.argwhere(np.triu(adjacency)).tolist())
    matrix = adjacency.astype(float)
    return {
        ("clustering", "funcnet"): lambda: graphs.clustering(adjacency),
        ("clustering", "igraph"): lambda: other.transitivity_avglocal_undirected(mode="zero"),
        ("clustering", "networkx"): lambda: nx.average_clustering(plain),
        ("global efficiency", "funcnet"): lambda: graphs.global_efficiency(adjacency),
        ("global efficiency", "bctpy"): lambda: bct.efficiency_bin(matrix),
        ("local efficiency", "funcnet"): lambda: graphs.local_efficiency(adjacency),
        ("local efficiency", "bctpy"): lambda: bct.efficiency_bin(matrix, local=True).mean(),
    }


CASES = [
    ("clustering", "funcnet"),
    ("clustering", "igraph"),
    ("clustering", "networkx"),
    ("global efficiency", "funcnet"),
    ("global efficiency", "bctpy"),
    ("local efficiency", "funcnet"),
    ("local efficiency", "bctpy"),
]


@pytest.mark.parametrize("case", CASES, ids=" by ".join)
def test_measure(benchmark, adjacency, case):
    measure, _ = case
    route = routes(adjacency)
    benchmark.group = f"{measure}, n={len(adjacency)}"
    value = benchmark(route[case])
    assert value == pytest.approx(route[measure, "funcnet"](), abs=1e-9)
