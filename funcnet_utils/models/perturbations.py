"""Controls of an attack: changes of images that aim at nothing, and the answers to them."""

from __future__ import annotations

import math

import numpy as np

from funcnet_utils.models.classifier import Networks, asking, check_epsilon, get_loss, members
from funcnet_utils.models.streams import Stream, generator


def gaussian_noise(
    images: np.ndarray, epsilon: float, *, network: int = 0, seed: int = 0
) -> np.ndarray:
    """Add Gaussian noise to pixels, and clip them to [0, 1].

    Parameters
    ----------
    images : ndarray
        Pixels in [0, 1].
    epsilon : float
        Standard deviation, in [0, 1]; the draws of another epsilon are the same, scaled.
    network : int, default=0
        Number of the network, which draws noise of its own, the same in every arm.
    seed : int, default=0
        Root of the noise.

    Returns
    -------
    ndarray of float32, of the same shape

    Examples
    --------
    >>> gaussian_noise(np.full((2, 3), 0.5), 0.0).tolist()
    [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
    """
    draws = generator(seed, network, Stream.NOISE).standard_normal(images.shape, dtype=np.float32)
    return np.clip(images + np.float32(check_epsilon(epsilon)) * draws, 0, 1).astype(np.float32)


def pixel_flips(
    images: np.ndarray, epsilon: float, *, network: int = 0, seed: int = 0
) -> np.ndarray:
    """Turn a share of the pixels into their negative, 1 - x.

    Parameters
    ----------
    images, network, seed
        As for `gaussian_noise`.
    epsilon : float
        Probability of a flip, in [0, 1]; a pixel flipped at one epsilon is flipped at larger ones.

    Returns
    -------
    ndarray of float32, of the same shape

    Examples
    --------
    >>> pixel_flips(np.zeros((1, 3)), 1.0).tolist()
    [[1.0, 1.0, 1.0]]
    """
    draws = generator(seed, network, Stream.FLIPS).random(images.shape, dtype=np.float32)
    return np.where(draws < check_epsilon(epsilon), 1 - images, images).astype(np.float32)


def right_answers(networks: Networks, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which samples each network classifies right, in evaluation mode.

    Parameters
    ----------
    networks : Population, Classifier or sequence of Classifier
    images : ndarray, shape (n_samples, ...) or (n_networks, n_samples, ...)
        Pixels in [0, 1], shared or one set per network, as attacks return them.
    labels : ndarray of int, shape (n_samples,)

    Returns
    -------
    ndarray of bool, shape (n_networks, n_samples)
    """
    given, every, right = np.asarray(images), members(networks), []
    whole = (len(every), np.size(labels), every[0].n_inputs)
    sets = given.reshape(whole) if given.size == math.prod(whole) else [given] * len(every)
    for one, shown in zip(every, sets, strict=True):
        with asking(one, shown, labels) as (_, pixels, classes):
            right.append((one.answers(pixels).argmax(1) == classes).numpy())
    return np.stack(right)


def gradient_sizes(
    networks: Networks, images: np.ndarray, labels: np.ndarray, *, loss: str = "cross_entropy"
) -> np.ndarray:
    """Return the largest absolute gradient of the loss at any pixel of each image.

    Where the softmax is saturated the gradient of the cross-entropy vanishes in float32, and an
    attack that follows it stands still: the network then looks robust without being so.

    Parameters
    ----------
    networks, images, labels, loss
        As for `fgsm`.

    Returns
    -------
    ndarray of float32, shape (n_networks, n_samples), >= 0

    References
    ----------
    Carlini et al. (2019), arXiv:1902.06705.
    """
    with asking(networks, images, labels) as (asked, pixels, classes):
        gradients = [one.gradient(pixels, classes, get_loss(loss))[1] for one in asked]
    return np.stack([gradient.abs().amax(1).numpy() for gradient in gradients])
