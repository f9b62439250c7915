"""Checks of the chapter on clustering."""

from __future__ import annotations

import numpy as np

from coursework.checks.core import Judge, Solution, exercise

AGREE, PAIRS_OF_ARMS, PAIRS_OF_CLUSTERS, PAIRS = 5, 9, 9, 36  # of nine networks


@exercise("cl-ex-1", "chance is taken off, so one cluster for all is worth nothing.")
def rand_by_hand() -> Solution:
    """Return the adjusted Rand index of AAA|BBC|CCB, and of a single cluster."""
    chance = PAIRS_OF_ARMS * PAIRS_OF_CLUSTERS / PAIRS
    right = (AGREE - chance) / ((PAIRS_OF_ARMS + PAIRS_OF_CLUSTERS) / 2 - chance)
    plain = (2 * AGREE + PAIRS - PAIRS_OF_ARMS - PAIRS_OF_CLUSTERS) / PAIRS
    return Solution(
        [right, 0.0],
        [
            ([plain, PAIRS_OF_ARMS / PAIRS], "That is the Rand index: take off the chance."),
            ([plain, 0.0], "That is the Rand index: take off what chance would give."),
            ([7 / 9, 1 / 3], "That is the purity: count pairs of networks, not networks."),
            ([AGREE / PAIRS_OF_ARMS, 0.0], "Take the chance off above and below the line."),
            ([right, 1.0], "In one cluster all pairs are together, those of different arms too."),
        ],
        "Count pairs: 5 of one arm in one cluster, 9 of one arm, 9 of one cluster, 36 in all.",
        tolerance=6e-4,
    )


@exercise("cl-ex-2", "what thinning leaves cannot be the number of loops.")
def number_or_shape() -> Judge:
    """Accept the loops kept of each diagram, and the indices of their number and their places."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (3,):
            return "Give three numbers: loops kept, index of the number, index of the thinned."
        kept, number, thinned = answer
        if kept < 1 or kept != round(kept):
            return "The first number counts loops: the fewest that any diagram has."
        if not all(-0.5 <= index <= 1 for index in (number, thinned)):
            return "An adjusted Rand index lies between -0.5 and 1: use clustering.scores()['ari']."
        return None

    return judge


@exercise("cl-ex-3", "what a control takes away, it takes from topology and arms alike.")
def taken_away() -> Judge:
    """Accept the indices before and after a regression, and the share of variance left."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (3,):
            return "Give three numbers: index before, index after, share of the variance left."
        before, after, share = answer
        if not all(-0.5 <= index <= 1 for index in (before, after)):
            return "An adjusted Rand index lies between -0.5 and 1: use clustering.scores()['ari']."
        if not 0 < share < 1:
            return (
                "The share of the variance left lies between 0 and 1: divide the sum of squares "
                "of the residuals by that of the centred curves."
            )
        return None

    return judge
