"""Which loops are more than noise: a universal law of ratios of death to birth."""

from __future__ import annotations

import numpy as np

from funcnet_utils.topology.summaries import checked


def noise_scores(diagram: np.ndarray) -> np.ndarray:
    """Return how long each loop lives, on a scale on which noise has one distribution.

    The score of a loop is ``log(log(death / birth))``, shifted so that the mean over the diagram is
    minus Euler's constant. For loops of random points Bobrowski and Skraba conjecture, and find in
    many experiments, that scores follow the left-skewed Gumbel law ``P(score > x) = exp(-exp(x))``,
    whatever the distribution of the points. For correlations that is no theorem: try it on null
    networks first.

    Parameters
    ----------
    diagram : ndarray, shape (m, 2)
        Births and deaths of loops of a Vietoris-Rips filtration.

    Returns
    -------
    ndarray of float, shape (m,)
        NaN for a loop that never dies, is born at 0 or dies at birth.

    References
    ----------
    Bobrowski, Skraba (2023), doi:10.1038/s41598-023-37842-2.

    Examples
    --------
    >>> scores = noise_scores(np.array([[0.1, 0.2], [0.2, 0.3], [0.2, 0.21]]))
    >>> int(scores.argmax()), round(float(scores.mean()), 4)
    (0, -0.5772)
    """
    births, deaths = checked(diagram).T
    scores = np.full(len(births), np.nan)
    valid = (births > 0) & (deaths > births) & np.isfinite(deaths)
    if valid.any():
        logs = np.log(np.log(deaths[valid] / births[valid]))
        scores[valid] = logs - logs.mean() - np.euler_gamma
    return scores


def noise_p_values(diagram: np.ndarray) -> np.ndarray:
    """Return, for each loop of `noise_scores`, how likely noise lives as long, in [0, 1].

    Times the number of loops (Bonferroni), a value below 0.05 is a loop beyond noise.

    Parameters
    ----------
    diagram : ndarray, shape (m, 2)
        As for `noise_scores`.

    Returns
    -------
    ndarray of float, shape (m,)

    References
    ----------
    Bobrowski, Skraba (2023), doi:10.1038/s41598-023-37842-2.

    Examples
    --------
    >>> noise_p_values(np.array([[0.1, 0.5], [0.4, 0.42], [0.45, 0.46]])).round(3).tolist()
    [0.001, 0.796, 0.902]
    """
    return np.exp(-np.exp(noise_scores(diagram)))
