"""The results store: one folder an entry, written whole or not at all, checked when read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock
from safetensors.numpy import load_file, save_file

MANIFEST = "manifest.json"
CONFIG = "config.json"


class DamagedEntryWarning(UserWarning):
    """An entry of the store was damaged, set aside, and will be computed again."""


@dataclass(frozen=True)
class Entry:
    """What one entry holds.

    Parameters
    ----------
    tables : dict of DataFrame
        Kept as Parquet.
    arrays : dict of ndarray
        Kept in one .npz file, never pickled.
    weights : dict of ndarray
        Trained parameters, kept as safetensors.
    info : dict
        Facts about the run (versions, wall time), JSON values.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)


class Store:
    """A folder of entries, each named by the hash of its kind and key.

    An entry is written beside its place and renamed when complete, so a killed run leaves nothing
    half-written; it carries the SHA-256 of every file, and one whose files do not match is named,
    set aside and computed again. Two processes that ask for the same entry compute it once.

    Parameters
    ----------
    root : path, optional
        Folder of the store; by default `$FUNCNET_RESULTS`, else `results` in the project folder.

    Examples
    --------
    >>> import tempfile
    >>> store = Store(tempfile.mkdtemp())
    >>> compute = lambda: Entry(arrays={"answer": np.arange(3)})
    >>> store.get_or_compute("demo", {"n": 3}, compute).arrays["answer"].tolist()
    [0, 1, 2]
    >>> store.load("demo", {"n": 3}).arrays["answer"].tolist()
    [0, 1, 2]
    """

    def __init__(self, root: str | Path | None = None) -> None:
        chosen = root or os.environ.get("FUNCNET_RESULTS")
        self.root = Path(chosen) if chosen else Path(__file__).parents[2] / "results"

    def path(self, kind: str, key: dict[str, Any]) -> Path:
        """Return the folder of an entry, whether it exists or not."""
        return self.root / _hash(kind, key)

    def load(self, kind: str, key: dict[str, Any]) -> Entry | None:
        """Return an entry, or None if there is none; a damaged one is set aside with a warning.

        Parameters
        ----------
        kind : str
            What the entry is, such as "study".
        key : dict
            JSON values that decide its content.
        """
        folder = self.path(kind, key)
        if not folder.exists():
            return None
        try:
            return _read(folder)
        except (ValueError, OSError, KeyError) as fault:
            aside = _free_name(folder)
            try:
                folder.rename(aside)
            except FileNotFoundError:
                return None  # another process set it aside first
            warnings.warn(
                f"{fault}; the entry was set aside as {aside.name} and is computed again.",
                DamagedEntryWarning,
                stacklevel=3,
            )
            return None

    def get_or_compute(self, kind: str, key: dict[str, Any], compute: Callable[[], Entry]) -> Entry:
        """Return an entry, computing and keeping it if it is not there yet.

        Parameters
        ----------
        kind : str
            What the entry is.
        key : dict
            JSON values that decide its content.
        compute : callable
            Called without arguments, at most once over all processes that ask at the same time.
        """
        if self.path(kind, key).exists() and (entry := self.load(kind, key)) is not None:
            return entry
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / f".{_hash(kind, key)}.lock"):
            if (entry := self.load(kind, key)) is not None:
                return entry
            entry = compute()
            self._write(kind, key, entry)
        return entry

    def _write(self, kind: str, key: dict[str, Any], entry: Entry) -> None:
        folder = self.path(kind, key)
        partial = self.root / f".{folder.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (partial / CONFIG).write_text(
            json.dumps({"kind": kind, **key}, indent=2, sort_keys=True), encoding="utf-8"
        )
        for name, table in entry.tables.items():
            table.to_parquet(partial / f"{name}.parquet", index=False)
        if entry.arrays:
            np.savez(partial / "arrays.npz", **entry.arrays)  # type: ignore[arg-type]
        if entry.weights:
            save_file(entry.weights, partial / "weights.safetensors")
        files = {file.name: _sha256(file) for file in sorted(partial.iterdir())}
        manifest = {"kind": kind, "files": files, "info": entry.info}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        for file in partial.iterdir():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
        partial.rename(folder)


def _read(folder: Path) -> Entry:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files, info = manifest["files"], manifest["info"]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise ValueError(f"{folder / MANIFEST} is missing or not readable") from fault
    for name, digest in files.items():
        if not (folder / name).is_file() or _sha256(folder / name) != digest:
            raise ValueError(f"{folder / name} is missing or does not match its SHA-256")
    tables = {
        Path(name).stem: pd.read_parquet(folder / name)
        for name in files
        if name.endswith(".parquet")
    }
    arrays: dict[str, np.ndarray] = {}
    if "arrays.npz" in files:
        with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
            arrays = dict(stored)
    weights: dict[str, np.ndarray] = {}
    if "weights.safetensors" in files:
        weights = load_file(folder / "weights.safetensors")
    return Entry(tables, arrays, weights, info)


def _hash(kind: str, key: dict[str, Any]) -> str:
    text = json.dumps({"kind": kind, **key}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _free_name(folder: Path) -> Path:
    number = 1
    while (aside := folder.with_name(f"{folder.name}.damaged-{number}")).exists():
        number += 1
    return aside
