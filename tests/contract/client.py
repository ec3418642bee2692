"""A client that has read section 3 of the design, and knows nothing else: httpx, websockets, safetensors."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import safetensors.numpy
from websockets.sync.client import ClientConnection, connect

SECONDS = 60.0

FIXTURES = Path(__file__).parent / "fixtures"


def experiment() -> dict[str, Any]:
    """The experiment of section 3, to the letter."""
    document: dict[str, Any] = json.loads((FIXTURES / "experiment.json").read_text())
    return document


@dataclass(frozen=True)
class Frame:
    """A decoded frame."""

    metadata: dict[str, str]
    arrays: dict[str, np.ndarray]

    @classmethod
    def of(cls, data: bytes) -> Frame:
        size = int.from_bytes(data[:8], "little")
        return cls(json.loads(data[8 : 8 + size])["__metadata__"], safetensors.numpy.load(data))

    @property
    def probe(self) -> str:
        return self.metadata["probe"]

    @property
    def seq(self) -> int:
        return int(self.metadata["seq"])

    @property
    def step(self) -> int:
        return int(self.metadata["step"])


@dataclass
class Viewer:
    """One live connection, and all that came over it."""

    socket: ClientConnection
    messages: list[dict[str, Any]] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def receive(self, seconds: float = SECONDS) -> dict[str, Any] | Frame:
        """The next thing that comes."""
        came = self.socket.recv(timeout=seconds)
        if isinstance(came, bytes):
            frame = Frame.of(came)
            self.frames.append(frame)
            return frame
        message: dict[str, Any] = json.loads(came)
        self.messages.append(message)
        return message

    def until(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = SECONDS) -> dict[str, Any]:
        """The first message from now on that is wanted."""
        deadline = time.monotonic() + seconds
        while True:
            came = self.receive(max(0.01, deadline - time.monotonic()))
            if isinstance(came, dict) and wanted(came):
                return came

    def frame(self, wanted: Callable[[Frame], bool] = lambda frame: True, seconds: float = SECONDS) -> Frame:
        """The first frame from now on that is wanted."""
        deadline = time.monotonic() + seconds
        while True:
            came = self.receive(max(0.01, deadline - time.monotonic()))
            if isinstance(came, Frame) and wanted(came):
                return came

    def state(self, *states: str) -> dict[str, Any]:
        """The next status with one of these states."""
        return self.until(lambda message: message["type"] == "status" and message["state"] in states)

    def send(self, kind: str, **fields: Any) -> int:
        """Send a command; its id."""
        number = next(self._numbers)
        self.socket.send(json.dumps({"type": kind, "id": number, **fields}))
        return number

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send a command and wait for its answer, whichever it is."""
        number = self.send(kind, **fields)
        return self.until(lambda message: message["type"] in ("ack", "error") and message.get("id") == number)

    def command(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send a command that must be acknowledged."""
        answer = self.ask(kind, **fields)
        assert answer["type"] == "ack", answer
        return answer

    def rows(self, probe: str) -> dict[int, dict[str, float]]:
        """All rows of a scalar probe that came, by number."""
        found = {}
        for frame in self.frames:
            if frame.probe == probe:
                for index in range(len(frame.arrays["step"])):
                    assert frame.seq + index not in found, "a row came twice"
                    found[frame.seq + index] = {
                        name: float(column[index]) for name, column in frame.arrays.items()
                    }
        return found


class Client:
    """The service, from outside."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=SECONDS)

    def start(self, document: dict[str, Any] | None = None, **options: Any) -> str:
        """Start a run; its id."""
        answer = self.http.post("/api/runs", json={"experiment": document or experiment(), **options})
        assert answer.status_code == 201, answer.text
        name: str = answer.json()["id"]
        return name

    def run(self, name: str) -> dict[str, Any]:
        """A run as it is."""
        answer: dict[str, Any] = self.http.get(f"/api/runs/{name}").raise_for_status().json()
        return answer

    def wait_for(self, name: str, *states: str) -> dict[str, Any]:
        """A run, once it is in one of the states."""
        deadline = time.monotonic() + SECONDS
        while (run := self.run(name))["state"] not in states:
            assert time.monotonic() < deadline, run
            time.sleep(0.05)
        return run

    @contextmanager
    def watch(self, name: str, *probes: dict[str, Any], query: str = "") -> Iterator[Viewer]:
        """A live connection; its hello is in `messages`."""
        address = self.url.replace("http", "ws", 1) + f"/api/runs/{name}/live{query}"
        with connect(address, compression=None, max_size=None, max_queue=None) as socket:
            viewer = Viewer(socket)
            viewer.until(lambda message: message["type"] == "hello")
            if probes:
                viewer.command("watch", probes=list(probes))
            yield viewer

    def rows(self, name: str, probe: str) -> dict[int, dict[str, float]]:
        """All journalled rows of a scalar probe, by number, page by page."""
        found: dict[int, dict[str, float]] = {}
        start = 0
        while True:
            answer = self.http.get(f"/api/runs/{name}/metrics", params={"probe": probe, "from": start})
            page = Frame.of(answer.raise_for_status().content)
            count = len(page.arrays.get("step", ()))
            numbers = page.arrays.pop("seq", [page.seq + index for index in range(count)])
            for index, number in enumerate(numbers):
                found[int(number)] = {name: float(column[index]) for name, column in page.arrays.items()}
            following = int(page.metadata["next"])
            if following == start:
                return found
            start = following


def resolves(pointer: str, document: Any) -> bool:
    """Whether a JSON pointer leads somewhere in a document."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            document = document[int(name) if isinstance(document, list) else name]
        except (KeyError, IndexError, ValueError, TypeError):
            return False
    return True
