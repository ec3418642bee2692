"""Routes of published data sets, which are downloaded on request."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from glassnet.app.api import problems
from glassnet.app.core.problems import Refusal
from glassnet.app.store.downloads import Downloads

router = APIRouter(prefix="/api/datasets", tags=["datasets"])


class DataSetState(BaseModel):
    """The state of a published data set on this machine."""

    kind: str
    label: str
    state: Literal["absent", "fetching", "present", "failed"]
    come: int = Field(description="Bytes that have come.")
    total: int = Field(description="Bytes in all.")
    detail: str | None = Field(None, description="What went wrong.")


@router.get("", response_model=list[DataSetState], responses=problems())
def listed(request: Request) -> list[DataSetState]:
    """All data sets that must be downloaded before they can be used."""
    downloads: Downloads = request.app.state.downloads
    return [_state_of(downloads, kind) for kind in downloads.kinds()]


@router.post("/{kind}/fetch", status_code=202, response_model=DataSetState, responses=problems(404))
async def begun(request: Request, kind: Annotated[str, Path(max_length=40)]) -> DataSetState:
    """Download a data set, unless it is complete or running; `GET /api/datasets` shows the progress."""
    downloads: Downloads = request.app.state.downloads
    if kind not in downloads.kinds():
        raise Refusal(404, f"'{kind}' is not fetched; expected one of {', '.join(downloads.kinds())}")
    downloads.start(kind)
    return _state_of(downloads, kind)


def _state_of(downloads: Downloads, kind: str) -> DataSetState:
    now = downloads.of(kind)
    label = downloads.kinds()[kind].label()
    return DataSetState(
        kind=kind, label=label, state=now.state, come=now.come, total=now.total, detail=now.detail
    )
