"""Data sets that are downloaded: found offline first, else taken from the first mirror that works.

The list is catalogue.json: of each data set its layout, its source in one line, the names of its
classes, the mirrors, which are addresses of folders, and what each compressed file must contain.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sys
import tarfile
import warnings
from collections.abc import Mapping, Sequence
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from funcnet_utils.datasets.records import ORIGINAL, DataError, broken, decoding

TIMEOUT = 30
TAR_OVERHEAD = 1 << 20
Member = Sequence[Any]
"""Decompressed content: its name within an archive, its exact size in bytes, its SHA-256."""

CATALOGUE = json.loads(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))
REMOTES: dict[str, dict[str, Any]] = CATALOGUE["remote"]


def data_folder() -> Path:
    """Return the folder of the data sets: `$FUNCNET_DATA`, else the user's cache folder."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("FUNCNET_DATA")
    return (Path(chosen).expanduser() if chosen else user_cache_path("funcnet")).absolute()


def contents(remote: Mapping[str, Any], folder: Path) -> dict[str, bytes]:
    """Return the verified contents of a data set by the names of its members.

    What is not in its folder is downloaded there once; what is there and wrong is an error.
    """
    found: dict[str, bytes] = {}
    for name, members in remote["files"].items():
        path = folder / name
        if not path.exists():
            _download(remote, path, members)
        found |= read_members(path, name, members)
    return found


def read_members(path: Path, name: str, members: Sequence[Member]) -> dict[str, bytes]:
    """Return the decompressed contents of a file, published as `name`, each with its SHA-256.

    No more than the expected size (and one byte; for a tar archive 1 MiB of headers and other
    files) is ever decompressed.
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


def _download(remote: Mapping[str, Any], path: Path, members: Sequence[Member]) -> None:
    """Download beside the place, verify, then rename: a partial download never counts as data.

    Pooch alone would check the compressed bytes, which differ between mirrors.
    """
    from filelock import FileLock

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pooch imports tqdm.auto, which warns in notebooks
        from pooch import HTTPDownloader

    fetch = HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=TIMEOUT)
    partial, reasons = path.with_name(f".{path.name}.part"), []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            for url in (f"{mirror}/{path.name}" for mirror in remote["mirrors"]):
                if path.exists():
                    break
                try:
                    fetch(url, str(partial), None)
                    read_members(partial, path.name, members)
                    partial.replace(path)
                except (OSError, ValueError) as fault:
                    reasons.append(f"{url} ({_reason(fault, partial)})")
                finally:
                    partial.unlink(missing_ok=True)
    except OSError as fault:
        raise DataError(
            f"{path} is missing and {path.parent} cannot be written ({fault.strerror}): put the "
            "file there, or set FUNCNET_DATA to a folder that can be written."
        ) from fault
    if not path.exists():
        raise DataError(
            f"{path.name} of {path.parent.name} could not be downloaded from any mirror: "
            f"{'; '.join(reasons)}. To work offline, put {', '.join(remote['files'])} into "
            f"{path.parent}, or set FUNCNET_DATA to a folder that has them; mnist_5k needs no "
            "download."
        )


def _reason(fault: Exception, partial: Path) -> str:
    """Say in one clause why a mirror failed."""
    if isinstance(fault, DataError):
        return str(fault).replace(f"{partial} ", "the download ").removesuffix(f": {ORIGINAL}.")
    if (response := getattr(fault, "response", None)) is not None:
        return f"HTTP {response.status_code}"
    return getattr(fault, "strerror", None) or type(fault).__name__
