"""Parsing and planning of experiments, on shapes alone, off the event loop."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import anyio

from glassnet.app.core.settings import Settings
from glassnet.app.runs import limits
from glassnet.app.runs.planning_queue import PlanningQueue, Remembered
from glassnet.app.store.images import PictureBlobs
from glassnet.engine.catalog import catalog
from glassnet.engine.errors import BlobMissing, DataError, InvalidCommand, InvalidExperiment
from glassnet.engine.experiment.edits import apply_patch, is_live
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.own_items import check_known
from glassnet.engine.export import python as export
from glassnet.engine.figures.previews import loss_chart, rate_chart
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.datasets.own_pictures import OwnPictures
from glassnet.engine.network import planner
from glassnet.engine.network.checks import check_data
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.planning_budget import MAX_PLANNED_NODES, limit_planning
from glassnet.engine.network.starting_weights import check_start, start_beside
from glassnet.engine.network.written_out import written_out
from glassnet.engine.reference import facts
from glassnet.engine.studies import NetworkStudy, Study, parse_study

T = TypeVar("T")


class Builder:
    """Takes documents to experiments that can be built.

    One at a time, in turns between clients (see planning_queue.py). Each takes milliseconds; limits of the
    document, of the network and of its planning bound the longest.
    """

    def __init__(self, settings: Settings, blobs: PictureBlobs) -> None:
        self._settings, self._blobs = settings, blobs
        self._planned_last: tuple[Experiment, Plan] | None = None
        self._queue = PlanningQueue(settings.max_plans)
        self._patching = anyio.CapacityLimiter(2)
        self._descriptions = Remembered(self._described_now)

    async def experiment(self, document: Any) -> Experiment:
        """The experiment in a document. Raises InvalidExperiment."""
        await self._look_at_pictures(_data(document))
        return await self._in_turn(lambda: self._read(document, limited=True)[0], limited=True)

    async def described(self, document: Any) -> dict[str, Any]:
        """A network's description, whatever this server's limits. Raises InvalidExperiment."""
        await self._look_at_pictures(_data(document))
        return await self._in_turn(lambda: self._description(document))

    async def planned(self, work: Callable[[], T]) -> T:
        """The result of `work`, which plans networks, whatever this server's limits of runs."""
        return await self._in_turn(work)

    async def fitting(self, experiment: Experiment) -> Experiment:
        """The experiment with as large a batch as this server takes. Raises InvalidExperiment."""
        return await self._in_turn(
            lambda: limits.with_fitting_batch(experiment, planner.plan(experiment), self._settings)
        )

    async def compared(self, document: Any) -> dict[str, Any]:
        """The state dict of a training's start beside the network. Raises InvalidExperiment."""
        return await self._in_turn(lambda: self._compared(document))

    async def previewed(self, document: Any) -> dict[str, Any]:
        """Charts of the rate and the loss that a training will use. Raises InvalidExperiment."""
        return await self._in_turn(lambda: _previews(Experiment.parse(document)))

    async def written_out(self, document: Any, pointer: str) -> dict[str, Any]:
        """The nodes that the block at a pointer expands to. Raises InvalidExperiment."""
        await self._look_at_pictures(_data(document))
        return await self._in_turn(
            lambda: written_out(Experiment.parse(document), pointer).model_dump(mode="json"), limited=True
        )

    async def described_run(self, experiment: Experiment) -> dict[str, Any]:
        """The description of a run's network, planned once for all viewers. Raises InvalidExperiment."""
        return await self._descriptions.of(experiment)

    async def edited(self, experiment: Experiment, patch: list[Any]) -> Experiment:
        """The experiment after a patch. Raises InvalidCommand or InvalidExperiment.

        What may change while training goes on, a title above all, changes no plan, and waits for none.
        """
        after = await anyio.to_thread.run_sync(apply_patch, experiment, patch, limiter=self._patching)
        if is_live(experiment, after):
            return after
        await self._look_at_pictures(after.data)
        return await self._in_turn(lambda: self._planned(after, limited=True)[0], limited=True)

    async def study(self, document: Any, experiment: Experiment | None) -> Study:
        """The study in a document, checked against an experiment. Raises InvalidCommand below /study."""
        return await self._in_turn(lambda: self._study(document, experiment))

    async def exported(self, experiment: Experiment) -> tuple[str, dict[str, bytes]]:
        """The experiment as a script, and the files beside it, by name. Raises InvalidExperiment."""
        source = await self._in_turn(lambda: export.source(experiment, self._blobs))
        return source, await self._blobs.in_turn(lambda: export.files(experiment, self._blobs))

    async def _look_at_pictures(self, data: Any) -> None:
        """Inspect uploaded pictures, which may take seconds, before the planner is occupied."""
        kind = data.get("kind") if isinstance(data, dict) else getattr(data, "kind", None)
        item = catalog(Dataset).get(kind) if isinstance(kind, str) else None
        if item is None or not issubclass(item, OwnPictures):
            return
        try:
            blob = item.model_validate(data).blob
        except ValueError:
            return  # as will be said when the document is read
        if not self._blobs.knows(blob):
            with suppress(BlobMissing, DataError):  # as will this
                await self._blobs.in_turn(lambda: self._blobs.pictures(blob))

    async def warm(self) -> None:
        """Build the validators of every catalogue ahead of the first request."""
        await self._queue.run(_look_around)

    async def _described_now(self, experiment: Experiment) -> dict[str, Any]:
        return await self._in_turn(
            lambda: {**planner.plan(experiment).describe(), "data": facts(experiment.data)}
        )

    def _description(self, document: Any) -> dict[str, Any]:
        experiment, plan = self._read(document, limited=False)
        return {**plan.describe(), "data": facts(experiment.data)}

    def _read(self, document: Any, *, limited: bool) -> tuple[Experiment, Plan]:
        """Problems of defaults are reported at the nearest place that was sent."""
        try:
            return self._planned(Experiment.parse(document), limited=limited)
        except InvalidExperiment as error:
            raise error.within(document) from None

    def _compared(self, document: Any) -> dict[str, Any]:
        try:
            experiment = Experiment.parse(document)
            check_data(experiment, self._blobs)
            return start_beside(planner.plan(experiment), experiment, self._blobs)
        except InvalidExperiment as error:
            raise error.within(document) from None

    def _planned(self, experiment: Experiment, *, limited: bool) -> tuple[Experiment, Plan]:
        check_known(experiment)
        check_data(experiment, self._blobs)
        plan = planner.plan(experiment)
        check_start(plan, experiment, self._blobs)
        if limited:
            limits.check(experiment, plan, self._settings)
        return experiment, plan

    def _study(self, document: Any, experiment: Experiment | None) -> Study:
        study = parse_study(document)
        if isinstance(study, NetworkStudy):
            if experiment is None:
                raise InvalidCommand.at(
                    "/study/kind", f"'{study.kind}' looks at a network; expected it to be asked of a run"
                )
            try:
                study.check(self._plan(experiment))
            except ValueError as error:
                raise InvalidCommand.at("/study", str(error)) from None
            try:
                study.check_experiment(experiment)
            except InvalidCommand as error:
                raise error.within({"study": document}) from None
        return study

    def _plan(self, experiment: Experiment) -> Plan:
        """The plan of an experiment, cached: a slider that is dragged asks for the same one repeatedly."""
        if self._planned_last is None or self._planned_last[0] is not experiment:
            self._planned_last = experiment, planner.plan(experiment)
        return self._planned_last[1]

    async def _in_turn(self, work: Callable[[], T], *, limited: bool = False) -> T:
        """The result of `work`, which plans networks within the limits."""
        settings = self._settings

        def bounded() -> T:
            with limit_planning(settings.max_nodes if limited else MAX_PLANNED_NODES, settings.plan_seconds):
                return work()

        return await self._queue.run(bounded)


def _previews(experiment: Experiment) -> dict[str, Any]:
    loss, following = loss_chart(experiment), experiment.training.updates[0].schedule.follows(1)
    return {
        "rate": rate_chart(experiment).document(),
        "loss": None if loss is None else loss.document(),
        "metric": None if following is None else following.metric,
    }


def _data(document: Any) -> Any:
    """The `data` of an unvalidated document."""
    return document.get("data") if isinstance(document, dict) else None


def _look_around() -> None:
    """Use every catalogue once."""
    planner.plan(Experiment.parse({"data": {"kind": "spiral"}}))
    parse_study({"kind": "lr_range_test"})
