"""Who has a worker, who waits for one, and who gives one up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Tenant(Protocol):
    """A run, as far as slots are concerned."""

    @property
    def idle(self) -> bool:
        """Whether it could give up its worker and lose nothing."""

    @property
    def idle_since(self) -> float:
        """When it became idle."""

    def begin(self) -> None:
        """A slot is yours."""

    def park(self) -> None:
        """Give up your slot: leave a snapshot, then call `release`."""


class Slots:
    """A fixed number of places; first come, first served; the longest idle makes room."""

    def __init__(self, count: int, changed: Callable[[], None] = lambda: None) -> None:
        self.count, self._changed = count, changed
        self._holders: set[Tenant] = set()
        self._parking: set[Tenant] = set()
        self._waiting: list[Tenant] = []

    def request(self, tenant: Tenant) -> None:
        """Ask for a slot; `begin` is called when it is there, perhaps at once."""
        if tenant not in self._waiting and (tenant not in self._holders or tenant in self._parking):
            self._waiting.append(tenant)
        self.schedule()

    def withdraw(self, tenant: Tenant) -> None:
        """Wait no longer."""
        if tenant in self._waiting:
            self._waiting.remove(tenant)
            self._changed()

    def release(self, tenant: Tenant) -> None:
        """The slot is free again."""
        self._holders.discard(tenant)
        self._parking.discard(tenant)
        self.schedule()

    def position(self, tenant: Tenant) -> int | None:
        """How many come first, and this one; None where it does not wait."""
        return self._waiting.index(tenant) + 1 if tenant in self._waiting else None

    def schedule(self) -> None:
        """Give out what is free, and ask idle holders to make room for the rest."""
        before = list(self._waiting)
        for tenant in before:
            if len(self._holders) >= self.count:
                break
            if tenant not in self._holders:
                self._waiting.remove(tenant)
                self._holders.add(tenant)
                tenant.begin()
        idle = sorted(
            (one for one in self._holders - self._parking if one.idle), key=lambda one: one.idle_since
        )
        for tenant in idle[: max(0, len(self._waiting) - len(self._parking))]:
            self._parking.add(tenant)
            tenant.park()
        if before != self._waiting:
            self._changed()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)
