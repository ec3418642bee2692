"""The routes of the HTTP API, with their common dependencies."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.openapi.constants import REF_TEMPLATE
from pydantic import BaseModel, ValidationError

from glassnet.app.core.problems import MEDIA_TYPE, Refusal
from glassnet.app.runs.registry import Runs
from glassnet.app.runs.run import Run
from glassnet.app.runs.service import Service
from glassnet.app.runs.shown_blobs import ShownBlobs
from glassnet.app.security import Access
from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.experiment import read_json
from glassnet.engine.experiment.validation import problems_of

M = TypeVar("M", bound=BaseModel)

#: The description of a problem response in the OpenAPI document.
_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error responses of a route, with those that every route may return."""
    every = sorted({400, 401, 403, 421, *statuses})
    return {status: {**_PROBLEM, "description": "A problem document."} for status in every}


def takes(schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    """The OpenAPI description of a body that the route reads itself.

    FastAPI would parse it on the event loop, and report its errors with pydantic's messages.
    """
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def component(name: str) -> dict[str, Any]:
    """A reference to a schema among the components."""
    return {"$ref": REF_TEMPLATE.format(model=name)}


async def body(request: Request) -> Any:
    """The JSON value of a request's body. Raises Refusal where it is not JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", ""):
        raise Refusal(415, f"Content-Type is '{kind[:40]}'; expected application/json")
    try:
        return read_json(await request.body(), 1 << 30)
    except InvalidDocument as error:
        raise Refusal(400, error.problems[0].message, errors=error.problems) from None


def parsed(model: type[M], value: Any) -> M:
    """A value validated as a model. Raises Refusal with pointers into it."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        located = problems_of(error, value, model)
        raise Refusal(422, str(located[0]), errors=located, title="Invalid input") from None


def service_of(request: Request) -> Service:
    """The service of the request's application."""
    service: Service = request.app.state.service
    return service


def runs_of(request: Request) -> Runs:
    """The runs of the request's application."""
    runs: Runs = request.app.state.runs
    return runs


def run_of(run: str, runs: Annotated[Runs, Depends(runs_of)]) -> Run:
    """The run named by the path."""
    return runs[run]


def controls(request: Request) -> None:
    """Dependency of routes that need control. Raises Refusal where the token only allows watching."""
    if request.scope["access"] < Access.CONTROL:
        raise Refusal(403, "this token lets watch; expected one that lets control")


async def may_see_blob(request: Request) -> None:
    """Dependency of routes for a blob: watchers may see those that runs refer to. Raises Refusal."""
    sha256 = request.path_params.get("sha256")
    if sha256 is None or request.scope["access"] >= Access.CONTROL:
        return
    shown: ShownBlobs = request.app.state.shown_blobs
    if not await shown.include(sha256, list(runs_of(request))):
        raise Refusal(404, f"there is no blob {sha256}")


TheService = Annotated[Service, Depends(service_of)]
TheRuns = Annotated[Runs, Depends(runs_of)]
TheRun = Annotated[Run, Depends(run_of)]
JSONBody = Annotated[Any, Depends(body)]
