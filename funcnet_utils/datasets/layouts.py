"""Layouts in which data sets are published: each by its real keys and axes, none unpickled.

A reader takes the path of a file and returns arrays by name; the names of files tell training and
test images apart.
"""

from __future__ import annotations

import gzip
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from funcnet_utils.datasets.formats import decoding, parse_cifar, parse_idx
from funcnet_utils.datasets.pictures import PICTURE, names_in, picture, read_pictures, stacked
from funcnet_utils.datasets.records import Arrays, DataError

PICKLE = re.compile(r"(^|/)(data_batch_\d|(test_)?batch|train|test|meta)$|\.(pkl|pickle|pth?)$")
TEST = re.compile(r"(^|[^a-z])(test|t10k)", re.IGNORECASE)
VALIDATION = re.compile(r"(^|[^a-z])val", re.IGNORECASE)


def read_npz(path: Path) -> Arrays:
    """Return the arrays of an .npz file, those of MedMNIST and Keras under the book's names."""
    keys: dict[str, str] = {}
    for part, prefix in (("train", ""), ("val", "val_"), ("test", "test_")):
        keys |= {f"{part}_images": f"{prefix}images", f"x_{part}": f"{prefix}images"}
        keys |= {f"{part}_labels": f"{prefix}labels", f"y_{part}": f"{prefix}labels"}
    remedy = "write it with np.savez_compressed(path, images=..., labels=...)"
    with (
        decoding(path, "cannot be read as an .npz file of plain arrays", remedy),
        np.load(path, allow_pickle=False) as file,
    ):
        return {keys.get(name.lower(), name): file[name] for name in file.files}


def read_mat(path: Path) -> Arrays:
    """Return images and labels of a .mat file of SVHN: X (height, width, 3, n), digit 0 as 10."""
    import scipy.io

    with decoding(path, "cannot be read as a .mat file of version 5 to 7.2"):
        found = scipy.io.loadmat(path)
    if not {"X", "y"} <= found.keys() or found["X"].ndim != 4:
        there = ", ".join(f"{k} {v.shape}" for k, v in found.items() if hasattr(v, "shape"))
        raise DataError(f"{path} has {there}: give X (height, width, 3, n) and y, as SVHN has.")
    return {"images": np.moveaxis(found["X"], -1, 0), "labels": found["y"].astype(int) % 10}


def read_idx(path: Path) -> Arrays:
    """Return images or labels of an IDX file, of QMNIST the class only, of EMNIST turned."""
    with decoding(path, "cannot be decompressed"):
        content = path.read_bytes()
        array = parse_idx(gzip.decompress(content) if path.suffix == ".gz" else content, path.name)
    if array.ndim < 3:
        return {"labels": array if array.ndim == 1 else array[:, 0]}
    if "emnist" in path.name.lower():
        warnings.warn(f"{path.name}: EMNIST stores its pictures transposed; turned.", stacklevel=2)
        array = array.transpose(0, 2, 1)
    return {"images": array}


def read_cifar(path: Path) -> Arrays:
    """Return images and labels (of CIFAR-100 the fine ones) of a file of the binary version."""
    images, labels = parse_cifar(path.read_bytes(), path.name)
    return {"images": images, "labels": labels}


def read_csv(path: Path) -> Arrays:
    """Return images and labels of a table with a column `label` and one column for each pixel."""
    import pandas as pd

    with decoding(path, "cannot be read as a table", "give label, pixel0, pixel1, ... in columns"):
        table = pd.read_csv(path)
    if "label" not in table:
        warnings.warn(f"{path.name} has no column label and is left out.", stacklevel=2)
        return {}
    pixels = table.drop(columns="label").to_numpy()
    side = round((pixels.shape[1] / (3 if pixels.shape[1] % 3 == 0 else 1)) ** 0.5)
    form = {side**2: (side, side), 3 * side**2: (side, side, 3)}.get(pixels.shape[1])
    if form is None or pixels.dtype.kind not in "iuf":
        raise DataError(
            f"{path} has {pixels.shape[1]} columns beside label, of type {pixels.dtype}: give one "
            "number for each pixel of a square picture."
        )
    if pixels.dtype.kind == "i" and pixels.size and 0 <= pixels.min() <= pixels.max() <= 255:
        pixels = pixels.astype(np.uint8)
    return {"images": pixels.reshape(-1, *form), "labels": table["label"].to_numpy()}


def read_parquet(path: Path) -> Arrays:
    """Return images and labels of a table with columns of encoded pictures and of labels."""
    import pyarrow as pa
    import pyarrow.parquet

    with decoding(path, "cannot be read as a Parquet file"):
        table = pa.parquet.read_table(path)
    encoded = [
        field.name
        for field in table.schema
        if pa.types.is_struct(field.type) and field.type.get_field_index("bytes") >= 0
    ]
    labels = [name for name in ("label", "fine_label") if name in table.column_names]
    if not encoded or not labels:
        raise DataError(
            f"{path} has columns {', '.join(table.column_names)}: give image, with its bytes, and "
            "label."
        )
    cells = enumerate(table[encoded[0]].to_pylist())
    arrays = {
        "images": stacked((picture(c["bytes"], path / f"row {i}") for i, c in cells), path),
        "labels": table[labels[0]].to_numpy(),
    }
    facts = json.loads((table.schema.metadata or {}).get(b"huggingface", b"{}"))
    names = facts.get("info", {}).get("features", {}).get(labels[0], {}).get("names")
    return arrays | ({"classes": np.array(names)} if names else {})


READERS: dict[str, Callable[[Path], Arrays]] = {
    ".npz": read_npz,
    ".mat": read_mat,
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".bin": read_cifar,
    "-ubyte": read_idx,
    "-ubyte.gz": read_idx,
    "-int": read_idx,
    "-int.gz": read_idx,
    ".zip": read_pictures,
}


def read_own(path: Path) -> Arrays:
    """Return the arrays of a file, or of a folder of pictures or of files of one kind.

    Parameters
    ----------
    path : Path
        A file that `READERS` reads by the end of its name, or a folder.

    Raises
    ------
    DataError
        If nothing is there that can be read; the message names what is there.
    """
    names = names_in(path) if path.is_dir() else [path.name]
    files = {name: kind for name in names for kind in READERS if name.lower().endswith(kind)}
    if path.is_dir() and (not files or any(map(PICTURE.search, names))):
        plain = [name for name in names if not name.endswith("/")]
        if any(map(PICTURE.search, names)) or not plain:
            return read_pictures(path)
    elif path.is_file():
        plain = names
    if not files:
        if pickles := list(filter(PICKLE.search, plain)):
            raise DataError(
                f"{path} has a Python pickle, {pickles[0]}, which can run programs when it is "
                "read: take another version, of CIFAR the binary one (cifar-10-binary.tar.gz)."
            )
        raise DataError(
            f"{path} has no file that is read, only {', '.join(plain[:3])}: give pictures in "
            f"folders, or files that end in {', '.join(READERS)}."
        )
    readers = {READERS[kind] for kind in files.values()}
    parts: dict[str, list[np.ndarray]] = {}
    for name in files:
        file = path / name if path.is_dir() else path
        prefix = "test_" if TEST.search(name) else "val_" if VALIDATION.search(name) else ""
        for key, array in READERS[files[name]](file).items():
            whole = key not in ("images", "labels") or path.is_file()
            parts.setdefault(key if whole else prefix + key, []).append(array)
    classes = parts.pop("classes", None)
    if len(readers) > 1 or (readers == {read_idx} and max(map(len, parts.values())) > 1):
        raise DataError(
            f"{path} has more than one data set, {', '.join(files)}: give each a folder of its own."
        )
    arrays = {}
    for key, found in parts.items():
        if len(shapes := {array.shape[1:] for array in found}) > 1:
            raise DataError(f"{path}: {key} have shapes {shapes}: give one shape only.")
        arrays[key] = np.concatenate(found)
    return arrays | ({"classes": classes[0]} if classes else {})
