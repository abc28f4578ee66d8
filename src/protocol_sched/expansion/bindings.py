"""From a phase's rules to the rules that bind one of its visits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

import attrs

from protocol_sched.expansion.cadences import placed, several_a_day
from protocol_sched.expansion.dates import by_weekday
from protocol_sched.expansion.forecast import landing
from protocol_sched.expansion.history import History
from protocol_sched.expansion.late_floors import late_floors
from protocol_sched.expansion.references import find, previous
from protocol_sched.expansion.span_sums import plus, widened
from protocol_sched.expansion.track import Item, Laid, Role, Track, Tries, Turn
from protocol_sched.expansion.wording import Where
from protocol_sched.model.agenda import (
    SPREAD,
    AtMost,
    FixedAt,
    OnDaysOfMonth,
    OnOpenDay,
    PastVisit,
    Question,
    Rules,
    Spacing,
)
from protocol_sched.model.cadences import ClosedDay
from protocol_sched.model.references import PreviousVisit
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, SpanRange, comparable
from protocol_sched.model.standing import Waived

AnyItem = TypeVar("AnyItem", bound=Item)


def rules_of(turn: Turn, tries: Tries, track: Track) -> Iterator[Item]:
    """Yield everything that binds a visit to the ones before it, tolerances aside."""
    places = list(placed(turn, tries, track))
    yield from (on_open_day(rule, turn.phase.closed_day) for rule in places)
    yield from _separations(turn, tries, track)
    yield from _after_unplanned(turn, track)
    yield from late_floors(turn, tries, track)
    yield from _caps(turn, tries, track)
    weekdays = track.course.protocol.visit_type(turn.phase.visit).weekdays
    before = _before_in_phase(turn, tries, track)
    yield from by_weekday(turn.phase, weekdays, before, turn.id)
    days = turn.phase.first_day_of_month
    if days is not None and turn.first and turn.role is Role.REGULAR:
        yield OnDaysOfMonth(
            rule="day of the month",
            source=turn.phase.source,
            visit=turn.id,
            first=days.least,
            last=days.most or days.least,
        )
    if turn.id in track.history.pins:
        pin = track.history.pins[turn.id]
        yield FixedAt(rule="pinned", visit=turn.id, start=pin.start)
    yield from _order(turn, places, tries, track)


def unplanned_rules(turn: Turn, track: Track) -> Iterator[Rules]:
    """Yield what a visit that nobody planned should have kept: least distances and caps."""
    yield from _leasts(turn, previous((), track))
    yield from _caps(turn, (), track)
    earlier = previous((), track)
    if earlier is not None:
        yield in_order(earlier, turn.id, False)


def _leasts(turn: Turn, earlier: Where | None) -> Iterator[Spacing]:
    """Yield the least distances of a phase between one visit and the next."""
    for rule in turn.phase.separations:
        named = PreviousVisit() in rule.from_ and turn.place in rule.visits
        if earlier is not None and named and rule.least is not None:
            yield Spacing(
                rule="separation",
                source=rule.source,
                safety=rule.safety is True,
                safe_least=rule.safety is None,
                earlier=earlier,
                later=turn.id,
                least=rule.least,
                between=rule.between,
            )


def _after_unplanned(turn: Turn, track: Track) -> Iterator[Spacing]:
    """Yield the least distances from visits that nobody planned, from which no date counts."""
    for laid in reversed(track.laid):
        if laid.turn.role is Role.UNPLANNED_BESIDE:
            yield from _leasts(turn, laid.where)
        elif not laid.omitted and laid.turn.role is not Role.INSERTED:
            return


def on_open_day(rule: AnyItem, closed_day: ClosedDay | None) -> AnyItem | OnOpenDay:
    """
    Return a target as the one date a visit may have, or where it goes if the clinic is closed then.

    Only a single date of a calendar can be closed: what aims at several, or at an hour, stays.
    """
    if closed_day is None or not isinstance(rule, Spacing) or rule.target is None:
        return rule
    wanted = rule.target.least
    if not isinstance(wanted, CalendarSpan) or wanted != rule.target.most:
        return rule
    return OnOpenDay(
        rule=rule.rule,
        source=rule.source,
        earlier=rule.earlier,
        later=rule.later,
        after=wanted,
        closed_day=closed_day,
    )


def _separations(turn: Turn, tries: Tries, track: Track) -> Iterator[Item]:
    for rule in turn.phase.separations:
        if turn.place not in rule.visits:
            continue
        for reference in rule.from_:
            found = find(reference, turn, tries, track)
            if isinstance(found, Question):
                yield found
            elif found is not None:
                binding = Spacing(
                    rule="separation",
                    source=rule.source,
                    safety=rule.safety is True,
                    safe_least=rule.safety is None and rule.least is not None,
                    earlier=found,
                    later=turn.id,
                    least=rule.least,
                    most=rule.most,
                    target=None if rule.preferred is None else SpanRange(rule.preferred, None),
                    between=rule.between,
                )
                gap = _gap(track) if isinstance(reference, PreviousVisit) else None
                yield from (binding,) if gap is None else _over_a_gap(binding, gap, track)


def _gap(track: Track) -> Laid | None:
    """Return the visit just before, if it was left out."""
    return track.laid[-1] if track.laid and track.laid[-1].omitted else None


def _over_a_gap(binding: Spacing, gap: Laid, track: Track) -> Iterator[Spacing]:
    """
    Yield a distance to the visit before one that was left out.

    A safety rule holds from the last visit given. Any other greatest distance is waived with the
    visit, which was left out in the knowledge that the next one keeps its own place.
    """
    if binding.safety or binding.most is None:
        yield binding
        return
    if binding.least is not None:
        yield attrs.evolve(binding, most=None)
    on = track.history.omitted.get(gap.turn.id, track.as_of)
    waived = Waived(waived_on=on, why=f"{gap.title} was left out")
    yield attrs.evolve(binding, least=None, status=waived)


def _caps(turn: Turn, tries: Tries, track: Track) -> Iterator[AtMost]:
    before: list[str | PastVisit] = []
    for laid in track.laid:
        counted = not laid.omitted and laid.turn.role is not Role.INSERTED
        if counted and laid.turn.phase.name == turn.phase.name:
            before += [*laid.tries, laid.where]
    for cap in turn.phase.caps:
        whole = AtMost(
            rule="cap",
            source=cap.source,
            safety=cap.safety,
            most=cap.most,
            days=cap.in_any.in_days,
            visits=(*before, *tries, turn.id),
        )
        yield from without_exempted(whole, track.history)


def without_exempted(cap: AtMost, history: History) -> Iterator[AtMost]:
    """
    Yield what a cap still asks where visits are exempted from it, and the cap as waived.

    A visit exempted may come however soon after those before it; those behind count from it as
    from any other.
    """
    names = [one if isinstance(one, str) else one.id for one in cap.visits]
    free = [n for n, name in enumerate(names) if history.waiver(name, cap.rule) is not None]
    for n in free:
        waived = history.waiver(names[n], cap.rule)
        yield attrs.evolve(cap, visits=cap.visits[: n + 1], status=waived)
    for first in (None, *free):
        kept = [
            visit
            for n, visit in enumerate(cap.visits)
            if n == first or (n not in free and (first is None or n > first))
        ]
        if kept:
            yield attrs.evolve(cap, visits=kept)


def _before_in_phase(turn: Turn, tries: Tries, track: Track) -> Where | None:
    """Return the visit of the phase before this one; ``None`` for its first."""
    if tries or (track.real and track.real[-1].turn.phase.name == turn.phase.name):
        return previous(tries, track)
    return None


def _order(turn: Turn, places: Iterable[Item], tries: Tries, track: Track) -> Iterator[Item]:
    earlier = previous(tries, track)
    if earlier is not None:
        same_day = several_a_day(turn.phase.cadence)
        same_day = same_day or (turn.first and any(map(_may_share, places)))
        waived = None if same_day else track.history.waiver(turn.id, "order")
        if waived is not None:
            yield attrs.evolve(in_order(earlier, turn.id, False), status=waived)
        yield in_order(earlier, turn.id, same_day or waived is not None)
    last = track.laid[-1] if track.laid else None
    if last is not None and last.turn.role in (Role.INSERTED, Role.UNPLANNED_BESIDE):
        yield in_order(last.where, turn.id, False)


def _may_share(rule: Item) -> bool:
    """Tell whether a rule lets a visit be on the date of the one it is measured from."""
    if not isinstance(rule, Spacing):
        return False
    span = rule.target.least if rule.target is not None else rule.least
    return isinstance(span, ElapsedSpan) or (span is not None and comparable(span) == 0)


def shares_a_date(rules: Iterable[Rules]) -> bool:
    """Tell whether a visit may be on the date of the one before it."""
    orders = [
        rule
        for rule in rules
        if isinstance(rule, Spacing) and rule.rule == "order" and rule.status is None
    ]
    return all(isinstance(rule.least, ElapsedSpan) for rule in orders)


def in_order(earlier: str | PastVisit, later: str, same_day: bool) -> Spacing:
    """Return the rule that one visit comes after another, on a later date unless told."""
    if same_day:
        return Spacing(
            rule="order",
            earlier=earlier,
            later=later,
            least=ElapsedSpan(0),
            between=Between.END_AND_START,
        )
    return Spacing(rule="order", earlier=earlier, later=later, least=CalendarSpan(days=1))


def tolerated(turn: Turn, rules: Sequence[Rules], track: Track) -> tuple[list[Rules], list[Rules]]:
    """
    Return the limits either side of a visit's target: the hard ones, and those that only report.

    With several targets the latest one wins, so the limits are measured as that one is.
    """
    aims = [
        rule
        for rule in rules
        if isinstance(rule, Spacing)
        and rule.target is not None
        and rule.rule not in (SPREAD, "separation")
    ]
    hard: list[Rules] = []
    soft: list[Rules] = list(_graces(turn, rules))
    aim = max(aims, key=lambda rule: _landing(rule, track), default=None)
    if aim is None or aim.target is None:
        return hard, soft
    for tolerance in turn.phase.tolerances:
        if turn.place in tolerance.visits:
            least, most = widened(aim.target, tolerance.before, tolerance.after)
            rule = Spacing(
                rule="tolerance",
                source=tolerance.source,
                earlier=aim.earlier,
                later=turn.id,
                least=least,
                most=most,
            )
            (hard if tolerance.hard else soft).append(rule)
    return hard, soft


def _graces(turn: Turn, rules: Iterable[Rules]) -> Iterator[Rules]:
    """Yield the distances from which a visit counts, though its separation is not kept."""
    for separation in turn.phase.separations:
        if separation.grace is None or separation.least is None:
            continue
        least = plus(separation.least, separation.grace.times(-1))
        for rule in rules:
            if (
                isinstance(rule, Spacing)
                and rule.rule == "separation"
                and (rule.source, rule.least) == (separation.source, separation.least)
            ):
                yield attrs.evolve(rule, rule="grace", least=least, most=None)


def _landing(rule: Spacing, track: Track) -> date:
    where = rule.earlier
    day = where if isinstance(where, PastVisit) else track.calendar.days.get(where)
    if day is None or rule.target is None:
        return date.min
    return landing(day, rule.target.least, rule.between, track.month_end)
