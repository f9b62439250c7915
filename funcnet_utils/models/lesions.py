"""Lesions: silence hidden units, or disturb weights, and watch the accuracy fall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from funcnet_utils.errors import closest
from funcnet_utils.models.input_gradient import (
    answers,
    check_count,
    check_samples,
    generator,
    lone_networks,
)
from funcnet_utils.models.population import SLOPE, Population

CLAMPS = ("zero", "mean")
WEIGHT_STREAM = 8


def lesion_curve(
    population: Population,
    images: np.ndarray,
    labels: np.ndarray,
    order: np.ndarray,
    shares: Sequence[float],
    clamp: str = "zero",
) -> np.ndarray:
    """Return the accuracy of each network while a growing share of its hidden units is silent.

    Parameters
    ----------
    population : Population
    images : ndarray, shape (n_samples, n_inputs)
        Pixels in [0, 1].
    labels : ndarray of int, shape (n_samples,)
        The right classes.
    order : ndarray of int, shape (n_hidden,), (n_networks, n_hidden) or (n_networks, m, n_hidden)
        Hidden units, as `Population.layers` numbers them, in the order in which they fall silent:
        one order for all networks, one each, or m each.
    shares : sequence of float
        Shares of all hidden units, in [0, 1]; a share silences the first
        ``round(share * n_hidden)`` units of the order.
    clamp : {"zero", "mean"}, default="zero"
        A silent unit shows 0, or its mean over the images in the untouched network.

    Returns
    -------
    ndarray of float, in [0, 1]
        Shape (n_networks, n_shares), or (n_networks, m, n_shares) for m orders each. At share 0 it
        is the accuracy of `evaluate`.

    Raises
    ------
    ValueError
        If an argument is out of its range, an order is no permutation of the hidden units, or
        images and labels do not fit.

    References
    ----------
    Morcos, Barrett, Rabinowitz, Botvinick (2018), arXiv:1803.06959.

    Examples
    --------
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> images, labels = np.eye(4), np.array([0, 1, 0, 1])
    >>> lesion_curve(population, images, labels, np.arange(5), (0, 0.5, 1)).shape
    (3, 3)
    """
    pixels, classes = check_samples(population, images, labels)
    if clamp not in CLAMPS:
        raise ValueError(f"there is no clamp {clamp!r}: {closest(str(clamp), CLAMPS)}.")
    orders = _orders(population, order)
    counts = [round(_share(share) * population.n_hidden) for share in shares]
    curves = np.zeros((*orders.shape[:2], len(counts)))
    for k, network in enumerate(lone_networks(population)):
        with torch.no_grad():
            hidden = network.hidden(pixels)
            mean = torch.cat([layer[0].mean(0) for layer in hidden])
            for number, units in enumerate(orders[k]):
                for place, count in enumerate(counts):
                    silent = torch.zeros(population.n_hidden, dtype=torch.bool)
                    silent[units[:count]] = True
                    value = mean if clamp == "mean" else torch.zeros_like(mean)
                    logits = _lesioned(network, hidden[0], silent, value)
                    right = (logits.argmax(1) == classes).sum().item()
                    curves[k, number, place] = right / len(classes)
    return curves if np.ndim(order) == 3 else curves[:, 0]


def weight_noise_curve(
    population: Population,
    images: np.ndarray,
    labels: np.ndarray,
    levels: Sequence[float],
    *,
    draws: int = 10,
    seed: int = 0,
) -> np.ndarray:
    """Return the accuracy of each network under Gaussian noise on its weights.

    Each weight w becomes w (1 + s z) with z standard normal, so the noise is relative to the weight
    and does not ask in which units it is measured. Biases and normalizations are left alone.

    Parameters
    ----------
    population : Population
    images : ndarray, shape (n_samples, n_inputs)
        Pixels in [0, 1].
    labels : ndarray of int, shape (n_samples,)
        The right classes.
    levels : sequence of float
        Relative standard deviations s, >= 0.
    draws : int, default=10
        Draws of z, the same at each level and in each arm.
    seed : int, default=0
        Root of the noise.

    Returns
    -------
    ndarray of float, shape (n_networks, draws, n_levels), in [0, 1]
        At level 0 it is the accuracy of `evaluate`.

    Raises
    ------
    ValueError
        If an argument is out of its range, or images and labels do not fit.

    Examples
    --------
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> images, labels = np.eye(4), np.array([0, 1, 0, 1])
    >>> weight_noise_curve(population, images, labels, (0, 0.1), draws=2).shape
    (3, 2, 2)
    """
    pixels, classes = check_samples(population, images, labels)
    for level in levels:
        if not 0 <= level < np.inf:
            raise ValueError(f"level is {level!r}: choose a relative standard deviation >= 0.")
    curves = np.zeros((population.n_networks, check_count("draws", draws), len(levels)))
    for k, network in enumerate(lone_networks(population)):
        clean = [weight.clone() for weight in network.weights]
        for draw in range(draws):
            stream = generator(seed, network.first, WEIGHT_STREAM, draw)
            noise = [
                torch.from_numpy(stream.standard_normal(weight.shape, dtype=np.float32))
                for weight in clean
            ]
            for place, level in enumerate(levels):
                for weight, before, z in zip(network.weights, clean, noise, strict=True):
                    weight.copy_(torch.addcmul(before, before, z, value=level))
                right = answers(network, pixels).argmax(1) == classes
                curves[k, draw, place] = right.sum().item() / len(classes)
    return curves


def _lesioned(
    network: Population, first: torch.Tensor, silent: torch.Tensor, value: torch.Tensor
) -> torch.Tensor:
    """Return the logits of one network, from its first layer on, with silent units."""
    sizes = network.widths[1:-1]
    values = first
    for layer, (quiet, shown) in enumerate(
        zip(silent.split(sizes), value.split(sizes), strict=True)
    ):
        if layer:
            linear = torch.baddbmm(network.biases[layer][:, None], values, network.weights[layer])
            values = functional.leaky_relu(network._normalise(layer, linear)[0], SLOPE)
        if quiet.any():
            values = torch.where(quiet, shown, values)
    return torch.baddbmm(network.biases[-1][:, None], values, network.weights[-1])[0]


def _orders(population: Population, order: np.ndarray) -> np.ndarray:
    """Return orders of shape (n_networks, m, n_hidden), after checking them."""
    if population.n_hidden == 0:
        raise ValueError("these networks have no hidden unit that could be silenced.")
    given = np.asarray(order)
    networks, units = population.n_networks, population.n_hidden
    fits = given.shape in ((units,), (networks, units)) or (
        given.ndim == 3 and given.shape[::2] == (networks, units)
    )
    if not fits or given.dtype.kind not in "iu":
        raise ValueError(
            f"order has shape {given.shape} and type {given.dtype}: give whole numbers of shape "
            f"({units},), ({networks}, {units}) or ({networks}, m, {units})."
        )
    if not (np.sort(given, axis=-1) == np.arange(units)).all():
        raise ValueError(f"order names a unit twice or not at all: list each of 0 to {units - 1}.")
    many = given if given.ndim == 3 else given[..., None, :]
    return np.array(np.broadcast_to(many, (networks, *many.shape[-2:])))


def _share(share: float) -> float:
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share!r}: choose a share of the hidden units, in [0, 1].")
    return float(share)
