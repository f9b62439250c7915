"""How the cost of each step of ours grows with its size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from benchmarks import inputs
from benchmarks.harness import sample

SIZES = (100, 200, 400, 800, 1500, 2500, 4000)
LARGE_SIZES = (2500, 5000, 10_000, 20_000)
THIN = 0.01
QUICK_SIZES = (100, 150)
REPETITIONS = 3
TAIL = 400  # the slope is fitted to sizes from here on, where fixed costs no longer count


@dataclass(frozen=True)
class Curve:
    """A step, and how to make its call at a size."""

    step: str
    density: float | None
    prepare: Callable[[int], Callable[[], Any]]
    sizes: tuple[int, ...] = ()


def curves(quick: bool) -> list[Curve]:
    from funcnet_utils import graphs, topology

    def on_graph(density: float, function: Callable[[np.ndarray], Any]) -> Any:
        load = inputs.layer_graph if density == THIN else inputs.graph

        def prepare(n: int) -> Callable[[], Any]:
            adjacency = load(n, density)
            return lambda: function(adjacency)

        return prepare

    def c_and_l(adjacency: np.ndarray) -> tuple[float, float]:
        return graphs.clustering(adjacency), graphs.characteristic_path_length(adjacency)

    def sampled(adjacency: np.ndarray) -> Any:
        return graphs.sampled_paths(adjacency, 200)

    def rewired(adjacency: np.ndarray) -> Any:
        return graphs.rewired(adjacency, 1, 0)

    def cut(n: int) -> Callable[[], Any]:
        weights = inputs.functional_weights(n)[0]
        return lambda: graphs.spanning_density_graph(weights, 0.05)

    def loops(n: int) -> Callable[[], Any]:
        matrix = inputs.distances(n)
        return lambda: topology.persistence(matrix)

    def on_diagrams(function: Callable[[list[np.ndarray]], Any]) -> Any:
        def prepare(n: int) -> Callable[[], Any]:
            points = inputs.loops(QUICK_SIZES[-1] if quick else inputs.LARGEST)
            rng = np.random.default_rng(n)
            pair = [_resampled(points, n, rng) for _ in range(2)]
            return lambda: function(pair)

        return prepare

    return [
        Curve("graph from weights", 0.05, cut),
        Curve("clustering", 0.25, on_graph(0.25, graphs.clustering)),
        Curve("E_glob", 0.25, on_graph(0.25, graphs.global_efficiency)),
        Curve("local efficiency", 0.25, on_graph(0.25, graphs.local_efficiency)),
        Curve("local efficiency", 0.10, on_graph(0.10, graphs.local_efficiency)),
        Curve(
            "sigma, 20 rewired graphs",
            0.10,
            on_graph(0.10, lambda adjacency: graphs.small_world(adjacency, 20, 0)),
        ),
        Curve("persistence, H0 and H1", None, loops),
        Curve("Wasserstein-2, a pair", None, on_diagrams(topology.wasserstein_matrix)),
        Curve("bottleneck, a pair", None, on_diagrams(topology.bottleneck_matrix)),
        Curve("sliced Wasserstein, a pair", None, on_diagrams(topology.sliced_wasserstein_matrix)),
        Curve("Wasserstein-2 matrix, n diagrams", None, _diagrams, (8, 15, 30, 60)),
        Curve("correlations", None, _correlations),
        Curve("training, 10 steps", None, _training),
        *(
            Curve(f"strongest edges, {k:,} samples", THIN, partial(_edges, k), LARGE_SIZES)
            for k in (10, 1000)
        ),
        Curve("clustering and L", THIN, on_graph(THIN, c_and_l), LARGE_SIZES),
        Curve("L of 200 sources", THIN, on_graph(THIN, sampled), LARGE_SIZES),
        Curve("local efficiency", THIN, on_graph(THIN, graphs.local_efficiency), LARGE_SIZES),
        Curve("one rewired graph", THIN, on_graph(THIN, rewired), LARGE_SIZES),
        Curve("spanning tree, H0", None, _tree, LARGE_SIZES),
    ]


def _edges(n_samples: int, n: int) -> Callable[[], Any]:
    from funcnet_utils.strongest_edges import correlation_edges

    signals = inputs.layer_signals(n, n_samples)
    return lambda: correlation_edges(signals, THIN, spanning=False, dead="zero")


def _tree(n: int) -> Callable[[], Any]:
    from funcnet_utils import graphs
    from funcnet_utils.correlation import correlation_matrix

    strength = correlation_matrix(inputs.layer_signals(n))
    np.abs(strength, out=strength)
    return lambda: graphs.spanning_tree(strength)


def _resampled(points: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return points drawn with replacement and moved a little, as there are not n loops."""
    births, deaths = points[rng.choice(len(points), n)].T
    moved = births + rng.normal(0, 0.003, n)
    return np.column_stack([moved, moved + (deaths - births) * rng.uniform(0.8, 1.25, n)])


def _diagrams(n: int) -> Callable[[], Any]:
    from funcnet_utils import topology

    chosen = inputs.diagrams(60, 260, 1500)[:: 60 // n]
    return lambda: topology.wasserstein_matrix(chosen)


def _hidden(n: int) -> tuple[int, int]:
    return n - 2 * n // 5, 2 * n // 5


def _correlations(n: int) -> Callable[[], Any]:
    from funcnet_utils import models

    population = models.Population(1, (784, *_hidden(n), 10), "vanilla", seed=0)
    images, _ = inputs.images(2000)
    return lambda: models.correlations(population, images)


def _training(n: int) -> Callable[[], Any]:
    import dataclasses

    from funcnet_utils import models
    from funcnet_utils.datasets import Split, load_dataset
    from funcnet_utils.studies.config import StudyConfig

    dataset = load_dataset("mnist_5k")
    small = dataclasses.replace(dataset, train=Split(*inputs.images(640)))
    config = StudyConfig(hidden=_hidden(n), n_epochs=1)
    population = models.Population(1, (784, *_hidden(n), 10), "vanilla", seed=0)
    return lambda: models.train(population, small, config)


def measure_growth(quick: bool, part: str = "") -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the rows of each curve."""
    for curve in (curve for curve in curves(quick) if part in curve.step):
        if quick and curve.sizes:
            continue
        sizes = QUICK_SIZES if quick else curve.sizes or SIZES
        rows = []
        for n in sizes:
            call = curve.prepare(n)
            call()
            taken = [sample(call)]
            if not quick and taken[0] < 5:
                taken += [sample(call) for _ in range(REPETITIONS - 1)]
            rows.append({"step": curve.step, "density": curve.density, "n": n})
            rows[-1] |= {"seconds": median(taken), "repetitions": len(taken)}
        slope = log_slope(rows)
        yield curve.step, [{**row, "slope": slope} for row in rows]


def log_slope(rows: list[dict[str, Any]]) -> float:
    """Return the slope of log seconds over log size, from the larger sizes on."""
    tail = [row for row in rows if row["n"] >= TAIL] or rows
    x, y = np.log([row["n"] for row in tail]), np.log([row["seconds"] for row in tail])
    return float(np.polyfit(x, y, 1)[0])
