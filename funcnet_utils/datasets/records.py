"""Records of images and labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


class DataError(ValueError):
    """A data file is missing or wrong; the message names the file and the remedy."""


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels; the arrays are read-only.

    Parameters
    ----------
    images : ndarray of float32, shape (n, n_inputs)
        Pixels in [0, 1], one flattened image per row.
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
        Name in `DATASETS`, or of the file or folder.
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


def split(images: np.ndarray, labels: np.ndarray, white: int = 1) -> Split:
    """Return images, with pixels in [0, white], and labels as a read-only split."""
    scaled = np.ascontiguousarray(images.reshape(len(images), -1), dtype=np.float32)
    scaled /= np.float32(white)
    numbers = labels.astype(np.int64)
    for array in (scaled, numbers):
        array.setflags(write=False)
    return Split(scaled, numbers)


def hold_out(whole: Split) -> tuple[Split, Split]:
    """Return training and test images: the last fifth of each class, in file order, is for tests.

    Examples
    --------
    >>> train, test = hold_out(split(np.zeros((6, 1)), np.array([0, 0, 0, 0, 0, 1])))
    >>> train.labels.tolist(), test.labels.tolist()
    ([0, 0, 0, 0, 1], [0])
    """
    chosen = np.zeros(len(whole), dtype=bool)
    for label in np.unique(whole.labels):
        members = np.flatnonzero(whole.labels == label)
        chosen[members[len(members) - len(members) // 5 :]] = True
    train, test = (split(whole.images[rows], whole.labels[rows]) for rows in (~chosen, chosen))
    return train, test
