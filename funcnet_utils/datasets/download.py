"""Find a file offline first, else download it from the first mirror that works."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

from funcnet_utils.datasets.catalogue import Remote, RemoteFile
from funcnet_utils.datasets.formats import read_members
from funcnet_utils.datasets.records import DataError

TIMEOUT = 30


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
    for file in remote.files:
        path = folder / file.name
        if not path.exists():
            _download(remote, file, path)
        found |= dict(zip((m.name for m in file.members), read_members(path, file), strict=True))
    return found


def _download(remote: Remote, file: RemoteFile, path: Path) -> None:
    """Download beside the place, verify, then rename: a partial download never counts as data.

    Pooch alone would check the compressed bytes, which differ between mirrors, know one mirror,
    and replace a file of the reader's that is not the original.
    """
    from filelock import FileLock

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pooch imports tqdm.auto, which warns in notebooks
        from pooch import HTTPDownloader

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f".{path.name}.lock"))
        lock.acquire()
    except OSError as fault:
        raise DataError(
            f"{path} is missing and {path.parent} cannot be written ({fault.strerror}): put the "
            "file there, or set FUNCNET_DATA to a folder that can be written."
        ) from fault
    partial = path.with_name(f".{path.name}.part")
    reasons = []
    try:
        for url in () if path.exists() else file.urls:
            fetch = HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=TIMEOUT)
            try:
                fetch(url, str(partial), None)
                read_members(partial, file)
                partial.replace(path)
                break
            except (OSError, ValueError) as fault:
                reasons.append(f"{url} ({_reason(fault, partial)})")
    finally:
        partial.unlink(missing_ok=True)
        lock.release()
    if not path.exists():
        names = ", ".join(each.name for each in remote.files)
        raise DataError(
            f"{file.name} of {remote.name} could not be downloaded from any mirror: "
            f"{'; '.join(reasons)}. To work offline, put {names} into {path.parent}, or set "
            "FUNCNET_DATA to a folder that has them; mnist_5k needs no download."
        )


def _reason(fault: Exception, partial: Path) -> str:
    """Say in one clause why a mirror failed."""
    import requests

    text = str(fault)
    match fault:
        case requests.HTTPError(response=requests.Response(status_code=code)):
            return f"HTTP {code}"
        case requests.Timeout():
            return f"no answer within {TIMEOUT} s"
        case requests.exceptions.SSLError():
            return "certificate not accepted"
        case requests.exceptions.ProxyError():
            return "proxy not reached"
        case requests.ConnectionError() if "Failed to resolve" in text:
            return "host not found"
        case requests.ConnectionError() if "Failed to establish" in text:
            return "no connection"
        case requests.RequestException():
            return "connection broken"
    return text.replace(f"{partial} ", "the download ").split(": move it away")[0]
