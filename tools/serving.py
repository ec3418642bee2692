"""Start the real server as a user would, for whoever needs one: browser tests, screenshots, benchmarks."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

READY = re.compile(r"Glassnet is at (http://127\.0\.0\.1:\d+)")
#: As the command `glassnet`, of the checkout that is tested.
GLASSNET = (sys.executable, "-m", "glassnet.app.cli")
START_SECONDS = 60
STOP_SECONDS = 20


class Server:
    """A running `glassnet serve`: its address, its process, the last lines it printed."""

    def __init__(
        self,
        data_dir: Path,
        *options: str,
        command: Sequence[str | Path] = GLASSNET,
        told: bool = True,
        **popen: Any,
    ) -> None:
        """Start `command`; `told` is whether it is told its data directory, or knows it by itself."""
        self.data_dir = data_dir
        where: list[str | Path] = ["--data-dir", data_dir] if told else []
        self.lines: deque[str] = deque(maxlen=400)
        self.process = subprocess.Popen(
            [*command, "serve", "--no-open", "--port", "0", *where, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a process group of its own, so that stop() can see who is left
            **popen,
        )
        self._addresses: Queue[str | None] = Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._await_address()

    def _read(self) -> None:
        """Read to the end: a server whose pipe is full would stop."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if found := READY.search(line):
                self._addresses.put(found[1])
        self._addresses.put(None)

    def _await_address(self) -> str:
        try:
            address = self._addresses.get(timeout=START_SECONDS)
        except Empty:
            address = None
        if address is None:
            self._kill()
            raise RuntimeError(f"glassnet serve did not print where it is:\n{self.log()}")
        return address

    def log(self) -> str:
        return "".join(self.lines)

    def stop(self) -> None:
        """Ask it to end, and insist that it and all its workers have."""
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            raise RuntimeError(f"glassnet serve did not end when asked:\n{self.log()}") from None
        if left := self._await_group_end():
            self._kill()
            raise RuntimeError(f"glassnet serve ended, but left running: {', '.join(left)}\n{self.log()}")
        self._close()
        if code not in (0, -signal.SIGTERM):  # uvicorn ends by the signal it was sent
            raise RuntimeError(f"glassnet serve ended with {code}:\n{self.log()}")

    def _await_group_end(self) -> list[str]:
        """Workers end when their link closes, a moment after the server."""
        deadline = time.monotonic() + STOP_SECONDS
        while (left := living(self.process.pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left

    def _kill(self) -> None:
        with suppress(ProcessLookupError):  # where it had ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._close()

    def _close(self) -> None:
        self._reader.join(STOP_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()


def living(group: int) -> list[str]:
    """The processes of a group that still run; zombies do not. Only Linux tells: elsewhere, none."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = stat.read_text().rpartition(")")  # pid (name) state parent group ...
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        state, _, its_group = tail.split()[:3]
        if its_group == str(group) and state != "Z":
            found.append(f"{head})")
    return found


@contextmanager
def serving(data_dir: Path, *options: str, **popen: Any) -> Iterator[Server]:
    server = Server(data_dir, *options, **popen)
    try:
        yield server
    finally:
        server.stop()
