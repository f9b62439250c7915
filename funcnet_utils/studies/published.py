"""Published results: the small tables of the large runs, kept with the book."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils.errors import closest
from funcnet_utils.models import Population
from funcnet_utils.studies import store
from funcnet_utils.studies.blocks import STAGES
from funcnet_utils.studies.claims import ledger
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.study import Study, unpack_diagrams

HOME = store.ROOT / "book" if store.IN_CLONE else Path(__file__).parents[1]
FOLDER = HOME / "results"
MATRIX = "correlation/"
KEPT_UNITS = 200  # correlations of larger networks would not stay small
UNTRAINED = "-untrained"
FROZEN = ("mnist_5k-2026-11",)
"""Runs of an earlier machine, kept as they are and never written again."""
RUNS: dict[str, dict[str, Any]] = {
    "mnist_5k": {},
    "mnist": {"dataset": "mnist", "n_epochs": 100},
    "fashion_mnist": {"dataset": "fashion_mnist", "hidden": (400, 400, 200), "n_epochs": 10},
    "cifar10_jpeg": {"dataset": "cifar10_jpeg", "hidden": (600, 300), "n_epochs": 2},
}
"""What is published, each with its untrained control: fields that differ from the defaults."""


@dataclass(frozen=True)
class PublishedArrays:
    """Arrays of a published study: correlations of the first network of each arm, no weights."""

    folder: Path

    def correlation(self, arm: str, network: int) -> np.ndarray:
        """Return signed correlations, shape (n_hidden, n_hidden)."""
        kept, name = store.read_entry(self.folder).arrays, f"{MATRIX}{arm}-{network}"
        if name not in kept:
            known = [each.removeprefix(MATRIX) for each in kept if each.startswith(MATRIX)]
            raise ValueError(
                f"correlations of '{arm}-{network}' are not published: "
                f"{closest(f'{arm}-{network}', known)}; run the study to have all."
            )
        return kept[name]

    def population(self, arm: str, network: int, epoch: int | None) -> Population:
        """Refuse, for weights are not published."""
        raise ValueError(
            f"the weights of {arm} {network} are not published: train them with "
            "`studies.run(published.load(name).config)`."
        )


def names() -> list[str]:
    """Return the names of all published studies, sorted."""
    return sorted(path.parent.name for path in FOLDER.glob(f"[!.]*/{store.MANIFEST}"))


def load(name: str) -> Study:
    """Return a published study: tables and diagrams, without weights.

    Parameters
    ----------
    name : str
        One of `names()`, such as "mnist" or, before training, "mnist-untrained".
    """
    entry = _entry(name)
    key = json.loads((FOLDER / name / store.CONFIG).read_text(encoding="utf-8"))
    tables = {each: table for each, table in entry.tables.items() if each != "ledger"}
    found = [each for each in entry.arrays if not each.startswith(MATRIX)]
    diagrams = {each: entry.arrays[each].astype(float) for each in found}
    known = {field.name for field in fields(StudyConfig)} & set(key["config"])
    config = StudyConfig(**{field: key["config"][field] for field in known})
    arrays = PublishedArrays(FOLDER / name)
    return Study(config, tables, unpack_diagrams(diagrams), entry.info, arrays)


def ledger_of(name: str) -> pd.DataFrame:
    """Return the ledger of a published study, computed when it was published."""
    return _entry(name).tables["ledger"]


def _entry(name: str) -> store.Entry:
    if name not in names():
        raise ValueError(f"there is no published study {name!r}: {closest(name, names())}.")
    return store.read_entry(FOLDER / name)


def planned() -> dict[str, StudyConfig]:
    """Return the configuration of every study that the book publishes, controls included.

    Controls are measured at one density, with one null graph each: what they must show is that
    the arms are equal.
    """
    trained = {name: StudyConfig(**fields) for name, fields in RUNS.items()}
    return trained | {
        f"{name}{UNTRAINED}": replace(config.untrained(), densities=(), n_null=1)
        for name, config in trained.items()
    }


def publish(study: Study, name: str, folder: Path | None = None) -> Path:
    """Write the tables, the ledger, the diagrams and a few correlations, whole or not at all.

    Parameters
    ----------
    study : Study
        A finished study, with attacks and lesions if its networks are trained.
    name : str
        Name of its folder.
    folder : Path, optional
        Where published studies lie; by default with the book.

    Returns
    -------
    Path
        The folder of the study. Numbers are exact, but for those of diagrams, which are rounded
        to single precision. Correlations are kept for network 0 of each arm, if it has at most 200
        units. Untrained studies have neither attacks nor lesions nor a ledger.
    """
    if name.removesuffix(UNTRAINED) in FROZEN:
        raise ValueError(f"{name!r} is frozen: publish under another name.")
    target = (folder or FOLDER) / name
    config = study.config
    tables = dict(study.tables)
    if config.n_epochs:
        tables["ledger"] = ledger(study)
    arrays = {
        f"{arm}-{network}-{dimension}": diagram.astype(np.float32)
        for (arm, network), pair in study.diagrams.items()
        for dimension, diagram in enumerate(pair)
    }
    if sum(config.hidden) <= KEPT_UNITS:
        arrays |= {f"{MATRIX}{arm}-0": study.correlation(arm, 0) for arm in config.arms}
    stages = {stage.kind: stage.code(config.dataset) for stage in STAGES}
    info = {**study.info, "commit": _commit(), "stages": stages}
    key = {"config": config.as_dict() | {"arms": list(config.arms)}}
    with store.whole_folder(target) as partial:
        store.write_entry(partial, "published", key, store.Entry(tables, arrays, info=info))
    return target


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=store.ROOT, capture_output=True, text=True
    )
    return found.stdout.strip() or "unknown"
