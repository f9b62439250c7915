#!/usr/bin/env bash
# persim 0.4.1: PersLandscapeExact is wrong where bars of a diagram are equal. Expected from its
# docstring ("all computations done with these classes are exact"): the k-th function is the k-th
# largest of the tents over the bars, so that the areas under all functions add up to those of the
# tents. Seen: of two equal bars, the second gives a copy of the whole first function, with what a
# later and longer bar added to it, so the total area of three tents of area 1 is 3.75, and persim's
# own PersLandscapeApprox gives something else. Four different bars that share births and deaths
# are enough, as cutting them yields equal pieces; bars without ties are right. It matters for
# networks: distances that are rounded, whole numbers or ranks, and symmetric networks, give ties.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  persim==0.4.1 ripser==0.6.15 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from persim import PersLandscapeApprox, PersLandscapeExact
from ripser import ripser

print("persim", version("persim"))
corners = np.array([[0, 0], [0, 1], [1, 1], [1, 0]])
points = np.vstack([corners * 4, corners * 4 + [90, 0], corners * 5 + [0, 90]]).astype(float)
loops = ripser(points, thresh=9)["dgms"][1]  # one of each square
assert len(loops) == 3
diagrams = {
    "no ties": np.array([[0.0, 2.0], [0.5, 2.5], [1.0, 3.0]]),
    "two equal bars": np.array([[0.0, 2.0], [0.0, 2.0], [1.0, 3.0]]),
    "four different bars": np.array([[0.0, 3.0], [1.0, 3.0], [1.0, 9.0], [4.0, 9.0]]),
    "loops of three squares, two of them alike": loops,
}
for name, bars in diagrams.items():
    births, deaths = bars.T
    grid = np.linspace(births.min(), deaths.max(), 4001)
    tents = np.maximum(0, np.minimum(grid - births[:, None], deaths[:, None] - grid))
    defined = np.sort(tents, axis=0)[::-1]  # the k-th largest at each place of the grid
    exact = PersLandscapeExact([bars], hom_deg=0)
    found = np.zeros_like(defined)
    for k, pairs in enumerate(exact.critical_pairs[: len(bars)]):
        found[k] = np.interp(grid, *zip(*pairs), left=0, right=0)
    about = PersLandscapeApprox(grid[0], grid[-1], len(grid), [bars]).values
    areas = exact.p_norm(1), float(np.sum((deaths - births) ** 2) / 4)
    off = np.abs(found - defined).max(axis=1)
    print(f"{name}: area {areas[0]:.4f} instead of {areas[1]:.4f},", end=" ")
    print(f"first, second and third function off by up to {off[:3].round(3)}")
    assert np.abs(about - defined[: len(about)]).max() < 0.005
    if name == "no ties":
        assert np.isclose(*areas)
        assert off.max() < 1e-9
    else:
        assert areas[0] > 1.05 * areas[1]
        assert off.max() > 0.1
PY
