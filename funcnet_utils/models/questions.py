"""What an attack asks about: a loss, a radius, and samples that fit the networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from funcnet_utils.errors import check_choice, check_real
from funcnet_utils.models.classifier import Classifier, Loss, Networks, members


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


LOSSES: dict[str, Loss] = {"cross_entropy": cross_entropy, "margin": margin}


def get_loss(name: str) -> Loss:
    """Return a loss by name, "cross_entropy" or "margin"."""
    check_choice("loss", name, LOSSES)
    return LOSSES[name]


def check_epsilon(epsilon: float) -> float:
    """Return the radius of the ball around an image, or refuse it."""
    return check_real("epsilon", epsilon, 0, 1, "the largest change of a pixel,")


def question(
    networks: Networks, images: np.ndarray, labels: np.ndarray
) -> tuple[list[Any], torch.Tensor, torch.Tensor]:
    """Return the classifiers, and images and labels as the tensors that they are asked about."""
    asked = members(networks)
    return asked, *check_samples(asked[0], images, labels)


def check_samples(
    one: Classifier, images: np.ndarray, labels: np.ndarray
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images, (n_samples, n_inputs), and labels as tensors, or say what is wrong with them.

    Images may have any shape (n_samples, ...) of as many pixels as the network reads.
    """
    pixels, classes = np.asarray(images), np.asarray(labels)
    if pixels.ndim < 2 or pixels.size != len(pixels) * one.n_inputs or len(pixels) == 0:
        raise ValueError(
            f"images have shape {pixels.shape}: give at least one image, as (n_samples, "
            f"{one.n_inputs})."
        )
    if classes.shape != (len(pixels),) or classes.dtype.kind not in "iu":
        raise ValueError(
            f"labels have shape {classes.shape} and type {classes.dtype}: give one whole number "
            f"for each of {len(pixels)} images."
        )
    if classes.min() < 0 or classes.max() >= one.n_classes:
        raise ValueError(
            f"labels span [{classes.min()}, {classes.max()}]: these networks tell classes 0 to "
            f"{one.n_classes - 1} apart."
        )
    if not (pixels.min() >= 0 and pixels.max() <= 1):
        raise ValueError(
            f"pixels span [{pixels.min():.6g}, {pixels.max():.6g}]: bring images to [0, 1] first, "
            "with any other scaling inside the network."
        )
    return (
        torch.from_numpy(np.array(pixels, dtype=np.float32).reshape(len(pixels), -1)),
        torch.from_numpy(np.array(classes, dtype=np.int64)),
    )
