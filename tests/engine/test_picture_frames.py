"""How the pictures that are watched share the time that training leaves them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from glassnet.engine.run.picture_frames import fair_share

loads = st.lists(st.floats(0, 5), min_size=1, max_size=12)


@given(loads, st.floats(0.01, 2))
def test_shares_are_the_wants_below_one_water_level(wanted: list[float], whole: float) -> None:
    """Max-min fairness: everybody gets what it wants up to a level, at which the whole is just used up."""
    given_out = [fair_share(each, wanted, whole) for each in wanted]
    if sum(wanted) <= whole:
        assert given_out == pytest.approx(wanted)
        return
    level = brentq(lambda at: sum(min(each, at) for each in wanted) - whole, 0, max(wanted))
    assert given_out == pytest.approx([min(each, level) for each in wanted], abs=1e-9)


def test_one_that_takes_long_leaves_the_others_their_rate() -> None:
    light, heavy = 0.01, 4.0
    everybody = [light, light, light, heavy]
    assert fair_share(light, everybody, 1 / 6) == light
    assert fair_share(heavy, everybody, 1 / 6) == pytest.approx(1 / 6 - 3 * light)


def test_two_that_take_long_share_alike() -> None:
    assert fair_share(3.0, [3.0, 0.0, 5.0], 1.0) == fair_share(5.0, [3.0, 0.0, 5.0], 1.0) == 0.5
