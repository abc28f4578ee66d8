"""
Any calendar judged against a protocol: which visits it holds, and which rules they break.

The visits are found by `protocol_sched.formats.ics.reading.schedule`; the rules are judged by
`violations` and, for the protocol's own dates, by `judge_history`, each visit against those before
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

import attrs

from protocol_sched.expansion import expand
from protocol_sched.formats.ics.reading.schedule import FromCalendar, Unmatched, read_calendar
from protocol_sched.judge.checker import violations
from protocol_sched.judge.verdicts import Judged, Verdict, judge_history
from protocol_sched.judge.violation import Violation
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Course, Given
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.spans import ElapsedSpan

__all__ = ["Judgement", "judge_calendar", "judgement_text"]

_UNSAID = {"place": "places", "team": "staff", "escort": "ride", "discharge": "length"}
"""Rules that cannot be judged where a file does not say what they are about."""


@attrs.frozen(kw_only=True)
class Judgement:
    """What is wrong with a calendar."""

    agenda: Agenda
    found: FromCalendar
    violations: tuple[Violation, ...]
    """Of the visits that were found, and for those that are missing."""
    verdicts: tuple[Verdict, ...]
    """In order of time: what a visit's date is, seen from the visits before."""

    def verdict(self, visit: str) -> Verdict | None:
        """Return the verdict on a visit, by its identity."""
        return next((one for one in self.verdicts if one.visit == visit), None)


def judge_calendar(
    file: str | bytes,
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    as_of: date,
    title: str = "",
    name: str = "calendar",
) -> Judgement:
    """
    Return what a calendar of any program makes of a course.

    A file that does not say which chair a visit has, or in our own files who drives, is not
    reproached for it; see `Matched.unsaid`. A visit in somebody else's calendar has a ride home
    if an escort is among its attendees, or if the course tells of one at that time.

    Args:
        as_of: The date from which on visits are due; entries before it are no visits.
        title: Only entries whose title contains this are taken for visits; see `read_calendar`.

    Raises:
        InvalidDocument: The file is malformed; with the line of each fault.
    """
    agenda, protocol = expand(course, as_of, clinic=clinic), course.protocol_on(as_of)
    found = _read(file, agenda, course, clinic, person, title, name)
    # An open-ended course is laid out as far as the calendar goes.
    last = max((one.start.date() for one in found.unmatched if one.start), default=as_of)
    if found.unmatched and last > as_of:
        further = expand(course, as_of, min(last, as_of + timedelta(days=3660)), clinic)
        if len(further.dues) > len(agenda.dues):
            agenda = further
            found = _read(file, agenda, course, clinic, person, title, name)
    unsaid = {(one.visit, what) for one in found.matched for what in one.unsaid}
    broken = tuple(
        one
        for one in violations(agenda, found.schedule, clinic, person, protocol)
        if not any((visit, _UNSAID.get(one.rule)) in unsaid for visit in one.visits)
    )
    return Judgement(
        agenda=agenda,
        found=found,
        violations=broken,
        verdicts=_verdicts(course, found),
    )


def _read(
    file: str | bytes,
    agenda: Agenda,
    course: Course,
    clinic: Clinic,
    person: Person,
    title: str,
    name: str,
) -> FromCalendar:
    return read_calendar(
        file,
        agenda,
        clinic,
        person,
        course.protocol_on(agenda.as_of),
        events=course.events,
        title=title,
        name=name,
    )


def _verdicts(course: Course, found: FromCalendar) -> tuple[Verdict, ...]:
    """Return what each visit's date is if those before it take place as the calendar says."""
    visits = found.schedule.visits
    given = [Given(visit=one.id, on=one.day, start=one.start) for one in visits]
    judged = judge_history(course.after(given))
    dates = {(one.id, one.day) for one in visits}
    known = (one for one in judged if one.judged is not Judged.NOT_DUE)
    return tuple(one for one in known if (one.visit, one.on) in dates)


# --- in words --------------------------------------------------------------------------------


def judgement_text(judged: Judgement) -> str:
    """Return what a person reads: the visits found, what is none, and the rules broken."""
    found = judged.found
    titles = {due.id: due.title or due.id for due in judged.agenda.dues}
    lines = ["Visits found" if found.matched else "No visits found"]
    width = max((len(titles[one.visit]) for one in found.matched), default=0)
    for one in found.matched:
        tentative = " (not agreed yet)" if one.visit in found.tentative else ""
        entry = f"line {one.line}, by {one.by.value}: {one.title}"
        lines.append(
            f"  {titles[one.visit]:{width}}  {_when(one.start)}  "
            f"{_verdict_text(judged.verdict(one.visit))}{tentative}  [{entry}]"
        )
    if found.cancelled:
        names = ", ".join(titles.get(visit, visit) for visit in found.cancelled)
        lines += ["", f"Cancelled in the file: {names}"]
    if found.unmatched:
        lines += ["", "Entries that are no visits here", *_unmatched_text(found.unmatched)]
    unsaid = [one for one in found.matched if one.unsaid]
    if unsaid:
        lines += ["", "Not said, so not judged"]
        for what in ("places", "staff", "ride", "length"):
            of = [titles[one.visit] for one in unsaid if what in one.unsaid]
            if of:
                lines.append(f"  {what}: {', '.join(of)}")
    if judged.violations:
        lines += ["", "Rules broken", *(f"  {one}" for one in judged.violations)]
    else:
        lines += ["", "Every rule is kept."]
    return "\n".join(lines) + "\n"


def _unmatched_text(unmatched: Iterable[Unmatched]) -> Iterator[str]:
    """Yield a line for each entry; all times of a series are one."""
    for (line, why), several in groupby(unmatched, lambda one: (one.line, one.why)):
        first, *more = several
        when = f", {_when(first.start)}" if first.start else ""
        times = f" and {len(more)} more times" if more else ""
        yield f"  line {line}{when}{times}: {first.title or 'without a title'}: {why}"


def _when(moment: datetime) -> str:
    day = WEEKDAYS[moment.weekday()][:3]
    return f"{day} {moment.date().isoformat()} {moment:%H:%M}"


def _verdict_text(verdict: Verdict | None) -> str:
    if verdict is None:
        return "due"
    text = verdict.judged.value
    if verdict.judged in (Judged.TOO_EARLY, Judged.LATE, Judged.TOO_LATE):
        if verdict.days:
            text += f" by {verdict.days} day{'' if verdict.days == 1 else 's'}"
        elif verdict.minutes:
            text += f" by {ElapsedSpan(verdict.minutes)}"
    return text
