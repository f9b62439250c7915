"""Train a whole population at once, on one thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch.nn import functional
from torch.optim.adam import adam  # the class imports torch._dynamo at its first step: a second

from funcnet_utils.datasets import Dataset, Split
from funcnet_utils.errors import check_int
from funcnet_utils.models.modes import single_thread
from funcnet_utils.models.population import Population
from funcnet_utils.models.probe import shown

if TYPE_CHECKING:
    from funcnet_utils.studies import StudyConfig

LANES = 16
WARM = 5  # steps before a GPU records one


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
        Networks to train, in evaluation mode afterwards; their generators move on, and a second
        call takes new batches, with the moments of Adam and the epochs beginning anew.
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
    kept = {check_int("checkpoint", epoch, 0) for epoch in checkpoints}
    population.checkpoints = {}
    history: list[tuple[np.ndarray, np.ndarray]] = []
    try:
        with single_thread(), torch.enable_grad():
            step = _Step(moved(population, device), dataset, config)
            for epoch in range(config.n_epochs + 1):
                if epoch:
                    history.append(step.epoch())
                    loss = history[-1][0]
                    broken = np.flatnonzero(~np.isfinite(loss))
                    if broken.size:
                        raise TrainingError(
                            f"the loss of network {population.first + broken[0]} "
                            f"({population.arm.name}) is {loss[broken[0]]} in epoch {epoch}: the "
                            f"learning rate {config.learning_rate:g} is likely too high; try 3e-4, "
                            "or look for values that are not finite in the images."
                        )
                if epoch in kept or (kept and epoch == config.n_epochs):
                    state = population.state_dict().items()
                    population.checkpoints[epoch] = {n: value.cpu().clone() for n, value in state}
    finally:
        for parameter in population.parameters():
            parameter.data = parameter.data.clone()
        population.cpu().eval()
    networks, epochs = population.first + np.arange(population.n_networks), len(history)
    index = pd.MultiIndex.from_product([range(1, epochs + 1), networks], names=["epoch", "network"])
    seen = np.reshape(history, (epochs, 2, len(networks))).swapaxes(1, 2).reshape(-1, 2)
    table = pd.DataFrame(seen, index, ["loss", "accuracy"]).reset_index()
    return table[["network", "epoch", "loss", "accuracy"]]


def evaluate(population: Population, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean cross-entropy and the accuracy of each network in evaluation mode.

    Parameters
    ----------
    population : Population
        Networks, on any device.
    split : Split
        Images and labels.

    Returns
    -------
    loss, accuracy : ndarray
        Shape (n_networks,); nats, and a share in [0, 1].
    """
    logits = torch.cat(list(shown(population, split.images, population)), dim=1)
    labels = torch.from_numpy(np.array(split.labels)).to(logits.device)
    targets = labels.expand(population.n_networks, -1)
    return _row_means([_cross_entropy(logits, targets)]), _row_means([logits.argmax(-1) == targets])


def moved(population: Population, device: str) -> Population:
    """Move a population to a device in place, and return it; a ValueError where there is none."""
    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device is {device!r}, but no GPU is available here: choose 'cpu'.")
    return population.to(device)


class _Step:
    """Training steps on tensors that stay where they are; on a GPU, replays of one recording."""

    def __init__(self, population: Population, dataset: Dataset, config: StudyConfig) -> None:
        self.population, self.batch_size = population, config.batch_size
        device, dtype = population.weights[0].device, population.weights[0].dtype
        self.images = torch.from_numpy(np.array(dataset.train.images)).to(device, dtype)
        self.labels = torch.from_numpy(np.array(dataset.train.labels)).to(device)
        self.recording = _Recording(self.take) if device.type == "cuda" else None
        self.parameters = dict(population.named_parameters())
        flat, taken = _flattened(population), torch.zeros((), device=device)
        gradient, *moments = (torch.zeros_like(flat) for _ in range(3))
        self.gradients = _parts(gradient, self.parameters)
        self.state: list[Any] = [*([each] for each in (flat, gradient, *moments)), [], [taken]]
        self.rule: dict[str, Any] = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "fused": True}
        self.rule |= {"lr": config.learning_rate, "weight_decay": population.arm.weight_decay}
        self.rule |= {"capturable": self.recording is not None, "amsgrad": False, "maximize": False}

    def epoch(self) -> tuple[np.ndarray, np.ndarray]:
        """Train one epoch; return the mean loss and the accuracy of each network."""
        self.population.train()
        count, size = len(self.labels), self.batch_size
        drawn = [each.permutation(count) for each in self.population.order_generators]
        order = torch.from_numpy(np.stack(drawn)).to(self.labels.device)
        samples = count - (count % size == 1)
        steps = []
        for chosen in order[:, :samples].split(size, dim=1):
            take = self.recording if self.recording and chosen.shape[1] == size else self.take
            steps.append(take(chosen))
        losses, right = zip(*steps, strict=True)
        return _row_means(losses), _row_means(right)

    def take(self, chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Take a step; return the loss of each sample (K, n), and whether its answer is right."""
        targets = self.labels[chosen]
        images = self.images.index_select(0, chosen.flatten()).view(*chosen.shape, -1)
        logits = self.population(images)
        losses = _cross_entropy(logits, targets, self.population.arm.label_smoothing)
        found = torch.autograd.grad(losses.mean(1).sum(), list(self.parameters.values()))
        for kept, gradient in zip(self.gradients.values(), found, strict=True):
            kept.copy_(gradient)
        adam(*self.state, **self.rule)
        return losses.detach(), logits.argmax(-1) == targets


class _Recording:
    """A step on a GPU: taken a few times, then recorded, then replayed, without Python between."""

    def __init__(self, take: Callable[..., tuple[torch.Tensor, ...]]) -> None:
        self.take, self.taken, self.stream = take, 0, torch.cuda.Stream()
        self.graph = torch.cuda.CUDAGraph()

    def __call__(self, chosen: torch.Tensor) -> tuple[torch.Tensor, ...]:
        self.taken += 1
        if self.taken <= WARM:
            self.stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self.stream):
                found = self.take(chosen)
            torch.cuda.current_stream().wait_stream(self.stream)
            return found
        if self.taken == WARM + 1:
            self.chosen = chosen.clone()
            with torch.cuda.graph(self.graph):
                self.found = self.take(self.chosen)
        self.chosen.copy_(chosen)
        self.graph.replay()
        return tuple(each.clone() for each in self.found)


def _flattened(population: Population) -> torch.Tensor:
    """Move all parameters into one tensor, one padded row per network.

    The optimizer then makes one pass, and because rows begin at whole vector registers, the
    rounding of a network does not depend on how many others there are.
    """
    parameters = dict(population.named_parameters())
    width = sum(parameter[0].numel() for parameter in parameters.values())
    flat = population.weights[0].data.new_zeros(population.n_networks, -(-width // LANES) * LANES)
    for name, row in _parts(flat, parameters).items():
        parameters[name].data = row.copy_(parameters[name].data)
    return flat


def _parts(flat: torch.Tensor, named: dict[str, torch.nn.Parameter]) -> dict[str, torch.Tensor]:
    """Return the part of a flat tensor that belongs to each parameter, in its shape."""
    sizes = [parameter[0].numel() for parameter in named.values()]
    parts = zip(named.items(), flat[:, : sum(sizes)].split(sizes, dim=1), strict=True)
    return {name: part.view(parameter.shape) for (name, parameter), part in parts}


def _cross_entropy(logits: torch.Tensor, targets: torch.Tensor, smooth: float = 0) -> torch.Tensor:
    """Return the loss of each network and sample, shape (n_networks, n_samples).

    Samples are laid out row by row: a row is rounded alike in populations of every size.
    """
    rows = functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), reduction="none", label_smoothing=smooth
    )
    return rows.view(targets.shape)


def _row_means(parts: Sequence[torch.Tensor]) -> np.ndarray:
    """Return the mean of each row, summed alone so that its rounding depends on no other row."""
    rows = torch.cat(list(parts), dim=1).detach().double().cpu().numpy()
    return np.array([row.mean() for row in rows])
