"""What a new plan changes, in words, for long courses and for visits that wait."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import attrs
import pytest

from histories import CLINIC, NEW_YORK, PERSON, PROTOCOL
from protocol_sched.expansion import expand
from protocol_sched.judge.recording import record
from protocol_sched.model.availability import DatedHours
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Course, Deferred, Discontinued, Event, Given, Missed
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.spans import calendar_span
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.replan import replan_course
from protocol_sched.text.changes import changes_text, summary_text
from protocol_sched.text.plans import agenda_text, plan_text
from protocol_sched.text.spoken import spoken_text
from protocols import every, window

TODAY = date(2027, 11, 1)
LABS = Gate(name="labs", before=Ordinals.parse("each"), source="local")


def weekly(visits: int, *, gates: tuple[Gate, ...] = (LABS,)) -> Protocol:
    (run,) = PROTOCOL.phases
    run = attrs.evolve(run, cadence=every("7 days"), visits=Count(visits, visits), separations=())
    return attrs.evolve(PROTOCOL, phases=[run], gates=gates)


def again(course: Course, as_of: date = TODAY) -> Replan:
    now = datetime(as_of.year, as_of.month, as_of.day, 8, tzinfo=NEW_YORK)
    return replan_course(course, CLINIC, PERSON, as_of=as_of, now=now)


def all_notified(visits: int, **kwargs: tuple[Gate, ...]) -> Course:
    return notified(weekly(visits, **kwargs))


def notified(protocol: Protocol) -> Course:
    course = Course(key="c1", protocol=protocol, not_before=TODAY)
    return record(course, again(course).events(TODAY), as_of=TODAY)


def after(course: Course, *events: Event) -> Replan:
    return again(record(course, events, as_of=TODAY))


FEVER = GateTested(gate="labs", on=TODAY, passed=False)


def test_a_test_not_passed_holds_the_visits_and_says_which_test() -> None:
    found = after(all_notified(2), FEVER)
    assert changes_text(found, CLINIC) == (
        "On hold: dose 1, Mon 1 November 2027 at 09:00: "
        "it waits for labs, not passed on Mon 1 November; ask a clinician\n"
        "On hold: dose 2, Mon 8 November 2027 at 09:00: "
        "it waits for labs, not passed on Mon 1 November; ask a clinician\n"
    )
    assert spoken_text(found, CLINIC, PERSON) == (
        "Two of your visits have changed.\n"
        "Dose 1 on Monday, 1 November, at 09:00 is on hold, because it waits for "
        "labs, not passed on Monday, 1 November.\n"
        "Dose 2 on Monday, 8 November, at 09:00 is on hold, because it waits for "
        "labs, not passed on Monday, 1 November.\n"
    )
    assert summary_text(found) == "2 on hold"


def test_a_long_run_of_visits_that_wait_for_one_test_is_one_line() -> None:
    next_day = TODAY + timedelta(days=1)
    passed = attrs.evolve(FEVER, passed=True)
    events: list[Event] = [
        passed,
        Given(visit="dose-1", on=TODAY),
        attrs.evolve(FEVER, on=next_day),
    ]
    found = again(record(all_notified(12), events, as_of=next_day), next_day)
    assert changes_text(found, CLINIC) == (
        "On hold: dose 2 to dose 12, Mon 8 November 2027 at 09:00 to Mon 17 January 2028 at 09:00: "
        "they wait for labs, not passed on Tue 2 November; ask a clinician\n"
    )
    assert spoken_text(found, CLINIC, PERSON) == (
        "11 of your visits have changed.\n"
        "Dose 2 to dose 12, from Monday, 8 November, at 09:00 to Monday, 17 January 2028, at "
        "09:00, are on hold, because they wait for labs, not passed on Tuesday, "
        "2 November.\n"
    )
    assert len(found.events(TODAY)) == 11  # each is cancelled all the same


def test_what_a_test_holds_is_asked_about_once_and_visits_beside_wait_for_it_too() -> None:
    check = attrs.evolve(
        PROTOCOL.gates[0], name="check", before=Ordinals.parse("each"), max_age=None
    )
    found = after(all_notified(10, gates=(check, LABS)), FEVER)
    reason = "not passed on Mon 1 November; ask a clinician"
    assert changes_text(found, CLINIC) == (
        "On hold: evaluation 1 to evaluation 10 and dose 1 to dose 10, Mon 1 November 2027 at "
        f"09:00 to Tue 4 January 2028 at 09:00: they wait for labs, {reason}\n"
    )
    assert [question.asks for question in found.plan.agenda.questions] == [
        "labs of 2027-11-01 was not passed; dose 1 is on hold: when is labs passed?"
    ]


def test_a_visit_missed_for_a_test_not_passed_waits_for_the_test_too() -> None:
    found = after(all_notified(2), FEVER, Missed(visit="dose-1", on=TODAY, why="fever"))
    assert [change.reason for change in found.held] == [
        "it waits for labs, not passed on Mon 1 November; ask a clinician"
    ] * 2


def test_visits_behind_one_put_off_without_a_date_wait_for_its_date() -> None:
    found = after(all_notified(3, gates=()), Deferred(visit="dose-2", on=TODAY, why="a rash"))
    asked = "dose 2 was postponed on 2027-11-01 (a rash); what is the first date it may be on?"
    assert [change.reason for change in found.held] == [
        "it was postponed on Mon 1 November (a rash)",
        f"it waits for an answer: {asked}",
    ]
    assert changes_text(found, CLINIC).endswith("Unchanged: dose 1\n")


def test_a_long_course_that_ends_is_one_line() -> None:
    found = after(all_notified(12, gates=()), Discontinued(on=TODAY, why="moved away"))
    assert changes_text(found, CLINIC) == (
        "Cancelled: dose 1 to dose 12, Mon 1 November 2027 at 09:00 to Mon 17 January 2028 at "
        "09:00: the course has ended: moved away\n"
    )


@pytest.mark.parametrize("visits", [9, 10, 12])
def test_what_stays_of_a_long_course_is_counted(visits: int) -> None:
    plan = weekly(visits, gates=())
    (run,) = plan.phases
    run = attrs.evolve(run, tolerances=[window("1 day", "1 day")])
    course = notified(attrs.evolve(plan, phases=[run]))
    away = DatedHours(first=TODAY, why="travels")
    person = attrs.evolve(PERSON, away=[away])
    now = datetime(2027, 11, 1, 8, tzinfo=NEW_YORK)
    found = replan_course(course, CLINIC, person, as_of=TODAY, now=now)
    kept = visits - 1
    last = spoken_text(found, CLINIC, person).splitlines()[-1]
    if kept > 8:
        assert last == f"All {kept} others stay as they are."
    else:
        assert last.startswith("Dose 2 on Monday, 8 November, at 09:00, dose 3 on")
    assert changes_text(found, CLINIC).endswith(f"Unchanged: dose 2 to dose {visits}\n")


def test_a_long_course_of_which_nothing_changes_is_said_in_two_sentences() -> None:
    assert spoken_text(again(all_notified(12, gates=())), CLINIC, PERSON) == (
        "None of your visits has changed.\n"
        "There are 12, from dose 1 on Monday, 1 November, at 09:00 to dose 12 on Monday, "
        "17 January 2028, at 09:00.\n"
    )


def test_visits_of_two_kinds_in_turn_are_kept_in_two_runs() -> None:
    check = attrs.evolve(
        PROTOCOL.gates[0], name="check", before=Ordinals.parse("each"), max_age=None
    )
    found = again(all_notified(6, gates=(check,)))
    assert changes_text(found, CLINIC) == (
        "Unchanged: evaluation 1 to evaluation 6 and dose 1 to dose 6\n"
    )


def test_dates_of_another_year_are_written_with_it() -> None:
    course = all_notified(10, gates=())
    late = date(2028, 1, 2)
    given = [Given(visit=f"dose-{n}", on=TODAY + timedelta(7 * (n - 1))) for n in range(1, 9)]
    course = record(course, given, as_of=date(2027, 12, 20))
    course = record(
        course,
        [Deferred(visit="dose-9", on=date(2027, 12, 27), until=late, why="a cold")],
        as_of=date(2027, 12, 27),
    )
    found = again(course, date(2027, 12, 27))
    (moved, *_) = found.moved
    assert moved.reason == "it was postponed until Sun 2 January 2028 (a cold)"
    assert "to Monday, 3 January 2028, at 09:00" in spoken_text(found, CLINIC, PERSON)


# --- tests that are not on record --------------------------------------------------------------

COUNT = attrs.evolve(LABS, name="blood-count", max_age=calendar_span("3 days"))


def given_weekly(course: Course, visits: int) -> Course:
    events = [Given(visit=f"dose-{n}", on=TODAY + timedelta(7 * (n - 1))) for n in (1, 2, 3)]
    return record(course, events[:visits], as_of=TODAY + timedelta(20))


@pytest.mark.parametrize(("visits", "says"), [(1, "before dose 1"), (3, "before dose 1 to dose 3")])
def test_a_test_that_is_not_on_record_is_asked_about_once(visits: int, says: str) -> None:
    found = again(
        given_weekly(all_notified(5, gates=(COUNT,)), visits), TODAY + timedelta(7 * visits - 6)
    )
    asked = f"no blood-count on record as passed {says}; is it recorded elsewhere?"
    assert changes_text(found, CLINIC).count("blood-count") == 1
    assert f"Not recorded: {asked}\n" in changes_text(found, CLINIC)
    assert f"N{asked[1:]}\n" in plan_text(found.plan)
    assert f"N{asked[1:]}\n" in agenda_text(found.plan.agenda)


def test_a_test_on_record_is_not_asked_about() -> None:
    passed = GateTested(gate="blood-count", on=TODAY)
    course = given_weekly(all_notified(5, gates=(COUNT,)).after([passed]), 1)
    assert expand(course, TODAY + timedelta(1)).untested == ()


def test_a_test_of_the_next_visit_takes_nothing_from_the_one_before() -> None:
    tests = [GateTested(gate="labs", on=TODAY + timedelta(n)) for n in (0, 7)]
    course = given_weekly(all_notified(5).after(tests[:1]), 1).after(tests[1:])
    assert expand(course, TODAY + timedelta(7)).untested == ()


def test_visits_that_wait_for_one_test_share_a_sentence_with_the_next_window() -> None:
    agenda = expand(Course(key="c1", protocol=weekly(12, gates=(COUNT,)), not_before=TODAY), TODAY)
    lines = agenda_text(agenda).splitlines()
    assert lines[-13:-10] == [
        "Dose 1 to dose 12 each need a test first: blood-count.",
        "  dose 1   on Mon 1 November 2027",
        "  dose 2   between Fri 5 November and Mon 8 November 2027",
    ]


def test_the_window_of_a_test_is_that_of_the_date_planned() -> None:
    course = Course(key="c1", protocol=weekly(1, gates=(COUNT,)), not_before=TODAY)
    away = [DatedHours(first=TODAY, last=TODAY + timedelta(6), why="travels")]
    here = plan_course(course, CLINIC, PERSON, as_of=TODAY)
    gone = plan_course(course, CLINIC, attrs.evolve(PERSON, away=away), as_of=TODAY)
    last = [plan_text(plan).splitlines()[-1] for plan in (here, gone)]
    assert last == [
        "Dose needs a test first: blood-count, on Mon 1 November 2027.",
        "Dose needs a test first: blood-count, between Fri 5 November and Mon 8 November 2027.",
    ]


def test_a_target_without_an_earlier_limit_is_said_as_what_may_not_be() -> None:
    course = all_notified(2, gates=())
    person = attrs.evolve(PERSON, away=[DatedHours(first=TODAY, why="travels")])
    now = datetime(2027, 11, 1, 8, tzinfo=NEW_YORK)
    found = replan_course(course, CLINIC, person, as_of=TODAY, now=now)
    assert spoken_text(found, CLINIC, person).splitlines()[-1] == (
        "Dose 2 moves from Monday, 8 November, at 09:00 to Tuesday, 9 November, at 09:00, "
        "because it must not be before its target, 7 days after dose 1 (no earlier limit is "
        "published). Tomas is to take you home between 10:00 and 10:30."
    )
