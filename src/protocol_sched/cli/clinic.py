"""The commands ``clinic plan`` and ``clinic day``."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from protocol_sched.cli.arguments import date_argument
from protocol_sched.cli.cases import cases_of
from protocol_sched.cli.clinic_capacity import add_clinic_capacity
from protocol_sched.cli.clinic_files import (
    VISITS,
    add_clinic_files,
    add_search,
    telling,
    write_courses,
)
from protocol_sched.cli.clinic_replan import add_clinic_replan
from protocol_sched.cli.declaring import Commands, declare
from protocol_sched.cli.ending import DONE, EXIT_CODES, NOT_SO, Refused
from protocol_sched.cli.inputs import add_printed_language, moments_of, read_text, write_files
from protocol_sched.clinic.day import clinic_visits, day_list, known_parts
from protocol_sched.clinic.plan import plan_clinic
from protocol_sched.clinic.together import STANDARD, Effort, Progress
from protocol_sched.clinic.unplaced import explain_unplaced
from protocol_sched.formats.documents import documents
from protocol_sched.formats.html.day_sheet import day_sheet
from protocol_sched.formats.svg.clinic import clinic_picture
from protocol_sched.model.availability import Clinic
from protocol_sched.model.changes import Replan
from protocol_sched.model.day_list import ClinicVisits
from protocol_sched.text.clinic_day import clinic_day_text
from protocol_sched.text.clinic_plan import clinic_plan_text
from protocol_sched.text.explanations import explanation_text

ABOUT = """\
Plan or re-plan all courses of a clinic together, show one of its days, or say what it carries."""

PLAN_ABOUT = """\
Plan all courses of a clinic together: as many as possible whole, then the least change for people
who know their visits, then the fewest days off target. DIR holds a directory for each course, with
course.toml and person.toml in it. Print each course's first and last visit, or what blocks it
and what would help, and how much better any plan of all of them could be. Stopped with
Ctrl+C, it answers with the best so far."""

PLAN_MORE = """\
with --out, each course that has a plan gets a directory of its name with the files that `replan`
writes; next to them are
  clinic.ics    one calendar for the clinic, with the visits of all courses
  visits.csv    a row for each stage of each visit: date, times, person's key, place, staff
  visits.json   the same for programs and for `protocol-sched clinic day`
  pictures      a directory with a picture of each day and of each week in which somebody comes

example:
  protocol-sched clinic plan courses --clinic clinic.toml --out out"""

DAY_ABOUT = """\
Show a day of the clinic by place and by staff. DIR is what `clinic plan --out` wrote, for the
visits as they are planned; or it holds a directory for each course, for the visits that people
know of (events "notified") and that are to come. Bookings in the clinic's file are shown too."""

DAY_MORE = """\
example:
  protocol-sched clinic day 2027-03-03 out --clinic clinic.toml --html day.html"""


def add_clinic(commands: Commands[argparse.ArgumentParser], says: str) -> None:
    clinic = commands.add_parser(
        "clinic",
        help=says,
        description=ABOUT,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = clinic.add_subparsers(required=True, metavar="plan | replan | day | capacity")
    declare(
        parts,
        "plan",
        run_clinic_plan,
        partial(
            add_search,
            counted="MOVES",
            standard=STANDARD.moves,
            as_json="print the plans as JSON",
        ),
        says="plan all courses together",
        about=PLAN_ABOUT,
        more=PLAN_MORE,
    )
    add_clinic_replan(parts)
    declare(
        parts,
        "day",
        run_clinic_day,
        _add_day,
        says="show a day by place and by staff",
        about=DAY_ABOUT,
        more=DAY_MORE,
    )
    add_clinic_capacity(parts)


def _add_day(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("date", type=date_argument, metavar="DATE", help="the day")
    parser.add_argument(
        "courses", type=Path, metavar="DIR", help="what was written, or a directory for each course"
    )
    add_clinic_files(parser)
    add_printed_language(parser)
    parser.add_argument("--json", action="store_true", help="print the day as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a sheet to print here")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write a picture of the day here")
    parser.add_argument(
        "--week", action="store_true", help="the picture shows the week of the day, Monday first"
    )


# --- all courses together ----------------------------------------------------------------------


def _said(now: Progress) -> str:
    return (
        f"{now.doing}: {now.done} of {now.of}, {now.unplaced} without a plan, "
        f"{now.deviation} days off target, at least {now.bound}"
    )


def run_clinic_plan(options: argparse.Namespace) -> tuple[str, int]:
    cases = cases_of(options)
    clinic = read_text(options.clinic, documents.read_clinic, "clinic")
    as_of, now = moments_of(options, clinic.zone)
    listed = list(cases.values())
    with telling(options.progress or sys.stderr.isatty(), _said) as report:
        found = plan_clinic(
            listed,
            clinic,
            as_of=as_of,
            now=now,
            seed=options.seed,
            effort=Effort(moves=options.effort),
            report=report,
        )
    replans = {
        name: Replan(plan=plan, changes=changes, unrecorded=plan.unrecorded)
        for name, plan, changes in zip(cases, found.plans, found.changes, strict=True)
    }
    explained = explain_unplaced(found, listed, clinic, as_of=as_of, now=now)
    names = {case.course.key: name for name, case in cases.items()}
    # What is found to be possible after all is no explanation.
    reasons = {names[key]: one for key, one in explained.items() if one.plan.schedule is None}
    troubles: dict[str, str] = {}
    if options.out is not None:
        troubles = write_courses(options, cases, replans, clinic, as_of, now)
    code = NOT_SO if found.unplaced else DONE
    if options.json:
        whole = {
            "deviation": found.deviation,
            "bound": found.bound,
            "gap": found.gap,
            "unplaced": [names[key] for key in found.unplaced],
            "courses": {name: documents.replan_to_dict(one) for name, one in replans.items()},
            "explained": {
                name: documents.explanation_to_dict(one) for name, one in reasons.items()
            },
        }
        return documents.write_json(whole), code
    helps = {
        name: explanation_text(one, language=options.language) for name, one in reasons.items()
    }
    text = clinic_plan_text(replans, found.bound, helps, language=options.language)
    for name, trouble in troubles.items():
        text += f"{name}: no messages to escorts are written: {trouble}\n"
    return text, code


# --- one day -----------------------------------------------------------------------------------


def run_clinic_day(options: argparse.Namespace) -> tuple[str, int]:
    clinic = read_text(options.clinic, documents.read_clinic, "clinic")
    if options.week and options.svg is None:
        raise Refused("--week is about the picture: give --svg FILE too")
    visits = _visits(options, clinic)
    day = day_list(visits, clinic, options.date)
    if options.svg is not None:
        monday = options.date - timedelta(days=options.date.weekday())
        week = [monday + timedelta(days=n) for n in range(7)]
        drawn = clinic_picture(visits, clinic, week if options.week else [options.date])
        write_files(options.svg.parent, {options.svg.name: drawn.encode()})
    if options.html is not None:
        write_files(
            options.html.parent,
            {options.html.name: day_sheet(day, language=options.language).encode()},
        )
    if options.json:
        return documents.write_json(documents.day_list_to_dict(day)), DONE
    return clinic_day_text(day, language=options.language), DONE


def _visits(options: argparse.Namespace, clinic: Clinic) -> ClinicVisits:
    """Return the visits that were planned, or those that people know of."""
    written = options.courses / VISITS
    if written.exists():
        visits = read_text(
            written,
            lambda text, name: documents.visits_from_dict(
                documents.read_document(text, name), name
            ),
        )
        if visits.zone != clinic.zone.key:
            raise Refused(
                f"{written}: is in zone {visits.zone!r}, the clinic in {clinic.zone.key!r}"
            )
        return visits
    # From the day before on, since a visit may last into the next day.
    as_of = min(options.date - timedelta(days=1), datetime.now(clinic.zone).date())
    cases = cases_of(options).values()
    return clinic_visits(
        (part for case in cases for part in known_parts(case, as_of, clinic)), clinic
    )
