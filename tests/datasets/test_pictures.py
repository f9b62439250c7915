"""Zip files of pictures: right when right, one named error when wrong."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from funcnet_utils.datasets import load_dataset
from funcnet_utils.datasets.pictures import GROUND, LARGEST_PICTURE, picture, read_pictures
from funcnet_utils.datasets.records import DataError

CLASSES = ("cat", "truck")


def jpeg(level: int, size: tuple[int, int] = (32, 32), mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, (level,) * 3 if mode == "RGB" else level).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def jpeg_files(part: str = "") -> dict[str, bytes]:
    """Two grey images of each class, written in reverse order."""
    return {
        f"{part}{name}/{number}.jpg": jpeg(100 * label + 20 * number)
        for label, name in reversed(list(enumerate(CLASSES)))
        for number in (1, 0)
    }


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_pictures_are_read_by_class_and_name(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", jpeg_files("train/") | jpeg_files("test/"))
    arrays = read_pictures(path)
    assert arrays["classes"].tolist() == list(CLASSES)
    for part in ("", "test_"):
        images, labels = arrays[f"{part}images"], arrays[f"{part}labels"]
        assert images.shape == (4, 32, 32, 3)
        assert images.dtype == np.uint8
        assert labels.tolist() == [0, 0, 1, 1]
        # at quality 95 the mean of a block is quantised in steps of 2 / 8 levels, then rounded
        for image, level in zip(images.astype(int), (0, 20, 100, 120), strict=True):
            assert abs(image - level).max() <= 1


def test_a_zip_is_a_data_set_of_ones_own(tmp_path: Path) -> None:
    files = {f"{name}/{number}.jpg": jpeg(99) for name in CLASSES for number in range(5)}
    data = load_dataset(str(write_zip(tmp_path / "pets.zip", files)))
    assert (len(data.train), len(data.test), data.classes) == (8, 2, CLASSES)


def claimed_huge() -> bytes:
    """A JPEG whose frame header claims 65,500 x 65,500 pixels."""
    content = bytearray(jpeg(9))
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = (65_500).to_bytes(2, "big") * 2
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (jpeg(9, (32, 31)), "x.zip has pictures of shapes .*(31, 32, 3).*: give one shape only"),
        (b"no picture", "x.zip/cat/1.jpg cannot be read"),
        (b"", "x.zip/cat/1.jpg cannot be read"),
        (jpeg(9)[:-200], "x.zip/cat/1.jpg cannot be read"),
        (claimed_huge(), "x.zip/cat/1.jpg cannot be read .*decompression bomb"),
        (bytes(LARGEST_PICTURE + 1), "x.zip has a file cat/1.jpg larger than 16,777,216 bytes"),
    ],
    ids=["size", "text", "empty", "truncated", "claims much", "large"],
)
def test_a_wrong_picture_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = write_zip(tmp_path / "x.zip", {**jpeg_files(), "cat/1.jpg": content})
    with pytest.raises(DataError, match=reason):
        read_pictures(path)


@pytest.mark.parametrize(
    "files",
    [
        jpeg_files("train/") | jpeg_files("test/"),
        {**jpeg_files("train/"), "train/whale/0.jpg": jpeg(5)},
    ],
)
def test_a_zip_that_is_not_cifar10_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    monkeypatch.setenv("FUNCNET_DATA", str(tmp_path))
    (tmp_path / "cifar10_jpeg").mkdir()
    write_zip(tmp_path / "cifar10_jpeg" / "cifar10_jpeg.zip", files)
    with pytest.raises(DataError, match=r"cifar10_jpeg\.zip"):
        load_dataset("cifar10_jpeg")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_picture_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", jpeg_files())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("cat/0.jpg", jpeg(0))
    assert len(read_pictures(path)["images"]) == 4


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"no archive")
    with pytest.raises(DataError, match=f"{path} cannot be read .*: move it away"):
        read_pictures(path)


def test_names_that_climb_out_of_a_zip_write_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    path = write_zip(folder / "x.zip", {"../climbed.jpg": jpeg(1), **jpeg_files("train/")})
    assert len(read_pictures(path)["images"]) == 4
    assert list(tmp_path.rglob("*")) == [folder, path]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_changed_byte_in_a_zip_never_changes_the_images(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    scratch = tmp_path_factory.getbasetemp()
    original = write_zip(scratch / "x.zip", jpeg_files())
    right = read_pictures(original)
    damaged = bytearray(original.read_bytes())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    path = scratch / "y.zip"
    path.write_bytes(damaged)
    try:
        found = read_pictures(path)
    except DataError:
        return
    if found["classes"].tolist() == list(CLASSES) and len(found["labels"]) == 4:
        np.testing.assert_array_equal(found["images"], right["images"])
        np.testing.assert_array_equal(found["labels"], right["labels"])


def decoded(image: Image.Image, kind: str = "PNG", **options: object) -> np.ndarray:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return picture(stream.getvalue(), Path("x"))


GREYS = np.arange(20, dtype=np.uint8).reshape(4, 5) * 12
COLOURS = np.stack([GREYS, GREYS[::-1], 255 - GREYS], axis=2)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_formats_without_loss_keep_every_pixel(kind: str) -> None:
    np.testing.assert_array_equal(decoded(Image.fromarray(GREYS), kind), GREYS)
    if kind != "GIF":
        np.testing.assert_array_equal(decoded(Image.fromarray(COLOURS), kind), COLOURS)


def test_webp_is_read() -> None:
    found = decoded(Image.fromarray(COLOURS), "WEBP", lossless=True)
    np.testing.assert_array_equal(found, COLOURS)


@pytest.mark.parametrize("ink", [0, 255])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_pixels_are_laid_on_grey(mode: str, ink: int) -> None:
    alpha = np.zeros((8, 8), np.uint8)
    alpha[2:4, 2:6] = 255
    if mode == "P":
        image = Image.fromarray(alpha // 255).convert("P")
        image.putpalette([ink] * 6)
        found = decoded(image, transparency=0)
    else:
        layers = [np.full_like(alpha, ink)] * (len(mode) - 1) + [alpha]
        found = decoded(Image.fromarray(np.dstack(layers)))
    np.testing.assert_array_equal(found.reshape(8, 8, -1)[..., 0], np.where(alpha, ink, GROUND[0]))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_wide_greys_keep_their_bits(kind: str) -> None:
    wide = GREYS.astype(np.uint16) * 256 + 7
    found = decoded(Image.fromarray(wide), kind)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, wide)


def test_one_bit_and_palettes_of_greys_are_grey() -> None:
    np.testing.assert_array_equal(decoded(Image.fromarray(GREYS > 99)), 255 * (GREYS > 99))
    palette = Image.fromarray(GREYS // 12)
    palette = palette.convert("P")
    palette.putpalette(np.repeat(np.arange(256), 3).astype(np.uint8).tobytes())
    np.testing.assert_array_equal(decoded(palette), GREYS // 12)


def test_a_camera_that_was_turned_is_honoured() -> None:
    image = Image.fromarray(GREYS)
    facts = image.getexif()
    facts[0x0112] = 6  # turn a quarter clockwise
    np.testing.assert_array_equal(decoded(image, "PNG", exif=facts), np.rot90(GREYS, -1))


def test_grey_pictures_beside_coloured_ones_become_coloured(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {**jpeg_files(), "cat/1.jpg": jpeg(9, mode="L")})
    assert read_pictures(path)["images"].shape == (4, 32, 32, 3)


def test_pictures_of_several_frames_or_floats_are_refused() -> None:
    frames = [Image.fromarray(GREYS), Image.fromarray(GREYS[::-1])]
    with pytest.raises(DataError, match="x has 2 pictures: give one"):
        decoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(DataError, match="pixels of mode F: save 8 or 16 bits"):
        decoded(Image.fromarray(GREYS / np.float32(255)), "TIFF")
