#!/usr/bin/env bash
# persim 0.4.1: PersistenceImager(birth_range=..., pers_range=..., pixel_size=...) rounds the
# number of pixels down and spaces them by something else than pixel_size. Expected: the picture
# covers the range asked for, enlarged to whole pixels where they do not fit, as after fit and as
# the same values do when they are assigned afterwards. Seen, for a range of 0.6 in pixels of 0.2,
# which do fit: 0.6 / 0.2 is 2.9999999999999996, so the picture has 2 x 2 pixels and ends at 0.533,
# although pers_range still reads (0, 0.6); the one long-lived loop of the diagram, of persistence
# 0.58, is not in it. Assigning pixel_size its own value gives 3 x 3 pixels and brings it back. It
# matters for networks: the longest bars are what a picture of persistence is made for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check persim==0.4.1
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from persim import PersistenceImager

print("persim", version("persim"))
diagram = np.array([[0.1, 0.68]])  # born at 0.1, persistence 0.58
imager = PersistenceImager(
    birth_range=(0.0, 0.6),
    pers_range=(0.0, 0.6),
    pixel_size=0.2,
    kernel_params={"sigma": [[1e-6, 0.0], [0.0, 1e-6]]},  # next to nothing leaves the pixel
)
seen = []
for what in ("as made", "pixel_size assigned its own value"):
    picture = imager.transform(diagram)
    seen.append((imager.resolution, picture.shape, round(float(picture.sum()), 6)))
    print(f"{what}: pers_range {tuple(float(x) for x in imager.pers_range)}, resolution", end=" ")
    print(f"{imager.resolution}, sum of the picture {seen[-1][2]}")
    imager.pixel_size = imager.pixel_size
assert seen == [((2, 2), (2, 2), 0.0), ((3, 3), (3, 3), 0.58)]
PY
