"""The files of a ZIP archive: names decoded and checked before anything is read, bytes counted."""

from __future__ import annotations

import lzma
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import names
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.pixel_scale import AUTO

#: The most decompressed bytes of one file within a ZIP, and of all together.
MOST_OF_ONE, MOST_IN_ALL = 256 << 20, 1 << 30

#: The most files in a ZIP, and the most nested folders.
MOST_FILES, MOST_FOLDERS = 200_000, 50

#: The exceptions that the library raises for damaged ZIP files.
DAMAGED = (
    zipfile.BadZipFile,
    NotImplementedError,
    OSError,
    EOFError,
    UnicodeDecodeError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
)

#: Names of files that operating systems add to folders.
JUNK = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|ehthumbs|desktop\.ini$|\$RECYCLE\.BIN/)", re.IGNORECASE)

#: The extra field with a name in UTF-8 (Info-ZIP, 0x7075), and the flag of names that are UTF-8.
UNICODE_PATH, UTF8 = 0x7075, 0x800


@dataclass(frozen=True)
class Member:
    """A file of a ZIP; its name has forward slashes and composed characters (NFC)."""

    name: str
    info: zipfile.ZipInfo

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of its parent folders."""
        return PurePosixPath(self.name).parts[:-1]

    @property
    def stem(self) -> str:
        """The last component of its name."""
        return PurePosixPath(self.name).name

    @property
    def fingerprint(self) -> tuple[int, int]:
        """The checksum and length of the file, as recorded in the ZIP: equal for equal files."""
        return (self.info.CRC, self.info.file_size)


class Members:
    """The files of a ZIP, without those that operating systems add; read one by one."""

    def __init__(self, archive: zipfile.ZipFile, report: ImportReport, encoding: str = AUTO) -> None:
        self._archive, self._report, self._come = archive, report, 0
        infos = archive.infolist()
        if len(infos) > MOST_FILES:
            raise DataError(f"{len(infos):,} files; expected at most {MOST_FILES:,}")
        self._encoding = self._settled(infos, encoding)
        found: dict[str, Member] = {}
        for info in infos:
            member = self._member(info)
            if member is None:
                continue
            other = found.get(member.name)
            if other is None:
                found[member.name] = member
            elif other.fingerprint == member.fingerprint:
                report.leave_out(member.name, "the same file twice")
            elif other.info.filename == info.filename:
                raise DataError(f"{member.name}: stands twice in the ZIP, once otherwise; expected it once")
            else:  # the same text in two normal forms
                found[info.filename + "\0"] = member
        self.files = list(found.values())

    def _settled(self, infos: list[zipfile.ZipInfo], encoding: str) -> str:
        """The encoding of unmarked names; reported where it is a guess."""
        silent = [
            info.orig_filename.encode("cp437")
            for info in infos
            if not info.flag_bits & UTF8 and _unicode_path(info) is None
        ]
        guessed = names.encoding_of(silent)
        if guessed is None:
            return "cp437"
        if encoding == AUTO and guessed != "utf-8":
            self._report.note(f"names in the ZIP do not say how they are encoded; read as {guessed}")
        self._report.encoding = guessed if encoding == AUTO else encoding
        return self._report.encoding

    def _member(self, info: zipfile.ZipInfo) -> Member | None:
        """The member of an entry; None for folders and junk. Raises DataError for links and paths outside."""
        name = self._name(info)
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
            raise DataError(f"{name}: leads out of the ZIP; expected names of files inside")
        if len(parts) > MOST_FOLDERS + 1:
            raise DataError(f"{name[:80]}…: in {len(parts) - 1:,} folders; expected at most {MOST_FOLDERS}")
        name = "/".join(names.shown(part) or "_" for part in parts) + ("/" if name.endswith("/") else "")
        if name.endswith("/") or not parts:
            return None
        if JUNK.search(name):
            self._report.leave_out(name, "left by a system")
            return None
        if stat.S_ISLNK(info.external_attr >> 16):
            raise DataError(f"{name}: a link; expected a file")
        if info.flag_bits & 1:
            raise DataError(f"{name}: encrypted; expected a ZIP without a password")
        return Member(name, info)

    def _name(self, info: zipfile.ZipInfo) -> str:
        """The decoded name, with forward slashes."""
        name = _unicode_path(info) or info.filename
        if not info.flag_bits & UTF8 and _unicode_path(info) is None:
            try:
                name = info.orig_filename.encode("cp437").decode(self._encoding)
            except UnicodeDecodeError:
                message = f"{info.filename}: its name is not {self._encoding}"
                raise DataError(f"{message}; expected another encoding to be chosen") from None
        return name.split("\0")[0].replace("\\", "/")

    def head(self, member: Member) -> bytes:
        """The first bytes of a file; empty where it is damaged."""
        try:
            with self._archive.open(member.info) as file:
                return file.read(256)
        except (*DAMAGED, ValueError):
            return b""

    def read(self, member: Member, most: int = MOST_OF_ONE, *, again: bool = False) -> bytes:
        """The bytes of a file, counted towards the limit unless `again`; announced sizes are not believed."""
        name = member.name
        try:
            with self._archive.open(member.info) as file:
                content = file.read((most if again else min(most, MOST_IN_ALL - self._come)) + 1)
        except (*DAMAGED, ValueError) as error:
            raise DataError(f"{name}: damaged: {error}") from None
        if len(content) > most:
            raise DataError(f"{name}: more than {most:,} bytes when unpacked; expected fewer")
        if not again:
            self._come += len(content)
        if self._come > MOST_IN_ALL:
            raise DataError(f"{name}: more than {MOST_IN_ALL:,} bytes in all when unpacked; expected fewer")
        return content


def _unicode_path(info: zipfile.ZipInfo) -> str | None:
    """The UTF-8 name in Info-ZIP's extra field, where its checksum matches the entry's name."""
    extra, place = info.extra, 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, place)
        field = extra[place + 4 : place + 4 + length]
        if kind == UNICODE_PATH and len(field) > 5 and not info.flag_bits & UTF8:
            (checksum,) = struct.unpack_from("<I", field, 1)
            if field[0] == 1 and checksum == zlib.crc32(info.orig_filename.encode("cp437")):
                return field[5:].decode("utf-8", "replace")
        place += 4 + length
    return None
