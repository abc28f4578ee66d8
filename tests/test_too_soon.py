"""A dose inside its minimum is never taken in silence: it is asked about, and the answer acts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.errors import InvalidEvent
from protocol_sched.expansion import expand
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import Judged, judge_history
from protocol_sched.model.course import Answered, Course, Exempted, Given
from protocol_sched.model.course import Notified as VisitTold
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.gates import Gate
from protocol_sched.model.last_notice import last_notices, unrecorded_visits
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import Cap, Earlier, Separation
from protocol_sched.model.spans import CalendarSpan, parse_span
from protocols import apart, every, phase, protocol

ZONE = ZoneInfo("UTC")


def march(day: int) -> date:
    return date(2027, 3, day)


def at(day: int, hour: int) -> datetime:
    return datetime(2027, 3, day, hour, tzinfo=ZONE)


def weekly(separations: Iterable[Separation] = (), caps: Iterable[Cap] = ()) -> Protocol:
    """Return four infusions a week apart that may be early, but for the rules."""
    run = phase("v", every("7 days"), "4", separations=separations, caps=caps)
    return protocol(attrs.evolve(run, earlier=Earlier.ALLOWED))


IN_DAYS = weekly(separations=[apart(least="5 days")])
IN_HOURS = weekly(separations=[apart(least="120 hours")])
CAPPED = weekly(caps=[Cap(most=1, in_any=CalendarSpan(days=5), source="local")])
GATED = attrs.evolve(
    weekly(), gates=(Gate(name="vaccine", min_age=parse_span("2 weeks"), source="local"),)
)
FIRST = Given(visit="v-1", on=march(1), start=at(1, 9))
SECOND = Given(visit="v-2", on=march(5), start=at(5, 9))
ASKED = "too-soon-v-2"


def course(of: Protocol, *events: Given) -> Course:
    return Course(key="c", protocol=of, not_before=march(1), events=events)


def asked(run: Course, day: int = 6) -> list[str]:
    return [one.id for one in expand(run, march(day)).questions]


def answered(text: str, question: str = ASKED) -> Answered:
    return Answered(question=question, answer=text, on=march(6))


@pytest.mark.parametrize("of", [IN_DAYS, IN_HOURS, CAPPED])
def test_a_dose_inside_its_minimum_asks_whether_it_counts(of: Protocol) -> None:
    run = course(of, FIRST, SECOND)
    (question,) = expand(run, march(6)).questions
    assert (question.id, question.choices) == (ASKED, ("it counts", "it does not count"))
    assert question.asks == "infusion 2 was given too soon; does it count?"
    in_time = attrs.evolve(SECOND, on=march(6), start=at(6, 9))
    assert asked(course(of, FIRST, in_time)) == []
    with pytest.raises(InvalidEvent, match="not one of its choices"):
        record(run, [answered("perhaps")], as_of=march(6))


def test_a_dose_too_soon_after_a_test_asks_as_well() -> None:
    vaccine = GateTested(gate="vaccine", on=date(2027, 2, 20))
    run = Course(key="c", protocol=GATED, not_before=march(1), events=(vaccine, FIRST))
    assert asked(run) == ["too-soon-v-1"]
    (breach,) = expand(run, march(6)).breaches
    assert (breach.amount, breach.found, breach.too_soon) == (5, 9, True)


@pytest.mark.parametrize("of", [IN_DAYS, IN_HOURS, CAPPED])
def test_a_dose_that_does_not_count_is_due_again(of: Protocol) -> None:
    run = record(course(of, FIRST, SECOND), [answered("it does not count")], as_of=march(6))
    agenda = expand(run, march(6))
    due = agenda.due("v-2")
    assert due.earliest is not None
    assert due.earliest.day == march(10)
    assert [visit.counts for visit in agenda.past] == [True, False]
    assert agenda.questions == ()
    again = record(run, [attrs.evolve(SECOND, on=march(11), start=at(11, 9))], as_of=march(11))
    assert expand(again, march(11)).dues[0].id == "v-3"
    assert [one.judged for one in judge_history(again)][1] is Judged.TOO_EARLY


def test_a_dose_that_counts_stays_and_is_not_asked_about_again() -> None:
    run = record(course(IN_DAYS, FIRST, SECOND), [answered("it counts")], as_of=march(6))
    agenda = expand(run, march(6))
    assert (agenda.questions, agenda.dues[0].id) == ((), "v-3")
    with pytest.raises(InvalidEvent, match="it was given on 2027-03-05 already, and that counted"):
        record(run, [attrs.evolve(SECOND, on=march(6), start=None)], as_of=march(6))


def test_a_second_dose_too_soon_after_one_that_did_not_count_asks_anew() -> None:
    run = record(course(IN_DAYS, FIRST, SECOND), [answered("it does not count")], as_of=march(6))
    third = record(run, [attrs.evolve(SECOND, on=march(8), start=at(8, 9))], as_of=march(8))
    assert asked(third, 8) == ["too-soon-v-2-2027-03-08"]


def test_the_last_answer_holds() -> None:
    run = record(course(IN_DAYS, FIRST, SECOND), [answered("it does not count")], as_of=march(6))
    back = record(run, [answered("it counts")], as_of=march(6))
    assert expand(back, march(6)).dues[0].id == "v-3"


def test_a_dose_exempted_before_is_named_as_waived_and_not_asked_about() -> None:
    event = Exempted(visit="v-2", rule="cap", by="Dr Okoye", why="travels", on=march(2))
    run = record(course(CAPPED, FIRST), [event, SECOND], as_of=march(5))
    agenda = expand(run, march(6))
    assert agenda.questions == ()
    assert [breach.rule.rule for breach in agenda.breaches] == ["cap"]


def test_a_dose_that_did_not_count_is_not_presumed_to_have_been_given() -> None:
    notified = VisitTold(
        visit="v-2",
        on=march(2),
        start=at(5, 9),
        discharge=at(5, 10),
        discharge_by=at(5, 10),
    )
    run = Course(key="c", protocol=IN_DAYS, not_before=march(1), events=(FIRST, notified, SECOND))
    run = record(run, [answered("it does not count")], as_of=march(6))
    assert not last_notices(run)["v-2"].given
    assert list(unrecorded_visits(run, last_notices(run), at(7, 9), ZONE)) == []
