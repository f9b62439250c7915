"""A data set of one's own, found by its path and known by its content."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

from funcnet_utils.datasets.download import data_folder
from funcnet_utils.datasets.layouts import READERS, read_own
from funcnet_utils.datasets.pictures import names_in
from funcnet_utils.datasets.records import DataError, Dataset, decoding, make_dataset


def is_own(name: str) -> bool:
    """Return whether a name of a data set is meant as a path: by its suffix, or a separator.

    Examples
    --------
    >>> is_own("shapes.npz"), is_own("pictures/shapes"), is_own("mnist_5k")
    (True, True, False)
    """
    return "/" in name or "\\" in name or name.lower().endswith(tuple(READERS))


def find_own(name: str) -> Path:
    """Return the path of one's own data: as it is given, else within `$FUNCNET_DATA`.

    A folder that contains the home folder, or from within which Python runs, is refused.
    """
    places = dict.fromkeys([Path(name).expanduser().absolute(), data_folder() / name])
    wide = [Path.home(), *Path.home().parents, *Path.cwd().parents]
    for place in places:
        if place.is_dir() and place.resolve() in wide:
            raise DataError(f"{place} contains more than a data set: give the folder of one.")
        if place.is_file() or place.is_dir():
            return place
    raise DataError(
        f"there is no data set at {' or '.join(map(str, places))}: give the path of a file that "
        f"ends in {', '.join(READERS)}, or of a folder of pictures or of such files."
    )


def own_digest(name: str) -> str:
    """Return the SHA-256 of one's own data, so that changed pictures are another data set.

    The path itself does not count, only what is below it.
    """
    path = find_own(name)
    total = hashlib.sha256()
    with decoding(path, "cannot be read", "give yourself the permission to read it"):
        names = [""] if path.is_file() else names_in(path)
        for relative in (name for name in names if not name.endswith("/")):
            total.update(os.fsencode(f"{relative}\0{file_digest(path / relative)}\n"))
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
    """Load one's own data set, or refuse it with a DataError that names the file and the remedy."""
    return _load(find_own(name), own_digest(name))


@functools.lru_cache(maxsize=2)
def _load(path: Path, digest: str) -> Dataset:
    source = f"{path.name}, own data, SHA-256 {digest[:12]}"
    with decoding(path, "cannot be read as a data set", "see load_dataset for what is read"):
        return make_dataset(path.stem, read_own(path), path, source)
