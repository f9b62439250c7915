"""Files that are what they should be one by one, but not together; names nobody knows."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from funcnet_utils.datasets import DataError, data_folder, load_dataset
from funcnet_utils.datasets.catalogue import DIGITS, REMOTES, Member, Remote, RemoteFile

GOOD = {
    "train-images": np.arange(3 * 4, dtype=np.uint8).reshape(3, 2, 2),
    "train-labels": np.array([0, 9, 4], dtype=np.uint8),
    "test-images": np.full((2, 2, 2), 255, dtype=np.uint8),
    "test-labels": np.array([1, 1], dtype=np.uint8),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FUNCNET_DATA", str(tmp_path))
    return tmp_path


def place(root: Path, monkeypatch: pytest.MonkeyPatch, **changed: np.ndarray) -> None:
    """Put a tiny data set where `mnist` is looked for, and make it the expected content."""
    (root / "mnist").mkdir()
    files = []
    for name, array in (GOOD | {key.replace("_", "-"): changed[key] for key in changed}).items():
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        content = bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()
        (root / "mnist" / f"{name}.gz").write_bytes(gzip.compress(content))
        member = Member(name, len(content), hashlib.sha256(content).hexdigest())
        files.append(RemoteFile(f"{name}.gz", (), (member,)))
    monkeypatch.setitem(REMOTES, "mnist", Remote("mnist", tuple(files), (2, 2), DIGITS, "a test"))


def test_files_that_fit_are_loaded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(root, monkeypatch)
    dataset = load_dataset("mnist")
    assert dataset.train.labels.tolist() == [0, 9, 4]
    assert dataset.test.images.tolist() == [[1.0] * 4] * 2
    np.testing.assert_array_equal(
        dataset.train.images, np.arange(12, dtype=np.float32).reshape(3, 4) / np.float32(255)
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"train_labels": np.array([0, 10, 4], np.uint8)}, "the label 10 of 10 classes"),
        ({"test_labels": np.array([255, 1], np.uint8)}, "the label 255 of 10 classes"),
        ({"train_labels": np.array([0, 9], np.uint8)}, "3 images and labels of (2,)"),
        ({"test_labels": np.zeros((2, 1), np.uint8)}, "2 images and labels of (2, 1)"),
        ({"test_images": np.ones((2, 2, 3), np.uint8)}, "images of shape (2, 3), not (2, 2)"),
        ({"train_images": np.ones(3, np.uint8)}, "images of shape (), not (2, 2)"),
    ],
    ids=["label 10", "label 255", "two labels", "label table", "wide", "flat"],
)
def test_files_that_do_not_fit_are_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, np.ndarray], reason: str
) -> None:
    place(root, monkeypatch, **changed)
    with pytest.raises(DataError) as caught:
        load_dataset("mnist")
    assert f"{root / 'mnist'} holds {reason}: move it away" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("MNIST", "did you mean 'mnist'"),
        ("fashion-mnist", "did you mean 'fashion_mnist'"),
        ("", "choose from mnist_5k, digits"),
        (None, "choose from mnist_5k, digits"),
        (["mnist"], "no data set ['mnist']"),
    ],
)
def test_what_is_no_name_is_refused(name: object, remedy: str) -> None:
    with pytest.raises(ValueError) as caught:
        load_dataset(name)  # type: ignore[arg-type]
    assert remedy in str(caught.value)


def test_the_data_folder_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("FUNCNET_DATA", "~/data")
    assert data_folder() == tmp_path / "data"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FUNCNET_DATA", "here")
    assert data_folder() == tmp_path / "here"
