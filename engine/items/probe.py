"""What all probes share: what an experiment says of one, and how often it is to look.

The experiment knows probes by this class alone; what each looks at is far above it, in `engine/probes/`.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC
from typing import ClassVar

from glassnet.engine.catalog import Item, option

MAX_HZ = 30.0


class Probe(Item, ABC):
    """Something to look at, with options; `hz` is how often, and no part of what is seen."""

    homes: ClassVar[tuple[str, ...]] = ("glassnet.engine.probes",)

    hz: float = option(10.0, "How many frames a second to send at most.", unit="1/s", gt=0, le=MAX_HZ)

    @property
    def key(self) -> str:
        """The same for everybody who asks for the same picture, at whatever rate."""
        options = self.model_dump(mode="json", exclude={"hz"})
        canonical = json.dumps(options, sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()
