#!/usr/bin/env bash
# torch-topological 0.1.9: the p of two functions reaches only half of their formula. Expected from
# the docstrings: p_norm(D, p) is the p-norm of the lengths of the bars, and WassersteinDistance(p)
# measures with the p-norm ("p = inf, corresponding to the maximum norm", is its default), as
# gudhi does. Seen: p_norm adds up squares whatever p is and then takes the p-th root, so bars of
# lengths 3 and 4 have the 1-norm 25, which grows with the square of the unit; and
# WassersteinDistance takes p for the way to the diagonal but always the maximum norm from point
# to point, so with p = 1 two bars that match are 2 apart instead of 3. It matters for networks:
# both serve as losses and as summaries of functional networks, and only one p each is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  torch-topological==0.1.9 torch==2.13.0 gudhi==3.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import torch
from gudhi.hera import wasserstein_distance
from torch_topological.nn import WassersteinDistance
from torch_topological.nn.data import PersistenceInformation
from torch_topological.utils.summary_statistics import p_norm

print("torch-topological", version("torch-topological"))
bars = np.array([[0.0, 3.0], [0.0, 4.0]])
for p in (1, 2, 3):
    expected = np.linalg.norm(bars[:, 1] - bars[:, 0], ord=p)
    found, doubled = (float(p_norm(torch.tensor(scale * bars), p=p)) for scale in (1, 2))
    print(f"p_norm, p = {p}: {found:.4f} instead of {expected:.4f};", end=" ")
    print(f"of bars twice as long {doubled / found:.4f} times that")
    assert np.isclose(found, np.sum((bars[:, 1] - bars[:, 0]) ** 2) ** (1 / p))
    assert np.isclose(found, expected) == np.isclose(doubled, 2 * found) == (p == 2)

pairs = {
    "a bar matched to another": (np.array([[0.0, 10.0]]), np.array([[1.0, 12.0]])),
    "a bar matched to the diagonal": (np.array([[0.0, 10.0], [4.0, 5.0]]), np.array([[0.0, 10.0]])),
}
for name, pair in pairs.items():
    wrapped = [PersistenceInformation(torch.empty(0), torch.tensor(each), 1) for each in pair]
    for p in (1, 2, np.inf):
        expected = wasserstein_distance(*pair, order=1, internal_p=p)
        found = float(WassersteinDistance(p=p, q=1)(*wrapped))
        print(f"WassersteinDistance, p = {p}, {name}: {found:.4f}, gudhi {expected:.4f}")
        assert np.isclose(found, expected) == (p == np.inf or "diagonal" in name)
PY
