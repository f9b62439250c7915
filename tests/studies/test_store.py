"""The store: whole entries only, damage named and repaired, one computation for two processes."""

import multiprocessing
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from platformdirs import user_data_path

from funcnet_utils.studies import store
from funcnet_utils.studies.store import DamagedEntryWarning, Entry, Store

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


def test_root_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("FUNCNET_RESULTS", str(tmp_path / "elsewhere"))
    assert Store().root == tmp_path / "elsewhere"


def test_root_is_in_the_clone_or_the_users_own(monkeypatch):
    monkeypatch.delenv("FUNCNET_RESULTS", raising=False)
    assert Store().root == Path(__file__).parents[2] / "results"
    monkeypatch.setattr(store, "IN_CLONE", False)
    assert Store().root == user_data_path("funcnet") / "results"
