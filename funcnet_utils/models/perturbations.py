"""Controls of an attack: changes of images that aim at nothing."""

from __future__ import annotations

import numpy as np

from funcnet_utils.models.classifier import check_epsilon
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
