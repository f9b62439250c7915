#!/usr/bin/env bash
# bctpy 0.6.1: resource_efficiency_bin gives 0 for every pair of nodes that is not adjacent.
# Expected from its docstring: its second result is "the probability that a single random walker
# starting at node i will arrive at node j by following (one of) the shortest path(s)", 1/2 and 1/4
# from the first node of a chain of four to the third and the fourth. Seen: a power of the matrix of
# the walk is taken entry by entry, not as a product of matrices, so nothing is reached in two
# steps or more; in a connected graph of 30 nodes, 702 of 870 ordered pairs get probability and
# efficiency 0. It matters for networks: a measure of signalling over several steps, whose mean
# then follows the density of edges.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  bctpy==0.6.1 numpy==2.4.6 scipy==1.17.1 networkx==3.6.1
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import bct
import networkx as nx
import numpy as np

print("bctpy", version("bctpy"))


def defined(graph):
    """Return the probability that a walker is first at j after the shortest number of steps."""
    matrix = nx.to_numpy_array(graph)
    walk, found = matrix / matrix.sum(1, keepdims=True), np.zeros_like(matrix)
    for j in graph:
        stays = walk.copy()
        stays[j] = np.eye(len(walk))[j]
        for i, steps in nx.single_source_shortest_path_length(graph, j).items():
            found[i, j] = np.linalg.matrix_power(stays, steps)[i, j] * (i != j)
    return found


sparse = nx.gnp_random_graph(30, 0.2, seed=2)
assert nx.is_connected(sparse)
for name, graph in (("a chain of four", nx.path_graph(4)), ("30 nodes at random", sparse)):
    efficiency, found = bct.resource_efficiency_bin(nx.to_numpy_array(graph), 0.5)
    expected, apart = defined(graph), nx.to_numpy_array(nx.complement(graph)) > 0
    print(f"{name}, from its first node: {found[0, 1:6].round(3)},", end=" ")
    print(f"by definition {expected[0, 1:6].round(3)};", end=" ")
    print(f"{apart.sum()} ordered pairs are not adjacent, {(found[apart] != 0).sum()} above 0")
    np.testing.assert_allclose(found[~apart], expected[~apart])
    assert (expected[apart] > 0).all()
    assert not found[apart].any()
    assert not efficiency[apart].any()
PY
