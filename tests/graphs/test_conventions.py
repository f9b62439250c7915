"""Data as others give them: types, layouts, ties, and the test data of other libraries."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils import graphs

MEASURES = {
    "density": graphs.density,
    "clustering": graphs.clustering,
    "transitivity": graphs.transitivity,
    "characteristic_path_length": graphs.characteristic_path_length,
    "connected_share": graphs.connected_share,
    "diameter": graphs.diameter,
    "global_efficiency": graphs.global_efficiency,
    "local_efficiency": graphs.local_efficiency,
    "degree_assortativity": graphs.degree_assortativity,
    "modularity": lambda adjacency: graphs.modularity(adjacency, seed=0),
    "participation": lambda a: graphs.participation(a, np.arange(np.shape(a)[-1]) % 2),
    "within_share": lambda a: graphs.within_share(a, np.arange(np.shape(a)[-1]) % 2),
}
PER_NODE = {
    "degree": graphs.degree,
    "triangles": graphs.triangles,
    "communities": lambda adjacency: graphs.communities(adjacency, seed=0),
    "betweenness": graphs.betweenness,
}
GRAPH = graphs.from_networkx(nx.gnp_random_graph(70, 0.1, seed=1))


def layouts(adjacency):
    frozen = adjacency.copy()
    frozen.flags.writeable = False
    yield frozen
    yield np.asfortranarray(adjacency)
    yield np.repeat(np.repeat(adjacency, 2, 0), 2, 1)[::2, ::2]
    yield adjacency[::-1, ::-1][::-1, ::-1]
    for dtype in (np.uint8, np.int32, np.int64, np.float32, np.float64, np.float16):
        yield adjacency.astype(dtype)
    yield adjacency.tolist()
    yield adjacency.astype(int) * -0.0 + adjacency  # holds -0.0


@pytest.mark.parametrize("name", [*MEASURES, *PER_NODE])
def test_types_and_layouts_do_not_matter_and_input_stays(name):
    measure = (MEASURES | PER_NODE)[name]
    expected = measure(GRAPH)
    for given_ in layouts(GRAPH):
        before = np.array(given_)
        np.testing.assert_array_equal(measure(given_), expected)
        np.testing.assert_array_equal(np.array(given_), before)


@pytest.mark.parametrize("name", [*MEASURES, *PER_NODE])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3,), (2, 0), (2, 3)])
def test_every_measure_takes_stacks_of_any_shape(name, shape):
    measure = (MEASURES | PER_NODE)[name]
    stack = np.broadcast_to(GRAPH, (*shape, 70, 70))
    found = np.asarray(measure(stack))
    assert found.shape == ((*shape, 70) if name in PER_NODE else shape)
    np.testing.assert_array_equal(found, np.broadcast_to(measure(GRAPH), found.shape))
    if not shape and name in MEASURES:
        assert type(measure(GRAPH)) is float


@pytest.mark.parametrize("name", [*MEASURES, *PER_NODE])
@pytest.mark.parametrize(
    ("adjacency", "message"),
    [
        (np.array([[0, np.nan], [np.nan, 0]]), "other than 0 and 1"),
        (np.array([[0, -1], [-1, 0]]), "other than 0 and 1"),
        (np.array([[0, 0.3], [0.3, 0]]), "cut the strengths"),
        (np.array([[0, 1], [0, 0]]), "not symmetric"),
        (np.array([[1, 1], [1, 0]]), "self-loops"),
        (np.zeros((2, 3)), "square"),
        (np.zeros(3), "square"),
        (np.array([["a", "b"], ["b", "a"]]), "give real numbers"),
    ],
)
def test_one_clear_error(name, adjacency, message):
    with pytest.raises(ValueError, match=message) as caught:
        (MEASURES | PER_NODE)[name](adjacency)
    assert "\n" not in str(caught.value)


def integer_weights(n, levels, seed):
    upper = np.triu(np.random.default_rng(seed).integers(0, levels, (n, n)), 1)
    return upper + upper.T


@given(st.integers(3, 25), st.integers(1, 4), st.integers(0, 1000), st.floats(0.1, 1))
def test_ties_of_integer_weights_go_to_the_smaller_pair(n, levels, seed, share):
    weights = integer_weights(n, levels, seed)
    count = round(share * n * (n - 1) / 2)
    i, j = np.triu_indices(n, 1)
    order = np.lexsort((j, i, -weights[i, j]))[:count]
    expected = np.zeros((n, n), bool)
    expected[i[order], j[order]] = expected[j[order], i[order]] = True
    np.testing.assert_array_equal(graphs.density_graph(weights, share), expected)


def test_cuts_take_any_layout_and_leave_it():
    weights = integer_weights(20, 5, 0) / 4
    expected = graphs.spanning_density_graph(weights, 0.3)
    frozen = weights.copy()
    frozen.flags.writeable = False
    for other in (frozen, np.asfortranarray(weights), weights.tolist(), weights.astype("f4")):
        np.testing.assert_array_equal(graphs.spanning_density_graph(other, 0.3), expected)


def test_a_sparse_connectome_keeps_its_zeros_apart():
    # structural connectomes hold mostly zeros; no edge of weight 0 while others are left
    rng = np.random.default_rng(4)
    weights = np.triu(rng.pareto(1.5, (80, 80)) * (rng.random((80, 80)) < 0.15), 1)
    weights += weights.T
    share = np.count_nonzero(weights) / (80 * 79)
    assert (weights[graphs.density_graph(weights, 0.9 * share)] > 0).all()
    cut = graphs.density_graph(weights, share)
    np.testing.assert_array_equal(cut, weights > 0)
    connected = graphs.spanning_density_graph(weights, share)
    assert graphs.connected_share(connected) == 1
    assert connected.sum() == cut.sum()


def test_perfectly_correlated_units_are_joined_and_no_weight_is_lost():
    signals = np.random.default_rng(0).normal(size=(40, 12))
    signals[:, 1], signals[:, 2] = signals[:, 0], -signals[:, 0]
    weights = np.abs(np.corrcoef(signals.T))
    for cut in (graphs.density_graph, graphs.spanning_density_graph):
        adjacency = cut(weights, 0.25)
        assert adjacency[0, 1]
        assert adjacency[0, 2] | adjacency[1, 2]


class TestDataOfNetworkx:
    """From the tests of networkx 3.6: cluster, efficiency and small-world."""

    def test_clustering(self):
        cubical = graphs.from_networkx(nx.cubical_graph())
        assert graphs.clustering(cubical) == 0
        complete = nx.complete_graph(5)
        complete.remove_edge(1, 2)
        adjacency = graphs.from_networkx(complete)
        # local coefficients 5/6, 1, 1, 5/6, 5/6
        assert graphs.clustering(adjacency) == pytest.approx((3 * 5 / 6 + 2) / 5, abs=1e-15)
        assert graphs.transitivity(adjacency) == pytest.approx(0.875, abs=1e-15)
        assert graphs.triangles(adjacency).tolist() == [5, 3, 3, 5, 5]

    def test_efficiency(self):
        disconnected = nx.Graph([(1, 2)])
        disconnected.add_node(3)
        for graph, e_glob, e_loc in (
            (disconnected, 1 / 3, 0),
            (nx.complete_graph(4), 1, 1),
            (nx.cycle_graph(4), 5 / 6, 0),
            (nx.lollipop_graph(3, 1), 5 / 6, 7 / 12),
            (nx.Graph([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]), 11 / 12, 11 / 12),
        ):
            adjacency = graphs.from_networkx(graph)
            assert graphs.global_efficiency(adjacency) == pytest.approx(e_glob, abs=1e-15)
            assert graphs.local_efficiency(adjacency) == pytest.approx(e_loc, abs=1e-15)


class TestDataOfBctpy:
    """Calls as in the tests of bctpy, on one matrix cut at several densities."""

    @pytest.mark.parametrize("density", [0.1, 0.3, 0.9])
    def test_binary_measures(self, density):
        bct = pytest.importorskip("bct", reason="bctpy is an optional peer")
        rng = np.random.default_rng(3)
        weights = np.abs(np.corrcoef(rng.normal(size=(60, 20))))
        adjacency = graphs.density_graph(weights, density)
        theirs = bct.threshold_proportional(np.where(np.eye(60) > 0, 0, weights), density)
        np.testing.assert_array_equal(adjacency, theirs > 0)
        matrix = adjacency.astype(float)
        assert graphs.transitivity(adjacency) == pytest.approx(
            bct.transitivity_bu(matrix), abs=1e-12
        )
        assert graphs.density(adjacency) == pytest.approx(bct.density_und(matrix)[0], abs=1e-12)
        np.testing.assert_array_equal(graphs.degree(adjacency), bct.degrees_und(matrix))
        distance = bct.distance_bin(matrix)
        off = distance[np.triu_indices(60, 1)]
        length = off[np.isfinite(off)].mean()
        assert graphs.characteristic_path_length(adjacency) == pytest.approx(length, abs=1e-12)
        assert graphs.degree_assortativity(adjacency) == pytest.approx(
            bct.assortativity_bin(matrix, 0), abs=1e-9
        )
        found = graphs.communities(adjacency, seed=0)
        q = bct.modularity_und(matrix, kci=found + 1)[1]
        assert graphs.modularity(adjacency, seed=0) == pytest.approx(q, abs=1e-12)

    def test_onnela_clustering(self):
        bct = pytest.importorskip("bct", reason="bctpy is an optional peer")
        rng = np.random.default_rng(5)
        weights = np.triu(rng.random((40, 40)) * (rng.random((40, 40)) < 0.4), 1)
        weights += weights.T
        # bctpy does not divide by the largest weight itself
        theirs = bct.clustering_coef_wu(weights / weights.max()).mean()
        assert graphs.onnela_clustering(weights) == pytest.approx(theirs, abs=1e-12)


CLOSED_FORMS = {
    # n nodes in a cycle: distances 1 ... n / 2, two nodes at each but the last of even n
    "cycle": (nx.cycle_graph(9), 0.0, (1 + 2 + 3 + 4) / 4, (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4),
    # a path of n nodes: n - d pairs at distance d
    "path": (
        nx.path_graph(7),
        0.0,
        sum(d * (7 - d) for d in range(1, 7)) / 21,
        sum((7 - d) / d for d in range(1, 7)) / 21,
    ),
    "complete": (nx.complete_graph(70), 1.0, 1.0, 1.0),
    # a star of k leaves: k pairs at 1, the other k (k - 1) / 2 at 2
    "star": (nx.star_graph(80), 0.0, (80 + 2 * 3160) / 3240, (80 + 3160 / 2) / 3240),
    # sides of p and q: p q pairs at 1, the others at 2
    "bipartite": (
        nx.complete_bipartite_graph(40, 50),
        0.0,
        (2000 + 2 * 2005) / 4005,
        (2000 + 2005 / 2) / 4005,
    ),
    # k neighbours on a ring: C = 3 (k - 2) / (4 (k - 1)), ceil(2 d / k) steps to place d
    "ring lattice": (
        nx.watts_strogatz_graph(101, 8, 0),
        3 * 6 / (4 * 7),
        np.mean([np.ceil(d / 4) for d in range(1, 51)]),
        np.mean([1 / np.ceil(d / 4) for d in range(1, 51)]),
    ),
    # caves of 12, apart: all connected pairs at distance 1
    "caveman": (nx.caveman_graph(7, 12), 1.0, 1.0, 11 / 83),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_forms_at_size(name):
    graph, c, length, e_glob = CLOSED_FORMS[name]
    adjacency = graphs.from_networkx(graph)
    assert graphs.clustering(adjacency) == pytest.approx(c, abs=1e-14)
    assert graphs.characteristic_path_length(adjacency) == pytest.approx(length, abs=1e-14)
    assert graphs.global_efficiency(adjacency) == pytest.approx(e_glob, abs=1e-14)


def test_modularity_of_caves_is_known():
    # k caves of equal size without links: 1 - 1 / k
    assert graphs.modularity(graphs.from_networkx(nx.caveman_graph(7, 12)), 0) == pytest.approx(
        6 / 7
    )
