#!/usr/bin/env bash
# quantus 0.6.0: the metric SensitivityN compares what n pixels change with what an explanation
# says of the last of them alone. Expected from its docstring ("the correlation between sum of
# attributions and delta output" for subsets of n pixels): 1 for every n where the explanation is
# exact, as weight times pixel is for a linear network. Seen: pixels stay removed from step to step,
# so the change of the output adds up, while the attributions of each step stand alone; the exact
# explanation gets 1 for one pixel, less for more, and about 0 from half of the pixels on. It
# matters for explaining networks: methods are ranked by a number that the best cannot reach.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check quantus==0.6.0 torch==2.13.0
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import quantus
import torch

print("quantus", version("quantus"))
weights = np.linspace(-1, 1, 16, dtype=np.float32)


class Linear(torch.nn.Module):
    def forward(self, images):
        found = images.flatten(1) @ torch.from_numpy(weights)
        return torch.stack([0 * found, found], 1)


images = np.random.default_rng(0).random((40, 1, 4, 4), np.float32)
exact = images * weights.reshape(4, 4)
metric = quantus.SensitivityN(
    similarity_func=quantus.similarity_func.correlation_pearson,
    features_in_step=1,
    n_max_percentage=0.8,
    perturb_baseline=0.0,
    abs=False,
    normalise=False,
    return_aggregate=False,
    disable_warnings=True,
)
data = {"x_batch": images.copy(), "y_batch": np.ones(40, int), "a_batch": exact.copy()}
found = np.array(metric(model=Linear().eval(), softmax=False, **data))
told = -np.sort(-exact.reshape(40, 16), axis=1)  # most important first
change = told.cumsum(1)  # of the output, once the first n are gone: the network is linear
by_sum = [np.corrcoef(told[:, : n + 1].sum(1), change[:, n])[0, 1] for n in range(12)]
by_last = [np.corrcoef(told[:, n], change[:, n])[0, 1] for n in range(12)]
for name, values in (("quantus", found), ("sums", by_sum), ("the last pixel alone", by_last)):
    print(f"{name}:", *(f"{value:.2f}" for value in values))
np.testing.assert_allclose(by_sum, 1, atol=1e-6)
np.testing.assert_allclose(found, by_last, atol=1e-3)
assert np.abs(found[7:]).max() < 0.3
PY
