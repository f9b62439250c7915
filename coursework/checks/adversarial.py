"""Checks of the chapter on adversarial examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Solution, exercise
from funcnet_utils.models import Population, gaussian_noise, right_answers, robust_accuracy, train

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
def longer_training(
    data: Any, config: Any, images: np.ndarray, labels: np.ndarray, epsilons: Sequence[float]
) -> Solution:
    """Return mean accuracies under PGD and noise after three times the epochs, shape (2, n)."""

    def rows(n_epochs: int) -> list[Any]:
        sizes = (data.n_inputs, *config.hidden, data.n_classes)
        networks = Population(config.n_networks, sizes, "vanilla", config.seed)
        train(networks, data, replace(config, n_epochs=n_epochs))
        noisy = (gaussian_noise(images, size) for size in epsilons)
        noise = [right_answers(networks, each, labels).mean() for each in noisy]
        pgd = robust_accuracy(networks, images, labels, epsilons, steps=20, restarts=2)
        return [pgd.mean(1), noise]

    longer = rows(3 * config.n_epochs)
    return Solution(
        longer, tolerance=0.01, twice=[longer[0], longer[0]], short=rows(config.n_epochs)
    )
