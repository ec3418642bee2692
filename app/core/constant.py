"""Constant documents: compressed once, and sent once to each client that caches them."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping

from starlette.datastructures import Headers
from starlette.responses import Response

#: Headers of a document that clients revalidate on each use; an ETag makes the response short.
ASK_AGAIN = {"Cache-Control": "no-cache"}

#: Headers of a document that clients need not revalidate: another content has another address.
KEEP = {"Cache-Control": "max-age=31536000, immutable"}

#: Bytes below which a document is not compressed.
LEAST = 256

#: Media types that are worth compressing.
TEXT = re.compile(r"text/|application/json|image/svg\+xml")


class Constant:
    """A constant document, whose compressed form is made on first use and cached.

    It is compressed by gzip: a twentieth of a second for all of a first visit. Brotli's would be a seventh
    smaller, and take over a second, just when torch is being imported.
    """

    def __init__(self, content: bytes, media_type: str) -> None:
        self.content, self.media_type = content, media_type
        self.digest = hashlib.blake2b(content, digest_size=8).hexdigest()
        self._compressible = len(content) >= LEAST and TEXT.match(media_type) is not None
        self._gzip: bytes | None = None

    async def response(self, asked: Headers, headers: Mapping[str, str]) -> Response:
        """The response to a request with the headers `asked`: 304 where the client has the document."""
        # No client asks again for what is kept for good: a tag would be bytes of a first visit for nothing.
        named = () if headers is KEEP else ("ETag",)
        told = {**headers, **dict.fromkeys(named, f'"{self.digest}"')}
        if self._compressible:
            told["Vary"] = "Accept-Encoding"
        content = self.content
        if self._compressible and accepts(asked, "gzip"):
            content = await self.compressed()
            told["Content-Encoding"] = "gzip"
            told |= dict.fromkeys(named, f'"{self.digest}-gzip"')
        if any(tag == "*" or tag.partition("-")[0] == self.digest for tag in _tags(asked)):
            told.pop("Content-Encoding", None)
            return Response(status_code=304, headers=told)
        return Response(content, media_type=self.media_type, headers=told)

    async def compressed(self) -> bytes:
        """The document compressed by gzip."""
        if self._gzip is None:
            self._gzip = await asyncio.to_thread(gzip.compress, self.content, 9, mtime=0)
        return self._gzip


def accepts(asked: Headers, coding: str) -> bool:
    """Whether a request accepts a content coding (RFC 9110, section 12.5.3)."""
    weights = {}
    for offer in asked.get("accept-encoding", "").lower().split(","):
        name, _, weight = offer.replace(" ", "").partition(";q=")
        weights[name] = weight.strip("0.") != "" or not weight
    return weights.get(coding, weights.get("*", False))


def _tags(asked: Headers) -> Iterator[str]:
    """The entity tags of a request's If-None-Match (RFC 9110, section 13.1.2)."""
    for tag in asked.get("if-none-match", "").split(","):
        yield tag.strip().removeprefix("W/").strip('"')
