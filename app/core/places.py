"""Where things lie: what the package came with, and what it writes."""

from __future__ import annotations

from glassnet.engine.files.places import DATA_DIR, IN_CHECKOUT, ROOT

__all__ = ["DATA_DIR", "IN_CHECKOUT", "ROOT"]
