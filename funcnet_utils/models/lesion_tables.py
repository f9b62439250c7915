"""Lesions of networks, in the orders that a functional network suggests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from funcnet_utils import graphs
from funcnet_utils.correlation import strength
from funcnet_utils.datasets import Split
from funcnet_utils.errors import check_int, check_rising
from funcnet_utils.models.classifier import Networks, members
from funcnet_utils.models.curves import spread, tidy
from funcnet_utils.models.lesions import lesion_curve, weight_noise_curve
from funcnet_utils.models.streams import Stream, generator

STRATEGIES = ("random", "degree", "betweenness", "module", "module_control")


@dataclass(frozen=True)
class LesionConfig:
    """How networks are lesioned; a value out of its range is a ValueError.

    Parameters
    ----------
    shares : tuple of float, default=(0, .1, ..., 1)
        Shares of the hidden units that are silenced, in [0, 1], ascending, at least two.
    noise : tuple of float, default=(0, .1, .2, .3, .5, .7, 1)
        Relative standard deviations of the noise on weights, >= 0, ascending, at least two.
    draws : int, default=10
        Draws of every random order and of the noise, at least 1.
    density : float, default=0.05
        Density of the functional network that ranks the units.
    n_images : int, default=1000
        Images shown, spread evenly over the split; all of them, if there are fewer.
    seed : int, default=0
        Root of orders and noise.

    Examples
    --------
    >>> LesionConfig(draws=3).density
    0.05
    """

    shares: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    noise: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
    draws: int = 10
    density: float = 0.05
    n_images: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low in (("draws", 1), ("n_images", 1), ("seed", 0)):
            check_int(name, getattr(self, name), low)
        if not 0 < self.density <= 1:
            raise ValueError(f"density is {self.density!r}: choose a share of all pairs in (0, 1].")
        object.__setattr__(self, "shares", check_rising("shares", self.shares, 1.0))
        object.__setattr__(self, "noise", check_rising("noise", self.noise, np.inf))


def lesion_orders(
    correlation: np.ndarray, layers: np.ndarray, network: int, settings: LesionConfig
) -> dict[str, np.ndarray]:
    """Return the orders in which the units of one network fall silent.

    Parameters
    ----------
    correlation : ndarray, shape (n_hidden, n_hidden)
        Signed correlations, as `funcnet_utils.models.correlations` returns them.
    layers : ndarray of int, shape (n_hidden,)
        Layer of each unit.
    network : int
        Number of the network, for its draws.
    settings : LesionConfig

    Returns
    -------
    dict of ndarray of int
        An array of shape (m, n_hidden) for each strategy; dead units come last, and equal units
        in the order of their numbers. "random" has `draws` orders of the live units; "degree" and
        "betweenness" one, the most central unit first; "module" `draws`, one module of Leiden after
        the other, modules and the units within them in random order; "module_control" `draws`, each
        with the same numbers of units of each layer at any point as its "module" order, but drawn
        at random.

    References
    ----------
    Albert, Jeong, Barabasi (2000), doi:10.1038/35019019. Traag, Waltman, van Eck (2019),
    doi:10.1038/s41598-019-41695-z.
    """
    weights, live = strength(correlation, "drop")
    dead = np.setdiff1d(np.arange(len(correlation)), live)
    rng = generator(settings.seed, network, Stream.LESIONS)
    graph = graphs.spanning_density_graph(weights, settings.density)
    module = graphs.communities(graph, int(rng.integers(2**31)))
    found: dict[str, list[np.ndarray]] = {
        "random": [rng.permutation(len(live)) for _ in range(settings.draws)],
        "degree": [np.argsort(-graphs.degree(graph), kind="stable")],
        "betweenness": [np.argsort(-graphs.betweenness(graph), kind="stable")],
        "module": [_by_module(module, rng) for _ in range(settings.draws)],
    }
    found["module_control"] = [_within_layers(o, layers[live], rng) for o in found["module"]]
    return {name: np.stack([np.r_[live[one], dead] for one in found[name]]) for name in STRATEGIES}


def lesion_table(
    networks: Networks, split: Split, correlations: np.ndarray, settings: LesionConfig
) -> pd.DataFrame:
    """Return the accuracy of each network under each lesion, the mean over draws.

    Parameters
    ----------
    networks
        As for `lesion_curve`.
    split : Split
        Images held out from training.
    correlations : ndarray, shape (n_networks, n_hidden, n_hidden)
        Signed correlations, as `funcnet_utils.models.correlations` returns them.
    settings : LesionConfig

    Returns
    -------
    DataFrame
        Columns network, strategy, clamp, share and accuracy. Strategies are those of
        `lesion_orders`, each with clamp "zero" and "mean"; of "weight_noise", with clamp "none",
        the share is the relative standard deviation of the noise.

    References
    ----------
    Morcos, Barrett, Rabinowitz, Botvinick (2018), arXiv:1803.06959.
    """
    asked = members(networks)
    numbers = [one.number for one in asked]
    images, labels = spread(split, settings.n_images)
    pairs = zip(correlations, asked, strict=True)
    orders = [lesion_orders(r, one.layers, one.number, settings) for r, one in pairs]
    parts = []
    for strategy in STRATEGIES:
        order = np.stack([found[strategy] for found in orders])
        for clamp in ("zero", "mean"):
            curve = lesion_curve(asked, images, labels, order, settings.shares, clamp)
            levels = {"strategy": [strategy], "clamp": [clamp], "network": numbers}
            parts.append(tidy(curve.mean(1), **levels, share=settings.shares))
    options = {"draws": settings.draws, "seed": settings.seed}
    noisy = weight_noise_curve(asked, images, labels, settings.noise, **options)
    levels |= {"strategy": ["weight_noise"], "clamp": ["none"]}
    parts.append(tidy(noisy.mean(1), **levels, share=settings.noise))
    table = pd.concat(parts, ignore_index=True)
    return table[["network", "strategy", "clamp", "share", "accuracy"]]


def _by_module(module: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Units of one module after the other, in random order."""
    turn = rng.permutation(module.max(initial=-1) + 1)
    shuffled = rng.permutation(len(module))
    return shuffled[np.argsort(turn[module[shuffled]], kind="stable")]


def _within_layers(order: np.ndarray, layers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Put another unit of the same layer in the place of each."""
    other = np.arange(len(layers))
    for layer in np.unique(layers):
        units = np.flatnonzero(layers == layer)
        other[units] = rng.permutation(units)
    return other[order]
