#!/usr/bin/env bash
# rsatoolbox 0.3.2: geodesic_transform of representational dissimilarities takes the edge between
# the two most similar conditions away. Expected from its docstring and paper (Lin, Kriegeskorte
# 2023): lengths of shortest paths in the graph of scaled dissimilarities, so none is longer than
# the edge itself, and the most similar pair, scaled to 0, stays at 0. Seen: from_numpy_array of
# networkx reads an entry of 0 as no edge, so that pair is joined by a detour, in the middle of the
# ranks of eight conditions, and not at all (inf) for three; paths through the pair are lost with
# it. The dissimilarities handed in are overwritten besides. It matters for comparing networks by
# what they represent: the most alike conditions come out as unlike, and no warning tells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  rsatoolbox==0.3.2 numpy==2.4.6 scipy==1.17.1 networkx==3.6.1
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from rsatoolbox.rdm import RDMs
from rsatoolbox.rdm.transform import geodesic_transform
from scipy.spatial.distance import pdist, squareform

print("rsatoolbox", version("rsatoolbox"))
given = pdist(np.random.default_rng(0).normal(size=(8, 3)))
handed = RDMs(given[None].copy())
found = geodesic_transform(handed).get_vectors()[0]
edges = (given - given.min()) / (given.max() - given.min())
paths = squareform(edges)
paths[paths == 1] = np.inf  # the function takes the longest edge away on purpose
for k in range(8):
    paths = np.minimum(paths, paths[:, [k]] + paths[k])
expected, closest = squareform(paths, checks=False), given.argmin()
print(f"the most similar of {len(given)} pairs: edge {edges[closest]}, path", end=" ")
print(f"{expected[closest]}, found {found[closest]:.3f}, place {sum(found < found[closest]) + 1}")
print("lengths that differ:", sum(~np.isclose(found, expected)))
assert edges[closest] == expected[closest] == 0
assert found[closest] > 0.4
assert (found >= expected - 1e-12).all()
three = geodesic_transform(RDMs(np.array([[1.0, 2.0, 3.0]]))).get_vectors()[0]
print("three conditions at 1, 2 and 3:", three, "instead of [0, 0.5, 0.5]")
assert np.isinf(three[0])
overwritten = handed.get_vectors()[0]
print("the dissimilarities handed in went from", given.min().round(3), "to", overwritten.min())
assert not np.allclose(overwritten, given)
PY
