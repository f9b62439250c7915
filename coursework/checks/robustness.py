"""Checks of the chapter on attacks, recomputed from the reader's own run."""

from __future__ import annotations

from typing import Any

import numpy as np

from coursework.checks.core import Solution, exercise
from funcnet_utils.datasets import load_dataset
from funcnet_utils.studies.claims import robust_area


@exercise("rob-ex-2")
def noise_and_attack(trained: Any) -> Solution:
    """Return areas divided by clean accuracy, rows noise and worst attack, a column per arm."""
    arms = list(trained.config.arms)
    rows = trained.attacks.query("attack == 'worst' and epsilon == 0")
    clean = rows.pivot(index="network", columns="arm", values="accuracy")[arms]
    areas = [robust_area(trained, attack) for attack in ("noise", "worst")]
    right = np.array([(area / clean).mean() for area in areas])
    means = np.array([area.mean() for area in areas])
    return Solution(right, undivided=means, ratio=means / clean.mean().to_numpy())


@exercise("rob-ex-3")
def ruler(trained: Any) -> Solution:
    """Return predicted and measured robust accuracy over the grid of epsilon, shape (2, n)."""
    config = trained.config
    test = load_dataset(config.dataset).test
    count = min(config.n_attacked, len(test))
    rows = np.linspace(0, len(test) - 1, count).round().astype(int)
    network = trained.population("vanilla", 0).network(0)
    shown = next(network.parameters()).new_tensor(test.images[rows]).requires_grad_()
    logits = network(shown)
    classes = logits.new_tensor(test.labels[rows]).long()[:, None]
    wrong = logits.scatter(1, classes, -np.inf).amax(1)
    margin = logits.gather(1, classes)[:, 0] - wrong
    margin.sum().backward()
    slopes, margins = shown.grad.abs(), margin.detach()
    table = trained.attacks.query("arm == 'vanilla' and network == 0 and attack == 'worst'")
    measured = table.sort_values("epsilon")["accuracy"].to_numpy()

    def predicted(slope: Any) -> list[float]:
        radius = (margins / slope).numpy()
        return [(radius > epsilon).mean() for epsilon in config.epsilons]

    right = predicted(slopes.sum(1))
    one = 1.0 / count  # an image at the edge of the ball, on either side by rounding
    return Solution(
        [right, measured],
        tolerance=[[one + 1e-9], [1e-6]],
        euclidean=[predicted((slopes**2).sum(1).sqrt()), measured],
        largest=[predicted(slopes.amax(1)), measured],
        together=[predicted(slopes.sum()), measured],
        twice=[measured, measured],
    )
