"""Show images to a population and correlate its hidden units, in one pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from funcnet_utils.models.modes import single_thread
from funcnet_utils.models.population import Population

CHUNK = 1000


def activations(population: Population, images: np.ndarray) -> np.ndarray:
    """Return the hidden activations of each network in evaluation mode, after LeakyReLU.

    Parameters
    ----------
    population : Population
        Its mode is restored afterwards.
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

    Activations are never held for all images at once: means and co-moments are merged chunk by
    chunk in float64 (Chan, Golub, LeVeque 1983), which stays exact to rounding however far the
    means lie from zero.

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

    Raises
    ------
    ValueError
        If there are fewer than 2 images, not one label each, or an activation is not finite.

    References
    ----------
    Chan, Golub, LeVeque (1983), doi:10.1080/00031305.1983.10483115.

    Examples
    --------
    >>> population = Population(2, (4, 3, 2), "vanilla", seed=0)
    >>> images = np.random.default_rng(0).random((50, 4), dtype=np.float32)
    >>> correlations(population, images).shape
    (2, 3, 3)
    """
    if len(images) < 2:
        raise ValueError(f"there are {len(images)} probe images: a correlation needs at least 2.")
    if labels is not None and len(labels) != len(images):
        raise ValueError(f"there are {len(labels)} labels for {len(images)} images: give one each.")
    networks, units = population.n_networks, population.n_hidden
    count = 0
    mean = np.zeros((networks, 1, units))
    moment = np.zeros((networks, units, units))
    low = np.full((networks, units), np.inf)
    high = np.full((networks, units), -np.inf)
    for chunk in _chunks(population, images):
        if not np.isfinite(chunk).all():
            raise ValueError("an activation is not finite: check the weights and the probe images.")
        low, high = np.minimum(low, chunk.min(1)), np.maximum(high, chunk.max(1))
        samples = chunk.shape[1]
        values = chunk.astype(np.float64)
        chunk_mean = values.mean(1, keepdims=True)
        values -= chunk_mean
        step = chunk_mean - mean
        share = count * samples / (count + samples)
        for one, total in zip(values, moment, strict=True):
            total += one.T @ one  # of a matrix and its own transpose: half the work
        moment += share * step.transpose(0, 2, 1) * step
        mean += step * samples / (count + samples)
        count += samples
    dead = low == high
    if labels is not None:
        total = np.diagonal(moment, axis1=-2, axis2=-1)
        moment = moment - _between(population, images, labels, mean)
        # a unit that only tells classes apart has nothing left but rounding
        dead |= np.diagonal(moment, axis1=-2, axis2=-1) <= 1e-12 * total
    return _normalise(moment, dead)


def dead_units(correlation: np.ndarray) -> np.ndarray:
    """Return which units are dead, from the diagonal of `correlations`.

    Parameters
    ----------
    correlation : ndarray, shape (..., n, n)
        As `correlations` returns them.

    Returns
    -------
    ndarray of bool, shape (..., n)
    """
    return np.diagonal(correlation, axis1=-2, axis2=-1) == 0


def functional_weights(
    correlation: np.ndarray, dead: str = "drop", precision: str = "float64"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of one functional network and the units that are its nodes.

    Parameters
    ----------
    correlation : ndarray, shape (n, n)
        Correlations of one network, as `correlations` returns them.
    dead : {"drop", "zero"}, default="drop"
        Leave dead units out, or keep them with weight 0 to every other unit (the paper's choice).
    precision : {"float64", "float16"}, default="float64"
        Round the weights to half precision, which makes ties (the paper's choice).

    Returns
    -------
    weights : ndarray, shape (m, m)
        ``|r|`` in [0, 1], diagonal 0.
    units : ndarray of int, shape (m,)
        The unit that each node stands for.

    Raises
    ------
    ValueError
        If `dead` or `precision` is none of these.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702.

    Examples
    --------
    >>> weights, units = functional_weights(np.array([[1, -0.5, 0], [-0.5, 1, 0], [0, 0, 0]]))
    >>> weights.tolist(), units.tolist()
    ([[0.0, 0.5], [0.5, 0.0]], [0, 1])
    """
    if dead not in ("drop", "zero"):
        raise ValueError(f"dead is {dead!r}: choose 'drop' or 'zero'.")
    if precision not in ("float64", "float16"):
        raise ValueError(f"precision is {precision!r}: choose 'float64' or 'float16'.")
    units = np.arange(len(correlation))
    if dead == "drop":
        units = units[~dead_units(correlation)]
    weights = np.abs(correlation[np.ix_(units, units)]).astype(precision).astype(np.float64)
    np.fill_diagonal(weights, 0)
    return weights, units


def _between(
    population: Population, images: np.ndarray, labels: np.ndarray, mean: np.ndarray
) -> np.ndarray:
    """Return the co-moments of the class means."""
    members = (labels == np.unique(labels)[:, None]).astype(np.float64)
    sums = np.zeros((population.n_networks, len(members), population.n_hidden))
    start = 0
    for chunk in _chunks(population, images):
        sums += members[:, start : start + chunk.shape[1]] @ (chunk - mean)
        start += chunk.shape[1]
    scaled = sums / np.sqrt(members.sum(1))[:, None]
    return scaled.transpose(0, 2, 1) @ scaled


def _normalise(moment: np.ndarray, dead: np.ndarray) -> np.ndarray:
    spread = np.sqrt(np.diagonal(moment, axis1=-2, axis2=-1))
    inverse = np.where(dead, 0.0, 1 / np.where(dead, 1.0, spread))
    correlation = moment * inverse[:, :, None] * inverse[:, None, :]
    correlation = np.clip((correlation + correlation.transpose(0, 2, 1)) / 2, -1, 1)
    diagonal = np.arange(moment.shape[-1])
    correlation[:, diagonal, diagonal] = ~dead
    return correlation


def _chunks(population: Population, images: np.ndarray) -> Iterator[np.ndarray]:
    training = population.training
    population.eval()
    with single_thread(), torch.no_grad():
        for start in range(0, len(images), CHUNK):
            part = torch.from_numpy(np.array(images[start : start + CHUNK], dtype=np.float32))
            yield torch.cat(population.hidden(part), dim=-1).numpy()
    population.train(training)
