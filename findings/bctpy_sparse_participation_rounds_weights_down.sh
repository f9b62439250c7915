#!/usr/bin/env bash
# bctpy 0.6.1: participation_coef_sparse rounds weights down to whole numbers. Expected: the numbers
# of participation_coef, which has the same docstring: 1 minus the sum over modules of the squared
# share of a node's strength, whatever the unit of the weights. Seen: the product of weights and
# membership is cast to int, so weights below 1, as all correlations are, count 0 within modules
# but not in the strength, and every node gets exactly 1, nodes without an edge between modules
# included, which have 0. Weights ten times as large give other numbers. It matters for functional
# networks: the route for large ones calls every node a perfect connector.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  bctpy==0.6.1 numpy==2.4.6 scipy==1.17.1
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import bct
import numpy as np
from scipy.sparse import csr_matrix

print("bctpy", version("bctpy"))
modules = np.repeat([1, 2, 3], 4)
strength = np.abs(np.corrcoef(np.random.default_rng(0).normal(size=(12, 60))))
np.fill_diagonal(strength, 0)
apart = 0.5 * (modules[:, None] == modules) * (1 - np.eye(12))


def defined(weights):
    whole = weights.sum(1)
    return 1 - sum((weights[:, modules == m].sum(1) / whole) ** 2 for m in (1, 2, 3))


cases = {"correlations": strength, "ten times those": 10 * strength, "modules apart": apart}
for name, weights in cases.items():
    found = bct.participation_coef_sparse(csr_matrix(weights), modules)
    dense, expected = bct.participation_coef(weights, modules), defined(weights)
    print(f"{name}: sparse", found[:3].round(3), "dense", dense[:3].round(3), end=" ")
    print("by definition", expected[:3].round(3))
    np.testing.assert_allclose(dense, expected, atol=1e-12)
    assert np.abs(found - expected).max() > 0.1
    assert weights.max() >= 1 or (found == 1).all()
PY
