"""A table of what may have happened to a run directory, each by the name of what was done to it."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Damage = Callable[[Path], None]

#: What may stand where something else is expected, in a card's fields.
WRONG: dict[str, Any] = {
    "null": None,
    "a number": -5,
    "a fraction": 1.5,
    "true": True,
    "a list": [1, 2],
    "an object": {"a": {"b": []}},
    "a long text": "x" * 5_000,
    "an empty text": "",
}

#: Fields of a card, and which of the wrong values are right for them.
FIELDS: dict[str, set[str]] = {
    "id": set(),
    "title": set(),
    "created": {"a fraction"},
    "state": set(),
    "reason": {"null"},
    "unwatched": set(),
    "parent": {"null", "an empty text"},
    "step": set(),
    "epoch": {"a fraction"},
    "life": set(),
    "revision": set(),
}

#: Whole cards, as bytes.
CARDS: dict[str, bytes] = {
    "empty": b"",
    "half": b'{"id": "x", "ti',
    "a list": b"[]",
    "a number": b"7",
    "not UTF-8": b'{"title": "\xff\xfe"}',
    "zeros": bytes(4096),
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a huge number": b'{"step": ' + b"9" * 50_000 + b"}",
}

#: Places in a card that JSON has no words for, or that cannot be sent; put in by text.
TEXTS: dict[str, tuple[str, str]] = {
    "NaN": ('"epoch": ', '"epoch": NaN, "x": '),
    "Infinity": ('"epoch": ', '"epoch": Infinity, "x": '),
    "beyond floats": ('"epoch": ', '"epoch": 1e999, "x": '),
    "beyond the year": ('"created": ', '"created": 1e300, "x": '),
    "half a character": ('"title": "', '"title": "\\ud800'),
    "a key twice": ('"title": ', '"title": "twice", "title": '),
    "another state": ('"state": "', '"state": "dreaming'),
    "its own damage": ('"state": "', '"state": "damaged", "y": "'),
    "a future step": ('"step": ', '"step": 99999999999999999999, "x": '),
    "edits unknown to the journal": ('"revision": ', '"revision": 7, "x": '),
    "lives unknown to the journal": ('"life": ', '"life": 7, "x": '),
}


def rewritten(field: str, value: Any) -> Damage:
    def damage(run: Path) -> None:
        card = json.loads((run / "run.json").read_text())
        (run / "run.json").write_text(json.dumps({**card, field: value}))

    return damage


def written(name: str, data: bytes) -> Damage:
    return lambda run: void((run / name).write_bytes(data))


def replaced(old: str, new: str) -> Damage:
    def damage(run: Path) -> None:
        text = (run / "run.json").read_text()
        assert old in text
        (run / "run.json").write_text(text.replace(old, new, 1))

    return damage


def cut(name: str, share: float) -> Damage:
    return lambda run: os.truncate(run / name, int((run / name).stat().st_size * share))


def flipped(name: str, share: float) -> Damage:
    def damage(run: Path) -> None:
        data = bytearray((run / name).read_bytes())
        data[min(len(data) - 1, int(len(data) * share))] ^= 0x20
        (run / name).write_bytes(data)

    return damage


def removed(name: str) -> Damage:
    def damage(run: Path) -> None:
        path = run / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return damage


def instead(name: str, make: Damage) -> Damage:
    def damage(run: Path) -> None:
        removed(name)(run)
        make(run / name)

    return damage


def void(_: object) -> None:
    pass


def listening(path: Path) -> None:
    """A socket's name, in a directory whose own name may be too long for one."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


#: What may lie where a file or a directory is expected.
THINGS: dict[str, Damage] = {
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link upwards": lambda path: path.symlink_to(".."),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a pipe": os.mkfifo,
    "a socket": listening,
    "a file": lambda path: void(path.write_bytes(b"x")),
    "a directory": lambda path: path.mkdir(),
}


def grown(name: str, size: int) -> Damage:
    """A hole of so many bytes: it takes none of the disk."""

    def damage(run: Path) -> None:
        with (run / name).open("ab") as file:
            file.truncate(size)

    return damage


def renamed(name: str) -> Damage:
    return lambda run: void(run.rename(run.with_name(name)))


def emptied(run: Path) -> None:
    for each in list(run.iterdir()):
        removed(each.name)(run)


def locked(name: str) -> Damage:
    return lambda run: (run / name).chmod(0)


def without_edits(run: Path) -> None:
    lines = (run / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (run / "journal.jsonl").write_bytes(b"".join(line for line in lines if b'"edit"' not in line))


def swapped(run: Path) -> None:
    checkpoints = run / "checkpoints"
    for name in ("latest", "three"):
        (checkpoints / f"{name}.safetensors").rename(checkpoints / f"{name}.x")
    (checkpoints / "latest.x").rename(checkpoints / "three.safetensors")
    (checkpoints / "three.x").rename(checkpoints / "latest.safetensors")


def damages() -> Iterator[tuple[str, Damage]]:
    """Everything, by name."""
    for field, right in FIELDS.items():
        for words, value in WRONG.items():
            if words not in right:
                yield f"card {field} {words}", rewritten(field, value)
    for words, data in CARDS.items():
        yield f"card {words}", written("run.json", data)
    for words, (old, new) in TEXTS.items():
        yield f"card {words}", replaced(old, new)
    yield "card 5 GB", grown("run.json", 5 << 30)
    yield "experiment 5 GB", grown("experiment.json", 5 << 30)
    for name in ("experiment.json", "journal.jsonl"):
        yield f"{name} empty", written(name, b"")
        yield f"{name} noise", written(name, bytes(range(256)) * 64)
        for share in (0.01, 0.3, 0.6, 0.99):
            yield f"{name} cut at {share}", cut(name, share)
            yield f"{name} flipped at {share}", flipped(name, share)
        yield f"{name} flipped at the end", flipped(name, 1.0)
        yield f"{name} removed", removed(name)
    yield "journal without its edits", without_edits
    for name in ("latest.json", "latest.safetensors"):
        for share in (0.0, 0.02, 0.5, 0.99):
            yield f"{name} cut at {share}", cut(f"checkpoints/{name}", share)
            yield f"{name} flipped at {share}", flipped(f"checkpoints/{name}", share)
        yield f"{name} removed", removed(f"checkpoints/{name}")
        yield f"{name} of 5 GB", grown(f"checkpoints/{name}", 5 << 30)
    yield "checkpoints swapped", swapped
    places = (
        "run.json",
        "experiment.json",
        "journal.jsonl",
        "checkpoints",
        "frames",
        "checkpoints/latest.json",
    )
    for name in (*places, "checkpoints/latest.json"):
        for words, make in THINGS.items():
            if (words == "a file") != ("." in name) or words not in ("a file", "a directory"):
                yield f"{name} is {words}", instead(name, make)
        yield f"{name} locked", locked(name)
    yield (
        "frames garbage",
        lambda run: void([(each / "x.safetensors").write_bytes(b"x") for each in (run / "frames").iterdir()]),
    )
    yield "a frame cut", lambda run: os.truncate(next((run / "frames").rglob("*.safetensors")), 20)
    yield "nothing left", emptied
    for words, make in THINGS.items():
        if words not in ("a directory", "a link upwards"):
            yield f"it is {words}", instead(".", make)
    yield "locked", lambda run: run.chmod(0)
    for name in ("a b", "%2e%2e", "ä", "x" * 200, "-rf", "a\nb", os.fsdecode(b"\xff\xfe")):
        yield f"called {name!r}", renamed(name)
