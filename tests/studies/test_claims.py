"""The ledger: each claim is measured, adjusted and judged as the method says."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from statsmodels.stats.multitest import multipletests

from funcnet_utils import clustering, stats, studies, topology
from funcnet_utils.studies import published
from funcnet_utils.studies.claims import CLAIMS, ledger, robust_area
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import Store

CONFIG = StudyConfig(
    dataset="digits",
    hidden=(20, 12),
    n_networks=6,
    n_epochs=3,
    density=0.15,
    densities=(0.1, 0.2),
    n_null=3,
    epsilons=(0.1, 0.3),
    n_attacked=40,
    attack_steps=3,
    attack_restarts=1,
    n_lesions=2,
)
EVERYTHING = {"attacks": True, "lesions": True}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return studies.run(
        CONFIG, store=Store(tmp_path_factory.mktemp("store")), workers=1, **EVERYTHING
    )


@pytest.fixture(scope="module")
def table(trained):
    return ledger(trained).set_index("claim")


def test_all_claims_have_a_row_and_a_verdict(table):
    assert list(table.index) == list(CLAIMS)
    assert len(CLAIMS) == 11
    assert set(table["verdict"]) <= {"supported", "contradicted", "inconclusive", "explained away"}
    assert (table["low"] <= table["high"]).all()


def test_effects_are_paired_differences_of_the_tables(trained, table):
    networks = trained.networks.pivot(index="network", columns="arm")
    measures = trained.graph_measures.query("density == 0.15").pivot(
        index=["measure", "network"], columns="arm", values="value"
    )
    loops = {key: len(diagrams[1]) for key, diagrams in trained.diagrams.items()}
    gap = networks["train_accuracy"] - networks["test_accuracy"]
    local = measures.loc["local_efficiency"]
    worst = trained.attacks.query("attack == 'worst'").pivot(
        index=["network", "arm"], columns="epsilon", values="accuracy"
    )
    area = pd.Series(np.trapezoid(worst, worst.columns) / 0.3, worst.index).unstack()

    def difference(values, arm):
        return (values[arm] - values["vanilla"]).mean()

    expected = {
        "BN-acc": difference(networks["test_accuracy"], "batch_norm"),
        "BN-eff": difference(measures.loc["global_efficiency"], "batch_norm"),
        "BN-loops": np.mean([loops["batch_norm", k] - loops["vanilla", k] for k in range(6)]),
        "BN-rob": difference(area, "batch_norm"),
        "BN-ft": difference(local, "batch_norm"),
        "DO-gen": difference(gap, "dropout"),
        "DO-rob": difference(area, "dropout"),
        "DO-ft": difference(local, "dropout"),
    }
    found = table["effect"]
    assert found["DO-spec"] in (
        pytest.approx(difference(measures.loc["clustering"], "dropout")),
        pytest.approx(difference(measures.loc["modularity"], "dropout")),
    )
    for claim, effect in expected.items():
        assert found[claim] == pytest.approx(effect, abs=1e-12), claim


def test_small_worldness_is_that_of_the_least_certain_arm(trained, table):
    sigma, null = trained.measure("sigma"), trained.measure("sigma_hqs")
    for values, column in ((sigma - 1, "effect"), (sigma - null, "left")):
        scaled = values.mean() / values.std()
        assert table.loc["SW", column] == pytest.approx(values.mean()[scaled.idxmin()])


def test_p_values_are_corrected_over_all_claims(table):
    expected = multipletests(table["p"], method="holm")[1]
    np.testing.assert_allclose(table["p_holm"], expected)
    left = table.dropna(subset="left_p")
    assert set(left.index) == {"SW", "BN-eff", "BN-loops", "BN-ft", "DO-spec", "DO-ft", "CL"}
    np.testing.assert_allclose(left["left_p_holm"], multipletests(left["left_p"], method="holm")[1])


def test_the_rule_can_be_read_from_the_ledger(table):
    assert stats.judged(table).tolist() == table["verdict"].tolist()


def test_other_rules():
    strong = {"effect": 1.0, "low": 0.5, "high": 2.0, "p": 0.01, "p_holm": 0.04, "direction": 1}
    kept = {"left": 0.5, "left_low": 0.1, "left_high": 1.0, "left_p": 0.02, "left_p_holm": 0.06}
    rows = pd.DataFrame(
        [
            strong | kept,  # kept without Holm over the controls
            strong | kept | {"p_holm": 0.06},  # only without any correction
            strong | kept | {"left": -0.5, "left_low": -1.0, "left_high": -0.1},  # turns round
            strong | dict.fromkeys(kept, np.nan),  # has no control
            strong | kept | {"direction": -1},
        ]
    )
    away = "explained away"
    assert stats.judged(rows).tolist() == [away, "inconclusive", away, "supported", away]
    assert stats.judged(rows, control_holm=False).tolist() == [
        *("supported", "inconclusive", away, "supported", "contradicted")
    ]
    plain = ["supported", "supported", "supported", "supported", "contradicted"]
    assert stats.judged(rows, controls=False, holm=False).tolist() == plain


def test_a_claim_with_parts_is_as_good_as_its_weakest(trained, table):
    parts = [
        stats.paired_effect(values["dropout"], values["vanilla"], CONFIG.seed)
        for values in (trained.measure("clustering"), trained.measure("modularity"))
    ]
    assert table.loc["DO-spec", "hedges_g"] == min(part.hedges_g for part in parts)
    assert table.loc["DO-spec", "p"] == max(part.p for part in parts)


def test_clusters_are_compared_with_the_best_baseline(trained, table):
    arms = [arm for arm, _ in trained.diagrams]
    distances = topology.sliced_wasserstein_matrix([h1 for _, h1 in trained.diagrams.values()])
    labels = clustering.cluster(distances, 3, "average", 0)
    assert table.loc["CL", "effect"] == pytest.approx(adjusted_rand_score(arms, labels))
    strengths = [trained.functional_network(*key).strength for key in trained.diagrams]
    rows = trained.networks.set_index(["arm", "network"]).loc[list(trained.diagrams)]
    best = max(
        adjusted_rand_score(arms, clustering.cluster(baseline, 3, "average", 0))
        for baseline in clustering.baseline_distances(rows, strengths, density=0.15).values()
    )
    assert table.loc["CL", "left"] == pytest.approx(table.loc["CL", "effect"] - best)


def test_some_claims_are_the_rows_of_all(trained, table):
    some = ledger(trained, ["DO-rob", "SW"]).set_index("claim")
    pd.testing.assert_frame_equal(some, table.loc[["SW", "DO-rob"]])


def test_arms_that_are_missing_have_no_claims(trained):
    found = studies.run(
        StudyConfig(**{**vars(CONFIG), "arms": ("vanilla", "dropout")}),
        store=trained.arrays.store,
        attacks=True,
    )
    names = list(ledger(found)["claim"])
    assert names == ["SW", "DO-gen", "DO-rob", "DO-spec", "DO-ft", "CL"]


def test_published_tables_are_those_of_the_study(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(published, "FOLDER", tmp_path)
    published.publish(trained, "small", tmp_path)
    kept = published.load("small")
    assert kept.tables.keys() == trained.tables.keys()
    for name, table in trained.tables.items():
        pd.testing.assert_frame_equal(kept.tables[name], table)
    pd.testing.assert_frame_equal(published.ledger_of("small"), ledger(trained))
    assert kept.config == trained.config
    assert published.names() == ["small"]
    assert kept.info["stages"].keys() == {"population", "analysis", "attacks", "lesions"}
    assert kept.info["seconds"] == trained.info["seconds"]
    pd.testing.assert_frame_equal(robust_area(kept), robust_area(trained))
    np.testing.assert_array_equal(kept.correlation("vanilla", 0), trained.correlation("vanilla", 0))
    with pytest.raises(ValueError, match="correlations of 'vanilla-1' are not published"):
        kept.correlation("vanilla", 1)
    with pytest.raises(ValueError, match="are not published: train them"):
        kept.population("vanilla", 0)
    with pytest.raises(ValueError, match="did you mean 'small'"):
        published.load("smalll")


def test_a_failed_publication_leaves_the_old_one(trained, tmp_path, monkeypatch):
    folder = published.publish(trained, "small", tmp_path)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    monkeypatch.setattr(np, "savez_compressed", None)
    with pytest.raises(TypeError):
        published.publish(trained, "small", tmp_path)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    monkeypatch.setattr(published, "FOLDER", tmp_path)
    assert published.names() == ["small"]
    with pytest.raises(ValueError, match="is frozen: publish under another name"):
        published.publish(trained, "mnist_5k-2026-11-untrained", tmp_path)


def test_untrained_studies_are_published_without_attacks(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(published, "FOLDER", tmp_path)
    untrained = studies.run(CONFIG.untrained(), store=trained.arrays.store, workers=1)
    folder = published.publish(untrained, "small-untrained", tmp_path)
    assert not (folder / "ledger.parquet").exists()
    assert not (folder / "attacks.parquet").exists()
    kept = published.load("small-untrained")
    assert (kept.measure("sigma").nunique(axis=1) == 1).all()


def test_planned_studies_come_with_their_controls():
    planned = published.planned()
    assert {"mnist", "mnist-untrained", "fashion_mnist", "cifar10_jpeg"} <= set(planned)
    assert planned["mnist"].n_epochs == 100
    assert planned["mnist-untrained"].n_epochs == 0
    assert planned["mnist-untrained"].hidden == planned["mnist"].hidden
    assert planned["fashion_mnist"].hidden == (400, 400, 200)
