"""Figures of distances between networks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, groupby
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from funcnet_utils.plots import style

BASELINES = {
    **{"mean_abs_r": "mean |r|", "sd_abs_r": "sd of |r|"},
    **{"train_loss": "train loss", "weight_norm": "weight norm"},
}
TOPOLOGICAL = {
    **{"wasserstein": "Wasserstein-2", "bottleneck": "bottleneck"},
    **{"sliced_wasserstein": "sliced Wasserstein", "betti_curve": "Betti curve"},
    **{"landscape": "landscape", "image": "persistence image"},
    **{"silhouette": "persistence silhouette", "graph_filtration": "graph filtration"},
}
REPRESENTATIONS = {"cka": "CKA", "procrustes": "Procrustes", "rsa": "RSA"}
SIMPLE = {**BASELINES, "degrees": "degrees", "edge_weights": "edge weights"}
TITLES = {**TOPOLOGICAL, **REPRESENTATIONS, **SIMPLE}
METHODS = {"average": "average linkage", "k_medoids": "k-medoids", "spectral": "spectral"}
LOOPS = "loops, seven summaries"
DIAGRAMS = "loops, sliced Wasserstein"
QUANTITIES = (DIAGRAMS, LOOPS, *BASELINES.values())
SCALES = ("as they are", "standardised in each data set")


def plot_embedding(points: np.ndarray, arms: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw networks as points of a plane, a colour and a marker per arm.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        As `funcnet_utils.clustering.embed` returns them.
    arms : sequence of str, shape (n,)
        Arm of each network.
    """
    ax = ax or plt.gca()
    for name, marker in zip(dict.fromkeys(arms), cycle("o^sDvP*X"), strict=False):
        x, y = np.asarray(points)[[arm == name for arm in arms]].T
        look: dict[str, Any] = {"color": style.COLORS.get(name, style.NEUTRAL), "marker": marker}
        ax.scatter(x, y, s=28, alpha=0.75, linewidth=0, label=style.title(name), **look)
    # one scale for both axes, because distances are what is shown; it has no unit of its own
    ax.set_aspect("equal", adjustable="datalim")
    return style.finish(ax, legend=True, xlabel="first coordinate", ylabel="second coordinate")


def plot_distance_matrix(
    distances: np.ndarray, arms: Sequence[str], label: str = "distance", ax: Axes | None = None
) -> Axes:
    """Draw distances between networks as a matrix, with a white line where the arm changes.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
        Distances, networks of one arm side by side.
    arms : sequence of str, shape (n,)
        Arm of each network.
    label : str, default="distance"
        Name and units of the distance.
    """
    ax = style.draw_matrix(distances, arms, label, ax, cmap="viridis_r")
    runs = [(style.title(name), len(list(run))) for name, run in groupby(arms)]
    names, lengths = [name for name, _ in runs], np.array([length for _, length in runs])
    middles = np.cumsum(lengths) - lengths / 2
    ax.set_xticks(middles, names)
    ax.set_yticks(middles, names, rotation=90, va="center")
    ax.tick_params(length=0)
    return ax


def plot_ari(table: pd.DataFrame) -> Figure:
    """Draw the adjusted Rand index, a row per distance and a column per method of clustering.

    Parameters
    ----------
    table : DataFrame
        As `funcnet_utils.clustering.cluster_table` returns it, with topological distances, those of
        representations and those of simpler quantities.

    Returns
    -------
    Figure
        Black lines between topology, representations and simpler quantities; a panel per rule that
        chooses k.
    """
    rules = {"given": "k given", "silhouette": "k by silhouette"}
    fig, axes = style.row_of_axes(2, 5, sharey=True)
    for (rule, name), ax in zip(rules.items(), axes, strict=True):
        rows = table[table["k_rule"] == rule]
        wide = rows.pivot(index="distance", columns="method", values="ari")
        wide = wide.reindex(index=list(TITLES), columns=list(METHODS)).dropna(how="all")
        style.draw_shares(wide.rename(index=TITLES, columns=METHODS), ax)
        for group in (TOPOLOGICAL, TOPOLOGICAL | REPRESENTATIONS):
            ax.axhline(sum(name in group for name in wide.index), color="black")
        ax.set(title=name, xlabel="", ylabel="")
        ax.tick_params(labelrotation=0)
    return fig


def plot_unseen(table: pd.DataFrame) -> Figure:
    """Draw the share of networks named correctly, a row per quantity and a column per data set.

    Parameters
    ----------
    table : DataFrame
        As `funcnet_utils.studies.pooling.unseen_table` returns it; each scale has a panel.
    """
    fig, axes = style.row_of_axes(len(SCALES), 3.4, sharey=True)
    for scale, ax in zip(SCALES, axes, strict=True):
        rows = table[table["scale"] == scale]
        wide = rows.pivot(index="quantity", columns="group", values="accuracy")
        style.draw_shares(wide.reindex(QUANTITIES), ax)
        ax.set(title=scale, xlabel="data set left out", ylabel="")
        ax.axhline(2, color="black", linewidth=2)
        if wide.shape[1] > 2:
            ax.set_xticks(ax.get_xticks(), wide.columns, rotation=20, ha="right")
    return fig
