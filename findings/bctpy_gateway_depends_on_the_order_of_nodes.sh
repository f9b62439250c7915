#!/usr/bin/env bash
# bctpy 0.6.1: gateway_coef_sign gives a node another value when the nodes are listed in another
# order. Expected of a measure of nodes, and from the paper that its docstring names (Vargas, Wahl
# 2014): the same network with its nodes renumbered has the same values, renumbered. Seen: where the
# centralities of a node's neighbours in a module are added up, the places of these neighbours
# within the module serve as numbers of nodes of the whole network, so centralities of other nodes
# are read. In five orders at random, values of ten nodes in two modules change by up to 0.15. It
# matters for functional networks: which units are gateways depends on how units are numbered.
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

print("bctpy", version("bctpy"))
generator = np.random.default_rng(0)
weights = np.triu(generator.random((10, 10)), 1)
weights += weights.T
modules = np.repeat([1, 2], 5)
orders = {"in order": np.arange(10)}
orders |= {f"order {k}": generator.permutation(10) for k in range(1, 6)}
first = bct.gateway_coef_sign(weights.copy(), modules)[0]
changes = []
for name, order in orders.items():
    found = bct.gateway_coef_sign(weights[np.ix_(order, order)].copy(), modules[order])[0]
    changes.append(np.abs(found - first[order]).max())
    print(f"{name}: nodes 0, 1, 2 have {found[np.argsort(order)][:3].round(3)},", end=" ")
    print(f"largest change of a node {changes[-1]:.3f}")
assert changes[0] == 0
assert max(changes[1:]) > 0.1
assert min(changes[1:]) > 1e-3
PY
