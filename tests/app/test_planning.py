"""Planning in turns: nobody waits for all that another asked for, and a title waits for no plan."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any, Literal

import pytest

from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings
from glassnet.app.runs.builder import Builder
from glassnet.app.runs.planning_queue import PlanningQueue, caller
from glassnet.app.store.images import PictureBlobs
from glassnet.engine.catalog.call import Call
from glassnet.engine.catalog.late import withdraw
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


def experiment() -> Experiment:
    return Experiment.parse({"data": {"kind": "spiral"}})


def made(settings: Settings) -> Builder:
    return Builder(settings, PictureBlobs(settings))


def test_an_item_that_only_this_process_knows_is_refused_by_name(tmp_path: Path) -> None:
    class Mine(Activation):
        """Mine: of no package that a worker could import."""

        kind: Literal["mine_alone"] = "mine_alone"

        def call(self, context: Context) -> Call:
            return Call("torch.nn.Tanh")

    document = {"data": {"kind": "spiral"}, "network": [{"kind": "mine_alone"}, {"kind": "linear"}]}
    builder = made(Settings(data_dir=tmp_path))
    try:
        with pytest.raises(InvalidExperiment, match=r"^/network/0/kind: 'mine_alone' \(Mine\) is known"):
            asyncio.run(builder.described(document))
    finally:
        withdraw(Mine)


async def turns(queue: PlanningQueue, *callers: tuple[str, str]) -> list[tuple[str, str]]:
    """The order in which callers have their turns, who all come while another is planned."""
    order: list[tuple[str, str]] = []
    begun, free = threading.Event(), threading.Event()

    async def plan(who: tuple[str, str]) -> None:
        caller.set(who)
        await queue.run(lambda: order.append(who))

    def hold() -> None:
        begun.set()
        free.wait()

    first = asyncio.create_task(queue.run(hold))
    await asyncio.to_thread(begun.wait)
    tasks = [asyncio.create_task(plan(who)) for who in callers]
    await asyncio.sleep(0)
    tasks[0].cancel()  # it gives up waiting
    free.set()
    await asyncio.gather(first, *tasks, return_exceptions=True)
    return order


def test_addresses_take_turns_and_so_do_their_connections() -> None:
    busy = [("a", "1")] * 4
    found = asyncio.run(turns(PlanningQueue(100), *busy, ("a", "2"), ("b", "1"), ("b", "1"), ("c", "1")))
    assert found == [
        *(("a", "1"), ("b", "1"), ("c", "1")),
        *(("a", "2"), ("b", "1")),
        *(("a", "1"), ("a", "1")),
    ]


def test_the_queue_is_bounded_in_all_and_for_each_address() -> None:
    async def scene() -> list[int]:
        queue, free = PlanningQueue(4), threading.Event()

        async def plan(who: tuple[str, str]) -> None:
            caller.set(who)
            await queue.run(free.wait)

        waiting = [("a", "0")] * 4 + [("b", "0")] * 2 + [("c", "0")]
        tasks = [asyncio.create_task(plan(who)) for who in waiting]
        await asyncio.sleep(0.01)
        free.set()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(end.headers == {"Retry-After": "5"} for end in ends if isinstance(end, Refusal))
        return [end.status if isinstance(end, Refusal) else 200 for end in ends]

    assert asyncio.run(scene()) == [200, 200, 200, 429, 200, 200, 503]


def test_a_place_given_to_one_who_leaves_is_given_on() -> None:
    async def scene() -> None:
        queue, free = PlanningQueue(4), threading.Event()
        first = asyncio.create_task(queue.run(free.wait))
        await asyncio.sleep(0)
        second = asyncio.create_task(queue.run(lambda: None))
        await asyncio.sleep(0)
        free.set()
        await first
        second.cancel()  # at the moment when its turn has come
        assert await asyncio.wait_for(queue.run(lambda: 7), 10) == 7

    asyncio.run(scene())


@pytest.mark.parametrize("patch", ["/title", "/training/epochs"])
def test_an_edit_that_changes_no_plan_waits_for_none(tmp_path: Path, patch: str) -> None:
    value = 7 if patch.endswith("epochs") else "Another"

    async def scene() -> None:
        builder, free = made(Settings(data_dir=tmp_path)), threading.Event()
        other = asyncio.create_task(builder._queue.run(free.wait))
        await asyncio.sleep(0)
        edit = builder.edited(experiment(), [{"op": "replace", "path": patch, "value": value}])
        after = await asyncio.wait_for(edit, 10)
        assert after.document() != experiment().document()
        slow = asyncio.create_task(
            builder.edited(experiment(), [{"op": "replace", "path": "/training/batch_size", "value": 3}])
        )
        done, _ = await asyncio.wait([slow], timeout=0.05)
        assert not done, "what a plan is made of is planned"
        free.set()
        await asyncio.gather(other, slow)

    asyncio.run(scene())


def test_however_many_watch_a_run_its_network_is_planned_once(tmp_path: Path) -> None:
    async def scene() -> None:
        builder, one = made(Settings(data_dir=tmp_path, max_plans=2)), experiment()
        found = await asyncio.gather(*(builder.described_run(one) for _ in range(50)))
        assert all(description is found[0] for description in found)
        assert await builder.described_run(experiment()) is not found[0]

    asyncio.run(scene())


def test_a_network_beyond_what_may_be_planned_is_refused_in_words(tmp_path: Path) -> None:
    def nested(depth: int) -> dict[str, Any]:
        body: list[dict[str, Any]] = [nested(depth - 1)] * 3 if depth else [{"kind": "tanh"}]
        return {"kind": "residual", "body": [{**node, "name": f"n{i}"} for i, node in enumerate(body)]}

    async def said(document: object, **settings: object) -> str:
        builder = made(Settings(data_dir=tmp_path, **settings))  # type: ignore[arg-type]
        with pytest.raises(InvalidExperiment) as refused:
            await builder.experiment(document)
        return str(refused.value)

    deep = {"data": {"kind": "spiral"}, "network": [nested(7), {"kind": "linear"}]}
    assert asyncio.run(said(deep)).startswith("/network/0: 5,468 nodes once all blocks are unfolded")
    assert "1e-07 seconds" in asyncio.run(said({"data": {"kind": "spiral"}}, plan_seconds=1e-7))
