"""The command ``record``: an event is added to a course file, or refused."""

from __future__ import annotations

import argparse
import tomllib
from datetime import date, datetime
from typing import Any

from protocol_sched.cli.arguments import date_argument, moment_argument
from protocol_sched.cli.ending import DONE, Refused
from protocol_sched.cli.inputs import (
    course_reader,
    in_zone,
    moments_of,
    protocols_of,
    read_text,
    write_files,
)
from protocol_sched.cli.verdict import identity_in
from protocol_sched.formats.documents import documents
from protocol_sched.judge.recording import record
from protocol_sched.model.course import Course, Event, Given, Missed, Notified

RECORD_ABOUT = """\
Add an event to the course's file, or say why it cannot have happened and leave the file as it is.
WHAT is the kind of event; NAME is the visit, by its title or its identity, or what else the event
is about. The protocol and all that is on record decide whether it can be."""

RECORD_MORE = """\
what can be recorded:
  given                                      a visit nobody planned: PHASE-unplanned-1, with
                                             --set shifts=true or --set shifts=false
  given, missed, deferred, omitted, pinned   VISIT, such as 'infusion 3'
  cancelled, confirmed, declined, waived     VISIT, with --set escort="..." where somebody drives
  tested                                     the test, with --set passed=true or --set value=1.2
  happened                                   an event of the protocol
  requested                                  a phase
  answered                                   a question, with --set answer="..."
  reviewed                                   nothing, with --set 'scores={pain = 7}'
  discontinued                               nothing

examples:
  protocol-sched record course.toml given 'infusion 3' --clinic clinic.toml --at 2027-03-09T09:00
  protocol-sched record course.toml missed induction-4 --clinic clinic.toml --on 2027-03-11"""

_ABOUT = {"tested": "gate", "happened": "event", "requested": "phase", "answered": "question"}
_NOTHING = ("discontinued", "reviewed", "amended")
_STARTS = ("given", "pinned")


def add_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="WHAT", help="the kind of event: given, missed, tested ...")
    parser.add_argument("name", nargs="?", metavar="NAME", help="the visit, or what it is about")
    parser.add_argument(
        "--on",
        type=date_argument,
        metavar="DATE",
        help="the date of it; without it the date of --at, or the date of the question",
    )
    parser.add_argument(
        "--at",
        type=moment_argument,
        metavar="MOMENT",
        help="when it began or was said, such as 2027-03-09T09:00, in the clinic's zone",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="another key of the event, as in a course file; may be given several times",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the event and write nothing")


def run_record(options: argparse.Namespace) -> tuple[str, int]:
    clinic = read_text(options.clinic, documents.read_clinic, "clinic")
    reader = course_reader(protocols_of(options))
    course = read_text(options.course, reader, "course")
    as_of, now = moments_of(options, clinic.zone)
    at = in_zone(options.at, clinic.zone) if options.at else None
    on = options.on or (at.astimezone(clinic.zone).date() if at else as_of)
    event = _event(options, course, on, at, as_of)
    after = record(course, [event], as_of=as_of, now=now)
    added = documents.write_events(after.events[len(course.events) :])
    facts = {"course": course.key, "recorded": added, "events": len(after.events)}
    if added and not options.dry_run:
        text = f"{read_text(options.course, lambda text, _: text).rstrip()}\n\n{added}"
        if reader(text, str(options.course)) != after:
            raise Refused(
                f"{options.course}: an event cannot be added at the end; write its events "
                "as tables, [[events]]"
            )
        write_files(options.course.parent, {options.course.name: text.encode()})
    if options.json:
        return documents.write_json(facts), DONE
    return (added or "It is on record already.\n") + _doubt(event, course), DONE


def _doubt(event: Event, course: Course) -> str:
    """Return what whoever records an event may have overlooked; empty for nothing."""
    if not isinstance(event, Missed) or any(isinstance(one, Notified) for one in course.events):
        return ""
    return (
        "\nNo date is on record as told to anyone, so nothing says that this visit was awaited. If "
        "nobody\nknew of it, take the event out again.\n"
    )


def _event(
    options: argparse.Namespace, course: Course, on: date, at: datetime | None, as_of: date
) -> Event:
    """
    Return the event that the words of the command line say.

    Raises:
        Refused: A key is not written as KEY=VALUE, or the event is about nothing.
        InvalidDocument: There is no such event; every fault is listed.
    """
    kind = options.what
    told: dict[str, Any] = {"kind": kind, "on": on}
    if options.name is not None:
        key = _ABOUT.get(kind, "visit")
        name = options.name
        unplanned = kind == "given" and Given(visit=name, on=on).unplanned_in is not None
        known = key != "visit" or unplanned
        told[key] = name if known else identity_in(name, course, on, as_of)
    elif kind not in _NOTHING:
        raise Refused(f"record: name after {kind!r} what it is about, such as 'infusion 3'")
    if at is not None:
        told["start" if kind in _STARTS else "at"] = at
    for one in options.set:
        key, equals, value = one.partition("=")
        if not equals:
            raise Refused(f"--set {one!r}: must be KEY=VALUE, such as passed=true")
        told[key.strip()] = _value(value.strip())
    head = {"key": course.key, "protocol": course.protocol.name, "events": [told]}
    return documents.course_from_dict(head, course.protocol, "record").events[0]


def _value(text: str) -> Any:
    """Return a value as a TOML file would have it; what is none there is a text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
