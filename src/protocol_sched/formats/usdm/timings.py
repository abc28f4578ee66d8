"""What a timing of USDM says: its window in words, its moment, and how errors and notes call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from protocol_sched.formats.usdm.durations import span_of
from protocol_sched.formats.usdm.reading import Instance, Timeline, Timing
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span

A_DAY = 24 * 60
AFTER, BEFORE, FIXED = "after", "before", "fixed reference"
START_TO_START = "start to start"


def window_in_words(one: Timing) -> tuple[Span | None, Span | None]:
    """
    Return a window that stands in words alone: ``-3..3 days``, ``0..26 Days``, ``± 3 days``.

    Files write what is before without a sign too, ``2..2 Days`` beside two days either side; with
    a plus it would be after, and nobody can tell.
    """
    either = re.fullmatch(
        r"(?:±|\+/-|\+-)\s*(\d{1,4})\s*(minute|hour|day|week)s?", one.window.strip(), re.IGNORECASE
    )
    words = f"-{either[1]}..{either[1]} {either[2]}" if either else one.window.strip()
    match = re.fullmatch(
        r"([+-]?)\s*(\d{1,4})\s*\.\.\s*\+?\s*(\d{1,4})\s*(minute|hour|day|week)s?",
        re.sub(r"^(-\s*\d{1,4})\s*(?:to|/|,)\s*(?=\+)", r"\1..", words),
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
    """
    Return how many minutes after its fixed reference each instance of a timeline is.

    ``None`` where one of them has no such distance: by months, from another timeline, unreadable.
    """
    timing = {one.of: one for one in reversed(line.timings)}
    at: dict[str, int] = {one: 0 for one, of in timing.items() if of.kind == FIXED}
    if len(at) != 1:
        return None
    for instance in line.instances:
        if instance.decides and instance.id not in timing:
            continue
        seen: dict[str, int] = {}
        identity = instance.id
        while identity not in at:
            one = timing.get(identity)
            away = None if one is None else _away(one)
            if one is None or away is None or identity in seen:
                return None
            seen[identity] = away
            identity = one.to
        far = at[identity]
        for identity, away in reversed(seen.items()):
            at[identity] = far = far + away
    return at


def gaps(line: Timeline) -> Iterator[int]:
    """Yield the minutes between each two moments of a timeline that follow one another."""
    at = sorted(set((minutes_of(line) or {}).values()))
    yield from (later - earlier for earlier, later in pairwise(at))


def _away(one: Timing) -> int | None:
    """Return the minutes of a timing, which are fewer than none before; ``None`` without them."""
    span = span_of(one.value)
    if span is None or one.kind not in (AFTER, BEFORE):
        return None
    if isinstance(span, CalendarSpan):
        if span.by_months:
            return None
        minutes = span.in_days * A_DAY
    else:
        minutes = span.minutes
    return minutes if one.kind == AFTER else -minutes


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
