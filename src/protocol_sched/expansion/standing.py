"""
How each rule of an agenda stands: it binds, is broken by what happened, is waived, or is open.

No rule is taken away. A limit is broken where history, a clinician's date or today leave a visit
no date inside it, whatever calendars say. A calendar breaks one only of a visit that is planned
late, as its late table has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType

import attrs

from protocol_sched.expansion.dates import FAR_ENOUGH, Days, first_and_last, leaves, plus_days
from protocol_sched.expansion.forecast import landing, shifted
from protocol_sched.expansion.history import History
from protocol_sched.model.agenda import (
    AtMost,
    ByWeekday,
    Due,
    NotBefore,
    OfDates,
    OfTwo,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.moments import later_by
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span
from protocol_sched.model.standing import Broken, BrokenBy, Open, Waived

NOWHERE: Mapping[str, date] = MappingProxyType({})
MIDNIGHT, A_DAY, AN_HOUR = 0, 24 * 60, 60
"""In minutes; a day is an hour longer or shorter where a clock changes."""


def standing(
    rules: Iterable[Rules],
    dues: Sequence[Due],
    history: History,
    floor: date,
    days: Days,
    planned: Mapping[str, date] = NOWHERE,
    given_way: frozenset[str] = frozenset(),
) -> Iterator[Rules]:
    """
    Yield the rules in their order, each with its status.

    Args:
        rules: Of the visits due; those that have a status keep it.
        dues: The visits due.
        floor: The first date any of them may have.
        days: What dates are counted with.
        planned: The dates of visits that are settled.
        given_way: Visits that calendars leave no date inside their limits: these are broken, as
            they are once their last date has passed. Those of safety rules never are.
    """
    decided = [_decided(rule, dues, history) for rule in rules]
    settled = [due.id for due in dues if not due.tentative]
    later = {visit: planned.get(visit) for visit in given_way}
    world = _Dates(decided, settled, floor, days, later=later)
    late = {
        visit: _Dates(
            *(decided, settled, floor, days),
            {other: day for other, day in planned.items() if other != visit},
        )
        for visit in given_way
    }
    for rule in decided:
        visit = rule.dated or ""
        if visit in late and not rule.safety:
            broken = late[visit].broken(rule, history)
            broken = broken or late[visit].without_room(rule, planned.get(visit))
        else:
            broken = world.broken(rule, history)
        if broken is None:
            yield rule
        elif isinstance(rule.status, Waived):
            yield attrs.evolve(rule, status=attrs.evolve(rule.status, broken=broken))
        else:
            yield attrs.evolve(rule, status=broken)


def _decided(rule: Rules, dues: Sequence[Due], history: History) -> Rules:
    """Return a rule as waived where a clinician exempted its visit, or open where it waits."""
    if rule.status is not None:
        return rule
    decided = history.decided(rule.dated or "", rule)
    if decided.status is not None:
        return decided
    tentative = {due.id for due in dues if due.tentative}
    ends = set() if rule.dated is None else tentative & rule.due
    waits = next((due.id for due in dues if due.id in ends), None)
    return rule if waits is None else attrs.evolve(rule, status=Open(waits_for=waits))


class _Dates:
    """The first and last date of each visit by rules, events and today; by settled dates too."""

    def __init__(
        self,
        rules: Sequence[Rules],
        dues: Sequence[str],
        floor: date,
        days: Days,
        settled: Mapping[str, date] = NOWHERE,
        later: Mapping[str, date | None] = NOWHERE,
    ) -> None:
        """
        Work out the dates.

        Args:
            settled: The dates of visits that are settled, whatever their limits say.
            later: Visits planned outside their limits, if settled with their dates. Their limits
                say nothing of what comes after them.
        """
        self.later = later
        self.rules, self.days, self.month_end = rules, days, days.month_end
        self.floors = {visit: max(floor, settled.get(visit, floor)) for visit in dues}
        """The first date that no other visit sets: today, or a clinician's."""
        self.today = dict.fromkeys(dues, floor)
        """The same, visits put off aside."""
        for rule in rules:
            if isinstance(rule, NotBefore) and rule.visit in self.floors:
                self.floors[rule.visit] = max(self.floors[rule.visit], rule.day)
                if rule.rule != "deferred":
                    self.today[rule.visit] = max(self.today[rule.visit], rule.day)
        self.firsts = dict(self.floors)
        self._settle(self._raised)
        known = {visit: day for visit, day in later.items() if day is not None}
        self.fixed = {**settled, **known}
        self.lasts: dict[str, date] = dict(self.fixed)
        if not self._settle(lambda: self._lowered(both_ways=True)) or self._crossed():
            # Rules contradict each other: each look lowers visits on both sides again, to dates
            # that mean nothing. Last dates then follow from earlier visits only.
            self.lasts = dict(self.fixed)
            self._settle(lambda: self._lowered(both_ways=False))

    def _settle(self, once: Callable[[], bool]) -> bool:
        """Look at all rules again until no date changes; tell whether that came."""
        return any(not once() for _ in range(len(self.floors) + 1))

    def _crossed(self) -> bool:
        """Tell whether the last date of a visit comes before its first."""
        return any(day < self.firsts.get(visit, day) for visit, day in self.lasts.items())

    # --- the first date of each visit ------------------------------------------------------

    def _raised(self) -> bool:
        """Raise first dates by every least distance once; tell whether any rose."""
        before = dict(self.firsts)
        for rule in self.rules:
            for visit, day in self._least(rule):
                if visit in self.firsts:
                    self.firsts[visit] = max(self.firsts[visit], day)
        return before != self.firsts

    def _least(self, rule: Rules) -> Iterator[tuple[str, date]]:
        if not rule.keeps_least:
            return
        match rule:
            case Spacing(least=CalendarSpan() | ElapsedSpan() as least):
                day = self._after(rule.earlier, least, rule.between)
                if day is not None:
                    yield rule.later, day
            case ByWeekday():
                visit = rule.dated
                if visit in self.firsts:
                    given = self._given(rule)
                    days = (plus_days(self.firsts[visit], more) for more in range(FAR_ENOUGH))
                    opens = next((day for day in days if leaves(rule, day, given)), None)
                    if opens is not None:
                        yield visit, opens
            case OfDates():
                if (day := self._first(rule.earlier)) is not None:
                    opens, _ = first_and_last(rule, day, self.days)
                    if opens is not None:
                        yield rule.later, opens
            case AtMost():
                for first, last in zip(rule.visits, rule.visits[rule.most :], strict=False):
                    day = self._first(first)
                    if isinstance(last, str) and day is not None:
                        yield last, plus_days(day, rule.days)
            case _:
                return

    def _first(self, where: str | PastVisit) -> date | None:
        return where.on if isinstance(where, PastVisit) else self.firsts.get(where)

    def _given(self, rule: Rules) -> date | None:
        """Return the date of the visit given that a rule measures from; ``None`` of any other."""
        earlier = rule.earlier if isinstance(rule, OfTwo) else None
        return earlier.on if isinstance(earlier, PastVisit) else None

    def _after(self, where: str | PastVisit, least: Span, between: Between) -> date | None:
        """Return the first date on which a visit can be so long after another one."""
        if isinstance(where, PastVisit):
            if isinstance(least, CalendarSpan) or where.start is not None:
                return landing(where, least, between, self.month_end)
            return shifted(plus_days(where.on, 1), least, self.month_end, MIDNIGHT)
        day = self.firsts.get(where)
        if day is None:
            return None
        # Hours between two visits to come: the later one is at its earliest if the first is at
        # midnight, and the day between them may be an hour shorter.
        return shifted(day, least, self.month_end, -AN_HOUR)

    # --- the last date of each visit ---------------------------------------------------------

    def _lowered(self, *, both_ways: bool) -> bool:
        """
        Lower last dates by every limit that can be kept once; tell whether any fell.

        Args:
            both_ways: Also those of visits that leave a least distance before another's last date.
        """
        before = dict(self.lasts)
        for rule in self.rules:
            if both_ways and isinstance(rule, Spacing) and isinstance(rule.earlier, str):
                self._lower_earlier(rule, rule.earlier)
            visit, day = rule.dated, self.last(rule)
            if visit is None or day is None or not rule.keeps_most:
                continue
            if visit in self.later and not rule.safety:
                continue
            if day >= (self.firsts if rule.from_past else self.floors).get(visit, date.max):
                self.lasts[visit] = min(self.lasts.get(visit, day), day)
        return before != self.lasts

    def _lower_earlier(self, rule: Spacing, earlier: str) -> None:
        day, least = self.lasts.get(rule.later), rule.least
        if day is None or not rule.keeps_least or earlier not in self.firsts:
            return
        if earlier in self.fixed:
            return
        if isinstance(least, CalendarSpan) and not least.by_months:
            last = plus_days(day, -least.in_days)
            self.lasts[earlier] = min(self.lasts.get(earlier, last), last)

    def last(self, rule: Rules) -> date | None:
        """Return the last date a rule leaves its visit; ``None`` where it sets none, or not yet."""
        match rule:
            case Spacing(most=CalendarSpan() | ElapsedSpan() as most):
                where = rule.earlier
                if not isinstance(where, PastVisit):
                    day = self.lasts.get(where)
                    if day is None or isinstance(most, CalendarSpan):
                        return None if day is None else shifted(day, most, self.month_end)
                    if rule.between is Between.END_AND_START:
                        return None  # how long the earlier visit takes is not known here
                    # From the last minute of that date, and it may be an hour longer.
                    return shifted(day, most, self.month_end, A_DAY + AN_HOUR)
                moment = where.start
                if rule.between is Between.END_AND_START:
                    moment = where.end or where.start
                if isinstance(most, ElapsedSpan) and moment is not None:
                    try:
                        return later_by(moment, most.delta).date()
                    except OverflowError:
                        return date.max
                return shifted(where.on, most, self.month_end, MIDNIGHT)
            case OfDates(earlier=PastVisit(on=on)):
                return first_and_last(rule, on, self.days)[1]
            case _:
                return None

    # --- what is broken ----------------------------------------------------------------------

    def broken(self, rule: Rules, history: History) -> Broken | None:
        """Return how a rule's limit cannot be kept; ``None`` where it can."""
        visit, limit = rule.dated, self.last(rule)
        if visit not in self.firsts or limit is None or isinstance(rule.status, Open):
            return None
        first = (self.firsts if rule.from_past else self.floors)[visit]
        if limit >= first:
            return None
        deferral = history.deferred.get(visit)
        if deferral is not None and deferral.until is not None and deferral.until > limit:
            return Broken(limit=limit, cause=BrokenBy.DEFERRED, first=first, why=deferral.why)
        cause = BrokenBy.TODAY if self.today[visit] > limit else BrokenBy.RULES
        return Broken(limit=limit, cause=cause, first=first)

    def without_room(self, rule: Rules, planned: date | None) -> Broken | None:
        """Return that calendars leave a visit no date inside a limit or before the planned one."""
        limit = self.last(rule)
        if limit is None or isinstance(rule.status, Open):
            return None
        first = plus_days(limit, 1) if planned is None else planned
        return Broken(limit=limit, cause=BrokenBy.CALENDARS, first=first) if first > limit else None
