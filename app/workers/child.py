"""Child: a process started by the fork server, as a handle to signal and to wait for.

A process number alone is not a safe handle (another process may have reused it), and multiprocessing's
status depends on the fork server being alive. Linux has process descriptors; elsewhere the number is used.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from multiprocessing.process import BaseProcess

#: Seconds between two polls where the system cannot notify.
LOOK_EVERY = 0.05


class Child:
    """The handle of a process."""

    def __init__(self, process: BaseProcess) -> None:
        assert process.pid is not None
        self._process, self.pid = process, process.pid
        self._descriptor = self._opened()

    def _opened(self) -> int | None:
        if sys.platform != "linux":
            return None
        try:
            return os.pidfd_open(self.pid)
        except OSError:
            return None  # ended already, or a kernel before 5.3

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if the process is alive."""
        try:
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, number)
            elif self._process.is_alive():
                os.kill(self.pid, number)
        except ProcessLookupError:
            pass

    async def ended(self, seconds: float) -> bool:
        """Wait for the process to end, at most `seconds`; returns whether it has."""
        try:
            async with asyncio.timeout(seconds):
                await (self._poll() if self._descriptor is None else self._readable(self._descriptor))
        except TimeoutError:
            return False
        return True

    async def _readable(self, descriptor: int) -> None:
        """Wait until a process descriptor is readable, which it is when the process has ended."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)

    async def _poll(self) -> None:
        while self._process.is_alive():  # noqa: ASYNC110 there is nothing else to wait on
            await asyncio.sleep(LOOK_EVERY)

    def code(self) -> int | None:
        """The exit code reported by the fork server: negative for a signal, None where it is not known."""
        self._process.join(1)
        code = self._process.exitcode
        return None if code == 255 else code

    def close(self) -> None:
        """Close the descriptor."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
