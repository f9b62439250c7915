"""Checks of the chapter on adversarial examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Hint, Solution, exercise
from funcnet_utils.models import robust_accuracy
from funcnet_utils.models.perturbations import gaussian_noise, right_answers

EPSILON = 0.15


@exercise("adv-ex-2")
def own_fgsm() -> Solution:
    """Return the image of the linear model, attacked with epsilon 0.15."""
    weights, _, image = toys.linear_model()
    step = EPSILON * np.sign(weights)
    return Solution(
        np.clip(image - step, 0, 1),
        raised=np.clip(image + step, 0, 1),
        raised_out=image + step,
        no_sign=np.clip(image - EPSILON * weights, 0, 1),
        no_sign_out=image - EPSILON * weights,
        change=step,
        added=-step,
    )


@exercise("adv-ex-4")
def two_curves(
    answer: np.ndarray,
    networks: Any,
    images: np.ndarray,
    labels: np.ndarray,
    epsilons: Sequence[float],
) -> Solution | Hint:
    """Accept the accuracies of the reader's networks under PGD and noise, shape (2, n)."""
    if answer.shape != (2, len(epsilons)):
        return "shape", {"n": len(epsilons), "shape": answer.shape}
    if min(epsilons) > 0:
        return "start"
    clean = right_answers(networks, images, labels).mean()
    if clean < 2 / (labels.max() + 1):
        return "untrained", {"clean": clean}
    pgd = robust_accuracy(networks, images, labels, epsilons, steps=20, restarts=2).mean(1)
    noise = [
        right_answers(networks, gaussian_noise(images, size), labels).mean() for size in epsilons
    ]
    if pgd[-1] > 0.5 * clean:
        return "narrow"
    return Solution([pgd, noise], tolerance=0.02, order=[noise, pgd], twice=[pgd, pgd])
