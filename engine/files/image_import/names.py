"""Names in ZIP files, whose encoding is seldom marked, and the names of classes derived from them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from glassnet.engine.files.pixel_scale import AUTO

#: Encodings of names, the likeliest first; the first is the ZIP standard's default.
ENCODINGS = ("cp437", "cp1252", "cp932", "gbk", "cp866", "cp1251")

#: The encodings a user may choose; Korean and Taiwanese names cannot be distinguished from Chinese ones.
CHOICES = (AUTO, "utf-8", *ENCODINGS, "cp949", "big5")

#: The most characters of a class's name.
LONGEST = 100


def encoding_of(names: Sequence[bytes]) -> str | None:
    """The encoding of names: None where all are ASCII, UTF-8 where all are valid, else the most plausible."""
    told = [name for name in names if not name.isascii()]
    if not told:
        return None
    if all(_decodes(name, "utf-8") for name in told):
        return "utf-8"
    fitting = [encoding for encoding in ENCODINGS if all(_decodes(name, encoding) for name in told)]
    return min(fitting or ["cp437"], key=lambda encoding: sum(_oddness(name, encoding) for name in told))


def _decodes(name: bytes, encoding: str) -> bool:
    try:
        name.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _oddness(name: bytes, encoding: str) -> float:
    """The implausibility of a decoded name: symbols, half-width kana, adjacent accents and mixed scripts."""
    text = name.decode(encoding)
    odd = sum(2.0 for letter in text if not letter.isascii() and unicodedata.category(letter)[0] != "L")
    odd += sum(1.0 for letter in text if "\uff61" <= letter <= "\uff9f")
    for one, other in pairwise(text):
        if one.isalpha() and other.isalpha() and not (one.isascii() and other.isascii()):
            both_accented = _script(one) == _script(other) == "LATIN" and not (one + other).isascii()
            odd += 1.0 * (both_accented and not one.isascii() and not other.isascii())
            odd += 1.0 * (one.islower() and other.isupper()) + 1.0 * (_script(one) != _script(other))
    return odd


def _script(letter: str) -> str:
    """The script of a letter: LATIN, CYRILLIC, …; kana and ideographs count as one."""
    first = unicodedata.name(letter, "?").split(" ")[0].split("-")[0]
    return "CJK" if first in ("HIRAGANA", "KATAKANA", "CJK") else first


def shown(text: str) -> str:
    """A name for display: composed (NFC), without control characters, lone surrogates and outer spaces."""
    composed = unicodedata.normalize("NFC", text)
    kept = (
        "\ufffd" if unicodedata.category(letter) == "Cs" else letter
        for letter in composed
        if letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cf")
    )
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def fitting(names: Iterable[str]) -> dict[str, str]:
    """Valid class names by original name: none is empty, too long or a duplicate."""
    made: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        short = shown(name) or "unnamed"
        if len(short) > LONGEST:
            short = short[: LONGEST - 1].rstrip() + "…"
        number = 2
        unique = short
        while unique in taken:
            unique, number = f"{short[: LONGEST - 6]} ({number})", number + 1
        taken.add(unique)
        made[name] = unique
    return made


def natural(name: str) -> list[tuple[int, str]]:
    """The key of natural sorting, in which 10 follows 9."""
    return [(int(part), "") if part.isdigit() else (-1, part.lower()) for part in re.split(r"([0-9]+)", name)]
