"""A visit has one identity; a name it also goes by means the same wherever it is told."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from protocol_sched import catalog, plan_course, record, replan_course
from protocol_sched.errors import InvalidEvent
from protocol_sched.expansion import expand
from protocol_sched.judge.verdicts import Judged, verdict
from protocol_sched.model.changes import Fate
from protocol_sched.model.course import Course, Deferred, Discontinued, Event, Given, Omitted
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import Ordinals
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.spans import parse_span
from protocols import every, phase, protocol
from test_gates_bind import OPEN, SOMEBODY, march


def gated(age: str = "5 days", before: str = "first") -> Protocol:
    gate = Gate(
        name="assessment",
        visit="evaluation",
        before=Ordinals.parse(before),
        max_age=parse_span(age),
        source="local",
    )
    return attrs.evolve(protocol(phase("induction", every("7 days"), "2")), gates=(gate,))


def put_off(before: str = "first") -> Course:
    """Return a course whose first infusion was put off until its assessment is too old."""
    events: list[Event] = [
        Given(visit="assessment" if before == "first" else "assessment-1", on=march(1)),
        Deferred(visit="induction-1", on=march(2), until=march(15)),
    ]
    return Course(key="c", protocol=gated(before=before), not_before=march(1), events=tuple(events))


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [("first", "assessment", "assessment-2"), ("each", "assessment-1", "assessment-1-2")],
)
def test_a_gate_visit_that_is_too_old_is_planned_again_under_a_name_of_its_own(
    before: str, old: str, new: str
) -> None:
    run = put_off(before)
    found = replan_course(run, OPEN, SOMEBODY, as_of=march(2))
    changes = {change.visit: change for change in found.changes}
    assert changes[new].fate is Fate.ADDED
    assert changes[new].reason == "the evaluation of Mon 1 March is too old"
    assert changes[new].title == "evaluation 2"
    notified = record(run, found.events(march(2)), as_of=march(2))
    planned = changes[new].after
    assert planned is not None
    day = planned.day
    assert (march(15) - day).days <= 5
    shown, other = Given(visit=new, on=day), Given(visit=old, on=day)
    known_by_it = record(notified, [shown], as_of=day)
    assert [visit.id for visit in expand(known_by_it, day).past] == [old, new]
    assert record(notified, [other], as_of=day) == known_by_it
    after = replan_course(known_by_it, OPEN, SOMEBODY, as_of=day)
    assert [change.fate for change in after.changes if change.visit == "induction-1"] == [Fate.KEPT]
    infusion = Given(visit="induction-1", on=march(15))
    done = record(known_by_it, [infusion], as_of=march(15))
    assert verdict(done, new, day).judged is Judged.IN_WINDOW


def test_a_gate_visit_given_twice_while_it_is_fresh_is_refused_as_before() -> None:
    run = Course(
        key="c",
        protocol=gated("30 days"),
        not_before=march(1),
        events=(Given(visit="assessment", on=march(1)),),
    )
    with pytest.raises(InvalidEvent, match="given on 2027-03-01 already"):
        record(run, [Given(visit="assessment", on=march(2))], as_of=march(2))


def test_an_omitted_gate_visit_is_named_and_not_lifted_in_silence() -> None:
    run = Course(key="c", protocol=gated(), not_before=march(1))
    out = record(run, [Omitted(visit="assessment", on=march(1))], as_of=march(1))
    agenda = expand(out, march(1))
    assert [(one.id, one.asks, one.about) for one in agenda.questions] == [
        (
            "without-assessment",
            "The evaluation was skipped on 2027-03-01, and infusion 1 is planned without it; "
            "who decided that?",
            "induction-1",
        )
    ]


def test_a_course_that_has_ended_after_its_evaluation_can_be_planned() -> None:
    events = (Given(visit="assessment", on=march(1)), Discontinued(on=march(2), why="moved away"))
    run = Course(key="c", protocol=gated(), not_before=march(1), events=events)
    plan = plan_course(run, OPEN, SOMEBODY, as_of=march(3))
    assert plan.schedule is not None
    assert plan.schedule.visits == ()
    assert [visit.id for visit in plan.agenda.past] == ["assessment"]


# --- the course begins again -----------------------------------------------------------------


def restarted(name: str) -> tuple[Course, date, str, str]:
    """Return a course due to begin again: the date, its own name and the place it would have."""
    match name:
        case "nusinersen":
            days = {"loading-1": 1, "loading-2": 15, "loading-3": 29, "loading-4": 64}
            on, new, old = date(2028, 7, 5), "loading-5", "maintenance-1"
        case "paliperidone-monthly":
            days = {"initiation-1": 6, "initiation-2": 13, "monthly-1": 41, "monthly-2": 69}
            on, new, old = date(2025, 10, 1), "initiation-3", "monthly-3"
        case _:
            days = {"initial-1": 1, "initial-2": 91, "maintenance-1": 274}
            on, new, old = date(2027, 10, 1), "initial-3", "maintenance-2"
    first = date(2025, 1, 1)
    events = [
        Given(visit=visit, on=date.fromordinal(first.toordinal() + n - 1))
        for visit, n in days.items()
    ]
    run = Course(key="c", protocol=catalog.load(name), not_before=first, events=tuple(events))
    return run, on, new, old


RESTARTS = ("nusinersen", "paliperidone-monthly", "inclisiran")


@pytest.mark.parametrize("name", RESTARTS)
def test_a_restart_can_be_recorded_under_the_name_shown_and_under_the_place_it_had(
    name: str,
) -> None:
    run, on, new, old = restarted(name)
    agenda = expand(run, on)
    assert agenda.dues[0].id == new
    assert (old, new) in agenda.aliases
    by_name = record(run, [Given(visit=new, on=on)], as_of=on)
    assert record(run, [Given(visit=old, on=on)], as_of=on) == by_name
    assert record(by_name, [Given(visit=new, on=on)], as_of=on) == by_name
    behind = [(due.id, due.target) for due in agenda.dues[1:]]
    after = expand(by_name, on)
    known = [(due.id, due.target) for due in after.dues]
    assert [(v, t.day) for v, t in known if t] == [(v, t.day) for v, t in behind if t]


def test_the_restart_of_nusinersen_is_not_lost_once_it_is_recorded() -> None:
    run, on, new, _ = restarted("nusinersen")
    due = expand(record(run, [Given(visit=new, on=on)], as_of=on), on).dues[0]
    assert due.target is not None
    assert (due.id, due.target.day) == ("loading-6", date(2028, 7, 19))


def test_a_history_that_holds_the_old_name_goes_on_with_the_same_dates_and_names() -> None:
    run, on, new, old = restarted("nusinersen")
    by_old = expand(run.after([Given(visit=old, on=on)]), on)
    by_new = expand(run.after([Given(visit=new, on=on)]), on)
    loading = [
        [(due.id, due.target) for due in agenda.dues if due.phase == "loading"]
        for agenda in (by_old, by_new)
    ]
    first, second = ([(i, t.day) for i, t in one if t] for one in loading)
    assert first == second
    assert len(first) == 3
