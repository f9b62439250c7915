"""Downloads from a real server on this machine, and everything that can go wrong with them."""

from __future__ import annotations

import gzip
import hashlib
import io
import multiprocessing
import os
import re
import socket
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from funcnet_utils.datasets import DataError, load_dataset
from funcnet_utils.datasets.download import REMOTES, Member, contents

CONTENT = np.random.default_rng(3).bytes(20_000)
PACKED = gzip.compress(CONTENT)
Answer = Callable[[BaseHTTPRequestHandler], None]


def answer(body: bytes, *, status: int = 200, n_sent: int | None = None) -> Answer:
    """Send a body, or with `n_sent` break the connection after so many of its bytes."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:n_sent])

    return send


class Mirror(ThreadingHTTPServer):
    """A server whose answers a test chooses by file, or by folder; it remembers its questions."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    def offer(self, path: str, chosen: Answer) -> str:
        self.answers[path] = chosen
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        whole = self.path in self.server.answers
        asked = self.path if whole else self.path.rpartition("/")[0]
        self.server.asked.append(asked)
        self.server.answers.get(asked, answer(b"", status=404))(self)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tiny"


def member(name: str, content: bytes) -> Member:
    return name, len(content), hashlib.sha256(content).hexdigest()


def tiny(*mirrors: str) -> dict[str, Any]:
    return {"mirrors": mirrors, "files": {"tiny.gz": [member("tiny", CONTENT)]}}


def visible(folder: Path) -> list[str]:
    """Files that could be taken for data: all but the lock."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def test_a_complete_download_is_kept(mirror: Mirror, folder: Path) -> None:
    remote = tiny(mirror.offer("/x", answer(PACKED)))
    assert contents(remote, folder) == {"tiny": CONTENT}
    assert (folder / "tiny.gz").read_bytes() == PACKED
    assert visible(folder) == ["tiny.gz"]
    assert contents(remote, folder) == {"tiny": CONTENT}
    assert mirror.asked == ["/x"]


def test_only_missing_files_are_downloaded(mirror: Mirror, folder: Path) -> None:
    files = {f"{name}.gz": [member(name, name.encode())] for name in ("one", "two", "three")}
    for name in ("one", "two", "three"):
        mirror.offer(f"/x/{name}.gz", answer(gzip.compress(name.encode())))
    remote = {"mirrors": [f"http://127.0.0.1:{mirror.server_port}/x"], "files": files}
    folder.mkdir(parents=True)
    (folder / "two.gz").write_bytes(gzip.compress(b"two"))
    found = contents(remote, folder)
    assert list(found.items()) == [("one", b"one"), ("two", b"two"), ("three", b"three")]
    assert mirror.asked == ["/x/one.gz", "/x/three.gz"]


def test_a_data_set_is_downloaded_by_name(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (6, 10, 3072), dtype=np.uint8)
    labels = np.arange(10, dtype=np.uint8)
    names = [*(f"batches/data_batch_{k}.bin" for k in range(1, 6)), "batches/test_batch.bin"]
    parts = {
        name: np.column_stack([labels, batch]).tobytes()
        for name, batch in zip(names, pixels, strict=True)
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    url = mirror.offer("/x", answer(packed.getvalue()))
    files = {"small.tar.gz": [member(name, content) for name, content in parts.items()]}
    small = REMOTES["cifar10"] | {"mirrors": [url], "files": files}
    monkeypatch.setitem(REMOTES, "cifar10", small)
    monkeypatch.setenv("FUNCNET_DATA", str(tmp_path))
    dataset = load_dataset("cifar10")
    assert dataset.train.labels.tolist() == [*range(10)] * 5
    assert dataset.test.labels.tolist() == [*range(10)]
    planes = pixels[5].reshape(10, 3, 32, 32)
    expected = planes.transpose(0, 2, 3, 1).reshape(10, -1) / np.float32(255)
    np.testing.assert_array_equal(dataset.test.images, expected)
    assert visible(tmp_path / "cifar10") == ["small.tar.gz"]


FAILURES = {
    "not found": (answer(b"", status=404), "HTTP 404"),
    "server error": (answer(b"", status=503), "HTTP 503"),
    "dropped": (answer(PACKED, n_sent=len(PACKED) // 2), "ChunkedEncodingError"),
    "no answer": (lambda handler: None, "ConnectionError"),
    "truncated": (
        answer(PACKED[:-100]),
        "the download cannot be decompressed (Compressed file ended before the end-of-stream "
        "marker was reached)",
    ),
    "login page": (
        answer(b"<html>"),
        "the download cannot be decompressed (Not a gzipped file (b'<h'))",
    ),
    "other bytes": (
        answer(gzip.compress(CONTENT[::-1])),
        "the download contains another tiny than the original (SHA-256)",
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_mirror_is_followed_by_the_next(
    mirror: Mirror, folder: Path, failure: str
) -> None:
    bad = mirror.offer("/bad", FAILURES[failure][0])
    good = mirror.offer("/good", answer(PACKED))
    assert contents(tiny(bad, good), folder) == {"tiny": CONTENT}
    assert mirror.asked == ["/bad", "/good"]
    assert visible(folder) == ["tiny.gz"]


@pytest.mark.parametrize("failure", FAILURES)
def test_failing_mirrors_are_named_with_the_remedy(
    mirror: Mirror, folder: Path, failure: str
) -> None:
    chosen, reason = FAILURES[failure]
    first, second = mirror.offer("/first", chosen), mirror.offer("/second", chosen)
    with pytest.raises(DataError) as caught:
        contents(tiny(first, second), folder)
    assert str(caught.value) == (
        f"tiny.gz of tiny could not be downloaded from any mirror: {first}/tiny.gz ({reason}); "
        f"{second}/tiny.gz ({reason}). To work offline, put tiny.gz into {folder}, or set "
        "FUNCNET_DATA to a folder that has them; mnist_5k needs no download."
    )
    assert visible(folder) == []


def test_a_host_that_is_not_found_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(
        DataError, match=re.escape("http://nowhere.invalid/x/tiny.gz (ConnectionError).")
    ):
        contents(tiny("http://nowhere.invalid/x"), folder)


def test_a_closed_port_is_no_connection(folder: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/x"
        with pytest.raises(DataError, match=re.escape(f"{url}/tiny.gz (ConnectionError).")):
            contents(tiny(url), folder)


def test_a_silent_server_is_given_up(
    mirror: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("funcnet_utils.datasets.download.TIMEOUT", 0.1)
    given_up = threading.Event()
    url = mirror.offer("/x", lambda handler: given_up.wait(20) and None)
    with pytest.raises(DataError, match=re.escape(f"{url}/tiny.gz (ReadTimeout).")):
        contents(tiny(url), folder)
    given_up.set()


def test_a_partial_download_never_counts(mirror: Mirror, folder: Path) -> None:
    during: list[bool] = []

    def halfway(handler: BaseHTTPRequestHandler) -> None:
        answer(PACKED, n_sent=len(PACKED) // 2)(handler)
        during.append((folder / "tiny.gz").exists())
        handler.wfile.write(PACKED[len(PACKED) // 2 :])

    folder.mkdir(parents=True)
    (folder / ".tiny.gz.part").write_bytes(PACKED)
    remote = tiny(mirror.offer("/x", halfway))
    assert contents(remote, folder) == {"tiny": CONTENT}
    assert mirror.asked == ["/x"]
    assert during == [False]
    assert visible(folder) == ["tiny.gz"]


@pytest.mark.parametrize(
    "workers",
    [
        lambda: ThreadPoolExecutor(4),
        lambda: ProcessPoolExecutor(2, multiprocessing.get_context("spawn")),
    ],
    ids=["threads", "processes"],
)
def test_several_at_once_download_once(
    mirror: Mirror, folder: Path, workers: Callable[[], Executor]
) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)
        answer(PACKED)(handler)

    remote = tiny(mirror.offer("/x", slow))
    with workers() as pool:
        waiting = [pool.submit(contents, remote, folder) for _ in range(4)]
        assert [each.result() for each in waiting] == [{"tiny": CONTENT}] * 4
    assert mirror.asked == ["/x"]
    assert visible(folder) == ["tiny.gz"]


def test_a_damaged_file_is_named_and_kept(mirror: Mirror, folder: Path) -> None:
    folder.mkdir(parents=True)
    path = folder / "tiny.gz"
    path.write_bytes(PACKED[:-50])
    with pytest.raises(DataError, match=f"{path} cannot be decompressed .*: move it away, and put"):
        contents(tiny(mirror.offer("/x", answer(PACKED))), folder)
    assert path.read_bytes() == PACKED[:-50]
    assert mirror.asked == []


def test_a_folder_that_cannot_be_made_is_named(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the way")
    folder = tmp_path / "data" / "tiny"
    with pytest.raises(DataError) as caught:
        contents(tiny(mirror.offer("/x", answer(PACKED))), folder)
    assert str(caught.value) == (
        f"{folder / 'tiny.gz'} is missing and {folder} cannot be written (Not a directory): put "
        "the file there, or set FUNCNET_DATA to a folder that can be written."
    )
    assert mirror.asked == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into any folder")
def test_a_folder_that_cannot_be_written_is_named(mirror: Mirror, folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    with pytest.raises(DataError, match=f"{folder} cannot be written .Permission denied."):
        contents(tiny(mirror.offer("/x", answer(PACKED))), folder)
    assert mirror.asked == []
