"""Figures of arms: every network, the densities, the effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from funcnet_utils.plots.style import COLORS, NEUTRAL, REFERENCE, name_arms, title


def plot_arms(
    table: pd.DataFrame, ylabel: str, reference: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw one dot a network and the mean of each arm, pairs joined by a thin line.

    Parameters
    ----------
    table : DataFrame, shape (n_networks, n_arms)
        One column an arm, as `Study.measure` returns it.
    ylabel : str
        Name and units of the measure.
    reference : float, optional
        A value to compare with, drawn as a dashed line.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = ax or plt.gca()
    places = np.arange(table.shape[1])
    ax.plot(places, table.to_numpy().T, color="#999999", alpha=0.35, linewidth=0.6, zorder=1)
    for place, arm in zip(places, table.columns, strict=True):
        color = COLORS.get(arm, NEUTRAL)
        ax.scatter(np.full(len(table), place), table[arm], s=16, color=color, alpha=0.7, zorder=2)
        ax.hlines(table[arm].mean(), place - 0.22, place + 0.22, color="black", linewidth=2)
    if reference is not None:
        ax.axhline(reference, **REFERENCE)
    ax.set_xticks(places, [title(arm) for arm in table.columns])
    ax.set(ylabel=ylabel, xlim=(-0.5, len(places) - 0.5))
    sns.despine(ax=ax)
    return ax


def plot_sweep(
    measures: pd.DataFrame,
    measure: str,
    ylabel: str,
    reference: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a measure over densities: the mean of each arm, with a band of one sd over networks.

    Parameters
    ----------
    measures : DataFrame
        Columns arm, network, density, measure, value, as `Study.graph_measures`.
    measure : str
        Which measure.
    ylabel : str
        Name and units of the measure.
    reference : float, optional
        A value to compare with, drawn as a dashed line.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = ax or plt.gca()
    rows = measures[measures["measure"] == measure]
    sns.lineplot(
        rows,
        x="density",
        y="value",
        hue="arm",
        style="arm",
        palette=COLORS,
        errorbar="sd",
        markers=True,
        dashes=False,
        ax=ax,
    )
    if reference is not None:
        ax.axhline(reference, **REFERENCE)
    ax.set(xlabel="density (share of pairs that are edges)", ylabel=ylabel)
    name_arms(ax)
    sns.despine(ax=ax)
    return ax


def plot_effects(
    effects: Mapping[str, Sequence[float]], xlabel: str, ax: Axes | None = None
) -> Axes:
    """Draw mean effects with their intervals, one row each, and a line at 0.

    Parameters
    ----------
    effects : mapping of str to (mean, low, high)
        Rows from top to bottom.
    xlabel : str
        Name and units of the effect.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = ax or plt.gca()
    rows = np.arange(len(effects))[::-1]
    for row, (name, (mean, low, high)) in zip(rows, effects.items(), strict=True):
        color = COLORS.get(name, NEUTRAL)
        ax.plot([low, high], [row, row], color=color, linewidth=2.5)
        ax.plot(mean, row, "o", color=color)
    ax.axvline(0, **REFERENCE)
    ax.set_yticks(rows, [title(name) for name in effects])
    ax.set(xlabel=xlabel, ylim=(-0.6, len(rows) - 0.4))
    sns.despine(ax=ax)
    return ax
