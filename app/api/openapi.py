"""The OpenAPI document, with the bodies that routes read themselves."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, TypeAdapter

from glassnet.app.api.export import ExportWanted
from glassnet.app.api.runs import NewRun, RunChange
from glassnet.app.api.studies import NewStudy
from glassnet.app.core.problems import ProblemDocument
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.commands import PUBLIC

TEMPLATE = "#/components/schemas/{model}"

DESCRIPTION = """Runs that train neural networks, and what can be seen of them.

Frames arrive over `WS /api/runs/{id}/live` and `WS /api/studies/live`, which this description cannot
show: see docs/service.md.
Errors are problem documents (RFC 9457); a pointer in one resolves in what was sent."""


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application, cached."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="Glassnet", version=app.version, description=DESCRIPTION, routes=app.routes
        )
        components = document.setdefault("components", {}).setdefault("schemas", {})
        for model in (Experiment, ExportWanted, NewRun, RunChange, NewStudy, ProblemDocument):
            _add(components, model.__name__, _schema(model))
        _add(components, "Command", _commands())
        components["NewRun"]["properties"]["experiment"] = {
            "anyOf": [{"$ref": TEMPLATE.format(model="Experiment")}, {"type": "null"}]
        }
        app.openapi_schema = document
    return app.openapi_schema


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True, ref_template=TEMPLATE)


def _commands() -> dict[str, Any]:
    parts = [TypeAdapter(command).json_schema(ref_template=TEMPLATE) for command in PUBLIC.values()]
    return {"oneOf": parts, "discriminator": {"propertyName": "type"}}


def _add(components: dict[str, Any], name: str, schema: dict[str, Any]) -> None:
    components.update(schema.pop("$defs", {}))
    components[name] = schema
