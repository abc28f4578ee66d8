"""By which clock a calendar's times are read."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Timezone

from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.ics.reading.clocks import (
    FileClock,
    ZoneClock,
    clocks_of,
    instant_of,
    moment_of,
)
from protocol_sched.formats.ics.reading.lines import DAY, LIMITS, Reading, Unreadable, calendars
from protocol_sched.formats.ics.zones import observances, vtimezone

ZONES = (
    *("America/New_York", "Europe/London", "Australia/Lord_Howe", "America/St_Johns"),
    *("Asia/Kathmandu", "Pacific/Chatham", "America/Havana", "Asia/Beirut", "Asia/Tokyo"),
)
YEARS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31))  # noqa: DTZ001
UNTIL = datetime(2031, 1, 1, tzinfo=UTC)


def wall(at: datetime) -> int:
    return at.toordinal() * DAY + 3600 * at.hour + 60 * at.minute


def read(zone: Timezone, name: str = "Custom") -> FileClock:
    """Return the clock of a VTIMEZONE, under a name nobody knows."""
    calendar = Calendar.new(prodid="-//x//EN", subcomponents=[zone])
    zone["TZID"] = name
    reading = Reading("test", LIMITS)
    (found,) = calendars(calendar.to_ical(), reading)
    clock = clocks_of(found, reading, ZoneInfo("UTC"), instant_of(UNTIL)).of(name, 1)
    reading.settle()
    assert isinstance(clock, FileClock)
    return clock


@settings(max_examples=100, deadline=None)
@given(key=st.sampled_from(ZONES), at=YEARS)
def test_a_zone_that_a_file_spells_out_is_the_zone_itself(key: str, at: datetime) -> None:
    parts = observances(key, 2026, 2029)
    assume(parts)
    clock, own = read(vtimezone(key, parts)), ZoneClock(ZoneInfo(key))
    assert clock.instant(wall(at)) == own.instant(wall(at))


@pytest.mark.parametrize("key", ZONES)
def test_the_hours_around_every_clock_change_are_read_alike(key: str) -> None:
    parts = observances(key, 2026, 2029)
    clock, own = read(vtimezone(key, parts)) if parts else None, ZoneClock(ZoneInfo(key))
    if clock is None:
        assert key == "Asia/Beirut"
        return
    zone, hour = ZoneInfo(key), timedelta(hours=1)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    while at.year < 2030:
        if at.astimezone(zone).utcoffset() != (at + hour).astimezone(zone).utcoffset():
            for minutes in range(-300, 300, 5):
                local = (at + timedelta(minutes=minutes)).replace(tzinfo=None)
                local += at.astimezone(zone).utcoffset() or timedelta(0)
                assert clock.instant(wall(local)) == own.instant(wall(local)), local
        at += hour


@functools.cache
def listed(key: str) -> Timezone:
    """
    Return the years 2025 to 2030 of a zone as some programs write them: every change by its date.

    The dates are those of the zone database. Programs that write such lists may lose some.
    """
    zone, step = ZoneInfo(key), timedelta(minutes=30)
    at, last = datetime(2025, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    before = at.astimezone(zone).utcoffset() or timedelta(0)
    changes: dict[tuple[timedelta, timedelta], list[datetime]] = {}
    changes[before, before] = [at.astimezone(zone).replace(tzinfo=None)]
    while (at := at + step) < last:
        after = at.astimezone(zone).utcoffset() or timedelta(0)
        if after != before:
            changes.setdefault((before, after), []).append((at + before).replace(tzinfo=None))
            before = after
    lines = ["BEGIN:VTIMEZONE", "TZID:Custom"]
    for (old, new), dates in changes.items():
        kind = "DAYLIGHT" if new > old else "STANDARD"
        lines += [f"BEGIN:{kind}", f"TZOFFSETFROM:{offset(old)}", f"TZOFFSETTO:{offset(new)}"]
        lines += [f"DTSTART:{dates[0]:%Y%m%dT%H%M%S}"]
        lines += [f"RDATE:{date:%Y%m%dT%H%M%S}" for date in dates[1:]]
        lines += [f"END:{kind}"]
    read = Timezone.from_ical("\r\n".join([*lines, "END:VTIMEZONE", ""]))
    assert isinstance(read, Timezone)
    return read


def offset(distance: timedelta) -> str:
    """Return a distance from UTC as calendar files write it: ``-0330``."""
    minutes = abs(distance) // timedelta(minutes=1)
    return f"{'-' if distance < timedelta(0) else '+'}{minutes // 60:02}{minutes % 60:02}"


@settings(max_examples=100)
@given(key=st.sampled_from((*ZONES, "Africa/Casablanca", "America/Santiago")), at=YEARS)
@example(key="Africa/Casablanca", at=datetime(2026, 2, 20))  # noqa: DTZ001
def test_long_lists_of_changes_are_read_as_the_zone_itself(key: str, at: datetime) -> None:
    assert read(listed(key)).instant(wall(at)) == ZoneClock(ZoneInfo(key)).instant(wall(at))


@given(
    at=st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1)),  # noqa: DTZ001
    key=st.sampled_from(ZONES),
)
def test_an_instant_is_a_moment_and_back(at: datetime, key: str) -> None:
    moment = at.replace(microsecond=0, tzinfo=ZoneInfo(key))
    assert moment_of(instant_of(moment)) == moment.astimezone(UTC)


def test_two_files_may_mean_two_zones_by_one_name() -> None:
    noon = wall(datetime(2027, 7, 1, 12))  # noqa: DTZ001
    offsets = [
        noon - read(vtimezone(key, observances(key, 2027, 2027)), "Ours").instant(noon)
        for key in ("Asia/Tokyo", "America/New_York", "Asia/Tokyo")
    ]
    assert offsets == [9 * 3600, -4 * 3600, 9 * 3600]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Romance Standard Time", "Europe/Paris"),
        ("romance standard time", "Europe/Paris"),
        ("Mid-Atlantic Standard Time", "Etc/GMT+2"),
        ("Kamchatka Standard Time", "Asia/Kamchatka"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("UTC-11", "Etc/GMT+11"),
        ("UTC+12", "Etc/GMT-12"),
        ("(UTC+01:00) Amsterdam, Berlin", "Europe/Berlin"),
        ("(UTC+01:00) Brussels, Berlin", None),
        ("America", None),
        ("../etc/passwd", None),
        ("Europe/Paris\0\0", "Europe/Paris"),
        ("", "Asia/Tokyo"),
    ],
)
def test_names_of_zones_without_a_vtimezone(name: str, key: str | None) -> None:
    reading = Reading("test", LIMITS)
    (found,) = calendars("BEGIN:VCALENDAR\nEND:VCALENDAR", reading)
    clocks = clocks_of(found, reading, ZoneInfo("Asia/Tokyo"), instant_of(UNTIL))
    if key is None:
        with pytest.raises(Unreadable, match="is no zone of the tz database or of Windows"):
            clocks.of(name, 1)
        return
    for month in (1, 7):
        at = wall(datetime(2027, month, 1, 12))  # noqa: DTZ001
        assert clocks.of(name, 1).instant(at) == ZoneClock(ZoneInfo(key)).instant(at)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("TZOFFSETTO:+0900", "TZOFFSETTO:9"), "line 9: TZOFFSETTO: must be an offset from UTC"),
        (("TZOFFSETFROM:+0900\n", ""), "line 6: STANDARD must have DTSTART, TZOFFSETFROM and"),
        (("DTSTART:1970", "DTSTART:70"), "line 7: DTSTART: must be a date or time"),
        (("TZNAME:JST", "RRULE:FREQ=SOON"), "line 10: RRULE: FREQ must be one of"),
    ],
)
def test_a_zone_that_cannot_be_read_is_a_fault_where_it_is_used(
    change: tuple[str, str], says: str
) -> None:
    text = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\n"
        "DTSTART:19700101T000000\nTZOFFSETFROM:+0900\nTZOFFSETTO:+0900\nTZNAME:JST\nEND:STANDARD\n"
        "END:VTIMEZONE\nEND:VCALENDAR\n"
    )
    reading = Reading("test", LIMITS)
    (found,) = calendars(text.replace(*change), reading)
    clocks = clocks_of(found, reading, ZoneInfo("UTC"), instant_of(UNTIL))
    reading.settle()  # nothing yet: nobody asked
    assert reading.tried(99, lambda: clocks.of("Ours", 42)) is None
    with pytest.raises(InvalidDocument) as refused:
        reading.settle()
    assert says in str(refused.value)
    assert "line 42: TZID='Ours' is no zone" in str(refused.value)
