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

from funcnet_utils.datasets.catalogue import RemoteFile
from funcnet_utils.datasets.records import DataError

CIFAR_PIXELS = 3 * 32 * 32
TAR_OVERHEAD = 1 << 20


def read_members(path: Path, file: RemoteFile) -> list[bytes]:
    """Return the decompressed contents of a file, each with the SHA-256 that it must have.

    No more than the expected size (and one byte; for a tar archive 1 MiB of headers and other
    files) is ever decompressed.

    Parameters
    ----------
    path : Path
        Where the file lies, whatever its name is there.
    file : RemoteFile
        What it must contain; the contents are in its order.
    """
    is_tar = file.name.endswith(".tar.gz")
    limit = sum(member.n_bytes for member in file.members) + is_tar * TAR_OVERHEAD
    with _named(path, "cannot be decompressed"):
        with gzip.open(path) as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise broken(path, f"holds more than {limit:,} bytes")
        contents = _untarred(path, content, file) if is_tar else [content]
    for member, content in zip(file.members, contents, strict=True):
        if hashlib.sha256(content).hexdigest() != member.sha256:
            raise broken(path, f"holds another {member.name} than the original (SHA-256)")
    return contents


def _untarred(path: Path, content: bytes, file: RemoteFile) -> list[bytes]:
    contents = []
    with tarfile.open(fileobj=BytesIO(content)) as archive:
        regular = {each.name: each for each in archive if each.isreg()}
        for member in file.members:
            found = archive.extractfile(regular[member.name]) if member.name in regular else None
            if found is None:
                raise broken(path, f"has no file {member.name} in it")
            contents.append(found.read())
    return contents


def parse_idx(content: bytes, path: Path) -> np.ndarray:
    """Return the array of unsigned bytes in the IDX format of MNIST.

    Parameters
    ----------
    content : bytes
        Magic number (0, 0, type 8, number of axes), big-endian sizes, then the values.
    path : Path
        For error messages.
    """
    start = 4 + 4 * content[3] if len(content) > 3 else 4
    if content[:3] != bytes([0, 0, 8]) or not 4 < start <= min(len(content), 20):
        raise broken(path, f"begins with {content[:4].hex()}, no IDX header of unsigned bytes")
    sizes = tuple(int(size) for size in np.frombuffer(content[4:start], ">u4"))
    expected = start + math.prod(sizes)
    if 0 in sizes or len(content) != expected:
        raise broken(
            path, f"has {len(content):,} bytes where its header asks for {expected:,} {sizes}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(sizes)


def parse_cifar(content: bytes, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the images (n, 32, 32, 3) and labels of the binary version of CIFAR-10.

    Parameters
    ----------
    content : bytes
        Records of a label byte and 3,072 pixel bytes: red, green and blue planes of 32 x 32.
    path : Path
        For error messages.
    """
    if not content or len(content) % (1 + CIFAR_PIXELS):
        raise broken(path, f"has {len(content):,} bytes, no whole number of CIFAR-10 records")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, 1 + CIFAR_PIXELS)
    planes = records[:, 1:].reshape(-1, 3, 32, 32)
    return planes.transpose(0, 2, 3, 1), records[:, 0]


def read_jpegs(
    path: Path, part: str, classes: tuple[str, ...], per_class: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the images (n, 32, 32, 3) and labels of one part of a zip of JPEG files.

    They are named `part/class/number.jpg` and read in sorted order.

    Parameters
    ----------
    path : Path
        The zip file.
    part : str
        "train" or "test".
    classes : tuple of str
        Names of the classes, in the order of their labels.
    per_class : int
        Number of images of each class.
    """
    images = []
    with _named(path, "is no readable zip file"), zipfile.ZipFile(path) as archive:
        names = sorted({name for name in archive.namelist() if name.endswith(".jpg")})
        for name in classes:
            found = [each for each in names if each.startswith(f"{part}/{name}/")]
            if len(found) != per_class:
                raise broken(path, f"holds {len(found)} images in {part}/{name}, not {per_class}")
            images += [_jpeg(archive, each, path) for each in found]
        unknown = sum(each.startswith(f"{part}/") for each in names) - len(images)
        if unknown:
            raise broken(path, f"holds {unknown} images of no known class in {part}")
    return np.stack(images), np.repeat(np.arange(len(classes), dtype=np.uint8), per_class)


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
    from PIL import Image

    if archive.getinfo(name).file_size > 100_000:
        raise broken(path, f"holds {name}, too large for a 32 x 32 JPEG")
    with (
        _named(path, f"holds {name}, no readable JPEG"),
        Image.open(BytesIO(archive.read(name)), formats=("JPEG",)) as image,
    ):
        if image.size != (32, 32) or image.mode != "RGB":
            raise broken(path, f"holds {name} of size {image.size}, not 32 x 32 in colour")
        return np.asarray(image)
