"""Figures: they take tables and an axis, and return the axis. One colour an arm, everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from funcnet_utils.arms import ARMS

NEUTRAL = "#555555"
COLORS = {name: arm.color for name, arm in ARMS.items()} | {"untrained": NEUTRAL}
LAYER_COLORS = ("#56B4E9", "#E69F00", "#CC79A7", "#999999", "#F0E442")
REFERENCE: dict[str, Any] = {"color": NEUTRAL, "linestyle": "--", "linewidth": 1}


def plot_correlation(weights: np.ndarray, layers: np.ndarray, ax: Axes | None = None) -> Axes:
    """Draw the weights of a functional network as a matrix, layers side by side.

    Parameters
    ----------
    weights : ndarray, shape (n, n)
        ``|r|`` in [0, 1].
    layers : ndarray of int, shape (n,)
        Layer of each node, ascending.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = ax or plt.gca()
    sns.heatmap(
        weights,
        vmin=0,
        vmax=1,
        cmap="viridis",
        square=True,
        rasterized=True,
        cbar_kws={"label": "|r|", "shrink": 0.8},
        xticklabels=False,
        yticklabels=False,
        ax=ax,
    )
    for boundary in (np.flatnonzero(np.diff(layers)) + 1).tolist():
        ax.axhline(boundary, color="white", linewidth=1)
        ax.axvline(boundary, color="white", linewidth=1)
    ax.set(xlabel="unit", ylabel="unit")
    return ax


def plot_network(
    adjacency: np.ndarray, layers: np.ndarray, seed: int, ax: Axes | None = None
) -> Axes:
    """Draw a graph with a spring layout, nodes coloured by layer and sized by degree.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (n, n)
        The graph.
    layers : ndarray of int, shape (n,)
        Layer of each node.
    seed : int
        Seed of the layout.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = ax or plt.gca()
    graph = nx.from_numpy_array(adjacency)
    position = nx.spring_layout(graph, seed=seed, iterations=100, k=1.6 / np.sqrt(len(adjacency)))
    degree = adjacency.sum(0)
    nx.draw_networkx_edges(graph, position, ax=ax, alpha=0.25, width=0.5, edge_color="#555555")
    for layer in np.unique(layers):
        nodes = np.flatnonzero(layers == layer)
        nx.draw_networkx_nodes(
            graph,
            position,
            nodelist=nodes.tolist(),
            node_size=10 + 5 * degree[nodes],
            node_color=LAYER_COLORS[layer % len(LAYER_COLORS)],
            edgecolors="white",
            linewidths=0.4,
            label=f"hidden layer {layer + 1}",
            ax=ax,
        )
    ax.legend(frameon=False, loc="best", fontsize="small")
    ax.set_axis_off()
    return ax


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
    ax.set_xticks(places, [_title(arm) for arm in table.columns])
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
    ax.set_yticks(rows, [_title(name) for name in effects])
    ax.set(xlabel=xlabel, ylim=(-0.6, len(rows) - 0.4))
    sns.despine(ax=ax)
    return ax


def plot_diagram(diagrams: Sequence[np.ndarray], ax: Axes | None = None) -> Axes:
    """Draw persistence diagrams: a point a feature, far from the diagonal if it lives long.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        H0, H1, ...; the one bar that never dies is left out.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = ax or plt.gca()
    names = ("components (H0)", "loops (H1)", "voids (H2)")
    for diagram, name, color, marker in zip(
        diagrams, names, ("#0072B2", "#D55E00", "#009E73"), "o^s", strict=False
    ):
        births, deaths = diagram[np.isfinite(diagram).all(1)].T
        ax.scatter(
            births, deaths, s=14, color=color, marker=marker, alpha=0.6, label=name, clip_on=False
        )
    ax.axline((0, 0), slope=1, **REFERENCE)
    ax.set(
        xlabel="birth (filtration value 1 - |r|)",
        ylabel="death (filtration value 1 - |r|)",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
        aspect="equal",
    )
    ax.legend(frameon=False, loc="lower right")
    sns.despine(ax=ax)
    return ax


def plot_image(image: np.ndarray, shape: tuple[int, ...], ax: Axes | None = None) -> Axes:
    """Draw one image of a data set.

    Parameters
    ----------
    image : ndarray, shape (n_inputs,)
        Pixels in [0, 1].
    shape : tuple of int
        Height, width and, for colour, 3.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = ax or plt.gca()
    ax.imshow(image.reshape(shape), cmap="gray_r", vmin=0, vmax=1)
    ax.set_axis_off()
    return ax


def name_arms(ax: Axes) -> Axes:
    """Give a legend whose labels are names of arms the titles of the arms, and no frame.

    Parameters
    ----------
    ax : Axes
        An axis with labelled lines or points.

    Returns
    -------
    Axes
    """
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles, [_title(label) for label in labels], frameon=False)
    return ax


def _title(arm: str) -> str:
    return ARMS[arm].title if arm in ARMS else arm
