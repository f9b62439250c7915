#!/usr/bin/env bash
# torch 2.13.0: the first step of any optimizer imports the compiler of PyTorch. Expected: a step on
# plain tensors runs kernels that torch has loaded. Seen: Optimizer.step calls
# torch._dynamo.graph_break(), whose lazy import brings more than 500 modules, which takes a second
# or so in every process that trains, however small the network; many short processes (workers,
# kernels of notebooks) pay it each. The function torch.optim.adam.adam does the same step, bit for
# bit, without it; a process that is forked or kept can import torch._dynamo once beforehand.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.3
cat >"$folder/step.py" <<'PY'
import sys

import torch
from torch.optim.adam import adam

start, slope = torch.linspace(-1, 1, 1000), torch.linspace(1, 3, 1000)
here = start.clone()
rule = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
state = [torch.zeros_like(here), torch.zeros_like(here), torch.zeros(())]
known = set(sys.modules)
adam(
    *([here], [slope], [state[0]], [state[1]], [], [state[2]]),
    **rule,
    fused=True,
    amsgrad=False,
    maximize=False,
)
print("the function:", len(set(sys.modules) - known) < 20, "torch._dynamo" in sys.modules)
there = torch.nn.Parameter(start.clone())
there.grad = slope.clone()
kind, fused = getattr(torch.optim, sys.argv[1]), sys.argv[1] == "Adam"
known = set(sys.modules)
kind([there], lr=0.1, **({"fused": True} if fused else {})).step()
more = len(set(sys.modules) - known)
print("the class:", more > 500, "torch._dynamo" in sys.modules, torch.equal(here, there.data))
print(more, "modules", file=sys.stderr)
PY
for kind in Adam SGD; do
  seen=$("$folder/venv/bin/python" "$folder/step.py" "$kind")
  echo "$kind"
  echo "$seen"
  equal=$([ "$kind" = Adam ] && echo True || echo False)
  test "$seen" = "the function: True False
the class: True True $equal"
done
