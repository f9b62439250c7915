"""Formats of data sets: each reader checks every bound, and none unpickles.

Readers return arrays by name, as `funcnet_utils.datasets.records.make_dataset` takes them. A new
format is a line in `FORMATS`, if a path is read, or in `PARSERS`, if downloaded contents are.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np

from funcnet_utils.datasets.records import Arrays, DataError

Member = tuple[str, int, str]
"""Decompressed content: its name within an archive, its exact size in bytes, its SHA-256."""
ARRAYS = ("images", "labels", "classes", "test_images", "test_labels")
CIFAR_PIXELS = 3 * 32 * 32
PICTURES = (".png", ".jpg", ".jpeg")
LARGEST_PICTURE = 1 << 24
TAR_OVERHEAD = 1 << 20
ORIGINAL = "move it away, and put the original file there or download it again"


def read_members(path: Path, name: str, members: Sequence[Member]) -> dict[str, bytes]:
    """Return the decompressed contents of a file, each with the SHA-256 that it must have.

    No more than the expected size (and one byte; for a tar archive 1 MiB of headers and other
    files) is ever decompressed.

    Parameters
    ----------
    path : Path
        A gzip file, whatever its name is there.
    name : str
        The name under which it is published: .gz, or .tar.gz of an archive.
    members : sequence of (str, int, str)
        What it must contain: name, size in bytes, SHA-256.
    """
    is_tar = name.endswith(".tar.gz")
    limit = sum(size for _, size, _ in members) + is_tar * TAR_OVERHEAD
    with decoding(path, "cannot be decompressed"):
        with gzip.open(path) as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise broken(path, f"contains more than {limit:,} bytes")
        found = _untarred(content) if is_tar else {members[0][0]: content}
    for inner, _, sha256 in members:
        if inner not in found:
            raise broken(path, f"has no file {inner} in it")
        if hashlib.sha256(found[inner]).hexdigest() != sha256:
            raise broken(path, f"contains another {inner} than the original (SHA-256)")
    return {inner: found[inner] for inner, _, _ in members}


def _untarred(content: bytes) -> dict[str, bytes]:
    found = {}
    with tarfile.open(fileobj=BytesIO(content)) as archive:
        for entry in archive:
            plain = entry.isreg() and entry.size <= len(content)  # a sparse file may claim more
            if stream := archive.extractfile(entry) if plain else None:
                found[entry.name] = stream.read()
    return found


def parse_idx(content: bytes, name: str) -> np.ndarray:
    """Return the array of unsigned bytes in the IDX format of MNIST.

    Parameters
    ----------
    content : bytes
        Magic number (0, 0, type 8, number of axes), big-endian sizes, then the values.
    name : str
        For error messages.
    """
    start = 4 + 4 * content[3] if len(content) > 3 else 4
    if content[:3] != bytes([0, 0, 8]) or not 4 < start <= min(len(content), 20):
        raise broken(name, f"begins with {content[:4].hex()}, no IDX header of unsigned bytes")
    sizes = tuple(int(size) for size in np.frombuffer(content[4:start], ">u4"))
    due = start + math.prod(sizes)
    if 0 in sizes or len(content) != due:
        raise broken(name, f"has {len(content):,} bytes where its header asks for {due:,} {sizes}")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(sizes)


def parse_cifar(content: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images (n, 32, 32, 3) and labels of the binary version of CIFAR-10.

    Parameters
    ----------
    content : bytes
        Records of a label byte and 3,072 pixel bytes: red, green and blue planes of 32 x 32.
    name : str
        For error messages.
    """
    if not content or len(content) % (1 + CIFAR_PIXELS):
        raise broken(name, f"has {len(content):,} bytes, no whole number of CIFAR-10 records")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, 1 + CIFAR_PIXELS)
    planes = records[:, 1:].reshape(-1, 3, 32, 32)
    return planes.transpose(0, 2, 3, 1), records[:, 0]


def _idx_arrays(contents: Mapping[str, bytes]) -> Arrays:
    parts = [parse_idx(content, name) for name, content in contents.items()]
    return dict(zip(("images", "labels", "test_images", "test_labels"), parts, strict=True))


def _cifar_arrays(contents: Mapping[str, bytes]) -> Arrays:
    *parts, test = (parse_cifar(content, name) for name, content in contents.items())
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return {"images": images, "labels": labels, "test_images": test[0], "test_labels": test[1]}


def read_npz(path: Path) -> Arrays:
    """Return the arrays of an .npz file."""
    remedy = "write it with np.savez_compressed(path, images=..., labels=...)"
    with (
        decoding(path, "cannot be read as an .npz file of plain arrays", remedy),
        np.load(path, allow_pickle=False) as file,
    ):
        return {name: file[name] for name in file.files if name in ARRAYS}


def read_pictures(path: Path) -> Arrays:
    """Return pictures of one size from a folder, or a zip file of one, by class and name.

    Parameters
    ----------
    path : Path
        It contains one folder of PNG or JPEG files for each class, or `train/` and `test/` with
        such folders inside.
    """
    with decoding(path, "cannot be read"), _opened(path) as (names, read):
        depth = int(any(name.startswith("train/") for name in names))
        classes = sorted({name.split("/")[depth] for name in names if name.count("/") > depth})
        if not classes:
            raise DataError(f"{path} has no folders: give one folder for each class.")
        arrays = {"classes": np.array(classes)}
        for part, prefix in (("train/", ""), ("test/", "test_")) if depth else (("", ""),):
            files = [
                [name for name in picture_names(names) if name.startswith(f"{part}{each}/")]
                for each in classes
            ]
            if not all(files):
                empty = path / part / classes[files.index([])]
                raise DataError(f"{empty} has no picture: give {' or '.join(PICTURES)} files.")
            images = [_picture(path / name, read(name)) for group in files for name in group]
            if len(shapes := {image.shape for image in images}) > 1:
                raise DataError(
                    f"{path / part} has pictures of shapes {shapes}: give one shape only."
                )
            labels = np.repeat(np.arange(len(classes), dtype=np.uint8), [len(f) for f in files])
            arrays |= {f"{prefix}images": np.stack(images), f"{prefix}labels": labels}
    return arrays


FORMATS: dict[str, Callable[[Path], Arrays]] = {
    ".npz": read_npz,
    ".zip": read_pictures,
    "": read_pictures,  # a folder
}
PARSERS: dict[str, Callable[[Mapping[str, bytes]], Arrays]] = {
    "idx": _idx_arrays,
    "cifar": _cifar_arrays,
}


def names_in(folder: Path) -> list[str]:
    """Return what lies below a folder, sorted; names of folders end in a slash."""
    found = ((each.relative_to(folder).as_posix(), each.is_dir()) for each in folder.rglob("*"))
    return sorted((name + "/" * is_folder for name, is_folder in found), key=PurePosixPath)


def picture_names(names: Sequence[str]) -> list[str]:
    """Return those names that are of pictures."""
    return [name for name in names if name.lower().endswith(PICTURES)]


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


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[str], Callable[[str], bytes]]]:
    """Open a folder or a zip file: the sorted names in it, and what reads one of them."""
    if path.is_dir():
        yield names_in(path), lambda name: (path / name).read_bytes()
    else:
        with zipfile.ZipFile(path) as archive:
            yield sorted(set(archive.namelist()), key=PurePosixPath), partial(_unzipped, archive)


def _unzipped(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST_PICTURE:
        raise broken(archive.filename, f"has a file {name} larger than {LARGEST_PICTURE:,} bytes")
    return archive.read(name)


def _picture(path: Path, content: bytes) -> np.ndarray:
    from PIL import Image

    with (
        decoding(path, "cannot be read", "save it as PNG or JPEG"),
        Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image,
    ):
        grey = image.mode in ("1", "L", "LA", "I;16")
        return np.asarray(image.convert("L" if grey else "RGB"))
