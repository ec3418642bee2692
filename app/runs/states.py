"""The states of a run, and which commands are legal in each.

docs/commands.md shows the same table; a test compares them.
"""

from __future__ import annotations

from typing import Final, Literal

from glassnet.engine.run.commands import PUBLIC

State = Literal[
    "queued",
    "starting",
    "training",
    "paused",
    "finished",
    "failed",
    "stopped",
    "interrupted",
    "damaged",
    "incomplete",
]

STATES: Final[dict[State, str]] = {
    "queued": "waits for a worker; its place is in `queue_position`",
    "starting": "its worker is building the network",
    "training": "takes steps",
    "paused": "could take steps",
    "finished": "has taken all its steps, or was ended by a stop (`reason`); going on is an edit and a play",
    "failed": "cannot go on as it is; `reason` says why: it diverged, ran out of memory, or lost its worker",
    "stopped": "was stopped, and has given up its worker",
    "interrupted": "the server ended while it had work to do; it can go on from its last snapshot",
    "damaged": "has a directory that cannot be read as it is; `reason` says why, and `repair` mends it",
    "incomplete": "has items of a plug-in that is not installed here; `reason` says of which",
}

#: States that no record on disk has: the next server may find the run in another.
FOUND: Final[frozenset[State]] = frozenset({"damaged", "incomplete"})

_ALL = frozenset(PUBLIC) - {"repair"}

LEGAL: Final[dict[State, frozenset[str]]] = {
    # What needs a worker is carried out when there is one; a study has one of its own.
    "queued": _ALL,
    "starting": _ALL,
    "training": _ALL,
    "paused": _ALL,
    "finished": _ALL - {"play", "step"},
    "failed": frozenset({"stop", "reset", "edit", "watch", "rewind", "study", "cancel"}),
    "stopped": _ALL - {"pause", "speed"},
    "interrupted": _ALL - {"pause", "speed"},
    # It can be looked at as far as it is whole; nothing is written before it is repaired.
    "damaged": frozenset({"watch", "cancel", "repair"}),
    "incomplete": frozenset({"watch", "cancel"}),
}


#: Commands that let a run's directory grow: refused where the disk is full, or the run beyond its quota.
WRITING: Final = frozenset({"play", "step", "snapshot", "edit", "weight", "reset", "rewind", "study"})


def is_legal(command: str, state: State) -> bool:
    """Whether a command is legal in a state."""
    return command in LEGAL[state]


def table() -> str:
    """The table as Markdown."""
    head = ["", *STATES]
    lines = [head, ["---"] + [":-:"] * len(STATES)]
    lines += [
        [f"`{command}`", *("✓" if is_legal(command, state) else "" for state in STATES)] for command in PUBLIC
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
