"""
What a notebook shows of a value: a heading, a table, a few lines.

Each value asks for it itself (`_repr_html_`, see `model.plain`). Every text is escaped, and nothing
is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import singledispatch
from html import escape

from protocol_sched.formats.html.day_sheet import day_tables
from protocol_sched.model.agenda import Agenda, DatedBy
from protocol_sched.model.changes import Change, Replan
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.day_list import DayList
from protocol_sched.model.moments import utc
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.text.clinic_day import heading
from protocol_sched.text.english.words import counted, date_text, moment_text
from protocol_sched.text.languages import ENGLISH, LANGUAGES
from protocol_sched.text.prose import plan_conflicts
from protocol_sched.text.review import review


@singledispatch
def html_of(value: object) -> str:
    """Return a value as HTML, ready to stand in a page."""
    return f"<pre>{escape(repr(value))}</pre>"


@html_of.register
def _(value: Protocol) -> str:
    rows = [(line.part, line.about, line.says) for line in review(value)]
    return _shown(value.title, _table(("of", "rule", "says"), rows))


@html_of.register
def _(value: Agenda) -> str:
    rows = [
        (
            due.title,
            _day(due.earliest),
            _day(due.foreseen) if due.target else f"({_day(due.foreseen)})",
            _day(due.latest),
            due.foreseen.rule if due.foreseen else "",
        )
        for due in value.dues
    ]
    head = ("visit", "earliest", "target (or forecast)", "latest", "rule")
    asked = [f"To be decided: {question.asks}" for question in value.questions]
    title = f"{counted(len(value.dues), 'visit')} due as of {date_text(value.as_of, year=True)}"
    return _shown(title, _table(head, rows), asked)


@html_of.register
def _(value: Plan) -> str:
    if value.schedule is None:
        return _shown("No plan", [f"<pre>{escape(line)}</pre>" for line in _why_not(value)])
    rows = [
        (
            visit.title,
            date_text(visit.day, year=True),
            f"{visit.start:%H:%M}",
            _until(visit.start, visit.discharge_by),
            "waived" if visit.waived else visit.escort or ("nobody" if visit.ride else ""),
        )
        for visit in sorted(value.schedule.visits, key=lambda visit: utc(visit.start))
    ]
    proved = "proved best" if value.proof is Proof.OPTIMAL else "not proved best"
    cost = value.objective
    off = counted(cost.deviation, "day") + " off target" if cost is not None else ""
    head = ("visit", "date", "arrive", "discharge by", "ride home")
    title = f"Plan of {value.schedule.course}: {', '.join(filter(None, (off, proved)))}"
    foot = [f"Times are in {value.schedule.zone}."]
    return _shown(title, _table(head, rows), foot)


@html_of.register
def _(value: Conflict) -> str:
    rows = [
        (
            re.sub(r"(?<=.)(?=[A-Z])", " ", type(reason.rule).__name__).lower(),
            ", ".join(reason.visits),
            ", ".join(day.isoformat() for day in reason.dates),
            "yes" if reason.enough else "",
        )
        for reason in value.reasons
    ]
    head = ("rule", "visits", "dates", "lifting it is enough")
    return _shown(f"Conflict: {value.visit} cannot be placed", _table(head, rows))


@html_of.register
def _(value: Change) -> str:
    return _table_of([value])


@html_of.register
def _(value: Replan) -> str:
    if value.plan.schedule is None:
        return html_of(value.plan)
    return _shown(counted(len(value.changes), "visit"), [_table_of(value.changes)])


@html_of.register
def _(value: DayList) -> str:
    return _shown(heading(value, ENGLISH), day_tables(value))


def _why_not(plan: Plan) -> Iterator[str]:
    told = "\n".join(plan_conflicts(plan, LANGUAGES["en"])) if plan.conflicts else ""
    yield told or "The allowed effort ended first."


def _table_of(changes: Iterable[Change]) -> str:
    rows = [
        (
            change.title,
            change.fate.value,
            moment_text(change.before.start) if change.before else "",
            moment_text(change.after.start) if change.after else "",
            change.reason,
        )
        for change in changes
    ]
    return "".join(_table(("visit", "what", "before", "now", "why"), rows))


def _day(of: DatedBy | None) -> str:
    return date_text(of.day, year=True) if of is not None else ""


def _until(start: datetime, end: datetime) -> str:
    return f"{end:%H:%M}" if start.date() == end.date() else moment_text(end)


def _shown(title: str, body: Iterable[str], foot: Iterable[str] = ()) -> str:
    lines = [f"<p>{escape(text)}</p>" for text in foot]
    return "\n".join(["<div>", f"<p><b>{escape(title)}</b></p>", *body, *lines, "</div>"])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "<table>"
    yield f"<thead><tr>{''.join(f'<th>{escape(text)}</th>' for text in head)}</tr></thead>"
    yield "<tbody>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>"
    yield "</tbody></table>"
