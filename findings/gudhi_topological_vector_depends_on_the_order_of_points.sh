#!/usr/bin/env bash
# gudhi 3.13.0: gudhi.representations.TopologicalVector gives another vector when the points of a
# diagram are listed in another order. Expected of a function of a diagram, and from the paper that
# its docstring names (Carriere, Oudot, Ovsjanikov 2015): for each pair of points the least of their
# distance and of the distances of both to the diagonal, sorted. Seen: of the two distances to the
# diagonal only that of the point listed later counts, as the transpose of a flat array is the same
# array. A point near the diagonal, which should change next to nothing, changes the first entry
# from almost 0 to 5 where it comes first. It matters for networks: programs list bars in different
# orders, so vectors of two programs, or of one after sorting, cannot be compared.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  gudhi==3.13.0 scikit-learn==1.8.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import itertools

import gudhi
import numpy as np
from gudhi.representations import TopologicalVector

print("gudhi", gudhi.__version__)


def defined(diagram, size):
    """Return the vector of the paper."""
    values = []
    for p, q in itertools.combinations(diagram, 2):
        values.append(min(np.abs(p - q).max(), (p[1] - p[0]) / 2, (q[1] - q[0]) / 2))
    return np.resize(np.append(np.sort(values)[::-1], np.zeros(size)), size)


long, short = [0.0, 10.0], [3.0, 3.001]
generator = np.random.default_rng(0)
births = generator.uniform(size=6)
many = np.column_stack([births, births + generator.uniform(size=6)])
for diagram in (np.array([long, short]), many):
    expected = defined(diagram, 3)
    print("by definition", expected.round(4))
    seen = set()
    for order in itertools.permutations(range(len(diagram))):
        seen.add(tuple(TopologicalVector(threshold=3)(diagram[list(order)]).round(9).tolist()))
    print(f"over all orders of its {len(diagram)} points: {len(seen)} vectors,", end=" ")
    print(f"with first entries {min(seen)[0]:.4f} to {max(seen)[0]:.4f}")
    assert len(seen) > 1
    assert max(seen)[0] > 1.05 * expected[0]
    assert np.allclose(np.min(list(seen), axis=0), expected)
assert TopologicalVector(threshold=1)(np.array([short, long]))[0] == 5
PY
