"""Law 7: what the agenda leaves open, no plan closes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import attrs
import hypothesis
from hypothesis import settings

from courses import EFFORT, Lived, lived
from protocol_sched import catalog
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import plan_from_dict, plan_to_dict
from protocol_sched.formats.ics.entries import clinic_calendar, patient_calendar
from protocol_sched.formats.ics.file import CalendarOptions
from protocol_sched.judge.recording import record
from protocol_sched.model import course as events
from protocol_sched.model.agenda import Spacing
from protocol_sched.model.availability import Place, Staff
from protocol_sched.model.course import Answered, Course, Deferred, Event
from protocol_sched.model.gates import Gate
from protocol_sched.model.notifying import notifications
from protocol_sched.model.numbers import Ordinals
from protocol_sched.model.schedule import Proof
from protocol_sched.planning.course import plan_course
from protocol_sched.text.plans import agenda_text, plan_text
from protocol_sched.text.privacy import Privacy
from protocols import course as course_of
from protocols import day, every, phase, protocol
from test_course_worlds import ANYONE, MORNINGS
from test_law_3 import CLINIC, ZONE, away, dates, given

PROTOCOL = catalog.load("efgartigimod-2022")
INFUSIONS = attrs.evolve(
    CLINIC,
    places=[Place(name="chair 1", kind="chair")],
    staff=[Staff(kind="nurse", units=1)],
)
FRIDAY = date(2025, 1, 17)
ASKS = "infusion 2 was due by 2025-01-13; the source leaves open what follows on 2025-01-17"
BEFORE = (
    events.Tested(gate="vaccines", on=date(2025, 1, 2), passed=True),
    given("cycle-1", date(2025, 1, 6)),
)
FOUR_DAYS_LATE = (*BEFORE, given("cycle-2", FRIDAY))


def efgartigimod(*happened: Event) -> Course:
    return Course(key="c", protocol=PROTOCOL, events=happened)


def test_visits_that_hang_on_an_open_question_are_provisional() -> None:
    plan = plan_course(efgartigimod(*FOUR_DAYS_LATE), INFUSIONS, away(), as_of=FRIDAY)
    assert plan.schedule is not None
    assert {visit.id: visit.tentative for visit in plan.schedule.visits} == {
        "cycle-3": "late-cycle-2",
        "cycle-4": "late-cycle-2",
    }
    assert plan.proof is Proof.NOT_PROVED
    assert [one.asks for one in plan.schedule.questions] == [ASKS]
    assert notifications(plan.schedule, efgartigimod(*FOUR_DAYS_LATE), on=FRIDAY) == ()
    assert plan_from_dict(plan_to_dict(plan)) == plan


def test_a_plan_says_what_is_provisional_and_why() -> None:
    plan = plan_course(efgartigimod(*FOUR_DAYS_LATE), INFUSIONS, away(), as_of=FRIDAY)
    assert plan_text(plan, INFUSIONS) == EFGARTIGIMOD
    assert "infusion 3 (provisional)" in agenda_text(plan.agenda)


EFGARTIGIMOD = """\
visit                     2025        arrive  infusion     discharge  since last  ride home
------------------------  ----------  ------  -----------  ---------  ----------  ---------
infusion 1                Mon  6 Jan  08:00                given      -
infusion 2                Fri 17 Jan  08:00                given      11 days
infusion 3 (provisional)  Mon 20 Jan  08:00   08:30-09:30  10:30      3 days      -
infusion 4 (provisional)  Mon 27 Jan  08:00   08:30-09:30  10:30      7 days      -

Why these dates
  infusion 3  14 days after infusion 1 on Mon 6 January (target 2 weeks, not earlier)
  infusion 4  21 days after infusion 1 on Mon 6 January (target 3 weeks, not earlier)

Not proved best: some of these dates depend on an open question.
This plan: 0 days off target, 0 preferences not met, last visit Mon 27 January 2025.
Times are in Europe/Berlin (CET).

Infusion 3 and infusion 4 are provisional until answered: infusion 2 was due by 2025-01-13; the
  source leaves open what follows on 2025-01-17.

For a clinician to decide:
  - infusion 2 was due by 2025-01-13; the source leaves open what follows on 2025-01-17 (up to 3
    days: give now, then on the original dates)
  - What follows when an infusion is more than 3 days late.
"""


def test_an_answer_settles_them() -> None:
    says = "up to 3 days: give now, then on the original dates"
    answered = Answered(question="late-cycle-2", answer=says, on=FRIDAY)
    course = efgartigimod(*FOUR_DAYS_LATE, answered)
    plan = plan_course(course, INFUSIONS, away(), as_of=FRIDAY)
    assert plan.schedule is not None
    assert {visit.tentative for visit in plan.schedule.visits} == {""}
    assert plan.proof is Proof.OPTIMAL
    assert len(notifications(plan.schedule, course, on=FRIDAY)) == 2


def test_a_question_is_asked_as_soon_as_the_plan_raises_it() -> None:
    """Away until the 17th, infusion 2 can only be later than the source says what follows."""
    person = away((date(2025, 1, 7), FRIDAY - timedelta(days=1)))
    plan = plan_course(efgartigimod(*BEFORE), INFUSIONS, person, as_of=date(2025, 1, 7))
    assert dates(plan)[0] == FRIDAY
    assert plan.schedule is not None
    assert {visit.tentative for visit in plan.schedule.visits} == {"late-cycle-2"}
    assert ASKS in [one.asks for one in plan.agenda.questions]


def test_what_a_source_leaves_unspecified_makes_no_visit_provisional() -> None:
    plan = plan_course(efgartigimod(*BEFORE), INFUSIONS, away(), as_of=date(2025, 1, 7))
    assert plan.schedule is not None
    assert [one.id for one in plan.agenda.questions] == ["unspecified-1"]
    assert {visit.tentative for visit in plan.schedule.visits} == {""}
    assert plan.proof is Proof.OPTIMAL


def test_calendars_hold_a_provisional_visit_as_tentative() -> None:
    course = efgartigimod(*FOUR_DAYS_LATE)
    plan = plan_course(course, INFUSIONS, away(), as_of=FRIDAY)
    assert plan.schedule is not None
    options = attrs.evolve(CalendarOptions().knowing(course, plan.schedule), privacy=Privacy.FULL)
    parts = (plan.schedule, INFUSIONS, away(), PROTOCOL)
    now = datetime(2025, 1, 17, 9, tzinfo=ZONE)
    theirs = unfolded(patient_calendar(*parts, now=now, options=options))
    clinics = unfolded(clinic_calendar(*parts, now=now, options=options))
    assert theirs.count("\nSTATUS:TENTATIVE") == 2
    assert theirs.count("This date is provisional. The clinic will tell you") == 2
    assert "source leaves open" not in theirs
    assert "SUMMARY:infusion 3\\, x (provisional)" in clinics
    assert clinics.count("Provisional until this is answered: infusion 2 was due by") == 2


def unfolded(calendar: bytes) -> str:
    return calendar.decode().replace("\r\n ", "").replace("\r\n", "\n")


GUARDED = protocol(
    phase("run", every("1 week"), "2"),
    gates=[Gate(name="talk", visit="review", before=Ordinals.parse("1"), source="local")],
)


def test_what_waits_for_a_visit_put_off_without_a_date_waits_too() -> None:
    put_off = Deferred(visit="talk", on=day("2027-03-01"), why="ill")
    known = course_of(GUARDED, put_off, start="2027-03-01")
    plan = plan_course(known, MORNINGS, ANYONE, as_of=day("2027-03-01"))
    assert (
        plan_text(plan)
        == """\
Nothing can be planned yet.

Not planned yet, awaiting a decision: the review, infusion 1 and infusion 2.

For a clinician to decide:
  - review was postponed on 2027-03-01 (ill); what is the first date it may be on?
"""
    )


@settings(max_examples=25, deadline=None)
@hypothesis.given(world=lived())
def test_no_visit_of_any_course_is_planned_before_one_it_waits_for_has_a_date(
    world: Lived,
) -> None:
    plan = plan_course(world.course, world.clinic, world.person, as_of=world.today, effort=EFFORT)
    planned = {visit.id for visit in plan.schedule.visits} if plan.schedule is not None else set()
    undated = {due.id for due in plan.agenda.dues} - planned
    for rule in plan.agenda.bindings if planned else ():
        if isinstance(rule, Spacing) and rule.rule in ("gate", "cadence", "separation"):
            assert not (rule.later in planned and rule.earlier in undated), rule


@settings(max_examples=80, deadline=None)
@hypothesis.given(world=lived())
def test_no_plan_of_any_course_closes_what_is_left_open(world: Lived) -> None:
    if not expand(world.course, world.today).questions:
        return  # few plans raise one that the course by itself does not
    plan = plan_course(world.course, world.clinic, world.person, as_of=world.today, effort=EFFORT)
    if plan.schedule is None:
        return
    asked = {question.id: question for question in plan.agenda.questions}
    shown = {question.id for question in plan.schedule.questions}
    waiting = {visit.id: visit.tentative for visit in plan.schedule.visits}
    settled = {visit for visit, question in waiting.items() if not question}
    for visit, question in waiting.items():
        due = plan.agenda.due(visit)
        assert (due.tentative, due.open) == (False, question)
        assert not question or question in shown & set(asked)
    if settled != set(waiting):
        hypothesis.event("a provisional visit")
        assert plan.proof is not Proof.OPTIMAL
        told = notifications(plan.schedule, world.course, on=world.today)
        assert {one.visit for one in told if isinstance(one, events.Notified)} <= settled
    for rule in plan.agenda.bindings:
        if isinstance(rule, Spacing) and rule.rule != "order" and rule.later in settled:
            assert not (isinstance(rule.earlier, str) and waiting.get(rule.earlier)), rule
    # Whatever is answered, a visit that is not provisional is still one of the course. What people
    # were told of and nobody recorded is taken to have happened.
    taken = [events.Given(visit=one.id, on=one.on, start=one.start) for one in plan.unrecorded]
    known = world.course.after(taken)
    for whole in asked.values():
        for answer in whole.choices:
            hypothesis.event("an answer")
            said = Answered(question=whole.id, answer=answer, on=world.today)
            after = record(known, [said], as_of=world.today)
            assert settled <= {due.id for due in expand(after, world.today).dues}
