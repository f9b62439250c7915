"""What attacks and lesions share: one network at a time, its answers, its gradient at the pixels.

A matrix product of a few hundred rows gains nothing from being batched over networks, and pixels
that fit the cache are cheaper to move; so attacks visit the networks of a population one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch.nn import functional

from funcnet_utils.errors import closest
from funcnet_utils.models.population import Population
from funcnet_utils.models.training import single_thread

LEAST_ROWS = 4  # with fewer rows a matrix product takes another route, with other rounding


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of each sample, in nats."""
    return functional.cross_entropy(logits, labels, reduction="none")


def margin(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return how far the best wrong class lies above the right one: > 0 is misclassified.

    Unlike cross-entropy it keeps its gradient when the softmax is saturated (Carlini and Wagner
    2017, doi:10.1109/SP.2017.49).
    """
    right = functional.one_hot(labels, logits.shape[-1]).bool()
    return logits.masked_fill(right, -torch.inf).amax(-1) - logits[right]


Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
LOSSES: dict[str, Loss] = {"cross_entropy": cross_entropy, "margin": margin}


def get_loss(name: str) -> Loss:
    """Return a loss by name, "cross_entropy" or "margin"."""
    if name not in LOSSES:
        raise ValueError(f"there is no loss {name!r}: {closest(str(name), LOSSES)}.")
    return LOSSES[name]


def check_samples(
    population: Population, images: np.ndarray, labels: np.ndarray
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images and labels as tensors, or say what is wrong with them.

    Parameters
    ----------
    population : Population
    images : ndarray, shape (n_samples, n_inputs)
        Pixels in [0, 1].
    labels : ndarray of int, shape (n_samples,)
        Classes, from 0.

    Raises
    ------
    ValueError
        If the shapes do not fit the networks or each other, a pixel is outside [0, 1], or a label
        is no class of the networks.
    """
    pixels, classes = np.asarray(images), np.asarray(labels)
    inputs, outputs = population.widths[0], population.widths[-1]
    if pixels.ndim != 2 or pixels.shape[1] != inputs or len(pixels) == 0:
        raise ValueError(
            f"images have shape {pixels.shape}: give at least one image, as (n_samples, {inputs})."
        )
    if classes.shape != (len(pixels),) or classes.dtype.kind not in "iu":
        raise ValueError(
            f"labels have shape {classes.shape} and type {classes.dtype}: give one whole number "
            f"for each of {len(pixels)} images."
        )
    if classes.min() < 0 or classes.max() >= outputs:
        raise ValueError(
            f"labels span [{classes.min()}, {classes.max()}]: these networks tell classes 0 to "
            f"{outputs - 1} apart."
        )
    if not (pixels.min() >= 0 and pixels.max() <= 1):
        raise ValueError(
            f"pixels span [{pixels.min():.6g}, {pixels.max():.6g}]: bring images to [0, 1] first, "
            "with any other scaling inside the network."
        )
    return (
        torch.from_numpy(np.array(pixels, dtype=np.float32)),
        torch.from_numpy(np.array(classes, dtype=np.int64)),
    )


def check_epsilon(epsilon: float) -> float:
    """Return the radius of the ball around an image, or say what is wrong with it."""
    if np.ndim(epsilon) or not 0 <= float(epsilon) <= 1:
        raise ValueError(
            f"epsilon is {epsilon!r}: choose the largest change of a pixel, in [0, 1]."
        )
    return float(epsilon)


def check_count(name: str, value: int) -> int:
    """Return a count, or say that it is no whole number >= 1."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is {value!r}: choose a whole number >= 1.")
    return int(value)


def lone_networks(population: Population) -> Iterator[Population]:
    """Yield each network as a population of one, ready to be asked but not to be trained."""
    with single_thread():
        for k in range(population.n_networks):
            yield population.select(k).eval().requires_grad_(False)


def answers(network: Population, images: torch.Tensor) -> torch.Tensor:
    """Return the logits of one network, shape (n_samples, n_classes)."""
    with torch.no_grad():
        return network(_enough(images))[0, : len(images)]


def input_gradient(
    network: Population, images: torch.Tensor, labels: torch.Tensor, loss: Loss
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the logits of one network and the gradient of each sample's loss at its pixels.

    The numbers of a sample do not depend on which others are there.

    Parameters
    ----------
    network : Population
        One network in evaluation mode.
    images : tensor, shape (n_samples, n_inputs)
    labels : tensor of int, shape (n_samples,)
    loss : callable
        Loss of each sample, from logits and labels.

    Returns
    -------
    logits : tensor, shape (n_samples, n_classes)
    gradient : tensor, shape (n_samples, n_inputs)
    """
    count = len(images)
    pixels = _enough(images).detach().requires_grad_()
    with torch.enable_grad():
        logits = network(pixels)[0]
        total = loss(logits[:count], labels).sum()
        (gradient,) = torch.autograd.grad(total, pixels)
    return logits[:count].detach(), gradient[:count]


def generator(seed: int, network: int, *stream: int) -> np.random.Generator:
    """Return the generator of one network, the same in every arm, block and population size."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(network, *stream)))


def _enough(images: torch.Tensor) -> torch.Tensor:
    missing = LEAST_ROWS - len(images)
    return torch.cat([images, images[-1:].expand(missing, -1)]) if missing > 0 else images
