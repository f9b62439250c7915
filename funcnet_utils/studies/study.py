"""A study: the tidy tables of one configuration. `run` computes them; a `Study` only holds them."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils.models import Population
from funcnet_utils.network import FunctionalNetwork
from funcnet_utils.studies import blocks
from funcnet_utils.studies.analysis import functional_network
from funcnet_utils.studies.blocks import ANALYSIS, STAGES, TRAINING, Block
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.scheduling import fill
from funcnet_utils.studies.store import Entry, Store

SUMMARY = ("sigma", "clustering", "global_efficiency", "local_efficiency", "modularity")
ASKED = {name: name for name in ("attacks", "lesions", "controls", "dynamics")}
ASKED["self_tests"] = "attacks"
"""Tables that are there when `run` was asked for them, and the option that asks."""


@dataclass(frozen=True, eq=False, repr=False)
class Study:
    """The results of one configuration: a record, which reads and never computes or downloads.

    Parameters
    ----------
    config : StudyConfig
        What was run.
    tables : dict of DataFrame
        Each is an attribute as well:
        `networks`: arm, network, n_units, n_dead, train and test loss and accuracy,
        generalization_gap (train minus test accuracy), weight_norm, mean_abs_r and sd_abs_r.
        `history`: arm, network, epoch; loss and accuracy while training.
        `checkpoints`: arm, network, epoch; train and test loss and accuracy.
        `graph_measures`: arm, network, density, measure; value.
        `loops`: arm, network, dimension (0 or 1), measure; value.
        If they were asked for, `attacks`: arm, network, attack, epsilon; accuracy. `self_tests`:
        what a robust network must pass, or only looks robust. `lesions`: arm, network, strategy,
        clamp, share; accuracy. `controls`: arm, network, null, measure; value of the network, mean
        and sd over n null networks. `dynamics`: arm, network, epoch, measure; value.
    diagrams : dict
        (arm, network) -> [H0, H1], each of shape (m, 2).
    info : dict
        Digest of the code, versions, machine, seconds spent on all blocks.
    arrays : StoredArrays or PublishedArrays
        Where correlations and parameters of single networks are kept.
    """

    config: StudyConfig
    tables: dict[str, pd.DataFrame]
    diagrams: blocks.Diagrams
    info: dict[str, Any]
    arrays: Any

    def __repr__(self) -> str:
        config = self.config
        run = f"{config.dataset}, {config.n_epochs} epochs"
        arms = f"{config.n_networks} networks of each of {', '.join(config.arms)}"
        return f"Study({run}, {arms}: {', '.join(self.tables)})"

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables = self.__dict__.get("tables", {})
        if name in tables:
            return tables[name]
        if name in ASKED:
            ask = f"`studies.run(config, {ASKED[name]}=True)`"
            raise AttributeError(f"this study has no {ASKED[name]}: ask for them with {ask}.")
        raise AttributeError(f"a study has no {name!r}; its tables are {', '.join(tables)}.")

    def network_measure(self, name: str) -> pd.DataFrame:
        """Return a column of `networks` as a table with a row per network and a column per arm."""
        return self._pivot(self.networks, name)

    def loop_measure(self, name: str) -> pd.DataFrame:
        """Return a `measure` of `loops` as a table with a row per network, a column per arm."""
        return self._pivot(self.loops.query("measure == @name and dimension == 1"), "value")

    def measure(self, name: str, density: float | None = None) -> pd.DataFrame:
        """Return a `measure` of `graph_measures` as a table, a row per network, a column per arm.

        Parameters
        ----------
        name : str
            Measure.
        density : float, optional
            Density of the graphs; by default that of the configuration.
        """
        density = self.config.density if density is None else density
        table = self.graph_measures
        rows = table[(table["measure"] == name) & (table["density"] == density)]
        if rows.empty:
            raise ValueError(
                f"there is no measure {name!r} at density {density}: measures are "
                f"{', '.join(sorted(table['measure'].unique()))}; densities are "
                f"{', '.join(map(str, self.config.densities))}."
            )
        return self._pivot(rows, "value")

    def summary(self) -> pd.DataFrame:
        """Return means over networks, a row per arm, of networks, graphs and loops."""
        graphs = {name: self.measure(name).mean() for name in SUMMARY}
        networks = self.networks.drop(columns="network").groupby("arm").mean()
        table = networks.assign(**graphs, loops=self.loop_measure("count").mean())
        return table.loc[list(self.config.arms)]

    def _pivot(self, rows: pd.DataFrame, values: str) -> pd.DataFrame:
        table = rows.pivot(index="network", columns="arm", values=values)
        return table[list(self.config.arms)]

    def correlation(self, arm: str, network: int) -> np.ndarray:
        """Return the signed correlations of one network, shape (n_hidden, n_hidden)."""
        return self.arrays.correlation(arm, network)

    def population(self, arm: str, network: int, epoch: int | None = None) -> Population:
        """Return one network as a population of one, after training or at a checkpoint."""
        return self.arrays.population(arm, network, epoch)

    def functional_network(self, arm: str, network: int) -> FunctionalNetwork:
        """Return the functional network of one network: strength, layers, graphs, diagrams."""
        return functional_network(self.config, self.correlation(arm, network))

    def card(self) -> dict[str, str]:
        """Return what a reader needs to trust and repeat the numbers, label by label."""
        config, info = self.config, self.info
        layers = "-".join(map(str, config.hidden))
        return {
            "Data set": info.get("source", config.dataset),
            "Networks": f"{config.n_networks} per arm, hidden layers {layers}",
            "Training": f"{config.n_epochs} epochs, batches of {config.batch_size}, "
            f"Adam {config.learning_rate:g}",
            "Probe": f"{config.probe} images, dead units: {config.dead}",
            "Graphs": f"density {config.density:g}, null graphs of each: {config.n_null}",
            "Seed": str(config.seed),
            "Configuration": config.hash,
            "Code": info["code"],
            "Computed in": f"{info['seconds']:.0f} s on {info['machine']}",
            "Versions": ", ".join(f"{name} {number}" for name, number in info["versions"].items()),
        }


@dataclass(frozen=True)
class StoredArrays:
    """Arrays of a study that was run here."""

    config: StudyConfig
    store: Store

    def correlation(self, arm: str, network: int) -> np.ndarray:
        """Return what `Study.correlation` returns."""
        entry, block = self._read(ANALYSIS, arm, network)
        return entry.tensors["correlations"][network - block.first]

    def population(self, arm: str, network: int, epoch: int | None) -> Population:
        """Return what `Study.population` returns."""
        entry, block = self._read(TRAINING, arm, network)
        if epoch is not None and epoch not in self.config.epochs_kept:
            known = ", ".join(map(str, self.config.epochs_kept))
            raise ValueError(f"epoch {epoch} was not kept: choose from {known}.")
        one, offset = Block(arm, network, 1), network - block.first
        return blocks.make_population(self.config, one, entry.tensors, offset, epoch)

    def _read(self, stage: blocks.Stage, arm: str, network: int) -> tuple[Entry, Block]:
        for block in blocks.blocks_of(self.config):
            if block.arm == arm and block.first <= network < block.first + block.count:
                return _entry(self.store, stage, self.config, block), block
        raise ValueError(
            f"there is no network {network} in arm {arm!r}: arms are "
            f"{', '.join(self.config.arms)}, networks are 0 to {self.config.n_networks - 1}."
        )


@functools.lru_cache(maxsize=2)  # whoever asks for one network of a block asks for the others
def _entry(store: Store, stage: blocks.Stage, config: StudyConfig, block: Block) -> Entry:
    entry = store.load(stage.kind, stage.key(config, block))
    if entry is None:
        raise ValueError("the arrays are no longer in the store: run the study again.")
    return entry


def run(
    config: StudyConfig,
    *,
    attacks: bool = False,
    lesions: bool = False,
    controls: bool = False,
    dynamics: bool = False,
    scheduler: str | None = None,
    workers: int | None = None,
    store: Store | None = None,
) -> Study:
    """Run a study, or read what is there already.

    Work is cut into blocks of networks of one arm. A finished block is kept, so a run that was
    killed goes on after its last block, and a study that shares blocks with another one (more
    networks, another arm) computes only what is new. The numbers depend on the configuration
    alone, not on the workers, the size of the blocks or earlier runs. A terminal shows progress.

    Parameters
    ----------
    config : StudyConfig
        What to run.
    attacks, lesions, controls, dynamics : bool, default=False
        Attack the networks, silence their units, measure their null networks, measure them at each
        checkpoint, too.
    scheduler : str, optional
        Address of a running Dask scheduler, such as "tcp://10.0.0.1:8786", whose workers do the
        work; by default `$FUNCNET_SCHEDULER`, else this machine does.
    workers : int, optional
        Processes of one thread each; by default `$FUNCNET_WORKERS`, else the number of cores.
    store : Store, optional
        Where results are kept; by default `Store()`.

    Returns
    -------
    Study

    Raises
    ------
    ValueError
        If `workers` is below 1, no scheduler answers, or a density is below what a spanning tree
        of the live units needs; what was trained stays in the store.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702.
    """
    if workers is None:
        workers = int(os.environ.get("FUNCNET_WORKERS", os.cpu_count() or 1))
    if workers < 1:
        raise ValueError(f"workers is {workers}: choose a whole number >= 1.")
    store, scheduler = store or Store(), scheduler or os.environ.get("FUNCNET_SCHEDULER", "")
    asked = {"attacks": attacks, "lesions": lesions, "controls": controls, "dynamics": dynamics}
    stages = [stage for stage in STAGES if asked.get(stage.kind, True)]
    for stage in stages[1:]:  # each trains what it needs
        fill(stage, config, store, workers, scheduler)
    parts = {}
    for stage in stages:
        found = [stage.run(config, each, store, tensors=False) for each in blocks.blocks_of(config)]
        parts[stage.kind] = blocks.join(found)
    tables = {name: table for part in parts.values() for name, table in part.tables.items()}
    tables["networks"] = tables["networks"].merge(tables.pop("nodes"))
    info = parts[ANALYSIS.kind].info | {
        "code": ANALYSIS.code(config.dataset),
        "seconds": sum(part.info["seconds"] for part in parts.values()),
    }
    diagrams = unpack_diagrams(parts[ANALYSIS.kind].arrays)
    return Study(config, tables, diagrams, info, StoredArrays(config, store))


def unpack_diagrams(arrays: Mapping[str, np.ndarray]) -> blocks.Diagrams:
    """Return diagrams [H0, H1] by arm and network, from arrays named arm-network-dimension."""
    diagrams: blocks.Diagrams = {}
    for name in sorted(arrays, key=lambda name: int(name.rsplit("-", 1)[1])):
        arm, network, _ = name.rsplit("-", 2)
        diagrams.setdefault((arm, int(network)), []).append(arrays[name])
    return diagrams
