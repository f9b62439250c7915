"""Attacks: the worst image within a distance of each image.

The distance is the largest change of a pixel (the l_inf norm); pixels stay in [0, 1], and networks
are asked in evaluation mode. Every function refuses arguments out of range, and images and labels
that do not fit, with a ValueError that says what fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from funcnet_utils.errors import check_int
from funcnet_utils.models.classifier import Classifier, Networks, Pair, asking, check_epsilon
from funcnet_utils.models.losses import LOSSES, Loss, get_loss
from funcnet_utils.models.streams import Stream, generator

COMPACT = 0.85  # drop finished samples when fewer than this share are still attacked


def fgsm(
    networks: Networks,
    images: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    *,
    loss: str = "cross_entropy",
) -> np.ndarray:
    """Move each pixel by epsilon in the direction that raises the loss (fast gradient sign).

    Parameters
    ----------
    networks : Population, Classifier or sequence of Classifier
        Networks to attack, each with its own gradient; `classifier` makes one of any torch module.
    images : ndarray, shape (n_samples, ...)
        Pixels in [0, 1].
    labels : ndarray of int, shape (n_samples,)
        The right classes.
    epsilon : float
        Largest change of a pixel, in [0, 1].
    loss : {"cross_entropy", "margin"}, default="cross_entropy"
        What to raise.

    Returns
    -------
    ndarray of float32, shape (n_networks, n_samples, ...)
        Pixels in [0, 1].

    References
    ----------
    Goodfellow, Shlens, Szegedy (2015), arXiv:1412.6572.

    Examples
    --------
    >>> from funcnet_utils.models import Population
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> moved = fgsm(population, np.full((2, 4), 0.5), np.array([0, 1]), 0.1)
    >>> moved.shape, round(float(np.abs(moved - 0.5).max()), 6)
    ((3, 2, 4), 0.1)
    """
    raised, radius = get_loss(loss), check_epsilon(epsilon)
    with asking(networks, images, labels) as (asked, pixels, classes):
        gradients = [one.gradient(pixels, classes, raised)[1] for one in asked]
    found = [pixels.add(gradient.sign_(), alpha=radius).clamp_(0, 1) for gradient in gradients]
    return torch.stack(found).numpy().reshape(len(asked), *np.shape(images))


def pgd(
    networks: Networks,
    images: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    *,
    steps: int = 40,
    restarts: int = 5,
    loss: str = "cross_entropy",
    seed: int = 0,
) -> np.ndarray:
    """Climb the loss within the ball around each image, from several random starts.

    Of the last images of all restarts each sample keeps the worst: a misclassified one before any
    other, and among equals the one of higher loss.

    Parameters
    ----------
    networks, images, labels, epsilon, loss
        As for `fgsm`.
    steps, restarts : int, default=40 and 5
        At least 1; a step changes a pixel by ``2.5 * epsilon / steps``. Restart r starts from the
        same point however many there are.
    seed : int, default=0
        Root of the random starts; network k of every arm and block starts from the same points.

    Returns
    -------
    ndarray of float32, shape (n_networks, n_samples, ...)
        Pixels in [0, 1].

    References
    ----------
    Madry, Makelov, Schmidt, Tsipras, Vladu (2018), arXiv:1706.06083.

    Examples
    --------
    >>> from funcnet_utils.models import Population
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> found = pgd(population, np.full((2, 4), 0.5), np.array([0, 1]), 0.1, steps=5)
    >>> found.shape, round(float(np.abs(found - 0.5).max()), 6)
    ((3, 2, 4), 0.1)
    """
    raised, sizes = get_loss(loss), _sizes(check_epsilon(epsilon), steps)
    worst = []
    with asking(networks, images, labels) as (asked, pixels, classes):
        for one in asked:
            best, score = pixels.clone(), torch.full((len(pixels), 2), -torch.inf)
            for noise in _starts(one, pixels, restarts, seed):
                moved, logits = _climb(one, (pixels, classes, noise), epsilon, sizes, raised)
                now = torch.stack([(logits.argmax(1) != classes) * 1.0, raised(logits, classes)], 1)
                (wrong, loss_now), (was_wrong, loss_then) = now.T, score.T
                better = (wrong > was_wrong) | ((wrong == was_wrong) & (loss_now > loss_then))
                best[better], score[better] = moved[better], now[better]
            worst.append(best)
    return torch.stack(worst).numpy().reshape(len(asked), *np.shape(images))


def survivors(
    networks: Networks,
    images: np.ndarray,
    labels: np.ndarray,
    epsilons: Sequence[float],
    *,
    steps: int = 40,
    restarts: int = 5,
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
    networks, images, labels, steps, restarts, loss, seed
        As for `pgd`.
    epsilons : sequence of float
        Largest changes of a pixel, each in [0, 1], in any order.
    decay : bool, default=False
        Let the step fall linearly to 0, from ``2 * epsilon``: far at first, then fine, which finds
        a little more than steps of one size.
    among : ndarray of bool, shape (n_epsilons, n_networks, n_samples), optional
        Samples that survived another attack at the same epsilons; only these are attacked, so the
        result is the worst case of both.

    Returns
    -------
    ndarray of bool, shape (n_epsilons, n_networks, n_samples)
        True where the network still answers right; never False, then True as epsilon grows.

    Examples
    --------
    >>> from funcnet_utils.models import Population
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> survivors(population, np.full((2, 4), 0.5), np.array([0, 1]), (0, 0.1)).shape
    (2, 3, 2)
    """
    raised, radii = get_loss(loss), [check_epsilon(epsilon) for epsilon in epsilons]
    with asking(networks, images, labels) as (asked, pixels, classes):
        right = np.zeros((len(radii), len(asked), len(pixels)), dtype=bool)
        before = np.ones_like(right) if among is None else np.asarray(among)
        if (before.shape, before.dtype) != (right.shape, right.dtype):
            raise ValueError(f"among is no array of truth values of shape {right.shape}: give one.")
        for k, one in enumerate(asked):
            found = pixels.clone()
            alive = one.answers(pixels).argmax(1) == classes
            starts = _starts(one, pixels, restarts, seed)
            for place in np.argsort(radii, kind="stable"):
                radius = radii[place]
                sizes = _sizes(radius, steps, decay=decay)
                alive &= torch.from_numpy(before[place, k])
                for noise in starts if radius > 0 else ():
                    rows = alive.nonzero()[:, 0]
                    if len(rows):
                        samples = (pixels[rows], classes[rows], noise[rows])
                        moved, logits = _climb(one, samples, radius, sizes, raised, until_lost=True)
                        lost = logits.argmax(1) != classes[rows]
                        found[rows[lost]], alive[rows[lost]] = moved[lost], False
                shown = one.answers(found).argmax(1) == classes
                right[place, k] = (shown & alive).numpy()
    return right


def robust_accuracy(
    networks: Networks,
    images: np.ndarray,
    labels: np.ndarray,
    epsilons: Sequence[float],
    **options: Any,
) -> np.ndarray:
    """Return the share of samples that survive projected gradient descent on both losses.

    Parameters
    ----------
    networks, images, labels, epsilons
        As for `survivors`.
    **options
        `steps`, `restarts` and `seed`, as for `pgd`.

    Returns
    -------
    ndarray of float, shape (n_epsilons, n_networks), in [0, 1]

    Examples
    --------
    >>> from funcnet_utils.models import Population
    >>> population = Population(3, (4, 5, 2), "vanilla", seed=0)
    >>> robust_accuracy(population, np.full((2, 4), 0.5), np.array([0, 1]), (0, 0.1)).shape
    (2, 3)
    """
    samples = (networks, images, labels, epsilons)
    right = [survivors(*samples, loss=loss, **options) for loss in LOSSES]
    return np.logical_and.reduce(right).mean(-1)


def _climb(
    one: Classifier,
    samples: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    radius: float,
    sizes: Sequence[float],
    loss: Loss,
    *,
    until_lost: bool = False,
) -> Pair:
    """Return where each sample arrives, and its logits there.

    That is the last image, or with `until_lost` the first misclassified one, if there is any.
    """
    images, labels, noise = samples
    low, high = (images - radius).clamp_(min=0), (images + radius).clamp_(max=1)
    moved = images.add(noise, alpha=radius).clamp_(0, 1)
    rows, active = torch.arange(len(labels)), torch.ones(len(labels), dtype=torch.bool)
    found, logits_there = torch.empty_like(images), torch.empty(len(labels), one.n_classes)
    for left in range(len(sizes), -1, -1):
        if left:
            logits, gradient = one.gradient(moved, labels, loss)
        else:
            logits, gradient = one.answers(moved), moved
        arrived = active & (logits.argmax(1) != labels) if until_lost and left else active
        if (until_lost or not left) and arrived.any():
            found[rows[arrived]], logits_there[rows[arrived]] = moved[arrived], logits[arrived]
            active = active & ~arrived
            if not active.any():
                break
            if active.sum() < COMPACT * len(active):
                parts = (moved, gradient, low, high, labels, rows)
                moved, gradient, low, high, labels, rows = (part[active] for part in parts)
                active = active[active]
        moved = moved.add_(gradient.sign_(), alpha=sizes[-left]).clamp_(low, high)
    return found, logits_there


def _sizes(epsilon: float, steps: int, *, decay: bool = False) -> list[float]:
    """Return the size of each step."""
    every = range(check_int("steps", steps, 1))
    return [2 * epsilon * (1 - k / steps) if decay else 2.5 * epsilon / steps for k in every]


def _starts(one: Classifier, like: torch.Tensor, count: int, seed: int) -> list[torch.Tensor]:
    """Return a random point of the unit ball for each sample and restart."""
    restarts = range(check_int("restarts", count, 1))
    streams = (generator(seed, one.number, Stream.STARTS, r) for r in restarts)
    return [torch.from_numpy(one.random(like.shape, np.float32)).mul_(2).sub_(1) for one in streams]
