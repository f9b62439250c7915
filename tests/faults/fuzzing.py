"""Damaged files for every reader: each ends in a value that holds, or in an error of our own.

    python -m tests.faults.fuzzing 1000000

Small files that are right are changed at random, their bytes, their words or their arrays, and
read as a user would. What a reader raises must be a `ValueError` from a line of this project, and
must come within seconds.
"""

import contextlib
import faulthandler
import functools
import io
import logging
import math
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import scipy.io
from PIL import Image

from funcnet_utils import FunctionalNetwork, load_dataset
from funcnet_utils.datasets import own
from funcnet_utils.studies.store import Entry, Store
from tools import parameters
from tools.profiles import page_values
from tools.project import Project

ROOT = Path(__file__).parents[2]
SECONDS = 10
MEMORY = 6 << 30
BATCH = 500  # of one kind, after which what readers remember is forgotten
ODD = [b"\0", b"\xff", b"\x7f", b"\x80", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0" * 8, b"\xff" * 8]
WORDS = [
    *("", " ", "nan", "inf", "-inf", "-1", "256", "1e400", "9" * 30, "0x10", "1_0", "None", "True"),
    *('"', "'", "label", "pixel0", "\0", "é", "\ufeff", ",", "\n", "\t", "{", "}", "[", "]", ":"),
    *("~", "!!int", "&a", "*a", "---", "|", "#", "- ", "010", "1:30", "2020-99-99", "lambda: 0"),
    *("1/0", "()", "{1: 2}", "b'x'", "1j", "...", "=", "==", "f'{x}'", "import os", "```", "+++"),
]
TYPES = ["?", "i1", "u1", "i8", "u8", ">i4", "f2", "f4", ">f8", "c8", "U3", "S3", "M8[s]", "u1,i2"]
PAGE = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A page

```{code-cell} ipython3
:tags: [parameters]

n_networks = 3
density = 0.05
hidden = "100-50"
quick = False
```
"""
PROFILE = """description: quick
values: {n_networks: 20, quick: true}
pages:
  sums: {density: 0.1, hidden: 100-50}
"""
RNG = np.random.default_rng(0)
LABELS = np.arange(12) % 2
PIXELS = RNG.integers(0, 256, (12, 4, 4), dtype=np.uint8)


class TooSlowError(BaseException):
    """An input took too long; no reader may catch this."""


def changed(content: bytes, others: list[bytes], random: Random) -> bytes:
    """Return bytes after one to four random changes."""
    for _ in range(random.choice((1, 1, 2, 4))):
        at, to = sorted(random.randrange(len(content) + 1) for _ in range(2))
        near = min(to, at + random.choice((1, 4, 16)))
        instead = random.choice(
            (
                bytes([random.randrange(256)]) + content[at + 1 :],
                random.choice(ODD) + content[near:],
                random.randbytes(near - at) + content[near:],
                content[near:],
                content[max(0, at - 16) :],
                b"",
                random.choice(others)[at:],
            )
        )
        content = content[:at] + instead
    return content


def reworded(content: bytes, others: list[bytes], random: Random) -> bytes:
    """Return a text with words put in, in place of others; sometimes with other bytes."""
    if random.random() < 0.2:
        return changed(content, others, random)
    parts = content.decode().replace(",", "\0,\0").replace(" ", "\0 \0").replace("\n", "\0\n\0")
    words = parts.split("\0")
    for _ in range(random.choice((1, 1, 2, 4))):
        at = random.randrange(len(words))
        words[at : at + random.choice((0, 1, 1, 1, 5))] = [random.choice([*WORDS, *words])]
    return "".join(words).encode()


def packed(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def other_arrays(content: bytes, others: list[bytes], random: Random) -> bytes:
    """Return an .npz file with arrays of other types, shapes and values; sometimes other bytes."""
    if random.random() < 0.3:
        return changed(content, others, random)
    with np.load(io.BytesIO(content)) as file:
        arrays = {name: file[name] for name in file.files}
    for _ in range(random.choice((1, 1, 2))):
        name = random.choice([*arrays])
        array = arrays.pop(name)
        kind = random.choice(TYPES)
        shape = [random.choice((0, 1, 2, 3, 12)) for _ in range(random.randrange(6))]
        change = random.choice(
            (
                lambda array, kind, _: array.astype(kind),
                lambda array, kind, shape: np.zeros(shape, kind),
                lambda array, _, shape: np.resize(array, shape),
                lambda array, *_: array * np.float64(random.choice((-1, 1e300, np.nan, 257))),
                lambda array, *_: array[None] if random.random() < 0.5 else array.ravel(),
                lambda array, *_: array[..., ::-2],
                lambda array, *_: np.asfortranarray(array),
            )
        )
        with contextlib.suppress(Exception):  # not every array can be changed in every way
            array = change(array, kind, shape)
        arrays[random.choice((*[name] * 4, "classes", "test_images", "val_labels", "x"))] = array
    return packed(**arrays)


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def mat(compressed: bool) -> bytes:
    stream = io.BytesIO()
    facts = {"X": PIXELS[:, :, :3, None].transpose(1, 2, 3, 0).repeat(3, 2), "y": LABELS[:, None]}
    scipy.io.savemat(stream, facts, do_compression=compressed)
    return stream.getvalue()


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def parquet(compression: str) -> bytes:
    cells = [{"bytes": png(pixels), "path": "x.png"} for pixels in PIXELS]
    table = pd.DataFrame({"image": cells, "label": LABELS})
    return table.to_parquet(compression=compression)


def csv() -> bytes:
    table = pd.DataFrame(PIXELS.reshape(12, -1)).add_prefix("pixel")
    return table.assign(label=LABELS).to_csv(index=False).encode()


def check_dataset(data) -> None:
    """Whatever is loaded keeps the contract of a data set."""
    for part in (data.train, data.test):
        assert part.images.dtype == np.float32
        assert part.images.shape == (len(part), np.prod(data.shape))
        assert len(part) == 0 or 0 <= part.images.min() <= part.images.max() <= 1
        assert len(part) == 0 or 0 <= part.labels.min() <= part.labels.max() < data.n_classes


class Readers:
    """Every kind of file: how it is read from a folder, from content that may be wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        (folder / "idx").mkdir()
        (folder / "idx" / "train-labels-idx1-ubyte").write_bytes(idx(LABELS))
        (folder / "notebooks" / "profiles").mkdir(parents=True)
        (folder / "notebooks" / "sums.md").write_text(PAGE)
        self.project = Project(folder)
        self.store = Store(folder / "store")
        self.entry = Entry({"t": pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})}, {"x": np.eye(2)})
        self.entry.info["seconds"] = 1.5
        self.store.get_or_compute("demo", {"n": 1}, lambda: self.entry)
        place = self.store.path("demo", {"n": 1})
        self.files = {file.name: file.read_bytes() for file in place.iterdir()}
        network = FunctionalNetwork.from_activations({"a": RNG.normal(size=(50, 4))})
        network.save(folder / "network.npz")
        self.kinds: dict[str, tuple[int, list[bytes], Callable, Callable]] = {
            "IDX": (16, [idx(PIXELS), idx(PIXELS[:, :2])], changed, self.idx),
            "CIFAR": (
                8,
                [bytes(k // 3073 % 2 or k % 7 for k in range(3073 * 12))],
                changed,
                self.path("x.bin"),
            ),
            "npz": (18, [packed(images=PIXELS, labels=LABELS)], other_arrays, self.path("x.npz")),
            "MAT": (12, [mat(False), mat(True)], changed, self.path("x.mat")),
            "CSV": (6, [csv()], reworded, self.path("x.csv")),
            "Parquet": (6, [parquet("none"), parquet("snappy")], changed, self.path("x.parquet")),
            "profile": (8, [PROFILE.encode()], reworded, self.profile),
            "parameters": (3, [PAGE.encode()], reworded, self.parameters),
            "value": (20, [b"20", b"0.05", b"100-50", b"true"], reworded, self.value),
            "store": (3, [*self.files.values()], changed, self.kept),
            "network": (8, [(folder / "network.npz").read_bytes()], other_arrays, self.network),
        }

    def path(self, name: str) -> Callable[[bytes], None]:
        return functools.partial(self.own, self.folder / name, self.folder / name)

    def own(self, path: Path, data: Path, content: bytes) -> None:
        """Load a data set of one's own, of which one file has this content."""
        self.count += 1
        path.write_bytes(content)
        os.utime(path, ns=(self.count, self.count))  # contents are known by time and size
        check_dataset(load_dataset(data))

    def idx(self, content: bytes) -> None:
        self.own(self.folder / "idx" / "train-images-idx3-ubyte", self.folder / "idx", content)

    def profile(self, content: bytes) -> None:
        (self.folder / "notebooks" / "profiles" / "laptop.yml").write_bytes(content)
        values = page_values(self.project, "sums", "laptop", {})
        assert [*map(type, values.values())] == [
            {"n_networks": int, "density": float, "hidden": str, "quick": bool}[name]
            for name in values
        ]

    def parameters(self, content: bytes) -> None:
        path = self.folder / "page.md"
        path.write_bytes(content)
        found = parameters.page_parameters(path)
        assert all(isinstance(value, parameters.Scalar) for value in found.values())

    def value(self, content: bytes) -> None:
        text = content.decode(errors="replace")
        self.count += 1
        default = (3, 0.05, False, "100-50")[self.count % 4]
        assert type(parameters.check_value("x", text, default)) is type(default)

    def kept(self, content: bytes) -> bool:
        """Whether an entry is served, which it only may be as it was."""
        place = self.store.path("demo", {"n": 1})
        place.mkdir(exist_ok=True)
        for file, right in self.files.items():
            (place / file).write_bytes(right)
        self.count += 1
        (place / [*self.files][self.count % len(self.files)]).write_bytes(content)
        entry = self.store.load("demo", {"n": 1})
        if entry is None:
            (aside,) = self.store.root.glob("*.damaged-1")
            aside.rename(place)
            return False
        assert entry.info == self.entry.info
        pd.testing.assert_frame_equal(entry.tables["t"], self.entry.tables["t"])
        np.testing.assert_array_equal(entry.arrays["x"], self.entry.arrays["x"])
        return True

    def network(self, content: bytes) -> None:
        (self.folder / "network.npz").write_bytes(content)
        net = FunctionalNetwork.load(self.folder / "network.npz")
        assert net.r.shape == (len(net.units),) * 2
        repr(net)

    def forget(self) -> None:
        """Free what readers remember."""
        for each in (own._load, own._file_digest, parameters._cells):
            each.cache_clear()


def is_ours(fault: BaseException) -> bool:
    """Whether an error is a sentence that a line of this project raised."""
    last = traceback.extract_tb(fault.__traceback__)[-1].filename
    return isinstance(fault, ValueError) and last.startswith((f"{ROOT}/funcnet", f"{ROOT}/tools"))


def fuzz(n_inputs: int, seed: int = 0) -> str:
    """Read damaged inputs of all kinds, and return the line that tells of it.

    Raises
    ------
    AssertionError
        If an input ended in anything but a value that holds or an error of our own.
    """
    tally: Counter[str] = Counter()
    others: dict[str, str] = {}
    began = time.monotonic()
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        readers = Readers(Path(folder))
        whole = sum(share for share, *_ in readers.kinds.values())
        for kind, (share, right, change, read) in readers.kinds.items():
            random, start = Random(f"{seed} {kind}"), time.monotonic()
            for number in range(math.ceil(n_inputs * share / whole)):
                if number % BATCH == 0:
                    readers.forget()
                    faulthandler.dump_traceback_later(SECONDS * BATCH, exit=True)
                content = change(random.choice(right), right, random)
                tally["inputs"] += 1
                signal.setitimer(signal.ITIMER_REAL, SECONDS)
                try:
                    tally["refusals" if read(content) is False else "values"] += 1
                except (Exception, TooSlowError) as fault:
                    ours = is_ours(fault)
                    tally["refusals" if ours else "others"] += 1
                    if not ours:
                        where = traceback.extract_tb(fault.__traceback__)[-1]
                        about = f"{kind}: {type(fault).__name__}: {fault}, in {where.filename}"
                        others.setdefault(about[:60], f"{about} {where.lineno}\n{content[:400]!r}")
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            print(f"{kind}: {time.monotonic() - start:.1f} s", file=sys.stderr)
        faulthandler.cancel_dump_traceback_later()
    line = (
        f"fuzzed {tally['inputs']:,} inputs of {len(readers.kinds)} kinds in "
        f"{time.monotonic() - began:.0f} s: {tally['values']:,} values, "
        f"{tally['refusals']:,} refusals, {tally['others']:,} others"
    )
    assert not others, "\n\n".join([line, *others.values()])
    return line


def too_slow(*_: object) -> None:
    raise TooSlowError(f"no end in {SECONDS} s")


def prepare() -> None:
    """Let a hang and a claim of too much memory be errors of this process."""
    signal.signal(signal.SIGALRM, too_slow)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY,) * 2)
    logging.disable()


if __name__ == "__main__":
    prepare()
    print(fuzz(int(sys.argv[1]), *map(int, sys.argv[2:])))
