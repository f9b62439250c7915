"""Null models: what they keep is kept exactly, what they randomise is random."""

from unittest.mock import patch

import networkx as nx
import numba
import numpy as np
import pytest
from scipy import stats

from funcnet_utils import graphs
from funcnet_utils._bits import unpack
from funcnet_utils.graphs._graph import single
from funcnet_utils.graphs._rewiring import bit_rows, latticise, swap_ends
from funcnet_utils.graphs.correlation_nulls import strength_covariance
from funcnet_utils.graphs.nulls import Rewiring, stream_seeds, taken_pairs

CAVEMAN = graphs.from_networkx(nx.connected_caveman_graph(12, 6))
RING = graphs.from_networkx(nx.watts_strogatz_graph(60, 6, 0.05, seed=0))


@pytest.mark.parametrize("adjacency", [CAVEMAN, RING])
def test_rewiring_keeps_degrees_and_forgets_the_rest(adjacency):
    nulls = graphs.rewired(adjacency, 30, seed=0)
    assert nulls.shape == (30, *adjacency.shape)
    np.testing.assert_array_equal(nulls.sum(1), np.tile(adjacency.sum(0), (30, 1)))
    np.testing.assert_array_equal(nulls, nulls.transpose(0, 2, 1))
    assert not np.diagonal(nulls, axis1=1, axis2=2).any()
    # the share of edges kept is that of chance, about the density of the graph
    kept = (nulls & adjacency).sum((1, 2)) / adjacency.sum()
    density = adjacency.mean()
    assert abs(kept.mean() - density) < 4 * kept.std() / np.sqrt(30) + 0.03
    assert graphs.clustering(nulls).mean() < 0.4 * graphs.clustering(adjacency)


def test_rewiring_forgets_a_dense_graph_too():
    dense = graphs.from_networkx(nx.watts_strogatz_graph(60, 50, 0, seed=0))
    nulls = graphs.rewired(dense, 40, seed=0)
    assert (nulls.sum(1) == 50).all()
    missing = ~dense & ~np.eye(60, dtype=bool)
    kept = (~nulls & missing).sum((1, 2)) / missing.sum()
    # chance: a pair that is not adjacent stays so with its density, 9 / 59; 4 standard errors
    assert abs(kept.mean() - 9 / 59) < 4 * kept.std() / np.sqrt(40) + 0.01


def test_rewiring_agrees_with_networkx():
    graph = nx.connected_caveman_graph(12, 6)
    edges = graph.number_of_edges()
    theirs = []
    for seed in range(40):
        copy = graph.copy()
        nx.double_edge_swap(copy, nswap=10 * edges, max_tries=1000 * edges, seed=seed)
        theirs.append(nx.average_clustering(copy))
    ours = graphs.clustering(graphs.rewired(CAVEMAN, 40, seed=1))
    # two samples of 40 of the same distribution; chance of failure 0.1%
    assert stats.mannwhitneyu(ours, theirs).pvalue > 0.001


def test_rewiring_is_uniform_over_a_small_space():
    # six nodes of degree 1 on a matching: 15 perfect matchings, equally likely
    matching = np.kron(np.eye(3, dtype=int), [[0, 1], [1, 0]]).astype(bool)
    nulls = graphs.rewired(matching, 3000, seed=0)
    _, counts = np.unique(nulls.reshape(3000, -1), axis=0, return_counts=True)
    assert len(counts) == 15
    # chance of failure 0.1%
    assert stats.chisquare(counts).pvalue > 0.001


def split_mix(seed):
    """Yield the 64-bit words of SplitMix64, doi:10.1145/2660193.2660195, on Python's integers."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        yield z ^ z >> 31


def high(word, bound):
    return (word >> 32) * bound >> 32


def low(word, bound):
    return word % 2**31 * bound >> 31


@pytest.mark.parametrize("half", [16, 32])
@pytest.mark.parametrize("adjacency", [CAVEMAN, RING])
def test_swaps_are_those_of_the_definition(adjacency, half):
    n = len(adjacency)
    pairs = np.argwhere(np.triu(adjacency)).tolist()
    edges = np.array([a | b << half for a, b in pairs], dtype=f"uint{2 * half}")
    made = swap_ends(edges, taken_pairs(single(adjacency)), np.uint64(7), 2000)
    swaps = 0
    for word, _ in zip(split_mix(7), range(2000), strict=False):
        e, f = high(word, len(pairs)), low(word, len(pairs))
        (a, b), (c, d) = pairs[e], pairs[f][:: -1 if word >> 31 & 1 else 1]
        joined = {frozenset(pair) for pair in pairs}
        if a != d and c != b and not {frozenset((a, d)), frozenset((c, b))} & joined:
            pairs[e], pairs[f] = (a, d), (c, b)
            swaps += 1
    assert made == swaps > 500
    assert [(word % 2**half, word >> half) for word in edges.tolist()] == list(map(tuple, pairs))
    expected = np.zeros_like(adjacency)
    expected[tuple(np.transpose(pairs))] = True
    np.testing.assert_array_equal(unpack(bit_rows(edges, n)), expected | expected.T)


def test_lattice_swaps_are_those_of_the_definition():
    graph = nx.Graph(nx.barabasi_albert_graph(40, 3, seed=0))
    graph.add_nodes_from([40, 41])  # without edges
    n = len(graph)
    near = [sorted(graph[node]) for node in range(n)]
    starts = np.cumsum([0, *map(len, near)])
    neighbours = np.concatenate(near).astype(np.uint16)
    taken = taken_pairs(single(graphs.from_networkx(graph)))
    latticise(starts, neighbours, taken, np.uint64(3), 3000)
    words, swaps = split_mix(3), 0

    def apart(u, v):
        return min(abs(u - v), n - abs(u - v))

    for _ in range(3000):
        word = next(words)
        a = high(word, n)
        reach = 1 + len(near[a]) // 2
        step = low(word, 2 * reach) - reach
        d = (a + step + (step >= 0)) % n
        if not near[a] or not near[d] or d in near[a]:
            continue
        one, two = next(words), next(words)
        b = max((near[a][high(w, len(near[a]))] for w in (one, two)), key=lambda v: apart(a, v))
        c = max((near[d][low(w, len(near[d]))] for w in (one, two)), key=lambda v: apart(d, v))
        longer = apart(a, d) + apart(b, c) > apart(a, b) + apart(d, c)
        if b == c or c in near[b] or longer:
            continue
        for node, old, new in ((a, b, d), (d, c, a), (b, a, c), (c, d, b)):
            near[node][near[node].index(old)] = new
        swaps += 1
    assert swaps > 100
    assert neighbours.tolist() == [other for row in near for other in row]


def test_rewiring_repeats_on_any_number_of_threads():
    expected = graphs.rewired(RING, 8, seed=5)
    with patch.object(numba.config, "NUMBA_NUM_THREADS", 1):
        np.testing.assert_array_equal(graphs.rewired(RING, 8, seed=5), expected)
    assert not np.array_equal(graphs.rewired(RING, 8, seed=6), expected)
    np.testing.assert_array_equal(graphs.rewired(RING, 3, seed=5), expected[:3])
    assert len(np.unique(expected.reshape(8, -1), axis=0)) == 8


@pytest.mark.parametrize(
    "graph", [nx.star_graph(6), nx.complete_graph(5), nx.empty_graph(4), nx.path_graph(2)]
)
def test_graphs_that_cannot_be_rewired_stay(graph):
    adjacency = graphs.from_networkx(graph)
    np.testing.assert_array_equal(graphs.rewired(adjacency, 2, seed=0)[1], adjacency)


def test_lattice_keeps_degrees_and_raises_clustering():
    random = graphs.erdos_renyi(80, 320, 1, seed=0)[0]
    ring = graphs.lattice(random, seed=0)
    np.testing.assert_array_equal(ring.sum(0), random.sum(0))
    assert graphs.clustering(ring) > 3 * graphs.clustering(random)
    np.testing.assert_array_equal(ring, graphs.lattice(random, seed=0))
    # a rewired ring lattice finds back to about its clustering, 3 (k - 2) / (4 (k - 1)) with k = 6
    regular = graphs.rewired(graphs.from_networkx(nx.watts_strogatz_graph(100, 6, 0)), 1, seed=0)
    assert graphs.clustering(graphs.lattice(regular[0], seed=1)) == pytest.approx(0.6, abs=0.05)
    for graph in (nx.empty_graph(0), nx.empty_graph(3), nx.path_graph(2), nx.complete_graph(5)):
        adjacency = graphs.from_networkx(graph)
        np.testing.assert_array_equal(graphs.lattice(adjacency, seed=0), adjacency)


def test_erdos_renyi_pairs_are_equally_likely():
    found = graphs.erdos_renyi(6, 5, 3000, seed=0)
    assert (found.sum((1, 2)) == 10).all()
    counts = found.sum(0)[np.triu_indices(6, 1)]
    # pairs of a graph are drawn without replacement, which only narrows the chi-square
    assert stats.chisquare(counts).pvalue > 0.001
    assert graphs.erdos_renyi(3, 3, 1, seed=0).sum() == 6
    small = graphs.erdos_renyi(np.uint8(200), np.uint8(20), 1, seed=0)
    np.testing.assert_array_equal(small, graphs.erdos_renyi(200, 20, 1, seed=0))


@pytest.mark.parametrize(
    ("n", "mean", "variance"),
    [(60, 0.0, 0.02), (60, 0.1, 0.02), (60, 0.25, 0.05), (60, 0.4, 0.1), (150, 0.06, 0.11)],
)
def test_hqs_correlations_have_the_mean_and_variance_of_the_given_ones(n, mean, variance):
    rng = np.random.default_rng(0)
    upper = np.triu_indices(n, 1)
    pairs = rng.beta(*beta_of(mean, variance), size=len(upper[0])) * 2 - 1
    pairs = (pairs - pairs.mean()) * np.sqrt(variance) / pairs.std() + mean
    given = np.eye(n)
    given[upper] = given.T[upper] = np.clip(pairs, -1, 1)
    nulls = graphs.hqs(given, 200, seed=0)
    assert np.linalg.eigvalsh(nulls).min() > -1e-10
    np.testing.assert_allclose(np.diagonal(nulls, axis1=1, axis2=2), 1, atol=1e-15)
    off = nulls[:, upper[0], upper[1]]
    for found, expected in (
        (off.mean(1), given[upper].mean()),
        (off.var(1), given[upper].var()),
    ):
        # 200 independent matrices, 4 standard errors; and the error of the 10 trial matrices
        error = 4 * found.std() * np.sqrt(1 / 200 + 1 / 10)
        assert abs(found.mean() - expected) < error + 0.003
    assert off.var(1).mean() == pytest.approx(given[upper].var(), rel=0.08)


def beta_of(mean, variance):
    """Parameters of a beta distribution on [-1, 1] with this mean and variance."""
    share, spread = (mean + 1) / 2, variance / 4
    total = share * (1 - share) / spread - 1
    return share * total, (1 - share) * total


def test_hqs_is_clustered_by_construction():
    correlation = np.corrcoef(np.random.default_rng(1).normal(size=(60, 8)))
    nulls = np.abs(graphs.hqs(correlation, 5, seed=0))
    cut = graphs.spanning_density_graph(nulls, 0.08)
    assert (graphs.small_world(cut, 10, seed=0).sigma > 1.2).all()


def test_hqs_of_the_correlations_of_signals():
    correlation = factor_correlation()
    pairs = correlation[np.triu_indices(60, 1)]
    nulls = graphs.hqs(correlation, 300, seed=1)
    off = nulls[:, *np.triu_indices(60, 1)]
    assert off.mean() == pytest.approx(pairs.mean(), rel=0.03)
    assert off.var(1).mean() == pytest.approx(pairs.var(), rel=0.05)
    assert len({float(null[0, 1]) for null in nulls}) == 300


def factor_correlation(n=60, n_samples=2000):
    rng = np.random.default_rng(3)
    load = rng.uniform(0.2, 1.0, n)
    signals = rng.normal(size=(n_samples, n)) + load * rng.normal(size=(n_samples, 1))
    signals[:, : n // 3] += 0.5 * rng.normal(size=(n_samples, 1))
    return np.corrcoef(signals.T)


def test_configuration_model_has_maximum_entropy_and_keeps_strengths():
    correlation = factor_correlation()
    covariance = strength_covariance(correlation)
    # the tolerance of the solver is 1e-9 of the largest strength, which is below 60
    np.testing.assert_allclose(np.diagonal(covariance), 1, atol=1e-7)
    np.testing.assert_allclose(covariance.sum(1), correlation.sum(1), atol=1e-6)
    # stationary: off the diagonal the precision matrix is b_i + b_j, so double differences vanish
    precision = np.linalg.inv(covariance)
    k = precision
    assert abs(k[0, 2] - k[0, 3] - k[1, 2] + k[1, 3]) < 1e-8 * np.abs(k).max()
    # of all covariances with these constraints, the given one among them, none has a larger one
    assert np.linalg.slogdet(covariance)[1] > np.linalg.slogdet(correlation)[1]


def test_configuration_model_nulls_scatter_around_the_strengths():
    correlation = factor_correlation()
    nulls = graphs.correlation_configuration(correlation, 30, seed=0, n_samples=2000)
    assert np.linalg.eigvalsh(nulls).min() > 0
    np.testing.assert_array_equal(np.diagonal(nulls, axis1=1, axis2=2), 1)
    strengths = nulls.sum(2)
    error = strengths.std(0) / np.sqrt(30)
    # 60 means, each within 5 standard errors of the strength; bias of order 1 / n_samples
    assert (np.abs(strengths.mean(0) - correlation.sum(1)) < 5 * error + 60 / 2000).all()
    # the block of related units is what the model must forget
    block = np.ix_(np.arange(20), np.arange(20))
    excess = correlation[block].mean() - correlation[:20, 20:].mean()
    assert np.mean([n[block].mean() - n[:20, 20:].mean() for n in nulls]) < 0.8 * excess


@pytest.mark.parametrize("rank", [8, 30])
def test_spectrum_is_kept_and_the_eigenvectors_are_random(rank):
    rng = np.random.default_rng(0)
    blocks = np.kron(np.eye(5), np.ones((6, 6)))
    signals = rng.standard_normal((400, rank)) @ rng.standard_normal((rank, 30))
    given = np.corrcoef(signals + 2 * rng.standard_normal((400, 5)).repeat(6, axis=1), rowvar=False)
    nulls = graphs.spectrum(given, 40, seed=0)
    values = np.maximum(np.linalg.eigvalsh(given), 0)
    np.testing.assert_allclose(np.linalg.eigvalsh(nulls), np.tile(values, (40, 1)), atol=1e-4)
    np.testing.assert_array_equal(np.diagonal(nulls, axis1=1, axis2=2), 1)
    # the eigenvalues fix the sum of all squares, so the mean square of r, but not where it lies
    inside = (blocks == 1) & ~np.eye(30, dtype=bool)
    outside = blocks == 0
    squares = (nulls**2).mean(axis=0)
    assert (given[inside] ** 2).mean() > 2 * (given[outside] ** 2).mean()
    # 150 pairs inside, 40 nulls of about rank degrees of freedom: a relative error of a few percent
    assert squares[inside].mean() == pytest.approx(squares[outside].mean(), rel=0.12)
    total = (given**2).sum()
    np.testing.assert_allclose((nulls**2).sum(axis=(1, 2)), total, rtol=1e-3)


def test_correlation_nulls_repeat():
    correlation = factor_correlation(12)
    for null in (graphs.hqs, graphs.spectrum, graphs.correlation_configuration):
        np.testing.assert_array_equal(null(correlation, 3, seed=4), null(correlation, 3, seed=4))
        np.testing.assert_array_equal(
            null(correlation, 2, seed=4), null(correlation, 3, seed=4)[:2]
        )


def test_column_shuffle_keeps_each_column():
    values = np.random.default_rng(0).normal(size=(400, 5)) + np.arange(5)
    values[:, 1] = values[:, 0]
    shuffled = graphs.column_shuffled(values, seed=0)
    np.testing.assert_array_equal(np.sort(shuffled, 0), np.sort(values, 0))
    off = np.corrcoef(shuffled.T)[np.triu_indices(5, 1)]
    # sd of a chance correlation is 1 / sqrt(400) = 0.05
    assert np.abs(off).max() < 0.2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: graphs.rewired(RING, 0, seed=0), "n_graphs is 0"),
        (lambda: graphs.rewired(RING[None], 1, seed=0), "give one square matrix"),
        (lambda: graphs.lattice(RING[None], seed=0), "give one square matrix"),
        (lambda: graphs.erdos_renyi(4, 7, 1, seed=0), r"whole number in \[0, 6\]"),
        (lambda: graphs.erdos_renyi(4, 2, 0, seed=0), "n_graphs is 0"),
        (lambda: graphs.hqs(np.eye(3)[:2], 1, seed=0), "one square matrix"),
        (lambda: graphs.hqs(np.full((3, 3), np.nan), 1, seed=0), "drop dead units"),
        (lambda: graphs.hqs(np.eye(3), 0, seed=0), "n_graphs is 0"),
        (lambda: graphs.hqs(np.eye(3), 1, seed=0), "variance of 0"),
        (lambda: graphs.hqs(2 * np.eye(3), 1, seed=0), "diagonal of 1"),
        (lambda: graphs.correlation_configuration(np.ones((3, 3)), 1, seed=0), "positive definite"),
        (
            lambda: graphs.correlation_configuration(np.eye(3), 1, seed=0, n_samples=1),
            "n_samples is 1",
        ),
        (lambda: graphs.correlation_configuration(np.eye(3), 0, seed=0), "n_graphs is 0"),
        (lambda: graphs.column_shuffled(np.zeros(3), seed=0), "n_samples, n_units"),
        (lambda: graphs.erdos_renyi(-1, 0, 1, seed=0), "n is -1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("density", [0.05, 0.3])
def test_rewiring_makes_ten_swaps_an_edge_and_that_is_enough(density):
    signals = np.random.default_rng(0).normal(size=(70, 6)) @ np.random.default_rng(1).normal(
        size=(6, 300)
    )
    adjacency = graphs.spanning_density_graph(np.abs(np.corrcoef(signals)), density)
    rewiring = Rewiring(single(adjacency))
    edges, ours = rewiring.edges, rewiring.n_attempts
    m, streams = len(edges), stream_seeds(0, 200)
    clustering, kept, made = [], [], []
    for n_attempts, part in ((ours, streams[:100]), (10 * ours, streams[100:])):  # and a long chain
        nulls = []
        for stream in part:
            null = edges.copy()
            made.append(swap_ends(null, rewiring.taken.copy(), stream, n_attempts))
            nulls.append(unpack(bit_rows(null, 70)))
        clustering.append(graphs.clustering(np.array(nulls)))
        kept.append((np.array(nulls) & adjacency).sum((1, 2)) / (2 * m))
    assert 10 * m <= np.mean(made[:100]) < 11.5 * m
    assert min(made[:100]) > 9.5 * m
    for short, long in (clustering, kept):
        error = np.sqrt(short.var() / 100 + long.var() / 100)
        # two means of 100 independent graphs: chance of failure 0.03% each
        assert abs(short.mean() - long.mean()) < 3.6 * error


def test_rewiring_ends_where_nothing_can_be_swapped():
    for graph in (nx.star_graph(20), nx.complete_graph(12), nx.empty_graph(3)):
        adjacency = graphs.from_networkx(graph)
        rewiring = Rewiring(single(adjacency))
        edges = rewiring.edges.copy()
        assert swap_ends(edges, rewiring.taken, np.uint64(1), 200 * len(edges)) == 0
        np.testing.assert_array_equal(edges, rewiring.edges)
        assert rewiring.n_attempts <= 200 * len(edges)


def test_rewiring_is_uniform_where_every_swap_leads_back():
    # a path of four nodes has two labelled graphs of its degrees, one swap apart: to count
    # successes only would always end in the same one
    path = graphs.from_networkx(nx.path_graph(4))
    nulls = graphs.rewired(path, 400, seed=0)
    same = (nulls == path).all((1, 2)).sum()
    assert len(np.unique(nulls.reshape(400, -1), axis=0)) == 2
    assert stats.binomtest(int(same), 400).pvalue > 0.001


def test_thousands_of_rewired_graphs_repeat_on_any_number_of_threads():
    ring = graphs.from_networkx(nx.watts_strogatz_graph(20, 4, 0.1, seed=0))
    two = graphs.rewired(ring, 3000, seed=9)
    with patch.object(numba.config, "NUMBA_NUM_THREADS", 1):
        np.testing.assert_array_equal(graphs.rewired(ring, 3000, seed=9), two)
    assert (two.sum(1) == ring.sum(0)).all()
    # one generator each: hardly two are equal
    assert len(np.unique(two.reshape(3000, -1), axis=0)) > 2990
