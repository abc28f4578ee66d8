"""Opening hours and holidays from the files of others."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Availability, Available, Calendar

from protocol_sched.errors import InvalidDocument, InvalidValue, MissingExtra
from protocol_sched.formats import holidays
from protocol_sched.formats.ics.reading.busy import read_closures
from protocol_sched.formats.ics.reading.hours import read_hours
from protocol_sched.formats.ics.reading.lines import Limits
from protocol_sched.model.availability import DatedHours, Hours, hours_text
from samples import clinic
from test_ics_busy import Mutation, mutations

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = date(2027, 3, 1), date(2027, 3, 31)

# Weekdays 8 to 17; from the 15th to the 19th only mornings, which stands above; a maintenance
# evening of no priority below both.
CLINIC = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Hours//EN
BEGIN:VAVAILABILITY
UID:a
DTSTAMP:20270101T000000Z
PRIORITY:5
BEGIN:AVAILABLE
UID:a1
DTSTART;TZID=America/New_York:20270104T080000
DTEND;TZID=America/New_York:20270104T120000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
END:AVAILABLE
BEGIN:AVAILABLE
UID:a2
DTSTART;TZID=America/New_York:20270104T130000
DURATION:PT4H
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
EXDATE;TZID=America/New_York:20270305T130000
END:AVAILABLE
END:VAVAILABILITY
BEGIN:VAVAILABILITY
UID:b
DTSTAMP:20270101T000000Z
PRIORITY:1
DTSTART;TZID=America/New_York:20270315T000000
DTEND;TZID=America/New_York:20270320T000000
BEGIN:AVAILABLE
UID:b1
DTSTART;TZID=America/New_York:20270315T090000
DTEND;TZID=America/New_York:20270315T113000
RRULE:FREQ=DAILY;COUNT=5
END:AVAILABLE
END:VAVAILABILITY
BEGIN:VAVAILABILITY
UID:c
DTSTAMP:20270101T000000Z
BEGIN:AVAILABLE
UID:c1
DTSTART;TZID=America/New_York:20270306T180000
DTEND;TZID=America/New_York:20270306T200000
END:AVAILABLE
END:VAVAILABILITY
END:VCALENDAR
"""


def hours(file: str | bytes, **more: object) -> Hours:
    asked = {"zone": NEW_YORK, "first": FIRST, "last": LAST, **more}
    return read_hours(file, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (1, "08:00-12:00, 13:00-17:00"),
        (5, "08:00-12:00"),
        (6, "closed"),
        (14, "closed"),
        (15, "09:00-11:30"),
        (19, "09:00-11:30"),
        (20, "closed"),
        (22, "08:00-12:00, 13:00-17:00"),
    ],
)
def test_the_higher_priority_stands_above_the_lower(day: int, wanted: str) -> None:
    assert hours_text(hours(CLINIC).on(date(2027, 3, day))) == wanted


def test_dates_that_were_not_looked_at_are_closed() -> None:
    found = hours(CLINIC)
    assert (found.on(date(2027, 2, 26)), found.on(date(2027, 4, 1))) == ((), ())


def test_of_one_priority_all_must_be_open() -> None:
    same = CLINIC.replace("PRIORITY:1\n", "PRIORITY:5\n")
    found = hours(same)
    assert hours_text(found.on(date(2027, 3, 15))) == "09:00-11:30"
    assert hours_text(found.on(date(2027, 3, 22))) == "08:00-12:00, 13:00-17:00"


def test_what_is_closed_only_tentatively_may_be_open() -> None:
    text = CLINIC.replace("PRIORITY:5\n", "PRIORITY:5\nBUSYTYPE:BUSY-TENTATIVE\n")
    assert hours_text(hours(text).on(date(2027, 3, 6))) == "closed"
    assert hours_text(hours(text, tentative=False).on(date(2027, 3, 6))) == "all day"


def test_hours_that_icalendar_writes_are_read() -> None:
    def at(hour: int) -> datetime:
        return datetime(2027, 3, 2, hour, tzinfo=NEW_YORK)

    part = Available.new(uid="x", stamp=at(0), start=at(22), end=at(22) + timedelta(hours=4))
    whole = Availability.new(uid="y", stamp=at(0), components=[part])
    calendar = Calendar.new(prodid="-//x//EN", subcomponents=[whole])
    found = hours(calendar.to_ical())
    days = [hours_text(found.on(date(2027, 3, day))) for day in (1, 2, 3, 4)]
    assert days == ["closed", "22:00-24:00", "00:00-02:00", "closed"]


@pytest.mark.parametrize(("end", "wanted"), [("0545", "closed"), ("0645", "01:00-01:45")])
def test_no_minute_of_the_doubled_hour_is_open_that_is_closed_once(end: str, wanted: str) -> None:
    day = date(2027, 11, 7)  # 01:00 to 02:00 comes first at 05:00 UTC, again at 06:00
    text = f"""\
BEGIN:VCALENDAR
BEGIN:VAVAILABILITY
BEGIN:AVAILABLE
DTSTART:20271107T050000Z
DTEND:20271107T{end}00Z
END:AVAILABLE
END:VAVAILABILITY
END:VCALENDAR
"""
    assert hours_text(hours(text, first=day, last=day).on(day)) == wanted


def test_an_hour_that_the_clock_skips_is_not_open() -> None:
    # Twelve real hours from midnight end at one o'clock that day.
    text = CLINIC.replace("BYDAY=MO,TU,WE,TH,FR", "BYDAY=SU").replace("T080000", "T000000")
    assert hours_text(hours(text).on(date(2027, 3, 14))) == "00:00-02:00, 03:00-17:00"


def test_a_file_without_hours_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="holds no VAVAILABILITY, so no opening hours"):
        hours("BEGIN:VCALENDAR\nEND:VCALENDAR")


def test_faults_come_with_their_lines() -> None:
    with pytest.raises(InvalidDocument) as refused:
        hours(CLINIC.replace("PRIORITY:5", "PRIORITY:high").replace("COUNT=5", "COUNT=0"))
    assert [fault.path for fault in refused.value.faults] == ["line 7", "line 32"]


@settings(max_examples=100, deadline=None)
@given(ways=st.lists(mutations(), min_size=1, max_size=3))
def test_broken_hours_are_read_or_refused(ways: list[Mutation]) -> None:
    data = CLINIC.encode()
    for change in ways:
        data = change(data) or b"x"
    for read in (hours, lambda data, **more: read_closures(data, first=FIRST, last=LAST, **more)):
        try:
            read(data, limits=Limits(steps=50_000))
        except InvalidDocument as error:
            found = error.faults
        else:
            continue
        assert found


# --- holidays --------------------------------------------------------------------------------

FEED = """\
BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
X-WR-CALNAME:Holidays in United States
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20270326
DTEND;VALUE=DATE:20270327
SUMMARY:Good Friday\\, regional
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20200301
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=1MO
SUMMARY:Founders' Day
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;VALUE=DATE:20270330
DTEND;VALUE=DATE:20270403
SUMMARY:Spring break
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20270310
STATUS:CANCELLED
SUMMARY:Not this year
END:VEVENT
END:VCALENDAR
"""


def test_a_feed_of_holidays_closes_the_clinic() -> None:
    found = read_closures(FEED, first=FIRST, last=LAST)
    assert found == (
        DatedHours(first=date(2027, 3, 1), why="Founders' Day"),
        DatedHours(first=date(2027, 3, 26), why="Good Friday, regional"),
        DatedHours(first=date(2027, 3, 30), last=date(2027, 3, 31), why="Spring break"),
    )
    once = holidays.with_closures(clinic(), found)
    assert holidays.with_closures(once, found) == once
    assert once.closures == found


def test_a_mapping_of_dates_to_names_gives_closures_in_order() -> None:
    names = {date(2027, 12, 25): "Christmas Day", date(2027, 7, 5): "Independence Day, observed"}
    assert [(one.first, one.why) for one in holidays.closures(names)] == sorted(names.items())


def test_public_holidays_of_a_region_are_closures() -> None:
    pytest.importorskip("holidays")
    found = holidays.public_holidays("US", date(2027, 1, 1), date(2027, 7, 31), region="NY")
    assert {one.first for one in found} >= {date(2027, 5, 31), date(2027, 6, 19), date(2027, 7, 5)}
    assert "Memorial Day" in [one.why for one in found]
    assert list(found) == sorted(found, key=lambda one: one.first)
    with pytest.raises(InvalidValue, match="a country of two letters such as US"):
        holidays.public_holidays("US", FIRST, LAST, region="ZZ")
    with pytest.raises(InvalidValue, match="ten years later"):
        holidays.public_holidays("US", LAST, FIRST)


def test_without_the_package_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "holidays", None)
    with pytest.raises(MissingExtra) as missing:
        holidays.public_holidays("US", FIRST, LAST)
    wanted = "public holidays needs the package holidays: pip install 'protocol-sched[holidays]'"
    assert str(missing.value) == wanted
