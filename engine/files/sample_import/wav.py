"""WAV files: PCM of 8 to 32 bits and floats, read chunk by chunk; every length in a header is checked.

The standard library's `wave` reads no floats. IBM & Microsoft 1991, Multimedia Programming Interface and Data
Specifications 1.0, section "Waveform Audio File Format"; WAVEFORMATEXTENSIBLE as Microsoft documents it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.engine.errors import DataError

#: The codes of what is read: whole numbers, floats, and the format whose code stands further behind.
PCM, FLOAT, EXTENSIBLE = 0x0001, 0x0003, 0xFFFE

#: Compressed formats by their codes, for messages.
CODECS = {
    0x0002: "Microsoft ADPCM",
    0x0006: "A-law",
    0x0007: "µ-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10",
    0x0040: "G.721 ADPCM",
    0x0050: "MPEG",
    0x0055: "MP3",
    0x00FF: "AAC",
    0x0161: "Windows Media Audio",
    0x0162: "Windows Media Audio",
    0x2000: "AC-3",
    0xF1AC: "FLAC",
}

#: The end of the identifiers of an extensible file's format; the code stands before it.
_GUID = bytes.fromhex("000000001000800000aa00389b71")

#: The bits that a number may have, by format.
BITS = {PCM: (8, 16, 24, 32), FLOAT: (32, 64)}

#: The least and the most samples a second.
RATES = (100, 768_000)

#: Moments that are read beyond what was asked for: filters reach as far.
MARGIN = 16

#: What files that are no WAV begin with, and where.
_OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"ID3", "an MP3 file"),
    (0, b"OggS", "an Ogg file (Vorbis or Opus)"),
    (0, b"fLaC", "a FLAC file"),
    (0, b"FORM", "an AIFF file"),
    (0, b"caff", "a Core Audio file"),
    (0, b".snd", "an AU file"),
    (0, b"\x1aE\xdf\xa3", "a WebM or Matroska file"),
    (0, b"#!AMR", "an AMR file"),
    (0, b"0&\xb2u", "a Windows Media file"),
    (0, b"RIFX", "a WAV file with the other byte order (RIFX)"),
    (0, b"RF64", "a WAV file for more than 4 GB (RF64)"),
    (4, b"ftyp", "an MP4 or M4A file"),
)

EXPECTED = "expected a WAV file: PCM of 8, 16, 24 or 32 bits, or floats of 32 or 64"


@dataclass(frozen=True)
class Sound:
    """The beginning of a WAV file, decoded: float64 (channels, moments), full waves from −1 to 1."""

    values: np.ndarray
    #: Samples a second, and how many the file has in all.
    rate: int
    moments: int


def what_it_is(content: bytes) -> str:
    """What a file that is no WAV is, as its first bytes tell."""
    for start, mark, words in _OTHERS:
        if content[start : start + len(mark)] == mark:
            return words
    if content[:1] == b"\xff" and len(content) > 1 and content[1] & 0xE0 == 0xE0:
        return "an MP3 or AAC file"
    if content[:4] == b"RIFF":
        return f"a RIFF file of the kind {content[8:12].decode('latin-1').strip()!r}"
    return f"a file that begins with {content[:4]!r}" if content else "empty"


def read_wav(content: bytes, seconds: float) -> Sound:
    """The first `seconds` of a WAV file. Raises DataError, which names the field and its value."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise DataError(f"{what_it_is(content)}; {EXPECTED}")
    form: _Format | None = None
    for name, start, size in _chunks(content):
        if name == b"fmt ":
            form = _Format.read(content[start : start + size])
        elif name == b"data":
            if form is None:
                raise DataError(
                    "the chunk 'data' stands before 'fmt ', which tells its format; expected after"
                )
            return form.sound(content, start, size, seconds)
    missing = "fmt " if form is None else "data"
    raise DataError(f"no chunk {missing!r}: the file ends before it; expected a whole file")


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The chunks: name, first byte, announced size. Raises DataError where one before data is cut off."""
    place = 12
    while place + 8 <= len(content):
        name, size = content[place : place + 4], struct.unpack_from("<I", content, place + 4)[0]
        yield name, place + 8, size
        place += 8 + size + size % 2
    if place > len(content) + 1:
        raise DataError(
            f"cut off: the chunk {name.decode('latin-1')!r} announces {size:,} bytes, of which "
            f"{max(0, len(content) - (place - size - size % 2)):,} are there; expected all"
        )


@dataclass(frozen=True)
class _Format:
    """The chunk `fmt `, checked."""

    code: int
    channels: int
    rate: int
    bits: int

    @classmethod
    def read(cls, chunk: bytes) -> _Format:
        """The format in a chunk. Raises DataError."""
        if len(chunk) < 16:
            raise DataError(f"the chunk 'fmt ' has {len(chunk)} bytes; expected at least 16")
        code, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", chunk)
        if code == EXTENSIBLE:
            code = cls._extended(chunk)
        if code not in BITS:
            codec = CODECS.get(code, "an unknown format")
            raise DataError(f"compressed as {codec} (format 0x{code:04x}); {EXPECTED}")
        if channels not in (1, 2):
            raise DataError(f"channels is {channels}; expected 1 (mono) or 2 (stereo)")
        if not RATES[0] <= rate <= RATES[1]:
            raise DataError(f"rate is {rate:,} Hz; expected {RATES[0]} to {RATES[1]:,}")
        if bits not in BITS[code]:
            said = ", ".join(map(str, BITS[code]))
            raise DataError(f"bits is {bits} of {'PCM' if code == PCM else 'floats'}; expected one of {said}")
        if align != channels * bits // 8:
            raise DataError(
                f"block align is {align}; expected {channels * bits // 8}, for {channels} × {bits} bits"
            )
        return cls(code, channels, rate, bits)

    @staticmethod
    def _extended(chunk: bytes) -> int:
        """The code of an extensible format. Raises DataError."""
        if len(chunk) < 40:
            raise DataError(f"the extensible chunk 'fmt ' has {len(chunk)} bytes; expected 40")
        if chunk[26:40] != _GUID:
            raise DataError(f"compressed in a format of its own ({chunk[24:40].hex()}); {EXPECTED}")
        return int.from_bytes(chunk[24:26], "little")

    def sound(self, content: bytes, start: int, size: int, seconds: float) -> Sound:
        """The first seconds of the data that begin at `start`. Raises DataError."""
        there = len(content) - start
        if size > there:
            raise DataError(
                f"cut off: 'data' announces {size:,} bytes, and {there:,} follow; expected a whole file"
            )
        frame = self.channels * self.bits // 8
        if size % frame:
            raise DataError(f"'data' has {size:,} bytes; expected a multiple of {frame}, one moment's")
        moments = size // frame
        if not moments:
            raise DataError("empty: no sound in 'data'; expected at least one moment")
        kept = min(moments, int(np.ceil(seconds * self.rate)) + MARGIN)
        values = self._numbers(content[start : start + kept * frame])
        if not np.isfinite(values).all():
            place = int(np.flatnonzero(~np.isfinite(values))[0]) // self.channels
            raise DataError(f"not a number at moment {place:,}; expected finite values")
        return Sound(values.reshape(kept, self.channels).T, self.rate, moments)

    def _numbers(self, raw: bytes) -> np.ndarray:
        """Numbers float64, full waves from −1 to 1."""
        if self.code == FLOAT:
            return np.frombuffer(raw, f"<f{self.bits // 8}").astype(np.float64)
        if self.bits == 8:  # the only one without a sign
            return (np.frombuffer(raw, np.uint8).astype(np.float64) - 128) / 128
        if self.bits == 24:  # each becomes the upper three bytes of four
            wide = np.zeros((len(raw) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
            return wide.view("<i4").ravel() / 2.0**31
        return np.frombuffer(raw, f"<i{self.bits // 8}") / 2.0 ** (self.bits - 1)
