"""Time our route and a peer's in turn on the same input, after their results were compared."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).parents[1]
LEAST_SAMPLE = 0.02  # seconds: shorter calls are repeated inside a sample
LONG_CALL = 20.0  # seconds: longer calls are not repeated

Prepare = Callable[[Any], Callable[[], Any]]


class Timed(NamedTuple):
    """The result of a call that works in other processes, and the CPU seconds of the slowest."""

    value: Any
    seconds: float


@dataclass(frozen=True)
class Route:
    """One way to compute a step.

    Parameters
    ----------
    name : str
        Name in the table.
    modules : tuple of str
        What must be importable; the version of the first goes to the table.
    prepare : callable
        From the input of the case to the call that is timed: conversions happen before.
    target : float, optional
        How many times slower than ours the issue expects it to be, at least.
    tolerance : float
        Largest difference of the results, relative to the largest number in ours.
    clock : {"cpu", "wall"}
        CPU seconds, which other programs on the machine hardly change, or seconds on the wall
        where threads wait for each other; the same for both routes.
    slow : bool
        Only with `--full`: one call, in a process of its own, which measures memory as well.
    note : str
        What a reader must know to judge the row.
    """

    name: str
    modules: tuple[str, ...]
    prepare: Prepare
    target: float | None = None
    tolerance: float = 1e-9
    clock: str = "cpu"
    slow: bool = False
    note: str = ""

    @property
    def missing(self) -> list[str]:
        return [name for name in self.modules if importlib.util.find_spec(name) is None]


@dataclass(frozen=True)
class Case:
    """A step at one size: an input, our route, and the routes of the peers."""

    step: str
    n: int
    density: float | None
    load: Callable[[], Any]
    ours: Prepare
    peers: Sequence[Route] = field(default_factory=tuple)
    with_memory: bool = True
    per: int = 1  # what our call does that many times, the peer's does once
    note: str = ""

    @property
    def key(self) -> str:
        return f"{self.step}, n={self.n}"

    @property
    def routes(self) -> dict[str, Prepare]:
        return {"funcnet": self.ours} | {peer.name: peer.prepare for peer in self.peers}


@dataclass(frozen=True)
class Alone:
    """What a call took in a process of its own."""

    seconds: float
    mebibytes: float
    value: np.ndarray


def measure(case: Case, repetitions: int, full: bool, quick: bool) -> list[dict[str, Any]]:
    """Return one row of the table for each peer."""
    todo = [p for p in case.peers if not p.missing and (full or not p.slow)]
    if not todo:
        return [_row(case, peer, reason=_reason(peer)) for peer in case.peers]
    data = case.load()
    ours = case.ours(data)
    value = flat(ours())
    with_memory = case.with_memory and not quick
    memory = alone(case, "funcnet", quick).mebibytes if with_memory else None
    rows = []
    for peer in case.peers:
        if peer not in todo:
            rows.append(_row(case, peer, reason=_reason(peer)))
            continue
        try:
            rows.append(_compared(case, peer, data, ours, value, memory, repetitions, quick))
        except Exception as fault:  # a peer that fails is a row, and the run goes on
            rows.append(_row(case, peer, reason=f"failed: {type(fault).__name__}: {fault}"[:200]))
    return rows


def _compared(
    case: Case,
    peer: Route,
    data: Any,
    ours: Callable[[], Any],
    value: np.ndarray,
    memory: float | None,
    repetitions: int,
    quick: bool,
) -> dict[str, Any]:
    if peer.slow:
        first = alone(case, peer.name, quick)
        other, peer_memory, peer_times = first.value, first.mebibytes, [first.seconds]
        our_times = [sample(ours, peer.clock) for _ in range(repetitions)]
    else:
        call = peer.prepare(data)
        now = time.process_time if peer.clock == "cpu" else time.perf_counter
        start = now()
        other = flat(call())
        first_seconds = now() - start
        if first_seconds > LONG_CALL:
            repetitions = 1
        clock = peer.clock
        times = [(sample(ours, clock), sample(call, clock)) for _ in range(repetitions)]
        our_times, peer_times = (list(part) for part in zip(*times, strict=True))
        with_memory = memory is not None and first_seconds <= LONG_CALL
        peer_memory = alone(case, peer.name, quick).mebibytes if with_memory else None
    off = difference(value, other)
    if not off <= peer.tolerance:
        raise AssertionError(f"results differ by {off:.2g}, expected {peer.tolerance:g}")
    seconds, peer_seconds = median(our_times) / case.per, median(peer_times)
    return _row(
        case,
        peer,
        seconds_ours=seconds,
        seconds_peer=peer_seconds,
        ratio=peer_seconds / seconds,
        memory_ours=memory,
        memory_peer=peer_memory,
        repetitions=len(peer_times),
        difference=off,
    )


def sample(call: Callable[[], Any], clock: str = "cpu") -> float:
    """Return the seconds of one call, the mean over several if it is short."""
    now = time.process_time if clock == "cpu" else time.perf_counter
    count, elsewhere = 0, 0.0
    taken = 0.0
    start = now()
    while taken < LEAST_SAMPLE:
        found = call()
        count += 1
        if clock == "cpu" and isinstance(found, Timed):
            elsewhere += found.seconds
        taken = now() - start + elsewhere
    return taken / count


def flat(value: Any) -> np.ndarray:
    """Return numbers, arrays or nested sequences of them as one array."""
    if isinstance(value, Timed):
        return flat(value.value)
    if isinstance(value, list | tuple):
        return np.concatenate([flat(part) for part in value]) if value else np.zeros(0)
    return np.asarray(value, dtype=float).ravel()


def difference(ours: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference, relative to our largest number; infinite for other sizes."""
    if ours.shape != other.shape:
        return float("inf")
    scale = np.abs(ours).max(initial=0) or 1.0
    return float(np.abs(ours - other).max(initial=0) / scale)


def alone(case: Case, route: str, quick: bool) -> Alone:
    """Run a route once in a fresh process: the peak of its memory, its seconds, its result."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "value.npy"
        command = [sys.executable, "-m", "benchmarks.alone", case.key, route, str(file)]
        done = subprocess.run(
            [*command, *(["--quick"] if quick else [])],
            cwd=ROOT,
            env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"},  # arrays go back when freed
            capture_output=True,
            text=True,
        )
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            raise RuntimeError(last[0])
        facts = json.loads(done.stdout.strip().splitlines()[-1])
        return Alone(facts["seconds"], facts["mebibytes"], np.load(file))


def library_version(module: str) -> str:
    """Return the version of the package that holds a module."""
    names = packages_distributions().get(module.split(".")[0], [module])
    try:
        return f"{names[0]} {version(names[0])}"
    except PackageNotFoundError:
        return ""


def _reason(peer: Route) -> str:
    if peer.missing:
        return f"not installed: {', '.join(peer.missing)}"
    return "not run: only with --full"


def _row(case: Case, peer: Route, reason: str = "", **measured: Any) -> dict[str, Any]:
    notes = [reason, case.note, peer.note]
    if peer.slow and not reason:
        notes.append("one call, in a process of its own")
    return {
        "step": case.step,
        "n": case.n,
        "density": case.density,
        "peer": peer.name,
        "seconds_ours": None,
        "seconds_peer": None,
        "ratio": None,
        "target": peer.target,
        "memory_ours_mib": measured.pop("memory_ours", None),
        "memory_peer_mib": measured.pop("memory_peer", None),
        "repetitions": 0,
        "clock": peer.clock,
        "difference": None,
        "version": "" if peer.missing else library_version(peer.modules[0]),
        "note": "; ".join(note for note in notes if note),
        **measured,
    }
