"""The pictures of a ZIP as a tree of folders, without what is no picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import names
from glassnet.engine.files.image_import.account import Account
from glassnet.engine.files.image_import.archive import Member, Members

#: Endings of picture files; those of others are left out, these must be readable.
PICTURES = {
    "png",
    "jpg",
    "jpeg",
    "jpe",
    "jfif",
    "gif",
    "bmp",
    "webp",
    "tif",
    "tiff",
    "ppm",
    "pgm",
    "pbm",
    "pnm",
}

#: Endings of pictures that cannot be read here, which is said.
UNREADABLE = {
    "heic",
    "heif",
    "avif",
    "jp2",
    "j2k",
    "jxl",
    "svg",
    "psd",
    "dcm",
    "nef",
    "cr2",
    "arw",
    "dng",
    "raw",
    "exr",
    "hdr",
}

#: Endings of files that hold others.
ARCHIVES = {"zip", "npz", "tar", "gz", "tgz", "7z", "rar", "mat", "parquet", "tfrecord"}

#: How the files of pictures begin, for those whose names do not say.
BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")


@dataclass
class Folder:
    """A folder of a ZIP, with the folders and pictures in it."""

    path: str
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[Member] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    def all(self) -> Iterator[Member]:
        """The pictures in it and below it."""
        yield from self.files
        for folder in self.folders.values():
            yield from folder.all()

    def leaves(self) -> Iterator[Folder]:
        """Folders with pictures: itself, or the first below it on each way."""
        if self.files:
            yield self
        else:
            for folder in self.folders.values():
                yield from folder.leaves()


def pictures_of(members: Members, account: Account) -> list[Member]:
    """The files that are pictures, or say so; the others are left out."""
    found = []
    for member in members.files:
        ending = member.stem.rpartition(".")[2].lower() if "." in member.stem else ""
        if ending in UNREADABLE:
            account.leave(member.name, f"a picture of a kind that cannot be read here: .{ending}")
        elif ending in PICTURES or members.head(member).startswith(BEGINNINGS):
            found.append(member)
        elif ending in ARCHIVES:
            account.leave(member.name, "an archive within the archive, to be uploaded by itself")
        else:
            account.leave(member.name, "no picture")
    return found


def tree(pictures: Sequence[Member], only: str, account: Account) -> Folder:
    """The folders of pictures; `only` those below a path, where one is given."""
    root = Folder("")
    wanted = tuple(names.shown(part) for part in only.replace("\\", "/").strip("/").split("/") if part)
    for member in pictures:
        if member.parts[: len(wanted)] != wanted:
            account.leave(member.name, f"not in '{only}'")
            continue
        folder = root
        for part in member.parts[len(wanted) :]:
            path = f"{folder.path}/{part}".lstrip("/")
            folder = folder.folders.setdefault(part, Folder(path))
        folder.files.append(member)
    if not root.files and not root.folders:
        expected = f"some in '{only}'" if only else "a folder of pictures for each class"
        left = [f"{each['files'][0]}: {each['why']}" for each in account.left_out()]
        said = f" ({'; '.join(left)[:300]})" if left and not only else ""
        raise DataError(f"no pictures in the ZIP{said}; expected {expected}")
    return root
