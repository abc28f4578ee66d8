"""
What independent programs read in a calendar file, told in one way.

Four parsers that share no code, one more written here for zones alone, and three of JavaScript
where node and their packages are there (`npm install ical.js node-ical ts-ics`, NODE_PATH set).
"""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
from icalendar import Calendar

from ics_lint import properties

When = datetime | date


@attrs.frozen(kw_only=True)
class Entry:
    """An event as a reader has it; moments in UTC."""

    uid: str
    start: When
    end: When
    summary: str
    description: str = ""
    location: str = ""
    status: str = ""
    alarms: tuple[timedelta, ...] = ()
    """How long before the start, the longest first."""


Reader = Callable[[bytes], list[Entry]]


def _utc(moment: When) -> When:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def _before(alarms: Iterable[timedelta]) -> tuple[timedelta, ...]:
    return tuple(sorted((-alarm for alarm in alarms), reverse=True))


def by_icalendar(raw: bytes) -> list[Entry]:
    """Read with icalendar, which takes zones from the tz database."""
    return [
        Entry(
            uid=str(event["UID"]),
            start=_utc(event.start),
            end=_utc(event.end),
            summary=str(event["SUMMARY"]),
            description=str(event.get("DESCRIPTION", "")),
            location=str(event.get("LOCATION", "")),
            status=str(event["STATUS"]),
            alarms=_before(_trigger(alarm) for alarm in event.walk("VALARM")),
        )
        for event in Calendar.from_ical(raw).events
    ]


def by_vobject(raw: bytes) -> list[Entry]:
    """Read with vobject, which takes zones from the file."""
    read = importlib.import_module("vobject").readOne(raw.decode())

    def entry(event: Any) -> Entry:
        def text(name: str) -> str:
            return getattr(event, name).value if name in event.contents else ""

        return Entry(
            uid=event.uid.value,
            start=_utc(event.dtstart.value),
            end=_utc(event.dtend.value),
            summary=text("summary"),
            description=text("description"),
            location=text("location"),
            status=text("status"),
            alarms=_before(a.trigger.value for a in event.contents.get("valarm", ())),
        )

    return [entry(event) for event in read.contents.get("vevent", ())]


def by_ical(raw: bytes) -> list[Entry]:
    """Read with ical, a strict parser."""
    stream = importlib.import_module("ical.calendar_stream").IcsCalendarStream
    return [
        Entry(
            uid=event.uid,
            start=_utc(event.dtstart),
            end=_utc(event.dtend),
            summary=event.summary,
            description=event.description or "",
            location=event.location or "",
            status=str(event.status.value),
            alarms=_before(alarm.trigger for alarm in event.alarm),
        )
        for event in stream.calendar_from_ics(raw.decode()).events
    ]


def by_ics(raw: bytes) -> list[Entry]:
    """Read with ics, which has a grammar of its own and takes zones from the file."""
    read = importlib.import_module("ics").Calendar(raw.decode())

    def entry(event: Any) -> Entry:
        start, end = event.begin.datetime, event.end.datetime
        return Entry(
            uid=event.uid,
            start=start.date() if event.all_day else _utc(start),
            end=end.date() if event.all_day else _utc(end),
            summary=event.name or "",
            description=event.description or "",
            location=event.location or "",
            status=event.status or "",
            alarms=_before(alarm.trigger for alarm in event.alarms),
        )

    return [entry(event) for event in read.events]


def _trigger(alarm: Any) -> timedelta:
    found = alarm["TRIGGER"].dt
    assert isinstance(found, timedelta)
    return found


READERS: tuple[Reader, ...] = (by_icalendar, by_vobject, by_ical, by_ics)


# --- a reader of zones alone, by the letter of RFC 5545 --------------------------------------

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Onset = tuple[datetime, timedelta, timedelta]


def by_the_letter(raw: bytes) -> list[tuple[When, When]]:
    """Return start and end of each event, local times by the file's own VTIMEZONE."""
    lines = [properties(line) for line in raw.replace(b"\r\n ", b"").decode().splitlines()]
    onsets: dict[str, list[Onset]] = {}
    found: list[list[When]] = []
    zone, inside = "", ""
    part: dict[str, str] = {}
    for name, params, value in lines:
        if name == "BEGIN":
            inside, part = value, {}
            if value == "VEVENT":
                found.append([])
        elif name == "END" and value in ("STANDARD", "DAYLIGHT"):
            onsets.setdefault(zone, []).extend(_onsets(part))
        elif name == "TZID":
            zone = value
        elif inside in ("STANDARD", "DAYLIGHT"):
            part[name] = value
        elif inside == "VEVENT" and name in ("DTSTART", "DTEND"):
            found[-1].append(_moment(value, onsets.get(params.get("TZID", ""), [])))
    return [(start, end) for start, end in found]


def _wall(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    hours, minutes, seconds = (int(text[n : n + 2] or 0) for n in (1, 3, 5))
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _onsets(part: dict[str, str]) -> Iterator[Onset]:
    first = _wall(part["DTSTART"])
    offsets = _offset(part["TZOFFSETFROM"]), _offset(part["TZOFFSETTO"])
    if "RRULE" not in part:
        yield first, *offsets
        return
    rule = dict(item.split("=") for item in part["RRULE"].split(";"))
    assert rule.keys() == {"FREQ", "BYMONTH", "BYDAY"}
    assert rule["FREQ"] == "YEARLY"
    nth, weekday = int(rule["BYDAY"][:-2]), _DAYS.index(rule["BYDAY"][-2:])
    for year in range(first.year, 2060):
        month = int(rule["BYMONTH"])
        days = [first.replace(year=year, month=month, day=1) + timedelta(days=n) for n in range(31)]
        days = [day for day in days if day.month == month and day.weekday() == weekday]
        yield days[nth - 1 if nth > 0 else nth], *offsets


def _moment(text: str, onsets: list[Onset]) -> When:
    if "T" not in text:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    if text.endswith("Z"):
        return _wall(text[:-1])
    wall = _wall(text)
    # The last onset before it, each told in the wall clock that ends with it.
    before = [onset for onset in onsets if onset[0] <= wall]
    assert before, f"{text} is before anything the zone tells"
    _, _, offset = max(before)
    return wall - offset


# --- readers of JavaScript, where they are installed -----------------------------------------

SCRIPT = Path(__file__).parent / "readers.mjs"


def node_readers() -> tuple[str, ...]:
    """Return the names of the JavaScript readers that can be asked here; empty for none."""
    if shutil.which("node") is None:
        return ()
    result = subprocess.run(["node", SCRIPT], capture_output=True, text=True, timeout=60)
    return tuple(json.loads(result.stdout)) if result.returncode == 0 else ()


def by_node(paths: Iterable[Path]) -> list[dict[str, list[Entry]]]:
    """Return for each file what each JavaScript reader finds in it."""
    command = ["node", str(SCRIPT), *map(str, paths)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return [
        {name: [_from_node(event) for event in found] for name, found in json.loads(line).items()}
        for line in result.stdout.splitlines()
    ]


def _from_node(event: dict[str, Any]) -> Entry:
    def when(text: str) -> When:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)

    return Entry(
        uid=event["uid"],
        start=when(event["start"]),
        end=when(event["end"]),
        summary=event["summary"],
        description=event.get("description") or "",
        location=event.get("location") or "",
        status=event.get("status") or "",
    )
