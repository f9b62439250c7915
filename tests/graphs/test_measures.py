"""Measures against closed forms, networkx and igraph or rustworkx, and invariants."""

import os
import subprocess
import sys
from unittest.mock import patch

import networkx as nx
import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils import graphs
from funcnet_utils._bits import pack, unpack
from funcnet_utils.graphs import _kernels, _neighbourhoods
from funcnet_utils.graphs._graph import Graph

LIBRARY_GRAPHS = {
    "random": nx.gnp_random_graph(70, 0.1, seed=1),
    "two words": nx.gnp_random_graph(130, 0.07, seed=2),
    "dense": nx.gnp_random_graph(64, 0.7, seed=3),
    "dense, two words": nx.gnp_random_graph(90, 0.5, seed=6),
    "64 nodes": nx.gnp_random_graph(64, 0.08, seed=7),
    "65 nodes": nx.watts_strogatz_graph(65, 6, 0.1, seed=8),
    "sparse, disconnected": nx.gnp_random_graph(100, 0.012, seed=4),
    "karate": nx.karate_club_graph(),
    "caveman": nx.connected_caveman_graph(6, 5),
    "tree": nx.balanced_tree(3, 3),
    "star": nx.star_graph(9),
    "complete": nx.complete_graph(9),
    "bipartite": nx.complete_bipartite_graph(4, 6),
    "no edges": nx.empty_graph(5),
    "two parts": nx.disjoint_union(nx.cycle_graph(5), nx.complete_graph(4)),
    "barbell": nx.barbell_graph(8, 5),
    "one node": nx.empty_graph(1),
}


@pytest.fixture(params=LIBRARY_GRAPHS)
def pair(request):
    graph = LIBRARY_GRAPHS[request.param]
    return graph, graphs.from_networkx(graph)


def distances(graph):
    return [d for _, row in nx.all_pairs_shortest_path_length(graph) for d in row.values() if d]


def test_equal_to_networkx(pair):
    graph, adjacency = pair
    found = graphs.all_measures(adjacency, seed=0)
    assert graphs.density(adjacency) == nx.density(graph)
    n = len(graph)
    lengths = distances(graph)
    expected = {
        "clustering": nx.average_clustering(graph),
        "transitivity": nx.transitivity(graph),
        "characteristic_path_length": np.mean(lengths) if lengths else np.nan,
        "connected_share": len(lengths) / (n * (n - 1)) if n > 1 else 1.0,
        "diameter": max(lengths, default=0),
        "global_efficiency": nx.global_efficiency(graph),
        "local_efficiency": nx.local_efficiency(graph),
    }
    for name, value in expected.items():
        # float64 sums in another order
        assert found[name] == pytest.approx(value, abs=1e-12, nan_ok=True), name


def test_equal_to_igraph(pair):
    igraph = pytest.importorskip("igraph", reason="igraph is an optional peer")
    graph, adjacency = pair
    other = igraph.Graph(n=len(graph), edges=np.argwhere(np.triu(adjacency)).tolist())
    clustering = other.transitivity_avglocal_undirected(mode="zero")
    assert graphs.clustering(adjacency) == pytest.approx(clustering, abs=1e-12)
    if graph.number_of_edges():
        length = other.average_path_length(unconn=True)
        assert graphs.characteristic_path_length(adjacency) == pytest.approx(length, abs=1e-12)
    assortativity = other.assortativity_degree(directed=False)
    assert graphs.degree_assortativity(adjacency) == pytest.approx(
        assortativity, abs=1e-9, nan_ok=True
    )


def test_equal_to_bctpy(pair):
    bct = pytest.importorskip("bct", reason="bctpy is an optional peer")
    graph, adjacency = pair
    if len(graph) < 2:
        return  # bctpy divides by n - 1
    matrix = adjacency.astype(float)
    assert graphs.global_efficiency(adjacency) == pytest.approx(
        bct.efficiency_bin(matrix), abs=1e-12
    )
    assert graphs.local_efficiency(adjacency) == pytest.approx(
        bct.efficiency_bin(matrix, local=True).mean(), abs=1e-12
    )
    assert graphs.clustering(adjacency) == pytest.approx(
        bct.clustering_coef_bu(matrix).mean(), abs=1e-12
    )
    labels = np.arange(len(graph)) % 3
    with np.errstate(invalid="ignore"):  # bctpy divides by a degree of 0
        theirs = bct.participation_coef(matrix, labels + 1).mean()
    assert graphs.participation(adjacency, labels) == pytest.approx(theirs, abs=1e-12)


CLOSED_FORMS = [
    # graph, C, T, L, E_glob, E_loc
    (nx.cycle_graph(4), 0, 0, 4 / 3, 5 / 6, 0),
    (nx.cycle_graph(3), 1, 1, 1, 1, 1),
    (nx.path_graph(4), 0, 0, 5 / 3, 13 / 18, 0),
    (nx.complete_graph(7), 1, 1, 1, 1, 1),
    (nx.star_graph(5), 0, 0, 5 / 3, 2 / 3, 0),
    (nx.complete_bipartite_graph(2, 3), 0, 0, 7 / 5, 4 / 5, 0),
    # ring lattice with 2 neighbours on each side: C = 1/2; three of the six pairs of neighbours are
    # adjacent, two at distance 2, one at distance 3 through them
    (nx.watts_strogatz_graph(12, 4, 0), 1 / 2, 1 / 2, 21 / 11, None, (3 + 2 / 2 + 1 / 3) / 6),
    (nx.empty_graph(3), 0, 0, np.nan, 0, 0),
    # caves of 4, not connected: 3 of the 11 other nodes at distance 1, none farther
    (nx.caveman_graph(3, 4), 1, 1, 1, 3 / 11, 1),
]


@pytest.mark.parametrize(("graph", "c", "t", "length", "e_glob", "e_loc"), CLOSED_FORMS)
def test_closed_forms(graph, c, t, length, e_glob, e_loc):
    adjacency = graphs.from_networkx(graph)
    assert graphs.clustering(adjacency) == pytest.approx(c, abs=1e-15)
    assert graphs.transitivity(adjacency) == pytest.approx(t, abs=1e-15)
    assert graphs.characteristic_path_length(adjacency) == pytest.approx(
        length, abs=1e-15, nan_ok=True
    )
    if e_glob is not None:
        assert graphs.global_efficiency(adjacency) == pytest.approx(e_glob, abs=1e-15)
    assert graphs.local_efficiency(adjacency) == pytest.approx(e_loc, abs=1e-15)


def test_modularity():
    caves = graphs.from_networkx(nx.caveman_graph(5, 4))
    assert graphs.modularity(caves, seed=0) == pytest.approx(1 - 1 / 5)
    karate = graphs.from_networkx(nx.karate_club_graph())
    # the optimum, Brandes et al. (2008), doi:10.1109/TKDE.2007.190689
    assert graphs.modularity(karate, seed=0) == pytest.approx(0.4198, abs=5e-5)
    assert graphs.modularity(np.zeros((4, 4), bool), seed=0) == 0
    # Q is the modularity of an actual partition, so a node without edges changes nothing
    assert graphs.modularity(np.pad(caves, (0, 3)), seed=0) == graphs.modularity(caves, seed=0)
    graph = nx.gnp_random_graph(60, 0.15, seed=5)
    found = graphs.modularity(graphs.from_networkx(graph), seed=1)
    assert found == graphs.modularity(graphs.from_networkx(graph), seed=1)
    louvain = nx.community.louvain_communities(graph, seed=0)
    # the best of several Leiden runs is not below a single Louvain run
    assert found >= nx.community.modularity(graph, louvain) - 1e-12


def test_groups():
    # a path 0-1-2-3 cut into halves: one of three edges joins the halves
    path = graphs.from_networkx(nx.path_graph(4))
    labels = np.array([0, 0, 1, 1])
    assert graphs.within_share(path, labels) == pytest.approx(2 / 3)
    assert graphs.participation(path, labels) == pytest.approx((0 + 0.5 + 0.5 + 0) / 4)
    assert np.isnan(graphs.within_share(np.zeros((4, 4), bool), labels))


def random_graph(n, density, seed):
    upper = np.triu(np.random.default_rng(seed).random((n, n)) < density, 1)
    return upper | upper.T


graph_arguments = (st.integers(2, 40), st.floats(0, 1), st.integers(0, 2**32 - 1))


@given(*graph_arguments)
def test_relabelling_changes_nothing(n, density, seed):
    adjacency = random_graph(n, density, seed)
    order = np.random.default_rng(seed).permutation(n)
    one = graphs.all_measures(adjacency, 0, labels=np.arange(n) % 2)
    other = graphs.all_measures(adjacency[np.ix_(order, order)], 0, labels=order % 2)
    for name in one.keys() - {"modularity"}:
        assert one[name] == pytest.approx(other[name], abs=1e-12, nan_ok=True), name


@given(st.one_of(st.integers(1, 140), st.just(1100)), st.integers(0, 2**32 - 1))
def test_relabelled_rows_are_those_of_the_relabelled_matrix(n, seed):
    rng = np.random.default_rng(seed)
    matrix, order = rng.random((n, n)) < rng.random(), rng.permutation(n)
    found = _kernels.relabelled(pack(matrix), order)
    np.testing.assert_array_equal(unpack(found), matrix.T[np.ix_(order, order)])


@given(*graph_arguments)
def test_bounds_and_order(n, density, seed):
    adjacency = random_graph(n, density, seed)
    found = graphs.all_measures(adjacency, 0)
    for name in ("clustering", "transitivity", "global_efficiency", "local_efficiency"):
        assert 0 <= found[name] <= 1
    assert found["local_efficiency"] >= found["clustering"] - 1e-12
    if found["connected_share"] == 1:
        # Jensen: the mean of 1 / d is at least 1 / (mean of d)
        assert found["global_efficiency"] >= 1 / found["characteristic_path_length"] - 1e-12


@given(*graph_arguments)
def test_an_isolated_node_only_dilutes(n, density, seed):
    adjacency = random_graph(n, density, seed)
    wider = np.pad(adjacency, (0, 1))
    for measure in (graphs.clustering, graphs.local_efficiency):
        assert measure(wider) == pytest.approx(measure(adjacency) * n / (n + 1), abs=1e-12)
    assert graphs.transitivity(wider) == graphs.transitivity(adjacency)
    length = graphs.characteristic_path_length
    assert length(wider) == pytest.approx(length(adjacency), nan_ok=True)


@given(*graph_arguments)
def test_an_edge_never_lowers_efficiency(n, density, seed):
    adjacency = random_graph(n, density, seed)
    missing = np.argwhere(~adjacency & ~np.eye(n, dtype=bool))
    if not len(missing):
        return
    i, j = missing[seed % len(missing)]
    more = adjacency.copy()
    more[i, j] = more[j, i] = True
    assert graphs.global_efficiency(more) > graphs.global_efficiency(adjacency)


@given(st.integers(2, 90), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_both_methods_for_local_efficiency_agree(n, density, seed):
    graph = Graph(pack(random_graph(n, density, seed)))
    by_nodes, by_pairs = (
        method(graph.rows, graph.degree, graph.triangles)
        for method in (_neighbourhoods._by_nodes, _neighbourhoods._by_pairs)
    )
    np.testing.assert_allclose(by_nodes, by_pairs, rtol=0, atol=1e-14)  # sums in another order


@pytest.mark.parametrize("n", [2, 65, 200, 330])
@pytest.mark.parametrize("density", [0.05, 0.3, 0.8, 1])
def test_graph_among_the_neighbours_of_a_node(n, density):
    adjacency = random_graph(n, density, seed=n)
    graph = Graph(pack(adjacency))
    for node in np.flatnonzero(graph.degree)[:40]:
        near = np.flatnonzero(adjacency[node])
        expected = pack(adjacency[np.ix_(near, near)])
        found = _neighbourhoods._induced(graph.rows, graph.degree, node)
        np.testing.assert_array_equal(found, expected)


@given(st.integers(1, 64), st.floats(0, 0.3), st.integers(0, 2**32 - 1))
def test_paths_do_not_depend_on_the_number_of_words(n, density, seed):
    adjacency = random_graph(n, density, seed)
    one = _kernels.path_histogram(pack(adjacency))
    more = _kernels.path_histogram(pack(np.pad(adjacency, (0, 70))))
    np.testing.assert_array_equal(one[1:], more[1 : n + 2])
    assert more[0] == one[0] + 70
    assert not more[n + 2 :].any()


@given(
    st.one_of(st.integers(2, 140), st.sampled_from([512, 513, 1100])),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_one_wrong_bit_is_found_wherever_it_is(n, density, seed):
    adjacency = random_graph(n, density, seed)
    i, j = np.random.default_rng(seed).integers(n, size=2)
    adjacency[i, j] ^= True
    with pytest.raises(ValueError, match="self-loops" if i == j else "not symmetric"):
        graphs.degree(adjacency)


def test_bit_rows_round_trip():
    stack = np.array([random_graph(n, 0.5, n) for n in (65, 65)])
    np.testing.assert_array_equal(unpack(pack(stack)), stack)


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (1, 1), (2, 3, 63), (5, 64), (2, 65), (3, 200)])
def test_bit_rows_are_packed_bits_in_any_order_and_for_any_octets(shape):
    octets = np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)
    octets *= octets < 100
    expected = np.zeros((*shape[:-1], -(-shape[-1] // 64) * 8), np.uint8)
    bits = np.packbits(octets, axis=-1, bitorder="little")
    expected[..., : bits.shape[-1]] = bits
    for given_order in (octets, np.asfortranarray(octets), np.repeat(octets, 2, axis=-1)[..., ::2]):
        np.testing.assert_array_equal(pack(given_order.view(bool)), expected.view(np.uint64))


def test_stacks_equal_single_graphs_on_any_number_of_threads():
    stack = np.array([random_graph(50, d, k) for k, d in enumerate((0.05, 0.1, 0.3, 0.6))])
    stack = stack.reshape(2, 2, 50, 50)
    labels = np.arange(50) % 3
    whole = graphs.all_measures(stack, 0, labels)
    with patch.object(numba.config, "NUMBA_NUM_THREADS", 1):
        alone = graphs.all_measures(stack, 0, labels)
    for name, values in whole.items():
        np.testing.assert_array_equal(values, alone[name])
        assert values.shape == (2, 2)
        assert values[1, 0] == graphs.all_measures(stack[1, 0], 0, labels)[name]
    np.testing.assert_array_equal(graphs.clustering(stack), whole["clustering"])


def test_threads_of_torch_stay_as_they_are():
    pytest.importorskip("torch", reason="the graphs need no torch")
    program = """if True:
        import numpy as np, torch
        from funcnet_utils import graphs
        torch.set_num_threads(1)
        print(torch.get_num_threads())  # torch has begun to calculate
        graphs.clustering(np.zeros((4, 5, 5), bool))
        print(torch.get_num_threads())"""
    own = os.environ | {"NUMBA_NUM_THREADS": "2"}  # numba and torch share OpenMP
    run = subprocess.run([sys.executable, "-c", program], env=own, capture_output=True, text=True)
    assert run.stdout == "1\n1\n", run.stderr


def test_no_graph_at_all():
    empty = np.zeros((0, 0), bool)
    found = graphs.all_measures(empty, 0, labels=np.zeros(0, int))
    undefined = {"characteristic_path_length", "degree_assortativity", "within_share"}
    assert {name for name, value in found.items() if np.isnan(value)} == undefined
    assert found.pop("connected_share") == 1
    assert sum(value for name, value in found.items() if name not in undefined) == 0
    assert np.isnan(graphs.characteristic_path_length(empty))
    assert graphs.clustering(np.zeros((0, 5, 5), bool)).shape == (0,)


@pytest.mark.parametrize(
    ("adjacency", "message"),
    [
        (np.zeros((2, 3)), "give square matrices"),
        (np.zeros(4), "give square matrices"),
        (np.array([[0, np.nan], [np.nan, 0]]), "other than 0 and 1"),
        (np.array([[0, 0.5], [0.5, 0]]), "cut the strengths first"),
        (np.array([[0, -1], [-1, 0]]), "other than 0 and 1"),
        (np.array([["0", "1"], ["1", "0"]]), "give real numbers"),
        (np.array([[False, True], [False, False]]), "not symmetric"),
        (np.triu(np.ones((70, 70)), 1), "not symmetric"),
        (np.array([[0, 1], [0, 0]]), "not symmetric"),
        (np.eye(2), "self-loops"),
    ],
)
def test_bad_adjacency(adjacency, message):
    for measure in (graphs.clustering, graphs.local_efficiency, graphs.small_world):
        with pytest.raises(ValueError, match=message):
            measure(adjacency)


def test_bad_labels():
    with pytest.raises(ValueError, match="2 labels for 4 nodes"):
        graphs.participation(graphs.from_networkx(nx.path_graph(4)), [0, 1])


def test_networkx_round_trip():
    graph = nx.gnp_random_graph(20, 0.2, seed=0)
    nx.set_edge_attributes(graph, 0, "weight")
    adjacency = graphs.from_networkx(graph)
    again = graphs.to_networkx(adjacency)
    assert nx.utils.graphs_equal(nx.Graph(graph.edges), nx.Graph(again.edges))
    with pytest.raises(ValueError, match="self-loops"):
        graphs.from_networkx(nx.Graph([(0, 0)]))


def test_weighted_measures_equal_networkx():
    rng = np.random.default_rng(0)
    weights = np.triu(rng.random((25, 25)) * (rng.random((25, 25)) < 0.3), 1)
    weights = weights + weights.T
    graph = nx.from_numpy_array(weights)
    expected = np.mean(list(nx.clustering(graph, weight="weight").values()))
    assert graphs.onnela_clustering(weights) == pytest.approx(expected, abs=1e-12)
    for _, _, data in graph.edges(data=True):
        data["length"] = 1 / data["weight"]
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
    inverse = [1 / d for row in lengths.values() for d in row.values() if d]
    assert graphs.weighted_efficiency(weights) == pytest.approx(sum(inverse) / (25 * 24))
    assert graphs.onnela_clustering(np.zeros((2, 3, 3))).tolist() == [0, 0]
    assert graphs.weighted_efficiency(np.zeros((1, 1))) == 0


@pytest.mark.parametrize("scale", [1e-300, 1e-8, 1e9, 1e12, 1e300])
def test_weighted_measures_know_no_unit(scale):
    weights = np.abs(np.corrcoef(np.random.default_rng(0).normal(size=(20, 30))))
    due = graphs.weighted_efficiency(weights)
    assert graphs.weighted_efficiency(scale * weights) / scale == pytest.approx(due, rel=1e-12)
    due = graphs.onnela_clustering(weights)
    assert graphs.onnela_clustering(scale * weights) == pytest.approx(due, rel=1e-12)


def test_weighted_efficiency_of_a_chain_of_strong_and_weak():
    chain = np.array([[0, 2e8, 0], [2e8, 0, 1], [0, 1, 0.0]])
    due = (2e8 + 1 + 1 / (1 / 2e8 + 1)) / 3
    assert graphs.weighted_efficiency(chain) == pytest.approx(due, rel=1e-15)
