"""Networks of several studies side by side, for the chapter on clustering."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from funcnet_utils import clustering, topology
from funcnet_utils.plots.clusters import BASELINES, DIAGRAMS, LOOPS, SCALES
from funcnet_utils.studies import published
from funcnet_utils.studies.ledgers import dataset_title
from funcnet_utils.studies.study import Study

N_DIRECTIONS = 20


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
    for seed, key in enumerate(study.diagrams, study.config.seed):
        null = study.functional_network(*key).null_correlations("hqs", 1, seed)[0]
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
    found = {each.config.dataset: each for each in (study, *others)}
    for each in map(published.load, published.names()):
        if each.config.n_epochs:
            found.setdefault(each.config.dataset, each)
    return {dataset_title(dataset): each for dataset, each in found.items()}


def pool(studies: Mapping[str, Study]) -> tuple[pd.DataFrame, list[str], np.ndarray]:
    """Return the networks of several studies in one table, with the distances of their diagrams.

    Parameters
    ----------
    studies : mapping of str to Study
        By title.

    Returns
    -------
    networks : DataFrame
        One row a network: study, family (data set, a part counting as the whole), arm, network,
        mean_abs_r, sd_abs_r, train_loss, weight_norm, and the summaries of H1.
    summaries : list of str
        Names of the columns with summaries of H1.
    distances : ndarray, shape (n, n)
        Sliced Wasserstein distances of all H1 diagrams.
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
    distances = topology.sliced_wasserstein_matrix(diagrams, N_DIRECTIONS)
    return pd.concat(tables, ignore_index=True), list(summaries.columns), distances


def unseen_table(studies: Mapping[str, Study], seed: int) -> pd.DataFrame:
    """Name the arms of each data set from the networks of all others, by several quantities.

    Parameters
    ----------
    studies : mapping of str to Study
        By title, of at least two data sets.
    seed : int
        Seed of permutations and ties.

    Returns
    -------
    DataFrame
        As `funcnet_utils.clustering.leave_one_group_out`, with the columns quantity and scale; a
        part of a data set is left out together with the whole.
    """
    networks, summaries, diagrams = pool(studies)
    labels = networks["arm"].to_numpy(), networks["family"].to_numpy()
    features = {LOOPS: summaries} | {name: [column] for column, name in BASELINES.items()}
    tables = []
    for scale, groups in zip(SCALES, (None, networks["study"].to_numpy()), strict=True):
        distances = {DIAGRAMS: diagrams} if groups is None else {}
        for name, columns in features.items():
            distances[name] = clustering.feature_distances(networks[columns], groups)
        for name, matrix in distances.items():
            table = clustering.leave_one_group_out(matrix, *labels, seed=seed)
            tables.append(table.assign(quantity=name, scale=scale))
    return pd.concat(tables, ignore_index=True)
