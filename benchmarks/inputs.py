"""The inputs of the benchmarks: functional networks of trained networks, seeded and kept.

They are made once, in `_build/benchmarks`, and read by every process that measures.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1] / "_build" / "benchmarks"
HIDDEN = {100: (60, 40), 150: (100, 50), 400: (300, 100), 1500: (1000, 500), 4000: (2400, 1600)}
LARGEST = 4000
N_NETWORKS = 20


def kept(name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
    """Return an array from the folder, or make and keep it."""
    file = FOLDER / f"{name}.npy"
    if not file.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}.npy")
        np.save(part, make())
        part.replace(file)
    return np.load(file)


def functional_weights(n: int, n_networks: int = 1) -> np.ndarray:
    """Return |r| between the hidden units of trained networks, shape (n_networks, n, n).

    The networks saw `mnist_5k` twice; sizes that are not in `HIDDEN` are random subsets of the
    units of the largest.
    """
    if n in HIDDEN:
        return kept(f"weights-{n}-{n_networks}", lambda: _train(HIDDEN[n], n_networks))
    rng = np.random.default_rng(n)
    units = np.sort(rng.choice(LARGEST, n, replace=False))
    return functional_weights(LARGEST)[:, units[:, None], units]


def _train(hidden: tuple[int, ...], n_networks: int) -> np.ndarray:
    from funcnet_utils import models
    from funcnet_utils.correlation import strength
    from funcnet_utils.datasets import load_dataset
    from funcnet_utils.studies.config import StudyConfig

    dataset = load_dataset("mnist_5k")
    population = models.Population(n_networks, (784, *hidden, 10), "vanilla", seed=0)
    models.train(population, dataset, StudyConfig(hidden=hidden, n_epochs=2))
    found = models.correlations(population, dataset.test.images)
    return np.array([strength(r, "zero")[0] for r in found])


def graph(n: int, density: float) -> np.ndarray:
    """Return the graph of a functional network at a density, its spanning tree included."""
    from funcnet_utils import graphs

    return graphs.spanning_density_graph(functional_weights(n)[0], density)


def layer_signals(n: int, n_samples: int = 1000) -> np.ndarray:
    """Return what n units with random weights and ReLU say to images, shape (n_samples, n)."""
    pixels = images(n_samples)[0].reshape(n_samples, -1)
    weights = np.random.default_rng(n).standard_normal((pixels.shape[1], n), np.float32)
    return np.maximum((pixels - pixels.mean()) @ weights, 0)


def layer_graph(n: int, density: float) -> np.ndarray:
    """Return the graph of such a layer, its spanning tree included; no matrix of |r| is held."""
    from funcnet_utils.strongest_edges import correlation_edges

    def make() -> np.ndarray:
        found = correlation_edges(layer_signals(n), density, dead="zero")
        return found.edges.astype(np.int32)

    graph = np.zeros((n, n), dtype=bool)
    i, j = kept(f"layer-{n}-{density}", make).T
    graph[i, j] = graph[j, i] = True
    return graph


def distances(n: int) -> np.ndarray:
    """Return 1 - |r| with a diagonal of 0."""
    return 1 - functional_weights(n)[0] - np.eye(n)


def loops(n: int) -> np.ndarray:
    """Return the H1 diagram of a functional network, shape (m, 2)."""
    from funcnet_utils import topology

    return kept(f"loops-{n}", lambda: topology.persistence(distances(n))[1])


def diagrams(count: int, least: int, most: int, units: int = 1500) -> list[np.ndarray]:
    """Return H1 diagrams of subsets of the units of one network, of growing size."""
    from funcnet_utils import topology

    def make() -> np.ndarray:
        matrix = distances(units)
        found = []
        for k, n in enumerate(np.linspace(least, most, count).astype(int)):
            chosen = np.random.default_rng(k).choice(units, n, replace=False)
            points = topology.persistence(matrix[np.ix_(chosen, chosen)])[1]
            found.append(np.column_stack([np.full(len(points), k), points]))
        return np.concatenate(found)

    table = kept(f"diagrams-{count}-{least}-{most}", make)
    return [table[table[:, 0] == k, 1:] for k in range(count)]


def images(n_samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return training images of `mnist_5k` and their labels, repeated to the number asked for."""
    from funcnet_utils.datasets import load_dataset

    split = load_dataset("mnist_5k").train
    chosen = np.resize(np.random.default_rng(seed).permutation(len(split.labels)), n_samples)
    return np.array(split.images[chosen], dtype=np.float32), np.array(split.labels[chosen])
