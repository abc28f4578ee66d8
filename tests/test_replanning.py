"""Planning anew: least change, each change with its reason, in words people can read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import attrs
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from histories import CLINIC, NEW_YORK, PERSON, PROTOCOL, START
from oracle import best
from protocol_sched.errors import InvalidEvent, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import (
    read_course,
    read_json,
    replan_from_dict,
    replan_to_dict,
    write_events,
    write_json,
)
from protocol_sched.judge.checker import violations
from protocol_sched.judge.recording import record
from protocol_sched.model.availability import (
    Clinic,
    DatedHours,
    Escort,
    Hours,
    Person,
    Place,
    Staff,
)
from protocol_sched.model.cadences import PerWeek
from protocol_sched.model.changes import Fate, Replan
from protocol_sched.model.course import (
    Amended,
    Cancelled,
    Confirmed,
    Course,
    Declined,
    Deferred,
    Discontinued,
    Event,
    Given,
    Missed,
    Notified,
    Omitted,
    Pinned,
    Reviewed,
)
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.references import parse_reference
from protocol_sched.model.responses import Adaptation, Stop
from protocol_sched.model.schedule import Keep, Ride
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.replan import replan_course
from protocol_sched.text.changes import changes_text
from protocol_sched.text.spoken import spoken_text
from protocols import every
from strategies import lived_courses

ASKED = START - timedelta(days=1)
EMPTY = Course(key="c1", protocol=PROTOCOL, not_before=START)


def on(days: int) -> date:
    return START + timedelta(days=days)


def at(days: int, hour: int) -> datetime:
    return datetime(2027, 3, 8, hour, tzinfo=NEW_YORK) + timedelta(days=days)


def again(
    course: Course, as_of: date, clinic: Clinic = CLINIC, person: Person = PERSON, hour: int = 8
) -> Replan:
    now = datetime(as_of.year, as_of.month, as_of.day, hour, tzinfo=NEW_YORK)
    found = replan_course(course, clinic, person, as_of=as_of, now=now)
    if found.plan.schedule is not None:
        broken = violations(found.plan.agenda, found.plan.schedule, clinic, person, PROTOCOL)
        assert [str(one) for one in broken] == []
    return found


def people_notified(course: Course, as_of: date = ASKED) -> Course:
    return record(
        course, again(course, as_of).events(as_of, at((as_of - START).days, 8)), as_of=as_of
    )


# The evaluation on Monday, doses on Tuesday, Friday and Monday, the clock change between.
NOTIFIED = people_notified(EMPTY)
BEGUN = record(
    NOTIFIED,
    [
        Given(visit="evaluation", on=on(0), start=at(0, 9)),
        Given(visit="dose-1", on=on(1), start=at(1, 9)),
    ],
    as_of=on(1),
)


def closed(days: int, why: str = "burst pipe") -> Clinic:
    return attrs.evolve(CLINIC, closures=[DatedHours(first=on(days), why=why)])


def fates(found: Replan) -> dict[str, str]:
    return {change.visit: change.fate.value for change in found.changes}


def test_planned_again_nothing_changes_and_nobody_is_told_anything() -> None:
    found = again(NOTIFIED, ASKED)
    assert found.events(ASKED) == ()
    assert changes_text(found, CLINIC) == "Unchanged: the evaluation and dose 1 to dose 3\n"
    assert spoken_text(found, CLINIC, PERSON) == (
        "None of your visits has changed.\n"
        "They are the evaluation on Monday, 8 March, at 09:00, dose 1 on Tuesday, 9 March, at "
        "09:00, dose 2 on Friday, 12 March, at 09:00 and dose 3 on Monday, 15 March, at 09:00.\n"
    )


def test_a_first_plan_is_all_new() -> None:
    found = again(EMPTY, ASKED)
    assert set(fates(found).values()) == {"added"}
    assert spoken_text(found, CLINIC, PERSON).splitlines()[:2] == [
        "You have four new visits.",
        "The evaluation is new, on Monday, 8 March, at 09:00.",
    ]


def test_a_closed_day_moves_what_is_on_it_and_the_rest_only_where_rules_say_so() -> None:
    clinic = closed(4)
    found = again(BEGUN, on(1), clinic, hour=14)
    assert changes_text(found, clinic) == (
        "Moved: dose 2 from Fri 12 March 2027 at 09:00 to Thu 11 March 2027 at 11:00 "
        "(ride: Priya): Small Clinic is closed on Fri 12 March (burst pipe)\n"
        "Unchanged: dose 3\n"
    )
    assert spoken_text(found, clinic, PERSON) == (
        "One of your visits has changed.\n"
        "Dose 2 moves from Friday, 12 March, at 09:00 to Thursday, 11 March, at 11:00, "
        "because Small Clinic is closed on Friday, 12 March (burst pipe). "
        "Priya is to take you home between 12:00 and 12:30.\n"
        "Dose 3 on Monday, 15 March, at 09:00 stays as it is.\n"
    )


def test_a_visit_missed_moves_to_a_later_date_and_one_behind_it_says_why_it_moves() -> None:
    missed = record(BEGUN, [Missed(visit="dose-2", on=on(4), why="a cold")], as_of=on(4))
    found = again(missed, on(4))
    assert changes_text(found, CLINIC) == (
        "Moved: dose 2 from Fri 12 March 2027 at 09:00 to Mon 15 March 2027 at 09:00 "
        "(ride: Tomas instead of Priya): it was missed on Fri 12 March (a cold)\n"
        "Moved: dose 3 from Mon 15 March 2027 at 09:00 to Wed 17 March 2027 at 09:00 "
        "(ride: Tomas): dose 3 must come 2 to 7 calendar days after dose 2\n"
    )
    assert spoken_text(found, CLINIC, PERSON).splitlines()[2] == (
        "Dose 3 moves from Monday, 15 March, at 09:00 to Wednesday, 17 March, at 09:00, "
        "because it must come 2 to 7 days after dose 2. "
        "Tomas is to take you home between 10:00 and 10:30."
    )


def test_reasons_about_the_person_are_said_to_them() -> None:
    person = attrs.evolve(PERSON, away=[DatedHours(first=on(4), why="travels")])
    found = again(BEGUN, on(1), person=person, hour=14)
    assert "because you are away on Friday, 12 March (travels)" in spoken_text(
        found, CLINIC, person
    )


def test_what_is_given_or_over_never_moves_and_what_is_not_recorded_is_asked_about() -> None:
    found = again(NOTIFIED, on(1), hour=10)
    assert [visit.id for visit in found.unrecorded] == ["evaluation", "dose-1"]
    assert fates(found) == {"dose-2": "kept", "dose-3": "kept"}
    assert changes_text(found, CLINIC).splitlines()[:2] == [
        "Not recorded: evaluation, Mon 8 March 2027 at 09:00; the plan assumes it was given. "
        "Was it?",
        "Not recorded: dose 1, Tue 9 March 2027 at 09:00; the plan assumes it was given. Was it?",
    ]


def test_a_visit_about_to_begin_off_the_grid_stays() -> None:
    start = at(3, 9) + timedelta(minutes=40)
    pinned = record(BEGUN, [Pinned(visit="dose-2", start=start, on=on(1))], as_of=on(1))
    notified = record(pinned, again(pinned, on(1), hour=14).events(on(1), at(1, 14)), as_of=on(1))
    now = at(3, 9) + timedelta(minutes=20)
    found = replan_course(notified, CLINIC, PERSON, as_of=on(3), now=now)
    assert fates(found)["dose-2"] == "kept"


def test_nothing_is_planned_for_hours_that_are_over() -> None:
    put_off = record(BEGUN, [Deferred(visit="dose-2", on=on(2), until=on(4))], as_of=on(2))
    schedule = again(put_off, on(4), hour=10).plan.schedule
    assert schedule is not None
    assert schedule.visit("dose-2").start == at(4, 10)


def test_a_pinned_visit_does_not_move_and_those_around_it_do() -> None:
    start = last_notices(BEGUN.events)["dose-2"].notice.start
    pins = [Pinned(visit="dose-2", start=start, on=on(1))]
    put_off = Deferred(visit="dose-3", on=on(1), until=on(1))
    late = record(BEGUN, [*pins, put_off], as_of=on(1))
    found = again(late, on(1), closed(7), hour=14)
    assert fates(found) == {"dose-2": "kept", "dose-3": "moved"}
    found = again(record(BEGUN, pins, as_of=on(1)), on(1), closed(4), hour=14)
    assert found.plan.conflicts
    assert found.changes == ()


def test_a_ride_said_no_to_goes_to_the_next_escort_and_the_visit_stays() -> None:
    no = Declined(visit="dose-3", escort="Tomas", on=on(1), at=at(1, 12))
    found = again(record(BEGUN, [no], as_of=on(1)), on(1), hour=14)
    assert changes_text(found, CLINIC) == (
        "Ride changed: dose 3, Priya instead of Tomas: Tomas cannot come\nUnchanged: dose 2\n"
    )
    assert spoken_text(found, CLINIC, PERSON).splitlines()[1] == (
        "Dose 3 stays on Monday, 15 March, at 09:00, but the ride home changes, because Tomas "
        "cannot come. Priya is to take you home between 10:00 and 10:30."
    )
    (notified,) = found.events(on(1))
    assert isinstance(notified, Notified)
    assert (notified.visit, notified.escort) == ("dose-3", "Priya")


def test_an_escort_who_said_no_is_not_asked_for_another_hour_of_that_day() -> None:
    no = Declined(visit="dose-2", escort="Priya", on=on(1), at=at(1, 12))
    found = again(record(BEGUN, [no], as_of=on(1)), on(1), hour=14)
    assert changes_text(found, CLINIC) == (
        "Moved: dose 2 from Fri 12 March 2027 at 09:00 to Thu 11 March 2027 at 11:00 "
        "(ride: Priya): Priya declined the ride home at the time announced\n"
        "Unchanged: dose 3\n"
    )


def test_a_ride_said_yes_to_stays_confirmed() -> None:
    yes = Confirmed(visit="dose-3", escort="Tomas", on=on(1), at=at(1, 12))
    found = again(record(BEGUN, [yes], as_of=on(1)), on(1), closed(4), hour=14)
    assert found.plan.schedule is not None
    assert found.plan.schedule.visit("dose-3").ride is Ride.CONFIRMED


@pytest.mark.parametrize(
    ("act", "head", "reason"),
    [
        (
            Omitted(visit="dose-3", on=on(1), why="enough"),
            "Cancelled",
            "it was skipped on Tue 9 March (enough)",
        ),
        (Discontinued(on=on(1), why="moved away"), "Cancelled", "the course has ended: moved away"),
        (
            Deferred(visit="dose-3", on=on(1), why="a rash"),
            "On hold",
            "it was postponed on Tue 9 March (a rash)",
        ),
    ],
)
def test_what_no_longer_takes_place_is_dropped_with_its_reason(
    act: Event, head: str, reason: str
) -> None:
    found = again(record(BEGUN, [act], as_of=on(1)), on(1), hour=14)
    (change,) = [change for change in found.dropped if change.visit == "dose-3"]
    assert (change.title, change.reason) == ("dose 3", reason)
    events = found.events(on(1))
    assert Cancelled(visit="dose-3", on=on(1), why=reason) in events
    assert f"{head}: dose 3, Mon 15 March 2027 at 09:00: {reason}\n" in changes_text(found, CLINIC)


def test_identity_and_sequence_survive_a_move() -> None:
    found = again(BEGUN, on(1), closed(4), hour=14)
    after = record(BEGUN, found.events(on(1), at(1, 14)), as_of=on(1))
    one = last_notices(after.events)["dose-2"]
    assert (one.sequence, one.notice.start.date()) == (1, on(3))


WITHOUT_A_PLAN = """\
Nothing is changed.
No plan is possible: dose 2 cannot be placed, because:
  - Small Clinic is closed from Wed 10 March to Wed 7 April (fire)
  - dose 2 must come 2 to 7 calendar days after dose 1 on Tue 9 March
Change any one of these and it can be done.
"""


def test_without_a_plan_nothing_is_changed_and_what_is_in_the_way_is_said() -> None:
    clinic = attrs.evolve(CLINIC, closures=[DatedHours(first=on(2), last=on(30), why="fire")])
    found = again(BEGUN, on(1), clinic, hour=14)
    assert found.events(on(1)) == ()
    assert changes_text(found, clinic) == WITHOUT_A_PLAN
    assert spoken_text(found, clinic, PERSON) == (
        "We have not found new dates yet. For now your visits stay as they are.\n"
    )


def test_a_plan_can_stand_for_what_was_told() -> None:
    plan = plan_course(EMPTY, CLINIC, PERSON, as_of=ASKED)
    found = replan_course(EMPTY, CLINIC, PERSON, as_of=ASKED, before=plan.schedule)
    assert set(fates(found).values()) == {"kept"}


def test_short_events_can_be_added_to_a_file_one_at_a_time() -> None:
    events: list[Event] = [
        Given(visit="dose-1", on=on(0)),
        Reviewed(on=on(1), scores=[("pain", 3)]),
    ]
    text = 'key = "c1"\nprotocol = "small"\nnot_before = 2027-03-01\n'
    for event in events:
        text += "\n" + write_events([event])
    assert read_course(text, lambda _: PROTOCOL).events == tuple(events)


def test_events_to_add_are_read_back_from_a_course_file() -> None:
    events = again(BEGUN, on(1), closed(4), hour=14).events(on(1), at(1, 14))
    text = 'key = "c1"\nprotocol = "small"\n\n' + write_events(events)
    assert read_course(text, lambda _: PROTOCOL).events == events


def test_changes_are_read_back_from_json_as_they_were() -> None:
    for found in (again(BEGUN, on(1), closed(4), hour=14), again(NOTIFIED, on(1), hour=10)):
        text = write_json(replan_to_dict(found))
        assert replan_from_dict(read_json(text)) == found


def test_now_is_a_moment_of_the_day_asked_about() -> None:
    with pytest.raises(InvalidValue, match="a moment of 2027-03-09 at the clinic"):
        replan_course(BEGUN, CLINIC, PERSON, as_of=on(1), now=at(2, 9))


def two_days(draw_days: Iterable[int]) -> Clinic:
    shut = [DatedHours(first=on(days), why="closed") for days in draw_days]
    return attrs.evolve(CLINIC, closures=shut)


@settings(max_examples=12, deadline=None)
@drawn(shut=st.sets(st.integers(2, 8), max_size=3), put_off=st.booleans())
def test_no_plan_moves_fewer_visits_by_brute_force(shut: set[int], put_off: bool) -> None:
    course = attrs.evolve(BEGUN, finish_by=on(9))
    if put_off:
        act = Deferred(visit="dose-2", on=on(1), until=on(2))
        course = record(course, [act], as_of=on(1))
    clinic = two_days(sorted(shut))
    found = replan_course(course, clinic, PERSON, as_of=on(1))
    notices = last_notices(course.events)
    keep = {
        visit: Keep(start=one.notice.start, places=one.notice.places, escort=one.notice.escort)
        for visit, one in notices.items()
        if not one.given and not (put_off and visit == "dose-2")
    }
    costs = best(found.plan.agenda, clinic, PERSON, PROTOCOL, on(1), on(9), keep)
    objective = found.plan.objective
    assert (costs is None) == (objective is None)
    if objective is not None and costs is not None:
        assert costs[:3] == (objective.moved, objective.minutes_moved, objective.rides_changed)
        moved = [c for c in found.changes if c.fate is Fate.MOVED and not c.lapsed]
        assert len(moved) == objective.moved


# --- the protocol's own words: slips, responses, amendments ------------------------------------


@pytest.mark.parametrize(
    ("anchor", "third"),
    [("previous visit", date(2027, 3, 24)), ("original dates", date(2027, 3, 22))],
)
def test_a_late_visit_carries_the_next_forward_or_returns_to_the_original_dates(
    anchor: str, third: date
) -> None:
    (run,) = PROTOCOL.phases
    weekly = attrs.evolve(
        run, cadence=every("7 days"), separations=(), anchor=parse_reference(anchor)
    )
    protocol = attrs.evolve(PROTOCOL, phases=[weekly], gates=())
    course = Course(key="c1", protocol=protocol, not_before=START)
    events = [Given(visit="dose-1", on=on(0)), Given(visit="dose-2", on=on(9))]  # two days late
    found = again(record(course, events, as_of=on(9)), on(9), hour=14)
    assert found.plan.schedule is not None
    assert found.plan.schedule.visit("dose-3").day == third


def test_a_response_drops_and_adds_visits_and_says_so() -> None:
    better = Adaptation(
        name="well", measure="pain", under=3, then=Stop(stop="pain is under 3"), source="local"
    )
    protocol = attrs.evolve(PROTOCOL, adaptations=[better])
    course = attrs.evolve(BEGUN, protocol=protocol)
    course = record(course, [Reviewed(on=on(1), scores=[("pain", 2)])], as_of=on(1))
    found = again(course, on(1), hour=14)
    assert {c.visit: c.reason for c in found.dropped} == dict.fromkeys(
        ("dose-2", "dose-3"), "the course has ended: pain is under 3"
    )


def test_an_amended_protocol_drops_what_it_no_longer_has() -> None:
    (run,) = PROTOCOL.phases
    shorter = attrs.evolve(PROTOCOL, phases=[attrs.evolve(run, visits=Count(2, 2))])
    change = Amended(protocol=shorter, on=on(1), why="new label")
    found = again(record(BEGUN, [change], as_of=on(1)), on(1), hour=14)
    (dropped,) = found.dropped
    assert (dropped.visit, dropped.title) == ("dose-3", "dose 3")
    assert dropped.reason == "the protocol was amended on Tue 9 March (new label)"


def test_the_others_keep_their_titles_when_a_treatment_is_left_out() -> None:
    left_out = record(BEGUN, [Omitted(visit="dose-2", on=on(1), why="enough")], as_of=on(1))
    found = again(left_out, on(1), hour=14)
    assert changes_text(found, CLINIC) == (
        "Cancelled: dose 2, Fri 12 March 2027 at 09:00: it was skipped on Tue 9 March (enough)\n"
        "Unchanged: dose 3\n"
    )


def with_checks(before: str) -> Course:
    gate = attrs.evolve(PROTOCOL.gates[0], before=Ordinals.parse(before), max_age=None)
    course = attrs.evolve(EMPTY, protocol=attrs.evolve(PROTOCOL, gates=[gate]))
    return record(course, again(course, ASKED).events(ASKED), as_of=ASKED)


@pytest.mark.parametrize("left_out", ["dose-2", "evaluation-2"])
def test_gates_visits_keep_their_titles_when_one_is_left_out(left_out: str) -> None:
    act = Omitted(visit=left_out, on=ASKED, why="enough")
    found = again(record(with_checks("each"), [act], as_of=ASKED), ASKED)
    titles = {one.visit: one.title for one in found.kept}
    assert titles["evaluation-1"] == "evaluation 1"
    assert titles["evaluation-3"] == "evaluation 3"
    assert not any(one.title_before for one in found.changes)


def test_a_visit_with_a_new_number_is_called_by_both() -> None:
    """The first that a gate stands before is now another, so its visits are counted anew."""
    act = Omitted(visit="dose-1", on=ASKED, why="enough")
    found = again(record(with_checks("from 2"), [act], as_of=ASKED), ASKED)
    assert "evaluation 2 (now evaluation 1)" in changes_text(found, CLINIC)
    assert "valuation 2, from now on evaluation 1, " in spoken_text(found, CLINIC, PERSON)


# --- any history of any small protocol ---------------------------------------------------------

OPEN = Clinic(
    name="Open Clinic",
    zone=NEW_YORK,
    hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-18:00")),
    places=[Place(name="chair 1", kind="chair"), Place(name="bed 1", kind="bed")],
    staff=[Staff(kind="nurse", units=3)],
    start_every=60,
)
ANYONE = Person(
    key="p1",
    escorts=[Escort(name="Ida", available=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-20:00")))],
)


@settings(max_examples=20, deadline=None)
@drawn(lived=lived_courses())
def test_any_history_is_planned_lawfully_and_the_same_again(lived: tuple[Course, date]) -> None:
    course, today = lived
    try:
        found = replan_course(course, OPEN, ANYONE, as_of=today)
    except InvalidEvent:
        return  # a visit whose evaluation was never given, and the like
    if found.plan.schedule is None:
        assert found.changes == ()
        return
    protocol = course.protocol_on(today)
    broken = violations(found.plan.agenda, found.plan.schedule, OPEN, ANYONE, protocol)
    assert [str(one) for one in broken] == []
    after = course.after(found.events(today))
    assert replan_course(after, OPEN, ANYONE, as_of=today).events(today) == ()


def test_a_pinned_evaluation_moves_the_dose_it_guards_behind_it() -> None:
    pin = Pinned(visit="evaluation", start=at(4, 9), on=ASKED)
    found = again(record(EMPTY, [pin], as_of=ASKED), ASKED)
    assert found.plan.schedule is not None
    assert [visit.id for visit in found.plan.schedule.visits][:2] == ["evaluation", "dose-1"]
    due = found.plan.agenda.due("dose-1")
    assert due.target is None, "the protocol names no date for the first dose"
    assert due.forecast is not None
    assert due.forecast.day == on(5)


def test_a_gates_visit_without_a_date_comes_before_the_visit_it_guards() -> None:
    """A dose that did not count leaves the next without a target, and so its gate as well."""
    (run,) = PROTOCOL.phases
    on_demand = attrs.evolve(run, cadence=PerWeek(per_week=2), separations=())
    course = Course(key="c1", protocol=attrs.evolve(PROTOCOL, phases=[on_demand]), not_before=START)
    tries = [Given(visit="dose-1", on=on(n), counts=False) for n in (0, 2)]
    agenda = expand(course.after(tries), on(3))
    assert [due.id for due in agenda.dues][:2] == ["evaluation", "dose-1"]
