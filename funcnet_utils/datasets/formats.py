"""Read compressed files and their formats with every bound checked; never by pickle."""

from __future__ import annotations

import gzip
import hashlib
import math
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from funcnet_utils.datasets.catalogue import Member, RemoteFile

IDX_UNSIGNED_BYTE = 0x08
CIFAR_PIXELS = 3 * 32 * 32
TAR_OVERHEAD = 1 << 20


class DataError(ValueError):
    """A data file is missing or wrong; the message names the file and the remedy."""


def read_members(path: Path, file: RemoteFile) -> list[bytes]:
    """Decompress a file and check its content against size and SHA-256.

    No more than the expected size (and one byte; for a tar archive 1 MiB of headers and other
    files) is ever decompressed.

    Parameters
    ----------
    path : Path
        Where the file lies, whatever its name is there.
    file : RemoteFile
        What it must hold.

    Returns
    -------
    list of bytes
        One content a member, in the order of the record.

    Raises
    ------
    DataError
        If the file cannot be read, or its content is not the expected one.
    """
    contents = []
    with _named(path, "cannot be decompressed"):
        for member, content in _decompressed(path, file):
            if len(content) != member.n_bytes:
                size = "more" if len(content) > member.n_bytes else f"{len(content):,} bytes"
                raise broken(path, f"holds {size} where {member.n_bytes:,} bytes are due")
            if hashlib.sha256(content).hexdigest() != member.sha256:
                raise broken(path, f"holds another {member.name} than the original (SHA-256)")
            contents.append(content)
    return contents


def parse_idx(content: bytes, path: Path) -> np.ndarray:
    """Parse the IDX format of MNIST for unsigned bytes.

    Parameters
    ----------
    content : bytes
        Magic number (0, 0, type 8, number of axes), big-endian sizes, then the values.
    path : Path
        For error messages.

    Returns
    -------
    ndarray of uint8
        With the axes that the header names.

    Raises
    ------
    DataError
        If the magic number is wrong, an axis is empty or the length does not fit the header.

    Examples
    --------
    >>> content = bytes([0, 0, 8, 1]) + (3).to_bytes(4, "big") + bytes([5, 0, 4])
    >>> parse_idx(content, Path("labels")).tolist()
    [5, 0, 4]
    """
    if len(content) < 4 or content[0] or content[1] or content[2] != IDX_UNSIGNED_BYTE:
        raise broken(path, f"begins with {content[:4].hex()}, no IDX magic of unsigned bytes")
    axes = content[3]
    start = 4 + 4 * axes
    if not 1 <= axes <= 4 or len(content) < start:
        raise broken(path, f"names {axes} axes in its IDX header and ends too soon")
    sizes = tuple(int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(axes))
    expected = start + math.prod(sizes)
    if 0 in sizes or len(content) != expected:
        raise broken(
            path, f"has {len(content):,} bytes where its header asks for {expected:,} {sizes}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(sizes)


def parse_cifar(content: bytes, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Parse the binary version of CIFAR-10: a label byte and 3,072 pixel bytes a record.

    Parameters
    ----------
    content : bytes
        Whole records; pixels as red, green and blue planes of 32 x 32.
    path : Path
        For error messages.

    Returns
    -------
    images : ndarray of uint8, shape (n, 32, 32, 3)
    labels : ndarray of uint8, shape (n,)

    Raises
    ------
    DataError
        If the length is no whole number of records.
    """
    if not content or len(content) % (1 + CIFAR_PIXELS):
        raise broken(path, f"has {len(content):,} bytes, no whole number of CIFAR-10 records")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, 1 + CIFAR_PIXELS)
    planes = records[:, 1:].reshape(-1, 3, 32, 32)
    return planes.transpose(0, 2, 3, 1), records[:, 0]


def read_jpegs(
    path: Path, split: str, classes: tuple[str, ...], per_class: int
) -> tuple[np.ndarray, np.ndarray]:
    """Read one split of a zip of JPEG files named `split/class/number.jpg`, in sorted order.

    Parameters
    ----------
    path : Path
        The zip file.
    split : str
        "train" or "test".
    classes : tuple of str
        Names of the classes, in the order of their labels.
    per_class : int
        Number of images of each class.

    Returns
    -------
    images : ndarray of uint8, shape (n, 32, 32, 3)
    labels : ndarray of uint8, shape (n,)

    Raises
    ------
    DataError
        If the file is no zip, an image is missing or is not a 32 x 32 RGB JPEG.
    """
    count = len(classes) * per_class
    images = np.empty((count, 32, 32, 3), dtype=np.uint8)
    with _named(path, "is no readable zip file"), zipfile.ZipFile(path) as archive:
        names = sorted(
            {
                name
                for name in archive.namelist()
                if name.startswith(f"{split}/") and name.endswith(".jpg")
            }
        )
        for label, class_name in enumerate(classes):
            found = [name for name in names if name.startswith(f"{split}/{class_name}/")]
            if len(found) != per_class:
                raise broken(
                    path, f"holds {len(found)} images in {split}/{class_name}, not {per_class}"
                )
            for number, name in enumerate(found):
                images[label * per_class + number] = _jpeg(archive, name, path)
        if len(names) != count:
            raise broken(path, f"holds {len(names) - count} images of no known class in {split}")
    return images, np.repeat(np.arange(len(classes), dtype=np.uint8), per_class)


def broken(path: Path, what: str) -> DataError:
    """Return the error for a wrong file, with the remedy."""
    again = "" if path.suffix == ".zip" else "load the data set again to download it, or "
    return DataError(f"{path} {what}: move it away and {again}put the original file there.")


@contextmanager
def _named(path: Path, what: str) -> Iterator[None]:
    """Turn whatever a decoder says of damaged bytes into one error that names the file."""
    try:
        yield
    except DataError:
        raise
    except Exception as fault:  # gzip, tarfile, zipfile and Pillow raise a dozen kinds
        raise broken(path, f"{what} ({str(fault) or type(fault).__name__})") from fault


def _jpeg(archive: zipfile.ZipFile, name: str, path: Path) -> np.ndarray:
    if archive.getinfo(name).file_size > 100_000:
        raise broken(path, f"holds {name}, too large for a 32 x 32 JPEG")
    with (
        _named(path, f"holds {name}, no readable JPEG"),
        Image.open(BytesIO(archive.read(name)), formats=("JPEG",)) as image,
    ):
        if image.size != (32, 32) or image.mode != "RGB":
            raise broken(path, f"holds {name} of size {image.size}, not 32 x 32 in colour")
        return np.asarray(image)


def _decompressed(path: Path, file: RemoteFile) -> Iterator[tuple[Member, bytes]]:
    """Yield the members with their contents, cut off one byte after the expected size."""
    is_tar = file.name.endswith(".tar.gz")
    limit = sum(member.n_bytes for member in file.members) + is_tar * TAR_OVERHEAD
    with gzip.open(path) as stream:
        content = stream.read(limit + 1)
    if not is_tar:
        yield file.members[0], content
        return
    if len(content) > limit:
        raise broken(path, f"holds more than {limit:,} bytes")
    with tarfile.open(fileobj=BytesIO(content)) as archive:
        regular = {each.name: each for each in archive if each.isreg()}
        for member in file.members:
            found = archive.extractfile(regular[member.name]) if member.name in regular else None
            if found is None:
                raise broken(path, f"has no file {member.name} in it")
            yield member, found.read(member.n_bytes + 1)
