"""Small-worldness of graphs whose answer is known."""

import warnings
from dataclasses import asdict
from unittest.mock import patch

import networkx as nx
import numba
import numpy as np
import pytest

from funcnet_utils import errors, graphs

LATTICE = graphs.from_networkx(nx.watts_strogatz_graph(120, 8, 0, seed=0))
SMALL = graphs.from_networkx(nx.watts_strogatz_graph(120, 8, 0.1, seed=0))
RANDOM = graphs.erdos_renyi(120, 480, 1, seed=0)[0]


def test_sigma_is_the_ratio_of_ratios():
    found = graphs.small_world(SMALL, 25, seed=0)
    assert graphs.clustering(SMALL) == found.C
    assert graphs.characteristic_path_length(SMALL) == found.L
    assert found.sigma == pytest.approx((found.C / found.C_rand) / (found.L / found.L_rand))
    assert found.omega == pytest.approx(found.L_rand / found.L - found.C / found.C_latt)
    # C of a random graph is near its density, here 480 / 7140
    assert found.C_rand == pytest.approx(480 / 7140, rel=0.3)
    assert 0 < found.sigma_sd < found.sigma


def test_every_field_follows_from_the_public_nulls():
    found = graphs.small_world(SMALL, 12, seed=4)
    nulls = graphs.rewired(SMALL, 12, seed=4)
    c, length = graphs.clustering(nulls), graphs.characteristic_path_length(nulls)
    # 1e-12: the means are summed in another order
    assert found.C_rand == pytest.approx(c.mean(), rel=1e-12)
    assert found.L_rand == pytest.approx(length.mean(), rel=1e-12)
    single = (found.C / c) / (found.L / length)
    assert found.sigma_sd == pytest.approx(single.std(ddof=1), rel=1e-12)
    ring = graphs.lattice(SMALL, seed=4)
    assert found.C_latt == max(graphs.clustering(ring), found.C)
    assert found.L_latt == graphs.characteristic_path_length(ring)
    off_c = np.clip((found.C_latt - found.C) / (found.C_latt - found.C_rand), 0, 1)
    off_l = np.clip((found.L - found.L_rand) / (found.L_latt - found.L_rand), 0, 1)
    assert found.phi == pytest.approx(1 - np.sqrt((off_c**2 + off_l**2) / 2), rel=1e-12)


def test_the_three_indices_order_the_three_worlds():
    lattice, small, random = (
        graphs.small_world(graph, 20, seed=0) for graph in (LATTICE, SMALL, RANDOM)
    )
    assert small.sigma > 3
    # a random graph against graphs as random: 1 within four sd of the nulls
    assert abs(random.sigma - 1) < 4 * random.sigma_sd
    assert lattice.omega < small.omega < random.omega
    # C / C_latt = 1 and L_rand / L about 2.6 / 8 for a lattice; L_rand / L = 1 for a random graph
    assert lattice.omega == pytest.approx(2.6 / 8 - 1, abs=0.1)
    assert random.omega == pytest.approx(1 - random.C / random.C_latt, abs=0.05)
    assert small.phi > max(lattice.phi, random.phi)
    assert 0 <= random.phi <= 1


def test_sigma_grows_with_size():
    sigmas = [
        graphs.small_world(
            graphs.from_networkx(nx.watts_strogatz_graph(n, 6, 0.1, seed=1)), 20, seed=0
        ).sigma
        for n in (50, 100, 200)
    ]
    assert sigmas == sorted(sigmas)


def test_agrees_with_networkx():
    graph = nx.connected_watts_strogatz_graph(30, 6, 0.2, seed=2)
    adjacency = graphs.from_networkx(graph)
    clustering, lengths = [], []
    for seed in range(30):
        null = nx.random_reference(graph, niter=5, connectivity=False, seed=seed)
        clustering.append(nx.average_clustering(null))
        lengths.append(nx.average_shortest_path_length(null) if nx.is_connected(null) else np.nan)
    sigma = (nx.average_clustering(graph) / np.mean(clustering)) / (
        nx.average_shortest_path_length(graph) / np.nanmean(lengths)
    )
    found = graphs.small_world(adjacency, 100, seed=0)
    # Monte Carlo error of 30 nulls
    assert found.sigma == pytest.approx(sigma, abs=4 * found.sigma_sd / np.sqrt(30))


def test_stack_threads_and_seed():
    stack = np.array([SMALL, RANDOM, LATTICE])
    found = graphs.small_world(stack, 5, seed=3)
    assert found.sigma.shape == (3,)
    with patch.object(numba.config, "NUMBA_NUM_THREADS", 1):
        np.testing.assert_array_equal(graphs.small_world(stack, 5, seed=3).sigma, found.sigma)
    for k, graph in enumerate(stack):
        alone = graphs.small_world(graph, 5, seed=3)
        assert {name: values[k] for name, values in asdict(found).items()} == asdict(alone)
    assert graphs.small_world(stack[None], 5, seed=3).omega.shape == (1, 3)


@pytest.mark.parametrize("graph", [nx.empty_graph(4), nx.star_graph(4), nx.empty_graph(0)])
def test_graphs_without_an_answer_give_nan_and_no_warning(graph):
    found = graphs.small_world(graphs.from_networkx(graph), 2, seed=0)
    assert np.isnan([found.sigma, found.sigma_sd, found.omega]).all()
    assert np.isnan(found.phi) == (graph.number_of_edges() == 0)


def test_one_null_has_no_spread():
    found = graphs.small_world(SMALL, 1, seed=0)
    assert np.isfinite(found.sigma)
    assert np.isnan(found.sigma_sd)


def test_complete_graph_equals_its_nulls():
    found = graphs.small_world(graphs.from_networkx(nx.complete_graph(6)), 3, seed=0)
    assert (found.sigma, found.sigma_sd, found.omega, found.phi) == (1, 0, 0, 1)


def test_auc():
    # trapezoids: 0.1 * 1.5 + 0.3 * 3 over a width of 0.4
    assert graphs.auc(np.array([1.0, 2.0, 4.0]), [0.1, 0.2, 0.5]) == pytest.approx(1.05 / 0.4)
    assert graphs.auc(np.ones((2, 3)), [0.1, 0.2, 0.5]).tolist() == pytest.approx([1, 1])
    with pytest.raises(ValueError, match="ascending"):
        graphs.auc(np.ones(2), [0.2, 0.1])
    with pytest.raises(ValueError, match="give 2 in the last axis"):
        graphs.auc(np.ones(3), [0.1, 0.2])


def test_bad_number_of_nulls():
    with pytest.raises(ValueError, match="n_null is 0: choose a whole number >= 1"):
        graphs.small_world(SMALL, 0, seed=0)


def test_what_takes_long_is_told_before_it_starts(monkeypatch):
    graph = graphs.erdos_renyi(60, 300, 1, seed=0)[0]
    seconds = 14 * (1e-12 * 60**3 + 5e-7 * graph.sum() / 2)
    monkeypatch.setattr(errors, "LONG", seconds * 1.01)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graphs.small_world(graph, 10)
    with pytest.warns(errors.LongComputationWarning, match="60 nodes with 20 nulls.*fewer") as seen:
        graphs.small_world(graph, 20)
    assert seen[0].filename == __file__
    correlation = np.corrcoef(np.random.default_rng(0).normal(size=(30, 80)))
    monkeypatch.setattr(errors, "LONG", 1.2e-9 * 1.5 * 30**3)
    with pytest.warns(errors.LongComputationWarning, match="2 nulls of the spectrum of 30 units"):
        graphs.spectrum(correlation, 2, 0)
