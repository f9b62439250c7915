"""Published results: the small tables of the large runs, kept with the book."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from funcnet_utils.errors import check_choice, closest
from funcnet_utils.models import Population
from funcnet_utils.studies import store
from funcnet_utils.studies.blocks import STAGES, Block, make_population, pack_diagrams
from funcnet_utils.studies.claims import ledger
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import HOME
from funcnet_utils.studies.study import Study, unpack_diagrams

FOLDER = HOME / "results"
MATRIX = "correlation/"
FEW_UNITS = 200  # correlations of three networks per arm are small, larger ones lie apart
FEW_PARAMETERS = 100_000
UNTRAINED, CORRELATIONS = "-untrained", "-correlations"
FROZEN = ("mnist_5k-2026-11",)
"""Runs of an earlier machine, kept as they are and never written again."""
ARMS = ("vanilla", "vanilla_aa", "batch_norm", "dropout")
MORE_ARMS = ("weight_decay", "layer_norm", "batch_norm+dropout", "label_smoothing")
LONG = {"arms": ARMS, "n_epochs": 100, "device": "cuda", "block_size": 20}
RUNS: dict[str, dict[str, Any]] = {
    "mnist_5k": {"arms": ARMS},
    "mnist_5k-100": {"arms": ARMS, "n_epochs": 100},
    "mnist": LONG | {"dataset": "mnist", "arms": ARMS + MORE_ARMS},
    "mnist-seed1": LONG | {"dataset": "mnist", "seed": 1},
    "mnist-seed2": LONG | {"dataset": "mnist", "seed": 2},
    "fashion_mnist": LONG | {"dataset": "fashion_mnist", "hidden": (400, 400, 200)},
    "cifar10_jpeg": LONG | {"dataset": "cifar10_jpeg", "hidden": (600, 300)},
}
"""What is published, and fields that differ from the defaults."""
PRIMARY = "mnist"
"""The run nearest to the paper: its data, its layers, its epochs."""
WITH_CONTROL = ("mnist_5k", "mnist", "fashion_mnist", "cifar10_jpeg")


@dataclass(frozen=True)
class PublishedArrays:
    """Correlations, and of small networks the weights, of the first networks of each arm."""

    folder: Path
    config: StudyConfig

    def correlation(self, arm: str, network: int) -> np.ndarray:
        """Return signed correlations, shape (n_hidden, n_hidden), to single precision."""
        apart = self.folder.with_name(self.folder.name + CORRELATIONS)
        place = apart if apart.exists() else self.folder
        kept, name = store.read_entry(place).arrays, f"{MATRIX}{arm}-{network}"
        if name not in kept:
            known = [each.removeprefix(MATRIX) for each in kept if each.startswith(MATRIX)]
            raise ValueError(
                f"correlations of '{arm}-{network}' are not published: "
                f"{closest(f'{arm}-{network}', known)}; run the study to have all."
            )
        matrix = kept[name] if kept[name].ndim == 2 else squareform(kept[name].astype(float))
        np.fill_diagonal(matrix, (matrix != 0).any(0))
        return matrix

    def population(self, arm: str, network: int, epoch: int | None) -> Population:
        """Return a network whose weights are published: network 0 at the end of training."""
        kept, prefix = store.read_entry(self.folder).tensors, f"{arm}-{network}/"
        found = {name.removeprefix(prefix): x for name, x in kept.items() if prefix in name}
        if not found or epoch not in (None, self.config.n_epochs):
            raise ValueError(
                f"the weights of {arm} {network} at epoch {epoch} are not published: train them "
                "with `studies.run(published.load(name).config)`."
            )
        return make_population(self.config, Block(arm, network, 1), found)


def names() -> list[str]:
    """Return the names of all published studies, sorted."""
    found = (path.parent.name for path in FOLDER.glob(f"[!.]*/{store.MANIFEST}"))
    return sorted(name for name in found if not name.endswith(CORRELATIONS))


def load(name: str) -> Study:
    """Return a published study: tables and diagrams, without weights.

    Parameters
    ----------
    name : str
        One of `names()`, such as "mnist" or, before training, "mnist-untrained".
    """
    folder = _folder(name)
    entry, config = store.read_entry(folder), config_of(name)
    tables = {each: table for each, table in entry.tables.items() if each != "ledger"}
    found = {each: x.astype(float) for each, x in entry.arrays.items() if MATRIX not in each}
    diagrams, arrays = unpack_diagrams(found), PublishedArrays(folder, config)
    return Study(config, tables, diagrams, entry.info, arrays)


def config_of(name: str) -> StudyConfig:
    """Return the configuration of a published study."""
    kept = json.loads((_folder(name) / store.CONFIG).read_text(encoding="utf-8"))["config"]
    known = {field.name for field in fields(StudyConfig)} & set(kept)
    return StudyConfig(**{field: kept[field] for field in known})


def ledger_of(name: str) -> pd.DataFrame:
    """Return the ledger of a published study, computed when it was published."""
    return store.read_entry(_folder(name)).tables["ledger"]


def _folder(name: str) -> Path:
    check_choice("the published study", name, names())
    return FOLDER / name


def planned() -> dict[str, StudyConfig]:
    """Return the configuration of every study that the book publishes, controls included.

    Controls are measured at one density.
    """
    trained = {name: StudyConfig(**fields) for name, fields in RUNS.items()}
    few: dict[str, Any] = {"device": "cpu", "block_size": 5, "densities": (), "arms": ARMS}
    return trained | {
        f"{name}{UNTRAINED}": replace(trained[name].untrained(), **few) for name in WITH_CONTROL
    }


def publish(study: Study, name: str) -> Path:
    """Write the tables, the ledger, the diagrams and a few correlations, whole or not at all.

    Parameters
    ----------
    study : Study
        A finished study, with attacks and lesions if its networks are trained.
    name : str
        Name of its folder.

    Returns
    -------
    Path
        The folder of the study. Tables are exact; diagrams, and correlations as the vectors that
        `scipy.spatial.distance.squareform` turns into matrices, are rounded to single precision.
        Correlations are kept for three networks of each arm, or for one if it has more than 200
        units, in a folder of its own; weights for network 0 of the arms of the claims, if it has
        at most 100,000. Untrained studies have neither attacks nor lesions nor a ledger,
        correlations or weights.
    """
    if name.removesuffix(UNTRAINED) in FROZEN:
        raise ValueError(f"{name!r} is frozen: publish under another name.")
    config = study.config
    tables = study.tables | ({"ledger": ledger(study)} if config.n_epochs else {})
    packed = pack_diagrams(study.diagrams)
    arrays = {each: diagram.astype(np.float32) for each, diagram in packed.items()}
    small = sum(config.hidden) <= FEW_UNITS
    matrices: dict[str, np.ndarray] = {}
    tensors: dict[str, np.ndarray] = {}
    for arm in config.arms if config.n_epochs else ():
        for network in range(min(3 if small else 1, config.n_networks)):
            pairs = squareform(study.correlation(arm, network), checks=False)
            matrices[f"{MATRIX}{arm}-{network}"] = pairs.astype(np.float32)
        state = study.population(arm, 0).state_dict()
        few = sum(tensor.numel() for tensor in state.values()) <= FEW_PARAMETERS
        if few and arm not in MORE_ARMS:
            tensors |= {f"{arm}-0/{name}": tensor.numpy() for name, tensor in state.items()}
    stages = {stage.kind: stage.code(config.dataset) for stage in STAGES}
    info = {**study.info, "stages": stages}
    key = {"config": config.as_dict() | {"arms": list(config.arms)}}
    entry = store.Entry(tables, arrays | (matrices if small else {}), tensors, info)
    store.write_entry(FOLDER / name, "published", key, entry)
    if matrices and not small:
        apart = store.Entry({}, matrices, info=info)
        store.write_entry(FOLDER / f"{name}{CORRELATIONS}", "published", key, apart)
    return FOLDER / name
