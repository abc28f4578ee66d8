"""Texts that people get, each from a small world with much in it, in any language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import attrs

from histories import CLINIC, PERSON, PROTOCOL, START
from protocol_sched.clinic.courses import Case
from protocol_sched.clinic.replan import replan_clinic
from protocol_sched.expansion import expand
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import judge_history, nearest, verdict
from protocol_sched.model.availability import DatedHours
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import (
    Course,
    Declined,
    Deferred,
    Discontinued,
    Event,
    Given,
    Missed,
    Omitted,
    Reviewed,
)
from protocol_sched.text.changes import changes_text, summary_text
from protocol_sched.text.clinic_plan import clinic_plan_text
from protocol_sched.text.clinic_replan import clinic_replan_text
from protocol_sched.text.plans import agenda_text
from protocol_sched.text.review import review_text
from protocol_sched.text.spoken import spoken_text
from protocol_sched.text.verdicts import history_text, verdict_text
from test_changes_text import FEVER, LABS, TODAY, all_notified, weekly
from test_changes_text import after as weekly_after
from test_replanning import BEGUN, NOTIFIED, again, closed, on

DATED = (weekly(4), PROTOCOL)


def replans() -> Iterator[tuple[str, Replan]]:
    """Yield what becomes of visits after each kind of event, and where nothing can be planned."""
    yield "closed", again(BEGUN, on(1), closed(4), hour=14)
    away = attrs.evolve(PERSON, away=[DatedHours(first=on(4), why="travels")])
    yield "away", again(BEGUN, on(1), person=away, hour=14)
    yield (
        "blocked",
        again(
            BEGUN,
            on(1),
            attrs.evolve(CLINIC, closures=[DatedHours(first=on(2), last=on(30), why="fire")]),
            hour=14,
        ),
    )
    for name, event in (
        ("left out", Omitted(visit="dose-3", on=on(1), why="enough")),
        ("ended", Discontinued(on=on(1), why="moved away")),
        ("put off", Deferred(visit="dose-3", on=on(1), why="a rash")),
        ("put off until", Deferred(visit="dose-3", on=on(1), until=on(9))),
        ("reviewed", Reviewed(on=on(1), scores=[("pain", 3)])),
    ):
        yield name, again(record(BEGUN, [event], as_of=on(1)), on(1), hour=14)
    declined = Declined(visit="dose-1", escort="Tomas", on=START)
    yield "declined", again(record(NOTIFIED, [declined], as_of=START), START)
    yield "held", weekly_after(all_notified(2), FEVER)
    events: list[Event] = [attrs.evolve(FEVER, passed=True), Given(visit="dose-1", on=TODAY)]
    next_day = TODAY + timedelta(days=1)
    events.append(attrs.evolve(FEVER, on=next_day))
    yield "many held", again(record(all_notified(12), events, as_of=next_day), next_day)
    yield "missed", weekly_after(all_notified(3, gates=()), Missed(visit="dose-1", on=TODAY))
    yield (
        "asked",
        weekly_after(all_notified(3, gates=()), Deferred(visit="dose-2", on=TODAY, why="a rash")),
    )
    yield "new", again(all_notified(12, gates=(LABS,)), TODAY)


def dates(code: str) -> Iterator[str]:
    for protocol in DATED:
        course = Course(key="c", protocol=protocol, not_before=START)
        agenda = expand(course, START - timedelta(days=7), START + timedelta(days=120))
        yield agenda_text(agenda, protocol, language=code)


def verdicts(code: str) -> Iterator[str]:
    course = attrs.evolve(BEGUN, events=(*BEGUN.events, Given(visit="dose-2", on=on(9))))
    yield history_text(judge_history(course), language=code)
    for days in (1, 2, 4, 8, 12):
        day = on(days)
        one = verdict(BEGUN, "dose-2", day, on(1))
        yield verdict_text(one, *nearest(BEGUN, one, on(1)), language=code)
    yield verdict_text(verdict(BEGUN, "dose-9", on(3), on(1)), language=code)


def clinics(code: str) -> Iterator[str]:
    one = again(BEGUN, on(1), closed(4), hour=14)
    yield clinic_plan_text({"Ada": one}, 0, language=code)
    worse = attrs.evolve(CLINIC, closures=[DatedHours(first=on(4), why="burst pipe")])
    found = replan_clinic([Case(course=BEGUN, person=PERSON)], worse, as_of=on(1))
    agendas = {BEGUN.key: found.replans[0].plan.agenda}
    yield clinic_replan_text(
        found.calls,
        found.moved,
        found.bound,
        CLINIC.zone,
        {BEGUN.key: "Ada"},
        agendas=agendas,
        language=code,
    )


def texts(code: str) -> Mapping[str, str]:
    """Return texts by what they are."""
    changes, spoken = [], []
    for name, found in replans():
        head = f"--- {name} ---\n"
        summary = summary_text(found, language=code)
        changes.append(f"{head}{changes_text(found, CLINIC, language=code)}({summary})\n")
        spoken.append(head + spoken_text(found, CLINIC, PERSON, language=code))
    return {
        "changes": "".join(changes),
        "spoken": "".join(spoken),
        "dates": "\n".join(dates(code)),
        "verdicts": "\n".join(verdicts(code)),
        "clinic": "\n".join(clinics(code)),
        "sheet": review_text(PROTOCOL, language=code),
    }
