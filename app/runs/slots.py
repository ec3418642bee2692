"""Slots: the assignment of workers to runs, with a queue.

Workers are slots; a run that needs one is a tenant. First come, first served, with two refinements. A tenant
that trains without end has a worker for one *turn* when others wait, and then goes to the end of the queue.
A watched tenant passes unwatched ones, but none of them is passed more than a few times: the tenant at
position n has a worker after at most n + PASSES turns of others. Abandoned tenants, which are not to go on
without viewers, are passed always, and make room for a watched one at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from glassnet.app.core.problems import Refusal

#: The most watched tenants that may pass an unwatched one.
PASSES: Final = 3

#: The share of its turn that an unwatched tenant always has while a watched one waits.
LEAST_TURN: Final = 1 / 4

#: Looks at the clock in one turn.
LOOKS: Final = 20


class Tenant(Protocol):
    """The part of Run that Slots uses."""

    @property
    def idle(self) -> bool:
        """Whether it can release its worker without loss."""

    @property
    def idle_since(self) -> float:
        """The time at which it became idle."""

    @property
    def training_since(self) -> float | None:
        """The time at which it began to train; None where it does not, or must not be interrupted."""

    @property
    def watched(self) -> bool:
        """Whether it has viewers."""

    @property
    def abandoned(self) -> bool:
        """Whether it is not to go on without a viewer who controls it, and there is none."""

    def begin(self) -> None:
        """Called when the tenant has a slot."""

    def park(self) -> None:
        """Called to vacate the slot: write a snapshot, then call `release`, or `keep` where that fails."""

    def wait(self) -> None:
        """Called when there is no slot yet, and none is being vacated."""


class Slots:
    """A fixed number of slots, and the queue before them."""

    def __init__(
        self,
        count: int,
        changed: Callable[[], None] = lambda: None,
        *,
        turn: float = float("inf"),
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`turn` is how many seconds a tenant may train while others wait; `changed`: places have changed."""
        self.count, self._changed, self._turn, self._clock = count, changed, turn, clock
        #: The tenants that have a slot, each with its number.
        self._holders: dict[Tenant, int] = {}
        self._parking: set[Tenant] = set()
        self._waiting: list[Tenant] = []
        #: How often each of those that wait was passed.
        self._passed: dict[Tenant, int] = {}
        #: When a tenant was given a second turn at once.
        self._renewed: dict[Tenant, float] = {}
        self._closed = False

    # Tenants -----------------------------------------------------------------------------------------

    def request(self, tenant: Tenant) -> None:
        """Request a slot; calls `begin`, perhaps at once, or `wait` where there is none."""
        if tenant not in self._waiting and (tenant not in self._holders or tenant in self._parking):
            self._waiting.append(tenant)
            self._passed[tenant] = 0
            self._advance(tenant)
        self.schedule()

    def admit(self, tenant: Tenant | None, most: int, coming: int = 0) -> None:
        """Raise Refusal where a tenant, or one that is still to be made, would be one too many that wait.

        `coming` are others that are being made: those that will find no free slot wait, too.
        """
        free = self.count - len(self._holders)
        if tenant not in self._waiting and len(self._waiting) + max(0, coming - free) >= most:
            raise Refusal(429, f"{most} runs wait already", headers={"Retry-After": "10"})

    def prefer(self, tenant: Tenant) -> None:
        """Move a tenant forward that has got its first viewer."""
        if tenant in self._waiting:
            self._advance(tenant)
            self.schedule()

    def withdraw(self, tenant: Tenant) -> None:
        """Leave the queue."""
        if tenant in self._waiting:
            self._leave_queue(tenant)
            self._changed()

    def release(self, tenant: Tenant) -> None:
        """Give back a tenant's slot."""
        self._holders.pop(tenant, None)
        self._parking.discard(tenant)
        self._renewed.pop(tenant, None)
        self.schedule()

    def keep(self, tenant: Tenant) -> None:
        """Keep the slot for another turn, as it could not be vacated."""
        self._parking.discard(tenant)
        self._renewed[tenant] = self._clock()
        self.withdraw(tenant)

    def vacate(self, tenant: Tenant) -> None:
        """Vacate the slot of a tenant that needs it no more, whether others wait or not."""
        if tenant in self._holders and self._may_leave(tenant):
            self._parking.add(tenant)
            tenant.park()
        self.schedule()

    def _may_leave(self, tenant: Tenant) -> bool:
        """Whether a slot can be vacated: not while it is, nor soon after that has failed."""
        renewed = self._renewed.get(tenant)
        failed = renewed is not None and self._clock() - renewed < self._turn
        return not (self._closed or failed or tenant in self._parking)

    def is_coming(self, tenant: Tenant) -> bool:
        """Whether room is being made for a tenant that waits."""
        return tenant in self._waiting[: len(self._parking)]

    def position(self, tenant: Tenant) -> int | None:
        """The place in the queue, from 1; None where the tenant does not wait."""
        return self._waiting.index(tenant) + 1 if tenant in self._waiting else None

    def number(self, tenant: Tenant) -> int:
        """The number of a tenant's slot, from 0; 0 where it has none any more.

        Workers are spread by it over the cards of a machine.
        """
        return self._holders.get(tenant, 0)

    @property
    def waiting(self) -> int:
        """The length of the queue."""
        return len(self._waiting)

    # The queue ---------------------------------------------------------------------------------------

    def schedule(self) -> None:
        """Assign free slots, and vacate others for those that wait."""
        if self._closed:
            return
        before = list(self._waiting)
        self._give_out()
        for tenant in self._waiting[len(self._parking) :]:
            leaving = self._next_to_leave(tenant)
            if leaving is None:
                break
            self._parking.add(leaving)
            leaving.park()
        for tenant in self._waiting[len(self._parking) :]:
            tenant.wait()
        if before != self._waiting:
            self._changed()

    def close(self) -> None:
        """Assign no slots any more: the server ends."""
        self._closed = True

    async def keep_turns(self) -> None:
        """Reschedule at the end of each part of a turn, until cancelled."""
        while True:
            await asyncio.sleep(min(1.0, self._turn / LOOKS))
            if self._waiting:
                self.schedule()

    def _give_out(self) -> None:
        for tenant in list(self._waiting):
            if len(self._holders) >= self.count:
                break
            if tenant not in self._holders:
                self._leave_queue(tenant)
                self._holders[tenant] = self._free_number()
                tenant.begin()

    def _free_number(self) -> int:
        taken = set(self._holders.values())
        return next(number for number in range(self.count) if number not in taken)

    def _leave_queue(self, tenant: Tenant) -> None:
        self._waiting.remove(tenant)
        del self._passed[tenant]

    def _advance(self, tenant: Tenant) -> None:
        """Move a watched tenant forward, past those that may still be passed."""
        place = self._waiting.index(tenant)
        while tenant.watched and place > 0 and self._may_be_passed(self._waiting[place - 1]):
            self._passed[self._waiting[place - 1]] += 1
            self._waiting[place - 1 : place + 1] = [tenant, self._waiting[place - 1]]
            place -= 1

    def _may_be_passed(self, tenant: Tenant) -> bool:
        return not tenant.watched and (tenant.abandoned or self._passed[tenant] < PASSES)

    # Making room -------------------------------------------------------------------------------------

    def _next_to_leave(self, waiting: Tenant) -> Tenant | None:
        """The holder that vacates its slot for one that waits.

        That is an idle one, unwatched if there is one; for a watched tenant one that would soon pause for
        want of viewers; or one whose turn is over.
        """
        staying = self._holders.keys() - self._parking
        leaving = [one for one in staying if one.idle or (waiting.watched and _is_left_alone(one))]
        if leaving:
            return min(leaving, key=lambda one: (one.watched, not one.idle, one.idle_since))
        over = [one for one in staying if self._turn_is_over(one, waiting)]
        for tenant in sorted(over, key=lambda one: (one.watched, self._since(one))):
            if not self._goes_on(tenant):
                return tenant
        return None

    def _since(self, tenant: Tenant) -> float:
        since = tenant.training_since
        return float("inf") if since is None else max(since, self._renewed.get(tenant, since))

    def _turn_is_over(self, tenant: Tenant, waiting: Tenant) -> bool:
        shortened = waiting.watched and not tenant.watched
        return self._clock() - self._since(tenant) >= self._turn * (LEAST_TURN if shortened else 1)

    def _goes_on(self, tenant: Tenant) -> bool:
        """Whether a tenant would pass all that wait: it then has another turn without being parked."""
        if not tenant.watched or not all(map(self._may_be_passed, self._waiting)):
            return False
        for passed in self._waiting:
            self._passed[passed] += 1
        self._renewed[tenant] = self._clock()
        return True


def _is_left_alone(tenant: Tenant) -> bool:
    """Whether a tenant trains, may be interrupted, and would soon pause for want of viewers."""
    return tenant.abandoned and tenant.training_since is not None
