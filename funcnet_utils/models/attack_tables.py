"""Attacks on a population and the tests that unmask, as tidy tables."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils.datasets import Split
from funcnet_utils.models.areas import areas
from funcnet_utils.models.attacks import fgsm, survivors
from funcnet_utils.models.library_attacks import library_attack
from funcnet_utils.models.perturbations import (
    gaussian_noise,
    gradient_sizes,
    pixel_flips,
    right_answers,
)
from funcnet_utils.models.population import Population

ATTACKS = ("fgsm", "pgd", "pgd_margin", "worst", "noise", "pixel_flips")
LOSSES = ("cross_entropy", "margin")
TINY = 1e-12
SUBSAMPLE = 100
QUERIES = 300
FINER = 2  # restarts of the last climb, which meets only what survived the others


@dataclass(frozen=True)
class AttackConfig:
    """How networks are attacked.

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

    Raises
    ------
    ValueError
        If a value is out of its range.

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
        object.__setattr__(self, "epsilons", tuple(self.epsilons))
        for name, least in (("steps", 1), ("restarts", 1), ("n_images", 1), ("seed", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name} is {value!r}: choose a whole number >= {least}.")
        inside = all(0 <= epsilon <= 1 for epsilon in self.epsilons)
        rising = all(a < b for a, b in itertools.pairwise(self.epsilons))
        if len(self.epsilons) < 2 or not inside or not rising:
            raise ValueError(
                f"epsilons are {self.epsilons}: give at least two, ascending, each in [0, 1]."
            )


def attack_table(population: Population, split: Split, settings: AttackConfig) -> pd.DataFrame:
    """Return the accuracy of each network under each attack.

    Parameters
    ----------
    population : Population
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
    images, labels = _samples(split, settings.n_images)
    right = _climbs(population, images, labels, settings.epsilons, settings)
    right["fgsm"] = np.stack(
        [
            right_answers(population, fgsm(population, images, labels, epsilon), labels)
            for epsilon in settings.epsilons
        ]
    )
    numbers = range(population.first, population.first + population.n_networks)
    for name, change in (("noise", gaussian_noise), ("pixel_flips", pixel_flips)):
        right[name] = np.stack(
            [
                right_answers(
                    population,
                    np.stack(
                        [change(images, epsilon, network=k, seed=settings.seed) for k in numbers]
                    ),
                    labels,
                )
                for epsilon in settings.epsilons
            ]
        )
    index = pd.MultiIndex.from_product(
        [ATTACKS, settings.epsilons, numbers], names=["attack", "epsilon", "network"]
    )
    accuracy = np.stack([right[name].mean(-1) for name in ATTACKS]).ravel()
    table = pd.DataFrame({"accuracy": accuracy}, index=index).reset_index()
    return table[["network", "attack", "epsilon", "accuracy"]]


def attack_auc(table: pd.DataFrame) -> pd.DataFrame:
    """Return the area under the accuracy of each network and attack, over epsilon.

    Parameters
    ----------
    table : DataFrame
        As `attack_table` returns it; other columns, such as the arm, are kept apart.

    Returns
    -------
    DataFrame
        Columns network, attack (and the others) and area: the trapezoid rule, divided by the range
        of epsilon, so in [0, 1]; 1 is never wrong at any epsilon.

    Examples
    --------
    >>> table = pd.DataFrame({"network": 0, "attack": "pgd", "epsilon": [0, 0.1, 0.3],
    ...                       "accuracy": [1.0, 0.5, 0.0]})
    >>> attack_auc(table)["area"].round(6).tolist()
    [0.416667]
    """
    return areas(table, "epsilon")


def self_tests(
    population: Population,
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
    population : Population
    split : Split
        Images held out from training.
    settings : AttackConfig
    table : DataFrame, optional
        What `attack_table` returned for the same arguments; made anew by default.
    square : bool, default=True
        Also run the black-box square attack, on network 0 (if it is in this block) and a few
        images.
    shape : tuple of int, optional
        Height, width and, for colour, 3, for the square attack; square grey images by default.

    Returns
    -------
    DataFrame
        Columns network, test, value, limit and passed (value at most the limit). Tests, all in
        shares of samples:

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
    table = attack_table(population, split, settings) if table is None else table
    numbers = population.first + np.arange(population.n_networks)
    curves = {
        attack: part.pivot(index="epsilon", columns="network", values="accuracy")[
            numbers
        ].to_numpy()
        for attack, part in table.groupby("attack")
    }
    images, labels = _samples(split, settings.n_images)
    few_images, few_labels = _samples(split, min(SUBSAMPLE, settings.n_images))
    middle = settings.epsilons[len(settings.epsilons) // 2]
    sizes = {loss: gradient_sizes(population, images, labels, loss=loss) for loss in LOSSES}
    values = {
        "white box above noise": ((curves["worst"] - curves["noise"]).max(0), 0.0),
        "more steps are easier": (
            _rise(population, few_images, few_labels, middle, settings),
            0.02,
        ),
        "accuracy at the largest epsilon": (curves["worst"][-1], 0.01),
        "cross-entropy gradient zero": ((sizes["cross_entropy"] == 0).mean(1), 0.0),
        "cross-entropy gradient below 1e-12": ((sizes["cross_entropy"] < TINY).mean(1), 0.01),
        "margin gradient zero": ((sizes["margin"] == 0).mean(1), 0.0),
    }
    rows = [
        pd.DataFrame({"network": numbers, "test": test, "value": value, "limit": limit})
        for test, (value, limit) in values.items()
    ]
    if square and population.first == 0:
        value = _above_square(population, few_images, few_labels, middle, settings, shape)
        rows.append(
            pd.DataFrame(
                {
                    "network": numbers[:1],
                    "test": "white box above square",
                    "value": value,
                    "limit": 0.0,
                }
            )
        )
    tests = pd.concat(rows, ignore_index=True)
    tests["passed"] = tests["value"] <= tests["limit"]
    return tests


def _rise(
    population: Population,
    images: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    settings: AttackConfig,
) -> np.ndarray:
    """Largest rise of accuracy from few steps to many, of one restart."""
    accuracy = [
        survivors(
            population,
            images,
            labels,
            (epsilon,),
            steps=steps,
            restarts=1,
            seed=settings.seed,
            loss="margin",
        )[0].mean(-1)
        for steps in (max(settings.steps // 4, 1), settings.steps, 4 * settings.steps)
    ]
    return np.diff(accuracy, axis=0).max(0)


def _above_square(
    population: Population,
    images: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    settings: AttackConfig,
    shape: tuple[int, ...] | None,
) -> float:
    first = population.select(0)
    white_box = _climbs(first, images, labels, (epsilon,), settings)["worst"]
    found = library_attack(
        first,
        0,
        images,
        labels,
        epsilon,
        "square",
        steps=QUERIES,
        restarts=1,
        shape=shape,
        seed=settings.seed,
    )
    black_box = right_answers(first, found, labels)[0]
    return float(white_box.mean() - black_box.mean())


def _samples(split: Split, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images spread evenly over a split, which may be sorted by class."""
    chosen = np.linspace(0, len(split) - 1, min(count, len(split))).round().astype(int)
    return split.images[chosen], split.labels[chosen]


def _climbs(
    population: Population,
    images: np.ndarray,
    labels: np.ndarray,
    epsilons: tuple[float, ...],
    settings: AttackConfig,
) -> dict[str, np.ndarray]:
    """Return the samples that survive projected gradient descent, of each kind and of all."""

    def climb(loss: str, restarts: int, **kind: Any) -> np.ndarray:
        return survivors(
            population,
            images,
            labels,
            epsilons,
            loss=loss,
            steps=settings.steps,
            restarts=restarts,
            seed=settings.seed,
            **kind,
        )

    right = {
        "pgd": climb("cross_entropy", settings.restarts),
        "pgd_margin": climb("margin", settings.restarts),
    }
    both = right["pgd"] & right["pgd_margin"]
    finer = min(FINER, settings.restarts)
    return right | {"worst": climb("cross_entropy", finer, decay=True, among=both)}
