"""Correlations, training, and the whole study, beside the loops that others write."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import inputs
from benchmarks.harness import Case, Route, Timed

N_NETWORKS = 20
MNIST = 60_000
EPOCH = "one epoch of the paper"


def cases(quick: bool) -> list[Case]:
    return [
        _correlations(100 if quick else 4000, 500 if quick else 5000),
        _probe(100 if quick else 4000, 500 if quick else 5000),
        _training(4 if quick else N_NETWORKS, 640 if quick else 4000),
        _study(640 if quick else MNIST, quick),
    ]


def _signals(n: int, n_samples: int) -> np.ndarray:
    from funcnet_utils import models

    return models.activations(*_network(n, n_samples))[0]


def _network(n: int, n_samples: int) -> tuple[Any, np.ndarray]:
    from funcnet_utils import models

    nets = models.Population(1, (784, *inputs.HIDDEN[n], 10), "vanilla", seed=0)
    return nets, inputs.images(n_samples)[0]


def _correlations(n: int, n_samples: int) -> Case:
    def ours(signals: np.ndarray) -> Callable[[], Any]:
        from funcnet_utils import correlation

        return lambda: correlation.correlation_matrix(signals)

    def by_numpy(signals: np.ndarray) -> Callable[[], Any]:
        return lambda: np.corrcoef(signals.T.astype(np.float64))

    def by_product(signals: np.ndarray) -> Callable[[], Any]:
        ready = signals.astype(np.float64)
        ready -= ready.mean(axis=0)
        ready /= np.sqrt((ready**2).sum(axis=0))
        return lambda: ready.T @ ready

    return Case(
        "correlations",
        n,
        None,
        lambda: _signals(n, n_samples),
        ours,
        [
            Route(
                "bare matrix product, float64",
                ("numpy",),
                by_product,
                target=1 / 1.5,
                note="the product of standardized signals that lie ready",
            ),
            Route("numpy.corrcoef", ("numpy",), by_numpy),
        ],
        note=f"{n_samples} samples, one thread",
    )


def _probe(n: int, n_samples: int) -> Case:
    def ours(data: Any) -> Callable[[], Any]:
        from funcnet_utils import models

        return lambda: models.correlations(*data)[0]

    def by_numpy(data: Any) -> Callable[[], Any]:
        from funcnet_utils import models

        return lambda: np.corrcoef(models.activations(*data)[0].T.astype(np.float64))

    return Case(
        "images to correlations",
        n,
        None,
        lambda: _network(n, n_samples),
        ours,
        [Route("our activations, then numpy.corrcoef", ("numpy",), by_numpy)],
        note=f"{n_samples} images, one thread, the network included",
    )


def _alone(
    name: str, n_networks: int, n_samples: int, threads: int
) -> Callable[[Any], Callable[[], Any]]:
    """Return a route that runs a loop in this process."""

    def prepare(_: Any) -> Callable[[], Any]:
        from benchmarks import loops

        return lambda: getattr(loops, name)(0, n_networks, n_samples, threads)

    return prepare


def _training(n_networks: int, n_samples: int) -> Case:
    def job(name: str) -> Callable[[Any], Callable[[], Any]]:
        def prepare(_: Any) -> Callable[[], Any]:
            from benchmarks import loops

            return lambda: loops.TwoProcesses.halves(getattr(loops, name), n_networks, n_samples)

        return prepare

    cores = os.cpu_count() or 1
    order = "its batches come in another order"
    both, alone = "the peer, too", "the peer in one process, with torch's default threads"
    return Case(
        "training, 784-100-50-10",
        150,
        None,
        lambda: None,
        job("population"),
        [
            Route(
                "DataLoader, default Adam",
                ("torch",),
                job("data_loader"),
                tolerance=0.05,
                note=f"{both}; {order}",
            ),
            Route(
                "slices, fused Adam",
                ("torch",),
                job("sliced"),
                tolerance=1e-3,
                note=both,
            ),
            Route(
                "DataLoader, default Adam, one process",
                ("torch",),
                _alone("data_loader", n_networks, n_samples, cores),
                tolerance=0.05,
                clock="wall",
                note=f"{alone}; {order}",
            ),
            Route(
                "slices, fused Adam, one process",
                ("torch",),
                _alone("sliced", n_networks, n_samples, cores),
                tolerance=1e-3,
                clock="wall",
                note=alone,
            ),
        ],
        with_memory=False,
        note=f"{n_networks} networks, one epoch of {n_samples} images in batches of 64; ours in "
        "two processes of one thread each",
    )


def _study(n_samples: int, quick: bool) -> Case:
    """One epoch of one network, the unit of the study; ours trains ten at a time."""
    block = 2 if quick else 10

    def ours(_: Any) -> Callable[[], Any]:
        from benchmarks import loops

        def call() -> Timed:
            found = loops.TwoProcesses.halves(loops.population, 2 * block, n_samples)
            return Timed(found.value[:1], found.seconds)

        return call

    cores = os.cpu_count() or 1
    return Case(
        EPOCH,
        150,
        None,
        lambda: None,
        ours,
        [
            Route(
                f"published loop, {cores} threads",
                ("torch", "PIL"),
                _alone("published", 1, n_samples, cores),
                tolerance=0.05,
                clock="wall",
                note="torch's default threads",
            ),
            Route(
                "published loop, 1 thread",
                ("torch", "PIL"),
                _alone("published", 1, n_samples, 1),
                tolerance=0.05,
            ),
        ],
        with_memory=False,
        per=2 * block,
        note=f"{n_samples} images, seconds per network; ours trains {2 * block} in two processes",
    )
