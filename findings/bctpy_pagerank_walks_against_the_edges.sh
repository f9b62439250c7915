#!/usr/bin/env bash
# bctpy 0.6.1: pagerank_centrality(A, d) of a directed network is that of the network with all
# edges turned round. Expected: with A[i, j] an edge from i to j, as in degrees_dir of bctpy, a
# walker goes from i to j, and nodes that many edges point to rank high, as networkx has it. Seen:
# the walker goes from j to i; of four nodes that point to a fifth, the fifth ranks lowest. Its
# docstring calls A the "adjacency matrix" and says nothing of the direction. It matters for
# networks: of directed ones (effective connectivity, weights of layers) sources and targets are
# swapped without a warning, and of undirected ones nothing shows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  bctpy==0.6.1 networkx==3.6.1 numpy==2.4.6 scipy==1.17.1
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import bct
import networkx as nx
import numpy as np

print("bctpy", version("bctpy"))


def ranks(graph):
    """Return the PageRank by networkx."""
    return np.array(list(nx.pagerank(graph, alpha=0.85, tol=1e-14, max_iter=1000).values()))


star = np.zeros((5, 5))
star[1:, 0] = 1
graphs = {
    "four nodes that point to the first": nx.from_numpy_array(star, create_using=nx.DiGraph),
    "random directed graph": nx.gnp_random_graph(30, 0.15, seed=1, directed=True),
}
for name, graph in graphs.items():
    adjacency = nx.to_numpy_array(graph)
    into, out, _ = bct.degrees_dir(adjacency)
    assert np.array_equal(into, [degree for _, degree in graph.in_degree])
    assert np.array_equal(out, [degree for _, degree in graph.out_degree])
    found = bct.pagerank_centrality(adjacency, 0.85)
    print(f"{name}: first nodes {found[:5].round(3)}, networkx {ranks(graph)[:5].round(3)},")
    print(f"  networkx with all edges turned round {ranks(graph.reverse())[:5].round(3)}")
    assert np.allclose(found, ranks(graph.reverse()))
    assert np.abs(found / ranks(graph) - 1).max() > 0.5
assert np.argmin(bct.pagerank_centrality(star, 0.85)) == 0
PY
