"""Null models of a correlation matrix: what is left by chance, before any cut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from funcnet_utils.graphs.nulls import check_count

MAX_FACTORS = 100_000
SAMPLES_PER_NODE = 10
NEWTON_STEPS = 200
TOLERANCE = 1e-9


def hqs(correlation: np.ndarray, n_graphs: int, seed: int) -> np.ndarray:
    """Return random correlation matrices from covariances of given mean and variance.

    The Hirschberger-Qi-Steuer null: a covariance matrix Q Q' with independent normal entries of Q
    and as many columns, of such mean and variance, that its off-diagonal entries have the mean and
    variance of the given ones, and its diagonal the mean 1. It is then scaled to a correlation
    matrix, which keeps the mean of the entries and lowers their variance: by about 2, 14 and 30 %
    at a mean of 0.1, 0.25 and 0.4 (simulated, n = 60). It keeps what any correlation matrix has,
    above all its clustering, and nothing else. A negative mean cannot be matched and counts as 0.

    Parameters
    ----------
    correlation : ndarray, shape (n, n)
        Signed correlations, n >= 3, diagonal 1.
    n_graphs : int
        Number of matrices, at least 1.
    seed : int
        Seed.

    Returns
    -------
    ndarray of float, shape (n_graphs, n, n)
        Correlations in [-1, 1], diagonal 1.

    Raises
    ------
    ValueError
        If the matrix is no correlation matrix, its entries hardly vary, or n_graphs is below 1.

    References
    ----------
    Hirschberger, Qi, Steuer (2007), doi:10.1016/j.ejor.2005.10.042. Zalesky, Fornito, Bullmore
    (2012), doi:10.1016/j.neuroimage.2012.02.001.

    Examples
    --------
    >>> r = np.full((6, 6), 0.3) + 0.7 * np.eye(6); r[0, 1] = r[1, 0] = 0.9
    >>> hqs(r, 2, seed=0).shape
    (2, 6, 6)
    """
    return np.array(
        [_scaled(covariance) for covariance in hqs_covariances(correlation, n_graphs, seed)]
    )


def hqs_covariances(correlation: np.ndarray, n_graphs: int, seed: int) -> Iterator[np.ndarray]:
    """Return the covariance matrices of `hqs`, whose moments are matched, one after the other."""
    matrix = _checked(correlation)
    check_count(n_graphs)
    n = len(matrix)
    pairs = matrix[np.triu_indices(n, 1)]
    mean, variance = max(float(pairs.mean()), 0.0), float(pairs.var())
    if variance * MAX_FACTORS < 1 - mean**2:
        raise ValueError(
            f"the correlations have a variance of {variance:g}, and {1 / MAX_FACTORS:g} is the "
            "least that this null can match: use column_shuffled for units without relations."
        )
    factors = max(2, int((1 - mean**2) / variance))
    centre = np.sqrt(mean / factors)
    spread = np.sqrt(np.sqrt(centre**4 + variance / factors) - centre**2)
    rng = np.random.default_rng(seed)
    draws = (rng.normal(centre, spread, size=(n, factors)) for _ in range(n_graphs))
    return (draw @ draw.T for draw in draws)


def correlation_configuration(
    correlation: np.ndarray, n_graphs: int, seed: int, n_samples: int | None = None
) -> np.ndarray:
    """Return random correlation matrices that keep the strength of each node and nothing else.

    Among all distributions of signals whose expected covariance has the given diagonal and row
    sums, the one of maximum entropy is normal, and its precision matrix is diag(a) + b 1' + 1 b'.
    Newton's method finds a and b. Each null is the correlation matrix of a sample of this normal
    distribution, so it is a proper correlation matrix (of full rank if n_samples > n) and keeps
    the row sums up to sampling error and to the scaling to unit variances.

    Parameters
    ----------
    correlation : ndarray, shape (n, n)
        Signed correlations, n >= 3, diagonal 1, positive definite: measured on more samples than
        nodes, no unit a copy of another.
    n_graphs : int
        Number of matrices, at least 1.
    seed : int
        Seed.
    n_samples : int, optional
        Size of each sample, at least 2; best that of the original signals. By default 10 n.

    Returns
    -------
    ndarray of float, shape (n_graphs, n, n)
        Correlations in [-1, 1], diagonal 1.

    Raises
    ------
    ValueError
        If the matrix is no positive definite correlation matrix, or a number is out of its range.

    References
    ----------
    Masuda, Kojaku, Sano (2018), doi:10.1103/PhysRevE.98.012312, arXiv:1806.08709.

    Examples
    --------
    >>> r = np.full((6, 6), 0.3) + 0.7 * np.eye(6)
    >>> correlation_configuration(r, 2, seed=0).shape
    (2, 6, 6)
    """
    matrix = _checked(correlation)
    check_count(n_graphs)
    size = SAMPLES_PER_NODE * len(matrix) if n_samples is None else n_samples
    if size < 2:
        raise ValueError(f"n_samples is {size}: choose a whole number >= 2.")
    factor = np.linalg.cholesky(strength_covariance(matrix))
    rng = np.random.default_rng(seed)
    draws = (factor @ rng.standard_normal((len(matrix), size)) for _ in range(n_graphs))
    centred = (draw - draw.mean(axis=1, keepdims=True) for draw in draws)
    return np.array([_scaled(draw @ draw.T) for draw in centred])


def strength_covariance(matrix: np.ndarray) -> np.ndarray:
    """Return the covariance of maximum entropy with the diagonal and row sums of a given one.

    Minimises tr(K matrix) - log det K over K = diag(a) + b 1' + 1 b', a convex function whose
    gradient is the difference of the diagonals and (twice) of the row sums.
    """
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise ValueError(
            "correlation is not positive definite: use more samples than units, drop copies of "
            "units, or shrink it towards the identity."
        ) from None
    n = len(matrix)
    diagonal, strength = np.diagonal(matrix), matrix.sum(axis=1)
    parameters = np.concatenate([1 / diagonal, np.zeros(n)])
    covariance = np.diag(diagonal)
    value = _objective(parameters, diagonal, strength)
    for _ in range(NEWTON_STEPS):
        rows = covariance.sum(axis=1)
        gradient = np.concatenate([diagonal - np.diagonal(covariance), 2 * (strength - rows)])
        if np.abs(gradient).max() < TOLERANCE * np.abs(strength).max(initial=1.0):
            return covariance
        mixed = 2 * covariance * rows
        both = 2 * (covariance * rows.sum() + np.outer(rows, rows))
        hessian = np.block([[covariance**2, mixed.T], [mixed, both]])
        step = -cho_solve(cho_factor(hessian), gradient)
        length = 1.0
        while length > TOLERANCE:
            trial = parameters + length * step
            reached = _objective(trial, diagonal, strength)
            if reached <= value + 1e-4 * length * (gradient @ step) or length * abs(
                gradient @ step
            ) < TOLERANCE * (1 + abs(value)):
                break
            length /= 2
        parameters, value = trial, reached
        covariance = cho_solve(cho_factor(_precision(parameters)), np.eye(n))
    raise ValueError("no covariance of maximum entropy was found: shrink towards the identity.")


def _precision(parameters: np.ndarray) -> np.ndarray:
    a, b = np.split(parameters, 2)
    return np.diag(a) + b[:, None] + b[None]


def _objective(parameters: np.ndarray, diagonal: np.ndarray, strength: np.ndarray) -> float:
    """Return tr(K matrix) - log det K, infinite where K is not positive definite."""
    try:
        root = np.linalg.cholesky(_precision(parameters))
    except np.linalg.LinAlgError:
        return np.inf
    linear = np.concatenate([diagonal, 2 * strength]) @ parameters
    return float(linear - 2 * np.log(np.diagonal(root)).sum())


def _scaled(covariance: np.ndarray) -> np.ndarray:
    scale = 1 / np.sqrt(np.diagonal(covariance))
    matrix = np.clip(covariance * np.outer(scale, scale), -1, 1)
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1)
    return matrix


def _checked(correlation: np.ndarray) -> np.ndarray:
    matrix = np.asarray(correlation, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 3:
        raise ValueError(
            f"correlation has shape {matrix.shape}: give one matrix of shape (n, n), n >= 3."
        )
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, rtol=0, atol=1e-6):
        raise ValueError("correlation is not finite and symmetric: drop dead units first.")
    if (
        not np.allclose(np.diagonal(matrix), 1, rtol=0, atol=1e-6)
        or np.abs(matrix).max() > 1 + 1e-6
    ):
        raise ValueError(
            "correlation must have a diagonal of 1 and entries in [-1, 1]: give the signed "
            "correlations, not weights or covariances."
        )
    return (matrix + matrix.T) / 2
