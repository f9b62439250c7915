"""Random streams of a network, each named once: a new stream leaves the others as they are."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import torch


class Stream(IntEnum):
    """What the numbers of a stream are for."""

    INITIAL = 0
    ORDER = 1
    DROPOUT = 2
    NULL_GRAPHS = 3
    STARTS = 4
    NOISE = 5
    FLIPS = 6
    LESIONS = 7
    WEIGHT_NOISE = 8
    OTHER_ORDER = 9
    IMAGES = 10


def generator(seed: int, network: int, stream: Stream, *draw: int) -> np.random.Generator:
    """Return a generator of one network, the same in every arm, block and population size."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(network, stream, *draw)))


def whole_seed(seed: int, network: int, stream: Stream) -> int:
    """Return a seed in [0, 2**32) for functions that take a whole number."""
    return int(np.random.SeedSequence(seed, spawn_key=(network, stream)).generate_state(1)[0])


class Masks(torch.nn.Module):
    """Dropout masks, each network's from a SplitMix64 stream of its own, alike on every device.

    Parameters
    ----------
    seed : int
        Root of all randomness, >= 0.
    networks : sequence of int
        Numbers of the networks.
    n_units : int
        Units of all layers.
    keep : float
        Probability, in (0, 1], that a unit is kept.

    References
    ----------
    Steele, Lea, Flood (2014), doi:10.1145/2714064.2660195.
    """

    state: torch.Tensor

    def __init__(self, seed: int, networks: Sequence[int], n_units: int, keep: float) -> None:
        super().__init__()
        self.n_units, self.keep = n_units, keep
        self.limit = round(keep * 2**64) - 2**63
        keys = [np.random.SeedSequence(seed, spawn_key=(k, Stream.DROPOUT)) for k in networks]
        states = np.stack([key.generate_state(1, np.uint64) for key in keys])
        self.register_buffer("state", torch.from_numpy(states.view(np.int64)), persistent=False)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the next masks, 0 or 1 / keep, shape (n_networks, n_samples, n_units).

        Parameters
        ----------
        inputs : tensor, shape (n_networks, n_samples, ...)
            Tells the number of samples, the type and the device.
        """
        count = inputs.shape[1] * self.n_units
        z = torch.arange(1, count + 1, device=inputs.device) * GOLDEN + self.state
        self.state.add_(_signed(count * GOLDEN))
        z = (z ^ (z >> 30 & (1 << 34) - 1)) * MIX_1  # a shift of the bits, whatever the sign
        z = (z ^ (z >> 27 & (1 << 37) - 1)) * MIX_2
        kept = z < self.limit
        return kept.view(*inputs.shape[:2], self.n_units).to(inputs.dtype) / self.keep


def _signed(number: int) -> int:
    """Return the int64 with the low 64 bits of a whole number."""
    return (number + 2**63) % 2**64 - 2**63


GOLDEN, MIX_1, MIX_2 = map(_signed, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
