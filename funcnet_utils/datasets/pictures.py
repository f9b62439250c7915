"""Pictures of one size in folders of classes, as files or within a zip file."""

from __future__ import annotations

import os
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np

from funcnet_utils.datasets.records import Arrays, DataError, broken, decoding

KINDS = ("PNG", "JPEG", "BMP", "WEBP", "TIFF", "GIF")
PICTURE = re.compile(r"\.(png|jpe?g|bmp|webp|tiff?|gif)$", re.IGNORECASE)
HIDDEN = re.compile(r"(^|/)(\.|__MACOSX(/|$)|(Thumbs\.db|desktop\.ini)$)", re.IGNORECASE)
PARTS = {"train": "", "training": "", "test": "test_", "testing": "test_"}
PARTS |= dict.fromkeys(("val", "valid", "validation"), "val_")
GROUND = (128, 128, 128, 255)  # grey, so that neither black nor white strokes vanish on it
LARGEST_PICTURE = 1 << 24
DEPTH, MOST = 6, 2_000_000  # folders below a folder, and entries in all


def names_in(folder: Path) -> list[str]:
    """Return what lies below a folder, sorted; names of folders end in a slash.

    Hidden files and folders, what systems leave behind, and special files do not count.
    """
    found: list[str] = []

    def walk(inner: str, depth: int) -> None:
        with os.scandir(folder / inner) as entries:
            for each in entries:
                name = inner + each.name
                if each.is_dir() and not HIDDEN.search(name):
                    found.append(f"{name}/")
                    if depth > 1:
                        walk(f"{name}/", depth - 1)
                elif each.is_file() and not HIDDEN.search(name):
                    found.append(name)
                elif each.is_symlink() and not Path(each).exists():
                    raise DataError(f"{folder / name} is a link to nothing: mend or remove it.")
                if len(found) > MOST:
                    raise DataError(f"{folder} has more than {MOST:,} files: give a smaller one.")

    walk("", DEPTH)
    return sorted(found, key=PurePosixPath)


def read_pictures(path: Path) -> Arrays:
    """Return pictures of one size from a folder, or a zip file of one, by class and name.

    It contains one folder of pictures for each class, or `train/`, `test/` and `val/` with such
    folders inside.
    """
    with decoding(path, "cannot be read"), _opened(path) as (names, read):
        top = _wrapper(names)
        names = [n.removeprefix(top) for n in names if n.startswith(top) and n != top]
        arrays: dict[str, np.ndarray] = {}
        classes: list[str] = []
        read_already: set[str] = set()
        for part, prefix in _parts(path, names).items():
            below = [name.removeprefix(part) for name in names if name.startswith(part)]
            found = sorted({name.split("/")[0] for name in below if "/" in name})
            classes = classes or found
            if not classes:
                raise DataError(
                    f"{path / part} has no folders of pictures: give one for each class."
                )
            if unknown := [name for name in found if name not in classes]:
                raise DataError(
                    f"{path / part} has a class {unknown[0]!r} without training images: train on "
                    "it, or leave it out."
                )
            files = [name for name in below if "/" in name and PICTURE.search(name)]
            labels = [classes.index(name.split("/")[0]) for name in files]
            if empty := [name for name in found if classes.index(name) not in labels]:
                place, kinds = path / part / empty[0], ", ".join(KINDS)
                raise DataError(f"{place} has no picture: give files of {kinds}.")
            images = (picture(read(top + part + name), path / part / name) for name in files)
            arrays[f"{prefix}images"] = stacked(images, path / part)
            arrays[f"{prefix}labels"] = np.array(labels)
            read_already.update(part + name for name in files)
    if left := [name for name in names if name[-1] != "/" and name not in read_already]:
        warnings.warn(
            f"{path}: {len(left)} files are no pictures of a class and are left out, among them "
            f"{left[0]}; what is read: {', '.join(KINDS)}.",
            stacklevel=2,
        )
    return {"classes": np.array(classes)} | arrays


def stacked(pictures: Iterator[np.ndarray], path: Path) -> np.ndarray:
    """Return pictures of one shape and depth as one array; beside colour, grey is colour."""
    images = list(pictures)
    if not images:
        raise DataError(f"{path} has no picture: give some.")
    if len({image.ndim for image in images}) > 1:
        images = [i if i.ndim == 3 else np.repeat(i[..., None], 3, axis=2) for i in images]
    if len(kinds := sorted({f"{image.shape} {image.dtype}" for image in images})) > 1:
        raise DataError(f"{path} has pictures of shapes {', '.join(kinds)}: give one shape only.")
    return np.stack(images)


def picture(content: bytes, path: Path) -> np.ndarray:
    """Return a picture as bytes, or 16-bit numbers, of shape (height, width), and 3 for colour.

    It is turned as its camera says; transparent pixels are laid on a mid-grey ground.
    """
    from PIL import Image, ImageOps

    checked = decoding(path, "cannot be read", "save it as PNG or JPEG")
    with checked, Image.open(BytesIO(content), formats=KINDS) as opened:
        if (frames := getattr(opened, "n_frames", 1)) > 1:
            raise DataError(f"{path} has {frames} pictures: give one picture in each file.")
        mode, image = opened.mode, ImageOps.exif_transpose(opened)
        if mode[0] in "IF":  # whole numbers of 16 or 32 bits, or floats
            grey = np.asarray(image)
            if mode == "F" or grey.min() < 0 or grey.max() > 65535:
                raise DataError(f"{path} has pixels of mode {mode}: save 8 or 16 bits.")
            return grey.astype(np.uint16)
        if image.has_transparency_data:
            ground = Image.new("RGBA", image.size, GROUND)
            image = Image.alpha_composite(ground, image.convert("RGBA"))
        pixels = np.asarray(image.convert("L" if mode in ("1", "L", "LA", "La") else "RGB"))
        is_grey = mode[0] == "P" and (pixels == pixels[..., :1]).all()  # a palette of greys
        return pixels[..., 0] if is_grey else pixels


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[str], Callable[[str], bytes]]]:
    """Open a folder or a zip file: the sorted names in it, and what reads one of them."""
    if path.is_dir():
        yield names_in(path), lambda name: (path / name).read_bytes()
    else:
        with zipfile.ZipFile(path) as archive:
            names = {name for name in archive.namelist() if not HIDDEN.search(name)}
            yield sorted(names, key=PurePosixPath), partial(_unzipped, archive)


def _unzipped(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST_PICTURE:
        raise broken(archive.filename, f"has a file {name} larger than {LARGEST_PICTURE:,} bytes")
    return archive.read(name)


def _wrapper(names: list[str]) -> str:
    """Return the folders that wrap all others, each the only one in the one before, or nothing."""
    tops = {name.split("/")[0] for name in names}
    top = tops.pop() if len(tops) == 1 else ""
    below = [name.removeprefix(f"{top}/") for name in names if name != f"{top}/"]
    inner = any(name.count("/") > 0 and name[-1] != "/" for name in below)
    return f"{top}/" + _wrapper(below) if top and inner and top.lower() not in PARTS else ""


def _parts(path: Path, names: list[str]) -> dict[str, str]:
    """Return the folders of training and other images, with the prefix of their arrays."""
    folders = sorted({name.split("/")[0] for name in names if "/" in name})
    found = {f"{name}/": PARTS[name.lower()] for name in folders if name.lower() in PARTS}
    inner = {top for top in found for each in names if each.startswith(top) and each.count("/") > 1}
    if found and (len(found) == len(folders) or inner):
        twice = len({*found.values()}) < len(found)
        if len(found) < len(folders) or "" not in found.values() or inner < found.keys() or twice:
            raise DataError(
                f"{path} has folders {', '.join(folders)}: give one folder for each class, or "
                "train/ and test/ (perhaps val/) with one folder for each class in each."
            )
        return dict(sorted(found.items(), key=lambda item: item[1]))
    for top in folders:
        below = [name for name in filter(PICTURE.search, names) if name.startswith(f"{top}/")]
        places = {name.rpartition("/")[0] for name in below}
        if top not in places and len(places) > 1:
            raise DataError(
                f"{path / top} has no pictures but folders of them: give one folder for each "
                "class, or call it train, test or val."
            )
    return {"": ""}
