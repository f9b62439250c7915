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
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout
from platformdirs import user_data_path
from safetensors.numpy import load_file, save_file

MANIFEST = "manifest.json"
CONFIG = "config.json"
TENSORS = "tensors.safetensors"
SHOWN = ("dataset", "hidden", "arm", "first", "count", "n_epochs", "seed")
ROOT = Path(__file__).parents[2]
IN_CLONE = (ROOT / "pyproject.toml").is_file() and (ROOT / "notebooks").is_dir()
HOME = ROOT / "book" if IN_CLONE else Path(__file__).parents[1]
"""Where published results lie."""


class DamagedEntryWarning(UserWarning):
    """An entry of the store was damaged, set aside, and will be computed again."""


@dataclass(frozen=True)
class Entry:
    """What one entry holds.

    Parameters
    ----------
    tables : dict of DataFrame
        Kept as Parquet.
    arrays, tensors : dict of ndarray
        Small arrays, kept in one .npz file, never pickled; large ones, kept as safetensors.
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
    half-written; it carries its key and the SHA-256 of every file, and one that does not match is
    named, set aside and computed again. Two processes that ask for the same entry compute it once.
    What would not be read as it is written is refused.

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
    >>> _ = store.get_or_compute("demo", {"n": 3}, compute)
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
        checked and not kept in memory. An error of the system, such as a missing permission, is
        raised.
        """
        folder = self.path(kind, key)
        if not (folder.exists() or folder.is_symlink()):
            return None
        try:
            entry = read_entry(folder, tensors)
            if (folder / CONFIG).read_text(encoding="utf-8") == _config(kind, key):
                return entry
            raise ValueError(f"{folder / CONFIG} is that of another entry")
        except ValueError as fault:
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
            with FileLock(self._lock(kind, key)):
                entry = self.load(kind, key, tensors=tensors)  # of another process, by now
                if entry is None:
                    entry = compute()
                    write_entry(folder, kind, key, entry)
        return entry if tensors else replace(entry, tensors={})

    def is_busy(self, kind: str, key: Mapping[str, Any]) -> bool:
        """Whether another process is computing an entry."""
        try:
            with FileLock(self._lock(kind, key), timeout=0):
                return False
        except Timeout:
            return True

    def _lock(self, kind: str, key: Mapping[str, Any]) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        return self.root / f".{self.path(kind, key).name}.lock"

    def listing(self) -> str:
        """Return one line per entry: name, kind, size, configuration."""
        lines = [f"{'entry':<24} {'kind':<12} {'size':>9}  configuration"]
        for file in sorted(self.root.glob(f"[!.]*/{CONFIG}")):
            key, size = {"kind": "unreadable"}, 0.0
            with suppress(OSError, ValueError, TypeError):
                size = sum(path.stat().st_size for path in file.parent.iterdir()) / 1e6
                key |= json.loads(file.read_bytes())
            values = ", ".join(f"{name}={key[name]}" for name in SHOWN if name in key)
            lines.append(f"{file.parent.name:<24} {key['kind']!s:<12} {size:>6.2f} MB  {values}")
        return "\n".join(lines) if len(lines) > 1 else f"the store {self.root} is empty"


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write to, which takes the place of another when it is complete."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        yield partial
        _sync(*partial.iterdir(), partial)
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        partial.rename(folder)
        _sync(folder.parent)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as fault:
        raise OSError(
            f"{folder} was not written: {fault}. What was finished before is kept: make room, or "
            "set FUNCNET_RESULTS to another folder, and run again."
        ) from fault
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_entry(folder: Path, kind: str, key: Mapping[str, Any], entry: Entry) -> None:
    """Write an entry with a manifest of its files, whole or not at all, in place of an older one.

    Raises
    ------
    ValueError
        If the entry would not be read as it is, such as an array of objects.
    """
    with whole_folder(folder) as partial:
        try:
            (partial / CONFIG).write_text(_config(kind, key), encoding="utf-8")
            for name, table in entry.tables.items():
                table.to_parquet(partial / f"{name}.parquet", compression="zstd")
            if entry.arrays:
                np.savez_compressed(partial / "arrays.npz", **entry.arrays)  # type: ignore[arg-type]
            if entry.tensors:
                tensors = {name: np.asarray(x, order="C") for name, x in entry.tensors.items()}
                save_file(tensors, partial / TENSORS)
                shutil.copymode(partial / CONFIG, partial / TENSORS)  # else only the owner reads it
            files = {file.name: _sha256(file) for file in sorted(partial.iterdir())}
            manifest = {"kind": kind, "files": files, "info": entry.info}
            text = json.dumps(manifest | {"sha256": _seal(manifest)}, indent=2)
            (partial / MANIFEST).write_text(text, encoding="utf-8")
            kept = read_entry(partial)
            if (kept.info, [*kept.arrays]) != (entry.info, [*entry.arrays]):
                raise ValueError("its facts or names of arrays change")
            for name, table in entry.tables.items():
                pd.testing.assert_frame_equal(kept.tables[name], table, check_exact=True)
            given, found = {**entry.arrays, **entry.tensors}, {**kept.arrays, **kept.tensors}
            for name, array in given.items():
                if type(array) is not np.ndarray:
                    raise TypeError(f"{name} is a {type(array).__name__}: give an array of numpy")
                np.testing.assert_array_equal(found[name], array, name, strict=True)
        except (OSError, MemoryError):
            raise
        except Exception as fault:  # each format has its own errors
            said = " ".join(str(fault).split())
            error = OSError if "(os error" in said else ValueError  # of safetensors
            raise error(f"an entry of {kind} can not be kept as it is: {said}") from fault


def read_entry(folder: Path, tensors: bool = True) -> Entry:
    """Return the entry in a folder.

    Raises
    ------
    ValueError
        If its files are not exactly those that were written.
    OSError
        If the system does not let them be read.
    """
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
        if manifest.pop("sha256") != _seal(manifest):
            raise ValueError("it was changed")
        files, entry = manifest["files"], Entry(info=manifest["info"])
        if odd := {path.name for path in folder.glob("[!.]*")} ^ {MANIFEST, *files}:
            file = folder / min(odd)
            raise ValueError("not there, or not listed")
        for file in map(folder.joinpath, files):
            if _sha256(file) != files[file.name]:
                raise ValueError("it does not match its SHA-256")
            if file.name == TENSORS:
                entry.tensors.update(load_file(file) if tensors else {})
            elif file.suffix == ".parquet":
                entry.tables[file.stem] = pd.read_parquet(file)
            elif file.suffix == ".npz":
                with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
                    entry.arrays.update(stored)
    except Exception as fault:  # each format has its own errors
        gone = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
        system = isinstance(fault, OSError) and fault.errno and not isinstance(fault, gone)
        if system or isinstance(fault, MemoryError):
            raise
        raise ValueError(f"{file} is damaged or missing: {fault}") from fault
    return entry


def _config(kind: str, key: Mapping[str, Any]) -> str:
    return json.dumps({"kind": kind, **key}, indent=2, sort_keys=True)


def _seal(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sync(*paths: Path) -> None:
    """Have the disk keep what was written: files, or the names in a folder."""
    for path in paths if os.name == "posix" else ():
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
