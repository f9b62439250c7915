"""Correlations and their strongest edges from chunks, against numpy and the cut of the matrix."""

from decimal import Decimal, localcontext
from fractions import Fraction
from operator import mul

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils import correlation, graphs, strongest_edges
from funcnet_utils.correlation import correlation_matrix
from funcnet_utils.strongest_edges import correlation_edges


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    monkeypatch.setattr(correlation, "TILE", 16)
    monkeypatch.setattr(correlation, "DEPTH", 9)


def signals(n_samples, n, seed=0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n_samples, 4)) @ rng.normal(size=(4, n))
    return np.maximum(common + rng.normal(size=(n_samples, n)), 0).astype(dtype)


def split(x, size):
    return [x[k : k + size] for k in range(0, len(x), size)]


@pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 50])
@pytest.mark.parametrize("shift", [0, 1e6])
def test_equals_numpy(n, shift):
    x = signals(60, n, dtype=np.float64) + shift
    expected = np.corrcoef(x.T).reshape(n, n)
    # a shift of 1e6 leaves 1e-16 * 1e6 of the signal, squared in numpy's own rounding as well
    tolerance = 1e-12 if shift == 0 else 1e-9
    for chunks in (x, split(x, 7), iter(split(x, 25)), lambda: split(x, 1)):
        found = correlation_matrix(chunks)
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
        np.testing.assert_array_equal(found, found.T)
        np.testing.assert_array_equal(np.diagonal(found), 1)


def test_single_precision_is_summed_in_double():
    x = signals(400, 30)
    expected = np.corrcoef(x.T.astype(np.float64))
    np.testing.assert_allclose(correlation_matrix(x), expected, rtol=0, atol=1e-13)


def test_dead_units_and_copies():
    x = signals(50, 20, dtype=np.float64)
    x[:, 3] = 0.1
    x[:, 7], x[:, 8] = x[:, 6], -2 * x[:, 6] + 1
    found = correlation_matrix(split(x, 8))
    assert not found[3].any()
    assert found[6, 7] == pytest.approx(1, abs=1e-15)
    assert found[6, 8] == pytest.approx(-1, abs=1e-14)
    assert np.abs(found).max() <= 1


def weights_of(x, dead="drop"):
    r = correlation_matrix(split(x, 10))
    kept = np.ones(len(r), bool) if dead == "zero" else np.diagonal(r) != 0
    weights = np.abs(r[np.ix_(kept, kept)])
    np.fill_diagonal(weights, 0)
    return weights


@given(
    st.integers(2, 60),
    st.integers(0, 10_000),
    st.floats(0, 1),
    st.sampled_from([1, 5_000, 2**30]),
    st.booleans(),
    st.sampled_from(["drop", "zero"]),
    st.booleans(),
)
def test_edges_are_those_of_the_matrix(n, seed, share, memory, spanning, dead, ties):
    rng = np.random.default_rng(seed)
    x = signals(30, n, seed)
    if ties:  # few values: many equal correlations, also of 0 and 1
        x = rng.integers(0, 2, (6, n)).astype(np.float32)
    x[:, rng.random(n) < 0.1] = 1
    weights = weights_of(x, dead)
    nodes = len(weights)
    density = share
    if spanning:
        density = 1.0 if nodes < 3 else min(1.0, 2 / nodes + share)
    cut = graphs.spanning_density_graph if spanning else graphs.density_graph
    found = correlation_edges(
        lambda: iter(split(x, 10)), density, spanning=spanning, dead=dead, memory=memory
    )
    expected = cut(weights, density)
    np.testing.assert_array_equal(found.adjacency(), expected)
    np.testing.assert_array_equal(found.edges, np.argwhere(np.triu(expected)))
    i, j = found.edges.T
    np.testing.assert_array_equal(found.weights, weights[i, j])
    np.testing.assert_array_equal(found.dead, x.min(0) == x.max(0))
    assert len(found.units) == nodes


def test_cutting_on_the_way_loses_nothing(monkeypatch):
    x = signals(40, 60)
    strongest = correlation_edges(x, 0.05)

    add = strongest_edges._Strongest.add

    def cut_always(self, *tile):
        add(self, *tile)
        self.cut()

    monkeypatch.setattr(strongest_edges._Strongest, "add", cut_always)
    again = correlation_edges(x, 0.05)
    np.testing.assert_array_equal(again.edges, strongest.edges)


@given(st.integers(2, 200), st.floats(1, 20))
def test_signals_are_read_once_for_each_part_of_half_the_matrix_that_fits(n, rows):
    """A part loses less than a row of tiles; half the matrix is the tiles on and above it."""
    x, read, tile = signals(4, n), [], correlation.TILE
    half = 8 * sum(min(tile, n - i) * (n - i) for i in range(0, n, tile))
    longest = 8 * min(tile, n) * n
    memory = int(rows * longest)

    def chunks():
        read.append(x.nbytes)
        yield x

    correlation_edges(chunks, 0.1, spanning=False, memory=memory)
    assert half / memory <= len(read)
    assert rows == 1 or len(read) <= half / (memory - longest + 8) + 1


def test_an_iterator_serves_one_pass_only():
    x = signals(20, 40)
    one = correlation_edges(iter([x]), 0.1)
    np.testing.assert_array_equal(one.edges, correlation_edges(x, 0.1, memory=1).edges)
    with pytest.raises(ValueError, match="read only once"):
        correlation_edges(iter([x]), 0.1, memory=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: correlation_matrix([]), "there are 0 samples"),
        (lambda: correlation_matrix(np.zeros((1, 3))), "there are 1 samples"),
        (lambda: correlation_matrix(np.full((3, 3), np.nan)), "NaN or infinity"),
        (
            lambda: correlation_matrix([np.zeros((2, 3)), np.zeros((2, 4))]),
            "of 3 and of 4",
        ),
        (lambda: correlation_matrix(np.zeros(3)), r"a chunk of signals has shape \(3,\)"),
        (lambda: correlation_matrix(np.zeros((2, 2), complex)), "complex128"),
        (
            lambda: correlation_edges(signals(9, 9), 0.1),
            "too few for the spanning tree",
        ),
        (lambda: correlation_edges(signals(9, 9), 2.0), "density is 2.0"),
        (lambda: correlation_edges(signals(9, 9), 0.5, dead="x"), "dead is 'x'"),
        (lambda: correlation_edges(signals(9, 9), 0.5, memory=0), "memory is 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_within_classes_equals_correlations_of_residuals():
    x, labels = signals(80, 20, dtype=np.float64), np.arange(80) % 3
    x[:, 4] = labels  # tells classes apart, and nothing else
    residual = x - np.stack([x[labels == k].mean(0) for k in range(3)])[labels]
    live = np.arange(20) != 4
    found = correlation_matrix(lambda: split(x, 7), labels)
    np.testing.assert_allclose(
        found[np.ix_(live, live)], np.corrcoef(residual[:, live].T), rtol=0, atol=1e-12
    )
    assert not found[4].any()
    for bad in (np.full(80, np.nan), labels[:, None]):
        with pytest.raises(ValueError, match="one per sample, in a vector without NaN"):
            correlation_matrix(lambda: split(x, 7), bad)
    with pytest.raises(ValueError, match="there are 3 labels for 80 samples"):
        correlation_matrix(x, labels[:3])
    with pytest.raises(ValueError, match="read only once"):
        correlation_matrix(iter([x]), labels)


def test_a_stack_is_correlated_network_by_network():
    x = np.stack([signals(40, 18, seed) for seed in range(3)])
    found = correlation_matrix([x[:, :11], x[:, 11:]])
    for one, expected in zip(found, x, strict=True):
        np.testing.assert_array_equal(one, correlation_matrix(expected))


def test_bits_do_not_depend_on_the_chunks():
    x = signals(50, 20)
    expected = correlation_matrix(x)
    for size in (1, 4, 9, 33):
        np.testing.assert_array_equal(correlation_matrix(split(x, size)), expected)


def test_active_samples_are_counted():
    x = np.zeros((30, 3))
    x[:4, 1], x[::2, 2] = 1, -1
    (found,), shape = correlation.moments(split(x, 7))
    assert (found.active.tolist(), found.dead.tolist()) == ([0, 4, 15], [True, False, False])
    assert shape == (3,)


def test_a_matrix_that_cannot_fit_is_refused(monkeypatch):
    monkeypatch.setattr(correlation, "available_memory", lambda: 2**20)
    with pytest.raises(MemoryError, match=r"correlations of 600 units take 0.0 GiB"):
        correlation_matrix(np.zeros((2, 600)))


def exact(x, y):
    """Pearson's correlation in exact fractions, one root at the end."""
    x, y = ([Fraction(float(value)) for value in column] for column in (x, y))
    x, y = ([value - sum(column) / len(column) for value in column] for column in (x, y))
    return ratio(*(sum(map(mul, a, b)) for a, b in ((x, y), (x, x), (y, y))))


def ratio(xy, xx, yy):
    """Return xy over the root of xx times yy, all of them fractions, to 60 digits."""
    with localcontext(prec=60, Emax=10**6, Emin=-(10**6)):
        xy, spread = (Decimal(q.numerator) / Decimal(q.denominator) for q in (xy, xx * yy))
        return float(xy / spread.sqrt())


PAIR = np.random.default_rng(1).normal(size=(60, 1)) + 0.8 * np.random.default_rng(2).normal(
    size=(60, 2)
)
EDGES = {
    **{f"mean {mean:g}": mean + PAIR for mean in (1e8, 1e12, 1e15)},
    **{f"scale {scale:g}": scale * PAIR for scale in (1e-170, 1e160, 1e300, 1e-300, 5e-322)},
    "two scales": PAIR * [1e160, 1e-170],
    "far and tiny": (PAIR + 1e12) * 1e-200,
    "an outlier": np.vstack([[1e12, -1e12], PAIR]),
    "the largest numbers": np.array([[1.7e308, -1.7e308], [-1.7e308, 1e308], [1, 2.0]]),
    "the smallest numbers": np.array([[0, 5e-324], [5e-324, 0], [0, 0]]),
    "two samples": np.array([[0, 1.35951], [1, 1.3595100000000007]]),
    "last digits of 1": 1 + np.round(2 * PAIR) * 2.0**-52,
    "silent at first": np.vstack([0 * PAIR, 1e-170 * PAIR]),
    "constant at first": np.vstack([0 * PAIR, PAIR]) + 1e12,
    "growing": np.vstack([1e-170 * PAIR, PAIR, 1e160 * PAIR]),
}


@pytest.mark.parametrize("case", EDGES)
def test_correlations_are_exact_to_rounding(case):
    x = EDGES[case]
    found = correlation_matrix(split(x, 7))
    # the docstring: 1e-15 times the root of the number of samples
    assert found[0, 1] == pytest.approx(exact(*x.T), abs=1e-15 * np.sqrt(len(x)))
    assert np.diagonal(found).tolist() == [1, 1]


@pytest.mark.parametrize("scale", [1, 1e-170, 1e160])
@pytest.mark.parametrize("apart", [0, 1e8, 1e12])
def test_correlations_within_classes_are_exact_to_rounding(apart, scale):
    labels = np.arange(60) % 3
    x = scale * (PAIR + apart * np.array([1, -3, 2])[labels][:, None])
    rest = np.array([[Fraction(value) for value in row] for row in x.tolist()])
    for k in range(3):
        rest[labels == k] -= rest[labels == k].sum(0) / 20
    due = ratio(*((rest[:, a] * rest[:, b]).sum() for a, b in ((0, 1), (0, 0), (1, 1))))
    assert correlation_matrix(split(x, 7), labels)[0, 1] == pytest.approx(due, abs=1e-14)


def test_means_and_active_samples_are_those_of_the_signals():
    x = PAIR + np.array([1e12, 0])
    labels = np.arange(60) % 2
    (plain,), _ = correlation.moments(split(x, 7))
    np.testing.assert_allclose(plain.mean, x.mean(0), rtol=1e-15, atol=1e-16)
    (within,), _ = correlation.moments(split(x, 7), labels)
    assert within.active.tolist() == [60, 60]


def test_edges_of_signals_far_from_0():
    x = signals(40, 20, dtype=np.float64)
    found = correlation_edges(2.0**40 + np.round(2**10 * x) / 2**10, 0.3)
    expected = correlation_edges(np.round(2**10 * x) / 2**10, 0.3)
    np.testing.assert_array_equal(found.edges, expected.edges)
    np.testing.assert_allclose(found.weights, expected.weights, rtol=0, atol=1e-14)
