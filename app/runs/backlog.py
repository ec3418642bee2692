"""Commands of a run without a session, pending until its next session, in an equivalent order.

Changes (reset, rewind, a weight, a snapshot) come first, in the order in which they were given; then the aim,
play or step. As no step is taken in between, the result is that of the commands as they were given.
"""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.engine.run.commands import Command, Id, Pause, Play, Reset, Rewind, Step

#: Commands that decide whether the run is to train; each replaces the one before.
AIMS = (Play, Step, Pause, Reset, Rewind)


class Pending:
    """The commands for the next session of one run."""

    def __init__(self) -> None:
        self._changes: list[Command] = []
        #: `play` or `step`; None for a run that is to stay paused.
        self.aim: Command | None = None
        #: Whether the aim was begun by the previous session.
        self._begun = False
        #: Whether there was a command of AIMS since the previous session was parked.
        self.decided = False

    def add(self, command: Command) -> Command | None:
        """Add a command; returns the aim that it replaces."""
        replaced = None
        if isinstance(command, AIMS):
            replaced, self.aim = self.aim, command if isinstance(command, Play | Step) else None
            self.decided, self._begun = True, False
        if not isinstance(command, Play | Step | Pause):
            self._changes.append(command)
        return replaced

    def resume(self, aim: Command) -> None:
        """Continue with the aim of the previous session."""
        self.aim, self._begun = aim, True

    @property
    def undecided(self) -> bool:
        """Whether there is neither an aim nor a decision to stay paused."""
        return self.aim is None and not self.decided

    def take(self) -> list[Command]:
        """Remove and return all commands, in order."""
        commands = [*self._changes, *([self.aim] if self.aim is not None else [])]
        self.clear()
        return commands

    def clear(self) -> None:
        """Remove all commands."""
        self._changes.clear()
        self.aim, self._begun, self.decided = None, False, False

    def numbers(self) -> Iterator[Id]:
        """The ids of all pending commands."""
        yield from self.given()
        if self.aim is not None and self._begun:
            yield self.aim.id

    def given(self) -> Iterator[Id]:
        """The ids of the commands that no session has begun."""
        yield from (command.id for command in self._changes)
        if self.aim is not None and not self._begun:
            yield self.aim.id

    def __bool__(self) -> bool:
        return bool(self._changes) or self.aim is not None
