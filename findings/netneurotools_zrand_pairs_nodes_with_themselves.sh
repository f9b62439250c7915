#!/usr/bin/env bash
# netneurotools 0.3.0: modularity.zrand(X, Y) is not the z-score of the Rand coefficient. Expected
# from its docstring and paper (Traud et al. 2011): by how many standard deviations the number of
# pairs of nodes that two partitions put together exceeds its mean over all renumberings of one of
# them; hence about 0 for unrelated partitions. Seen: each node is paired with itself, which adds
# n/2 to three counts of pairs, and the mean and variance no longer fit. Two random partitions of
# 200 nodes into 10 parts get +5.7 on average instead of 0, the score of two equal partitions of 7
# nodes is 0.8 instead of 4.0, and -1.5 becomes -0.1. It matters for networks: agreement of
# communities is judged by it, and consensus_modularity returns it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  netneurotools==0.3.0 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.8.0
"$folder/venv/bin/python" - <<'PY'
import itertools
from importlib.metadata import version

import numpy as np
from netneurotools.modularity import zrand

print("netneurotools", version("netneurotools"))


def together(x, y):
    """Return how many pairs of nodes both partitions put together."""
    i, j = np.triu_indices(len(x), 1)
    return np.sum((x[i] == x[j]) & (y[i] == y[j]))


def defined(x, y, orders):
    """Return the z-score of that number among those over the orders given."""
    counts = [together(x, y[list(order)]) for order in orders]
    return (together(x, y) - np.mean(counts)) / np.std(counts)


every = list(itertools.permutations(range(7)))
for x, y in (
    ((0, 0, 0, 1, 1, 1, 1), (0, 0, 0, 1, 1, 1, 1)),
    ((0, 0, 0, 1, 1, 1, 2), (0, 1, 2, 0, 1, 2, 2)),
):
    expected, found = defined(np.array(x), np.array(y), every), zrand(np.array(x), np.array(y))
    print(f"{x} and {y}: {found:.3f} instead of {expected:.3f} over all 7! orders")
    assert abs(found - expected) > 0.5
generator = np.random.default_rng(0)
one = generator.integers(10, size=200)
scores = [zrand(one, generator.integers(10, size=200)) for _ in range(200)]
orders = [generator.permutation(200) for _ in range(500)]
expected = defined(one, generator.integers(10, size=200), orders)
print(f"two random partitions of 200 nodes: {min(scores):.1f} to {max(scores):.1f},", end=" ")
print(f"mean {np.mean(scores):.2f}; one by definition {expected:.2f}")
assert np.mean(scores) > 5
assert min(scores) > 2
assert abs(expected) < 4
PY
