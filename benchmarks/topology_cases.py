"""Persistent homology, and distances between diagrams, beside the libraries of topology."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

from benchmarks import inputs
from benchmarks.harness import Case, Route

Diagrams = list[np.ndarray]
N_DIAGRAMS = 60
N_COMPARED = 8
SINGLE = 1e-6  # libraries that compute in single precision


def cases(quick: bool) -> list[Case]:
    sizes = [(150, 5.0, 5.0)] if quick else [(400, 5.0, 9.0), (1500, 5.0, 9.0), (4000, None, 12.0)]
    return [
        *(_persistence(*size) for size in sizes),
        _voids(100 if quick else 400),
        _wasserstein(2, quick),
        _wasserstein(1, quick),
        _bottleneck(quick),
        _sliced(quick),
    ]


def _persistence(n: int, gudhi_target: float | None, ripser_target: float) -> Case:
    def ours(matrix: np.ndarray) -> Callable[[], Any]:
        from funcnet_utils import topology

        return lambda: lengths(topology.persistence(matrix))

    def by_gudhi(matrix: np.ndarray) -> Callable[[], Any]:
        from gudhi.sklearn import RipsPersistence

        route = RipsPersistence(
            homology_dimensions=[0, 1],
            input_type="full distance matrix",
            num_collapses=0,
            homology_coeff_field=2,
        )
        return lambda: lengths(route.fit_transform([matrix])[0])

    def by_ripser(matrix: np.ndarray) -> Callable[[], Any]:
        from ripser import ripser

        from funcnet_utils.topology.memory import available_memory

        if (needed := 250 * n**2 + n**3 // 4) > available_memory():  # a fit to measurements
            raise MemoryError(f"ripser needs about {needed / 1e9:.1f} GB for {n} points.")
        return lambda: lengths(ripser(matrix, maxdim=1, distance_matrix=True)["dgms"])

    def by_giotto(matrix: np.ndarray) -> Callable[[], Any]:
        from gph import ripser_parallel

        return lambda: lengths(
            ripser_parallel(matrix, maxdim=1, metric="precomputed", n_threads=1)["dgms"]
        )

    def by_redzed(matrix: np.ndarray) -> Callable[[], Any]:
        from redzed_tda import rips

        return lambda: lengths(rips(matrix))

    huge = n > 2000
    redzed = Route("redzed", ("redzed_tda",), by_redzed, 2.0 if n > 400 else None, SINGLE)
    ripser = Route("ripser", ("ripser",), by_ripser, ripser_target, SINGLE, slow=huge)
    gudhi = Route("gudhi", ("gudhi", "sklearn"), by_gudhi, gudhi_target, SINGLE)
    giotto = Route("giotto-ph", ("gph",), by_giotto, None, SINGLE)
    return Case(
        "persistence, H0 and H1",
        n,
        None,
        lambda: inputs.distances(n),
        ours,
        [redzed, ripser] if huge else [redzed, gudhi, ripser, giotto],
    )


def _voids(n: int) -> Case:
    def ours(matrix: np.ndarray) -> Callable[[], Any]:
        from funcnet_utils import topology

        return lambda: lengths(topology.persistence(matrix, maxdim=2))

    def by_redzed(matrix: np.ndarray) -> Callable[[], Any]:
        from redzed_tda import rips

        return lambda: lengths(rips(matrix, maxdim=2))

    def by_ripser(matrix: np.ndarray) -> Callable[[], Any]:
        from ripser import ripser

        return lambda: lengths(ripser(matrix, maxdim=2, distance_matrix=True)["dgms"])

    return Case(
        "persistence, H0 to H2",
        n,
        None,
        lambda: inputs.distances(n),
        ours,
        [
            Route("redzed", ("redzed_tda",), by_redzed, 1.5, SINGLE),
            Route("ripser", ("ripser",), by_ripser, None, SINGLE),
        ],
    )


def lengths(diagrams: Any) -> list[np.ndarray]:
    """Return the deaths of H0, and births and deaths above apart, each from the largest down.

    Bars shorter than single precision can tell are left out: some libraries drop them, too.
    """
    h0, *above = (np.asarray(diagram, dtype=float) for diagram in diagrams)
    deaths = h0[np.isfinite(h0[:, 1]), 1]
    parts = [deaths[deaths > SINGLE]]
    for bars in above:
        parts.extend(bars[bars[:, 1] - bars[:, 0] > SINGLE].T)
    return [np.sort(part)[::-1] for part in parts]


def _load(quick: bool) -> Diagrams:
    if quick:
        return inputs.diagrams(4, 80, 120, units=150)
    return inputs.diagrams(N_DIAGRAMS, 260, 1500)[:: N_DIAGRAMS // N_COMPARED]


def _points(quick: bool) -> int:
    return 150 if quick else 1000


def _note(quick: bool) -> str:
    count = 4 if quick else N_COMPARED
    return f"{count} diagrams, {count * (count - 1) // 2} pairs"


def by_pair(diagrams: Diagrams, distance: Callable[[np.ndarray, np.ndarray], float]) -> Any:
    """Return a call that fills the matrix of distances pair by pair."""

    def call() -> np.ndarray:
        found = np.zeros((len(diagrams), len(diagrams)))
        for i, j in combinations(range(len(diagrams)), 2):
            found[i, j] = found[j, i] = distance(diagrams[i], diagrams[j])
        return found

    return call


def _wasserstein(order: int, quick: bool) -> Case:
    def ours(diagrams: Diagrams) -> Callable[[], Any]:
        from funcnet_utils import topology

        return lambda: topology.wasserstein_matrix(diagrams, order=order)

    def by_persim(diagrams: Diagrams) -> Callable[[], Any]:
        import persim

        return by_pair(diagrams, persim.wasserstein)

    def by_hera(diagrams: Diagrams) -> Callable[[], Any]:
        from gudhi.hera import wasserstein_distance

        return by_pair(
            diagrams,
            lambda a, b: wasserstein_distance(a, b, order=order, internal_p=2, delta=0.01),
        )

    def by_pot(diagrams: Diagrams) -> Callable[[], Any]:
        from gudhi.wasserstein import wasserstein_distance

        return by_pair(
            diagrams,
            lambda a, b: wasserstein_distance(
                a, b, order=order, internal_p=2, keep_essential_parts=False
            ),
        )

    hera = Route(
        "gudhi.hera", ("gudhi",), by_hera, 10, 0.011, note="hera stops at 1% of relative error"
    )
    pot = Route("POT, through gudhi", ("ot", "gudhi"), by_pot)
    persim = Route("persim", ("persim",), by_persim, 30, SINGLE, note="persim knows order 1 alone")
    return Case(
        f"Wasserstein-{order} matrix",
        _points(quick),
        None,
        lambda: _load(quick),
        ours,
        [persim] if order == 1 else [hera, pot],
        note=_note(quick),
    )


def _bottleneck(quick: bool) -> Case:
    def ours(diagrams: Diagrams) -> Callable[[], Any]:
        from funcnet_utils import topology

        return lambda: topology.bottleneck_matrix(diagrams)

    def by_gudhi(diagrams: Diagrams) -> Callable[[], Any]:
        import gudhi

        return by_pair(diagrams, lambda a, b: gudhi.bottleneck_distance(a, b))

    def by_persim(diagrams: Diagrams) -> Callable[[], Any]:
        import persim

        return by_pair(diagrams, persim.bottleneck)

    return Case(
        "bottleneck matrix",
        _points(quick),
        None,
        lambda: _load(quick),
        ours,
        [
            Route("gudhi", ("gudhi",), by_gudhi, 10),
            Route("persim", ("persim",), by_persim, slow=not quick),
        ],
        note=_note(quick),
    )


def _sliced(quick: bool) -> Case:
    def ours(diagrams: Diagrams) -> Callable[[], Any]:
        from funcnet_utils import topology

        return lambda: topology.sliced_wasserstein_matrix(diagrams, 50)

    def by_persim(diagrams: Diagrams) -> Callable[[], Any]:
        import persim

        return by_pair(diagrams, lambda a, b: persim.sliced_wasserstein(a, b, M=50))

    def by_gudhi(diagrams: Diagrams) -> Callable[[], Any]:
        from gudhi.representations import SlicedWassersteinDistance

        route = SlicedWassersteinDistance(num_directions=50)
        return lambda: route.fit(diagrams).transform(diagrams)

    return Case(
        "sliced Wasserstein matrix",
        _points(quick),
        None,
        lambda: _load(quick),
        ours,
        [
            Route("persim", ("persim",), by_persim, 50, SINGLE),
            Route(
                "gudhi",
                ("gudhi", "sklearn"),
                by_gudhi,
                4,
                tolerance=0.02,
                note="gudhi averages over 49 of the 50 directions",
            ),
        ],
        note=f"{_note(quick)}, 50 directions",
    )
