"""The static files of pages, found by name and versioned by content.

A page loads `/static/VERSION/main.js`, whose relative imports are below the same version. So browsers may
cache each file for good, and request none of them again until one has changed. `/static/main.js`, without a
version, is the file as it is, to be revalidated each time. Below a version our scripts and style sheets are
without comments and indentation; those of plug-ins and vendors, which no test of ours reads, are left as
they are.

The instrument's page loads its scripts below a version of their own, where those that it begins with are
joined into one (joining.py): each of two hundred requests costs the browser more than the script that it is
for.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import mimetypes
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from glassnet.app.core.comments import compact
from glassnet.app.core.constant import ASK_AGAIN, KEEP, Constant
from glassnet.app.core.joining import JOINED, JoinError, join
from glassnet.app.core.places import ROOT
from glassnet.engine.catalog import plugins

#: The path of a file, with an optional version.
_ADDRESS = re.compile(r"/static/(?:([0-9a-f]{16})/)?(.+)")

#: The beginnings of names of files that are not ours.
FOREIGN = ("plugins/", "vendor/")

#: The script that is joined with all that it imports, and the one that runs before the rest is there.
ENTRY, APART = "main.js", "core/theme.js"

#: The first digits of versions: of a page that an earlier server has joined, it is known that it was.
_PLAIN, _AS_ONE = "0", "f"

_SCRIPT = re.compile(r'="/static/([^"]+\.js)"')

_log = logging.getLogger(__name__)


class _Signature(NamedTuple):
    """The metadata of a file by which a change is detected without reading it."""

    path: Path
    size: int
    modified: int


class File(NamedTuple):
    """A file as it is, and as it is loaded by pages."""

    whole: Constant
    loaded: Constant

    @classmethod
    def read(cls, path: Path, name: str) -> File:
        """The file at a path, served under a name."""
        whole = Constant(path.read_bytes(), _media_type(name))
        if whole.media_type not in ("text/javascript", "text/css") or name.startswith(FOREIGN):
            return cls(whole, whole)
        return cls(whole, Constant(compact(whole.content), whole.media_type))


class _Look(NamedTuple):
    """The files as they were at one look at the folders, and what was made of them."""

    seen: Mapping[str, _Signature]
    files: Mapping[str, File]
    #: The hash of what is served of all files.
    version: str
    #: The version below which scripts are joined, "" where none are; and the files that differ there.
    joined_version: str
    joined: Mapping[str, Constant]


class Assets:
    """The files below folders, and some from elsewhere, read again when they have changed."""

    def __init__(self, folder: Path, elsewhere: Mapping[str, Path]) -> None:
        self._folders, self._elsewhere = {"": folder}, elsewhere
        # A look is there as a whole or not at all: a thread prepares one while pages are asked for.
        self._last = _Look({}, {}, "", "", {})
        self._looking = threading.Lock()

    def include(self, folders: Mapping[str, Path]) -> None:
        """Further folders, each with the beginning of the names of its files: `plugins/PACKAGE/`."""
        self._folders.update(folders)

    @property
    def version(self) -> str:
        """The hash of all files' contents at the last look."""
        return self._last.version

    @property
    def joined_version(self) -> str:
        """The version below which scripts are joined, "" where none are."""
        return self._last.joined_version

    def find(self, name: str) -> File | None:
        """The current file of a name such as `core/dom.js`."""
        seen = self._last.seen.get(name)
        if seen is None or _signature(seen.path) != seen:
            self.look()
        return self._last.files.get(name)

    def look(self) -> Mapping[str, File]:
        """All files by name; those that have changed since the last look are read again."""
        with self._looking:
            seen = {name: _signature(path) for name, path in self._paths()}
            if seen != self._last.seen:
                self._last = self._read(seen)
            return self._last.files

    def _read(self, seen: Mapping[str, _Signature]) -> _Look:
        kept = {signature: self._last.files[name] for name, signature in self._last.seen.items()}
        files = {
            name: kept.get(signature) or File.read(signature.path, name) for name, signature in seen.items()
        }
        joined = _joined({name: file.whole.content for name, file in files.items() if name.endswith(".js")})
        # What is loaded may change though the files do not: another release may make it otherwise.
        version = _hash({name: f"{file.whole.digest} {file.loaded.digest}" for name, file in files.items()})
        as_one = _hash({"": version} | {name: each.digest for name, each in joined.items()})
        return _Look(seen, files, _PLAIN + version, _AS_ONE + as_one if joined else "", joined)

    async def prepare(self) -> None:
        """Read, join and compress what a first visit would wait for."""
        await asyncio.to_thread(self.look)
        if JOINED in self._last.joined:
            await self._last.joined[JOINED].compressed()

    def loaded(self, name: str, version: str) -> Constant | None:
        """The current file of a name as pages load it below a version."""
        file = self.find(name)
        if version.startswith(_AS_ONE):
            return self._last.joined.get(name) or (file and file.loaded)
        return file and (file.loaded if version else file.whole)

    def _paths(self) -> Iterator[tuple[str, Path]]:
        """The names and paths of the files, always in the same order."""
        yield from sorted(self._elsewhere.items())
        for beginning, top in self._folders.items():
            for folder, below, names in os.walk(top):
                below.sort()
                for path in sorted(Path(folder, name) for name in names):
                    yield beginning + path.relative_to(top).as_posix(), path


def _joined(scripts: Mapping[str, bytes]) -> dict[str, Constant]:
    """The scripts that the instrument begins with, joined; none where it must load them one by one."""
    if ENTRY not in scripts:
        return {}
    try:
        joined = join(scripts, ENTRY, APART)
    except JoinError as error:
        _log.warning("scripts are loaded one by one: %s", error)
        return {}
    return {name: Constant(content, _media_type(name)) for name, content in joined.items()}


def _hash(parts: Mapping[str, str]) -> str:
    """Fifteen hexadecimal digits of named parts, which a version follows its kind with."""
    held = "".join(f"{name} {part}\n" for name, part in parts.items())
    return hashlib.blake2b(held.encode(), digest_size=8).hexdigest()[1:]


def _signature(path: Path) -> _Signature:
    """The signature of a file; of one that does not exist, zeros."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return _Signature(path, found.st_size, found.st_mtime_ns)
    return _Signature(path, 0, 0)


def _media_type(name: str) -> str:
    """The media type of a file; fixed for scripts, because the system's table may be wrong on Windows."""
    if name.endswith(".js"):
        return "text/javascript"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


assets = Assets(
    ROOT / "static",
    {"vendor/plotly.min.js": Path(str(files("plotly").joinpath("package_data", "plotly.min.js")))},
)


def include_plugins() -> None:
    """Have the folder `static` of each plug-in's package served below /static/plugins/PACKAGE/."""
    folders = plugins.load().static_folders()
    assets.include({f"plugins/{package}/": folder for package, folder in folders.items()})


def without_version(path: str) -> str:
    """The address of a file without its version."""
    found = _ADDRESS.fullmatch(path)
    return f"/static/{found[2]}" if found else path


def with_versions(html: str) -> str:
    """A page with versioned addresses of its files."""
    assets.look()
    if assets.joined_version and f'="/static/{ENTRY}"' in html:
        html = _SCRIPT.sub(rf'="/static/{assets.joined_version}/\1"', html)
    return re.sub(r'="/static/(?![0-9a-f]{16}/)', f'="/static/{assets.version}/', html)


def preloading(html: str, prefix: str) -> dict[str, str]:
    """The header by which a browser requests the joined script of a page before it has read the page."""
    version = assets.joined_version
    if not version or f"/static/{version}/{ENTRY}" not in html:
        return {}
    return {"Link": f"<{prefix}/static/{version}/{JOINED}>; rel=modulepreload"}


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application below `/static`."""
    if scope["type"] == "websocket":
        return await WebSocketClose()(scope, receive, send)
    if scope["method"] not in ("GET", "HEAD"):
        raise HTTPException(405)
    found = _ADDRESS.fullmatch(scope["path"])
    file = assets.loaded(found[2], found[1] or "") if found else None
    if found is None or file is None:
        raise HTTPException(404)
    headers = KEEP if found[1] in (assets.version, assets.joined_version) else ASK_AGAIN
    response = await file.response(Headers(scope=scope), headers)
    return await response(scope, receive, send)
