"""create_app: the FastAPI application with all its parts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from glassnet import __version__
from glassnet.app.api import (
    architecture_pages,
    architectures,
    blobs,
    datasets,
    error_handlers,
    export,
    health,
    images,
    openapi,
    pages,
    places,
    plots,
    plugins,
    records,
    reference,
    reference_pages,
    runs,
    search,
    sounds,
    storage,
    studies,
    volumes,
    weights,
)
from glassnet.app.api.routes import Head
from glassnet.app.core import assets
from glassnet.app.core.background import Tasks
from glassnet.app.core.languages import Languages
from glassnet.app.core.metrics import Measures
from glassnet.app.core.prefix import Prefix
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
from glassnet.app.store.imports import Imports
from glassnet.app.store.quota import Quota
from glassnet.app.store.sample_import import SampleImporter
from glassnet.app.studies.exporter import Exporter
from glassnet.app.studies.figures import Figures
from glassnet.app.studies.slots import StudySlots
from glassnet.app.workers import Workers
from glassnet.app.workers.local import LocalWorkers
from glassnet.engine.reference import discover

#: Modules of the API and of the pages, each with a router.
ROUTES = (
    reference,
    export,
    runs,
    records,
    studies,
    blobs,
    images,
    weights,
    datasets,
    health,
    plugins,
    storage,
    pages,
    architectures,
    architecture_pages,
    places,
    plots,
    reference_pages,
    search,
    sounds,
    volumes,
)


def create_app(settings: Settings, workers: Callable[[Settings], Workers] | None = None) -> FastAPI:
    """The application. `workers` says where sessions run; left out, in processes of this machine."""
    discover()

    app = FastAPI(
        title="Glassnet",
        version=__version__,
        lifespan=partial(_lifespan, settings, workers),
        docs_url=None,
        redoc_url=None,
    )
    app.openapi_url = "/openapi.json"
    for part in ROUTES:
        app.include_router(part.router)
    assets.include_plugins()
    app.mount("/static", assets.serve, name="static")
    app.router.redirect_slashes = False  # see routes.other_spelling
    app.add_middleware(Ending)
    app.add_middleware(Head)
    app.add_middleware(Callers)
    app.add_middleware(Gate, tokens=Tokens(settings))
    app.add_middleware(Guard, settings=settings)  # before the gate: the last that is added is asked first
    app.add_middleware(Languages, data_dir=settings.data_dir, language=settings.language)
    app.add_middleware(Prefix, prefix=settings.prefix)
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    error_handlers.install(app)
    return app


@asynccontextmanager
async def _lifespan(
    settings: Settings, workers: Callable[[Settings], Workers] | None, app: FastAPI
) -> AsyncIterator[None]:
    """Create, recover and close the parts that live as long as the server."""
    pictures = PictureBlobs(settings)
    pool = workers(settings) if workers is not None else _local_workers(settings)
    service = _service(app, settings, pool, pictures)
    state, tasks = app.state, service.tasks
    state.service, state.ready = service, asyncio.Event()
    state.runs, state.shown_blobs = Runs(service), ShownBlobs()
    state.blobs, state.pictures = service.blobs, pictures
    state.figures = Figures(service)
    state.exporter = Exporter(service)
    state.imports = Imports(settings, state.blobs)
    state.importer = Importer(state.imports, pictures)
    state.sample_importer = SampleImporter(state.imports)
    state.downloads = Downloads(settings.data_dir / "datasets", tasks, service.quota)
    state.housekeeping = Housekeeping(state.runs, state.blobs)
    tasks.start(service.measures.look_at_loop(), "event loop lag")
    tasks.start(service.slots.keep_turns(), "turns")
    tasks.start(_warm(app, service), "warming up")
    try:
        for kept in (state.runs, state.blobs, state.imports, state.downloads):
            await asyncio.to_thread(kept.recover)
        tasks.start(state.housekeeping.keep_looking(), "housekeeping")
        tasks.start(state.runs.read_the_rest(), "reading runs")
        yield
    finally:
        state.downloads.close()
        pictures.close()
        await pool.halt()
        await state.runs.close()
        await pool.close()
        await tasks.close()


def _service(app: FastAPI, settings: Settings, pool: Workers, pictures: PictureBlobs) -> Service:
    """The parts that all runs share."""
    quota = Quota(settings)
    slots = Slots(
        settings.worker_count,
        lambda: runs_of(app).announce_queue(),
        turn=settings.time_slice,
        clock=time.monotonic,
    )
    return Service(
        settings=settings,
        builder=Builder(settings, pictures),
        workers=pool,
        slots=slots,
        study_slots=StudySlots(settings.study_count),
        tasks=Tasks(),
        measures=Measures(),
        quota=quota,
        blobs=Blobs(settings.data_dir / "blobs", quota),
        clock=time.monotonic,
    )


def _local_workers(settings: Settings) -> Workers:
    """Workers in processes of this machine."""
    if settings.start_method == "auto":
        return LocalWorkers(settings.data_dir)
    return LocalWorkers(settings.data_dir, forked=settings.start_method == "forkserver")


def runs_of(app: FastAPI) -> Runs:
    """The runs of an application that has started."""
    found: Runs = app.state.runs
    return found


async def _warm(app: FastAPI, service: Service) -> None:
    """Prepare what the first run would otherwise wait for, and then what the first page would."""
    await asyncio.gather(service.workers.warm(), service.builder.warm())
    app.state.ready.set()
    await reference.prepare()
