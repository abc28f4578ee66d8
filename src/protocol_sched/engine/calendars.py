"""Local hours as sets of slots: how clinic, person and escort calendars become integers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from protocol_sched.engine.bitsets import joined, members, pieces, span
from protocol_sched.engine.horizon import Horizon, instant, shown
from protocol_sched.model.availability import Booking, DatedHours, Hours, HoursOver, LocalWindow
from protocol_sched.model.plain import WEEKDAYS


class SlotCalendar:
    """
    A horizon cut into slots of ``minutes`` each, and sets of its slots.

    ``minutes`` must divide every time that is asked about; see `numbers_of`.
    """

    def __init__(self, horizon: Horizon, minutes: int) -> None:
        self.horizon = horizon
        self.minutes = minutes
        self.starts = tuple(tick // minutes for tick in horizon.midnights)
        self.total = self.starts[-1]
        self.all = (1 << self.total) - 1
        days = range(horizon.days)
        self._runs = [(regular, list(run)) for regular, run in groupby(days, horizon.regular)]
        self.irregular = horizon.irregular

    def slots(self, start: int, end: int) -> int:
        """Return the slots of ``[start, end)`` in ticks, cut to the horizon."""
        return span(start // self.minutes, min(end // self.minutes, self.total))

    def on_weekdays(self, names: Iterable[str]) -> int:
        """Return the slots of the dates that are on some weekdays."""
        numbers = {WEEKDAYS.index(name) for name in names}
        first = self.horizon.first.weekday()
        found = 0
        for n in range(self.horizon.days):
            if (first + n) % 7 in numbers:
                found |= span(self.starts[n], self.starts[n + 1])
        return found

    def day_mask(self, windows: Iterable[LocalWindow]) -> int:
        """Return the slots of windows on a day of 24 hours, from its midnight on."""
        mask = 0
        for start, end in windows:
            mask |= span(start // self.minutes, end // self.minutes)
        return mask

    def of_days(self, masks: Sequence[int], windows: Sequence[tuple[LocalWindow, ...]]) -> int:
        """
        Return one set from a set for each day.

        ``masks`` are those of 24-hour days; on days whose clock changes the ``windows`` are
        taken instead.
        """
        bits = 0
        for regular, days in self._runs:
            if regular:
                part = joined(masks[days[0] : days[-1] + 1], 1440 // self.minutes)
                bits |= part << self.starts[days[0]]
            else:
                for n in days:
                    for start, end in windows[n]:
                        first = self.horizon.local_tick(n, start)
                        last = self.horizon.local_tick(n, end, end=True)
                        bits |= self.slots(first, last)
        return bits

    def hours(self, hours: Hours, zone: ZoneInfo) -> int:
        """Return the slots that weekly and dated hours of a zone take, both of a doubled hour."""
        horizon = self.horizon
        if zone.key != horizon.zone.key:
            return self._joined(foreign(horizon, hours, zone))
        week = [self.day_mask(windows) for windows in hours.week]
        weekday, weeks = horizon.first.weekday(), horizon.days // 7 + 1
        masks = ((week[weekday:] + week[:weekday]) * weeks)[: horizon.days]
        windows = ((hours.week[weekday:] + hours.week[:weekday]) * weeks)[: horizon.days]
        for day, other in hours.dates:
            n = horizon.number_of(day)
            if 0 <= n < horizon.days:
                masks[n] = self.day_mask(other)
                if n in self.irregular:
                    windows = (*windows[:n], other, *windows[n + 1 :])
        return self.of_days(masks, windows)

    def open(self, hours: Hours, zone: ZoneInfo) -> int:
        """
        Return the slots in which weekly and dated hours of a zone are open.

        Those whose clock shows a time inside them. What is open counts only where it surely is,
        and what is taken wherever it may be: `hours` has all from the first to the last reading.
        """
        horizon = self.horizon
        if zone.key != horizon.zone.key:
            return self._joined(foreign(horizon, hours, zone, opening=True))
        bits = self.hours(hours, zone)
        for n in self.irregular:
            bits &= ~span(self.starts[n], self.starts[n + 1])
            windows = hours.on(horizon.date_of(n))
            bits |= self._joined(local_windows(horizon, zone, n, windows, opening=True))
        return bits

    def dated(self, hours: DatedHours, zone: ZoneInfo, *, opening: bool = False) -> int:
        """Return the slots of the same hours on each of some dates; ``opening`` as in `open`."""
        return self._joined(dated(self.horizon, hours, zone, opening=opening))

    def _joined(self, windows: Iterable[tuple[int, int]]) -> int:
        bits = 0
        for start, end in windows:
            bits |= self.slots(start, end)
        return bits

    def booked(self, bookings: Iterable[Booking]) -> int:
        """Return the slots that at least one booking holds, in the horizon's zone."""
        horizon = self.horizon
        first, days, minutes = horizon.first.toordinal(), horizon.days, self.minutes
        masks = [0] * days
        late: list[Booking] = []
        irregular = set(self.irregular)
        held: dict[tuple[int, int], int] = {}
        for booking in bookings:
            n = booking.day.toordinal() - first
            if 0 <= n < days:
                if n in irregular:
                    late.append(booking)
                at = (booking.start, booking.end)
                if at not in held:  # few different times, many bookings
                    held[at] = span(at[0] // minutes, at[1] // minutes)
                masks[n] |= held[at]
        windows: list[tuple[LocalWindow, ...]] = [()] * (days if irregular else 0)
        for booking in late:
            n = horizon.number_of(booking.day)
            windows[n] = (*windows[n], (booking.start, booking.end))
        return self.of_days(masks, windows)

    def overbooked(self, bookings: Iterable[Booking], spare: int) -> int:
        """Return the slots at which more than ``spare`` units are booked together."""
        by_day: dict[int, list[Booking]] = {}
        for booking in bookings:
            by_day.setdefault(self.horizon.number_of(booking.day), []).append(booking)
        masks, bits = [0] * self.horizon.days, 0
        for n, listed in by_day.items():
            if sum(booking.units for booking in listed) <= spare:
                continue
            if n in self.irregular:
                bits |= self._together(listed, spare)
            elif 0 <= n < self.horizon.days:
                masks[n] = self.day_mask(_above(listed, spare))
        return bits | self.of_days(masks, [()] * self.horizon.days)

    def _together(self, bookings: Iterable[Booking], spare: int) -> int:
        """Return the same where a clock changes and an hour may come twice or not at all."""
        taken: list[int] = []  # taken[k]: the slots at which more than k units are booked
        for booking in bookings:
            for _ in range(booking.units):
                bits = self.booked([booking])
                for k, level in enumerate(taken):
                    taken[k], bits = level | bits, level & bits
                if bits:
                    taken.append(bits)
        return taken[spare] if spare < len(taken) else 0

    def starting_at(self, grid: int) -> int:
        """Return the slots at which the clock shows a multiple of ``grid`` minutes."""
        days = self.horizon.days
        mask = sum(1 << slot for slot in range(0, 1440 // self.minutes, grid // self.minutes))
        bits = self.of_days([mask] * days, [()] * days)
        for n in self.irregular:
            for slot, minute in enumerate(self.walls[n], self.starts[n]):
                if minute % grid == 0:
                    bits |= 1 << slot
        return bits

    def by_clock(self, slots: int) -> Iterator[tuple[int, int]]:
        """Yield each time of day, in minutes after midnight, that one of some slots has, with
        all slots of the calendar that have it."""
        minutes: set[int] = set()
        offsets = 0
        for day, part in pieces(slots, self.starts):
            if self.horizon.regular(day):
                offsets |= part
            else:
                clock = self.walls[day]
                minutes |= {clock[offset] for offset in members(part)}
        minutes |= {offset * self.minutes for offset in members(offsets)}
        days = self.horizon.days
        for minute in sorted(minutes):
            bits = self.of_days([1 << minute // self.minutes] * days, [()] * days)
            for n, clock in self.walls.items():
                for slot, at in enumerate(clock, self.starts[n]):
                    if at == minute:
                        bits |= 1 << slot
            yield minute, bits

    @cached_property
    def walls(self) -> dict[int, tuple[int, ...]]:
        """
        Return the days on which a clock changes, with what it shows at each of their slots.

        In minutes after midnight.
        """
        slots = {n: range(self.starts[n], self.starts[n + 1]) for n in self.irregular}
        return {
            n: tuple(self.horizon.wall_minute(slot * self.minutes) for slot in of_day)
            for n, of_day in slots.items()
        }

    def days(self, days: Iterable[int]) -> int:
        """Return all slots of some days."""
        bits = 0
        for n in days:
            bits |= span(self.starts[n], self.starts[n + 1])
        return bits


def _above(bookings: Sequence[Booking], spare: int) -> Iterable[LocalWindow]:
    """Yield the stretches of a day in which more than ``spare`` units are booked together."""
    change: dict[int, int] = {}
    for booking in bookings:
        change[booking.start] = change.get(booking.start, 0) + booking.units
        change[booking.end] = change.get(booking.end, 0) - booking.units
    edges, units = sorted(change), 0
    for start, end in pairwise(edges):
        units += change[start]
        if units > spare:
            yield start, end


def foreign(
    horizon: Horizon, hours: Hours, zone: ZoneInfo, *, opening: bool = False
) -> Iterable[tuple[int, int]]:
    """Yield windows of weekly and dated hours of any zone, in ticks of the horizon."""
    for n in range(-2, horizon.days + 2):
        day = horizon.date_of(n)
        yield from local_windows(horizon, zone, n, hours.on(day), opening=opening)


def local_windows(
    horizon: Horizon,
    zone: ZoneInfo,
    day: int,
    windows: Iterable[LocalWindow],
    *,
    opening: bool = False,
) -> Iterable[tuple[int, int]]:
    """
    Yield windows of one local day of any zone, in ticks; empty ones are left out.

    With ``opening`` only while the clock shows a time inside them, else from the first reading of
    their start to the last of their end.
    """
    date = horizon.date_of(day)
    own = zone.key == horizon.zone.key and 0 <= day < horizon.days and horizon.regular(day)
    for start, end in windows:
        if own:  # nothing comes twice, and nothing is skipped
            midnight = horizon.midnights[day]
            if end > start:
                yield midnight + start, midnight + end
            continue
        stretches = shown(zone, date, start, end)
        if not opening:
            stretches = ((stretches[0][0], stretches[-1][1]),)
        for opens, closes in stretches:
            first, last = horizon.tick(opens), horizon.tick(closes)
            if last > first:
                yield first, last


def dated(
    horizon: Horizon, hours: DatedHours, zone: ZoneInfo, *, opening: bool = False
) -> Iterable[tuple[int, int]]:
    """Yield the windows of dated hours that touch the horizon, in ticks."""
    if isinstance(hours, HoursOver):
        yield horizon.tick(instant(zone, hours.first, 0)), horizon.tick(hours.until)
        return
    first = max(horizon.number_of(hours.first), -2)
    last = min(horizon.number_of(hours.last), horizon.days + 1)
    for n in range(first, last + 1):
        yield from local_windows(horizon, zone, n, hours.hours, opening=opening)
