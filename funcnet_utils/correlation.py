"""Correlations of many units from signals that are never held: tile by tile, in float64.

The matrix is cut into square tiles, of which only those on and above the diagonal are summed. So
the work is little more than half of a matrix product, and what a tile holds does not depend on how
many tiles lie in memory at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.linalg.blas import dgemm, dsyrk

TILE = 1024
DEPTH = 512

Chunks = np.ndarray | Iterable[np.ndarray] | Callable[[], Iterable[np.ndarray]]


class Tile(NamedTuple):
    """Correlations of the units from `row` on with those from `column` on."""

    row: int
    column: int
    values: np.ndarray


def correlation_matrix(chunks: Chunks) -> np.ndarray:
    """Return the Pearson correlations of units from chunks of their signals, in one pass.

    Means and co-moments are merged chunk by chunk in float64 (Chan, Golub, LeVeque 1983), so the
    result is exact to rounding, about 1e-15 times the root of the number of samples, however far
    the means lie from zero. Besides the matrix it holds half of it once more, and one chunk.

    Parameters
    ----------
    chunks : ndarray of shape (n_samples, n), iterable of such, or callable that returns one
        Signals, real and finite; at least 2 samples in all. float32 is summed in float64.

    Returns
    -------
    ndarray of float64, shape (n, n)
        Signed correlations in [-1, 1], exactly symmetric. The diagonal is 1; a dead unit, whose
        signal is constant, has a row, a column and a diagonal entry of 0.

    Raises
    ------
    ValueError
        If the chunks are not of one width, not finite, or of fewer than 2 samples in all.

    References
    ----------
    Chan, Golub, LeVeque (1983), doi:10.1080/00031305.1983.10483115.

    Examples
    --------
    >>> x = np.array([[0, 1, 5], [1, 0, 5], [2, -1, 5]], dtype=np.float32)
    >>> correlation_matrix([x[:1], x[1:]]).tolist()
    [[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    found = np.zeros((0, 0))
    for dead, tiles in panels(chunks, None):
        found = np.empty((len(dead), len(dead)))
        for i, j, values in tiles:
            height, width = values.shape
            if i == j:
                values = np.triu(values)
                values += np.triu(values, 1).T
            found[i : i + height, j : j + width] = values
            found[j : j + width, i : i + height] = values.T
        np.fill_diagonal(found, ~dead)
    return found


def panels(chunks: Chunks, memory: int | None) -> Iterator[tuple[np.ndarray, Iterator[Tile]]]:
    """Return which units are dead and the tiles of some rows of tiles, one pass after the other.

    A pass reads all signals and takes as many rows of tiles as fit `memory` bytes, all if it is
    None. Tiles come by rows, then by columns; only the upper half of a tile on the diagonal counts.
    """
    source = _Source(chunks)
    first = 0
    while first == 0 or first < source.n:
        passed = _Pass(source, first, memory)
        yield passed.dead, passed.tiles()
        if source.n == 0:
            return
        first = passed.stop


class _Source:
    """Chunks of signals that can be read again, if they are no iterator."""

    def __init__(self, chunks: Chunks) -> None:
        self.n = -1
        self.passes = 0
        if isinstance(chunks, np.ndarray):
            chunks = [chunks]
        self.once = not callable(chunks) and iter(chunks) is chunks
        self.chunks = chunks

    def read(self) -> Iterator[np.ndarray]:
        """Yield checked pieces of at most `DEPTH` samples."""
        self.passes += 1
        if self.once and self.passes > 1:
            raise ValueError(
                "an iterator can be read only once, and these units need several passes: give a "
                "callable that returns a new iterator, or allow more memory."
            )
        for chunk in self.chunks() if callable(self.chunks) else self.chunks:
            signals = np.asarray(chunk)
            if signals.ndim != 2 or signals.dtype.kind not in "fiub":
                raise ValueError(
                    f"a chunk has shape {signals.shape} and type {signals.dtype}: give real "
                    "numbers of shape (n_samples, n)."
                )
            if self.n < 0:
                self.n = signals.shape[1]
            if signals.shape[1] != self.n:
                raise ValueError(
                    f"chunks are of {self.n} and of {signals.shape[1]} units: give one number."
                )
            if not np.isfinite(signals).all():
                raise ValueError("signals hold NaN or infinity: check where they come from.")
            yield from (signals[k : k + DEPTH] for k in range(0, len(signals), DEPTH))


class _Pass:
    """Sums of products over all signals, for the tiles of some rows of tiles."""

    def __init__(self, source: _Source, first: int, memory: int | None) -> None:
        self.first, self.stop = first, -1
        self.totals: dict[tuple[int, int], np.ndarray] = {}
        self.mean = self.spread = self.low = self.high = np.zeros(0)
        count = 0
        for signals in source.read():
            if self.stop < 0:
                self._start(source.n, memory)
            self.low = np.minimum(self.low, signals.min(axis=0, initial=np.inf))
            self.high = np.maximum(self.high, signals.max(axis=0, initial=-np.inf))
            samples = len(signals)
            # the last row merges the mean of this piece with that of the pieces before
            values = np.empty((samples + 1, source.n), order="F")
            values[:-1] = signals
            mean = values[:-1].mean(axis=0)
            values[:-1] -= mean
            step = mean - self.mean
            values[-1] = step * np.sqrt(count * samples / (count + samples))
            for (i, j), total in self.totals.items():
                left = values[:, i : i + TILE]
                if i == j:
                    dsyrk(1.0, left, 1.0, total, trans=True, overwrite_c=True)
                else:
                    right = values[:, j : j + TILE]
                    dgemm(1.0, left, right, 1.0, total, trans_a=True, overwrite_c=True)
            self.spread += np.einsum("ij,ij->j", values, values)
            self.mean += step * samples / (count + samples)
            count += samples
        if count < 2:
            raise ValueError(f"there are {count} samples: a correlation needs at least 2.")

    def _start(self, n: int, memory: int | None) -> None:
        self.mean, self.spread = np.zeros(n), np.zeros(n)
        self.low, self.high = np.full(n, np.inf), np.full(n, -np.inf)
        taken, self.stop = 0, self.first
        for i in range(self.first, n, TILE):
            height = min(TILE, n - i)
            taken += 8 * height * (n - i)
            if self.totals and memory is not None and taken > memory:
                break
            for j in range(i, n, TILE):
                self.totals[i, j] = np.zeros((height, min(TILE, n - j)), order="F")
            self.stop = i + height

    @property
    def dead(self) -> np.ndarray:
        return self.low == self.high

    def tiles(self) -> Iterator[Tile]:
        inverse = np.where(self.dead, 0.0, 1 / np.sqrt(np.where(self.dead, 1.0, self.spread)))
        while self.totals:
            i, j = next(iter(self.totals))
            values = self.totals.pop((i, j))
            values *= inverse[i : i + TILE, None]
            values *= inverse[None, j : j + TILE]
            yield Tile(i, j, np.clip(values, -1, 1, out=values))
