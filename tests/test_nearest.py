"""An answer to an impossible request names the nearest date that is possible."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import attrs
import pytest

from protocol_sched import catalog
from protocol_sched.formats.documents import documents
from protocol_sched.model.causes import Request
from protocol_sched.model.explanation import Explanation
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from test_cli import EXAMPLES

AS_OF = date(2027, 2, 20)


def read(name: str) -> str:
    return Path(EXAMPLES, name).read_text("utf-8")


COURSE = documents.read_course(read("course.toml"), catalog.load)
CLINIC = documents.read_clinic(read("clinic.toml"))
PERSON = documents.read_person(read("person.toml"))


def wish(
    visit: str | None, first: date | None = None, last: date | None = None, at: int | None = None
) -> Request:
    return Request(visit=visit, first=first, last=last, earliest=at, latest=at)


def asked(*requests: Request) -> Explanation:
    return explain_course(COURSE, CLINIC, PERSON, as_of=AS_OF, asked=requests, count=0)


def possible(request: Request) -> bool:
    return asked(request).plan.schedule is not None


@pytest.mark.parametrize("day", [date(2027, 3, 11), date(2027, 3, 13), date(2027, 3, 3)])
def test_the_nearest_dates_on_both_sides_are_those_found_day_by_day(day: date) -> None:
    request = wish("induction-3", first=day, last=day)
    found = asked(request)
    assert found.plan.schedule is None
    expected = []
    for step in (-1, 1):
        for n in range(1, 25):
            near = day + step * timedelta(days=n)
            if near >= date(2027, 3, 5) and possible(wish("induction-3", first=near, last=near)):
                expected.append(near)
                break
    assert [one.visit.day for one in found.nearest] == expected


def test_the_earliest_date_by_which_a_visit_or_the_course_can_be() -> None:
    for visit in ("induction-6", None):
        found = asked(wish(visit, last=date(2027, 3, 10)))
        (near,) = found.nearest
        assert possible(wish(visit, last=near.visit.day))
        assert not possible(wish(visit, last=near.visit.day - timedelta(days=1)))


def test_another_time_of_the_date_is_nearer_than_another_date() -> None:
    at = 16 * 60
    request = wish("induction-3", date(2027, 3, 10), date(2027, 3, 10), at)
    (near,) = asked(request).nearest
    assert near.visit.day == date(2027, 3, 10)
    later = 60 * near.visit.start.hour + near.visit.start.minute + 1
    assert not possible(attrs.evolve(request, earliest=later))


def test_the_other_requests_are_kept() -> None:
    other = wish("induction-1", first=date(2027, 3, 8))
    found = asked(other, wish("induction-6", last=date(2027, 3, 16)))
    assert [one.request for one in found.nearest][-1].visit == "induction-6"
    near = found.nearest[-1].visit.day
    both = (other, wish("induction-6", last=near - timedelta(days=1)))
    assert asked(*both).plan.schedule is None


def test_it_is_said_below_the_reasons() -> None:
    text = explanation_text(asked(wish(None, last=date(2027, 3, 12))))
    assert text.splitlines()[-1] == "The earliest possible end: Thu 25 March 2027."
    text = explanation_text(asked(wish("induction-3", date(2027, 3, 11), date(2027, 3, 11))))
    assert "The nearest possible dates of infusion 3: Wed 10 March 2027 at 09:00 and" in text
