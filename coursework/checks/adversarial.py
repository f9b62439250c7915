"""Checks of the chapter on adversarial examples."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Judge, Solution, exercise

EPSILON = 0.15
GRID = np.array([0.0, 0.01, 0.05, 0.1, 0.3])
ROBUST = np.array([0.95, 0.9, 0.6, 0.2, 0.0])
ATTACK_ONE = np.array([1, 1, 0, 1, 0, 1, 1, 0, 1, 1])
ATTACK_TWO = np.array([1, 0, 1, 1, 0, 1, 0, 0, 1, 1])


@exercise("adv-ex-1", "the score is divided by the l1 norm of the weights.")
def least_epsilon() -> Solution:
    """Return the least epsilon that turns the answer of the linear model."""
    weights, bias, image = toys.linear_model()
    score = weights @ image + bias
    return Solution(
        score / np.abs(weights).sum(),
        [
            (score / np.linalg.norm(weights), "That is the l2 distance: use the l1 norm."),
            ((score - bias) / np.abs(weights).sum(), "You left out the bias of the score."),
            (score / 10, "Each pixel counts with its own weight: divide by the sum of |weights|."),
            (score / np.abs(weights).max(), "All pixels may move at once: sum all |weights|."),
            (score, "That is the score: how much can a change of epsilon lower it?"),
        ],
        "A change of epsilon in every pixel lowers the score by epsilon times sum |weights|.",
        tolerance=6e-4,
    )


@exercise("adv-ex-2", "one step along the sign of the gradient, then back into [0, 1].")
def own_fgsm() -> Solution:
    """Return the image of the linear model, attacked with epsilon 0.15."""
    weights, _, image = toys.linear_model()
    step = EPSILON * np.sign(weights)
    return Solution(
        np.clip(image - step, 0, 1),
        [
            (
                np.clip(image + step, 0, 1),
                "You raised the score: the attack raises the loss, so it lowers the score of yes.",
            ),
            (image + step, "You raised the score, and left [0, 1]."),
            (
                np.clip(image - EPSILON * weights, 0, 1),
                "Take the sign of the gradient: each pixel moves by the whole epsilon.",
            ),
            (image - EPSILON * weights, "Take the sign of the gradient, and clip to [0, 1]."),
            (step, "That is the change: add it to the image, with the right sign."),
            (-step, "That is the change: add it to the image, and clip to [0, 1]."),
        ],
        "Move each pixel by 0.15 against the sign of its weight, and clip the result to [0, 1].",
    )


@exercise("adv-ex-3", "an image is robust only if it survives every attack.")
def worst_of_two() -> Solution:
    """Return the robust accuracy under two attacks, and the area under a curve over its width."""
    area = np.trapezoid(ROBUST, GRID) / (GRID[-1] - GRID[0])
    both = (ATTACK_ONE & ATTACK_TWO).mean()
    means = ATTACK_ONE.mean(), ATTACK_TWO.mean()
    return Solution(
        [both, area],
        [
            (
                [min(means), area],
                "You took the smaller of two accuracies: an image must survive both attacks, so "
                "combine them image by image first.",
            ),
            ([np.mean(means), area], "Do not average attacks: an image must survive both."),
            ([(ATTACK_ONE | ATTACK_TWO).mean(), area], "An image must survive both, not either."),
            ([both, ROBUST.mean()], "The grid is uneven: weigh by its steps (trapezoid rule)."),
            ([both, np.trapezoid(ROBUST, GRID)], "Divide the area by the width of the grid."),
            ([both, np.trapezoid(ROBUST)], "Give the grid to the trapezoid rule as well."),
        ],
        "First: the share of images that survive both. Second: trapezoid rule over the grid, "
        "divided by its width.",
        tolerance=6e-4,
    )


@exercise("adv-ex-4", "both curves start at the clean accuracy, and the attack stays below noise.")
def two_curves() -> Judge:
    """Accept accuracies under PGD and under noise, shape (2, n), over an ascending grid from 0."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.ndim != 2 or len(answer) != 2 or answer.shape[1] < 3:
            return f"Give two rows, PGD and noise, of at least 3 epsilons; yours: {answer.shape}."
        if not ((answer >= 0) & (answer <= 1)).all():
            return "An accuracy is a share in [0, 1]."
        attack, noise = answer
        if abs(attack[0] - noise[0]) > 1e-6:
            return "At epsilon 0 both rows must be the clean accuracy: start the grid at 0."
        if (attack[1:] > noise[1:] + 0.02).any():
            return (
                "Noise does more harm than the attack: are the rows in the order PGD, noise, and "
                "were the same images and the same epsilon used?"
            )
        if (np.diff(attack) > 0.01).any():
            return "Accuracy rises with epsilon: a larger ball holds the smaller one. More steps?"
        if attack[-1] > 0.5 * attack[0]:
            return "The attack hardly bites: go on to a larger epsilon, or to more steps."
        return None

    return judge
