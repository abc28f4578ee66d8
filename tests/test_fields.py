"""Sets of candidates of a run of days, against the same worked out candidate by candidate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protocol_sched.engine.bitsets import members
from protocol_sched.engine.solvers.fields import Fields


@st.composite
def candidates(draw: st.DrawFn) -> tuple[Fields, list[int]]:
    """Draw a few days of a few candidates, and a small set for each day."""
    days, width = draw(st.integers(1, 5)), draw(st.integers(1, 17))
    sets = st.integers(0, (1 << width) - 1) | st.just(0)
    return Fields(days, width), draw(st.lists(sets, min_size=days, max_size=days))


def moved(fields: Fields, sets: list[int], first: int, last: int) -> int:
    """Return every candidate of the same day so far after one in the sets, one by one."""
    found = 0
    for day, one in enumerate(sets):
        for candidate in members(one):
            for to in range(max(0, candidate + first), min(fields.width - 1, candidate + last) + 1):
                found |= 1 << day * fields.stride + to
    return found


@given(drawn=candidates(), first=st.integers(-20, 20), more=st.integers(0, 40))
def test_candidates_move_within_their_own_day(
    drawn: tuple[Fields, list[int]], first: int, more: int
) -> None:
    fields, sets = drawn
    found = fields.within(fields.of(sets), first, first + more)
    assert found == moved(fields, sets, first, first + more)


@given(drawn=candidates())
def test_days_that_have_a_candidate_are_filled(drawn: tuple[Fields, list[int]]) -> None:
    fields, sets = drawn
    some = fields.of(sets)
    assert fields.filled(some) == moved(fields, sets, -fields.width, fields.width)
    days = sum(1 << day for day, one in enumerate(sets) if one)
    assert fields.every(days) == fields.filled(some)
