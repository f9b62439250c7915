"""A study: a pure function from a configuration to tidy tables, cached block by block."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from tqdm import tqdm

from funcnet_utils.blocks import (
    ANALYSIS_ROOMS,
    Block,
    analysed,
    analysis_key,
    compute_block,
    split_blocks,
    trained_population,
)
from funcnet_utils.config import StudyConfig
from funcnet_utils.datasets import load_dataset
from funcnet_utils.networks import Population, functional_weights
from funcnet_utils.provenance import code_digest, versions
from funcnet_utils.store import Entry, Store


@dataclass(frozen=True)
class Study:
    """The results of one configuration.

    Parameters
    ----------
    config : StudyConfig
        What was run.
    networks : DataFrame
        One row a network: arm, network, n_units, n_dead, train and test loss and accuracy,
        generalization_gap (train minus test accuracy), mean_abs_r and sd_abs_r.
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
    store : Store
        Where the blocks are kept.
    block_size : int
        Networks of a block.
    """

    config: StudyConfig
    networks: pd.DataFrame
    history: pd.DataFrame
    graph_measures: pd.DataFrame
    loops: pd.DataFrame
    diagrams: dict[tuple[str, int], list[np.ndarray]]
    info: dict[str, Any]
    store: Store
    block_size: int

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
        pivot = rows.pivot(index="network", columns="arm", values="value")
        return pivot[list(self.config.arms)]

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
        entry = analysed(self.config, block, self.store)
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
        return trained_population(self.config, block, self.store).select(network - block.first)

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
        weights, units = functional_weights(self.correlation(arm, network), self.config.dead)
        return weights, np.repeat(np.arange(len(self.config.hidden)), self.config.hidden)[units]

    def _block(self, arm: str, network: int) -> Block:
        for block in split_blocks(self.config, self.block_size):
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
    workers: int | None = None,
    block_size: int = 5,
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
    workers : int, optional
        Processes of one thread each; by default `$FUNCNET_WORKERS`, else the number of cores.
    block_size : int, default=5
        Networks of a block, at least 1.
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
        If `workers` or `block_size` is below 1.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702.
    """
    if workers is None:
        workers = int(os.environ.get("FUNCNET_WORKERS", os.cpu_count() or 1))
    for name, value in (("workers", workers), ("block_size", block_size)):
        if value < 1:
            raise ValueError(f"{name} is {value}: choose a whole number >= 1.")
    store = store or Store()
    progress = sys.stderr.isatty() if progress is None else progress
    key = {**config.as_dict(), "code": code_digest(*ANALYSIS_ROOMS)}

    def compute() -> Entry:
        start = time.perf_counter()
        _fill(config, split_blocks(config, block_size), store, workers, progress)
        entries = [analysed(config, block, store) for block in split_blocks(config, block_size)]
        info = {
            "code": key["code"],
            "versions": versions(),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "seconds": time.perf_counter() - start,
        }
        return _joined(entries, info)

    entry = store.get_or_compute("study", key, compute)
    return Study(
        config=config,
        **entry.tables,
        diagrams=_unpack_diagrams(entry.arrays),
        info=entry.info,
        store=store,
        block_size=block_size,
    )


def _fill(
    config: StudyConfig, blocks: list[Block], store: Store, workers: int, progress: bool
) -> None:
    """Compute the blocks that are not in the store."""
    missing = [b for b in blocks if not store.path("analysis", analysis_key(config, b)).exists()]
    bar = tqdm(total=len(blocks), initial=len(blocks) - len(missing), disable=not progress)
    bar.set_description(f"{config.dataset}, {config.n_epochs} epochs")
    done: Iterator[pd.DataFrame]
    if workers == 1 or len(missing) == 1:
        done = (compute_block(config, block, store, progress) for block in missing)
    else:
        with joblib.parallel_config("loky", n_jobs=workers, inner_max_num_threads=1):
            done = joblib.Parallel(return_as="generator_unordered")(
                joblib.delayed(compute_block)(config, block, store, False) for block in missing
            )
    for networks in done:
        bar.update()
        bar.set_postfix(
            arm=networks["arm"].iloc[0],
            loss=f"{networks['train_loss'].mean():.3f}",
            accuracy=f"{networks['test_accuracy'].mean():.1%}",
        )
    bar.close()


def _joined(entries: list[Entry], info: dict[str, Any]) -> Entry:
    names = entries[0].tables
    tables = {
        name: pd.concat([entry.tables[name] for entry in entries], ignore_index=True)
        for name in names
    }
    diagrams = {
        name: array
        for entry in entries
        for name, array in entry.arrays.items()
        if name != "correlations"
    }
    return Entry(tables, diagrams, {}, info)


def _unpack_diagrams(arrays: dict[str, np.ndarray]) -> dict[tuple[str, int], list[np.ndarray]]:
    diagrams: dict[tuple[str, int], list[np.ndarray]] = {}
    for name in sorted(arrays, key=lambda name: int(name.rsplit("-", 1)[1])):
        arm, network, _ = name.rsplit("-", 2)
        diagrams.setdefault((arm, int(network)), []).append(arrays[name])
    return diagrams
