#!/usr/bin/env bash
# quantus 0.6.0: the metric Monotonicity finds every explanation of every network monotone.
# Expected from its docstring ("incrementally adding each attribute in order of increasing
# importance"): from a blank image, pixels of the true one return one by one, the least important
# first, and the answer is whether the output never falls. Seen: what is written into the blank
# image is the blank value once more, so the network is shown the same picture at every step, its
# output cannot fall, and the answer is True. A network whose output falls with each pixel that
# returns, explained by noise, passes for all images; by hand none does. It matters for explaining
# networks: a full score says nothing of the explanation.
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
shown = []


class Falls(torch.nn.Module):
    def forward(self, images):
        pixels = images.flatten(1)
        shown.append(pixels.numpy(force=True).copy())
        return torch.stack([0 * pixels[:, 0], -pixels.sum(1)], 1)


def monotone(image, explanation):
    """Return whether the output never falls while pixels return to a black image."""
    blank, outputs = np.zeros_like(image), []
    for pixel in np.argsort(np.abs(explanation)):
        blank[pixel] = image[pixel]
        outputs.append(-blank.sum())
    return bool((np.diff(outputs) >= 0).all())


generator = np.random.default_rng(0)
images = generator.uniform(0.2, 1, (5, 1, 4, 4)).astype(np.float32)
noise = generator.normal(size=images.shape).astype(np.float32)
expected = [monotone(*each) for each in zip(images.reshape(5, 16), noise.reshape(5, 16))]
for blank in ("black", "white", "mean"):
    shown.clear()
    metric = quantus.Monotonicity(perturb_baseline=blank, disable_warnings=True)
    data = {"x_batch": images.copy(), "y_batch": np.ones(5, int), "a_batch": noise.copy()}
    found = metric(model=Falls().eval(), softmax=False, **data)
    different = len({each.tobytes() for each in shown})
    print(f"{blank}: {found}, by hand from black {expected};", end=" ")
    print(f"{len(shown)} batches were shown, {different} different")
    assert all(found)
    assert (len(shown), different) == (16, 1)
assert not any(expected)
PY
