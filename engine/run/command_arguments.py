"""What a command says besides its type, read with care; InvalidCommand points at what is wrong."""

from __future__ import annotations

from typing import Any

from glassnet.engine.errors import InvalidCommand

#: The greatest speed that can be asked for, in steps a second, and the most steps at once.
FASTEST, MOST_STEPS = 1e9, 10**9


def amount_asked(message: dict[str, Any]) -> tuple[int, str]:
    """How many, and of what: `steps` or `epochs`."""
    asked = [unit for unit in ("steps", "epochs") if message.get(unit) is not None]
    if len(asked) != 1:
        raise InvalidCommand.at("", f"{len(asked)} of 'steps' and 'epochs'; expected one of them")
    amount = message[asked[0]]
    if type(amount) is not int or not 1 <= amount <= MOST_STEPS:
        raise InvalidCommand.at(f"/{asked[0]}", f"{amount!r}; expected a whole number from 1 to 10⁹")
    return amount, asked[0]


def speed_asked(message: dict[str, Any]) -> float | None:
    """Steps a second; None for as many as possible."""
    wanted = message.get("steps_per_second")
    if wanted is None or (type(wanted) in (int, float) and 0 < wanted <= FASTEST):
        return wanted
    raise InvalidCommand.at(
        "/steps_per_second", f"{wanted!r}; expected a number above 0, or null for full speed"
    )


def name_asked(message: dict[str, Any], field: str) -> str:
    """The name of a checkpoint."""
    name = message.get(field, "latest")
    if not isinstance(name, str):
        raise InvalidCommand.at(f"/{field}", f"{name!r}; expected the name of a checkpoint")
    return name


def check_revision(message: dict[str, Any], current: int) -> None:
    """Raise InvalidCommand where an edit is of another revision than the current one."""
    revision = message.get("revision")
    if type(revision) is not int or revision != current:
        raise InvalidCommand.at("/revision", f"{revision!r}; the experiment is at revision {current} by now")
