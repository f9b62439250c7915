"""What attacks and lesions ask of a network: answers, gradients at the pixels, changed units.

A matrix product of a few hundred rows gains nothing from being batched over networks, and pixels
that fit the cache are cheaper to move; so networks are asked one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np
import torch
from torch.nn import functional

from funcnet_utils._hooks import Site, choose, hooked, still
from funcnet_utils.models.population import SLOPE, Population

LEAST_ROWS = 4  # with fewer rows a matrix product takes another route, with other rounding

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Change = Callable[[int, torch.Tensor], torch.Tensor]


class Classifier(Protocol):
    """One network as attacks see it, whatever it is made of.

    Attributes
    ----------
    number : int
        Number of the network, >= 0: it draws its random starts and noise.
    n_inputs, n_classes : int
        Pixels of an image, and classes.
    """

    number: int
    n_inputs: int
    n_classes: int

    def answers(self, images: torch.Tensor) -> torch.Tensor:
        """Return the logits, shape (n_samples, n_classes), of images, (n_samples, n_inputs)."""

    def gradient(
        self, images: torch.Tensor, labels: torch.Tensor, loss: Loss
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits, and the gradient of the loss of each sample at its pixels."""


Networks = Population | Classifier | Sequence[Classifier]


class _Torch:
    """A classifier whose answers and gradients come from a torch module."""

    module: torch.nn.Module
    number: int
    n_inputs: int
    n_classes: int

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def asking(self) -> AbstractContextManager[None]:
        return nullcontext()

    def answers(self, images: torch.Tensor) -> torch.Tensor:
        with self.asking(), torch.no_grad():
            return self.forward(_enough(images))[: len(images)]

    def gradient(
        self, images: torch.Tensor, labels: torch.Tensor, loss: Loss
    ) -> tuple[torch.Tensor, torch.Tensor]:
        count = len(images)
        pixels = _enough(images).detach().requires_grad_()
        with self.asking(), torch.enable_grad():
            logits = self.forward(pixels)
            total = loss(logits[:count], labels).sum()
            (gradient,) = torch.autograd.grad(total, pixels)
        return logits[:count].detach(), gradient[:count]


class _Member(_Torch):
    """Network k of a population; its numbers are copies."""

    def __init__(self, population: Population, k: int) -> None:
        self.module: Population = population.select(k).eval().requires_grad_(False)
        self.number = self.module.first
        self.n_inputs, self.n_classes = population.widths[0], population.widths[-1]
        self.shape: tuple[int, ...] = (self.n_inputs,)
        self.layers = population.layers
        self.weights: list[torch.Tensor] = list(self.module.weights)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.module(images)[0]

    def plain(self) -> torch.nn.Module:
        """Return the network as torch layers."""
        return self.module.network(0)

    def begin(self, images: torch.Tensor) -> torch.Tensor:
        """Return what no change of units reaches: here the activations of the first layer."""
        with torch.no_grad():
            return self.module.hidden(images)[0]

    def changed(self, begun: torch.Tensor, change: Change) -> torch.Tensor:
        """Return the logits after ``change(layer, values)``, units last, of each hidden layer."""
        network = self.module
        with torch.no_grad():
            values = change(0, begun)
            for layer in range(1, len(network.weights) - 1):
                values = torch.baddbmm(
                    network.biases[layer][:, None], values, network.weights[layer]
                )
                values = functional.leaky_relu(network._normalise(layer, values)[0], SLOPE)
                values = change(layer, values)
            return torch.baddbmm(network.biases[-1][:, None], values, network.weights[-1])[0]


class _Module(_Torch):
    """Any torch module; made by `classifier`."""

    def __init__(
        self, module: torch.nn.Module, shape: Sequence[int], layers: Sequence[str], number: int
    ) -> None:
        self.module, self.number, self.shape = module, number, tuple(shape)
        self.n_inputs = math.prod(self.shape)
        self.weights = [weight for weight in module.parameters() if weight.ndim > 1]
        self.sites = choose(module, layers, "channels")
        seen: list[tuple[int, int]] = []

        def look(layer: int, values: torch.Tensor) -> torch.Tensor:
            seen.append((layer, values.shape[-1]))
            return values

        self.n_classes = self.changed(torch.zeros(LEAST_ROWS, self.n_inputs), look).shape[1]
        widths = dict(seen)
        if len(seen) != len(widths) or len(widths) != len(self.sites):
            raise ValueError(
                f"of layers {list(layers)} one runs twice or never in a pass: name layers that run "
                "once."
            )
        self.layers = np.repeat(np.arange(len(widths)), [widths[k] for k in range(len(widths))])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        floating = (p for p in self.module.parameters() if p.is_floating_point())
        like = next(floating, images)
        logits = self.module(images.reshape(-1, *self.shape).to(like))
        if not isinstance(logits, torch.Tensor) or logits.shape[:-1] != images.shape[:1]:
            found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits)
            raise ValueError(
                f"the module returns {found}: wrap it in one that returns logits, a tensor of "
                "shape (n_samples, n_classes)."
            )
        return logits.to(images)

    def asking(self) -> AbstractContextManager[None]:
        return still(self.module)

    def plain(self) -> torch.nn.Module:
        return torch.nn.Sequential(torch.nn.Unflatten(1, self.shape), self.module)

    def begin(self, images: torch.Tensor) -> torch.Tensor:
        return images

    def changed(self, begun: torch.Tensor, change: Change) -> torch.Tensor:
        numbers = {name: layer for layer, (name, _, _) in enumerate(self.sites)}

        def see(site: Site, value: Any, _: Any) -> torch.Tensor:
            if not isinstance(value, torch.Tensor):
                raise ValueError(
                    f"layer {site.name!r} returns {type(value)}: name layers that return a tensor."
                )
            axis = 1 if site.axis == 1 and value.ndim > 2 else -1
            return change(numbers[site.name], value.movedim(axis, -1)).movedim(-1, axis)

        with still(self.module), hooked(self.module, self.sites, see):
            return self.forward(begun)


def classifier(
    module: torch.nn.Module, shape: Sequence[int], *, layers: Sequence[str] = (), number: int = 0
) -> _Module:
    """Let attacks and lesions ask any torch module.

    The module is asked in evaluation mode, on its own device and in its own precision; modes,
    threads and torch's global generator are put back after each question, also after an error.

    Parameters
    ----------
    module : torch.nn.Module
        Returns logits, shape (n_samples, n_classes), of images, shape ``(n_samples, *shape)``; any
        scaling of pixels beyond [0, 1] belongs inside it.
    shape : sequence of int
        Shape of an image, such as (1, 28, 28).
    layers : sequence of str, optional
        Layers whose units lesions may silence, as `functional_network` names them, such as
        activations. A unit is a channel after a convolution, and an entry of the last axis else.
    number : int, default=0
        Number of the network, which draws its random starts and noise.

    Returns
    -------
    Classifier
        Its `layers` is the number of the layer of each unit.

    Raises
    ------
    ValueError
        If the module returns no logits, or a layer does not exist or does not run once in a pass.

    Examples
    --------
    >>> module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(6, 4), torch.nn.ReLU(),
    ...                              torch.nn.Linear(4, 3))
    >>> classifier(module, (2, 3), layers=["2"]).layers.tolist()
    [0, 0, 0, 0]
    """
    return _Module(module, shape, layers, number)


def members(networks: Networks) -> list[Any]:
    """Return the classifiers that an attack or a lesion visits one by one."""
    if isinstance(networks, Population):
        return [_Member(networks, k) for k in range(networks.n_networks)]
    if isinstance(networks, torch.nn.Module):
        raise ValueError(
            f"a {type(networks).__name__} says nothing of the shape of its images: give "
            "classifier(module, shape)."
        )
    return list(networks) if isinstance(networks, Sequence) else [networks]


def _enough(images: torch.Tensor) -> torch.Tensor:
    missing = LEAST_ROWS - len(images)
    return torch.cat([images, images[-1:].expand(missing, -1)]) if missing > 0 else images
