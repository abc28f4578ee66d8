"""What a picture shows: for each day of a course its hours, its visits and no driving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.model.agenda import PastVisit
from protocol_sched.model.availability import (
    MINUTES_A_DAY,
    Clinic,
    DatedHours,
    Escort,
    LocalWindow,
    Person,
    merged,
)
from protocol_sched.model.moments import utc
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import PlannedStage, Ride, Schedule, Visit
from protocol_sched.model.sentences import told
from protocol_sched.text.around import checks_of, co_medications_of, tasks_of, team_text
from protocol_sched.text.day_numbers import numbers_of
from protocol_sched.text.language import Language


@attrs.frozen(kw_only=True)
class Piece:
    """A stretch of a bar on one day, in minutes after midnight."""

    start: int
    end: int
    stage: str = ""
    """Empty for a visit already given."""
    sure: bool = True


@attrs.frozen(kw_only=True)
class Block:
    """What one day shows of one visit."""

    title: str
    times: str
    home: str = ""
    """Who takes the person home."""
    mark: str = ""
    """What is behind that name: `` ?`` until the ride is confirmed."""
    tells: str
    pieces: tuple[Piece, ...]
    past: bool = False


@attrs.frozen(kw_only=True)
class Day:
    """Everything one cell shows."""

    day: date
    open: tuple[LocalWindow, ...]
    closed_for: str | None
    """Why it is closed, where a closure says so; ``None`` where no closure is meant."""
    away: bool
    """Whether an absence takes all of the time in which the person could come."""
    come: tuple[LocalWindow, ...] | None
    """When the person can come, where that is not the whole day; else ``None``."""
    drive: tuple[LocalWindow, ...] | None
    """When an escort can drive, where one is needed and not there all day; else ``None``."""
    blocks: tuple[Block, ...]
    barred: tuple[LocalWindow, ...]
    """When the person may not drive."""


def is_busy(day: Day) -> bool:
    """Tell whether there is anything to say about a day but that it is closed as ever."""
    return bool(day.open or day.blocks) or day.closed_for is not None


class Days:
    """
    A course day by day, in the clinic's zone.

    Args:
        dates: When its visits are, by identity, to number its days by; empty where none is told.
    """

    def __init__(
        self,
        schedule: Schedule,
        clinic: Clinic,
        person: Person,
        protocol: Protocol,
        speech: Language,
        dates: Mapping[str, date],
    ) -> None:
        self.speech, self.dates = speech, dates
        self.schedule, self.clinic, self.person = schedule, clinic, person
        self.protocol = protocol
        self.zone = clinic.zone
        self.blocks: dict[date, list[Block]] = {}
        self.barred: dict[date, list[LocalWindow]] = {}
        self.rides = {
            self.local(visit.discharge).date()
            for visit in schedule.visits
            if visit.ride is not None and not visit.waived
        }
        self._gather()

    def _gather(self) -> None:
        for given in self.schedule.past:
            self.blocks.setdefault(given.on, []).append(self._given(given))
        for visit in sorted(self.schedule.visits, key=lambda visit: utc(visit.start)):
            start = self.local(visit.start)
            end = self.local(max(visit.start, visit.discharge_by, key=utc))
            for day, (_, until) in each_day(start, end):
                if until or day == start.date():
                    self.blocks.setdefault(day, []).append(self._block(visit, day))
            for day, window in self._no_driving(visit):
                self.barred.setdefault(day, []).append(window)

    def local(self, moment: datetime) -> datetime:
        """Return a moment by the clinic's clock."""
        return moment.astimezone(self.zone)

    def _given(self, given: PastVisit) -> Block:
        words = self.speech.plan
        said = words.given if given.counts else words.did_not_count
        said = said if given.kind else words.happened
        pieces, times = [], said
        if given.start is not None:
            start = self.local(given.start)
            end = self.local(given.end or given.start)
            last = minute_of(end) if end.date() == start.date() else MINUTES_A_DAY
            pieces.append(Piece(start=minute_of(start), end=max(last, minute_of(start))))
            times = f"{start:%H:%M}, {said}"
        on = self.speech.day(given.on, year=True)
        if number := self.number(given.on):
            on += f" ({number})"
        tells = f"{given.title}, {on}{self.speech.colon} {times}"
        return Block(title=given.title, times=times, tells=tells, pieces=tuple(pieces), past=True)

    def _block(self, visit: Visit, day: date) -> Block:
        pieces = []
        for stage, start, end, sure in stretches(visit.stages):
            for on, (first, last) in each_day(self.local(start), self.local(end)):
                if on == day:
                    pieces.append(Piece(start=first, end=last, stage=stage, sure=sure))
        begins = self.local(visit.start).date() == day
        ends = self.local(visit.discharge_by).date() == day
        leave, tell = self._leave(visit, day), self.speech.tell
        if begins and ends:
            times = tell("{start} to {end}", start=f"{self.local(visit.start):%H:%M}", end=leave)
        elif begins:
            times = tell("from {start}", start=f"{self.local(visit.start):%H:%M}")
        else:
            times = tell("until {end}", end=leave) if ends else tell("all day")
        return Block(
            title=visit.title if begins else f"… {visit.title}",
            times=times,
            home=self._home(visit) if ends else "",
            mark=self._mark(visit) if ends else "",
            tells=self.tells(visit),
            pieces=tuple(pieces),
        )

    def _leave(self, visit: Visit, day: date) -> str:
        first, last = self.local(visit.discharge), self.local(visit.discharge_by)
        text = f"{last:%H:%M}"
        return text if utc(first) == utc(last) or first.date() != day else f"{first:%H:%M}-{text}"

    def tells(self, visit: Visit) -> str:
        """Return everything about a visit in words, for a pointer and for a screen reader."""
        tell, words = self.speech.tell, self.speech.plan
        first, last = self.local(visit.discharge), self.local(visit.discharge_by)
        parts = [tell("arrive {clock}", clock=self.local(visit.start).time())]
        for stage in visit.stages:
            start, end = self.local(stage.start), self.local(stage.end_by)
            times = tell("{start} to {end}", start=start.time(), end=end.time())
            parts.append(f"{stage.name} {times}")
        leave = "discharge between {first} and {last}"
        if utc(first) == utc(last):
            leave = "discharge at {last}"
        parts.append(tell(leave, first=first.time(), last=last.time()))
        if last.date() != self.local(visit.start).date():
            parts[-1] = tell("{text} on {day}", text=parts[-1], day=self.speech.day(last.date()))
        if visit.waived:
            parts.append(tell("the ride home is waived"))
        elif visit.ride is not None:
            ride = {
                Ride.UNCONFIRMED: told("home with {escort}, ride unconfirmed", escort=""),
                Ride.CONFIRMED: told("home with {escort}, ride confirmed", escort=""),
                Ride.DECLINED: told("home with {escort}, ride declined", escort=""),
            }[visit.ride]
            parts.append(tell(ride.template, escort=visit.escort or words.nobody_yet))
        parts += [name for _, name in visit.places]
        parts += team_text(visit)
        until = visit.no_driving_until
        if isinstance(until, datetime):
            parts.append(tell("no driving until {when}", when=self.local(until)))
        elif until is not None:
            parts.append(tell("no driving until {when}", when=until))
        if any(kind.name == visit.kind for kind in self.protocol.visit_types):
            parts += map(words.co_medication, co_medications_of(visit, self.protocol))
            parts += (words.check(*one) for one in checks_of(visit, self.protocol))
            parts += self._tasks(visit)
        day = self.speech.day(self.local(visit.start).date(), year=True)
        if number := self.number(self.local(visit.start).date()):
            day += f" ({number})"
        said = words.semicolon.join(parts)
        return f"{visit.title}, {day}{self.speech.colon} {said}"

    def numbers(self, day: date) -> tuple[int, int] | None:
        """Return the number of a date and that of its week, as the protocol counts."""
        return numbers_of(day, self.dates, self.protocol)

    def number(self, day: date) -> str:
        """Return the number of a date and its week; empty where the protocol numbers none."""
        numbers = self.numbers(day)
        return "" if numbers is None else self.speech.calendar.course_day(*numbers)

    def _tasks(self, visit: Visit) -> Iterator[str]:
        for name, start, end, held in tasks_of(visit, self.protocol):
            who = f" ({', '.join(held)})" if held else ""
            times = _beside(start, visit.day), _beside(end, start.date())
            yield f"{self.speech.plan.task(name, *times)}{who}"

    def _home(self, visit: Visit) -> str:
        """Return who takes the person home; empty where nobody has to."""
        if visit.waived:
            return self.speech.tell("ride waived")
        nobody = self.speech.plan.nobody_yet if visit.ride is not None else ""
        return visit.escort or nobody

    def _mark(self, visit: Visit) -> str:
        if visit.waived or visit.ride is None or visit.ride is Ride.CONFIRMED:
            return ""
        return " ?" if visit.ride is Ride.UNCONFIRMED else self.speech.tell(" declined")

    def _no_driving(self, visit: Visit) -> Iterator[tuple[date, LocalWindow]]:
        until = visit.no_driving_until
        if until is None:
            return
        if not isinstance(until, datetime):
            until = datetime.combine(until, time(), self.zone)
        for day, window in each_day(self.local(visit.discharge), self.local(until)):
            if window[0] < window[1]:
                yield day, window

    def weeks(self) -> tuple[tuple[Day, ...], ...]:
        """Return every week from the first to the last day with anything on it."""
        days = sorted({*self.blocks, *self.barred})
        if not days:
            return ()
        first = days[0] - timedelta(days[0].weekday())
        count = (days[-1] - first).days // 7 + 1
        return tuple(
            tuple(self._day(first + timedelta(7 * week + n)) for n in range(7))
            for week in range(count)
        )

    def _day(self, day: date) -> Day:
        closures = [closure for closure in self.clinic.closures if closure.on(day)]
        hours = list(self.clinic.hours.on(day))
        for opening in self.clinic.extra_openings:
            hours += opening.on(day)
        whole = merged(hours)
        windows = _without(whole, closures, day)
        shut = [closure.why or self.speech.tell("closed") for closure in closures]
        return Day(
            day=day,
            open=windows,
            closed_for=", ".join(shut) if whole and not windows else None,
            away=bool(windows) and self._is_away(day, windows),
            come=self._comes(day),
            drive=self._drives(day),
            blocks=tuple(self.blocks.get(day, ())),
            barred=merged(self.barred.get(day, ())),
        )

    def is_open(self, day: date) -> bool:
        """Tell whether the clinic is open at any time of a date."""
        return bool(self._day(day).open)

    def _is_away(self, day: date, windows: Iterable[LocalWindow]) -> bool:
        """Tell whether the person could come while the clinic is open, were they not away."""
        usual, left = (self._there(self.person, day, absent) for absent in (False, True))
        return _meet(usual, windows) and not _meet(left, windows)

    def _comes(self, day: date) -> tuple[LocalWindow, ...] | None:
        return _if_not_whole(self._there(self.person, day, True))

    def _drives(self, day: date) -> tuple[LocalWindow, ...] | None:
        if day not in self.rides:
            return None
        return _if_not_whole(
            merged(window for one in self.person.escorts for window in self._there(one, day, True))
        )

    def _there(self, who: Person | Escort, day: date, absent: bool) -> tuple[LocalWindow, ...]:
        """Return when somebody is free on a day of the clinic, by its clock."""
        zone = who.zone or self.zone
        if zone == self.zone:
            return _without(who.available.on(day), who.away if absent else (), day)
        found: list[LocalWindow] = []
        for near in (day - timedelta(1), day, day + timedelta(1)):
            for window in _without(who.available.on(near), who.away if absent else (), near):
                start, end = _instants(zone, near, window)
                for on, part in each_day(self.local(start), self.local(end)):
                    found += [part] if on == day and part[0] < part[1] else []
        return merged(found)


def _if_not_whole(windows: tuple[LocalWindow, ...]) -> tuple[LocalWindow, ...] | None:
    return None if windows == ((0, MINUTES_A_DAY),) else windows


def _meet(first: Iterable[LocalWindow], second: Iterable[LocalWindow]) -> bool:
    return any(a < d and c < b for (a, b), (c, d) in product(first, second))


def minute_of(moment: datetime) -> int:
    return 60 * moment.hour + moment.minute


def each_day(start: datetime, end: datetime) -> Iterator[tuple[date, LocalWindow]]:
    """Yield each date from start to end with its part, in minutes after midnight."""
    day = start.date()
    while day <= end.date():
        first = minute_of(start) if day == start.date() else 0
        last = minute_of(end) if day == end.date() else MINUTES_A_DAY
        yield day, (first, max(first, last))
        day += timedelta(1)


def stretches(stages: Sequence[PlannedStage]) -> Iterator[tuple[str, datetime, datetime, bool]]:
    """
    Yield each stage's stretches: the one it surely takes, and the one in which it may still run.

    While a stage may still run the next one may have begun; that time is shown as the earlier
    stage's, so that a bar has each minute once.
    """
    shown: datetime | None = None
    for stage in stages:
        start = max(shown, stage.start, key=utc) if shown else stage.start
        if utc(start) < utc(stage.end):
            yield stage.name, start, stage.end, True
        start = max(start, stage.end, key=utc)
        if utc(start) < utc(stage.end_by):
            yield stage.name, start, stage.end_by, False
        shown = max(start, stage.end_by, key=utc)


def _instants(zone: ZoneInfo, day: date, window: LocalWindow) -> tuple[datetime, datetime]:
    """Return the instants at which a stretch of a local day begins and ends."""
    midnight = datetime.combine(day, time())
    first, last = (midnight + timedelta(minutes=minute) for minute in window)
    return first.replace(tzinfo=zone).astimezone(UTC), last.replace(tzinfo=zone).astimezone(UTC)


def _without(
    windows: Iterable[LocalWindow], cuts: Iterable[DatedHours], day: date
) -> tuple[LocalWindow, ...]:
    """Return windows of one day without what closures or absences take from them."""
    left = list(windows)
    for cut in (window for dated in cuts for window in dated.on(day)):
        parts = [((a, min(b, cut[0])), (max(a, cut[1]), b)) for a, b in left]
        left = [part for pair in parts for part in pair if part[0] < part[1]]
    return tuple(left)


def _beside(moment: datetime, day: date) -> tuple[date | None, str]:
    """Return the date of a moment where it is not the one it stands beside, and the time."""
    return None if moment.date() == day else moment.date(), f"{moment:%H:%M}"
