"""Train a whole population at once, on one thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from funcnet_utils._hooks import still
from funcnet_utils.datasets import Dataset, Split
from funcnet_utils.errors import check_int
from funcnet_utils.models.backpropagation import backpropagate
from funcnet_utils.models.modes import single_thread
from funcnet_utils.models.population import Population

if TYPE_CHECKING:
    from funcnet_utils.studies import StudyConfig

CHUNK = 1000
LANES = 16


class TrainingError(RuntimeError):
    """Training cannot go on; the message names the network, the epoch and the likely cause."""


def train(
    population: Population,
    dataset: Dataset,
    config: StudyConfig,
    *,
    checkpoints: Sequence[int] = (),
    device: str = "cpu",
) -> pd.DataFrame:
    """Train a population in place with Adam and cross-entropy.

    Network k sees the same batches in the same order in every arm, and the result is that of
    training it alone: a network's bits do not depend on the size of its population. The last batch
    of an epoch may be smaller; one of a single sample is left out, for it has no variance.

    Parameters
    ----------
    population : Population
        Networks to train, in evaluation mode afterwards; their generators move on, so a second
        call continues the first.
    dataset : Dataset
        The training split is used.
    config : StudyConfig
        Its `n_epochs`, `batch_size` and `learning_rate` are used.
    checkpoints : sequence of int, optional
        Epochs, such as ``config.checkpoints``, after which all numbers of the population stay in
        ``population.checkpoints[epoch]``, as `state_dict` names them; 0 is before training. Epochs
        that are not reached are left out, and the last one is always kept.
    device : str, default="cpu"
        Where to train, such as "cuda"; the population comes back to the CPU. A GPU takes the same
        plain steps with other rounding, and draws dropout masks of its own from the same seeds.

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
        If the widths of the population do not fit the data, or the device is not there.

    References
    ----------
    Kingma, Ba (2015), arXiv:1412.6980.
    """
    if population.widths[0] != dataset.n_inputs or population.widths[-1] != dataset.n_classes:
        raise ValueError(
            f"widths {population.widths} do not fit {dataset.name}: start with {dataset.n_inputs} "
            f"inputs and end with {dataset.n_classes} outputs."
        )
    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device is {device!r}, but no GPU is available here: choose 'cpu'.")
    kept = {check_int("checkpoint", epoch, 0) for epoch in checkpoints}
    population.checkpoints = {}
    losses, accuracies = [], []
    masks = population.dropout_generators
    try:
        with single_thread():
            step = _Step(population.to(device), dataset, config)
            for epoch in range(config.n_epochs + 1):
                if epoch:
                    loss, accuracy = step.epoch()
                    broken = np.flatnonzero(~np.isfinite(loss))
                    if broken.size:
                        raise TrainingError(
                            f"the loss of network {population.first + broken[0]} "
                            f"({population.arm.name}) is {loss[broken[0]]} in epoch {epoch}: the "
                            f"learning rate {config.learning_rate:g} is likely too high; try 3e-4, "
                            "or look for values that are not finite in the images."
                        )
                    losses.append(loss)
                    accuracies.append(accuracy)
                if epoch in kept or (kept and epoch == config.n_epochs):
                    state = population.state_dict().items()
                    population.checkpoints[epoch] = {n: value.cpu().clone() for n, value in state}
    finally:
        population.dropout_generators = masks
        for parameter in population.parameters():
            parameter.data = parameter.data.clone()
        population.cpu().eval()
    epochs, networks = len(losses), population.n_networks
    return pd.DataFrame(
        {
            "network": np.tile(population.first + np.arange(networks), epochs),
            "epoch": np.repeat(np.arange(1, epochs + 1), networks),
            "loss": np.ravel(losses),
            "accuracy": np.ravel(accuracies),
        }
    )


def evaluate(population: Population, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean cross-entropy and the accuracy of each network in evaluation mode.

    Parameters
    ----------
    population : Population
    split : Split
        Images and labels.

    Returns
    -------
    loss, accuracy : ndarray
        Shape (n_networks,); nats, and a share in [0, 1].
    """
    losses = []
    correct = torch.zeros(population.n_networks)
    with single_thread(), still(population):
        for start in range(0, len(split), CHUNK):
            part = slice(start, start + CHUNK)
            logits = population(torch.from_numpy(np.array(split.images[part])))
            labels = torch.from_numpy(np.array(split.labels[part]))
            targets = labels.expand(population.n_networks, -1)
            losses.append(_cross_entropy(logits, targets))
            correct += (logits.argmax(-1) == targets).sum(1)
    return _row_means(losses), correct.double().numpy() / len(split)


class _Step:
    """Training steps on tensors that stay where they are."""

    def __init__(self, population: Population, dataset: Dataset, config: StudyConfig) -> None:
        self.population, self.batch_size = population, config.batch_size
        device, dtype = population.weights[0].device, population.weights[0].dtype
        self.images = torch.from_numpy(np.array(dataset.train.images)).to(device, dtype)
        self.labels = torch.from_numpy(np.array(dataset.train.labels)).to(device)
        if device.type != "cpu":
            population.dropout_generators = [
                torch.Generator(device).manual_seed(generator.initial_seed())
                for generator in population.dropout_generators
            ]
        flat = _flattened(population)
        flat.grad = torch.zeros_like(flat)
        self.gradients = _parts(flat.grad, dict(population.named_parameters()))
        self.optimizer = torch.optim.Adam(
            [flat], lr=config.learning_rate, weight_decay=population.arm.weight_decay, fused=True
        )
        samples = population.n_networks * config.batch_size
        self.batch = self.images.new_zeros(samples, self.images.shape[1])

    def epoch(self) -> tuple[np.ndarray, np.ndarray]:
        """Train one epoch; return the mean loss and the accuracy of each network."""
        self.population.train()
        count, size = len(self.labels), self.batch_size
        generators = self.population.order_generators
        order = torch.stack([torch.randperm(count, generator=g) for g in generators])
        order = order.to(self.labels.device)
        samples = count - (count % size == 1)
        seen = []
        correct = torch.zeros(len(order), device=order.device)
        for start in range(0, samples, size):
            losses, hits = self._step(order[:, start : min(start + size, samples)])
            seen.append(losses)
            correct += hits
        return _row_means(seen), correct.double().cpu().numpy() / samples

    @torch.no_grad()
    def _step(self, chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Take one optimizer step; return the losses (K, n) and the number of right answers (K)."""
        population = self.population
        batch = self.batch[: chosen.numel()]
        torch.index_select(self.images, 0, chosen.reshape(-1), out=batch)
        images, targets = batch.view(*chosen.shape, -1), self.labels[chosen]
        layers = population.traced(images)
        last = layers[-1][0] if layers else images
        logits = torch.baddbmm(population.biases[-1][:, None], last, population.weights[-1])
        smoothing = population.arm.label_smoothing
        losses = _cross_entropy(logits, targets, smoothing)
        signal = logits.softmax(-1).sub_(smoothing / logits.shape[-1])
        share = signal.new_full((*targets.shape, 1), smoothing - 1)
        signal.scatter_add_(-1, targets[..., None], share).div_(targets.shape[1])
        backpropagate(population, images, layers, signal, self.gradients)
        self.optimizer.step()
        return losses, (logits.argmax(-1) == targets).sum(1)


def _flattened(population: Population) -> torch.nn.Parameter:
    """Move all parameters into one tensor, a padded row a network.

    The optimizer then makes one pass, and because rows begin at whole vector registers, the
    rounding of a network does not depend on how many others there are.
    """
    parameters = dict(population.named_parameters())
    width = sum(parameter[0].numel() for parameter in parameters.values())
    some = population.weights[0]
    flat = torch.nn.Parameter(some.new_zeros(population.n_networks, -(-width // LANES) * LANES))
    for name, row in _parts(flat.data, parameters).items():
        parameters[name].data = row.copy_(parameters[name].data)
    return flat


def _parts(
    flat: torch.Tensor, parameters: dict[str, torch.nn.Parameter]
) -> dict[str, torch.Tensor]:
    """Return the part of a flat tensor that belongs to each parameter, in its shape."""
    sizes = [parameter[0].numel() for parameter in parameters.values()]
    parts = flat[:, : sum(sizes)].split(sizes, dim=1)
    return {
        name: part.view(parameter.shape)
        for (name, parameter), part in zip(parameters.items(), parts, strict=True)
    }


def _cross_entropy(
    logits: torch.Tensor, targets: torch.Tensor, smoothing: float = 0.0
) -> torch.Tensor:
    """Return the loss of each network and sample, shape (n_networks, n_samples).

    Samples are laid out row by row: a row is rounded alike in populations of every size.
    """
    rows = functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), reduction="none", label_smoothing=smoothing
    )
    return rows.view(targets.shape)


def _row_means(losses: list[torch.Tensor]) -> np.ndarray:
    """Return the mean of each row, summed alone so that its rounding depends on no other row."""
    rows = torch.cat(losses, dim=1).detach().double().cpu().numpy()
    return np.array([row.mean() for row in rows])
