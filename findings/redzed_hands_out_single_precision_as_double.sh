#!/usr/bin/env bash
# redzed-tda 0.1.1: rips() takes a matrix of float64 and returns arrays of float64, and says nothing
# of precision. Expected: births and deaths are distances of the matrix, bit for bit, as a
# Vietoris-Rips filtration has no other values. Seen: the distances go through single precision, so
# no death of a component of 60 random points is a distance of the matrix (np.isin finds none, and
# an edge cannot be looked up by its length), a square of side 1/3 has its loop born at 0.33333334,
# and a loop that lives for 1e-8 of its birth is not reported. It matters where bars are compared
# with thresholds, where the edge of a birth is looked up, and as an oracle of exact programs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check redzed-tda==0.1.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from redzed_tda import rips

print("redzed-tda", version("redzed-tda"))
points = np.random.default_rng(0).normal(size=(60, 3))
distances = np.linalg.norm(points[:, None] - points, axis=-1)
deaths = rips(distances, 1)[0][:-1, 1]
known, single = (np.isin(deaths, each) for each in (distances, distances.astype(np.float32)))
print(f"{deaths.dtype}: of {len(deaths)} deaths {known.sum()} are distances of the matrix,")
print(f"and {single.sum()} are distances of the matrix in single precision")
assert deaths.dtype == np.float64
assert known.sum() == 0
assert single.all()

steps = np.abs(np.arange(4)[:, None] - np.arange(4))
square = np.minimum(steps, 4 - steps).astype(float)  # sides 1, diagonals 2
((birth, death),) = rips(square / 3, 1)[1]
print(f"a square of side 1/3: born at {birth:.10f}, dies at {death:.10f}")
assert birth == np.float64(np.float32(1 / 3)) != 1 / 3

for life in (1e-6, 1e-8):
    short = np.where(square == 2, 1 + life, square)
    found = len(rips(short, 1)[1])
    print(f"a loop that is born at 1 and lives for {life:g}: {found} found")
    assert found == (life == 1e-6)
PY
