"""Send the blocks of a study to processes of this machine or to a Dask cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import joblib
from tqdm import tqdm

from funcnet_utils.studies.blocks import TRAINING, Block, Stage, blocks_of
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import Entry, Store


def fill(
    stage: Stage, config: StudyConfig, store: Store, workers: int, scheduler: str, progress: bool
) -> None:
    """Compute the entries of a stage that the store lacks.

    Parameters
    ----------
    stage : Stage
        What to compute; training that it needs is computed, too.
    config, store, workers, scheduler, progress
        As in `funcnet_utils.studies.run`. Workers of a Dask cluster need not share a folder with
        this machine: entries come back over the wire, and are refused if other code made them.
    """
    blocks = blocks_of(config)
    missing = [block for block in blocks if not stage.is_kept(config, block, store)]
    if not missing:
        return
    if scheduler:
        place = _cluster(scheduler)
    else:  # one job stays in this process
        workers = min(workers, len(missing))
        place = joblib.parallel_config("loky", n_jobs=workers, inner_max_num_threads=1)
    title = f"{config.dataset}, {config.n_epochs} epochs, {stage.kind}"
    with place:
        done = joblib.Parallel(return_as="generator_unordered", batch_size=1)(
            joblib.delayed(_compute)(stage, config, block, None if scheduler else store)
            for block in missing
        )
        bar = tqdm(done, title, len(blocks), disable=not progress, unit="block")
        bar.update(len(blocks) - len(missing))
        for found in bar:
            for each, key, entry in found:
                if key["code"] != (mine := each.code(config.dataset)):
                    raise ValueError(
                        f"a worker computed {each.kind} with code {key['code']}, but here it is "
                        f"{mine}: install the same version on all machines."
                    )
                store.get_or_compute(each.kind, key, partial(_given, entry), tensors=False)


def _compute(
    stage: Stage, config: StudyConfig, block: Block, store: Store | None
) -> list[tuple[Stage, dict[str, Any], Entry]]:
    """Compute a stage; without a store to share, return it with the training it needs."""
    if store is not None:
        stage.run(config, block, store, tensors=False)
        return []
    return [
        (each, each.key(config, block), each.run(config, block, Store()))
        for each in dict.fromkeys((TRAINING, stage))
    ]


def _given(entry: Entry) -> Entry:
    return entry


@contextlib.contextmanager
def _cluster(scheduler: str) -> Iterator[None]:
    try:
        from distributed import Client

        client = Client(scheduler, timeout=10)
    except ImportError:
        raise ValueError(
            "a scheduler needs Dask: run `pip install -e '.[cluster]'`, or leave scheduler out."
        ) from None
    except (OSError, ValueError) as fault:
        raise ValueError(
            f"no Dask scheduler answers at {scheduler!r}: start one with `dask scheduler`, or "
            "leave scheduler out."
        ) from fault
    with client, joblib.parallel_config("dask", client=client):
        yield
