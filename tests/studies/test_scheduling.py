"""A real Dask scheduler and two workers on this machine, one of them killed in the middle."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from test_study import CONFIG as BIGGER
from test_study import EVERYTHING, ROBUSTNESS, TABLES

from funcnet_utils import studies
from funcnet_utils.studies.store import Store

CONFIG = replace(BIGGER, arms=("vanilla", "dropout"), n_networks=2, block_size=1)
distributed = pytest.importorskip("distributed", reason="install the extra: pip install -e .[test]")


def start(*arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@pytest.fixture
def cluster(tmp_path):
    """Address of a scheduler, and two workers with folders of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = ("--no-dashboard",)
    processes = [
        start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    ]
    for number in range(2):
        folder = tmp_path / f"worker-{number}"
        processes.append(
            start(
                "dask_worker",
                address,
                *("--nthreads", "1", "--no-nanny", "--local-directory", str(folder), *quiet),
                FUNCNET_RESULTS=str(folder / "results"),
            )
        )
    with distributed.Client(address, timeout=60) as client:
        client.wait_for_workers(2, timeout=60)
    yield address, processes[1:]
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def kill_when_busy(process, folder, seconds=120):
    """Kill a worker as soon as it has finished its first entry."""
    deadline = time.monotonic() + seconds
    while not list(folder.glob("[0-9a-f]*/manifest.json")):
        assert time.monotonic() < deadline, "the worker never finished an entry"
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_cluster_gives_the_same_tables_though_a_worker_dies(cluster, tmp_path):
    address, workers = cluster
    here = studies.run(CONFIG, store=Store(tmp_path / "here"), workers=1, **EVERYTHING)
    script = f"""
from funcnet_utils import studies
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import Store
config = {CONFIG!r}
store = Store({str(tmp_path / "there")!r})
studies.run(config, store=store, scheduler={address!r}, attacks=True, lesions=True)
"""
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[1],
        stderr=subprocess.PIPE,
        text=True,
    )
    kill_when_busy(workers[0], tmp_path / "worker-0" / "results")
    _, errors = run.communicate(timeout=300)
    assert run.returncode == 0, errors
    assert workers[0].wait() == -signal.SIGKILL
    other = studies.run(CONFIG, store=Store(tmp_path / "there"), workers=1, **EVERYTHING)
    for name in TABLES + ROBUSTNESS:
        assert getattr(here, name).equals(getattr(other, name)), name


def test_no_scheduler_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        studies.run(CONFIG, store=Store(tmp_path), scheduler="tcp://127.0.0.1:9")
