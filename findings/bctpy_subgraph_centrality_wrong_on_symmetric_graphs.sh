#!/usr/bin/env bash
# bctpy 0.6.1: subgraph_centrality(A) of an undirected graph can be wrong where an eigenvalue of A
# is repeated. Expected: the diagonal of the matrix exponential of A, as defined and as networkx
# gives it, hence the same number for nodes that a symmetry of the graph exchanges. Seen: it
# squares the eigenvectors of a solver for any matrix, which need not be orthogonal within a
# repeated eigenvalue, so the five nodes of a complete graph get different numbers, and nodes of
# Zachary's karate club (where the eigenvalue 0 is repeated) are off by 5 percent and by another
# amount when the nodes are renumbered, without a warning. It matters for networks: cut
# correlations leave nodes with the same neighbours, which repeat the eigenvalues 0 and -1, and
# their ranks then depend on the order of the nodes.
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
from scipy.linalg import expm

print("bctpy", version("bctpy"))
graphs = {
    "path of 5": nx.path_graph(5),  # no repeated eigenvalue
    "complete graph of 5": nx.complete_graph(5),
    "Petersen graph": nx.petersen_graph(),
    "karate club": nx.karate_club_graph(),
}
off, moved = {}, {}
for name, graph in graphs.items():
    adjacency = nx.to_numpy_array(graph, weight=None)
    defined = np.diag(expm(adjacency))
    assert np.allclose(list(nx.subgraph_centrality(graph).values()), defined)
    found = bct.subgraph_centrality(adjacency)
    off[name] = np.abs(found / defined - 1).max()
    moved[name] = np.abs(bct.subgraph_centrality(adjacency[::-1, ::-1])[::-1] / found - 1).max()
    print(f"{name}: off by up to {off[name]:.2%}, moved by renumbering by up to {moved[name]:.2%};")
    print(f"  first nodes {found[:5].round(3)} instead of {defined[:5].round(3)}")
assert max(off.pop("path of 5"), moved.pop("path of 5")) < 1e-9
assert min(*off.values(), *moved.values()) > 1e-3
PY
