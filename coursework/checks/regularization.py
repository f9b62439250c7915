"""Checks of the chapters on batch norm and dropout."""

from __future__ import annotations

import numpy as np

from coursework.checks.core import Judge, Solution, exercise


@exercise("bn-ex-1", "correlation sees neither shift nor positive scale.")
def shift_and_scale() -> Solution:
    """Correlation and weight of two units after a shift and a positive scale."""
    return Solution(
        right=[-0.4, 0.4],
        mistakes=[
            ([0.4, 0.4], "Both scales are positive, so the sign of r stays; |r| has none."),
            ([-0.4, -0.4], "The first number is right. The weight is |r|, so it has no sign."),
            ([-0.6, 0.6], "r is a covariance divided by both spreads: does 3 · 0.5 cancel?"),
        ],
        otherwise="Write r as covariance over the product of the spreads, and put a z + b in.",
    )


@exercise("bn-ex-2", "at one threshold the arms have different densities, and efficiency follows.")
def threshold_densities() -> Judge:
    """Accept the mean density of three arms at an absolute threshold."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (3,):
            return "Give three numbers: the mean density of vanilla, batch norm and dropout."
        if not ((answer > 0) & (answer < 1)).all():
            return "A density is a share of all pairs: ask graphs.density of each graph."
        if len(np.unique(answer)) < 3:
            return "Two arms have the same density: did you cut at a density, not at |r| ≥ 0.3?"
        return None

    return judge


def effect_judge(measure: str) -> Judge:
    """Accept any paired effect with its interval.

    Parameters
    ----------
    measure : str
        A measure in [0, 1].
    """

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (3,):
            return "Give three numbers: mean paired difference, low and high end of the interval."
        mean, low, high = answer
        if not low <= mean <= high:
            return "The mean lies outside of its interval: the order is mean, low, high."
        if low == high:
            return "The interval has no width: is there one value for each network?"
        if np.abs(answer).max() > 1:
            return f"A difference in {measure} lies in [-1, 1]: did you divide by a spread?"
        return None

    return judge


@exercise("bn-ex-3", "an effect that turns round with the epochs was about the speed of training.")
def fairer_pair() -> Judge:
    """Accept a paired effect on global efficiency with its interval."""
    return effect_judge("global efficiency")


@exercise("do-ex-1", "masks dilute a correlation by 1 - p, which is why the probe runs without.")
def diluted() -> Solution:
    """Correlation of two masked signals, for two rates of dropout."""
    return Solution(
        right=[0.3, 0.48],
        mistakes=[
            ([0.6, 0.6], "The covariance stays, and the variances do not: take the mean of m²."),
            (
                [0.15, 0.384],
                "Each spread grows by the root of 1/(1-p), so both together by 1/(1-p).",
            ),
            ([0.3, 0.12], "A signal is kept with probability 1-p = 0.8, not with 0.2."),
        ],
        otherwise="Compute the mean of m₁m₂x₁x₂ and of m²x² for independent masks m.",
    )


@exercise("do-ex-2", "one number for the sweep; look at the curves before you trust it.")
def areas_of_two_arms() -> Judge:
    """Accept the area under local efficiency of two arms."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (2,):
            return "Give two numbers: the area for vanilla, and for dropout."
        if not ((answer >= 0) & (answer <= 1)).all():
            return "Divided by the width of the sweep, an area lies in [0, 1]: use graphs.auc."
        if (answer < 0.1).all():
            return "So small an area was not divided by the width of the sweep: use graphs.auc."
        if answer[0] == answer[1]:
            return "Both arms have the same area: did you read one arm twice?"
        return None

    return judge


@exercise("do-ex-3", "now you know whether it was dropout, or regularization of any kind.")
def any_regularizer() -> Judge:
    """Accept a paired effect on local efficiency with its interval."""
    return effect_judge("local efficiency")
