"""
Damaged calendars for every reader, as long as is asked: ``python tests/fuzz_calendars.py MINUTES``.

Real shapes of calendars are changed as files are on their way (`mutated`), and each is read by
every reader. What may come of it is an answer, or `InvalidDocument` with its lines; never another
error, never a second of work, never 200 MB. Prints what was read and refused, the slowest call,
and for each thing that went wrong the seed that repeats it; ends with 1 if there was one.

``python tests/fuzz_calendars.py MINUTES [SEED] [FILES ...]`` begins at a seed, and takes files
instead of the shapes that the tests have.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

from foreign_calendars import CALENDARS, FREE_BUSY, NEW_YORK
from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.ics.reading.busy import read_busy, read_closures
from protocol_sched.formats.ics.reading.hours import read_hours
from protocol_sched.formats.ics.reading.replies import read_reply
from test_ics_back import back
from test_ics_hours import CLINIC
from test_ics_replies import WHO, answer, course

MOST_SECONDS, MOST_MEGABYTES = 1.0, 200
FIRST, LAST = date(2026, 6, 1), date(2029, 5, 31)

SHAPES = (*CALENDARS.values(), FREE_BUSY, CLINIC, answer())
"""What is damaged, unless files are named."""

READERS: dict[str, Callable[[bytes], object]] = {
    "read_busy": lambda data: read_busy(data, zone=NEW_YORK, first=FIRST, last=LAST),
    "read_busy, strictly": lambda data: read_busy(
        data, zone=NEW_YORK, first=FIRST, last=LAST, address="sam@home.example", strict=True
    ),
    "read_closures": lambda data: read_closures(data, first=FIRST, last=LAST),
    "read_hours": lambda data: read_hours(data, zone=NEW_YORK, first=FIRST, last=LAST),
    "read_reply": lambda data: read_reply(data, course(), WHO),
    "read_calendar": back,
}

LINES = (
    *(b"BEGIN:VEVENT", b"END:VEVENT", b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"BEGIN:VTIMEZONE"),
    *(b"RRULE:FREQ=SECONDLY", b"RRULE:FREQ=MINUTELY;INTERVAL=4", b"RRULE:", b"EXRULE:FREQ=DAILY"),
    *(b"RRULE:FREQ=YEARLY;BYYEARDAY=366;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3", b"RRULE:FREQ=HOURLY"),
    *(b"RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", b"RRULE:FREQ=DAILY;COUNT=999999999"),
    *(b"DTSTART:00010101T000000", b"DTSTART:99991231T235959Z", b"DTSTART;VALUE=DATE:20270302"),
    *(b"DTEND:99991231T235959Z", b"DURATION:P9999999D", b"DURATION:PT1S", b"DURATION:-PT1H"),
    *(b"RECURRENCE-ID;RANGE=THISANDFUTURE:20270315T140000Z", b"RECURRENCE-ID:20270308"),
    *(b"EXDATE:20270308T100000", b"EXDATE:20270308T230000Z,,x", b"RDATE;VALUE=PERIOD:2027/PT1H"),
    *(b"SEQUENCE:99", b"SEQUENCE:-1", b"STATUS:CANCELLED", b"TRANSP:TRANSPARENT", b"UID:a\\,b"),
    *(b"METHOD:CANCEL", b"METHOD:REPLY", b"METHOD:REQUEST", b"FBTYPE:BUSY", b"FREEBUSY:/"),
    *(b"X-WR-TIMEZONE:../../etc/passwd", b"X-WR-TIMEZONE:Europe/Berlin", b"TZOFFSETTO:+9999"),
    *(b"DTSTART;TZID=x\\;y:20270301T100000", b'DTSTART;TZID="(UTC) Nowhere":20270301T100000'),
    *(b"DESCRIPTION:caf\xe9", b"no name here", b"\x00", b";", b":", b" folded", b"VERSION:1.0"),
    *(b'ATTENDEE;CN="a:mailto:b', b"PRIORITY:10", b"BUSYTYPE:FREE", b"DTSTAMP:20990101T000000Z"),
)
PARTS = (
    *(b";INTERVAL=4", b";COUNT=400000", b";BYSETPOS=-1", b";BYDAY=MO,TU,WE,TH,FR,SA,SU", b"Z"),
    *(b";BYSECOND=0,1,2,3,4,5", b";BYWEEKNO=53", b";UNTIL=20990101", b",20270308T100000", b"\\,"),
    *(b";TZID=Nowhere", b";TZID=Europe/Berlin", b";VALUE=DATE", b"\xff", b"\0", b'"', b";X= y"),
)


def mutated(data: bytes, others: list[bytes], draw: random.Random) -> bytes:
    """Return a file changed in one to four places."""
    for _ in range(draw.randint(1, 4)):
        lines = data.split(b"\n")
        at, there = draw.randrange(len(lines)), draw.randrange(len(lines))
        place = draw.randrange(len(data) + 1)
        match draw.randrange(11):
            case 0:
                lines.insert(at, draw.choice(LINES))
            case 1:
                del lines[at : at + draw.randint(1, 3)]
            case 2:
                lines[at], lines[there] = lines[there], lines[at]
            case 3:
                lines[at:at] = lines[there : there + draw.randint(1, 12)]
            case 4:
                lines[at] = lines[at].rstrip(b"\r") + draw.choice(PARTS)
            case 5:
                name, colon, value = lines[at].partition(b":")
                lines[at] = name + draw.choice(PARTS) + colon + value
            case 6:
                other = draw.choice(others).split(b"\n")
                begin = draw.randrange(len(other))
                lines[at:at] = other[begin : begin + draw.randint(1, 20)]
            case 7:
                digits = [n for n, octet in enumerate(lines[at]) if 48 <= octet < 58]
                if digits:
                    n = draw.choice(digits)
                    lines[at] = lines[at][:n] + b"%d" % draw.randrange(10) + lines[at][n + 1 :]
            case 8:
                lines = [data[:place] + draw.randbytes(draw.randint(1, 3)) + data[place:]]
            case 9:
                lines = [data[:place]] if draw.random() < 0.3 else lines
            case _:
                name = lines[at].partition(b":")[0]
                lines[at] = name + b":" + draw.choice(LINES).partition(b":")[2]
        data = b"\n".join(lines) or b"x"
    return data


def main(minutes: float, seed: int, files: list[str]) -> int:
    """Read damaged files until time is over; return 1 if any went wrong."""
    bases = [Path(name).read_bytes() for name in files] or [one.encode() for one in SHAPES]
    until = time.monotonic() + 60 * minutes
    counts: Counter[str] = Counter()
    slowest, failed = (0.0, ""), False
    print(f"seed {seed}", flush=True)
    while time.monotonic() < until:
        draw = random.Random(seed)
        data = mutated(draw.choice(bases), bases, draw)
        for name, read in READERS.items():
            begun = time.process_time()
            try:
                read(data)
                counts[f"{name}: read"] += 1
            except InvalidDocument as error:
                counts[f"{name}: refused"] += 1
                if not error.faults or not all(fault.path for fault in error.faults):
                    print(f"seed {seed}: {name}: a fault without its line: {error}", flush=True)
                    failed = True
            except Exception as error:
                print(f"seed {seed}: {name}: {type(error).__name__}: {error}", flush=True)
                failed = True
            took = time.process_time() - begun
            slowest = max(slowest, (took, f"seed {seed}, {name}"))
            if took > MOST_SECONDS:
                print(f"seed {seed}: {name} took {took:.1f} s", flush=True)
                failed = True
        seed += 1
    for what, count in sorted(counts.items()):
        print(f"{count:8} {what}")
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"slowest: {slowest[0]:.2f} s ({slowest[1]}); at most {megabytes} MB")
    return int(failed or megabytes > MOST_MEGABYTES)


if __name__ == "__main__":
    begin = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**31)
    sys.exit(main(float(sys.argv[1]), begin, sys.argv[3:]))
