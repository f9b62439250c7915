"""Lesions: silence hidden units, or disturb weights, and watch the accuracy fall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from funcnet_utils._hooks import lesion_scores, silent_units
from funcnet_utils.errors import check_choice, check_int, check_real
from funcnet_utils.models.classifier import Networks, asking
from funcnet_utils.models.streams import Stream, generator


def lesion_curve(
    networks: Networks,
    images: np.ndarray,
    labels: np.ndarray,
    order: np.ndarray,
    shares: Sequence[float],
    clamp: str = "zero",
) -> np.ndarray:
    """Return the accuracy of each network while a growing share of its hidden units is silent.

    Parameters
    ----------
    networks : Population, or what `classifier` made of a module and its layers, or several of these
    images : ndarray, shape (n_samples, ...)
        Pixels in [0, 1].
    labels : ndarray of int, shape (n_samples,)
        The right classes.
    order : ndarray of int, shape (n_hidden,), (n_networks, n_hidden) or (n_networks, m, n_hidden)
        Hidden units, as `layers` of the networks numbers them, in the order in which they fall
        silent: one order for all networks, one each, or m each.
    shares : sequence of float
        Shares of all hidden units, in [0, 1]; a share silences the first
        ``round(share * n_hidden)`` units of the order.
    clamp : {"zero", "mean"}, default="zero"
        A silent unit shows 0, or its mean over the images (and, if it is a channel, over places)
        in the untouched network.

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
    >>> from funcnet_utils.models import Population
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> images, labels = np.eye(4), np.array([0, 1, 0, 1])
    >>> lesion_curve(population, images, labels, np.arange(5), (0, 0.5, 1)).shape
    (3, 3)
    """
    check_choice("clamp", clamp, ("zero", "mean"))
    with asking(networks, images, labels) as (asked, pixels, classes):

        def score(_: torch.nn.Module, begun: torch.Tensor) -> float:
            return (one.logits(begun).argmax(1) == classes).sum().item() / len(classes)

        silent = _silent(order, shares, asked)
        curves = np.zeros(silent.shape[:-1])
        for k, one in enumerate(asked):
            shown = np.zeros(len(one.layers), dtype=np.float32)
            if clamp == "mean" and one.units:
                shown = torch.cat(one.observed(pixels)[1]).float().cpu().numpy()
            begun = one.head(pixels)
            curves[k] = lesion_scores(one.body, begun, score, silent[k], shown, one.units)
    return curves if np.ndim(order) == 3 else curves[:, 0]


def weight_noise_curve(
    networks: Networks,
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
    networks, images, labels
        As for `lesion_curve`; the weights of a module are its parameters of at least two axes.
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

    Examples
    --------
    >>> from funcnet_utils.models import Population
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> images, labels = np.eye(4), np.array([0, 1, 0, 1])
    >>> weight_noise_curve(population, images, labels, (0, 0.1), draws=2).shape
    (3, 2, 2)
    """
    for level in levels:
        check_real("level", level, 0, np.inf, "a relative standard deviation")
    with asking(networks, images, labels) as (asked, pixels, classes):
        curves = np.zeros((len(asked), check_int("draws", draws, 1), len(levels)))
        for k, draw in np.ndindex(curves.shape[:2]):
            one = asked[k]
            stream = generator(seed, one.number, Stream.WEIGHT_NOISE, draw)
            clean = [weight.detach().clone() for weight in one.weights]
            noise = [torch.from_numpy(stream.standard_normal(w.shape, np.float32)) for w in clean]
            try:
                for place, level in enumerate(levels):
                    for weight, before, z in zip(one.weights, clean, noise, strict=True):
                        weight.data.copy_(torch.addcmul(before, before, z.to(before), value=level))
                    right = one.answers(pixels).argmax(1) == classes
                    curves[k, draw, place] = right.sum().item() / len(classes)
            finally:
                for weight, before in zip(one.weights, clean, strict=True):
                    weight.data.copy_(before)
    return curves


def _silent(order: np.ndarray, shares: Sequence[float], asked: list[Any]) -> np.ndarray:
    """Return which units are silent, shape (n_networks, m, n_shares, n_hidden)."""
    units = len(asked[0].layers)
    if units == 0:
        raise ValueError(
            "these networks have no hidden unit that could be silenced: give some, or name layers "
            "in classifier(module, shape, layers=...)."
        )
    silent, axes = silent_units(order, shares, units), np.ndim(order)
    if axes > 3 or (axes > 1 and len(order) != len(asked)):
        raise ValueError(f"order has shape {np.shape(order)}: give one for each of {len(asked)}.")
    silent = silent if axes == 3 else silent[..., None, :, :]
    return np.broadcast_to(silent, (len(asked), *silent.shape[-3:]))
