"""The commands ``import`` and ``export``: courses and plans of other standards."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from protocol_sched import catalog
from protocol_sched.cli.ending import DONE, Refused
from protocol_sched.cli.inputs import (
    add_domain,
    add_protocols,
    read_one_course,
    read_text,
    write_files,
)
from protocol_sched.formats.documents import documents
from protocol_sched.formats.elsewhere import is_fhir
from protocol_sched.formats.fhir.appointments import write_appointments
from protocol_sched.formats.fhir.plans import write_plan_definition
from protocol_sched.formats.fhir.protocols import read_plan_definition
from protocol_sched.formats.tables.reading import read_schedule_csv
from protocol_sched.formats.tables.writing import dates_csv, plan_csv
from protocol_sched.formats.usdm.protocols import read_usdm
from protocol_sched.formats.usdm.writing import write_usdm
from protocol_sched.model.imported import Imported
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan

IMPORT_USAGE = """\
protocol-sched import FILE [--timeline NAME] [--length LENGTH] [--cycle LENGTH]
                             [--no-window open|exact] [--repeat ID=NUMBER]
                             [--long-timelines noted|visits]
                             [--windows ask|around|absolute] [--out FILE] [--json]"""

IMPORT_ABOUT = """\
Read a study design (USDM 2.11 to 4.0, JSON), a plan definition (FHIR R4 to R6, JSON) or a schedule
of activities (CSV) as a protocol file; which of them a file is, is told from its content. What the
protocol cannot hold is listed, and stands in the file as comments: nothing is guessed in silence.
The file has no doses, and a clinician must confirm it before it is used."""

EXPORT_USAGE = """\
protocol-sched export FILE [--to plan-definition|usdm|appointments|csv] [--course COURSE]
                             [--protocol FILE] [--clinic FILE] [--person FILE] [--patient ID]
                             [--bundle collection|transaction] [--domain DOMAIN] [--out FILE]"""

EXPORT_ABOUT = """\
Write a protocol as a PlanDefinition of FHIR R4 or a study design of USDM 4.0, or a plan as
Appointments of FHIR R4 or as a table (CSV). FILE is a protocol, or its name in the catalog, or a
plan.json that `plan` or `replan` wrote; Appointments need the course, clinic and person it was made
for. What of a protocol the standard cannot hold is listed."""


def add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a protocol, or a plan.json")
    parser.add_argument(
        "--to",
        choices=("plan-definition", "usdm", "appointments", "csv"),
        help="what to write; without it a plan definition of a protocol, a table of a plan",
    )
    parser.add_argument("--course", type=Path, metavar="COURSE", help="the plan's course")
    add_protocols(parser, "the protocol the course names")
    parser.add_argument("--clinic", type=Path, metavar="FILE", help="the plan's clinic")
    parser.add_argument("--person", type=Path, metavar="FILE", help="the plan's person")
    parser.add_argument(
        "--patient",
        default="",
        metavar="ID",
        help="reference to the person's resource, such as Patient/17",
    )
    parser.add_argument(
        "--bundle",
        choices=("collection", "transaction"),
        default="collection",
        help="a collection, or a transaction that puts each appointment on a server",
    )
    add_domain(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it here")
    parser.set_defaults(command=run_export)


def run_export(options: argparse.Namespace) -> tuple[str, int]:
    text = _exported(options)
    if options.out is None:
        return text, DONE
    write_files(options.out.parent, {options.out.name: text.encode()})
    return "", DONE


_PROTOCOLS = {"plan-definition": write_plan_definition, "usdm": write_usdm}


def _exported(options: argparse.Namespace) -> str:
    found = _protocol_or_plan(options.file)
    if isinstance(found, Protocol):
        if options.to not in (None, *_PROTOCOLS):
            raise Refused(f"export: --to {options.to} needs a plan.json, got {options.file!r}")
        return _written(found, options.to or "plan-definition")
    plan = found
    if options.to in (None, "csv"):
        return plan_csv(plan) if plan.schedule is not None else dates_csv(plan.agenda)
    if options.to != "appointments":
        raise Refused(f"export: --to {options.to} needs a protocol, got {options.file!r}")
    missing = [f"--{one}" for one in ("course", "clinic", "person") if not getattr(options, one)]
    if missing:
        raise Refused(f"export: --to appointments needs {', '.join(missing)} as well")
    course = read_one_course(options)
    if plan.schedule is not None and plan.schedule.course != course.key:
        raise Refused(f"{options.file}: is a plan of {plan.schedule.course!r}, not {course.key!r}")
    return write_appointments(
        plan,
        course,
        read_text(options.clinic, documents.read_clinic, "clinic"),
        read_text(options.person, documents.read_person, "person"),
        domain=options.domain,
        patient=options.patient,
        bundle=options.bundle,
    )


def _protocol_or_plan(file: str) -> Protocol | Plan:
    """Return what a file holds, told by its keys; without a dot or slash it is of the catalog."""
    if "." not in file and "/" not in file and os.sep not in file:
        return catalog.load(file)
    mapping = read_text(Path(file), documents.read_document)
    if "agenda" in mapping:
        return documents.plan_from_dict(mapping, file)
    return documents.protocol_from_dict(mapping, file)


def _written(protocol: Protocol, to: str) -> str:
    written = _PROTOCOLS[to](protocol)
    what = {"plan-definition": "a plan definition", "usdm": "a study design"}[to]
    print(
        f"protocol-sched: {len(written.notes)} notes on what {what} cannot hold:",
        *(f"  {note}" for note in written.notes),
        sep="\n",
        file=sys.stderr,
    )
    return written.text


def add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a study design or plan definition (JSON), or a schedule of activities (CSV)",
    )
    parser.add_argument(
        "--timeline",
        default="",
        metavar="NAME",
        help="name or identifier of the timeline or plan to read; without it, the main one",
    )
    parser.add_argument(
        "--length",
        metavar="LENGTH",
        help="how long each visit takes, such as '30 to 60 minutes'; without it 30 minutes, "
        "or less where two are nearer",
    )
    parser.add_argument(
        "--cycle",
        metavar="LENGTH",
        help="how long a cycle is, such as '21 days', for a table with days such as C2D1",
    )
    parser.add_argument(
        "--no-window",
        choices=("open", "exact"),
        default="open",
        help="what a distance without a window means: later is allowed, or its date only; open",
    )
    parser.add_argument(
        "--repeat",
        action="append",
        default=[],
        metavar="ID=NUMBER",
        help="how often a loop of a study design takes place, by the identifier of the decision "
        "that ends it; without it once, with a question; may be repeated",
    )
    parser.add_argument(
        "--long-timelines",
        choices=("noted", "visits"),
        default="noted",
        help="what becomes of a timeline that runs inside a visit for longer than a day: a note, "
        "or a visit for each of its points; noted",
    )
    parser.add_argument(
        "--windows",
        choices=("ask", "around", "absolute"),
        default="ask",
        help="what an acceptable offset range of FHIR holds, where its numbers leave it open: days "
        "around the target, or the offsets themselves; without it that is a question",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the protocol here")
    parser.add_argument(
        "--json", action="store_true", help="print protocol, notes and names as JSON"
    )
    parser.set_defaults(command=run_import)


def _repeats(given: Iterable[str]) -> Iterator[tuple[str, int]]:
    for one in given:
        identity, equals, number = one.rpartition("=")
        if not equals or not number.strip().isdecimal() or len(number.strip()) > 9:
            raise Refused(f"--repeat must be ID=NUMBER, such as Decision_1=6, got {one!r}")
        yield identity.strip(), int(number)


def run_import(options: argparse.Namespace) -> tuple[str, int]:
    def reader(text: str, name: str) -> Imported:
        if is_fhir(text):
            return read_plan_definition(
                text,
                plan=options.timeline,
                windows=options.windows,
                length=options.length,
                name=name,
            )
        return read_usdm(
            text,
            timeline=options.timeline,
            length=options.length,
            no_window=options.no_window,
            repeats=dict(_repeats(options.repeat)),
            long_timelines=options.long_timelines,
            name=name,
        )

    try:
        data = options.file.read_bytes()
    except OSError as error:
        raise Refused(f"cannot read {options.file}: {error.strerror}") from None
    begins = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if begins in (b"", b"{", b"["):
        found = read_text(options.file, reader)
    else:
        found = read_schedule_csv(
            data, length=options.length, cycle=options.cycle, name=str(options.file)
        )
    notes = [str(note) for note in found.notes]
    protocol = documents.protocol_to_dict(found.protocol)
    head = [f"Read from {options.file.name}; day 1 is the visit {found.day_one}.", *notes]
    text = "".join(f"# {' '.join(line.split())}\n" for line in head)
    text = f"{text}\n{documents.write_toml(protocol)}"
    print(
        f"protocol-sched: {len(notes)} notes on what the protocol holds otherwise:",
        *(f"  {note}" for note in notes),
        sep="\n",
        file=sys.stderr,
    )
    if options.out is not None:
        write_files(options.out.parent, {options.out.name: text.encode()})
    if options.json:
        return documents.write_json(
            {
                "protocol": protocol,
                "day_one": found.day_one,
                "names": dict(found.names),
                "notes": [
                    {"kind": one.kind, "where": one.where, "said": one.said, "became": one.became}
                    for one in found.notes
                ],
            }
        ), DONE
    if options.out is not None:
        visits = len(set(found.names.values()))
        return f"{options.out}: {found.protocol.title}, {visits} visits\n", DONE
    return text, DONE
