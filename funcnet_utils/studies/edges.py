"""Kinds of edges: what else than Pearson's correlation can join two units."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata
from sklearn.covariance import ledoit_wolf_shrinkage

from funcnet_utils.correlation import correlation_matrix
from funcnet_utils.errors import as_numbers, check_choice, check_int, check_labels
from funcnet_utils.graphs.correlation_nulls import scaled

EDGES = ("pearson", "spearman", "partial", "within", "between")


def edge_matrix(shown: np.ndarray, kind: str, labels: np.ndarray) -> np.ndarray:
    """Return the relations of all pairs of units by one kind of edge.

    Parameters
    ----------
    shown : ndarray, shape (n_samples, n)
        Activations, at least 2 samples.
    kind : {"pearson", "spearman", "partial", "within", "between"}
        Correlation of activations; of their ranks; of a pair with all other units held fixed, from
        the covariance shrunk towards the identity by Ledoit and Wolf; of activations relative to
        the mean of their class; of the means of classes.
    labels : ndarray of int, shape (n_samples,)
        Classes, which the last two kinds need.

    Returns
    -------
    ndarray of float64, shape (n, n)
        In [-1, 1], symmetric; diagonal 1, and 0 for a dead unit, as are its row and its column.

    References
    ----------
    Ledoit, Wolf (2004), doi:10.1016/S0047-259X(03)00096-4. Schaefer, Strimmer (2005),
    doi:10.2202/1544-6115.1175, for partial correlations of a shrunk covariance.

    Examples
    --------
    >>> x = np.array([[0.0, 1, 5], [1, 3, 5], [2, 2, 5], [9, 4, 5]])
    >>> edge_matrix(x, "spearman", np.array([0, 0, 1, 1]))[0].round(3).tolist()
    [1.0, 0.8, 0.0]
    """
    check_choice("kind", kind, EDGES)
    shown = as_numbers("the activations", shown, ndim=2)
    check_int("the number of samples", len(shown), 2)
    if kind in ("within", "between"):
        labels = check_labels(labels, len(shown), "sample")
    live = np.flatnonzero(np.ptp(shown, axis=0) > 0)
    x, found = shown[:, live].astype(np.float64), np.zeros(2 * [shown.shape[1]])
    if not len(live):
        return found
    if kind == "spearman":
        x = rankdata(x, axis=0)
    elif kind == "between":
        x = np.stack([x[labels == c].mean(axis=0) for c in np.unique(labels)])
    r = correlation_matrix(x, labels if kind == "within" else None)
    found[np.ix_(live, live)] = _partial(x, r) if kind == "partial" else r
    return found


def _partial(x: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return partial correlations of live units from their shrunk correlations."""
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    share = ledoit_wolf_shrinkage(z, assume_centered=True)
    inverse = np.linalg.inv((1 - share) * r + share * np.eye(len(r)))
    return scaled(2 * np.diag(np.diagonal(inverse)) - inverse)
