"""Readers of files: right on right files, one named error on every wrong one."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import tracemalloc
from pathlib import Path

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funcnet_utils.datasets.download import TAR_OVERHEAD, read_members
from funcnet_utils.datasets.layouts import parse_cifar, parse_idx
from funcnet_utils.datasets.records import DataError

CONTENT = bytes(range(256)) * 4
PATH = Path("folder/file")


def read(path: Path, name: str, **contents: bytes) -> list[bytes]:
    """Read a file that is published under a name and must contain these contents."""
    members = [
        (member, len(content), hashlib.sha256(content).hexdigest())
        for member, content in contents.items()
    ]
    found = read_members(path, name, members)
    assert list(found) == list(contents)
    return list(found.values())


def write_tar(path: Path, entries: list[tuple[tarfile.TarInfo | str, bytes]]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for entry, content in entries:
            info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


idx_arrays = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=4, max_side=6))


@given(idx_arrays)
def test_idx_round_trip(array: np.ndarray) -> None:
    ((kind, parsed),) = parse_idx(idx(array), str(PATH)).items()
    assert kind == ("images" if array.ndim > 2 else "labels")
    assert parsed.dtype == np.uint8
    np.testing.assert_array_equal(parsed, array[:, 0] if array.ndim == 2 else array)


@given(idx_arrays, st.data())
def test_truncated_idx_is_refused(array: np.ndarray, data: st.DataObject) -> None:
    content = idx(array)
    end = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(DataError, match="folder/file"):
        parse_idx(content[:end], PATH)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no IDX header"),
        (b"\x1f\x8b\x08\x00" + bytes(20), "begins with 1f8b0800, no IDX header"),
        (bytes([0, 0, 13, 1, 0, 0, 0, 1, 5]), "begins with 00000d01, no IDX header"),
        (bytes([0, 0, 8, 0, 5]), "begins with 00000800, no IDX header"),
        (
            bytes([0, 0, 8, 5]) + bytes([0, 0, 0, 1]) * 5 + b"5",
            "begins with 00000805, no IDX header",
        ),
        (idx(np.ones(3, np.uint8)) + b"\0", "has 12 bytes where its header asks for 11"),
        (bytes([0, 0, 8, 4]) + b"\xff" * 16, "asks for 340,282,"),
        (bytes([0, 0, 8, 1]) + bytes(4), r"asks for 8 \(0,\)"),
        (bytes([0, 0, 8, 3]) + bytes(4) + b"\xff" * 8, r"asks for 16 \(0, 4294967295"),
    ],
)
def test_corrupt_idx_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=f"folder/file .*{reason}.*: move it away"):
        parse_idx(content, PATH)


def test_cifar_planes_become_channels() -> None:
    planes = np.arange(2 * 3 * 32 * 32).reshape(2, 3, 32, 32).astype(np.uint8)
    planes[0, :, 4, 9] = (10, 20, 30)
    content = b"".join(bytes([label]) + planes[i].tobytes() for i, label in enumerate((7, 2)))
    images, labels = parse_cifar(content, PATH).values()
    assert images.shape == (2, 32, 32, 3)
    assert images[0, 4, 9].tolist() == [10, 20, 30]
    assert labels.tolist() == [7, 2]
    np.testing.assert_array_equal(images[1, :, :, 2], planes[1, 2])


@pytest.mark.parametrize("n_bytes", [0, 3072, 3075, 2 * 3073 - 1])
def test_cifar_of_broken_records_is_refused(n_bytes: int) -> None:
    with pytest.raises(DataError, match=f"folder/file has {n_bytes:,} bytes, no whole number"):
        parse_cifar(bytes(n_bytes), PATH)


def test_gzip_content_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "any-name"
    path.write_bytes(gzip.compress(CONTENT))
    assert read(path, "a.gz", a=CONTENT) == [CONTENT]


@pytest.mark.parametrize(
    ("compressed", "reason"),
    [
        (b"<html>log in first</html>", "cannot be decompressed .*a gzipped file"),
        (b"", r"contains another a than the original \(SHA-256\)"),
        (gzip.compress(CONTENT)[:-9], "cannot be decompressed"),
        (gzip.compress(CONTENT) + b"tail", "cannot be decompressed"),
        (gzip.compress(CONTENT[:-1]), r"contains another a than the original \(SHA-256\)"),
        (gzip.compress(CONTENT + b"x"), "contains more than 1,024 bytes"),
        (gzip.compress(CONTENT[::-1]), r"contains another a than the original \(SHA-256\)"),
    ],
    ids=["html", "empty", "truncated", "tail", "short", "long", "tampered"],
)
def test_wrong_gzip_is_refused(tmp_path: Path, compressed: bytes, reason: str) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(compressed)
    with pytest.raises(DataError, match=f"a.gz {reason}.*: move it away"):
        read(path, "a.gz", a=CONTENT)


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for name in ("a.gz", "a.tar.gz"):
        with pytest.raises(DataError, match=r"cannot be decompressed .*directory"):
            read(tmp_path, name, a=CONTENT)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formats")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_changed_byte_never_changes_the_content(scratch: Path, data: st.DataObject) -> None:
    write_tar(scratch / "source.tar.gz", [("a", CONTENT)])
    sources = {
        "b.gz": gzip.compress(CONTENT, mtime=0),
        "b.tar.gz": (scratch / "source.tar.gz").read_bytes(),
    }
    name = data.draw(st.sampled_from(sorted(sources)))
    damaged = bytearray(sources[name])
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    path = scratch / name
    path.write_bytes(damaged)
    try:
        found = read(path, name, a=CONTENT)
    except DataError:
        return
    assert found == [CONTENT]


@pytest.mark.parametrize(("name", "overhead"), [("a.gz", 0), ("a.tar.gz", TAR_OVERHEAD)])
def test_a_decompression_bomb_is_not_unpacked(tmp_path: Path, name: str, overhead: int) -> None:
    path = tmp_path / name
    size = 64 << 20
    if overhead:
        write_tar(path, [("a", bytes(size))])
    else:
        path.write_bytes(gzip.compress(bytes(size)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="contains more "):
            read(path, name, a=CONTENT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Twice what may be decompressed, plus 4 MiB for the buffers of gzip; the bomb has 64 MiB.
    assert peak < 2 * (len(CONTENT) + overhead) + (4 << 20)


def test_tar_members_come_in_the_order_of_the_record(tmp_path: Path) -> None:
    entries = [("b", b"second"), ("other", b"ignored"), ("a", CONTENT)]
    path = write_tar(tmp_path / "x.tar.gz", entries)
    assert read(path, "x.tar.gz", a=CONTENT, b=b"second") == [CONTENT, b"second"]


def entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "member",
    [
        "b",
        entry("a", tarfile.DIRTYPE),
        entry("a", tarfile.SYMTYPE, "/etc/passwd"),
        entry("a", tarfile.SYMTYPE, "a"),
        entry("a", tarfile.LNKTYPE, "a"),
    ],
    ids=["missing", "folder", "outside link", "link to itself", "hard link to itself"],
)
def test_a_tar_without_the_member_is_refused(tmp_path: Path, member: str | tarfile.TarInfo) -> None:
    path = write_tar(tmp_path / "x.tar.gz", [(member, b"")])
    with pytest.raises(DataError, match=r"x.tar.gz has no file a in it: move it away"):
        read(path, "x.tar.gz", a=CONTENT)


def test_names_that_climb_out_of_an_archive_write_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    entries = [("../climbed", b"x"), (str(tmp_path / "absolute"), b"x"), ("a", CONTENT)]
    path = write_tar(folder / "x.tar.gz", entries)
    assert read(path, "x.tar.gz", a=CONTENT) == [CONTENT]
    assert [each.name for each in tmp_path.iterdir()] == ["inner"]
    assert [each.name for each in folder.iterdir()] == ["x.tar.gz"]
