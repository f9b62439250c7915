"""A data set of one's own, found by its path and known by its content."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from funcnet_utils.datasets.download import data_folder
from funcnet_utils.datasets.formats import FORMATS, names_in, picture_names
from funcnet_utils.datasets.records import DataError, Dataset, make_dataset


def is_own(name: str) -> bool:
    """Return whether a name of a data set is meant as a path: by its suffix, or a separator.

    Examples
    --------
    >>> is_own("shapes.npz"), is_own("pictures/shapes"), is_own("mnist_5k")
    (True, True, False)
    """
    return "/" in name or "\\" in name or name.endswith(tuple(filter(None, FORMATS)))


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
    for relative in [""] if path.is_file() else picture_names(names_in(path)):
        total.update(f"{relative}\0{file_digest(path / relative)}\n".encode())
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

    Parameters
    ----------
    name : str
        Path of something that `funcnet_utils.datasets.formats.FORMATS` reads; what is no folder
        and has no suffix of it is read as an .npz file.
    """
    return _load(find_own(name), own_digest(name))


@functools.lru_cache(maxsize=2)
def _load(path: Path, digest: str) -> Dataset:
    read = FORMATS["" if path.is_dir() else path.suffix if path.suffix in FORMATS else ".npz"]
    source = f"{path.name}, own data, SHA-256 {digest[:12]}"
    return make_dataset(path.stem, read(path), path, source)
