"""Routes of weights: state dicts as blobs, which a training starts from."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from glassnet.app.api import JSONBody, TheRun, TheService, component, parsed, problems, takes
from glassnet.app.api.blobs import BYTES
from glassnet.app.api.export import exporter_of, made_of
from glassnet.app.core.problems import Refusal
from glassnet.app.store.blobs import Blobs
from glassnet.app.store.weights_import import take_weights
from glassnet.engine.catalog import Document
from glassnet.engine.errors import InvalidDocument
from glassnet.engine.run.commands import CHECKPOINT_NAME

router = APIRouter(prefix="/api", tags=["weights"])


class KeptWeights(BaseModel):
    """A stored state dict, as `training.start_from` refers to it."""

    weights: str = Field(description="`sha256:…`")
    size: int = Field(description="Bytes.")


class ComparisonWanted(Document):
    """An experiment whose `training.start_from` is to be compared with its network."""

    experiment: dict[str, Any]


class Taken(BaseModel):
    """A tensor of the network that is taken from the state dict."""

    name: str
    key: str = Field(description="Its name in the state dict.")
    shape: list[int]


class Compared(BaseModel):
    """A state dict beside a network."""

    total: int = Field(description="How many tensors the network has.")
    taken: list[Taken]
    refused: list[str] = Field(description="What does not fit: the key, and what was expected.")
    fresh: list[str] = Field(description="Tensors of the network that keep their initial values.")
    unused: list[str] = Field(description="Keys of the state dict that nothing takes.")
    unfit: list[str] = Field(description="The nodes of what does not fit.")


@router.post(
    "/weights",
    status_code=201,
    response_model=KeptWeights,
    responses=problems(413, 422, 503, 507),
    openapi_extra=takes(BYTES, "application/octet-stream"),
)
async def kept(request: Request) -> KeptWeights:
    """Import the state dict in the body: safetensors, or a file of torch.save, read with weights_only."""
    blob = await take_weights(request.app.state.imports, request.stream())
    return KeptWeights(weights=f"sha256:{blob.sha256}", size=blob.size)


@router.post(
    "/weights/comparison",
    response_model=Compared,
    responses=problems(413, 415, 422, 429, 503),
    openapi_extra=takes(component("ComparisonWanted")),
)
async def compared(value: JSONBody, service: TheService) -> dict[str, Any]:
    """Which tensors of a state dict the network of an experiment takes, and which do not fit, key by key."""
    wanted = parsed(ComparisonWanted, value)
    try:
        return await service.builder.compared(wanted.experiment)
    except InvalidDocument as error:
        raise Refusal.of(error, below="/experiment") from None


@router.post(
    "/runs/{run}/weights",
    status_code=201,
    response_model=KeptWeights,
    responses=problems(404, 409, 422, 500, 503, 507),
)
async def of_a_run(
    run: TheRun,
    request: Request,
    checkpoint: Annotated[
        str | None,
        Query(pattern=CHECKPOINT_NAME, description="Whose weights; left out: those the run has now."),
    ] = None,
) -> KeptWeights:
    """Store the weights of a run, so that other trainings start from them."""
    made = await made_of(run, "safetensors", checkpoint, exporter_of(request))
    blobs: Blobs = request.app.state.blobs
    blob, _ = await blobs.put(made.pieces())
    return KeptWeights(weights=f"sha256:{blob.sha256}", size=blob.size)
