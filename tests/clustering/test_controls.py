"""The control of equal arms: no index by chance, and below it when copies stay together."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from funcnet_utils import clustering

ARMS = np.repeat(["a", "b", "c"], 12)
COPIES = np.tile(np.arange(12), 3)


def line(values):
    values = np.asarray(values, dtype=float)
    return np.abs(values[:, None] - values)


def test_equal_arms_have_a_mean_index_of_zero():
    far = line(np.random.default_rng(1).normal(size=12)[COPIES])
    draws = clustering.one_copy_ari(far, ARMS, COPIES, n_draws=400)
    assert draws.shape == (400,)
    # four standard errors
    assert abs(draws.mean()) < 4 * draws.std() / 20
    assert draws.std() > 0.01
    together = adjusted_rand_score(ARMS, clustering.cluster(far, 3))
    assert together < 0


def test_arms_that_differ_are_found():
    far = 9 * (1 - np.kron(np.eye(3), np.ones((12, 12))))
    assert (clustering.one_copy_ari(far, ARMS, COPIES) == 1).all()


def test_order_of_rows_does_not_matter_but_lots_do():
    far = line(np.arange(12.0)[COPIES])
    order = np.random.default_rng(0).permutation(36)
    there = clustering.one_copy_ari(far, ARMS, COPIES, n_draws=5)
    shuffled = clustering.one_copy_ari(
        far[np.ix_(order, order)], ARMS[order], COPIES[order], n_draws=5
    )
    np.testing.assert_array_equal(there, shuffled)
    assert len(np.unique(there)) > 1


def test_index_by_hand_of_two_draws_of_three_networks():
    # two clusters of three networks, each of its own arm: no pair agrees, none is expected to
    draws = clustering.one_copy_ari(line([0, 1, 9] * 3), ARMS[::4], np.tile(range(3), 3), n_draws=9)
    assert adjusted_rand_score([0, 1, 2], [0, 0, 1]) == 0
    assert not draws.any()


@pytest.mark.parametrize(
    ("copies", "n_draws", "said"),
    [
        (np.arange(36), 9, "once in each arm"),
        (np.tile([0, 0, *range(1, 11)], 3), 9, "once in each arm"),
        (COPIES, 0, "whole number >= 1"),
    ],
)
def test_what_is_no_control_is_an_error(copies, n_draws, said):
    with pytest.raises(ValueError, match=said):
        clustering.one_copy_ari(line(COPIES), ARMS, copies, n_draws=n_draws)
