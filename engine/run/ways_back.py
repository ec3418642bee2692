"""The checkpoints that resets and rewinds leave: the newest by its name, a few older ones as NAME_LIFE."""

from __future__ import annotations

import re
from pathlib import Path

from glassnet.engine.errors import CheckpointError
from glassnet.engine.training import checkpoint

#: The checkpoints that a reset and a rewind leave, to go back to.
BEFORE_RESET, BEFORE_REWIND = "before_reset", "before_rewind"

#: The most older ones of both names, and the most bytes of them together.
MOST, MOST_BYTES = 4, 64 << 20

_OLDER = re.compile(rf"({BEFORE_RESET}|{BEFORE_REWIND})_\d+")


def is_way_back(name: str) -> bool:
    """Whether a checkpoint was left by a reset or a rewind."""
    return name in (BEFORE_RESET, BEFORE_REWIND) or _OLDER.fullmatch(name) is not None


def make_room(folder: Path, name: str) -> None:
    """Rename the checkpoint of this name by its life, and remove what is too old, or too much.

    Raises StorageError.
    """
    try:
        life = checkpoint.peek(folder, name).life
        if life is not None:
            checkpoint.rename(folder, name, f"{name}_{life}")
    except CheckpointError:
        pass  # there is none, or it is damaged, and replaced
    left = MOST_BYTES
    older = [each for each in reversed(checkpoint.names(folder)) if _OLDER.fullmatch(each)]
    for place, each in enumerate(older):
        left -= checkpoint.size(folder, each)
        if place >= MOST or left < 0:
            checkpoint.remove(folder, each)
