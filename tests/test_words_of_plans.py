"""What `plan`, `why` and `explain` say is what binds: read as a user reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import attrs
import pytest
from icalendar import Calendar

import test_law_3 as law_3
from protocol_sched.cli.ending import Refused
from protocol_sched.cli.requests import identity_of
from protocol_sched.errors import InvalidValue
from protocol_sched.formats.ics.entries import patient_calendar
from protocol_sched.model.agenda import WAITING, Agenda, Due, Spacing
from protocol_sched.model.availability import (
    Clinic,
    Commitment,
    DatedHours,
    Hours,
    Person,
    Preferences,
    parse_hours,
)
from protocol_sched.model.before_and_after import Fasting, NoDriving
from protocol_sched.model.cadences import ClosedDay, OnDemand
from protocol_sched.model.causes import Closed, PersonBusy, Request
from protocol_sched.model.course import Course, Given, Requested
from protocol_sched.model.explanation import Explanation
from protocol_sched.model.objective import Level
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.references import parse_reference
from protocol_sched.model.relaxations import Reopened, StartsSooner
from protocol_sched.model.schedule import Proof
from protocol_sched.model.spans import CalendarSpan, MonthEnd, elapsed_span
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course, why_course
from protocol_sched.planning.replan import replan_course
from protocol_sched.text.changes import changes_text
from protocol_sched.text.english.causes import cause_text
from protocol_sched.text.explanations import explanation_text, why_text
from protocol_sched.text.naming import Reader
from protocol_sched.text.plans import plan_text
from protocol_sched.text.privacy import Privacy
from protocols import TREATMENT, apart, at, course, day, every, phase, protocol, window

WEEKDAYS_ONLY = Clinic(
    name="Elm Clinic",
    zone=ZoneInfo("UTC"),
    hours=Hours.of(
        dict.fromkeys(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), "08:00-17:00")
    ),
)
ANYONE = Person(key="p")

SCREENED = protocol(
    phase("dosing", every("1 week"), "2"),
    other_visits=[
        OtherVisit(
            name="screening",
            visit="review",
            anchor=parse_reference("visit 1"),
            cadence=at("day -14"),
            tolerance=window("14 days", "2 days"),
            source="local",
        )
    ],
)
"""A screening 12 to 28 days before the first dose, ideally 14 days before it."""


AGENDA = Agenda(
    course="c",
    protocol="p",
    as_of=day("2027-02-20"),
    month_end=MonthEnd.NEXT_DAY,
    dues=(),
    bindings=(),
)


def screened(start: str | None = None) -> Course:
    known = course(SCREENED, start="2027-03-01")
    return known if start else attrs.evolve(known, not_before=None)


# --- the rule named is the one that binds ----------------------------------------------------


def test_a_first_dose_that_a_screening_holds_back_is_said_to_be_so() -> None:
    text = plan_text(plan_course(screened(), WEEKDAYS_ONLY, ANYONE, as_of=day("2027-02-20")))
    assert "infusion 1  14 days after the review (allowed 12 to 28, target 14)" in text
    assert "in this order" not in text


def test_why_gives_a_first_dose_the_dates_that_its_screening_leaves() -> None:
    plan, whys = why_course(
        screened("2027-03-01"),
        WEEKDAYS_ONLY,
        ANYONE,
        as_of=day("2027-02-20"),
        visits=["dosing-1"],
    )
    says = why_text(plan, whys)
    assert "  earliest Sat 13 March 2027 (at least 12 days after review; source: local)\n" in says
    assert "  latest Mon 29 March 2027 (at most 28 days after review; source: local)\n" in says
    kept = "infusion 1 must come 12 to 28 calendar days after the review: 2 days to spare"
    assert f"  - {kept}\n" in says
    german = why_text(plan, whys, language="de")
    assert (
        "  - infusion 1 muss 12 bis 28 Kalendertage nach review liegen: 2 Tage Spielraum" in german
    )
    _, whys = why_course(
        screened("2027-03-01"), WEEKDAYS_ONLY, ANYONE, as_of=day("2027-02-20"), visits=["screening"]
    )
    german = why_text(plan, whys, language="de")
    assert (
        "  - review muss 12 bis 28 Kalendertage vor infusion 1 liegen: 2 Tage Spielraum" in german
    )
    assert "  - review ist am besten 14 Kalendertage vor infusion 1: im Ziel\n" in german


def test_a_target_of_no_days_is_on_the_day_itself() -> None:
    known = attrs.evolve(screened("2027-03-01"), first_treatment_within=CalendarSpan())
    plan, whys = why_course(known, WEEKDAYS_ONLY, ANYONE, as_of=day("2027-02-20"))
    says = why_text(plan, whys)
    assert "infusion 1 should come on the day of the start of the course on Mon 1 March" in says
    assert "best 0" not in says
    assert "am besten 0" not in why_text(plan, whys, language="de")


# --- one origin for all costs ----------------------------------------------------------------


def waiting(agenda: Agenda) -> Spacing:
    rules = [rule for rule in agenda.bindings if isinstance(rule, Spacing)]
    return next(rule for rule in rules if rule.rule == WAITING)


def test_waiting_counts_from_the_first_possible_date_whatever_is_planned_before() -> None:
    """Fourteen days after the day of asking is a Sunday, so that the first dose waits a day."""
    plan = plan_course(screened(), WEEKDAYS_ONLY, ANYONE, as_of=day("2027-02-20"))
    assert plan.objective is not None
    assert plan.objective.deviation == 1
    assert plan.proof is Proof.OPTIMAL


def test_plans_that_would_help_count_waiting_from_where_the_best_plan_does() -> None:
    asked = [Request(visit="dosing-1", first=day("2027-03-13"), last=day("2027-03-13"))]
    found = explain_course(screened(), WEEKDAYS_ONLY, ANYONE, as_of=day("2027-02-20"), asked=asked)
    assert found.relaxations
    assert found.without is not None
    origin = waiting(found.without.agenda)
    assert [waiting(one.plan.agenda) for one in found.relaxations] == [
        origin for _ in found.relaxations
    ]


def test_a_course_that_starts_sooner_is_not_charged_for_it() -> None:
    known = attrs.evolve(
        course(protocol(phase("dosing", every("1 week"), "3")), start="2027-03-01"),
        finish_by=day("2027-03-12"),
    )
    found = explain_course(known, WEEKDAYS_ONLY, ANYONE, as_of=day("2027-02-20"))
    [sooner] = [one for one in found.relaxations if isinstance(one.changes[0], StartsSooner)]
    assert sooner.plan.objective is not None
    assert sooner.plan.objective.deviation == 0


# --- what another time costs, and which visit pays -------------------------------------------


def weekly() -> Course:
    """Three visits a week apart, at most three days sooner and two later."""
    return course(
        protocol(phase("dosing", every("1 week"), "3", tolerances=[window("3 days", "2 days")])),
        start="2027-03-01",
    )


LIKES_MONDAYS = attrs.evolve(ANYONE, preferences=Preferences(weekdays=("Monday",)))


def test_another_date_says_which_visit_pays_for_it_and_with_what() -> None:
    asked = [Request(visit="dosing-2", first=day("2027-03-10"), last=day("2027-03-10"))]
    known = attrs.evolve(weekly(), finish_by=day("2027-03-15"))
    found = explain_course(
        known, WEEKDAYS_ONLY, LIKES_MONDAYS, as_of=day("2027-02-20"), asked=asked
    )
    costs = (
        "The price: 4 more days off target (infusion 2 by 2 days and infusion 3 by 2)"
        " and 1 more preference not met (infusion 2)."
    )
    assert costs in " ".join(explanation_text(found).split())
    german = " ".join(explanation_text(found, language="de").split())
    assert (
        "4 Tage mehr außerhalb des Ziels (infusion 2 um 2 Tage und infusion 3 um 2 Tage)" in german
    )
    assert "1 weiterer Wunsch nicht erfüllt (infusion 2)" in german


def test_an_earlier_date_says_which_visit_pays_for_it() -> None:
    _, whys = why_course(
        weekly(), WEEKDAYS_ONLY, ANYONE, as_of=day("2027-02-20"), visits=["dosing-2"]
    )
    sooner = whys[0].sooner
    assert sooner is not None
    assert [(one.level, one.visit, one.amount) for one in sooner.pays] == [
        (Level.DEVIATION, "dosing-2", 3)
    ]


# --- a drive and a night's rest --------------------------------------------------------------


def test_a_drive_before_a_nights_rest_is_named_with_its_date() -> None:
    sober = NoDriving(until="next day", rest=elapsed_span("8 hours"), source="local")
    session = attrs.evolve(TREATMENT, no_driving=sober)
    known = attrs.evolve(protocol(phase("run", every("1 day"), "1")), visit_types=[session])
    evenings = attrs.evolve(WEEKDAYS_ONLY, hours=Hours.of(dict.fromkeys(WEEKDAYS, "19:00-19:30")))
    night_bus = Commitment(
        what="night bus",
        hours=Hours.of({"Tuesday": "00:30-05:00"}),
        needs_driving=True,
    )
    driver = Person(key="p", name="Maya", commitments=[night_bus])
    asked = [Request(visit="run-1", first=day("2027-03-01"), last=day("2027-03-01"))]
    run = course(known, start="2027-03-01")
    found = explain_course(run, evenings, driver, as_of=day("2027-02-20"), asked=asked)
    bus = "on Tue 2 March 00:30-05:00 (night bus)"
    assert f"  - Maya has to drive before a night's rest: {bus}\n" in explanation_text(found)
    to_maya = explanation_text(found, Reader.PATIENT)
    assert f"  - you have to drive before a night's rest: {bus}\n" in to_maya
    german = explanation_text(found, language="de")
    assert "Maya muss vor einer Nachtruhe selbst fahren: am Di 2. März 00:30-05:00 Uhr" in german
    minimal = explanation_text(found, Reader.PATIENT, privacy=Privacy.MINIMAL)
    assert "Maya" not in minimal


def test_a_commitment_on_dates_alone_is_told_with_them() -> None:
    dentist = Commitment(what="dentist", hours=Hours.of(dates={day("2027-03-02"): [(540, 600)]}))
    busy = PersonBusy("Maya", dentist)
    assert cause_text(busy, AGENDA) == "Maya is busy on Tue 2 March 09:00-10:00 (dentist)"


# --- what is not proved ----------------------------------------------------------------------


def test_a_plan_that_hangs_on_the_date_of_a_visit_names_the_visit() -> None:
    """Ravulizumab's late table: the third visit counts from the second one if that is late."""
    known = law_3.course(law_3.GRID, law_3.given("v-1", day("2025-03-03")))
    person = law_3.away((day("2025-03-04"), day("2025-03-31")))
    plan = plan_course(known, law_3.CLINIC, person, as_of=day("2025-03-04"))
    assert plan.hinges == ("v-2",)
    says = "the date of visit 2 changes the rules of later visits, and not all its dates were"
    assert says in " ".join(plan_text(plan).split())
    explanation = Explanation(plan=plan)
    assert says in " ".join(explanation_text(explanation).split())
    german = " ".join(explanation_text(explanation, language="de").split())
    assert "der Tag von visit 2 ändert die Regeln der späteren Termine" in german


# --- fasting and driving, in the plan and in the calendar ------------------------------------

FASTED = attrs.evolve(
    TREATMENT,
    fasting=[Fasting(what="solid food", lead=elapsed_span("9 hours"), source="local")],
    no_driving=NoDriving(until="next day", rest=elapsed_span("8 hours"), source="local"),
)
ONE_FASTED = attrs.evolve(protocol(phase("run", every("1 day"), "1")), visit_types=[FASTED])


def test_fasting_stands_in_the_text_of_the_plan() -> None:
    known = course(ONE_FASTED, start="2027-03-01")
    plan = plan_course(known, WEEKDAYS_ONLY, ANYONE, as_of=day("2027-02-20"))
    around = "Around these visits\n  infusion  no solid food from Sun 28 February 23:00\n"
    assert around in plan_text(plan, WEEKDAYS_ONLY, ONE_FASTED)


def test_the_entry_not_to_drive_lasts_as_long_as_its_words_say() -> None:
    known = course(ONE_FASTED, start="2027-03-01")
    plan = plan_course(known, WEEKDAYS_ONLY, ANYONE, as_of=day("2027-02-20"))
    assert plan.schedule is not None
    made = patient_calendar(
        plan.schedule, WEEKDAYS_ONLY, ANYONE, ONE_FASTED, now=datetime(2027, 2, 20, tzinfo=UTC)
    )
    [entry] = [one for one in Calendar.from_ical(made).events if one["SUMMARY"] == "Do not drive"]
    assert entry.start == datetime(2027, 3, 1, 8, 30, tzinfo=UTC)
    assert entry.end == datetime(2027, 3, 2, 8, tzinfo=UTC)
    assert str(entry["DESCRIPTION"]).splitlines()[:2] == [
        "Until Tue 2 Mar 2027, and not before a night's rest of 8 hours.",
        "This entry counts the night from midnight: if yours begins later, so does driving.",
    ]


# --- errors that say what to write -----------------------------------------------------------


def test_hours_over_midnight_say_how_to_write_them() -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_hours("08:00-12:00, 22:00-06:00")
    assert str(refused.value) == (
        "hours: window must be a start before its end on one day (over midnight: '22:00-24:00' on "
        "this day and '00:00-06:00' on the next), got 22:00 to 06:00"
    )
    with pytest.raises(InvalidValue, match="22:00-24:00' on this day"):
        parse_hours("22:00-00:00")


def test_a_name_that_two_visits_have_is_suggested_once() -> None:
    agenda = attrs.evolve(
        AGENDA,
        dues=[
            Due(
                id=identity,
                title="review",
                kind="review",
                phase="run",
                ordinal=n,
                type_ordinal=n,
            )
            for n, identity in enumerate(("review-1", "review-2"), 1)
        ],
    )
    with pytest.raises(Refused) as refused:
        identity_of("reviw", agenda)
    assert str(refused.value) == "no visit 'reviw' is due; near to it are: review"


# --- a visit asked for -----------------------------------------------------------------------


def test_a_visit_on_another_day_than_asked_for_is_not_said_to_be_on_it() -> None:
    unscheduled = OtherVisit(
        name="unscheduled",
        visit="review",
        cadence=OnDemand(on_demand="something happened"),
        source="local",
    )
    known = course(
        protocol(phase("dosing", every("1 week"), "2"), other_visits=[unscheduled]),
        Requested(phase="unscheduled", on=day("2027-03-01"), wanted=day("2027-03-06")),
        start="2027-03-01",
    )
    found = replan_course(known, WEEKDAYS_ONLY, ANYONE, as_of=day("2027-03-01"))
    says = changes_text(found, WEEKDAYS_ONLY)
    late = "2 days later than its target, on the day asked for"
    assert f"Added: review 1, Mon 8 March 2027 at 08:00: {late}\n" in says
    plan, whys = why_course(
        known, WEEKDAYS_ONLY, ANYONE, as_of=day("2027-03-01"), visits=["unscheduled-1"]
    )
    text = " ".join(why_text(plan, whys).split())
    assert "review 1 must not be before its target, on the day asked for on Sat 6 March (no" in text


# --- what would help -------------------------------------------------------------------------


def test_a_plan_that_several_changes_give_is_told_once() -> None:
    """A holiday in the way of the second visit: several changes, and mostly one plan."""
    holiday = DatedHours(first=day("2027-03-08"), why="holiday")
    shut = attrs.evolve(WEEKDAYS_ONLY, closures=[holiday])
    fixed = attrs.evolve(
        protocol(phase("dosing", every("1 week"), "6", separations=[apart(most="7 days")])),
        name="fixed",
    )
    asked = [
        Request(visit="dosing-1", first=day("2027-03-01"), last=day("2027-03-01")),
    ]
    known = course(fixed, start="2027-03-01")
    found = explain_course(known, shut, ANYONE, as_of=day("2027-02-20"), asked=asked)
    assert len(found.relaxations) > 1
    text = explanation_text(found)
    plans = [line for line in text.splitlines() if "then: " in line]
    assert len(plans) == len(found.relaxations)
    assert sum("infusion 1 Mon 1 March" in line for line in plans) == 2
    assert plans[-1].startswith("     then: as with 2, but infusion 2 moves to Sun 7 March 08:00;")
    assert "(6 calendar days after infusion 1)" in text
    german = explanation_text(found, language="de")
    assert "wie bei 2, aber infusion 2" in german


# --- closures that say where a visit goes ----------------------------------------------------


def test_a_conflict_names_the_closures_that_say_where_a_visit_goes() -> None:
    """The second visit is due on Monday 8 March, which is shut, so it is on Tuesday."""
    weekly = phase("dosing", every("7 days"), "2")
    known = course(
        protocol(attrs.evolve(weekly, closed_day=ClosedDay.NEXT)),
        Given(visit="dosing-1", on=day("2027-03-01")),
        start="2027-03-01",
    )
    shut = attrs.evolve(
        WEEKDAYS_ONLY,
        closures=[
            DatedHours(first=day("2027-03-08"), why="holiday"),
            DatedHours(first=day("2027-03-19"), why="stocktaking"),
        ],
    )
    away = attrs.evolve(ANYONE, name="Maya", away=[DatedHours(first=day("2027-03-09"))])
    found = explain_course(known, shut, away, as_of=day("2027-03-02"))
    text = explanation_text(found)
    assert "  - Elm Clinic is closed on Mon 8 March (holiday)" in text
    assert "stocktaking" not in text
    opened = [one for one in found.relaxations if isinstance(one.changes[0], Reopened)]
    assert opened[0].plan.schedule is not None
    assert opened[0].plan.schedule.visits[0].day == day("2027-03-08")
    both = attrs.evolve(away, away=[DatedHours(first=day("2027-03-08"), last=day("2027-03-09"))])
    found = explain_course(known, shut, both, as_of=day("2027-03-02"), count=0)
    reasons = [one for one in found.plan.conflicts[0].reasons if isinstance(one.rule, Closed)]
    assert [one.enough for one in reasons] == [False]
