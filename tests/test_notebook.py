"""What a notebook shows of a value: whole texts, and that any text in it stays a text."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import attrs
from hypothesis import given, settings

from protocol_sched import (
    Agenda,
    Course,
    catalog,
    expand,
    plan_course,
    read_clinic,
    read_person,
    replan_course,
)
from protocol_sched.model.agenda import Due
from protocol_sched.model.day_list import DayLine, DayList, DayOf
from protocol_sched.model.plain import Shown
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan
from protocol_sched.model.spans import MonthEnd
from samples import schedule, visit
from strategies import protocols

NEW_YORK = ZoneInfo("America/New_York")
EXAMPLES = Path(__file__).parents[1] / "examples"
CLINIC = read_clinic((EXAMPLES / "clinic.toml").read_text("utf-8"))
PERSON = read_person((EXAMPLES / "person.toml").read_text("utf-8"))
COURSE = Course(key="c-1", protocol=catalog.load("ketamine-migraine"), not_before=date(2027, 3, 1))
TODAY = date(2027, 2, 22)
NASTY = "<script>alert('x')</script> & <b>"


def shown(value: Shown) -> list[str]:
    """Return the texts that stand on what a notebook shows; it must be sound."""
    page = value._repr_html_()
    ElementTree.fromstring(page)
    return [unescape(text) for text in re.findall(r">([^<>]+)<", page) if text.strip()]


def test_an_agenda_shows_dates_and_rules() -> None:
    agenda = expand(COURSE, TODAY)
    assert shown(attrs.evolve(agenda, dues=agenda.dues[2:3], questions=())) == [
        "1 visit due as of Mon 22 February 2027",
        *("visit", "earliest", "target (or forecast)", "latest", "rule"),
        *("infusion 2", "Thu 4 March 2027", "Thu 4 March 2027", "Sun 7 March 2027"),
        "2 to 3 days after infusion 1",
    ]


def test_a_plan_shows_its_visits_and_whether_it_is_proved() -> None:
    plan = plan_course(COURSE, CLINIC, PERSON, as_of=TODAY, until=date(2027, 3, 1))
    assert shown(plan) == [
        "Plan of c-1: 1 day off target, proved best",
        *("visit", "date", "arrive", "discharge by", "ride home"),
        *("evaluation", "Mon 1 March 2027", "09:00", "10:00"),
        "Times are in America/New_York.",
    ]


def test_a_plan_that_is_none_says_why_and_its_conflict_names_the_rules() -> None:
    plan = plan_course(COURSE, CLINIC, attrs.evolve(PERSON, escorts=()), as_of=TODAY)
    title, why = shown(plan)
    assert title == "No plan"
    assert why.startswith("No plan")
    title, *head = shown(plan.conflicts[0])
    assert title == f"Conflict: {plan.conflicts[0].visit} cannot be placed"
    assert head[:4] == ["rule", "visits", "dates", "lifting it is enough"]
    assert "escort free" in head


def test_a_change_and_a_plan_made_anew_show_what_moved() -> None:
    found = replan_course(COURSE, CLINIC, PERSON, as_of=TODAY)
    head = ["visit", "what", "before", "now", "why"]
    first = ["evaluation", "added", "Mon 1 March 2027 at 09:00", "at least 1 day before infusion 1"]
    assert shown(found.changes[0]) == [*head, *first]
    assert shown(found)[:10] == ["8 visits", *head, *first]


def test_a_day_of_a_clinic_shows_places_and_staff() -> None:
    nine, ten = (datetime(2027, 3, 1, hour, tzinfo=NEW_YORK) for hour in (9, 10))
    line = DayLine(start=nine, end=ten, who="Jane Roe", title="infusion 1")
    day = DayList(
        clinic="North House",
        zone="America/New_York",
        day=date(2027, 3, 1),
        places=[DayOf(name="chair 1", lines=[line])],
    )
    said = shown(day)
    assert said[:3] == ["North House, Mon 1 March 2027", "By place", "chair 1"]
    assert {"09:00", "10:00", "Jane Roe", "infusion 1"} <= set(said)


def test_text_stays_text() -> None:
    due = Due(id="x", title=NASTY, kind="x", phase="x", ordinal=1, type_ordinal=1)
    agenda = Agenda(
        course="c",
        protocol="p",
        as_of=TODAY,
        month_end=MonthEnd.NEXT_DAY,
        dues=[due],
        bindings=(),
    )
    assert NASTY in shown(agenda)
    plan = plan_course(COURSE, CLINIC, PERSON, as_of=TODAY)
    start = datetime(2027, 3, 1, 9, tzinfo=NEW_YORK)
    nasty: Plan = attrs.evolve(
        plan, schedule=schedule(visit("i-1", start, title=NASTY, escort=NASTY))
    )
    assert shown(nasty).count(NASTY) == 2
    day = DayList(clinic=NASTY, zone="UTC", day=TODAY, places=[DayOf(name=NASTY)])
    assert NASTY in shown(day)


@settings(deadline=None, max_examples=5)
@given(protocols())
def test_any_protocol_can_be_shown(protocol: Protocol) -> None:
    assert "<table>" in protocol._repr_html_()
