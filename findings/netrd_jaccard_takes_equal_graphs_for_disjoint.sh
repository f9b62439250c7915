#!/usr/bin/env bash
# netrd 0.3.0: distances of graphs on the same nodes follow the order in which networkx lists them,
# not their names. Expected: two graphs that are equal for networkx are at distance 0. Seen: with
# the nodes listed the other way round, JaccardDistance of the karate club and itself is 1, as if no
# edge were shared, because it compares ordered pairs, and networkx names the end listed first
# first; Hamming, Frobenius, DeltaCon, ResistancePerturbation, PolynomialDissimilarity and
# GraphDiffusion line up adjacency matrices by place. Docstrings ask for graphs of equal size, and
# one for consistent labels, which these have. It matters for networks: graphs that are made from
# lists of edges, as after a threshold, have their nodes in the order of those lists.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  networkx==3.6.1 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.8.0 ortools==9.15.6755
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps netrd==0.3.0
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import networkx as nx
from netrd import distance

print("netrd", version("netrd"), "networkx", nx.__version__)
one = nx.Graph(nx.karate_club_graph().edges)
two, sorted_two = nx.Graph(), nx.Graph()
two.add_nodes_from(reversed(list(one)))
two.add_edges_from(one.edges)
sorted_two.add_nodes_from(one)
sorted_two.add_edges_from(two.edges)
assert nx.utils.graphs_equal(one, two)
shared = {frozenset(edge) for edge in one.edges} & {frozenset(edge) for edge in two.edges}
print(f"equal for networkx: True; shared edges: {len(shared)} of {one.number_of_edges()}")
assert len(shared) == one.number_of_edges() == two.number_of_edges()
for name in (
    "JaccardDistance",
    "Hamming",
    "Frobenius",
    "DeltaCon",
    "ResistancePerturbation",
    "PolynomialDissimilarity",
    "GraphDiffusion",
):
    measure = getattr(distance, name)()
    found, after = measure.dist(one, two), measure.dist(one, sorted_two)
    print(f"{name}: {found:.4f}; with the nodes of both in one order {after:.4f}")
    assert found > 0.01
    assert abs(after) < 1e-9
    assert name != "JaccardDistance" or found == 1
PY
