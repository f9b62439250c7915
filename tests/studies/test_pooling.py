"""Networks of several studies side by side: what is pooled, left out together, and drawn."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from funcnet_utils import plots, topology
from funcnet_utils.network import FunctionalNetwork
from funcnet_utils.studies import pooling, published
from funcnet_utils.studies.config import StudyConfig

ARMS = ("vanilla", "batch_norm", "dropout")


def activations(rng, n):
    return rng.normal(size=(60, 3)) @ rng.normal(size=(3, n)) + rng.normal(size=(60, n))


def made_up(dataset, n_networks=4, shift=0.0, seed=0):
    """A study of random correlations, whose arms differ in every baseline by one."""
    rng = np.random.default_rng(seed)
    keys = [(arm, network) for arm in ARMS for network in range(n_networks)]
    correlations = {key: np.corrcoef(activations(rng, 14).T) for key in keys}
    diagrams = {key: topology.persistence(1 - np.abs(r)) for key, r in correlations.items()}
    networks = pd.DataFrame(keys, columns=["arm", "network"])
    for name in pooling.BASELINES:
        networks[name] = shift + networks["arm"].map(ARMS.index) + rng.normal(0, 0.01, len(keys))
    loops = pd.DataFrame(
        [
            {"arm": arm, "network": k, "dimension": 1, "measure": name, "value": value}
            for (arm, k), (_, h1) in diagrams.items()
            for name, value in topology.summary(h1).items()
        ]
    )
    return SimpleNamespace(
        config=StudyConfig(dataset=dataset, hidden=(10, 4), density=0.3, densities=()),
        networks=networks.sample(frac=1, random_state=1),
        loops=loops,
        diagrams=diagrams,
        functional_network=lambda *key: FunctionalNetwork.from_correlation(correlations[key]),
    )


@pytest.fixture(scope="module")
def several():
    studies = [made_up("mnist_5k"), made_up("mnist", shift=50), made_up("digits", shift=100)]
    return {study.config.dataset: study for study in studies}


@pytest.fixture(scope="module")
def table(several):
    return pooling.unseen_table(several, seed=0)


def test_pool_has_a_row_a_network_in_the_order_of_its_distances(several):
    networks, _, distances = pooling.pool(several)
    assert len(networks) == len(distances) == 36
    first = made_up("mnist_5k")
    count = [len(first.diagrams[arm, k][1]) for arm, k in networks[["arm", "network"]][:12].values]
    assert networks["count"][:12].tolist() == count
    assert networks["mean_abs_r"].sub(
        networks["arm"].map(ARMS.index)
    ).round().unique().tolist() == [
        0,
        50,
        100,
    ]
    loops = [h1 for _, h1 in first.diagrams.values()]
    expected = topology.sliced_wasserstein_matrix(loops, pooling.N_DIRECTIONS)
    np.testing.assert_allclose(distances[:12, :12], expected, atol=1e-12)
    # the same made-up networks in every study
    np.testing.assert_allclose(distances[:12, 12:24], expected, atol=1e-12)


def test_a_part_of_a_data_set_is_left_out_with_the_whole(table):
    assert sorted(table["group"].unique()) == ["MNIST", "digits"]
    assert table.query("group == 'MNIST'")["n"].unique().tolist() == [24]
    assert set(table["quantity"]) == set(plots.clusters.QUANTITIES)


def test_standardised_quantities_are_found_again_and_shifted_ones_are_not(table):
    share = table.set_index(["scale", "quantity", "group"])["accuracy"].sort_index()
    raw, scaled = pooling.SCALES
    for name in pooling.BASELINES.values():
        assert (share[scaled, name] == 1).all()
        # all networks of the other data set are far, on one side: one arm is nearest to all
        assert share[raw, name].tolist() == pytest.approx([1 / 3, 1 / 3])
    # the loops are those of the same networks, which are found at distance 0
    assert (raw, pooling.DIAGRAMS) in share.index
    assert (scaled, pooling.DIAGRAMS) not in share.index


def test_published_studies_of_other_data_sets_join(monkeypatch):
    kept = {
        "mnist": made_up("mnist"),
        "mnist_5k": made_up("mnist_5k"),
        "mnist-untrained": made_up("mnist"),
    }
    object.__setattr__(kept["mnist-untrained"].config, "n_epochs", 0)
    monkeypatch.setattr(published, "names", lambda: sorted(kept))
    monkeypatch.setattr(published, "load", kept.get)
    page = made_up("mnist_5k")
    found = pooling.all_studies(page, made_up("digits"))
    assert list(found) == ["MNIST (5,000 digits)", "digits", "MNIST"]
    assert found["MNIST (5,000 digits)"] is page
    assert found["MNIST"] is kept["mnist"]


def test_loops_of_matched_matrices_are_theirs_and_not_those_of_the_networks():
    study = made_up("digits", n_networks=2)
    found = pooling.matched_loops(study)
    again = pooling.matched_loops(study)
    assert len(found) == 6
    for one, two in zip(found, again, strict=True):
        np.testing.assert_array_equal(one, two)
    real = [h1 for _, h1 in study.diagrams.values()]
    everything = topology.sliced_wasserstein_matrix([*found, *real])
    assert (everything[np.triu_indices(12, 1)] > 0).all()


def numbers(ax):
    return [float(text.get_text()) for text in ax.texts]


def test_indices_are_drawn_where_they_belong():
    groups = plots.clusters.TOPOLOGICAL, plots.clusters.REPRESENTATIONS, plots.clusters.SIMPLE
    names = [name for group in groups for name in group]
    rows = [
        {"distance": name, "method": method, "k_rule": rule, "ari": (10 * i + j) / 1000}
        for rule in ("given", "silhouette")
        for i, name in enumerate(names)
        for j, method in enumerate(plots.clusters.METHODS)
    ]
    for row in rows:
        row["ari"] = round(row["ari"] + 0.5 * (row["k_rule"] == "silhouette"), 2)
    fig = plots.plot_ari(pd.DataFrame(rows).sample(frac=1, random_state=0))
    for ax, rule in zip(fig.axes, ("given", "silhouette"), strict=True):
        assert numbers(ax) == [row["ari"] for row in rows if row["k_rule"] == rule]
        heights = [line.get_ydata()[0] for line in ax.lines[-2:]]
        assert heights == [len(groups[0]), len(groups[0]) + len(groups[1])]
    labels = [label.get_text() for label in fig.axes[0].get_yticklabels()]
    assert labels == list(plots.clusters.TITLES.values())
    plt.close(fig)


def test_panels(table):
    fig = plots.plot_unseen(table)
    assert len(numbers(fig.axes[0])) == 2 * len(plots.clusters.QUANTITIES)
    assert len(numbers(fig.axes[1])) == 2 * (len(plots.clusters.QUANTITIES) - 1)
    plt.close(fig)
