"""The commands, the words they take, and how a run ends."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from protocol_sched.cli.check import CHECK_ABOUT, CHECK_USAGE, run_check
from protocol_sched.cli.clinic import add_clinic
from protocol_sched.cli.exchange import (
    EXPORT_ABOUT,
    EXPORT_USAGE,
    IMPORT_ABOUT,
    IMPORT_USAGE,
    add_export,
    add_import,
)
from protocol_sched.cli.explain import (
    EXPLAIN_ABOUT,
    EXPLAIN_MORE,
    EXPLAIN_USAGE,
    WHY_ABOUT,
    WHY_USAGE,
    add_question,
    run_explain,
    run_why,
)
from protocol_sched.cli.inputs import (
    BAD_INPUT,
    EXIT_CODES,
    OUR_FAULT,
    Refused,
    add_course,
    add_domain,
    add_inputs,
    add_language,
    date_argument,
    moment_argument,
    number_argument,
    write_files,
)
from protocol_sched.cli.lists import (
    CATALOG_ABOUT,
    CATALOG_USAGE,
    DATES_ABOUT,
    DATES_USAGE,
    SCHEMA_ABOUT,
    SCHEMA_USAGE,
    add_schema,
    run_catalog,
    run_dates,
)
from protocol_sched.cli.plan import (
    PLAN_ABOUT,
    PLAN_MORE,
    PLAN_USAGE,
    REPLAN_ABOUT,
    REPLAN_ALL_ABOUT,
    REPLAN_ALL_MORE,
    REPLAN_ALL_USAGE,
    REPLAN_MORE,
    REPLAN_USAGE,
    run_plan,
    run_replan,
    run_replan_all,
)
from protocol_sched.cli.verdict import (
    VERDICT_ABOUT,
    VERDICT_USAGE,
    run_verdict,
    when_argument,
)
from protocol_sched.errors import InternalFault, ProtocolSchedError
from protocol_sched.model.former import FLAGS

ABOUT = """\
Turn a treatment protocol, one person's history and real calendars into dated visits that keep
every rule. It schedules; it never doses. A clinician must confirm every protocol and every plan."""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line and return its exit code.

    It is 0 where all is done, 1 for no plan or violations, 2 for bad input, 3 for a fault of this
    program.

    Args:
        arguments: The words after the program's name; those of this process if not given.
    """
    # A terminal that lacks a letter of a name shows another sign in its place.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        text, code = options.command(options)
    except InternalFault as fault:
        return _report(fault, getattr(options, "out", None) or Path())
    except (Refused, ProtocolSchedError) as error:
        return _complain(str(error))
    except OverflowError:
        return _complain("a date lies outside the years 1 to 9999")
    except KeyboardInterrupt:
        return _complain("stopped")
    try:
        print(text, end="", flush=True)
    except OSError as error:
        # Python flushes once more at exit and must not fail then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            return _complain(f"cannot print: {error.strerror}")
        # Whoever read has seen enough.
    return int(code)


def _report(fault: InternalFault, directory: Path) -> int:
    """Write what reproduces a fault, under a name that the same fault has again."""
    content = fault.document.encode()
    name = f"protocol-sched-fault-{sha256(content).hexdigest()[:8]}.json"
    try:
        write_files(directory, {name: content})
        kept = (
            f"All that reproduces it is in {directory / name}. Please report it; the file holds "
            "what the input files say of the person and the clinic."
        )
    except Refused as error:
        kept = f"What reproduces it could not be kept: {error}"
    print(f"protocol-sched: {fault}\n{kept}", file=sys.stderr)
    return OUR_FAULT


def _complain(says: str) -> int:
    print(f"protocol-sched: {says}", file=sys.stderr)
    return BAD_INPUT


def _add_renamed(parser: argparse.ArgumentParser, command: str, flag: str, **how: Any) -> None:
    """Add a flag, and without a word of help its earlier name; never both in one call."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument(flag, **how)
    for earlier, now in FLAGS[command].items():
        if now == flag:
            dest = flag.removeprefix("--")
            either.add_argument(earlier, **{**how, "dest": dest, "help": argparse.SUPPRESS})


# --- what can be asked for -------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="protocol-sched", description=ABOUT, epilog=EXIT_CODES, formatter_class=raw
    )
    parser.add_argument(
        "--version", action="version", version=f"protocol-sched {version('protocol-sched')}"
    )
    commands = parser.add_subparsers(
        required=True,
        metavar="plan | replan | replan-all | clinic | explain | why | check | dates | verdict | "
        "catalog | import | export | schema",
    )

    plan = commands.add_parser(
        "plan",
        help="plan a course",
        usage=PLAN_USAGE,
        description=PLAN_ABOUT,
        epilog=f"{PLAN_MORE}\n\n{EXIT_CODES}",
        formatter_class=raw,
    )
    add_inputs(plan)
    plan.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date on which the question is asked; without it, today at the clinic",
    )
    plan.add_argument(
        "--now",
        type=moment_argument,
        metavar="MOMENT",
        help="when the files say they were made; without it, the clock's time, "
        "or the beginning of the date of --as-of",
    )
    plan.add_argument(
        "--until",
        type=date_argument,
        metavar="DATE",
        help="show visits to this date; the whole course is planned",
    )
    plan.add_argument("--out", type=Path, metavar="DIR", help="write files here; made if missing")
    add_domain(plan)
    add_language(plan)
    plan.add_argument("--json", action="store_true", help="print the plan as JSON")
    plan.set_defaults(command=run_plan)

    replan = commands.add_parser(
        "replan",
        help="plan a course anew with the least change",
        usage=REPLAN_USAGE,
        description=REPLAN_ABOUT,
        epilog=f"{REPLAN_MORE}\n\n{EXIT_CODES}",
        formatter_class=raw,
    )
    add_inputs(replan)
    replan.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date on which the question is asked; without it, today at the clinic",
    )
    replan.add_argument(
        "--now",
        type=moment_argument,
        metavar="MOMENT",
        help="no visit is planned before it; without it, the clock's time, "
        "or the beginning of the date of --as-of",
    )
    replan.add_argument(
        "--until",
        type=date_argument,
        metavar="DATE",
        help="show visits to this date; the whole course is planned",
    )
    _add_renamed(
        replan,
        "replan",
        "--previous",
        type=Path,
        metavar="PLAN",
        help='plan.json that people know of, for visits the course has no event "notified" about',
    )
    replan.add_argument("--out", type=Path, metavar="DIR", help="write files here; made if missing")
    add_domain(replan)
    add_language(replan)
    replan.add_argument("--json", action="store_true", help="print the changes as JSON")
    replan.set_defaults(command=run_replan)

    many = commands.add_parser(
        "replan-all",
        help="plan all courses of a clinic anew",
        usage=REPLAN_ALL_USAGE,
        description=REPLAN_ALL_ABOUT,
        epilog=f"{REPLAN_ALL_MORE}\n\n{EXIT_CODES}",
        formatter_class=raw,
    )
    many.add_argument("courses", type=Path, metavar="DIR", help="a directory for each course")
    many.add_argument(
        "--clinic", type=Path, metavar="FILE", required=True, help="the clinic, a TOML or JSON file"
    )
    many.add_argument(
        "--protocol",
        type=Path,
        metavar="FILE",
        help="the protocol the courses name, a TOML or JSON file; without it, the catalog's",
    )
    many.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date of the question; without it, today",
    )
    many.add_argument(
        "--now", type=moment_argument, metavar="MOMENT", help="no visit is planned before it"
    )
    many.add_argument("--workers", type=int, metavar="N", help="processes; without it, in turn")
    many.add_argument("--out", type=Path, metavar="DIR", help="write files here; made if missing")
    many.add_argument(
        "--progress",
        action="store_true",
        help="count on the error stream, as is done at a terminal anyway",
    )
    add_domain(many)
    add_language(many)
    many.set_defaults(command=run_replan_all)

    add_clinic(commands)

    explain = commands.add_parser(
        "explain",
        help="say why not, and what would help",
        usage=EXPLAIN_USAGE,
        description=EXPLAIN_ABOUT,
        epilog=f"{EXPLAIN_MORE}\n\n{EXIT_CODES}",
        formatter_class=raw,
    )
    add_inputs(explain)
    add_question(explain)
    _add_renamed(
        explain,
        "explain",
        "--request",
        action="append",
        default=[],
        metavar="REQUEST",
        help="what shall hold as well",
    )
    explain.add_argument(
        "--count", type=number_argument, default=3, metavar="N", help="how many changes to name; 3"
    )
    explain.set_defaults(command=run_explain)

    why = commands.add_parser(
        "why",
        help="say why visits are when they are",
        usage=WHY_USAGE,
        description=WHY_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    add_inputs(why)
    why.add_argument(
        "visits", nargs="*", metavar="VISIT", help="a title or an identity; without, all visits"
    )
    add_question(why)
    why.set_defaults(command=run_why)

    check = commands.add_parser(
        "check",
        help="judge a plan",
        usage=CHECK_USAGE,
        description=CHECK_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    check.add_argument("plan", type=Path, metavar="PLAN", help="plan.json or a calendar file")
    add_inputs(check)
    check.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date on which the question is asked; without it, the plan's own; for a calendar, "
        "the last visit's that was given, the day before the course starts, or today",
    )
    check.add_argument(
        "--title",
        default="",
        metavar="TEXT",
        help="only entries of a calendar called so are visits",
    )
    check.add_argument("--json", action="store_true", help="print the violations as JSON")
    check.set_defaults(command=run_check)

    dates = commands.add_parser(
        "dates",
        help="list the dates a protocol asks for",
        usage=DATES_USAGE,
        description=DATES_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    add_course(dates)
    dates.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date of the question; without it, today",
    )
    dates.add_argument(
        "--until",
        type=date_argument,
        metavar="DATE",
        help="how far phases without an end are listed",
    )
    dates.add_argument("--json", action="store_true", help="print the agenda as JSON")
    dates.set_defaults(command=run_dates)

    judge = commands.add_parser(
        "verdict",
        help="judge the dates of visits",
        usage=VERDICT_USAGE,
        description=VERDICT_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    add_course(judge)
    judge.add_argument(
        "--clinic",
        type=Path,
        metavar="FILE",
        help="the clinic whose closed days count, a TOML or JSON file; without it no day is known "
        "to be closed",
    )
    judge.add_argument(
        "visit",
        nargs="?",
        metavar="VISIT",
        help="a title or an identity; without, all visits given",
    )
    judge.add_argument(
        "date",
        nargs="?",
        type=when_argument,
        metavar="DATE",
        help="a date, or a moment with an offset",
    )
    judge.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date of the question; without it, today",
    )
    judge.add_argument("--json", action="store_true", help="print every fact as JSON")
    judge.set_defaults(command=run_verdict)

    shelf = commands.add_parser(
        "catalog",
        help="list or show published protocols, or print one as a sheet to sign",
        usage=CATALOG_USAGE,
        description=CATALOG_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    shelf.add_argument("name", nargs="?", metavar="NAME", help="print this protocol")
    asked = shelf.add_mutually_exclusive_group()
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
    shelf.add_argument("--json", action="store_true", help="print JSON")
    shelf.set_defaults(command=run_catalog)

    from_elsewhere = commands.add_parser(
        "import",
        help="read a study design, plan definition or table as a protocol",
        usage=IMPORT_USAGE,
        description=IMPORT_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    add_import(from_elsewhere)

    to_elsewhere = commands.add_parser(
        "export",
        help="write a protocol or a plan for FHIR, or a plan as a table",
        usage=EXPORT_USAGE,
        description=EXPORT_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    add_export(to_elsewhere)

    schema = commands.add_parser(
        "schema",
        help="print the JSON Schema of a kind of file",
        usage=SCHEMA_USAGE,
        description=SCHEMA_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    add_schema(schema)
    return parser
