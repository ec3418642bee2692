"""Whether the options of one item can be read, found out before any union of items is built."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from pydantic import ValidationError, create_model
from pydantic_core import PydanticUndefined

from glassnet.engine.catalog.item import Document, Item

#: Whether a field that holds an item takes any of its family, so that no union is needed.
without_unions = ContextVar("without_unions", default=False)


def check_options(item: type[Item]) -> None:
    """Raise TypeError, saying why, where an option has no default, one that it refuses, or no known type."""
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in item.model_fields.items()}
    for name, field in item.model_fields.items():
        if field.default is PydanticUndefined and field.default_factory is None:
            raise TypeError(f"option '{name}' of {item.__qualname__} has no default; expected one")
    before = without_unions.set(True)
    try:
        create_model("Options", __base__=Document, **fields)()
    except ValidationError as error:
        first = error.errors()[0]
        raise TypeError(
            f"option '{first['loc'][0]}' of {item.__qualname__} refuses its default: {first['msg']}"
        ) from None
    finally:
        without_unions.reset(before)
