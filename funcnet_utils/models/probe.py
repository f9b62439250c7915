"""Show images to a population and correlate its hidden units, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from funcnet_utils._hooks import still
from funcnet_utils.correlation import DEPTH, correlation_matrix
from funcnet_utils.models.modes import single_thread
from funcnet_utils.models.population import Population


def activations(population: Population, images: np.ndarray) -> np.ndarray:
    """Return the hidden activations of each network in evaluation mode, after LeakyReLU.

    Parameters
    ----------
    population : Population
    images : ndarray, shape (n_samples, n_inputs)
        Images in [0, 1].

    Returns
    -------
    ndarray of float32, shape (n_networks, n_samples, n_hidden)
        Layers side by side, as `Population.layers` numbers them.
    """
    return np.concatenate(list(_chunks(population, images)), axis=1)


def correlations(
    population: Population, images: np.ndarray, labels: np.ndarray | None = None
) -> np.ndarray:
    """Return the Pearson correlations between all hidden units of each network.

    Activations are never held for all images at once: see `funcnet_utils.correlation`.

    Parameters
    ----------
    population : Population
        Networks to probe, in evaluation mode during the call.
    images : ndarray, shape (n_samples, n_inputs)
        Probe images in [0, 1], at least 2.
    labels : ndarray of int, shape (n_samples,), optional
        Classes. With them, each activation is taken relative to the mean of its unit over its
        class: what is left are the correlations *within* classes.

    Returns
    -------
    ndarray of float64, shape (n_networks, n_hidden, n_hidden)
        Signed correlations in [-1, 1], symmetric. The diagonal is 1 for a live unit. A *dead*
        unit, whose activation is the same for every image, has no correlation: its row, its column
        and its diagonal entry are 0.

    Examples
    --------
    >>> population = Population(2, (4, 3, 2), "vanilla", seed=0)
    >>> images = np.random.default_rng(0).random((50, 4), dtype=np.float32)
    >>> correlations(population, images).shape
    (2, 3, 3)
    """
    return correlation_matrix(lambda: _chunks(population, images), labels)


def _chunks(population: Population, images: np.ndarray) -> Iterator[np.ndarray]:
    for layers in shown(population, images, population.hidden):
        yield torch.cat(layers, dim=-1).numpy()


def shown(population: Population, images: np.ndarray, ask: Callable[..., Any]) -> Iterator[Any]:
    """Yield what is asked of a population, in evaluation mode, for some images at a time."""
    with single_thread(), still(population):
        for start in range(0, len(images), DEPTH):
            part = np.array(images[start : start + DEPTH], dtype=np.float32)
            yield ask(torch.from_numpy(part).to(population.weights[0]))
