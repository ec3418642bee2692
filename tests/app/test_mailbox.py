"""What waits for a viewer: words and rows in order, of pictures the newest, at the asked rate."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.app.hub.mailbox import MOST_MESSAGES, MOST_SCALARS, Disconnected, Mailbox
from glassnet.app.workers import Frame
from tests.app.frames import picture, rows


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def waiting(mailbox: Mailbox) -> list[str | Frame]:
    """All that may be sent now."""
    found = []
    while mailbox._wait() == 0:
        found.append(mailbox._next())
    return found


def test_words_come_first_and_keep_their_order() -> None:
    mailbox = Mailbox(Clock())
    mailbox.set_rates({"k": 10})
    mailbox.picture(picture("k", 1))
    mailbox.scalars(rows("p", 0))
    mailbox.put_message("one")
    mailbox.put_message("two")
    assert [one if isinstance(one, str) else one.key for one in waiting(mailbox)] == ["one", "two", "p", "k"]


def test_an_older_status_is_never_sent_after_a_newer() -> None:
    mailbox = Mailbox(Clock())
    mailbox.status("training")
    mailbox.status("paused")
    assert waiting(mailbox) == ["paused"]


def test_of_a_picture_the_newest_waits() -> None:
    mailbox = Mailbox(Clock())
    mailbox.set_rates({"k": 10})
    for number in range(5):
        mailbox.picture(picture("k", number))
    assert [frame.first for frame in waiting(mailbox) if isinstance(frame, Frame)] == [4]
    assert mailbox.traffic.dropped == 4


def test_pictures_nobody_asked_for_are_not_kept() -> None:
    mailbox = Mailbox(Clock())
    mailbox.set_rates({"k": 10})
    mailbox.picture(picture("other", 1))
    mailbox.set_rates({})
    mailbox.picture(picture("k", 1))
    assert waiting(mailbox) == []


@pytest.mark.parametrize(("made", "asked"), [(30, 10), (10, 10), (20, 3), (10, 30)])
def test_a_viewer_gets_pictures_at_the_rate_it_asked_for(made: float, asked: float) -> None:
    clock = Clock()
    mailbox = Mailbox(clock)
    mailbox.set_rates({"k": asked})
    sent = 0
    for tick in range(10_000):
        clock.now = 100 + tick / 1000
        if tick % round(1000 / made) == 0:
            mailbox.picture(picture("k", tick))
        sent += len(waiting(mailbox))
    assert sent == pytest.approx(10 * min(made, asked), rel=0.05, abs=2)


def test_rows_beyond_the_limit_become_a_gap_and_the_next_ones_come() -> None:
    mailbox = Mailbox(Clock())
    size = MOST_SCALARS // 4
    for number in range(5):
        mailbox.scalars(rows("p", number * 10, 10, size))
    mailbox.scalars(rows("p", 50, 10, size))
    gap, frame = waiting(mailbox)
    assert isinstance(gap, str)
    assert json.loads(gap) == {"type": "gap", "probe": "progress", "key": "p", "from": 0, "to": 50}
    assert isinstance(frame, Frame)
    assert frame.first == 50
    assert mailbox.traffic.gaps == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(1, MOST_SCALARS), st.sampled_from("ab")), max_size=40))
def test_rows_and_gaps_together_are_every_row_once(history: list[tuple[bool, int, str]]) -> None:
    """However a viewer reads: what it got and what it was told to fetch is all, without overlap."""
    mailbox = Mailbox(Clock())
    made = {"a": 0, "b": 0}
    covered: dict[str, list[int]] = {"a": [], "b": []}

    def read() -> None:
        for came in waiting(mailbox):
            if isinstance(came, Frame):
                covered[came.key] += range(came.first, came.next)
            else:
                gap = json.loads(came)
                covered[gap["key"]] += range(gap["from"], gap["to"])

    for reads, size, key in history:
        mailbox.scalars(rows(key, made[key], 3, size))
        made[key] += 3
        if reads:
            read()
    read()
    assert {key: sorted(found) for key, found in covered.items()} == {
        key: list(range(count)) for key, count in made.items()
    }


def test_a_viewer_that_reads_no_answers_is_let_go() -> None:
    mailbox = Mailbox(Clock())
    for _ in range(MOST_MESSAGES + 1):
        mailbox.put_message("word")
    with pytest.raises(Disconnected) as end:
        asyncio.run(mailbox.take())
    assert end.value.code == 1008


def test_taking_waits_for_something_to_come() -> None:
    async def scene() -> list[str | Frame]:
        mailbox = Mailbox(Clock())
        taking = asyncio.create_task(mailbox.take())
        await asyncio.sleep(0)
        assert not taking.done()
        mailbox.put_message("now")
        return await asyncio.wait_for(taking, 5)

    assert asyncio.run(scene()) == ["now"]


def test_between_two_deliveries_to_a_crowd_words_go_and_nothing_else() -> None:
    async def scene() -> list[list[str | Frame]]:
        clock = Clock()
        mailbox = Mailbox(clock)
        mailbox.set_rates({"k": 10})
        mailbox.picture(picture("k", 1))
        mailbox.scalars(rows("p", 0))
        taking = asyncio.create_task(mailbox.take(clock.now + 60))
        await asyncio.sleep(0)
        assert not taking.done()
        mailbox.put_message("edited")
        found = [await asyncio.wait_for(taking, 5)]
        clock.now += 60
        return [*found, await mailbox.take(clock.now)]

    words, rest = asyncio.run(scene())
    assert words == ["edited"]
    assert [frame.key for frame in rest if isinstance(frame, Frame)] == ["p", "k"]
