"""Nothing is lost: after each fault the next run has the same tables and repeats no block.

`make slow` tries each fault a few times, `make faults` 50 times.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from small_runs import ENTRIES, Run, entries, run
from test_scheduling import (
    cluster,  # noqa: F401
    wait_for_entry,
)

TIMES = int(os.environ.get("FUNCNET_FAULTS", 3))
NOBODY = 65534
pytestmark = pytest.mark.slow


def assert_nothing_lost(root, whole, found=()):
    """Run again: the same tables, each damaged file named, and only what was missing computed."""
    kept = entries(root)
    damaged = {name for name, _ in found}
    report = run(root)
    assert report["fault"] == ""
    assert report["tables"] == whole[0]["tables"]
    for name, file in found:
        assert sum(f"{name}/{file} is damaged" in said for said in report["said"]) == 1
    assert len(report["said"]) == len(found)
    now = entries(root)
    assert len(now) == ENTRIES
    assert sorted(report["written"]) == sorted(now.keys() - kept.keys() | damaged)
    for name in kept.keys() - damaged:
        assert now[name] == kept[name], f"{name} was written again"
    assert not [path for path in root.iterdir() if path.suffix in (".partial", ".old")]


@pytest.mark.parametrize("n", range(TIMES))
def test_killed_at_a_random_moment(whole, tmp_path, n):
    """By turns at a moment of the clock, and at a touch of a file of the store."""
    rng = np.random.default_rng([1, n])
    if n % 2:
        last = int(rng.integers(1, whole[0]["touches"]))
        assert run(tmp_path / "store", last=last) is None
    else:
        killed = Run(tmp_path / "store")
        time.sleep(rng.uniform(0, whole[1]))
        killed.kill()
    (tmp_path / "store").mkdir(exist_ok=True)
    assert_nothing_lost(tmp_path / "store", whole)


def flip(path, rng):
    content = bytearray(path.read_bytes())
    content[rng.integers(len(content))] ^= 1 << rng.integers(8)
    path.write_bytes(content)


def truncate(path, rng):
    os.truncate(path, rng.integers(path.stat().st_size))


def remove(path, rng):
    path.unlink()


@pytest.mark.parametrize("n", range(TIMES))
def test_damage_is_found_and_mended(whole, tmp_path, n):
    """One file of each of three entries: one bit is changed, the end is cut off, the file goes."""
    rng = np.random.default_rng([2, n])
    root = shutil.copytree(whole[2], tmp_path / "store")
    chosen = rng.choice(sorted(entries(root)), 3, replace=False)
    planted = [(name, rng.choice(sorted(os.listdir(root / name)))) for name in chosen]
    for damage, (name, file) in zip((flip, truncate, remove), planted, strict=True):
        damage(root / name / file, rng)
    assert_nothing_lost(root, whole, planted)
    assert sorted(root.glob("*.damaged-*")) == sorted(root / f"{n}.damaged-1" for n in chosen)


@pytest.mark.parametrize("n", range(TIMES))
def test_the_disk_is_full(whole, tmp_path, n):
    """No file may be larger than some size, which fails as a full disk does."""
    largest = max(file.stat().st_size for file in whole[2].glob("*/*"))
    size = int(np.exp(np.random.default_rng([3, n]).uniform(0, np.log(largest))))
    report = run(tmp_path / "store", largest_file=size)
    assert report["fault"].startswith(f"OSError: {tmp_path / 'store'}/")
    assert "make room, or set FUNCNET_RESULTS to another folder" in report["fault"]
    assert_nothing_lost(tmp_path / "store", whole)


@pytest.fixture
def open_folder():
    """A folder that any user can pass through."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def refused(root, place, mode):
    """Run with other permissions of a place, as a user whom they bind; the place is named."""
    before = place.stat().st_mode
    place.chmod(mode)
    report = run(root, user=NOBODY) if os.getuid() == 0 else run(root)
    place.chmod(before)
    assert report["fault"].startswith("PermissionError: ")
    assert str(place) in report["fault"]


@pytest.mark.parametrize("what", ["a file", "an entry", "the store"])
def test_a_permission_is_lost(whole, open_folder, what):
    root = shutil.copytree(whole[2], open_folder / "store")
    folder = min(root.glob("[0-9a-f]*"))
    refused(
        root, {"a file": folder / "manifest.json", "an entry": folder, "the store": root}[what], 0
    )
    assert_nothing_lost(root, whole)


def test_a_store_that_another_user_may_only_read(whole, open_folder):
    root = shutil.copytree(whole[2], open_folder / "store")
    if os.getuid() == 0:
        report = run(root, user=NOBODY)
        assert (report["fault"], report.get("tables")) == ("", whole[0]["tables"])
    shutil.rmtree(min(root.glob("[0-9a-f]*")))
    refused(root, root, 0o555)
    assert_nothing_lost(root, whole)


def test_four_processes_share_a_store(whole, tmp_path):
    reports = [each.report() for each in [Run(tmp_path / "store") for _ in range(4)]]
    assert all(report["tables"] == whole[0]["tables"] for report in reports)
    written = [name for report in reports for name in report["written"]]
    assert sorted(written) == sorted(entries(tmp_path / "store"))
    assert_nothing_lost(tmp_path / "store", whole)


def test_the_clock_is_set_back(whole, tmp_path):
    """By a year, in the middle of a run, while files of the store are from tomorrow."""
    root = tmp_path / "store"
    assert run(root, last=whole[0]["touches"] // 2) is None
    kept, tomorrow = entries(root), time.time() + 86_400
    for file in root.rglob("*"):
        os.utime(file, (tomorrow, tomorrow))
    report = run(root, clock=-365 * 86_400)
    assert report["tables"] == whole[0]["tables"]
    assert sorted(report["written"]) == sorted(entries(root).keys() - kept.keys())
    assert_nothing_lost(root, whole)


def test_a_worker_of_this_machine_is_killed(whole, tmp_path):
    disturbed = Run(tmp_path / "store", workers=2)
    wait_for_entry(tmp_path / "store")
    workers = [
        process
        for process in psutil.Process(disturbed.process.pid).children(recursive=True)
        if "LokyProcess" in " ".join(process.cmdline())
    ]
    workers[0].kill()
    report = disturbed.report()
    assert (report["fault"], report["tables"]) == ("", whole[0]["tables"])
    assert_nothing_lost(tmp_path / "store", whole)


def test_the_scheduler_of_a_cluster_is_killed(whole, tmp_path, cluster):  # noqa: F811
    address, _, scheduler = cluster
    disturbed = Run(tmp_path / "store", scheduler=address)
    wait_for_entry(tmp_path / "store")
    scheduler.kill()
    report = disturbed.report()
    assert "is gone: finished blocks are kept; start it again and run again" in report["fault"]
    assert_nothing_lost(tmp_path / "store", whole)
