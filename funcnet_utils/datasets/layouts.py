"""Layouts in which data sets are published: each by its real keys and axes, none unpickled.

A reader takes the path of a file and returns arrays by name; the names of files tell training and
test images apart.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from funcnet_utils.datasets.pictures import PICTURE, names_in, picture, read_pictures, stacked
from funcnet_utils.datasets.records import Arrays, DataError, broken, decoding

PICKLE = re.compile(r"(^|/)(data_batch_\d|(test_)?batch|train|test|meta)$|\.(pkl|pickle|pth?)$")
TEST = re.compile(r"(?i:(^|[^a-z])(test|t10k))|Test")
VALIDATION = re.compile(r"(?i:(^|[^a-z])(val|valid|validation|dev|eval)([^a-z]|$))|Val")
IDX_TYPES = {bytes([0, 0, 8]): "u1", bytes([0, 0, 12]): ">i4"}
MAT_ARRAY, MAT_PACKED = 14, 15
MAT_TYPES = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8"}
MAT_TYPES |= {12: "<i8", 13: "<u8"}
CIFAR_PIXELS = 3 * 32 * 32
CIFAR_CLASSES = re.compile(r"(^|/)(batches\.meta|fine_label_names)\.txt$")


def read_npz(path: Path) -> Arrays:
    """Return the arrays of an .npz file, those of MedMNIST and Keras under the book's names."""
    keys: dict[str, str] = {}
    for part, prefix in (("train", ""), ("val", "val_"), ("test", "test_")):
        keys |= {f"{part}_images": f"{prefix}images", f"x_{part}": f"{prefix}images"}
        keys |= {f"{part}_labels": f"{prefix}labels", f"y_{part}": f"{prefix}labels"}
    remedy = "write it with np.savez_compressed(path, images=..., labels=...)"
    checked = decoding(path, "cannot be read as an .npz file of plain arrays", remedy)
    with checked, np.load(path, allow_pickle=False) as file:
        if file.files == ["arr_0"]:  # KMNIST: one array for each file
            return {"labels" if "label" in path.name else "images": file["arr_0"]}
        return {keys.get(name.lower(), name): file[name] for name in file.files}


def read_mat(path: Path) -> Arrays:
    """Return images and labels of a .mat file of SVHN: X (height, width, 3, n), digit 0 as 10."""
    with decoding(path, "cannot be read as a .mat file of version 5 to 7.2"):
        found = mat_arrays(memoryview(path.read_bytes()))
    if not {"X", "y"} <= found.keys() or found["X"].ndim != 4 or not found["y"].size:
        there = ", ".join(f"{name} {array.shape}" for name, array in found.items())
        raise DataError(f"{path} has {there}: give X (height, width, 3, n) and y, as SVHN has.")
    if found["y"].max() > 10:
        raise DataError(f"{path} has labels up to {found['y'].max()}: SVHN has 0 to 10.")
    return {"images": np.moveaxis(found["X"], -1, 0), "labels": found["y"].astype(int) % 10}


def mat_arrays(content: memoryview) -> dict[str, np.ndarray]:
    """Return the arrays of real numbers in a .mat file by name, all types of others left out.

    After 128 bytes of header come elements: a tag, a size, and data that are an array or, packed,
    one more element. The elements of an array are flags, shape, name and values.
    SciPy 1.17 reads more of them, and ends the process on some damaged files.
    """
    if content[124:128] != b"\0\1IM":
        raise ValueError("it does not begin as such a file of a PC does")
    found = {}
    for tag, data in _mat_elements(content[128:]):
        if tag == MAT_PACKED:
            ((tag, data),) = _mat_elements(memoryview(zlib.decompress(data)))
        parts = [*_mat_elements(data)] if tag == MAT_ARRAY else []
        if len(parts) == 4 and parts[3][0] in MAT_TYPES:
            _, (_, shape), (_, name), (kind, values) = parts
            array = np.frombuffer(values, MAT_TYPES[kind])
            found[bytes(name).decode()] = array.reshape(np.frombuffer(shape, "<i4"), order="F")
    return found


def _mat_elements(content: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield the tag and the data of each element; a short one has both and its size in 8 bytes."""
    while content:
        tag, size = np.frombuffer(content[:8], "<u4").tolist()
        start = 4 if tag >> 16 else 8
        tag, size = (tag & 0xFFFF, tag >> 16) if tag >> 16 else (tag, size)
        yield tag, content[start : start + size]
        content = content[start + size + (-(start + size) % 8) * (tag != MAT_PACKED) :]


def read_idx(path: Path) -> Arrays:
    """Return images or labels of an IDX file, of QMNIST the class only, of EMNIST turned."""
    with decoding(path, "cannot be decompressed"):
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix.lower() == ".gz" else content
        return parse_idx(content, path.name)


def read_csv(path: Path) -> Arrays:
    """Return images and labels of a table with a column `label` and one column for each pixel."""
    import pandas as pd

    with decoding(path, "cannot be read as a table", "give label, pixel0, pixel1, ... in columns"):
        table = pd.read_csv(path)
    if "label" not in table:
        first = ", ".join(map(str, table.columns[:3]))
        warnings.warn(
            f"{path.name} has no column label and is left out; its first are {first}.", stacklevel=2
        )
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
    structs = [field for field in table.schema if pa.types.is_struct(field.type)]
    encoded = [field.name for field in structs if field.type.get_field_index("bytes") >= 0]
    labels = [name for name in ("label", "fine_label") if name in table.column_names]
    if not encoded or not labels:
        raise DataError(
            f"{path} has columns {', '.join(table.column_names)}: give image, with its bytes, and "
            "label."
        )
    cells = enumerate(table[encoded[0]].to_pylist())
    images = stacked(
        (picture((c or {}).get("bytes") or b"", path / f"row {i}") for i, c in cells), path
    )
    arrays = {"images": images, "labels": table[labels[0]].to_numpy()}
    facts = json.loads((table.schema.metadata or {}).get(b"huggingface", b"{}"))
    names = facts.get("info", {}).get("features", {}).get(labels[0], {}).get("names")
    return arrays | ({"classes": np.array(names)} if names else {})


def parse_idx(content: bytes, name: str) -> Arrays:
    """Return the images or labels in the IDX format of MNIST: bytes, or whole numbers of 32 bits.

    It has a magic number (0, 0, type 8 or 12, number of axes), big-endian sizes, then the values.
    A name of EMNIST means turned images.
    """
    start = 4 + 4 * content[3] if len(content) > 3 else 4
    kind = IDX_TYPES.get(content[:3])
    if kind is None or not 4 < start <= min(len(content), 20):
        raise broken(name, f"begins with {content[:4].hex()}, no IDX header of whole numbers")
    sizes = tuple(int(size) for size in np.frombuffer(content[4:start], ">u4"))
    due = start + math.prod(sizes) * np.dtype(kind).itemsize
    if 0 in sizes or len(content) != due:
        raise broken(name, f"has {len(content):,} bytes where its header asks for {due:,} {sizes}")
    array = np.frombuffer(content, dtype=kind, offset=start).reshape(sizes)
    if array.ndim < 3:
        return {"labels": array if array.ndim == 1 else array[:, 0]}
    if "emnist" in name.lower():
        warnings.warn(f"{name}: EMNIST stores its pictures transposed; turned.", stacklevel=3)
        array = array.transpose(0, 2, 1)
    return {"images": array}


def parse_cifar(content: bytes, name: str) -> Arrays:
    """Return the images (n, 32, 32, 3) and labels of the binary version of CIFAR.

    A record has a label byte (for CIFAR-100 two, of which the second, the fine label, counts) and
    3,072 pixel bytes: red, green and blue planes of 32 x 32.
    """
    n_labels = 1 if len(content) % (1 + CIFAR_PIXELS) == 0 else 2
    if not content or len(content) % (n_labels + CIFAR_PIXELS):
        raise broken(name, f"has {len(content):,} bytes, no whole number of CIFAR records")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, n_labels + CIFAR_PIXELS)
    planes = records[:, n_labels:].reshape(-1, 3, 32, 32)
    return {"images": planes.transpose(0, 2, 3, 1), "labels": records[:, n_labels - 1]}


PARSERS = {"idx": parse_idx, "cifar": parse_cifar}
READERS: dict[str, Callable[[Path], Arrays]] = {
    ".npz": read_npz,
    ".mat": read_mat,
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".bin": lambda path: parse_cifar(path.read_bytes(), path.name),
    **dict.fromkeys(("-ubyte", "-ubyte.gz", "-int", "-int.gz"), read_idx),
    ".zip": read_pictures,
}


def read_own(path: Path) -> Arrays:
    """Return the arrays of a file, or of a folder of pictures or of files of one kind."""
    names = names_in(path) if path.is_dir() else [path.name]
    plain = [name for name in names if not name.endswith("/")]
    if path.is_dir() and (any("/" in n and PICTURE.search(n) for n in names) or not plain):
        return read_pictures(path)
    files = {
        name: read
        for name in names
        for kind, read in READERS.items()
        if name.lower().endswith(kind) and name.removesuffix(".gz") not in {*names} - {name}
    }
    if not files:
        if pickles := list(filter(PICKLE.search, plain)):
            raise DataError(
                f"{path} has a Python pickle, {pickles[0]}, which can run programs when it is "
                "read: take another version, of CIFAR the binary one (cifar-10-binary.tar.gz)."
            )
        raise DataError(
            f"{path} has no file that is read, only {', '.join(plain[:3])}: give a folder of "
            f"pictures for each class, or files that end in {', '.join(READERS)}."
        )
    if path.is_file():
        return files[path.name](path)
    parts = [(name, read(path / name)) for name, read in files.items()]
    series = {(part_of(n), *arrays, re.sub(r"\d+", "", n)) for n, arrays in parts if arrays}
    kinds = {each[:-1] for each in series}  # files of one series differ by numbers only
    if len({*files.values()}) > 1 or len(series) > len(kinds):
        raise DataError(
            f"{path} has more than one data set, {', '.join(files)}: give each a folder of its own."
        )
    named = [name for name in plain if CIFAR_CLASSES.search(name)][:1]
    if left := [
        n for n in plain if n not in (*files, *named) and n.removesuffix(".gz") not in files
    ]:
        warnings.warn(f"{path}: {', '.join(left[:3])} is left out.", stacklevel=2)
    arrays = joined(parts, path)
    for name in named:
        arrays["classes"] = np.array((path / name).read_text().split())
    return arrays


def part_of(name: str) -> str:
    """Return the prefix of the arrays of a file, whose name tells training and test apart."""
    return "test_" if TEST.search(name) else "val_" if VALIDATION.search(name) else ""


def joined(parts: Iterable[tuple[str, Arrays]], path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of several files, by name, as those of one data set."""
    found: dict[str, list[np.ndarray]] = {}
    for name, arrays in parts:
        for key, array in arrays.items():
            prefix = part_of(name) if key in ("images", "labels") else ""
            found.setdefault(prefix + key, []).append(array)
    for key, own in found.items():
        kinds = {f"{array.shape[1:]} {array.dtype.kind}{array.itemsize}" for array in own}
        if key.endswith("images") and len(kinds) > 1:
            raise DataError(f"{path}: {key} have shapes and types {kinds}: give one only.")
        if key == "classes" and len({tuple(array) for array in own}) > 1:
            raise DataError(f"{path}: its files name other classes: give the same ones in each.")
    return {k: own[0] if k == "classes" else np.concatenate(own) for k, own in found.items()}
