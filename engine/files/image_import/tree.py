"""The pictures of a ZIP as a tree of folders, other files left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import names
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.report import ImportReport

#: Extensions of picture files, which must be readable; files with others are left out.
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

#: Extensions of pictures that cannot be read here, which the report tells.
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

#: Extensions of archives.
ARCHIVES = {"zip", "npz", "tar", "gz", "tgz", "7z", "rar", "mat", "parquet", "tfrecord"}

#: The first bytes of picture files, for those without an extension.
BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")


@dataclass
class Folder:
    """A folder of a ZIP, with the folders and pictures in it."""

    path: str
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[Member] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last component of its path."""
        return self.path.rpartition("/")[2]

    def all(self) -> Iterator[Member]:
        """The pictures in the folder and below it."""
        yield from self.files
        for folder in self.folders.values():
            yield from folder.all()

    def leaves(self) -> Iterator[Folder]:
        """The topmost folders with pictures: itself, or the first ones below it."""
        if self.files:
            yield self
        else:
            for folder in self.folders.values():
                yield from folder.leaves()


def pictures_of(
    members: Members, report: ImportReport, files: Sequence[Member] | None = None
) -> list[Member]:
    """The picture files of all, or of `files`, by extension or first bytes; the others are left out."""
    found = []
    for member in members.files if files is None else files:
        ending = member.stem.rpartition(".")[2].lower() if "." in member.stem else ""
        if ending in UNREADABLE:
            report.leave_out(member.name, f"a picture of a kind that cannot be read here: .{ending}")
        elif ending in PICTURES or members.head(member).startswith(BEGINNINGS):
            found.append(member)
        elif ending in ARCHIVES:
            report.leave_out(member.name, "an archive within the archive, to be uploaded by itself")
        else:
            report.leave_out(member.name, "no picture")
    return found


def tree(pictures: Sequence[Member], only: str, report: ImportReport) -> Folder:
    """The tree of the pictures' folders; `only` those below a path, where one is given."""
    root = Folder("")
    wanted = tuple(names.shown(part) for part in only.replace("\\", "/").strip("/").split("/") if part)
    for member in pictures:
        if member.parts[: len(wanted)] != wanted:
            report.leave_out(member.name, f"not in '{only}'")
            continue
        folder = root
        for part in member.parts[len(wanted) :]:
            path = f"{folder.path}/{part}".lstrip("/")
            folder = folder.folders.setdefault(part, Folder(path))
        folder.files.append(member)
    if not root.files and not root.folders:
        expected = f"some in '{only}'" if only else f"a folder of {report.what} for each class"
        left = [f"{each['files'][0]}: {each['why']}" for each in report.left_out()]
        said = f" ({'; '.join(left)[:300]})" if left and not only else ""
        raise DataError(f"no {report.what} in the ZIP{said}; expected {expected}")
    return root
