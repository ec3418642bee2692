"""What a run without a session was told: what its next session is to do, in an order that means the same.

Changes (reset, rewind, a weight, a snapshot) come first, as they were given; then what the run is to do. As
no step is taken in between, that is the order of the commands themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.engine.run.commands import Command, Id, Pause, Play, Reset, Rewind, Step

#: What says whether the run is to take steps; each replaces the one before.
AIMS = (Play, Step, Pause, Reset, Rewind)


class Pending:
    """The commands for the next session of one run."""

    def __init__(self) -> None:
        self._changes: list[Command] = []
        #: `play` or `step`; None: it is to rest.
        self.aim: Command | None = None
        #: Whether the aim is of the session before, which had begun with it.
        self._begun = False
        #: Whether anything said what the run is to do since the session before was asked to leave.
        self.decided = False

    def add(self, command: Command) -> Command | None:
        """Take a command, and give back the aim that it replaces."""
        replaced = None
        if isinstance(command, AIMS):
            replaced, self.aim = self.aim, command if isinstance(command, Play | Step) else None
            self.decided, self._begun = True, False
        if not isinstance(command, Play | Step | Pause):
            self._changes.append(command)
        return replaced

    def resume(self, aim: Command) -> None:
        """Go on with what the session before was at."""
        self.aim, self._begun = aim, True

    @property
    def undecided(self) -> bool:
        """Whether nothing says yet what the run is to do."""
        return self.aim is None and not self.decided

    def take(self) -> list[Command]:
        """All commands, in order; nothing is pending any more."""
        commands = [*self._changes, *([self.aim] if self.aim is not None else [])]
        self.clear()
        return commands

    def clear(self) -> None:
        """Forget everything."""
        self._changes.clear()
        self.aim, self._begun, self.decided = None, False, False

    def numbers(self) -> Iterator[Id]:
        """The numbers of all commands that are pending."""
        yield from self.given()
        if self.aim is not None and self._begun:
            yield self.aim.id

    def given(self) -> Iterator[Id]:
        """The numbers of those that no session has begun with."""
        yield from (command.id for command in self._changes)
        if self.aim is not None and not self._begun:
            yield self.aim.id

    def __bool__(self) -> bool:
        return bool(self._changes) or self.aim is not None
