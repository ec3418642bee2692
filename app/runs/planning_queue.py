"""The queue of planning: one network at a time, in turns between clients."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Generic, TypeAlias, TypeVar

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

from glassnet.app.core.problems import Refusal
from glassnet.engine.experiment.experiment import Experiment

T = TypeVar("T")

#: An address, and one of its connections.
Caller = tuple[str, str]

#: Done when it has come.
Turn: TypeAlias = "asyncio.Future[None]"

#: The caller whose request or command is carried out; empty for the server's own work.
caller: ContextVar[Caller] = ContextVar("caller", default=("", ""))


class Callers:
    """Middleware that notes the client of a request, for the planning queue."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address, port = scope.get("client") or ("", 0)
        caller.set((str(address), str(port)))
        await self._app(scope, receive, send)


class PlanningQueue:
    """The way to the one thread that plans.

    Torch keeps what measures a plan for the whole process, so one is planned at a time. Addresses take
    turns, and so do the connections of each: a class behind one address shares its turn, and a viewer who
    asks for sixty networks waits for sixty, but others for one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: OrderedDict[str, OrderedDict[str, deque[Turn]]] = OrderedDict()
        self._busy = False
        self._thread = anyio.CapacityLimiter(1)

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, run when it is the caller's turn. Raises Refusal where the queue is full."""
        await self._enter(*caller.get())
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._thread)
        finally:
            self._leave()

    async def _enter(self, address: str, connection: str) -> None:
        if not self._busy:
            self._busy = True
            return
        self._check_room(address)
        turn: Turn = asyncio.get_running_loop().create_future()
        connections = self._waiting.setdefault(address, OrderedDict())
        connections.setdefault(connection, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # its turn had come
                self._leave()
            raise

    def _check_room(self, address: str) -> None:
        """Raise Refusal where the queue is full; one address may fill half of it."""
        counts = {name: sum(map(len, waiting.values())) for name, waiting in self._waiting.items()}
        later = {"Retry-After": "5"}
        if (count := counts.get(address, 0)) >= self._most // 2:
            raise Refusal(429, f"{count} networks of this client wait to be planned", headers=later)
        if (count := sum(counts.values())) >= self._most:
            raise Refusal(503, f"{count} networks wait to be planned", headers=later)

    def _leave(self) -> None:
        """Pass the turn to the next."""
        turn = self._next()
        self._busy = turn is not None
        if turn is not None:
            turn.set_result(None)

    def _next(self) -> Turn | None:
        """The next in the queue: of the address and the connection that were served least recently."""
        while self._waiting:
            address, connections = next(iter(self._waiting.items()))
            connection, turns = next(iter(connections.items()))
            turn = turns.popleft()
            if not turn.done():  # who has given up waiting has had no turn
                self._waiting.move_to_end(address)
                connections.move_to_end(connection)
            if not turns:
                del connections[connection]
            if not connections:
                del self._waiting[address]
            if not turn.done():
                return turn
        return None


class Remembered(Generic[T]):
    """A cache of values for the last few experiments, each computed once."""

    def __init__(self, make: Callable[[Experiment], Awaitable[T]], most: int = 16) -> None:
        self._make, self._making = make, asyncio.Lock()
        self._made: deque[tuple[Experiment, T]] = deque(maxlen=most)

    async def of(self, experiment: Experiment) -> T:
        """The value for an experiment, which is the same object as long as its run is not edited."""
        async with self._making:
            for known, value in self._made:
                if known is experiment:
                    return value
            value = await self._make(experiment)
            self._made.append((experiment, value))
            return value
