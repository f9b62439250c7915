"""What attacks and lesions ask of a network: answers, gradients at the pixels, silent units.

A matrix product of a few hundred rows gains nothing from being batched over networks, and pixels
that fit the cache are cheaper to move; so networks are asked one by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import numpy as np
import torch

from funcnet_utils._hooks import Site, axis_of_units, choose, hooked, still, unwrapped
from funcnet_utils.errors import check_real
from funcnet_utils.models.losses import Loss, get_loss
from funcnet_utils.models.modes import single_thread
from funcnet_utils.models.population import Population

LEAST_ROWS = 4  # with fewer rows a matrix product takes another route, with other rounding

Pair = tuple[torch.Tensor, torch.Tensor]


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

    def gradient(self, images: torch.Tensor, labels: torch.Tensor, loss: Loss) -> Pair:
        """Return the logits, and the gradient of the loss of each sample at its pixels."""


Networks = Population | Classifier | Sequence[Classifier]


class _Network:
    """A classifier of torch: no lesion reaches its head, and layers of its body may fall silent."""

    def __init__(self, module: Any, shape: Any, layers: Any, number: int, body: Any = None) -> None:
        self.module, self.body = module, module if body is None else body
        self.weights = [weight for weight in module.parameters() if weight.ndim > 1]
        self.number, self.shape = number, tuple(shape)
        self.n_inputs = math.prod(self.shape)
        self.sites = choose(self.body, layers, "channels")
        self.names = [name for name, *_ in self.sites]
        with still(self.body):
            logits, means = self.observed(torch.zeros(LEAST_ROWS, self.n_inputs))
        widths = [len(mean) for mean in means]
        self.n_classes = logits.shape[1]
        self.layers = np.repeat(np.arange(len(widths)), widths)
        self.units = {n: np.flatnonzero(self.layers == k) for k, n in enumerate(self.names)}

    def head(self, images: torch.Tensor) -> torch.Tensor:
        floating = (p for p in self.module.parameters() if p.is_floating_point())
        return images.reshape(-1, *self.shape).to(next(floating, images))

    def logits(self, begun: torch.Tensor) -> torch.Tensor:
        """Return the logits of what the head returns."""
        logits = self.body(begun.clone())  # a first layer may work in place
        if not isinstance(logits, torch.Tensor) or logits.shape[:-1] != begun.shape[:1]:
            found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits)
            raise ValueError(
                f"the module returns {found}: wrap it in one that returns logits, a tensor of "
                "shape (n_samples, n_classes)."
            )
        return logits.cpu().float()

    @torch.no_grad()
    def answers(self, images: torch.Tensor) -> torch.Tensor:
        return self.logits(self.head(_enough(images)))[: len(images)]

    def gradient(self, images: torch.Tensor, labels: torch.Tensor, loss: Loss) -> Pair:
        count = len(images)
        pixels = _enough(images).detach().requires_grad_()
        logits = self.logits(self.head(pixels))[:count]
        (gradient,) = torch.autograd.grad(loss(logits, labels).sum(), pixels)
        return logits.detach(), gradient[:count]

    @torch.no_grad()
    def observed(self, images: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return the logits, and the mean of each unit of the layers that may fall silent."""
        found: dict[str, torch.Tensor] = {}
        turns = set()

        def see(site: Site, value: Any, _: Any) -> None:
            if not isinstance(value, torch.Tensor):
                raise ValueError(
                    f"layer {site.name!r} returns {type(value)}: name layers that return a tensor."
                )
            turns.add(site.turn)
            values = value.movedim(axis_of_units(site, value), -1)
            found[site.name] = values.flatten(0, -2).mean(0)

        with hooked(self.body, self.sites, see):
            logits = self.logits(self.head(images))
        if len(found) < len(self.names) or turns - {0}:
            raise ValueError(
                f"of layers {self.names} one runs twice or never: name layers that run once."
            )
        return logits, [found[name] for name in self.names]

    def plain(self) -> torch.nn.Module:
        """Return the network as torch layers that read rows of pixels."""
        return torch.nn.Sequential(torch.nn.Unflatten(1, self.shape), self.module)


class _Member(_Network):
    """Network k of a population; its numbers are copies. The head is its first hidden layer."""

    def __init__(self, population: Population, k: int) -> None:
        one = population.select(k).eval().requires_grad_(False)
        *hidden, last = [_Stage(one, layer) for layer in range(len(one.weights))]
        self.first = torch.nn.Sequential(*hidden[:1])
        body = torch.nn.Sequential(torch.nn.Identity(), *hidden[1:], last)
        super().__init__(one, one.widths[:1], list(map(str, range(len(hidden)))), one.first, body)
        self.weights = list(one.weights)

    def head(self, images: torch.Tensor) -> torch.Tensor:
        return self.first(images.to(self.weights[0])[None])

    def logits(self, begun: torch.Tensor) -> torch.Tensor:
        return self.body(begun)[0].cpu().float()

    def plain(self) -> torch.nn.Module:
        return self.module.network(0)


class _Stage(torch.nn.Module):
    """A layer of a population of one, as a module that hooks reach."""

    def __init__(self, population: Population, layer: int) -> None:
        super().__init__()
        self.population, self.layer = population, layer

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.population.stage(self.layer, values)


def classifier(
    module: torch.nn.Module, shape: Sequence[int], *, layers: Sequence[str] = (), number: int = 0
) -> _Network:
    """Let attacks and lesions ask any torch module.

    Attacks and lesions ask it in evaluation mode, on its own device and in its own precision, and
    put modes, threads and torch's global generator back, also after an error.

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
    return _Network(unwrapped(module), shape, layers, number)


@contextmanager
def asking(
    networks: Networks, images: np.ndarray, labels: np.ndarray
) -> Iterator[tuple[list[Any], torch.Tensor, torch.Tensor]]:
    """Give classifiers in evaluation mode, with torch on one thread, and `check_samples`."""
    with single_thread(), ExitStack() as stack:
        asked = members(networks)
        for one in asked:
            stack.enter_context(still(getattr(one, "module", None)))
        stack.enter_context(torch.enable_grad())
        yield asked, *check_samples(asked[0], images, labels)


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


def right_answers(networks: Networks, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which samples each network classifies right, in evaluation mode.

    Parameters
    ----------
    networks : Population, Classifier or sequence of Classifier
    images : ndarray, shape (n_samples, ...) or (n_networks, n_samples, ...)
        Pixels in [0, 1], shared or one set per network, as attacks return them.
    labels : ndarray of int, shape (n_samples,)

    Returns
    -------
    ndarray of bool, shape (n_networks, n_samples)
    """
    given, every, right = np.asarray(images), members(networks), []
    whole = (len(every), np.size(labels), every[0].n_inputs)
    sets = given.reshape(whole) if given.size == math.prod(whole) else [given] * len(every)
    for one, shown in zip(every, sets, strict=True):
        with asking(one, shown, labels) as (_, pixels, classes):
            right.append((one.answers(pixels).argmax(1) == classes).numpy())
    return np.stack(right)


def gradient_sizes(
    networks: Networks, images: np.ndarray, labels: np.ndarray, *, loss: str = "cross_entropy"
) -> np.ndarray:
    """Return the largest absolute gradient of the loss at any pixel of each image.

    Where the softmax is saturated the gradient of the cross-entropy vanishes in float32, and an
    attack that follows it stands still: the network then looks robust without being so.

    Parameters
    ----------
    networks, images, labels, loss
        As for `fgsm`.

    Returns
    -------
    ndarray of float32, shape (n_networks, n_samples), >= 0

    References
    ----------
    Carlini et al. (2019), arXiv:1902.06705.
    """
    with asking(networks, images, labels) as (asked, pixels, classes):
        gradients = [one.gradient(pixels, classes, get_loss(loss))[1] for one in asked]
    return np.stack([gradient.abs().amax(1).numpy() for gradient in gradients])


def check_epsilon(epsilon: float) -> float:
    """Return the radius of the ball around an image, or refuse it."""
    return check_real("epsilon", epsilon, 0, 1, "the largest change of a pixel,")


def check_samples(one: Classifier, images: np.ndarray, labels: np.ndarray) -> Pair:
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
    low, high, last = classes.min(), classes.max(), one.n_classes - 1
    if low < 0 or high > last:
        raise ValueError(f"labels span [{low}, {high}]: networks tell classes 0 to {last} apart.")
    if not (pixels.min() >= 0 and pixels.max() <= 1):
        raise ValueError(
            f"pixels span [{pixels.min():.6g}, {pixels.max():.6g}]: bring images to [0, 1] first, "
            "with any other scaling inside the network."
        )
    rows = np.array(pixels, dtype=np.float32).reshape(len(pixels), -1)
    return torch.from_numpy(rows), torch.from_numpy(classes.astype(np.int64))


def _enough(images: torch.Tensor) -> torch.Tensor:
    missing = LEAST_ROWS - len(images)
    return torch.cat([images, images[-1:].expand(missing, -1)]) if missing > 0 else images
