"""Scores, their intervals and the table."""

import itertools

import numpy as np
import pytest

from funcnet_utils import clustering


def pairs_agree(true, found):
    """Adjusted Rand index by counting pairs."""
    n = len(true)
    both = one = other = 0
    for i, j in itertools.combinations(range(n), 2):
        both += true[i] == true[j] and found[i] == found[j]
        one += true[i] == true[j]
        other += found[i] == found[j]
    expected = one * other / (n * (n - 1) / 2)
    return (both - expected) / ((one + other) / 2 - expected)


def line(values):
    values = np.asarray(values, dtype=float)
    return np.abs(values[:, None] - values)


def test_permutation_p_by_enumeration():
    true, found = [0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1, 0]
    observed = pairs_agree(true, found)
    orders = itertools.permutations(true)
    exact = np.mean([pairs_agree(order, found) >= observed - 1e-12 for order in orders])
    # binomial error of 9,999 permutations is below 0.005
    assert clustering.permutation_p(true, found, 0, 9_999) == pytest.approx(exact, abs=0.02)
    assert clustering.permutation_p([0, 1] * 20, [0, 1] * 20, 0) == 1 / 1000


def test_permutation_p_is_uniform_without_an_effect():
    rng = np.random.default_rng(0)
    small = sum(
        clustering.permutation_p(rng.integers(3, size=30), rng.integers(3, size=30), k, 99) <= 0.05
        for k in range(300)
    )
    # binomial(300, 0.05) exceeds 29 with probability 3e-4
    assert small <= 29


def test_bootstrap_interval_of_the_ari():
    rng = np.random.default_rng(1)
    arms = np.repeat([0, 1, 2], 20)
    overlapping = line(arms * 2.5 + rng.normal(size=60))
    low, high = clustering.bootstrap_ari(overlapping, arms, 3, "k_medoids", n_resamples=100)
    ari = pairs_agree(arms, clustering.cluster(overlapping, 3, "k_medoids"))
    assert low < ari < high
    lead = clustering.bootstrap_ari(
        overlapping, arms, 3, "k_medoids", n_resamples=100, baseline=line(rng.normal(size=60))
    )
    assert lead[0] > 0
    same = clustering.bootstrap_ari(overlapping, arms, 3, baseline=overlapping, n_resamples=20)
    assert same == (0, 0)


def test_copies_of_a_network_do_not_raise_the_ari():
    """Without arms the interval holds about 0, although resamples draw networks twice."""
    arms = np.repeat([0, 1, 2], 20)
    middles = [
        np.mean(
            clustering.bootstrap_ari(
                line(np.random.default_rng(k).normal(size=60)), arms, 20, n_resamples=20, seed=k
            )
        )
        for k in range(15)
    ]
    # 20 clusters of 38 networks: copies drawn twice would lift the ARI to about 0.05
    assert np.mean(middles) == pytest.approx(0, abs=0.02)


def test_table():
    arms = ["a"] * 8 + ["b"] * 8
    near = line([*range(8), *range(100, 108)])
    noise = line(np.random.default_rng(2).normal(size=16))
    table = clustering.cluster_table({"near": near, "noise": noise}, arms, n_resamples=20)
    assert list(table.columns) == [
        *("distance", "method", "k_rule", "n_clusters", "ari", "ari_low", "ari_high"),
        "p",
    ]
    assert len(table) == 2 * 3 * 2
    assert (table.loc[table["distance"] == "near", "ari"] == 1).all()
    assert (table.loc[table["distance"] == "near", "p"] == 1 / 1000).all()
    assert (table.loc[table["distance"] == "noise", "ari"] < 0.5).all()
    for _, row in table.iterrows():
        labels = clustering.cluster(
            {"near": near, "noise": noise}[row.distance], row.n_clusters, row.method
        )
        assert row.ari == pytest.approx(pairs_agree(arms, labels))
    again = clustering.cluster_table({"noise": noise}, arms, n_resamples=20)
    assert again.equals(table[table["distance"] == "noise"].reset_index(drop=True))
    with pytest.raises(ValueError, match="at least 2 arms"):
        clustering.cluster_table({"near": near}, ["a"] * 16)
    with pytest.raises(ValueError, match=r"points .* is 2: choose a whole number >= 3"):
        clustering.cluster_table({"near": near[:2, :2]}, ["a", "b"])


def test_bad_labels():
    with pytest.raises(ValueError, match="2 labels for 3 networks"):
        clustering.bootstrap_ari(line(range(3)), [0, 1], 2)
    with pytest.raises(ValueError, match="n_resamples is 5"):
        clustering.bootstrap_ari(line(range(3)), [0, 1, 1], 2, n_resamples=5)
