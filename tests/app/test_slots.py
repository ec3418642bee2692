"""Who has a worker, who waits, who makes room."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.runs.slots import Slots


@dataclass(eq=False)
class Tenant:
    idle: bool = False
    idle_since: float = 0.0
    told: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.told.append("begin")

    def park(self) -> None:
        self.told.append("park")


def test_first_come_first_served() -> None:
    slots, tenants = Slots(2), [Tenant() for _ in range(4)]
    for tenant in tenants:
        slots.request(tenant)
    assert [tenant.told for tenant in tenants] == [["begin"], ["begin"], [], []]
    assert [slots.position(tenant) for tenant in tenants] == [None, None, 1, 2]
    slots.release(tenants[1])
    assert tenants[2].told == ["begin"]
    assert slots.position(tenants[3]) == 1


def test_the_longest_idle_makes_room_and_only_as_many_as_wait() -> None:
    slots = Slots(3)
    busy, recent, old = Tenant(), Tenant(True, 9.0), Tenant(True, 1.0)
    for tenant in (busy, recent, old):
        slots.request(tenant)
    waiting = Tenant()
    slots.request(waiting)
    slots.schedule()
    assert (busy.told, recent.told, old.told) == (["begin"], ["begin"], ["begin", "park"])
    slots.release(old)
    assert waiting.told == ["begin"]


def test_who_is_asked_back_while_making_room_waits_in_line() -> None:
    slots = Slots(1)
    first, second = Tenant(True), Tenant()
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
    assert (second.told, third.told) == ([], ["begin"])
