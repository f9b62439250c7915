"""What an attack raises: the loss of each sample, of shape (n_samples,)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from funcnet_utils.errors import check_choice

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of each sample, in nats."""
    return functional.cross_entropy(logits, labels, reduction="none")


def margin(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return how far the best wrong class lies above the right one: > 0 is misclassified.

    Unlike cross-entropy it keeps its gradient when the softmax is saturated (Carlini and Wagner
    2017, doi:10.1109/SP.2017.49).
    """
    wrong = logits.scatter(1, labels[:, None], -torch.inf).amax(-1)
    return wrong - logits.gather(1, labels[:, None])[:, 0]


LOSSES: dict[str, Loss] = {"cross_entropy": cross_entropy, "margin": margin}


def get_loss(name: str) -> Loss:
    """Return a loss by name, "cross_entropy" or "margin"."""
    check_choice("loss", name, LOSSES)
    return LOSSES[name]
