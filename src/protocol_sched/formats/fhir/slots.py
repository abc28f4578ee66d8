"""
When somebody is taken, from FHIR Slots: a Bundle, or a resource on each line.

What is doubtful counts as taken, as in calendar files.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from protocol_sched.errors import Fault, InvalidDocument
from protocol_sched.formats.elsewhere import MOST_CHARACTERS, json_object, kind_of
from protocol_sched.formats.ics.reading.busy import Account, Busy, joined, stretch
from protocol_sched.formats.ics.reading.clocks import instant_of, moment_of
from protocol_sched.model.moments import later_by, utc

MOST_SLOTS = 200_000
TAKEN = ("busy", "busy-unavailable", "busy-tentative")
NOT_TAKEN = ("free", "entered-in-error")
_NEARLY = timedelta(microseconds=999_999)
"""Part of a second is a whole one."""


def read_busy_slots(
    text: str | bytes,
    *,
    zone: ZoneInfo,
    first: date,
    last: date,
    schedule: str = "",
    tentative: bool = True,
    name: str = "slots",
) -> Busy:
    """
    Return when somebody is taken, as `read_busy` does of a calendar.

    Slots of the status busy, busy-unavailable and busy-tentative count; those that are free or
    entered in error do not.

    Args:
        text: A Bundle, one resource, or NDJSON: a resource on each line.
        zone: Whose midnights the dates begin and end by.
        first: The first date that is looked at.
        last: The last; at most ten years later.
        schedule: Reference of the Schedule whose slots count, such as ``Schedule/nurse-1``; empty
            for those of all.
        tentative: Whether what is only tentative counts.
        name: What errors call the file.

    Raises:
        InvalidDocument: No JSON, a slot without status or times, a time without an offset, a slot
            that ends before it starts; every fault is listed with its line or place.
        InvalidValue: ``last`` is before ``first`` or too far from it.
    """
    low, high = stretch(zone, first, last)
    faults: list[Fault] = []
    others: Counter[str] = Counter()
    times: list[tuple[int, int]] = []
    begin: list[date] = []
    entries = taken = 0
    for resource, path in _resources(text, name):
        if resource.get("resourceType") != "Slot":
            others[str(resource.get("resourceType"))] += 1
            continue
        entries += 1
        if entries > MOST_SLOTS:
            fault = Fault("", f"must have {MOST_SLOTS:,} slots or fewer")
            raise InvalidDocument(name, (fault,))
        if schedule and not _is_of(resource, schedule):
            continue
        status = resource.get("status")
        if status not in (*TAKEN, *NOT_TAKEN):
            listed = ", ".join((*TAKEN, *NOT_TAKEN))
            faults.append(Fault(f"{path}.status", f"must be one of {listed}, got {status!r}"))
            continue
        start, end = (_moment(resource, field, path, faults) for field in ("start", "end"))
        if start is None or end is None:
            continue
        if utc(end) < utc(start):
            faults.append(Fault(f"{path}.end", f"must not be before its start, got {end}"))
            continue
        begin.append(start.astimezone(zone).date())
        if status in NOT_TAKEN or (status == "busy-tentative" and not tentative):
            continue
        at, until = instant_of(start), instant_of(later_by(end, _NEARLY))
        if max(at, low) < min(until, high):
            taken += 1
            times.append((max(at, low), min(until, high)))
    if faults:
        raise InvalidDocument(name, tuple(faults))
    return Busy(
        first=first,
        last=last,
        zone=zone,
        times=tuple((moment_of(a), moment_of(b)) for a, b in joined(times)),
        account=Account(
            entries=entries,
            taken=taken,
            first=min(begin, default=None),
            last=max(begin, default=None),
            others=tuple(sorted(others.items())),
        ),
    )


def _resources(text: str | bytes, name: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each resource with its place: a line of NDJSON, or an entry of a Bundle."""
    wanted = "a resource of FHIR"
    if len(text) > MOST_CHARACTERS:
        says = f"must have {MOST_CHARACTERS:,} characters or fewer, got {len(text):,}"
        raise InvalidDocument(name, (Fault("", says),))
    try:
        words = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        says = f"must be UTF-8, got an octet at {error.start} that is not"
        raise InvalidDocument(name, (Fault("", says),)) from None
    lines = [(n, line) for n, line in enumerate(words.splitlines(), 1) if line.strip()]
    if len(lines) > 1 and _is_whole(lines[0][1]):
        for n, line in lines:
            try:
                found = json_object(line, of=name, holding=wanted)
            except InvalidDocument as error:
                listed = tuple(Fault(f"line {n}", one.says) for one in error.faults)
                raise InvalidDocument(name, listed) from None
            yield from _inside(found, f"line {n}", name)
        return
    yield from _inside(json_object(words, of=name, holding=wanted), "", name)


def _is_whole(line: str) -> bool:
    """Tell whether a line is JSON by itself, as each line of NDJSON is."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _inside(found: dict[str, Any], path: str, name: str) -> Iterator[tuple[dict[str, Any], str]]:
    if found.get("resourceType") != "Bundle":
        yield found, path or "Slot"
        return
    entries = found.get("entry", [])
    if not isinstance(entries, list):
        raise InvalidDocument(name, (Fault("entry", f"must be a list, got {kind_of(entries)}"),))
    for n, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) else entry
        where = f"{path}.entry[{n}].resource".lstrip(".")
        if not isinstance(resource, dict):
            fault = Fault(where, f"must be an object, got {kind_of(resource)}")
            raise InvalidDocument(name, (fault,))
        yield resource, where


def _is_of(slot: dict[str, Any], schedule: str) -> bool:
    found = slot.get("schedule")
    reference = found.get("reference") if isinstance(found, dict) else None
    return isinstance(reference, str) and (
        reference == schedule or reference.endswith(f"/{schedule}")
    )


def _moment(slot: dict[str, Any], field: str, path: str, faults: list[Fault]) -> datetime | None:
    found = slot.get(field)
    try:
        moment = datetime.fromisoformat(found) if isinstance(found, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    wanted = "must be a moment with an offset, such as 2027-03-01T09:00:00+01:00"
    faults.append(Fault(f"{path}.{field}", f"{wanted}, got {found!r}"))
    return None
