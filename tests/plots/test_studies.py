"""Figures of studies show the numbers of their tables, and need nothing but these."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from funcnet_utils import plots

ARMS = ("vanilla", "batch_norm")


@pytest.fixture
def study():
    rng = np.random.default_rng(0)
    tables = {
        name: pd.DataFrame(rng.random((4, 2)), columns=list(ARMS))
        for name in ("sigma", "sigma_hqs", "mean_abs_r")
    }
    keys = pd.MultiIndex.from_product(
        [ARMS, range(4), ("worst", "noise"), (0.0, 0.1)],
        names=["arm", "network", "attack", "epsilon"],
    )
    attacks = pd.DataFrame({"accuracy": rng.random(len(keys))}, keys).reset_index()
    lesions = attacks.rename(columns={"attack": "strategy", "epsilon": "share"})
    yield SimpleNamespace(
        config=SimpleNamespace(arms=ARMS),
        measure=tables.get,
        network_measure=tables.get,
        attacks=attacks,
        lesions=lesions.assign(clamp="zero"),
    )
    plt.close("all")


def mean_lines(ax):
    return [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == 2]


def test_attacks_and_lesions_have_a_panel_each_and_means_of_the_arms(study):
    figures = {
        "attack": plots.plot_attacks(study, {"worst": "worst attack", "noise": "noise"}),
        "strategy": plots.plot_lesions(study, {("worst", "zero"): "a", ("noise", "zero"): "b"}),
    }
    for figure, column in zip(figures.values(), ("attack", "strategy"), strict=True):
        for ax, kind in zip(figure.axes, ("worst", "noise"), strict=True):
            rows = study.attacks[study.attacks["attack"] == kind]
            expected = rows.groupby(["arm", "epsilon"], sort=False)["accuracy"].mean().unstack()
            for arm, drawn in zip(ARMS, mean_lines(ax), strict=False):
                np.testing.assert_allclose(drawn, expected.loc[arm], err_msg=column)
            assert ax.get_ylim() == (0, 1.02)
    assert figures["attack"].axes[0].get_xlabel() == "largest change of a pixel, ε"
    assert figures["attack"].axes[1].get_xlabel() == "standard deviation, ε"


def test_strength_draws_pairs(study):
    figure = plots.plot_strength(study, "batch_norm", "sigma")
    drawn = figure.axes[1].lines[0]
    for values, name in ((drawn.get_xdata(), "mean_abs_r"), (drawn.get_ydata(), "sigma")):
        table = study.measure(name)
        np.testing.assert_array_equal(values, table["batch_norm"] - table["vanilla"])


def test_null_stands_beside_the_networks(study):
    ax = plots.plot_against_null(study)
    drawn = np.sort(np.concatenate([dots.get_offsets()[:, 1] for dots in ax.collections]))
    expected = np.sort(
        np.concatenate([study.measure(n).to_numpy().ravel() for n in ("sigma", "sigma_hqs")])
    )
    np.testing.assert_allclose(drawn, expected)
    again = plots.plot_against_null(study, plt.figure().gca())
    for one, other in zip(
        ax.collections, again.collections, strict=True
    ):  # nothing is placed at random
        np.testing.assert_array_equal(one.get_offsets(), other.get_offsets())
    assert [label.get_text() for label in ax.get_xticklabels()] == ["vanilla", "batch norm"]


def test_verdicts_and_ledger_name_every_row():
    table = pd.DataFrame(
        {
            "claim": ["A", "B"],
            "measure": ["loops", "gap"],
            "title": ["digits, 1 epoch"] * 2,
            "verdict": ["supported, negligible", "equivalent"],
            "control": ["holds", ""],
            "effect": [2.0, -1.0],
            "low": [1.0, -2.0],
            "high": [3.0, -0.5],
            "hedges_g": [0.5, -0.25],
            "direction": [1, -1],
        }
    )
    _, (one, two) = plt.subplots(1, 2)
    plots.plot_verdicts(table, one)
    assert [text.get_text() for text in one.texts] == [
        "supported,\nnegligible\nholds",
        "equivalent",
    ]
    plots.plot_ledger(table, two)
    assert [label.get_text() for label in two.get_yticklabels()] == ["B: gap", "A: loops"]
    marks = [
        line.get_xdata()[0]
        for line in two.lines
        if line.get_marker() in "oD" and len(line.get_xdata())
    ]
    assert marks == pytest.approx([0.25, 0.5])  # Hedges g in the claimed direction, from below
    named = [text.get_text() for text in two.get_legend().get_texts()]
    assert named == ["supported", "equivalent"]
    plt.close("all")
