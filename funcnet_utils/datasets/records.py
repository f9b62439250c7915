"""Records of images and labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels; the arrays are read-only.

    Parameters
    ----------
    images : ndarray of float32, shape (n, n_inputs)
        Pixels in [0, 1], one flattened image a row.
    labels : ndarray of int64, shape (n,)
        Classes, from 0.
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Split({len(self):,} images of {self.images.shape[1]:,} pixels)"


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set for classification.

    Parameters
    ----------
    name : str
        Name in `DATASETS`.
    train, test : Split
        Images to learn from, and images held out.
    shape : tuple of int
        Height, width and, for colour, 3.
    classes : tuple of str
        Names of the classes.
    source : str
        Where it comes from, in one line.
    """

    name: str
    train: Split
    test: Split
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    source: str

    @property
    def n_inputs(self) -> int:
        """Pixels of an image."""
        return int(np.prod(self.shape))

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    def __repr__(self) -> str:
        return (
            f"Dataset({self.name}: {len(self.train):,} training and {len(self.test):,} test images "
            f"of shape {self.shape}, {self.n_classes} classes)"
        )


def split(images: np.ndarray, labels: np.ndarray, white: int) -> Split:
    """Return images and labels as a read-only split.

    Parameters
    ----------
    images : ndarray, shape (n, ...)
        Pixels in [0, white].
    labels : ndarray of int, shape (n,)
        Classes, from 0.
    white : int
        Value of a white pixel.
    """
    scaled = np.ascontiguousarray(images.reshape(len(images), -1), dtype=np.float32)
    scaled /= np.float32(white)
    numbers = labels.astype(np.int64)
    scaled.setflags(write=False)
    numbers.setflags(write=False)
    return Split(scaled, numbers)


def held_out(labels: np.ndarray) -> np.ndarray:
    """Choose the last fifth of each class, in file order, for testing.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        Classes.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> held_out(np.array([0, 0, 0, 0, 0, 1])).tolist()
    [False, False, False, False, True, False]
    """
    chosen = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        chosen[members[len(members) - len(members) // 5 :]] = True
    return chosen
