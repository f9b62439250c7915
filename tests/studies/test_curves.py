"""Specification curves: judged path by path, and against what chance gives along all of them."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import permutation_test, ttest_1samp

from funcnet_utils.studies import curves
from funcnet_utils.studies.paths import paths

RNG = np.random.default_rng(0)


def test_a_path_supports_as_scipy_would_say():
    pairs = RNG.normal(size=(1, 40, 10)) + np.linspace(-1, 2, 40)[None, :, None]
    table = curves.judged(pairs)
    assert table["supports"].any()
    assert not table["supports"].all()
    for row, sample in zip(table.itertuples(), pairs[0], strict=True):
        p = permutation_test((sample,), np.mean, permutation_type="samples").pvalue
        low = ttest_1samp(sample, 0).confidence_interval().low
        assert row.p == pytest.approx(p)
        assert row.effect == pytest.approx(sample.mean() / np.sqrt((sample**2).mean()))
        assert (row.effect > curves.least_effect(10)) == (low > 0)
        assert row.supports == (low > 0 and p < 0.05)


def test_a_claim_with_parts_is_as_good_as_its_weakest():
    strong, weak = RNG.normal(3, 1, (1, 5, 10)), RNG.normal(0, 1, (1, 5, 10))
    both = curves.judged(np.concatenate([strong, weak]))
    assert not both["supports"].any()
    pd.testing.assert_series_equal(both["effect"], curves.judged(weak)["effect"])
    assert (both["p"] >= curves.judged(strong)["p"]).all()


def test_chance_is_every_flip_of_all_paths_at_once():
    pairs = RNG.normal(size=(2, 12, 6)) + 0.5
    found = curves.shares_by_chance(pairs)
    # pattern k turns the pairs that are the bits of k
    flips = [1 - 2 * np.array([k >> j & 1 for j in range(6)]) for k in range(64)]
    assert len(found) == 64
    expected = [curves.judged(pairs * flip)["supports"].mean() for flip in flips]
    np.testing.assert_allclose(found, expected)
    assert found[0] == curves.judged(pairs)["supports"].mean()


def test_planted_effects_are_supported_and_chance_is_not():
    noise = RNG.normal(size=(1, 300, 10))
    assert curves.judged(noise + 2)["supports"].mean() > 0.99
    # at most 25 of the 1,024 flips of a path support it, on its claimed side
    assert 0.015 < curves.shares_by_chance(noise).mean() <= 25 / 1024
    alike = np.repeat(noise[:, :1], 300, axis=1)
    wide, narrow = (np.quantile(curves.shares_by_chance(x), 0.975) for x in (alike, noise))
    assert narrow < 0.06
    # paths that are copies support together or not at all
    assert {*curves.shares_by_chance(alike)} == {0, 1}
    assert wide >= narrow or wide == 0


def test_what_is_not_defined_supports_nothing():
    pairs = np.full((1, 2, 8), 1.0)
    pairs[0, 0, 3] = np.nan
    table = curves.judged(pairs)
    assert table["supports"].tolist() == [False, True]
    assert table["effect"].tolist() == [0, 1]
    assert curves.shares_by_chance(pairs)[0] == 0.5


def test_deciding_choices_of_an_additive_table():
    levels = {"a": ["x", "y"], "b": [0.1, 0.2, 0.3], "c": ["no", "yes"]}
    table = pd.DataFrame(itertools.product(*levels.values()), columns=levels)
    terms = {"a": {"x": 0.3, "y": -0.3}, "b": {0.1: 0.1, 0.2: 0.0, 0.3: -0.1}}
    table["effect"] = sum(table[name].map(term) for name, term in terms.items())
    found = curves.deciding(table, [*levels])
    total = 0.09 + 0.02 / 3
    assert found.index.tolist() == ["joint", "a", "b", "c"]
    np.testing.assert_allclose(found, [0, 0.09 / total, 0.02 / 3 / total, 0], atol=1e-12)
    table["effect"] = (table["a"] == "x") * (table["c"] == "yes") * 1.0  # half of it joint
    found = curves.deciding(table, [*levels])
    np.testing.assert_allclose(
        found[["a", "c", "b", "joint"]], [1 / 3, 1 / 3, 0, 1 / 3], atol=1e-12
    )


def test_an_unbalanced_list_gives_each_choice_its_own_part():
    levels = pd.DataFrame({"a": [0, 0, 0, 1], "b": [0, 1, 1, 1]})
    found = curves.deciding(levels.assign(effect=levels["a"] * 1.0), ["a", "b"])
    assert found["b"] == pytest.approx(0, abs=1e-12)
    assert found["a"] > 0.5
    assert found["joint"] == pytest.approx(0, abs=1e-12)  # though the parts do not add up to 1
    assert found.sum() < 0.9
    assert (curves.deciding(levels.assign(effect=0.5), ["a", "b"]) == 0).all()


@pytest.mark.parametrize(
    ("share", "opposite", "chance", "word"),
    [
        (1.0, 0.0, 0.2, "robust"),
        (0.95, 0.0, 0.2, "robust"),
        (0.94, 0.0, 0.2, "depends on choices"),
        (0.5, 0.0, 0.2, "depends on choices"),
        (0.49, 0.0, 0.2, "fragile"),
        (0.2, 0.0, 0.2, "not supported"),
        (0.3, 0.5, 0.2, "contradicted"),
    ],
)
def test_words_follow_the_protocol(share, opposite, chance, word):
    assert curves.word_of(share, opposite, chance) == word


def test_tables_hold_what_is_judged():
    listed = paths("BN-eff").head(30)
    pairs, aa = RNG.normal(1, 1, (1, 30, 10)), RNG.normal(0, 1, (1, 30, 10))
    by_path, row = curves.tables("BN-eff", listed, pairs, aa)
    assert by_path["claim"].unique().tolist() == ["BN-eff"]
    assert row["share"] == by_path["supports"].mean() == curves.judged(pairs)["supports"].mean()
    assert row["opposite"] == curves.judged(-pairs)["supports"].mean()
    assert row["aa_low"] <= row["aa"] <= max(row["aa_high"], row["aa"])
    found = curves.deciding(by_path, [*listed])
    assert {name: row[name] for name in found.index} == dict(found)
    assert (row["registered_effect"], row["registered_p"]) == tuple(
        by_path[["effect", "p"]].iloc[0]
    )
