"""Late tables: how late a visit is, which tier that is, and what it says."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from protocol_sched.expansion.forecast import Bounds, shifted
from protocol_sched.expansion.references import previous
from protocol_sched.expansion.track import Effect, Slot, Track
from protocol_sched.model.agenda import PastVisit, Question
from protocol_sched.model.rules import Clock, Give, Then, Tier
from protocol_sched.model.spans import CalendarSpan, MonthEnd


def due_by(stated: Bounds) -> date | None:
    """Return the last date on which a visit is not late: the end of its target, or its latest."""
    if stated.target is not None:
        return stated.target_until or stated.target.day
    return stated.latest.day if stated.latest is not None else None


def lateness(
    slot: Slot, stated: Bounds, tries: tuple[PastVisit, ...], on: date, title: str, track: Track
) -> Effect | Question | None:
    """
    Return what follows when a visit is given on a date, if anything does.

    Returns:
        The tier that holds; a question where the table leaves this much lateness open; nothing
        where the visit is not late, or the protocol has no table for it.
    """
    due = due_by(stated)
    if due is None or on <= due:
        return None
    tables = [table for table in slot.phase.late if slot.place in table.visits]
    if not tables:
        return None
    answer = track.history.answers.get(f"late-{slot.id}", "")
    choices: list[str] = []
    for table in tables:
        start = _clock(table.clock, due, tries, track)
        for tier in table.tiers:
            words = tier_in_words(tier)
            choices.append(words)
            if words == answer or (start is not None and holds(tier, start, on, track.month_end)):
                return Effect(table=table, tier=tier)
    if stated.latest is not None and on <= stated.latest.day:
        return None
    return Question(
        id=f"late-{slot.id}",
        asks=f"{title} was due by {due}; the source leaves open what follows on {on}",
        choices=tuple(dict.fromkeys(choices)),
        about=slot.id,
    )


def _clock(clock: Clock, due: date, tries: tuple[PastVisit, ...], track: Track) -> date | None:
    match clock:
        case Clock.DUE_DATE:
            return due
        case Clock.LAST_VISIT:
            last = previous(tries, track)
            return last.on if isinstance(last, PastVisit) else track.calendar.days.get(last or "")
        case Clock.FIRST_VISIT:
            course = [laid for laid in track.real if laid.slot.run >= track.course_run]
            return course[0].day if course else None
        case _:
            assert_never(clock)


def holds(tier: Tier, start: date, on: date, month_end: MonthEnd) -> bool:
    """Tell whether a date lies in a tier, counted from the start of its clock."""

    def edge(span: CalendarSpan) -> date:
        return shifted(start, span, month_end)

    return (
        (tier.over is None or on > edge(tier.over))
        and (tier.at_least is None or on >= edge(tier.at_least))
        and (tier.under is None or on < edge(tier.under))
        and (tier.up_to is None or on <= edge(tier.up_to))
    )


def tier_in_words(tier: Tier) -> str:
    """Return what a tier says: ``over 3 days: give now, then from this visit``."""
    edges = [
        f"{word} {span}"
        for word, span in (
            ("over", tier.over),
            ("at least", tier.at_least),
            ("under", tier.under),
            ("up to", tier.up_to),
        )
        if span is not None
    ]
    return f"{' and '.join(edges) or 'any lateness'}: {follows(tier)}"


def follows(tier: Tier) -> str:
    """Return a tier's action in words, its note in brackets: ``give now, ... (loaded again)``."""
    return f"{_action(tier)} ({tier.note})" if tier.note else _action(tier)


def _action(tier: Tier) -> str:
    match tier.give:
        case Give.NOW:
            parts = ["give now"]
        case Give.SKIP:
            parts = ["skip it"]
        case Give.RESTART_PHASE:
            return "begin the phase again"
        case Give.RESTART_COURSE:
            return "begin the course again"
        case _:
            assert_never(tier.give)
    if tier.extra:
        visits = "1 more visit" if tier.extra == 1 else f"{tier.extra} more visits"
        parts.append(f"{visits} {tier.extra_after} apart")
    if tier.next_after is not None:
        parts.append(f"the next {tier.next_after} later")
        return ", ".join(parts)
    match tier.then:
        case Then.GRID:
            kept = f", if at least {tier.grid_at_least} away" if tier.grid_at_least else ""
            parts.append(f"then on the original dates{kept}")
        case Then.FROM_THIS_VISIT:
            parts.append("then from this visit")
        case Then.AS_BEFORE:
            parts.append("then as before")
        case _:
            assert_never(tier.then)
    return ", ".join(parts)
