"""Silence is not permission: what a protocol does not allow, no plan takes for itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from catalog_dates import BEFORE, START, course_through, on
from courses import EFFORT, Lived, lived
from protocol_sched import catalog
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import (
    course_from_dict,
    course_to_dict,
    protocol_from_dict,
    protocol_to_dict,
)
from protocol_sched.judge.checker import violations
from protocol_sched.judge.verdicts import Judged, judge_history, verdict
from protocol_sched.model.agenda import FLOOR, LIBRARY, SPREAD, WAITING, Agenda, PastVisit, Spacing
from protocol_sched.model.availability import Clinic, DatedHours, Escort, Hours, Person, Place
from protocol_sched.model.cadences import At, Every, PerWeek, Week, Within
from protocol_sched.model.course import Course, Event, Given, Happened, Pinned, Requested, Waiting
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import PreviousVisit, StartOf, parse_reference
from protocol_sched.model.relaxations import Change, Looser, weakens
from protocol_sched.model.rules import Earlier
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, parse_range
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course, why_course
from protocol_sched.planning.replan import replan_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.naming import Reader
from protocol_sched.text.plans import agenda_text, plan_text
from protocols import apart, at, every, phase, protocol, window

MONDAY = date(2027, 3, 1)
ASKED = date(2027, 2, 22)
ANYBODY = Person(key="p")


def clinic(*closed: tuple[date, date], days: tuple[str, ...] = WEEKDAYS[:5]) -> Clinic:
    """Return a clinic that is open on weekdays and never full, closed from one date to another."""
    return Clinic(
        name="Clinic",
        zone=ZoneInfo("Europe/Paris"),
        hours=Hours.of(dict.fromkeys(days, "08:00-17:00")),
        closures=[DatedHours(first=first, last=last) for first, last in closed],
    )


def course(plan: Protocol, *events: Event, finish_by: date | None = None) -> Course:
    return Course(key="c", protocol=plan, not_before=MONDAY, finish_by=finish_by, events=events)


def planned(one: Course, where: Clinic | None = None, until: date | None = None) -> Plan:
    return plan_course(one, where or clinic(), ANYBODY, as_of=ASKED, until=until)


def days(plan: Plan) -> list[int]:
    """Return the dates of a plan in days from the start."""
    assert plan.schedule is not None
    return [(visit.day - MONDAY).days for visit in plan.schedule.visits]


def floors(agenda: Agenda) -> dict[str, str]:
    """Return the floors of an agenda by visit: the distance, or the one that must remain."""
    return {
        rule.later: str(rule.least if rule.least is not None else rule.most)
        for rule in agenda.bindings
        if isinstance(rule, Spacing) and rule.rule == FLOOR
    }


def floors_of(plan: Protocol, *events: Event) -> dict[str, str]:
    return floors(expand(course(plan, *events), ASKED))


def pinned(visit: str, day: int) -> Pinned:
    moment = datetime(2027, 3, 1, 9, tzinfo=UTC) + timedelta(days=day)
    return Pinned(visit=visit, start=moment, on=ASKED)


# --- which targets are floors ----------------------------------------------------------------


def test_a_distance_without_a_tolerance_is_a_floor_of_the_librarys_own() -> None:
    agenda = expand(course(protocol(phase("dose", every("8 weeks"), "3"))), ASKED)
    assert floors(agenda) == {"dose-2": "8 weeks", "dose-3": "8 weeks"}
    sources = {rule.source for rule in agenda.bindings if rule.rule == FLOOR}
    assert sources == {LIBRARY}
    due = agenda.due("dose-2")
    assert due.earliest is not None
    assert (due.earliest.day, due.earliest.rule, due.earliest.source) == (
        date(2027, 4, 26),
        "not before its target, 8 weeks after infusion 1; no earlier limit is published",
        LIBRARY,
    )


def test_the_floor_of_a_range_is_its_least_and_hours_stay_hours() -> None:
    assert floors_of(protocol(phase("dose", every("2 to 3 days"), "2"))) == {"dose-2": "2 days"}
    assert floors_of(protocol(phase("dose", every("36 hours"), "2"))) == {"dose-2": "36 hours"}


def test_listed_points_have_their_floors_from_the_same_origin() -> None:
    plan = protocol(phase("dose", at("day 1", "day 8", "day 22")))
    late = Given(visit="dose-1", on=MONDAY), Given(visit="dose-2", on=MONDAY + timedelta(days=12))
    agenda = expand(course(plan, *late), MONDAY + timedelta(days=12))
    assert floors(agenda) == {"dose-3": "21 days"}


def test_the_floor_of_a_grid_is_the_grid_date() -> None:
    plan = protocol(phase("dose", every("2 weeks"), "3", anchor="original dates"))
    given = Given(visit="dose-1", on=MONDAY), Given(visit="dose-2", on=MONDAY + timedelta(days=18))
    agenda = expand(course(plan, *given), MONDAY + timedelta(days=18))
    due = agenda.due("dose-3")
    assert due.earliest is not None
    assert due.earliest.day == MONDAY + timedelta(days=28)


@pytest.mark.parametrize("hard", [True, False])
def test_a_tolerance_speaks_for_itself_whether_it_binds_or_reports(hard: bool) -> None:
    plan = protocol(
        phase("dose", every("1 week"), "3", tolerances=[window("2 days", "2 days", "2", hard=hard)])
    )
    assert floors_of(plan) == {"dose-3": "1 week"}


def test_a_tolerance_that_only_reports_what_is_late_is_silent_about_earlier() -> None:
    late = window("0 days", "4 days", hard=False)
    plan = protocol(phase("dose", every("2 weeks"), "4", tolerances=[late]))
    assert floors_of(plan) == dict.fromkeys(("dose-2", "dose-3", "dose-4"), "2 weeks")
    packed = planned(course(plan, finish_by=MONDAY + timedelta(days=14)))
    assert (packed.proof, packed.fits and packed.fits.count) == (Proof.IMPOSSIBLE, 2)
    beside = attrs.evolve(review("day 15"), tolerance=late)
    assert floors_of(protocol(phase("dose", every("1 week"), "1"), other_visits=[beside])) == {
        "review": "14 days"
    }


def test_a_least_distance_from_the_same_place_speaks_for_itself() -> None:
    near = protocol(phase("dose", every("8 weeks"), "2", separations=[apart(least="6 weeks")]))
    assert floors_of(near) == {}
    only_most = protocol(phase("dose", every("8 weeks"), "2", separations=[apart(most="9 weeks")]))
    assert floors_of(only_most) == {"dose-2": "8 weeks"}


def test_a_protocol_can_say_that_earlier_is_allowed() -> None:
    free = attrs.evolve(phase("dose", every("8 weeks"), "2"), earlier=Earlier.ALLOWED)
    plan = protocol(free, other_visits=[review("day 14", earlier=Earlier.ALLOWED)])
    assert floors_of(plan) == {}
    written = protocol_to_dict(plan)
    assert written["phases"][0]["earlier"] == written["other_visits"][0]["earlier"] == "allowed"
    assert protocol_from_dict(written) == plan


# --- other visits ------------------------------------------------------------------------------


def review(
    *points: str, anchor: str = "start of dose", earlier: Earlier | None = None
) -> OtherVisit:
    return OtherVisit(
        name="review",
        visit="review",
        anchor=parse_reference(anchor),
        cadence=at(*points),
        earlier=earlier or Earlier.NOT_BEFORE,
        source="local",
    )


def test_another_visit_after_its_anchor_is_not_before_its_target() -> None:
    plan = protocol(phase("dose", every("1 week"), "1"), other_visits=[review("day 15")])
    assert floors_of(plan) == {"review": "14 days"}


def test_another_visit_before_its_anchor_is_never_nearer_to_it_than_its_target() -> None:
    plan = protocol(phase("dose", every("1 week"), "1"), other_visits=[review("- 14 days")])
    (floor,) = [rule for rule in expand(course(plan), ASKED).bindings if rule.rule == FLOOR]
    assert isinstance(floor, Spacing)
    assert (floor.least, floor.most) == (None, CalendarSpan(days=-14))
    first = planned(course(plan))
    assert days(first) == [0, 14]
    # The target would be Thursday 4 March, which is closed: sooner is allowed, nearer is not.
    shut = clinic((MONDAY + timedelta(days=3), MONDAY + timedelta(days=3)))
    fixed = planned(course(plan, pinned("dose-1", 17)), shut)
    assert days(fixed) == [2, 17]


# --- pins ------------------------------------------------------------------------------------


def test_a_pin_before_the_floor_overrules_it_and_the_plan_names_that() -> None:
    plan = protocol(phase("dose", every("1 week"), "3"))
    one = course(plan, pinned("dose-1", 0), pinned("dose-2", 4))
    agenda = expand(one, ASKED)
    assert floors(agenda) == {"dose-3": "1 week"}
    assert [waived.rule.later for waived in agenda.overruled] == ["dose-2"]
    found = planned(one)
    assert days(found) == [0, 4, 11]
    says = (
        "Infusion 2 is fixed on Fri 5 March at 10:00; this overrides: infusion 2 must not be "
        "before its target, 1 week after infusion 1 (no earlier limit is published)."
    )
    assert says in " ".join(plan_text(found).split())
    given = one.after([Given(visit="dose-1", on=MONDAY)])
    early = verdict(given, "dose-2", MONDAY + timedelta(days=4))
    assert (early.judged, early.days) == (Judged.BEFORE_TARGET, 3)


def test_a_pin_that_leaves_room_for_the_floor_overrules_nothing() -> None:
    plan = protocol(phase("dose", every("1 week"), "2"))
    one = course(plan, pinned("dose-2", 9))
    assert expand(one, ASKED).overruled == ()
    assert days(planned(one)) == [0, 9]


def test_an_anchor_pinned_too_soon_overrules_the_distance_before_it() -> None:
    plan = protocol(phase("dose", every("1 week"), "1"), other_visits=[review("- 14 days")])
    found = planned(course(plan, pinned("dose-1", 10)))
    assert [waived.rule.later for waived in found.agenda.overruled] == ["review"]
    assert days(found) == [0, 10]


# --- real dates ------------------------------------------------------------------------------


def test_a_date_before_the_target_is_called_so_where_no_earlier_limit_is_published() -> None:
    """The case of a maintenance infusion one day after the induction."""
    doses = [("induction-1", 0), ("induction-2", 14), ("induction-3", 42), ("maintenance-1", 43)]
    given = [Given(visit=name, on=on(day)) for name, day in doses]
    found = judge_history(course_through("infliximab", *given))
    judged = [one.judged for one in found]
    assert judged == [*[Judged.IN_WINDOW] * 3, Judged.BEFORE_TARGET]
    assert (found[-1].days, found[-1].source) == (55, LIBRARY)
    assert found[-1].rule == (
        "not before its target, 8 weeks after infusion 3; no earlier limit is published"
    )


def test_a_written_limit_is_still_too_early() -> None:
    plan = protocol(phase("dose", every("8 weeks"), "2", separations=[apart(least="6 weeks")]))
    one = course(plan, Given(visit="dose-1", on=MONDAY))
    early = verdict(one, "dose-2", MONDAY + timedelta(days=41))
    assert early.judged is Judged.TOO_EARLY
    assert verdict(one, "dose-2", MONDAY + timedelta(days=42)).judged is Judged.IN_WINDOW


# --- so many a week --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per_week", "expected"),
    [
        (1, [0, 7, 14, 21]),
        (2, [0, 3, 7, 10]),
        (3, [0, 2, 4, 7, 9, 11]),
        (4, [0, 1, 3, 4, 7, 8, 10, 11]),
        (5, [0, 1, 2, 3, 4, 7]),
    ],
)
def test_so_many_a_week_are_spread_over_the_week(per_week: int, expected: list[int]) -> None:
    plan = protocol(phase("dose", PerWeek(per_week=per_week), str(len(expected))))
    found = planned(course(plan))
    assert days(found) == expected
    assert found.objective is not None
    assert found.objective.deviation == 0


@pytest.mark.parametrize(
    ("within", "number", "expected"),
    [
        ("0 to 13 days", 5, [0, 2, 4, 7, 9]),  # a limit: spread over all of it, a day more or less
        ("7 to 28 days", 4, [0, 2, 4, 7]),  # as near to each other as is even over a week
        ("14 to 14 days", 3, [0, 7, 14]),
        ("at least 7 days", 2, [0, 7]),
        ("0 to 2 months", 3, [0, 1, 2]),  # months are not counted in days
    ],
)
def test_so_many_in_so_long_are_spread_over_it(
    within: str, number: int, expected: list[int]
) -> None:
    one = protocol(phase("dose", Within(within=parse_range(within)), str(number)))
    assert days(planned(course(one))) == expected
    free = protocol(
        phase("dose", Within(within=parse_range(within), spread=False), str(number)),
    )
    least = parse_range(within).least
    rows = [*range(number - 1), max(number - 1, getattr(least, "in_days", 0))]
    assert days(planned(course(free))) == rows
    assert protocol_from_dict(protocol_to_dict(free)) == free


def test_days_in_a_row_are_off_target_and_still_allowed() -> None:
    plan = protocol(phase("dose", PerWeek(per_week=3, week=Week.MONDAY), "3"))
    found = planned(course(plan), clinic(days=("Monday", "Tuesday", "Wednesday")))
    assert days(found) == [0, 1, 2]
    assert found.objective is not None
    assert found.objective.deviation == 3
    assert "spread evenly" in agenda_text(found.agenda)


def test_a_protocol_can_say_that_any_days_of_the_week_are_as_good() -> None:
    plan = protocol(phase("dose", PerWeek(per_week=3, spread=False), "3"))
    assert days(planned(course(plan))) == [0, 1, 2]
    assert not any(rule.rule == SPREAD for rule in expand(course(plan), ASKED).bindings)


def test_no_visit_is_late_by_the_days_it_is_best_on() -> None:
    plan = protocol(phase("dose", PerWeek(per_week=2), "2"))
    given = [Given(visit="dose-1", on=MONDAY), Given(visit="dose-2", on=MONDAY + timedelta(days=6))]
    assert [one.judged for one in judge_history(course(plan, *given))] == [Judged.IN_WINDOW] * 2


def test_ketamine_three_a_week_is_not_three_days_in_a_row() -> None:
    found = plan_course(
        course_through("ketamine-depression"), roomy("ketamine-depression"), DRIVEN, as_of=BEFORE
    )
    assert days(found)[:6] == [0, 2, 4, 7, 9, 11]


# --- waiting ---------------------------------------------------------------------------------


def mondays_and_thursdays() -> Protocol:
    plan = protocol(phase("block", every("3 to 4 days"), "8"))
    kinds = [
        attrs.evolve(kind, weekdays=("Monday", "Thursday")) if kind.name == "infusion" else kind
        for kind in plan.visit_types
    ]
    return attrs.evolve(plan, visit_types=kinds)


def test_a_course_starts_as_soon_as_it_can_though_a_later_visit_is_off_target() -> None:
    holiday = MONDAY + timedelta(days=14)
    one, where = course(mondays_and_thursdays()), clinic((holiday, holiday))
    found = planned(one, where)
    assert days(found)[0] == 0
    assert found.objective is not None
    assert 0 < found.objective.deviation < 17
    free = planned(attrs.evolve(one, waiting=Waiting.FREE), where)
    assert days(free)[0] == 17
    assert free.objective is not None
    assert free.objective.deviation == 0


def test_waiting_is_counted_from_the_first_date_that_what_comes_before_leaves() -> None:
    found = plan_course(
        course_through("ketamine-migraine"), roomy("ketamine-migraine"), DRIVEN, as_of=BEFORE
    )
    (wait,) = [rule for rule in found.agenda.bindings if rule.rule == WAITING]
    assert isinstance(wait, Spacing)
    assert isinstance(wait.earlier, PastVisit)
    due = found.agenda.due(wait.later)
    assert due.earliest is not None
    assert wait.earlier.on == due.earliest.day > START


def test_a_later_start_is_named_and_counted() -> None:
    closed = clinic((MONDAY, MONDAY + timedelta(days=2)))
    found = planned(course(protocol(phase("dose", every("1 week"), "2"))), closed)
    assert days(found) == [3, 10]
    assert found.objective is not None
    assert found.objective.deviation == 3
    says = "infusion 1  3 days after the first possible date on Mon 1 March (3 days off target)"
    assert says in plan_text(found)


def test_waiting_is_written_in_the_course() -> None:
    plan = protocol(phase("dose", every("1 week"), "2"))
    one = attrs.evolve(course(plan), waiting=Waiting.FREE)
    written = course_to_dict(one)
    assert written["waiting"] == "free"
    assert course_from_dict(written, plan) == one


# --- a last date -----------------------------------------------------------------------------


def test_a_course_that_cannot_be_finished_in_time_says_how_much_of_it_fits() -> None:
    plan = protocol(phase("dose", every("8 weeks"), "4"))
    one = course(plan, finish_by=date(2027, 4, 26))
    found = planned(one)
    assert found.proof is Proof.IMPOSSIBLE
    assert found.fits is not None
    assert attrs.astuple(found.fits) == (
        date(2027, 4, 26),
        2,
        4,
        "dose-3",
        date(2027, 6, 21),
    )
    says = (
        "2 of the 4 treatments still due fit by Mon 26 April; infusion 3 would be on Mon 21 June."
    )
    assert says in plan_text(found)
    explained = explain_course(one, clinic(), ANYBODY, as_of=ASKED, count=0)
    assert says in explanation_text(explained)
    assert (
        "2 of the 4 appointments still due fit by Mon 26 April; appointment 3 would be on Mon 21 "
        "June."
    ) in " ".join(explanation_text(explained, Reader.PATIENT).split())
    assert (
        "Von 4 ausstehenden Behandlungen gehen 2 bis Mo 26. April; infusion 3 wäre am Mo 21. Juni."
    ) in explanation_text(explained, language="de")


def test_a_course_that_is_impossible_anyway_names_no_number_that_fits() -> None:
    plan = protocol(phase("dose", every("8 weeks"), "4", separations=[apart(most="7 weeks")]))
    found = planned(course(plan, finish_by=date(2027, 4, 26)))
    assert found.proof is Proof.IMPOSSIBLE
    assert found.fits is None


def test_none_fit_where_not_even_the_first_one_does() -> None:
    shut = clinic((MONDAY, date(2027, 3, 7)))
    plan = protocol(phase("dose", every("1 week"), "2"))
    found = planned(course(plan, finish_by=date(2027, 3, 5)), shut)
    assert found.fits is not None
    assert (found.fits.count, found.fits.next) == (0, "dose-1")
    assert "None of the 2 treatments still due fits by Fri 5 March" in plan_text(found)


# --- until only cuts -------------------------------------------------------------------------


def test_a_date_to_show_visits_to_leaves_the_plan_as_it_is() -> None:
    one = course(protocol(phase("dose", every("4 weeks"), "6")))
    whole, cut = planned(one), planned(one, until=date(2027, 4, 30))
    assert days(whole) == [0, 28, 56, 84, 112, 140]
    assert days(cut) == [0, 28, 56]
    assert cut.schedule is not None
    assert cut.schedule.later == ("dose-4", "dose-5", "dose-6")
    assert cut.objective == whole.objective
    assert violations(cut.agenda, cut.schedule, clinic(), ANYBODY, one.protocol) == ()
    says = "3 more visits are planned after Fri 30 April 2027 and not shown."
    assert says in plan_text(cut)


def test_nothing_of_a_course_may_come_before_the_date_shown() -> None:
    shut = clinic((MONDAY, date(2027, 3, 14)))
    found = planned(course(protocol(phase("dose", every("1 week"), "2"))), shut, date(2027, 3, 5))
    assert days(found) == []
    assert "2 more visits are planned after Fri 5 March 2027 and not shown." in plan_text(found)


def test_the_reasons_of_visits_after_the_date_shown_are_told_where_they_are_asked_for() -> None:
    one = course(protocol(phase("dose", every("1 week"), "3")))
    world = (one, clinic(), ANYBODY)
    _, few = why_course(*world, as_of=ASKED, until=date(2027, 3, 10))
    assert [why.visit.id for why in few] == ["dose-1", "dose-2"]
    _, asked = why_course(*world, as_of=ASKED, until=date(2027, 3, 10), visits=["dose-3"])
    assert [why.visit.id for why in asked] == ["dose-3"]


def test_a_visit_people_know_of_is_shown_though_it_moves_beyond_the_date() -> None:
    one = course(protocol(phase("dose", every("1 week"), "3")))
    notified = replan_course(one, clinic(), ANYBODY, as_of=ASKED, until=date(2027, 3, 10))
    assert [change.visit for change in notified.added] == ["dose-1", "dose-2"]
    knowing = one.after(notified.events(ASKED))
    shut = clinic((date(2027, 3, 8), date(2027, 3, 14)))
    again = replan_course(knowing, shut, ANYBODY, as_of=ASKED, until=date(2027, 3, 10))
    assert [change.visit for change in again.moved] == ["dose-2"]
    assert again.dropped == ()
    assert again.plan.schedule is not None
    assert again.plan.schedule.later == ("dose-3",)


@settings(max_examples=15, deadline=None)
@drawn(world=lived(), days_shown=st.integers(0, 9))
def test_a_cut_plan_is_the_beginning_of_the_whole_one(world: Lived, days_shown: int) -> None:
    until = max(world.today, world.course.not_before or world.today) + timedelta(days=days_shown)
    args = (world.course, world.clinic, world.person)
    whole = plan_course(*args, as_of=world.today, effort=EFFORT)
    cut = plan_course(*args, as_of=world.today, until=until, effort=EFFORT)
    assert (cut.proof, cut.objective, cut.conflicts) == (
        whole.proof,
        whole.objective,
        whole.conflicts,
    )
    assert (cut.schedule is None) == (whole.schedule is None)
    if cut.schedule is not None and whole.schedule is not None:
        shown = [one for one in whole.schedule.visits if one.day <= until]
        assert list(cut.schedule.visits) == shown
        assert len(shown) + len(cut.schedule.later) == len(whole.schedule.visits)


# --- what may be offered ---------------------------------------------------------------------


def too_short(safety: bool | None = None) -> Course:
    """Return a course of three infusions 4 to 6 days apart that must end after nine days."""
    near = attrs.evolve(apart(least="4 days", most="6 days"), safety=safety)
    plan = protocol(phase("dose", every("5 days"), "3", separations=[near]))
    return course(plan, finish_by=MONDAY + timedelta(days=7))


def offered(one: Course, treatment: bool = True) -> list[Change]:
    found = explain_course(
        one, clinic(days=WEEKDAYS), ANYBODY, as_of=ASKED, treatment=treatment, count=5
    )
    return [change for relaxation in found.relaxations for change in relaxation.changes]


def test_a_least_distance_is_a_safety_rule_unless_the_protocol_says_that_it_is_none() -> None:
    assert not any(isinstance(change, Looser) for change in offered(too_short()))
    said = offered(too_short(safety=False))
    assert any(isinstance(change, Looser) and change.least for change in said)


def test_a_greatest_distance_is_offered_and_a_floor_too() -> None:
    plan = protocol(phase("dose", every("5 days"), "3"))
    found = offered(course(plan, finish_by=MONDAY + timedelta(days=9)))
    assert any(isinstance(change, Looser) and change.rule.rule == FLOOR for change in found)
    far = protocol(phase("dose", every("5 days"), "2", separations=[apart(most="6 days")]))
    shut = clinic((MONDAY + timedelta(days=1), MONDAY + timedelta(days=7)))
    one = course(far, pinned("dose-1", 0))
    explained = explain_course(one, shut, ANYBODY, as_of=ASKED)
    changes = [change for some in explained.relaxations for change in some.changes]
    assert any(isinstance(change, Looser) and not change.least for change in changes)


def test_no_weaker_rule_of_treatment_is_offered_to_the_person() -> None:
    plan = protocol(phase("dose", every("5 days"), "3"))
    one = course(plan, finish_by=MONDAY + timedelta(days=9))
    where = clinic(days=WEEKDAYS)
    explained = explain_course(one, where, ANYBODY, as_of=ASKED, count=5)
    assert any(weakens(change) for some in explained.relaxations for change in some.changes)
    scheduler = explanation_text(explained)
    assert (
        "allow that infusion 2 is 1 day before its target (4 calendar days after infusion 1); a "
        "clinician must agree"
    ) in " ".join(scheduler.split())
    assert (
        "erlauben: infusion 2 ist 1 Tag vor dem Zieldatum (4 Kalendertage nach infusion 1); "
        "ärztliche Zustimmung nötig"
    ) in " ".join(explanation_text(explained, language="de").split())
    for language in ("en", "de"):
        text = explanation_text(explained, Reader.PATIENT, language=language)
        assert "allow" not in text
        assert "erlauben" not in text
    assert not any(weakens(change) for change in offered(one, treatment=False))


# --- no packing, over the whole catalog ------------------------------------------------------

DRIVEN = Person(
    key="p", escorts=[Escort(name="Kim", available=Hours.of(dict.fromkeys(WEEKDAYS, "all day")))]
)
HAPPENED: dict[str, list[Event]] = {
    "belatacept-transplant": [Happened(event="transplant", on=START)],
    "iron-sucrose-haemodialysis": [
        Happened(event="dialysis", on=on(day)) for day in range(0, 60, 2)
    ],
    "ketamine-boosters": [Requested(phase="boosters", on=BEFORE, wanted=START)],
    "ravulizumab-from-eculizumab": [Happened(event="next eculizumab date", on=on(9))],
}


def roomy(name: str) -> Clinic:
    """Return a clinic that is always open, with all a protocol's visits need."""
    stages = [stage for kind in catalog.load(name).visit_types for stage in kind.stages]
    kinds = {kind: units for stage in stages for kind, units in stage.needs}
    return Clinic(
        name="Clinic",
        zone=ZoneInfo("Europe/Paris"),
        hours=Hours.of(dict.fromkeys(WEEKDAYS, "all day")),
        places=[
            Place(name=f"{kind} {n}", kind=kind)
            for kind, units in kinds.items()
            for n in range(units)
        ],
        start_every=60,
    )


def nearer(plan: Plan, one: Course) -> Iterator[str]:
    """
    Yield visits nearer than the distance their phase writes, where it writes nothing else.

    Read from the protocol alone: of phases and other visits without tolerance, least distance or
    anything else that moves targets.
    """
    assert plan.schedule is not None
    there = {visit.id: visit.day for visit in plan.schedule.visits}
    for run in one.protocol.phases:
        silent = not run.tolerances and run.earlier is Earlier.NOT_BEFORE
        if not silent or any(rule.least is not None for rule in run.separations):
            continue
        own = {v.ordinal: v for v in plan.schedule.visits if v.phase == run.name}
        for n, visit in own.items():
            match run.cadence:
                case Every(every=length) if isinstance(run.anchored_on, PreviousVisit):
                    before, least = own.get(n - 1), length.least
                case At(at=points) if run.anchored_on == StartOf("cycle") and n <= len(points):
                    before, least = own.get(1), points[n - 1].span
                case _:
                    continue
            if before is None or before is visit or isinstance(least, ElapsedSpan):
                continue
            floor = least.after(before.day, one.protocol.month_end or MonthEnd.NEXT_DAY)
            if visit.day < floor:
                yield f"{visit.id} on {visit.day}, not before {floor}"
    for other_visit in one.protocol.other_visits:
        if other_visit.tolerance is not None or other_visit.name not in there:
            continue
        for rule in plan.agenda.bindings:
            if isinstance(rule, Spacing) and rule.rule == "other visit" and rule.target is not None:
                least = rule.target.least
                if rule.later != other_visit.name or isinstance(least, ElapsedSpan):
                    continue
                anchor = there[rule.earlier] if isinstance(rule.earlier, str) else rule.earlier.on
                floor = least.after(anchor, plan.agenda.month_end)
                early = there[rule.later] < floor
                if early if floor >= anchor else there[rule.later] > floor:
                    yield f"{rule.later} on {there[rule.later]}, target {floor}"


@pytest.mark.parametrize("name", catalog.names())
def test_no_protocol_of_the_catalog_is_squeezed_by_a_last_date_or_an_absence(name: str) -> None:
    one, where = course_through(name, *HAPPENED.get(name, [])), roomy(name)
    soon = on(56)
    whole = plan_course(one, where, DRIVEN, as_of=BEFORE, effort=500_000)
    shown = plan_course(one, where, DRIVEN, as_of=BEFORE, until=soon, effort=500_000)
    ended = attrs.evolve(one, finish_by=soon)
    finished = plan_course(ended, where, DRIVEN, as_of=BEFORE, effort=500_000)
    gone = attrs.evolve(DRIVEN, away=[DatedHours(first=on(17), last=on(37))])
    absent = plan_course(one, where, gone, as_of=BEFORE, effort=500_000)
    for plan in (whole, shown, finished, absent):
        if plan.schedule is not None:
            assert list(nearer(plan, one)) == []
    if whole.schedule is not None and shown.schedule is not None:
        assert list(shown.schedule.visits) == [v for v in whole.schedule.visits if v.day <= soon]
    if whole.schedule is not None and finished.schedule is None and finished.fits is not None:
        assert finished.fits.count < finished.fits.of
        assert finished.fits.next_on > soon


# --- the law over small worlds ---------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@drawn(world=lived())
def test_no_plan_of_any_course_is_before_a_target_about_which_nothing_more_is_written(
    world: Lived,
) -> None:
    found = plan_course(world.course, world.clinic, world.person, as_of=world.today, effort=EFFORT)
    if found.schedule is None:
        return
    protocol_now = world.course.protocol_on(world.today)
    speaks = {run.name for run in protocol_now.phases if run.tolerances or run.separations}
    speaks |= {one.name for one in protocol_now.other_visits if one.tolerance is not None}
    phases = {due.id: due.phase for due in found.agenda.dues}
    waived = {one.rule.later for one in found.agenda.overruled}
    # A floor whose last date has passed is told as broken: the visit comes as soon as it can.
    waived |= {one.later for one in found.agenda.broken if isinstance(one, Spacing)}
    for slack in found.schedule.slacks:
        rule = slack.rule
        if not isinstance(rule, Spacing) or rule.target is None:
            continue
        own = rule.rule in (SPREAD, WAITING, "start", "gate")  # a gate has its range beside it
        if own or phases[rule.later] in speaks or rule.later in waived:
            continue
        least = rule.target.least
        timed = isinstance(least, ElapsedSpan)
        length = least.minutes if isinstance(least, ElapsedSpan) else least.in_days
        if timed and isinstance(rule.earlier, PastVisit) and rule.earlier.start is None:
            continue  # told in days, as its hour is not known
        if length >= 0:
            assert slack.found >= length, (rule, slack.found)
        else:
            assert slack.found <= length, (rule, slack.found)
