"""What a run has left by the moment at which a study looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from torch import Tensor


class History(NamedTuple):
    """A run's past, for studies that look at more than the network as it stands."""

    #: What probes had collected, as `PROBE/name`.
    collected: Mapping[str, Tensor] = MappingProxyType({})
    #: The folder of its checkpoints, where there is a run.
    checkpoints: Path | None = None
    #: A folder for checkpoints of the study's own, which the run takes in when the study has ended; a study
    #: never writes where a session does.
    results: Path | None = None


NO_HISTORY = History()
