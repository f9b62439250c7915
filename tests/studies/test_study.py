"""Studies: the same numbers in every way of running them, resumed after a kill."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from funcnet_utils import graphs, studies
from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.models import correlations, evaluate, right_answers
from funcnet_utils.models.attacks import robust_accuracy
from funcnet_utils.studies import blocks
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import DamagedEntryWarning, Store

CONFIG = StudyConfig(
    dataset="digits",
    hidden=(20, 12),
    n_networks=3,
    n_epochs=2,
    density=0.1,
    densities=(0.2,),
    n_null=3,
    epsilons=(0.1, 0.3),
    n_attacked=40,
    attack_steps=3,
    attack_restarts=1,
    n_lesions=2,
)
TABLES = ("networks", "history", "checkpoints", "graph_measures", "loops")
ROBUSTNESS = ("attacks", "self_tests", "lesions", "dynamics")
EVERYTHING = {"attacks": True, "lesions": True, "dynamics": True}


def assert_same(a: studies.Study, b: studies.Study, names: tuple[str, ...] = TABLES) -> None:
    for name in names:
        pd.testing.assert_frame_equal(getattr(a, name), getattr(b, name), check_exact=True)
    assert a.diagrams.keys() == b.diagrams.keys()
    for key, diagrams in a.diagrams.items():
        for mine, other in zip(diagrams, b.diagrams[key], strict=True):
            np.testing.assert_array_equal(mine, other)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    return studies.run(CONFIG, store=store, workers=1, **EVERYTHING)


def test_tables_are_complete(result):
    assert len(result.networks) == 9
    assert not result.networks.isna().any(axis=None)
    assert len(result.history) == 18
    sigma = result.measure("sigma")
    assert list(sigma.columns) == list(CONFIG.arms)
    assert sigma.shape == (3, 3)
    assert result.measure("sigma", 0.2).shape == (3, 3)
    assert set(result.loops["dimension"]) == {0, 1}
    assert np.isfinite(result.graph_measures["value"]).all()


def test_tables_hold_what_the_rooms_compute(result):
    population = result.population("dropout", 2)
    data = load_dataset("digits")
    correlation = correlations(population, data.test.images)[0]
    np.testing.assert_array_equal(correlation, result.correlation("dropout", 2))
    net = result.functional_network("dropout", 2)
    adjacency = graphs.spanning_density_graph(np.abs(correlation) - np.eye(32), 0.1)
    np.testing.assert_array_equal(net.graph(0.1), adjacency)
    assert result.measure("clustering").loc[2, "dropout"] == graphs.clustering(adjacency)
    assert net.layers.tolist() == [0] * 20 + [1] * 12


def test_numbers_do_not_depend_on_workers_or_blocks(result, tmp_path):
    config = dataclasses.replace(CONFIG, block_size=2)
    other = studies.run(config, store=Store(tmp_path), workers=2, **EVERYTHING)
    assert_same(result, other, TABLES + ROBUSTNESS)


def test_a_small_memory_computes_parts_of_the_same_blocks(result, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "_networks_in_memory", lambda config: 2)
    other = studies.run(CONFIG, store=Store(tmp_path), workers=1, dynamics=True)
    assert_same(result, other, (*TABLES, "dynamics"))
    np.testing.assert_array_equal(other.correlation("dropout", 2), result.correlation("dropout", 2))
    assert {file.parent.name for file in tmp_path.glob("*/config.json")} <= {
        file.parent.name for file in result.arrays.store.root.glob("*/config.json")
    }


def test_a_record_reads_and_never_computes(result, tmp_path, monkeypatch):
    plain = studies.run(CONFIG, store=result.arrays.store)
    monkeypatch.setattr(blocks, "load_dataset", None)
    for name in (*TABLES, "card"):
        getattr(plain, name)
    plain.card()
    for name in ROBUSTNESS:
        with pytest.raises(AttributeError, match=r"ask for them with `studies.run\(config, "):
            getattr(plain, name)
    with pytest.raises(AttributeError, match=r"no 'atacks'; its tables are .*networks"):
        _ = plain.atacks


def test_seconds_are_those_spent_on_all_blocks(result):
    spent = [
        json.loads((file.parent / "manifest.json").read_text())["info"]["seconds"]
        for file in result.arrays.store.root.glob("*/config.json")
        if json.loads(file.read_text())["kind"] in {stage.kind for stage in blocks.STAGES}
    ]
    assert result.info["seconds"] <= sum(spent) + 1e-9
    again = studies.run(CONFIG, store=result.arrays.store, **EVERYTHING)
    assert again.info["seconds"] == result.info["seconds"]


def test_checkpoints_are_the_networks_of_shorter_runs(result, tmp_path):
    shorter = dataclasses.replace(CONFIG, n_epochs=1, arms=("batch_norm",))
    early = studies.run(shorter, store=Store(tmp_path), workers=1)
    kept = result.population("batch_norm", 1, epoch=1).state_dict()
    for name, tensor in early.population("batch_norm", 1).state_dict().items():
        np.testing.assert_array_equal(kept[name].numpy(), tensor.numpy())
    scores = result.checkpoints.query("arm == 'batch_norm' and epoch == 1").reset_index(drop=True)
    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
        pd.testing.assert_series_equal(scores[name], early.networks[name])
    assert sorted(result.checkpoints["epoch"].unique()) == [0, 1, 2]
    with pytest.raises(ValueError, match="epoch 5 was not kept: choose from 0, 1, 2"):
        result.population("vanilla", 0, epoch=5)


def test_measures_at_checkpoints_are_those_of_shorter_runs(result, tmp_path):
    rows = result.dynamics.pivot(index=["epoch", "network"], columns=["measure", "arm"])["value"]
    assert sorted(result.dynamics["epoch"].unique()) == [0, 1, 2]
    early = studies.run(dataclasses.replace(CONFIG, n_epochs=1), store=Store(tmp_path), workers=1)
    for epoch, study in ((1, early), (2, result)):
        now = rows.loc[epoch]
        for name in ("global_efficiency", "local_efficiency", "clustering"):
            pd.testing.assert_frame_equal(now[name], study.measure(name), check_exact=True)
        pd.testing.assert_frame_equal(now["loops"], study.loop_measure("count"))
        strength = study.network_measure("mean_abs_r")
        pd.testing.assert_frame_equal(now["mean_abs_r"], strength)
        pd.testing.assert_frame_equal(now["accuracy"], study.network_measure("test_accuracy"))
        test = load_dataset("digits").test
        images = np.linspace(0, len(test) - 1, CONFIG.n_attacked).round().astype(int)
        for arm in CONFIG.arms:
            for k in range(CONFIG.n_networks):
                asked = study.population(arm, k), test.images[images], test.labels[images]
                assert now.loc[k, ("robust 0", arm)] == right_answers(*asked).mean()
                weak = robust_accuracy(*asked, [0.1], steps=10, restarts=1)[0, 0]
                assert weak <= now.loc[k, ("robust 0.1", arm)] <= now.loc[k, ("robust 0", arm)]


@pytest.mark.parametrize("dead", ["zero", "drop"])
def test_dead_units(dead, tmp_path, monkeypatch):
    """Two units whose activation is made constant: a study runs through with either choice."""
    probe = blocks.models.correlations

    def two_dead(*arguments):
        found = probe(*arguments)
        found[:, [3, 25]] = 0
        found[:, :, [3, 25]] = 0
        return found

    monkeypatch.setattr(blocks.models, "correlations", two_dead)
    config = dataclasses.replace(CONFIG, arms=("vanilla",), n_networks=2, dead=dead)
    found = studies.run(config, store=Store(tmp_path), workers=1, lesions=True)
    assert found.networks["n_dead"].tolist() == [2, 2]
    assert found.networks["n_units"].tolist() == ([32, 32] if dead == "zero" else [30, 30])
    assert np.isfinite(found.graph_measures["value"]).all()
    assert len(found.functional_network("vanilla", 0).units) == found.networks["n_units"][0]


def test_a_density_too_low_for_the_live_units_keeps_the_training(tmp_path, monkeypatch):
    probe = blocks.models.correlations

    def one_dead(*arguments):
        found = probe(*arguments)
        found[:, 0] = found[:, :, 0] = 0
        return found

    monkeypatch.setattr(blocks.models, "correlations", one_dead)
    config = dataclasses.replace(CONFIG, arms=("vanilla",), n_networks=1, densities=(2 / 32,))
    with pytest.raises(ValueError, match=r"density 0.0625 is too low for network 0: 1 of its 32"):
        studies.run(config, store=Store(tmp_path), workers=1)
    monkeypatch.setattr(blocks.models, "train", None)
    found = studies.run(dataclasses.replace(config, dead="zero"), store=Store(tmp_path), workers=1)
    assert len(found.networks) == 1


def test_attacks_are_kept(result, monkeypatch):
    attacks = result.attacks
    assert set(attacks["epsilon"]) == {0.0, 0.1, 0.3}
    assert len(attacks.groupby(["arm", "network"])) == 9
    clean = attacks.query("epsilon == 0 and attack == 'pgd'").set_index(["arm", "network"])
    population = result.population("dropout", 2)
    data = load_dataset("digits").test
    chosen = np.linspace(0, len(data) - 1, 40).round().astype(int)
    _, accuracy = evaluate(population, Split(data.images[chosen], data.labels[chosen]))
    assert clean.loc[("dropout", 2), "accuracy"] == pytest.approx(accuracy[0])
    monkeypatch.setattr(blocks.models, "attack_table", None)
    again = studies.run(CONFIG, store=result.arrays.store, attacks=True)
    pd.testing.assert_frame_equal(again.attacks, attacks)
    assert set(again.self_tests["arm"]) == set(CONFIG.arms)


def test_lesions_start_from_the_whole_network(result):
    whole = result.lesions.query("share == 0 and strategy == 'degree' and clamp == 'zero'")
    accuracy = whole.set_index(["arm", "network"])["accuracy"]
    expected = result.networks.set_index(["arm", "network"])["test_accuracy"]
    pd.testing.assert_series_equal(accuracy, expected.loc[accuracy.index], check_names=False)


def test_second_run_trains_nothing(result, monkeypatch):
    monkeypatch.setattr(blocks.models, "train", None)
    monkeypatch.setattr(blocks, "analyse_network", None)
    assert_same(result, studies.run(CONFIG, store=result.arrays.store))


def test_more_networks_reuse_blocks(result, tmp_path, monkeypatch):
    trained = []
    train = blocks.models.train
    monkeypatch.setattr(
        blocks.models, "train", lambda p, *a, **k: (trained.append(p.first), train(p, *a, **k))[1]
    )
    bigger = dataclasses.replace(CONFIG, n_networks=6, block_size=3)
    smaller = dataclasses.replace(bigger, n_networks=3)
    first = studies.run(smaller, store=Store(tmp_path), workers=1)
    assert trained == [0, 0, 0]
    trained.clear()
    more = studies.run(bigger, store=Store(tmp_path), workers=1)
    again = studies.run(bigger, store=Store(tmp_path), workers=1)
    assert trained == [3, 3, 3]
    assert_same(more, again)
    pd.testing.assert_frame_equal(
        more.networks.query("network < 3").reset_index(drop=True), result.networks
    )
    assert_same(first, result)


def test_another_density_does_not_train_again(result, monkeypatch):
    monkeypatch.setattr(blocks.models, "train", None)
    other = studies.run(
        dataclasses.replace(CONFIG, density=0.15), store=result.arrays.store, workers=1
    )
    assert other.measure("sigma").shape == (3, 3)


def test_untrained_arms_are_identical(tmp_path):
    control = studies.run(CONFIG.untrained(), store=Store(tmp_path), workers=1, **EVERYTHING)
    columns = {"graph_measures": "value", "loops": "value"}
    columns |= {"attacks": "accuracy", "lesions": "accuracy"}
    for name, column in columns.items():
        table = getattr(control, name)
        parts = [table[table["arm"] == arm][column].to_numpy() for arm in CONFIG.arms]
        for other in parts[1:]:
            np.testing.assert_array_equal(parts[0], other)


def test_damaged_block_is_repaired(tmp_path):
    store = Store(tmp_path)
    first = studies.run(CONFIG, store=store, workers=1)
    for file in [*tmp_path.glob("*/loops.parquet"), *tmp_path.glob("*/tensors.safetensors")]:
        file.write_bytes(file.read_bytes()[:-20])
    with pytest.warns(DamagedEntryWarning):
        assert_same(first, studies.run(CONFIG, store=store, workers=1))


def test_training_alone_is_repaired(tmp_path):
    """Its tables are then joined with those that were read, which come without parameters."""
    config = dataclasses.replace(CONFIG, n_networks=1)
    first = studies.run(config, store=Store(tmp_path), workers=1)
    key = blocks.TRAINING.key(config, blocks.Block(config.arms[0], 0, 1))
    (Store(tmp_path).path("population", key) / "history.parquet").unlink()
    with pytest.warns(DamagedEntryWarning, match="history.parquet"):
        assert_same(first, studies.run(config, store=Store(tmp_path), workers=1))


RUN = """
import sys
from funcnet_utils import studies
from funcnet_utils.studies.store import Store
from tests_study_config import CONFIG
studies.run(CONFIG, store=Store(sys.argv[1]), workers=int(sys.argv[2]))
"""


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_killed_run_resumes(result, tmp_path, workers):
    config = dataclasses.replace(CONFIG, arms=("vanilla", "dropout"), n_networks=2, block_size=1)
    (tmp_path / "tests_study_config.py").write_text(
        f"from funcnet_utils.studies.config import StudyConfig\nCONFIG = {config!r}\n"
    )
    root = tmp_path / "store"
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(root), str(workers)],
        cwd=tmp_path,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while len(list(root.glob("[0-9a-f]*"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in root.glob("[0-9a-f]*")}
    assert 3 <= len(kept) < 8
    resumed = studies.run(config, store=Store(root), workers=1)
    for name, table in resumed.tables.items():
        whole = result.tables[name]
        rows = whole[whole["arm"].isin(config.arms) & (whole["network"] < 2)]
        pd.testing.assert_frame_equal(table, rows.reset_index(drop=True), check_exact=True)
    for name, changed in kept.items():
        assert (root / name).stat().st_mtime_ns == changed


def test_card_tells_what_is_needed_to_repeat(result):
    card = result.card()
    assert card["Configuration"] == CONFIG.hash
    assert "torch" in card["Versions"]
    assert repr(result).startswith(
        "Study(digits, 2 epochs, 3 networks of each of vanilla, batch_norm"
    )


def test_bad_options(tmp_path):
    with pytest.raises(ValueError, match="workers is 0: choose a whole number >= 1"):
        studies.run(CONFIG, store=Store(tmp_path), workers=0)


def test_unknown_measure_network_or_arm(result):
    with pytest.raises(ValueError, match="no measure 'sigmo'"):
        result.measure("sigmo")
    with pytest.raises(ValueError, match="no network 7"):
        result.correlation("vanilla", 7)
