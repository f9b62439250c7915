#!/usr/bin/env bash
# networkit 11.3: globals.ClusteringCoefficient.sequentialAvgLocal (and approxAvgLocal) averages
# over the nodes with two neighbours or more. Expected: the mean over all n nodes, as the docstring
# of the first has it (1/n times the sum over all nodes) and as the mean of networkit's own
# per-node scores is, where a node with fewer neighbours counts 0. Seen: a triangle with one
# pendant and one isolated node has 0.7778 instead of 0.4667, and a triangle among 97 isolated
# nodes has 1 instead of 0.03. It matters for networks: correlations cut at a high threshold leave
# many nodes with one neighbour or none, and this clustering, which leaves them out, is not that of
# tools that count them as 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check networkit==11.3
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import networkit as nk

print("networkit", version("networkit"))
clustering = nk.globals.ClusteringCoefficient
assert "1}{n} \\sum_{u \\in V}" in clustering.sequentialAvgLocal.__doc__
seen = []
for nodes, edges in ((5, [(0, 1), (1, 2), (2, 0), (2, 3)]), (100, [(0, 1), (1, 2), (2, 0)])):
    graph = nk.Graph(nodes)
    for edge in edges:
        graph.addEdge(*edge)
    scores = nk.centrality.LocalClusteringCoefficient(graph).run().scores()
    mean, average = sum(scores) / nodes, clustering.sequentialAvgLocal(graph)
    roughly = clustering.approxAvgLocal(graph, 100_000)
    print(f"{nodes} nodes: mean of the scores {mean:.4f},", end=" ")
    print(f"sequentialAvgLocal {average:.4f}, approxAvgLocal {roughly:.2f}")
    assert abs(roughly - average) < 0.02
    seen.append((round(mean, 4), round(average, 4)))
assert seen == [(0.4667, 0.7778), (0.03, 1.0)]
PY
