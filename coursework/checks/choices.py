"""Checks of the chapters on the choices of the paper and on the ledger."""

from __future__ import annotations

import numpy as np

from coursework.checks.core import Judge, Solution, exercise
from coursework.checks.regularization import effect_judge


@exercise("dv-ex-1", "far more pairs than values: in half precision nearly every pair is tied.")
def pigeons_and_holes() -> Solution:
    """Half-precision values in [0.5, 1), and pairs of 1,000 units."""
    return Solution(
        right=[1024, 499_500],
        mistakes=[
            (
                [1024, 1_000_000],
                "A pair counts once, and no unit is its own partner: n (n - 1) / 2.",
            ),
            ([1024, 999_000], "That counts each pair twice: n (n - 1) / 2."),
            ([1024, 500_500], "No unit is its own partner: n (n - 1) / 2."),
            ([10, 499_500], "10 bits give 2 to the power 10 values."),
            ([2048, 499_500], "All numbers of [0.5, 1) share one exponent, so 10 bits are left."),
        ],
        otherwise="Count 2 to the power of the bits, and n (n - 1) / 2 pairs.",
        tolerance=0.1,
    )


@exercise("dv-ex-2", "the functional network belongs to the network and the images together.")
def seen_and_noise() -> Judge:
    """Accept three correlations between weights over test images and over noise."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (3,):
            return "Give three numbers: vanilla, batch norm and dropout."
        if not (np.abs(answer) < 1).all():
            return "A correlation of two different lists lies inside (-1, 1): pairs i < j only."
        if len(np.unique(answer)) < 3:
            return "Two arms have the same number: did you read one arm twice?"
        return None

    return judge


@exercise("le-ex-1", "corrections take verdicts away; those that stay are worth more.")
def without_corrections() -> Judge:
    """Accept the claims supported with and without corrections and controls."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (2,):
            return "Give two numbers: supported in the ledger, and supported without corrections."
        if (answer != answer.round()).any() or answer.min() < 0 or answer.max() > 11:
            return "Both are counts of claims, from 0 to 11."
        if answer[1] < answer[0]:
            return "Without corrections and controls no support can be lost: count again."
        return None

    return judge


@exercise("le-ex-2", "a claim, its measure and its direction, fixed before the run.")
def claim_of_your_own() -> Judge:
    """Accept a paired effect on global efficiency with its interval."""
    return effect_judge("global efficiency")
