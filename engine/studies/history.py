"""History: the records of a run for a study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from torch import Tensor


class History(NamedTuple):
    """The past of a run, for studies that use more than the current network."""

    #: The arrays collected by probes, as `PROBE/name`.
    collected: Mapping[str, Tensor] = MappingProxyType({})
    #: The folder of the run's checkpoints; None without a run.
    checkpoints: Path | None = None
    #: The folder for checkpoints of the study, which the run adopts when the study has ended; a study never
    #: writes where a session does.
    results: Path | None = None


NO_HISTORY = History()
