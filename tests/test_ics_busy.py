"""Busy times from the calendars of others: what counts, when, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreign_calendars import AWAY, CALENDARS, FIRST, FREE_BUSY, GOOGLE, LAST, NEW_YORK, OUTLOOK
from protocol_sched.errors import InvalidDocument, InvalidValue, UnknownName
from protocol_sched.formats.ics.reading.busy import (
    Busy,
    away_escort,
    away_person,
    booked_place,
    closed_clinic,
    read_busy,
)
from protocol_sched.formats.ics.reading.lines import Limits
from samples import PERSON, clinic

ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def busy(file: str | bytes, **more: object) -> Busy:
    asked = {"zone": NEW_YORK, "first": FIRST, "last": LAST, **more}
    return read_busy(file, **asked)  # type: ignore[arg-type]


def event(*lines: str) -> str:
    """Return a calendar of one event."""
    return "\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]
    )


def times(found: Busy) -> list[str]:
    return [f"{a:%d %H:%M}-{b:%H:%M}" for a, b in found.times]


# --- what counts -----------------------------------------------------------------------------


@pytest.mark.parametrize("writer", CALENDARS)
def test_a_month_is_read_alike_whoever_wrote_it(writer: str) -> None:
    assert busy(CALENDARS[writer]).away() == AWAY


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("writer", ["Outlook", "Google"])
def test_line_ends_and_byte_order_marks_make_no_difference(
    writer: str, mark: bytes, ends: str
) -> None:
    text = CALENDARS[writer].replace("\r\n", "\n").replace("\n", ends)
    assert busy(mark + text.encode()).away() == AWAY


def test_a_fold_inside_a_character_is_undone() -> None:
    text = event("DTSTART:20270301T150000Z", "DURATION:PT1H", "SUMMARY:Caf@").encode()
    folded = text.replace(b"@", b"\xc3\r\n \xa9").replace(b"DURATION:PT", b"DURA\n TION:P\n\tT")
    assert times(busy(folded)) == ["01 15:00-16:00"]


def test_a_free_busy_answer_is_read_but_an_answer_to_an_invitation_is_not() -> None:
    assert busy(FREE_BUSY).away() == AWAY
    with pytest.raises(InvalidDocument) as refused:
        busy(OUTLOOK.replace("METHOD:PUBLISH", "METHOD:REPLY"))
    assert str(refused.value) == (
        "calendar: 1 fault\n  line 4: METHOD:REPLY is an answer to a message, not a calendar"
    )


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        (["STATUS:CONFIRMED"], True),
        (["STATUS:TENTATIVE"], True),
        (["STATUS:cancelled"], False),
        (["TRANSP:TRANSPARENT"], False),
        (["TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"], False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"], True),
        (["ATTENDEE;PARTSTAT=DECLINED:MAILTO:Sam@Home.example"], False),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:other@home.example"], True),
        (["ATTENDEE;EMAIL=sam@home.example;PARTSTAT=DECLINED:/aMTI/principal/"], False),
    ],
)
def test_an_entry_counts_unless_it_says_that_it_takes_no_time(
    lines: list[str], taken: bool
) -> None:
    text = event("DTSTART:20270302T150000Z", "DTEND:20270302T160000Z", *lines)
    assert bool(busy(text, address="sam@home.example").times) is taken


def test_what_is_tentative_may_be_left_out() -> None:
    text = event("DTSTART:20270302T150000Z", "DTEND:20270302T160000Z", "STATUS:TENTATIVE")
    assert busy(text, tentative=False).times == ()
    away = FREE_BUSY.replace("FBTYPE=BUSY:", "FBTYPE=BUSY-TENTATIVE:")
    assert busy(away, tentative=False).away() == AWAY[2:]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        # Length: nominal days cross a clock change, seconds do not.
        (["DTSTART;TZID=America/New_York:20270313T120000", "DURATION:P1D"], ["13 17:00-16:00"]),
        (["DTSTART;TZID=America/New_York:20270313T120000", "DURATION:PT24H"], ["13 17:00-17:00"]),
        (["DTSTART:20270302T150000Z"], []),
        (["DTSTART;VALUE=DATE:20270302"], ["02 05:00-05:00"]),
        (["DTSTART:20270302", "DTEND:20270302"], ["02 05:00-05:00"]),
        # A start that the clock skips is read by the offset before.
        (["DTSTART;TZID=America/New_York:20270314T023000", "DURATION:PT30M"], ["14 07:30-08:00"]),
        (
            [
                "DTSTART;TZID=America/New_York:20270314T023000",
                "DTEND;TZID=America/New_York:20270314T030000",
            ],
            ["14 07:30-08:00"],
        ),
    ],
)
def test_start_and_length_are_read_in_every_form(lines: list[str], wanted: list[str]) -> None:
    assert times(busy(event(*lines))) == wanted


@pytest.mark.parametrize(
    "zone",
    [
        *("America/New_York", "america/new_york", "Eastern Standard Time", "US/Eastern"),
        *("/mozilla.org/20050126_1/America/New_York", "/x/America/New_York", '"UTC-05:00"'),
        *("GMT-0500", "Etc/GMT+5", '"Eastern Standard Time"'),
    ],
)
def test_a_zone_is_known_by_its_many_names(zone: str) -> None:
    text = event(f"DTSTART;TZID={zone}:20270302T100000", "DURATION:PT1H")
    assert times(busy(text)) == ["02 15:00-16:00"]


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:",
        "EXDATE;VALUE=DATE:,",
        "SEQUENCE:",
        "item1.X-THING:x",
        "X-A_B;C=D:x",
        "\ufeffX-A:x",
    ],
)
def test_what_programs_write_by_mistake_and_decides_nothing_is_passed_over(line: str) -> None:
    text = event("DTSTART:20270302T150000Z", "DTEND:20270302T160000Z", line)
    assert times(busy(text)) == ["02 15:00-16:00"]


def test_this_and_future_moves_all_later_ones() -> None:
    text = event(
        "UID:a",
        "DTSTART:20270301T100000Z",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:a",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20270315T100000Z",
        "DTSTART:20270316T120000Z",
        "DURATION:PT2H",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:a",
        "RECURRENCE-ID:20270322T100000Z",
        "DTSTART:20270322T200000Z",
        "DURATION:PT3H",
    )
    wanted = ["01 10:00-11:00", "08 10:00-11:00", "16 12:00-14:00", "22 20:00-23:00"]
    assert times(busy(text)) == [*wanted, "30 12:00-14:00"]


def test_the_newest_of_entries_with_one_uid_counts() -> None:
    old = event("UID:a", "SEQUENCE:2", "DTSTART:20270302T150000Z", "DURATION:PT1H")
    new = event("UID:a", "SEQUENCE:10", "DTSTART:20270303T150000Z", "DURATION:PT1H")
    both = old.replace("END:VCALENDAR", "") + new.split("VERSION:2.0\n")[1]
    assert times(busy(both)) == ["03 15:00-16:00"]
    twice = both.replace("SEQUENCE:10", "SEQUENCE:2")
    assert times(busy(twice)) == ["02 15:00-16:00", "03 15:00-16:00"]


def test_exceptions_of_one_series_do_not_touch_another() -> None:
    series = ["DTSTART:20270301T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2"]
    text = event("UID:a", "EXDATE:20270301T100000Z", *series)
    other = event("UID:b", "EXDATE:20270302T100000Z", *series)
    both = text.replace("END:VCALENDAR", "") + other.split("VERSION:2.0\n")[1]
    assert times(busy(both)) == ["01 10:00-11:00", "02 10:00-11:00"]


# --- laws ------------------------------------------------------------------------------------


NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
# Of each rule, whether it has an occurrence on a date, so many days after the first, at a moment.
RULES: Mapping[str, Callable[[date, int, datetime], bool]] = {
    "FREQ=DAILY": lambda day, n, at: True,
    "FREQ=DAILY;INTERVAL=3;COUNT=9": lambda day, n, at: n % 3 == 0 and n < 27,
    "FREQ=DAILY;UNTIL=20270310T120000Z": lambda day, n, at: at <= NOON,
    "FREQ=WEEKLY;BYDAY=MO,WE,FR": lambda day, n, at: day.weekday() in (0, 2, 4),
    "FREQ=WEEKLY;INTERVAL=2;COUNT=7": lambda day, n, at: n % 14 == 0 and n < 98,
    "FREQ=MONTHLY;BYDAY=-1FR": lambda day, n, at: (
        day.weekday() == 4 and (day + timedelta(days=7)).month != day.month
    ),
    "FREQ=MONTHLY;BYMONTHDAY=1,15": lambda day, n, at: day.day in (1, 15),
}


@st.composite
def series(draw: st.DrawFn) -> tuple[str, set[datetime]]:
    """Recurring events with exceptions: the file, and every busy minute in UTC."""
    zone = draw(st.sampled_from(ZONES))
    start = draw(st.datetimes(datetime(2027, 2, 1), datetime(2027, 3, 20)))  # noqa: DTZ001
    start = start.replace(second=0, microsecond=0, hour=draw(st.integers(4, 23)))
    rule = draw(st.sampled_from(sorted(RULES)))
    minutes = draw(st.integers(1, 2000))
    gone = draw(st.lists(st.integers(0, 40), max_size=3))
    stamp = f"{start:%Y%m%dT%H%M%S}"
    lines = [f"DTSTART;TZID={zone}:{stamp}", f"DURATION:PT{minutes}M", f"RRULE:{rule}", "UID:a"]
    lines += [f"EXDATE;TZID={zone}:{start + timedelta(days=n):%Y%m%dT%H%M%S}" for n in gone]
    points: set[datetime] = set()
    for n in range(100):
        at = (start + timedelta(days=n)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        # DTSTART is an occurrence even where it does not fit its rule.
        if n not in gone and (n == 0 or RULES[rule](start.date() + timedelta(days=n), n, at)):
            points |= {at + timedelta(minutes=m) for m in range(minutes)}
    return event("DTSTAMP:20270101T000000Z", *lines), points


@settings(max_examples=60, deadline=None)
@given(drawn=series())
def test_the_busy_times_of_a_series_are_those_of_its_rule(
    drawn: tuple[str, set[datetime]],
) -> None:
    text, points = drawn
    low = datetime(2027, 3, 1, tzinfo=NEW_YORK)
    high = datetime(2027, 4, 1, tzinfo=NEW_YORK)
    found = {
        start + timedelta(minutes=n)
        for start, end in busy(text).times
        for n in range((end - start) // timedelta(minutes=1))
    }
    assert found == {at for at in points if low <= at < high}


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from((*ZONES, "America/Havana", "Asia/Beirut", "Africa/Casablanca")),
    start=st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001
    minutes=st.integers(1, 3000),
)
def test_every_minute_taken_is_away_on_its_local_date(
    zone: str, start: datetime, minutes: int
) -> None:
    own = ZoneInfo(zone)
    start = start.replace(tzinfo=UTC, second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    found = Busy(first=FIRST, last=LAST, zone=own, times=((start, end),))
    away: dict[date, list[tuple[int, int]]] = {}
    for day, window in found.by_date():
        away.setdefault(day, []).append(window)
    for n in range(minutes):
        local = (start + timedelta(minutes=n)).astimezone(own)
        minute = 60 * local.hour + local.minute
        assert any(a <= minute < b for a, b in away[local.date()])
    # And nothing else: each taken local minute is one of those taken.
    walls = {(start + timedelta(minutes=n)).astimezone(own) for n in range(minutes)}
    taken = {(at.date(), 60 * at.hour + at.minute) for at in walls}
    assert {(day, m) for day, ws in away.items() for a, b in ws for m in range(a, b)} == taken


# --- whose availability ----------------------------------------------------------------------


def test_a_person_is_away_when_taken_and_a_newer_file_replaces_an_older() -> None:
    before = attrs.evolve(PERSON, away=())
    once = away_person(before, busy(GOOGLE))
    assert once.away == AWAY
    newer = busy(event("DTSTART:20270302T150000Z", "DTEND:20270302T160000Z"))
    assert [str(one.first) for one in away_person(once, newer).away] == ["2027-03-02"]


def test_an_escort_is_away_by_their_own_zone() -> None:
    escort = PERSON.escorts[0]
    london = ZoneInfo("Europe/London")
    person = attrs.evolve(PERSON, escorts=[attrs.evolve(escort, zone=london, away=())])
    changed = away_escort(person, escort.name, busy(GOOGLE)).escorts[0]
    assert changed.away[0] == attrs.evolve(AWAY[0], hours=((900, 990),))
    with pytest.raises(UnknownName):
        away_escort(person, "nobody", busy(GOOGLE))


def test_a_clinic_is_closed_and_its_chair_booked_when_taken() -> None:
    found = busy(GOOGLE)
    closed = closed_clinic(attrs.evolve(clinic(), closures=()), found).closures
    assert [(one.first, one.last, one.hours, one.why) for one in closed] == [
        (one.first, one.last, one.hours, "closed") for one in AWAY
    ]
    chair = clinic().places[0].name
    booked = next(p for p in booked_place(clinic(), chair, found).places if p.name == chair).booked
    assert [(b.day.day, b.start, b.end) for b in booked if b.day.month == 3][-3:] == [
        (24, 1410, 1440),
        (25, 0, 30),
        (29, 600, 690),
    ]


# --- what is refused -------------------------------------------------------------------------


def test_all_faults_of_a_file_come_with_their_lines() -> None:
    text = "\n".join(
        [
            "BEGIN:VCALENDAR",
            "BEGIN:VEVENT",
            "DTSTART:2027-03-01",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART;TZID=Nowhere/Land:20270301T100000",
            "END:VEVENT",
            "a raw line break",
            "BEGIN:VEVENT",
            "DTSTART:20270301T100000Z",
            "DTEND:20270301T090000Z",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "SUMMARY:x",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART:20270301T100000Z",
            "RRULE:FREQ=DAILY;INTERVAL=x",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART:20270301T100000Z",
            "DTEND;TZID=x;:20270301T110000Z",
            "END:VEVENT",
            "BEGIN:VEVENT",
        ]
    )
    with pytest.raises(InvalidDocument) as refused:
        busy(text, name="sam.ics")
    assert str(refused.value) == (
        "sam.ics: 10 faults\n"
        "  line 1: BEGIN:VCALENDAR has no END; the file may be cut off\n"
        "  line 3: DTSTART: must be a date or time such as 20270308 or 20270308T093000, "
        "got '2027-03-01'\n"
        "  line 6: TZID='Nowhere/Land' is no zone of the tz database or of Windows, and the file "
        "has no sound VTIMEZONE of that name\n"
        "  line 8: must be NAME:VALUE or begin with a space, got 'a raw line break'\n"
        "  line 11: DTEND must not be before DTSTART, got '20270301T090000Z'\n"
        "  line 13: VEVENT has no DTSTART\n"
        "  line 18: RRULE: INTERVAL must be a whole number from 1 to 999999, got 'X'\n"
        "  line 22: DTEND has a parameter that is not ;NAME=VALUE: ';:20270301T110000Z'\n"
        "  line 24: BEGIN:VEVENT has no END; the file may be cut off\n"
        "  line 24: VEVENT has no DTSTART"
    )


def hostile() -> dict[str, tuple[bytes, str]]:
    start = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270301T100000Z\n"
    end = b"DURATION:PT1S\nEND:VEVENT\nEND:VCALENDAR\n"
    rule = start + b"RRULE:%s\n" + end
    return {
        "50 MB": (
            b"X:" + b"a" * 50_000_000,
            "line 1: the file is longer than 10000000 octets; no more are read",
        ),
        "lines": (
            b"\n" * 600_000,
            "line 500000: the file has 600000 lines; no more than 500000 are read",
        ),
        "nested": (
            b"BEGIN:VCALENDAR\n" * 100_000,
            "line 9: components stand more than 8 deep",
        ),
        "a million exceptions": (
            start + b"EXDATE:" + b"20270301," * 1_050_000 + b"\n" + end,
            "line 4: costs more than 1000000 steps to read up to here: "
            "too many values or an endless recurrence",
        ),
        "every second": (rule % b"FREQ=SECONDLY", "line 4: costs more than 1000000 steps"),
        "never": (
            rule % b"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
            "line 4: costs more than 1000000 steps",
        ),
        "many rules": (
            start + b"RRULE:FREQ=DAILY\n" * 400_000 + end,
            "costs more than 1000000 steps",
        ),
        "many faults": (
            start + b"x\n" * 400_000 + end,
            "line 23: too many faults to list; there may be more",
        ),
        "an old series": (
            rule.replace(b"2027", b"0001") % b"FREQ=HOURLY;COUNT=900000000",
            "line 4: costs more than 1000000 steps",
        ),
    }


@pytest.mark.parametrize("kind", hostile())
def test_a_hostile_file_is_refused_within_its_steps(kind: str) -> None:
    file, says = hostile()[kind]
    with pytest.raises(InvalidDocument) as refused:
        busy(file)
    assert says in str(refused.value)


def test_the_limits_can_be_set() -> None:
    with pytest.raises(InvalidDocument, match="costs more than 3 steps"):
        busy(GOOGLE, limits=Limits(steps=3))


@pytest.mark.parametrize(
    ("first", "last"),
    [(LAST, FIRST), (FIRST, date(2038, 1, 1)), (date.min, date.min), (date.max, date.max)],
)
def test_a_stretch_has_an_order_and_a_length(first: date, last: date) -> None:
    with pytest.raises(InvalidValue):
        busy(GOOGLE, first=first, last=last)


# --- mutations of real files -----------------------------------------------------------------

Mutation = Callable[[bytes], bytes]


def _at(data: bytes, n: int) -> int:
    return n % (len(data) + 1)


def _lines(change: Callable[[list[bytes]], None]) -> Mutation:
    def changed(data: bytes) -> bytes:
        lines = data.split(b"\n")
        change(lines)
        return b"\n".join(lines)

    return changed


@st.composite
def mutations(draw: st.DrawFn) -> Mutation:
    """Ways in which a file goes wrong between its writer and its reader."""
    n, m = draw(st.integers(0, 5000)), draw(st.integers(0, 5000))
    octets = draw(st.binary(min_size=1, max_size=4))
    line = draw(
        st.sampled_from(
            [
                *(b"BEGIN:VEVENT", b"END:VEVENT", b"END:VCALENDAR", b"BEGIN:VCALENDAR", b" x"),
                *(b"RRULE:FREQ=SECONDLY", b"RRULE:", b"DTSTART:", b"DTEND:99999999T999999Z"),
                *(b"EXDATE:,", b"DURATION:P", b"DTSTART;TZID=:20270301T100000", b":", b";", b""),
                *(b"RDATE;VALUE=PERIOD:20270301T100000Z/x", b"X-WR-TIMEZONE:../../etc/passwd"),
                *(b"DTSTART:00010101T000000", b"DTSTART:99991231T235959Z", b"SEQUENCE:-1"),
                *(b"DURATION:P9999999D", b"RECURRENCE-ID;RANGE=THISANDFUTURE:20270301T150000Z"),
                *(b"TZOFFSETTO:+9999", b"FREEBUSY:/", b'ATTENDEE;CN="a:mailto:b', b"VERSION:1.0"),
            ]
        )
    )

    def put(lines: list[bytes]) -> None:
        lines.insert(n % (len(lines) + 1), line)

    def swap(lines: list[bytes]) -> None:
        a, b = n % len(lines), m % len(lines)
        lines[a], lines[b] = lines[b], lines[a]

    def drop(lines: list[bytes]) -> None:
        del lines[n % len(lines)]

    def again(lines: list[bytes]) -> None:
        lines.insert(m % len(lines), lines[n % len(lines)])

    ways: list[Mutation] = [
        lambda data: data[: _at(data, n)],
        lambda data: data[_at(data, n) :],
        lambda data: data[: _at(data, n)] + octets + data[_at(data, n) + len(octets) :],
        lambda data: data[: _at(data, n)] + octets + data[_at(data, n) :],
        lambda data: data.decode("utf-8", "replace").encode("utf-16"),
        lambda data: data.replace(b"2027", octets),
        lambda data: data.replace(b"\n", b"\r\r\n"),
        *map(_lines, (put, put, swap, drop, again)),
    ]
    return draw(st.sampled_from(ways))


@settings(max_examples=300, deadline=None)
@given(
    writer=st.sampled_from([*CALENDARS, "free/busy"]),
    ways=st.lists(mutations(), min_size=1, max_size=4),
)
def test_a_broken_file_is_read_or_refused_with_its_lines(writer: str, ways: list[Mutation]) -> None:
    data = {**CALENDARS, "free/busy": FREE_BUSY}[writer].encode()
    for change in ways:
        data = change(data) or b"x"
    try:
        busy(data, limits=Limits(steps=50_000))
    except InvalidDocument as error:
        found = error.faults
    else:
        return
    count = data.count(b"\n") + data.count(b"\r") + 1
    assert found
    for fault in found:
        word, number = fault.path.split()
        assert (word, 1 <= int(number) <= count) == ("line", True)
