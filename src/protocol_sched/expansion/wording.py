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
from protocol_sched.model.spans import CalendarSpan, Span, SpanRange

Where = str | PastVisit
"""A visit still due, by its identity, or a fixed place."""

EARLIEST, TARGET, LATEST = "earliest", "target", "latest"


def called(where: Where, titles: Mapping[str, str]) -> str:
    """Return what people call a visit: ``infusion 3``, ``infusion 3 that did not count``."""
    if isinstance(where, str):
        return titles.get(where, where)
    return where.title if where.counts else f"{where.title} that did not count"


def distance(span: Span | SpanRange, name: str) -> str:
    """Return ``2 days after infusion 1``, ``4 days before ...`` or ``on the day of ...``."""
    if span in (CalendarSpan(), SpanRange(CalendarSpan(), CalendarSpan())):
        return on_the_day_of(name)
    if isinstance(span, SpanRange) and span.least == span.most:
        span = span.least
    words = str(span)
    if words.startswith("- ") and " + " not in words:
        return f"{words.removeprefix('- ').replace(' - ', ' + ')} before {name}"
    return f"{words} after {name}"


def on_the_day_of(name: str) -> str:
    """Return ``on the day of infusion 1``; what is itself a day is ``on day 15 of the month``."""
    if not name.startswith("day "):
        return f"on the day of {name}"
    return f"on {name}" if name[4:5].isdigit() else f"on the {name}"


def number_of(count: int, thing: str) -> str:
    """Return ``1 day`` or ``3 days``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


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
                return f"at most {rule.most} before {name}"
            return f"at least {rule.least} before {name}"
        case Spacing():
            name = called(rule.earlier, titles)
            if rule.rule == FLOOR:
                return _floor(rule, name)
            if rule.rule == WAITING:
                return "as soon as possible"
            if edge == TARGET and rule.target is not None:
                spread = ", spread over the week" if rule.rule == SPREAD else ""
                return distance(rule.target, name) + spread
            if edge == LATEST and rule.most is not None:
                return _limit("at most", rule.most, name)
            if rule.rule == PREFERRED and rule.least is not None:
                return f"best {_limit('at least', rule.least, name)}"
            if rule.least is not None:
                if rule.rule == "order":
                    return f"after {name}"
                return _limit("at least", rule.least, name)
            return f"after {name}"
        case OfDates():
            return dates_in_words(rule, called(rule.earlier, titles))
        case AtMost():
            return f"at most {rule.most} in any {number_of(rule.days, 'day')}"
        case NotBefore():
            return _from_day(rule.rule, rule.day)
        case NotAfter():
            if rule.rule == "finish":
                return f"not after {rule.day}, the end of the course"
            return f"on {rule.day} at the latest"
        case OnWeekdays():
            return f"on {', '.join(rule.weekdays)} only"
        case OnDaysOfMonth():
            return f"on {rule.days} of a month"
        case FixedAt():
            return f"fixed at {rule.start:%Y-%m-%d %H:%M}"
        case Noticed():
            return f"with {rule.notice} of notice"
        case Gated():
            if rule.instead is not None and not rule.tests:
                return f"with {rule.instead.title} of {rule.instead.on} instead of {rule.gate}"
            if rule.receipt and (rule.least is None or not rule.tests):
                return f"after {rule.gate} is received"
            if rule.least is None:
                return f"after a test: {rule.gate}"
            if not rule.tests:
                return f"at least {rule.least} after a test that can be from {rule.again} on"
            return f"at least {rule.least} after {rule.tests[0].title}"
        case _:
            assert_never(rule)


def _floor(rule: Spacing, name: str) -> str:
    """Return why a visit is not before its target, or not behind one that comes first."""
    if rule.least is not None:
        return f"not before its target, {distance(rule.least, name)}; no earlier limit is published"
    assert rule.most is not None
    return f"not after its target, {distance(rule.most, name)}; no later limit is published"


def _limit(word: str, span: Span, name: str) -> str:
    words = distance(span, name)
    if words.endswith(f" before {name}"):  # further back is earlier
        word = "at most" if word == "at least" else "at least"
    return words if words.startswith("on ") else f"{word} {words}"


def _from_day(rule: str, day: date) -> str:
    match rule:
        case "today":
            return f"not before {day}, the day of the agenda"
        case "start":
            return f"not before {day}, the start of the course"
        case "missed":
            return f"not before {day}, the day after it was missed"
        case "deferred":
            return f"put off until {day}"
        case _:
            return f"not before {day}"
