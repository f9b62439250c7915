"""Every costly step beside the libraries that do the same: `make bench`, `python -m benchmarks -h`.

One thread each, unless a table says otherwise: set before the numeric libraries are loaded.
"""

import os

THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
)
for setting in THREAD_SETTINGS:
    os.environ.setdefault(setting, "1")
