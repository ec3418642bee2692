"""The route of the installed plug-ins."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from glassnet.app.api import problems
from glassnet.engine.catalog import kind_of, plugins

router = APIRouter(prefix="/api/plugins", tags=["reference"])


class PluginState(BaseModel):
    """An installed package that adds items to the catalogue, or that was left out when the server started."""

    name: str
    version: str
    items: list[str] = Field(description="Kinds of its items; none where it is left out.")
    problem: str | None = Field(description="Why it is left out; null where it is not.")


@router.get("", response_model=list[PluginState], responses=problems())
def listed() -> list[PluginState]:
    """All installed plug-ins. One that is left out is left out whole, until the server is started again."""
    installed = plugins.load()
    return [
        PluginState(
            name=plugin.name,
            version=plugin.version,
            items=[kind_of(item) for item in plugin.items],
            problem=plugin.problem or None,
        )
        for plugin in (*installed.taken, *installed.left_out)
    ]
