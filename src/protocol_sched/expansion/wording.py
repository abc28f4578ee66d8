"""Rules in words, for the dates they set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import assert_never

from protocol_sched.expansion.dates import dates_in_words
from protocol_sched.model.agenda import (
    FLOOR,
    PREFERRED,
    SPREAD,
    WAITING,
    AtMost,
    FixedAt,
    Gated,
    NotAfter,
    NotBefore,
    Noticed,
    OfDates,
    OnDaysOfMonth,
    OnWeekdays,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.sentences import Sentence, told
from protocol_sched.model.spans import CalendarSpan, Span, SpanRange, parse_span

Where = str | PastVisit
"""A visit still due, by its identity, or a fixed place."""

EARLIEST, TARGET, LATEST = "earliest", "target", "latest"


WEEKDAY: Mapping[str, Sentence] = {
    "Monday": told("Monday"),
    "Tuesday": told("Tuesday"),
    "Wednesday": told("Wednesday"),
    "Thursday": told("Thursday"),
    "Friday": told("Friday"),
    "Saturday": told("Saturday"),
    "Sunday": told("Sunday"),
}


def called(where: Where, titles: Mapping[str, str]) -> str:
    """Return what people call a visit: ``infusion 3``, ``infusion 3 that did not count``."""
    if isinstance(where, str):
        return titles.get(where, where)
    return where.title if where.counts else told("{title} that did not count", title=where.title)


def distance(span: Span | SpanRange, name: str) -> Sentence:
    """Return ``2 days after infusion 1``, ``4 days before ...`` or ``on the day of ...``."""
    if span in (CalendarSpan(), SpanRange(CalendarSpan(), CalendarSpan())):
        return on_the_day_of(name)
    if isinstance(span, SpanRange) and span.least == span.most:
        span = span.least
    words = str(span)
    if words.startswith("- ") and " + " not in words:
        before = parse_span(words.removeprefix("- ").replace(" - ", " + "))
        return told("{span} before {name}", span=before, name=name)
    return told("{span} after {name}", span=span, name=name)


def on_the_day_of(name: str) -> Sentence:
    """Return ``on the day of infusion 1``; what is itself a day is ``on day 15 of the month``."""
    if not name.startswith("day "):
        return told("on the day of {name}", name=name)
    return told("on {name}" if name[4:5].isdigit() else "on the {name}", name=name)


def _days_of_month(rule: OnDaysOfMonth) -> Sentence:
    if rule.first == rule.last:
        return told("day {first}", first=rule.first)
    return told("day {first} to {last}", first=rule.first, last=rule.last)


def in_words(rule: Rules, edge: str, visit: str, titles: Mapping[str, str]) -> str:
    """
    Return why a date is the earliest, the target or the latest of a visit.

    Args:
        rule: The rule that set the date.
        edge: ``earliest``, ``target`` or ``latest``.
        visit: The visit's identity.
        titles: Titles by identity.
    """
    match rule:
        case Spacing() if rule.earlier == visit:
            name = called(rule.later, titles)
            if edge == EARLIEST and rule.most is not None:
                return told("at most {span} before {name}", span=rule.most, name=name)
            return told("at least {span} before {name}", span=rule.least, name=name)
        case Spacing():
            name = called(rule.earlier, titles)
            if rule.rule == FLOOR:
                return _floor(rule, name)
            if rule.rule == WAITING:
                return told("as soon as possible")
            if edge == TARGET and rule.target is not None:
                apart = distance(rule.target, name)
                if rule.rule == SPREAD:
                    return told("{apart}, spread evenly", apart=apart)
                return apart
            if edge == LATEST and rule.most is not None:
                return _limit("at most {apart}", rule.most, name)
            if rule.rule == PREFERRED and rule.least is not None:
                return told("ideally {apart}", apart=_limit("at least {apart}", rule.least, name))
            if rule.least is not None and rule.rule != "order":
                return _limit("at least {apart}", rule.least, name)
            return told("after {name}", name=name)
        case OfDates():
            return dates_in_words(rule, called(rule.earlier, titles))
        case AtMost():
            span = CalendarSpan(days=rule.days)
            return told("at most {number} in any {span}", number=rule.most, span=span)
        case NotBefore():
            return _from_day(rule.rule, rule.day)
        case NotAfter():
            if rule.rule == "finish":
                return told("not after {day}, the end of the course", day=rule.day)
            return told("on {day} at the latest", day=rule.day)
        case OnWeekdays():
            return told("on {weekdays} only", weekdays=tuple(WEEKDAY[one] for one in rule.weekdays))
        case OnDaysOfMonth():
            return told("on {days} of a month", days=_days_of_month(rule))
        case FixedAt():
            return told("fixed at {day} {clock}", day=rule.start.date(), clock=rule.start.time())
        case Noticed():
            if rule.notice is None:
                return told("late enough for {work} ahead of it", work=rule.work)
            return told("with {notice} of notice", notice=rule.notice)
        case Gated():
            if rule.instead is not None and not rule.tests:
                return told(
                    "with {title} of {on} instead of {gate}",
                    title=rule.instead.title,
                    on=rule.instead.on,
                    gate=rule.gate,
                )
            if rule.receipt and (rule.least is None or not rule.tests):
                return told("after {gate} is received", gate=rule.gate)
            if rule.least is None:
                return told("after a test: {gate}", gate=rule.gate)
            if not rule.tests:
                return told(
                    "at least {span} after a test that can be from {day} on",
                    span=rule.least,
                    day=rule.again,
                )
            return told("at least {span} after {name}", span=rule.least, name=rule.tests[0].title)
        case _:
            assert_never(rule)


def _floor(rule: Spacing, name: str) -> str:
    """Return why a visit is not before its target, or not behind one that comes first."""
    if rule.least is not None:
        return told(
            "not before its target, {apart}; no earlier limit is published",
            apart=distance(rule.least, name),
        )
    assert rule.most is not None
    return told(
        "not after its target, {apart}; no later limit is published",
        apart=distance(rule.most, name),
    )


def _limit(template: str, span: Span, name: str) -> Sentence:
    """Return a limit, ``at least {apart}`` or ``at most {apart}``."""
    words = distance(span, name)
    if words.endswith(f" before {name}"):  # further back is earlier
        template = "at most {apart}" if template == "at least {apart}" else "at least {apart}"
    return words if words.startswith("on ") else told(template, apart=words)


def _from_day(rule: str, day: date) -> str:
    match rule:
        case "today":
            return told("not before {day}, the day of the agenda", day=day)
        case "start":
            return told("not before {day}, the start of the course", day=day)
        case "missed":
            return told("not before {day}, the day after it was missed", day=day)
        case "deferred":
            return told("postponed until {day}", day=day)
        case _:
            return told("not before {day}", day=day)
