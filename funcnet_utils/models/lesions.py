"""Lesions: silence hidden units, or disturb weights, and watch the accuracy fall."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch

from funcnet_utils.errors import check_choice, check_int, check_real
from funcnet_utils.models.classifier import Networks
from funcnet_utils.models.modes import single_thread
from funcnet_utils.models.questions import question
from funcnet_utils.models.streams import Stream, generator


@single_thread()
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
    asked, pixels, classes = question(networks, images, labels)
    check_choice("clamp", clamp, ("zero", "mean"))
    units = len(asked[0].layers)
    orders = _orders(len(asked), units, order)
    what = "a share of the hidden units,"
    counts = [round(check_real("share", share, 0, 1, what) * units) for share in shares]
    curves = np.zeros((*orders.shape[:2], len(counts)))
    for k, one in enumerate(asked):
        begun, sizes = one.begin(pixels), np.bincount(one.layers).tolist()
        shown: dict[int, torch.Tensor | float] = dict.fromkeys(range(len(sizes)), 0.0)
        if clamp == "mean":
            one.changed(begun, partial(_remember, shown))
        for number, place in np.ndindex(orders.shape[1], len(counts)):
            silent = torch.zeros(units, dtype=torch.bool)
            silent[orders[k, number, : counts[place]]] = True
            logits = one.changed(begun, partial(_silence, silent.split(sizes), shown))
            curves[k, number, place] = (logits.argmax(1) == classes).sum().item() / len(classes)
    return curves if np.ndim(order) == 3 else curves[:, 0]


@single_thread()
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
    asked, pixels, classes = question(networks, images, labels)
    for level in levels:
        check_real("level", level, 0, np.inf, "a relative standard deviation")
    curves = np.zeros((len(asked), check_int("draws", draws, 1), len(levels)))
    for k, one in enumerate(asked):
        clean = [weight.detach().clone() for weight in one.weights]
        try:
            for draw in range(draws):
                stream = generator(seed, one.number, Stream.WEIGHT_NOISE, draw)
                noise = [
                    torch.from_numpy(stream.standard_normal(weight.shape, dtype=np.float32))
                    for weight in clean
                ]
                for place, level in enumerate(levels):
                    for weight, before, z in zip(one.weights, clean, noise, strict=True):
                        weight.data.copy_(torch.addcmul(before, before, z.to(before), value=level))
                    right = one.answers(pixels).argmax(1) == classes
                    curves[k, draw, place] = right.sum().item() / len(classes)
        finally:
            for weight, before in zip(one.weights, clean, strict=True):
                weight.data.copy_(before)
    return curves


def _remember(
    means: dict[int, torch.Tensor | float], layer: int, values: torch.Tensor
) -> torch.Tensor:
    means[layer] = values.flatten(0, -2).mean(0)
    return values


def _silence(
    silent: Sequence[torch.Tensor],
    shown: dict[int, torch.Tensor | float],
    layer: int,
    values: torch.Tensor,
) -> torch.Tensor:
    quiet = silent[layer].to(values.device)
    return torch.where(quiet, shown[layer], values) if quiet.any() else values


def _orders(networks: int, units: int, order: np.ndarray) -> np.ndarray:
    """Return orders of shape (n_networks, m, n_hidden), after checking them."""
    if units == 0:
        raise ValueError(
            "these networks have no hidden unit that could be silenced: give some, or name layers "
            "in classifier(module, shape, layers=...)."
        )
    given = np.atleast_1d(order)
    many = given if given.ndim == 3 else given[..., None, :]
    shapes = ((1, units), (networks, many.shape[-2], units))
    fits = many.shape in shapes and many.dtype.kind in "iu"
    if not fits or not (np.sort(many) == np.arange(units)).all():
        raise ValueError(
            f"order has shape {given.shape} and type {given.dtype}: list each of 0 to {units - 1} "
            f"once, in whole numbers of shape ({units},), ({networks}, {units}) or ({networks}, m, "
            f"{units})."
        )
    return np.array(np.broadcast_to(many, (networks, *many.shape[-2:])))
