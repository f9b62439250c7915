#!/usr/bin/env bash
# numba 0.68.1 beside torch 2.13.0 on Linux: asking numba how many threads it may use changes how
# many torch uses. Expected: numba.get_num_threads() reads a number. Seen: it starts the threading
# layer, which in the build with OpenMP sets the number of threads of the OpenMP library that torch
# shares. Once torch has begun, torch.set_num_threads(1) is undone by it: torch then runs on all
# cores, slower on small matrices, and rounds otherwise. Nothing parallel was compiled.
# numba.config.NUMBA_NUM_THREADS tells the number and starts nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  numba==0.68.1 numpy==2.4.6 torch==2.13.0
cat >"$folder/threads.py" <<'PY'
import numba
import torch

torch.set_num_threads(1)
read = numba.config.NUMBA_NUM_THREADS
print("torch before:", torch.get_num_threads())
print("numba:", read, numba.get_num_threads(), numba.threading_layer())
print("torch after:", torch.get_num_threads())
PY
seen=$(NUMBA_NUM_THREADS=3 NUMBA_THREADING_LAYER=omp "$folder/venv/bin/python" "$folder/threads.py")
echo "$seen"
test "$seen" = "torch before: 1
numba: 3 3 omp
torch after: 3"
