"""A plan as text that a person likes to read, in lines of about 100 columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType

import attrs

from protocol_sched.model.agenda import (
    WAITING,
    Agenda,
    DatedBy,
    Gated,
    Need,
    NotBefore,
    OnOpenDay,
    PastVisit,
    Spacing,
)
from protocol_sched.model.around import fasts
from protocol_sched.model.availability import ALWAYS, Clinic, Person, hours_text
from protocol_sched.model.moments import elapsed, later_by, zoned
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Ride, Schedule, Visit, kind_of, main_stage
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.around import (
    checks_of,
    co_medications_of,
    fasts_of,
    foreseen_of,
    over_by,
    tasks_of,
    team_text,
)
from protocol_sched.text.breaches import breach_lines
from protocol_sched.text.dated import hours_lines, source_mark
from protocol_sched.text.day_numbers import dates_in, with_day_numbers
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.naming import Naming
from protocol_sched.text.plan_words import PlanWords
from protocol_sched.text.prose import (
    labelled,
    plan_conflicts,
    scheduler_names,
    sentence,
    wrapped,
)
from protocol_sched.text.table import columns
from protocol_sched.text.why_dates import why_these_dates
from protocol_sched.text.wishes import wishes_text

PAST_ROWS = 3
"""So many visits already given are shown above those still due."""

Row = tuple[str, ...]
NO_VISITS: Mapping[str, Sequence[Need]] = MappingProxyType({})


def plan_text(
    plan: Plan,
    clinic: Clinic | None = None,
    protocol: Protocol | None = None,
    person: Person | None = None,
    *,
    language: str = "en",
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
        language: Its code, one of `LANGUAGES`. What protocols, clinics and people call things
            stays as they have it, and so do questions and what a source says of a late visit.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    words, names = speech.plan, scheduler_names(plan.agenda, speech)
    blocks: list[list[str]] = [list(breach_lines(plan.schedule, speech, names))]
    if plan.schedule is None:
        conflicts = plan_conflicts(plan, speech) if plan.conflicts else None
        blocks.append(list(conflicts or _proof_lines(plan, speech, names)))
        if plan.fits is not None:
            blocks.append(list(sentence(speech.fits(plan.fits, names))))
    elif not plan.schedule.visits and plan.schedule.later:
        blocks.append([*_later_lines(plan.schedule, words), *_proof_lines(plan, speech, names)])
    elif not plan.schedule.visits:
        waits = any(due.tentative for due in plan.agenda.dues)
        blocks.append([words.nothing_yet if waits else words.nothing_due])
    else:
        schedule = plan.schedule
        blocks.append(list(_visit_lines(schedule, protocol, words)))
        blocks.append(list(why_these_dates(schedule, speech, names)))
        if protocol is not None:
            blocks.append(list(_around_lines(schedule, protocol, words)))
            blocks.append(list(_over_lines(schedule, protocol, speech, names)))
        unmet = "" if person is None else wishes_text(schedule, person, language=language)
        blocks.append(
            [
                *_later_lines(schedule, words),
                *_proof_lines(plan, speech, names),
                *(sentence(unmet) if unmet else ()),
                *_gave_way(plan, words),
                *_late_start(schedule, words, names),
                *_notes(schedule, clinic, words, plan.agenda),
            ]
        )
    visits = plan.schedule.visits if plan.schedule is not None else ()
    waiting: dict[str, Sequence[Need]] = {visit.id: visit.waits_for for visit in visits}
    waiting |= dict.fromkeys(plan.schedule.later if plan.schedule is not None else (), ())
    blocks.append([line for past in plan.unrecorded for line in unrecorded_lines(past, speech)])
    blocks += [
        list(_open_lines(speech, names, waiting)),
        list(_question_lines(plan.agenda, speech)),
    ]
    text = "\n\n".join("\n".join(lines) for lines in blocks if lines)
    return "\n".join(line.rstrip() for line in text.split("\n")) + "\n"


def unrecorded_lines(past: PastVisit, language: Language) -> Iterator[str]:
    """Yield the question whether a visit took place whose time has come."""
    on = str(past.on) if past.start is None else language.moment(past.start)
    yield from sentence(language.plan.unrecorded(past, on))


# --- the visits ------------------------------------------------------------------------------


def agenda_text(agenda: Agenda, protocol: Protocol | None = None, *, language: str = "en") -> str:
    """
    Return every visit still due with its dates, and the rule that set each target.

    Dates are those of a course in which every earlier visit falls on its target; a range is a
    target of several dates. Where the protocol names no target, the date that is expected is a
    forecast. Ends with a line feed; what a clinician must decide comes last.

    Args:
        protocol: Says what is given or barred around each visit, as far as days say it, and which
            rules were not checked in their source; without it nothing is said of that.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    tell = speech.tell
    names = scheduler_names(agenda, speech)

    def day(of: DatedBy | None) -> str:
        return weekday_cell(of.day) if of else "-"

    def weekday_cell(day: date) -> str:
        return f"{speech.plan.weekday(day)} {day}"

    rows: list[Row] = [
        (
            speech.plan.visit,
            tell("recorded as"),
            tell("earliest"),
            tell("target"),
            tell("forecast"),
            tell("latest"),
            tell("rule"),
        )
    ]
    for due in agenda.dues:
        target = day(due.target)
        if due.target is not None and due.at is not None and due.at.date() == due.target.day:
            target += f" {due.at:%H:%M}"
        if due.target and due.target_until and due.target_until != due.target.day:
            last = weekday_cell(due.target_until).replace(f"{due.target.day.year}-", "")
            target = tell("{first} to {last}", first=target, last=last)
        title = due.title
        if due.tentative or due.open:
            title += tell(" (if decided)") if due.tentative else speech.plan.provisional
        rule = speech.said(due.foreseen.rule) if due.foreseen else tell("not known yet")
        if (mark := source_mark(due, agenda, protocol)) is not None:
            rule += f" ({speech.said(mark)})"
        dates = (day(due.earliest), target, day(due.forecast), day(due.latest))
        rows.append((title, due.id, *dates, rule))
    if not any(due.forecast for due in agenda.dues):
        rows = [(*row[:4], *row[5:]) for row in rows]
    seen = [due.foreseen.day if due.foreseen else None for due in agenda.dues]
    rows = with_day_numbers(rows, seen, 2, dates_in(agenda), protocol, speech.plan.day_number)
    lines = list(breach_lines(None, speech, names))
    lines += ["", *(columns(rows) if agenda.dues else [speech.plan.nothing_due])]
    lines += ["", *_empty_lines(agenda, speech, names)]
    if protocol is not None:
        foreseen = [
            (
                due.title,
                speech.plan.semicolon.join(
                    map(speech.plan.co_medication, foreseen_of(due, protocol))
                ),
            )
            for due in agenda.dues
        ]
        lines += ["", *labelled(speech.plan.around, [one for one in foreseen if one[1]])]
    lines += ["", *hours_lines(agenda, speech), *_open_lines(speech, names)]
    lines += ["", *_question_lines(agenda, speech)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _visit_lines(schedule: Schedule, protocol: Protocol | None, words: PlanWords) -> Iterator[str]:
    past = schedule.past[-PAST_ROWS:]
    visits = schedule.visits
    days = [*(visit.on for visit in past), *(visit.day for visit in visits)]
    one_year = days[0].year == days[-1].year
    mains = [main_stage(visit) for visit in visits]
    infusions = all(stage is not None and "infusion" in stage.name.lower() for stage in mains)
    head = (
        words.visit,
        str(days[0].year) if one_year else words.date_head,
        words.arrive,
        words.infusion if infusions else words.main_stage,
        words.may_leave,
        words.since_last,
        words.who_drives,
    )
    rows: list[Row] = []
    before: date | None = None
    hidden = len(schedule.past) - len(past)
    for given in schedule.past[:hidden]:
        before = given.on if given.kind else before
    for given in past:
        when = f"{given.start:%H:%M}" if given.start else ""
        said = words.given if given.counts else words.did_not_count
        said = said if given.kind else words.happened
        on = words.day_cell(given.on, not one_year)
        rows.append((given.title, on, when, "", said, _since(before, given.on, words), ""))
        before = given.on if given.kind else before
    for visit, main in zip(visits, mains, strict=True):
        clock = _Clock(visit, words)
        rows.append(
            (
                f"{visit.title}{words.provisional}" if visit.tentative else visit.title,
                words.day_cell(visit.day, not one_year),
                clock.text(visit.start),
                f"{clock.text(main.start)}-{clock.text(main.end_by)}" if main else "-",
                _leave(visit, clock),
                _since(before, visit.day, words),
                _driver(visit, words),
            )
        )
        before = visit.day
    if hidden:
        yield words.hidden(hidden, schedule.past[0].on)
    dates = dates_in(schedule)
    numbered = with_day_numbers([head, *rows], days, 2, dates, protocol, words.day_number)
    yield from columns(numbered)


class _Clock:
    """Writes the times of one visit, with what the other readings of its clock need."""

    def __init__(self, visit: Visit, words: PlanWords) -> None:
        self.day, self.words = visit.day, words
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
        on = self.words.weekday(moment) if later < 7 else self.words.short_day(moment)
        return f"{on} {text}"


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
    return first if first == last else clock.words.from_by(first, last)


def _driver(visit: Visit, words: PlanWords) -> str:
    if visit.waived:
        return words.waived
    if visit.escort is None:
        return "-" if visit.ride is None else words.nobody_yet
    return words.driver(visit.escort, visit.ride)


def _since(before: date | None, day: date, words: PlanWords) -> str:
    return "-" if before is None else words.days((day - before).days)


# --- around the visits -------------------------------------------------------------------------


def _around_lines(schedule: Schedule, protocol: Protocol, words: PlanWords) -> Iterator[str]:
    """Yield what is left out, given, barred or checked around each visit."""
    said = []
    for visit in schedule.visits:
        texts = [
            *(words.fast(*one) for one in fasts_of(visit, protocol)),
            *(words.co_medication(one) for one in co_medications_of(visit, protocol)),
            *(words.check(*one) for one in checks_of(visit, protocol)),
            *_task_texts(visit, protocol, words),
            *team_text(visit),
        ]
        if texts:
            said.append((visit.title, words.semicolon.join(texts)))
    yield from labelled(words.around, said)


def _over_lines(
    schedule: Schedule, protocol: Protocol, speech: Language, names: Naming
) -> Iterator[str]:
    """Say what was to be left out, taken or kept before a visit on days that are over."""
    as_of = names.agenda.as_of
    for visit in schedule.visits:
        over = tuple(dict.fromkeys(over_by(as_of, visit, protocol)))
        if over:
            text = speech.tell(
                "{visit} asks for something before {day}, when this plan begins ({what}); find out "
                "whether it was kept",
                visit=speech.plan.end(visit.id, names),
                day=as_of,
                what=", ".join(over),
            )
            yield from sentence(text)


def _task_texts(visit: Visit, protocol: Protocol, words: PlanWords) -> Iterator[str]:
    for name, start, end, held in tasks_of(visit, protocol):
        who = f" ({', '.join(held)})" if held else ""
        times = _beside(start, visit.day), _beside(end, start.date())
        yield f"{words.task(name, *times)}{who}"


def _beside(moment: datetime, day: date) -> tuple[date | None, str]:
    """Return the date of a moment where it is not the one it stands beside, and the time."""
    return None if moment.date() == day else moment.date(), f"{moment:%H:%M}"


# --- what is known about it ------------------------------------------------------------------


def _empty_lines(agenda: Agenda, speech: Language, names: Naming) -> Iterator[str]:
    """Name the visits whose rules leave no date, where no broken rule says so."""
    said = {rule.dated for rule in agenda.broken}
    for due in agenda.dues:
        if due.id in said:
            continue
        earliest, latest = due.earliest, due.latest
        if earliest is not None and latest is not None and latest.day < earliest.day:
            text = speech.tell(
                "no date is left for {visit}: not before {first} ({why}), not after {last} "
                "({why_not})",
                visit=speech.plan.end(due.id, names),
                first=str(earliest.day),
                why=speech.said(earliest.rule),
                last=str(latest.day),
                why_not=speech.said(latest.rule),
            )
            yield from sentence(text)


def _gave_way(plan: Plan, words: PlanWords) -> Iterator[str]:
    """Say which visits are planned after a limit of their own."""
    titles = [due.title for due in plan.agenda.dues if due.id in plan.given_way]
    if titles:
        yield from sentence(words.gave_way(titles))


def _proof_lines(plan: Plan, language: Language, names: Naming) -> Iterator[str]:
    yield from sentence(language.proof(plan, names))
    if plan.objective is not None:
        yield from sentence(language.plan.this_plan(language.objective(plan.objective, names)))


def _later_lines(schedule: Schedule, words: PlanWords) -> Iterator[str]:
    """Say how many visits are planned and not shown."""
    if schedule.later and schedule.until is not None:
        yield from sentence(words.not_shown(len(schedule.later), schedule.until))


LATE = timedelta(days=28)
"""A first visit that waits longer than this is remarked upon."""


def _late_start(schedule: Schedule, words: PlanWords, names: Naming) -> Iterator[str]:
    """Say that a course waits, where nothing counts the wait."""
    agenda = names.agenda
    starts = [rule for rule in agenda.bindings if rule.rule in ("start", WAITING)]
    could = [rule.day for rule in starts if isinstance(rule, NotBefore)]
    if agenda.past or not could or any(isinstance(rule, Spacing) for rule in starts):
        return
    first = schedule.visits[0]
    wait = first.day - min(could)
    if wait > LATE:
        yield from sentence(words.late_start(words.end(first.id, names), wait.days))


def _notes(
    schedule: Schedule, clinic: Clinic | None, words: PlanWords, agenda: Agenda
) -> Iterator[str]:
    asked = [visit.title for visit in schedule.visits if visit.ride is Ride.UNCONFIRMED]
    if asked:
        yield from sentence(words.unconfirmed(asked))
    declined = [visit.title for visit in schedule.visits if visit.ride is Ride.DECLINED]
    if declined:
        yield from sentence(words.declined(declined))
    stages = [stage for visit in schedule.visits for stage in visit.stages]
    open_ended = {stage.name: stage.until for stage in stages if stage.until}
    for name, until in open_ended.items():
        yield from sentence(words.may_take_longer(name, until))
    yield from sentence(words.times_are_in(schedule.zone, _clocks(schedule)))
    closed = [] if clinic is None else list(_closed(schedule, clinic, agenda))
    if closed:
        years = schedule.visits[0].day.year != schedule.visits[-1].day.year
        yield from sentence(words.closed(closed, years))


def _clocks(schedule: Schedule) -> list[tuple[str, date, date]]:
    """Return from which visit to which each abbreviation of the zone holds: ``EST``, ``EDT``."""
    runs: list[tuple[str, date, date]] = []
    for visit in schedule.visits:
        name = zone_abbreviation(visit.start)
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1], visit.day)
        else:
            runs.append((name, visit.day, visit.day))
    return runs


def _closed(
    schedule: Schedule, clinic: Clinic, agenda: Agenda
) -> Iterator[tuple[Sequence[date], str, str]]:
    """
    Yield days on which the clinic is closed, the hours if not the whole day, and why.

    They are those among the visits, and those on which a visit would be that is before or after
    all the others instead: while the course waits to begin, and where a closed day moves a visit.
    """
    planned = {visit.id: visit.day for visit in schedule.visits}
    days = list(planned.values())
    for rule in agenda.bindings:
        if not isinstance(rule, Spacing | OnOpenDay) or rule.later not in planned:
            continue
        earlier = rule.earlier
        on = earlier.on if isinstance(earlier, PastVisit) else planned.get(earlier)
        if isinstance(rule, OnOpenDay) and on is not None:
            days.append(rule.after.after(on, agenda.month_end))
        elif rule.rule == WAITING and on is not None:
            days.append(on)
    first, last = min(days), max(days)
    for one in sorted(clinic.closures, key=lambda closure: closure.first):
        if first <= one.last and one.first <= last:
            shut = [one.first + timedelta(n) for n in range((one.last - one.first).days + 1)]
            yield shut, "" if one.hours == ALWAYS[0] else hours_text(one.hours), one.why


def _open_lines(
    language: Language, names: Naming, waiting_for: Mapping[str, Sequence[Need]] = NO_VISITS
) -> Iterator[str]:
    """
    Yield what is not planned and why, and which tests visits wait for.

    Args:
        waiting_for: What the visits planned wait for, on their dates.
    """
    agenda, words = names.agenda, language.plan
    for one in agenda.overruled:
        both = (language.rule(one.by, (), names), language.rule(one.rule, (), names))
        yield from sentence(words.overruled(*both))
    if agenda.ended:
        yield from sentence(words.ended(language.said(agenda.ended)))
    waiting = [due.title for due in agenda.dues if due.tentative]
    if waiting:
        yield from sentence(words.waits_for_decision(waiting))
    for question in agenda.questions:
        open_ = [due.title for due in agenda.dues if due.open == question.id and not due.tentative]
        if open_:
            yield from sentence(words.provisional_until(open_, language.said(question.asks)))
    for late in agenda.late:
        yield from sentence(words.late(attrs.evolve(late, follows=language.said(late.follows))))
    for due in agenda.dues:
        if due.overdue:
            yield from sentence(words.overdue(due))
    forecast = {due.id: [need for need in due.needs if not need.done] for due in agenda.dues}
    needs = [(due.title, waiting_for.get(due.id, forecast[due.id])) for due in agenda.dues]
    yield from _test_lines(needs, words)
    for rule in agenda.bindings:
        if isinstance(rule, Gated) and rule.instead is not None and rule.keeps_least:
            instead, visit = rule.instead, words.end(rule.visit, names)
            yield from sentence(
                words.accepted(visit, rule.gate, instead.title, instead.on, rule.source)
            )
    for test in agenda.untested:
        yield from sentence(words.untested(test))


def _test_lines(needs: Sequence[tuple[str, Sequence[Need]]], words: PlanWords) -> Iterator[str]:
    """
    Yield the tests still to be done, visits that wait for the same ones together.

    Each visit has its own dates for them.

    Args:
        needs: Titles of visits, each with the tests it waits for.
    """
    waiting: dict[tuple[object, ...], list[tuple[str, Sequence[Need]]]] = {}
    for title, waited in needs:
        for receipt in (False, True):
            own = [need for need in waited if need.receipt is receipt]
            if own:
                asked = [(need.gate, need.band, max(need.more, 1)) for need in own]
                waiting.setdefault((receipt, *asked), []).append((title, own))
    for visits in waiting.values():
        titles = [title for title, _ in visits]
        *most, last = sentence(words.waits_for(titles, visits[0][1]))
        windows = [(title, words.test_window(own)) for title, own in visits]
        yield from most
        if len(visits) > 1 and any(window for _, window in windows):
            yield from labelled(last, windows)
        else:
            yield last


def _question_lines(agenda: Agenda, language: Language) -> Iterator[str]:
    if agenda.questions:
        yield language.plan.to_decide
    for question in agenda.questions:
        asked = attrs.evolve(question, asks=language.said(question.asks))
        yield from wrapped(f"  - {language.plan.question(asked)}", "    ")


# --- short notice ----------------------------------------------------------------------------


_MINUTE = timedelta(minutes=1)


def notice_text(
    schedule: Schedule, protocol: Protocol, now: datetime, *, language: str = "en"
) -> str:
    """
    Return a sentence for each visit that is nearer than its own instructions ask; empty for none.

    A planner keeps distances, hours and resources; it does not know whether a person has eaten.
    Someone who reads this decides whether the visit can be told.

    Args:
        now: When the plan is looked at; any zone.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    words = LANGUAGES[language].plan
    zoned("short notice", "now", now)
    lines = [
        line
        for visit in schedule.visits
        for text in _nearer(visit, protocol, now, words)
        for line in sentence(text)
    ]
    return "".join(f"{line}\n" for line in lines)


def _nearer(visit: Visit, protocol: Protocol, now: datetime, words: PlanWords) -> Iterator[str]:
    kind = kind_of(visit, protocol)
    left = elapsed(now, visit.start)
    if left < timedelta(0):
        yield words.over(visit.title, visit.start)
        return
    begun = [fast for fast in fasts(kind, visit.type_ordinal, visit.start) if fast.lead > left]
    if begun:
        what = [(fast.what, ElapsedSpan(fast.lead // _MINUTE)) for fast in begun]
        yield words.too_near(visit.title, left // _MINUTE, what)
    ride = kind.ride_home
    if ride is not None and visit.ride is Ride.UNCONFIRMED and ride.confirm_before.delta > left:
        yield words.ride_unconfirmed(visit.title, later_by(visit.start, -ride.confirm_before.delta))
