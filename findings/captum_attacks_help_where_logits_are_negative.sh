#!/usr/bin/env bash
# captum 0.9.0: captum.robust.FGSM and PGD without a loss_func take -log of what the network
# returns, as it is, not of probabilities. Expected: an untargeted attack on a classifier that
# returns logits, as torch classifiers do, lowers the right class, and depends on the logits only
# as their softmax does. Seen: the logarithm of a negative logit is not a number but its gradient
# is one, of the other sign, so where the right class has a negative logit the attack raises it and
# the network grows surer of its answer; no warning tells. The same constant added to all logits,
# which changes no probability, turns the attack round; with
# loss_func=CrossEntropyLoss(reduction="none") it lowers the right class either way. It matters for
# measuring networks under attack: accuracy that was merely left standing reads as robustness.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check captum==0.9.0 torch==2.13.0
"$folder/venv/bin/python" - <<'PY'
import captum
import torch
from captum.robust import FGSM, PGD

print("captum", captum.__version__)
point, right = torch.tensor([[0.2, 0.1]]), torch.tensor([0])
seen = {}
for constant in (-1.0, 1.0):

    def network(x, constant=constant):
        return x + constant  # two logits, one for each input; the first class is the right one

    def surety(x, network=network):
        return network(x).softmax(1)[0, 0].item()

    for loss in (None, torch.nn.CrossEntropyLoss(reduction="none")):
        attacked = FGSM(network, loss).perturb(point, 0.3, target=right)
        stepped = PGD(network, loss).perturb(point, 0.3, 0.1, 3, target=right)
        found = [round(surety(x), 3) for x in (point, attacked, stepped)]
        seen[constant, loss is None] = found
        print(f"logits {network(point).numpy().round(1)}, loss_func {loss}:", end=" ")
        print("probability of the right class {}, after FGSM {}, after PGD {}".format(*found))
for (constant, default), (before, *after) in seen.items():
    helped = default and constant < 0
    assert all((x > before) == helped and x != before for x in after)
PY
