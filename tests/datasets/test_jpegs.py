"""A zip of JPEG files: right when right, one named error when wrong."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from funcnet_utils.datasets.formats import read_jpegs
from funcnet_utils.datasets.records import DataError

CLASSES = ("truck", "cat")


def jpeg(level: int, size: tuple[int, int] = (32, 32), mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, (level,) * 3 if mode == "RGB" else level).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def jpeg_files() -> dict[str, bytes]:
    """Two grey images a class, written in reverse order."""
    return {
        f"train/{name}/{number}.jpg": jpeg(100 * label + 20 * number)
        for label, name in reversed(list(enumerate(CLASSES)))
        for number in (1, 0)
    }


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_jpegs_are_read_by_class_and_name(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"test/cat/0.jpg": jpeg(255), **jpeg_files()})
    images, labels = read_jpegs(path, "train", CLASSES, 2)
    assert images.shape == (4, 32, 32, 3)
    assert images.dtype == np.uint8
    assert labels.tolist() == [0, 0, 1, 1]
    # At quality 95 the mean of a block is quantised in steps of 2 / 8 levels, then rounded.
    for image, level in zip(images.astype(int), (0, 20, 100, 120), strict=True):
        assert abs(image - level).max() <= 1


def claimed_huge() -> bytes:
    """A JPEG whose frame header claims 65,500 x 65,500 pixels."""
    content = bytearray(jpeg(9))
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = (65_500).to_bytes(2, "big") * 2
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (jpeg(9, (32, 31)), r"of size \(32, 31\), not 32 x 32 in colour"),
        (jpeg(9, mode="L"), "not 32 x 32 in colour"),
        (b"no picture", "no readable JPEG"),
        (b"", "no readable JPEG"),
        (jpeg(9)[:-200], "no readable JPEG"),
        (claimed_huge(), "no readable JPEG"),
        (bytes(1 << 20), "too large for a 32 x 32 JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "no readable JPEG"),
    ],
    ids=["size", "grey", "text", "empty", "truncated", "claims much", "large", "png"],
)
def test_a_wrong_jpeg_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = write_zip(tmp_path / "x.zip", {**jpeg_files(), "train/cat/1.jpg": content})
    with pytest.raises(DataError, match=f"x.zip holds train/cat/1.jpg.*{reason}"):
        read_jpegs(path, "train", CLASSES, 2)


def test_a_zip_without_an_image_is_refused(tmp_path: Path) -> None:
    files = jpeg_files()
    del files["train/cat/0.jpg"]
    path = write_zip(tmp_path / "x.zip", files)
    with pytest.raises(DataError, match=r"x\.zip holds 1 images in train/cat, not 2"):
        read_jpegs(path, "train", CLASSES, 2)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_image_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", jpeg_files())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("train/cat/0.jpg", jpeg(0))
        archive.writestr("train/truck/2.jpg", jpeg(0))
    with pytest.raises(DataError, match="holds 3 images in train/truck, not 2"):
        read_jpegs(path, "train", CLASSES, 2)
    with pytest.raises(DataError, match="holds 2 images in train/cat, not 3"):
        read_jpegs(path, "train", CLASSES[1:], 3)


def test_images_of_an_unknown_class_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {**jpeg_files(), "train/whale/0.jpg": jpeg(5)})
    with pytest.raises(DataError) as caught:
        read_jpegs(path, "train", CLASSES, 2)
    assert str(caught.value) == (
        f"{path} holds 1 images of no known class in train: move it away and put the original "
        "file there."
    )


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"no archive")
    for wrong in (path, tmp_path):
        with pytest.raises(DataError, match=f"{wrong} is no readable zip file"):
            read_jpegs(wrong, "train", CLASSES, 2)


def test_names_that_climb_out_of_a_zip_write_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    path = write_zip(folder / "x.zip", {"../climbed.jpg": jpeg(1), **jpeg_files()})
    read_jpegs(path, "train", CLASSES, 2)
    assert list(tmp_path.rglob("*")) == [folder, path]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_changed_byte_in_a_zip_never_changes_the_images(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    scratch = tmp_path_factory.getbasetemp()
    original = write_zip(scratch / "x.zip", jpeg_files())
    images, labels = read_jpegs(original, "train", CLASSES, 2)
    damaged = bytearray(original.read_bytes())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    path = scratch / "y.zip"
    path.write_bytes(damaged)
    try:
        found = read_jpegs(path, "train", CLASSES, 2)
    except DataError:
        return
    np.testing.assert_array_equal(found[0], images)
    np.testing.assert_array_equal(found[1], labels)
