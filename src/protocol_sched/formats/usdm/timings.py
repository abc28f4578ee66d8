"""What a timing of USDM says: its window in words, its moment, and how errors and notes call it."""

from __future__ import annotations

import re

from protocol_sched.formats.usdm.reading import Instance, Timeline, Timing, span_of
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span

A_DAY = 24 * 60
AFTER, BEFORE, FIXED = "after", "before", "fixed reference"
START_TO_START = "start to start"


def window_in_words(one: Timing) -> tuple[Span | None, Span | None]:
    """
    Return a window that stands in words alone: ``-3..3 days``, ``0..26 Days``.

    Files write what is before without a sign too, ``2..2 Days`` beside two days either side; with
    a plus it would be after, and nobody can tell.
    """
    match = re.fullmatch(
        r"([+-]?)\s*(\d{1,4})\s*\.\.\s*\+?\s*(\d{1,4})\s*(minute|hour|day|week)s?",
        one.window.strip(),
        re.IGNORECASE,
    )
    if match is None or (match[1] == "+" and int(match[2])):
        return None, None
    unit = match[4].lower()
    spans: list[Span] = []
    for number in (int(match[2]), int(match[3])):
        match unit:
            case "minute" | "hour":
                spans.append(ElapsedSpan(number * (60 if unit == "hour" else 1)))
            case "week":
                spans.append(CalendarSpan(weeks=number))
            case _:
                spans.append(CalendarSpan(days=number))
    return spans[0], spans[1]


def minutes_of(line: Timeline) -> dict[str, int] | None:
    """Return how many minutes after its fixed reference each instance of a timeline is."""
    timing = {one.of: one for one in reversed(line.timings)}
    at: dict[str, int] = {one: 0 for one, of in timing.items() if of.kind == FIXED}
    if len(at) != 1:
        return None
    points = [one.id for one in line.instances if not one.decides or one.id in timing]
    waiting = [one for one in points if one not in at]
    while waiting:
        left = []
        for identity in waiting:
            one = timing.get(identity)
            span = None if one is None else span_of(one.value)
            if one is None or one.to not in at or span is None or one.kind not in (AFTER, BEFORE):
                left.append(identity)
            elif isinstance(span, CalendarSpan) and span.by_months:
                return None
            else:
                away = span.in_days * A_DAY if isinstance(span, CalendarSpan) else span.minutes
                at[identity] = at[one.to] + (away if one.kind == AFTER else -away)
        if len(left) == len(waiting):
            return None
        waiting = left
    return at


def words_of(one: Timing) -> str:
    """Return a timing in the file's own words and numbers."""
    words = one.said or one.value
    return f"{words} {one.kind}" if one.kind in (AFTER, BEFORE) else words


def unread(one: Timing) -> str:
    """Return a timing that is not planned with its window, as only a note has these numbers."""
    ends = [f"{end} {side}" for end, side in ((one.lower, "before"), (one.upper, "after")) if end]
    window = ", ".join(ends) or one.window.strip(" -")
    value = f" ({one.value})" if one.said and one.value else ""
    return f"{words_of(one)}{value}" + (f", window {window}" if window else "")


def called(one: Instance) -> str:
    return one.name or one.label or one.id
