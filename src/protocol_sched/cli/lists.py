"""The commands ``dates``, ``catalog`` and ``schema``, which need no clinic."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime
from pathlib import Path

import attrs

from protocol_sched import catalog
from protocol_sched.cli.ending import DONE, NOT_SO, Refused
from protocol_sched.cli.inputs import read_one_course, read_text
from protocol_sched.errors import InvalidEvent
from protocol_sched.expansion.agenda import agenda_of
from protocol_sched.expansion.outline import outline
from protocol_sched.formats.documents import documents
from protocol_sched.formats.documents.schema import KINDS, schema_of
from protocol_sched.judge.recording import refuse_impossible
from protocol_sched.model.protocol import Protocol
from protocol_sched.text.dated import closed_lines
from protocol_sched.text.differences import differences, differences_text
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.plans import agenda_text
from protocol_sched.text.review import Line, review, review_text
from protocol_sched.text.variant import heading_text

DATES_ABOUT = """\
List every visit still due with its earliest, target and latest date and the rule behind it, from
the protocol and the history alone: no clinic, no person. Each date is the one it has if every
visit before it falls on its target. A clinic's file says on which days it is closed, where the
protocol speaks of closed days."""

SCHEMA_ABOUT = """\
Print the JSON Schema of one kind of file, with which editors complete and check it; without a NAME,
that of protocol files."""

CATALOG_ABOUT = """\
List the published protocols that come with the package; with a name, print that one as TOML.
Every number in it names its source. A clinician must confirm it before it is used: --review prints
a protocol as a sheet to sign, --diff what a second protocol has differently from a first. Both take
a name of the catalog or a clinic's own file, such as our-protocol.toml."""


def add_shelf(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="print this protocol")
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument(
        "--review",
        action="store_true",
        help="print it as a sheet to sign: each rule in words, with its source",
    )
    asked.add_argument(
        "--diff",
        nargs="+",
        metavar="PROTOCOL",
        help="say what another has differently: NAME --diff SECOND or --diff FIRST SECOND",
    )


def run_dates(options: argparse.Namespace) -> tuple[str, int]:
    course = read_one_course(options)
    as_of = options.as_of or datetime.now().astimezone().date()
    clinic = None
    if options.clinic is not None:
        clinic = read_text(options.clinic, documents.read_clinic, "clinic")
    found = outline(course, as_of, options.until, clinic=clinic)
    agenda = agenda_of(found, options.until)
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
    followed = course.protocol_on(as_of)
    language = options.language
    listed = agenda_text(agenda, followed, language=language)
    text = f"{heading_text(followed, language=language)}\n\n{listed}"
    if clinic is None and (unknown := "\n".join(closed_lines(agenda, LANGUAGES[language]))):
        text += f"\n{unknown}\n"
    return text, code


def add_schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name",
        nargs="?",
        default="protocol",
        choices=tuple(KINDS),
        metavar="NAME",
        help=f"{', '.join(list(KINDS)[:-1])} or {list(KINDS)[-1]}",
    )


def run_schema(options: argparse.Namespace) -> tuple[str, int]:
    return documents.write_json(schema_of(options.name)), DONE


def run_catalog(options: argparse.Namespace) -> tuple[str, int]:
    if options.diff is not None:
        named = [*options.diff] if options.name is None else [options.name, *options.diff]
        if len(named) == 1:
            raise Refused(
                f"--diff needs a second protocol, such as: catalog {named[0]} --diff NAME"
            )
        if len(named) > 2:
            # A third stands before or behind the two that follow --diff.
            third = options.name or options.diff[2]
            raise Refused(f"--diff takes two names and no third, got {third!r} as well")
        first, second = named
        return _diff(first, second, options.json, options.language), DONE
    if options.name is None:
        if options.review:
            raise Refused("--review needs a NAME: one of the catalog, or a protocol file")
        protocols = [catalog.load(name) for name in catalog.names()]
        if options.json:
            titles = {protocol.name: protocol.title for protocol in protocols}
            return documents.write_json(titles), DONE
        width = max((len(protocol.name) for protocol in protocols), default=0)
        return "".join(f"{p.name:{width}}  {p.title}\n" for p in protocols), DONE
    if options.review:
        protocol = _protocol(options.name)
        if options.json:
            return documents.write_json(_sheet(protocol)), DONE
        return review_text(protocol, language=options.language), DONE
    if options.json:
        return documents.write_json(documents.protocol_to_dict(catalog.load(options.name))), DONE
    return catalog.text(options.name), DONE


def _sheet(protocol: Protocol) -> dict[str, object]:
    """Return a sheet to sign as data: the file's head, its open questions, and each rule."""
    head = documents.protocol_to_dict(protocol)
    kept = ("name", "title", "variant", "unspecified", "sources")
    sheet: dict[str, object] = {key: head[key] for key in kept if key in head}
    return {**sheet, "rules": [_line(line) for line in review(protocol)]}


def _line(line: Line | None) -> dict[str, object] | None:
    if line is None:
        return None
    standing = None if line.standing is None else line.standing.value
    return {**attrs.asdict(line), "standing": standing}


def _diff(first: str, second: str, as_json: bool, language: str) -> str:
    mine, theirs = _protocol(first), _protocol(second)
    if as_json:
        found = [
            {"what": one.what, "first": _line(one.first), "second": _line(one.second)}
            for one in differences(mine, theirs)
        ]
        return documents.write_json({"first": first, "second": second, "differences": found})
    return differences_text(mine, theirs, (first, second), language=language)


def _protocol(name: str) -> Protocol:
    """Return a protocol of the catalog, or the one of a file: its name has a dot or a slash."""
    if "." in name or "/" in name or os.sep in name:
        return read_text(Path(name), documents.read_protocol, "protocol")
    return catalog.load(name)
