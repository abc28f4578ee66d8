"""
A plan, dates and verdicts as CSV, a row for each visit, for spreadsheets and statistics.

Dates are ISO 8601 and times are in the clinic's zone, so that every spreadsheet sorts them. Lines
end with CRLF (RFC 4180). Words that a spreadsheet would run as a formula get an apostrophe.
"""

from __future__ import annotations

from collections.abc import Iterable

from protocol_sched.formats.cells import table
from protocol_sched.model.agenda import Agenda, Due
from protocol_sched.model.schedule import Plan
from protocol_sched.model.verdict import Verdict

PLAN_COLUMNS = (
    "visit",
    "title",
    "type",
    "date",
    "weekday",
    "arrival",
    "discharge",
    "discharge by",
    "places",
    "escort",
    "earliest",
    "target",
    "latest",
    "status",
)
DATES_COLUMNS = ("visit", "title", "type", "earliest", "target", "target until", "latest", "rule")
VERDICT_COLUMNS = (
    "visit",
    "title",
    "date",
    "verdict",
    "days off",
    "broken",
    "earliest",
    "target",
    "latest",
    "rule",
    "source",
)


def plan_csv(plan: Plan) -> str:
    """
    Return a plan as CSV: the visits with a time in their order, then those without one.

    ``status`` is ``planned``, ``provisional`` of a visit that depends on an open question, or ``not
    placed``. Without a schedule every visit still due is not placed.
    """
    dues = {due.id: due for due in plan.agenda.dues}
    rows: list[tuple[object, ...]] = []
    visits = () if plan.schedule is None else plan.schedule.visits
    for visit in visits:
        rows.append(
            (
                visit.id,
                visit.title,
                visit.kind,
                visit.day,
                visit.day.strftime("%A"),
                f"{visit.start:%H:%M}",
                f"{visit.discharge:%H:%M}",
                f"{visit.discharge_by:%H:%M}",
                "; ".join(name for _, name in visit.places),
                visit.escort or "",
                *_window(dues.get(visit.id)),
                "provisional" if visit.tentative else "planned",
            )
        )
    placed = {visit.id for visit in visits}
    for due in plan.agenda.dues:
        if due.id not in placed:
            empty = ("",) * 7
            rows.append((due.id, due.title, due.kind, *empty, *_window(due), "not placed"))
    return table(PLAN_COLUMNS, rows)


def dates_csv(agenda: Agenda) -> str:
    """Return every visit still due as CSV, with its dates and the rule behind the target."""
    rows = []
    for due in agenda.dues:
        earliest, target, latest = _window(due)
        rule = due.foreseen or due.earliest or due.latest
        until = due.target_until if due.target_until is not None else ""
        said = "" if rule is None else rule.rule
        rows.append((due.id, due.title, due.kind, earliest, target, until, latest, said))
    return table(DATES_COLUMNS, rows)


def _window(due: Due | None) -> tuple[object, object, object]:
    if due is None:
        return ("", "", "")
    ends = (due.earliest, due.foreseen, due.latest)
    earliest, target, latest = ("" if end is None else end.day for end in ends)
    return earliest, target, latest


def verdicts_csv(verdicts: Iterable[Verdict]) -> str:
    """Return verdicts as CSV, a row for each visit and date."""
    rows = []
    for one in verdicts:
        ends = ("" if end is None else end.day for end in (one.earliest, one.target, one.latest))
        broken = "yes" if one.broken else "no"
        said = (one.visit, one.title, one.on, one.judged.value, one.days, broken)
        rows.append((*said, *ends, one.rule, one.source))
    return table(VERDICT_COLUMNS, rows)
