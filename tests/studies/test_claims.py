"""The ledger: each claim is measured, adjusted and judged as the method says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats as scipy_stats
from sklearn.metrics import adjusted_rand_score
from statsmodels.stats.multitest import multipletests

from funcnet_utils import clustering, stats, studies, topology
from funcnet_utils.studies import controls, ledgers, matched, protocol, published
from funcnet_utils.studies.claims import CLAIMS, ledger, robust_area
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.registered import registered
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
    store = Store(tmp_path_factory.mktemp("store"))
    found = studies.run(CONFIG, store=store, workers=1, **EVERYTHING)
    rows = []
    for arm, network in found.diagrams:
        r = found.correlation(arm, network)
        nulls = controls.null_measures(CONFIG, r, network)
        # the next network stands for the same one over half of the probe
        half = controls.half_probe(CONFIG, found.correlation(arm, (network + 1) % 5), network)
        rows.append(pd.concat([nulls, half]).assign(arm=arm))
    return replace(found, tables=found.tables | {"controls": pd.concat(rows, ignore_index=True)})


@pytest.fixture(scope="module")
def table(trained):
    return ledger(trained).set_index("claim")


def test_all_claims_have_a_row_and_a_verdict(table):
    assert list(table.index) == list(CLAIMS)
    assert len(CLAIMS) == 11
    first = table["verdict"].str.partition(",")[0]
    assert set(first) <= {"supported", "contradicted", "equivalent", "inconclusive"}
    sure = first.isin(["supported", "contradicted"])
    assert (table["control"] != "").tolist() == sure.tolist()
    assert (table["low"] <= table["high"]).all()
    assert set(table["protocol"]) == {protocol.digest()[:12]}


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
    for values, column in ((sigma - 1, "effect"), (sigma - null, "adjusted")):
        scaled = values.mean() / values.std()
        assert table.loc["SW", column] == pytest.approx(values.mean()[scaled.idxmin()])
    assert [part.split(":")[0] for part in table.loc["SW", "parts"].split("; ")] == list(sigma)


def test_p_values_are_corrected_over_all_claims(table):
    expected = multipletests(table["p"], method="holm")[1]
    np.testing.assert_allclose(table["p_holm"], expected)
    controlled = {"SW", "BN-eff", "BN-loops", "BN-ft", "DO-spec", "DO-ft", "CL"}
    assert set(table.index[table["adjusted"].notna()]) == controlled


def test_the_smallest_effects_of_interest(trained, table):
    for claim in ("BN-acc", "BN-rob", "DO-gen", "DO-rob"):
        assert table.loc[claim, "bound"] == 0.005
    assert table.loc[["SW", "CL"], "bound"].tolist() == [0.1, 0.05]
    efficiency = [trained.measure("global_efficiency", d)["vanilla"].mean() for d in (0.15, 0.2)]
    # density .15 grows by a tenth, to .165: three tenths of the step to the next one of the sweep
    expected = 0.3 * abs(efficiency[1] - efficiency[0])
    assert table.loc["BN-eff", "bound"] == pytest.approx(expected)
    halves = trained.tables["controls"].query("null == 'half probe' and arm == 'vanilla'")
    expected = abs(halves["value"].mean() - trained.loop_measure("count")["vanilla"].mean())
    assert table.loc["BN-loops", "bound"] == pytest.approx(expected)


def test_inconclusive_claims_name_the_pairs_needed(trained, table):
    for name, row in table[table["n_needed"].notna()].iterrows():
        assert row["verdict"] == "inconclusive"
        (sample, *_) = CLAIMS[name].values(trained)
        if name not in ("SW", "DO-spec"):
            spread = (sample[CLAIMS[name].arm] - sample["vanilla"]).std()
            steps = scipy_stats.norm.ppf(1 - 0.025 / 11) + scipy_stats.norm.ppf(0.8)
            assert row["n_needed"] == np.ceil((steps * spread / row["bound"]) ** 2)


def test_what_is_left_is_the_excess_over_own_nulls(trained, table):
    rows = trained.tables["controls"].query("null == 'spectrum' and measure == 'global_efficiency'")
    excess = rows.assign(left=rows["value"] - rows["mean"]).pivot(
        index="network", columns="arm", values="left"
    )
    left = excess["batch_norm"] - excess["vanilla"]
    row = table.loc["BN-eff"]
    assert row["left"] == pytest.approx(left.mean())
    interval = scipy_stats.ttest_1samp(left, 0).confidence_interval(0.95)
    assert (row["left_low"], row["left_high"]) == pytest.approx(tuple(interval))
    own = trained.measure("global_efficiency")
    effect = own["batch_norm"] - own["vanilla"]
    words = {stats.control_word(effect, left), ""}
    assert row["control"] in words
    noise = np.sqrt(2 * np.mean(rows["sd"][rows["arm"] != "dropout"] ** 2 / rows["n"]))
    assert row["noise"] == pytest.approx(noise / left.std())
    assert row["against"] == "spectrum-preserving nulls"


def test_accuracy_is_compared_at_equal_training_loss(trained, table):
    lefts = []
    whole = trained.checkpoints.set_index(["network", "arm", "epoch"]).sort_index()
    for k in range(6):
        runs = {arm: whole.loc[k, arm] for arm in ("batch_norm", "vanilla")}
        target = max(run["train_loss"].iloc[-1] for run in runs.values())
        # np.interp wants rising losses; these fall from epoch to epoch
        found = {
            arm: np.interp(
                np.log(target), np.log(run["train_loss"][::-1]), run["test_accuracy"][::-1]
            )
            for arm, run in runs.items()
        }
        lefts.append(found["batch_norm"] - found["vanilla"])
    assert (
        trained.checkpoints.groupby(["arm", "network"])["train_loss"]
        .apply(lambda losses: losses.is_monotonic_decreasing)
        .all()
    )
    assert table.loc["BN-acc", "left"] == pytest.approx(np.mean(lefts))
    assert table.loc["BN-acc", "against"] == "equal training loss"


def test_the_last_time_a_loss_fell_to_a_target_counts():
    losses, values = np.array([1.0, 0.1, 0.5, 0.05]), np.array([0.0, 1.0, 2.0, 3.0])
    assert matched.at_loss(losses, values, 0.5) == 2
    halfway = np.exp((np.log(0.5) + np.log(0.05)) / 2)
    assert matched.at_loss(losses, values, halfway) == pytest.approx(2.5)
    assert matched.at_loss(losses, values, 0.05) == 3
    assert matched.at_loss(losses, values, 2.0) == 3  # was never as high


def test_robustness_is_compared_among_images_classified_correctly(trained, table):
    worst = trained.attacks.query("attack == 'worst'").pivot(
        index=["network", "arm"], columns="epsilon", values="accuracy"
    )
    area = pd.Series(np.trapezoid(worst, worst.columns) / 0.3, worst.index).unstack()
    clean = worst[0.0].unstack()
    shares = area / clean
    for claim, arm in (("BN-rob", "batch_norm"), ("DO-rob", "dropout")):
        scale = (clean[arm] + clean["vanilla"]) / 2
        expected = (scale * (shares[arm] - shares["vanilla"])).mean()
        assert table.loc[claim, "left"] == pytest.approx(expected)


def test_without_its_data_a_control_is_not_computed(trained, table):
    kept = {n: t for n, t in trained.tables.items() if n not in ("controls", "checkpoints")}
    bare = ledger(replace(trained, tables=kept)).set_index("claim")
    pd.testing.assert_series_equal(bare["effect"], table["effect"])
    asked = bare.drop(["BN-rob", "DO-rob", "CL"])
    assert set(asked["control"]) <= {"not computed", ""}
    assert asked["left"].isna().all()
    assert np.isnan(bare.loc["BN-loops", "bound"])


def test_the_registered_words_are_those_of_the_old_rule(trained, table):
    left = table.dropna(subset="adjusted")
    strength = trained.network_measure("mean_abs_r")
    pair = (trained.measure("global_efficiency"), strength)
    old = stats.adjusted_effect(
        *(sample[arm] for sample in pair for arm in ("batch_norm", "vanilla")), CONFIG.seed
    )
    assert left.loc["BN-eff", "adjusted"] == old.mean
    z = strength["batch_norm"] - strength["vanilla"]
    assert table.loc["BN-eff", "leverage"] == pytest.approx(abs(z.mean()) / z.std())
    allowed = {"supported", "contradicted", "inconclusive", "explained away"}
    assert set(table["registered"]) <= allowed


def effect(mean, p):
    return stats.Effect(mean, mean - 0.3, mean + 0.3, 0.5, 1.0, p, 20)


def registered_words(effects, left=None, direction=1):
    rows = [{"weakest": each, "p_holm": each.p, "direction": direction} for each in effects]
    return registered(rows, [left or matched.NOTHING] * len(effects))


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (None, "supported"),
        (effect(1, 0.01), "supported"),
        (effect(1, 0.2), "explained away"),
        (effect(0.2, 0.01), "explained away"),
        (effect(-1, 0.01), "explained away"),
    ],
)
def test_the_registered_words_about_controls(left, expected):
    assert registered_words([effect(1, 0.01)], left) == [expected]


def test_registered_words_of_many_claims_at_once():
    effects = [effect(1, 0.01), effect(-1, 0.01), effect(-1, 0.05), effect(1, 0.0499)]
    words = ["supported", "contradicted", "inconclusive", "supported"]
    assert registered_words(effects) == words
    mirrored = ["contradicted", "supported", "inconclusive", "contradicted"]
    assert registered_words(effects, direction=-1) == mirrored
    assert registered_words([effect(1, 0.5)], effect(1, 0.5)) == ["inconclusive"]
    # what is left is corrected over all claims that have a control
    assert registered_words([effect(1, 0.01)] * 2, effect(1, 0.03)) == ["explained away"] * 2


def test_a_claim_with_parts_is_as_good_as_its_weakest(trained, table):
    parts = [
        stats.paired_effect(values["dropout"], values["vanilla"], CONFIG.seed)
        for values in (trained.measure("clustering"), trained.measure("modularity"))
    ]
    assert table.loc["DO-spec", "hedges_g"] == min(part.hedges_g for part in parts)
    assert table.loc["DO-spec", "p"] == max(part.p for part in parts)


def test_a_baseline_is_chosen_on_other_networks_than_it_is_tested_on(trained, table):
    keys = list(trained.diagrams)
    arms = np.array([arm for arm, _ in keys])
    topological = topology.sliced_wasserstein_matrix([h1 for _, h1 in trained.diagrams.values()])
    strengths = [trained.functional_network(*key).strength for key in keys]
    rows = trained.networks.set_index(["arm", "network"]).loc[keys]
    baselines = clustering.baseline_distances(rows, strengths, density=0.15)
    odd = np.array([network % 2 == 1 for _, network in keys])

    def ari(distances, part):
        labels = clustering.cluster(distances[np.ix_(part, part)], 3, "average", 0)
        return adjusted_rand_score(arms[part], labels)

    everything = np.ones(len(arms), bool)
    assert table.loc["CL", "effect"] == pytest.approx(ari(topological, everything))
    best = max(baselines, key=lambda name: ari(baselines[name], ~odd))
    expected = ari(topological, odd) - ari(baselines[best], odd)
    assert table.loc["CL", "left"] == pytest.approx(expected)
    assert table.loc["CL", "against"] == f"best simple quantity: {best}"
    best = max(ari(baseline, everything) for baseline in baselines.values())
    assert table.loc["CL", "adjusted"] == pytest.approx(table.loc["CL", "effect"] - best)


def test_vanilla_against_itself_goes_through_the_whole_rule(trained, table):
    """An A/A arm that is vanilla has no effect anywhere, and is in no claim."""
    tables = {name: twice(table) for name, table in trained.tables.items()}
    diagrams = trained.diagrams | {
        ("vanilla_aa", k): trained.diagrams["vanilla", k] for k in range(6)
    }
    config = replace(CONFIG, arms=(*CONFIG.arms, "vanilla_aa"))
    again = replace(trained, config=config, tables=tables, diagrams=diagrams, arrays=trained.arrays)
    twofold = ledger(again).set_index("claim")
    pd.testing.assert_frame_equal(twofold.drop(columns="aa"), table.drop(columns="aa"))
    tested = twofold.loc[[name for name, claim in CLAIMS.items() if claim.arm], "aa"]
    assert set(tested) == {"equivalent"}
    assert set(twofold.loc[["SW", "CL"], "aa"]) == {""}


def twice(table):
    copy = table[table["arm"] == "vanilla"].assign(arm="vanilla_aa")
    return pd.concat([table, copy], ignore_index=True)


def test_each_by_is_a_rank_correlation(trained):
    by = ledgers.associations(trained)
    assert len(by) == 9 * 3
    row = by.query("claim == 'BN-ft' and where == 'pairs'").iloc[0]
    local, area = trained.measure("local_efficiency"), robust_area(trained)
    pair = (table["batch_norm"] - table["vanilla"] for table in (local, area))
    assert row["rho"] == pytest.approx(scipy_stats.spearmanr(*pair).statistic)
    expected = multipletests(by["p"], method="fdr_bh")[1]
    np.testing.assert_allclose(by["p_bh"], expected)
    assert set(by["word"]) <= {
        *("associated as claimed", "associated against the claim", "no association found")
    }


def test_every_control_is_shown(trained, table):
    shown = ledgers.controls_table(trained).query("claim == 'BN-eff'").set_index("against")
    rows = trained.tables["controls"].query("measure == 'global_efficiency' and arm != 'dropout'")
    whole = rows.groupby("null").size() == 12  # a singular matrix has no configuration model
    assert shown.index.tolist() == [matched.AGAINST[k] for k in controls.KINDS if whole[k]]
    primary = shown.loc["spectrum-preserving nulls"]
    assert primary["left"] == table.loc["BN-eff", "left"]


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


def test_published_tables_are_those_of_the_study(trained, table, tmp_path, monkeypatch):
    monkeypatch.setattr(published, "FOLDER", tmp_path)
    published.publish(trained, "small")
    kept = published.load("small")
    assert kept.tables.keys() == trained.tables.keys()
    for name, due in trained.tables.items():
        pd.testing.assert_frame_equal(kept.tables[name], due)
    pd.testing.assert_frame_equal(published.ledger_of("small"), table.reset_index())
    assert kept.config == trained.config
    assert published.names() == ["small"]
    stages = {"population", "analysis", "attacks", "lesions", "controls", "dynamics"}
    assert kept.info["stages"].keys() == stages
    assert kept.info["seconds"] == trained.info["seconds"]
    pd.testing.assert_frame_equal(robust_area(kept), robust_area(trained))
    for network in range(3):
        r, single = trained.correlation("vanilla", network), kept.correlation("vanilla", network)
        np.testing.assert_allclose(single, r, atol=1e-7)  # float32
    with pytest.raises(ValueError, match="correlations of 'vanilla-3' are not published"):
        kept.correlation("vanilla", 3)
    mine, theirs = (each.population("vanilla", 0).state_dict() for each in (kept, trained))
    assert all(torch.equal(mine[name], value) for name, value in theirs.items())
    for network, epoch in ((1, None), (0, 0)):
        with pytest.raises(ValueError, match="are not published: train them"):
            kept.population("vanilla", network, epoch)
    with pytest.raises(ValueError, match="did you mean 'small'"):
        published.load("smalll")


def test_a_failed_publication_leaves_the_old_one(trained, table, tmp_path, monkeypatch):
    monkeypatch.setattr(published, "ledger", lambda study: table.reset_index())  # made once
    monkeypatch.setattr(published, "FOLDER", tmp_path)
    folder = published.publish(trained, "small")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    monkeypatch.setattr(np, "savez_compressed", None)
    with pytest.raises(ValueError, match="can not be kept"):
        published.publish(trained, "small")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert published.names() == ["small"]
    with pytest.raises(ValueError, match="is frozen: publish under another name"):
        published.publish(trained, "mnist_5k-2026-11-untrained")


def test_untrained_studies_are_published_without_attacks(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(published, "FOLDER", tmp_path)
    untrained = studies.run(CONFIG.untrained(), store=trained.arrays.store, workers=1)
    folder = published.publish(untrained, "small-untrained")
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
