"""A population: K fully connected networks of one arm as one module."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils import skip_init

from funcnet_utils.arms import Arm, get_arm
from funcnet_utils.errors import check_int
from funcnet_utils.models.streams import Masks, Stream, generator

SLOPE = 0.01
EPSILON = 1e-5
MOMENTUM = 0.1
STATISTICS = ("mean", "variance")


class Population(torch.nn.Module):
    """K fully connected networks of one arm, trained and run as one batched program.

    The order in a hidden layer is linear map, batch or layer norm, dropout, LeakyReLU(0.01), of
    which each arm uses what its record says; the output layer is linear. Network k draws its
    initial weights, its batch order and its dropout masks from three generators of its own, spawned
    from the seed and from k alone: it is the same network in every arm, in every population size
    and in every block; only an A/A arm takes its batches in another order. Initial weights follow
    the law of `torch.nn.Linear`. An untrained batch-norm layer is exactly the identity.

    Parameters
    ----------
    n_networks : int
        Number K of networks, at least 1.
    widths : sequence of int
        Inputs, hidden units of each layer, outputs; at least (inputs, outputs).
    arm : str or Arm
        The arm, by name or by record.
    seed : int
        Root of all randomness, >= 0.
    first : int, default=0
        Number of the first network: a block of networks 5 to 9 has `n_networks=5, first=5`.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702.

    Examples
    --------
    >>> population = Population(3, (784, 100, 50, 10), "dropout", seed=0)
    >>> population.eval()(torch.zeros(5, 784)).shape
    torch.Size([3, 5, 10])
    """

    def __init__(
        self, n_networks: int, widths: tuple[int, ...], arm: str | Arm, seed: int, first: int = 0
    ) -> None:
        super().__init__()
        if len(widths) < 2 or min(widths) < 1:
            raise ValueError(f"widths is {widths}: give inputs, hidden units, outputs, all >= 1.")
        self.n_networks = check_int("n_networks", n_networks, 1)
        self.widths = tuple(widths)
        self.arm = get_arm(arm)
        self.seed = seed
        self.first = first
        self.checkpoints: dict[int, dict[str, torch.Tensor]] = {}
        order = Stream.OTHER_ORDER if self.arm.other_order else Stream.ORDER
        numbers = range(first, first + n_networks)
        self.order_generators = [generator(seed, k, order) for k in numbers]
        self.masks = Masks(seed, numbers, self.n_hidden, 1 - self.arm.dropout)

        self.weights = torch.nn.ParameterList()
        self.biases = torch.nn.ParameterList()
        initial = [generator(seed, k, Stream.INITIAL) for k in numbers]
        for inputs, outputs in itertools.pairwise(widths):
            bound, rows = 1 / np.sqrt(inputs), inputs + 1  # the last row holds the biases
            drawn = [each.uniform(-bound, bound, (rows, outputs)) for each in initial]
            values = torch.from_numpy(np.stack(drawn).astype(np.float32))
            self.weights.append(values[:, :-1].contiguous())
            self.biases.append(values[:, -1].contiguous())
        self.scales = torch.nn.ParameterList()
        self.shifts = torch.nn.ParameterList()
        for layer, units in enumerate(self.widths[1:-1]):
            shape = (n_networks, units)
            if self.arm.batch_norm or self.arm.layer_norm:
                self.scales.append(torch.ones(shape))
                self.shifts.append(torch.zeros(shape))
            if self.arm.batch_norm:
                self.register_buffer(f"mean_{layer}", torch.zeros(shape))
                self.register_buffer(f"variance_{layer}", torch.ones(shape) - EPSILON)

    @property
    def n_hidden(self) -> int:
        """Number of hidden units, the nodes of the functional network."""
        return sum(self.widths[1:-1])

    @property
    def layers(self) -> np.ndarray:
        """Hidden layer (0, 1, ...) of each node, shape (n_hidden,)."""
        return np.repeat(np.arange(len(self.widths) - 2), self.widths[1:-1])

    def hidden(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        """Return the activations of each hidden layer, after LeakyReLU.

        Parameters
        ----------
        inputs : tensor, shape (n_samples, n_inputs) or (n_networks, n_samples, n_inputs)
            Images in [0, 1], shared by all networks or one set each.

        Returns
        -------
        list of tensor, each of shape (n_networks, n_samples, n_units)
        """
        activations = self._broadcast(inputs)
        layers, masks = [], None
        if self.arm.dropout and self.training:
            masks = self.masks(activations).split(self.widths[1:-1], dim=-1)
        for layer in range(len(self.weights) - 1):
            activations = self.stage(layer, activations, None if masks is None else masks[layer])
            layers.append(activations)
        return layers

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the logits, shape (n_networks, n_samples, n_classes).

        Parameters
        ----------
        inputs : tensor, shape (n_samples, n_inputs) or (n_networks, n_samples, n_inputs)
            Images in [0, 1], shared by all networks or one set each.
        """
        last = [self._broadcast(inputs), *self.hidden(inputs)][-1]
        return self.stage(len(self.weights) - 1, last)

    def stage(
        self, layer: int, values: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return what a layer makes of what the layer below shows, both (n_networks, n, units)."""
        values = torch.baddbmm(self.biases[layer][:, None], values, self.weights[layer])
        if layer == len(self.weights) - 1:
            return values
        values = self._normalise(layer, values)
        return functional.leaky_relu(values if mask is None else values * mask, SLOPE)

    def select(self, k: int) -> Population:
        """Return network k as a population of one, with copies of its numbers.

        Parameters
        ----------
        k : int
            Index within this population, in [0, n_networks).
        """
        one = Population(1, self.widths, self.arm, self.seed, self.first + k).to(self.weights[0])
        for mine, copy in zip(self.state_dict().values(), one.state_dict().values(), strict=True):
            copy.copy_(mine[k : k + 1])
        return one.train(self.training)

    def network(self, k: int) -> torch.nn.Sequential:
        """Return network k as a plain `torch.nn.Sequential` with copies of its numbers.

        Parameters
        ----------
        k : int
            Index within this population, in [0, n_networks).
        """
        modules: list[torch.nn.Module] = []
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            linear = skip_init(torch.nn.Linear, *weight.shape[1:])  # draws nothing
            linear.weight.data = weight[k].detach().T.contiguous()
            linear.bias.data = bias[k].detach().clone()
            modules.append(linear)
            if layer == len(self.weights) - 1:
                break
            if self.scales:
                kind = torch.nn.BatchNorm1d if self.arm.batch_norm else torch.nn.LayerNorm
                norm = kind(self.widths[layer + 1], eps=EPSILON)
                norm.weight.data = self.scales[layer][k].detach().clone()
                norm.bias.data = self.shifts[layer][k].detach().clone()
                if isinstance(norm, torch.nn.BatchNorm1d):
                    norm.running_mean = self.get_buffer(f"mean_{layer}")[k].clone()
                    norm.running_var = self.get_buffer(f"variance_{layer}")[k].clone()
                modules.append(norm)
            if self.arm.dropout:
                modules.append(torch.nn.Dropout(self.arm.dropout))
            modules.append(torch.nn.LeakyReLU(SLOPE))
        return torch.nn.Sequential(*modules).train(self.training)

    def load_state_dict(self, state_dict: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Load the numbers of another population; weights of any other model are refused."""
        foreign = [name for name in state_dict if name not in self.state_dict()]
        if foreign:
            raise ValueError(
                f"{foreign[0]!r} is no parameter of this population, and the weights of another "
                "model would make another network of it: show the model itself images, by "
                "functional_network(model, images)."
            )
        return super().load_state_dict(state_dict, *args, **kwargs)

    def _broadcast(self, inputs: torch.Tensor) -> torch.Tensor:
        if inputs.shape[-1] != self.widths[0] or inputs.ndim not in (2, 3):
            raise ValueError(
                f"inputs have shape {tuple(inputs.shape)}: these networks "
                f"read (n_samples, {self.widths[0]}), or {self.n_networks} of these stacked."
            )
        return inputs.expand(self.n_networks, -1, -1) if inputs.ndim == 2 else inputs

    def _normalise(self, layer: int, values: torch.Tensor) -> torch.Tensor:
        """Normalize by basic operations alone, which are rounded alike on every processor."""
        if not self.scales:
            return values
        axis = 1 if self.arm.batch_norm else -1  # over samples, or over units
        if self.arm.layer_norm or self.training:
            mean = values.mean(axis, keepdim=True)
            centred = values - mean
            variance = (centred * centred).mean(axis, keepdim=True)
        if self.arm.batch_norm:
            running = [self.get_buffer(f"{name}_{layer}")[:, None] for name in STATISTICS]
            if self.training:
                unbiased = variance * (values.shape[1] / (values.shape[1] - 1))
                for kept, now in zip(running, (mean, unbiased), strict=True):
                    kept.mul_(1 - MOMENTUM).add_(now.detach() * MOMENTUM)
            else:
                centred, variance = values - running[0], running[1]
        normed = centred / (variance + EPSILON).sqrt()
        return normed * self.scales[layer][:, None] + self.shifts[layer][:, None]
