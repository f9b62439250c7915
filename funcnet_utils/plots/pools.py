"""Figures of networks of several studies, for the chapter on clustering."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from funcnet_utils.clustering import embed
from funcnet_utils.plots.clusters import plot_embedding

BASELINES = {
    "mean_abs_r": "mean |r|",
    "sd_abs_r": "sd of |r|",
    "train_loss": "train loss",
    "weight_norm": "weight norm",
}
TOPOLOGICAL = {
    "wasserstein": "Wasserstein-2",
    "bottleneck": "bottleneck",
    "sliced_wasserstein": "sliced Wasserstein",
    "betti_curve": "Betti curve",
    "landscape": "landscape",
    "image": "persistence image",
    "silhouette": "persistence silhouette",
    "graph_filtration": "graph filtration",
}
SIMPLE = {**BASELINES, "degrees": "degrees", "edge_weights": "edge weights"}
TITLES = {**TOPOLOGICAL, **SIMPLE}
METHODS = {"average": "average linkage", "k_medoids": "k-medoids", "spectral": "spectral"}
LOOPS = "loops, seven summaries"
DIAGRAMS = "loops, sliced Wasserstein"
QUANTITIES = (DIAGRAMS, LOOPS, *BASELINES.values())
SCALES = ("as they are", "standardised in each data set")


def plot_ari(table: pd.DataFrame) -> Figure:
    """Draw the adjusted Rand index, a row a distance and a column a way of clustering.

    Parameters
    ----------
    table : DataFrame
        As `funcnet_utils.clustering.cluster_table` returns it, with topological distances and
        those of simpler quantities.

    Returns
    -------
    Figure
        Topology above a black line, simpler quantities below; a panel a way of choosing k.
    """
    rules = {"given": "k given", "silhouette": "k by silhouette"}
    fig, axes = plt.subplots(1, 2, figsize=(8.5, 5), sharey=True)
    for (rule, title), ax in zip(rules.items(), axes, strict=True):
        rows = table[table["k_rule"] == rule]
        wide = rows.pivot(index="distance", columns="method", values="ari")
        wide = (
            wide.reindex(index=list(TITLES), columns=list(METHODS))
            .rename(TITLES)
            .rename(columns=METHODS)
        )
        sns.heatmap(
            wide.dropna(how="all"),
            vmin=0,
            vmax=1,
            cmap="viridis",
            annot=True,
            fmt=".2f",
            linewidths=1,
            cbar=False,
            ax=ax,
        )
        ax.set(title=title, xlabel="", ylabel="")
        ax.axhline(sum(name in TOPOLOGICAL for name in rows["distance"].unique()), color="black")
        ax.tick_params(length=0, labelrotation=0)
    return fig


def plot_unseen(table: pd.DataFrame) -> Figure:
    """Draw the share of networks named correctly, a row a quantity and a column a data set.

    Parameters
    ----------
    table : DataFrame
        As `unseen_table` returns it.

    Returns
    -------
    Figure
        A panel a scale.
    """
    fig, axes = plt.subplots(1, len(SCALES), figsize=(8.5, 3.4), sharey=True)
    for scale, ax in zip(SCALES, axes, strict=True):
        rows = table[table["scale"] == scale]
        wide = rows.pivot(index="quantity", columns="group", values="accuracy")
        sns.heatmap(
            wide.reindex(QUANTITIES),
            vmin=0,
            vmax=1,
            cmap="viridis",
            annot=True,
            fmt=".2f",
            linewidths=1,
            cbar=False,
            ax=ax,
        )
        ax.set(title=scale, xlabel="data set left out", ylabel="")
        ax.axhline(2, color="black", linewidth=2)
        ax.tick_params(length=0)
        if wide.shape[1] > 2:
            ax.set_xticks(ax.get_xticks(), wide.columns, rotation=20, ha="right")
    return fig


def plot_pool(pooled: Any) -> Figure:
    """Draw the networks of each study as points whose distances are those of their diagrams.

    Parameters
    ----------
    pooled : Pool
        Networks of some studies.

    Returns
    -------
    Figure
        A panel a study.
    """
    titles = list(pooled.networks["study"].unique())
    n_rows = -(-len(titles) // 2)
    fig, axes = plt.subplots(n_rows, 2, figsize=(8.5, 3.4 * n_rows), squeeze=False)
    for title, ax in zip(titles, axes.flat, strict=False):
        rows = np.flatnonzero(pooled.networks["study"] == title)
        points = embed(pooled.distances[np.ix_(rows, rows)])
        plot_embedding(points, pooled.networks["arm"].iloc[rows].tolist(), ax)
        ax.set_title(title)
        if ax is not axes.flat[0]:
            ax.get_legend().remove()
    for ax in axes.flat[len(titles) :]:
        ax.set_visible(False)
    return fig
