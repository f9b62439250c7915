"""A data set of one's own: what is read, what is refused, and that results know its content."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from funcnet_utils.datasets import DataError, load_dataset, own
from funcnet_utils.studies.config import StudyConfig

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (30, 4, 3), dtype=np.uint8)
LABELS = np.arange(30) % 3


@pytest.fixture
def saved(tmp_path):
    def save(**changes):
        arrays = {"images": IMAGES, "labels": LABELS} | changes
        path = tmp_path / "mine.npz"
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
        return str(path)

    return save


def test_npz_is_split_by_class_in_file_order(saved):
    data = load_dataset(saved(classes=np.array(["a", "b", "c"])))
    assert (data.name, data.shape, data.classes) == ("mine", (4, 3), ("a", "b", "c"))
    assert data.test.labels.tolist() == [0, 1, 2, 0, 1, 2]
    np.testing.assert_array_equal(data.test.images, (IMAGES[24:].reshape(6, -1) / np.float32(255)))
    np.testing.assert_array_equal(data.train.labels, LABELS[:24])


def test_npz_with_its_own_test_set_and_floats(saved):
    grey = (IMAGES / 255).astype(np.float64)
    data = load_dataset(saved(images=grey, test_images=grey[:2], test_labels=LABELS[:2]))
    assert (len(data.train), len(data.test)) == (30, 2)
    np.testing.assert_allclose(data.test.images, grey[:2].reshape(2, -1), atol=1e-7)


@pytest.mark.parametrize("parts", [("",), ("train", "test")])
@pytest.mark.parametrize("colour", [False, True])
def test_folder_of_pictures(tmp_path, parts, colour):
    pictures = RNG.integers(0, 256, (2, 5, 6, 7, 3)[: 5 if colour else 4], dtype=np.uint8)
    for part in parts:
        for name, rows in zip(("cat", "dog"), pictures, strict=True):
            folder = tmp_path / "pets" / part / name
            folder.mkdir(parents=True)
            for number, pixels in enumerate(rows):
                Image.fromarray(pixels).save(folder / f"{number}.png")
    data = load_dataset(str(tmp_path / "pets"))
    assert data.classes == ("cat", "dog")
    assert data.shape == ((6, 7, 3) if colour else (6, 7))
    last = data.test.images[data.test.labels == 1][-1]
    np.testing.assert_allclose(last * 255, pictures[1, -1].ravel(), atol=1e-4)
    assert len(data.test) == (2 if parts == ("",) else 10)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": None}, "has no array images"),
        ({"test_images": IMAGES}, "has no array test_labels"),
        ({"images": IMAGES.astype(float)}, r"float64 from 0.0 to 255.0: .* in \[0, 1\]"),
        ({"images": np.full((30, 2, 2), np.nan)}, "float64 from nan to nan"),
        ({"images": IMAGES.astype(np.int64)}, "give bytes"),
        ({"images": IMAGES[:, 0]}, r"shape \(30, 3\)"),
        ({"labels": LABELS[:5]}, "give 30 whole numbers"),
        ({"labels": LABELS - 1}, "whole numbers from 0"),
        ({"labels": LABELS / 2}, "whole numbers from 0"),
        ({"labels": np.zeros(30, int)}, "at least 2 classes"),
        ({"classes": np.array(["a"])}, "name each class once"),
        ({"labels": np.array([{}] * 30, dtype=object)}, "plain arrays"),
    ],
)
def test_wrong_npz_gets_one_sentence(saved, changes, message):
    with pytest.raises(DataError, match=message) as fault:
        load_dataset(saved(**changes))
    assert "mine.npz" in str(fault.value)


def test_wrong_folders(tmp_path):
    with pytest.raises(DataError, match="there is no data set at"):
        load_dataset(str(tmp_path / "nowhere"))
    (tmp_path / "pets").mkdir()
    with pytest.raises(DataError, match="no folders of pictures: give one for each class"):
        load_dataset(str(tmp_path / "pets"))
    (tmp_path / "pets" / "cat").mkdir()
    with pytest.raises(DataError, match="has no picture"):
        load_dataset(str(tmp_path / "pets"))
    (tmp_path / "pets" / "cat" / "1.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"1\.png cannot be read"):
        load_dataset(str(tmp_path / "pets"))
    for number in (1, 2):
        Image.new("L", (number, 4)).save(tmp_path / "pets" / "cat" / f"{number}.png")
    with pytest.raises(DataError, match="one shape only"):
        load_dataset(str(tmp_path / "pets"))


def test_results_depend_on_the_content_and_not_on_the_place(saved, tmp_path, monkeypatch):
    first = StudyConfig(dataset=saved())
    start = first.hash
    assert first.as_dict()["dataset"] == "mine.npz"
    moved = tmp_path / "elsewhere" / "mine.npz"
    moved.parent.mkdir()
    moved.write_bytes((tmp_path / "mine.npz").read_bytes())
    assert StudyConfig(dataset=str(moved)).hash == start
    monkeypatch.setenv("FUNCNET_DATA", str(moved.parent))
    assert StudyConfig(dataset="mine.npz").hash == start
    changed = IMAGES.copy()
    changed[0, 0, 0] += 1
    assert StudyConfig(dataset=saved(images=changed)).hash != start
    with pytest.raises(ValueError, match="there is no data set at"):
        StudyConfig(dataset="not_there.npz")


def test_content_is_hashed_once_a_file_and_time_stamp(tmp_path, monkeypatch):
    file = tmp_path / "data.bin"
    file.write_bytes(b"one")
    before = own.file_digest(file)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", None)
        assert own.file_digest(file) == before
    file.write_bytes(b"other")
    assert own.file_digest(file) != before
