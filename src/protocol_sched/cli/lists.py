"""The commands ``dates``, ``catalog`` and ``schema``, which need no clinic."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from protocol_sched import catalog
from protocol_sched.cli.inputs import DONE, NOT_SO, course_reader, read_text
from protocol_sched.errors import InvalidEvent
from protocol_sched.expansion.agenda import agenda_of
from protocol_sched.expansion.outline import outline
from protocol_sched.formats.documents import documents
from protocol_sched.formats.documents.schema import protocol_schema
from protocol_sched.judge.recording import refuse_impossible
from protocol_sched.text.plans import agenda_text

DATES_USAGE = """\
protocol-sched dates COURSE [--protocol FILE] [--as-of DATE] [--until DATE] [--json]"""

DATES_ABOUT = """\
List every visit still due with its earliest, target and latest date and the rule behind it, from
the protocol and the history alone: no clinic, no person. Each date is the one it has if every
visit before it falls on its target."""

SCHEMA_ABOUT = """\
Print the JSON Schema of protocol files, with which editors complete and check them."""

CATALOG_ABOUT = """\
List the published protocols that come with the package; with a name, print that one as TOML.
Every number in it names its source. A clinician must confirm it before it is used."""


def run_dates(options: argparse.Namespace) -> tuple[str, int]:
    protocol = None
    if options.protocol is not None:
        protocol = read_text(options.protocol, documents.read_protocol)
    course = read_text(options.course, course_reader(options, protocol))
    as_of = options.as_of or datetime.now().astimezone().date()
    found = outline(course, as_of, options.until)
    agenda = agenda_of(found)
    try:
        refuse_impossible(course, found, agenda)
    except InvalidEvent as error:
        # Dates are shown all the same, so that a person sees what the record makes of the course.
        print(
            f"protocol-sched: these dates follow a history that cannot be: {error}", file=sys.stderr
        )
        code = NOT_SO
    else:
        code = DONE
    if options.json:
        return documents.write_json(documents.agenda_to_dict(agenda)), code
    return f"{course.protocol.title}\n\n{agenda_text(agenda, course.protocol_on(as_of))}", code


def run_schema(_: argparse.Namespace) -> tuple[str, int]:
    return documents.write_json(protocol_schema()), DONE


def run_catalog(options: argparse.Namespace) -> tuple[str, int]:
    if options.name is None:
        protocols = [catalog.load(name) for name in catalog.names()]
        if options.json:
            titles = {protocol.name: protocol.title for protocol in protocols}
            return documents.write_json(titles), DONE
        width = max((len(protocol.name) for protocol in protocols), default=0)
        return "".join(f"{p.name:{width}}  {p.title}\n" for p in protocols), DONE
    if options.json:
        return documents.write_json(documents.protocol_to_dict(catalog.load(options.name))), DONE
    return catalog.text(options.name), DONE
