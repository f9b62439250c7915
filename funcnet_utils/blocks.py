"""Blocks: a few networks of one arm, trained and analysed once and kept in the store."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from funcnet_utils.analysis import analyse_network
from funcnet_utils.arms import get_arm
from funcnet_utils.config import StudyConfig
from funcnet_utils.datasets import load_dataset
from funcnet_utils.networks import Population, correlations, evaluate, train
from funcnet_utils.provenance import code_digest, versions
from funcnet_utils.store import Entry, Store

# The code that decides the numbers. A data set is named, and verified by its SHA-256.
TRAINING_ROOMS = tuple(
    f"networks/{module}.py" for module in ("population", "backpropagation", "training")
)
ANALYSIS_ROOMS = (*TRAINING_ROOMS, "networks/probe.py", "graphs", "topology", "analysis.py")
TRAINING_FIELDS = (
    *("dataset", "dataset_sha256", "hidden", "n_epochs"),
    *("batch_size", "learning_rate", "seed", "device"),
)
ANALYSIS_FIELDS = (*TRAINING_FIELDS, "probe", "dead", "density", "densities", "n_null")


@dataclass(frozen=True)
class Block:
    """Networks `first` to `first + count - 1` of one arm: the unit of work and of resuming."""

    arm: str
    first: int
    count: int


def split_blocks(config: StudyConfig, size: int) -> list[Block]:
    """Cut a study into blocks of at most `size` networks of one arm."""
    return [
        Block(arm, first, min(size, config.n_networks - first))
        for arm in config.arms
        for first in range(0, config.n_networks, size)
    ]


def compute_block(config: StudyConfig, block: Block, store: Store, progress: bool) -> pd.DataFrame:
    """Train and analyse a block unless the store has it; return its table of networks."""
    _trained(config, block, store, progress)
    return analysed(config, block, store).tables["networks"]


def trained_population(config: StudyConfig, block: Block, store: Store) -> Population:
    """Return a trained population from the store.

    Parameters
    ----------
    config : StudyConfig
        What was run.
    block : Block
        Which networks.
    store : Store
        Where results are kept.
    """
    entry = _trained(config, block, store, progress=False)
    population = _population(config, block)
    population.load_state_dict(
        {name: torch.from_numpy(array) for name, array in entry.weights.items()}
    )
    return population.eval()


def analysis_key(config: StudyConfig, block: Block) -> dict[str, Any]:
    """Return what decides the analysis of a block, the code included."""
    return {
        **_block_key(config, block, ANALYSIS_FIELDS),
        "code": code_digest(*ANALYSIS_ROOMS),
    }


def analysed(config: StudyConfig, block: Block, store: Store) -> Entry:
    """Return the analysis of a block: its tables, correlations and diagrams."""

    def compute() -> Entry:
        start = time.perf_counter()
        trained = _trained(config, block, store, progress=False)
        population = trained_population(config, block, store)
        dataset = load_dataset(config.dataset)
        split = dataset.test if config.probe == "test" else dataset.train
        correlation = correlations(population, split.images)
        tables: dict[str, list[pd.DataFrame]] = {"networks": [], "graph_measures": [], "loops": []}
        arrays = {"correlations": correlation}
        for k, matrix in enumerate(correlation):
            network = block.first + k
            found, diagrams = analyse_network(config, matrix, population.layers, network)
            for name, table in found.items():
                table.insert(0, "network", network)
                table.insert(0, "arm", block.arm)
                tables[name].append(table)
            for dimension, diagram in enumerate(diagrams):
                arrays[f"{block.arm}-{network}-{dimension}"] = diagram
        joined = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
        joined["networks"] = trained.tables["networks"].merge(joined["networks"])
        joined["history"] = trained.tables["history"]
        return Entry(joined, arrays, {}, {"seconds": time.perf_counter() - start})

    return store.get_or_compute("analysis", analysis_key(config, block), compute)


def _population(config: StudyConfig, block: Block) -> Population:
    dataset = load_dataset(config.dataset)
    widths = (dataset.n_inputs, *config.hidden, dataset.n_classes)
    return Population(block.count, widths, block.arm, config.seed, block.first)


def _block_key(config: StudyConfig, block: Block, fields: tuple[str, ...]) -> dict[str, Any]:
    chosen = {name: value for name, value in config.as_dict().items() if name in fields}
    return {
        **chosen,
        "arm": get_arm(block.arm).recipe(),
        "first": block.first,
        "count": block.count,
    }


def _trained(config: StudyConfig, block: Block, store: Store, progress: bool) -> Entry:
    key = {
        **_block_key(config, block, TRAINING_FIELDS),
        "code": code_digest(*TRAINING_ROOMS),
    }

    def compute() -> Entry:
        start = time.perf_counter()
        dataset = load_dataset(config.dataset)
        population = _population(config, block)
        history = train(population, dataset, config, progress=progress, device=config.device)
        history = history.sort_values(["network", "epoch"], ignore_index=True)
        history.insert(0, "arm", block.arm)
        train_loss, train_accuracy = evaluate(population, dataset.train)
        test_loss, test_accuracy = evaluate(population, dataset.test)
        networks = pd.DataFrame(
            {
                "arm": block.arm,
                "network": block.first + np.arange(block.count),
                "train_loss": train_loss,
                "test_loss": test_loss,
                "train_accuracy": train_accuracy,
                "test_accuracy": test_accuracy,
                "generalization_gap": train_accuracy - test_accuracy,
            }
        )
        weights = {
            name: tensor.detach().numpy() for name, tensor in population.state_dict().items()
        }
        info = {"versions": versions(), "seconds": time.perf_counter() - start}
        return Entry({"networks": networks, "history": history}, {}, weights, info)

    return store.get_or_compute("population", key, compute)
