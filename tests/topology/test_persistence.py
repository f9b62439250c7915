"""Diagrams against hand-made oracles, ripser, gudhi, scipy, and laws of persistence."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ripser import ripser
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from funcnet_utils import errors, topology
from funcnet_utils.topology import memory as memory_module

SINGLE = 2e-6  # ripser computes in float32: relative rounding 6e-8, distances below 10
KINDS = (
    "uniform",
    "few_integers",
    "many_ties",
    "circle",
    "plane",
    "sphere",
    "correlation",
    "nearly_equal",
)


def symmetric(matrix: np.ndarray) -> np.ndarray:
    upper = np.triu(matrix, 1)
    return upper + upper.T


def random_distances(kind: str, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if kind == "uniform":
        return symmetric(rng.random((n, n)))
    if kind == "few_integers":
        return symmetric(rng.integers(0, 4, (n, n)).astype(float))
    if kind == "many_ties":
        return symmetric(rng.integers(1, 12, (n, n)) / 10)
    if kind == "nearly_equal":  # equal in single precision, different in double precision
        return symmetric(1 + rng.integers(0, 1000, (n, n)) * 1e-9)
    if kind == "correlation":
        signals = rng.standard_normal((200, 3)) @ rng.standard_normal((3, n))
        noisy = np.maximum(signals + 0.5 * rng.standard_normal((200, n)), 0)
        return (
            symmetric(1 - np.abs(np.corrcoef(noisy, rowvar=False))) if n > 1 else np.zeros(2 * [n])
        )
    points = rng.standard_normal((n, 3 if kind == "sphere" else 2))
    if kind in ("circle", "sphere"):
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    return symmetric(cdist(points, points))


def circle(m: int) -> np.ndarray:
    angles = 2 * np.pi * np.arange(m) / m
    points = np.column_stack([np.cos(angles), np.sin(angles)])
    return symmetric(cdist(points, points))


def cycle(m: int) -> np.ndarray:
    apart = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    return np.minimum(apart, m - apart).astype(float)


def by_gudhi(distances: np.ndarray, dimension: int) -> np.ndarray:
    gudhi = pytest.importorskip("gudhi")
    tree = gudhi.RipsComplex(distance_matrix=distances).create_simplex_tree(dimension + 1)
    tree.compute_persistence(homology_coeff_field=2)
    found = np.asarray(tree.persistence_intervals_in_dimension(dimension), float).reshape(-1, 2)
    found = found[found[:, 1] > found[:, 0]]
    return found[np.lexsort((found[:, 0], found[:, 1]))]


class TestByHand:
    def test_no_points(self) -> None:
        h0, h1 = topology.persistence(np.zeros((0, 0)))
        assert h0.shape == h1.shape == (0, 2)

    def test_one_point(self) -> None:
        h0, h1 = topology.persistence(np.zeros((1, 1)))
        assert h0.tolist() == [[0, np.inf]]
        assert h1.shape == (0, 2)

    def test_two_points(self) -> None:
        h0, h1 = topology.persistence([[0, 3], [3, 0]])
        assert h0.tolist() == [[0, 3], [0, np.inf]]
        assert h1.shape == (0, 2)

    def test_a_square_has_one_loop_from_its_side_to_its_diagonal(self) -> None:
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        h0, h1 = topology.persistence(cdist(corners, corners))
        assert h0[:, 1].tolist() == [1, 1, 1, np.inf]
        np.testing.assert_allclose(h1, [[1, np.sqrt(2)]], rtol=SINGLE)

    @pytest.mark.parametrize("m", [5, 12, 30, 63, 64, 65, 100, 130])
    def test_a_circle_of_points_has_one_loop(self, m: int) -> None:
        # the polygon closes at the chord of one step and is filled at the chord of a third
        _, h1 = topology.persistence(circle(m))
        chords = 2 * np.sin(np.pi * np.array([1, np.ceil(m / 3)]) / m)
        longest = h1[np.argmax(h1[:, 1] - h1[:, 0])]
        np.testing.assert_allclose(longest, chords, rtol=SINGLE)
        assert ((h1[:, 1] - h1[:, 0]) > SINGLE).sum() == 1

    @pytest.mark.parametrize("m", [4, 5, 6, 7, 20, 91])
    def test_the_metric_of_a_cycle_graph(self, m: int) -> None:
        h0, h1 = topology.persistence(cycle(m))
        assert h0[:, 1].tolist() == [1] * (m - 1) + [np.inf]
        assert h1.tolist() == [[1, np.ceil(m / 3)]]

    def test_equal_distances_have_no_loop(self) -> None:
        h0, h1 = topology.persistence(1 - np.eye(70))
        assert h0[:, 1].tolist() == [1] * 69 + [np.inf]
        assert len(h1) == 0

    def test_a_complete_bipartite_graph_has_all_its_loops(self) -> None:
        # no triangles among edges of length 1: 40 * 30 edges less a tree of 69 give 1131 loops
        side = np.arange(70) < 40
        distances = np.where(side[:, None] == side, 2.0, 1.0) * (1 - np.eye(70))
        _, h1 = topology.persistence(distances)
        assert h1.tolist() == [[1, 2]] * (39 * 29)


def by_ripser(distances: np.ndarray, maxdim: int) -> list[np.ndarray]:
    return ripser(distances, distance_matrix=True, maxdim=maxdim)["dgms"]


def by_redzed(distances: np.ndarray, maxdim: int) -> list[np.ndarray]:
    return pytest.importorskip("redzed_tda").rips(distances, maxdim)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("library", [by_ripser, by_redzed])
def test_equals_libraries_in_single_precision(
    kind: str, seed: int, library: Callable[[np.ndarray, int], list[np.ndarray]]
) -> None:
    n = 2 + 11 * seed
    maxdim = 2 if n < 50 else 1
    # in single precision on both sides, so that both see the same ties
    rounded = random_distances(kind, n, seed).astype(np.float32).astype(float)
    assert_equal(topology.persistence(rounded, maxdim), library(rounded, maxdim))


def assert_equal(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    """Compare diagrams bar by bar, without bars of length 0 and in any order."""
    for one, other in zip(found, expected, strict=True):
        positive = one[one[:, 1] > one[:, 0]]
        order = np.lexsort((other[:, 0], other[:, 1]))
        np.testing.assert_array_equal(positive, other[order])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_equals_gudhi_to_the_last_bit(kind: str, seed: int) -> None:
    distances = random_distances(kind, 5 + 13 * seed, 100 + seed)
    h0, h1, h2 = topology.persistence(distances, maxdim=2)
    if len(distances) < 40:  # gudhi needs all tetrahedra
        np.testing.assert_array_equal(h2, by_gudhi(distances, 2))
    np.testing.assert_array_equal(h1, by_gudhi(distances, 1))
    np.testing.assert_array_equal(h0[h0[:, 1] > 0], by_gudhi(distances, 0))


@pytest.mark.parametrize(
    ("kind", "n"), [("correlation", 260), ("uniform", 130), ("plane", 200), ("many_ties", 129)]
)
def test_many_points_equal_ripser(kind: str, n: int) -> None:
    """Several words of bits a row, lunes with many points and many loops alive at once."""
    distances = random_distances(kind, n, 5).astype(np.float32).astype(float)
    found = topology.persistence(distances)
    assert len(found[1]) > 30
    assert_equal(found, by_ripser(distances, 1))


@pytest.mark.parametrize(("kind", "n"), [("correlation", 160), ("uniform", 66), ("many_ties", 65)])
def test_voids_of_many_points_equal_redzed(kind: str, n: int) -> None:
    """Several words of bits a row, lunes that fall apart, and many voids alive at once."""
    distances = random_distances(kind, n, 5).astype(np.float32).astype(float)
    found = topology.persistence(distances, maxdim=2)
    assert len(found[2]) > 5
    assert_equal(found, by_redzed(distances, 2))


class TestVoidsByHand:
    def test_the_octahedron(self) -> None:
        corners = np.vstack([np.eye(3), -np.eye(3)])
        _, h1, h2 = topology.persistence(cdist(corners, corners), maxdim=2)
        assert h1.shape == (0, 2)
        assert h2.tolist() == [[np.sqrt(2), 2]]

    @pytest.mark.parametrize("sizes", [(1, 5, 5), (2, 2, 2), (3, 4, 6), (2, 30, 40)])
    def test_the_join_of_three_sets_of_points(self, sizes: tuple[int, ...]) -> None:
        # a wedge of (a - 1)(b - 1)(c - 1) spheres, until points of one set are joined, too
        part = np.repeat(range(3), sizes)
        distances = np.where(part[:, None] == part, 2.0, 1.0) * (1 - np.eye(len(part)))
        _, h1, h2 = topology.persistence(distances, maxdim=2)
        assert h1.shape == (0, 2)
        assert h2.tolist() == [[1, 2]] * np.prod(np.subtract(sizes, 1))

    @pytest.mark.parametrize("m", [6, 9, 12, 13, 30, 31, 66])
    def test_a_cycle_has_voids_where_a_third_of_it_is_spanned(self, m: int) -> None:
        # Adamaszek (2013), arXiv:1104.0433: m / 3 - 1 spheres if 3 divides m, and none if not
        h2 = topology.persistence(cycle(m), maxdim=2)[2]
        assert h2.tolist() == ([[m // 3, m // 3 + 1]] * (m // 3 - 1) if m % 3 == 0 else [])

    def test_a_sphere_of_points_has_one_void(self) -> None:
        # it fills at the edge of the regular tetrahedron (Lim, Memoli, Okutan, arXiv:2001.07588)
        ((born, died),) = topology.persistence(random_distances("sphere", 140, 5), maxdim=2)[2]
        assert born < 1
        assert died == pytest.approx(np.sqrt(8 / 3), abs=0.05)

    def test_no_voids_of_few_points(self) -> None:
        for n in range(6):  # the octahedron has six
            distances = random_distances("uniform", n, n)
            assert topology.persistence(distances, maxdim=2)[2].shape == (0, 2)


def test_only_components_on_request() -> None:
    assert len(topology.persistence(circle(8), maxdim=0)) == 1


def matrices(max_points: int = 24) -> st.SearchStrategy[np.ndarray]:
    return st.builds(
        random_distances,
        st.sampled_from(KINDS),
        st.integers(2, max_points),
        st.integers(0, 10_000),
    )


@settings(max_examples=40)
@given(matrices(), st.integers(0, 1000))
def test_names_of_points_do_not_matter(distances: np.ndarray, seed: int) -> None:
    names = np.random.default_rng(seed).permutation(len(distances))
    for one, other in zip(
        topology.persistence(distances, maxdim=2),
        topology.persistence(distances[np.ix_(names, names)], maxdim=2),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=30)
@given(matrices(), st.sampled_from([2.0**-40, 0.5, 4.0, 2.0**200]))
def test_the_unit_does_not_matter(distances: np.ndarray, factor: float) -> None:
    # powers of two scale without rounding; the last one overflows single precision
    for one, other in zip(
        topology.persistence(distances, maxdim=2),
        topology.persistence(factor * distances, maxdim=2),
        strict=True,
    ):
        np.testing.assert_array_equal(factor * one, other)


@settings(max_examples=40)
@given(matrices())
def test_a_point_twice_adds_a_component_without_life(distances: np.ndarray) -> None:
    twice = np.append(np.arange(len(distances)), 0)
    h0, *above = topology.persistence(distances, maxdim=2)
    h0_twice, *above_twice = topology.persistence(distances[np.ix_(twice, twice)], maxdim=2)
    for one, other in zip(above, above_twice, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(h0_twice, np.vstack([[0, 0], h0]))


@settings(max_examples=40)
@given(matrices())
def test_components_die_at_the_spanning_tree(distances: np.ndarray) -> None:
    # scipy takes 0 for no edge
    positive = symmetric(distances + 0.5)
    expected = np.sort(minimum_spanning_tree(positive).data)
    h0 = topology.persistence(positive)[0]
    np.testing.assert_array_equal(h0[:-1, 1], expected)


@settings(max_examples=30)
@given(matrices(), st.floats(1e-6, 0.3), st.integers(0, 1000))
def test_small_changes_move_diagrams_little(distances: np.ndarray, size: float, seed: int) -> None:
    """The bottleneck distance is at most the largest change (Chazal et al. 2014)."""
    noise = size * np.random.default_rng(seed).random(distances.shape)
    moved = distances + symmetric(noise)
    change = np.abs(moved - distances).max()
    for one, other in zip(
        topology.persistence(distances, maxdim=2),
        topology.persistence(moved, maxdim=2),
        strict=True,
    ):
        # half of a bar's length rounds once
        assert topology.bottleneck(one, other) <= change * (1 + 1e-12) + 1e-15


def test_the_input_is_not_changed_and_may_be_read_only() -> None:
    distances = circle(9)
    kept = distances.copy()
    distances.flags.writeable = False
    topology.persistence(distances)
    np.testing.assert_array_equal(distances, kept)


def test_a_real_loop_survives_in_noise() -> None:
    rng = np.random.default_rng(7)
    angles = rng.uniform(0, 2 * np.pi, 150)
    points = np.column_stack([np.cos(angles), np.sin(angles)]) + rng.normal(0, 0.05, (150, 2))
    h1 = topology.persistence(symmetric(cdist(points, points)))[1]
    lifetimes = np.sort(h1[:, 1] - h1[:, 0])
    # a circle of radius 1 fills at sqrt(3); noise makes loops of the size of the gaps
    assert lifetimes[-1] > 1
    assert lifetimes[-2] < 0.3


def test_rounding_of_correlations_is_put_right() -> None:
    raw = 1 - np.abs(np.corrcoef(np.random.default_rng(0).normal(size=(30, 50))))
    raw[3, 3], raw[4, 5] = -1e-16, raw[4, 5] + 1e-16
    clean = (raw + raw.T) / 2
    np.fill_diagonal(clean, 0)
    for one, other in zip(topology.persistence(raw), topology.persistence(clean), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("distances", "words"),
    [
        (np.zeros((2, 3)), "shape"),
        (np.zeros(4), "shape"),
        (np.zeros((2, 2, 2)), "shape"),
        ([[0, np.nan], [np.nan, 0]], "NaN"),
        ([[0, np.inf], [np.inf, 0]], "infinity"),
        ([[0, -1], [-1, 0]], "down to -1"),
        ([[1, 1], [1, 1]], "1 on the diagonal"),
        ([[0, 1], [2, 0]], "differ by up to 1: use"),
        ([[0, 1], [1 + 1e-8, 0]], "differ by up to 1e-08"),
    ],
)
def test_bad_distances_give_one_clear_error(distances: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        topology.persistence(distances)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"maxdim": -1}, "maxdim is -1"),
        ({"maxdim": 3}, "maxdim is 3"),
    ],
)
def test_bad_options_give_one_clear_error(options: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        topology.persistence(circle(5), **options)


def test_too_many_points_for_the_words_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("funcnet_utils.topology.persistence")
    monkeypatch.setattr(module, "MAX_POINTS", 4)
    with pytest.raises(ValueError, match=r"points is 5: choose a whole number in \[0, 4\]"):
        topology.persistence(circle(5))


def test_a_computation_that_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "LITTLE", 0)
    monkeypatch.setattr(memory_module, "available_memory", lambda: 1e6)
    topology.persistence(circle(30))
    with pytest.raises(MemoryError, match=r"choose fewer units\."):
        topology.persistence(circle(300))
    with pytest.raises(MemoryError, match=r"or maxdim=1"):
        topology.persistence(circle(200), maxdim=2)


def test_the_limit_of_a_container_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    own = psutil.Process().memory_info().rss
    limits = {"memory.max": "max\n", "memory/memory.limit_in_bytes": str(1 << 62)}

    def read_text(path: Path) -> str:
        return limits[path.relative_to("/sys/fs/cgroup").as_posix()]

    monkeypatch.setattr(Path, "read_text", read_text)
    free = memory_module.available_memory()
    assert 0 < free <= psutil.virtual_memory().total
    for place in limits:
        monkeypatch.setitem(limits, place, str(own + (free := free // 4)))
        # this process may have grown or shrunk by some pages in between
        assert memory_module.available_memory() == pytest.approx(free, abs=64 << 20)


def most_alive(h1: np.ndarray) -> int:
    """Return the largest number of loops that are alive at once, counted."""
    births, deaths = np.sort(h1[:, 0]), np.sort(h1[:, 1])
    return int((np.arange(1, len(h1) + 1) - np.searchsorted(deaths, births, "right")).max())


def units(n: int, n_factors: int) -> np.ndarray:
    """Return distances of n units that share factors, independent ones without."""
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(500, n_factors)) @ rng.normal(size=(n_factors, n))
    return 1 - np.abs(np.corrcoef((shared + 0.5 * rng.normal(size=(500, n))).T))


def test_living_loops_of_a_ring_are_one() -> None:
    # all points are read, and each lune is empty or has one piece
    assert memory_module.living_loops(circle(12), 1) == 1
    assert memory_module.living_loops(1.0 - np.eye(12), 1) == 0  # ties: all lunes but a star's
    assert memory_module.living_loops(np.zeros((0, 0)), 1) == 0


@pytest.mark.parametrize(
    ("distances", "tolerance"),
    [
        (units(400, 0), 0.25),
        (units(400, 50), 0.25),
        (units(400, 12), 0.4),
        (symmetric(np.random.default_rng(0).random((400, 400))), 0.25),
    ],
)
def test_living_loops_are_estimated(distances: np.ndarray, tolerance: float) -> None:
    """Too few by the voids born before most loops live, here a third; the mean errs by 5%."""
    exact = most_alive(topology.persistence(distances)[1])
    assert memory_module.living_loops(distances, 2) == pytest.approx(exact, rel=tolerance)


def test_a_number_of_points_stands_for_independent_units() -> None:
    uniform = symmetric(np.random.default_rng(0).random((400, 400)))
    exact = most_alive(topology.persistence(uniform)[1])
    assert exact == pytest.approx(400**1.5 / 3 - 400, rel=0.05)
    for estimate in (topology.time_estimate, topology.memory_estimate):
        assert estimate(0) == estimate(np.zeros((0, 0))) == 0
        for maxdim in (1, 2):  # a quarter more loops are 2.5 times the time of voids
            assert estimate(400, maxdim) == pytest.approx(estimate(uniform, maxdim), rel=1.5)
            assert estimate(400, maxdim) > 3 * estimate(units(400, 5), maxdim)


@pytest.mark.parametrize("maxdim", [1, 2])
def test_only_independent_units_are_announced(monkeypatch: pytest.MonkeyPatch, maxdim: int) -> None:
    few, many = units(500, 4), units(500, 0)
    monkeypatch.setattr(errors, "LONG", 3 * topology.time_estimate(few, maxdim))
    module = importlib.import_module("funcnet_utils.topology.persistence")
    rips, started = module.reduced_rips, []
    monkeypatch.setattr(module, "reduced_rips", lambda *_: started.append(1) or rips(few, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        topology.persistence(few, maxdim)
        assert started
        with pytest.raises(errors.LongComputationWarning):  # before it starts
            topology.persistence(many, maxdim)
        assert len(started) == 1
    remedy = "or maxdim=1" if maxdim == 2 else r"faster: fewer units\."
    with pytest.warns(errors.LongComputationWarning, match=f"of 500 points .* {remedy}") as seen:
        topology.persistence(many, maxdim)
    assert [warning.filename for warning in seen] == [__file__]


def test_a_minute_is_announced() -> None:
    assert topology.time_estimate(2000) < 60 < topology.time_estimate(2400)
    assert topology.time_estimate(400, 2) < 60 < topology.time_estimate(500, 2)


@pytest.mark.parametrize("maxdim", [1, 2])
def test_only_independent_units_do_not_fit(monkeypatch: pytest.MonkeyPatch, maxdim: int) -> None:
    few, many = units(300, 4), units(300, 0)
    room = 1.5 * topology.memory_estimate(few, maxdim)
    monkeypatch.setattr(memory_module, "LITTLE", 0)
    monkeypatch.setattr(memory_module, "available_memory", lambda: room)
    topology.persistence(few, maxdim)
    with pytest.raises(MemoryError, match=r"fewer units"):
        topology.persistence(many, maxdim)
