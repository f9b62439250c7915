"""Attacks on networks and the tests that unmask, as tidy tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils.datasets import Split
from funcnet_utils.errors import ROUNDING, check_int, check_rising
from funcnet_utils.models.attacks import fgsm, survivors
from funcnet_utils.models.classifier import Networks, gradient_sizes, members, right_answers
from funcnet_utils.models.curves import spread, tidy
from funcnet_utils.models.library_attacks import library_attack
from funcnet_utils.models.losses import LOSSES
from funcnet_utils.models.perturbations import gaussian_noise, pixel_flips

ATTACKS = ("fgsm", "pgd", "pgd_margin", "worst", "noise", "pixel_flips")
TINY = 1e-12
SUBSAMPLE = 100
QUERIES = 300
Samples = tuple[list[Any], np.ndarray, np.ndarray]  # networks, images, labels
FINER = 2  # restarts of the last climb, which meets only what survived the others


@dataclass(frozen=True)
class AttackConfig:
    """How networks are attacked; a value out of its range is a ValueError.

    Parameters
    ----------
    epsilons : tuple of float, default=(0, .01, .02, .05, .1, .2, .3)
        Largest changes of a pixel, in [0, 1], ascending, at least two.
    steps : int, default=40
        Steps of projected gradient descent, at least 1.
    restarts : int, default=5
        Its random starts, at least 1.
    n_images : int, default=500
        Images attacked, spread evenly over the split; all of them, if there are fewer.
    seed : int, default=0
        Root of starts, noise and flips.

    Examples
    --------
    >>> AttackConfig(steps=10).restarts
    5
    """

    epsilons: tuple[float, ...] = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
    steps: int = 40
    restarts: int = 5
    n_images: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low in (("steps", 1), ("restarts", 1), ("n_images", 1), ("seed", 0)):
            check_int(name, getattr(self, name), low)
        object.__setattr__(self, "epsilons", check_rising("epsilons", self.epsilons, 1.0))


def attack_table(networks: Networks, split: Split, settings: AttackConfig) -> pd.DataFrame:
    """Return the accuracy of each network under each attack.

    Parameters
    ----------
    networks : Population, Classifier or sequence of Classifier
    split : Split
        Images held out from training.
    settings : AttackConfig

    Returns
    -------
    DataFrame
        Columns network, attack, epsilon and accuracy. Attacks are "fgsm"; "pgd" and "pgd_margin",
        which raise the cross-entropy and the margin; "worst", where a sample must survive both and
        another climb of the cross-entropy whose steps grow finer; and the controls "noise",
        Gaussian of standard deviation epsilon, and "pixel_flips", of a share epsilon of the pixels.

    References
    ----------
    Goodfellow et al. (2015), arXiv:1412.6572. Madry et al. (2018), arXiv:1706.06083. Carlini,
    Wagner (2017), doi:10.1109/SP.2017.49.
    """
    asked = members(networks)
    numbers = [one.number for one in asked]
    images, labels = spread(split, settings.n_images)
    right = _climbs((asked, images, labels), settings.epsilons, settings)

    def change(name: str, epsilon: float) -> np.ndarray:
        if name == "fgsm":
            return fgsm(asked, images, labels, epsilon)
        disturb = gaussian_noise if name == "noise" else pixel_flips
        return np.stack([disturb(images, epsilon, network=k, seed=settings.seed) for k in numbers])

    for name in ("fgsm", "noise", "pixel_flips"):
        moved = (change(name, epsilon) for epsilon in settings.epsilons)
        right[name] = np.stack([right_answers(asked, each, labels) for each in moved])
    accuracy = np.stack([right[name].mean(-1) for name in ATTACKS])
    table = tidy(accuracy, attack=ATTACKS, epsilon=settings.epsilons, network=numbers)
    return table[["network", "attack", "epsilon", "accuracy"]]


def self_tests(
    networks: Networks,
    split: Split,
    settings: AttackConfig,
    table: pd.DataFrame | None = None,
    *,
    square: bool = True,
    shape: tuple[int, ...] | None = None,
) -> pd.DataFrame:
    """Return the tests that unmask networks which only look robust.

    Parameters
    ----------
    networks : Population, Classifier or sequence of Classifier
    split : Split
        Images held out from training.
    settings : AttackConfig
    table : DataFrame, optional
        What `attack_table` returned for the same arguments; made anew by default.
    square : bool, default=True
        Also run the black-box square attack, on network 0 (if it is in this block) and a few
        images; only networks that torch runs can be attacked so.
    shape : tuple of int, optional
        As for `library_attack`.

    Returns
    -------
    DataFrame
        Columns network, test, value, limit and passed (value at most the limit, up to rounding).
        Tests, all in shares of samples:

        - "white box above noise": largest excess, over epsilon, of the accuracy under the worst
          attack over that under noise;
        - "white box above square": the same against the square attack, at the middle epsilon;
        - "more steps are easier": largest rise of accuracy when a quarter of the steps become all,
          or all become four times as many, in one restart with smaller steps;
        - "accuracy at the largest epsilon", which must come down to 0;
        - "cross-entropy gradient zero", "... below 1e-12", "margin gradient zero": samples whose
          largest gradient at any pixel is so small. The first two may fail where the softmax is
          saturated; then "pgd" is masked and "pgd_margin" and "worst" count.

    References
    ----------
    Carlini et al. (2019), arXiv:1902.06705. Zimmermann et al. (2022), arXiv:2206.13991.
    """
    asked = members(networks)
    table = attack_table(asked, split, settings) if table is None else table
    numbers = np.array([one.number for one in asked])
    wide = table.pivot(index="epsilon", columns=["attack", "network"], values="accuracy")
    worst, noise = (wide[attack][numbers].to_numpy() for attack in ("worst", "noise"))
    images, labels = spread(split, settings.n_images)
    few = spread(split, min(SUBSAMPLE, settings.n_images))
    middle = settings.epsilons[len(settings.epsilons) // 2]
    entropy, margin = (gradient_sizes(asked, images, labels, loss=loss) for loss in LOSSES)
    tests = [
        (numbers, "white box above noise", (worst - noise).max(0), 0.0),
        (numbers, "more steps are easier", _rise((asked, *few), middle, settings), 0.02),
        (numbers, "accuracy at the largest epsilon", worst[-1], 0.01),
        (numbers, "cross-entropy gradient zero", (entropy == 0).mean(1), 0.0),
        (numbers, "cross-entropy gradient below 1e-12", (entropy < TINY).mean(1), 0.01),
        (numbers, "margin gradient zero", (margin == 0).mean(1), 0.0),
    ]
    if square and 0 in numbers:
        first = ([asked[int(np.argmin(numbers))]], *few)
        white_box = _climbs(first, (middle,), settings)["worst"][0]
        options: dict[str, Any] = {"steps": QUERIES, "restarts": 1, "seed": settings.seed}
        found = library_attack(first[0], 0, *few, middle, "square", shape=shape, **options)
        above = white_box.mean(1) - right_answers(first[0], found, few[1]).mean(1)
        tests.append((numbers[numbers == 0], "white box above square", above, 0.0))
    columns = ("network", "test", "value", "limit")
    parts = [pd.DataFrame(dict(zip(columns, each, strict=True))) for each in tests]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(passed=rows["value"] <= rows["limit"] + ROUNDING)


def _rise(samples: Samples, epsilon: float, settings: AttackConfig) -> np.ndarray:
    """Largest rise of accuracy from few steps to many, of one restart."""
    climb = partial(survivors, *samples, (epsilon,), restarts=1, seed=settings.seed, loss="margin")
    counts = (max(settings.steps // 4, 1), settings.steps, 4 * settings.steps)
    return np.diff([climb(steps=count)[0].mean(-1) for count in counts], axis=0).max(0)


def _climbs(
    samples: Samples, epsilons: tuple[float, ...], settings: AttackConfig
) -> dict[str, np.ndarray]:
    """Return the samples that survive projected gradient descent, of each kind and of all."""
    climb = partial(survivors, *samples, epsilons, steps=settings.steps, seed=settings.seed)
    first, second = (climb(restarts=settings.restarts, loss=loss) for loss in LOSSES)
    worst = climb(restarts=min(FINER, settings.restarts), decay=True, among=first & second)
    return {"pgd": first, "pgd_margin": second, "worst": worst}
