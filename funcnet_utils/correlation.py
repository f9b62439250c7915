"""Correlations of many units from signals that are never held: one pass, in float64.

Means and co-moments are merged chunk by chunk (Chan, Golub, LeVeque 1983), tile by tile of the
upper half of the matrix, so the work is little more than half of a matrix product. What a tile
holds depends neither on the sizes of the chunks nor on how many tiles lie in memory at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from funcnet_utils.errors import check_choice
from funcnet_utils.graphs._graph import flat
from funcnet_utils.topology.memory import available_memory

TILE = 1024
DEPTH = 1000

Chunks = np.ndarray | Iterable[np.ndarray] | Callable[[], Iterable[np.ndarray]]


def correlation_matrix(chunks: Chunks, labels: np.ndarray | None = None) -> np.ndarray:
    """Return the Pearson correlations of units from chunks of their signals, in one pass.

    The result is exact to rounding, about 1e-15 times the root of the number of samples, however
    far the means lie from zero. Besides the matrix it holds half of it once more, and one chunk.

    Parameters
    ----------
    chunks : ndarray of shape (..., n_samples, n), iterable of such, or callable that returns one
        Signals, real and finite; at least 2 samples in all. float32 is summed in float64.
    labels : ndarray of int, shape (n_samples,), optional
        Classes. With them, each signal is taken relative to its mean over its class: what is left
        are the correlations *within* classes. The chunks are then read twice.

    Returns
    -------
    ndarray of float64, shape (..., n, n)
        Signed correlations in [-1, 1], exactly symmetric. The diagonal is 1; a dead unit, whose
        signal is constant, has a row, a column and a diagonal entry of 0.

    Raises
    ------
    ValueError
        If the chunks are not of one width, not finite, or of fewer than 2 samples in all, or there
        is not one label per sample.

    References
    ----------
    Chan, Golub, LeVeque (1983), doi:10.1080/00031305.1983.10483115.

    Examples
    --------
    >>> x = np.array([[0, 1, 5], [1, 0, 5], [2, -1, 5]], dtype=np.float32)
    >>> correlation_matrix([x[:1], x[1:]]).round(12).tolist()
    [[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    stack, shape = moments(chunks, labels)
    return np.array([one.matrix() for one in stack]).reshape(*shape, *shape[-1:])


def strength(
    r: np.ndarray, dead: str = "drop", precision: str = "float64"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the strength ``|r|`` of all pairs of nodes of one network, and which units are nodes.

    Parameters
    ----------
    r : ndarray, shape (n, n)
        Correlations of one network, as `correlation_matrix` returns them.
    dead : {"drop", "zero"}, default="drop"
        Leave dead units out, or keep them with strength 0 to every other unit (the paper's choice).
    precision : {"float64", "float16"}, default="float64"
        Round to half precision, which makes ties (the paper's choice).

    Returns
    -------
    strength : ndarray of float64, shape (m, m)
        ``|r|`` in [0, 1], diagonal 0.
    units : ndarray of int, shape (m,)
        The unit that each node stands for.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702.

    Examples
    --------
    >>> found, units = strength(np.array([[1, -0.5, 0], [-0.5, 1, 0], [0, 0, 0]]))
    >>> found.tolist(), units.tolist()
    ([[0.0, 0.5], [0.5, 0.0]], [0, 1])
    """
    check_choice("dead", dead, ("drop", "zero"))
    check_choice("precision", precision, ("float64", "float16"))
    units = np.arange(len(r))
    if dead == "drop":
        units = units[~dead_units(r)]
    found = np.abs(r[np.ix_(units, units)]).astype(precision).astype(np.float64)
    np.fill_diagonal(found, 0)
    return found, units


def dead_units(r: np.ndarray) -> np.ndarray:
    """Return which units are dead (bool, shape (..., n)), from the diagonal of correlations."""
    return np.diagonal(r, axis1=-2, axis2=-1) == 0


def memory_needed(n: int) -> int:
    """Return about how many bytes the correlations of n units take while they are computed."""
    return 12 * n * n + 24 * DEPTH * n


def refuse_if_too_large(n: int) -> None:
    """Raise MemoryError if n units do not fit the free memory, where it is known."""
    needed, free = memory_needed(n), available_memory()
    if needed > free:
        raise MemoryError(
            f"correlations of {n:,} units take {needed / 2**30:.1f} GiB and {free / 2**30:.1f} are "
            "free: choose fewer layers or units, or `correlation_edges`, which holds no matrix."
        )


def moments(
    chunks: Chunks, labels: np.ndarray | None = None
) -> tuple[list[Moments], tuple[int, ...]]:
    """Return the co-moments of signals, a list of (...), and the shape (..., n) of a sample."""
    source = Source(chunks)
    stack: list[Moments] = []
    for piece in source.read():
        if not stack:
            refuse_if_too_large(source.shape[-1])
        stack = stack or [Moments(source.shape[-1]) for _ in range(math.prod(source.shape[:-1]))]
        for one, signals in zip(stack, flat(piece), strict=True):
            one.add(signals)
    if labels is None:
        return stack, source.shape
    labels = np.asarray(labels)
    if labels.shape != (source.count,) or (labels != labels).any():
        raise ValueError(
            f"there are {labels.size} labels for {source.count} samples: give one per sample, in "
            "a vector without NaN."
        )
    members = (labels == np.unique(labels)[:, None]).astype(np.float64)
    sums, start = np.zeros((len(stack), len(members), source.shape[-1])), 0
    for piece in source.read():
        part = members[:, start : start + piece.shape[-2]]
        start += piece.shape[-2]
        for one, total, signals in zip(stack, sums, flat(piece), strict=True):
            total += part @ (signals - one.mean)
    for one, total in zip(stack, sums, strict=True):
        one.remove_classes(total / np.sqrt(members.sum(1))[:, None])
    return stack, source.shape


class Moments:
    """Means and co-moments of n units over samples, in tiles of the upper half of the matrix.

    Rows of tiles are held from unit `first` on, as many as fit `memory` bytes, all if it is None.
    """

    def __init__(self, n: int, first: int = 0, memory: int | None = None) -> None:
        self.n, self.first, self.stop, self.count = n, first, first, 0
        self.mean, self.active = np.zeros(n), np.zeros(n, dtype=np.int64)
        self.low, self.high = np.full(n, np.inf), np.full(n, -np.inf)
        self.dead = np.zeros(n, dtype=bool)
        self.tiles: dict[tuple[int, int], np.ndarray] = {}
        taken = 0
        for i in range(first, n, TILE):
            height = min(TILE, n - i)
            taken += 8 * height * (n - i)
            if self.tiles and memory is not None and taken > memory:
                break
            for j in range(i, n, TILE):
                self.tiles[i, j] = np.zeros((height, min(TILE, n - j)))
            self.stop = i + height
        for i in range(self.stop, n if first == 0 else 0, TILE):  # the scale of every unit
            self.tiles[i, i] = np.zeros(2 * [min(TILE, n - i)])

    def add(self, signals: np.ndarray) -> None:
        """Merge signals of shape (n_samples, n), finite, at most some thousand samples."""
        self.low = np.minimum(self.low, signals.min(0))
        self.high = np.maximum(self.high, signals.max(0))
        self.dead = self.low == self.high
        self.active += np.count_nonzero(signals, axis=0)
        samples = len(signals)
        values = signals.astype(np.float64)
        mean = values.mean(0)
        values -= mean
        step = mean - self.mean
        share = self.count * samples / (self.count + samples)
        for (i, j), total in self.tiles.items():
            left, right = values[:, i : i + TILE], values[:, j : j + TILE]
            total += left.T @ right  # of a matrix and its own transpose: half the work
            total += share * step[i : i + TILE, None] * step[j : j + TILE]
        self.mean += step * samples / (self.count + samples)
        self.count += samples

    def remove_classes(self, scaled: np.ndarray) -> None:
        """Subtract the co-moments of class means: sums over a class by the root of its size."""
        for (i, j), total in self.tiles.items():
            before = np.diagonal(total).copy()
            total -= scaled[:, i : i + TILE].T @ scaled[:, j : j + TILE]
            if i == j:  # a unit that only tells classes apart has nothing left but rounding
                self.dead[i : i + TILE] |= np.diagonal(total) <= 1e-12 * before

    def inverse(self) -> np.ndarray:
        """Return one over the root of the co-moment of each unit with itself, 0 if it is dead."""
        diagonal = [np.diagonal(self.tiles[i, i]) for i in range(0, self.n, TILE)]
        spread = np.sqrt(np.where(self.dead, 1.0, np.concatenate([np.zeros(0), *diagonal])))
        return np.where(self.dead, 0.0, 1 / spread)

    def correlations(self, inverse: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
        """Yield (row, column, correlations) of each tile of the rows held, and let go of it."""
        for i, j in list(self.tiles):
            values = self.tiles.pop((i, j))
            if i >= self.stop:
                continue
            values *= inverse[i : i + TILE, None]
            values *= inverse[j : j + TILE]
            if i == j:
                values = (values + values.T) / 2
                np.fill_diagonal(values, ~self.dead[i : i + TILE])
            yield i, j, np.clip(values, -1, 1, out=values)

    def matrix(self) -> np.ndarray:
        """Return the correlations of all units; the moments are used up."""
        found = np.empty((self.n, self.n))
        for i, j, values in self.correlations(self.inverse()):
            found[i : i + TILE, j : j + TILE] = values
            found[j : j + TILE, i : i + TILE] = values.T
        return found


class Source:
    """Chunks of signals that can be read again, if they are no iterator."""

    def __init__(self, chunks: Chunks) -> None:
        self.chunks = [chunks] if isinstance(chunks, np.ndarray) else chunks
        self.shape: tuple[int, ...] = ()  # (..., n)
        self.count = 0

    def read(self) -> Iterator[np.ndarray]:
        """Yield the checked samples in pieces of `DEPTH`, whatever the sizes of the chunks."""
        if self.count and hasattr(self.chunks, "__next__"):
            raise ValueError(
                "an iterator can be read only once, and this needs several passes: give a "
                "callable that returns a new iterator, or allow more memory."
            )
        held: list[np.ndarray] = []
        self.count = size = 0
        for chunk in self.chunks() if callable(self.chunks) else self.chunks:
            signals = self._checked(np.asarray(chunk))
            while signals.shape[-2]:
                held.append(signals[..., : DEPTH - size, :])
                signals = signals[..., DEPTH - size :, :]
                size += held[-1].shape[-2]
                if size == DEPTH:
                    yield self._piece(held)
                    held, size = [], 0
        if held:
            yield self._piece(held)
        if self.count < 2:
            raise ValueError(f"there are {self.count} samples: a correlation needs at least 2.")

    def _piece(self, held: list[np.ndarray]) -> np.ndarray:
        piece = held[0] if len(held) == 1 else np.concatenate(held, axis=-2)
        self.count += piece.shape[-2]
        return piece

    def _checked(self, signals: np.ndarray) -> np.ndarray:
        if signals.ndim < 2 or signals.dtype.kind not in "fiub":
            raise ValueError(
                f"a chunk has shape {signals.shape} and type {signals.dtype}: give real "
                "numbers of shape (n_samples, n)."
            )
        shape = (*signals.shape[:-2], signals.shape[-1])
        self.shape = self.shape or shape
        if shape != self.shape:
            before, now = (" x ".join(map(str, sizes)) for sizes in (self.shape, shape))
            raise ValueError(f"chunks are of {before} and of {now} units: give one number.")
        if not np.isfinite(signals).all():
            raise ValueError(
                "signals are not finite (NaN or infinity): check where they come from."
            )
        return signals
