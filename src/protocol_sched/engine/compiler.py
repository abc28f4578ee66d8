"""From an agenda and calendars to a problem of integers; each rule keeps its origin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import combinations
from operator import and_, or_
from types import MappingProxyType

import attrs

from protocol_sched.engine.bitsets import span
from protocol_sched.engine.breaching import by_day, kept_ends, with_breaches
from protocol_sched.engine.candidates import (
    Calendars,
    Candidates,
    Holder,
    Shape,
    shape_of,
    stage_ranges,
)
from protocol_sched.engine.horizon import Horizon
from protocol_sched.engine.lags import (
    date_window,
    day_window,
    minutes_window,
    turned,
)
from protocol_sched.engine.problem import (
    Allowed,
    DayLag,
    Item,
    Known,
    Lag,
    Option,
    Penalty,
    Problem,
    SlotLag,
    TableLag,
    Target,
    Window,
)
from protocol_sched.model import causes
from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    Due,
    FixedAt,
    Gated,
    NotAfter,
    NotBefore,
    OfDates,
    OfTwo,
    OnWeekdays,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.needs import landing
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import WEEKDAYS, Between
from protocol_sched.model.schedule import Keep
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span
from protocol_sched.model.standing import BrokenBy

NOTHING: Mapping[str, Keep] = MappingProxyType({})


@attrs.frozen
class Compiled:
    """A problem and what is needed to read its answer."""

    problem: Problem
    agenda: Agenda
    dues: tuple[Due, ...]
    """In the order of the problem's items."""
    shapes: tuple[Shape, ...]
    holders: tuple[tuple[Holder, ...], ...]
    horizon: Horizon
    protocol: Protocol
    clinic: Clinic
    person: Person
    keep: Mapping[str, Keep] = NOTHING
    """How people know visits, by identity."""


class _Compiler:
    """Holds one call's calendars, so that visits of one shape share their sets."""

    def __init__(
        self,
        agenda: Agenda,
        protocol: Protocol,
        clinic: Clinic,
        person: Person,
        horizon: Horizon,
        keep: Mapping[str, Keep],
        calendars: Calendars,
    ) -> None:
        self.agenda, self.protocol, self.keep = agenda, protocol, keep
        self.clinic, self.person, self.horizon = clinic, person, horizon
        self.dues = _in_order(agenda)
        self.index = {due.id: n for n, due in enumerate(self.dues)}
        self.rules = _by_visit(agenda)
        self.calendars = calendars
        self.shapes = tuple(self._shape(due, calendars) for due in self.dues)
        numbers = self._numbers(self.shapes)
        self.candidates = Candidates(clinic, person, horizon, numbers, calendars)
        self.slots = self.candidates.slots

    def _shape(self, due: Due, calendars: Calendars) -> Shape:
        kind = self.protocol.visit_type(due.kind)
        escorted = kind.ride_home is not None and due.id not in self.agenda.waived
        return shape_of(kind, due.type_ordinal, escorted, calendars)

    # --- the slot length: every time that is asked about is a whole number of slots ----------

    def _numbers(self, shapes: Iterable[Shape]) -> Iterator[int]:
        """Yield numbers of minutes that are all whole numbers of slots."""
        for shape in set(shapes):
            for _, start, start_by, end, end_by in stage_ranges(shape.stages):
                yield from (start, start_by, end, end_by)
            if shape.kind.ride_home is not None:
                yield shape.kind.ride_home.stay_with.minutes
            yield shape.no_driving or 0
            yield shape.rest or 0
        for due in self.dues:
            if due.id in self.keep:
                yield self.horizon.tick(self.keep[due.id].start)
        for binding in self.agenda.bindings:
            match binding:
                case FixedAt():
                    yield self.horizon.tick(binding.start)
                case Spacing():
                    target = binding.target
                    ends = (target.least, target.most) if target else ()
                    for length in (binding.least, binding.most, *ends):
                        if isinstance(length, ElapsedSpan):
                            yield length.minutes
                    # A limit from a visit already given is rounded to slots, a target is not, and
                    # nor is a limit that is broken: how far outside it a visit is counts.
                    if isinstance(binding.earlier, PastVisit) and any(
                        isinstance(end, ElapsedSpan)
                        for end in (*ends, binding.most if binding.broken else None)
                    ):
                        for moment in (binding.earlier.start, binding.earlier.end):
                            yield self.horizon.tick(moment) if moment else 0
                case Gated():
                    for length in (binding.least, binding.most):
                        if isinstance(length, ElapsedSpan):
                            yield length.minutes
                case _:
                    pass

    # --- days and targets --------------------------------------------------------------------

    def days(self, due: Due) -> Iterator[Allowed]:
        """Return the dates that rules about this one visit allow."""
        horizon, whole = self.horizon, (1 << self.horizon.days) - 1
        first = horizon.first.weekday()
        if horizon.beyond:
            within = span(0, horizon.days - horizon.beyond)
            yield Allowed(within, causes.HorizonEnds(horizon.last))
        kind = self.protocol.visit_type(due.kind)
        if kind.weekdays:
            rule = OnWeekdays(rule="weekdays", visit=due.id, weekdays=kind.weekdays)
            yield Allowed(self._weekdays(kind.weekdays, first), rule)
        for binding in self.rules[due.id]:
            match binding:
                case NotBefore(visit=due.id, day=day):
                    yield Allowed(whole & ~span(0, horizon.number_of(day)), binding)
                case NotAfter(visit=due.id, day=day):
                    yield Allowed(whole & span(0, horizon.number_of(day) + 1), binding)
                case OnWeekdays(visit=due.id, weekdays=names):
                    yield Allowed(self._weekdays(names, first), binding)
                case Spacing(later=due.id, earlier=PastVisit(on=on)):
                    window = day_window(kept_ends(binding), on, self.agenda.month_end)
                    yield Allowed(self._near(on, window) & whole, binding)
                case OfDates(later=due.id, earlier=PastVisit(on=on)):
                    reach = abs((horizon.last - on).days)
                    window = _kept_window(binding, date_window(binding, on, reach))
                    yield Allowed(self._near(on, window) & whole, binding)
                case _:
                    pass

    def day_targets(self, due: Due) -> Iterator[Target]:
        """Return the dates this visit is best on, measured from visits already given."""
        for binding in self.rules[due.id]:
            match binding:
                case Spacing(later=due.id, earlier=PastVisit(on=on)) if binding.target:
                    if isinstance(binding.target.least, CalendarSpan):
                        window = day_window(binding, on, self.agenda.month_end)
                        base = self.horizon.number_of(on)
                        yield Target(Window(lo=window.lo, hi=window.hi).moved(base), binding)
                case _:
                    pass

    def slot_targets(self, due: Due) -> Iterator[Target]:
        """Return the starts this visit is best at, in real time from visits already given."""
        minutes = self.slots.minutes
        for binding in self.rules[due.id]:
            match binding:
                case Spacing(later=due.id, earlier=PastVisit() as past) if binding.target:
                    window = minutes_window(binding)
                    moments = self._past_moments(past, binding.between)
                    if window.lo is not None and moments[0] == moments[1]:
                        slots = Window(lo=window.lo // minutes, hi=(window.hi or 0) // minutes)
                        base = moments[0] // minutes
                        yield Target(slots.moved(base), binding, 1440 // minutes)
                case _:
                    pass

    def _weekdays(self, names: tuple[str, ...], first: int) -> int:
        return sum(1 << n for n in range(self.horizon.days) if WEEKDAYS[(first + n) % 7] in names)

    def _near(self, on: date, window: Window) -> int:
        base = self.horizon.number_of(on)
        least = 0 if window.least is None else base + window.least
        most = self.horizon.days if window.most is None else base + window.most + 1
        return span(least, most) & ~sum(_bit(base + hole) for hole in window.holes)

    def fixed(self, due: Due) -> Iterator[Allowed]:
        """Return the start grid, or the moment at which the visit is pinned."""
        pins = [rule for rule in self.rules[due.id] if isinstance(rule, FixedAt)]
        for pin in pins:
            slot = self.horizon.tick(pin.start) // self.slots.minutes
            yield Allowed(self.slots.all & _bit(slot), pin)
        if not pins:
            yield self.candidates.grid

    def elapsed_past(self, due: Due) -> Iterator[Allowed]:
        """Return the starts that elapsed rules against visits already given allow."""
        for binding in self.rules[due.id]:
            if not isinstance(binding, Spacing):
                continue
            past = binding.earlier
            if not isinstance(past, PastVisit):
                continue
            kept = kept_ends(binding)
            if not any(isinstance(end, ElapsedSpan) for end in (kept.least, kept.most)):
                continue
            first, last = self._past_moments(past, binding.between)
            bits, minutes = self.slots.all, self.slots.minutes
            if isinstance(kept.least, ElapsedSpan):
                bits &= ~span(0, -(-(last + kept.least.minutes) // minutes))
            if isinstance(kept.most, ElapsedSpan):
                bits &= span(0, (first + kept.most.minutes) // minutes + 1)
            yield Allowed(bits, binding)

    def tested(self, due: Due) -> Iterator[Allowed]:
        """Return the starts that tests on record, or tests still to be done, allow."""
        for binding in self.rules[due.id]:
            if isinstance(binding, Gated):
                bits = 0
                for test in binding.tests:
                    bits |= self._after_test(binding, test, binding.most)
                if binding.again is not None:
                    bits |= self._after_test(binding, self._at_midnight(binding.again), None)
                yield Allowed(bits & self.slots.all, binding)

    def _at_midnight(self, day: date) -> PastVisit:
        start = datetime(day.year, day.month, day.day, tzinfo=self.clinic.zone)
        return PastVisit("", "", day, start)

    def _after_test(self, rule: Gated, test: PastVisit, most: Span | None) -> int:
        """Return the starts at which one test counts."""
        minutes, month_end = self.slots.minutes, self.agenda.month_end
        earliest, latest = self._past_moments(test, Between.STARTS)
        first, last = self._midnight(test.on), self.slots.total
        if test.start is not None:
            first = max(first, -(-earliest // minutes))
        match rule.least:
            case CalendarSpan():
                day = landing(rule.least, test.on, month_end)
                first = max(first, self._midnight(day))
            case ElapsedSpan():
                first = max(first, -(-(latest + rule.least.minutes) // minutes))
            case None:
                pass
        match most:
            case CalendarSpan():
                day = landing(most, test.on, month_end)
                last = self._midnight(day, after=1)
            case ElapsedSpan():
                last = (earliest + most.minutes) // minutes + 1
            case None:
                pass
        return span(first, last) if first < last else 0

    def _midnight(self, day: date, after: int = 0) -> int:
        """Return the slot with which a date begins, cut to the horizon."""
        number = self.horizon.number_of(day) + after
        return self.slots.starts[min(max(number, 0), self.horizon.days)]

    def apart_from_past(self, shape: Shape) -> Iterator[Allowed]:
        """Return the starts at which a visit does not overlap one that was given."""
        minutes, busy = self.slots.minutes, 0
        for past in self.agenda.past:
            if past.start is not None and past.end is not None:
                first = self.horizon.tick(past.start) - shape.most + 1
                last = self.horizon.tick(past.end)
                if last > 0:
                    busy |= span(max(-(-first // minutes), 0), -(-last // minutes))
        if busy:
            yield Allowed(self.slots.all & ~busy, causes.InOrder())

    def _past_moments(self, past: PastVisit, between: Between) -> tuple[int, int]:
        """
        Return the first and last tick at which the past visit can have been.

        A visit without a time is read carefully: the last minute of its date for a least
        distance, the first for a most.
        """
        moment = past.end if between is Between.END_AND_START else past.start
        if moment is not None:
            tick = self.horizon.tick(moment)
            return tick, tick
        zone = self.clinic.zone
        opens = datetime(past.on.year, past.on.month, past.on.day, tzinfo=zone)
        after = past.on + timedelta(days=1)
        ends = datetime(after.year, after.month, after.day, tzinfo=zone)
        return self.horizon.tick(opens), self.horizon.tick(ends)

    def broken(self, due: Due) -> tuple[tuple[Target, ...], tuple[Target, ...]]:
        """Return the limits of a visit that cannot be kept as targets, in days and in slots."""
        days, slots = [], []
        for binding in self.rules[due.id]:
            broken = binding.broken
            if broken is None or binding.forbids:
                continue
            if broken.cause is BrokenBy.DEFERRED:
                days.append(by_day(binding, self.horizon.number_of(broken.first)))
            elif (
                isinstance(binding, Spacing)
                and isinstance(binding.most, ElapsedSpan)
                and isinstance(binding.earlier, PastVisit)
            ):
                first, _ = self._past_moments(binding.earlier, binding.between)
                minutes = self.slots.minutes
                last = (first + binding.most.minutes) // minutes
                slots.append(Target(Window(hi=last), binding, 1440 // minutes))
            else:
                days.append(by_day(binding, self.horizon.number_of(broken.limit)))
        return tuple(days), tuple(slots)

    # --- what people know --------------------------------------------------------------------

    def known(self, due: Due, shape: Shape) -> Known | None:
        """Return where people know the visit to be, and where its ride home can stay."""
        keep = self.keep.get(due.id)
        if keep is None:
            return None
        slot = self.horizon.tick(keep.start) // self.slots.minutes
        rides = self.slots.all
        if shape.escorted and keep.escort is not None:
            rides = self._holder(due, shape, keep.escort)
        return Known(slot, rides, causes.AsKnown(due.id, keep.start))

    def own_holders(self, due: Due, shape: Shape) -> tuple[Holder, ...]:
        """Return who and what a visit could have; not an escort where they declined."""
        keep = self.keep.get(due.id)
        if keep is None or not keep.declined:
            return self.candidates.holders(shape)
        slot = self.horizon.tick(keep.start) // self.slots.minutes
        return tuple(
            attrs.evolve(holder, starts=holder.starts & ~_bit(slot))
            if holder.kind == "escort" and holder.name in keep.declined
            else holder
            for holder in self.candidates.holders(shape)
        )

    def _holder(self, due: Due, shape: Shape, escort: str) -> int:
        found = (h.starts for h in self.own_holders(due, shape) if h.name == escort)
        return next(found, 0)

    def without_declined(self, due: Due, shape: Shape) -> Iterator[Allowed]:
        """Return the starts at which an escort is free who did not decline."""
        keep = self.keep.get(due.id)
        if keep is None or not keep.declined or not shape.escorted:
            return
        starts = 0
        for holder in self.own_holders(due, shape):
            if holder.kind == "escort":
                starts |= holder.starts
        yield Allowed(starts, causes.Declined(keep.declined))

    # --- wishes about the whole course -------------------------------------------------------

    def wishes(self, items: tuple[Item, ...]) -> Iterator[tuple[Option, ...]]:
        """Yield the options of each wish about all visits together."""
        wishes = self.person.preferences
        if wishes.same_time:
            for kind in dict.fromkeys(due.kind for due in self.dues):
                visits = [n for n, due in enumerate(self.dues) if due.kind == kind]
                if len(visits) > 1:
                    yield tuple(self._at_one_time(kind, visits, items))
        ridden = [n for n, shape in enumerate(self.shapes) if shape.escorted]
        if wishes.few_escorts and ridden and len(self.person.escorts) > 1:
            yield tuple(self._with_few_escorts(ridden))

    def _at_one_time(
        self, kind: str, visits: list[int], items: tuple[Item, ...]
    ) -> Iterator[Option]:
        """Yield one option for each time of day at which one of the visits could begin."""
        starts = 0
        for bits in {reduce(and_, (one.bits for one in items[n].slots)) for n in visits}:
            starts |= bits
        for minute, slots in self.slots.by_clock(starts):
            cause = causes.SameTime(kind, minute)
            penalty = Penalty(self.slots.all & ~slots, 1, cause)
            yield Option(0, (), tuple((n, penalty) for n in visits), cause)
        if not starts:
            yield Option(0, (), (), causes.SameTime(kind, 0))

    def _with_few_escorts(self, visits: list[int]) -> Iterator[Option]:
        """Yield one option for each choice of escorts."""
        names = [escort.name for escort in self.person.escorts]
        alike = self._with_same_holders(visits)
        for count in range(1, len(names) + 1):
            for some in combinations(names, count):
                cause = causes.FewEscorts(some)
                allowed: list[tuple[int, Allowed]] = []
                for holders, those in alike:
                    free = (h.starts for h in holders if h.kind == "escort" and h.name in some)
                    rule = Allowed(reduce(or_, free, 0), cause)
                    allowed += [(n, rule) for n in those]
                known = ((n, self.keep.get(self.dues[n].id)) for n in visits)
                others = tuple(n for n, keep in known if keep and keep.escort not in (None, *some))
                yield Option(count - 1, tuple(sorted(allowed, key=_place)), (), cause, others)

    def _with_same_holders(
        self, visits: Iterable[int]
    ) -> list[tuple[tuple[Holder, ...], list[int]]]:
        """Return visits together with those that could have the same places and escorts."""
        alike: list[tuple[tuple[Holder, ...], list[int]]] = []
        for n in visits:
            own = self.own_holders(self.dues[n], self.shapes[n])
            those = next((those for holders, those in alike if holders == own), None)
            if those is None:
                alike.append((own, [n]))
            else:
                those.append(n)
        return alike

    # --- lags --------------------------------------------------------------------------------

    def one_at_a_time(self, lags: Iterable[Lag]) -> Iterator[Lag]:
        """
        Yield what keeps the person from being at two visits at once, where the rules do not.

        A rule that counts dates keeps two visits apart unless the earlier one runs past midnight.
        Of two visits that no rule puts in order the one listed first comes first.
        """
        count = len(self.dues)
        nights = [self.candidates.nights(shape) for shape in self.shapes]
        before, apart = [0] * count, [0] * count
        """For each visit those that begin after it, and those that begin after it is over."""
        for lag in lags:
            for first, second, days, slots in _orders(lag):
                before[first] |= 1 << second
                over = days > nights[first] or slots >= self._length(first)
                apart[first] |= over << second
        if all(apart[n] >> (n + 1) & 1 for n in range(count - 1)):
            return  # each visit is over before the next one begins
        for row in (before, apart):
            for n in range(count):
                _followed(row, n)
        for second in range(count):
            for first in range(second - 1, -1, -1):
                if (apart[first] >> second | apart[second] >> first) & 1:
                    continue
                a, b = (second, first) if before[second] >> first & 1 else (first, second)
                window = Window(least=self._length(a))
                yield SlotLag(a, b, window, causes.InOrder(), 1440 // self.slots.minutes)
                for row in (before, apart):
                    row[a] |= 1 << b | row[b]
                    _followed(row, a)

    def _length(self, n: int) -> int:
        """Return the longest that a visit can take, in slots."""
        return self.shapes[n].most // self.slots.minutes

    def _lags(self) -> Iterator[Lag]:
        """Yield every rule between two visits that are both still due."""
        for binding in self.agenda.bindings:
            if not isinstance(binding, AtMost) and not binding.due <= self.index.keys():
                continue  # a visit that is only tentative is not placed; a cap may lose some
            match binding:
                case Spacing(earlier=str(name)):
                    yield from self._spacing(binding, self.index[name], self.index[binding.later])
                case OfDates(earlier=str(name)) if binding.keeps_most:
                    found: dict[Window, Window] = {}
                    each = (date_window(binding, day, self.horizon.days) for day in self._dates())
                    windows = tuple([found.setdefault(window, window) for window in each])
                    yield TableLag(self.index[name], self.index[binding.later], windows, binding)
                case AtMost():
                    yield from self._at_most(binding)
                case _:
                    pass  # about one visit, or waived, and no limit from a date

    def _by_months(self, binding: Spacing) -> tuple[Window, ...]:
        """Return the window from each date; equal ones are one value."""
        found: dict[Window, Window] = {}
        windows = (day_window(binding, day, self.agenda.month_end) for day in self._dates())
        return tuple([found.setdefault(window, window) for window in windows])

    def _dates(self) -> list[date]:
        return [self.horizon.date_of(n) for n in range(self.horizon.days)]

    def _spacing(self, binding: Spacing, earlier: int, later: int) -> Iterator[Lag]:
        target, kept = binding.target, kept_ends(binding)
        lo: Span | None = target.least if target else None
        hi: Span | None = target.most if target else None
        if any(isinstance(length, CalendarSpan) for length in (kept.least, kept.most, lo)):
            spans, month_end = (kept.least, kept.most, lo, hi), self.agenda.month_end
            if any(isinstance(s, CalendarSpan) and s.by_months for s in spans):
                windows = self.calendars.once(
                    "months",
                    (),
                    lambda: self._by_months(kept),
                    spans,
                    month_end,
                    self.horizon,
                    size=100 * self.horizon.days,
                )
                yield TableLag(earlier, later, windows, binding)
            else:
                window = day_window(kept, self.horizon.first, month_end)
                yield DayLag(earlier, later, window, binding)
        minutes = self.slots.minutes
        ends = binding.between is Between.END_AND_START
        base = self.shapes[earlier].most // minutes if ends else 0

        def slots(length: Span | None) -> int | None:
            if not isinstance(length, ElapsedSpan):
                return None
            return base + length.minutes // minutes

        window = Window(slots(kept.least), slots(kept.most), slots(lo), slots(hi))
        if window != Window():
            yield SlotLag(earlier, later, window, binding, 1440 // minutes)

    def _at_most(self, binding: AtMost) -> Iterator[Lag]:
        """
        Compile "at most k of these in any N days" for visits in order of time.

        It holds exactly when each visit comes N days or more after the k-th before it.
        """
        visits = self._counted(binding)
        for first, last in zip(visits, visits[binding.most :], strict=False):
            if isinstance(first, str) and isinstance(last, str):
                window = Window(least=binding.days)
                yield DayLag(self.index[first], self.index[last], window, binding)

    def _counted(self, binding: AtMost) -> list[str | PastVisit]:
        """Return the visits a cap counts, without those that are only tentative."""
        return [
            visit for visit in binding.visits if isinstance(visit, PastVisit) or visit in self.index
        ]

    def capped(self, due: Due) -> Iterator[Allowed]:
        """Return the dates that caps allow after visits already given."""
        whole = (1 << self.horizon.days) - 1
        for binding in self.rules[due.id]:
            if not isinstance(binding, AtMost):
                continue
            visits = self._counted(binding)
            for first, last in zip(visits, visits[binding.most :], strict=False):
                if isinstance(first, PastVisit) and last == due.id:
                    day = self.horizon.number_of(first.on) + binding.days
                    yield Allowed(whole & ~span(0, day), binding)

    def problem(self) -> Problem:
        """Return the whole problem."""
        items = []
        for due, shape in zip(self.dues, self.shapes, strict=True):
            own = (
                *self.fixed(due),
                *self.elapsed_past(due),
                *self.tested(due),
                *self.apart_from_past(shape),
                *self.without_declined(due, shape),
            )
            items.append(
                Item(
                    due.id,
                    shape.most // self.slots.minutes,
                    (*self.candidates.allowed(shape), *own),
                    (*self.days(due), *self.capped(due)),
                    self.candidates.penalties(shape),
                    tuple(self.day_targets(due)),
                    tuple(self.slot_targets(due)),
                    self.known(due, shape),
                )
            )
        lags = tuple(self._lags())
        lags = (*lags, *self.one_at_a_time(lags))
        breaches = [self.broken(due) for due in self.dues]
        visits, weight, unavoidable = with_breaches(items, lags, breaches, self.slots.starts)
        return Problem(
            visits,
            tuple(lag if lag.earlier < lag.later else turned(lag) for lag in lags),
            self.slots.starts,
            self.slots.minutes,
            tuple((n, self.slots.wall(n)) for n in self.slots.irregular),
            tuple(self.wishes(tuple(items))),
            weight,
            unavoidable,
        )


def compile_agenda(
    agenda: Agenda,
    protocol: Protocol,
    clinic: Clinic,
    person: Person,
    horizon: Horizon,
    keep: Mapping[str, Keep] = NOTHING,
    calendars: Calendars | None = None,
) -> Compiled:
    """
    Turn what is due into a problem of integers, every constraint with the rule it came from.

    Args:
        agenda: What is due; its tentative visits are left out.
        horizon: In the clinic's zone; visits begin and end inside it.
        keep: How people know visits, by identity; what is not due is passed over.
        calendars: What earlier calls worked out, for calls that have a clinic or a person in
            common; the answer does not depend on it.

    Raises:
        UnknownName: A visit type of the agenda is not in the protocol.
    """
    kept = Calendars() if calendars is None else calendars
    compiler = _Compiler(agenda, protocol, clinic, person, horizon, keep, kept)
    problem = compiler.problem()
    each = zip(compiler.dues, compiler.shapes, strict=True)
    holders = tuple(compiler.own_holders(due, shape) for due, shape in each)
    return Compiled(
        problem,
        agenda,
        compiler.dues,
        compiler.shapes,
        holders,
        horizon,
        protocol,
        clinic,
        person,
        keep,
    )


def _by_visit(agenda: Agenda) -> dict[str, list[Rules]]:
    """Return for each visit the rules that say where it may be, in the agenda's order."""
    rules: dict[str, list[Rules]] = {due.id: [] for due in agenda.dues}
    for binding in agenda.bindings:
        for visit in (binding.dated,) if binding.dated is not None else binding.about:
            if isinstance(visit, str):
                rules[visit].append(binding)
    return rules


def _in_order(agenda: Agenda) -> tuple[Due, ...]:
    """Return the dues so that each comes after all that a rule measures it from."""
    waiting = [due for due in agenda.dues if not due.tentative]
    after: dict[str, set[str]] = {due.id: set() for due in waiting}
    known = {due.id for due in agenda.dues}
    for binding in agenda.bindings:
        match binding:
            case OfTwo(earlier=str(name), later=later) if later in after and name in known:
                # A tentative visit is not placed, nor one left out: their rules bind nothing.
                after[later].add(name)
            case _:
                pass
    ordered: list[Due] = []
    placed: set[str] = set()
    while waiting:
        ready = next((due for due in waiting if after[due.id] <= placed), waiting[0])
        waiting.remove(ready)
        ordered.append(ready)
        placed.add(ready.id)
    return tuple(ordered)


def _orders(lag: Lag) -> Iterator[tuple[int, int, int, int]]:
    """Yield which visit a lag puts before which, and by how many days and slots at the least."""
    match lag:
        case DayLag(window=Window(least=int(least))) if least > 0:
            yield lag.earlier, lag.later, least, 0
        case DayLag(window=Window(most=int(most))) if most < 0:
            yield lag.later, lag.earlier, -most, 0
        case SlotLag(window=Window(least=int(least))) if least > 0:
            yield lag.earlier, lag.later, 0, least
        case SlotLag(window=Window(most=int(most))) if most < 0:
            yield lag.later, lag.earlier, 0, -most
        case TableLag(windows=windows):
            least = min((0 if one.least is None else one.least for one in windows), default=0)
            most = max((0 if one.most is None else one.most for one in windows), default=0)
            if least > 0:
                yield lag.earlier, lag.later, least, 0
            elif most < 0:
                yield lag.later, lag.earlier, -most, 0
        case _:
            pass


def _followed(row: list[int], middle: int) -> None:
    """Let all that comes before a visit come before what follows it too."""
    for n, after in enumerate(row):
        if after >> middle & 1:
            row[n] = after | row[middle]


def _kept_window(binding: OfDates, window: Window) -> Window:
    """Return a window with the ends that have to be kept."""
    return attrs.evolve(
        window,
        least=window.least if binding.keeps_least else None,
        most=window.most if binding.keeps_most else None,
        holes=window.holes if binding.keeps_least else frozenset(),
    )


def _place(allowed: tuple[int, Allowed]) -> int:
    return allowed[0]


def _bit(n: int) -> int:
    return 1 << n if n >= 0 else 0
