"""The notation people know parses to cadences and prints back the same."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol_sched.errors import InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.model.cadences import At, Every, PerWeek
from protocol_sched.model.course import Course
from protocol_sched.model.notation import Notation, Run, parse_notation
from protocol_sched.model.numbers import Count
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.references import CoursePoint
from protocol_sched.model.spans import CalendarSpan, MonthEnd, SpanRange, parse_range
from protocol_sched.model.stages import Stage

PRINTED = (
    "Q21D x 4",
    "q8w",
    "Q3W x 6",
    "q6mo",
    "q8h x 9",
    "weeks 0, 2, 6 then q8w",
    "weeks 0, 2, 6 then q8w x 4 to 8",
    "2/week for 4 weeks",
    "2/week for 4 weeks then 1/week for 4 weeks then q2w",
    "days 1, 8, 15 of 28 x 6",
    "days 1, 4, 8, 11 of 21",
    "months 0, 3 then q6mo",
    "daily x 14",
    "weekdays x 10",
    "5 in 14 days",
    "4 to 8 in 7 to 28 days",
)


@pytest.mark.parametrize("text", PRINTED)
def test_notation_prints_back_the_same(text: str) -> None:
    assert str(parse_notation(text)) == text


def test_notation_gives_cadence_and_number() -> None:
    weeks = CalendarSpan(weeks=8)
    points = [CoursePoint("week 0"), CoursePoint("week 2"), CoursePoint("week 6")]
    assert parse_notation("weeks 0, 2, 6 then q8w") == Notation(
        [
            Run(At(at=points), Count(3, 3)),
            Run(Every(every=SpanRange(weeks, weeks)), Count(0, None)),
        ]
    )
    assert parse_notation("2/week for 4 weeks").runs[0] == Run(PerWeek(per_week=2), Count(8, 8))
    cycle = parse_notation("days 1, 8, 15 of 28 x 6").runs[0]
    assert cycle.cadence == At(at=map(CoursePoint, ("day 1", "day 8", "day 15")), cycle=DAYS_28)
    assert (cycle.visits, cycle.cycles) == (Count(3, 3), Count(6, 6))


DAYS_28 = CalendarSpan(days=28)


@given(
    number=st.integers(1, 999),
    unit=st.sampled_from(["h", "d", "w", "mo", "y"]),
    capital=st.booleans(),
    visits=st.none() | st.integers(1, 99),
)
def test_every_interval_prints_back_the_same(
    number: int, unit: str, capital: bool, visits: int | None
) -> None:
    text = f"q{number}{unit}"
    text = (text.upper() if capital else text) + (f" x {visits}" if visits else "")
    assert str(parse_notation(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("days 0, 8 of 28", "course point: day must be day 1 or later, or day -1 or earlier, got"),
        ("days 8, 1 of 28", "cadence: at must be in order, each later than the one before, got"),
        ("days 1, 28 of 20", "cadence: cycle must be longer than day 28, got 20 days"),
        ("Q0D", "cadence: every must be longer than zero, got 0 days"),
        ("9/week", "cadence: per_week must be 1 to 7, got 9"),
        ("every other week", "notation: text must be such as 'Q21D x 4'"),
        ("q8w then", "notation: text must be such as 'Q21D x 4'"),
        ("", "notation: text must be such as 'Q21D x 4'"),
    ],
)
def test_what_is_no_notation_is_refused_with_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_notation(text)
    assert str(caught.value).startswith(says)


def test_phases_of_a_notation_give_its_dates() -> None:
    stage = Stage(name="infusion", length=parse_range("60 minutes"), source="local")
    notation = parse_notation("weeks 0, 2, 6 then q8w x 2")
    protocol = Protocol(
        name="p",
        title="P",
        visit_types=[VisitType(name="infusion", stages=[stage])],
        phases=notation.phases(visit="infusion", source="local"),
        month_end=MonthEnd.LAST_DAY,
    )
    course = Course(key="c", protocol=protocol, not_before=date(2027, 3, 1))
    targets = [due.foreseen.day for due in expand(course, date(2027, 2, 1)).dues if due.foreseen]
    assert targets[-4:] == [
        date(2027, 3, 15),
        date(2027, 4, 12),
        date(2027, 6, 7),
        date(2027, 8, 2),
    ]
