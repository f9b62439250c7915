"""Checks of the chapter on robustness: one by hand, two that depend on the reader's own run."""

from __future__ import annotations

import numpy as np

from coursework.checks.core import Judge, Solution, exercise

CONTRIBUTIONS = np.array([4, 2, 1, 1, 1, 1, 0.5, 0.5, -1, -1.5])
SILENT = 5
SAME_IMAGES = 0.05  # the clean accuracy on all images, instead of the attacked ones, is as near


@exercise("rob-ex-1", "who chooses the units needs few; chance takes help and hindrance alike.")
def silent_voters() -> Solution:
    """Return how many units turn a vote, and the mean score once five random ones are silent."""
    score = CONTRIBUTIONS.sum()
    left = score - np.cumsum(np.sort(CONTRIBUTIONS)[::-1])
    least = int(np.argmax(left < 0)) + 1
    mean = score * (1 - SILENT / len(CONTRIBUTIONS))
    return Solution(
        [least, mean],
        [
            ([least - 1, mean], "One unit too few: the score is still 0.5, above 0."),
            ([least + 1, mean], "One unit more than needed: add the five largest contributions."),
            ([3, mean], "You silenced contributions of half the score: go on until it is below 0."),
            ([10, mean], "Silence the unit that helps most first, then the next."),
            ([least, score], "That is the score of all ten: each is silent with probability 1/2."),
            ([least, score - SILENT], "Units count by what they contribute, not by one each."),
            ([least, left[SILENT - 1]], "That is what the worst five leave, not five at random."),
            ([least, score / 10], "That is the mean of one unit: five of ten are left."),
        ],
        "First: take the largest contributions away until the sum is below 0. Second: each unit "
        "is left with the same probability, so the mean score shrinks in proportion.",
        tolerance=6e-3,
    )


@exercise("rob-ex-2", "an attack and noise need not rank the arms alike.")
def noise_and_attack() -> Judge:
    """Accept areas divided by clean accuracy, rows noise and worst attack, a column an arm."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.ndim != 2 or len(answer) != 2 or answer.shape[1] < 2:
            return "Give two rows, noise and worst attack, with a number for every arm."
        if not ((answer > 0) & (answer < 1.2)).all():
            return "An area, divided by the clean accuracy, lies between 0 and about 1."
        noise, worst = answer
        if (worst >= noise).any():
            return (
                "The attack should do more harm than noise in every arm: is noise the first row, "
                "and was each area divided by the accuracy of its own network at epsilon 0?"
            )
        if len(np.unique(noise)) < len(noise):
            return "Two arms have the same area under noise: did you read one arm twice?"
        return None

    return judge


@exercise("rob-ex-3", "margin over slope foretells the curve, as far as the network is straight.")
def ruler() -> Judge:
    """Accept foretold and measured robust accuracy over the grid of epsilon, shape (2, n)."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.ndim != 2 or len(answer) != 2 or answer.shape[1] < 3:
            return "Give two rows, foretold and measured, with an accuracy for every epsilon."
        if not ((answer >= 0) & (answer <= 1)).all():
            return "An accuracy is a share in [0, 1]."
        foretold, measured = answer
        if not (np.diff(answer, axis=1) <= 1e-9).all():
            return "Accuracy rises with epsilon: count the images whose radius exceeds epsilon."
        if abs(foretold[0] - measured[0]) > SAME_IMAGES:
            return (
                "At epsilon 0 both rows are the clean accuracy: same network, same images? The "
                "margin of an image is the right logit minus the best wrong one."
            )
        if foretold[-1] == foretold[0]:
            return "Nothing is ever lost: divide the margin by the sum of |slopes| of all pixels."
        if foretold[1] == 0 < measured[1]:
            return "All is lost at once: did you divide by the slopes of one image at a time?"
        return None

    return judge
