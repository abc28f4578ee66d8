"""
One month of one person's calendar as several programs write it.

Mondays 10:00 to 11:30 in New York from 1 March 2027, not on the 8th, on the 15th moved to the
16th, 14:00 to 15:00; 20 to 22 March all day; 24 March 23:30 to 00:30. A lunch that is free time
and a cancelled dinner take no time. The shapes are those of the programs' own files; those in
``calendars/`` were written by the libraries they are called after.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import vobject  # type: ignore[import-untyped]
from dateutil import tz
from ical.calendar import Calendar as IcalCalendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event as IcalEvent
from ical.types.recur import Recur
from icalendar import Calendar, Event

from protocol_sched.model.availability import DatedHours, LocalWindow

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = date(2027, 3, 1), date(2027, 3, 31)


def _taken(day: int, *hours: LocalWindow, until: int = 0) -> DatedHours:
    last = date(2027, 3, until or day)
    return DatedHours(first=date(2027, 3, day), last=last, why="busy", hours=hours)


AWAY = (
    _taken(1, (600, 690)),
    _taken(16, (840, 900)),
    _taken(20, (0, 1440), until=22),
    _taken(24, (1410, 1440)),
    _taken(25, (0, 30)),
    _taken(29, (600, 690)),
)
"""The person's time away, 1 to 31 March; the 22nd is a Monday of the holiday."""

OUTLOOK = """\
BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:PUBLISH
X-MS-OLK-FORCEINSPECTOROPEN:TRUE
BEGIN:VTIMEZONE
TZID:Eastern Standard Time
BEGIN:STANDARD
DTSTART:16011104T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010311T020000
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
CLASS:PUBLIC
CREATED:20270101T120000Z
DESCRIPTION: \\n
DTEND;TZID="Eastern Standard Time":20270301T113000
DTSTAMP:20270101T120000Z
DTSTART;TZID="Eastern Standard Time":20270301T100000
EXDATE;TZID="Eastern Standard Time":20270308T100000
PRIORITY:5
RRULE:FREQ=WEEKLY;COUNT=20;BYDAY=MO
SEQUENCE:0
SUMMARY;LANGUAGE=en-us:Team meeting
TRANSP:OPAQUE
UID:040000008200E00074C5B7101A82E00800000000A0
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20270102T120000Z
DTSTART;TZID="Eastern Standard Time":20270316T140000
DTEND;TZID="Eastern Standard Time":20270316T150000
RECURRENCE-ID;TZID="Eastern Standard Time":20270315T100000
SUMMARY:Team meeting
UID:040000008200E00074C5B7101A82E00800000000A0
X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20270101T120000Z
DTSTART;VALUE=DATE:20270320
DTEND;VALUE=DATE:20270323
SUMMARY:Away
UID:040000008200E00074C5B7101A82E00800000000B0
X-MICROSOFT-CDO-BUSYSTATUS:OOF
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20270101T120000Z
DTSTART;TZID="Eastern Standard Time":20270324T233000
DTEND;TZID="Eastern Standard Time":20270325T003000
SUMMARY:Launch
UID:040000008200E00074C5B7101A82E00800000000C0
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20270101T120000Z
DTSTART;TZID="Eastern Standard Time":20270326T120000
DTEND;TZID="Eastern Standard Time":20270326T130000
SUMMARY:Lunch
UID:040000008200E00074C5B7101A82E00800000000D0
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
END:VCALENDAR
"""

GOOGLE = """\
BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:sam@home.example
X-WR-TIMEZONE:America/New_York
BEGIN:VTIMEZONE
TZID:America/New_York
X-LIC-LOCATION:America/New_York
BEGIN:DAYLIGHT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20270301T100000
DTEND;TZID=America/New_York:20270301T113000
RRULE:FREQ=WEEKLY;UNTIL=20270531T035959Z;BYDAY=MO
EXDATE;TZID=America/New_York:20270308T100000
DTSTAMP:20270101T120000Z
UID:4u0q9m@google.com
SEQUENCE:1
STATUS:CONFIRMED
SUMMARY:Team meeting
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART:20270316T180000Z
DTEND:20270316T190000Z
DTSTAMP:20270101T120000Z
UID:4u0q9m@google.com
RECURRENCE-ID:20270315T140000Z
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Team meeting
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270320
DTEND;VALUE=DATE:20270323
DTSTAMP:20270101T120000Z
UID:5v1r0n@google.com
STATUS:CONFIRMED
SUMMARY:Away
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART:20270324T233000
DTEND:20270325T003000
DTSTAMP:20270101T120000Z
UID:6w2s1o@google.com
STATUS:CONFIRMED
SUMMARY:Launch
END:VEVENT
BEGIN:VEVENT
DTSTART:20270326T160000Z
DTEND:20270326T170000Z
DTSTAMP:20270101T120000Z
UID:7x3t2p@google.com
SUMMARY:Lunch
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
DTSTART:20270327T220000Z
DTEND:20270328T000000Z
DTSTAMP:20270101T120000Z
UID:8y4u3q@google.com
STATUS:CANCELLED
SUMMARY:Dinner
END:VEVENT
END:VCALENDAR
"""

APPLE = """\
BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//macOS 15.1//EN
VERSION:2.0
X-APPLE-CALENDAR-COLOR:#1BADF8
X-WR-CALNAME:Home
BEGIN:VEVENT
CREATED:20270101T120000Z
DTEND;TZID=America/New_York:20270301T113000
DTSTAMP:20270101T120000Z
DTSTART;TZID=America/New_York:20270301T100000
EXDATE;TZID=America/New_York:20270308T100000
RRULE:FREQ=WEEKLY;INTERVAL=1
SEQUENCE:1
SUMMARY:Team meeting
UID:6C6E4B2A-0001
END:VEVENT
BEGIN:VEVENT
DTEND;TZID=America/New_York:20270316T150000
DTSTAMP:20270101T120000Z
DTSTART;TZID=America/New_York:20270316T140000
RECURRENCE-ID;TZID=America/New_York:20270315T100000
SEQUENCE:2
SUMMARY:Team meeting
UID:6C6E4B2A-0001
END:VEVENT
BEGIN:VEVENT
DTEND;VALUE=DATE:20270323
DTSTAMP:20270101T120000Z
DTSTART;VALUE=DATE:20270320
SUMMARY:Away
TRANSP:OPAQUE
UID:6C6E4B2A-0002
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="Lake, the "="":geo:42.6,-73.7
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20270101T120000Z
DTSTART;TZID=America/New_York:20270324T233000
DURATION:PT1H
SUMMARY:Launch
UID:6C6E4B2A-0003
END:VEVENT
BEGIN:VEVENT
DTEND;TZID=America/New_York:20270326T130000
DTSTAMP:20270101T120000Z
DTSTART;TZID=America/New_York:20270326T120000
SUMMARY:Lunch
TRANSP:TRANSPARENT
UID:6C6E4B2A-0004
END:VEVENT
BEGIN:VTODO
DTSTAMP:20270101T120000Z
DUE;TZID=America/New_York:20270317T120000
SUMMARY:Tax return
UID:6C6E4B2A-0005
END:VTODO
END:VCALENDAR
"""

KDE = """\
BEGIN:VCALENDAR
PRODID:-//K Desktop Environment//NONSGML libkcal 4.3//EN
VERSION:2.0
X-KDE-ICAL-IMPLEMENTATION-VERSION:1.0
BEGIN:VTIMEZONE
TZID:/freeassociation.sourceforge.net/Home
BEGIN:STANDARD
TZNAME:EST
TZOFFSETFROM:+0000
TZOFFSETTO:-0500
DTSTART:19700101T000000
RDATE;VALUE=DATE-TIME:20261101T020000,20271107T020000
END:STANDARD
BEGIN:DAYLIGHT
TZNAME:EDT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
DTSTART:20260308T020000
RDATE;VALUE=DATE-TIME:20270314T020000
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DTSTAMP:20270101T120000Z
UID:f3a1
SUMMARY:Team meeting
DTSTART;TZID=/freeassociation.sourceforge.net/Home:20270301T100000
DTEND;TZID=/freeassociation.sourceforge.net/Home:20270301T113000
EXDATE;VALUE=DATE:20270308,20270315
RDATE;VALUE=PERIOD;TZID=/freeassociation.sourceforge.net/Home:20270316T140000/PT1H
RRULE:FREQ=WEEKLY;BYDAY=MO
X-KDE-KCALCORE-ENABLED:TRUE
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20270101T120000Z
UID:f3a2
DTSTART;VALUE=DATE:20270320
DURATION:P3D
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20270101T120000Z
UID:f3a3
DTSTART:20270325T033000Z
DTEND:20270325T043000Z
END:VEVENT
END:VCALENDAR
"""

FREE_BUSY = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//CALENDARSERVER.ORG//NONSGML Version 1//EN
METHOD:REPLY
BEGIN:VFREEBUSY
UID:19970901T095957Z-76A912@example.com
DTSTAMP:20270101T120000Z
DTSTART:20270301T050000Z
DTEND:20270401T040000Z
ATTENDEE:mailto:sam@home.example
FREEBUSY;FBTYPE=BUSY:20270301T150000Z/20270301T163000Z,20270316T180000Z/PT1H
FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270320T040000Z/20270323T040000Z
FREEBUSY;FBTYPE=X-AWAY:20270325T033000Z/20270325T043000Z
FREEBUSY:20270329T140000Z/20270329T153000Z
FREEBUSY;FBTYPE=FREE:20270326T160000Z/20270326T170000Z
END:VFREEBUSY
END:VCALENDAR
"""


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of March 2027 in New York."""
    return datetime(2027, 3, day, hour, minute, tzinfo=NEW_YORK)


STAMP = datetime(2027, 1, 1, 12, tzinfo=UTC)


def by_icalendar() -> str:
    """Return the month as the library icalendar writes it, with its own long VTIMEZONE."""
    meeting = Event.new(uid="a", stamp=STAMP, start=local(1, 10), end=local(1, 11, 30))
    meeting.add("RRULE", {"FREQ": "WEEKLY", "COUNT": 9})
    meeting.add("EXDATE", [local(8, 10)])
    moved = Event.new(uid="a", stamp=STAMP, start=local(16, 14), end=local(16, 15))
    moved.add("RECURRENCE-ID", local(15, 10))
    away = Event.new(uid="b", stamp=STAMP, start=date(2027, 3, 20), end=date(2027, 3, 23))
    launch = Event.new(uid="c", stamp=STAMP, start=local(24, 23, 30), end=local(25, 0, 30))
    calendar = Calendar.new(prodid="-//x//EN", subcomponents=[meeting, moved, away, launch])
    calendar.add_missing_timezones()
    return str(calendar.to_ical().decode())


def by_vobject() -> str:
    """Return the month as vobject writes it."""
    zone = tz.gettz("America/New_York")  # vobject names no other zones
    calendar = vobject.iCalendar()
    times = [
        (local(1, 10), local(1, 11, 30)),
        (date(2027, 3, 20), date(2027, 3, 23)),
        (local(24, 23, 30), local(25, 0, 30)),
        (local(16, 14), local(16, 15)),
    ]
    for n, span in enumerate(times):
        event = calendar.add("vevent")
        event.add("uid").value = f"v{n}"
        event.add("dtstamp").value = STAMP.replace(tzinfo=tz.UTC)
        for name, at in zip(("dtstart", "dtend"), span, strict=True):
            event.add(name).value = at.replace(tzinfo=zone) if isinstance(at, datetime) else at
    calendar.vevent_list[0].add("rrule").value = "FREQ=WEEKLY;COUNT=5"
    calendar.vevent_list[0].add("exdate").value = [
        local(day, 10).replace(tzinfo=zone) for day in (8, 15)
    ]
    return str(calendar.serialize())


def by_ical() -> str:
    """Return the month as the library ical writes it."""
    events = [
        IcalEvent(
            uid="a",
            dtstamp=STAMP,
            dtstart=local(1, 10),
            dtend=local(1, 11, 30),
            rrule=Recur.from_rrule("FREQ=WEEKLY;COUNT=5"),
            exdate=[local(8, 10), local(15, 10)],
        ),
        IcalEvent(uid="b", dtstamp=STAMP, dtstart=date(2027, 3, 20), dtend=date(2027, 3, 23)),
        IcalEvent(uid="c", dtstamp=STAMP, dtstart=local(24, 23, 30), duration=timedelta(hours=1)),
        IcalEvent(uid="d", dtstamp=STAMP, dtstart=local(16, 14), dtend=local(16, 15)),
    ]
    calendar = IcalCalendar()
    calendar.events.extend(events)
    return IcsCalendarStream.calendar_to_ics(calendar)


CALENDARS = {
    "Outlook": OUTLOOK,
    "Google": GOOGLE,
    "Apple": APPLE,
    "KDE": KDE,
    "icalendar": by_icalendar(),
    "vobject": by_vobject(),
    "ical": by_ical(),
    **{
        path.stem: path.read_bytes().decode()
        for path in sorted((Path(__file__).parent / "calendars").glob("*.ics"))
    },
}
"""The month as each of them has it."""
