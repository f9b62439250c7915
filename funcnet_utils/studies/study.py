"""A study: a pure function from a configuration to tidy tables, cached block by block."""

from __future__ import annotations

import itertools
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import psutil

from funcnet_utils.correlation import strength
from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import Population
from funcnet_utils.studies.blocks import (
    ANALYSIS,
    ATTACKS,
    LESIONS,
    Block,
    Stage,
    split_blocks,
    trained_population,
)
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.provenance import code_digest, processor, versions
from funcnet_utils.studies.scheduling import fill
from funcnet_utils.studies.store import Entry, Store

BLOCK_SIZE = 5


@dataclass(frozen=True)
class Means:
    """How a study is computed; the numbers do not depend on it.

    Parameters
    ----------
    store : Store
        Where results are kept.
    workers : int
        Processes of one thread each.
    scheduler : str or None
        Address of a Dask scheduler to use instead of processes.
    block_size : int or None
        Networks of a block; None for 5, or as few as the memory allows.
    progress : bool
        Show progress on standard error.
    """

    store: Store
    workers: int
    scheduler: str | None
    block_size: int | None
    progress: bool

    def blocks(self, config: StudyConfig) -> list[Block]:
        """Return the blocks of a study."""
        return split_blocks(config, self.block_size or _block_size(config, self.workers))

    def entry(self, stage: Stage, config: StudyConfig) -> Entry:
        """Return all blocks of a stage as one entry, computing what is missing."""
        code = code_digest(*stage.rooms)
        key = {**config.as_dict(), "stage": stage.kind, "code": code}

        def compute() -> Entry:
            start = time.perf_counter()
            blocks = self.blocks(config)
            fill(
                stage,
                config,
                blocks,
                self.store,
                workers=self.workers,
                scheduler=self.scheduler,
                progress=self.progress,
            )
            joined = _joined([stage.entry(config, block, self.store) for block in blocks])
            joined.info.update(
                code=code,
                versions=versions(),
                machine=f"{processor()}, {os.cpu_count()} cores",
                seconds=time.perf_counter() - start,
            )
            return joined

        return self.store.get_or_compute("study", key, compute)


@dataclass(frozen=True)
class Study:
    """The results of one configuration.

    Parameters
    ----------
    config : StudyConfig
        What was run.
    networks : DataFrame
        One row a network: arm, network, n_units, n_dead, train and test loss and accuracy,
        generalization_gap (train minus test accuracy), weight_norm, mean_abs_r and sd_abs_r.
    history : DataFrame
        One row an arm, network and epoch: loss and accuracy.
    graph_measures : DataFrame
        One row an arm, network, density and measure: value.
    loops : DataFrame
        One row an arm, network, dimension (0 or 1) and measure: value.
    diagrams : dict
        (arm, network) -> [H0, H1], each of shape (m, 2).
    info : dict
        Versions, code digest, wall time.
    means : Means
        How it was computed, and where the blocks are kept.
    """

    config: StudyConfig
    networks: pd.DataFrame
    history: pd.DataFrame
    graph_measures: pd.DataFrame
    loops: pd.DataFrame
    diagrams: dict[tuple[str, int], list[np.ndarray]]
    info: dict[str, Any]
    means: Means

    @property
    def attacks(self) -> pd.DataFrame:
        """One row an arm, network, attack and epsilon: accuracy; computed when first asked for."""
        return self._tables(ATTACKS)["attacks"]

    @property
    def self_tests(self) -> pd.DataFrame:
        """One row an arm, network and test that a robust network must pass, or only look robust."""
        return self._tables(ATTACKS)["self_tests"]

    @property
    def lesions(self) -> pd.DataFrame:
        """One row an arm, network, strategy, clamp and share: accuracy; computed when asked for."""
        return self._tables(LESIONS)["lesions"]

    def _tables(self, stage: Stage) -> dict[str, pd.DataFrame]:
        return self.means.entry(stage, self.config).tables

    def network_measure(self, name: str) -> pd.DataFrame:
        """Return a column of `networks` as a table with a row a network and a column an arm.

        Parameters
        ----------
        name : str
            Column of `networks`.
        """
        return self._pivot(self.networks, name)

    def loop_measure(self, name: str, dimension: int = 1) -> pd.DataFrame:
        """Return a summary of the diagrams as a table with a row a network and a column an arm.

        Parameters
        ----------
        name : str
            Measure, as in the column `measure` of `loops`.
        dimension : {0, 1}, default=1
            Components or loops.
        """
        rows = self.loops[(self.loops["measure"] == name) & (self.loops["dimension"] == dimension)]
        return self._pivot(rows, "value")

    def _pivot(self, rows: pd.DataFrame, values: str) -> pd.DataFrame:
        table = rows.pivot(index="network", columns="arm", values=values)
        return table[list(self.config.arms)]

    def measure(self, name: str, density: float | None = None) -> pd.DataFrame:
        """Return a graph measure as a table with a row a network and a column an arm.

        Parameters
        ----------
        name : str
            Measure, as in the column `measure` of `graph_measures`.
        density : float, optional
            Density of the graphs; by default that of the configuration.

        Raises
        ------
        ValueError
            If there is no such measure or density.
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

    def correlation(self, arm: str, network: int) -> np.ndarray:
        """Return the signed correlations of one network, shape (n_hidden, n_hidden).

        Parameters
        ----------
        arm : str
            Name of the arm.
        network : int
            Number of the network.
        """
        block = self._block(arm, network)
        entry = ANALYSIS.entry(self.config, block, self.means.store)
        return entry.arrays["correlations"][network - block.first]

    def population(self, arm: str, network: int) -> Population:
        """Return one trained network, as a population of one.

        Parameters
        ----------
        arm : str
            Name of the arm.
        network : int
            Number of the network.
        """
        block = self._block(arm, network)
        population = trained_population(self.config, block, self.means.store)
        return population.select(network - block.first)

    def weights(self, arm: str, network: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights ``|r|`` of one functional network and the layer of each node.

        Parameters
        ----------
        arm : str
            Name of the arm.
        network : int
            Number of the network.

        Returns
        -------
        weights : ndarray, shape (n, n)
        layers : ndarray of int, shape (n,)
        """
        weights, units = strength(
            self.correlation(arm, network), self.config.dead, self.config.precision
        )
        return weights, np.repeat(np.arange(len(self.config.hidden)), self.config.hidden)[units]

    def _block(self, arm: str, network: int) -> Block:
        for block in self.means.blocks(self.config):
            if block.arm == arm and block.first <= network < block.first + block.count:
                return block
        raise ValueError(
            f"there is no network {network} in arm {arm!r}: arms are "
            f"{', '.join(self.config.arms)}, networks are 0 to {self.config.n_networks - 1}."
        )

    def card(self) -> dict[str, str]:
        """Return what a reader needs to trust and repeat the numbers, label by label."""
        config, info = self.config, self.info
        return {
            "Data set": load_dataset(config.dataset).source,
            "Networks": f"{config.n_networks} an arm, hidden layers "
            + "-".join(map(str, config.hidden)),
            "Training": f"{config.n_epochs} epochs, batches of {config.batch_size}, "
            f"Adam {config.learning_rate:g}",
            "Probe": f"{config.probe} images, dead units: {config.dead}",
            "Graphs": f"density {config.density:g}, {config.n_null} null graphs each",
            "Seed": str(config.seed),
            "Configuration": config.hash,
            "Code": info["code"],
            "Computed in": f"{info['seconds']:.0f} s on {info['machine']}",
            "Versions": ", ".join(f"{name} {number}" for name, number in info["versions"].items()),
        }


def run(
    config: StudyConfig,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    block_size: int | None = None,
    store: Store | None = None,
    progress: bool | None = None,
) -> Study:
    """Run a study, or read what is there already.

    Work is cut into blocks of networks of one arm. A finished block is kept, so a run that was
    killed goes on behind its last block, and a study that shares blocks with another one (more
    networks, another arm) computes only what is new. The numbers depend on the configuration
    alone, not on the workers, the size of the blocks or earlier runs.

    Parameters
    ----------
    config : StudyConfig
        What to run.
    scheduler : str, optional
        Address of a running Dask scheduler, such as "tcp://10.0.0.1:8786", whose workers do the
        work; by default `$FUNCNET_SCHEDULER`, else this machine does.
    workers : int, optional
        Processes of one thread each; by default `$FUNCNET_WORKERS`, else the number of cores.
    block_size : int, optional
        Networks of a block, at least 1; by default 5, or as few as the memory allows.
    store : Store, optional
        Where results are kept; by default `Store()`.
    progress : bool, optional
        Show progress on standard error; by default if that is a terminal.

    Returns
    -------
    Study

    Raises
    ------
    ValueError
        If `workers` or `block_size` is below 1, or no scheduler answers.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702.
    """
    if workers is None:
        workers = int(os.environ.get("FUNCNET_WORKERS", os.cpu_count() or 1))
    for name, value in (("workers", workers), ("block_size", block_size)):
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}: choose a whole number >= 1.")
    means = Means(
        store=store or Store(),
        workers=workers,
        scheduler=scheduler or os.environ.get("FUNCNET_SCHEDULER"),
        block_size=block_size,
        progress=sys.stderr.isatty() if progress is None else progress,
    )
    entry = means.entry(ANALYSIS, config)
    return Study(
        config=config,
        **entry.tables,
        diagrams=unpack_diagrams(entry.arrays),
        info=entry.info,
        means=means,
    )


def _block_size(config: StudyConfig, workers: int) -> int:
    """Return the usual size of a block, or a smaller one that fits half of the memory."""
    units = sum(config.hidden)
    widths = (load_dataset(config.dataset).n_inputs, *config.hidden)
    parameters = sum(a * b for a, b in itertools.pairwise(widths))
    # weights, gradient and two moments in float32; activations and two square matrices in float64
    per_network = 16 * parameters + 8 * (1000 * sum(widths) + 3 * units**2)
    available = psutil.virtual_memory().available / 2 / workers
    return int(max(1, min(BLOCK_SIZE, available // per_network)))


def _joined(entries: list[Entry]) -> Entry:
    tables = {
        name: pd.concat([entry.tables[name] for entry in entries], ignore_index=True)
        for name in entries[0].tables
    }
    diagrams = {
        name: array
        for entry in entries
        for name, array in entry.arrays.items()
        if name != "correlations"
    }
    return Entry(tables, diagrams)


def unpack_diagrams(arrays: dict[str, np.ndarray]) -> dict[tuple[str, int], list[np.ndarray]]:
    """Return diagrams by arm and network, from arrays named arm-network-dimension.

    Parameters
    ----------
    arrays : dict of ndarray
        Diagrams, each of shape (m, 2).
    """
    diagrams: dict[tuple[str, int], list[np.ndarray]] = {}
    for name in sorted(arrays, key=lambda name: int(name.rsplit("-", 1)[1])):
        arm, network, _ = name.rsplit("-", 2)
        diagrams.setdefault((arm, int(network)), []).append(arrays[name])
    return diagrams
