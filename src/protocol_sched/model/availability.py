"""
Who and what is free when: clinic, person, escort.

Hours are local wall-clock times on local dates, in the zone of whoever they belong to.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.errors import InvalidValue, UnknownName
from protocol_sched.model.former import keeps_former
from protocol_sched.model.moments import as_instant, zoned
from protocol_sched.model.plain import WEEKDAYS, as_pairs, as_tuple
from protocol_sched.model.references import require_least
from protocol_sched.model.typed import typed

MINUTES_A_DAY = 24 * 60

LocalWindow = tuple[int, int]
"""A stretch of one local day, ``[start, end)`` in minutes after its midnight, 0 to 1440."""


def clock(text: str) -> int:
    """Return minutes after midnight of ``HH:MM``, ``00:00`` to ``24:00``."""
    match = re.fullmatch(r"(\d{1,2}):(\d\d)", text.strip())
    minutes = 60 * int(match[1]) + int(match[2]) if match else -1
    if match is None or int(match[2]) > 59 or not 0 <= minutes <= MINUTES_A_DAY:
        raise InvalidValue("hours", "time", repr(text), "such as 08:00, from 00:00 to 24:00")
    return minutes


def clock_text(minutes: int) -> str:
    """Return ``HH:MM`` of minutes after midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def merged(windows: Iterable[LocalWindow]) -> tuple[LocalWindow, ...]:
    """
    Return windows in order, overlapping and touching ones made one.

    Raises:
        InvalidValue: A window is none, or one is not of one day.
    """
    result: list[LocalWindow] = []
    for start, end in sorted(windows):
        if not 0 <= start < end <= MINUTES_A_DAY:
            found = f"{clock_text(max(start, 0))} to {clock_text(max(end, 0))}"
            raise InvalidValue("hours", "window", found, "a start before its end on one day")
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return tuple(result)


def parse_hours(text: str) -> tuple[LocalWindow, ...]:
    """Read ``08:00-12:00, 13:00-17:00``, ``closed`` or ``all day``."""
    if text.strip() == "closed":
        return ()
    if text.strip() == "all day":
        return ((0, MINUTES_A_DAY),)
    windows = []
    for part in text.split(","):
        start, dash, end = part.partition("-")
        if not dash:
            wanted = "such as '08:00-12:00, 13:00-17:00', 'closed' or 'all day'"
            raise InvalidValue("hours", "text", repr(text), wanted)
        windows.append(_window(clock(start), clock(end)))
    return merged(windows)


def _window(start: int, end: int) -> LocalWindow:
    if end < start:
        rest = f" and '00:00-{clock_text(end)}' on the next" if end else ""
        first = f"'{clock_text(start)}-24:00'"
        wanted = f"a start before its end on one day (over midnight: {first} on this day{rest})"
        found = f"{clock_text(start)} to {clock_text(end)}"
        raise InvalidValue("hours", "window", found, wanted)
    return start, end


def hours_text(windows: Iterable[LocalWindow]) -> str:
    """Return windows as `parse_hours` reads them."""
    spans = tuple(windows)
    if spans == ((0, MINUTES_A_DAY),):
        return "all day"
    return ", ".join(f"{clock_text(a)}-{clock_text(b)}" for a, b in spans) or "closed"


def _week(days: Iterable[Iterable[LocalWindow]]) -> tuple[tuple[LocalWindow, ...], ...]:
    week = tuple(merged(windows) for windows in days)
    if len(week) != 7:
        raise InvalidValue("hours", "week", f"{len(week)} days", "7 days, Monday first")
    return week


CLOSED_WEEK: tuple[tuple[LocalWindow, ...], ...] = ((),) * 7
ALL_DAY: tuple[LocalWindow, ...] = ((0, MINUTES_A_DAY),)
ALWAYS: tuple[tuple[LocalWindow, ...], ...] = (ALL_DAY,) * 7


@attrs.frozen(cache_hash=True, field_transformer=typed)
class Hours:
    """Windows that repeat each week, and the dates on which others hold instead."""

    week: tuple[tuple[LocalWindow, ...], ...] = attrs.field(default=ALWAYS, converter=_week)
    """Seven days, Monday first."""
    dates: tuple[tuple[date, tuple[LocalWindow, ...]], ...] = attrs.field(
        default=(), converter=as_tuple
    )
    """Dates whose windows replace those of their weekday, in order, each date once."""

    @classmethod
    def of(
        cls,
        week: Mapping[str, str] | None = None,
        dates: Mapping[date, Iterable[LocalWindow]] | None = None,
    ) -> Hours:
        """
        Build from words: ``Hours.of({"Monday": "08:00-12:00, 13:00-17:00"})``.

        A weekday that is not named is closed; without ``week`` every day is.
        """
        named = dict(week or {})
        for name, text in named.items():
            if name not in WEEKDAYS:
                raise UnknownName("hours", "weekday", name, WEEKDAYS)
            if not isinstance(text, str):
                raise InvalidValue("hours", name, repr(text), "a text such as '08:00-17:00'")
        days = tuple(parse_hours(named.get(name, "closed")) for name in WEEKDAYS)
        other = {day: merged(windows) for day, windows in (dates or {}).items()}
        return cls(days, tuple(sorted(other.items())))

    _by_date: dict[date, tuple[LocalWindow, ...]] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_by_date", dict(self.dates))

    def on(self, day: date) -> tuple[LocalWindow, ...]:
        """Return the windows of one date."""
        windows = self._by_date.get(day)
        return self.week[day.weekday()] if windows is None else windows


def as_hours(value: Hours | str | Mapping[str, str]) -> Hours:
    """
    Return hours, read where they come in words.

    ``"08:00-17:00"`` holds on every day, ``{"Monday": "08:00-12:00"}`` on the days it names.

    Raises:
        InvalidValue: The words are no hours.
    """
    if isinstance(value, str):
        return Hours.of(dict.fromkeys(WEEKDAYS, value))
    if isinstance(value, Mapping):
        return Hours.of(value)
    return value


def as_hours_or_none(value: Hours | str | Mapping[str, str] | None) -> Hours | None:
    """Return hours as `as_hours` reads them, or none where none are given."""
    return None if value is None else as_hours(value)


def as_windows(value: str | Iterable[LocalWindow]) -> tuple[LocalWindow, ...]:
    """Return windows of one day in order, read where they come as ``08:00-12:00``."""
    return parse_hours(value) if isinstance(value, str) else merged(value)


def as_minutes(value: int | str) -> int:
    """Return minutes after midnight, read where they come as ``08:00``."""
    return clock(value) if isinstance(value, str) else value


def as_minutes_or_none(value: int | str | None) -> int | None:
    """Return minutes as `as_minutes` reads them, or none where none are given."""
    return None if value is None else as_minutes(value)


def as_zone(value: ZoneInfo | str) -> ZoneInfo:
    """
    Return a time zone, found where it comes by name: ``"Europe/Berlin"``.

    Raises:
        InvalidValue: No zone bears the name.
    """
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        wanted = "a ZoneInfo, or a name such as 'Europe/Berlin'"
        raise InvalidValue("zone", "name", repr(value), wanted) from None


def as_zone_or_none(value: ZoneInfo | str | None) -> ZoneInfo | None:
    """Return a zone as `as_zone` finds it, or none where none is given."""
    return None if value is None else as_zone(value)


@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class DatedHours:
    """
    The same hours on each of some dates, first and last included.

    A closure of a clinic, an extra opening, or time a person is away.
    """

    first: date
    last: date = attrs.field(default=attrs.Factory(lambda self: self.first, takes_self=True))
    why: str = ""
    hours: tuple[LocalWindow, ...] = attrs.field(
        default=((0, MINUTES_A_DAY),), converter=as_windows
    )
    """The part of each of those days; the whole day if not given."""

    def __attrs_post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidValue("dated hours", "last", str(self.last), f"{self.first} or later")
        if self.last - self.first > timedelta(days=3660):
            raise InvalidValue("dated hours", "last", str(self.last), "within ten years of first")

    def on(self, day: date) -> tuple[LocalWindow, ...]:
        """Return the windows on one date; empty on any other date."""
        return self.hours if self.first <= day <= self.last else ()


@attrs.frozen(kw_only=True, field_transformer=typed)
class HoursOver(DatedHours):
    """
    What is over of one date: the real time from its midnight until a moment.

    In an hour that comes twice no time of day tells which of the two is over; ``hours`` only say
    so in words. It is no part of a clinic's file: planning again adds it.
    """

    until: datetime = attrs.field(eq=as_instant)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        zoned("hours over", "until", self.until)

    @property
    def by_clock(self) -> DatedHours:
        """Return the same as people are told of it."""
        return DatedHours(first=self.first, last=self.last, why=self.why, hours=self.hours)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Booking:
    """Units of a place or of staff that others hold already, on one local date."""

    day: date
    start: int = attrs.field(converter=as_minutes)
    end: int = attrs.field(converter=as_minutes)
    """Minutes after local midnight or such as ``"08:00"``, ``[start, end)``, both of one date (end
    at most 1440)."""
    units: int = 1
    of: int = 1
    """Into how many equal shares one person is cut: 1 of 2 is half a nurse."""

    def __attrs_post_init__(self) -> None:
        merged([(self.start, self.end)])
        require_least(1, "booking", "units", self.units)
        require_least(1, "booking", "of", self.of)


@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Place:
    """A chair, bed or room that holds one person at a time."""

    name: str
    kind: str
    booked: tuple[Booking, ...] = attrs.field(default=(), converter=as_tuple)


@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Staff:
    """So many units of people of one kind, at every moment the clinic is open."""

    kind: str
    units: int
    booked: tuple[Booking, ...] = attrs.field(default=(), converter=as_tuple)

    def __attrs_post_init__(self) -> None:
        require_least(1, f"staff {self.kind!r}", "units", self.units)


@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Member:
    """A nurse, a prescriber or another of the clinic's staff by name."""

    name: str
    role: str
    """What stages need: ``nurse``."""
    skills: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    hours: Hours = attrs.field(default=Hours(), converter=as_hours)
    """In the clinic's zone; always if not given."""
    absent: tuple[DatedHours, ...] = attrs.field(default=(), converter=as_tuple)
    booked: tuple[Booking, ...] = attrs.field(default=(), converter=as_tuple)
    """What others hold of them; all of them unless a booking says its share."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Assigned:
    """Who of a clinic's team is there for a stage of a visit, or for work around it."""

    during: str
    """The stage or the work."""
    role: str
    name: str


@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Ratio:
    """How many visits one of the staff looks after at a time: two infusions or four recoveries."""

    one: str
    """The role, or the kind of staff."""
    for_: tuple[tuple[str, int], ...] = attrs.field(converter=as_pairs)
    """Names of stages, or of work around a visit, each with how many at a time; also as a
    mapping: ``{"infusion": 2, "recovery": 4}``."""

    def __attrs_post_init__(self) -> None:
        for part, count in self.for_:
            require_least(1, f"ratio of one {self.one!r}", f"for {part}", count)

    @property
    def whole(self) -> int:
        """Return into how many equal shares one of them is cut."""
        return math.lcm(*(count for _, count in self.for_))


@keeps_former
@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Clinic:
    """Where and when visits can be: hours, closures, places, staff, time zone."""

    name: str
    zone: ZoneInfo = attrs.field(converter=as_zone)
    """Also by name: ``"Europe/Berlin"``."""
    hours: Hours = attrs.field(converter=as_hours)
    """Also in words, as `as_hours` reads them: ``{"Monday": "08:00-17:00"}``."""
    closures: tuple[DatedHours, ...] = attrs.field(default=(), converter=as_tuple)
    extra_openings: tuple[DatedHours, ...] = attrs.field(default=(), converter=as_tuple)
    """Dates and hours it is open beside ``hours``; a closure on the same minutes wins."""
    places: tuple[Place, ...] = attrs.field(default=(), converter=as_tuple)
    staff: tuple[Staff, ...] = attrs.field(default=(), converter=as_tuple)
    """Staff by number."""
    team: tuple[Member, ...] = attrs.field(default=(), converter=as_tuple)
    """Staff by name, in the order in which they are chosen."""
    ratios: tuple[Ratio, ...] = attrs.field(default=(), converter=as_tuple)
    start_every: int = 15
    """Every visit starts at a multiple of so many minutes after local midnight."""
    address: str = ""
    phone: str = ""
    email: str = ""

    def __attrs_post_init__(self) -> None:
        owner = f"clinic {self.name!r}"
        if not 1 <= self.start_every <= 60 or 60 % self.start_every:
            raise InvalidValue(
                owner, "start_every", f"{self.start_every} minutes", "1 to 60 and a part of 60"
            )
        if not any(self.hours.week) and not self.hours.dates and not self.extra_openings:
            raise InvalidValue(owner, "hours", "closed on every day", "open at some time")
        names = [place.name for place in self.places]
        kinds = [staff.kind for staff in self.staff]
        for field, found in (("places", names), ("staff", kinds)):
            for name in sorted(set(found)):
                if found.count(name) > 1:
                    raise InvalidValue(owner, field, f"{name!r} twice", "each name once")
        for kind in sorted(set(kinds) & {place.kind for place in self.places}):
            raise InvalidValue(owner, "staff", f"{kind!r}, a kind of place", "another name")
        self._check_team(owner, {*kinds}, {place.kind for place in self.places}, {*names})

    def _check_team(self, owner: str, by_number: set[str], kinds: set[str], held: set[str]) -> None:
        seen = held | by_number
        for member in self.team:
            if member.name in seen:
                found = f"{member.name!r} twice"
                raise InvalidValue(owner, "team", found, "a name that nothing else has")
            if member.role in by_number | kinds:
                found = f"{member.role!r}, a kind of staff by number or of place"
                raise InvalidValue(owner, "team", found, "a role that is neither")
            seen = seen | {member.name}
        roles = {member.role for member in self.team} | by_number
        for n, ratio in enumerate(self.ratios):
            if ratio.one not in roles:
                raise UnknownName(owner, "ratios", ratio.one, tuple(sorted(roles)))
            if ratio.one in {one.one for one in self.ratios[:n]}:
                raise InvalidValue(owner, "ratios", f"{ratio.one!r} twice", "each once")

    def whole(self, kind: str) -> int:
        """Return into how many equal shares one of a kind of staff is cut; 1 of other kinds."""
        return next((ratio.whole for ratio in self.ratios if ratio.one == kind), 1)

    def share(self, kind: str, part: str) -> int:
        """Return how many of those shares a stage, or work around a visit, takes of one."""
        for ratio in self.ratios:
            if ratio.one == kind:
                return ratio.whole // dict(ratio.for_).get(part, 1)
        return 1


@keeps_former
@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Commitment:
    """Something the person must do; ``needs_driving`` tells whether they must drive to do it."""

    what: str
    hours: Hours = attrs.field(converter=as_hours)
    needs_driving: bool = False


@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Preferences:
    """
    What the person would rather have; never a reason to leave a rule or to find no plan.

    A visit costs 1 for a weekday that is not preferred, 1 for starting before ``earliest``
    and 1 for ending after ``latest``. Where ``same_time`` is preferred, each visit costs 1 that
    begins at another time of day than most planned visits of its type, and likewise on another
    weekday where ``same_weekday`` is; where ``few_escorts`` is, each escort of the planned visits
    after the first costs 1. A visit that is not wholly inside ``hours`` costs 1. Where
    ``not_two_days_running`` is, two visits on dates that follow each other cost 1, a visit already
    given counted as one of them. Where ``evenly_spread`` is, the planned visits of a phase shall
    come so many days apart, or one day more: each distance from one to the next that is neither
    costs 1, at the number of days for which that is least.
    """

    weekdays: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Empty for any weekday."""
    earliest: int | None = attrs.field(default=None, converter=as_minutes_or_none)
    latest: int | None = attrs.field(default=None, converter=as_minutes_or_none)
    """Minutes after local midnight or such as ``"09:00"``: arrive not before, leave not after."""
    same_time: bool = False
    """Visits of one type begin at the same time of day."""
    same_weekday: bool = False
    """Visits of one type are on the same weekday."""
    few_escorts: bool = False
    """As few different people as possible take the person home."""
    hours: Hours | None = attrs.field(default=None, converter=as_hours_or_none)
    """By weekday or date, from the arrival to the end, on the clinic's clock; ``None`` is any."""
    not_two_days_running: bool = False
    """No two visits are on dates that follow each other."""
    evenly_spread: bool = False
    """The visits of a phase are so many days apart, or one day more."""

    def __attrs_post_init__(self) -> None:
        for name in self.weekdays:
            if name not in WEEKDAYS:
                raise UnknownName("preferences", "weekdays", name, WEEKDAYS)
        for field in ("earliest", "latest"):
            value = getattr(self, field)
            if value is not None and not 0 <= value <= MINUTES_A_DAY:
                raise InvalidValue("preferences", field, str(value), "0 to 1440 minutes")


@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Requirements:
    """
    What the person insists on: limits about several visits at once, no wishes.

    A plan keeps them, or there is none. They are about the planned visits;
    ``not_two_days_running`` counts those already given too.
    """

    same_weekday: bool = False
    """The visits of one type are on the same weekday."""
    one_escort: bool = False
    """One person takes them home from every visit."""
    not_two_days_running: bool = False
    """No two visits are on dates that follow each other."""


@keeps_former
@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Escort:
    """An adult who takes the person home, and when they are free to."""

    name: str
    available: Hours = attrs.field(converter=as_hours)
    away: tuple[DatedHours, ...] = attrs.field(default=(), converter=as_tuple)
    zone: ZoneInfo | None = attrs.field(default=None, converter=as_zone_or_none)
    """``None`` is the clinic's zone."""
    email: str = ""
    phone: str = ""


@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class Person:
    """The person whose course it is. ``key`` stands for them where a name must not."""

    key: str
    name: str = ""
    available: Hours = attrs.field(default=Hours(), converter=as_hours)
    away: tuple[DatedHours, ...] = attrs.field(default=(), converter=as_tuple)
    only_weekdays: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """The only weekdays on which a visit is possible at all; empty for any. A limit, no wish."""
    commitments: tuple[Commitment, ...] = attrs.field(default=(), converter=as_tuple)
    preferences: Preferences = Preferences()
    requires: Requirements = Requirements()
    escorts: tuple[Escort, ...] = attrs.field(default=(), converter=as_tuple)
    """In the order in which they are asked."""
    zone: ZoneInfo | None = attrs.field(default=None, converter=as_zone_or_none)
    """``None`` is the clinic's zone."""

    def __attrs_post_init__(self) -> None:
        owner = f"person {self.key!r}"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.key):
            raise InvalidValue(owner, "key", repr(self.key), "letters, digits, '.', '_' and '-'")
        for name in self.only_weekdays:
            if name not in WEEKDAYS:
                raise UnknownName(owner, "only_weekdays", name, WEEKDAYS)
        names = [escort.name for escort in self.escorts]
        for name in sorted(set(names)):
            if names.count(name) > 1:
                raise InvalidValue(owner, "escorts", f"{name!r} twice", "each name once")
