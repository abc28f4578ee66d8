"""The command line: the only place that reads the clock, opens files and prints."""

from __future__ import annotations

import argparse
import functools
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from errno import EISDIR
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs

from protocol_sched import catalog
from protocol_sched.checker import violations
from protocol_sched.clinic import Case, replan_in_turn
from protocol_sched.errors import InternalFault, InvalidEvent, ProtocolSchedError, UnknownName
from protocol_sched.expansion import expand
from protocol_sched.expansion.agenda import agenda_of
from protocol_sched.expansion.walk import outline
from protocol_sched.explaining import explain_course, why_course
from protocol_sched.formats import documents
from protocol_sched.formats.changes import changes_text, spoken_text, summary_text
from protocol_sched.formats.explanation import LANGUAGES, explanation_text, why_text
from protocol_sched.formats.ics_busy import away_escort, away_person, read_busy
from protocol_sched.formats.ics_reading import LIMITS
from protocol_sched.formats.ics_uids import known_digests
from protocol_sched.formats.notice import notice_text
from protocol_sched.formats.schema import protocol_schema
from protocol_sched.formats.table import agenda_text, plan_text
from protocol_sched.jobs import Job, replan_many
from protocol_sched.judging import judge_calendar, judgement_text
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Person, clock
from protocol_sched.model.causes import PreferenceKept, Wish
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Course, Given
from protocol_sched.model.explanation import Asked
from protocol_sched.model.known import known
from protocol_sched.model.naming import Reader
from protocol_sched.model.privacy import Privacy
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Schedule
from protocol_sched.model.telling import tellings
from protocol_sched.planning import plan_course
from protocol_sched.recording import refuse_impossible
from protocol_sched.replanning import as_if_told, replan_course

DONE, NOT_SO, BAD_INPUT, OUR_FAULT = 0, 1, 2, 3

ABOUT = """\
Turn a treatment protocol, one person's history and real calendars into dated visits that keep
every rule. It schedules; it never doses. A clinician must confirm every protocol and every plan."""

EXIT_CODES = """\
exit codes:
  0  a plan was found; nothing is violated; what was asked for was shown
  1  no plan was found; something is violated; the history cannot be what happened
  2  the input is wrong, a file cannot be read or written, or the command line is wrong
  3  a fault of this program: a plan was made that its own judge refuses; a file to report is
     written, nothing else is"""

# Written out, because each version of argparse breaks these lines elsewhere.
PLAN_USAGE = """\
protocol-sched plan COURSE --clinic FILE --person FILE [--protocol FILE] [--as-of DATE]
                           [--busy FILE] [--now MOMENT] [--until DATE] [--out DIR]
                           [--domain DOMAIN] [--json]"""

REPLAN_USAGE = """\
protocol-sched replan COURSE --clinic FILE --person FILE [--protocol FILE] [--as-of DATE]
                             [--busy FILE] [--now MOMENT] [--until DATE] [--before PLAN]
                             [--out DIR] [--domain DOMAIN] [--json]"""

REPLAN_ALL_USAGE = """\
protocol-sched replan-all DIR --clinic FILE [--protocol FILE] [--as-of DATE] [--now MOMENT]
                              [--workers N] [--out DIR] [--progress]"""

EXPLAIN_USAGE = """\
protocol-sched explain COURSE --clinic FILE --person FILE [--protocol FILE] [--as-of DATE]
                              [--busy FILE] [--until DATE] [--wish WISH ...] [--count N]
                              [--for patient|scheduler] [--language CODE] [--privacy LEVEL]
                              [--json]"""

WHY_USAGE = """\
protocol-sched why COURSE [VISIT ...] --clinic FILE --person FILE [--protocol FILE]
                          [--as-of DATE] [--busy FILE] [--until DATE]
                          [--for patient|scheduler] [--language CODE] [--privacy LEVEL] [--json]"""

CHECK_USAGE = """\
protocol-sched check PLAN COURSE --clinic FILE --person FILE [--protocol FILE] [--as-of DATE]
                            [--busy FILE] [--title TEXT] [--json]"""

DATES_USAGE = """\
protocol-sched dates COURSE [--protocol FILE] [--as-of DATE] [--until DATE] [--json]"""

PLAN_ABOUT = """\
Place every visit still due so that all rules are kept, as near to the target dates as any plan
can be, and print the plan. If there is no such plan, name the fewest rules that cannot all hold."""

PLAN_MORE = """\
with --out, these files are written, all of them or none:
  patient.ics   for the person: every visit, what to do before it, no driving until when
  escort.ics    for whoever takes them home: when and where to fetch them, no medical word
  clinic.ics    for the clinic: stages and places
  course.svg    the course as a picture, a line for each week
  plan.json     the whole answer, for programs and for `protocol-sched check`
  told.toml     what these files tell, as events: add them to the course once people were told,
                and the next files replace these ones

example:
  protocol-sched plan course.toml --clinic clinic.toml --person person.toml --out out"""

REPLAN_ABOUT = """\
Plan a course anew after something happened, with as little change as possible for the people who
know of it: fewest visits moved, then fewest minutes, then fewest rides changed. What happened is
in the course file, and so is what people know (events "told", "withdrawn", "confirmed" and
"declined"). Print what is kept, moved, added and dropped, each with its reason."""

REPLAN_MORE = """\
with --out, the files that `plan` writes are written, and with them, all of them or none:
  changes.txt   what changed, a line for each visit
  aloud.txt     the same to be read aloud to the person

example:
  protocol-sched replan course.toml --clinic clinic.toml --person person.toml --out out"""

REPLAN_ALL_ABOUT = """\
Plan the courses of a clinic anew, each with the least change. DIR holds a directory for each,
with course.toml and person.toml in it. They are planned one after another in the order of their
names, each around what the others hold, so that none takes another's place. A line for each says
what changed."""

REPLAN_ALL_MORE = """\
with --workers, so many processes plan the courses at the same time, each around the bookings of
the clinic's file and nothing else: for courses that share no places.

with --out, each course gets a directory of its name, with changes.txt, aloud.txt, told.toml and
plan.json as `replan` writes them."""

EXPLAIN_ABOUT = """\
Say whether the course, or what is wished for, can be done. If it cannot, name the fewest rules that
cannot all hold, so that without any single one of them they could, and the changes that ask least
of people and make room, each with the plan it gives. Rules marked as safety rules never change."""

EXPLAIN_MORE = """\
a wish is one of:
  VISIT on DATE [at TIME]    'infusion 3 on 2027-03-11 at 10:00'
  VISIT by DATE              not later
  VISIT from DATE            not earlier
  VISIT not on DATE          on any other date
  every visit by DATE        the course is over by then
  no visit on DATE           that date is blocked
  preferences                what the person would rather have, kept on every visit"""

WHY_ABOUT = """\
Say of each visit of the best plan, or of those named, why it is when it is: the rule and source
behind each of its dates, the rules that leave it no room and the room others leave, and what an
earlier time or a date nearer to its target would break or cost."""

CHECK_ABOUT = """\
Judge a plan that was made before, or by someone else, and list every rule it breaks. The judge
shares no code with the planner. PLAN may also be a calendar file of any program: which entries
are visits is decided by UID, then title, then order of time, and what is none is listed."""

DATES_ABOUT = """\
List every visit still due with its earliest, target and latest date and the rule behind it, from
the protocol and the history alone: no clinic, no person. Each date is the one it has if every
visit before it falls on its target."""

SCHEMA_ABOUT = """\
Print the JSON Schema of protocol files, with which editors complete and check them."""

CATALOG_ABOUT = """\
List the published protocols that come with the package; with a name, print that one as TOML.
Every number in it names its source. A clinician must confirm it before it is used."""

_T = TypeVar("_T")


class Refused(Exception):
    """The input cannot be used; the text is for the person at the terminal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line and return its exit code.

    It is 0 where all is done, 1 for no plan or violations, 2 for bad input, 3 for a fault of this
    program.

    Args:
        arguments: The words after the program's name; those of this process if not given.
    """
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
        _write(directory, {name: content})
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
        metavar="plan | replan | replan-all | explain | why | check | dates | catalog | schema",
    )

    plan = commands.add_parser(
        "plan",
        help="plan a course",
        usage=PLAN_USAGE,
        description=PLAN_ABOUT,
        epilog=f"{PLAN_MORE}\n\n{EXIT_CODES}",
        formatter_class=raw,
    )
    _add_inputs(plan)
    plan.add_argument(
        "--as-of",
        type=_date,
        metavar="DATE",
        help="the date on which the question is asked; without it, today at the clinic",
    )
    plan.add_argument(
        "--now",
        type=_moment,
        metavar="MOMENT",
        help="when the files say they were made; without it, the clock's time, "
        "or the beginning of the date of --as-of",
    )
    plan.add_argument("--until", type=_date, metavar="DATE", help="the last date of any visit")
    plan.add_argument("--out", type=Path, metavar="DIR", help="write files here; made if missing")
    _add_domain(plan)
    plan.add_argument("--json", action="store_true", help="print the plan as JSON")
    plan.set_defaults(command=_plan)

    replan = commands.add_parser(
        "replan",
        help="plan a course anew with the least change",
        usage=REPLAN_USAGE,
        description=REPLAN_ABOUT,
        epilog=f"{REPLAN_MORE}\n\n{EXIT_CODES}",
        formatter_class=raw,
    )
    _add_inputs(replan)
    replan.add_argument(
        "--as-of",
        type=_date,
        metavar="DATE",
        help="the date on which the question is asked; without it, today at the clinic",
    )
    replan.add_argument(
        "--now",
        type=_moment,
        metavar="MOMENT",
        help="no visit is planned before it; without it, the clock's time, "
        "or the beginning of the date of --as-of",
    )
    replan.add_argument("--until", type=_date, metavar="DATE", help="the last date of any visit")
    replan.add_argument(
        "--before",
        type=Path,
        metavar="PLAN",
        help='plan.json that people know of, for visits the course has no event "told" about',
    )
    replan.add_argument("--out", type=Path, metavar="DIR", help="write files here; made if missing")
    _add_domain(replan)
    replan.add_argument("--json", action="store_true", help="print the changes as JSON")
    replan.set_defaults(command=_replan)

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
        "--clinic", type=Path, metavar="FILE", required=True, help="the clinic, a TOML file"
    )
    many.add_argument(
        "--protocol",
        type=Path,
        metavar="FILE",
        help="the protocol the courses name, a TOML file; without it, the catalog's",
    )
    many.add_argument(
        "--as-of", type=_date, metavar="DATE", help="the date of the question; without it, today"
    )
    many.add_argument("--now", type=_moment, metavar="MOMENT", help="no visit is planned before it")
    many.add_argument("--workers", type=int, metavar="N", help="processes; without it, in turn")
    many.add_argument("--out", type=Path, metavar="DIR", help="write files here; made if missing")
    many.add_argument(
        "--progress",
        action="store_true",
        help="count on the error stream, as is done at a terminal anyway",
    )
    many.set_defaults(command=_replan_all)

    explain = commands.add_parser(
        "explain",
        help="say why not, and what would help",
        usage=EXPLAIN_USAGE,
        description=EXPLAIN_ABOUT,
        epilog=f"{EXPLAIN_MORE}\n\n{EXIT_CODES}",
        formatter_class=raw,
    )
    _add_inputs(explain)
    _add_question(explain)
    explain.add_argument(
        "--wish", action="append", default=[], metavar="WISH", help="what shall hold as well"
    )
    explain.add_argument(
        "--count", type=_number, default=3, metavar="N", help="how many changes to name; 3"
    )
    explain.set_defaults(command=_explain)

    why = commands.add_parser(
        "why",
        help="say why visits are when they are",
        usage=WHY_USAGE,
        description=WHY_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    _add_inputs(why)
    why.add_argument(
        "visits", nargs="*", metavar="VISIT", help="a title or an identity; without, all visits"
    )
    _add_question(why)
    why.set_defaults(command=_why)

    check = commands.add_parser(
        "check",
        help="judge a plan",
        usage=CHECK_USAGE,
        description=CHECK_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    check.add_argument("plan", type=Path, metavar="PLAN", help="plan.json or a calendar file")
    _add_inputs(check)
    check.add_argument(
        "--as-of",
        type=_date,
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
    check.set_defaults(command=_check)

    dates = commands.add_parser(
        "dates",
        help="list the dates a protocol asks for",
        usage=DATES_USAGE,
        description=DATES_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    _add_course(dates)
    dates.add_argument(
        "--as-of", type=_date, metavar="DATE", help="the date of the question; without it, today"
    )
    dates.add_argument(
        "--until", type=_date, metavar="DATE", help="how far phases without an end are listed"
    )
    dates.add_argument("--json", action="store_true", help="print the agenda as JSON")
    dates.set_defaults(command=_dates)

    shelf = commands.add_parser(
        "catalog",
        help="list or show published protocols",
        description=CATALOG_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    shelf.add_argument("name", nargs="?", metavar="NAME", help="print this protocol")
    shelf.add_argument("--json", action="store_true", help="print JSON")
    shelf.set_defaults(command=_catalog)

    schema = commands.add_parser(
        "schema",
        help="print the JSON Schema of protocol files",
        description=SCHEMA_ABOUT,
        epilog=EXIT_CODES,
        formatter_class=raw,
    )
    schema.set_defaults(command=_schema)
    return parser


def _add_course(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("course", type=Path, metavar="COURSE", help="the course, a TOML file")
    parser.add_argument(
        "--protocol",
        type=Path,
        metavar="FILE",
        help="the protocol the course names, a TOML file; without it, the catalog's of that name",
    )


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    _add_course(parser)
    parser.add_argument(
        "--clinic", type=Path, metavar="FILE", required=True, help="the clinic, a TOML file"
    )
    parser.add_argument(
        "--person", type=Path, metavar="FILE", required=True, help="the person, a TOML file"
    )
    parser.add_argument(
        "--busy",
        action="append",
        default=[],
        metavar="FILE",
        help="a calendar file of the person, or NAME=FILE of the escort of that name: when they "
        "are taken, they are away; may be given several times",
    )


def _add_question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as-of",
        type=_date,
        metavar="DATE",
        help="the date on which the question is asked; without it, today at the clinic",
    )
    parser.add_argument("--until", type=_date, metavar="DATE", help="the last date of any visit")
    parser.add_argument(
        "--for",
        dest="reader",
        choices=[reader.value for reader in Reader],
        default=Reader.SCHEDULER.value,
        metavar="READER",
        help="patient or scheduler, who is told everything; scheduler",
    )
    parser.add_argument(
        "--language", choices=LANGUAGES, default="en", metavar="CODE", help="en or de; en"
    )
    parser.add_argument(
        "--privacy",
        choices=[privacy.value for privacy in Privacy],
        metavar="LEVEL",
        help="full, neutral (no drug, condition or treatment) or minimal (nobody's name either); "
        "without it neutral for a patient, full for a scheduler",
    )
    parser.add_argument(
        "--json", action="store_true", help="print every fact as JSON, for a log; not for a patient"
    )


def _number(text: str) -> int:
    if not re.fullmatch("[0-9]{1,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 99")
    return int(text)


def _add_domain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--domain",
        default="calendar.invalid",
        metavar="DOMAIN",
        help="what follows the @ in the identities of calendar entries; one you own, never changed",
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2027-02-20") from None


def _moment(text: str) -> datetime:
    wanted = "is not a moment with an offset, such as 2027-02-20T09:00:00-05:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} {wanted}") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} {wanted}")
    return moment


# --- plan ------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Inputs:
    """What `plan` and `check` read."""

    course: Course
    clinic: Clinic
    person: Person


def _plan(options: argparse.Namespace) -> tuple[str, int]:
    inputs = _inputs(options)
    as_of, now = _moments(options, inputs.clinic.zone)
    with _patience("still planning ..."):
        plan = plan_course(
            inputs.course, inputs.clinic, inputs.person, as_of=as_of, until=options.until
        )
    as_json = documents.write_json(documents.plan_to_dict(plan))
    text = (
        as_json
        if options.json
        else f"{inputs.course.protocol.title}\n\n{plan_text(plan, inputs.clinic)}"
    )
    if plan.schedule is None:
        return text, NOT_SO
    text += _short_notice(options, plan.schedule, inputs, now)
    if options.out is not None:
        told = tellings(plan.schedule, inputs.course, on=as_of, at=_told_at(options, now))
        files = {
            **_exports(plan, plan.schedule, inputs, now, options.domain),
            "plan.json": as_json.encode(),
            "told.toml": documents.write_events(told).encode(),
        }
        _write(options.out, files)
        if not options.json:
            text += f"\nWritten to {options.out}{os.sep}: {', '.join(files)}\n"
    return text, DONE


def _short_notice(
    options: argparse.Namespace, schedule: Schedule, inputs: Inputs, now: datetime
) -> str:
    """Return what is said of visits nearer than their instructions ask, where a time is known."""
    if options.json or _told_at(options, now) is None:
        return ""
    protocol = inputs.course.protocol_on(now.astimezone(inputs.clinic.zone).date())
    said = notice_text(schedule, protocol, now)
    return f"\n{said}" if said else ""


def _told_at(options: argparse.Namespace, now: datetime) -> datetime | None:
    """Return when people are told; without a moment the events' order tells them apart."""
    return None if options.as_of is not None and options.now is None else now


def _exports(
    plan: Plan, schedule: Schedule, inputs: Inputs, now: datetime, domain: str
) -> Mapping[str, bytes]:
    # Loads the calendar library, which takes longer than planning a course.
    from protocol_sched.formats import ics, ics_file, svg

    protocol = inputs.course.protocol_on(now.astimezone(inputs.clinic.zone).date())
    of = (schedule, inputs.clinic, inputs.person, protocol)
    tentative = tuple(due.id for due in plan.agenda.dues if due.tentative)
    options = ics_file.CalendarOptions(tentative=tentative, domain=domain)
    options = options.knowing(inputs.course, schedule)
    return {
        "patient.ics": ics.patient_calendar(*of, now=now, options=options),
        "escort.ics": ics.escort_calendar(*of, now=now, options=options),
        "clinic.ics": ics.clinic_calendar(*of, now=now, options=options),
        "course.svg": svg.course_picture(*of).encode(),
    }


# --- replan ----------------------------------------------------------------------------------


def _replan(options: argparse.Namespace) -> tuple[str, int]:
    inputs = _inputs(options)
    as_of, now = _moments(options, inputs.clinic.zone)
    recorded = len(inputs.course.events)
    if options.before is not None:
        before = _plan_of(options.before, inputs.course).schedule
        assert before is not None
        inputs = attrs.evolve(inputs, course=as_if_told(inputs.course, before, as_of))
    with _patience("still planning ..."):
        found = replan_course(
            inputs.course,
            inputs.clinic,
            inputs.person,
            as_of=as_of,
            now=now,
            until=options.until,
        )
    words = changes_text(found, inputs.clinic)
    text = (
        documents.write_json(documents.replan_to_dict(found))
        if options.json
        else f"{inputs.course.protocol_on(as_of).title}\n\n{words}"
    )
    if found.plan.schedule is None:
        return text, NOT_SO
    text += _short_notice(options, found.plan.schedule, inputs, now)
    if options.out is not None:
        # What people know by the plan before, if nobody recorded it, then what is new.
        earlier = inputs.course.events[: len(inputs.course.events) - recorded]
        new = found.events(as_of, _told_at(options, now))
        # A visit whose time has come is not withdrawn because nobody recorded it yet.
        past = [Given(visit=one.id, on=one.on, start=one.start) for one in found.unrecorded]
        known = attrs.evolve(inputs, course=inputs.course.after([*past, *new]))
        files = {
            **_exports(found.plan, found.plan.schedule, known, now, options.domain),
            "plan.json": documents.write_json(documents.plan_to_dict(found.plan)).encode(),
            "changes.txt": words.encode(),
            "aloud.txt": spoken_text(found, inputs.clinic, inputs.person).encode(),
            "told.toml": documents.write_events([*earlier, *new]).encode(),
        }
        _write(options.out, files)
        if not options.json:
            text += f"\nWritten to {options.out}{os.sep}: {', '.join(files)}\n"
    return text, DONE


def _replan_all(options: argparse.Namespace) -> tuple[str, int]:
    if options.workers is not None and options.workers < 1:
        raise Refused(f"--workers must be 1 or more, got {options.workers}")
    cases = _cases(options)
    clinic = _read(options.clinic, documents.read_clinic)
    as_of, now = _moments(options, clinic.zone)
    at = None if options.as_of is not None and options.now is None else now
    lines, code = [], DONE
    ready: dict[Path, dict[str, bytes]] = {}
    answers = _answers(list(cases.values()), clinic, as_of, now, options.workers)
    with _counting(len(cases), options.progress or sys.stderr.isatty()) as count:
        for (name, case), found in zip(cases.items(), answers, strict=True):
            lines.append(f"{name}: {summary_text(found)}\n")
            count(bool(found.events(as_of)))
            if found.plan.schedule is None:
                code = NOT_SO
            elif options.out is not None:
                files = {
                    "changes.txt": changes_text(found, clinic),
                    "aloud.txt": spoken_text(found, clinic, case.person),
                    "told.toml": documents.write_events(found.events(as_of, at)),
                    "plan.json": documents.write_json(documents.plan_to_dict(found.plan)),
                }
                ready[options.out / name] = {key: text.encode() for key, text in files.items()}
    for directory, content in ready.items():
        _write(directory, content)
    return "".join(lines), code


def _cases(options: argparse.Namespace) -> dict[str, Case]:
    """Return the courses in a directory by the names of their directories, in order."""
    protocol = None
    if options.protocol is not None:
        protocol = _read(options.protocol, documents.read_protocol)
    try:
        found = sorted(path.parent for path in options.courses.glob("*/course.toml"))
    except OSError as error:
        raise Refused(f"cannot read {options.courses}: {error.strerror}") from None
    if not found:
        raise Refused(f"{options.courses}: holds no directory with a course.toml")
    cases: dict[str, Case] = {}
    troubles: list[str] = []
    for path in found:
        try:
            course = _read(path / "course.toml", _course_reader(options, protocol))
            person = _read(path / "person.toml", documents.read_person)
            cases[path.name] = Case(course=course, person=person)
        except (Refused, ProtocolSchedError) as error:
            troubles.append(str(error))
    if troubles:
        raise Refused("\n".join(troubles))
    return cases


def _answers(
    cases: Sequence[Case], clinic: Clinic, as_of: date, now: datetime, workers: int | None
) -> Iterator[Replan]:
    if workers is None:
        yield from replan_in_turn(cases, clinic, as_of=as_of, now=now)
        return
    jobs = (
        Job(course=case.course, clinic=clinic, person=case.person, as_of=as_of, now=now)
        for case in cases
    )
    with ProcessPoolExecutor(workers) as pool:
        yield from replan_many(jobs, pool)


@contextmanager
def _counting(total: int, shown: bool) -> Iterator[Callable[[bool], None]]:
    """Yield a function that counts on the error stream, in one line that is written over."""
    done = changed = 0

    def count(changes: bool) -> None:
        nonlocal done, changed
        done, changed = done + 1, changed + changes
        if shown:
            text = f"\r{done} of {total} courses planned, {changed} changed"
            print(text, end="", file=sys.stderr, flush=True)

    try:
        yield count
    finally:
        if shown and done:
            print(file=sys.stderr, flush=True)


# --- explain, why ----------------------------------------------------------------------------


def _explain(options: argparse.Namespace) -> tuple[str, int]:
    told = _told(options)
    inputs = _inputs(options)
    as_of = options.as_of or datetime.now(UTC).astimezone(inputs.clinic.zone).date()
    agenda = expand(inputs.course, as_of)
    wishes = [_wish(text, agenda, inputs.person) for text in options.wish]
    with _patience("still looking ..."):
        explanation = explain_course(
            inputs.course,
            inputs.clinic,
            inputs.person,
            as_of=as_of,
            asked=[wish for some in wishes for wish in some],
            until=options.until,
            count=options.count,
        )
    text = explanation_text(explanation, **told)
    code = NOT_SO if explanation.plan.schedule is None else DONE
    if options.json:
        facts = documents.explanation_to_dict(explanation)
        return documents.write_json({"says": text, **facts}), code
    return text, code


def _why(options: argparse.Namespace) -> tuple[str, int]:
    told = _told(options)
    inputs = _inputs(options)
    as_of = options.as_of or datetime.now(UTC).astimezone(inputs.clinic.zone).date()
    agenda = expand(inputs.course, as_of)
    visits = [_identity(name, agenda) for name in options.visits]
    with _patience("still looking ..."):
        plan, whys = why_course(
            inputs.course,
            inputs.clinic,
            inputs.person,
            as_of=as_of,
            visits=visits,
            until=options.until,
        )
    text = why_text(plan, whys, **told)
    code = NOT_SO if plan.schedule is None else DONE
    if options.json:
        facts = [documents.why_to_dict(why) for why in whys]
        return documents.write_json({"says": text, "proof": plan.proof.value, "why": facts}), code
    return text, code


def _told(options: argparse.Namespace) -> dict[str, Any]:
    """
    Return whom a text is for, in which language and how much it tells.

    Raises:
        Refused: Every fact is asked for, for the person.
    """
    if options.json and Reader(options.reader) is Reader.PATIENT:
        raise Refused(
            "--json holds every fact, which is not for a patient; leave out --for patient"
        )
    return {
        "reader": Reader(options.reader),
        "language": options.language,
        "privacy": Privacy(options.privacy) if options.privacy else None,
    }


_WISH = re.compile(
    r"(?P<who>.+?)\s+(?P<how>not on|on|by|from)\s+(?P<day>\S+)(\s+at\s+(?P<at>\S+))?"
)


def _wish(text: str, agenda: Agenda, person: Person) -> list[Asked]:
    """
    Read a wish as it is written on the command line.

    Raises:
        Refused: It is not one; `EXPLAIN_MORE` lists those there are.
    """
    if text.strip() == "preferences":
        wishes = person.preferences
        names = ("weekdays", "earliest", "latest")
        asked = [which for which in names if getattr(wishes, which) not in (None, ())]
        return [PreferenceKept(person.name, which, wishes) for which in asked]
    match = _WISH.fullmatch(text.strip())
    if match is None or (match["at"] and match["how"] != "on"):
        raise Refused(
            f"--wish {text!r}: must be such as 'infusion 3 on 2027-03-11 at 10:00', "
            "'infusion 3 by 2027-03-11', 'infusion 3 from 2027-03-11', "
            "'infusion 3 not on 2027-03-11', 'every visit by 2027-03-31', "
            "'no visit on 2027-03-11' or 'preferences'"
        )
    try:
        day = date.fromisoformat(match["day"])
    except ValueError:
        says = f"{match['day']!r} is not a date such as 2027-02-20"
        raise Refused(f"--wish {text!r}: {says}") from None
    try:
        at = clock(match["at"]) if match["at"] else None
    except ValueError as error:
        raise Refused(f"--wish {text!r}: {error}") from None
    who, how = match["who"], match["how"]
    visit = None if who in ("every visit", "no visit") else _identity(who, agenda)
    if how == "not on" or who == "no visit":
        if at is not None or how not in ("on", "not on") or (who == "no visit" and how != "on"):
            raise Refused(f"--wish {text!r}: a date that is blocked is such as 'no visit on {day}'")
        return [Wish(visit=visit, never=day)]
    return [
        Wish(
            visit=visit,
            first=None if how == "by" else day,
            last=None if how == "from" else day,
            earliest=at,
            latest=at,
        )
    ]


def _identity(name: str, agenda: Agenda) -> str:
    """
    Return the identity of a visit that is due, by its title or its identity.

    Raises:
        Refused: Nothing is due by that name, or several visits are.
    """
    dues = [due for due in agenda.dues if not due.tentative]
    found = [due.id for due in dues if name in (due.id, due.title)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"{name!r} is the title of {', '.join(found)}; name one of these")
    titles = [due.title for due in dues]
    near = get_close_matches(name, titles) or get_close_matches(name, [due.id for due in dues])
    if near:
        raise Refused(f"no visit {name!r} is due; near to it are: {', '.join(near)}")
    if len(titles) > MOST_TITLES:
        titles = [
            *titles[: MOST_TITLES - 2],
            f"... {len(titles) - MOST_TITLES + 1} more",
            titles[-1],
        ]
    raise Refused(f"no visit {name!r} is due; due are: {', '.join(titles) or 'nothing'}")


MOST_TITLES = 10
"""Of more visits than these not all are listed."""


# --- check -----------------------------------------------------------------------------------


def _plan_of(path: Path, course: Course) -> Plan:
    """Return the plan in a file, which must be one of the course with a schedule."""
    plan = _read(
        path,
        lambda text, name: documents.plan_from_dict(documents.read_json(text, name), name),
    )
    if plan.schedule is None:
        raise Refused(f"{path}: holds no schedule, because no plan was found")
    if plan.schedule.course != course.key:
        raise Refused(
            f"{path}: is a plan of course {plan.schedule.course!r}, not of {course.key!r}"
        )
    return plan


def _check(options: argparse.Namespace) -> tuple[str, int]:
    inputs = _inputs(options)
    data = _bytes(options.plan)
    if options.plan.suffix.lower() in _CALENDARS or _is_calendar(data):
        return _check_calendar(options, inputs, data)
    plan = _plan_of(options.plan, inputs.course)
    as_of = options.as_of or plan.agenda.as_of
    agenda = expand(inputs.course, as_of)
    protocol = inputs.course.protocol_on(as_of)
    assert plan.schedule is not None
    found = violations(agenda, plan.schedule, inputs.clinic, inputs.person, protocol)
    code = NOT_SO if found else DONE
    if options.json:
        listed = [{**attrs.asdict(one), "says": one.says} for one in found]
        return documents.write_json({"violations": listed}), code
    return "".join(f"{one}\n" for one in found) or "Every rule is kept.\n", code


_CALENDARS = (".ics", ".ical", ".ifb", ".icalendar")


def _is_calendar(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].upper() == b"BEGIN:VCALENDAR"


def _check_calendar(options: argparse.Namespace, inputs: Inputs, data: bytes) -> tuple[str, int]:
    course, zone = inputs.course, inputs.clinic.zone
    given = [event.on for event in course.events if isinstance(event, Given)]
    start = None if course.start is None else course.start - timedelta(days=1)
    as_of = options.as_of or max(given, default=start) or datetime.now(zone).date()
    judged = judge_calendar(
        data,
        course,
        inputs.clinic,
        inputs.person,
        as_of=as_of,
        title=options.title,
        name=str(options.plan),
    )
    code = NOT_SO if judged.violations else DONE
    if not options.json:
        return judgement_text(judged), code
    found = judged.found
    return documents.write_json(
        {
            "visits": [
                {
                    "visit": one.visit,
                    "start": one.start.isoformat(),
                    "line": one.line,
                    "title": one.title,
                    "by": one.by.value,
                    "unsaid": list(one.unsaid),
                    "judged": verdict.judged.value if verdict else None,
                }
                for one in found.matched
                for verdict in (judged.verdict(one.visit),)
            ],
            "tentative": list(found.tentative),
            "cancelled": list(found.cancelled),
            "unmatched": [
                {
                    "line": one.line,
                    "title": one.title,
                    "start": one.start.isoformat() if one.start else None,
                    "why": one.why,
                }
                for one in found.unmatched
            ],
            "violations": [{**attrs.asdict(one), "says": one.says} for one in judged.violations],
        }
    ), code


# --- dates, catalog, schema ------------------------------------------------------------------


def _dates(options: argparse.Namespace) -> tuple[str, int]:
    protocol = None
    if options.protocol is not None:
        protocol = _read(options.protocol, documents.read_protocol)
    course = _read(options.course, _course_reader(options, protocol))
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
    return f"{course.protocol.title}\n\n{agenda_text(agenda)}", code


def _schema(_: argparse.Namespace) -> tuple[str, int]:
    return documents.write_json(protocol_schema()), DONE


def _catalog(options: argparse.Namespace) -> tuple[str, int]:
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


# --- clock, files, screen --------------------------------------------------------------------


def _inputs(options: argparse.Namespace) -> Inputs:
    """
    Read all files before complaining, so that a person can mend all of them in one go.

    Raises:
        Refused: A file cannot be read or is not what it should be.
    """
    troubles: list[str] = []

    def tried(read: Callable[[], _T]) -> _T | None:
        try:
            return read()
        except (Refused, ProtocolSchedError) as error:
            troubles.append(str(error))
            return None

    protocol = None
    if options.protocol is not None:
        protocol = tried(lambda: _read(options.protocol, documents.read_protocol))

    # A protocol that cannot be read would only make a second, misleading fault here.
    course = (
        None
        if troubles
        else tried(lambda: _read(options.course, _course_reader(options, protocol)))
    )
    clinic = tried(lambda: _read(options.clinic, documents.read_clinic))
    person = tried(lambda: _read(options.person, documents.read_person))
    for busy in options.busy:
        if course is not None and clinic is not None and person is not None:
            first = options.as_of or course.start or datetime.now(clinic.zone).date()
            taken = functools.partial(_with_busy, busy, person, clinic, course, first)
            person = tried(taken) or person
    if troubles or course is None or clinic is None or person is None:
        raise Refused("\n".join(troubles))
    return Inputs(course=course, clinic=clinic, person=person)


_BUSY_DAYS = 5 * 366
"""How far ahead calendars are followed: five years."""


def _with_busy(busy: str, person: Person, clinic: Clinic, course: Course, first: date) -> Person:
    """
    Return the person with the times away that ``NAME=FILE`` or ``FILE`` says.

    The course's own entries in it do not count, or no visit could stay where it is.
    """
    agenda = expand(course, first, first + timedelta(days=_BUSY_DAYS))
    visits = {*(due.id for due in agenda.dues), *(past.id for past in agenda.past)}
    visits |= {*known(course.events)}
    name, equals, file = busy.partition("=")
    escort = next((one for one in person.escorts if equals and one.name == name), None)
    path = Path(busy if escort is None else file)
    if equals and escort is None and not path.exists():
        raise UnknownName("--busy", "escort", name, tuple(one.name for one in person.escorts))
    owner = person if escort is None else escort
    taken = read_busy(
        _bytes(path),
        zone=owner.zone or clinic.zone,
        first=first,
        last=first + timedelta(days=_BUSY_DAYS),
        address="" if escort is None else escort.email,
        own=known_digests(course.key, visits),
        name=str(path),
    )
    why = f"own calendar {path.name}"
    if escort is None:
        return away_person(person, taken, why)
    return away_escort(person, escort.name, taken, why)


def _course_reader(
    options: argparse.Namespace, protocol: Protocol | None
) -> Callable[[str, str], Course]:
    """Return a reader of course files that takes their protocol from a file or the catalog."""

    def named(name: str) -> Protocol:
        if protocol is None:
            return catalog.load(name)
        if protocol.name != name:
            raise UnknownName(str(options.protocol), "name", name, (protocol.name,))
        return protocol

    return lambda text, name: documents.read_course(text, named, name)


def _moments(options: argparse.Namespace, zone: ZoneInfo) -> tuple[date, datetime]:
    """Return the date on which the question is asked, and the moment files are made."""
    if options.as_of is not None and options.now is None:
        return options.as_of, datetime.combine(options.as_of, time(), zone)
    now = options.now or datetime.now(UTC)
    return options.as_of or now.astimezone(zone).date(), now


def _bytes(path: Path) -> bytes:
    """Return a file's octets; of one longer than any calendar that is read, the beginning."""
    try:
        with path.open("rb") as file:
            return file.read(LIMITS.octets + 1)
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}") from None


def _read(path: Path, reader: Callable[[str, str], _T]) -> _T:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"cannot read {path}: it is not UTF-8 text") from None
    return reader(text, str(path))


def _write(directory: Path, files: Mapping[str, bytes]) -> None:
    """
    Write all files or none: each is complete beside its place before the first one is put there.

    Raises:
        Refused: The directory or a file cannot be written.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            if (directory / name).is_dir():
                raise IsADirectoryError(EISDIR, "Is a directory", str(directory / name))
            beside = directory / f".{name}.{os.getpid()}"
            ready.append((beside, directory / name))
            beside.write_bytes(content)
        for beside, place in ready:
            beside.replace(place)
    except OSError as error:
        raise Refused(f"cannot write {error.filename or directory}: {error.strerror}") from None
    finally:
        for beside, _ in ready:
            beside.unlink(missing_ok=True)


@contextmanager
def _patience(says: str) -> Iterator[None]:
    """Tell a person at a terminal that work goes on, once it takes longer than two seconds."""
    timer = threading.Timer(2, lambda: print(says, file=sys.stderr, flush=True))
    if sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
