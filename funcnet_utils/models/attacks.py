"""Attacks on all networks of a population: the worst image within a distance of each image.

The distance is the largest change of a pixel (the l_inf norm); pixels stay in [0, 1], and networks
are attacked in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from funcnet_utils.models.input_gradient import (
    Loss,
    answers,
    check_count,
    check_epsilon,
    check_samples,
    generator,
    get_loss,
    input_gradient,
    lone_networks,
)
from funcnet_utils.models.population import Population

STREAM = 4
COMPACT = 0.85  # drop finished samples when fewer than this share are still attacked


def fgsm(
    population: Population,
    images: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    *,
    loss: str = "cross_entropy",
) -> np.ndarray:
    """Move each pixel by epsilon in the direction that raises the loss (fast gradient sign).

    Parameters
    ----------
    population : Population
        Networks to attack, each with its own gradient.
    images : ndarray, shape (n_samples, n_inputs)
        Pixels in [0, 1].
    labels : ndarray of int, shape (n_samples,)
        The right classes.
    epsilon : float
        Largest change of a pixel, in [0, 1].
    loss : {"cross_entropy", "margin"}, default="cross_entropy"
        What to raise.

    Returns
    -------
    ndarray of float32, shape (n_networks, n_samples, n_inputs)
        Pixels in [0, 1].

    Raises
    ------
    ValueError
        If an argument is out of its range, or images and labels do not fit.

    References
    ----------
    Goodfellow, Shlens, Szegedy (2015), arXiv:1412.6572.

    Examples
    --------
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> moved = fgsm(population, np.full((2, 4), 0.5), np.array([0, 1]), 0.1)
    >>> moved.shape, round(float(np.abs(moved - 0.5).max()), 6)
    ((3, 2, 4), 0.1)
    """
    pixels, classes = check_samples(population, images, labels)
    raised, radius = get_loss(loss), check_epsilon(epsilon)
    found = []
    for network in lone_networks(population):
        _, gradient = input_gradient(network, pixels, classes, raised)
        found.append(pixels.add(gradient.sign_(), alpha=radius).clamp_(0, 1))
    return torch.stack(found).numpy()


def pgd(
    population: Population,
    images: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    *,
    steps: int = 40,
    restarts: int = 5,
    step_size: float | None = None,
    loss: str = "cross_entropy",
    seed: int = 0,
) -> np.ndarray:
    """Climb the loss within the ball around each image, from several random starts.

    Of the last images of all restarts each sample keeps the worst: a misclassified one before any
    other, and among equals the one of higher loss.

    Parameters
    ----------
    population : Population
        Networks to attack.
    images : ndarray, shape (n_samples, n_inputs)
        Pixels in [0, 1].
    labels : ndarray of int, shape (n_samples,)
        The right classes.
    epsilon : float
        Largest change of a pixel, in [0, 1].
    steps, restarts : int, default=40 and 5
        At least 1. Restart r starts from the same point however many there are.
    step_size : float, optional
        Change of a pixel in a step, > 0; by default ``2.5 * epsilon / steps``.
    loss : {"cross_entropy", "margin"}, default="cross_entropy"
        What to raise.
    seed : int, default=0
        Root of the random starts; network k of every arm and block starts from the same points.

    Returns
    -------
    ndarray of float32, shape (n_networks, n_samples, n_inputs)
        Pixels in [0, 1].

    Raises
    ------
    ValueError
        If an argument is out of its range, or images and labels do not fit.

    References
    ----------
    Madry, Makelov, Schmidt, Tsipras, Vladu (2018), arXiv:1706.06083.

    Examples
    --------
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> found = pgd(population, np.full((2, 4), 0.5), np.array([0, 1]), 0.1, steps=5)
    >>> found.shape, round(float(np.abs(found - 0.5).max()), 6)
    ((3, 2, 4), 0.1)
    """
    pixels, classes = check_samples(population, images, labels)
    raised, radius = get_loss(loss), check_epsilon(epsilon)
    check_count("steps", steps)
    step = _step(step_size, radius, steps)
    low, high = (pixels - radius).clamp_(min=0), (pixels + radius).clamp_(max=1)
    worst = []
    for network in lone_networks(population):
        best, score = pixels.clone(), torch.full((len(pixels), 2), -torch.inf)
        for noise in _starts(network, pixels, check_count("restarts", restarts), seed):
            moved = pixels.add(noise, alpha=radius).clamp_(0, 1)
            for _ in range(steps):
                _, gradient = input_gradient(network, moved, classes, raised)
                moved = _climb(moved, gradient, step, low, high)
            logits = answers(network, moved)
            wrong = (logits.argmax(1) != classes).float()
            now = torch.stack([wrong, raised(logits, classes)], 1)
            better = (now[:, 0] > score[:, 0]) | (
                (now[:, 0] == score[:, 0]) & (now[:, 1] > score[:, 1])
            )
            best[better], score[better] = moved[better], now[better]
        worst.append(best)
    return torch.stack(worst).numpy()


def survivors(
    population: Population,
    images: np.ndarray,
    labels: np.ndarray,
    epsilons: Sequence[float],
    *,
    steps: int = 40,
    restarts: int = 5,
    step_size: float | None = None,
    loss: str = "cross_entropy",
    decay: bool = False,
    among: np.ndarray | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Return which samples keep their right answer under projected gradient descent.

    A sample is lost at epsilon if any image that `pgd` passes through, in any restart, at epsilon
    or at a smaller one of the list, is misclassified; such an image lies in the larger ball too.
    Lost samples, and those that are misclassified from the start, are attacked no more, which
    changes no result and saves most of the work. The images that were found are shown to the
    networks once more at the end.

    Parameters
    ----------
    population, images, labels, steps, restarts, step_size, loss, seed
        As for `pgd`.
    epsilons : sequence of float
        Largest changes of a pixel, each in [0, 1], in any order.

    decay : bool, default=False
        Let the step fall linearly to 0, from `step_size` or ``2 * epsilon``: far at first, then
        fine, which finds a little more than steps of one size.
    among : ndarray of bool, shape (n_epsilons, n_networks, n_samples), optional
        Samples that survived another attack at the same epsilons; only these are attacked, so the
        result is the worst case of both.

    Returns
    -------
    ndarray of bool, shape (n_epsilons, n_networks, n_samples)
        True where the network still answers right; never False, then True as epsilon grows.

    Raises
    ------
    ValueError
        If an argument is out of its range, or images and labels do not fit.

    References
    ----------
    Madry, Makelov, Schmidt, Tsipras, Vladu (2018), arXiv:1706.06083.

    Examples
    --------
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> survivors(population, np.full((2, 4), 0.5), np.array([0, 1]), (0, 0.1)).shape
    (2, 3, 2)
    """
    pixels, classes = check_samples(population, images, labels)
    raised = get_loss(loss)
    radii = [check_epsilon(epsilon) for epsilon in epsilons]
    check_count("steps", steps)
    check_count("restarts", restarts)
    right = np.zeros((len(radii), population.n_networks, len(pixels)), dtype=bool)
    if among is not None and among.shape != right.shape:
        raise ValueError(f"among has shape {among.shape}: give booleans of shape {right.shape}.")
    for k, network in enumerate(lone_networks(population)):
        found = pixels.clone()
        alive = answers(network, pixels).argmax(1) == classes
        starts = _starts(network, pixels, restarts, seed)
        for place in np.argsort(radii, kind="stable"):
            radius = radii[place]
            if among is not None:
                alive &= torch.from_numpy(among[place, k])
            if radius > 0:
                sizes = _sizes(step_size, radius, steps, decay=decay)
                for noise in starts:
                    rows = alive.nonzero()[:, 0]
                    if len(rows):
                        ball = _Ball(pixels[rows], radius)
                        lost, where = _descend(
                            network, ball, noise[rows], classes[rows], sizes, raised
                        )
                        found[rows[lost]] = where
                        alive[rows[lost]] = False
            shown = (answers(network, found).argmax(1) == classes).numpy()
            right[place, k] = shown if among is None else shown & among[place, k]
    return right


def robust_accuracy(
    population: Population,
    images: np.ndarray,
    labels: np.ndarray,
    epsilons: Sequence[float],
    *,
    losses: Sequence[str] = ("cross_entropy", "margin"),
    steps: int = 40,
    restarts: int = 5,
    step_size: float | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Return the share of samples that survive projected gradient descent on every loss.

    Parameters
    ----------
    population, images, labels, epsilons, steps, restarts, step_size, seed
        As for `survivors`.
    losses : sequence of str, default=("cross_entropy", "margin")
        A sample must survive the attack on each of them.

    Returns
    -------
    ndarray of float, shape (n_epsilons, n_networks), in [0, 1]

    Raises
    ------
    ValueError
        If an argument is out of its range, or images and labels do not fit.

    Examples
    --------
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> robust_accuracy(population, np.full((2, 4), 0.5), np.array([0, 1]), (0, 0.1)).shape
    (2, 3)
    """
    options = {"steps": steps, "restarts": restarts, "step_size": step_size, "seed": seed}
    right = [
        survivors(population, images, labels, epsilons, loss=loss, **options)  # type: ignore[arg-type]
        for loss in losses
    ]
    return np.logical_and.reduce(right).mean(-1)


class _Ball:
    """Images, and the box around each that an attack may not leave."""

    def __init__(self, images: torch.Tensor, radius: float) -> None:
        self.images, self.radius = images, radius
        self.low, self.high = (images - radius).clamp_(min=0), (images + radius).clamp_(max=1)


def _descend(
    network: Population,
    ball: _Ball,
    noise: torch.Tensor,
    labels: torch.Tensor,
    sizes: Sequence[float],
    loss: Loss,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attack until lost; return the lost rows and their first misclassified images."""
    rows, low, high = torch.arange(len(labels)), ball.low, ball.high
    moved = ball.images.add(noise, alpha=ball.radius).clamp_(0, 1)
    attacked = torch.ones(len(labels), dtype=torch.bool)
    lost, images = [], []
    for size in (*sizes, 0.0):
        if size:
            logits, gradient = input_gradient(network, moved, labels, loss)
        else:
            logits = answers(network, moved)
        fresh = (logits.argmax(1) != labels) & attacked
        if fresh.any():
            lost.append(rows[fresh])
            images.append(moved[fresh])
            attacked &= ~fresh
        if size == 0 or not attacked.any():
            break
        if attacked.sum() < COMPACT * len(attacked):
            parts = (moved, gradient, low, high, labels, rows)
            moved, gradient, low, high, labels, rows = (part[attacked] for part in parts)
            attacked = attacked[attacked]
        moved = _climb(moved, gradient, size, low, high)
    if not lost:
        return rows[:0], moved[:0]
    return torch.cat(lost), torch.cat(images)


def _climb(
    images: torch.Tensor, gradient: torch.Tensor, step: float, low: torch.Tensor, high: torch.Tensor
) -> torch.Tensor:
    return images.add_(gradient.sign_(), alpha=step).clamp_(low, high)


def _step(step_size: float | None, epsilon: float, steps: int) -> float:
    if step_size is None:
        return 2.5 * epsilon / steps
    if not 0 < step_size < np.inf:
        raise ValueError(f"step_size is {step_size!r}: choose a number > 0, or None.")
    return float(step_size)


def _sizes(step_size: float | None, epsilon: float, steps: int, *, decay: bool) -> list[float]:
    """Return the size of each step."""
    if not decay:
        return [_step(step_size, epsilon, steps)] * steps
    first = 2 * epsilon if step_size is None else _step(step_size, epsilon, steps)
    return [first * (1 - step / steps) for step in range(steps)]


def _starts(network: Population, like: torch.Tensor, count: int, seed: int) -> list[torch.Tensor]:
    """Return a random point of the unit ball for each sample and restart."""
    draws = (
        generator(seed, network.first, STREAM, restart).random(like.shape, dtype=np.float32)
        for restart in range(count)
    )
    return [torch.from_numpy(draw).mul_(2).sub_(1) for draw in draws]
