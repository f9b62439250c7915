"""The results store: one folder per entry, written whole or not at all, checked when read."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock
from platformdirs import user_data_path
from safetensors.numpy import load_file, save_file

MANIFEST = "manifest.json"
CONFIG = "config.json"
TENSORS = "tensors.safetensors"
SHOWN = ("dataset", "hidden", "arm", "first", "count", "n_epochs", "seed")
ROOT = Path(__file__).parents[2]
IN_CLONE = (ROOT / "pyproject.toml").is_file() and (ROOT / "notebooks").is_dir()


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
        Small arrays, kept in one .npz file, never pickled.
    tensors : dict of ndarray
        Parameters and other large arrays, kept as safetensors.
    info : dict
        Facts about the run (versions, wall time), JSON values.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    tensors: dict[str, np.ndarray] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)


class Store:
    """A folder of entries, each named by the hash of its kind and key.

    An entry is written beside its place and renamed when complete, so a killed run leaves nothing
    half-written; it carries the SHA-256 of every file, and one whose files do not match is named,
    set aside and computed again. Two processes that ask for the same entry compute it once.

    Parameters
    ----------
    root : path, optional
        Folder of the store; by default `$FUNCNET_RESULTS`, else `results` in a clone of the
        project, else a folder of the user's.

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
        usual = (ROOT if IN_CLONE else user_data_path("funcnet")) / "results"
        self.root = Path(root or os.environ.get("FUNCNET_RESULTS") or usual).expanduser()

    def path(self, kind: str, key: Mapping[str, Any]) -> Path:
        """Return the folder of an entry, whether it exists or not."""
        text = json.dumps({"kind": kind, **key}, sort_keys=True, separators=(",", ":"))
        return self.root / hashlib.sha256(text.encode()).hexdigest()[:16]

    def load(self, kind: str, key: Mapping[str, Any], *, tensors: bool = True) -> Entry | None:
        """Return an entry, or None if there is none; a damaged one is set aside with a warning.

        The key holds JSON values that decide the content; without `tensors`, large arrays are
        neither read nor checked.
        """
        folder = self.path(kind, key)
        if not folder.exists():
            return None
        try:
            return read_entry(folder, tensors)
        except (ValueError, OSError) as fault:
            names = (folder.with_name(f"{folder.name}.damaged-{n}") for n in itertools.count(1))
            aside = next(name for name in names if not name.exists())
            with suppress(FileNotFoundError):  # another process set it aside first
                folder.rename(aside)
                text = f"{fault}; the entry was set aside as {aside.name} and is computed again."
                warnings.warn(text, DamagedEntryWarning, stacklevel=3)
            return None

    def get_or_compute(
        self, kind: str, key: Mapping[str, Any], compute: Callable[[], Entry], tensors: bool = True
    ) -> Entry:
        """Return an entry, computing and keeping it if it is not there yet.

        Of all processes that ask at the same time, one computes.
        """
        folder = self.path(kind, key)
        entry = self.load(kind, key, tensors=tensors)
        if entry is None:
            self.root.mkdir(parents=True, exist_ok=True)
            with FileLock(self.root / f".{folder.name}.lock"):
                entry = self.load(kind, key, tensors=tensors)  # of another process, by now
                if entry is None:
                    entry = compute()
                    with whole_folder(folder) as partial:
                        write_entry(partial, kind, key, entry)
        return entry

    def listing(self) -> str:
        """Return one line per entry: name, kind, size, configuration.

        Examples
        --------
        >>> Store("/nowhere").listing()
        'the store /nowhere is empty'
        """
        lines = [f"{'entry':<24} {'kind':<12} {'size':>9}  configuration"]
        for file in sorted(self.root.glob(f"*/{CONFIG}")):
            try:
                key = json.loads(file.read_text(encoding="utf-8"))
            except ValueError:
                key = {"kind": "unreadable"}
            size = sum(path.stat().st_size for path in file.parent.iterdir()) / 1e6
            values = ", ".join(f"{name}={key[name]}" for name in SHOWN if name in key)
            lines.append(f"{file.parent.name:<24} {key['kind']:<12} {size:>6.2f} MB  {values}")
        return "\n".join(lines) if len(lines) > 1 else f"the store {self.root} is empty"


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write to, which takes the place of another when it is complete.

    Parameters
    ----------
    folder : Path
        Where the files shall lie; a folder that is there is replaced.
    """
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    for file in partial.iterdir():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def write_entry(folder: Path, kind: str, key: Mapping[str, Any], entry: Entry) -> None:
    """Write the files of an entry to an empty folder, and a manifest with their SHA-256."""
    text = json.dumps({"kind": kind, **key}, indent=2, sort_keys=True)
    (folder / CONFIG).write_text(text, encoding="utf-8")
    for name, table in entry.tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")
    if entry.arrays:
        np.savez_compressed(folder / "arrays.npz", **entry.arrays)  # type: ignore[arg-type]
    if entry.tensors:
        save_file(entry.tensors, folder / TENSORS)
    files = {file.name: _sha256(file) for file in sorted(folder.iterdir())}
    manifest = {"kind": kind, "files": files, "info": entry.info}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def read_entry(folder: Path, tensors: bool = True) -> Entry:
    """Return the entry in a folder, or refuse files that are not those that were written."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files, entry = manifest["files"], Entry(info=manifest["info"])
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise ValueError(f"{folder / MANIFEST} is missing or not readable") from fault
    for file in map(folder.joinpath, files):
        if file.name == TENSORS and not tensors:
            continue
        if not file.is_file() or _sha256(file) != files[file.name]:
            raise ValueError(f"{file} is missing or does not match its SHA-256")
        if file.name == TENSORS:
            entry.tensors.update(load_file(file))
        elif file.suffix == ".parquet":
            entry.tables[file.stem] = pd.read_parquet(file)
        elif file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as stored:
                entry.arrays.update(stored)
    return entry


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
