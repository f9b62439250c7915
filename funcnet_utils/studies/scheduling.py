"""Send the blocks of a study to processes of this machine or to a Dask cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import joblib
from tqdm import tqdm

from funcnet_utils.studies.blocks import STAGES, TRAINING, Block, Stage, blocks_of
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import Entry, Store


def fill(
    stage: Stage,
    config: StudyConfig,
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
        What to compute; training that it needs is computed, too.
    config : StudyConfig
        The study.
    store : Store
        Where results are kept.
    workers : int
        Processes of one thread each, at least 1; not used with a scheduler.
    scheduler : str or None
        Address of a running Dask scheduler, such as "tcp://10.0.0.1:8786". Its workers need not
        share a folder with this machine: entries come back over the wire.
    progress : bool
        Show a bar with the time left on standard error.

    Raises
    ------
    ValueError
        If the scheduler does not answer, or its workers run other code.
    """
    blocks = blocks_of(config)
    missing = [block for block in blocks if not stage.is_kept(config, block, store)]
    if not missing:
        return
    here = None if scheduler else store
    if here and (workers == 1 or len(missing) == 1):
        place = joblib.parallel_config("sequential")
    elif here:
        place = joblib.parallel_config("loky", n_jobs=workers, inner_max_num_threads=1)
    else:
        place = _cluster(str(scheduler))
    with place:
        done = joblib.Parallel(return_as="generator_unordered", batch_size=1)(
            joblib.delayed(_compute)(stage.kind, config, block, here) for block in missing
        )
        title = f"{config.dataset}, {config.n_epochs} epochs, {stage.kind}"
        count = {"total": len(blocks), "initial": len(blocks) - len(missing), "unit": "block"}
        for block, entries in tqdm(done, desc=title, disable=not progress, **count):
            for kind, code, entry in entries:
                _accept(kind, code, entry, config, block, store)


def _compute(
    kind: str, config: StudyConfig, block: Block, store: Store | None
) -> tuple[Block, list[tuple[str, str, Entry]]]:
    """Compute a stage; without a store to share, return it with the training it needs."""
    stages = {stage.kind: stage for stage in STAGES}
    if store is not None:
        stages[kind].run(config, block, store, tensors=False)
        return block, []
    return block, [
        (stage.kind, stage.code(config.dataset), stage.run(config, block, Store()))
        for stage in dict.fromkeys((TRAINING, stages[kind]))
    ]


def _accept(
    kind: str, code: str, entry: Entry, config: StudyConfig, block: Block, store: Store
) -> None:
    stage = next(stage for stage in STAGES if stage.kind == kind)
    if code != (mine := stage.code(config.dataset)):
        raise ValueError(
            f"a worker computed {kind} with code {code}, but here it is {mine}: install the same "
            "version on all machines."
        )
    store.get_or_compute(kind, stage.key(config, block), lambda: entry, tensors=False)


@contextlib.contextmanager
def _cluster(scheduler: str) -> Iterator[None]:
    try:
        from distributed import Client
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
    with client, joblib.parallel_config("dask", client=client):
        yield
