"""The store: whole entries only, damage named and repaired, one computation for two processes."""

import errno
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import signal
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from platformdirs import user_data_path

from funcnet_utils.studies import store
from funcnet_utils.studies.store import CONFIG, MANIFEST, DamagedEntryWarning, Entry, Store

KEY = {"n": 3, "name": "x"}


def make_entry() -> Entry:
    return Entry(
        tables={"rows": pd.DataFrame({"a": [1, 2], "b": [0.1, 0.2], "c": ["x", "y"]})},
        arrays={"matrix": np.arange(6.0).reshape(2, 3), "empty": np.zeros((0, 2))},
        tensors={"layer": np.ones((2, 2), dtype=np.float32)},
        info={"seconds": 1.5},
    )


def assert_same(a: Entry, b: Entry) -> None:
    pd.testing.assert_frame_equal(a.tables["rows"], b.tables["rows"])
    assert a.arrays.keys() == b.arrays.keys()
    for name in a.arrays:
        np.testing.assert_array_equal(a.arrays[name], b.arrays[name])
    np.testing.assert_array_equal(a.tensors["layer"], b.tensors["layer"])
    assert a.info == b.info


def test_round_trip_and_no_second_computation(tmp_path):
    store = Store(tmp_path)
    assert store.load("demo", KEY) is None
    store.get_or_compute("demo", KEY, make_entry)

    def fail() -> Entry:
        raise AssertionError("computed twice")

    assert_same(store.get_or_compute("demo", KEY, fail), make_entry())
    assert store.load("other", KEY) is None
    assert store.load("demo", {**KEY, "n": 4}) is None


@pytest.mark.parametrize(
    "file", ["rows.parquet", "arrays.npz", "tensors.safetensors", "config.json", "manifest.json"]
)
@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_damage_is_named_set_aside_and_repaired(tmp_path, file, damage):
    store = Store(tmp_path)
    store.get_or_compute("demo", KEY, make_entry)
    path = store.path("demo", KEY) / file
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
    elif damage == "truncate":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.unlink()
    with pytest.warns(DamagedEntryWarning, match=file):
        entry = store.get_or_compute("demo", KEY, make_entry)
    assert_same(entry, make_entry())
    assert len(list(tmp_path.glob("*.damaged-1"))) == 1
    assert_same(store.load("demo", KEY), make_entry())


def test_large_arrays_are_checked_even_if_they_are_not_wanted(tmp_path):
    kept = Store(tmp_path)
    computed = kept.get_or_compute("demo", KEY, make_entry, tensors=False)
    assert computed.tensors == kept.load("demo", KEY, tensors=False).tensors == {}
    path = kept.path("demo", KEY) / store.TENSORS
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    with pytest.warns(DamagedEntryWarning, match=store.TENSORS):
        assert kept.load("demo", KEY, tensors=False) is None


def test_who_may_read_one_file_of_an_entry_may_read_all(tmp_path):
    kept = Store(tmp_path)
    kept.get_or_compute("demo", KEY, make_entry)
    assert len({file.stat().st_mode for file in kept.path("demo", KEY).iterdir()}) == 1


def edit_info(manifest, folder):
    manifest["info"]["seconds"] = 0.0


def list_nothing(manifest, folder):
    manifest["files"] = None


def list_names_only(manifest, folder):
    manifest["files"] = [*manifest["files"]]


def list_a_file_outside(manifest, folder):
    shutil.move(folder / "rows.parquet", folder.parent / "rows.parquet")
    manifest["files"]["../rows.parquet"] = manifest["files"].pop("rows.parquet")


def forget_a_file(manifest, folder):
    del manifest["files"]["rows.parquet"]


def add_a_file(manifest, folder):
    shutil.copy(folder / "rows.parquet", folder / "more.parquet")


def cut(name):
    def cut_and_list(manifest, folder):
        (folder / name).write_bytes((folder / name).read_bytes()[:20])
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()

    return cut_and_list


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize(
    "edit",
    [
        *(edit_info, list_nothing, list_names_only, list_a_file_outside, forget_a_file),
        *(add_a_file, cut("rows.parquet"), cut("arrays.npz"), cut("tensors.safetensors")),
    ],
)
def test_a_changed_manifest_is_damage(tmp_path, edit, sealed):
    kept = Store(tmp_path)
    kept.get_or_compute("demo", KEY, make_entry)
    folder = kept.path("demo", KEY)
    manifest = json.loads((folder / MANIFEST).read_text())
    edit(manifest, folder)
    if sealed:  # as one would who means it; facts alone are then believed
        manifest.pop("sha256")
        manifest["sha256"] = store._seal(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))
    if sealed and edit is edit_info:
        assert kept.load("demo", KEY).info == {"seconds": 0.0}
        return
    with pytest.warns(DamagedEntryWarning, match=f"{folder.name}.damaged-1") as said:
        assert_same(kept.get_or_compute("demo", KEY, make_entry), make_entry())
    assert len(said) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same(kept.load("demo", KEY), make_entry())


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "3", "{}", "[" * 100_000, "\0", '{"files": {}}']
)
def test_a_manifest_of_something_else_is_damage(tmp_path, text):
    kept = Store(tmp_path)
    kept.get_or_compute("demo", KEY, make_entry)
    (kept.path("demo", KEY) / MANIFEST).write_text(text)
    with pytest.warns(DamagedEntryWarning, match=MANIFEST):
        assert kept.load("demo", KEY) is None


@pytest.mark.parametrize("what", ["file", "link to nothing"])
def test_what_is_no_folder_is_damage(tmp_path, what):
    kept = Store(tmp_path)
    folder = kept.path("demo", KEY)
    folder.write_text("") if what == "file" else folder.symlink_to(tmp_path / "gone")
    with pytest.warns(DamagedEntryWarning, match=MANIFEST):
        assert_same(kept.get_or_compute("demo", KEY, make_entry), make_entry())


def test_an_entry_under_the_name_of_another_is_not_served(tmp_path):
    kept = Store(tmp_path)
    for seed in (0, 1):
        kept.get_or_compute("demo", {"seed": seed}, lambda s=seed: Entry(arrays={"x": np.eye(s)}))
    zero, one = (kept.path("demo", {"seed": seed}) for seed in (0, 1))
    shutil.rmtree(zero)
    one.rename(zero)
    with pytest.warns(DamagedEntryWarning, match=f"{CONFIG} is that of another entry"):
        assert kept.load("demo", {"seed": 0}) is None


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE])
def test_trouble_of_the_system_is_no_damage(tmp_path, monkeypatch, number):
    kept = Store(tmp_path)
    kept.get_or_compute("demo", KEY, make_entry)

    def refuse(file):
        raise OSError(number, os.strerror(number), str(file))

    monkeypatch.setattr(store, "_sha256", refuse)
    with pytest.raises(OSError, match=r"arrays\.npz") as fault:
        kept.get_or_compute("demo", KEY, make_entry)
    assert fault.value.errno == number
    monkeypatch.undo()
    assert_same(kept.load("demo", KEY), make_entry())
    assert list(tmp_path.glob("*damaged*")) == []


def test_a_store_is_read_without_a_write(tmp_path, monkeypatch):
    kept = Store(tmp_path)
    kept.get_or_compute("demo", KEY, make_entry)
    for name in ("FileLock", "whole_folder"):
        monkeypatch.setattr(store, name, None)
    monkeypatch.setattr(Path, "mkdir", None)
    assert_same(kept.get_or_compute("demo", KEY, make_entry), make_entry())


RANDOM = np.random.default_rng(0).random(100_000)


@pytest.mark.parametrize(
    "entry",
    [
        Entry(arrays={"x": RANDOM}),
        Entry(tensors={"x": RANDOM}),
        Entry(tables={"x": pd.DataFrame({"x": RANDOM})}),
    ],
    ids=["arrays", "tensors", "tables"],
)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path, entry):
    """A limit on the size of a file fails as a full disk does, in the middle of a write."""
    kept = Store(tmp_path)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(OSError, match=r"File too large.*kept: make room, .* and run again\.$"):
            kept.get_or_compute("demo", KEY, lambda: entry)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]
    kept.get_or_compute("demo", KEY, lambda: entry)
    assert kept.load("demo", KEY) is not None


TABLE = pd.DataFrame({"network": [0, 1], "value": [0.1, np.nan], "arm": ["a", "b"]})


@pytest.mark.parametrize(
    "table",
    [
        TABLE.set_index("network"),
        TABLE.set_index(["arm", "network"]),
        TABLE[TABLE["network"] > 0],
        TABLE.astype({"arm": pd.CategoricalDtype(["b", "a"], ordered=True)}),
        TABLE.rename(columns={"value": 0}).rename_axis(columns="z")[[0]],
        TABLE.iloc[:0],
        TABLE.astype({"value": np.float32}),
    ],
)
def test_tables_come_back_as_they_went_in(tmp_path, table):
    kept = Store(tmp_path)
    first, second = (
        kept.get_or_compute("demo", KEY, lambda: Entry(tables={"t": table})) for _ in range(2)
    )
    assert first.tables["t"] is table
    pd.testing.assert_frame_equal(second.tables["t"], table, check_exact=True)


@pytest.mark.parametrize("order", ["C", "F"])
def test_tensors_come_back_whatever_their_order_in_memory(tmp_path, order):
    kept, made = Store(tmp_path), np.array(np.arange(12.0).reshape(3, 4), order=order)
    for tensor in (made, made.T, made[::2], np.array(3.0)):
        key = {"shape": list(tensor.shape), "order": order}
        kept.get_or_compute("demo", key, lambda t=tensor: Entry(tensors={"x": t}))
        np.testing.assert_array_equal(kept.load("demo", key).tensors["x"], tensor, strict=True)


@pytest.mark.parametrize(
    "entry",
    [
        Entry(tables={"t": TABLE.astype({"network": "category"})}),
        Entry(tables={"t": pd.DataFrame({"x": [(1, 2)]})}),
        Entry(tables={"t": pd.DataFrame({"x": [1, "a"]})}),
        Entry(tables={"": TABLE}),
        Entry(arrays={"x": np.array([1, "a"], dtype=object)}),
        Entry(arrays={"x": np.ma.array([1, 2], mask=[True, False])}),
        Entry(arrays={"x": [1, 2]}),
        Entry(tensors={"x": np.array([None])}),
        Entry(tensors={"x": np.arange(3, dtype=">f4")}),
        Entry(info={"x": (1, 2)}),
        Entry(info={1: "x"}),
    ],
    ids=str,
)
def test_what_would_come_back_changed_is_refused(tmp_path, entry):
    with pytest.raises(ValueError, match=r"^an entry of demo can not be kept as it is: [^\n]*$"):
        Store(tmp_path).get_or_compute("demo", KEY, lambda: entry)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_the_disk_has_the_files_before_the_name_and_then_the_name(tmp_path, monkeypatch):
    """What is synced, in order: each file, the folder under its first name, the folder above."""
    done, names = [], {}
    opened, synced, rename = os.open, os.fsync, Path.rename

    def note_open(path, flags, *rest, **more):
        names[found := opened(path, flags, *rest, **more)] = Path(path)
        return found

    def note_sync(descriptor):
        done.append(names[descriptor])
        synced(descriptor)

    def note_rename(path, target):
        done.append("renamed")
        return rename(path, target)

    monkeypatch.setattr(os, "open", note_open)
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "rename", note_rename)
    with store.whole_folder(tmp_path / "x") as partial:
        (partial / "a").write_text("a")
    assert done == [partial / "a", partial, "renamed", tmp_path]


def test_failed_computation_leaves_nothing(tmp_path):
    store = Store(tmp_path)

    def fail() -> Entry:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.get_or_compute("demo", KEY, fail)
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith(".")] == []


def test_a_half_written_entry_is_never_read(tmp_path):
    store = Store(tmp_path)
    folder = store.path("demo", KEY)
    partial = folder.with_name(f".{folder.name}.partial")
    partial.mkdir(parents=True)
    (partial / "rows.parquet").write_bytes(b"half")
    assert store.load("demo", KEY) is None
    assert_same(store.get_or_compute("demo", KEY, make_entry), make_entry())
    assert not partial.exists()


def slow_entry(root, log) -> None:
    def compute() -> Entry:
        with open(log, "a", encoding="utf-8") as handle:
            handle.write("computed\n")
        time.sleep(0.5)
        return make_entry()

    Store(root).get_or_compute("demo", KEY, compute)


def test_two_processes_compute_once(tmp_path):
    log = tmp_path / "log"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=slow_entry, args=(tmp_path / "store", log)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert log.read_text().count("computed") == 1


def test_an_entry_is_busy_while_it_is_computed(tmp_path):
    store, seen = Store(tmp_path / "new"), []

    def compute():
        seen.extend([store.is_busy("demo", KEY), store.is_busy("demo", KEY | {"n": 4})])
        return make_entry()

    assert not store.is_busy("demo", KEY)
    assert store.listing() == f"the store {tmp_path / 'new'} is empty"
    store.get_or_compute("demo", KEY, compute)
    assert seen == [True, False]
    assert not store.is_busy("demo", KEY)
    (entry,) = (tmp_path / "new").glob("[!.]*")
    shutil.copytree(entry, entry.with_name(f".{entry.name}.partial"))  # of a run that was killed
    assert store.listing().count("demo") == 1


def test_root_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("FUNCNET_RESULTS", str(tmp_path / "elsewhere"))
    assert Store().root == tmp_path / "elsewhere"


def test_root_is_in_the_clone_or_the_users_own(monkeypatch):
    monkeypatch.delenv("FUNCNET_RESULTS", raising=False)
    assert Store().root == Path(__file__).parents[2] / "results"
    monkeypatch.setattr(store, "IN_CLONE", False)
    assert Store().root == user_data_path("funcnet") / "results"
