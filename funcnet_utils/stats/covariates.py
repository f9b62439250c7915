"""What is left of an effect after a covariate, and what a mediator carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from funcnet_utils.errors import generator_of
from funcnet_utils.stats.effects import Effect, cliffs_delta, hedges_g, paired_effect
from funcnet_utils.stats.resampling import checked, flips, interval, percentiles, share_as_extreme

N_RESAMPLES = 4_999


def adjusted_effect(
    values: ArrayLike,
    reference: ArrayLike,
    covariate: ArrayLike,
    covariate_reference: ArrayLike,
    seed: int,
) -> Effect:
    """Return the paired effect that is left once a covariate is accounted for.

    The paired differences are regressed on the paired differences of the covariate; the intercept
    is the difference to expect of a pair that does not differ in the covariate. Its interval is a
    BCa bootstrap over pairs, its p value comes from flipping the signs of the residuals of the
    model without intercept (Freedman-Lane). Where every pair differs in the covariate in the same
    direction, the intercept is extrapolated: it then rests on the line being straight, and its
    interval is wide. Where all pairs differ in it by the same amount, that cannot be told from the
    effect, a ValueError.

    Parameters
    ----------
    values, reference : sequence of float, shape (n,)
        The measure of network k in the arm and in the reference arm, n >= 3.
    covariate, covariate_reference : sequence of float, shape (n,)
        The covariate of the same networks, such as mean ``|r|``.
    seed : int
        Seed of the bootstrap and of the flips.

    Returns
    -------
    Effect
        Cliff's delta and Hedges g compare the adjusted values with the reference arm. If no pair
        differs in the covariate, the plain `paired_effect`.

    References
    ----------
    Freedman, Lane (1983), doi:10.1080/07350015.1983.10509354. Winkler et al. (2014),
    doi:10.1016/j.neuroimage.2014.01.060.
    """
    a, b, c, d = checked(values, reference, covariate, covariate_reference, least=3)
    y, z = a - b, c - d
    if not z.any() or not y.any():
        return paired_effect(a, b, seed)
    if np.ptp(z) <= 1e-12 * np.abs(z).max():
        raise ValueError(
            f"every pair differs in the covariate by {z[0]:g}: that cannot be told from the "
            "effect; choose a covariate that varies over networks."
        )
    intercept, slope = _line(y, z)
    low, high = interval(lambda y, z, axis: _line(y, z)[0], (y, z), seed)
    adjusted, p = a - slope * z, _freedman_lane_p(y, z, seed)
    delta, g = cliffs_delta(adjusted, b), hedges_g(adjusted, b)
    return Effect(float(intercept), low, high, delta, g, p, len(a))


def leverage(covariate: ArrayLike, covariate_reference: ArrayLike) -> tuple[float, float]:
    """Return how far `adjusted_effect` extrapolates, and what that costs.

    Parameters
    ----------
    covariate, covariate_reference : sequence of float, shape (n,)
        As there; n >= 3.

    Returns
    -------
    distance : float
        Mean paired difference of the covariate in its standard deviations.
    ratio : float
        Standard error of the adjusted effect over that of the effect, where the covariate carries
        nothing.

    Examples
    --------
    >>> leverage([4.0, 6.0, 5.0], [0.0, 0.0, 0.0])[0]
    5.0
    """
    a, b = checked(covariate, covariate_reference, least=3)
    z = a - b
    distance = float(abs(z.mean()) / z.std(ddof=1)) if np.ptp(z) else np.inf
    return distance, float(np.sqrt(1 + distance**2 * len(z) / (len(z) - 1)))


def _line(y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return intercept and slope of lines along the last axis; flat where z does not vary."""
    center = z - z.mean(axis=-1, keepdims=True)
    spread = (center**2).sum(axis=-1)
    varies = spread > 1e-24 * (z**2).sum(axis=-1)
    slope = np.where(varies, (center * y).sum(axis=-1) / np.where(varies, spread, 1.0), 0.0)
    return y.mean(axis=-1) - slope * z.mean(axis=-1), slope


def _freedman_lane_p(y: np.ndarray, z: np.ndarray, seed: int) -> float:
    fitted = z * (z @ y) / (z @ z)
    residual = y - fitted
    if np.abs(residual).max() <= 1e-12 * np.abs(y).max():
        return 1.0
    flipped = fitted + flips(len(y), seed) * residual
    intercept, slope = _line(flipped, np.broadcast_to(z, flipped.shape))
    error = ((flipped - intercept[:, None] - slope[:, None] * z) ** 2).sum(axis=1)
    # t of the intercept up to a factor that all flips share
    return share_as_extreme(np.abs(intercept) / np.sqrt(np.maximum(error, 1e-24 * (y @ y))))


@dataclass(frozen=True)
class Mediation:
    """How much of a paired effect goes through a mediator.

    Parameters
    ----------
    total : float
        Mean paired difference of the outcome; ``direct + indirect``.
    direct : float
        Difference of the outcome for a pair that does not differ in the mediator.
    indirect : float
        The part carried by the mediator: its mean paired difference, times the slope of the
        outcome on it, over paired differences.
    low, high : float
        95% percentile bootstrap interval of `indirect`.
    carried : bool
        Whether the interval of `indirect` excludes 0.
    """

    total: float
    direct: float
    indirect: float
    low: float
    high: float
    carried: bool


def mediation(
    outcome: ArrayLike,
    outcome_reference: ArrayLike,
    mediator: ArrayLike,
    mediator_reference: ArrayLike,
    seed: int,
) -> Mediation:
    """Ask whether a mediator carries the paired effect of an arm on an outcome.

    For instance: does local efficiency carry the effect of dropout on robust accuracy? Paired
    differences of the outcome are regressed on those of the mediator and on the centred sum of
    the mediator over both arms. It shows whether data agree with the path, not that the path is
    causal: an unmeasured cause of both gives the same numbers.

    Parameters
    ----------
    outcome, outcome_reference : sequence of float, shape (n,)
        The outcome of network k in the arm and in the reference arm, n >= 3.
    mediator, mediator_reference : sequence of float, shape (n,)
        The mediator of the same networks.
    seed : int
        Seed of the bootstrap over pairs.

    References
    ----------
    Montoya, Hayes (2017), doi:10.1037/met0000086. Judd, Kenny, McClelland (2001),
    doi:10.1037/1082-989X.6.2.115.
    """
    y1, y0, m1, m0 = checked(outcome, outcome_reference, mediator, mediator_reference, least=3)
    parts = np.stack([y1 - y0, m1 - m0, m1 + m0])
    a, b, direct = (float(part[0]) for part in _paths(*parts[:, None]))
    rows = generator_of(seed).integers(0, len(y1), (N_RESAMPLES, len(y1)))
    many_a, many_b, _ = _paths(*parts[:, rows])
    low, high = percentiles(many_a * many_b)
    return Mediation(float(parts[0].mean()), direct, a * b, low, high, low * high > 0)


def _paths(
    difference: np.ndarray, shift: np.ndarray, total: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a, b and the direct effect for each row; a path that rows do not determine is 0."""
    a = shift.mean(axis=1)
    center = np.stack([shift - a[:, None], total - total.mean(axis=1, keepdims=True)], axis=-1)
    slopes = (np.linalg.pinv(center, rcond=1e-10) @ difference[..., None])[..., 0]
    # the sum is centred, so the intercept takes only the path through the mediator
    return a, slopes[:, 0], difference.mean(axis=1) - slopes[:, 0] * a
