"""A data set of one's own: an .npz file or a folder of images, checked and never unpickled."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import numpy as np

from funcnet_utils.datasets.download import data_folder
from funcnet_utils.datasets.records import DataError, Dataset, Split, hold_out, split

SUFFIXES = (".png", ".jpg", ".jpeg")
LEAST_IMAGES = 5  # of a class, so that its last fifth is at least one image


def is_own(name: str) -> bool:
    """Return whether a name of a data set is meant as a path: an .npz file, or with a separator.

    Examples
    --------
    >>> is_own("shapes.npz"), is_own("pictures/shapes"), is_own("mnist_5k")
    (True, True, False)
    """
    return name.endswith(".npz") or "/" in name or "\\" in name


def find_own(name: str) -> Path:
    """Return the path of one's own data: as it is given, else within `$FUNCNET_DATA`."""
    places = [Path(name).expanduser().absolute(), data_folder() / name]
    for place in places:
        if place.is_file() or place.is_dir():
            return place
    raise DataError(
        f"there is no data set at {' or '.join(map(str, places))}: give the path of an .npz file "
        "or of a folder of images."
    )


def own_digest(name: str) -> str:
    """Return the SHA-256 of one's own data, so that changed pictures are another data set.

    The path itself does not count, only what is below it.
    """
    path = find_own(name)
    total = hashlib.sha256()
    for file in [path] if path.is_file() else _pictures(path):
        relative = "" if file == path else file.relative_to(path).as_posix()
        total.update(f"{relative}\0{file_digest(file)}\n".encode())
    return total.hexdigest()


def file_digest(file: Path) -> str:
    """Return the SHA-256 of a file, computed once for each time stamp and size."""
    facts = file.stat()
    return _file_digest(file, facts.st_mtime_ns, facts.st_size)


@functools.lru_cache(maxsize=2**17)
def _file_digest(file: Path, changed: int, size: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load_own(name: str) -> Dataset:
    """Load one's own data set, or refuse it with a DataError that names the file and the remedy.

    An .npz file holds `images`, shape (n, height, width) or (n, height, width, 3), bytes or floats
    in [0, 1]; `labels`, shape (n,), whole numbers from 0; and, if wanted, `classes` (names),
    `test_images` and `test_labels`. A folder has one folder of PNG or JPEG files for each class, or
    `train/` and `test/` with such folders inside; all pictures are of one size. Without a test
    set, the last fifth of each class, in file order, is held out.

    Parameters
    ----------
    name : str
        Path of an .npz file or of a folder.
    """
    return _load(find_own(name), own_digest(name))


@functools.lru_cache(maxsize=2)
def _load(path: Path, digest: str) -> Dataset:
    arrays = _from_npz(path) if path.is_file() else _from_folder(path)
    train = _checked(path, "images", arrays["images"], arrays["labels"])
    if "test_images" in arrays:
        test = _checked(path, "test_images", arrays["test_images"], arrays["test_labels"])
    else:
        train, test = hold_out(train)
    shape = arrays["images"].shape[1:]
    if test.images.shape[1] != train.images.shape[1]:
        raise DataError(f"{path}: test images have another size than {shape}: make them equal.")
    counts = np.bincount(train.labels)
    n_classes = len(counts)
    if n_classes < 2 or counts.min() < LEAST_IMAGES - 1:
        raise DataError(
            f"{path} has {n_classes} classes, the smallest with {counts.min()} training images: "
            f"give at least 2 classes, labelled 0, 1, ..., of {LEAST_IMAGES} images each."
        )
    names = tuple(str(each) for each in arrays.get("classes", range(n_classes)))
    if len(names) != n_classes or test.labels.max() >= n_classes:
        raise DataError(
            f"{path} names {len(names)} classes; training labels reach {n_classes - 1}, test "
            f"labels up to {test.labels.max()}: name each class once and train on all of them."
        )
    source = f"{path.name}, own data, SHA-256 {digest[:12]}"
    return Dataset(path.stem, train, test, shape, names, source)


def _from_npz(path: Path) -> dict[str, np.ndarray]:
    known = ("images", "labels", "classes", "test_images", "test_labels")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files if name in known}
    except Exception as fault:  # NumPy raises many kinds for damaged or pickled content
        raise DataError(
            f"{path} cannot be read as an .npz file of plain arrays ({fault}): write it with "
            "np.savez_compressed(path, images=..., labels=...)."
        ) from fault
    due = known[:2] + known[3:] if arrays.keys() & {"test_images", "test_labels"} else known[:2]
    if missing := [name for name in due if name not in arrays]:
        raise DataError(f"{path} has no array {', '.join(missing)}: add it.")
    return arrays


def _from_folder(path: Path) -> dict[str, np.ndarray]:
    parts = ("train", "test") if (path / "train").is_dir() else ("",)
    arrays: dict[str, np.ndarray] = {}
    classes = sorted(each.name for each in (path / parts[0]).iterdir() if each.is_dir())
    if not classes:
        raise DataError(f"{path / parts[0]} has no folders: give one folder for each class.")
    for part, prefix in zip(parts, ("", "test_"), strict=False):
        images, labels = [], []
        for label, name in enumerate(classes):
            files = _pictures(path / part / name)
            if not files:
                raise DataError(
                    f"{path / part / name} has no picture: give {' or '.join(SUFFIXES)} files."
                )
            images += [_picture(file) for file in files]
            labels += [label] * len(files)
        if len(shapes := {image.shape for image in images}) > 1:
            raise DataError(
                f"{path / part} holds pictures of shapes {shapes}: give one shape only."
            )
        arrays[f"{prefix}images"], arrays[f"{prefix}labels"] = np.stack(images), np.array(labels)
    return arrays | {"classes": np.array(classes)}


def _pictures(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)


def _picture(path: Path) -> np.ndarray:
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            grey = image.mode in ("1", "L", "LA", "I;16")
            return np.asarray(image.convert("L" if grey else "RGB"))
    except Exception as fault:  # Pillow raises many kinds for damaged pictures
        raise DataError(f"{path} cannot be read ({fault}): save it as PNG or JPEG.") from fault


def _checked(path: Path, name: str, images: np.ndarray, labels: np.ndarray) -> Split:
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] != 3) or not images.size:
        raise DataError(
            f"{path}: {name} has shape {images.shape}: give (n, height, width), and 3 for colour."
        )
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise DataError(
            f"{path}: the labels of {name} have shape {labels.shape} and type {labels.dtype}: give "
            f"{len(images)} whole numbers from 0."
        )
    white = 255 if images.dtype == np.uint8 else 1
    finite = images.dtype.kind in "fu" and bool(np.isfinite(images).all())
    if not finite or images.min() < 0 or images.max() > white:
        raise DataError(
            f"{path}: {name} of type {images.dtype} lies outside [0, {white}]: give bytes "
            "(uint8), or floats in [0, 1]."
        )
    return split(images, labels, white)
