"""Networks of several studies side by side, for the chapter on clustering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from funcnet_utils import clustering, graphs, plots, published, topology
from funcnet_utils.networks import functional_weights
from funcnet_utils.publishing.reports.ledgers import dataset_title
from funcnet_utils.study import Study

N_DIRECTIONS = 20
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


@dataclass(frozen=True)
class Pool:
    """Networks of several studies in one table, and the distances of their diagrams.

    Parameters
    ----------
    networks : DataFrame
        One row a network: study, family (data set, a part counting as the whole), arm, network,
        mean_abs_r, sd_abs_r, train_loss, weight_norm, and the summaries of H1.
    summaries : list of str
        Names of the columns with summaries of H1.
    distances : ndarray, shape (n, n)
        Sliced Wasserstein distances of all H1 diagrams.
    """

    networks: pd.DataFrame
    summaries: list[str]
    distances: np.ndarray


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


def matched_loops(study: Study) -> list[np.ndarray]:
    """Return H1 diagrams of random correlation matrices, one matched to each network of a study.

    Parameters
    ----------
    study : Study
        A study whose correlations are kept.

    Returns
    -------
    list of ndarray, each of shape (m, 2)
        In the order of `study.diagrams`: each matrix is a `funcnet_utils.graphs.hqs` null, with
        the mean and the variance of the correlations of one network and nothing else of it.
    """
    found = []
    for number, (arm, network) in enumerate(study.diagrams):
        correlation = study.correlation(arm, network)
        units = functional_weights(correlation, study.config.dead, study.config.precision)[1]
        null = graphs.hqs(correlation[np.ix_(units, units)], 1, study.config.seed + number)[0]
        found.append(topology.persistence(1 - np.abs(null))[1])
    return found


def all_studies(study: Study, *others: Study) -> dict[str, Study]:
    """Return the study of a page, others, and the published ones of other data sets, by title.

    Parameters
    ----------
    study : Study
        The study of the page.
    *others : Study
        Studies of other data sets that the page ran as well.
    """
    found = [study, *others]
    taken = {each.config.dataset for each in found}
    for name in published.names():
        each = published.load(name)
        if each.config.n_epochs and each.config.dataset not in taken:
            taken.add(each.config.dataset)
            found.append(each)
    return {dataset_title(each.config.dataset): each for each in found}


def pool(studies: Mapping[str, Study]) -> Pool:
    """Return the networks of several studies in one table, with the distances of their diagrams.

    Parameters
    ----------
    studies : mapping of str to Study
        By title.
    """
    tables, diagrams = [], []
    for title, study in studies.items():
        order = list(study.diagrams)
        loops = study.loops[study.loops["dimension"] == 1]
        summaries = loops.pivot(index=["arm", "network"], columns="measure", values="value")
        networks = study.networks.set_index(["arm", "network"])[list(BASELINES)]
        rows = networks.join(summaries).loc[order].reset_index()
        rows.insert(0, "family", dataset_title(study.config.dataset.removesuffix("_5k")))
        rows.insert(0, "study", title)
        tables.append(rows)
        diagrams += [study.diagrams[key][1] for key in order]
    return Pool(
        pd.concat(tables, ignore_index=True),
        list(summaries.columns),
        topology.sliced_wasserstein_matrix(diagrams, N_DIRECTIONS),
    )


def unseen_table(pooled: Pool, seed: int, n_permutations: int = 999) -> pd.DataFrame:
    """Name the arms of each data set from the networks of all others, by several quantities.

    Parameters
    ----------
    pooled : Pool
        Networks of at least two data sets.
    seed : int
        Seed of permutations and ties.
    n_permutations : int, default=999
        Permutations of the arms of the data set left out.

    Returns
    -------
    DataFrame
        As `funcnet_utils.clustering.leave_one_group_out`, with the columns quantity and scale; a
        part of a data set is left out together with the whole.
    """
    networks = pooled.networks
    features = {LOOPS: pooled.summaries} | {name: [column] for column, name in BASELINES.items()}
    tables = []
    for scale in SCALES:
        groups = networks["study"].to_numpy() if scale == SCALES[1] else None
        distances = {
            name: clustering.feature_distances(networks[columns], groups)
            for name, columns in features.items()
        }
        if groups is None:
            distances = {DIAGRAMS: pooled.distances, **distances}
        tables += [
            clustering.leave_one_group_out(
                matrix,
                networks["arm"].to_numpy(),
                networks["family"].to_numpy(),
                seed=seed,
                n_permutations=n_permutations,
            ).assign(quantity=name, scale=scale)
            for name, matrix in distances.items()
        ]
    return pd.concat(tables, ignore_index=True)


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


def plot_pool(pooled: Pool) -> Figure:
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
        points = clustering.embed(pooled.distances[np.ix_(rows, rows)])
        plots.plot_embedding(points, pooled.networks["arm"].iloc[rows].tolist(), ax)
        ax.set_title(title)
        if ax is not axes.flat[0]:
            ax.get_legend().remove()
    for ax in axes.flat[len(titles) :]:
        ax.set_visible(False)
    return fig
