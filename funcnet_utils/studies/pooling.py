"""Networks of several studies side by side, for the chapter on clustering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from funcnet_utils import clustering, topology
from funcnet_utils.plots.clusters import BASELINES, DIAGRAMS, LOOPS, SCALES
from funcnet_utils.studies import published
from funcnet_utils.studies.ledgers import dataset_title
from funcnet_utils.studies.study import Study

N_DIRECTIONS = 20


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
        net, seed = study.functional_network(arm, network), study.config.seed + number
        null = net.null_correlations("hqs", 1, seed)[0]
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


def unseen_table(pooled: Pool, seed: int) -> pd.DataFrame:
    """Name the arms of each data set from the networks of all others, by several quantities.

    Parameters
    ----------
    pooled : Pool
        Networks of at least two data sets.
    seed : int
        Seed of permutations and ties.

    Returns
    -------
    DataFrame
        As `funcnet_utils.clustering.leave_one_group_out`, with the columns quantity and scale; a
        part of a data set is left out together with the whole.
    """
    networks = pooled.networks
    labels = networks["arm"].to_numpy(), networks["family"].to_numpy()
    features = {LOOPS: pooled.summaries} | {name: [column] for column, name in BASELINES.items()}
    tables = []
    for scale in SCALES:
        groups = networks["study"].to_numpy() if scale == SCALES[1] else None
        distances = {DIAGRAMS: pooled.distances} if groups is None else {}
        for name, columns in features.items():
            distances[name] = clustering.feature_distances(networks[columns], groups)
        for name, matrix in distances.items():
            table = clustering.leave_one_group_out(matrix, *labels, seed=seed)
            tables.append(table.assign(quantity=name, scale=scale))
    return pd.concat(tables, ignore_index=True)
