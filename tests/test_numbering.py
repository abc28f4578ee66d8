"""Days and weeks of a protocol are numbered from 0 or from 1, and everything keeps to it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import attrs
import pytest

from ics_entries import unfolded
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.formats.documents.documents import (
    protocol_to_dict,
    read_protocol,
    write_toml,
)
from protocol_sched.formats.ics.entries import clinic_calendar, patient_calendar
from protocol_sched.formats.ics.file import CalendarOptions
from protocol_sched.formats.svg.months import agenda_picture
from protocol_sched.formats.svg.picture import course_picture
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.cadences import At
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import CoursePoint, Numbering, StartOf
from protocol_sched.model.schedule import Plan
from protocol_sched.planning.course import plan_course
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.plans import agenda_text, plan_text
from protocol_sched.text.privacy import Privacy
from protocols import at, course, day, given, phase, protocol, seen, target
from samples import NOW

DAY_0 = Numbering(day=0)


def checks(*points: str) -> OtherVisit:
    return OtherVisit(
        name="check", visit="review", cadence=at(*points), anchor=StartOf("course"), source="local"
    )


def numbered(numbering: Numbering | None, *points: str) -> Protocol:
    plan = protocol(phase("run", at(*points), str(len(points))))
    return attrs.evolve(plan, numbering=numbering)


def span_of(text: str, numbering: str) -> str:
    return str(CoursePoint(text, Numbering.parse(numbering)).span)


@pytest.mark.parametrize(
    ("text", "day_1", "day_0"),
    [
        ("day 1", "0 days", "1 day"),
        ("day 8", "7 days", "8 days"),
        ("day -1", "- 1 day", "- 1 day"),  # no day 0 lies between day -1 and day 1
        ("day -14", "- 14 days", "- 14 days"),
        ("day 2 + 1 week", "1 week + 1 day", "1 week + 2 days"),
        ("46 hours", "46 hours", "46 hours"),
        ("month 3", "3 months", "3 months"),
    ],
)
def test_a_day_by_either_numbering(text: str, day_1: str, day_0: str) -> None:
    assert (span_of(text, "day 1"), span_of(text, "day 0")) == (day_1, day_0)


def test_weeks_by_either_numbering() -> None:
    assert span_of("week 2", "week 0") == "2 weeks"
    assert span_of("week 2", "week 1") == "1 week"
    assert span_of("week -2", "week 1") == span_of("week -2", "week 0") == "- 2 weeks"
    assert span_of("day 3", "week 1") == "2 days"


@pytest.mark.parametrize("text", ["day 2", "week", "day 0, day 1", ""])
def test_another_numbering_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Numbering.parse(text)
    assert str(refused.value) == (
        "numbering: text must be 'day 0' or 'day 1', 'week 0' or 'week 1', or one of each, got "
        + repr(text)
    )


TRANSPLANT = """
name = "methotrexate-days"
title = "Methotrexate after a transplant"
numbering = "day 0"

[sources.kumar]
title = "Kumar and others, Bone Marrow Transplantation, August 2002, 161-165: the dose of day 11"

[sources.shiratori]
title = "Shiratori and others, Annals of Hematology 3/2020: the doses of days 1, 3 and 6"

[[phases]]
name = "transplant"
visit = "infusion"
visits = 1
cadence = { at = ["day 0"] }
source = "local"

[[other_visits]]
name = "methotrexate"
visit = "infusion"
anchor = "start of transplant"
cadence = { at = ["day 1", "day 3", "day 6", "day 11"] }
source = "kumar, shiratori"

[[other_visits]]
name = "admission"
visit = "infusion"
anchor = "start of transplant"
cadence = { at = ["day -7"] }
source = "local"

[[visit_types]]
name = "infusion"
[[visit_types.stages]]
name = "infusion"
length = "1 hour"
source = "local"
"""


def test_methotrexate_of_days_1_3_6_and_11_after_a_transplant_on_day_0() -> None:
    # Days 1, 3, 6 and 11 after the infusion of marrow on day 0.
    plan = read_protocol(TRANSPLANT)
    run = course(plan, *given(transplant_1="2027-03-10"))
    agenda = seen(run, "2027-03-10")
    found = [target(agenda, f"methotrexate-{n}") for n in (1, 2, 3, 4)]
    assert found == ["2027-03-11", "2027-03-13", "2027-03-16", "2027-03-21"]
    assert read_protocol(write_toml(protocol_to_dict(plan))) == plan
    rows = [line.split() for line in agenda_text(agenda, plan).splitlines()]
    heads = next(row for row in rows if row[:2] == ["visit", "recorded"])
    assert heads[3] == "day"
    numbers = [row[3] for row in rows if len(row) > 3 and row[2].startswith("methotrexate-")]
    assert numbers == ["1", "3", "6", "11"]


def test_a_plan_shows_the_number_of_each_day() -> None:
    plan = read_protocol(TRANSPLANT)
    ward = Clinic(
        name="Ward",
        zone=ZoneInfo("Europe/London"),
        hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-18:00")),
    )
    run = course(plan, start="2027-03-01")
    made = plan_course(run, ward, Person(key="p"), as_of=day("2027-03-01"))
    assert plan_text(made, protocol=plan).splitlines()[:5] == [
        "visit       2027        day  arrive  infusion     discharge  since last  ride home",
        "----------  ----------  ---  ------  -----------  ---------  ----------  ---------",
        "infusion 2  Mon  1 Mar  -7   08:00   08:00-09:00  09:00      -           -",
        "infusion 1  Mon  8 Mar  0    08:00   08:00-09:00  09:00      7 days      -",
        "infusion 3  Tue  9 Mar  1    08:00   08:00-09:00  09:00      1 day       -",
    ]


def test_protocols_that_say_nothing_show_no_numbers() -> None:
    plan = numbered(None, "day 1", "day 8")
    agenda = seen(course(plan, *given(run_1="2027-03-01")), "2027-03-01")
    assert "  day  " not in agenda_text(agenda, plan).splitlines()[0]
    numbering = attrs.evolve(plan, numbering=Numbering())
    assert "  day  " in agenda_text(agenda, numbering).splitlines()[0]


def test_the_same_list_by_two_numberings_has_the_same_distances() -> None:
    for numbering in (None, DAY_0):
        run = course(numbered(numbering, "day 1", "day 8"), *given(run_1="2027-03-01"))
        assert target(seen(run, "2027-03-01"), "run-2") == "2027-03-08"


def test_day_0_without_its_numbering_is_refused_with_the_way_to_say_it() -> None:
    with pytest.raises(InvalidDocument) as refused:
        protocol(phase("dose", at("day 0", "day 7"), "2"))
    assert str(refused.value) == (
        "protocol 'test': 1 fault\n"
        "  phases[0].cadence: course point: day must be day 1 or later, or day -1 or earlier, got "
        "day 0 (numbering = 'day 0' begins with it)"
    )


def test_week_0_where_weeks_begin_at_1_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="week must be week 1 or later, or week -1"):
        numbered(Numbering(week=1), "week 0", "week 2")


def test_points_are_in_order_by_the_numbering_of_their_protocol() -> None:
    points = At(at=map(CoursePoint, ("week 1", "day 2")))
    plan = protocol(phase("run", at("day 1"), "1"))
    run = attrs.evolve(phase("run", at("day 1", "day 2"), "2"), cadence=points)
    said = attrs.evolve(plan, phases=[run], numbering=Numbering(week=1))
    assert [str(one.span) for one in said.phases[0].cadence.at] == ["0 days", "1 day"]  # type: ignore[union-attr]
    with pytest.raises(InvalidDocument, match="in order, each later than the one before"):
        attrs.evolve(plan, phases=[run])
    with pytest.raises(InvalidValue, match="in order, each later than the one before"):
        at("day 8", "day 1")


def test_a_check_so_many_days_before_is_the_same_by_both() -> None:
    for numbering in (None, DAY_0):
        plan = attrs.evolve(
            protocol(phase("run", at("day 1"), "1"), other_visits=[checks("day -1")]),
            numbering=numbering,
        )
        run = attrs.evolve(course(plan), not_before=date(2027, 3, 1))
        agenda = seen(run, "2027-03-01")
        assert (target(agenda, "check"), target(agenda, "run-1")) == ("2027-03-01", "2027-03-02")


def ward_plan() -> tuple[Protocol, Clinic, Plan]:
    plan = read_protocol(TRANSPLANT)
    ward = Clinic(
        name="Ward",
        zone=ZoneInfo("Europe/London"),
        hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-18:00")),
    )
    run = course(plan, start="2027-03-01")
    return plan, ward, plan_course(run, ward, Person(key="p"), as_of=day("2027-03-01"))


@pytest.mark.parametrize(
    ("language", "before", "first"),
    [
        ("en", "day -7, week -1", "day 0, week 0"),
        ("de", "Tag -7, Woche -1", "Tag 0, Woche 0"),
        ("fr", "jour -7, semaine -1", "jour 0, semaine 0"),
    ],
)
def test_pictures_and_calendars_say_the_number_of_each_day(
    language: str, before: str, first: str
) -> None:
    plan, ward, made = ward_plan()
    assert made.schedule is not None
    world = (made.schedule, ward, Person(key="p"), plan)
    drawn = course_picture(*world, language=language)
    listed = agenda_picture(made.agenda, protocol=plan, language=language)
    for said in (before, first):
        assert f"({said})" in drawn
        assert f"({said})" in listed
    assert f">{LANGUAGES[language].plan.day_number} 0</text>" in drawn
    options = CalendarOptions(language=language, privacy=Privacy.FULL)
    for write in (patient_calendar, clinic_calendar):
        file = unfolded(write(*world, now=NOW, options=options))
        for said in (before, first):
            assert f":{said[0].upper()}{said[1:]}.".replace(",", "\\,") in file


def test_readers_who_are_not_told_all_are_not_told_the_day_of_the_course() -> None:
    plan, ward, made = ward_plan()
    assert made.schedule is not None
    world = (made.schedule, ward, Person(key="p"), plan)
    for privacy in (Privacy.NEUTRAL, Privacy.MINIMAL):
        options = CalendarOptions(privacy=privacy)
        for file in (
            unfolded(patient_calendar(*world, now=NOW, options=options)),
            course_picture(*world, privacy=privacy),
        ):
            assert "ay 0" not in file
            assert "ay -7" not in file


def test_a_protocol_that_numbers_nothing_says_no_number() -> None:
    plan, ward, made = ward_plan()
    assert made.schedule is not None
    silent = attrs.evolve(
        plan,
        numbering=None,
        phases=[attrs.evolve(plan.phases[0], cadence=at("day 1"))],
    )
    world = (made.schedule, ward, Person(key="p"), silent)
    assert "week" not in agenda_picture(made.agenda, protocol=silent)
    assert "(day" not in course_picture(*world)
    assert "Day 0" not in unfolded(clinic_calendar(*world, now=NOW))


@pytest.mark.parametrize(
    ("days", "numbers"), [(-8, (-8, -2)), (-7, (-7, -1)), (-1, (-1, -1)), (0, (1, 1)), (7, (8, 2))]
)
def test_days_and_weeks_before_the_first_have_no_zero(days: int, numbers: tuple[int, int]) -> None:
    numbering = Numbering(day=1, week=1)
    assert (numbering.day_number(days), numbering.week_number(days)) == numbers
