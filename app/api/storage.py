"""Routes of disk usage and its limits."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from glassnet.app.api import TheService, problems
from glassnet.app.store.quota import Kind

router = APIRouter(prefix="/api/storage", tags=["storage"])


class KindUsage(BaseModel):
    """The usage of one kind in bytes."""

    kind: Kind
    used: int
    reserved: int = Field(description="For what is under way.")
    most: int


class Storage(BaseModel):
    """The usage of the disk."""

    free: int = Field(description="Bytes of the disk that are free.")
    reserve: int = Field(description="Bytes of them that stay free.")
    kinds: list[KindUsage]
    runs: dict[str, int] = Field(description="Bytes of each run's directory, as counted a while ago.")


@router.get("", response_model=Storage, responses=problems())
def storage(service: TheService) -> Storage:
    """The disk usage of runs, blobs, uploads and published data sets."""
    quota = service.quota
    return Storage(
        free=quota.free(),
        reserve=service.settings.free_space,
        kinds=[KindUsage(**vars(usage)) for usage in quota.usage()],
        runs=quota.runs(),
    )
