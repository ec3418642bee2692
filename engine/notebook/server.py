"""The server behind a notebook: `glassnet serve` on loopback, in a process that ends with this one."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from collections import deque
from itertools import count
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from glassnet.engine.errors import GlassnetError
from glassnet.engine.files.places import DATA_DIR

#: Where its runs are kept; another notebook at work has the next of this name.
RUNS = DATA_DIR / "notebook"

#: Seconds until it must have printed its address, and until it must have answered.
START_SECONDS, ANSWER_SECONDS = 60, 60

#: Notebooks that may be at work.
MOST = 20

#: The pages that may embed it: Jupyter on this machine and VS Code; behind a proxy, its own origin.
LOCAL = " ".join(
    (
        *(f"{scheme}://{host}:*" for scheme in ("http", "https") for host in ("localhost", "127.0.0.1")),
        "vscode-webview:",
        "vscode-file:",
    )
)

#: How it is started, but for where its runs are kept.
COMMAND = (sys.executable, *["-m", "glassnet", "serve", "--no-open", "--end-with-input", "--port", "0"])

_READY = re.compile(r"Glassnet is at http://127\.0\.0\.1:(\d+)")

#: Requests to this machine go to no proxy, whatever the environment says.
_opener = build_opener(ProxyHandler({}))


class Occupied(Exception):
    """A data directory that another server uses."""


class LocalServer:
    """A running server; `through` is the path of a proxy that leads to ports of this machine, or ""."""

    def __init__(self, through: str, data_dir: Path) -> None:
        """Raises Occupied, and GlassnetError, with its last output, where it does not start."""
        self.through, self.token = through, secrets.token_urlsafe(24) if through else ""
        self._lines: deque[str] = deque(maxlen=50)
        self._ports: Queue[int | None] = Queue()
        self._process = subprocess.Popen(
            [*COMMAND, "--data-dir", str(data_dir.resolve())],
            env={**os.environ, **self._settings()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # the notebook's ■ interrupts all of the kernel's session
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = self._port()

    def _settings(self) -> dict[str, str]:
        if not self.through:
            return {"GLASSNET_FRAME_ANCESTORS": LOCAL}
        return {
            "GLASSNET_FRAME_ANCESTORS": "'self'",
            "GLASSNET_PREFIX": f"{self.through}/{{port}}",
            "GLASSNET_HOSTS": "*",  # the proxy's name is not known here; there is a token instead
            "GLASSNET_TOKEN": self.token,
        }

    def _read(self) -> None:
        """Read to the end: a server whose pipe is full would stop."""
        assert self._process.stdout is not None
        with self._process.stdout as said:
            for line in said:
                self._lines.append(line.rstrip())
                if found := _READY.search(line):
                    self._ports.put(int(found[1]))
        self._ports.put(None)

    def _port(self) -> int:
        try:
            port = self._ports.get(timeout=START_SECONDS)
        except Empty:
            port = None
        if port is None:
            self.stop()
            said = self._lines[-1] if self._lines else "it said nothing"
            if "another Glassnet" in said:
                raise Occupied(said)
            raise GlassnetError(f"the page's server did not start: {said}")
        return port

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def address(self, path: str) -> str:
        """The address of a path for a browser: on this machine, or below the proxy's path.

        Jupyter is usually at `localhost`: under the same name its frames may store the viewer's choices.
        """
        below = f"{self.through}/{self.port}" if self.through else f"http://localhost:{self.port}"
        return f"{below}{path}" + (f"?token={self.token}" if self.token else "")

    def ask(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        """The response to a posted JSON document. Raises GlassnetError with the server's message."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        address = f"http://127.0.0.1:{self.port}{path}"
        request = Request(address, json.dumps(document).encode(), headers)
        try:
            with _opener.open(request, timeout=ANSWER_SECONDS) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except HTTPError as error:
            detail = json.loads(error.read() or b"{}").get("detail", error.reason)
            raise GlassnetError(f"the page's server refuses it: {detail}") from None
        except OSError as error:
            raise GlassnetError(f"the page's server does not answer: {error}") from None

    def stop(self) -> None:
        """Stop the server, and wait until everything is written."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()


_servers: dict[str, LocalServer] = {}


def local_server(through: str) -> LocalServer:
    """The server of this process, started when it is first asked for. Raises GlassnetError."""
    known = _servers.get(through)
    if known is None or not known.alive:
        known = _servers[through] = _started(through)
    return known


def _started(through: str) -> LocalServer:
    for number in count(1):
        try:
            return LocalServer(through, RUNS if number == 1 else RUNS.with_name(f"{RUNS.name}-{number}"))
        except Occupied as error:
            if number == MOST:
                raise GlassnetError(f"{error}; so do {MOST - 1} further notebooks") from None
    raise AssertionError
