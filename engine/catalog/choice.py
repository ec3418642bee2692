"""Choice: the type of a field that holds one item of a family."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from glassnet.engine.catalog.families import catalog
from glassnet.engine.catalog.item import Item
from glassnet.engine.catalog.option_check import without_unions


@dataclass(frozen=True)
class Choice:
    """The field type "one item of this family": `Annotated[Activation, Choice(Activation)]`.

    To mypy it is the base class; to pydantic a union discriminated by `kind`, assembled when it is first
    needed, so that families may refer to each other and to themselves, and plug-ins may add to them. So
    nothing that holds one is made while a module is imported; a default is `model_construct`ed.
    """

    family: type[Item]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        if without_unions.get():
            return core_schema.is_instance_schema(self.family)
        choices = {kind: handler.generate_schema(item) for kind, item in catalog(self.family).items()}
        return core_schema.tagged_union_schema(choices, discriminator="kind")
