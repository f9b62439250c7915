"""Formats of the data sets that are downloaded: each parser checks every bound.

Parsers return arrays by name, as `funcnet_utils.datasets.records.make_dataset` takes them.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np

from funcnet_utils.datasets.records import Arrays, DataError

Member = tuple[str, int, str]
"""Decompressed content: its name within an archive, its exact size in bytes, its SHA-256."""
IDX_TYPES: dict[bytes, np.dtype] = {
    bytes([0, 0, 8]): np.dtype(np.uint8),
    bytes([0, 0, 12]): np.dtype(">i4"),
}
CIFAR_PIXELS = 3 * 32 * 32
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
    """Return the array in the IDX format of MNIST: bytes, or whole numbers of 32 bits.

    Parameters
    ----------
    content : bytes
        Magic number (0, 0, type 8 or 12, number of axes), big-endian sizes, then the values.
    name : str
        For error messages.
    """
    start = 4 + 4 * content[3] if len(content) > 3 else 4
    kind = IDX_TYPES.get(content[:3])
    if kind is None or not 4 < start <= min(len(content), 20):
        raise broken(name, f"begins with {content[:4].hex()}, no IDX header of whole numbers")
    sizes = tuple(int(size) for size in np.frombuffer(content[4:start], ">u4"))
    due = start + math.prod(sizes) * kind.itemsize
    if 0 in sizes or len(content) != due:
        raise broken(name, f"has {len(content):,} bytes where its header asks for {due:,} {sizes}")
    return np.frombuffer(content, dtype=kind, offset=start).reshape(sizes)


def parse_cifar(content: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images (n, 32, 32, 3) and labels of the binary version of CIFAR.

    Parameters
    ----------
    content : bytes
        Records of a label byte (for CIFAR-100 two, of which the second, the fine label, counts)
        and 3,072 pixel bytes: red, green and blue planes of 32 x 32.
    name : str
        For error messages.
    """
    n_labels = 1 if len(content) % (1 + CIFAR_PIXELS) == 0 else 2
    if not content or len(content) % (n_labels + CIFAR_PIXELS):
        raise broken(name, f"has {len(content):,} bytes, no whole number of CIFAR records")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, n_labels + CIFAR_PIXELS)
    planes = records[:, n_labels:].reshape(-1, 3, 32, 32)
    return planes.transpose(0, 2, 3, 1), records[:, n_labels - 1]


def _idx_arrays(contents: Mapping[str, bytes]) -> Arrays:
    parts = [parse_idx(content, name) for name, content in contents.items()]
    return dict(zip(("images", "labels", "test_images", "test_labels"), parts, strict=True))


def _cifar_arrays(contents: Mapping[str, bytes]) -> Arrays:
    *parts, test = (parse_cifar(content, name) for name, content in contents.items())
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return {"images": images, "labels": labels, "test_images": test[0], "test_labels": test[1]}


PARSERS: dict[str, Callable[[Mapping[str, bytes]], Arrays]] = {
    "idx": _idx_arrays,
    "cifar": _cifar_arrays,
}


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
