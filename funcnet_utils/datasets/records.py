"""Records of images and labels, and the one check that every data set passes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Arrays = Mapping[str, np.ndarray]
LEAST_IMAGES = 5  # of a class, so that its last fifth is at least one image
ORIGINAL = "move it away, and put the original file there or download it again"


class DataError(ValueError):
    """A data file is missing or wrong; the message names the file and the remedy."""


def broken(path: object, what: str) -> DataError:
    """Return the error for a wrong file, with the remedy."""
    return DataError(f"{path} {what}: {ORIGINAL}.")


@contextmanager
def decoding(path: Path, what: str, remedy: str = ORIGINAL) -> Iterator[None]:
    """Turn whatever a decoder says of damaged bytes into one error that names the file."""
    try:
        yield
    except DataError:
        raise
    except Exception as fault:  # gzip, tarfile, zipfile, NumPy and Pillow raise a dozen kinds
        reason = str(fault) or type(fault).__name__
        raise DataError(f"{path} {what} ({reason}): {remedy}.") from fault


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

    The arrays are `images`, shape (n, height, width), perhaps with a last axis of 1 or 3, unsigned
    numbers of 8 or 16 bits, truth values or floats in [0, 1]; `labels`, shape (n,) or (n, 1), whole
    numbers from 0 or names; perhaps `classes` (names of 0, 1, ...), `test_images` and
    `test_labels`, `val_images` and `val_labels`. Those for validation are for testing where there
    are no others, else left out with a warning. Without either the last fifth of each class, in
    file order, is held out.
    """
    images, labels = _checked(arrays, "", path)
    parts = [p for p in ("test_", "val_") if arrays.keys() & {f"{p}images", f"{p}labels"}]
    if len(parts) > 1:
        warnings.warn(
            f"{path}: its {len(arrays.get('val_images', ())):,} images for validation are left "
            "out; testing uses the test images.",
            stacklevel=2,
        )
    names, numbers = np.unique(labels, return_inverse=True)
    if named := "classes" in arrays and labels.dtype.kind != "U":
        names, numbers = np.arange(int(labels.max()) + 1), labels
    train = split(images, numbers)
    if parts:
        test_images, test_labels = _checked(arrays, parts[0], path)
        if test_images.shape[1:] != images.shape[1:]:
            raise DataError(
                f"{path}: test images have shape {test_images.shape[1:]}, training images "
                f"{images.shape[1:]}: make them equal."
            )
        if (unknown := np.setdiff1d(test_labels, names)).size:
            raise DataError(
                f"{path}: class {unknown[0]} has test images and no training images: train on it, "
                "or leave it out."
            )
        test = split(test_images, np.searchsorted(names, test_labels))
    else:
        train, test = hold_out(train)
    counts = np.bincount(train.labels)
    if len(counts) < 2 or counts.min() < LEAST_IMAGES - 1:
        raise DataError(
            f"{path} has {len(counts)} classes, the smallest with {counts.min()} training images: "
            f"give at least 2 classes of {LEAST_IMAGES} images each."
        )
    classes = tuple(map(str, arrays["classes"] if named else names))
    if len(set(classes)) != len(counts) or len(classes) != len(counts):
        raise DataError(
            f"{path} names {len(classes)} classes, {', '.join(classes[:9])}, where training labels "
            f"reach {len(counts) - 1}: name each class once and train on all of them."
        )
    return Dataset(name, train, test, images.shape[1:], classes, source)


def _checked(arrays: Arrays, part: str, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of one part as floats in [0, 1], and their labels."""
    names = [f"{part}images", f"{part}labels"]
    if missing := [name for name in names if name not in arrays]:
        there = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "none"
        raise DataError(f"{path} has no array {', '.join(missing)}; its arrays: {there}.")
    images, labels = (arrays[name] for name in names)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] != 3) or not images.size:
        raise DataError(
            f"{path}: {names[0]} has shape {images.shape}: give (n, height, width), and 3 as the "
            "last for colour."
        )
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise DataError(
            f"{path}: {names[1]} has shape {labels.shape}, several labels for each image: give "
            f"one class for each (of one-hot rows, {names[1]}.argmax(axis=1))."
        )
    labels = labels.ravel() if labels.dtype.kind not in "OS" else labels.ravel().astype(str)
    negative = labels.dtype.kind == "i" and labels.min(initial=0) < 0
    if labels.shape != (len(images),) or labels.dtype.kind not in "iuU" or negative:
        raise DataError(
            f"{path}: {names[1]} has shape {labels.shape} and type {labels.dtype}: give "
            f"{len(images)} whole numbers from 0."
        )
    white = np.iinfo(images.dtype).max if images.dtype in (np.uint8, np.uint16) else 1
    low, high = images.min(), images.max()
    if images.dtype.kind not in "fub" or not (low >= 0 and high <= white):
        raise DataError(
            f"{path}: {names[0]} are {images.dtype} from {low} to {high}: give bytes (uint8), or "
            "floats in [0, 1]."
        )
    if white > 1 and 0 < high <= white / 15:
        raise DataError(
            f"{path}: {names[0]} of type {images.dtype} reach {high} of {white} and would be all "
            f"but black: divide them by their range, {names[0]} / {high}, and save floats in .npz."
        )
    rows = np.asarray(images).reshape(len(images), -1)
    if constant := np.count_nonzero(rows.min(axis=1) == rows.max(axis=1)):
        warnings.warn(
            f"{path}: {constant:,} of {len(rows):,} {names[0]} have one value only.", stacklevel=3
        )
    scaled = images.astype(np.float32)
    scaled /= np.float32(white)
    return scaled, labels


def split(images: np.ndarray, labels: np.ndarray) -> Split:
    """Return images, with pixels in [0, 1], and labels as a read-only split."""
    flat = images.reshape(len(images), np.prod(images.shape[1:], dtype=int))
    scaled = np.ascontiguousarray(flat, dtype=np.float32)
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
