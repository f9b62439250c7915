"""Records of images and labels, and the one check that every data set passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Arrays = Mapping[str, np.ndarray]
LEAST_IMAGES = 5  # of a class, so that its last fifth is at least one image


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
        return self.train.images.shape[1]

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    def __repr__(self) -> str:
        return (
            f"Dataset({self.name}: {len(self.train):,} training and {len(self.test):,} test images "
            f"of shape {self.shape}, {self.n_classes} classes)"
        )


def make_dataset(name: str, arrays: Arrays, path: Path, source: str) -> Dataset:
    """Return a data set, or refuse its arrays with a DataError that names the path.

    Parameters
    ----------
    name : str
        Name of the data set.
    arrays : mapping of str to ndarray
        `images`, shape (n, height, width) or (n, height, width, 3), bytes or floats in [0, 1];
        `labels`, shape (n,), whole numbers from 0; perhaps `classes` (names), and `test_images`
        and `test_labels`. Without these the last fifth of each class, in file order, is held out.
    path : Path
        For error messages.
    source : str
        Where the data come from.
    """
    train, shape = _checked(arrays, "", path)
    if arrays.keys() & {"test_images", "test_labels"}:
        test, test_shape = _checked(arrays, "test_", path)
        if test_shape != shape:
            raise DataError(f"{path}: test images have shape {test_shape}, not {shape}: resize.")
    else:
        train, test = hold_out(train)
    counts = np.bincount(train.labels)
    if len(counts) < 2 or counts.min() < LEAST_IMAGES - 1:
        raise DataError(
            f"{path} has {len(counts)} classes, the smallest with {counts.min()} training images: "
            f"give at least 2 classes, labelled 0, 1, ..., of {LEAST_IMAGES} images each."
        )
    classes = tuple(map(str, arrays.get("classes", range(len(counts)))))
    if len(classes) != len(counts) or test.labels.max() >= len(counts):
        raise DataError(
            f"{path} names {len(classes)} classes; training labels reach {len(counts) - 1}, test "
            f"labels up to {test.labels.max()}: name each class once and train on all of them."
        )
    return Dataset(name, train, test, shape, classes, source)


def _checked(arrays: Arrays, prefix: str, path: Path) -> tuple[Split, tuple[int, ...]]:
    """Return one part of the arrays as a split, and the shape of an image."""
    names = [f"{prefix}images", f"{prefix}labels"]
    if missing := [name for name in names if name not in arrays]:
        raise DataError(f"{path} has no array {', '.join(missing)}: add it.")
    images, labels = (arrays[name] for name in names)
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] != 3) or not images.size:
        raise DataError(
            f"{path}: {names[0]} has shape {images.shape}: give (n, height, width), and 3 for "
            "colour."
        )
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise DataError(
            f"{path}: {names[1]} has shape {labels.shape} and type {labels.dtype}: give "
            f"{len(images)} whole numbers from 0."
        )
    white = 255 if images.dtype == np.uint8 else 1
    if images.dtype.kind not in "fu" or not (images.min() >= 0 and images.max() <= white):
        raise DataError(
            f"{path}: {names[0]} of type {images.dtype} lies outside [0, {white}]: give bytes "
            "(uint8), or floats in [0, 1]."
        )
    return split(images, labels, white), images.shape[1:]


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
