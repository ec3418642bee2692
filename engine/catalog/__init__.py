"""The catalogue: items (Item), the items of a family (catalog) and the field type of one (Choice)."""

from glassnet.engine.catalog.choice import Choice
from glassnet.engine.catalog.discovery import kind_of
from glassnet.engine.catalog.families import catalog
from glassnet.engine.catalog.guide import Example, Guide, Mistake
from glassnet.engine.catalog.item import Document, Item, option
from glassnet.engine.catalog.late import Edition
from glassnet.engine.catalog.panel import Panel

__all__ = [
    "Choice",
    "Document",
    "Edition",
    "Example",
    "Guide",
    "Item",
    "Mistake",
    "Panel",
    "catalog",
    "kind_of",
    "option",
]
