"""Whether a worker answers: a clock that jumps says nothing, questions without an answer do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from glassnet.app.workers.liveness import QUESTIONS, Liveness

SILENCE = 60.0


@dataclass
class Played:
    """A worker and the machine under it: what happens while the watchdog sleeps."""

    #: Called with the number of the question that was just asked.
    meanwhile: Callable[[int], None] = lambda number: None
    asked: int = 0
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.liveness = Liveness(self.ask, SILENCE, sleep=self.sleep)

    def ask(self) -> None:
        self.asked += 1

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.meanwhile(self.asked)

    def answers(self) -> None:
        self.liveness.heard()


def test_a_worker_that_answers_nothing_is_given_up_after_the_silence_it_is_allowed() -> None:
    played = Played()
    assert asyncio.run(played.liveness.lost()) == SILENCE
    assert (played.asked, sum(played.slept)) == (QUESTIONS, SILENCE)


def test_an_answer_to_any_question_begins_the_count_anew() -> None:
    played = Played()
    played.meanwhile = lambda number: played.answers() if number <= 100 and number % 7 == 0 else None
    asyncio.run(played.liveness.lost())
    assert played.asked == 98 + QUESTIONS


def test_a_pause_of_the_host_is_one_question_long_however_long_it_was() -> None:
    """The sleep during which the host was stopped took an hour; nothing was answered in it."""
    played, hours = Played(), 0

    def stopped_now_and_then(number: int) -> None:
        nonlocal hours
        if number % 2 and number < 100:
            hours += 1
        elif number < 100:
            played.answers()

    played.meanwhile = stopped_now_and_then
    asyncio.run(played.liveness.lost())
    assert (hours, played.asked) == (50, 98 + QUESTIONS)


def test_a_worker_that_still_builds_its_network_is_given_more_time() -> None:
    played = Played()
    allowed = [2 * SILENCE]
    assert asyncio.run(played.liveness.lost(lambda: allowed[0])) == 2 * SILENCE
