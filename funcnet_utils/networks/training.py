"""Train a whole population at once, on one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import torch
from torch.nn import functional
from tqdm import tqdm

from funcnet_utils.config import StudyConfig
from funcnet_utils.datasets import Dataset, Split
from funcnet_utils.networks.population import Population

LANES = 16


class TrainingError(RuntimeError):
    """Training cannot go on; the message names the network, the epoch and the likely cause."""


@contextmanager
def single_thread() -> Iterator[None]:
    """Run torch on one thread: two threads on a busy machine wait for each other far too long."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def train(
    population: Population,
    dataset: Dataset,
    config: StudyConfig,
    *,
    progress: bool = False,
    on_epoch: Callable[[int, Population], None] | None = None,
) -> pd.DataFrame:
    """Train a population in place with Adam and cross-entropy.

    Network k sees the same batches in the same order in every arm, and the result is that of
    training it alone: a network's bits do not depend on the size of its population. The last batch
    of an epoch may be smaller; one of a single sample is left out, for it has no variance.

    Parameters
    ----------
    population : Population
        Networks to train; their generators move on, so a second call continues the first.
    dataset : Dataset
        The training split is used.
    config : StudyConfig
        Its `n_epochs`, `batch_size` and `learning_rate` are used.
    progress : bool, default=False
        Show a bar with loss and accuracy on standard error.
    on_epoch : callable, optional
        Called as `on_epoch(epoch, population)` before training (epoch 0) and after each epoch, to
        record the dynamics; the population is in evaluation mode.

    Returns
    -------
    DataFrame
        Columns network, epoch (from 1), loss (nats) and accuracy (in [0, 1]), means over the
        training samples as they were seen; n_epochs x n_networks rows.

    Raises
    ------
    TrainingError
        If the loss of a network is not finite.
    ValueError
        If the widths of the population do not fit the data.

    References
    ----------
    Kingma, Ba (2015), arXiv:1412.6980.
    """
    if population.widths[0] != dataset.n_inputs or population.widths[-1] != dataset.n_classes:
        raise ValueError(
            f"widths {population.widths} do not fit {dataset.name}: start with {dataset.n_inputs} "
            f"inputs and end with {dataset.n_classes} outputs."
        )
    images = torch.from_numpy(np.array(dataset.train.images)).to(population.weights[0].dtype)
    labels = torch.from_numpy(np.array(dataset.train.labels))
    flat = _flattened(population)
    optimizer = torch.optim.Adam(
        [flat],
        lr=config.learning_rate,
        weight_decay=population.arm.weight_decay,
        fused=True,
    )
    history = []
    if on_epoch is not None:
        on_epoch(0, population.eval())
    bar = tqdm(
        range(1, config.n_epochs + 1),
        desc=f"{population.arm.name} from {population.first}",
        leave=False,
        unit="epoch",
        disable=not progress,
    )
    with single_thread():
        for epoch in bar:
            loss, accuracy = _epoch(population.train(), images, labels, flat, optimizer, config)
            _check_finite(population, loss, epoch, config)
            history.append(
                pd.DataFrame(
                    {
                        "network": population.first + np.arange(population.n_networks),
                        "epoch": epoch,
                        "loss": loss,
                        "accuracy": accuracy,
                    }
                )
            )
            bar.set_postfix(loss=f"{loss.mean():.3f}", accuracy=f"{accuracy.mean():.1%}")
            if on_epoch is not None:
                on_epoch(epoch, population.eval())
    for parameter in population.parameters():
        parameter.data = parameter.data.clone()
    population.eval()
    columns = ["network", "epoch", "loss", "accuracy"]
    return pd.concat(history, ignore_index=True) if history else pd.DataFrame(columns=columns)


def evaluate(population: Population, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean cross-entropy and the accuracy of each network in evaluation mode.

    Parameters
    ----------
    population : Population
        Its mode is restored afterwards.
    split : Split
        Images and labels.

    Returns
    -------
    loss, accuracy : ndarray
        Shape (n_networks,); nats, and a share in [0, 1].
    """
    training = population.training
    population.eval()
    losses = []
    correct = torch.zeros(population.n_networks)
    with single_thread(), torch.no_grad():
        for images, labels in batches(split):
            logits = population(images)
            targets = labels.expand(population.n_networks, -1)
            losses.append(_cross_entropy(logits, targets))
            correct += (logits.argmax(-1) == targets).sum(1)
    population.train(training)
    return _row_means(losses), correct.double().numpy() / len(split)


def batches(split: Split, size: int = 1000) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield a split in order, `size` samples at a time, as float32 images and int64 labels."""
    for start in range(0, len(split.labels), size):
        part = slice(start, start + size)
        yield (
            torch.from_numpy(np.array(split.images[part])),
            torch.from_numpy(np.array(split.labels[part])),
        )


def _flattened(population: Population) -> torch.nn.Parameter:
    """Move all parameters into one tensor, a padded row a network.

    The optimizer then makes one pass, and because rows begin at whole vector registers, the
    rounding of a network does not depend on how many others there are.
    """
    parameters = list(population.parameters())
    sizes = [parameter[0].numel() for parameter in parameters]
    width = -(-sum(sizes) // LANES) * LANES
    flat = torch.nn.Parameter(parameters[0].new_zeros(population.n_networks, width))
    rows = flat.data[:, : sum(sizes)].split(sizes, dim=1)
    for parameter, row in zip(parameters, rows, strict=True):
        parameter.data = row.view(parameter.shape).copy_(parameter.data)
    return flat


def _flat_gradient(
    loss: torch.Tensor, population: Population, flat: torch.nn.Parameter
) -> torch.Tensor:
    gradients = torch.autograd.grad(loss, list(population.parameters()))
    rows = [gradient.reshape(population.n_networks, -1) for gradient in gradients]
    padding = flat.shape[1] - sum(row.shape[1] for row in rows)
    return torch.cat([*rows, flat.new_zeros(population.n_networks, padding)], dim=1)


def _epoch(
    population: Population,
    images: torch.Tensor,
    labels: torch.Tensor,
    flat: torch.nn.Parameter,
    optimizer: torch.optim.Optimizer,
    config: StudyConfig,
) -> tuple[np.ndarray, np.ndarray]:
    order = torch.stack(
        [torch.randperm(len(labels), generator=g) for g in population.order_generators]
    )
    samples = len(labels) - (len(labels) % config.batch_size == 1)
    seen = []
    correct = torch.zeros(population.n_networks)
    for start in range(0, samples, config.batch_size):
        chosen = order[:, start : min(start + config.batch_size, samples)]
        targets = labels[chosen]
        logits = population(images[chosen])
        losses = _cross_entropy(logits, targets)
        flat.grad = _flat_gradient(losses.mean(1).sum(), population, flat)
        optimizer.step()
        with torch.no_grad():
            seen.append(losses.detach())
            correct += (logits.argmax(-1) == targets).sum(1)
    return _row_means(seen), correct.double().numpy() / samples


def _cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of each network and sample, shape (n_networks, n_samples).

    Samples are laid out row by row: a row is rounded alike in populations of every size.
    """
    rows = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return rows.view(targets.shape)


def _row_means(losses: list[torch.Tensor]) -> np.ndarray:
    """Return the mean of each row, summed alone so that its rounding depends on no other row."""
    rows = torch.cat(losses, dim=1).detach().double().numpy()
    return np.array([row.mean() for row in rows])


def _check_finite(
    population: Population, loss: np.ndarray, epoch: int, config: StudyConfig
) -> None:
    broken = np.flatnonzero(~np.isfinite(loss))
    if broken.size:
        raise TrainingError(
            f"the loss of network {population.first + broken[0]} ({population.arm.name}) is "
            f"{loss[broken[0]]} in epoch {epoch}: the learning rate {config.learning_rate:g} is "
            "likely too high; try 3e-4, or look for values that are not finite in the images."
        )
