"""Housekeeping: disk usage of runs, runs beyond their quota, unreferenced blobs."""

from __future__ import annotations

import asyncio
import logging

from glassnet.app.core.problems import Refusal
from glassnet.app.runs.registry import Runs
from glassnet.app.runs.replies import unawaited
from glassnet.app.runs.run import Run
from glassnet.app.store.blobs import Blobs
from glassnet.app.store.references import References, in_document
from glassnet.app.store.usage import size_of
from glassnet.engine.run.commands import PauseFor

log = logging.getLogger(__name__)

#: Seconds between two looks at the disk, and between two collections of blobs.
LOOK_EVERY, COLLECT_EVERY = 2.0, 600.0


class Housekeeping:
    """Background maintenance of a server's data directory."""

    def __init__(self, runs: Runs, blobs: Blobs) -> None:
        self._runs, self._blobs = runs, blobs
        self._service, self._quota = runs.service, runs.service.quota
        self._references = References(self._service.settings.data_dir / "runs")
        self._collecting = asyncio.Lock()
        #: Runs that had a worker at the last look: what it wrote when it ended is not counted yet.
        self._busy: set[str] = set()

    async def keep_looking(self) -> None:
        """Run until cancelled; errors are logged, and the work is retried."""
        due = 0.0
        while True:
            try:
                await self.look()
                if self._service.clock() >= due:
                    due = self._service.clock() + COLLECT_EVERY
                    await self.collect()
            except Exception:
                log.exception("housekeeping")
            await asyncio.sleep(LOOK_EVERY)

    # Runs ------------------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Measure changed runs, pause those beyond their quota, and write records that the disk refused."""
        known, busy = self._quota.runs(), {run.id for run in self._runs if run.has_session}
        for run in list(self._runs):
            if run.id not in known or run.id in busy | self._busy:
                await self.measure(run)
        self._busy = busy
        self._measure_disk()
        for run in self._runs:
            if run.state == "training":
                self._restrain(run)
            if run.files.records.waits:
                run.write_record()
        await asyncio.to_thread(self._runs.empty_trash)

    async def measure(self, run: Run) -> None:
        """Measure the size of a run's directory."""
        size = await asyncio.to_thread(size_of, run.directory.path)
        if not run.deleted:
            self._quota.measured_run(run.id, size)

    def _restrain(self, run: Run) -> None:
        """Pause a run where the disk is nearly full, or the run is beyond its quota."""
        try:
            self._quota.check_run(run.id)
        except Refusal as refusal:
            log.warning("paused: %s", refusal.detail, extra={"run": run.id})
            reason = {"title": "Paused for want of disk space", "detail": refusal.detail}
            unawaited(run.forward(PauseFor.make(reason=reason)))

    def _measure_disk(self) -> None:
        measures = self._service.measures
        measures.disk_free.set(self._quota.free())
        for usage in self._quota.usage():
            measures.stored.labels(kind=usage.kind).set(usage.used)

    # Blobs -----------------------------------------------------------------------------------------------

    async def collect(self) -> None:
        """Remove blobs that are unreferenced and unused for the grace period."""
        async with self._collecting:
            referenced = set(await asyncio.to_thread(self._references.by_blob)) | self._looked_at()
            grace = self._service.settings.blob_grace
            for blob in await asyncio.to_thread(self._blobs.collect, referenced, grace):
                log.info("blob %s is collected: no run refers to it", blob.sha256)

    async def delete_blob(self, sha256: str) -> None:
        """Remove a blob. Raises Refusal where there is none, or where runs refer to it."""
        async with self._collecting:
            referring = await asyncio.to_thread(self._references.by_blob)
            runs = sorted(referring.get(sha256, set()) | self._lookers(sha256))
            if runs:
                named = ", ".join(runs[:10]) + (", …" if len(runs) > 10 else "")
                detail = f"{len(runs)} runs refer to this blob: {named}; expected that they are deleted first"
                raise Refusal(409, detail.replace("1 runs refer", "1 run refers", 1), runs=runs)
            if not await asyncio.to_thread(self._blobs.remove, sha256):
                raise Refusal(404, f"there is no blob {sha256}")

    def _looked_at(self) -> set[str]:
        """Blobs in use by live probes and running studies."""
        return set().union(*(_inputs(run) for run in self._runs))

    def _lookers(self, sha256: str) -> set[str]:
        return {run.id for run in self._runs if sha256 in _inputs(run)}


def _inputs(run: Run) -> set[str]:
    """Blobs in use by the probes and studies of a run."""
    probes = [probe for viewer in run.hub.viewers for probe in viewer.demand.values()]
    studies = [job.study for job in run.studies.manager.jobs() if job.open]
    return set().union(*(in_document(item.model_dump(mode="json")) for item in [*probes, *studies]))
