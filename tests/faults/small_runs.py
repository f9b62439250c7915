"""A study of a second, run in a process of its own that a test may kill, starve or deceive.

Every process is forked from one that has imported the package, so that it starts at once.
"""

import hashlib
import itertools
import multiprocessing
import os
import resource
import signal
import sys
import time
import warnings
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numba
import numpy as np
import torch._dynamo
from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_limits

from funcnet_utils import studies
from funcnet_utils.studies.blocks import STAGES
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import Store

CONFIG = StudyConfig(
    dataset="digits",
    hidden=(10, 6),
    arms=("vanilla", "dropout"),
    n_networks=2,
    n_epochs=1,
    density=0.25,
    densities=(0.3,),
    n_null=2,
    block_size=1,
    n_lesions=1,
)
ENTRIES = 12  # training, analysis and lesions of four blocks
TOUCHES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "shutil.rmtree"}
CODES = [stage.code(CONFIG.dataset) for stage in STAGES]  # found once, for all that are forked


def digests(study: studies.Study) -> dict[str, str]:
    """Return the SHA-256 of every bit of the tables, diagrams, correlations and parameters."""
    parts: dict[str, list[np.ndarray]] = {}
    for name, table in study.tables.items():
        parts[name] = [np.array([*table.columns], dtype=str), table.index.to_numpy()]
        for column in table.columns:
            kind = table[column].dtype.kind
            parts[name].append(table[column].to_numpy(dtype=None if kind in "biuf" else str))
    for arm, network in itertools.product(study.config.arms, range(study.config.n_networks)):
        state = study.population(arm, network).state_dict()
        arrays = [*study.diagrams[arm, network], study.correlation(arm, network)]
        parts[f"{arm} {network}"] = arrays + [tensor.numpy() for tensor in state.values()]
    return {
        name: hashlib.sha256(
            b"".join(f"{a.dtype}{a.shape}".encode() + a.tobytes() for a in arrays)
        ).hexdigest()
        for name, arrays in parts.items()
    }


def watch(root: Path, report: dict, last: int | None) -> None:
    """Count what Python does to files of a store, note what it writes, and die at the last."""

    def see(event: str, values: tuple) -> None:
        if event not in TOUCHES or not str(values[0]).startswith(f"{root}/"):
            return
        report["touches"] += 1
        if report["touches"] == last:
            os.kill(os.getpid(), signal.SIGKILL)
        if event == "os.rename" and str(values[0]).endswith(".partial"):
            report["written"].append(Path(values[1]).name)

    sys.addaudithook(see)


def work(root: Path, pipe: Connection, options: dict) -> None:
    """Run the study with its files in a folder, and send what came out of it."""
    report: dict = {"written": [], "touches": 0, "fault": "", "said": []}
    config = replace(CONFIG, **options.get("changes", {}))
    where = {"workers": options.get("workers", 1), "scheduler": options.get("scheduler")}
    numba_threads = partial(setattr, numba.config, "NUMBA_NUM_THREADS")
    for limit in (torch.set_num_threads, numba_threads, threadpool_limits):
        limit(options.get("threads", 1))
    if "user" in options:  # once as oneself, to have imported all that other users cannot
        studies.run(config, store=Store(f"{root}-own"), workers=1, lesions=True)
        os.setuid(options["user"])
    if "largest_file" in options:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (options["largest_file"],) * 2)
    if "clock" in options:
        now = time.time
        time.time = lambda: now() + options["clock"]
    watch(root, report, options.get("last"))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            study = studies.run(config, store=Store(root), lesions=True, **where)
            report["tables"] = digests(study)
        except Exception as fault:
            report["fault"] = f"{type(fault).__name__}: {fault}"
    report["said"] = [str(each.message) for each in said]
    get_reusable_executor().shutdown(wait=True) if where["workers"] > 1 else None
    pipe.send(report)
    os._exit(0)


class Run:
    """A run of the study that has begun, with its files in a folder.

    Options: `changes` of the configuration; `workers`, `threads`, `scheduler`; `last`, the touch of
    a file at which the run dies; `largest_file` in bytes; `user`, a number; `clock`, seconds that
    are added to the time.
    """

    def __init__(self, root: Path, **options: object) -> None:
        forks = multiprocessing.get_context("forkserver")
        forks.set_forkserver_preload([__name__])
        self.pipe, other = forks.Pipe(duplex=False)
        self.process = forks.Process(target=work, args=(root, other, options))
        self.process.start()
        other.close()

    def kill(self) -> None:
        """End the run as the system does when memory runs out."""
        self.process.kill()
        self.process.join()

    def report(self) -> dict | None:
        """Wait for the end; return what came out, or None if the run was killed."""
        try:
            found = self.pipe.recv() if self.pipe.poll(300) else {"fault": "no end in 300 s"}
        except EOFError:
            found = None
        self.process.join(30)
        return found


def run(root: Path, **options: object) -> dict | None:
    """Run the study to its end, and return what came out."""
    return Run(root, **options).report()


def entries(root: Path) -> dict[str, tuple]:
    """Return the finished blocks of a store: when each file was written, and where."""
    return {
        folder.name: tuple(
            (file.name, file.stat().st_mtime_ns, file.stat().st_ino)
            for file in sorted(folder.iterdir())
        )
        for folder in root.glob("[0-9a-f]*")
        if "." not in folder.name
    }
