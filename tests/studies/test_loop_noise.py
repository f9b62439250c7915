"""Loops beside null networks: a planted ring is beyond noise, and independent signals are not."""

import numpy as np
import pytest

from funcnet_utils import FunctionalNetwork, topology
from funcnet_utils.studies.loop_noise import N_NULL, OWN, loop_noise, loudest_of

RNG = np.random.default_rng(0)
PLACES = RNG.uniform(0, 2 * np.pi, 60)
ANGLES = RNG.uniform(0, 2 * np.pi, 800)


def signals(noise):
    tuned = np.exp(2 * np.cos(ANGLES[:, None] - PLACES) - 2)
    return tuned + noise * RNG.normal(size=tuned.shape)


def test_a_ring_is_beyond_noise_and_independent_signals_are_not():
    for x, beyond in ((signals(0.05), True), (RNG.normal(size=(800, 60)), False)):
        net = FunctionalNetwork.from_activations(x)
        table = loop_noise(net)
        assert table["kind"].tolist() == [OWN] + ["spectrum"] * N_NULL
        h1 = net.diagrams()[1]
        assert table.loc[0, "loops"] == len(h1)
        assert table.loc[0, "score"] == topology.noise_scores(h1).max()
        assert (table.loc[0, "p"] < 0.05) == beyond
        assert table["p"].between(0, 1).all()


def test_the_nulls_of_a_network_follow_the_seed():
    net = FunctionalNetwork.from_activations(signals(0.5))
    one, same, other = (loop_noise(net, seed)["score"] for seed in (0, 0, 1))
    assert one.equals(same)
    assert one[0] == other[0]
    assert not one[1:].equals(other[1:])


@pytest.mark.parametrize("diagram", [np.zeros((0, 2)), [[0.0, 0.3]], [[0.2, 0.2], [0.1, np.inf]]])
def test_loops_without_a_score_are_no_more_than_noise(diagram):
    found = loudest_of(np.array(diagram))
    assert found == {"loops": len(diagram), "score": -np.inf, "p": 1.0}
