"""The backend of networkx against networkx itself, on graphs of all shapes and labels."""

import inspect
import logging
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils import graphs, networkx_backend
from funcnet_utils.networkx_info import FUNCTIONS, backend_info

LABELS = [3, 0, -1, "a", ("b", 1), frozenset({2}), 2.5, "", True, None.__class__, b"c", 10**20]


@pytest.fixture(autouse=True)
def installed():
    if "funcnet" not in nx.utils.backends.backends:
        pytest.fail("networkx does not see the backend: install the package again")
    nx.config.warnings_to_ignore.add("cache")
    yield
    nx.config.warnings_to_ignore.discard("cache")
    nx.config.backend_priority.algos = []


@st.composite
def labelled_graphs(draw, loops=False):
    nodes = draw(st.lists(st.sampled_from(LABELS), unique=True, max_size=len(LABELS)))
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    if nodes:
        ends = st.sampled_from(nodes)
        pairs = draw(st.lists(st.tuples(ends, ends), max_size=30))
        graph.add_edges_from((a, b) for a, b in pairs if loops or a != b)
    return graph


def both(function, graph, *args, **kwargs):
    """Return what networkx and the backend return, or the kind of error they raise."""

    def outcome(backend):
        try:
            return function(graph, *args, backend=backend, **kwargs)
        except (ArithmeticError, ValueError, nx.NetworkXException) as error:
            return type(error)

    return outcome("networkx"), outcome("funcnet")


@pytest.mark.parametrize("name", ["triangles", "clustering"])
@given(graph=labelled_graphs(loops=True), data=st.data())
def test_values_of_nodes(name, graph, data):
    function = getattr(nx, name)
    expected, found = both(function, graph)
    assert found == expected
    assert list(found) == list(graph)
    some = data.draw(st.lists(st.sampled_from(LABELS), max_size=5))
    expected, found = both(function, graph, some)
    assert found == expected
    assert list(found) == list(expected)
    for node in graph:
        expected, found = both(function, graph, node)
        assert found == expected
        assert type(found) in (int, float)


@given(graph=labelled_graphs(loops=True), count_zeros=st.booleans())
def test_values_of_graphs_where_loops_do_not_count(graph, count_zeros):
    expected, found = both(nx.average_clustering, graph, count_zeros=count_zeros)
    assert found == expected
    expected, found = both(nx.transitivity, graph)
    assert found == expected
    expected, found = both(nx.global_efficiency, graph)
    assert found == pytest.approx(expected, abs=1e-12)
    for normalized in (True, False):
        expected, found = both(nx.betweenness_centrality, graph, normalized=normalized)
        assert found == pytest.approx(expected, abs=1e-12)
        assert list(found) == list(graph)


@given(graph=labelled_graphs(loops=True).filter(len))
def test_distances(graph):
    expected, found = both(nx.average_shortest_path_length, graph)
    assert found == (expected if isinstance(expected, type) else pytest.approx(expected, abs=1e-12))
    expected, found = both(nx.diameter, graph)
    assert found == expected
    assert both(nx.diameter, graph, usebounds=True)[1] == found


@pytest.mark.parametrize("nodes", [range(5), [False, 1.0, 2, np.int64(3), 4], [1, 0, 2, 3, 4]])
def test_conversion_of_whole_numbers(nodes):
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from([(4, 0), (0, 2.0), (True, 3), (3, 3)])
    expected = nx.to_numpy_array(graph, dtype=bool)
    np.fill_diagonal(expected, False)
    np.testing.assert_array_equal(networkx_backend.convert_from_nx(graph).adjacency, expected)


@given(graph=labelled_graphs().filter(len))
def test_local_efficiency(graph):
    expected, found = both(nx.local_efficiency, graph)
    assert found == pytest.approx(expected, abs=1e-12)


@given(graph=labelled_graphs().filter(nx.number_of_edges), data=st.data())
def test_degrees_and_communities(graph, data):
    if len({degree for _, degree in graph.degree if degree}) > 1:
        expected, found = both(nx.degree_assortativity_coefficient, graph)
        assert found == pytest.approx(expected, abs=1e-7)
    else:  # networkx divides 0 by 0, or by what rounding left of it
        assert np.isnan(nx.degree_assortativity_coefficient(graph, backend="funcnet"))
    parts = [data.draw(st.integers(0, 3)) for _ in graph]
    division = [
        {node for node, own in zip(graph, parts, strict=True) if own == p} for p in set(parts)
    ]
    resolution = data.draw(st.floats(0, 3))
    expected, found = both(nx.community.modularity, graph, division, resolution=resolution)
    assert found == pytest.approx(expected, abs=1e-12)
    assert type(found) is float
    expected, found = both(nx.community.modularity, graph, division[1:])
    assert found == expected


def leiden(graph):
    """Ask for modularity where networkx knows another metric."""
    known = inspect.signature(nx.community.leiden_communities).parameters
    metric = {"metric": "modularity"} if "metric" in known else {}
    return nx.community.leiden_communities(graph, seed=1, backend="funcnet", **metric)


def test_communities_are_those_of_leiden():
    graph = nx.relabel_nodes(nx.ring_of_cliques(8, 6), str)
    found = leiden(graph)
    assert sorted(map(sorted, found)) == sorted(
        sorted(str(6 * clique + k) for k in range(6)) for clique in range(8)
    )
    assert leiden(graph) == found
    assert leiden(nx.empty_graph(3)) == [{0}, {1}, {2}]
    assert leiden(nx.empty_graph(0)) == []


def test_every_word_of_a_large_graph():
    graph = nx.relabel_nodes(nx.watts_strogatz_graph(300, 10, 0.2, seed=1), lambda i: f"unit {i}")
    expected, found = both(nx.local_efficiency, graph)
    assert found == pytest.approx(expected, abs=1e-12)
    assert nx.triangles(graph, backend="funcnet") == nx.triangles(graph, backend="networkx")
    view = graph.subgraph([f"unit {i}" for i in range(250, 20, -1)])
    expected, found = both(nx.global_efficiency, view)
    assert found == pytest.approx(expected, abs=1e-12)


RING = nx.cycle_graph(5)
LOOP = nx.Graph([(0, 0), (0, 1)])
WEIGHTED = nx.Graph([(0, 1, {"w": 0.5}), (1, 2)])
REFUSED = [
    (nx.clustering, nx.DiGraph(RING), {}, "directed"),
    (nx.betweenness_centrality, nx.MultiGraph(RING), {}, "multigraph"),
    (nx.average_clustering, WEIGHTED, {"weight": "w"}, "weight 'w'"),
    (nx.diameter, WEIGHTED, {"weight": lambda *edge: 1}, "weight"),
    (nx.betweenness_centrality, RING, {"k": 3, "seed": 1}, "k is 3"),
    (nx.betweenness_centrality, RING, {"endpoints": True}, "endpoints is True"),
    (nx.average_shortest_path_length, RING, {"method": "dijkstra"}, "method is 'dijkstra'"),
    (nx.diameter, RING, {"e": dict.fromkeys(RING, 2)}, "e is {"),
    (nx.degree_assortativity_coefficient, nx.path_graph(4), {"nodes": [0, 1, 2]}, "nodes is"),
    (nx.degree_assortativity_coefficient, LOOP, {}, "self-loops"),
    (nx.local_efficiency, LOOP, {}, "self-loops"),
    (nx.community.modularity, LOOP, {"communities": [{0}, {1}]}, "self-loops"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0].__name__}, {case[3]}")
def test_networkx_computes_what_cannot_run_here(case, caplog, monkeypatch):
    function, graph, kwargs, reason = case
    with pytest.raises(NotImplementedError, match="not implemented by 'funcnet' backend for the"):
        function(graph, backend="funcnet", **kwargs)
    monkeypatch.setattr(networkx_backend, "FEWEST", 0)
    nx.config.backend_priority.algos = ["funcnet"]
    with caplog.at_level(logging.DEBUG, "networkx.utils.backends"):
        found = function(graph, **kwargs)
    assert found == function(graph, backend="networkx", **kwargs)
    assert (
        f"because: {networkx_backend.can_run(function.__name__, (graph,), kwargs)}" in caplog.text
    )
    assert reason in caplog.text


@pytest.mark.parametrize(
    "case",
    [
        (nx.diameter, nx.empty_graph(0)),
        (nx.local_efficiency, nx.empty_graph(0)),
        (nx.average_shortest_path_length, nx.empty_graph(0)),
    ],
    ids=lambda case: case[0].__name__,
)
def test_without_nodes_networkx_raises_its_own_error(case):
    function, graph = case
    with pytest.raises(NotImplementedError):
        function(graph, backend="funcnet")
    with pytest.raises((ArithmeticError, ValueError, nx.NetworkXPointlessConcept)):
        function(graph)


def test_priority_uses_the_backend_where_it_pays(monkeypatch):
    counted = []
    kernel = graphs.transitivity
    monkeypatch.setattr(graphs, "transitivity", lambda *a: counted.append(1) or kernel(*a))
    nx.config.backend_priority.algos = ["funcnet"]
    graph = nx.watts_strogatz_graph(64, 4, 0.1, seed=1)
    expected = nx.transitivity(graph, backend="networkx")
    assert nx.transitivity(graph) == expected
    assert len(counted) == 1
    nx.transitivity(nx.complete_graph(5))  # too small
    assert len(counted) == 1
    # sigma asks for the transitivity of the graph and of each of its random graphs
    sigma = nx.sigma(graph, niter=1, nrand=2, seed=1)
    assert len(counted) == 4
    nx.config.backend_priority.algos = []
    assert sigma == pytest.approx(nx.sigma(graph, niter=1, nrand=2, seed=1), abs=1e-12)


def test_should_run_names_its_reason(monkeypatch):
    graph = nx.path_graph(100)
    assert networkx_backend.should_run("triangles", (graph,), {}) is True
    assert "some nodes" in networkx_backend.should_run("triangles", (graph, 3), {})
    monkeypatch.setattr(networkx_backend, "MOST", 99)
    assert "100 nodes" in networkx_backend.should_run("triangles", (graph,), {})


def test_a_changed_graph_is_converted_again(monkeypatch):
    converted = []
    real = networkx_backend.convert_from_nx
    monkeypatch.setattr(
        networkx_backend, "convert_from_nx", lambda g, **k: converted.append(1) or real(g, **k)
    )
    graph = nx.path_graph(4)
    assert nx.diameter(graph, backend="funcnet") == 3
    assert nx.transitivity(graph, backend="funcnet") == 0
    assert len(converted) == 1
    graph.add_edge(0, 3)
    assert nx.diameter(graph, backend="funcnet") == 2
    assert len(converted) == 2


def test_names_given_to_networkx_are_those_of_the_backend():
    # networkx takes whatever has the name of a function of its own, whatever was announced
    names = vars(networkx_backend).keys() & nx.utils.backends._registered_algorithms.keys()
    assert names == set(FUNCTIONS) == set(backend_info()["functions"])
    assert "funcnet : Measures" in nx.local_efficiency.__doc__


def test_networkx_alone_does_not_load_the_engine():
    code = "import networkx, sys; print('numba' in sys.modules, *networkx.utils.backends.backends)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "False"
    assert "funcnet" in done.stdout
    assert "Warning" not in done.stderr
