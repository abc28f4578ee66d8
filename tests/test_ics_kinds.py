"""Kinds of fault that calendars of others were once read with, each by its smallest inputs."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.ics.reading.busy import Account, Busy, read_busy, read_closures
from protocol_sched.formats.ics.reading.hours import read_hours
from protocol_sched.formats.ics.reading.lines import Limits
from test_ics_back import back

BERLIN, NEW_YORK, AUCKLAND = map(
    ZoneInfo, ("Europe/Berlin", "America/New_York", "Pacific/Auckland")
)
MARCH = {"first": date(2027, 3, 1), "last": date(2027, 3, 31)}


def calendar(*events: tuple[str, ...], head: tuple[str, ...] = ()) -> str:
    """Return a calendar of some events."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *head]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return "\n".join([*lines, "END:VCALENDAR", ""])


def busy(file: str | bytes, zone: ZoneInfo = NEW_YORK, **more: object) -> Busy:
    return read_busy(file, zone=zone, **{**MARCH, **more})  # type: ignore[arg-type]


def times(found: Busy, zone: ZoneInfo) -> list[str]:
    """Return the times taken, by the clock of a zone."""
    local = [(a.astimezone(zone), b.astimezone(zone)) for a, b in found.times]
    return [f"{a:%d %H:%M}-{b:%H:%M}" for a, b in local]


def days(found: Busy) -> list[int]:
    """Return the days of March that are taken."""
    return sorted({day.day for day, _ in found.by_date()})


# --- wall times of two clocks ----------------------------------------------------------------

MONDAYS = (
    "UID:a",
    "DTSTART;TZID=Europe/Berlin:20270301T090000",
    "DURATION:PT1H",
    "RRULE:FREQ=WEEKLY;COUNT=5",
)


@pytest.mark.parametrize(
    ("replaces", "starts"),
    [
        (";TZID=Europe/Berlin:20270315T090000", ";TZID=Europe/Berlin:20270315T110000"),
        (":20270315T080000Z", ";TZID=Europe/Berlin:20270315T110000"),
        (":20270315T080000Z", ":20270315T100000Z"),
        (";TZID=America/New_York:20270315T040000", ";TZID=Europe/Berlin:20270315T110000"),
        (";TZID=America/New_York:20270315T040000", ";TZID=America/New_York:20270315T060000"),
        (";VALUE=DATE:20270315", ";TZID=Europe/Berlin:20270315T110000"),
        (":20270315T090000", ";TZID=Europe/Berlin:20270315T110000"),
    ],
)
def test_later_ones_move_by_the_clock_of_the_series_whatever_clock_says_so(
    replaces: str, starts: str
) -> None:
    moved = ("UID:a", f"RECURRENCE-ID;RANGE=THISANDFUTURE{replaces}", f"DTSTART{starts}")
    text = calendar(MONDAYS, (*moved, "DURATION:PT1H"))
    assert times(busy(text), BERLIN) == [
        *("01 09:00-10:00", "08 09:00-10:00"),
        *("15 11:00-12:00", "22 11:00-12:00", "29 11:00-12:00"),
    ]


def test_later_ones_of_a_series_with_times_become_whole_days() -> None:
    moved = ("UID:a", "RECURRENCE-ID;RANGE=THISANDFUTURE:20270315T080000Z", "DTSTART:20270316")
    found = busy(calendar(MONDAYS, moved), BERLIN)
    assert times(found, BERLIN)[2:] == ["16 00:00-00:00", "23 00:00-00:00", "30 00:00-00:00"]


# --- which clock a bare value means ----------------------------------------------------------

FRIDAYS = ("UID:a", "DTSTART;TZID=Europe/Berlin:20270305T110000", "DURATION:PT1H")
THREE = (*FRIDAYS, "RRULE:FREQ=WEEKLY;COUNT=3")


@pytest.mark.parametrize("owner", [BERLIN, NEW_YORK, AUCKLAND])
@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        (
            [(*THREE, "EXDATE:20270312T110000")],
            ["05 11:00-12:00", "19 11:00-12:00"],
        ),
        (
            [(*FRIDAYS, "RDATE:20270312T110000")],
            ["05 11:00-12:00", "12 11:00-12:00"],
        ),
        (
            [(*FRIDAYS, "RDATE;VALUE=PERIOD:20270312T110000/20270312T130000")],
            ["05 11:00-12:00", "12 11:00-13:00"],
        ),
        (
            [(*FRIDAYS, "RRULE:FREQ=WEEKLY;UNTIL=20270312T110000")],
            ["05 11:00-12:00", "12 11:00-12:00"],
        ),
        (
            [
                THREE,
                (
                    "UID:a",
                    "RECURRENCE-ID:20270312T110000",
                    "DTSTART;TZID=Europe/Berlin:20270312T150000",
                    "DURATION:PT1H",
                ),
            ],
            ["05 11:00-12:00", "12 15:00-16:00", "19 11:00-12:00"],
        ),
        (
            [("DTSTART;TZID=Europe/Berlin:20270305T110000", "DTEND:20270305T120000")],
            ["05 11:00-12:00"],
        ),
        (
            [("DTSTART:20270305T100000Z", "DTEND:20270305T110000")],
            ["05 11:00-12:00"],
        ),
    ],
)
def test_a_value_without_a_zone_goes_by_the_clock_of_its_dtstart(
    events: list[tuple[str, ...]], wanted: list[str], owner: ZoneInfo
) -> None:
    assert times(busy(calendar(*events), owner), BERLIN) == wanted


def test_a_free_busy_time_without_a_zone_goes_by_the_clock_of_its_dtstart() -> None:
    text = calendar().replace(
        "END:VCALENDAR",
        "BEGIN:VFREEBUSY\nDTSTART:20270301T000000Z\nDTEND:20270401T000000Z\n"
        "FREEBUSY:20270305T100000/PT1H\nEND:VFREEBUSY\nEND:VCALENDAR",
    )
    assert times(busy(text, AUCKLAND), BERLIN) == ["05 11:00-12:00"]


# --- a date named by an instant --------------------------------------------------------------

WEDNESDAYS = ("UID:a", "DTSTART;VALUE=DATE:20270303", "RRULE:FREQ=WEEKLY;COUNT=4")


@pytest.mark.parametrize("owner", [BERLIN, NEW_YORK, AUCKLAND])
@pytest.mark.parametrize(
    ("instant", "head"),
    [
        (";VALUE=DATE:20270310", ()),
        (";TZID=Europe/Berlin:20270310T000000", ()),
        (";TZID=Asia/Hong_Kong:20270310T000000", ()),
        (":20270310T000000", ("X-WR-TIMEZONE:Europe/Berlin",)),
        (":20270310T000000", ()),
        (":20270309T230000Z", ()),
        (":20270310T050000Z", ()),
        (":20270310T000000Z", ()),
        (":20270309T110000Z", ("X-WR-TIMEZONE:Pacific/Auckland",)),
        # A time of day that an event had before it was made one of whole days.
        (":20270310T143000Z", ()),
    ],
)
def test_an_occurrence_of_a_series_of_dates_is_named_by_its_date(
    instant: str, head: tuple[str, ...], owner: ZoneInfo
) -> None:
    without = busy(calendar((*WEDNESDAYS, f"EXDATE{instant}"), head=head), owner)
    assert days(without) == [3, 17, 24]
    moved = ("UID:a", f"RECURRENCE-ID{instant}", "DTSTART;VALUE=DATE:20270312")
    assert days(busy(calendar(WEDNESDAYS, moved, head=head), owner)) == [3, 12, 17, 24]
    added = (*WEDNESDAYS[:2], f"RDATE{instant}")
    if not instant.endswith("143000Z"):
        assert days(busy(calendar(added, head=head), owner)) == [3, 10]


def test_of_a_daily_series_of_dates_the_midnight_of_another_zone_names_the_date_it_begins() -> None:
    daily = ("UID:a", "DTSTART;VALUE=DATE:20270308", "RRULE:FREQ=DAILY;COUNT=4")
    text = calendar((*daily, "EXDATE:20270309T230000Z"))
    assert days(busy(text, NEW_YORK)) == [8, 9, 11]


# --- the hour that comes twice ---------------------------------------------------------------


@pytest.mark.parametrize("head", [(), ("X",)])
def test_an_end_before_its_start_in_a_doubled_hour_is_the_second_time(
    head: tuple[str, ...],
) -> None:
    zone = "America/New_York"
    text = calendar((f"DTSTART;TZID={zone}:20271107T013000", f"DTEND;TZID={zone}:20271107T010000"))
    if head:
        text = text.replace(zone, "Mine").replace("BEGIN:VEVENT", f"{EASTERN}BEGIN:VEVENT", 1)
    first, last = date(2027, 11, 1), date(2027, 11, 30)
    (found,) = busy(text, first=first, last=last).times
    assert (found[1] - found[0]).seconds == 30 * 60
    with pytest.raises(InvalidDocument, match="DTEND must not be before DTSTART"):
        busy(text.replace("T010000", "T003000"), first=first, last=last)


EASTERN = """\
BEGIN:VTIMEZONE
TZID:Mine
BEGIN:STANDARD
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
"""


# --- text is without its escapes wherever it stands ------------------------------------------


@pytest.mark.parametrize(
    ("notified", "named"),
    [
        ("TZID:(UTC-05:00) There\\, Here", 'TZID="(UTC-05:00) There, Here"'),
        ("TZID:(UTC-05:00) There\\; Here", 'TZID="(UTC-05:00) There; Here"'),
        ('TZID:"There, Here"', 'TZID="There, Here"'),
        ("TZID:There\\, Here", 'TZID="There\\, Here"'),
    ],
)
def test_the_name_of_a_zone_is_text(notified: str, named: str) -> None:
    text = calendar((f"DTSTART;{named}:20270302T100000", "DURATION:PT1H"))
    zone = EASTERN.replace("TZID:Mine", notified)
    text = text.replace("BEGIN:VEVENT", f"{zone}BEGIN:VEVENT", 1)
    assert times(busy(text, BERLIN), NEW_YORK) == ["02 10:00-11:00"]


def test_an_identity_is_text() -> None:
    moved = ("UID:a,b", "RECURRENCE-ID:20270308T100000Z", "DTSTART:20270309T100000Z")
    series = ("UID:a\\,b", "DTSTART:20270301T100000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3")
    assert days(busy(calendar(series, (*moved, "DURATION:PT1H")))) == [1, 9, 15]


# --- what is not understood is never free ----------------------------------------------------


def free_busy(*lines: str, method: str = "REPLY") -> str:
    body = "\n".join(["BEGIN:VFREEBUSY", *lines, "END:VFREEBUSY", "END:VCALENDAR"])
    return calendar(head=(f"METHOD:{method}",)).replace("END:VCALENDAR", body)


HOUR = ("DTSTART:20270305T100000Z", "DTEND:20270305T110000Z")


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        ((*HOUR, "FBTYPE:BUSY"), True),
        ((*HOUR, "FBTYPE:BUSY-TENTATIVE"), True),
        ((*HOUR, "FBTYPE:X-SOMETHING"), True),
        ((*HOUR, "FBTYPE:FREE"), False),
        (HOUR, False),
    ],
)
def test_a_free_busy_answer_may_name_its_kind_in_a_property(
    lines: tuple[str, ...], taken: bool
) -> None:
    assert bool(busy(free_busy(*lines)).times) is taken


@pytest.mark.parametrize(
    ("lines", "method", "says"),
    [
        (HOUR, "REQUEST", "asks which times are taken and says none"),
        ((), "REPLY", "has no FREEBUSY, and not both DTSTART and DTEND"),
        (HOUR[:1], "REPLY", "has no FREEBUSY, and not both DTSTART and DTEND"),
        ((*HOUR, "FREEBUSY:20270305T100000Z"), "REPLY", "FREEBUSY: must be periods such as"),
    ],
)
def test_a_free_busy_answer_that_says_nothing_is_refused(
    lines: tuple[str, ...], method: str, says: str
) -> None:
    with pytest.raises(InvalidDocument, match=says):
        busy(free_busy(*lines, method=method))


@pytest.mark.parametrize(
    "lines",
    [
        ("STATUS:CANCELLED", "STATUS:CONFIRMED"),
        ("TRANSP:TRANSPARENT", "TRANSP:OPAQUE"),
        (
            "ATTENDEE;PARTSTAT=DECLINED:mailto:sam@home.example",
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:sam@home.example",
        ),
        ("ATTENDEE;PARTSTAT=DECLINED;PARTSTAT=ACCEPTED:mailto:sam@home.example",),
    ],
)
def test_an_entry_that_contradicts_itself_takes_time(lines: tuple[str, ...]) -> None:
    text = calendar((*HOUR, *lines))
    assert len(busy(text, address="sam@home.example").times) == 1


# --- a fault that cannot change the result ---------------------------------------------------

GOOD = ("UID:good", "DTSTART:20270302T100000Z", "DTEND:20270302T110000Z")
HARMLESS: dict[str, tuple[tuple[str, ...], str]] = {
    "an octet in words": (
        ("SUMMARY:caf\udce9", *HOUR, "TRANSP:TRANSPARENT"),
        "line 9: must be UTF-8 text, got the octet 0xe9; read as Latin-1",
    ),
    "words that are not folded": (
        ("DESCRIPTION:Dear Team,", "see you", *HOUR, "TRANSP:TRANSPARENT"),
        "line 10: must be NAME:VALUE or begin with a space, got 'see you'; "
        "taken for the rest of DESCRIPTION",
    ),
    "cancelled": (
        ("STATUS:CANCELLED", "DTSTART:soon"),
        "line 10: DTSTART: must be a date or time such as 20270308 or 20270308T093000, got 'soon'",
    ),
    "transparent": (
        ("TRANSP:TRANSPARENT", "DTSTART;TZID=Nowhere:20270305T100000"),
        "line 10: TZID='Nowhere' is no zone of the tz database or of Windows, and the file has "
        "no sound VTIMEZONE of that name",
    ),
    "long past": (
        ("DTSTART;TZID=Nowhere:20190305T100000", "DURATION:PT1H"),
        "line 9: TZID='Nowhere' is no zone of the tz database or of Windows, and the file has "
        "no sound VTIMEZONE of that name",
    ),
    "a series long past": (
        (
            "DTSTART;TZID=Nowhere:20190305T100000",
            "DURATION:PT1H",
            "RRULE:FREQ=WEEKLY;COUNT=20",
        ),
        "line 9: TZID='Nowhere' is no zone of the tz database or of Windows, and the file has "
        "no sound VTIMEZONE of that name",
    ),
    "far ahead": (
        ("DTSTART:20290305T100000Z", "RRULE:FREQ=WEEKS"),
        "line 10: RRULE: FREQ must be one of YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, "
        "SECONDLY, got 'WEEKS'",
    ),
    "past, its end before its start": (
        ("DTSTART:20190305T100000Z", "DTEND:20190305T090000Z"),
        "line 10: DTEND must not be before DTSTART, got '20190305T090000Z'",
    ),
    "an empty rule": (
        ("DTSTART:20260305T100000Z", "RRULE:"),
        "line 10: RRULE is empty",
    ),
    "an empty number": (
        ("DTSTART:20260305T100000Z", "SEQUENCE:"),
        "line 10: SEQUENCE is empty",
    ),
    "a number that compares with none": (
        ("DTSTART:20260305T100000Z", "SEQUENCE:first"),
        "line 10: SEQUENCE: it must be a whole number from 0 to 2147483647, got 'first'",
    ),
    "an end and a length that say the same": (
        ("DTSTART:20270302T100000Z", "DTEND:20270302T110000Z", "DURATION:PT1H"),
        "line 11: VEVENT has both DTEND and DURATION",
    ),
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_fault_that_cannot_change_the_result_is_passed_over_and_told(kind: str) -> None:
    lines, notified = HARMLESS[kind]
    file = calendar(GOOD, lines).encode("utf-8", "surrogateescape")
    found = busy(file)
    assert times(found, BERLIN) == ["02 11:00-12:00"]
    assert [str(one) for one in found.account.passed] == [notified]
    with pytest.raises(InvalidDocument) as refused:
        busy(file, strict=True)
    assert str(refused.value) == f"calendar: 1 fault\n  {notified}"


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:soon",),
        ("DTSTART;TZID=Nowhere:20270305T100000", "DURATION:PT1H"),
        ("DTSTART;TZID=Nowhere:20190305T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"),
        ("DTSTART:20190305T100000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKS"),
        ("DTSTART:20190305T100000Z", "DTEND:soon"),
        ("DTSTART:20190305T100000Z", "RDATE:soon"),
        ("DTSTART;TZID=Nowhere:20190305T100000", "RECURRENCE-ID;TZID=Nowhere:20270305T100000"),
        ("DTSTART:20270305T100000Z", "DTEND:20270305T110000Z", "DURATION:PT2H"),
        ("DTSTART:20270305T100000Z", "DURATION:PT1H", "EXDATE:soon", "RRULE:FREQ=DAILY"),
        ("DTSTART:20270305T100000Z", "EXDATE:20270305T100000Z,", "20270306T100000Z"),
    ],
)
def test_a_fault_that_could_change_the_result_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(InvalidDocument):
        busy(calendar(GOOD, lines))


def test_a_cancelled_occurrence_needs_no_time_to_be_cancelled() -> None:
    series = ("UID:a", "DTSTART:20270301T100000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3")
    off = ("UID:a", "RECURRENCE-ID:20270308T100000Z", "STATUS:CANCELLED", "DTSTART:soon")
    assert days(busy(calendar(series, off))) == [1, 15]


def test_a_newer_entry_that_is_cancelled_needs_no_time_to_take_the_place_of_an_older() -> None:
    old = ("UID:a", "SEQUENCE:1", *HOUR)
    assert busy(calendar(old, ("UID:a", "SEQUENCE:2", "STATUS:CANCELLED"))).times == ()


def test_holidays_are_read_though_a_meeting_beside_them_is_broken() -> None:
    text = calendar(
        ("SUMMARY:Holiday", "DTSTART;VALUE=DATE:20270305", "RRULE:"),
        ("SUMMARY:Meeting", "DTSTART;TZID=Nowhere:20270305T100000"),
    )
    first, last = MARCH["first"], MARCH["last"]
    assert [one.why for one in read_closures(text, first=first, last=last)] == ["Holiday"]
    with pytest.raises(InvalidDocument):
        read_closures(text, first=first, last=last, strict=True)


@pytest.mark.parametrize(
    ("shown", "zone"),
    [
        ("(UTC-05:00) Eastern Time (US & Canada)", NEW_YORK),
        ("(GMT-05:00) Eastern Time (US & Canada)", NEW_YORK),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", BERLIN),
        ("(UTC+12:00) Auckland, Wellington", AUCKLAND),
        ("(UTC) Coordinated Universal Time", ZoneInfo("UTC")),
        ("(UTC+11:00) Chokurdakh", ZoneInfo("Asia/Srednekolymsk")),
        ("(UTC-06:00) Guadalajara, Mexico City, Monterrey", ZoneInfo("America/Mexico_City")),
        ("Eastern Time (US & Canada)", NEW_YORK),
        ("Eastern Daylight Time", NEW_YORK),
        ("W. Europe Daylight Time", BERLIN),
        ("Europe/Berlin\0\0", BERLIN),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien", BERLIN),
        ("(GMT+01.00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien", BERLIN),
        ("(UTC+01:00) Belgrad, Bratislava (Pressburg), Budapest", ZoneInfo("Europe/Budapest")),
        ("Mitteleuropäische Zeit", BERLIN),
        ("Mitteleuropäische Sommerzeit", BERLIN),
        ("(UTC+01:00) Amsterdam, Berlin, Berne, Rome, Stockholm, Vienne", BERLIN),
        ("(UTC+02:00) Le Caire", ZoneInfo("Africa/Cairo")),
        ("heure normale d'Europe centrale", BERLIN),
        ("(UTC+01:00) Bruselas, Copenhague, Madrid, París", ZoneInfo("Europe/Paris")),
        ("(UTC-05:00) Eastern Zeit (USA & Kanada)", NEW_YORK),
        ("(UTC-05:00) Est (É.-U. et Canada)", NEW_YORK),
        ("(UTC-07:00) Montagnes Rocheuses (É.-U. et Canada)", ZoneInfo("America/Denver")),
    ],
)
def test_what_windows_shows_for_a_zone_is_known(shown: str, zone: ZoneInfo) -> None:
    text = calendar((f'DTSTART;TZID="{shown}":20270302T100000', "DURATION:PT1H"))
    assert times(busy(text, ZoneInfo("Asia/Kathmandu")), zone) == ["02 10:00-11:00"]


@pytest.mark.parametrize(
    "shown",
    [
        # What Danish shows: Brussels and Berlin are of two zones of Windows.
        "(UTC+01:00) Bruxelles, Berlin, Bern, Rom, Amsterdam, Wien",
        "Granada",
        "(UTC+01:00) Entenhausen",
    ],
)
def test_towns_of_two_zones_or_alone_name_no_zone(shown: str) -> None:
    text = calendar((f'DTSTART;TZID="{shown}":20270302T100000', "DURATION:PT1H"))
    with pytest.raises(InvalidDocument, match="is no zone of the tz database or of Windows"):
        busy(text)


def test_every_zone_that_windows_shows_is_in_the_table_of_its_names() -> None:
    from protocol_sched.formats.ics.reading import windows

    shown = [*windows._shown()]
    assert [one for one in shown if not windows.database_name(f"(UTC) {one}")] == []
    written = {*windows._written()} - {one.lower() for one in windows._shown().values()}
    assert written == {
        *("kamchatka standard time", "mid-atlantic standard time", "tzone://microsoft/utc")
    }


# --- what was read is said -------------------------------------------------------------------


def test_what_was_read_is_said() -> None:
    series = ("UID:a", "DTSTART:20270301T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")
    past = ("DTSTART:20190305T100000Z", "DURATION:PT1H")
    todo = "BEGIN:VTODO\nDUE:20270305T100000Z\nEND:VTODO\n"
    text = calendar(series, past, head=(todo.strip(),))
    assert busy(text).account.lines() == (
        "2 entries that begin 2019-03-05 to 2027-03-01, 1 of which takes time on the dates looked "
        "at; not looked at: 1 VTODO.",
    )
    assert busy(calendar(past)).account.lines() == (
        "1 entry that begins on 2019-03-05, which takes no time on the dates looked at.",
    )
    assert busy(calendar(head=(todo.strip(),))).account.lines() == (
        "no entries, so no time is taken on the dates looked at; not looked at: 1 VTODO.",
    )


def test_what_was_read_of_holidays_and_opening_hours_is_said() -> None:
    accounts: list[Account] = []
    text = calendar(
        ("SUMMARY:Holiday", "DTSTART;VALUE=DATE:20270305", "RRULE:"),
        ("SUMMARY:Meeting", "DTSTART;TZID=Nowhere:20270306T100000"),
    )
    read_closures(text, first=MARCH["first"], last=MARCH["last"], told=accounts.append)
    read_closures(calendar(), first=MARCH["first"], last=MARCH["last"], told=accounts.append)
    hours = calendar(
        ("DTSTART:20270301T080000Z", "DURATION:PT8H", "RRULE:", "SUMMARY:Bl\xf6de"),
        ("DTSTART:20190305T080000Z", "DURATION:PT8H"),
    )
    for word in ("BEGIN", "END"):
        hours = hours.replace(f"{word}:VEVENT", f"{word}:AVAILABLE")
        hours = hours.replace(f"{word}:VCALENDAR", f"{word}:VCALENDAR\n{word}:VAVAILABILITY")
    hours = hours.replace("END:VCALENDAR\nEND:VAVAILABILITY", "END:VAVAILABILITY\nEND:VCALENDAR")
    hours = hours.replace("VERSION:2.0\n", "")
    first, last = MARCH["first"], MARCH["last"]
    data = hours.encode("latin-1")
    found = read_hours(data, zone=NEW_YORK, first=first, last=last, told=accounts.append)
    assert found.on(date(2027, 3, 1)) == ((3 * 60, 11 * 60),)
    assert [one.lines() for one in accounts] == [
        (
            "2 entries that begin 2027-03-05 to 2027-03-06, 1 of which closes days on the dates "
            "looked at.",
            "passed over: line 6: RRULE is empty",
            "passed over: line 10: TZID='Nowhere' is no zone of the tz database or of Windows, and "
            "the file has no sound VTIMEZONE of that name",
        ),
        ("no entries, so no day is closed on the dates looked at.",),
        (
            "2 entries that begin 2019-03-05 to 2027-03-01, 1 of which opens hours on the dates "
            "looked at.",
            "passed over: line 6: RRULE is empty",
            "passed over: line 7: must be UTF-8 text, got the octet 0xf6; read as Latin-1",
        ),
    ]


def test_a_holiday_of_part_of_a_day_closes_the_day() -> None:
    text = calendar(
        (
            *("UID:a", "SUMMARY:Fair", "DTSTART;VALUE=DATE:20270320", "RRULE:FREQ=WEEKLY;COUNT=2"),
            "RDATE;VALUE=PERIOD:20270316T140000/PT1H",
        ),
        (
            *("UID:a", "SUMMARY:Fair", "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20270327"),
            *("DTSTART:20270327T100000Z", "DURATION:PT1H"),
        ),
    )
    found = read_closures(text, first=MARCH["first"], last=MARCH["last"])
    assert [(one.first.day, one.last.day) for one in found] == [(16, 16), (20, 20)]


def test_of_very_much_that_is_passed_over_the_first_is_listed_and_the_rest_counted() -> None:
    text = calendar(("DESCRIPTION:Dear", *["all,"] * 250, *HOUR))
    passed = [str(one) for one in busy(text).account.passed]
    assert (len(passed), passed[-1]) == (101, "and 150 more were passed over")


# --- a series newer than its exceptions ------------------------------------------------------


@pytest.mark.parametrize(
    ("sequence", "exdate", "wanted"),
    [
        (1, "EXDATE:20270308T100000Z", [1, 15]),
        (1, "", [1, 9, 15]),
        (2, "EXDATE:20270308T100000Z", [1, 9, 15]),
        (3, "EXDATE:20270308T100000Z", [1, 9, 15]),
    ],
)
def test_an_older_exception_counts_only_while_the_series_has_its_occurrence(
    sequence: int, exdate: str, wanted: list[int]
) -> None:
    first = ("UID:a", "SEQUENCE:2", "DTSTART:20270301T100000Z", "DURATION:PT1H")
    series = (*first, "RRULE:FREQ=WEEKLY;COUNT=3", exdate)
    moved = ("UID:a", f"SEQUENCE:{sequence}", "RECURRENCE-ID:20270308T100000Z")
    text = calendar(series, (*moved, "DTSTART:20270309T100000Z", "DURATION:PT1H"))
    assert days(busy(text)) == wanted


# --- bounded work ----------------------------------------------------------------------------


def test_a_series_that_takes_no_time_is_not_followed() -> None:
    rule = "RRULE:FREQ=MINUTELY;INTERVAL=4"
    text = calendar(("DTSTART:20240301T100000Z", rule), ("DTSTART:20240301T100000Z", rule, "X:1"))
    assert busy(text, limits=Limits(steps=200)).times == ()
    with pytest.raises(InvalidDocument, match="INTERVAL must be"):
        busy(text.replace("INTERVAL=4", "INTERVAL=x"))


def test_an_entry_that_does_not_count_is_not_followed() -> None:
    text = calendar(("DTSTART:20240301T100000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY"))
    free = text.replace("DURATION", "TRANSP:TRANSPARENT\nDURATION")
    assert busy(free, limits=Limits(steps=200)).times == ()


def test_what_goes_on_for_ever_has_an_end_by_every_clock() -> None:
    ever = ("DTSTART:00010101T000000", "DURATION:P9999999D")
    assert days(busy(calendar(ever))) == [*range(1, 32)]
    found = back(calendar((*ever, "SUMMARY:Infusion 1 of 6")))
    assert [one.line for one in found.unmatched] == [3]
