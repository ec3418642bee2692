"""Who has a worker, who waits, who makes room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from glassnet.app.runs.slots import PASSES, Slots

TURN = 20.0


@dataclass(eq=False)
class Tenant:
    name: str = ""
    idle: bool = False
    idle_since: float = 0.0
    watched: bool = False
    abandoned: bool = False
    training_since: float | None = None
    told: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.told.append("begin")

    def park(self) -> None:
        self.told.append("park")

    def wait(self) -> None:
        if self.told[-1:] != ["wait"]:
            self.told.append("wait")


class Machine:
    """Slots whose tenants train without end, on a clock that the test turns."""

    def __init__(self, count: int, tenants: list[Tenant]) -> None:
        self.now = 0.0
        self.slots = Slots(count, turn=TURN, clock=lambda: self.now)
        self.tenants = tenants
        self.trained: Counter[str] = Counter()
        for tenant in tenants:
            self.join(tenant)

    def join(self, tenant: Tenant) -> None:
        tenant.begin = lambda: setattr(tenant, "training_since", self.now)  # type: ignore[method-assign]
        tenant.park = lambda: self.parked.append(tenant)  # type: ignore[method-assign]
        self.parked: list[Tenant] = []
        self.slots.request(tenant)

    def pass_seconds(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.now += 1.0
            self.trained.update(one.name for one in self.tenants if one.training_since is not None)
            self.slots.schedule()
            while self.parked:
                tenant = self.parked.pop()
                tenant.training_since = None
                self.slots.release(tenant)
                self.slots.request(tenant)


def test_first_come_first_served() -> None:
    slots, tenants = Slots(2), [Tenant() for _ in range(4)]
    for tenant in tenants:
        slots.request(tenant)
    assert [tenant.told for tenant in tenants] == [["begin"], ["begin"], ["wait"], ["wait"]]
    assert [slots.position(tenant) for tenant in tenants] == [None, None, 1, 2]
    slots.release(tenants[1])
    assert tenants[2].told == ["wait", "begin"]
    assert slots.position(tenants[3]) == 1


def test_who_has_a_slot_has_the_lowest_number_that_is_free() -> None:
    slots, tenants = Slots(3), [Tenant() for _ in range(4)]
    for tenant in tenants:
        slots.request(tenant)
    assert [slots.number(tenant) for tenant in tenants[:3]] == [0, 1, 2]
    slots.release(tenants[1])
    assert slots.number(tenants[3]) == 1


def test_the_longest_idle_makes_room_and_only_as_many_as_wait() -> None:
    slots = Slots(3)
    busy, recent, old = Tenant(), Tenant(idle=True, idle_since=9.0), Tenant(idle=True, idle_since=1.0)
    for tenant in (busy, recent, old):
        slots.request(tenant)
    waiting = Tenant()
    slots.request(waiting)
    slots.schedule()
    assert (busy.told, recent.told, old.told) == (["begin"], ["begin"], ["begin", "park"])
    slots.release(old)
    assert waiting.told == ["begin"], "it was never told to wait: room was being made"


def test_who_is_asked_back_while_making_room_waits_in_line() -> None:
    slots = Slots(1)
    first, second = Tenant(idle=True), Tenant()
    slots.request(first)
    slots.request(second)
    slots.request(first)
    assert (slots.position(second), slots.position(first)) == (1, 2)
    slots.release(first)
    assert (second.told, slots.position(first)) == (["begin"], 1)


def test_who_withdraws_is_passed_over() -> None:
    slots = Slots(1)
    first, second, third = Tenant(), Tenant(), Tenant()
    for tenant in (first, second, third):
        slots.request(tenant)
    slots.withdraw(second)
    slots.release(first)
    assert (second.told, third.told) == (["wait"], ["wait", "begin"])


def test_twelve_that_train_without_end_on_four_slots_have_equal_shares() -> None:
    machine = Machine(4, [Tenant(f"{number}") for number in range(12)])
    machine.pass_seconds(20 * TURN * 3)
    assert len(machine.trained) == 12
    assert max(machine.trained.values()) - min(machine.trained.values()) <= TURN


def test_nobody_is_interrupted_while_nobody_waits() -> None:
    machine = Machine(2, [Tenant("first"), Tenant("second")])
    machine.pass_seconds(10 * TURN)
    assert machine.trained == {"first": 10 * TURN, "second": 10 * TURN}
    late = Tenant("late")
    machine.tenants.append(late)
    machine.join(late)
    machine.pass_seconds(1)
    assert late.training_since is not None, "whoever has had a turn makes room at once"


def test_the_one_on_screen_comes_first_and_nobody_starves() -> None:
    tenants = [Tenant(f"{number}") for number in range(6)]
    tenants[5].watched = True
    machine = Machine(1, tenants)
    machine.pass_seconds(TURN / 4 + 1)
    assert tenants[5].training_since is not None, "one that nobody watches makes room sooner"
    machine.pass_seconds(20 * TURN)
    shares = [machine.trained[tenant.name] for tenant in tenants]
    assert shares[5] == max(shares) > 20 * TURN / 6
    assert min(shares) > 0


@pytest.mark.parametrize("watched", [1, 3, 20])
def test_one_that_nobody_watches_is_passed_only_so_often(watched: int) -> None:
    slots = Slots(1)
    holder, patient = Tenant(), Tenant()
    slots.request(holder)
    slots.request(patient)
    for _ in range(watched):
        slots.request(Tenant(watched=True))
    assert slots.position(patient) == 1 + min(watched, PASSES)


def test_one_that_somebody_begins_to_watch_goes_forward() -> None:
    slots, tenants = Slots(1), [Tenant() for _ in range(4)]
    for tenant in tenants:
        slots.request(tenant)
    tenants[3].watched = True
    slots.prefer(tenants[3])
    assert [slots.position(tenant) for tenant in tenants] == [None, 2, 3, 1]


def test_one_that_cannot_be_parked_keeps_its_slot_for_another_turn() -> None:
    now: list[float] = [0.0]
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731
    slots = Slots(1, turn=TURN, clock=clock)
    holder, waiting = Tenant(training_since=0.0), Tenant()
    slots.request(holder)
    slots.request(waiting)
    now[0] = TURN
    slots.schedule()
    assert holder.told == ["begin", "park"]
    slots.keep(holder)
    slots.schedule()
    assert (holder.told, slots.position(waiting)) == (["begin", "park"], 1)
    now[0] = 2 * TURN
    slots.schedule()
    assert holder.told == ["begin", "park", "park"]
