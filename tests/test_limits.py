"""The limits that docs/limits.md names and no other test has: kept at the bound, refused beyond."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from protocol_sched.engine.horizon import horizon
from protocol_sched.errors import InvalidValue
from protocol_sched.formats.ics.reading.busy import stretch
from protocols import course, every, phase, protocol, seen

FIRST, PARIS = date(2027, 3, 1), ZoneInfo("Europe/Paris")


def test_a_plan_is_of_1464_days_at_most() -> None:
    assert horizon(PARIS, FIRST, FIRST + timedelta(days=1463)).days == 1464
    with pytest.raises(InvalidValue, match=r"1465 days\)") as refused:
        horizon(PARIS, FIRST, FIRST + timedelta(days=1464))
    assert "1 to 1464 days from 2027-03-01" in str(refused.value)


def test_a_calendar_is_read_for_3650_days_at_most() -> None:
    begins, ends = stretch(PARIS, FIRST, FIRST + timedelta(days=3650))
    assert ends > begins
    with pytest.raises(InvalidValue, match="up to ten years later"):
        stretch(PARIS, FIRST, FIRST + timedelta(days=3651))


def test_a_course_is_laid_out_up_to_1000_visits_and_says_that_more_follow() -> None:
    run = course(protocol(phase("run", every("1 day"), "1001")), start="2027-03-01")
    agenda = seen(run, "2027-02-20")
    assert (len(agenda.dues), agenda.cut_after) == (1000, 1000)
    assert [str(question.asks) for question in agenda.questions] == [
        "the course has more than 1000 treatment visits; only the first 1000 are laid out and "
        "planned. Is it meant to be this long?"
    ]


def test_a_course_of_1000_visits_is_whole() -> None:
    run = course(protocol(phase("run", every("1 day"), "1000")), start="2027-03-01")
    agenda = seen(run, "2027-02-20")
    assert (len(agenda.dues), agenda.cut_after, agenda.questions) == (1000, 0, ())
