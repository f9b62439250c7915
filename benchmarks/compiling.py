"""What the first call costs: the kernels are compiled once, and then read from numba's cache."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from benchmarks.machine import ROOT

PROGRAM = """
from benchmarks import graph_cases, topology_cases
for case in [*graph_cases.cases(quick=True), *topology_cases.cases(quick=True)]:
    case.ours(case.load())()
"""


def compile_seconds() -> dict[str, float]:
    """Return the seconds of the small cases with an empty cache, and again with a full one."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("empty_cache", "full_cache"):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", PROGRAM],
                cwd=ROOT,
                env=os.environ | {"NUMBA_CACHE_DIR": folder},
                check=True,
                capture_output=True,
            )
            found[name] = round(time.perf_counter() - start, 1)
    return found
