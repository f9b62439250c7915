"""Send the blocks of a study to processes of this machine or to a Dask cluster."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError
from tqdm import tqdm

from funcnet_utils.studies.blocks import TRAINING, Block, Stage, blocks_of
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import Entry, Store

Done = list[tuple[Stage, dict[str, Any], Entry]]
Work = Callable[[Block], Done]
RETRIES = 2
"""How often a stage goes on after a process of this machine was killed."""


def fill(stage: Stage, config: StudyConfig, store: Store, workers: int, scheduler: str) -> None:
    """Compute the entries of a stage that the store lacks.

    Training that it needs is computed, too. The other arguments are those of
    `funcnet_utils.studies.run`. Workers of a Dask cluster need not share a folder with this
    machine: entries come back over the wire, and are refused if other code made them.
    """
    blocks = blocks_of(config)
    missing = [b for b in blocks if not store.path(stage.kind, stage.key(config, b)).exists()]
    if not missing:
        return
    Random(os.getpid()).shuffle(missing)  # processes that fill one study seldom meet at a block
    work = partial(_compute, stage, config, None if scheduler else store)
    done = _on_cluster(scheduler, work, missing) if scheduler else _here(workers, work, missing)
    title = f"{config.dataset}, {config.n_epochs} epochs, {stage.kind}"
    bar = tqdm(done, title, len(blocks), disable=None, unit="block")
    bar.update(len(blocks) - len(missing))
    for found in bar:
        for each, key, entry in found:
            if key["code"] != (mine := each.code(config.dataset)):
                raise ValueError(
                    f"a worker computed {each.kind} with code {key['code']}, but here it is "
                    f"{mine}: install the same version on all machines."
                )
            store.get_or_compute(each.kind, key, partial(Entry, **vars(entry)), tensors=False)


def _compute(stage: Stage, config: StudyConfig, store: Store | None, block: Block) -> Done:
    """Compute a stage; without a store to share, return it with the training it needs.

    What another process is computing is left to it: there is other work to do meanwhile.
    """
    if store is not None:
        if not store.is_busy(stage.kind, stage.key(config, block)):
            stage.run(config, block, store, tensors=False)
        return []
    return [
        (each, each.key(config, block), each.run(config, block, Store()))
        for each in dict.fromkeys((TRAINING, stage))
    ]


def _here(workers: int, work: Work, blocks: list[Block]) -> Iterator[Done]:
    """Yield what processes of this machine compute; one job stays in this process.

    If a process is killed, new ones try again what is not finished.
    """
    watch = {"initializer": _end_with, "initargs": (os.getpid(),)}
    config = joblib.parallel_config("loky", inner_max_num_threads=1, **watch)
    with config, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A worker stopped")  # one whose memory grew is replaced
        n_done, lost = 0, 0
        while n_done < len(blocks):
            run = joblib.Parallel(min(workers, len(blocks)), return_as="generator", batch_size=1)
            try:
                for done in run(joblib.delayed(work)(block) for block in blocks[n_done:]):
                    n_done += 1
                    yield done
            except TerminatedWorkerError as fault:
                said = "a process was killed, perhaps for lack of memory: "
                if (lost := lost + 1) > RETRIES:
                    raise ValueError(f"{said}run again with fewer workers.") from fault
                warnings.warn(f"{said}what was not finished is tried again.", stacklevel=2)


def _end_with(parent: int) -> None:
    """End this process within a second of its parent, even if that is killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _on_cluster(scheduler: str, work: Work, blocks: list[Block]) -> Iterator[Done]:
    """Yield what the workers of a Dask cluster compute."""
    try:
        from distributed import Client, Security, as_completed, rpc
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise ValueError(
            "a scheduler needs Dask: run `pip install -e '.[cluster]'`, or leave scheduler out."
        ) from None

    async def ask() -> str:
        args = Security().get_connection_args("client")
        async with asyncio.timeout(10), rpc(scheduler, connection_args=args) as other:
            return (await other.identity())["type"]

    try:
        with ThreadPoolExecutor(1) as other_than_that_of_a_notebook:
            answer = other_than_that_of_a_notebook.submit(asyncio.run, ask()).result()
    except Exception:  # whatever else listens there
        answer = "nothing"
    if answer != "Scheduler":
        raise ValueError(
            f"no Dask scheduler answers at {scheduler!r}: start one with `dask scheduler`, or "
            "leave scheduler out."
        )
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    with Client(scheduler, timeout=10) as client:
        futures = client.map(work, blocks, pure=False)
        try:
            for _, found in as_completed(futures, with_results=True):
                if isinstance(found, Exception):
                    raise ValueError(
                        f"the Dask scheduler at {scheduler!r} is gone: finished blocks are kept; "
                        "start it again and run again."
                    )
                yield found
        except KilledWorker as fault:
            raise ValueError(
                f"workers died of one block, {fault.allowed_failures + 1} in all, the last one at "
                f"{fault.last_worker.address!r}, perhaps for lack of memory: finished blocks are "
                "kept; start fewer workers on a machine and run again."
            ) from fault
