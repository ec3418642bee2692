"""Choice: the type of a field that holds one item of a family."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from glassnet.engine.catalog.families import catalog
from glassnet.engine.catalog.item import Item


@dataclass(frozen=True)
class Choice:
    """The field type "one item of this family": `Annotated[Activation, Choice(Activation)]`.

    To mypy it is the base class; to pydantic a union discriminated by `kind`, assembled when it is first
    needed, so that families may refer to each other and to themselves.
    """

    family: type[Item]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {kind: handler.generate_schema(item) for kind, item in catalog(self.family).items()}
        return core_schema.tagged_union_schema(choices, discriminator="kind")
