"""Blocks: a few networks of one arm, trained, analysed, attacked and lesioned once, and kept."""

from __future__ import annotations

import functools
import itertools
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from funcnet_utils import models
from funcnet_utils.arms import get_arm
from funcnet_utils.datasets import DATASETS, load_dataset
from funcnet_utils.datasets.own import load_own
from funcnet_utils.models import Population
from funcnet_utils.studies.analysis import analyse_network
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.controls import half_probe, null_measures
from funcnet_utils.studies.dynamics import measures_now
from funcnet_utils.studies.provenance import code_digest, processor, versions
from funcnet_utils.studies.store import Entry, Store
from funcnet_utils.topology.memory import available_memory

TRAINING_FIELDS = (
    *("dataset", "dataset_sha256", "hidden", "n_epochs", "checkpoints"),
    *("batch_size", "learning_rate", "seed", "device"),
)
PROBE_FIELDS = (*TRAINING_FIELDS, "probe", "edges", "dead", "precision", "density")
ATTACK_FIELDS = ("epsilons", "n_attacked", "attack_steps", "attack_restarts")
Diagrams = dict[tuple[str, int], list[np.ndarray]]


@dataclass(frozen=True)
class Block:
    """Networks `first` to `first + count - 1` of one arm: the unit of work and of resuming."""

    arm: str
    first: int
    count: int

    def split(self, size: int) -> list[Block]:
        """Return parts of at most `size` networks."""
        return [
            Block(self.arm, self.first + done, min(size, self.count - done))
            for done in range(0, self.count, size)
        ]


@dataclass(frozen=True)
class Stage:
    """A step of the work on a block: which fields decide its numbers, and how they are computed."""

    kind: str
    fields: tuple[str, ...]
    compute: Callable[[StudyConfig, Block, Population], Entry]
    trained: bool = True
    at_checkpoints: bool = False

    def functions(self, dataset: str) -> list[Callable[..., object]]:
        """Return where the numbers come from: loading, building, training and the stage itself."""
        loader = DATASETS.get(dataset, load_own)
        earlier = [TRAINING.compute] if self.trained else []
        return [getattr(loader, "func", loader), make_population, *earlier, self.compute]

    def code(self, dataset: str) -> str:
        """Return the digest of the code that the numbers go through."""
        return code_digest(*self.functions(dataset))

    def key(self, config: StudyConfig, block: Block) -> dict[str, Any]:
        """Return what decides the numbers, the code included."""
        chosen = {name: value for name, value in config.as_dict().items() if name in self.fields}
        decided = {"arm": get_arm(block.arm).recipe(), "code": self.code(config.dataset)}
        return chosen | vars(block) | decided

    def run(
        self, config: StudyConfig, block: Block, store: Store, *, tensors: bool = True
    ) -> Entry:
        """Return the entry of a block, computing and keeping it if it is not there yet.

        A block that does not fit in half of the free memory is computed in smaller parts.
        """

        def compute() -> Entry:
            kept = TRAINING.run(config, block, store).tensors if self.trained else None
            start = time.perf_counter()
            entries = []
            epochs = config.epochs_kept if self.at_checkpoints else [None]
            for part, epoch in itertools.product(block.split(_networks_in_memory(config)), epochs):
                offset = part.first - block.first
                population = make_population(config, part, kept, offset, epoch)
                entries.append(self.compute(config, part, population))
                if epoch is not None:
                    entries[-1].tables["dynamics"].insert(1, "epoch", epoch)
            entry = join(entries)
            for name, table in entry.tables.items():  # the same order whatever the parts
                entry.tables[name] = table.sort_values("network", kind="stable", ignore_index=True)
                entry.tables[name].insert(0, "arm", block.arm)
            entry.info.update(
                versions=versions(),
                machine=f"{processor()}, {os.cpu_count()} cores",
                source=load_dataset(config.dataset).source,
                seconds=time.perf_counter() - start,
            )
            return entry

        with threadpool_limits(1):  # sums of several threads round differently
            key = self.key(config, block)
            return store.get_or_compute(self.kind, key, compute, tensors=tensors)


def blocks_of(config: StudyConfig) -> list[Block]:
    """Return the blocks of a study."""
    whole = (Block(arm, 0, config.n_networks) for arm in config.arms)
    return [block for arm in whole for block in arm.split(config.block_size)]


def join(entries: Sequence[Entry]) -> Entry:
    """Return the entries of neighbouring networks, or of several arms, as one."""

    def joined(part: str, concatenate: Callable[[list[Any]], Any]) -> dict[str, Any]:
        parts = [getattr(entry, part) for entry in entries]
        return {name: concatenate([each[name] for each in parts]) for name in parts[0]}

    tables = joined("tables", functools.partial(pd.concat, ignore_index=True))
    arrays = {name: array for entry in entries for name, array in entry.arrays.items()}
    seconds = sum(entry.info.get("seconds", 0.0) for entry in entries)
    info = entries[0].info | {"seconds": seconds}
    return Entry(tables, arrays, joined("tensors", np.concatenate), info)


def pack_diagrams(diagrams: Diagrams) -> dict[str, np.ndarray]:
    """Return diagrams [H0, H1] by arm and network as arrays named arm-network-dimension."""
    return {
        f"{arm}-{network}-{dimension}": diagram
        for (arm, network), pair in diagrams.items()
        for dimension, diagram in enumerate(pair)
    }


def make_population(
    config: StudyConfig,
    block: Block,
    parameters: dict[str, np.ndarray] | None = None,
    offset: int = 0,
    epoch: int | None = None,
) -> Population:
    """Return networks as they are before training, or with parameters from the store.

    Parameters
    ----------
    config : StudyConfig
        What was run.
    block : Block
        Which networks.
    parameters : dict of ndarray, optional
        Tensors of the entry of their training.
    offset : int, default=0
        Place of the first network in these tensors.
    epoch : int, optional
        A checkpoint; by default the end of training.
    """
    dataset = load_dataset(config.dataset)
    widths = (dataset.n_inputs, *config.hidden, dataset.n_classes)
    population = Population(block.count, widths, block.arm, config.seed, block.first)
    if parameters is None:
        return population
    prefix = "" if epoch in (None, config.n_epochs) else f"{epoch}/"
    rows, names = slice(offset, offset + block.count), population.state_dict()
    state = {name: torch.from_numpy(parameters[prefix + name][rows]) for name in names}
    population.load_state_dict(state)
    return population.eval()


def _train(config: StudyConfig, block: Block, population: Population) -> Entry:
    dataset = load_dataset(config.dataset)
    epochs = sorted({*config.checkpoints, config.n_epochs})
    history = models.train(population, dataset, config, checkpoints=epochs, device=config.device)
    networks, rows = block.first + np.arange(block.count), []
    tensors: dict[str, np.ndarray] = {}
    models.moved(population, config.device)
    for epoch, state in population.checkpoints.items():
        prefix = "" if epoch == config.n_epochs else f"{epoch}/"
        tensors |= {prefix + name: tensor.numpy() for name, tensor in state.items()}
        population.load_state_dict(state)
        scores = {"network": networks, "epoch": epoch}
        for part in ("train", "test"):
            loss, accuracy = models.evaluate(population, getattr(dataset, part))
            scores |= {f"{part}_loss": loss, f"{part}_accuracy": accuracy}
        rows.append(pd.DataFrame(scores))
    order = ["network", "train_loss", "test_loss", "train_accuracy", "test_accuracy"]
    last = rows[-1][order]
    last = last.assign(generalization_gap=last["train_accuracy"] - last["test_accuracy"])
    tables = {"networks": last, "history": history, "checkpoints": pd.concat(rows)}
    return Entry(tables, {}, tensors)


def _analyse(config: StudyConfig, block: Block, population: Population) -> Entry:
    correlation, entries = _probe(config, population), []
    for network, matrix in enumerate(correlation, block.first):
        tables, diagrams = analyse_network(config, matrix, network)
        entries.append(Entry(tables, pack_diagrams({(block.arm, network): diagrams})))
    whole = join(entries)
    whole.tables["nodes"].insert(1, "weight_norm", _weight_norms(population))
    return Entry(whole.tables, whole.arrays, {"correlations": correlation})


def _attack(config: StudyConfig, block: Block, population: Population) -> Entry:
    dataset = load_dataset(config.dataset)
    effort = {"steps": config.attack_steps, "restarts": config.attack_restarts}
    effort |= {"n_images": config.n_attacked, "seed": config.seed}
    settings = models.AttackConfig(config.epsilons, **effort)
    models.moved(population, config.device)
    attacks = models.attack_table(population, dataset.test, settings)
    tests = models.self_tests(population, dataset.test, settings, attacks, shape=dataset.shape)
    return Entry({"attacks": attacks, "self_tests": tests})


def _lesion(config: StudyConfig, block: Block, population: Population) -> Entry:
    settings = models.LesionConfig(draws=config.n_lesions, density=config.density, seed=config.seed)
    split = load_dataset(config.dataset).test
    lesions = models.lesion_table(population, split, _probe(config, population), settings)
    return Entry({"lesions": lesions})


def _control(config: StudyConfig, block: Block, population: Population) -> Entry:
    whole, half = _probe(config, population), _probe(config, population, every=2)
    rows = [
        part(config, matrices[k], block.first + k)
        for k in range(block.count)
        for part, matrices in ((null_measures, whole), (half_probe, half))
    ]
    return Entry({"controls": pd.concat(rows)})


def _follow(config: StudyConfig, block: Block, population: Population) -> Entry:
    table = measures_now(config, population, _probe(config, population))
    table["network"] += block.first
    return Entry({"dynamics": table})


TRAINING = Stage("population", TRAINING_FIELDS, _train, trained=False)
ANALYSIS = Stage("analysis", (*PROBE_FIELDS, "densities", "n_null"), _analyse)
ATTACKS = Stage("attacks", (*TRAINING_FIELDS, *ATTACK_FIELDS), _attack)
LESIONS = Stage("lesions", (*PROBE_FIELDS, "n_lesions"), _lesion)
CONTROLS = Stage("controls", (*PROBE_FIELDS, "n_null"), _control)
DYNAMICS = Stage("dynamics", (*PROBE_FIELDS, *ATTACK_FIELDS), _follow, at_checkpoints=True)
STAGES = (TRAINING, ANALYSIS, ATTACKS, LESIONS, CONTROLS, DYNAMICS)


def _probe(config: StudyConfig, population: Population, every: int = 1) -> np.ndarray:
    dataset = load_dataset(config.dataset)
    split = dataset.train if config.probe == "train" else dataset.test
    images = split.images
    if config.probe == "noise":
        seed = np.random.SeedSequence(config.seed, spawn_key=(0, 4))
        images = np.random.default_rng(seed).random(images.shape, dtype=np.float32)
    labels = split.labels[::every] if config.edges == "class_residual" else None
    return models.correlations(population, images[::every], labels)


def _weight_norms(population: Population) -> np.ndarray:
    """Return the Euclidean norm of all weight matrices of each network."""
    squares = [(weight.detach().double() ** 2).sum((1, 2)) for weight in population.weights]
    return torch.stack(squares).sum(0).sqrt().numpy()


def _networks_in_memory(config: StudyConfig) -> int:
    """Return how many networks fit in half of the free memory, shared by all processes."""
    widths = (load_dataset(config.dataset).n_inputs, *config.hidden)
    parameters = sum(a * b for a, b in itertools.pairwise(widths))
    # weights, gradient and two moments in float32; activations and two square matrices in float64
    each = 16 * parameters + 8 * (1000 * sum(widths) + 3 * sum(config.hidden) ** 2)
    free = available_memory() / 2 / (os.cpu_count() or 1)
    return max(1, int(free // each))
