"""The journal of a run: rows and events, bounded on disk however long the run is."""

from glassnet.engine.run.journal.active import INDEX_EVERY
from glassnet.engine.run.journal.bounds import Bounds
from glassnet.engine.run.journal.journal import Journal
from glassnet.engine.run.journal.rows import Rows, as_columns
from glassnet.engine.run.journal.state import LIVES, is_count

__all__ = ["INDEX_EVERY", "LIVES", "Bounds", "Journal", "Rows", "as_columns", "is_count"]
