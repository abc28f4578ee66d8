"""What is wrong with the bytes of a calendar file, found without a calendar library."""

from __future__ import annotations

import re
from collections.abc import Iterator

Line = tuple[str, dict[str, str], str]

REQUIRED = {
    "VCALENDAR": ("PRODID", "VERSION"),
    "VEVENT": (
        *("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "TRANSP"),
        *("CLASS", "LAST-MODIFIED"),
    ),
    "VALARM": ("ACTION", "TRIGGER", "DESCRIPTION"),
    "VLOCATION": ("UID",),
    "PARTICIPANT": ("UID", "PARTICIPANT-TYPE"),
    "VTIMEZONE": ("TZID",),
    "STANDARD": ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"),
    "DAYLIGHT": ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"),
}
ONCE = {*REQUIRED["VEVENT"], *REQUIRED["VALARM"], "TZID", "LOCATION", "NAME", "X-WR-CALNAME"}
PARENT = {"VCALENDAR": "", "VEVENT": "VCALENDAR", "VTIMEZONE": "VCALENDAR", "VALARM": "VEVENT"}
PARENT |= {"VLOCATION": "VEVENT", "PARTICIPANT": "VEVENT"}
PARENT |= {"STANDARD": "VTIMEZONE", "DAYLIGHT": "VTIMEZONE"}
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "UID", "PRODID", "TZNAME"}
UTC_TIME = re.compile(r"\d{8}T\d{6}Z")


def lint(raw: bytes) -> list[str]:
    """Return what is wrong with a calendar file; an empty list is good."""
    return [*_bytes(raw)] or [*_structure(_lines(raw))]


def _bytes(raw: bytes) -> Iterator[str]:
    if not raw.endswith(b"\r\n"):
        yield "does not end with CRLF"
    rest = raw.replace(b"\r\n", b"")
    if b"\r" in rest or b"\n" in rest:
        yield "has a bare CR or LF"
    for line in raw.split(b"\r\n")[:-1]:
        if len(line) > 75:
            yield f"line of {len(line)} octets: {line[:40]!r}"
        if not line.strip():
            yield "empty line"
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            yield f"not UTF-8 or split inside a character: {line!r}"
            continue
        if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]", text):
            yield f"control character or odd line break: {text!r}"
        if text.endswith("\\") and not text.endswith("\\\\"):
            yield f"fold inside an escape: {text!r}"


def _lines(raw: bytes) -> list[str]:
    return raw.replace(b"\r\n ", b"").decode("utf-8", "replace").split("\r\n")[:-1]


def properties(line: str) -> Line:
    """Return name, parameters and raw value of an unfolded line."""
    match = re.fullmatch(r'([A-Z0-9-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:,]*))*):(.*)', line)
    assert match is not None, f"not a content line: {line!r}"
    params = dict(re.findall(r';([A-Z-]+)=("[^"]*"|[^";:,]*)', match[2]))
    return match[1], params, match[3]


def _structure(lines: list[str]) -> Iterator[str]:
    stack: list[str] = []
    found: list[list[Line]] = []
    declared: set[str] = set()
    used: set[str] = set()
    uids: list[str] = []
    inner = False
    for text in lines:
        name, params, value = properties(text)
        if name == "BEGIN":
            if (stack[-1] if stack else "") != PARENT.get(value):
                yield f"{value} inside {stack}"
            stack.append(value)
            found.append([])
            inner = False
            continue
        if name == "END":
            if not stack or stack.pop() != value:
                yield f"END:{value} has no BEGIN"
                return
            lines_ = found.pop()
            yield from _component(value, lines_)
            values = {n: v for n, _, v in lines_}
            if value == "VTIMEZONE":
                declared.add(values["TZID"])
            if value == "VEVENT":
                uids.append(values["UID"])
            inner = PARENT[value] == "VEVENT"
            continue
        if inner:
            yield f"{name} after a component inside its event"
        if "TZID" in params:
            used.add(params["TZID"])
        if name in TEXTS and re.search(r"(?<!\\)(?:\\\\)*[,;]|\\(?![\\,;nN])", value):
            yield f"{name} is not escaped: {value!r}"
        found[-1].append((name, params, value))
    yield from _method(lines)
    if stack:
        yield f"{stack} not closed"
    if used - declared:
        yield f"zones not declared: {sorted(used - declared)}"
    if len(set(uids)) != len(uids):
        yield "a UID twice"


def _method(lines: list[str]) -> Iterator[str]:
    """Yield what breaks a rule of iTIP (RFC 5546): one UID a message, who sends, who is asked."""
    found = [properties(line)[::2] for line in lines]
    names = [name for name, _ in found]
    method = dict(found).get("METHOD")
    entries = sum(line == ("BEGIN", "VEVENT") for line in found)
    people = names.count("ORGANIZER"), names.count("ATTENDEE")
    if method in ("REQUEST", "CANCEL") and (entries, *people) != (1, 1, 1):
        yield f"{method} with {entries} entries, {people} organizers and attendees"
    if method == "PUBLISH" and people != (entries, 0):
        yield f"PUBLISH with {people} organizers and attendees"
    if method is None and "ATTENDEE" in names:
        yield "ATTENDEE without METHOD"
    if method == "CANCEL" and ("STATUS", "CANCELLED") not in found:
        yield "CANCEL without STATUS:CANCELLED"


def _component(kind: str, lines: list[Line]) -> Iterator[str]:
    names = [name for name, _, _ in lines]
    for name in REQUIRED[kind]:
        if name not in names:
            yield f"{kind} without {name}"
    for name in sorted(set(names) & ONCE):
        if names.count(name) > 1:
            yield f"{kind} with {name} {names.count(name)} times"
    values = {name: (params, value) for name, params, value in lines}
    if kind == "VALARM":
        params, trigger = values["TRIGGER"]
        if params or not re.fullmatch(r"-P(\d+D)?(T(\d+H)?(\d+M)?)?", trigger):
            yield f"alarm is not before the start: {trigger}"
        if values["ACTION"][1] != "DISPLAY":
            yield "alarm is not DISPLAY"
    if kind == "VEVENT":
        for name in ("DTSTAMP", "LAST-MODIFIED"):
            if name in values and not UTC_TIME.fullmatch(values[name][1]):
                yield f"{name} is not in UTC"
        (start_params, start), (end_params, end) = values["DTSTART"], values["DTEND"]
        if start_params != end_params or start.endswith("Z") != end.endswith("Z"):
            yield "DTSTART and DTEND are of two kinds"
        shape = r"\d{8}" if start_params.get("VALUE") == "DATE" else r"\d{8}T\d{6}Z?"
        if not re.fullmatch(shape, start) or not re.fullmatch(shape, end):
            yield f"not a time: {start}, {end}"
        if "VALUE" not in start_params and "TZID" not in start_params and start[-1] != "Z":
            yield "floating time"
        if end <= start:
            yield f"ends at {end}, before or at its start {start}"
        if not values.get("SEQUENCE", ({}, "0"))[1].isdigit():
            yield "SEQUENCE is not a whole number"
