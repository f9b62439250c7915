"""Figures that several chapters draw of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from funcnet_utils.arms import ARMS
from funcnet_utils.plots.arms import plot_arms
from funcnet_utils.plots.style import COLORS, REFERENCE, name_arms

if TYPE_CHECKING:
    from funcnet_utils.studies import Study

MARKS = {
    "supported": ("o", "#0072B2"),
    "contradicted": ("X", "#D55E00"),
    "explained away": ("D", "#CC79A7"),
    "inconclusive": ("s", "#777777"),
}

STRENGTH = {
    "worst": "largest change of a pixel, ε",
    "noise": "standard deviation, ε",
    "pixel_flips": "share of pixels, ε",
}


def plot_verdicts(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the verdicts of several runs as a grid, told by mark, word and colour.

    Parameters
    ----------
    table : DataFrame
        As `all_runs` returns it.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        A row a claim, a column a run.
    """
    ax = ax or plt.gca()
    claims, runs = (list(dict.fromkeys(table[column])) for column in ("claim", "title"))
    for _, row in table.iterrows():
        x, y = runs.index(row["title"]), claims.index(row["claim"])
        marker, color = MARKS[row["verdict"]]
        ax.plot(x - 0.35, y, marker, color=color, markersize=8)
        ax.text(x - 0.27, y, row["verdict"], va="center", fontsize="small")
    ax.set_xticks(range(len(runs)), [run.replace(", ", "\n") for run in runs], fontsize="small")
    ax.set_yticks(range(len(claims)), claims)
    ax.set(xlim=(-0.5, len(runs) - 0.4), ylim=(len(claims) - 0.5, -0.5))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def plot_ledger(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw paired effects in pooled standard deviations, claimed direction to the right.

    Parameters
    ----------
    table : DataFrame
        Rows of a ledger with a finite Hedges g.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        A row each, from top to bottom; the mark tells the verdict.
    """
    ax = ax or plt.gca()
    rows = table[np.isfinite(table["hedges_g"])].iloc[::-1]
    for place, (_, row) in enumerate(rows.iterrows()):
        scale = row["hedges_g"] / row["effect"] * row["direction"] if row["effect"] else 0.0
        marker, color = MARKS[row["verdict"]]
        ends = sorted((row["low"] * scale, row["high"] * scale))
        ax.plot(ends, [place, place], color=color, linewidth=2)
        ax.plot(row["effect"] * scale, place, marker, color=color, markersize=8)
    ax.axvline(0, **REFERENCE)
    names = [f"{row['claim']}: {row['measure']}" for _, row in rows.iterrows()]
    ax.set_yticks(range(len(rows)), names)
    ax.set(xlabel="effect in the claimed direction, in standard deviations (Hedges g)")
    present = [verdict for verdict in MARKS if verdict in set(rows["verdict"])]
    handles = [
        plt.Line2D([], [], marker=MARKS[v][0], color=MARKS[v][1], linestyle="", label=v)
        for v in present
    ]
    ax.legend(handles=handles, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.18), ncols=4)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def plot_panels(tables: dict[str, pd.DataFrame]) -> Figure:
    """Draw measures side by side, every network as a dot in the column of its arm.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Name of each measure, and its table with a row a network and a column an arm.
    """
    wide = 5.5 if len(tables) == 1 else 8.5
    fig, axes = plt.subplots(1, len(tables), figsize=(wide, 3.2), squeeze=False)
    for (name, table), ax in zip(tables.items(), axes.flat, strict=True):
        plot_arms(table, name, ax=ax)
    return fig


def plot_against_null(study: Study, ax: Axes | None = None) -> Axes:
    """Draw small-worldness of every network beside that of random correlation matrices.

    Parameters
    ----------
    study : Study
        Any study.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        A pair of columns an arm: the networks, and for each the mean over its HQS matrices.
    """
    sources = {"functional network": "sigma", "HQS null": "sigma_hqs"}
    long = pd.concat(
        study.measure(measure).melt(var_name="arm", value_name="σ").assign(graph=graph)
        for graph, measure in sources.items()
    )
    ax = sns.stripplot(
        long, x="arm", y="σ", hue="graph", dodge=True, size=4, palette=["#222222", "#CC79A7"], ax=ax
    )
    ax.axhline(1, **REFERENCE)
    ax.set(xlabel="", ylabel="small-worldness σ")
    arms = study.config.arms
    ax.set_xticks(range(len(arms)), [ARMS[arm].title for arm in arms])
    ax.legend(frameon=False)
    sns.despine(ax=ax)
    return ax


def plot_strength(study: Study, arm: str, measure: str) -> Figure:
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
    fig, axes = plt.subplots(1, 2, figsize=(8.5, 3.2))
    plot_arms(strength, "mean |r|", ax=axes[0])
    axes[1].plot(
        strength[arm] - strength["vanilla"],
        values[arm] - values["vanilla"],
        "o",
        color=COLORS[arm],
        label=f"a pair: {ARMS[arm].title} minus vanilla",
    )
    axes[1].axhline(0, **REFERENCE)
    axes[1].axvline(0, **REFERENCE)
    axes[1].set(
        xlabel="difference in mean |r|", ylabel=f"difference in {measure.replace('_', ' ')}"
    )
    axes[1].legend(frameon=False, fontsize="small")
    sns.despine(fig)
    return fig


def plot_attacks(study: Study, attacks: dict[str, str]) -> Figure:
    """Draw accuracy against epsilon, a panel an attack.

    Parameters
    ----------
    study : Study
        Its networks are attacked now, if they were not before.
    attacks : dict of str to str
        Attacks of `funcnet_utils.models.attack_table`, and their titles.
    """
    wide = 6.0 if len(attacks) == 1 else 8.5
    fig, axes = plt.subplots(1, len(attacks), figsize=(wide, 3.2), sharey=True, squeeze=False)
    for (attack, name), ax in zip(attacks.items(), axes.flat, strict=True):
        _curves(study.attacks[study.attacks["attack"] == attack], "epsilon", ax)
        ax.set(xlabel=STRENGTH.get(attack, STRENGTH["worst"]), ylabel="accuracy", title=name)
    return fig


def plot_lesions(study: Study, lesions: dict[tuple[str, str], str]) -> Figure:
    """Draw accuracy against the share of silent units, a panel a kind of lesion.

    Parameters
    ----------
    study : Study
        Its networks are lesioned now, if they were not before.
    lesions : dict of (str, str) to str
        Strategy and clamp, as in `funcnet_utils.models.lesion_table`, and their titles.
    """
    fig, axes = plt.subplots(1, len(lesions), figsize=(8.5, 3.2), sharey=True)
    table = study.lesions
    for ((strategy, clamp), name), ax in zip(lesions.items(), axes, strict=True):
        chosen = (table["strategy"] == strategy) & (table["clamp"] == clamp)
        _curves(table[chosen], "share", ax)
        ax.set(xlabel="share of hidden units that are silent", ylabel="accuracy", title=name)
    return fig


def _curves(table: pd.DataFrame, x: str, ax: Axes) -> None:
    sns.lineplot(
        table,
        x=x,
        y="accuracy",
        hue="arm",
        style="arm",
        markers=True,
        dashes=False,
        errorbar="sd",
        palette=COLORS,
        ax=ax,
    )
    ax.set_ylim(0, 1.02)
    name_arms(ax)
    sns.despine(ax=ax)
