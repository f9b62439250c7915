"""Data sets that are downloaded: found offline first, else taken from the first mirror that works.

The list is catalogue.json: format, mirrors, and size and SHA-256 of the contents of each file.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from funcnet_utils.datasets.formats import ORIGINAL, Member, read_members
from funcnet_utils.datasets.records import DataError

TIMEOUT = 30


@dataclass(frozen=True)
class Remote:
    """A data set that is downloaded.

    Parameters
    ----------
    format : str
        What parses it, a name in `funcnet_utils.datasets.formats.PARSERS`.
    source : str
        Where it comes from, in one line.
    classes : sequence of str
        Names of the classes.
    mirrors : sequence of str
        Addresses of folders that offer the files.
    files : mapping of str to sequence of (str, int, str)
        What each compressed file must contain, in the order in which it is parsed.
    """

    format: str
    source: str
    classes: Sequence[str]
    mirrors: Sequence[str]
    files: Mapping[str, Sequence[Member]]


CATALOGUE = json.loads(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))
REMOTES = {name: Remote(**facts) for name, facts in CATALOGUE["remote"].items()}


def data_folder() -> Path:
    """Return the folder of the data sets: `$FUNCNET_DATA`, else the user's cache folder."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("FUNCNET_DATA")
    return (Path(chosen).expanduser() if chosen else user_cache_path("funcnet")).absolute()


def contents(remote: Remote, folder: Path) -> dict[str, bytes]:
    """Return the verified contents of a data set by the names of its members.

    What is not in its folder is downloaded there once; what is there and wrong is an error.
    """
    found: dict[str, bytes] = {}
    for name, members in remote.files.items():
        path = folder / name
        if not path.exists():
            _download(remote, path, members)
        found |= read_members(path, name, members)
    return found


def _download(remote: Remote, path: Path, members: Sequence[Member]) -> None:
    """Download beside the place, verify, then rename: a partial download never counts as data.

    Pooch alone would check the compressed bytes, which differ between mirrors.
    """
    from filelock import FileLock

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pooch imports tqdm.auto, which warns in notebooks
        from pooch import HTTPDownloader

    partial, reasons = path.with_name(f".{path.name}.part"), []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            for url in (f"{mirror}/{path.name}" for mirror in remote.mirrors):
                if path.exists():
                    break
                fetch = HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=TIMEOUT)
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
            f"{'; '.join(reasons)}. To work offline, put {', '.join(remote.files)} into "
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
