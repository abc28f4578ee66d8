"""The commands, the words they take, and how a run ends."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from protocol_sched.cli.cases import add_beside
from protocol_sched.cli.check import CHECK_ABOUT, add_plan, add_title, run_check
from protocol_sched.cli.clinic import add_clinic
from protocol_sched.cli.declaring import as_json, as_of, at_now, declare, out, until
from protocol_sched.cli.exchange import (
    EXPORT_ABOUT,
    IMPORT_ABOUT,
    add_export,
    add_import,
    run_export,
    run_import,
)
from protocol_sched.cli.explain import (
    EXPLAIN_ABOUT,
    EXPLAIN_MORE,
    WHY_ABOUT,
    add_question,
    add_visits,
    run_explain,
    run_why,
)
from protocol_sched.cli.inputs import (
    BAD_INPUT,
    EXIT_CODES,
    OUR_FAULT,
    Refused,
    add_clinic_file,
    add_closed_days,
    add_course,
    add_courses,
    add_domain,
    add_inputs,
    add_language,
    add_printed_language,
    add_privacy,
    number_argument,
    write_files,
)
from protocol_sched.cli.lists import (
    CATALOG_ABOUT,
    DATES_ABOUT,
    SCHEMA_ABOUT,
    add_schema,
    add_shelf,
    run_catalog,
    run_dates,
    run_schema,
)
from protocol_sched.cli.new import NEW_ABOUT, NEW_MORE, add_new, run_new
from protocol_sched.cli.plan import (
    PLAN_ABOUT,
    PLAN_MORE,
    REPLAN_ABOUT,
    REPLAN_ALL_ABOUT,
    REPLAN_ALL_MORE,
    REPLAN_MORE,
    run_plan,
    run_replan,
    run_replan_all,
)
from protocol_sched.cli.questions import (
    AT_RISK_ABOUT,
    BEST_ABOUT,
    FIRST_ABOUT,
    STARTABLE_ABOUT,
    TAKE_ABOUT,
    TAKE_MORE,
    WAITING_ABOUT,
    add_best,
    add_startable,
    add_take,
    run_at_risk,
    run_best,
    run_first_dates,
    run_startable,
    run_take,
    run_waiting,
)
from protocol_sched.cli.record import RECORD_ABOUT, RECORD_MORE, add_record, run_record
from protocol_sched.cli.validate import VALIDATE_ABOUT, VALIDATE_MORE, add_validate, run_validate
from protocol_sched.cli.verdict import VERDICT_ABOUT, add_dated_visit, run_verdict
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
    options = _parsed(sys.argv[1:] if arguments is None else arguments)
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


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """Return what the words ask for; a command's own may stand before, after and among options."""
    parser = command = _parser()
    rest = list(words)
    while rest and (known := _commands(command)) and rest[0] in known:
        command = known[rest.pop(0)]
    if _commands(command):  # whoever names no command is told which there are
        return parser.parse_args(words)
    options, passed_over = command.parse_known_args(rest)
    return command.parse_intermixed_args(rest) if passed_over else options


def _commands(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    for action in parser._actions:  # argparse lists them nowhere else
        if isinstance(action, argparse._SubParsersAction):
            return action.choices
    return {}


# --- what can be asked for -------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="protocol-sched", description=ABOUT, epilog=EXIT_CODES, formatter_class=raw
    )
    parser.add_argument(
        "--version", action="version", version=f"protocol-sched {version('protocol-sched')}"
    )
    commands = parser.add_subparsers(required=True)

    declare(
        commands,
        "plan",
        run_plan,
        add_inputs,
        add_beside,
        _add_request,
        as_of(),
        at_now("when the files say they were made"),
        until(),
        out,
        add_domain,
        partial(add_language, also="what is printed, "),
        add_privacy,
        as_json("print the plan as JSON"),
        says="plan a course",
        about=PLAN_ABOUT,
        more=PLAN_MORE,
    )
    declare(
        commands,
        "replan",
        run_replan,
        add_inputs,
        add_beside,
        as_of(),
        at_now("no visit is planned before it"),
        until(),
        _add_previous,
        out,
        add_domain,
        partial(add_language, also="what is printed, "),
        add_privacy,
        as_json("print the changes as JSON"),
        says="re-plan a course with the least change",
        about=REPLAN_ABOUT,
        more=REPLAN_MORE,
    )
    declare(
        commands,
        "replan-all",
        run_replan_all,
        add_courses,
        as_of(),
        at_now("no visit is planned before it"),
        _add_workers,
        out,
        add_domain,
        partial(add_language, also="what is printed, "),
        says="re-plan all courses of a clinic",
        about=REPLAN_ALL_ABOUT,
        more=REPLAN_ALL_MORE,
    )
    add_clinic(commands)
    declare(
        commands,
        "explain",
        run_explain,
        add_inputs,
        add_beside,
        add_question,
        _add_request,
        _add_count,
        says="say why something is not possible, and what would help",
        about=EXPLAIN_ABOUT,
        more=EXPLAIN_MORE,
    )
    declare(
        commands,
        "why",
        run_why,
        add_inputs,
        add_beside,
        add_visits,
        add_question,
        says="say why visits are when they are",
        about=WHY_ABOUT,
    )
    declare(
        commands,
        "best",
        run_best,
        add_inputs,
        add_beside,
        as_of(),
        at_now("what lies before it is over"),
        until(),
        add_best,
        as_json("print the courses as JSON"),
        says="list the best plans that really differ",
        about=BEST_ABOUT,
    )
    last = until("the last date that is looked at")
    declare(
        commands,
        "first-dates",
        run_first_dates,
        add_inputs,
        add_beside,
        as_of(),
        at_now("what lies before it is over"),
        last,
        as_json("print the dates as JSON"),
        says="list the dates on which the next visit can be",
        about=FIRST_ABOUT,
    )
    declare(
        commands,
        "startable",
        run_startable,
        add_inputs,
        add_beside,
        as_of(),
        at_now("what lies before it is over"),
        last,
        add_startable,
        as_json("print the dates as JSON"),
        says="say which first dates only seem to be free",
        about=STARTABLE_ABOUT,
    )
    declare(
        commands,
        "waiting",
        run_waiting,
        add_courses,
        as_of(),
        at_now("what lies before it is over"),
        as_json("print the list as JSON"),
        says="list the courses that wait for a date",
        about=WAITING_ABOUT,
    )
    declare(
        commands,
        "who-can-take",
        run_take,
        add_courses,
        add_take,
        as_of(),
        at_now("no visit is offered before it"),
        as_json("print the offers as JSON"),
        says="say who may take a place that has become free",
        about=TAKE_ABOUT,
        more=TAKE_MORE,
    )
    declare(
        commands,
        "at-risk",
        run_at_risk,
        add_inputs,
        as_of(),
        at_now("from when on a ride that is not confirmed is at risk"),
        as_json("print the rides as JSON"),
        says="list the rides home that are not certain",
        about=AT_RISK_ABOUT,
    )
    declare(
        commands,
        "record",
        run_record,
        add_course,
        add_record,
        add_clinic_file,
        as_of(),
        at_now("nothing that began after it was given"),
        as_json("print what was recorded as JSON"),
        says="add an event to a course, if it can have happened",
        about=RECORD_ABOUT,
        more=RECORD_MORE,
    )
    declare(
        commands,
        "check",
        run_check,
        add_plan,
        add_inputs,
        as_of(
            "the date on which the question is asked; without it, the plan's own; for a calendar, "
            "the last visit's that was given, the day before the course starts, or today"
        ),
        add_title,
        as_json("print the violations as JSON"),
        says="judge a plan",
        about=CHECK_ABOUT,
    )
    declare(
        commands,
        "dates",
        run_dates,
        add_course,
        add_closed_days,
        as_of("the date of the question; without it, today"),
        until("how far phases without an end are listed"),
        add_printed_language,
        as_json("print the agenda as JSON"),
        says="list the dates a protocol asks for",
        about=DATES_ABOUT,
    )
    declare(
        commands,
        "verdict",
        run_verdict,
        add_course,
        add_dated_visit,
        as_of("the date of the question; without it, today"),
        add_printed_language,
        as_json("print every fact as JSON"),
        says="judge the dates of visits",
        about=VERDICT_ABOUT,
    )
    declare(
        commands,
        "catalog",
        run_catalog,
        add_shelf,
        add_printed_language,
        as_json("print JSON"),
        says="list or show published protocols, or print one as a sheet to sign",
        about=CATALOG_ABOUT,
    )
    declare(
        commands,
        "import",
        run_import,
        add_import,
        says="read a study design, plan definition or table as a protocol",
        about=IMPORT_ABOUT,
    )
    declare(
        commands,
        "export",
        run_export,
        add_export,
        says="write a protocol or a plan for FHIR, or a plan as a table",
        about=EXPORT_ABOUT,
    )
    declare(
        commands,
        "validate",
        run_validate,
        add_validate,
        as_json("print what each file is as JSON"),
        says="say what each file is, and everything that is wrong with it",
        about=VALIDATE_ABOUT,
        more=VALIDATE_MORE,
    )
    declare(
        commands,
        "new",
        run_new,
        add_new,
        says="write a clinic, person, course or protocol to start from",
        about=NEW_ABOUT,
        more=NEW_MORE,
    )
    declare(
        commands,
        "schema",
        run_schema,
        add_schema,
        says="print the JSON Schema of a kind of file",
        about=SCHEMA_ABOUT,
    )
    commands.metavar = "COMMAND"
    return parser


def _add_previous(parser: argparse.ArgumentParser) -> None:
    _add_renamed(
        parser,
        "replan",
        "--previous",
        type=Path,
        metavar="PLAN",
        help='plan.json that people know of, for visits the course has no event "notified" about',
    )


def _add_request(parser: argparse.ArgumentParser) -> None:
    _add_renamed(
        parser,
        "explain",
        "--request",
        action="append",
        default=[],
        metavar="REQUEST",
        help="what the plan must keep as well; may be given several times",
    )


def _add_count(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--count",
        type=number_argument,
        default=3,
        metavar="N",
        help="how many changes to name (default: 3)",
    )


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, metavar="N", help="processes; without it, in turn")
    parser.add_argument(
        "--progress",
        action="store_true",
        help="count on the error stream, as it does at a terminal without it",
    )
