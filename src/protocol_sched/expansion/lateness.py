"""Late tables: how late a visit is and what its tier says; and the original dates of a phase."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_never

import attrs

from protocol_sched.expansion.cadences import offset
from protocol_sched.expansion.forecast import Bounds, bounds_of, shifted
from protocol_sched.expansion.references import on_original_dates, previous
from protocol_sched.expansion.span_sums import in_days, plus
from protocol_sched.expansion.track import Effect, Laid, Origin, Position, Role, Track, Turn
from protocol_sched.expansion.wording import Where
from protocol_sched.model.agenda import PastVisit, Question, Spacing
from protocol_sched.model.cadences import At, Cadence, Every
from protocol_sched.model.references import OriginalDates, PreviousVisit, StartOf
from protocol_sched.model.rules import Clock, Give, LateTable, Then, Tier
from protocol_sched.model.sentences import Sentence, told
from protocol_sched.model.spans import CalendarSpan, MonthEnd


def due_by(stated: Bounds) -> date | None:
    """Return the last date on which a visit is not late: the end of its target, or its latest."""
    if stated.target is not None:
        return stated.target_until or stated.target.day
    return stated.latest.day if stated.latest is not None else None


def lateness(
    turn: Turn, stated: Bounds, tries: tuple[PastVisit, ...], on: date, title: str, track: Track
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
    tables = [table for table in turn.phase.late if turn.place in table.visits]
    if not tables:
        return None
    answer = track.history.answers.get(f"late-{turn.id}", "")
    choices: list[str] = []
    for table in tables:
        start = _clock(table.clock, due, tries, track)
        for tier in table.tiers:
            words = tier_in_words(tier)
            here = start is not None and holds(tier, start, on, track.month_end)
            if tier.ask and here:
                return _decided(
                    turn,
                    table,
                    tier,
                    told("{title} was due by {due}", title=title, due=due),
                    on,
                    answer,
                )
            if not tier.ask:
                choices.append(words)
                if here or words == answer:
                    return Effect(table=table, tier=tier)
    if stated.latest is not None and on <= stated.latest.day:
        return None
    return Question(
        id=f"late-{turn.id}",
        asks=told(
            "{title} was due by {due}; the source leaves open what follows on {on}",
            title=title,
            due=due,
            on=on,
        ),
        choices=tuple(dict.fromkeys(choices)),
        about=turn.id,
    )


DECIDED = (
    Tier(then=Then.FROM_THIS_VISIT),
    Tier(then=Then.ORIGINAL_DATES),
    Tier(give=Give.SKIP),
    Tier(give=Give.RESTART_PHASE),
    Tier(give=Give.RESTART_COURSE),
)
"""What may follow a late visit where the protocol leaves that to a clinician."""


def _decided(
    turn: Turn, table: LateTable, tier: Tier, late: str, on: date, answer: str
) -> Effect | Question:
    """Return what a clinician decided about a late visit; while nobody has, the question."""
    for decided in DECIDED:
        if follows(decided) == answer:
            return Effect(table=table, tier=decided)
    return Question(
        id=f"late-{turn.id}",
        asks=told("{late}; on {on} a clinician decides {what}", late=late, on=on, what=tier.ask),
        choices=tuple(map(follows, DECIDED)),
        about=turn.id,
    )


def _clock(clock: Clock, due: date, tries: tuple[PastVisit, ...], track: Track) -> date | None:
    match clock:
        case Clock.DUE_DATE:
            return due
        case Clock.LAST_VISIT:
            last = previous(tries, track)
            return last.on if isinstance(last, PastVisit) else track.calendar.days.get(last or "")
        case Clock.FIRST_VISIT:
            course = [laid for laid in track.real if laid.turn.run >= track.course_run]
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
    edges = (
        tier.over and told("over {span}", span=tier.over),
        tier.at_least and told("at least {span}", span=tier.at_least),
        tier.under and told("under {span}", span=tier.under),
        tier.up_to and told("up to {span}", span=tier.up_to),
    )
    late = tuple(filter(None, edges)) or told("any lateness")
    return told("{late}: {follows}", late=late, follows=follows(tier))


def follows(tier: Tier) -> str:
    """Return a tier's action in words, its note in brackets: ``give now, ... (loaded again)``."""
    if not tier.note:
        return _action(tier)
    return told("{action} ({note})", action=_action(tier), note=tier.note)


def _action(tier: Tier) -> str:
    if tier.ask:
        return told("a clinician decides {what}", what=tier.ask)
    match tier.give:
        case Give.NOW:
            parts = [told("give now")]
        case Give.SKIP:
            parts = [told("skip it")]
        case Give.RESTART_PHASE:
            if tier.phase:
                return told("begin {phase}", phase=tier.phase)
            return told("begin the phase again")
        case Give.RESTART_COURSE:
            return told("begin the course again")
        case _:
            assert_never(tier.give)
    if tier.extra:
        one = "{number} more visit {span} apart"
        more = "{number} more visits {span} apart"
        extra = told(one if tier.extra == 1 else more, number=tier.extra, span=tier.extra_after)
        parts.append(extra)
    if tier.next_after is not None:
        parts.append(told("the next {span} later", span=tier.next_after))
        return _in_turn(parts)
    match tier.then:
        case Then.ORIGINAL_DATES:
            original = told("then on the original dates")
            if away := tier.original_at_least:
                original = told("then on the original dates, if at least {span} away", span=away)
            parts.append(original)
        case Then.FROM_THIS_VISIT:
            parts.append(told("then from this visit"))
        case Then.AS_BEFORE:
            parts.append(told("then as before"))
        case _:
            assert_never(tier.then)
    return _in_turn(parts)


def _in_turn(parts: Sequence[Sentence]) -> Sentence:
    """Return what follows, one thing after the other: ``give now, then from this visit``."""
    first, *others = parts
    for other in others:
        first = told("{first}, {then}", first=first, then=other)
    return first


# --- the original dates: what the next targets of a phase depend on ----------------------------


ORIGINAL = "@original"
"""Ends the identity of a date as first laid out, which is a place and not a visit."""

MOST_SKIPPED = 1000
"""Original dates looked at; the least distance itself is a rule, so none beyond is taken early."""


def original(laid: Laid, track: Track) -> Where:
    """
    Return a visit's place among the original dates.

    It is the visit itself, unless the original dates hold for it and its target has a date
    already: then it is that date, whenever the visit is given.
    """
    tier = laid.effect.tier if laid.effect else None
    re_anchored = laid.deferred or (tier is not None and tier.then is Then.FROM_THIS_VISIT)
    returns = tier is not None and tier.then is Then.ORIGINAL_DATES
    if re_anchored or not (returns or isinstance(laid.turn.phase.anchor, OriginalDates)):
        return laid.where
    aimed = _fixed_target(laid, track)
    known = laid.past is not None or track.fixed_at(laid.turn.id) is not None
    if aimed is None or (known and laid.day == aimed):
        return laid.where
    title = told("the original date of {title}", title=laid.title)
    return PastVisit(laid.turn.id + ORIGINAL, title, aimed)


def _fixed_target(laid: Laid, track: Track) -> date | None:
    """Return a target's own date, before a floor moved it; ``None`` while it can still move."""
    turned = track.behind_of(laid.turn.id).rules  # of visits that come before it
    aims = [
        rule
        for rule in laid.rules
        if isinstance(rule, Spacing) and rule.target and rule not in turned
    ]
    target = bounds_of(laid.turn.id, aims, track.calendar).target
    if target is None or not isinstance(target.rule, Spacing):
        return None
    earlier = target.rule.earlier
    known = isinstance(earlier, PastVisit) or track.fixed_at(earlier) is not None
    return target.day if known else None


def origin(laid: Laid, track: Track) -> Origin | None:
    """Return what the targets after a visit depend on; ``None`` leaves it to the phase's anchor."""
    turn, tier = laid.turn, laid.effect.tier if laid.effect else None
    before = track.origin
    if turn.role in (Role.INSERTED, Role.UNPLANNED_BESIDE):
        return before
    if turn.role is Role.UNPLANNED:
        return Origin(laid.where, turn.position)
    if laid.deferred or (tier is not None and tier.then is Then.FROM_THIS_VISIT):
        return Origin(laid.where, turn.position)
    if turn.role is Role.EXTRA:
        return before if _is_original(before) else Origin(laid.where, turn.position)
    here = Origin(laid.original, turn.position)
    if _counts_days(turn.phase.cadence):
        where, after = on_original_dates(laid, track)
        here = Origin(where, turn.position, after)
    match turn.phase.anchored_on:
        case PreviousVisit():
            return here
        case OriginalDates() | StartOf(what="phase"):
            return here if before is None or _out_of_reach(before, laid) else before
        case StartOf(what="cycle"):
            return here if before is None or turn.position.step == 1 else before
        case _:
            return before


def _counts_days(cadence: Cadence) -> bool:
    match cadence:
        case Every(every=every):
            return in_days(every.least, every.most)
        case At():
            return in_days(cadence.cycle, *(one.span for one in cadence.at))
        case _:
            return False


def _out_of_reach(before: Origin, laid: Laid) -> bool:
    """Tell whether the original dates end before a visit; one on demand begins new ones."""
    cadence = laid.turn.phase.cadence
    if not isinstance(cadence, Every | At):
        return False
    return offset(cadence, before.position, laid.turn.position) is None


def _is_original(place: Origin | None) -> bool:
    where = place.where if place is not None else None
    return isinstance(where, PastVisit) and where.id.endswith(ORIGINAL)


def skipped(laid: Laid, next_position: Position, apart: CalendarSpan, track: Track) -> int:
    """Return how many original dates after a late visit are nearer to it than a tier allows."""
    start, cadence = origin(laid, track), laid.turn.phase.cadence
    if start is None or laid.day is None or not isinstance(cadence, Every):
        return 0
    first = shifted(laid.day, apart, track.month_end)
    where = start.where
    since = where.on if isinstance(where, PastVisit) else track.calendar.days.get(where)
    since = since or laid.day
    for count in range(MOST_SKIPPED):
        position = attrs.evolve(next_position, step=next_position.step + count)
        target = offset(cadence, start.position, position)
        place = None if target is None else plus(start.after, target.least)
        if place is None or shifted(since, place, track.month_end) >= first:
            return count
    return MOST_SKIPPED
