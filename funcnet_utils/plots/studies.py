"""Figures of studies and ledgers. A study is anything with its tables, such as a `Study`."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from funcnet_utils.plots.arms import plot_arms
from funcnet_utils.plots.style import COLORS, REFERENCE, draw_curves, finish, row_of_axes, title

MARKS = {
    "supported": ("o", "#0072B2"),
    "contradicted": ("X", "#D55E00"),
    "equivalent": ("D", "#CC79A7"),
    "inconclusive": ("s", "#777777"),
}
"""By the first word of a verdict."""
PIXEL = "largest change of a pixel, ε"
SILENT = "share of hidden units that are silent"
STRENGTH = {"noise": "standard deviation, ε", "pixel_flips": "share of pixels, ε"}


def plot_verdicts(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw both words of several runs as a grid, verdicts told apart by mark, word and colour.

    Parameters
    ----------
    table : DataFrame
        As `funcnet_utils.studies.ledgers.all_runs` returns it: a row per claim, a column per run.
    """
    ax = ax or plt.gca()
    claims, runs = (list(dict.fromkeys(table[column])) for column in ("claim", "title"))
    for _, row in table.iterrows():
        x, y = runs.index(row["title"]), claims.index(row["claim"])
        marker, color = MARKS[_first(row["verdict"])]
        ax.plot(x - 0.4, y, marker, color=color, markersize=7)
        words = f"{row['verdict']}\n{row['control']}".strip().replace(", ", ",\n")
        ax.text(x - 0.33, y, words, va="center", fontsize="x-small", linespacing=0.95)
    titles = [run.replace(" (", "\n(").replace(", ", "\n") for run in runs]
    ax.set_xticks(range(len(runs)), titles, fontsize="small")
    ax.set_yticks(range(len(claims)), claims)
    ax.set(xlim=(-0.5, len(runs) - 0.4), ylim=(len(claims) - 0.5, -0.5))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _first(verdict: str) -> str:
    return verdict.partition(",")[0]


def plot_ledger(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw paired effects in pooled standard deviations, claimed direction to the right.

    Parameters
    ----------
    table : DataFrame
        Rows of a ledger, of which those with a finite Hedges g are drawn from top to bottom.
    """
    ax = ax or plt.gca()
    rows = table[np.isfinite(table["hedges_g"])].iloc[::-1]
    for place, (_, row) in enumerate(rows.iterrows()):
        scale = row["hedges_g"] / row["effect"] * row["direction"] if row["effect"] else 0.0
        marker, color = MARKS[_first(row["verdict"])]
        ends = sorted((row["low"] * scale, row["high"] * scale))
        ax.plot(ends, [place, place], color=color, linewidth=2)
        ax.plot(row["effect"] * scale, place, marker, color=color, markersize=8)
    for verdict, (marker, color) in MARKS.items():
        if verdict in set(map(_first, rows["verdict"])):
            ax.plot([], [], marker, color=color, label=verdict)
    ax.axvline(0, **REFERENCE)
    ax.set_yticks(range(len(rows)), rows["claim"] + ": " + rows["measure"])
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.18), ncols=4)
    return finish(ax, xlabel="effect in the claimed direction, in standard deviations (Hedges g)")


def plot_against_null(study: Any, ax: Axes | None = None) -> Axes:
    """Draw small-worldness of every network beside that of random correlation matrices.

    Parameters
    ----------
    study : Study
        Any study; each arm has two columns, the networks and the means over their HQS matrices.
    """
    ax, arms = ax or plt.gca(), study.config.arms
    for graph, measure, side, color in (
        ("functional network", "sigma", -0.2, "#222222"),
        ("HQS null", "sigma_hqs", 0.2, "#CC79A7"),
    ):
        values = study.measure(measure)[[*arms]].to_numpy()
        apart = np.linspace(-0.08, 0.08, len(values))[:, None]  # networks side by side, by number
        ax.scatter(np.arange(len(arms)) + side + apart, values, s=12, color=color, label=graph)
    ax.axhline(1, **REFERENCE)
    ax.set_xticks(range(len(arms)), [title(arm) for arm in arms])
    return finish(ax, legend=True, xlabel="", ylabel="small-worldness σ")


def plot_strength(study: Any, arm: str, measure: str) -> Figure:
    """Draw mean ``|r|`` of every network, and how differences of a measure go with it.

    Parameters
    ----------
    study : Study
        A study with vanilla networks.
    arm : str
        The arm that is compared with vanilla.
    measure : str
        A graph measure.
    """
    strength, values = study.network_measure("mean_abs_r"), study.measure(measure)
    fig, (left, right) = row_of_axes(2, 3.2)
    plot_arms(strength, "mean |r|", ax=left)
    x, y = (table[arm] - table["vanilla"] for table in (strength, values))
    right.plot(x, y, "o", color=COLORS[arm], label=f"a pair: {title(arm)} minus vanilla")
    right.axhline(0, **REFERENCE)
    right.axvline(0, **REFERENCE)
    right.legend(frameon=False, fontsize="small")
    difference = f"difference in {measure.replace('_', ' ')}"
    finish(right, xlabel="difference in mean |r|", ylabel=difference)
    return fig


def plot_attacks(study: Any, attacks: dict[str, str]) -> Figure:
    """Draw accuracy against epsilon, a panel per attack.

    Parameters
    ----------
    study : Study
        A study with attacks.
    attacks : dict of str to str
        Attacks of `funcnet_utils.models.attack_table`, and their titles.
    """
    labels = {name: STRENGTH.get(attack, PIXEL) for attack, name in attacks.items()}
    return _panels(study.attacks.groupby("attack"), attacks, "epsilon", labels)


def plot_lesions(study: Any, lesions: dict[tuple[str, str], str]) -> Figure:
    """Draw accuracy against the share of silent units, a panel per kind of lesion.

    Parameters
    ----------
    study : Study
        A study with lesions.
    lesions : dict of (str, str) to str
        Strategy and clamp, as in `funcnet_utils.models.lesion_table`, and their titles.
    """
    rows = study.lesions.groupby(["strategy", "clamp"])
    return _panels(rows, lesions, "share", dict.fromkeys(lesions.values(), SILENT))


def _panels(groups: Any, names: dict[Any, str], x: str, labels: dict[str, str]) -> Figure:
    fig, axes = row_of_axes(len(names), 3.2, narrow=6.0, sharey=True)
    for (key, name), ax in zip(names.items(), axes, strict=True):
        draw_curves(groups.get_group(key), x, "accuracy", ax)
        ax.set(ylim=(0, 1.02), xlabel=labels[name], ylabel="accuracy", title=name)
    return fig
