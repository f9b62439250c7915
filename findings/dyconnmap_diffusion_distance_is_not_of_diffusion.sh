#!/usr/bin/env bash
# dyconnmap 1.0.4: graph_diffusion_distance(a, b) is not the graph diffusion distance. Expected from
# its docstring and paper (Hammond et al. 2013): the largest Frobenius norm, over time t, of
# exp(-t L1) - exp(-t L2), with L1 and L2 the Laplacians; hence the same number when the nodes of
# both graphs are renumbered alike. Seen: the kernels are put together with the eigenvalues on the
# wrong side, which leaves the diagonal matrix of their exponentials, so what is compared is two
# lists of eigenvalues in the order of the solver. A path and a circle of four nodes get three
# times their distance, renumbering moves distances of weighted networks, and no number agrees
# with the definition. It matters for networks: the distance is made for comparing connectomes
# node by node, and this one knows only their eigenvalues.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  dyconnmap==1.0.4 networkx==3.6.1 numpy==2.4.6 scipy==1.17.1
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import networkx as nx
import numpy as np
from dyconnmap.graphs import graph_diffusion_distance
from scipy.linalg import expm

print("dyconnmap", version("dyconnmap"), "numpy", np.__version__)


def defined(a, b):
    """Return the distance by its definition, over a fine grid of times."""
    one, two = (np.diag(each.sum(axis=0)) - each for each in (a, b))
    return max(np.linalg.norm(expm(-t * one) - expm(-t * two)) for t in np.linspace(0, 5, 1001))


generator = np.random.default_rng(0)
pairs = {"path and circle": [nx.to_numpy_array(f(4)) for f in (nx.path_graph, nx.cycle_graph)]}
for size in (6, 10):
    pair = [np.triu(generator.uniform(size=(size, size)), 1) for _ in range(2)]
    pairs[f"two weighted networks of {size}"] = [half + half.T for half in pair]
moved = []
for name, (a, b) in pairs.items():
    expected, found = defined(a, b), float(graph_diffusion_distance(a, b, 1e-8)[0])
    order = generator.permutation(len(a))
    renumbered = [each[np.ix_(order, order)] for each in (a, b)]
    assert np.isclose(defined(*renumbered), expected)
    again = float(graph_diffusion_distance(*renumbered, 1e-8)[0])
    moved.append(abs(again / found - 1))
    print(f"{name}: {found:.4f} instead of {expected:.4f}, {again:.4f} when both are renumbered")
    assert abs(found / expected - 1) > 0.03
assert max(moved) > 1e-3
PY
