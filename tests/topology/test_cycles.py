"""Cycles of loops: shortest of those with its birth, and not filled before it dies."""

import networkx as nx
import numpy as np
import pytest
from ripser import ripser
from scipy.spatial.distance import cdist

from funcnet_utils import topology
from funcnet_utils.topology import representative_cycle


def clouds():
    rng = np.random.default_rng(3)
    for n in (14, 20, 40):
        yield cdist(*[rng.random((n, 2))] * 2)
        yield 1 - np.abs(np.corrcoef(rng.normal(size=(n, 30)))).round(6)


@pytest.mark.parametrize("distances", list(clouds()))
def test_a_cocycle_that_lives_as_long_as_the_loop_sees_the_cycle(distances):
    np.fill_diagonal(distances, 0)
    exact = np.float32(distances).astype(float)  # ripser calculates in single precision
    found = ripser(exact, distance_matrix=True, do_cocycles=True, coeff=2)
    assert len(found["dgms"][1])
    for (birth, _), cocycle in zip(found["dgms"][1], found["cocycles"][1], strict=True):
        cycle = representative_cycle(exact, birth)
        edges = {frozenset(pair) for pair in zip(cycle, np.roll(cycle, -1), strict=True)}
        assert len(edges) == len(cycle) == len(set(cycle)) >= 3
        assert sum(frozenset(edge[:2].tolist()) in edges for edge in cocycle) % 2 == 1


@pytest.mark.parametrize("distances", list(clouds()))
def test_it_is_the_edge_of_the_birth_and_the_shortest_path_between_its_ends(distances):
    np.fill_diagonal(distances, 0)
    for birth, _ in topology.persistence(distances)[1]:
        cycle = representative_cycle(distances, birth)
        lengths = distances[cycle, np.roll(cycle, -1)]
        assert lengths[-1] == birth == lengths.max()
        graph = nx.Graph()
        for i, j in np.argwhere(np.triu(distances <= birth, 1)):
            graph.add_edge(i, j, length=distances[i, j])
        graph.remove_edge(cycle[0], cycle[-1])
        shortest = nx.shortest_path_length(graph, cycle[0], cycle[-1], "length")
        assert lengths[:-1].sum() == pytest.approx(shortest)


def test_a_ring_is_gone_round_once_in_order():
    rng = np.random.default_rng(1)
    angles = rng.uniform(0, 2 * np.pi, 60)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * rng.uniform(1, 1.1, (60, 1))
    distances = cdist(ring, ring)
    loops = topology.persistence(distances)[1]
    cycle = representative_cycle(distances, loops[np.argmax(np.diff(loops)), 0])
    steps = np.diff(angles[cycle], append=angles[cycle[0]])
    turned = (steps + np.pi) % (2 * np.pi) - np.pi
    assert abs(turned.sum()) == pytest.approx(2 * np.pi)
    assert len(set(np.sign(turned))) == 1


def test_equal_lengths_take_the_longest_detour_and_doubles_cost_nothing():
    hexagon = np.abs(np.subtract.outer(range(6), range(6)))
    hexagon = np.minimum(hexagon, 6 - hexagon)
    assert sorted(representative_cycle(hexagon, 1)) == list(range(6))
    # a triangle of the same edges beside it, and each point of the hexagon twice
    whole = np.full((15, 15), 9)
    whole[:12, :12] = np.repeat(np.repeat(hexagon, 2, 0), 2, 1)
    whole[12:, 12:] = 1
    np.fill_diagonal(whole, 0)
    cycle = representative_cycle(whole, 1)
    assert sorted({point // 2 for point in cycle}) == list(range(6))


@pytest.mark.parametrize("distances", list(clouds()))
def test_deaths_are_refused(distances):
    np.fill_diagonal(distances, 0)
    for _, death in topology.persistence(distances)[1]:
        with pytest.raises(ValueError, match="no loop is born"):
            representative_cycle(distances, death)


@pytest.mark.parametrize("birth", [0.5, 2, 3])
def test_what_closes_nothing_is_refused(birth):
    path = np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]]) + 2 * (np.eye(3) == 0)
    with pytest.raises(ValueError, match=r"birth is .*give a birth in H1"):
        representative_cycle(path, birth)
