"""Blocks: a few networks of one arm, trained, analysed and attacked once, and kept in the store."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from funcnet_utils.arms import get_arm
from funcnet_utils.datasets import Dataset, load_dataset
from funcnet_utils.models import (
    AttackConfig,
    LesionConfig,
    Population,
    attack_table,
    correlations,
    evaluate,
    lesion_table,
    self_tests,
    train,
)
from funcnet_utils.studies.analysis import analyse_network
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.provenance import code_digest, versions
from funcnet_utils.studies.store import Entry, Store

# The code that decides the numbers. A data set is named, and verified by its SHA-256.
TRAINING_ROOMS = tuple(
    f"models/{module}.py"
    for module in ("population", "streams", "modes", "backpropagation", "training")
)
ANALYSIS_ROOMS = (*TRAINING_ROOMS, "models/probe.py", "graphs", "topology", "studies/analysis.py")
ATTACK_ROOMS = (
    *TRAINING_ROOMS,
    *(
        f"models/{module}.py"
        for module in (
            "attacks",
            "classifier",
            "questions",
            "perturbations",
            "curves",
            "library_attacks",
            "attack_tables",
        )
    ),
)
LESION_ROOMS = (
    *TRAINING_ROOMS,
    *(
        "models/probe.py",
        "models/classifier.py",
        "models/questions.py",
        "models/curves.py",
        "models/lesions.py",
    ),
    *("graphs", "models/lesion_tables.py"),
)
TRAINING_FIELDS = (
    *("dataset", "dataset_sha256", "hidden", "n_epochs"),
    *("batch_size", "learning_rate", "seed", "device"),
)
PROBE_FIELDS = (*TRAINING_FIELDS, "probe", "edges", "dead", "precision", "density")
ANALYSIS_FIELDS = (*PROBE_FIELDS, "densities", "n_null")
ATTACK_FIELDS = (
    *TRAINING_FIELDS,
    *("epsilons", "n_attacked", "attack_steps", "attack_restarts"),
)
LESION_FIELDS = (*PROBE_FIELDS, "n_lesions")


@dataclass(frozen=True)
class Block:
    """Networks `first` to `first + count - 1` of one arm: the unit of work and of resuming."""

    arm: str
    first: int
    count: int


@dataclass(frozen=True)
class Stage:
    """A step of the work on a block: what decides its numbers, how they are computed, from what."""

    kind: str
    fields: tuple[str, ...]
    rooms: tuple[str, ...]
    compute: Callable[[StudyConfig, Block, Store], Entry]
    needs: tuple[Stage, ...] = ()

    def key(self, config: StudyConfig, block: Block) -> dict[str, Any]:
        """Return what decides the numbers, the code included."""
        chosen = {name: value for name, value in config.as_dict().items() if name in self.fields}
        return {
            **chosen,
            "arm": get_arm(block.arm).recipe(),
            "first": block.first,
            "count": block.count,
            "code": code_digest(*self.rooms),
        }

    def entry(self, config: StudyConfig, block: Block, store: Store) -> Entry:
        """Return the entry of a block, computing and keeping it if it is not there yet."""

        def compute() -> Entry:
            start = time.perf_counter()
            entry = self.compute(config, block, store)
            entry.info.update(versions=versions(), seconds=time.perf_counter() - start)
            return entry

        return store.get_or_compute(self.kind, self.key(config, block), compute)

    def is_kept(self, config: StudyConfig, block: Block, store: Store) -> bool:
        """Whether the store holds the entry of a block."""
        return store.path(self.kind, self.key(config, block)).exists()


def split_blocks(config: StudyConfig, size: int) -> list[Block]:
    """Cut a study into blocks of at most `size` networks of one arm."""
    return [
        Block(arm, first, min(size, config.n_networks - first))
        for arm in config.arms
        for first in range(0, config.n_networks, size)
    ]


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
    population = _population(config, block, load_dataset(config.dataset))
    weights = TRAINING.entry(config, block, store).weights
    population.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return population.eval()


def _train(config: StudyConfig, block: Block, store: Store) -> Entry:
    dataset = load_dataset(config.dataset)
    population = _population(config, block, dataset)
    history = train(population, dataset, config, device=config.device)
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
    weights = {name: tensor.detach().numpy() for name, tensor in population.state_dict().items()}
    return Entry({"networks": networks, "history": history}, {}, weights)


def _analyse(config: StudyConfig, block: Block, store: Store) -> Entry:
    trained = TRAINING.entry(config, block, store)
    population = trained_population(config, block, store)
    correlation = _probe(config, population)
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
    joined["networks"].insert(2, "weight_norm", _weight_norms(population))
    joined["networks"] = trained.tables["networks"].merge(joined["networks"])
    joined["history"] = trained.tables["history"]
    return Entry(joined, arrays)


def _attack(config: StudyConfig, block: Block, store: Store) -> Entry:
    population = trained_population(config, block, store)
    dataset = load_dataset(config.dataset)
    settings = AttackConfig(
        epsilons=config.epsilons,
        steps=config.attack_steps,
        restarts=config.attack_restarts,
        n_images=config.n_attacked,
        seed=config.seed,
    )
    attacks = attack_table(population, dataset.test, settings)
    tests = self_tests(population, dataset.test, settings, attacks, shape=dataset.shape)
    return Entry(_with_arm({"attacks": attacks, "self_tests": tests}, block))


def _lesion(config: StudyConfig, block: Block, store: Store) -> Entry:
    population = trained_population(config, block, store)
    settings = LesionConfig(draws=config.n_lesions, density=config.density, seed=config.seed)
    split = load_dataset(config.dataset).test
    lesions = lesion_table(population, split, _probe(config, population), settings)
    return Entry(_with_arm({"lesions": lesions}, block))


def _with_arm(tables: dict[str, pd.DataFrame], block: Block) -> dict[str, pd.DataFrame]:
    for table in tables.values():
        table.insert(0, "arm", block.arm)
    return tables


TRAINING = Stage("population", TRAINING_FIELDS, TRAINING_ROOMS, _train)
ANALYSIS = Stage("analysis", ANALYSIS_FIELDS, ANALYSIS_ROOMS, _analyse, (TRAINING,))
ATTACKS = Stage("attacks", ATTACK_FIELDS, ATTACK_ROOMS, _attack, (TRAINING,))
LESIONS = Stage("lesions", LESION_FIELDS, LESION_ROOMS, _lesion, (TRAINING,))
STAGES = (TRAINING, ANALYSIS, ATTACKS, LESIONS)


def _population(config: StudyConfig, block: Block, dataset: Dataset) -> Population:
    widths = (dataset.n_inputs, *config.hidden, dataset.n_classes)
    return Population(block.count, widths, block.arm, config.seed, block.first)


def _probe(config: StudyConfig, population: Population) -> np.ndarray:
    dataset = load_dataset(config.dataset)
    split = dataset.train if config.probe == "train" else dataset.test
    images = split.images
    if config.probe == "noise":
        seed = np.random.SeedSequence(config.seed, spawn_key=(0, 4))
        images = np.random.default_rng(seed).random(images.shape, dtype=np.float32)
    labels = split.labels if config.edges == "class_residual" else None
    return correlations(population, images, labels)


def _weight_norms(population: Population) -> np.ndarray:
    """Return the Euclidean norm of all weight matrices of each network."""
    squares = [(weight.detach().double() ** 2).sum((1, 2)) for weight in population.weights]
    return torch.stack(squares).sum(0).sqrt().numpy()
