"""Run one route of one case in this process, and tell its seconds and its peak of memory."""

from __future__ import annotations

import ctypes.util
import gc
import json
import resource
import sys
import time
from pathlib import Path

import click
import numpy as np

from benchmarks.cases import all_cases, find
from benchmarks.harness import flat

STATUS, PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")
FIRST_TO_GO = Path("/proc/self/oom_score_adj")


def forget_peak() -> float:
    """Start the peak anew where the system can, and return the MiB taken now.

    A child inherits the peak of the parent that it was forked from, so `ru_maxrss` alone would
    tell the size of the whole benchmark.
    """
    try:
        PEAK.write_text("5")
    except OSError:
        return peak()
    return _status("VmRSS")


def give_back() -> None:
    """Return freed memory to the system, lest the call works in what was taken before."""
    gc.collect()
    library = ctypes.util.find_library("c")
    if library and hasattr(ctypes.CDLL(library), "malloc_trim"):
        ctypes.CDLL(library).malloc_trim(0)


def peak() -> float:
    """Return the peak of memory of this process in MiB."""
    if STATUS.exists():
        return _status("VmHWM")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _status(name: str) -> float:
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) / 2**10


@click.command()
@click.argument("key")
@click.argument("route")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True)
def main(key: str, route: str, file: Path, quick: bool) -> None:
    """Warm up on the small case of the same step, so that code is loaded; then run once."""
    if FIRST_TO_GO.exists():  # if memory runs out, let it be this process
        FIRST_TO_GO.write_text("1000")
    case = find(key, quick)
    for small in all_cases(quick=True):
        if small.step == case.step and route in small.routes:
            small.routes[route](small.load())()
            break
    call = case.routes[route](case.load())
    give_back()
    before = forget_peak()
    start = time.process_time()
    value = call()
    seconds = time.process_time() - start
    top = peak()
    np.save(file, flat(value))
    click.echo(json.dumps({"seconds": seconds, "mebibytes": max(top - before, 0.0)}))


if __name__ == "__main__":
    main()
