"""create_app(): the service put together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response

from glassnet import __version__
from glassnet.app.api import (
    blobs,
    datasets,
    export,
    health,
    images,
    openapi,
    pages,
    records,
    reference,
    runs,
    storage,
    studies,
)
from glassnet.app.api.routes import Head, allowed, other_spelling
from glassnet.app.core.background import Tasks
from glassnet.app.core.metrics import Measures
from glassnet.app.core.places import ROOT
from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings
from glassnet.app.runs.builder import Builder
from glassnet.app.runs.housekeeping import Housekeeping
from glassnet.app.runs.planning_queue import Callers
from glassnet.app.runs.registry import Runs
from glassnet.app.runs.service import Service
from glassnet.app.runs.shown_blobs import ShownBlobs
from glassnet.app.runs.slots import Slots
from glassnet.app.security import Tokens
from glassnet.app.security.gate import Gate
from glassnet.app.security.guard import Guard
from glassnet.app.security.shutdown import Ending
from glassnet.app.store.blobs import Blobs
from glassnet.app.store.downloads import Downloads
from glassnet.app.store.image_import import Importer
from glassnet.app.store.images import PictureBlobs
from glassnet.app.store.quota import Quota
from glassnet.app.studies.runner import Benches
from glassnet.app.workers import Workers
from glassnet.app.workers.local import LocalWorkers
from glassnet.engine.errors import InvalidDocument, Problem, StorageError
from glassnet.engine.reference import discover

log = logging.getLogger(__name__)


def create_app(settings: Settings, workers: Callable[[Settings], Workers] | None = None) -> FastAPI:
    """The application. `workers` says where sessions run; left out, in processes of this machine."""
    discover()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = workers(settings) if workers is not None else _local_workers(settings)
        tasks, quota = Tasks(), Quota(settings)
        pictures = PictureBlobs(settings)
        service = Service(
            settings=settings,
            builder=Builder(settings, pictures),
            workers=pool,
            slots=Slots(
                settings.worker_count,
                lambda: runs_of(app).announce_queue(),
                turn=settings.time_slice,
                clock=time.monotonic,
            ),
            benches=Benches(settings.study_count),
            tasks=tasks,
            measures=Measures(),
            quota=quota,
            blobs=Blobs(settings.data_dir / "blobs", quota),
            clock=time.monotonic,
        )
        app.state.service, app.state.ready = service, asyncio.Event()
        app.state.runs, app.state.shown_blobs = Runs(service), ShownBlobs()
        app.state.blobs, app.state.pictures = service.blobs, pictures
        app.state.importer = Importer(settings, app.state.blobs, pictures)
        app.state.downloads = Downloads(settings.data_dir / "datasets", tasks, quota)
        app.state.housekeeping = Housekeeping(app.state.runs, app.state.blobs)
        tasks.start(service.measures.look_at_loop(), "event loop lag")
        tasks.start(service.slots.keep_turns(), "turns")
        tasks.start(_warm(app, service), "warming up")
        try:
            for kept in (app.state.runs, app.state.blobs, app.state.importer, app.state.downloads):
                await asyncio.to_thread(kept.recover)
            tasks.start(app.state.housekeeping.keep_looking(), "housekeeping")
            tasks.start(app.state.runs.read_the_rest(), "reading runs")
            yield
        finally:
            app.state.downloads.close()
            pictures.close()
            await pool.halt()
            await app.state.runs.close()
            await pool.close()
            await tasks.close()

    app = FastAPI(title="Glassnet", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.openapi_url = "/openapi.json"
    for router in (
        reference.router,
        export.router,
        runs.router,
        records.router,
        studies.router,
        blobs.router,
        images.router,
        datasets.router,
        health.router,
        storage.router,
    ):
        app.include_router(router)
    app.include_router(pages.router)
    app.mount("/static", pages.Static(directory=ROOT / "static"), name="static")
    app.router.redirect_slashes = False  # see other_spelling
    app.add_middleware(Ending)
    app.add_middleware(Head)
    app.add_middleware(Callers)
    app.add_middleware(Gate, tokens=Tokens(settings))
    app.add_middleware(Guard, settings=settings)  # before the gate: the last that is added is asked first
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(InvalidDocument, _invalid)
    app.add_exception_handler(RequestValidationError, _misaddressed)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(StorageError, _not_stored)
    app.add_exception_handler(OSError, _not_stored)
    app.add_exception_handler(Exception, _broken)
    return app


def _local_workers(settings: Settings) -> Workers:
    """Processes of this machine."""
    if settings.start_method == "auto":
        return LocalWorkers(settings.data_dir)
    return LocalWorkers(settings.data_dir, forked=settings.start_method == "forkserver")


def runs_of(app: FastAPI) -> Runs:
    """The runs of an application that has started."""
    found: Runs = app.state.runs
    return found


async def _warm(app: FastAPI, service: Service) -> None:
    """Do what the first run would otherwise wait for."""
    await asyncio.gather(service.workers.warm(), service.builder.warm())
    app.state.ready.set()


# Every error is a problem document ---------------------------------------------------------------------


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return error.response()


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidDocument)
    return Refusal.of(error).response()


async def _misaddressed(request: Request, error: Exception) -> Response:
    """A path or a query that cannot be; there is no document to point into."""
    assert isinstance(error, RequestValidationError)
    problems = [
        Problem("", f"{one['loc'][0]} '{one['loc'][-1]}': {one['msg'][0].lower()}{one['msg'][1:]}")
        for one in error.errors()[:20]
    ]
    return Refusal(422, problems[0].message, errors=problems, title="Invalid input").response()


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    if error.status_code == 404 and (elsewhere := other_spelling(request.app, path)) is not None:
        query = request.scope["query_string"].decode("latin-1")
        return RedirectResponse(elsewhere + (f"?{query}" if query else ""), 307)
    details = {404: f"there is nothing at {request.url.path[:80]}", 405: f"{request.method} is not for this"}
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(allowed(request.app, path))
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
    detail = details.get(error.status_code, error.detail)
    return Refusal(error.status_code, detail, headers=headers).response()


async def _left(request: Request, error: Exception) -> Response:
    """A client that is gone before it has sent its body; nobody reads this."""
    return Refusal(400, "the connection ended before the body did").response()


async def _not_stored(request: Request, error: Exception) -> Response:
    """The disk is full, read-only or broken: nothing of ours, and something to be done about."""
    assert isinstance(error, StorageError | OSError)
    log.warning("%s %s: %s", request.method, request.url.path, error)
    return Refusal.of_storage(error).response()


async def _broken(request: Request, error: Exception) -> Response:
    """A mistake of ours; the log has it whole."""
    return Refusal(500, "an error in Glassnet, which its log describes").response()
