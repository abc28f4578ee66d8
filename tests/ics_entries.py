"""Calendar files of the sample course, and their entries read without a calendar library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from ics_lint import properties
from protocol_sched.formats.ics.entries import CalendarOptions, patient_calendar
from protocol_sched.model.schedule import Schedule
from samples import NOW, PERSON, PROTOCOL, clinic

PLAIN = CalendarOptions()


def written(
    of: Schedule,
    writer: Callable[..., bytes] = patient_calendar,
    options: CalendarOptions = PLAIN,
    **more: Any,
) -> bytes:
    """Return the file of a schedule with the sample's clinic, person and protocol."""
    values: dict[str, Any] = {
        "clinic": clinic(ZoneInfo(of.zone)),
        "person": PERSON,
        "protocol": PROTOCOL,
        "now": NOW,
        "options": options,
    } | more
    return writer(of, **values)


def unfolded(raw: bytes) -> str:
    """Return a file as lines of text, for comparing and searching."""
    return raw.decode().replace("\r\n ", "").replace("\r\n", "\n")


def events(raw: bytes) -> list[dict[str, str]]:
    """Return each event's properties as name and raw value, its alarms left out."""
    found: list[dict[str, str]] = []
    inside: list[str] = []
    for line in unfolded(raw).splitlines():
        name, params, value = properties(line)
        if name == "BEGIN":
            inside.append(value)
            if value == "VEVENT":
                found.append({})
        elif name == "END":
            inside.pop()
        elif inside[-1] == "VEVENT":
            found[-1][name] = ";".join(f"{k}={v}" for k, v in params.items()) + ":" + value
    return found


def read_back(raw: bytes, kind: str = "VEVENT") -> list[Any]:
    """Return the components of a kind as icalendar reads them."""
    return list(Calendar.from_ical(raw).walk(kind))
