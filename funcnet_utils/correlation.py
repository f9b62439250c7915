"""Correlations of many units from signals that are never held: one pass, in float64.

Means and co-moments are merged chunk by chunk (Chan, Golub, LeVeque 1983), tile by tile of the
upper half of the matrix, so the work is little more than half of a matrix product. What a tile
holds depends neither on the sizes of the chunks nor on how many tiles lie in memory at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from funcnet_utils.errors import as_numbers, check_choice, check_labels
from funcnet_utils.graphs._graph import check_correlations, flat
from funcnet_utils.topology.memory import available_memory

TILE = 1024
DEPTH = 1000
FAR = 8
"""Means this many ranges from 0 would cost digits."""
EXTREME = 100
"""Powers of 2 that neither vanish nor overflow when they are squared and summed."""

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
    r = check_correlations(r, dead=True)
    units = np.flatnonzero(np.diagonal(r)) if dead == "drop" else np.arange(len(r))
    found = np.abs(r[np.ix_(units, units)]).astype(precision).astype(np.float64)
    np.fill_diagonal(found, 0)
    return found, units


def memory_needed(n: int) -> int:
    """Return about how many bytes the correlations of n units take while a network is made."""
    return 17 * n * n + 24 * DEPTH * n


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
    plain = ((piece, piece) for piece in source.read())
    for piece, rest in plain if labels is None else _within_classes(source, labels):
        if not stack:
            refuse_if_too_large(source.shape[-1])
        stack = stack or [Moments(source.shape[-1]) for _ in range(math.prod(source.shape[:-1]))]
        for one, signals, values in zip(stack, flat(piece), flat(rest), strict=True):
            one.active += np.count_nonzero(signals, axis=0)
            one.add(values)
    return stack, source.shape


def _within_classes(source: Source, labels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield signals, and what is left without the mean of a class, which a first pass finds."""
    codes = check_labels(labels, np.size(labels), "sample")
    members = codes == np.arange(codes.max(initial=-1) + 1)[:, None]
    first, start = np.unique(codes, return_index=True)[1], 0
    for piece in source.read():
        if start == 0:
            origin, sums = np.zeros((2, *source.shape[:-1], len(members), source.shape[-1]))
        inside = slice(start, start := start + piece.shape[-2])
        new = (first >= inside.start) & (first < start)
        origin[..., new, :] = piece[..., first[new] - inside.start, :]
        if start <= len(codes):
            sums += members[:, inside] @ (piece - origin[..., codes[inside], :])
    check_labels(labels, source.count, "sample")
    means, start = sums / members.sum(1)[:, None], 0
    for piece in source.read():
        of = codes[start : (start := start + piece.shape[-2])]
        yield piece, piece - origin[..., of, :] - means[..., of, :]


class Moments:
    """Means and co-moments of n units over samples, in tiles of the upper half of the matrix.

    Rows of tiles are held from unit `first` on, as many as fit `memory` bytes, all if it is None.
    """

    def __init__(self, n: int, first: int = 0, memory: int | None = None) -> None:
        self.n, self.first, self.stop, self.count = n, first, first, 0
        self.active, self.exponent = np.zeros((2, n), dtype=np.int64)
        self.origin, self.shift = np.zeros((2, n))
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

    @property
    def mean(self) -> np.ndarray:
        """Mean of each unit, shape (n,)."""
        return self.origin + np.ldexp(self.shift, self.exponent)

    def add(self, signals: np.ndarray) -> None:
        """Merge signals of shape (n_samples, n), finite, at most some thousand samples."""
        self.low = np.minimum(self.low, signals.min(0))
        self.high = np.maximum(self.high, signals.max(0))
        self.dead = self.low == self.high
        samples = len(signals)
        if self.count == 0:  # an origin near the signals, where they lie far from 0
            first = signals[0].astype(np.float64)
            self.origin = np.where(np.abs(first) / FAR > self.high / 2 - self.low / 2, first, 0.0)
        self._rescale()
        values = (signals - self.origin) * np.ldexp(1.0, -self.exponent)
        mean = values.mean(0)
        values -= mean
        step = mean - self.shift
        share = self.count * samples / (self.count + samples)
        for (i, j), total in self.tiles.items():
            left, right = values[:, i : i + TILE], values[:, j : j + TILE]
            total += left.T @ right  # of a matrix and its own transpose: half the work
            total += share * step[i : i + TILE, None] * step[j : j + TILE]
        self.shift += step * samples / (self.count + samples)
        self.count += samples

    def _rescale(self) -> None:
        """Measure units whose range is extreme in a power of 2 near it: no square is 0 or inf."""
        with np.errstate(over="ignore"):
            size = np.minimum(self.high - self.low, np.finfo(float).max)
        exponent = np.frexp(size)[1]
        exponent[np.abs(exponent) <= EXTREME] = 0
        exponent = np.clip(exponent, -1000, 1000)
        if (change := self.exponent - exponent).any():
            self.shift = np.ldexp(self.shift, change)
            for (i, j), total in self.tiles.items():
                np.ldexp(total, change[i : i + TILE, None], out=total)
                np.ldexp(total, change[j : j + TILE], out=total)
            self.exponent = exponent

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
            signals = self._checked(chunk)
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

    def _checked(self, chunk: object) -> np.ndarray:
        signals = as_numbers("a chunk of signals", chunk)
        if signals.ndim < 2:
            raise ValueError(f"a chunk of signals has shape {signals.shape}: give (n_samples, n).")
        shape = (*signals.shape[:-2], signals.shape[-1])
        self.shape = self.shape or shape
        if shape != self.shape:
            before, now = (" x ".join(map(str, sizes)) for sizes in (self.shape, shape))
            raise ValueError(f"chunks are of {before} and of {now} units: give one number.")
        return signals
