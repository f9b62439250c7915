#!/usr/bin/env bash
# gudhi 3.13.0: gudhi.representations.Landscape and Silhouette return their functions times the
# square root of 2. Expected: the landscape of the paper that its docstring names, whose first
# function over one bar [birth, death] is a tent of height (death - birth) / 2. Seen: a bar [0, 1]
# has its tip at 0.7071, not at 0.5, and the stability theorem (the landscapes of two diagrams
# differ nowhere by more than the bottleneck distance) fails within gudhi: 0.7071 against 0.5. The
# docstrings of neither class say so. It matters for networks: norms of landscapes cannot be put
# beside those of other tools or of papers, nor beside distances of diagrams.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  gudhi==3.13.0 scikit-learn==1.8.0
"$folder/venv/bin/python" - <<'PY'
import gudhi
import numpy as np
from gudhi.representations import Landscape, Silhouette

print("gudhi", gudhi.__version__)
bar, none = np.array([[0.0, 1.0]]), np.empty((0, 2))
grid = np.linspace(0, 1, 5)
defined = np.maximum(0, np.minimum(grid - 0, 1 - grid))
print("tent by definition:", defined)
for function in (
    Landscape(num_landscapes=1, resolution=5, sample_range=[0, 1]),
    Silhouette(resolution=5, sample_range=[0, 1]),
):
    found = function.fit_transform([bar])[0]
    print(f"{type(function).__name__}: {found.round(4)}")
    assert np.allclose(found, np.sqrt(2) * defined)
    for text in (type(function).__doc__, type(function).__init__.__doc__):
        assert "sqrt" not in text and "square root" not in text
distance = gudhi.bottleneck_distance(bar, none)
apart = found.max()  # from the landscape of no bar, which is 0
print(f"bottleneck distance to no bar {distance}, landscapes apart by {apart:.4f}")
assert distance == 0.5 < apart
PY
