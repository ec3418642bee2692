"""Metrics of this server for Prometheus: counts and times."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

#: Seconds between two measurements of the event loop, and the histogram's buckets.
LOOK_EVERY = 0.5
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Measures:
    """The metrics of one server; a second server in the same process has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.loop_lag = Histogram(
            "glassnet_event_loop_lag_seconds",
            "How late the event loop is.",
            buckets=BOUNDS,
            registry=registry,
        )
        self.frame_latency = Histogram(
            "glassnet_frame_latency_seconds",
            "From a frame's making to its handing over to the network.",
            buckets=BOUNDS,
            registry=registry,
        )
        self.frames = Counter("glassnet_frames_sent", "Frames sent to viewers.", registry=registry)
        self.dropped = Counter(
            "glassnet_frames_dropped", "Pictures replaced by newer ones.", registry=registry
        )
        self.gaps = Counter("glassnet_gaps", "Gaps in rows that viewers were told of.", registry=registry)
        self.worker_starts = Counter("glassnet_worker_starts", "Workers started.", registry=registry)
        self.worker_failures = Counter(
            "glassnet_worker_failures", "Workers that ended unasked.", registry=registry
        )
        self.studies = Counter("glassnet_studies", "Studies begun.", ["kind"], registry=registry)
        self.viewers = Gauge("glassnet_viewers", "Connections that watch.", registry=registry)
        self.runs = Gauge("glassnet_runs", "Runs by state.", ["state"], registry=registry)

        self.disk_free = Gauge(
            "glassnet_disk_free_bytes", "Bytes of the disk that could be written.", registry=registry
        )
        self.stored = Gauge("glassnet_stored_bytes", "Bytes on disk, by kind.", ["kind"], registry=registry)

    def text(self) -> bytes:
        """All metrics in Prometheus's format."""
        return generate_latest(self.registry)

    async def look_at_loop(self) -> None:
        """Measure periodically how late the event loop runs."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK_EVERY
            await asyncio.sleep(LOOK_EVERY)
            self.loop_lag.observe(max(0.0, loop.time() - due))
