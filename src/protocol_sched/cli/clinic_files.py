"""What the commands about a whole clinic share: their files, and how far the work has come."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import TypeVar

import attrs

from protocol_sched.cli.arguments import date_argument, moment_argument
from protocol_sched.cli.inputs import (
    Inputs,
    add_clinic_file,
    add_domain,
    add_language,
    add_protocols,
    write_files,
)
from protocol_sched.cli.plan import replan_files, whole_clinic
from protocol_sched.clinic.courses import Case
from protocol_sched.clinic.day import clinic_visits, planned_parts
from protocol_sched.formats.documents import documents
from protocol_sched.formats.svg.clinic import clinic_picture
from protocol_sched.formats.tables.visits import visits_csv
from protocol_sched.model.availability import Clinic
from protocol_sched.model.changes import Replan
from protocol_sched.model.day_list import ClinicVisits, Part

VISITS, PICTURES = "visits.json", "pictures"
_T = TypeVar("_T")


def add_clinic_files(parser: argparse.ArgumentParser) -> None:
    add_clinic_file(parser)
    add_protocols(parser, "a protocol that courses name")


def add_search(parser: argparse.ArgumentParser, counted: str, standard: int, as_json: str) -> None:
    """Add what a search over all courses takes: them, the question, its effort, the files."""
    parser.add_argument("courses", type=Path, metavar="DIR", help="a directory for each course")
    add_clinic_files(parser)
    parser.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date of the question; without it, today",
    )
    parser.add_argument(
        "--now", type=moment_argument, metavar="MOMENT", help="no visit is planned before it"
    )
    parser.add_argument(
        "--seed",
        type=count_argument,
        default=1,
        metavar="N",
        help="another number searches elsewhere; the same one gives the same plan (default: 1)",
    )
    parser.add_argument(
        "--effort",
        type=count_argument,
        default=standard,
        metavar=counted,
        help=f"how often courses are taken out and put back; {standard}",
    )
    parser.add_argument("--out", type=Path, metavar="OUT", help="write files here; made if missing")
    add_domain(parser)
    add_language(parser, also="what is printed, ")
    parser.add_argument("--json", action="store_true", help=as_json)
    parser.add_argument(
        "--progress",
        action="store_true",
        help="report progress on the error stream, as it does at a terminal without it",
    )


def count_argument(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 999999999")
    return int(text)


def write_courses(
    options: argparse.Namespace,
    cases: Mapping[str, Case],
    replans: Mapping[str, Replan],
    clinic: Clinic,
    as_of: date,
    now: datetime,
) -> dict[str, str]:
    """Write the files of each course and of the clinic; return why messages are missing."""
    at = None if options.as_of is not None and options.now is None else now
    planned = {name: one for name, one in replans.items() if one.plan.schedule is not None}
    ready: dict[Path, dict[str, bytes]] = {}
    troubles: dict[str, str] = {}
    parts: list[Part] = []
    for name, one in planned.items():
        case, schedule = cases[name], one.plan.schedule
        assert schedule is not None
        inputs = Inputs(course=case.course, clinic=clinic, person=case.person)
        files, messages, trouble = replan_files(
            one, inputs, now, at, options.domain, options.language
        )
        ready[options.out / name] = files | messages
        if trouble:
            troubles[name] = trouble
        parts += planned_parts(schedule, case.person, case.course.protocol_on(as_of), clinic)
    visits = clinic_visits(parts, clinic)
    of_all = {
        "visits.csv": visits_csv(visits).encode(),
        VISITS: documents.write_json(documents.visits_to_dict(visits)).encode(),
    }
    if planned:
        pairs = [(cases[name], one) for name, one in planned.items()]
        of_all["clinic.ics"] = whole_clinic(
            pairs, clinic, as_of, now, options.domain, options.language
        )
    ready[options.out] = of_all
    ready[options.out / PICTURES] = _pictures(visits, clinic)
    for directory, content in ready.items():
        write_files(directory, content)
    return troubles


def _pictures(visits: ClinicVisits, clinic: Clinic) -> dict[str, bytes]:
    """Return a picture of each day on which somebody comes, and of each week of such days."""
    on: dict[date, dict[Part, None]] = {}
    for part in visits.parts:
        for moment in (part.start, part.end):
            on.setdefault(moment.astimezone(clinic.zone).date(), {})[part] = None
    weeks: dict[date, list[date]] = {}
    for day in sorted(on):
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(day)
    found: dict[str, bytes] = {}
    for monday, days in weeks.items():
        shown = {f"day-{day}.svg": [day] for day in days}
        shown[f"week-{monday}.svg"] = [monday + timedelta(days=n) for n in range(7)]
        for name, those in shown.items():
            parts = dict.fromkeys(part for day in those for part in on.get(day, ()))
            own = attrs.evolve(visits, parts=tuple(parts))
            found[name] = clinic_picture(own, clinic, those).encode()
    return found


@contextmanager
def telling(shown: bool, said: Callable[[_T], str]) -> Iterator[Callable[[_T], bool]]:
    """
    Yield a report of how far the work is, in one line of the error stream written over.

    Args:
        said: Puts what is reported in words.

    The first Ctrl+C makes it ask for the best so far, the second one ends the program.
    """
    stopped, longest = False, 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True

    def report(now: _T) -> bool:
        nonlocal longest
        if shown:
            text = said(now)
            longest = max(longest, len(text))
            print(f"\r{text.ljust(longest)}", end="", file=sys.stderr, flush=True)
        return not stopped

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield report
    finally:
        signal.signal(signal.SIGINT, before)
        if longest:
            print(file=sys.stderr, flush=True)
