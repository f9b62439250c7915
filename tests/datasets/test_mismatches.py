"""Files of a data set together; names nobody knows."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from funcnet_utils.datasets import data_folder, load_dataset
from funcnet_utils.datasets.download import REMOTES

GOOD = {
    "train-images": np.arange(40 * 4, dtype=np.uint8).reshape(40, 2, 2),
    "train-labels": np.repeat(np.arange(10, dtype=np.uint8), 4),
    "test-images": np.full((2, 2, 2), 255, dtype=np.uint8) - np.eye(2, dtype=np.uint8),
    "test-labels": np.array([1, 1], dtype=np.uint8),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FUNCNET_DATA", str(tmp_path))
    return tmp_path


def place(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a tiny data set where `mnist` is looked for, and make it the expected content."""
    (root / "mnist").mkdir()
    files = {}
    for name, array in GOOD.items():
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        content = bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()
        (root / "mnist" / f"{name}.gz").write_bytes(gzip.compress(content))
        files[f"{name}.gz"] = [(name, len(content), hashlib.sha256(content).hexdigest())]
    monkeypatch.setitem(REMOTES, "mnist", REMOTES["mnist"] | {"mirrors": [], "files": files})


def test_files_that_fit_are_loaded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(root, monkeypatch)
    dataset = load_dataset("mnist")
    assert dataset.train.labels.tolist() == GOOD["train-labels"].tolist()
    np.testing.assert_array_equal(dataset.test.images * 255, [[254, 255, 255, 254]] * 2)
    np.testing.assert_array_equal(
        dataset.train.images, np.arange(160, dtype=np.float32).reshape(40, 4) / np.float32(255)
    )


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
