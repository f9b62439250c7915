"""Null models of a correlation matrix: what is left by chance, before any cut.

A matrix that is not one of correlations, and a number out of its range, are a ValueError.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from funcnet_utils.errors import announce_if_long, check_int, generator_of
from funcnet_utils.graphs._graph import check_correlations

MAX_FACTORS = 100_000
TRIALS = 10
TRIAL_ROWS = 200
TRIAL_STEPS = 60
TRIAL_ERROR = 2e-3
SAMPLES_PER_NODE = 10
NEWTON_STEPS = 200
TOLERANCE = 1e-9
TURNS = 200
ROUNDING = 1e-4
"""Largest difference of an eigenvalue from the given one."""


def hqs(correlation: np.ndarray, n_graphs: int, seed: int) -> np.ndarray:
    """Return random correlation matrices of given mean and variance.

    The Hirschberger-Qi-Steuer null: a covariance matrix Q Q' with independent normal entries of Q
    of equal mean and variance, scaled to a correlation matrix. It keeps what any correlation matrix
    has, above all its clustering, and nothing else. As the scaling lowers the variance by up to a
    third, the mean of the entries and the number of columns, a real number (the last column has a
    smaller weight), are tuned on trial matrices until the *correlations* have the mean and the
    variance of the given ones, to about 1%. Variances above about 0.5 are not reached; a negative
    mean counts as 0.

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
    matrix = _checked(correlation, n_graphs)
    n = len(matrix)
    pairs = matrix[np.triu_indices(n, 1)]
    mean, variance = max(float(pairs.mean()), 0.0), float(pairs.var())
    if variance * MAX_FACTORS <= 1 - mean**2:
        raise ValueError(
            f"the correlations have a variance of {variance:g}, and {1 / MAX_FACTORS:g} is the "
            "least that this null can match: use column_shuffled for units without relations."
        )
    centre, factors = _matched(n, mean, variance)
    rng = generator_of(seed)
    draws = (_factors(rng, n, centre, factors) for _ in range(n_graphs))
    return np.array([scaled(draw @ draw.T) for draw in draws])


def _matched(n: int, mean: float, variance: float) -> tuple[float, float]:
    """Return the mean of the entries of Q, in their standard deviations, and the columns of Q."""
    ratio, factors = mean / (1 - mean) if mean < 1 else 1e6, max(2.0, (1 - mean**2) / variance)
    rows = min(n, TRIAL_ROWS)
    upper = np.triu_indices(rows, 1)
    for _ in range(TRIAL_STEPS):
        rng = np.random.default_rng(0)
        draws = (_factors(rng, rows, np.sqrt(ratio), factors) for _ in range(TRIALS))
        trials = [scaled(draw @ draw.T)[upper] for draw in draws]
        found = max(float(np.mean([trial.mean() for trial in trials])), 1e-9)
        spread = float(np.mean([trial.var() for trial in trials]))
        if abs(found - mean) < TRIAL_ERROR and abs(spread / variance - 1) < TRIAL_ERROR:
            break
        # half the step in logarithms: the weight of the last column bends the path
        ratio *= np.sqrt(mean * (1 - found) / (found * max(1 - mean, 1e-6)))
        factors = max(2.0, factors * np.sqrt(spread / variance))
    return float(np.sqrt(ratio)), factors


def _factors(rng: np.random.Generator, n: int, centre: float, factors: float) -> np.ndarray:
    """Return Q of shape (n, columns); columns that change in number leave the others alone."""
    columns = int(np.ceil(factors))
    draw = centre + rng.standard_normal((columns, n)).T
    draw[:, -1] *= np.sqrt(factors - columns + 1)
    return draw


def spectrum(correlation: np.ndarray, n_graphs: int, seed: int) -> np.ndarray:
    """Return random correlation matrices with the eigenvalues of a given one.

    The eigenvectors are random under the condition that the diagonal is 1: from uniformly random
    ones, the matrix is scaled to a diagonal of 1 and gets its eigenvalues back, in turn, until both
    agree. So the signals have as many dimensions, of the same weights, and each unit is a random
    mixture of them: modules, hubs and the mean correlation are gone. No unit differs from another
    by its place, as it does where SciPy's `random_correlation` rotates neighbours.

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
        Correlations in [-1, 1], diagonal 1, eigenvalues to 1e-4.

    Warns
    -----
    LongComputationWarning
        If it is going to take more than a minute, by an estimate within a factor of about 3.

    References
    ----------
    Davies, Higham (2000), doi:10.1023/A:1022384216930, on random matrices of given eigenvalues.

    Examples
    --------
    >>> r = np.full((6, 6), 0.3) + 0.7 * np.eye(6)
    >>> np.linalg.eigvalsh(spectrum(r, 2, seed=0)[0]).round(3).tolist()
    [0.7, 0.7, 0.7, 0.7, 0.7, 2.5]
    """
    matrix = _checked(correlation, n_graphs)
    n = len(matrix)
    seconds = 1.2e-9 * n_graphs * n**3
    announce_if_long(f"{n_graphs} nulls of the spectrum of {n} units", seconds, "fewer units")
    values = np.maximum(np.linalg.eigvalsh(matrix), 0)
    values *= n / values.sum()
    rng = generator_of(seed)
    return np.array([_turned(rng, values) for _ in range(n_graphs)])


def _turned(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    """Return a correlation matrix of given eigenvalues, in ascending order."""
    vectors, upper = np.linalg.qr(rng.standard_normal((len(values), len(values))))
    vectors *= np.sign(np.diagonal(upper))  # uniform over all rotations
    for _ in range(TURNS):
        matrix = scaled((vectors * values) @ vectors.T)
        found, vectors = np.linalg.eigh(matrix)
        if np.abs(found - values).max() < ROUNDING:
            break
    return matrix


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

    References
    ----------
    Masuda, Kojaku, Sano (2018), doi:10.1103/PhysRevE.98.012312, arXiv:1806.08709.

    Examples
    --------
    >>> r = np.full((6, 6), 0.3) + 0.7 * np.eye(6)
    >>> correlation_configuration(r, 2, seed=0).shape
    (2, 6, 6)
    """
    matrix = _checked(correlation, n_graphs)
    size = SAMPLES_PER_NODE * len(matrix) if n_samples is None else n_samples
    check_int("n_samples", size, 2)
    factor = np.linalg.cholesky(strength_covariance(matrix))
    rng = generator_of(seed)
    draws = (factor @ rng.standard_normal((len(matrix), size)) for _ in range(n_graphs))
    centred = (draw - draw.mean(axis=1, keepdims=True) for draw in draws)
    return np.array([scaled(draw @ draw.T) for draw in centred])


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
    diagonal, sums = np.diagonal(matrix), matrix.sum(axis=1)
    parameters = np.concatenate([1 / diagonal, np.zeros(n)])
    covariance = np.diag(diagonal)
    value = _objective(parameters, diagonal, sums)
    for _ in range(NEWTON_STEPS):
        rows = covariance.sum(axis=1)
        gradient = np.concatenate([diagonal - np.diagonal(covariance), 2 * (sums - rows)])
        if np.abs(gradient).max() < TOLERANCE * np.abs(sums).max(initial=1.0):
            return covariance
        mixed = 2 * covariance * rows
        both = 2 * (covariance * rows.sum() + np.outer(rows, rows))
        hessian = np.block([[covariance**2, mixed.T], [mixed, both]])
        step = -cho_solve(cho_factor(hessian), gradient)
        length, slope = 1.0, gradient @ step
        while length > TOLERANCE:
            trial = parameters + length * step
            reached = _objective(trial, diagonal, sums)
            flat = length * abs(slope) < TOLERANCE * (1 + abs(value))
            if flat or reached <= value + 1e-4 * length * slope:
                break
            length /= 2
        parameters, value = trial, reached
        covariance = cho_solve(cho_factor(_precision(parameters)), np.eye(n))
    raise ValueError("no covariance of maximum entropy was found: shrink towards the identity.")


def _precision(parameters: np.ndarray) -> np.ndarray:
    a, b = np.split(parameters, 2)
    return np.diag(a) + b[:, None] + b[None]


def _objective(parameters: np.ndarray, diagonal: np.ndarray, sums: np.ndarray) -> float:
    """Return tr(K matrix) - log det K, infinite where K is not positive definite."""
    try:
        root = np.linalg.cholesky(_precision(parameters))
    except np.linalg.LinAlgError:
        return np.inf
    linear = np.concatenate([diagonal, 2 * sums]) @ parameters
    return float(linear - 2 * np.log(np.diagonal(root)).sum())


def scaled(covariance: np.ndarray) -> np.ndarray:
    """Return the correlations of a covariance, within [-1, 1] and exactly symmetric."""
    scale = 1 / np.sqrt(np.diagonal(covariance))
    matrix = np.clip(covariance * np.outer(scale, scale), -1, 1)
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1)
    return matrix


def _checked(correlation: np.ndarray, n_graphs: int) -> np.ndarray:
    matrix = check_correlations(correlation, dead=False)
    check_int("the number of nodes", len(matrix), 3)
    check_int("n_graphs", n_graphs, 1)
    return matrix
