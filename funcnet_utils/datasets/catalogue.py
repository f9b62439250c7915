"""What can be downloaded: files, mirrors, and the SHA-256 of their decompressed content."""

from __future__ import annotations

from dataclasses import dataclass

DIGITS = tuple("0123456789")
FASHION = (
    *("T-shirt/top", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
)
CIFAR = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
# name, size in bytes and SHA-256 of each decompressed content
MNIST_CONTENTS = """
train-images-idx3-ubyte 47040016 ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
train-labels-idx1-ubyte 60008 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
t10k-images-idx3-ubyte 7840016 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
t10k-labels-idx1-ubyte 10008 ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2
"""
FASHION_CONTENTS = """
train-images-idx3-ubyte 47040016 c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888
train-labels-idx1-ubyte 60008 bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9
t10k-images-idx3-ubyte 7840016 5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b
t10k-labels-idx1-ubyte 10008 0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34
"""
CIFAR_CONTENTS = """
data_batch_1.bin 30730000 cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5
data_batch_2.bin 30730000 a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed
data_batch_3.bin 30730000 bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67
data_batch_4.bin 30730000 014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48
data_batch_5.bin 30730000 755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add
test_batch.bin 30730000 8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b
"""


@dataclass(frozen=True)
class Member:
    """Decompressed content: its name within an archive, its exact size in bytes, its SHA-256."""

    name: str
    n_bytes: int
    sha256: str


@dataclass(frozen=True)
class RemoteFile:
    """One compressed file, the mirrors that offer it, and what it must contain."""

    name: str
    urls: tuple[str, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Remote:
    """A data set that is downloaded: its files, in the order in which they are parsed."""

    name: str
    files: tuple[RemoteFile, ...]
    classes: tuple[str, ...]
    source: str


def _members(contents: str, folder: str = "") -> tuple[Member, ...]:
    rows = (line.split() for line in contents.split("\n") if line)
    return tuple(Member(folder + name, int(size), digest) for name, size, digest in rows)


def _idx(contents: str, *mirrors: str) -> tuple[RemoteFile, ...]:
    return tuple(
        RemoteFile(f"{m.name}.gz", tuple(f"{url}/{m.name}.gz" for url in mirrors), (m,))
        for m in _members(contents)
    )


MNIST = Remote(
    "mnist",
    _idx(
        MNIST_CONTENTS,
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
    ),
    DIGITS,
    "MNIST, 60,000 + 10,000 handwritten digits (LeCun et al. 1998, doi:10.1109/5.726791)",
)
FASHION_MNIST = Remote(
    "fashion_mnist",
    _idx(
        FASHION_CONTENTS,
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
    ),
    FASHION,
    "Fashion-MNIST, 60,000 + 10,000 images of clothing (Xiao et al. 2017, arXiv:1708.07747; MIT)",
)
CIFAR_MIRRORS = (
    "https://www.cs.toronto.edu/~kriz",
    "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10",
    "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets",
)
CIFAR10 = Remote(
    "cifar10",
    (
        RemoteFile(
            "cifar-10-binary.tar.gz",
            tuple(f"{url}/cifar-10-binary.tar.gz" for url in CIFAR_MIRRORS),
            _members(CIFAR_CONTENTS, "cifar-10-batches-bin/"),
        ),
    ),
    CIFAR,
    "CIFAR-10, 50,000 + 10,000 photographs (Krizhevsky 2009, "
    "https://www.cs.toronto.edu/~kriz/cifar.html; no licence stated)",
)
REMOTES = {remote.name: remote for remote in (MNIST, FASHION_MNIST, CIFAR10)}
