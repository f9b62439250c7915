#!/usr/bin/env bash
# brainspace 0.3.0: its wheel holds matrices of single persons, datasets/matrices/individual/
# HCP_<subject number>_<minimum|median|maximum>_<parcellation>_<regions>.csv. Expected: the number
# says whose recording it is, so that files with different numbers are independent samples and
# files with one number belong together. Seen, for the twelve "vosdewael" files, on the regions
# that two of the parcellations share vertex for vertex: the word decides, not the number. Files of
# one word never share a number, yet hold the very same correlations, to the last digit; the one
# number that stands on two files stands on two that have no equal value there. It matters for
# networks measured over sizes of parcellation: taken as subjects, the eleven numbers are three
# recordings counted over and over, and pairing by number pairs different recordings.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6
"$folder/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps \
  --dest "$folder" brainspace==0.3.0
"$folder/venv/bin/python" -m zipfile -e "$folder"/brainspace-0.3.0-*.whl "$folder/wheel"
cd "$folder/wheel/brainspace/datasets"
"$folder/venv/bin/python" - <<'PY'
import itertools
from pathlib import Path

import numpy as np

files = {}  # by subject number, word and number of regions
for path in Path("matrices/individual").glob("HCP_*_vosdewael_*.csv"):
    _, number, word, _, size = path.stem.split("_")
    files[number, word, size] = np.loadtxt(path, delimiter=",")
counts = (len(files), *(len({key[i] for key in files}) for i in (0, 1)))
print("brainspace 0.3.0: {} matrices, {} subject numbers, {} words".format(*counts))
assert counts == (12, 11, 3)
rows = {}  # for each number of regions, the row of a region in the matrices, by its vertices
for size in ("100", "200", "300", "400"):
    labels = np.loadtxt(f"parcellations/vosdewael_{size}_conte69.csv", delimiter=",")
    rows[size] = {(labels == k).tobytes(): k - 1 for k in range(1, int(size) + 1)}
seen = {}
for (a, x), (b, y) in itertools.combinations(files.items(), 2):
    shared = [region for region in rows[a[2]] if region in rows[b[2]]]
    i, j = ([rows[key[2]][region] for region in shared] for key in (a, b))
    above = np.triu_indices(len(shared), 1)
    equal = np.mean(x[np.ix_(i, i)][above] == y[np.ix_(j, j)][above])
    seen.setdefault((a[1] == b[1], a[0] == b[0]), []).append(equal)
for (word, number), equal in sorted(seen.items()):
    print(f"same word {word}, same number {number}: {len(equal)} pairs,", end=" ")
    print(f"share of equal correlations {min(equal)} to {max(equal):.4f}")
assert (True, True) not in seen and min(seen[True, False]) == 1 and len(seen[True, False]) == 18
assert seen[False, True] == [0] and max(seen[False, False]) < 0.01
PY
