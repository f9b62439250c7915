"""Lesions: against hooks on a torch network, closed forms, and the untouched network."""

import itertools
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch

from funcnet_utils.arms import ARMS
from funcnet_utils.datasets import load_dataset
from funcnet_utils.graphs import spanning_density_graph
from funcnet_utils.models import (
    STRATEGIES,
    LesionConfig,
    Population,
    correlations,
    evaluate,
    fault_tolerance_table,
    lesion_auc,
    lesion_curve,
    lesion_orders,
    lesion_table,
    train,
    weight_noise_curve,
)
from funcnet_utils.models.streams import Stream
from funcnet_utils.studies.config import StudyConfig

WIDTHS = (64, 20, 12, 10)
SHARES = (0, 0.25, 0.5, 0.75, 1)
SETTINGS = LesionConfig(draws=3, density=0.1, noise=(0, 0.3, 2), n_images=10**6)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def trained(digits):
    config = StudyConfig(dataset="digits", hidden=(20, 12), n_epochs=8, density=0.1, densities=())
    populations = {arm: Population(2, WIDTHS, arm, seed=3) for arm in ARMS}
    for population in populations.values():
        train(population, digits, config)
    return populations


@pytest.fixture(scope="module")
def table(trained, digits):
    population = trained["batch_norm"]
    return lesion_table(
        population, digits.test, correlations(population, digits.test.images), SETTINGS
    )


@contextmanager
def hooks(modules, functions):
    handles = [m.register_forward_hook(f) for m, f in zip(modules, functions, strict=True)]
    yield
    for handle in handles:
        handle.remove()


def remember(means, _module, _inputs, output):
    means.append(output.mean(0))


def silence(quiet, value, _module, _inputs, output):
    return torch.where(quiet, value, output)


@pytest.mark.parametrize("arm", sorted(ARMS))
@pytest.mark.parametrize("clamp", ["zero", "mean"])
def test_lesions_equal_hooks_on_a_torch_network(trained, digits, arm, clamp):
    population, split = trained[arm], digits.test
    orders = np.stack([np.random.default_rng(k).permutation(32) for k in range(2)])
    found = lesion_curve(population, split.images, split.labels, orders, SHARES, clamp)
    images = torch.tensor(split.images)
    for k in range(2):
        network = population.network(k).eval()
        rectifiers = [m for m in network if isinstance(m, torch.nn.LeakyReLU)]
        means: list[torch.Tensor] = []
        with hooks(rectifiers, [partial(remember, means)] * 2):
            network(images)
        for place, share in enumerate(SHARES):
            silent = torch.tensor(np.isin(np.arange(32), orders[k][: round(share * 32)]))
            values = means if clamp == "mean" else [torch.zeros_like(mean) for mean in means]
            silencers = map(partial(partial, silence), silent.split((20, 12)), values)
            with hooks(rectifiers, silencers):
                right = (network(images).argmax(1).numpy() == split.labels).mean()
            assert abs(found[k, place] - right) < 1.5 / len(split), "at most one tie"


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_untouched_is_evaluation_and_silence_is_one_answer(trained, digits, arm):
    population, split = trained[arm], digits.test
    clean = evaluate(population, split)[1]
    for clamp in ("zero", "mean"):
        curve = lesion_curve(population, split.images, split.labels, np.arange(32), (0, 1), clamp)
        np.testing.assert_array_equal(curve[:, 0], clean)
        shares = np.bincount(split.labels) / len(split)
        assert all(np.isclose(shares, value).any() for value in curve[:, 1])
    noisy = weight_noise_curve(population, split.images, split.labels, (0,), draws=1)
    np.testing.assert_array_equal(noisy[:, 0, 0], clean)


def test_silence_is_the_bias_of_the_last_layer(trained, digits):
    population = trained["vanilla"]
    curve = lesion_curve(population, digits.test.images, digits.test.labels, np.arange(32), (1,))
    answer = population.biases[-1].argmax(1).numpy()
    expected = [(digits.test.labels == one).mean() for one in answer]
    np.testing.assert_allclose(curve[:, 0], expected)


def test_weight_noise_equals_a_torch_network(trained, digits):
    population, split = trained["layer_norm"], digits.test
    found = weight_noise_curve(population, split.images, split.labels, (0.5,), draws=2, seed=4)
    for k in range(2):
        for draw in range(2):
            network = population.network(k).eval()
            key = (k, Stream.WEIGHT_NOISE, draw)
            stream = np.random.default_rng(np.random.SeedSequence(4, spawn_key=key))
            for layer in (m for m in network if isinstance(m, torch.nn.Linear)):
                shape = (layer.in_features, layer.out_features)
                z = torch.tensor(stream.standard_normal(shape, dtype=np.float32))
                layer.weight.data *= 1 + 0.5 * z.T
            right = network(torch.tensor(split.images)).argmax(1).numpy() == split.labels
            assert abs(found[k, draw, 0] - right.mean()) < 1.5 / len(split)


def test_orders_follow_the_graph_and_dead_units_come_last(trained, digits):
    population = trained["dropout"].select(0)
    population.biases[0].data[0, 4] = -100.0
    population.weights[0].data[0, :, 4] = 0.0
    correlation = correlations(population, digits.test.images)[0]
    orders = lesion_orders(correlation, population.layers, 0, SETTINGS)
    assert list(orders) == list(STRATEGIES)
    for strategy, order in orders.items():
        assert order.shape == (1 if strategy in ("degree", "betweenness") else 3, 32)
        assert (np.sort(order, axis=1) == np.arange(32)).all()
        assert (order[:, -1] == 4).all()
    live = np.delete(np.arange(32), 4)
    weights = np.abs(correlation[np.ix_(live, live)])
    graph = nx.from_numpy_array(spanning_density_graph(weights - np.diag(np.diag(weights)), 0.1))
    for strategy, score in (
        ("degree", dict(graph.degree)),
        ("betweenness", nx.betweenness_centrality(graph)),
    ):
        ranked = [score[list(live).index(unit)] for unit in orders[strategy][0, :-1]]
        assert all(a >= b - 1e-12 for a, b in itertools.pairwise(ranked))
    layer = population.layers
    np.testing.assert_array_equal(layer[orders["module"]], layer[orders["module_control"]])
    assert (orders["module"] != orders["module_control"]).any()
    assert len({tuple(order) for order in orders["random"]}) == 3


def test_table_is_tidy_and_does_not_depend_on_blocks(trained, digits, table):
    assert list(table.columns) == ["network", "strategy", "clamp", "share", "accuracy"]
    assert len(table) == 2 * (len(STRATEGIES) * 2 * 11 + 3)
    population = trained["batch_norm"]
    clean = evaluate(population, digits.test)[1]
    for k in range(2):
        untouched = table[(table.share == 0) & (table.network == k)].accuracy
        np.testing.assert_allclose(untouched, clean[k], rtol=1e-12)
    block = population.select(1)
    correlation = correlations(block, digits.test.images)
    rows = lesion_table(block, digits.test, correlation, SETTINGS)
    pd.testing.assert_frame_equal(rows, table[table.network == 1].reset_index(drop=True))


def test_areas_join_the_measures_of_the_same_network(table):
    two = pd.concat([table.assign(arm=arm) for arm in ("vanilla", "dropout")], ignore_index=True)
    measures = pd.DataFrame(
        [
            {
                "arm": arm,
                "network": k,
                "density": 0.05,
                "measure": "local_efficiency",
                "value": value + k,
            }
            for arm, value in (("vanilla", 10.0), ("dropout", 20.0))
            for k in range(2)
        ]
    )
    found = fault_tolerance_table(two, measures, 0.05)
    assert len(found) == len(lesion_auc(two)) == 2 * 2 * 11
    expected = found.arm.map({"vanilla": 10.0, "dropout": 20.0}) + found.network
    np.testing.assert_array_equal(found.local_efficiency, expected)
    np.testing.assert_allclose(found.relative_area * found.accuracy, found.area)
    with pytest.raises(ValueError, match=r"no measure 'E_loc' at density 0.05.*local_efficiency"):
        fault_tolerance_table(two, measures, 0.05, "E_loc")
    with pytest.raises(ValueError, match="use one study"):
        fault_tolerance_table(two, measures[:3], 0.05)


def test_the_measure_of_a_real_study_is_found_by_default():
    """The published tables of a study, as they lie in the repository."""
    results = Path(__file__).parents[2] / "book" / "results"
    folder = sorted(results.glob("mnist*/lesions.parquet"))[0].parent
    lesions, measures = (
        pd.read_parquet(folder / f"{name}.parquet") for name in ("lesions", "graph_measures")
    )
    found = fault_tolerance_table(lesions, measures, 0.05)
    assert len(found) == len(lesion_auc(lesions)) > 0
    chosen = measures[(measures.measure == "local_efficiency") & (measures.density == 0.05)]
    expected = found[["arm", "network"]].merge(chosen, on=["arm", "network"]).value
    np.testing.assert_array_equal(found.local_efficiency, expected)
    assert found.local_efficiency.between(0, 1).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"clamp": "median"}, "clamp is 'median'.*mean"),
        ({"shares": (0, 1.5)}, r"share is 1.5: .* in \[0, 1\]"),
        ({"order": np.arange(31)}, r"order has shape \(31,\)"),
        ({"order": np.zeros(32, int)}, r"order has shape \(32,\).*each of 0 to 31 once"),
        ({"order": np.arange(32.0)}, "type float64"),
        ({"labels": np.zeros(3, int)}, "labels have shape"),
    ],
)
def test_wrong_arguments_are_told(trained, digits, change, says):
    arguments = {
        "images": digits.test.images,
        "labels": digits.test.labels,
        "order": np.arange(32),
        "shares": (0, 1),
    } | change
    with pytest.raises(ValueError, match=says):
        lesion_curve(trained["vanilla"], **arguments)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"shares": (0,)}, "shares are"),
        ({"shares": (0, 2)}, r"each in \[0, 1\]"),
        ({"noise": (1, 0)}, "noise are"),
        ({"draws": 0}, "draws is 0"),
        ({"density": 0}, "density is 0"),
    ],
)
def test_settings_out_of_range_are_told(change, says):
    with pytest.raises(ValueError, match=says):
        LesionConfig(**change)
