"""Tests that go on after the last dose are shown as often as they come, no more and no less."""

from __future__ import annotations

from datetime import date

import pytest

from protocol_sched.expansion import expand
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.course import Course, Given
from protocol_sched.model.numbers import Count
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.references import parse_reference
from protocol_sched.model.spans import parse_span
from protocols import course, day, every, given, phase, protocol


def monthly(anchor: str, until: str | None, until_from: str | None = None) -> Course:
    tests = OtherVisit(
        name="tests",
        visit="review",
        cadence=every("1 month"),
        anchor=parse_reference(anchor),
        until=parse_span(until) if until else None,
        until_from=parse_reference(until_from) if until_from else None,
        visits=None if until else Count(0, None),
        source="local",
    )
    doses = given(doses_1="2027-01-14", doses_2="2027-01-15")
    return course(protocol(phase("doses", every("1 day"), "2"), other_visits=[tests]), *doses)


def shown(agenda: Agenda, name: str = "tests") -> list[date]:
    return [due.target.day for due in agenda.dues if due.phase == name and due.target]


@pytest.mark.parametrize("until", [None, "2027-06-30", "2040-01-01"])
@pytest.mark.parametrize(
    ("anchor", "from_", "last"),
    [
        ("end of doses", None, "2031-01-15"),
        ("start of doses", "end of doses", "2031-01-14"),
    ],
)
def test_48_months_of_tests_are_48_whatever_time_is_asked_for(
    anchor: str, from_: str | None, last: str, until: str | None
) -> None:
    run = monthly(anchor, "48 months", from_)
    agenda = expand(run, day("2027-01-16"), until=day(until) if until else None)
    found = shown(agenda)
    assert len(found) == 48
    assert found[-1] == day(last)
    months = [12 * one.year + one.month for one in found]
    assert months == list(range(months[0], months[0] + 48))


def test_those_that_took_place_are_not_shown_again_and_the_last_stays_the_last() -> None:
    took_place = [
        Given(visit=f"tests-{n}", on=date(2027 + n // 12, n % 12 + 1, 16)) for n in range(1, 13)
    ]
    run = monthly("end of doses", "48 months").after(took_place)
    found = shown(expand(run, day("2028-01-20")))
    assert len(found) == 36
    assert (found[0], found[-1]) == (date(2028, 2, 15), date(2031, 1, 15))


@pytest.mark.parametrize(("until", "many"), [("2027-06-30", 5), ("2028-01-14", 11)])
def test_without_an_end_they_are_shown_up_to_the_date_asked_for(until: str, many: int) -> None:
    found = shown(expand(monthly("end of doses", None), day("2027-01-16"), until=day(until)))
    within = [one for one in found if one <= day(until)]
    assert len(within) == many
    assert len(found) <= many + 1  # and the next one
