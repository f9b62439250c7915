"""Training loops as others write them, one network at a time, and ours, as jobs of one process."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

from benchmarks import inputs
from benchmarks.harness import Timed
from funcnet_utils import models
from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.models.streams import Stream, generator, whole_seed
from funcnet_utils.studies.config import StudyConfig

WIDTHS = (784, 100, 50, 10)
BATCH = 64
RATE = 3e-4


@functools.cache
def _data(n_samples: int) -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = inputs.images(n_samples)
    return torch.from_numpy(images), torch.from_numpy(labels).long()


@functools.cache
def _dataset(n_samples: int) -> Any:
    import dataclasses

    dataset = load_dataset("mnist_5k")
    images, labels = inputs.images(n_samples)
    return dataclasses.replace(dataset, train=Split(images, labels))


def population(first: int, count: int, n_samples: int) -> list[float]:
    """Train all networks as one program; return the mean loss of each over the epoch."""
    nets = models.Population(count, WIDTHS, "vanilla", seed=0, first=first)
    config = StudyConfig(hidden=WIDTHS[1:-1], n_epochs=1, batch_size=BATCH, learning_rate=RATE)
    history = models.train(nets, _dataset(n_samples), config)
    return history["loss"].tolist()


def sliced(first: int, count: int, n_samples: int, threads: int = 1) -> list[float]:
    """Train with resident tensors, slices and the fused optimizer; batches are those of ours."""
    images, labels = _data(n_samples)

    def epoch(net: Any, k: int) -> float:
        step = _step(net, torch.optim.Adam(net.parameters(), lr=RATE, fused=True))
        order = generator(0, k, Stream.ORDER).permutation(n_samples)
        parts = torch.from_numpy(order).split(BATCH)
        total = sum(step(images[part], labels[part]) * len(part) for part in parts)
        return float(total) / n_samples

    return _one_by_one(epoch, first, count, threads)


def data_loader(first: int, count: int, n_samples: int, threads: int = 1) -> list[float]:
    """Train with a DataLoader over tensors and the default Adam."""
    return _loaded(TensorDataset(*_data(n_samples)), first, count, n_samples, threads)


def published(first: int, count: int, n_samples: int, threads: int = 1) -> list[float]:
    """Train as the paper's description says: an image is converted each time it is drawn.

    A re-implementation of the structure - data set of byte images, ToTensor, flatten, DataLoader,
    default Adam, one network after the other - and not the authors' code.
    """
    return _loaded(_Bytes(n_samples), first, count, n_samples, threads)


class _Bytes(Dataset[tuple[torch.Tensor, int]]):
    """Byte images that become a picture, then floats in [0, 1], as torchvision's MNIST does."""

    def __init__(self, n_samples: int) -> None:
        images, labels = _data(n_samples)
        self.images = (images * 255).round().byte().view(-1, 28, 28)
        self.labels = labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, item: int) -> tuple[torch.Tensor, int]:
        from PIL import Image

        picture = Image.fromarray(self.images[item].numpy())
        values = torch.from_numpy(np.array(picture, np.uint8, copy=True)).view(28, 28, 1)
        return values.permute(2, 0, 1).contiguous().float().div(255).view(-1), int(
            self.labels[item]
        )


def _loaded(dataset: Any, first: int, count: int, n_samples: int, threads: int) -> list[float]:
    def epoch(net: Any, k: int) -> float:
        step = _step(net, torch.optim.Adam(net.parameters(), lr=RATE))
        drawing = torch.Generator().manual_seed(whole_seed(0, k, Stream.ORDER))
        loader = DataLoader(dataset, batch_size=BATCH, shuffle=True, generator=drawing)
        total = 0.0
        for images, labels in loader:
            total += step(images, labels).item() * len(labels)
        return total / n_samples

    return _one_by_one(epoch, first, count, threads)


def _step(net: Any, optimizer: Any) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    criterion = torch.nn.CrossEntropyLoss()

    def step(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def _one_by_one(
    epoch: Callable[[Any, int], float], first: int, count: int, threads: int
) -> list[float]:
    torch.set_num_threads(threads)
    nets = models.Population(count, WIDTHS, "vanilla", seed=0, first=first)
    return [epoch(nets.network(k).train(), first + k) for k in range(count)]


def _clocked(
    job: Callable[[int, int, int], list[float]], first: int, count: int, n_samples: int
) -> Timed:
    start = time.process_time()
    value = job(first, count, n_samples)
    return Timed(value, time.process_time() - start)


class TwoProcesses:
    """Two processes of one thread each, kept warm; a job is cut into two halves."""

    pool: ProcessPoolExecutor | None = None

    @classmethod
    def halves(
        cls, job: Callable[[int, int, int], list[float]], count: int, n_samples: int
    ) -> Timed:
        if cls.pool is None:
            cls.pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
        half = count // 2
        first = cls.pool.submit(_clocked, job, 0, half, n_samples)
        second = cls.pool.submit(_clocked, job, half, count - half, n_samples)
        found = [first.result(), second.result()]
        return Timed(found[0].value + found[1].value, max(part.seconds for part in found))

    @classmethod
    def close(cls) -> None:
        if cls.pool is not None:
            cls.pool.shutdown()
            cls.pool = None
