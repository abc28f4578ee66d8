"""
Protocols, clinics, persons and courses as TOML, JSON and plain dicts, both ways without loss.

Reading never stops at the first fault: everything wrong in a document comes in one
`InvalidDocument`, in the order of the document, each with its path. No function opens a file.

Keys are the model's field names without a trailing underscore (``from``). A key left out has
the model's default. Lengths, counts and references are their texts (``"2 to 3 days"``), dates
are TOML dates or ISO texts, moments carry an offset and, in square brackets behind it, the
name of their zone (RFC 9557). Dicts that are written hold only what JSON can hold.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NoReturn, TypeVar, assert_never
from zoneinfo import ZoneInfo

import tomli_w

from protocol_sched.errors import Fault, InvalidDocument, InvalidValue, UnknownName
from protocol_sched.formats.documents.reading import Protocols, Reader, found_words, quoted
from protocol_sched.formats.documents.shape import (
    Choice,
    Listing,
    NameOr,
    OneOf,
    Plain,
    Record,
    Shape,
    Table,
    Text,
    Weekly,
    When,
    fields,
    shape_of,
    words,
    zone,
)
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Person, hours_text
from protocol_sched.model.calls import Call
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Course, Event
from protocol_sched.model.day_list import ClinicVisits, DayList
from protocol_sched.model.explanation import Explanation, Why
from protocol_sched.model.fault import Refused, RefusedClinic
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Schedule

Document = Mapping[str, Any]
_T = TypeVar("_T")


# --- protocols -------------------------------------------------------------------------------


def read_protocol(text: str, name: str = "protocol") -> Protocol:
    """
    Read a protocol from TOML or JSON.

    Args:
        text: The whole file; a text whose first character is ``{`` is JSON, any other TOML.
        name: What errors call it, such as the file's name.

    Raises:
        InvalidDocument: It is neither, or not a protocol; every fault is listed.
    """
    return protocol_from_dict(read_document(text, name), name)


def protocol_from_dict(mapping: Document, name: str = "protocol") -> Protocol:
    """Return the protocol that a mapping of a file's form describes; see `read_protocol`."""
    return _from_dict(Protocol, mapping, name)


def protocol_to_dict(protocol: Protocol) -> dict[str, Any]:
    """Return a protocol as plain dicts, lists, texts and numbers."""
    return _to_dict(protocol)


# --- clinics and persons ---------------------------------------------------------------------


def read_clinic(text: str, name: str = "clinic") -> Clinic:
    """Read a clinic from TOML or JSON; arguments and errors as in `read_protocol`."""
    return clinic_from_dict(read_document(text, name), name)


def clinic_from_dict(mapping: Document, name: str = "clinic") -> Clinic:
    """Return the clinic that a mapping of a file's form describes; see `read_clinic`."""
    return _from_dict(Clinic, mapping, name)


def clinic_to_dict(clinic: Clinic) -> dict[str, Any]:
    """Return a clinic as plain dicts, lists, texts and numbers."""
    return _to_dict(clinic)


def read_person(text: str, name: str = "person") -> Person:
    """Read a person with their escorts from TOML or JSON; see `read_protocol`."""
    return person_from_dict(read_document(text, name), name)


def person_from_dict(mapping: Document, name: str = "person") -> Person:
    """Return the person that a mapping of a file's form describes; see `read_person`."""
    return _from_dict(Person, mapping, name)


def person_to_dict(person: Person) -> dict[str, Any]:
    """Return a person as plain dicts, lists, texts and numbers."""
    return _to_dict(person)


# --- courses ---------------------------------------------------------------------------------


def read_course(text: str, protocols: Protocols | Protocol, name: str = "course") -> Course:
    """
    Read a course from TOML or JSON: its key, protocol, first and last date, and events.

    Args:
        text: The whole file. Its ``protocol`` is a name, or a table with a whole protocol.
        protocols: Called with that name; or the protocol of that name.
        name: What errors call the file.

    Raises:
        InvalidDocument: It is neither, or not a course; every fault is listed.
    """
    return course_from_dict(read_document(text, name), protocols, name)


def course_from_dict(
    mapping: Document, protocols: Protocols | Protocol, name: str = "course"
) -> Course:
    """Return the course that a mapping of a file's form describes; see `read_course`."""
    named = _only(protocols) if isinstance(protocols, Protocol) else protocols
    return _from_dict(Course, mapping, name, protocols=named)


def _only(protocol: Protocol) -> Protocols:
    """Return what knows one protocol by its name."""

    def named(name: str) -> Protocol:
        if name != protocol.name:
            raise UnknownName("course", "protocol", name, (protocol.name,))
        return protocol

    return named


def course_to_dict(course: Course) -> dict[str, Any]:
    """Return a course as plain dicts, its whole protocol inside it."""
    return _to_dict(course)


# --- agendas, schedules, plans ---------------------------------------------------------------


def agenda_from_dict(mapping: Document, name: str = "agenda") -> Agenda:
    """Return the agenda that `agenda_to_dict` wrote, or raise `InvalidDocument`."""
    return _from_dict(Agenda, mapping, name)


def agenda_to_dict(agenda: Agenda) -> dict[str, Any]:
    """Return an agenda as plain dicts; each binding has its ``kind``, such as ``spacing``."""
    return _to_dict(agenda)


def schedule_from_dict(mapping: Document, name: str = "schedule") -> Schedule:
    """Return the schedule that `schedule_to_dict` wrote, or raise `InvalidDocument`."""
    local = mapping.get("zone") if isinstance(mapping, Mapping) else None
    return _from_dict(Schedule, mapping, name, local=_zone_or_none(local))


def schedule_to_dict(schedule: Schedule) -> dict[str, Any]:
    """
    Return a schedule as plain dicts.

    Moments in the schedule's own zone are ISO 8601 with an offset and no zone behind it.
    """
    return _to_dict(schedule, _zone_or_none(schedule.zone))


def read_plan(text: str, name: str = "plan") -> Plan:
    """Read a plan from a ``plan.json``, or the same as TOML; see `read_protocol`."""
    return plan_from_dict(read_document(text, name), name)


def plan_from_dict(mapping: Document, name: str = "plan") -> Plan:
    """Return the plan that `plan_to_dict` wrote, or raise `InvalidDocument`."""
    schedule = mapping.get("schedule") if isinstance(mapping, Mapping) else None
    local = schedule.get("zone") if isinstance(schedule, Mapping) else None
    return _from_dict(Plan, mapping, name, local=_zone_or_none(local))


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain dicts; moments as in `schedule_to_dict`."""
    return _to_dict(plan, _zone_or_none(plan.schedule.zone) if plan.schedule else None)


def replan_to_dict(replan: Replan) -> dict[str, Any]:
    """Return a new plan with its changes as plain dicts; moments as in `schedule_to_dict`."""
    schedule = replan.plan.schedule
    return _to_dict(replan, _zone_or_none(schedule.zone) if schedule else None)


def replan_from_dict(mapping: Document, name: str = "replan") -> Replan:
    """Return the value that `replan_to_dict` wrote, or raise `InvalidDocument`."""
    plan = mapping.get("plan") if isinstance(mapping, Mapping) else None
    schedule = plan.get("schedule") if isinstance(plan, Mapping) else None
    local = schedule.get("zone") if isinstance(schedule, Mapping) else None
    return _from_dict(Replan, mapping, name, local=_zone_or_none(local))


def visits_to_dict(visits: ClinicVisits) -> dict[str, Any]:
    """Return the visits of a clinic as plain dicts; moments as in `schedule_to_dict`."""
    return _to_dict(visits, _zone_or_none(visits.zone))


def visits_from_dict(mapping: Document, name: str = "visits") -> ClinicVisits:
    """Return the value that `visits_to_dict` wrote, or raise `InvalidDocument`."""
    local = mapping.get("zone") if isinstance(mapping, Mapping) else None
    return _from_dict(ClinicVisits, mapping, name, local=_zone_or_none(local))


def day_list_to_dict(day: DayList) -> dict[str, Any]:
    """Return a day of a clinic as plain dicts; moments as in `schedule_to_dict`."""
    return _to_dict(day, _zone_or_none(day.zone))


def call_to_dict(call: Call, zone: ZoneInfo) -> dict[str, Any]:
    """Return whom to call about which visits as plain dicts; moments in the clinic's zone."""
    return _to_dict(call, zone)


def fault_to_dict(refused: Refused) -> dict[str, Any]:
    """Return a plan that its judge refused, with all its inputs, as plain dicts."""
    return _to_dict(refused)


def fault_from_dict(mapping: Document, name: str = "fault") -> Refused:
    """Return the value that `fault_to_dict` wrote, or raise `InvalidDocument`."""
    return _from_dict(Refused, mapping, name)


def clinic_fault_to_dict(refused: RefusedClinic) -> dict[str, Any]:
    """Return plans that the judge of a clinic refused, with all inputs, as plain dicts."""
    return _to_dict(refused)


def clinic_fault_from_dict(mapping: Document, name: str = "fault") -> RefusedClinic:
    """Return the value that `clinic_fault_to_dict` wrote, or raise `InvalidDocument`."""
    return _from_dict(RefusedClinic, mapping, name)


def write_events(events: Iterable[Event]) -> str:
    """Return events as TOML tables to be added to a course file, in their order."""
    listed = [_written(shape_of(Event), event, None) for event in events]
    if not listed:
        return ""
    # Short tables alone would be written as one array, which no file that has events can take in;
    # a last one too long for that makes each a table of its own.
    text = write_toml({"events": [*listed, {"end": " " * 120}]})
    return text[: text.rindex("\n[[events]]\nend = ")]


def explanation_to_dict(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation with every fact in it as plain dicts; for logs and programs."""
    return _to_dict(explanation)


def why_to_dict(why: Why) -> dict[str, Any]:
    """Return why a visit is when it is as plain dicts."""
    return _to_dict(why)


def _zone_or_none(name: object) -> ZoneInfo | None:
    try:
        return zone(name) if isinstance(name, str) else None
    except InvalidValue:
        return None


# --- texts -----------------------------------------------------------------------------------


def read_document(text: str, name: str = "document") -> dict[str, Any]:
    """
    Return the mapping a text holds, which is JSON if it begins with ``{`` and else TOML.

    No TOML begins so. Errors as in `read_toml` and `read_json`.
    """
    if isinstance(text, str) and text.lstrip("\ufeff \t\r\n").startswith("{"):
        return read_json(text, name)
    return read_toml(text, name)


_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_LONG_KEY = re.compile(rf"(?<![\w.-]){_PART}(?:[ \t]*\.[ \t]*{_PART}){{100}}")
"""A key of more parts than any file has: what it takes to read grows with the square of them."""


def read_toml(text: str, name: str = "document") -> dict[str, Any]:
    """
    Return the mapping a TOML text holds.

    Raises:
        InvalidDocument: It is empty or not TOML; the fault tells line and column.
    """
    if not isinstance(text, str):
        wanted = "the text of the file, such as path.read_text()"
        _refuse(name, f"must be {wanted}, got {type(text).__name__}")
    text = text.removeprefix("\ufeff")
    _refuse_blank_and_nul(text, name)
    if long := _LONG_KEY.search(text):
        _refuse(name, f"has a key of more than 100 parts at {_place(text[: long.start()])}")
    try:
        return tomllib.loads(text)
    except RecursionError:
        _refuse(name, "is nested too deeply")
    except tomllib.TOMLDecodeError as error:
        said, _, place = str(error).removesuffix(")").partition(" (at ")
        if place == "end of document":
            place = _place(text)
        _refuse(name, f"is not TOML: {said}, at {place}")
    except ValueError:  # Python reads no integer of more than some thousand digits
        _refuse(name, "holds a number of too many digits")


def read_json(text: str, name: str = "document") -> dict[str, Any]:
    """
    Return the mapping a JSON text holds; a key that comes twice is a fault.

    Raises:
        InvalidDocument: It is not JSON, or not an object; the fault tells line and column.
    """
    text = text.removeprefix("\ufeff")
    _refuse_blank_and_nul(text, name)
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_int=_int, parse_constant=_none)
    except RecursionError:
        _refuse(name, "is nested too deeply")
    except json.JSONDecodeError as error:
        _refuse(name, f"is not JSON: {error.msg}, at line {error.lineno}, column {error.colno}")
    except ValueError as error:
        _refuse(name, f"is not JSON: {error}")
    if not isinstance(found, dict):
        _refuse(name, f"must be a table, got {found_words(found)}")
    return found


def write_toml(mapping: Document) -> str:
    """Return TOML that `read_toml` reads back as the same mapping."""
    return tomli_w.dumps(mapping)


def write_json(mapping: Document) -> str:
    """Return JSON, two spaces deep and with a last line feed, that `read_json` reads back."""
    return json.dumps(mapping, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _refuse(name: str, says: str) -> NoReturn:
    raise InvalidDocument(name, (Fault("", says),)) from None


def _refuse_blank_and_nul(text: str, name: str) -> None:
    if not text.strip():
        _refuse(name, "is empty")
    before, nul, _ = text.partition("\0")
    if nul:
        _refuse(name, f"is not a text file: NUL character at {_place(before)}")


def _place(before: str) -> str:
    """Return the line and column behind a text."""
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for n, key in enumerate(keys) if key in keys[:n])
        raise ValueError(f"key {quoted(twice)} comes twice in one object")
    return found


def _int(digits: str) -> int:
    if len(digits) > 1000:
        raise ValueError("a number has too many digits")
    return int(digits)


def _none(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number in JSON")


# --- to and from plain values ---


def _from_dict(
    kind: type[_T],
    mapping: Document,
    name: str,
    protocols: Protocols | None = None,
    local: ZoneInfo | None = None,
) -> _T:
    reader = Reader(protocols, local)
    value: _T = reader.record(kind, mapping, "")
    if reader.faults:
        raise InvalidDocument(name, tuple(reader.faults))
    return value


def _to_dict(value: object, local: ZoneInfo | None = None) -> dict[str, Any]:
    return _record_to_dict(value, local)


def _record_to_dict(value: object, local: ZoneInfo | None) -> dict[str, Any]:
    result = {}
    for field in fields(type(value)):
        part = getattr(value, field.name)
        if part is not None and part != field.default(value):
            result[field.key] = _written(field.shape, part, local)
    return result


def _written(shape: Shape, value: Any, local: ZoneInfo | None) -> Any:
    match shape:
        case Text(write=write):
            return write(value)
        case Plain():
            return value
        case When():
            return _when_text(value, local)
        case OneOf():
            return value.value
        case Listing(item=item, single=single):
            items = [_written(item, part, local) for part in value]
            return items[0] if single and len(items) == 1 else items
        case Table(item=item):
            pairs = [[name, _written(item, part, local)] for name, part in value]
            return dict(pairs) if len(dict(pairs)) == len(pairs) else pairs
        case Record():
            return _record_to_dict(value, local)
        case Choice(tagged=tagged):
            kind = {"kind": words(type(value))} if tagged else {}
            return kind | _record_to_dict(value, local)
        case NameOr():
            return value if isinstance(value, str) else _record_to_dict(value, local)
        case Weekly():
            week = zip(WEEKDAYS, value.week, strict=True)
            named = {name: hours_text(windows) for name, windows in week if windows}
            return named | {day.isoformat(): hours_text(windows) for day, windows in value.dates}
        case _:
            assert_never(shape)


def _when_text(value: date, local: ZoneInfo | None) -> str:
    text = value.isoformat()
    if not isinstance(value, datetime):
        return text
    name = value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None
    if local is None:
        return f"{text}[{name}]" if name else text
    # Without a name the reader takes the local zone; what is in none says so by its offset.
    offset = text.removeprefix(value.replace(tzinfo=None).isoformat())
    return text if name == local.key else f"{text}[{name or offset}]"
