"""Data sets in the layouts in which they are published: the right pixels, labels and parts."""

import gzip
import io
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import scipy.io
import scipy.sparse
from PIL import Image

from funcnet_utils.datasets import (
    DataError,
    data_folder,
    dataset_identity,
    layouts,
    load_dataset,
    own,
)

RNG = np.random.default_rng(0)
LABELS = {"train": np.arange(30) % 3, "val": np.arange(9) % 3, "test": np.arange(6) % 3}


def pixels(part: str, *shape: int) -> np.ndarray:
    return np.random.default_rng(len(part)).integers(0, 256, (len(LABELS[part]), *shape), np.uint8)


def check(found, shape, train="train", test="test", n_classes=3):
    """Compare both parts of a data set with the pixels and labels that were written."""
    assert (found.shape, found.n_classes) == (shape, n_classes)
    for part, split in ((train, found.train), (test, found.test)):
        np.testing.assert_array_equal(split.labels, LABELS[part])
        right = pixels(part, *shape).reshape(len(split), -1) / np.float32(255)
        np.testing.assert_array_equal(split.images, right)


def idx(array: np.ndarray) -> bytes:
    kind = {"uint8": 8, "int32": 12}[array.dtype.name]
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return (
        bytes([0, 0, kind, array.ndim])
        + sizes
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


def png(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("colour", [(), (3,)])
@pytest.mark.parametrize("one_axis", [False, True])
@pytest.mark.parametrize(
    ("images", "labels"), [("{}_images", "{}_labels"), ("x_{}", "y_{}"), ("X_{}", "Y_{}")]
)
def test_medmnist_and_keras(tmp_path, colour, one_axis, images, labels):
    arrays = {}
    for part in ("train", "test"):
        found = pixels(part, 5, 4, *colour)
        arrays[images.format(part)] = found[..., None] if one_axis and not colour else found
        arrays[labels.format(part)] = LABELS[part][:, None]
    np.savez(tmp_path / "x.npz", **arrays)
    check(load_dataset(str(tmp_path / "x.npz")), (5, 4, *colour))


def test_validation_images_test_where_there_are_no_others_and_are_else_told(tmp_path):
    arrays = {f"{p}_images": pixels(p, 5, 4) for p in LABELS} | {
        f"{p}_labels": LABELS[p] for p in LABELS
    }
    np.savez(tmp_path / "three.npz", **arrays)
    with pytest.warns(UserWarning, match="its 9 images for validation are left out"):
        check(load_dataset(str(tmp_path / "three.npz")), (5, 4))
    two = {name: array for name, array in arrays.items() if "test" not in name}
    np.savez(tmp_path / "two.npz", **two)
    check(load_dataset(str(tmp_path / "two.npz")), (5, 4), test="val")


@pytest.mark.parametrize("packed", [False, True])
def test_svhn(tmp_path, packed):
    for part in ("train", "test"):
        facts = {"X": np.moveaxis(pixels(part, 4, 4, 3), 0, -1)}
        facts["y"] = np.where(LABELS[part] == 0, 10, LABELS[part])[:, None].astype(np.uint8)
        scipy.io.savemat(tmp_path / f"{part}_32x32.mat", facts, do_compression=packed)
    check(load_dataset(f"{tmp_path}/"), (4, 4, 3))


@pytest.mark.parametrize("packed", [False, True])
def test_mat_files_are_read_as_scipy_reads_them(tmp_path, packed):
    """Arrays of real numbers; whatever else is there is left out."""
    kinds = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
    facts = {
        f"of_{kind}": RNG.integers(0, 99, (2, 3, 4)[: k % 2 + 2]).astype(kind)
        for k, kind in enumerate(kinds)
    }
    facts |= {
        "one": np.array([[3]]),
        "x": np.zeros((0, 2)),
        "a_name_of_31_letters_" + "x" * 10: np.eye(3),
    }
    others = {
        "words": "abc",
        "complex": np.eye(2) * 1j,
        "struct": {"a": 1},
        "sparse": scipy.sparse.eye_array(3),
    }
    scipy.io.savemat(tmp_path / "x.mat", facts | others, do_compression=packed)
    found = layouts.mat_arrays(memoryview((tmp_path / "x.mat").read_bytes()))
    known = scipy.io.loadmat(tmp_path / "x.mat")
    assert found.keys() == facts.keys()
    for name, array in found.items():
        np.testing.assert_array_equal(array, known[name], strict=True)


@pytest.mark.parametrize("packed", [False, True])
def test_kmnist(tmp_path, packed):
    for part, name in (("train", "train"), ("test", "t10k")):
        for kind, array in (
            ("images-idx3", pixels(part, 4, 5)),
            ("labels-idx1", LABELS[part].astype(np.uint8)),
        ):
            file = tmp_path / f"{name}-{kind}-ubyte{'.gz' * packed}"
            file.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
            packed_beside = tmp_path / f"{name}-{kind}-ubyte.gz"  # as torchvision leaves them
            packed_beside.write_bytes(gzip.compress(idx(array)))
    check(load_dataset(tmp_path), (4, 5))


def test_kmnist_as_npz(tmp_path):
    for part in ("train", "test"):
        np.savez(tmp_path / f"kmnist-{part}-imgs.npz", pixels(part, 4, 5))
        np.savez(tmp_path / f"kmnist-{part}-labels.npz", LABELS[part])
    check(load_dataset(tmp_path), (4, 5))


def test_qmnist_has_eight_numbers_for_each_digit_of_which_the_first_is_the_class(tmp_path):
    for part in ("train", "test"):
        table = RNG.integers(0, 9999, (len(LABELS[part]), 8)).astype(np.int32)
        table[:, 0] = LABELS[part]
        images, labels = (f"qmnist-{part}-{k}.gz" for k in ("images-idx3-ubyte", "labels-idx2-int"))
        (tmp_path / images).write_bytes(gzip.compress(idx(pixels(part, 4, 5))))
        (tmp_path / labels).write_bytes(gzip.compress(idx(table)))
    check(load_dataset(str(tmp_path)), (4, 5))


def emnist(folder: Path, name: str, first: int) -> None:
    for part in ("train", "test"):
        turned = pixels(part, 4, 4).transpose(0, 2, 1)
        labels = (LABELS[part] + first).astype(np.uint8)
        for kind, array in (("images-idx3", turned), ("labels-idx1", labels)):
            (folder / f"emnist-{name}-{part}-{kind}-ubyte").write_bytes(
                idx(np.ascontiguousarray(array))
            )


def test_emnist_is_turned_its_letters_begin_at_1_and_each_set_has_a_folder(tmp_path):
    emnist(tmp_path, "letters", 1)
    with pytest.warns(UserWarning, match="transposed"):
        found = load_dataset(str(tmp_path))
    check(found, (4, 4))
    assert found.classes == ("1", "2", "3")
    emnist(tmp_path, "digits", 0)
    with (
        pytest.warns(UserWarning, match="transposed"),
        pytest.raises(DataError, match="more than one data set, emnist-digits-test-images"),
    ):
        load_dataset(str(tmp_path))


@pytest.mark.parametrize("fine", [False, True])
def test_cifar(tmp_path, fine):
    def records(part, rows):
        planes = pixels(part, 32, 32, 3)[rows].transpose(0, 3, 1, 2).reshape(-1, 3072)
        labels = LABELS[part][rows, None].astype(np.uint8)
        return np.hstack([*([labels * 0 + 9] if fine else []), labels, planes]).astype(np.uint8)

    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    meta = "fine_label_names.txt" if fine else "batches.meta.txt"
    (folder / meta).write_text("apple\nboat\ncar\n\n")
    for k in range(3):
        rows = slice(10 * k, 10 * (k + 1))
        (folder / f"data_batch_{k + 1}.bin").write_bytes(records("train", rows).tobytes())
    (folder / "test_batch.bin").write_bytes(records("test", slice(None)).tobytes())
    check(load_dataset(str(folder)), (32, 32, 3))
    check(load_dataset(str(tmp_path)), (32, 32, 3))
    assert load_dataset(tmp_path).classes == ("apple", "boat", "car")


def test_kaggle(tmp_path):
    for part in ("train", "test"):
        table = pd.DataFrame(pixels(part, 4, 4).reshape(-1, 16)).add_prefix("pixel")
        table.insert(0, "label", LABELS[part])
        table.to_csv(tmp_path / f"fashion-mnist_{part}.csv", index=False)
    check(load_dataset(str(tmp_path)), (4, 4))
    pd.DataFrame(pixels("test", 4, 4).reshape(-1, 16)).to_csv(tmp_path / "test.csv", index=False)
    (tmp_path / "sample.png").write_bytes(png(pixels("test", 4, 4)[0]))
    with pytest.warns(UserWarning, match="no column label .* first are 0, 1, 2|sample.png is left"):
        check(load_dataset(f"{tmp_path}/"), (4, 4))


def test_one_table_holds_out_its_last_fifth(tmp_path):
    table = pd.DataFrame(pixels("train", 4, 4).reshape(-1, 16))
    table.insert(0, "label", np.array(["cat", "dog", "elk"])[LABELS["train"]])
    table.to_csv(tmp_path / "mine.csv", index=False)
    found = load_dataset(str(tmp_path / "mine.csv"))
    assert found.classes == ("cat", "dog", "elk")
    assert found.test.labels.tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("column", ["image", "img"])
def test_parquet(tmp_path, column):
    for part in ("train", "test"):
        cells = [{"bytes": png(each), "path": None} for each in pixels(part, 4, 5)]
        table = pa.table({column: cells, "label": LABELS[part]})
        features = {"label": {"names": ["cat", "dog", "elk"], "_type": "ClassLabel"}}
        facts = {"huggingface": json.dumps({"info": {"features": features}})}
        pa.parquet.write_table(
            table.replace_schema_metadata(facts), tmp_path / f"{part}-00000-of-00001.parquet"
        )
    found = load_dataset(str(tmp_path))
    check(found, (4, 5))
    assert found.classes == ("cat", "dog", "elk")


def folders(root: Path, tree: dict[str, int], shape=(4, 5)) -> str:
    """Write pictures of random pixels into folders."""
    for name, count in tree.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for k in range(count):
            Image.fromarray(RNG.integers(0, 256, shape, np.uint8)).save(root / name / f"{k}.png")
    return str(root)


@pytest.mark.parametrize(
    ("tree", "counts", "classes"),
    [
        ({"a": 5, "b": 5}, (8, 2), "a b"),
        ({"train/a": 5, "train/b": 5, "val/a": 2, "val/b": 1}, (10, 3), "a b"),
        ({"training/a": 5, "training/b": 5, "testing/a": 2, "testing/b": 1}, (10, 3), "a b"),
        ({"train": 5, "plane": 5, "car": 5}, (12, 3), "car plane train"),
        ({"pets/a": 5, "pets/b": 5}, (8, 2), "a b"),
        ({"archive/pets/train/a": 5, "archive/pets/train/b": 5}, (8, 2), "a b"),
        ({"train/a": 5, "train/b": 5, "test/a": 1}, (10, 1), "a b"),
        ({"a/deep": 5, "b": 5}, (8, 2), "a b"),
    ],
)
def test_folders_are_read_as_people_mean_them(tmp_path, tree, counts, classes):
    found = load_dataset(folders(tmp_path, tree))
    assert (len(found.train), len(found.test)) == counts
    assert found.classes == tuple(classes.split())


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"train/a": 5, "train/b": 5, "test/a": 1, "test/c": 1}, "'c' without training images"),
        ({"train/a": 5, "train/b": 5, "test/a": 1, "test/b": 0}, "test/b has no picture"),
        ({"train": 5, "test": 5}, "folders test, train: give one folder for each class, or"),
        ({"test/a": 5, "test/b": 5}, "folders test: give"),
        ({"train/a": 5, "train/b": 5, "cat": 5}, "folders cat, train: give"),
        ({"train/a": 5, "train/b": 5, "test/a": 1, "testing/a": 1}, "folders test, testing, train"),
        (
            {"x_train/in/a": 5, "x_train/in/b": 5, "x_test/in/a": 5, "x_test/in/b": 5},
            "call it train",
        ),
    ],
)
def test_folders_that_mean_nothing_are_named(tmp_path, tree, message):
    with pytest.raises(DataError, match=message):
        load_dataset(folders(tmp_path, tree))


def test_validation_beside_both_is_told(tmp_path):
    tree = {f"{part}/{name}": 5 for part in ("train", "val", "test") for name in "ab"}
    with pytest.warns(UserWarning, match="its 10 images for validation are left out"):
        assert len(load_dataset(folders(tmp_path, tree)).test) == 10


def test_what_systems_leave_behind_is_ignored_and_what_is_no_picture_is_told(tmp_path):
    path = folders(
        tmp_path, {"a": 5, "b": 5, ".ipynb_checkpoints": 2, "a/.hidden": 1, "__MACOSX/a": 2}
    )
    (tmp_path / "a" / "._0.png").write_bytes(b"\0\5\x16\7")
    (tmp_path / "b" / "Thumbs.db").write_bytes(b"thumbs")
    before = dataset_identity(path)
    found = load_dataset(path)
    assert (len(found.train), len(found.test), found.classes) == (8, 2, ("a", "b"))
    (tmp_path / "a" / ".DS_Store").write_bytes(b"store")
    assert dataset_identity(path) == before
    (tmp_path / "a" / "drawing.svg").write_text("<svg/>")
    with pytest.warns(UserWarning, match=r"1 files .* left out, among them a/drawing\.svg"):
        load_dataset(path)


@pytest.mark.parametrize("name", ["data_batch_1", "train", "mnist.pkl"])
def test_pickles_are_never_read(tmp_path, name):
    (tmp_path / name).write_bytes(pickle.dumps({"data": [1]}))
    with pytest.raises(DataError, match=rf"Python pickle, {name}, .* \(cifar-10-binary"):
        load_dataset(f"{tmp_path}/")
    with pytest.raises(DataError, match="Python pickle"):
        load_dataset(str(tmp_path / name))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": None, "labels": None, "arr_1": np.zeros((5, 4))}, r"arrays: arr_1 \(5, 4\)"),
        ({"images": pixels("train", 4, 4).astype(int)}, r"are int64 from \d+ to 25\d: give bytes"),
        ({"labels": np.zeros((30, 14))}, "several labels for each"),
        ({"classes": np.array(["a", "a", "b"])}, "name each class once"),
        ({"images": pixels("train", 4, 4) % 2}, "reach 1 of 255"),
        ({"images": pixels("train", 4, 4) % 17}, "images / 16"),
        ({"test_images": pixels("test", 4, 4), "test_labels": LABELS["test"] + 1}, "class 3 has"),
    ],
)
def test_arrays_that_have_no_answer_are_named(tmp_path, changes, message):
    arrays = {"images": pixels("train", 4, 4), "labels": LABELS["train"]} | changes
    kept = {name: array for name, array in arrays.items() if array is not None}
    np.savez(tmp_path / "x.npz", **kept)
    with pytest.raises(DataError, match=message):
        load_dataset(str(tmp_path / "x.npz"))


def test_truth_values_are_pictures_and_16_bits_are_scaled_by_their_range(tmp_path):
    images = pixels("train", 4, 4)
    for name, array, white in (
        ("truth", images > 99, 1),
        ("wide", images.astype(np.uint16) * 257, 65535),
    ):
        np.savez(tmp_path / f"{name}.npz", images=array, labels=LABELS["train"])
        found = load_dataset(str(tmp_path / f"{name}.npz")).train.images
        np.testing.assert_allclose(found, array[:24].reshape(24, -1) / white, rtol=1e-6)


def test_constant_pictures_are_told(tmp_path):
    images = pixels("train", 4, 4)
    images[:7] = 9
    np.savez(tmp_path / "x.npz", images=images, labels=LABELS["train"])
    with pytest.warns(UserWarning, match="7 of 30 images have one value only"):
        load_dataset(str(tmp_path / "x.npz"))


def test_a_path_without_a_separator_gets_a_hint(tmp_path, monkeypatch):
    folders(tmp_path / "shapes", {"a": 5, "b": 5})
    folders(tmp_path / "digits", {"a": 5, "b": 5})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"write '\./shapes'"):
        load_dataset("shapes")
    assert load_dataset("digits").classes == tuple("0123456789")
    assert load_dataset("./digits").classes == ("a", "b")


@pytest.mark.parametrize("name", ["/", "../", "../..", "~/"])
def test_no_disk_is_searched(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="contains more than a data set"):
        load_dataset(name)


def test_special_files_are_no_data(tmp_path):
    path = folders(tmp_path, {"a": 5, "b": 5})
    os.mkfifo(tmp_path / "a" / "pipe.png")
    assert len(load_dataset(path).train) == 8
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(DataError, match="there is no data set at"):
        own.find_own(str(tmp_path / "pipe.npz"))


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_the_original_files_are_read_as_the_data_set_of_that_name(name):
    path = data_folder() / name
    if not list(path.glob("*.gz")):  # a download that failed leaves the folder
        pytest.skip(f"{path} is missing; set FUNCNET_DATA to a folder that has it")
    known, read = load_dataset(name), load_dataset(str(path))
    for one, other in ((known.train, read.train), (known.test, read.test)):
        np.testing.assert_array_equal(one.images, other.images)
        np.testing.assert_array_equal(one.labels, other.labels)


def test_two_sets_in_one_folder_are_not_mixed(tmp_path):
    for name in ("path", "blood"):
        np.savez(
            tmp_path / f"{name}mnist.npz", x_train=pixels("train", 4, 4), y_train=LABELS["train"]
        )
    with pytest.raises(DataError, match="more than one data set"):
        load_dataset(f"{tmp_path}/")


@pytest.mark.parametrize(
    ("kind", "names", "message"),
    [(np.uint16, "ab", "images have shapes and types"), (np.uint8, "ac", "name other classes")],
)
def test_files_of_one_series_have_one_type_and_the_same_classes(tmp_path, kind, names, message):
    for number, (its_kind, its) in enumerate(((np.uint8, "ab"), (kind, names))):
        arrays = {"images": pixels("train", 4, 4).astype(its_kind), "labels": LABELS["train"] % 2}
        np.savez(tmp_path / f"train{number}.npz", classes=np.array(list(its)), **arrays)
    with pytest.raises(DataError, match=message):
        load_dataset(f"{tmp_path}/")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(("mnistTest.csv", "test_"), ("t10k-images", "test_"), ("latest.csv", "")),
        *(("training_values.csv", ""), ("dev.csv", "val_"), ("validation-0.parquet", "val_")),
    ],
)
def test_names_tell_the_parts(name, part):
    assert layouts.part_of(name) == part


def test_labels_may_be_names_beside_classes(tmp_path):
    names = np.array(["cat", "dog", "elk"])
    arrays = {"images": pixels("train", 4, 4), "labels": names[LABELS["train"]], "classes": names}
    np.savez(tmp_path / "x.npz", **arrays)
    assert load_dataset(str(tmp_path / "x.npz")).classes == ("cat", "dog", "elk")


def test_class_names_may_be_bytes(tmp_path):
    labels = np.array([b"a", b"b", b"c"])[LABELS["train"]]
    np.savez(tmp_path / "x.npz", images=pixels("train", 4, 4), labels=labels)
    assert load_dataset(tmp_path / "x.npz").classes == ("a", "b", "c")


def test_what_cannot_be_opened_is_named(tmp_path):
    path = folders(tmp_path, {"a": 5, "b": 5})
    (tmp_path / "a" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(DataError, match=r"a/gone\.png is a link to nothing"):
        load_dataset(path)
    (tmp_path / "a" / "gone.png").unlink()
    os.rename(os.fsencode(tmp_path / "a" / "0.png"), os.fsencode(tmp_path / "a") + b"/\xff.png")
    assert len(load_dataset(path).train) == 8  # a name that is no UTF-8
    (tmp_path / "b" / "1.png").chmod(0)
    if os.access(tmp_path / "b" / "1.png", os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(DataError, match="permission to read"):
        load_dataset(path)
