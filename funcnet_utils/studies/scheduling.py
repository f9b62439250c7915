"""Send the blocks of a study to processes of this machine or to a Dask cluster."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import joblib
import pandas as pd
from tqdm import tqdm

from funcnet_utils.studies.blocks import STAGES, Block, Stage
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import Entry, Store

PROGRESS = "FUNCNET_PROGRESS"
Parcel = tuple[str, dict[str, Any], Entry]


def fill(
    stage: Stage,
    config: StudyConfig,
    blocks: Sequence[Block],
    store: Store,
    *,
    workers: int,
    scheduler: str | None,
    progress: bool,
) -> None:
    """Compute the entries of a stage that the store lacks.

    Parameters
    ----------
    stage : Stage
        What to compute; earlier stages that it needs are computed, too.
    config : StudyConfig
        The study.
    blocks : sequence of Block
        Its blocks.
    store : Store
        Where results are kept.
    workers : int
        Processes of one thread each, at least 1; not used with a scheduler.
    scheduler : str or None
        Address of a running Dask scheduler, such as "tcp://10.0.0.1:8786".
    progress : bool
        Show a bar with the time left on standard error.

    Raises
    ------
    ValueError
        If the scheduler does not answer, or its workers run other code.
    """
    missing = [block for block in blocks if not stage.is_kept(config, block, store)]
    if not missing:
        return
    if scheduler is not None:
        done = _on_cluster(stage, config, missing, store, scheduler)
    elif workers == 1 or len(missing) == 1:
        done = (_compute(stage, config, block, store) for block in missing)
    else:
        done = _in_processes(stage, config, missing, store, workers)
    told = os.environ.get(PROGRESS)  # a page has no terminal: who runs it reads this file
    stream = open(told, "w", encoding="utf-8") if told else sys.stderr  # noqa: SIM115
    with (
        contextlib.closing(stream) if told else contextlib.nullcontext(),
        tqdm(
            total=len(blocks),
            initial=len(blocks) - len(missing),
            desc=f"{config.dataset}, {config.n_epochs} epochs, {stage.kind}",
            unit="block",
            file=stream,
            disable=not (progress or told),
        ) as bar,
    ):
        for facts in done:
            bar.update()
            bar.set_postfix(facts)


def _compute(stage: Stage, config: StudyConfig, block: Block, store: Store) -> dict[str, str]:
    return _facts(block, stage.entry(config, block, store).tables)


def _in_processes(
    stage: Stage, config: StudyConfig, blocks: Sequence[Block], store: Store, workers: int
) -> Iterator[dict[str, str]]:
    with joblib.parallel_config("loky", n_jobs=workers, inner_max_num_threads=1):
        yield from joblib.Parallel(return_as="generator_unordered")(
            joblib.delayed(_compute)(stage, config, block, store) for block in blocks
        )


def _on_cluster(
    stage: Stage, config: StudyConfig, blocks: Sequence[Block], store: Store, scheduler: str
) -> Iterator[dict[str, str]]:
    """Compute on a Dask cluster, whose workers need not share a folder with this machine."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise ValueError(
            "a scheduler needs Dask: run `pip install -e '.[cluster]'`, or leave scheduler out."
        ) from None
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as fault:
        raise ValueError(
            f"no Dask scheduler answers at {scheduler!r}: start one with `dask scheduler`, or "
            "leave scheduler out."
        ) from fault
    with client:
        futures = [
            client.submit(_parcels, stage.kind, config, block, pure=False) for block in blocks
        ]
        blocks_of = dict(zip((future.key for future in futures), blocks, strict=True))
        for future, parcels in as_completed(futures, with_results=True):
            block = blocks_of[future.key]
            for kind, key, entry in parcels:
                _accept(kind, key, entry, config, block, store)
            yield _facts(block, parcels[-1][2].tables)


def _parcels(kind: str, config: StudyConfig, block: Block) -> list[Parcel]:
    """Compute a stage on a worker; return it with what it needs."""
    store = Store()
    stage = next(stage for stage in STAGES if stage.kind == kind)
    return [
        (part.kind, part.key(config, block), part.entry(config, block, store))
        for part in (*stage.needs, stage)
    ]


def _accept(
    kind: str, key: dict[str, Any], entry: Entry, config: StudyConfig, block: Block, store: Store
) -> None:
    stage = next(stage for stage in STAGES if stage.kind == kind)
    if key != stage.key(config, block):
        raise ValueError(
            f"a worker computed {kind} with code {key['code']}, but here it is "
            f"{stage.key(config, block)['code']}: install the same version on all machines."
        )
    store.get_or_compute(kind, key, lambda: entry)


def _facts(block: Block, tables: dict[str, pd.DataFrame]) -> dict[str, str]:
    facts = {"arm": block.arm}
    if "networks" in tables:
        networks = tables["networks"]
        facts["loss"] = f"{networks['train_loss'].mean():.3f}"
        facts["accuracy"] = f"{networks['test_accuracy'].mean():.1%}"
    return facts
