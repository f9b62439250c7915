"""Nulls of single networks, and the simulation of the rule, against truths that are planted."""

import numpy as np
import pandas as pd
import pytest

from funcnet_utils import graphs, topology
from funcnet_utils.studies import controls, simulation
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.controls import null_measures

CONFIG = StudyConfig(dataset="digits", hidden=(24, 16), density=0.15, densities=(), n_null=3)


@pytest.fixture(scope="module")
def correlation():
    return simulation.planted("blocks", np.random.default_rng(0))


def test_values_and_nulls_of_a_network(correlation):
    table = null_measures(CONFIG, correlation, 0).set_index(["null", "measure"])
    graph = graphs.spanning_density_graph(np.abs(correlation), 0.15)
    own = {
        "clustering": graphs.clustering(graph),
        "global_efficiency": graphs.global_efficiency(graph),
        "local_efficiency": graphs.local_efficiency(graph),
        "loops": len(topology.persistence(1 - np.abs(correlation))[1]),
    }
    for measure, value in own.items():
        assert table.xs(measure, level="measure")["value"].tolist() == pytest.approx(
            [value] * (3 if measure == "loops" else 4)
        )
    # 40 units: 750 // 40 times as many of the primary kind
    assert table["n"].groupby("null").max().to_dict() == {
        "spectrum": 54,
        **dict.fromkeys(("hqs", "configuration", "rewired"), 3),
    }
    assert table.loc[("spectrum", "sigma"), "n"] == 54
    blocks = table.xs("modularity", level="measure")
    assert (blocks["value"] > blocks["mean"] + 3 * blocks["sd"]).all()
    assert "loops" not in table.loc["rewired"].index
    pd.testing.assert_frame_equal(
        null_measures(CONFIG, correlation, 0).set_index(["null", "measure"]), table
    )


def test_asking_for_some_measures_changes_none(correlation):
    wanted = ("loops", "modularity")
    whole = null_measures(CONFIG, correlation, 0)
    some = null_measures(CONFIG, correlation, 0, wanted=wanted)
    expected = whole[whole["measure"].isin(wanted)].reset_index(drop=True)
    order = ["null", "measure"]
    pd.testing.assert_frame_equal(
        some.sort_values(order, ignore_index=True), expected.sort_values(order, ignore_index=True)
    )
    assert set(some["measure"]) == set(wanted)


def test_networks_of_one_number_share_their_nulls(correlation):
    one, other = (null_measures(CONFIG, correlation, k, kinds=("hqs",)) for k in (0, 1))
    assert (one["value"] == other["value"]).sum() >= 4  # sigma and modularity draw, too
    assert (one["mean"] != other["mean"]).any()


def test_a_singular_matrix_has_no_configuration_model(correlation):
    copied = correlation[np.ix_([0, *range(39)], [0, *range(39)])]
    kinds = set(null_measures(CONFIG, copied, 0)["null"])
    assert kinds == {"spectrum", "hqs", "rewired"}


def test_large_networks_are_compared_on_a_sample_of_units(correlation, monkeypatch):
    monkeypatch.setattr(controls, "MOST_UNITS", 30)
    table = null_measures(CONFIG, correlation, 0, kinds=("rewired",)).set_index("measure")
    whole = graphs.spanning_density_graph(np.abs(correlation), 0.15)
    assert table.loc["clustering", "value"] != graphs.clustering(whole)
    sizes = [*range(40)]
    monkeypatch.setattr(controls, "MOST_UNITS", len(sizes))
    table = null_measures(CONFIG, correlation, 0, kinds=("rewired",)).set_index("measure")
    assert table.loc["clustering", "value"] == pytest.approx(graphs.clustering(whole))


def test_half_a_probe_is_one_row(correlation):
    row = controls.half_probe(CONFIG, correlation, 2)
    assert row["value"].tolist() == [len(topology.persistence(1 - np.abs(correlation))[1])]
    assert row.columns.tolist() == null_measures(CONFIG, correlation, 0, ()).columns.tolist()


@pytest.mark.parametrize("kind", ["blocks", "loops", "factors"])
def test_planted_matrices_have_their_structure(kind):
    r = simulation.planted(kind, np.random.default_rng(1))
    near = r[np.arange(40), (np.arange(40) + 1) % 40].mean()
    far = r[np.arange(40), (np.arange(40) + 20) % 40].mean()
    assert (near - far > 0.2) == (kind != "factors")
    assert np.linalg.eigvalsh(r)[0] > 0


def test_rates_have_their_intervals():
    rates = simulation.rates(20, 0, seed=0)
    assert (rates.groupby("truth")["rate"].sum().round(12) == 1).all()
    assert ((rates["low"] <= rates["rate"]) & (rates["rate"] <= rates["high"])).all()
    beside = rates.query("truth == 'beside the control'").set_index("word")["rate"]
    assert beside["holds"] == 1
    assert rates.query("word == 'sure'")["false"].all()
