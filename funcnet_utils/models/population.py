"""A population: K fully connected networks of one arm as one module."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils import skip_init

from funcnet_utils.arms import Arm, get_arm
from funcnet_utils.errors import check_int
from funcnet_utils.models.streams import Stream, torch_seed

SLOPE = 0.01
EPSILON = 1e-5
MOMENTUM = 0.1


class Trace(NamedTuple):
    """What the gradient of a hidden layer needs beside its activations."""

    linear: torch.Tensor  # values of the linear map, (n_networks, n_samples, n_units)
    statistics: tuple[torch.Tensor, torch.Tensor] | None  # means and inverse standard deviations
    mask: torch.Tensor | None  # of dropout: 0 or 1 / (1 - rate)


class Population(torch.nn.Module):
    """K fully connected networks of one arm, trained and run as one batched program.

    The order in a hidden layer is linear map, batch or layer norm, dropout, LeakyReLU(0.01), of
    which each arm uses what its record says; the output layer is linear. Network k draws its
    initial weights, its batch order and its dropout masks from three generators of its own, spawned
    from the seed and from k alone: it is the same network in every arm, in every population size
    and in every block; only an A/A arm takes its batches in another order. Initial weights and
    masks are those that `torch.nn.Linear` and `torch.nn.Dropout` draw after `torch.manual_seed`
    with the seeds of `network_seeds`. An untrained batch-norm layer is exactly the identity.

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
            raise ValueError(
                f"widths is {tuple(widths)}: give inputs, hidden units and outputs, each >= 1."
            )
        self.n_networks = check_int("n_networks", n_networks, 1)
        self.widths = tuple(widths)
        self.arm = get_arm(arm)
        self.seed = seed
        self.first = first
        self.checkpoints: dict[int, dict[str, torch.Tensor]] = {}
        order = Stream.OTHER_ORDER if self.arm.other_order else Stream.ORDER
        initial, self.order_generators, self.dropout_generators = (
            [
                torch.Generator().manual_seed(torch_seed(seed, first + k, stream))
                for k in range(n_networks)
            ]
            for stream in (Stream.INITIAL, order, Stream.DROPOUT)
        )

        self.weights = torch.nn.ParameterList()
        self.biases = torch.nn.ParameterList()
        for inputs, outputs in itertools.pairwise(widths):
            drawn = [_initial_layer(inputs, outputs, generator) for generator in initial]
            self.weights.append(torch.stack([weight.T for weight, _ in drawn]).contiguous())
            self.biases.append(torch.stack([bias for _, bias in drawn]))
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
        return [activations for activations, _ in self.traced(inputs)]

    def traced(self, inputs: torch.Tensor) -> list[tuple[torch.Tensor, Trace]]:
        """Return the activations of each hidden layer, each with what its gradient needs.

        Parameters
        ----------
        inputs : tensor, shape (n_samples, n_inputs) or (n_networks, n_samples, n_inputs)
            Images in [0, 1], shared by all networks or one set each.
        """
        activations = self._broadcast(inputs)
        layers = []
        for layer in range(len(self.weights) - 1):
            linear = torch.baddbmm(self.biases[layer][:, None], activations, self.weights[layer])
            values, statistics = self._normalise(layer, linear)
            mask = self._dropout_mask(values) if self.arm.dropout and self.training else None
            if mask is not None:
                values = values * mask
            activations = functional.leaky_relu(values, SLOPE)
            layers.append((activations, Trace(linear, statistics, mask)))
        return layers

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the logits, shape (n_networks, n_samples, n_classes).

        Parameters
        ----------
        inputs : tensor, shape (n_samples, n_inputs) or (n_networks, n_samples, n_inputs)
            Images in [0, 1], shared by all networks or one set each.
        """
        last = [self._broadcast(inputs), *self.hidden(inputs)][-1]
        return torch.baddbmm(self.biases[-1][:, None], last, self.weights[-1])

    def select(self, k: int) -> Population:
        """Return network k as a population of one, with copies of its numbers.

        Parameters
        ----------
        k : int
            Index within this population, in [0, n_networks).
        """
        one = Population(1, self.widths, self.arm, self.seed, self.first + k)
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

    def _normalise(
        self, layer: int, values: torch.Tensor
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor] | None]:
        if self.arm.layer_norm:
            units = values.shape[-1:]
            rows, mean, deviation = torch.native_layer_norm(values, units, None, None, EPSILON)
            rows = torch.addcmul(self.shifts[layer][:, None], rows, self.scales[layer][:, None])
            return rows, (mean, deviation)
        if not self.arm.batch_norm:
            return values, None
        layer_state = (
            self.scales[layer],
            self.shifts[layer],
            self.get_buffer(f"mean_{layer}"),
            self.get_buffer(f"variance_{layer}"),
        )
        # one network at a time, so that its rounding does not depend on how many there are
        parts = [
            torch.native_batch_norm(*network, self.training, MOMENTUM, EPSILON)
            for network in zip(values, *layer_state, strict=True)
        ]
        normed, mean, deviation = (torch.stack(part) for part in zip(*parts, strict=True))
        return normed, (mean, deviation)

    def _dropout_mask(self, activations: torch.Tensor) -> torch.Tensor:
        keep = 1 - self.arm.dropout
        mask = torch.empty_like(activations)
        for network, generator in zip(mask, self.dropout_generators, strict=True):
            network.bernoulli_(keep, generator=generator)
        return mask.div_(keep)


def _initial_layer(
    inputs: int, outputs: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw a layer as `torch.nn.Linear.reset_parameters` does."""
    weight = torch.empty(outputs, inputs)
    torch.nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
    bound = 1 / math.sqrt(inputs)
    bias = torch.empty(outputs).uniform_(-bound, bound, generator=generator)
    return weight, bias
