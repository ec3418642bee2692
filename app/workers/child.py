"""A child's child: a process that the fork server made for us, to signal and to wait for.

A process number alone is no safe handle (another process may have it by now), and multiprocessing's own
answer depends on the fork server being alive. Linux has process descriptors; elsewhere the number must do.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from multiprocessing.process import BaseProcess

#: Seconds between two looks where the system cannot tell by itself.
LOOK_EVERY = 0.05


class Child:
    """A process to signal and to wait for."""

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
        """Send a signal, if it still lives."""
        try:
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, number)
            elif self._process.is_alive():
                os.kill(self.pid, number)
        except ProcessLookupError:
            pass

    async def ended(self, seconds: float) -> bool:
        """Wait for its end, at most so long; whether it has ended."""
        try:
            async with asyncio.timeout(seconds):
                await (self._poll() if self._descriptor is None else self._readable(self._descriptor))
        except TimeoutError:
            return False
        return True

    async def _readable(self, descriptor: int) -> None:
        """A process descriptor becomes readable when the process ends."""
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
        """The exit code as the fork server told it: negative for a signal, None where nobody knows."""
        self._process.join(1)
        code = self._process.exitcode
        return None if code == 255 else code

    def close(self) -> None:
        """Let go of the descriptor."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
