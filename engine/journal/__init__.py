"""The journal of a run: what was measured and what was done, bounded on disk however long the run is."""

from engine.journal.active import INDEX_EVERY
from engine.journal.bounds import Bounds
from engine.journal.journal import Journal
from engine.journal.rows import Rows, as_columns
from engine.journal.state import LIVES

__all__ = ["INDEX_EVERY", "LIVES", "Bounds", "Journal", "Rows", "as_columns"]
