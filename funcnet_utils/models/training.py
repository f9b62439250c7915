"""Train a whole population at once, on one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch.nn import functional
from tqdm import tqdm

from funcnet_utils.datasets import Dataset, Split
from funcnet_utils.models.backpropagation import backpropagate
from funcnet_utils.models.population import Population

if TYPE_CHECKING:
    from funcnet_utils.studies import StudyConfig


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
    device: str = "cpu",
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
    device : str, default="cpu"
        Where to train, such as "cuda". The population comes back to the CPU. On a GPU a step is
        recorded once as a CUDA graph and replayed; dropout masks are drawn there, by generators of
        the same seeds but other numbers than on the CPU.

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
    step = _Step(population.to(_device(device)), dataset, config)
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
            population.train()
            loss, accuracy = step.epoch()
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
    population.cpu().eval()
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
    parameters = dict(population.named_parameters())
    width = sum(parameter[0].numel() for parameter in parameters.values())
    some = population.weights[0]
    flat = torch.nn.Parameter(some.new_zeros(population.n_networks, -(-width // LANES) * LANES))
    for name, row in _rows(flat.data, parameters).items():
        parameters[name].data = row.copy_(parameters[name].data)
    return flat


def _rows(flat: torch.Tensor, parameters: dict[str, torch.nn.Parameter]) -> dict[str, torch.Tensor]:
    """Return the part of a flat tensor that belongs to each parameter, in its shape."""
    sizes = [parameter[0].numel() for parameter in parameters.values()]
    parts = flat[:, : sum(sizes)].split(sizes, dim=1)
    return {
        name: part.view(parameter.shape)
        for (name, parameter), part in zip(parameters.items(), parts, strict=True)
    }


def _device(name: str) -> torch.device:
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device is {name!r}, but no GPU is available here: choose 'cpu'.")
    return device


class _Step:
    """A training step on tensors that stay where they are, as a CUDA graph needs it."""

    def __init__(self, population: Population, dataset: Dataset, config: StudyConfig) -> None:
        self.population = population
        self.config = config
        place = {"device": population.weights[0].device, "dtype": population.weights[0].dtype}
        self.images = torch.from_numpy(np.array(dataset.train.images)).to(**place)
        self.labels = torch.from_numpy(np.array(dataset.train.labels)).to(place["device"])
        self.on_gpu = self.images.is_cuda
        if self.on_gpu:
            seeds = (g.initial_seed() for g in population.dropout_generators)
            population.dropout_generators = [
                torch.Generator(place["device"]).manual_seed(seed) for seed in seeds
            ]
        flat = _flattened(population)
        flat.grad = torch.zeros_like(flat)
        self.gradients = _rows(flat.grad, dict(population.named_parameters()))
        self.optimizer = torch.optim.Adam(
            [flat],
            lr=config.learning_rate,
            weight_decay=population.arm.weight_decay,
            fused=True,
            capturable=self.on_gpu,
        )
        self.chosen = self.labels.new_zeros(population.n_networks, config.batch_size)
        self.batch = self.images.new_zeros(self.chosen.numel(), self.images.shape[1])
        self.graph: torch.cuda.CUDAGraph | None = None

    def epoch(self) -> tuple[np.ndarray, np.ndarray]:
        """Train one epoch; return the mean loss and the accuracy of each network."""
        count, size = len(self.labels), self.config.batch_size
        generators = self.population.order_generators
        order = torch.stack([torch.randperm(count, generator=g) for g in generators])
        order = order.to(self.labels.device)
        samples = count - (count % size == 1)
        seen = []
        correct = torch.zeros(len(order), device=order.device)
        for start in range(0, samples, size):
            losses, hits = self._run(order[:, start : min(start + size, samples)])
            seen.append(losses.clone())
            correct += hits
        return _row_means(seen), correct.double().cpu().numpy() / samples

    def _run(self, chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.on_gpu or chosen.shape != self.chosen.shape:
            return self._step(chosen)
        self.chosen.copy_(chosen)
        if self.graph is None:  # the first step runs plainly, as a warm-up
            found = self._step(self.chosen)
            torch.cuda.synchronize()
            self.graph = torch.cuda.CUDAGraph()
            for generator in self.population.dropout_generators:
                self.graph.register_generator_state(generator)
            with torch.cuda.graph(self.graph):
                self.found = self._step(self.chosen)
            return found
        self.graph.replay()
        return self.found

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
