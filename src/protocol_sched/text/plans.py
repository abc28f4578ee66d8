"""A plan as text that a person likes to read, in lines of about 100 columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType

from protocol_sched.model.agenda import (
    WAITING,
    Agenda,
    DatedBy,
    Gated,
    Need,
    NotBefore,
    Spacing,
)
from protocol_sched.model.around import fasts
from protocol_sched.model.availability import ALWAYS, Clinic, DatedHours, Person, hours_text
from protocol_sched.model.moments import elapsed, later_by, zoned
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Ride, Schedule, Visit, kind_of, main_stage
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.around import (
    checks_text,
    co_medications_foreseen,
    co_medications_text,
    fasting_text,
    tasks_text,
    team_text,
)
from protocol_sched.text.breaches import english_breaches
from protocol_sched.text.dated import hours_lines, source_mark
from protocol_sched.text.day_numbers import with_day_numbers
from protocol_sched.text.prose import labelled, plan_conflicts, sentence, wrapped
from protocol_sched.text.table import columns
from protocol_sched.text.why_dates import why_these_dates
from protocol_sched.text.wishes import wishes_text
from protocol_sched.text.wording import (
    DAY_NAMES,
    MONTH_NAMES,
    counted,
    date_text,
    dates_text,
    elapsed_text,
    fits_text,
    later_text,
    listed,
    moment_text,
    named,
    objective_text,
    overruled_text,
    proof_text,
    question_text,
    title_of,
    titles_text,
    unrecorded_text,
    untested_text,
    with_article,
)

PAST_ROWS = 3
"""So many visits already given are shown above those still due."""

Row = tuple[str, ...]
NO_VISITS: Mapping[str, Sequence[Need]] = MappingProxyType({})


def plan_text(
    plan: Plan,
    clinic: Clinic | None = None,
    protocol: Protocol | None = None,
    person: Person | None = None,
) -> str:
    """
    Return the whole answer: visits, the rule each date keeps, and what is proved of them.

    Without a schedule it names the rules that cannot all hold. Times are
    the clinic's local times on a 24-hour clock. Ends with a line feed; no line ends with a space.

    Args:
        clinic: Names the days on which it is closed on the way; without it they are not named.
        protocol: Says what is given or barred around each visit and what is checked during it;
            without it nothing is said of that.
        person: Says which preferences are met only in part; without them only how many are.
    """
    blocks: list[list[str]] = [english_breaches(plan.agenda, plan.schedule)]
    if plan.schedule is None:
        blocks.append(list(plan_conflicts(plan) if plan.conflicts else _proof_lines(plan)))
        if plan.fits is not None:
            blocks.append(list(sentence(fits_text(plan.fits, plan.agenda))))
    elif not plan.schedule.visits and plan.schedule.later:
        blocks.append([*sentence(later_text(plan.schedule)), *_proof_lines(plan)])
    elif not plan.schedule.visits:
        waits = any(due.tentative for due in plan.agenda.dues)
        blocks.append(["Nothing can be planned yet." if waits else "Nothing is due."])
    else:
        blocks.append(list(_visit_lines(plan.schedule, protocol)))
        blocks.append(list(why_these_dates(plan.schedule, plan.agenda)))
        if protocol is not None:
            blocks.append(list(_around_lines(plan.schedule, protocol)))
        late = _late_start(plan.schedule, plan.agenda)
        later = later_text(plan.schedule)
        more = sentence(later) if later else ()
        gave = _gave_way(plan)
        unmet = "" if person is None else wishes_text(plan.schedule, person)
        wishes = sentence(unmet) if unmet else ()
        proof = (*more, *_proof_lines(plan), *wishes)
        blocks.append([*proof, *gave, *late, *_notes(plan.schedule, clinic)])
    visits = plan.schedule.visits if plan.schedule is not None else ()
    waiting = {visit.id: visit.waits_for for visit in visits}
    blocks.append([line for past in plan.unrecorded for line in sentence(unrecorded_text(past))])
    blocks += [list(_open_lines(plan.agenda, waiting)), list(_question_lines(plan.agenda))]
    text = "\n\n".join("\n".join(lines) for lines in blocks if lines)
    return "\n".join(line.rstrip() for line in text.split("\n")) + "\n"


# --- the visits ------------------------------------------------------------------------------


AGENDA_HEADS = ("visit", "recorded as", "earliest", "target", "forecast", "latest", "rule")


def agenda_text(agenda: Agenda, protocol: Protocol | None = None) -> str:
    """
    Return every visit still due with its dates, and the rule that set each target.

    Dates are those of a course in which every earlier visit falls on its target; a range is a
    target of several dates. Where the protocol names no target, the date that is expected is a
    forecast. Ends with a line feed; what a clinician must decide comes last.

    Args:
        protocol: Says what is given or barred around each visit, as far as days say it, and which
            rules were not checked in their source; without it nothing is said of that.
    """

    def day(of: DatedBy | None) -> str:
        return _weekday_cell(of.day) if of else "-"

    rows: list[Row] = [AGENDA_HEADS]
    for due in agenda.dues:
        target = day(due.target)
        if due.target is not None and due.at is not None and due.at.date() == due.target.day:
            target += f" {due.at:%H:%M}"
        if due.target and due.target_until and due.target_until != due.target.day:
            last = _weekday_cell(due.target_until)
            target += f" to {last.replace(f'{due.target.day.year}-', '')}"
        title = due.title
        if due.tentative or due.open:
            title += " (if decided)" if due.tentative else " (provisional)"
        rule = due.foreseen.rule if due.foreseen else "not known yet"
        rule += source_mark(due, agenda, protocol)
        dates = (day(due.earliest), target, day(due.forecast), day(due.latest))
        rows.append((title, due.id, *dates, rule))
    if not any(due.forecast for due in agenda.dues):
        rows = [(*row[:4], *row[5:]) for row in rows]
    seen = [due.foreseen.day if due.foreseen else None for due in agenda.dues]
    known = {past.id: past.on for past in agenda.past if past.counts}
    known |= {due.id: on for due, on in zip(agenda.dues, seen, strict=True) if on is not None}
    rows = with_day_numbers(rows, seen, 2, known, protocol)
    lines = english_breaches(agenda, None)
    lines += ["", *(columns(rows) if agenda.dues else ["Nothing is due."])]
    lines += ["", *_empty_lines(agenda)]
    if protocol is not None:
        foreseen = [
            (due.title, "; ".join(co_medications_foreseen(due, protocol))) for due in agenda.dues
        ]
        lines += ["", *labelled("Around these visits", [one for one in foreseen if one[1]])]
    lines += ["", *hours_lines(agenda), *_open_lines(agenda)]
    lines += ["", *_question_lines(agenda)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _weekday_cell(day: date) -> str:
    return f"{DAY_NAMES[day.weekday()]} {day}"


def _visit_lines(schedule: Schedule, protocol: Protocol | None) -> Iterator[str]:
    past = schedule.past[-PAST_ROWS:]
    visits = schedule.visits
    days = [*(visit.on for visit in past), *(visit.day for visit in visits)]
    one_year = days[0].year == days[-1].year
    mains = [main_stage(visit) for visit in visits]
    infusions = any(stage is not None and "infusion" in stage.name.lower() for stage in mains)
    head = (
        "visit",
        str(days[0].year) if one_year else "date",
        "arrive",
        "infusion" if infusions else "main stage",
        "may leave",
        "since last",
        "who drives",
    )
    rows: list[Row] = []
    before: date | None = None
    hidden = len(schedule.past) - len(past)
    for given in schedule.past[:hidden]:
        before = given.on if given.kind else before
    for given in past:
        when = f"{given.start:%H:%M}" if given.start else ""
        said = "happened" if not given.kind else "given" if given.counts else "did not count"
        on = _day_cell(given.on, one_year)
        rows.append((given.title, on, when, "", said, _since(before, given.on), ""))
        before = given.on if given.kind else before
    for visit, main in zip(visits, mains, strict=True):
        clock = _Clock(visit)
        rows.append(
            (
                f"{visit.title} (provisional)" if visit.tentative else visit.title,
                _day_cell(visit.day, one_year),
                clock.text(visit.start),
                f"{clock.text(main.start)}-{clock.text(main.end_by)}" if main else "-",
                _leave(visit, clock),
                _since(before, visit.day),
                _driver(visit),
            )
        )
        before = visit.day
    if hidden:
        first = date_text(schedule.past[0].on, year=True)
        yield f"({counted(hidden, 'earlier visit')} not shown, the first on {first})"
    known = {one.id: one.on for one in schedule.past if one.counts}
    known |= {visit.id: visit.day for visit in visits}
    yield from columns(with_day_numbers([head, *rows], days, 2, known, protocol))


def _day_cell(day: date, one_year: bool) -> str:
    text = f"{DAY_NAMES[day.weekday()]} {day.day:2} {MONTH_NAMES[day.month - 1][:3]}"
    return text if one_year else f"{text} {day.year}"


class _Clock:
    """Writes the times of one visit, with what the other readings of its clock need."""

    def __init__(self, visit: Visit) -> None:
        self.day = visit.day
        moments = (visit.start, visit.discharge, visit.discharge_by)
        # The hour in which clocks go back has two readings, so both count.
        readings = {moment.replace(fold=fold).utcoffset() for moment in moments for fold in (0, 1)}
        self.changes = len(readings) > 1

    def text(self, moment: datetime) -> str:
        """Return ``10:30``, ``Wed 10:30`` on a later date, ``10:30 EST`` if the clock changes."""
        text = f"{moment:%H:%M}"
        if self.changes:
            text += f" {zone_abbreviation(moment)}"
        later = (moment.date() - self.day).days
        if later == 0:
            return text
        on = f"{moment.day} {MONTH_NAMES[moment.month - 1][:3]}"
        return f"{DAY_NAMES[moment.weekday()]} {text}" if later < 7 else f"{on} {text}"


def zone_abbreviation(moment: datetime) -> str:
    """Return ``EST``; where a zone has no letters, its offset as ``UTC+10:30``."""
    name = moment.tzname() or ""
    offset = moment.utcoffset()
    if re.fullmatch(r"[A-Za-z]+", name) or offset is None:
        return name
    minutes = offset // timedelta(minutes=1)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _leave(visit: Visit, clock: _Clock) -> str:
    first, last = clock.text(visit.discharge), clock.text(visit.discharge_by)
    return first if first == last else f"from {first}, by {last}"


def _driver(visit: Visit) -> str:
    if visit.waived:
        return "waived"
    if visit.escort is None:
        return "-" if visit.ride is None else "nobody yet"
    mark = visit.ride if visit.ride in (Ride.CONFIRMED, Ride.DECLINED) else None
    return f"{visit.escort} ({mark.value})" if mark else visit.escort


def _since(before: date | None, day: date) -> str:
    if before is None:
        return "-"
    return counted((day - before).days, "day")


# --- around the visits -------------------------------------------------------------------------


def _around_lines(schedule: Schedule, protocol: Protocol) -> Iterator[str]:
    """Yield what is left out, given, barred or checked around each visit."""
    said = []
    for visit in schedule.visits:
        texts = [
            *fasting_text(visit, protocol),
            *co_medications_text(visit, protocol),
            *checks_text(visit, protocol),
            *tasks_text(visit, protocol),
            *team_text(visit),
        ]
        if texts:
            said.append((visit.title, "; ".join(texts)))
    yield from labelled("Around these visits", said)


# --- what is known about it ------------------------------------------------------------------


def _empty_lines(agenda: Agenda) -> Iterator[str]:
    """Name the visits whose rules leave no date, where no broken rule says so."""
    said = {rule.dated for rule in agenda.broken}
    for due in agenda.dues:
        if due.id in said:
            continue
        earliest, latest = due.earliest, due.latest
        if earliest is not None and latest is not None and latest.day < earliest.day:
            limits = (
                f"not before {earliest.day} ({earliest.rule})",
                f"not after {latest.day} ({latest.rule})",
            )
            yield from sentence(f"no date is left for {named(due.id, agenda)}: {', '.join(limits)}")


def _gave_way(plan: Plan) -> Iterator[str]:
    """Say which visits are planned after a limit of their own."""
    titles = [due.title for due in plan.agenda.dues if due.id in plan.given_way]
    if titles:
        its = "its" if len(titles) == 1 else "their"
        yield from sentence(
            f"{titles_text(titles)} can only be late: no date is left within {its} limits"
        )


def _proof_lines(plan: Plan) -> Iterator[str]:
    hinges = [title_of(visit, plan.agenda) for visit in plan.hinges]
    yield from sentence(proof_text(plan.proof, plan.objective, plan.unproved, plan.agenda, hinges))
    if plan.objective is not None:
        yield from sentence(f"this plan: {objective_text(plan.objective)}")


LATE = timedelta(days=28)
"""A first visit that waits longer than this is remarked upon."""


def _late_start(schedule: Schedule, agenda: Agenda) -> Iterator[str]:
    """Say that a course waits, where nothing counts the wait."""
    starts = [rule for rule in agenda.bindings if rule.rule in ("start", WAITING)]
    could = [rule.day for rule in starts if isinstance(rule, NotBefore)]
    if agenda.past or not could or any(isinstance(rule, Spacing) for rule in starts):
        return
    first = schedule.visits[0]
    wait = first.day - min(could)
    if wait > LATE:
        who = named(first.id, agenda)
        yield from sentence(
            f"{who} comes {wait.days} days after the course could start, because the course file "
            "says that waiting is free"
        )


def _notes(schedule: Schedule, clinic: Clinic | None) -> Iterator[str]:
    asked = [visit.title for visit in schedule.visits if visit.ride is Ride.UNCONFIRMED]
    if asked:
        yield from sentence(f"rides not confirmed yet: {titles_text(asked)}")
    declined = [visit.title for visit in schedule.visits if visit.ride is Ride.DECLINED]
    if declined:
        yield from sentence(f"rides declined: {titles_text(declined)}")
    stages = [stage for visit in schedule.visits for stage in visit.stages]
    open_ended = {stage.name: stage.until for stage in stages if stage.until}
    for name, until in open_ended.items():
        yield from sentence(f"{name} may take longer than shown (until: {until})")
    yield from sentence(f"times are in {schedule.zone}{_clock_changes(schedule)}")
    closed = [] if clinic is None else list(_closed(schedule, clinic))
    if closed:
        yield from sentence(f"closed on the way: {listed(closed)}")


def _clock_changes(schedule: Schedule) -> str:
    """Return `` (EST)``, or from when to when each abbreviation holds among the visits."""
    runs: list[tuple[str, date, date]] = []
    for visit in schedule.visits:
        name = zone_abbreviation(visit.start)
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1], visit.day)
        else:
            runs.append((name, visit.day, visit.day))
    if len(runs) == 1:
        return f" ({runs[0][0]})"
    year = runs[0][1].year != runs[-1][2].year
    parts = [f"{runs[0][0]} until {date_text(runs[0][2], year=year)}"]
    parts += [f"{name} from {date_text(first, year=year)}" for name, first, _ in runs[1:]]
    return f": {', '.join(parts)}"


def _closed(schedule: Schedule, clinic: Clinic) -> Iterator[str]:
    first, last = schedule.visits[0].day, schedule.visits[-1].day
    for closure in sorted(clinic.closures, key=lambda closure: closure.first):
        if first <= closure.last and closure.first <= last:
            yield _closure_text(closure, first.year != last.year)


def _closure_text(closure: DatedHours, year: bool) -> str:
    days = [closure.first + timedelta(n) for n in range((closure.last - closure.first).days + 1)]
    text = dates_text(days, year=year)
    if closure.hours != ALWAYS[0]:
        text += f", {hours_text(closure.hours)}"
    return f"{text} ({closure.why})" if closure.why else text


def _open_lines(
    agenda: Agenda, waiting_for: Mapping[str, Sequence[Need]] = NO_VISITS
) -> Iterator[str]:
    """
    Yield what is not planned and why, and which tests visits wait for.

    Args:
        waiting_for: What the visits planned wait for, on their dates.
    """
    for one in agenda.overruled:
        yield from sentence(overruled_text(one, agenda))
    if agenda.ended:
        yield from sentence(f"nothing more is due: {agenda.ended}")
    waiting = [due.title for due in agenda.dues if due.tentative]
    if waiting:
        yield from sentence(f"not planned yet, waits for a decision: {titles_text(waiting)}")
    for question in agenda.questions:
        open_ = [due.title for due in agenda.dues if due.open == question.id and not due.tentative]
        if open_:
            are = "is" if len(open_) == 1 else "are"
            yield from sentence(
                f"{titles_text(open_)} {are} provisional until answered: {question.asks}"
            )
    for late in agenda.late:
        by = counted((late.on - late.due_by).days, "day")
        on = date_text(late.due_by, year=True)
        yield from sentence(f"{late.title} is {by} after it was due on {on}; {late.follows}")
    for due in agenda.dues:
        if due.overdue:
            last = f", latest {date_text(due.latest.day, year=True)}" if due.latest else ""
            yield from sentence(f"{due.title} is overdue{last}; it is dated as soon as it can be")
    forecast = {due.id: [need for need in due.needs if not need.done] for due in agenda.dues}
    needs = [(due.title, waiting_for.get(due.id, forecast[due.id])) for due in agenda.dues]
    yield from _test_lines(needs)
    for rule in agenda.bindings:
        if isinstance(rule, Gated) and rule.instead is not None and rule.keeps_least:
            on = date_text(rule.instead.on, year=True)
            yield from sentence(
                f"{named(rule.visit, agenda)} needs no {rule.gate}: its source accepts "
                f"{rule.instead.title} instead, from {on} on ({rule.source})"
            )
    for test in agenda.untested:
        yield from sentence(f"{untested_text(test)}; is it kept elsewhere?")


def _test_lines(needs: Sequence[tuple[str, Sequence[Need]]]) -> Iterator[str]:
    """
    Yield the tests still to be done, visits that wait for the same ones in one sentence.

    Args:
        needs: Titles of visits, each with the tests it waits for.
    """
    waiting: dict[tuple[str, ...], list[tuple[str, Sequence[Need]]]] = {}
    for title, waited in needs:
        for receipt in (False, True):
            own = [need for need in waited if need.receipt is receipt]
            if own:
                key = ("received" if receipt else "tested", *map(_test_text, own))
                waiting.setdefault(key, []).append((title, own))
    for (_, *gates), visits in waiting.items():
        first, tests = visits[0]
        says = f"{first} waits for a test: "
        if len(visits) > 1:
            says = f"{titles_text([title for title, _ in visits])} wait for a test each: "
        if tests[0].receipt:
            titles = titles_text([title for title, _ in visits])
            says = f"{titles} {'waits' if len(visits) == 1 else 'wait'} until this is received: "
        windows = [_window_text(need) for need in tests]
        before = f" before {first}" if len(visits) > 1 else ""
        if len(set(windows)) == 1 and windows[0]:
            says += f"{listed(gates)}, {windows[0]}{before}"
        else:
            pairs = zip(gates, windows, strict=True)
            says += listed([f"{gate} ({on}{before})" if on else gate for gate, on in pairs])
        yield from sentence(says)


def _test_text(need: Need) -> str:
    """Return what a visit waits for: ``blood test``, ``neutrophils of at least 1.5``."""
    text = f"{need.gate} of {need.band}" if need.band else need.gate
    return f"{text}, {need.more} times in a row" if need.more > 1 else text


def _window_text(need: Need) -> str:
    """Return the dates on which a test counts: ``between Fri 26 February and Mon 12 March``."""
    if need.latest is None:
        return ""
    last = date_text(need.latest, year=True)
    if need.earliest is None:
        return f"on or before {last}"
    if need.earliest >= need.latest:
        return f"on {last}"
    first = date_text(need.earliest, year=need.earliest.year != need.latest.year)
    return f"between {first} and {last}"


def _question_lines(agenda: Agenda) -> Iterator[str]:
    if agenda.questions:
        yield "For a clinician to decide:"
    for question in agenda.questions:
        yield from wrapped(f"  - {question_text(question)}", "    ")


# --- short notice ----------------------------------------------------------------------------


_MINUTE = timedelta(minutes=1)


def notice_text(schedule: Schedule, protocol: Protocol, now: datetime) -> str:
    """
    Return a sentence for each visit that is nearer than its own instructions ask; empty for none.

    A planner keeps distances, hours and resources; it does not know whether a person has eaten.
    Someone who reads this decides whether the visit can be told.

    Args:
        now: When the plan is looked at; any zone.
    """
    zoned("short notice", "now", now)
    lines = [
        line
        for visit in schedule.visits
        for text in _nearer(visit, protocol, now)
        for line in sentence(text)
    ]
    return "".join(f"{line}\n" for line in lines)


def _nearer(visit: Visit, protocol: Protocol, now: datetime) -> Iterator[str]:
    kind, name = kind_of(visit, protocol), with_article(visit.title)
    left = elapsed(now, visit.start)
    if left < timedelta(0):
        yield f"{name} would have begun on {moment_text(visit.start)}, which is over"
        return
    begun = [fast for fast in fasts(kind, visit.type_ordinal, visit.start) if fast.lead > left]
    if begun:
        what = listed([f"no {fast.what} for {ElapsedSpan(fast.lead // _MINUTE)}" for fast in begun])
        in_ = elapsed_text(left // _MINUTE) if left else "no time"
        yield f"{name} begins in {in_}; its instructions are {what} before it"
    ride = kind.ride_home
    if ride is not None and visit.ride is Ride.UNCONFIRMED and ride.confirm_before.delta > left:
        by = later_by(visit.start, -ride.confirm_before.delta)
        yield f"the ride home from {name} had to be confirmed by {moment_text(by)}"
