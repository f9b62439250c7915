"""Published results: the small tables of the large runs, kept with the book."""

from __future__ import annotations

import itertools
import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils.errors import closest
from funcnet_utils.models import Population
from funcnet_utils.studies.blocks import ATTACKS, LESIONS, STAGES, Stage
from funcnet_utils.studies.claims import ledger
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.provenance import code_digest
from funcnet_utils.studies.store import Store
from funcnet_utils.studies.study import Means, Study, unpack_diagrams

FOLDER = Path(__file__).parents[2] / "book" / "results"
TABLES = ("networks", "history", "graph_measures", "loops")
TABLES_OF = {ATTACKS: ("attacks", "self_tests"), LESIONS: ("lesions",)}
OTHER_TABLES = tuple(itertools.chain(*TABLES_OF.values()))
RUN = "run.json"
KEPT_UNITS = 200  # correlations of larger networks would not stay small
RUNS: dict[str, dict[str, Any]] = {
    "mnist_5k": {},
    "mnist": {"dataset": "mnist", "n_epochs": 100},
    "fashion_mnist": {"dataset": "fashion_mnist", "hidden": (400, 400, 200), "n_epochs": 10},
    "cifar10_jpeg": {"dataset": "cifar10_jpeg", "hidden": (600, 300), "n_epochs": 2},
}
"""What is published, each with its untrained control: fields that differ from the defaults."""
UNTRAINED = "-untrained"


@dataclass(frozen=True)
class PublishedStudy(Study):
    """A study read from published tables: its numbers are there, its weights are not.

    Parameters
    ----------
    folder : Path
        Where it lies.
    """

    folder: Path

    def _tables(self, stage: Stage) -> dict[str, pd.DataFrame]:
        return _read(self.folder, TABLES_OF[stage])

    def correlation(self, arm: str, network: int) -> np.ndarray:
        """Return the signed correlations of one network, kept for the first of each arm."""
        with np.load(self.folder / "correlations.npz", allow_pickle=False) as kept:
            name = f"{arm}-{network}"
            if name not in kept:
                raise ValueError(
                    f"correlations of {name!r} are not published: {closest(name, list(kept))}; "
                    "run the study to have all."
                )
            matrix = kept[name]
        return matrix + np.triu(matrix, 1).T

    def population(self, arm: str, network: int) -> Population:
        """Weights are not published: run the study to have them."""
        raise ValueError(
            f"the weights of {arm} {network} are not published: train them with "
            "`study.run(published.load(name).config)`."
        )

    @property
    def is_current(self) -> bool:
        """Whether the code that made these numbers is the code of today."""
        return bool(self.info["stages"] == _stages())


def names() -> list[str]:
    """Return the names of all published studies, sorted."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{RUN}"))


def load(name: str) -> PublishedStudy:
    """Return a published study.

    Parameters
    ----------
    name : str
        One of `names()`, such as "mnist" or, before training, "mnist-untrained".

    Raises
    ------
    ValueError
        If nothing of that name is published; the closest name is suggested.
    """
    folder = FOLDER / name
    if not (folder / RUN).exists():
        raise ValueError(f"there is no published study {name!r}: {closest(name, names())}.")
    facts = json.loads((folder / RUN).read_text(encoding="utf-8"))
    with np.load(folder / "diagrams.npz", allow_pickle=False) as kept:
        diagrams = unpack_diagrams({name: kept[name].astype(float) for name in kept})
    return PublishedStudy(
        config=StudyConfig(**facts["config"]),
        **_read(folder, TABLES),
        diagrams=diagrams,
        info=facts["info"],
        means=Means(Store(), workers=1, scheduler=None, block_size=None, progress=False),
        folder=folder,
    )


def ledger_of(name: str) -> pd.DataFrame:
    """Return the ledger of a published study, computed when it was published.

    Parameters
    ----------
    name : str
        One of `names()`.
    """
    return pd.read_parquet(load(name).folder / "ledger.parquet")


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


def publish(study: Study, name: str, folder: Path = FOLDER) -> Path:
    """Write the tables, the ledger, the diagrams and a few correlations of a study.

    Parameters
    ----------
    study : Study
        A finished study.
    name : str
        Name of its folder.
    folder : Path
        Where published studies lie.

    Returns
    -------
    Path
        The folder of the study. Numbers are exact, but for those of diagrams, which are rounded
        to single precision. Correlations are kept for network 0 of each arm, if it has at most 200
        units. Untrained studies have neither attacks nor lesions nor a ledger.
    """
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    tables = {table: getattr(study, table) for table in TABLES}
    if study.config.n_epochs:
        tables |= {table: getattr(study, table) for table in OTHER_TABLES}
        tables["ledger"] = ledger(study)
    for table, rows in tables.items():
        rows.to_parquet(target / f"{table}.parquet", index=False, compression="zstd")
    np.savez_compressed(
        target / "diagrams.npz",
        **{  # type: ignore[arg-type]
            f"{arm}-{network}-{dimension}": diagram.astype(np.float32)
            for (arm, network), diagrams in study.diagrams.items()
            for dimension, diagram in enumerate(diagrams)
        },
    )
    np.savez_compressed(
        target / "correlations.npz",
        **{  # type: ignore[arg-type]
            f"{arm}-0": np.triu(study.correlation(arm, 0))
            for arm in study.config.arms
            if sum(study.config.hidden) <= KEPT_UNITS
        },
    )
    facts = {
        "config": {
            field: value for field, value in study.config.as_dict().items() if field != "arms"
        }
        | {"arms": list(study.config.arms)},
        "info": {
            **study.info,
            "commit": _commit(),
            "stages": _stages(),
        },
    }
    (target / RUN).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return target


def _stages() -> dict[str, str]:
    return {stage.kind: code_digest(*stage.rooms) for stage in STAGES}


def _read(folder: Path, tables: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    return {table: pd.read_parquet(folder / f"{table}.parquet") for table in tables}


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"],
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
    )
    return found.stdout.strip() or "unknown"
