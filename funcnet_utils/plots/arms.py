"""Figures of arms: every network, the densities, the effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from funcnet_utils.plots import style


def plot_arms(
    table: pd.DataFrame, ylabel: str, reference: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw one dot per network and the mean of each arm, pairs joined by a thin line.

    Parameters
    ----------
    table : DataFrame, shape (n_networks, n_arms)
        One column per arm, as `Study.measure` returns it.
    ylabel : str
        Name and units of the measure.
    reference : float, optional
        A value to compare with, drawn as a dashed line.
    """
    ax = ax or plt.gca()
    places = np.arange(table.shape[1])
    ax.plot(places, table.to_numpy().T, color="#999999", alpha=0.35, linewidth=0.6, zorder=1)
    for place, arm in zip(places, table.columns, strict=True):
        color = style.COLORS.get(arm, style.NEUTRAL)
        ax.scatter(np.full(len(table), place), table[arm], s=16, color=color, alpha=0.7, zorder=2)
        ax.hlines(table[arm].mean(), place - 0.22, place + 0.22, color="black", linewidth=2)
    if reference is not None:
        ax.axhline(reference, **style.REFERENCE)
    ax.set_xticks(places, [style.title(arm) for arm in table.columns])
    return style.finish(ax, ylabel=ylabel, xlim=(-0.5, len(places) - 0.5))


def plot_panels(tables: dict[str, pd.DataFrame]) -> Figure:
    """Draw measures side by side, every network as a dot in the column of its arm.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Name of each measure, and its table with a row per network and a column per arm.
    """
    fig, axes = style.row_of_axes(len(tables), 3.2, narrow=5.5)
    for (name, table), ax in zip(tables.items(), axes, strict=True):
        plot_arms(table, name, ax=ax)
    return fig


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
    ylabel, reference
        As in `plot_arms`.
    """
    rows = measures[measures["measure"] == measure]
    ax = style.draw_curves(rows, "density", "value", ax or plt.gca())
    if reference is not None:
        ax.axhline(reference, **style.REFERENCE)
    return style.finish(ax, xlabel="density (share of pairs that are edges)", ylabel=ylabel)


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
    """
    ax = ax or plt.gca()
    rows = np.arange(len(effects))[::-1]
    for row, (name, (mean, low, high)) in zip(rows, effects.items(), strict=True):
        color = style.COLORS.get(name, style.NEUTRAL)
        ax.plot([low, high], [row, row], color=color, linewidth=2.5)
        ax.plot(mean, row, "o", color=color)
    ax.axvline(0, **style.REFERENCE)
    ax.set_yticks(rows, [style.title(name) for name in effects])
    return style.finish(ax, xlabel=xlabel, ylim=(-0.6, len(rows) - 0.4))
