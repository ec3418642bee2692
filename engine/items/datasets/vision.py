"""Published sets of pictures, downloaded once: MNIST, Fashion-MNIST, CIFAR-10."""

from __future__ import annotations

import tarfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.errors import BlobMissing, DataError
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.downloads import RemoteFile, present
from glassnet.engine.files.formats import read_cifar, read_idx, unpacked
from glassnet.engine.items.datasets.images import Images
from glassnet.engine.items.node import Shape

#: Bytes of the largest file when unpacked.
MOST = 1 << 28


class Published(Images, ABC):
    """Pictures with separate training and test sets, of which the first of each are used."""

    files: ClassVar[tuple[RemoteFile, ...]]

    tested: int = option(2_000, "How many of the test pictures.", ge=100, le=10_000)
    # `samples` is defined by each class: their numbers of pictures differ.
    samples: int

    @property
    def count(self) -> int:
        return self.samples + self.tested

    @property
    def divided(self) -> bool:
        return True

    @property
    def held_out(self) -> int:
        return self.tested

    def folder(self, blobs: Blobs) -> Path:
        """The folder of its files, which may not exist. Raises BlobMissing where there is no data folder."""
        if blobs.downloads is None:
            raise BlobMissing(f"'{self.kind}' is downloaded, and there is no folder for it here")
        return blobs.downloads / self.kind

    def check(self, blobs: Blobs) -> tuple[str, str] | None:
        if blobs.downloads is not None and present(self.files, self.folder(blobs)):
            return None
        words = f"'{self.kind}' is not on this machine; expected it to be fetched: glassnet fetch {self.kind}"
        return "/kind", words

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        folder = self.folder(blobs)
        parts = [self.part(folder, "train", self.samples), self.part(folder, "test", self.tested)]
        for pictures, labels in parts:
            if pictures.shape[1:] != self.shape or len(pictures) != len(labels):
                raise DataError(f"{folder}: pictures {pictures.shape}; expected {self.shape} each")
            if len(labels) and int(labels.max()) >= len(self.classes or ()):
                raise DataError(f"{folder}: label {int(labels.max())}; expected one below 10")
        inputs = np.concatenate([pictures for pictures, _ in parts])
        targets = np.concatenate([labels for _, labels in parts])
        if len(inputs) != self.count:
            raise DataError(f"{folder}: {len(inputs):,} pictures; expected {self.count:,}")
        return torch.from_numpy(inputs), torch.from_numpy(targets.astype(np.int64))

    @abstractmethod
    def part(self, folder: Path, name: Literal["train", "test"], count: int) -> tuple[np.ndarray, np.ndarray]:
        """The first pictures (n, channels, h, w) uint8 and labels (n,) of a set."""


class FromIdx(Published, ABC):
    """Grey pictures in four IDX files."""

    samples: int = option(10_000, "How many of the 60,000 training pictures.", ge=100, le=60_000)

    @property
    def shape(self) -> Shape:
        return (1, 28, 28)

    def part(self, folder: Path, name: Literal["train", "test"], count: int) -> tuple[np.ndarray, np.ndarray]:
        stem = "train" if name == "train" else "t10k"
        pictures = _idx(folder / f"{stem}-images-idx3-ubyte.gz", 3)
        labels = _idx(folder / f"{stem}-labels-idx1-ubyte.gz", 1)
        return pictures[:count, None], labels[:count]


def _idx(path: Path, dimensions: int) -> np.ndarray:
    try:
        return read_idx(unpacked(path.read_bytes(), MOST), dimensions)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _idx_files(places: tuple[str, ...], *listed: tuple[str, int]) -> tuple[RemoteFile, ...]:
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    return tuple(
        RemoteFile(f"{name}-ubyte.gz", md5, places, size)
        for name, (md5, size) in zip(names, listed, strict=True)
    )


class Mnist(FromIdx):
    """MNIST: 70,000 handwritten digits of 28×28 pixels, 10,000 of them for testing. LeCun et al. 1998.

    Downloaded on request, 11 MB.
    """

    kind: Literal["mnist"] = "mnist"
    classes: ClassVar[tuple[str, ...] | None] = tuple("0123456789")
    drawn: ClassVar[Literal["plain", "filled", "centred"]] = "centred"
    files: ClassVar[tuple[RemoteFile, ...]] = _idx_files(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        ("f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
        ("d53e105ee54ea40749a09fcbcd1e9432", 28_881),
        ("9fb629c4189551a2d022fa330f9573f3", 1_648_877),
        ("ec29112dd5afa0611ce80d1b7f02629c", 4_542),
    )
    guide: ClassVar[Guide | None] = Guide(
        pros=("The standard of thirty years: every result can be compared.",),
        cons=("Too easy: a linear classifier has 92 %, and almost any network 98 %.",),
        use="To compare with published results, or for LeNet-5.",
        example=Example(
            "Choose MNIST under Data: it is downloaded once, and the network stays.",
            preset="digits",
        ),
    )


class FashionMnist(FromIdx):
    """Fashion-MNIST: 70,000 pieces of clothing, of MNIST's size and harder. Xiao et al. 2017.

    Downloaded on request, 31 MB.
    """

    kind: Literal["fashion_mnist"] = "fashion_mnist"
    classes: ClassVar[tuple[str, ...] | None] = (
        "T-shirt",
        "trousers",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    )
    files: ClassVar[tuple[RemoteFile, ...]] = _idx_files(
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        ("8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
        ("25c81989df183df01b3e8a0aad5dffbe", 29_515),
        ("bef4ecab320f06d8554ea6380940ec79", 4_422_102),
        ("bb300cfdad3c16e7a12a480ee83cd310", 5_148),
    )
    guide: ClassVar[Guide | None] = Guide(
        pros=("As MNIST in every respect, and harder.",),
        cons=("Some classes (shirt, coat, pullover) overlap even to people.",),
        use="In place of MNIST where that is too easy.",
        example=Example(
            "Choose Fashion-MNIST under Data: it is downloaded once, and the network stays.",
            preset="digits",
        ),
    )


class Cifar10(Published):
    """CIFAR-10: 60,000 photographs of 32×32 pixels in colour, ten kinds of things. Krizhevsky 2009.

    Downloaded on request, 170 MB.
    """

    kind: Literal["cifar10"] = "cifar10"
    classes: ClassVar[tuple[str, ...] | None] = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
    files: ClassVar[tuple[RemoteFile, ...]] = (
        RemoteFile(
            "cifar-10-binary.tar.gz",
            "c32a1d4ab5d03f1284b67883e8d87530",
            ("https://www.cs.toronto.edu/~kriz/",),
            170_052_171,
        ),
    )
    guide: ClassVar[Guide | None] = Guide(
        pros=("Small photographs: colour, background and pose matter.",),
        cons=("32×32 pixels are few: good results need deep networks and augmentation.",),
        use="For convolutional networks with some patience.",
        example=Example(
            "Choose CIFAR-10 under Data: it is downloaded once.",
            preset="shapes-convolution",
        ),
    )

    samples: int = option(10_000, "How many of the 50,000 training pictures.", ge=100, le=50_000)

    @property
    def shape(self) -> Shape:
        return (3, 32, 32)

    def part(self, folder: Path, name: Literal["train", "test"], count: int) -> tuple[np.ndarray, np.ndarray]:
        path = folder / self.files[0].name
        # The five training files hold equally many pictures; only those needed are unpacked.
        wanted = ["test_batch.bin"] if name == "test" else [f"data_batch_{n}.bin" for n in range(1, 6)]
        found: list[tuple[np.ndarray, np.ndarray]] = []
        try:
            with tarfile.open(path, "r:gz") as archive:
                members = {Path(member.name).name: member for member in archive if member.isreg()}
                for file in wanted:
                    if sum(len(labels) for _, labels in found) < count and file in members:
                        content = archive.extractfile(members[file])
                        found.append(read_cifar(content.read(MOST) if content else b""))
        except (OSError, tarfile.TarError, EOFError) as error:
            raise DataError(f"{path}: {error}") from None
        if not found:
            raise DataError(f"{path}: expected {', '.join(wanted)} in it")
        pictures = np.concatenate([pictures for pictures, _ in found])[:count]
        return pictures, np.concatenate([labels for _, labels in found])[:count]
