"""Random streams of a network, each named once: a new stream leaves the others as they are."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


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


def generator(seed: int, network: int, stream: Stream, *draw: int) -> np.random.Generator:
    """Return a generator of one network, the same in every arm, block and population size."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(network, stream, *draw)))


def torch_seed(seed: int, network: int, stream: Stream) -> int:
    """Return a seed in [0, 2**32), the range of torch's generator on the CPU."""
    return int(np.random.SeedSequence(seed, spawn_key=(network, stream)).generate_state(1)[0])


def network_seeds(seed: int, k: int) -> tuple[int, int, int]:
    """Return three independent seeds of network k: initial weights, batch order, dropout masks.

    Parameters
    ----------
    seed : int
        Root of all randomness, >= 0.
    k : int
        Number of the network, >= 0.

    Examples
    --------
    >>> network_seeds(0, 1) == network_seeds(0, 2)
    False
    """
    initial, order, dropout = (
        torch_seed(seed, k, stream) for stream in (Stream.INITIAL, Stream.ORDER, Stream.DROPOUT)
    )
    return initial, order, dropout
