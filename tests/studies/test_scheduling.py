"""A real Dask scheduler and workers on this machine, killed in the middle or replaced."""

import asyncio
import functools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from test_study import CONFIG as BIGGER
from test_study import EVERYTHING, ROBUSTNESS, TABLES

from funcnet_utils import studies
from funcnet_utils.studies import scheduling
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
    yield address, processes[1:], processes[0]
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for_entry(folder, seconds=120):
    """Wait until a store has its first entry."""
    deadline = time.monotonic() + seconds
    while not list(folder.glob("[0-9a-f]*/manifest.json")):
        assert time.monotonic() < deadline, "the worker never finished an entry"
        time.sleep(0.02)


@pytest.mark.slow
def test_cluster_gives_the_same_tables_though_a_worker_dies(cluster, tmp_path):
    address, workers, _ = cluster
    here = studies.run(CONFIG, store=Store(tmp_path / "here"), workers=1, **EVERYTHING)
    script = f"""
from funcnet_utils import studies
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies import scheduling
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
    wait_for_entry(tmp_path / "worker-0" / "results")
    os.killpg(workers[0].pid, signal.SIGKILL)
    _, errors = run.communicate(timeout=300)
    assert run.returncode == 0, errors
    assert workers[0].wait() == -signal.SIGKILL
    other = studies.run(CONFIG, store=Store(tmp_path / "there"), workers=1, **EVERYTHING)
    for name in TABLES + ROBUSTNESS:
        assert getattr(here, name).equals(getattr(other, name)), name


@pytest.mark.slow
def test_a_scheduler_that_dies_is_one_sentence_and_finished_blocks_are_kept(cluster, tmp_path):
    address, _, scheduler = cluster
    config, kept = replace(CONFIG, n_networks=40), Store(tmp_path / "there")
    seen = []

    def kill(stage, key, make, **options):
        seen.append(Store.get_or_compute(kept, stage, key, make, **options))
        os.killpg(scheduler.pid, signal.SIGKILL) if len(seen) == 2 else None
        return seen[-1]

    object.__setattr__(kept, "get_or_compute", kill)
    with pytest.raises(ValueError, match=r"is gone: finished blocks are kept; start it again"):
        studies.run(config, store=kept, scheduler=address)
    found = len(list(kept.root.glob("[0-9a-f]*/manifest.json")))
    assert 2 <= found == len(seen) < 160


def answers(what):
    """A server that accepts, and says what no Dask scheduler says."""
    server = socket.create_server(("127.0.0.1", 0))
    open_ones = []

    def serve():
        while True:
            open_ones.append(server.accept()[0])
            open_ones[-1].sendall(what)
            if what == b"bye":
                open_ones.pop().close()

    threading.Thread(target=serve, daemon=True).start()
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("what", [None, b"", b"bye", b"SSH-2.0-OpenSSH_9.2\r\n", b"\xff" * 9999])
def test_no_scheduler_is_one_sentence(tmp_path, what, monkeypatch):
    short = SimpleNamespace(run=asyncio.run, timeout=lambda seconds: asyncio.timeout(seconds / 10))
    monkeypatch.setattr(scheduling, "asyncio", short)
    address = "tcp://127.0.0.1:9" if what is None else answers(what)
    with pytest.raises(ValueError, match=f"no Dask scheduler answers at '{address}': start one"):
        studies.run(CONFIG, store=Store(tmp_path), scheduler=address)


def test_a_worker_is_no_scheduler(tmp_path):
    here = {"processes": False, "protocol": "tcp://", "dashboard_address": None}
    with distributed.LocalCluster(n_workers=1, **here) as cluster:
        worker = cluster.workers[0].address
        with pytest.raises(ValueError, match=f"no Dask scheduler answers at '{worker}'"):
            studies.run(CONFIG, store=Store(tmp_path), scheduler=worker)


@pytest.mark.slow
def test_workers_that_die_of_a_block_are_one_sentence():
    alone = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**alone, silence_logs=60) as cluster:
        cluster.scheduler.allowed_failures = 0
        said = r"^workers died of one block, 1 in all, the last one at 'tcp://\S+', .* start fewer"
        with pytest.raises(ValueError, match=said):
            list(scheduling._on_cluster(cluster.scheduler_address, os._exit, [1]))


LONG = [
    *("--dataset", "digits", "--hidden", "14,8", "--arms", "vanilla", "--n-networks", "200"),
    *("--n-epochs", "1", "--density", "0.2", "--densities", "0.2", "--n-null", "2"),
    *("--block-size", "1", "--workers", "2"),
]


@pytest.mark.parametrize(
    "how", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_processes_end_with_the_run_that_started_them(tmp_path, how):
    run = subprocess.Popen(
        [sys.executable, "-m", "funcnet_utils", "study", *LONG],
        env={**os.environ, "FUNCNET_RESULTS": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # a shell that starts tests in the background ignores Ctrl-C, and so would this process
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_for_entry(tmp_path)
    family = psutil.Process(run.pid).children(recursive=True)
    assert len(family) >= 2
    run.kill() if how == signal.SIGKILL else os.killpg(run.pid, how)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []
    assert 0 < len(list(tmp_path.glob("[0-9a-f]*/manifest.json"))) < 400
    said = run.communicate(timeout=60)[1]
    if how == signal.SIGINT:
        assert run.returncode == 130
        assert said == "stopped; what is finished is kept: run the same command to go on\n"


def grow(block):
    """Keep another 400 MB in this process, as a worker does that loads torch and a data set."""
    kept = grow.__dict__.setdefault("kept", [])
    kept.append(b"\1" * 400_000_000)
    time.sleep(1.5)  # longer than loky waits between two looks at the memory
    return block


@pytest.mark.slow
def test_a_worker_whose_memory_grew_is_replaced_without_a_word():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert sorted(scheduling._here(2, grow, list(range(6)))) == list(range(6))
    assert [str(each.message) for each in said] == []


def die(folder, times, block):
    """Return the block, but end the process of block 3 the first times."""
    if block == 3 and len(deaths := list(folder.iterdir())) < times:
        (folder / str(len(deaths))).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return block


def test_a_process_that_is_killed_changes_nothing(tmp_path):
    with pytest.warns(
        UserWarning, match=r"was killed, .*: what was not finished is tried again"
    ) as said:
        found = list(scheduling._here(2, functools.partial(die, tmp_path, 1), list(range(8))))
    assert sorted(found) == list(range(8))
    assert len(said) == 1


class UnsentError(Exception):
    """Cannot be sent from process to process: its arguments are not those it was made with."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


def tell(block):
    raise UnsentError("no", "way")


def test_an_error_that_cannot_be_sent_is_no_killed_process():
    with warnings.catch_warnings(action="error"), pytest.raises(BrokenProcessPool, match="serial"):
        list(scheduling._here(2, tell, list(range(4))))


@pytest.mark.slow
def test_a_block_that_kills_again_and_again_is_one_sentence(tmp_path):
    with (
        pytest.warns(UserWarning, match="what was not finished is tried again"),
        pytest.raises(ValueError, match=r"a process was killed, .* run again with fewer workers"),
    ):
        list(scheduling._here(2, functools.partial(die, tmp_path, 99), list(range(8))))
    assert len(list(tmp_path.iterdir())) == 1 + scheduling.RETRIES
