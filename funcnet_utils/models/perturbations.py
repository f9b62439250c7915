"""Changes of images that aim at nothing: the controls of an attack."""

from __future__ import annotations

import numpy as np

from funcnet_utils.models.input_gradient import (
    answers,
    check_epsilon,
    check_samples,
    generator,
    get_loss,
    input_gradient,
    lone_networks,
)
from funcnet_utils.models.population import Population

NOISE_STREAM, FLIP_STREAM = 5, 6


def gaussian_noise(
    images: np.ndarray, epsilon: float, *, network: int = 0, seed: int = 0
) -> np.ndarray:
    """Add Gaussian noise to pixels, and clip them to [0, 1].

    Parameters
    ----------
    images : ndarray, shape (n_samples, n_inputs)
        Pixels in [0, 1].
    epsilon : float
        Standard deviation, in [0, 1]; the draws of another epsilon are the same, scaled.
    network : int, default=0
        Number of the network, which draws noise of its own, the same in every arm.
    seed : int, default=0
        Root of the noise.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_inputs)

    Examples
    --------
    >>> gaussian_noise(np.full((2, 3), 0.5), 0.0).tolist()
    [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
    """
    draws = generator(seed, network, NOISE_STREAM).standard_normal(images.shape, dtype=np.float32)
    return np.clip(images + np.float32(check_epsilon(epsilon)) * draws, 0, 1).astype(np.float32)


def pixel_flips(
    images: np.ndarray, epsilon: float, *, network: int = 0, seed: int = 0
) -> np.ndarray:
    """Turn a share of the pixels into their negative, 1 - x.

    Parameters
    ----------
    images : ndarray, shape (n_samples, n_inputs)
        Pixels in [0, 1].
    epsilon : float
        Probability of a flip, in [0, 1]; a pixel flipped at one epsilon is flipped at larger ones.
    network : int, default=0
        Number of the network, which draws flips of its own, the same in every arm.
    seed : int, default=0
        Root of the flips.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_inputs)

    Examples
    --------
    >>> pixel_flips(np.zeros((1, 3)), 1.0).tolist()
    [[1.0, 1.0, 1.0]]
    """
    draws = generator(seed, network, FLIP_STREAM).random(images.shape, dtype=np.float32)
    flipped = draws < check_epsilon(epsilon)
    return np.where(flipped, 1 - images, images).astype(np.float32)


def right_answers(population: Population, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which samples each network classifies right, in evaluation mode.

    Parameters
    ----------
    population : Population
    images : ndarray, shape (n_samples, n_inputs) or (n_networks, n_samples, n_inputs)
        Pixels in [0, 1], shared or one set a network, as attacks return them.
    labels : ndarray of int, shape (n_samples,)

    Returns
    -------
    ndarray of bool, shape (n_networks, n_samples)
    """
    sets = images if np.ndim(images) == 3 else [images] * population.n_networks
    right = []
    for network, shown in zip(lone_networks(population), sets, strict=True):
        pixels, classes = check_samples(population, shown, labels)
        right.append((answers(network, pixels).argmax(1) == classes).numpy())
    return np.stack(right)


def gradient_sizes(
    population: Population, images: np.ndarray, labels: np.ndarray, *, loss: str = "cross_entropy"
) -> np.ndarray:
    """Return the largest absolute gradient of the loss at any pixel of each image.

    Where the softmax is saturated the gradient of the cross-entropy vanishes in float32, and an
    attack that follows it stands still: the network then looks robust without being so.

    Parameters
    ----------
    population : Population
    images : ndarray, shape (n_samples, n_inputs)
        Pixels in [0, 1].
    labels : ndarray of int, shape (n_samples,)
    loss : {"cross_entropy", "margin"}, default="cross_entropy"

    Returns
    -------
    ndarray of float32, shape (n_networks, n_samples), >= 0

    References
    ----------
    Carlini et al. (2019), arXiv:1902.06705.
    """
    pixels, classes = check_samples(population, images, labels)
    sizes = [
        input_gradient(network, pixels, classes, get_loss(loss))[1].abs().amax(1).numpy()
        for network in lone_networks(population)
    ]
    return np.stack(sizes)
