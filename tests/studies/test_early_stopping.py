"""Rules stop where a plain loop stops, and signals are those of other libraries."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import ripser
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.datasets.records import hold_out
from funcnet_utils.models import Population, activations
from funcnet_utils.models.streams import Stream, generator
from funcnet_utils.models.training import evaluate, train
from funcnet_utils.studies import published
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.early_stopping import (
    SETTING,
    SIGNALS,
    outcomes,
    signals,
    stops,
    training_curves,
)

CONFIG = StudyConfig(
    dataset="digits",
    hidden=(30, 20),
    arms=("vanilla",),
    n_epochs=4,
    batch_size=16,
    densities=(),
    seed=3,
)
EPOCHS = 9


def plain_stop(signal, burn_in, patience):
    """The rule, epoch by epoch."""
    best, worse = burn_in, 0
    for epoch in range(burn_in, len(signal)):
        worse = 0 if signal[epoch] >= signal[best] else worse + 1
        best = epoch if worse == 0 else best
        if worse >= patience:
            return best + 1, epoch + 1
    return len(signal), len(signal)


@st.composite
def rules(draw):
    """Signals of a few values, so that many tie, and a rule."""
    signal = draw(st.lists(st.integers(-3, 3), min_size=1, max_size=15))
    return signal, draw(st.integers(0, len(signal) - 1)), draw(st.integers(0, 17))


@given(rules())
def test_a_rule_stops_where_a_loop_over_epochs_does(rule):
    signal, burn_in, patience = rule
    kept, ran = (int(epoch) for epoch in stops(signal, burn_in, patience))
    assert (kept, ran) == plain_stop(signal, burn_in, patience)
    assert burn_in < kept <= ran <= len(signal)
    assert ran == len(signal) or ran == kept + patience
    if patience == 0:
        assert kept == ran == burn_in + 1


def test_many_signals_are_stopped_one_by_one():
    many = np.random.default_rng(0).integers(0, 5, (3, 4, 20))
    kept, ran = stops(many, 2, 3)
    for place in np.ndindex(3, 4):
        assert (kept[place], ran[place]) == plain_stop(many[place], 2, 3)


@pytest.mark.parametrize("patience", [1, 4])
@pytest.mark.parametrize("top", [6, 11])
def test_a_planted_maximum_is_found_and_a_constant_never_stops(top, patience):
    hill = -np.abs(np.arange(30.0) - top)
    assert [int(each) for each in stops(hill, 3, patience)] == [top + 1, top + 1 + patience]
    assert [int(each) for each in stops(0 * hill, 3, patience)] == [30, 30]
    assert [int(each) for each in stops(np.arange(30), 3, patience)] == [30, 30]
    assert [int(each) for each in stops(hill, top + 5, patience)] == [top + 6, top + 6 + patience]


@pytest.mark.parametrize(
    ("signal", "burn_in", "patience", "said"),
    [
        ([1, 2, 3], 3, 1, "burn_in is 3"),
        ([1, 2, 3], -1, 1, "burn_in is -1"),
        ([1, 2, 3], 0, -1, "patience is -1"),
        ([1, np.nan, 3], 0, 1, "NaN"),
        ([], 0, 1, r"shape of signal is \(0,\)"),
    ],
)
def test_rules_that_cannot_be_are_refused(signal, burn_in, patience, said):
    with pytest.raises(ValueError, match=said):
        stops(signal, burn_in, patience)


def test_signals_are_those_of_ripser_and_networkx():
    population = Population(3, (64, 12, 8, 10), "vanilla", seed=1)
    images = load_dataset("digits").train.images[:80]
    found = signals(population, images)
    for k, shown in enumerate(activations(population, images)):
        distances = 1 - np.abs(np.corrcoef(shown.T.astype(float)))
        np.fill_diagonal(distances, 0)
        tree = nx.minimum_spanning_tree(nx.from_numpy_array(distances)).size(weight="weight")
        h1 = ripser.ripser(distances, distance_matrix=True)["dgms"][1]
        l2 = np.sqrt((np.diff(h1.astype(float), axis=1) ** 2).sum())
        # activations are float32, and so are the bars of ripser
        np.testing.assert_allclose(found[:, k], [l2, tree], atol=1e-5)


def test_a_dead_unit_lies_at_distance_1_from_all_others():
    images = load_dataset("digits").train.images[:80]
    population = Population(1, (64, 6, 10), "vanilla", seed=1)
    whole = signals(population, images)
    alive = np.corrcoef(activations(population, images)[0][:, 1:].T.astype(float))
    tree = nx.minimum_spanning_tree(nx.from_numpy_array(1 - np.abs(alive)))
    population.weights[0].data[0, :, 0] = 0
    dead = signals(population, images)
    assert dead[1, 0] == pytest.approx(tree.size(weight="weight") + 1, abs=1e-5)
    assert dead[1, 0] > whole[1, 0]


@pytest.fixture(scope="module")
def curves():
    """Two networks of digits."""
    return [training_curves(CONFIG, 60, network) for network in (0, 1)]


def test_curves_are_those_of_the_two_trainings(curves):
    whole = load_dataset("digits")
    shorter = training_curves(replace(CONFIG, n_epochs=2), 60, 1)
    pd.testing.assert_frame_equal(shorter, curves[1].head(2), check_exact=True)
    assert curves[1].notna().all(axis=None)
    assert curves[1]["epoch"].tolist() == [1, 2, 3, 4]
    order = generator(CONFIG.seed, 1, Stream.IMAGES).permutation(len(whole.train))[:60]
    mine = Split(whole.train.images[order], whole.train.labels[order])
    part, rest = hold_out(mine)
    assert len(part) + len(rest) == 60
    for fitted, accuracy in ((mine, "accuracy"), (part, "held_accuracy")):
        population = Population(1, (64, 30, 20, 10), "vanilla", CONFIG.seed, first=1)
        train(population, replace(whole, train=fitted), CONFIG)
        assert evaluate(population, whole.test)[1][0] == curves[1][accuracy].iloc[-1]
        if fitted is part:
            assert evaluate(population, rest)[0][0] == curves[1]["validation"].iloc[-1]
        else:
            for half, images in (("", mine.images), (" even", mine.images[::2])):
                expected = curves[1][[name + half for name in SIGNALS]].iloc[-1]
                np.testing.assert_array_equal(signals(population, images)[:, 0], expected)


def test_numbers_do_not_depend_on_workers(curves):
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda k: training_curves(CONFIG, 60, k), (1, 0)))
    for one, other in zip(found[::-1], curves, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_size_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="size is 9"):
        training_curves(CONFIG, 9, 0)


@pytest.fixture(scope="module")
def made_up():
    """Curves of two settings, drawn at random."""
    rng = np.random.default_rng(5)
    index = pd.MultiIndex.from_product(
        [["one"], [10, 20], range(4), range(1, EPOCHS + 1)], names=[*SETTING, "network", "epoch"]
    )
    names = ["accuracy", "held_accuracy", "validation"]
    names += [name + half for name in SIGNALS for half in ("", " even", " odd")]
    return pd.DataFrame(rng.random((len(index), len(names))), index, names).reset_index()


@pytest.mark.parametrize(("burn_in", "patience"), [(0, 1), (2, 2), (3, 20)])
def test_outcomes_are_those_of_a_plain_restatement(made_up, burn_in, patience):
    found = outcomes(made_up, burn_in, patience).set_index(["size", "network", "rule"])
    assert found.index.is_unique
    assert len(found) == 2 * 4 * (6 + 4)
    curve = made_up.set_index(["size", "network", "epoch"])

    def reached(size, k, column, epoch):
        return curve.loc[(size, k, epoch), column]

    def stop(size, k, column, sign=1):
        watched = [sign * reached(size, k, column, e) for e in range(1, EPOCHS + 1)]
        return plain_stop(watched, burn_in, patience)

    for size in (10, 20):
        for k in range(4):
            others = [j for j in range(4) if j != k]
            best = max(reached(size, k, "accuracy", e) for e in range(1, EPOCHS + 1))
            rules = {name: stop(size, k, name) for name in (*SIGNALS, "tree odd")}
            chosen, until = stop(size, k, "validation", -1)
            mean = {
                e: np.mean([reached(size, j, "accuracy", e) for j in others])
                for e in range(1, EPOCHS + 1)
            }
            fixed = max(mean, key=mean.get)
            rules |= {"validation": (chosen, until), "retrained": (chosen, until + chosen)}
            rules |= {"last": (EPOCHS, EPOCHS), "fixed": (fixed, fixed)}
            for rule, (epoch, ran) in rules.items():
                row = found.loc[size, k, rule]
                column = "held_accuracy" if rule == "validation" else "accuracy"
                assert (row["kept"], row["ran"]) == (epoch, ran), rule
                assert row["accuracy"] == reached(size, k, column, epoch)
                assert row["regret"] == best - row["accuracy"]
                assert row["regret"] >= 0 or rule == "validation"
            elsewhere = [stop(size, j, "persistence")[0] for j in others]
            assert found.loc[(size, k, "persistence"), "others"] == pytest.approx(
                np.mean([reached(size, k, "accuracy", e) for e in elsewhere]), abs=1e-12
            )
        # the same epoch for all networks: a stop that others chose is one's own
        last = found.xs("last", level="rule").loc[size]
        np.testing.assert_allclose(last["others"], last["accuracy"], atol=1e-12)


def test_the_published_table_is_whole():
    table = pd.read_csv(published.HOME / "benchmarks" / "early_stopping.csv")
    assert table.notna().all(axis=None)
    counts = table.groupby([*SETTING, "network"]).size()
    assert (counts == 60).all()
    assert (counts.groupby(SETTING).size() == 12).all()
    assert len(counts) == 2 * 5 * 12
    assert table[["accuracy", "held_accuracy"]].to_numpy().min() > 0
    # before any claim: validation images cost accuracy, and all networks learn
    end = table[table["epoch"] == 60].groupby(SETTING)[["accuracy", "held_accuracy"]].mean()
    assert (end > 0.5).all(axis=None)


@pytest.mark.parametrize(
    "damage",
    [
        lambda table: table[table["network"] < 1],
        lambda table: table.drop(table.index[3]),
        lambda table: pd.concat([table, table]),
        lambda table: table[(table["network"] > 0) | (table["epoch"] > 5)],
    ],
)
def test_networks_with_other_epochs_are_refused(made_up, damage):
    with pytest.raises(ValueError, match=r"networks of .* have \d+ rows: give at least 2 networks"):
        outcomes(damage(made_up), 0, 2)


def test_the_order_of_rows_does_not_matter(made_up):
    shuffled = outcomes(made_up.sample(frac=1, random_state=0), 1, 2)
    pd.testing.assert_frame_equal(shuffled, outcomes(made_up, 1, 2), check_exact=True)
