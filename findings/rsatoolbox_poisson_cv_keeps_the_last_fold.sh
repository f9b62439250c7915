#!/usr/bin/env bash
# rsatoolbox 0.3.2: calc_rdm(method="poisson_cv") crossvalidates over runs and returns what the
# last fold gives. Expected, as of method="crossnobis" beside it: an average over the runs left out
# in turn, which does not depend on how runs are numbered. Seen: each fold overwrites the one
# before, so the dissimilarities of one recording change when its runs trade numbers, by more than 1
# here, and may change their sign; those of crossnobis stay. It matters for comparing networks or
# brains by spike counts: one run alone is tested, and the name of a run decides the result.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  rsatoolbox==0.3.2 numpy==2.4.6 scipy==1.17.1
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm

print("rsatoolbox", version("rsatoolbox"))
counts = np.random.default_rng(0).poisson(5, (12, 6)).astype(float)
condition, run = np.tile(np.arange(4), 3), np.repeat([0, 1, 2], 4)


def dissimilarities(method, runs):
    data = Dataset(counts.copy(), obs_descriptors={"condition": condition, "run": runs})
    found = calc_rdm(data, method=method, descriptor="condition", cv_descriptor="run")
    return found.get_vectors()[0]


found = {
    method: np.array([dissimilarities(method, (run + shift) % 3) for shift in range(3)])
    for method in ("crossnobis", "poisson_cv")
}
for method, rows in found.items():
    print(method, "with runs numbered in three ways:", *rows.round(3))
np.testing.assert_allclose(found["crossnobis"], found["crossnobis"][[0, 0, 0]])
spread = np.ptp(found["poisson_cv"], axis=0)
print("largest change of a dissimilarity:", spread.max().round(3))
assert spread.max() > 0.2
PY
