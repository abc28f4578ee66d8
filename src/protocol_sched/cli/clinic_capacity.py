"""The command ``clinic capacity``: how many new courses a week a clinic carries."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import attrs

from protocol_sched.cli.arguments import date_argument, number_argument
from protocol_sched.cli.cases import cases_of
from protocol_sched.cli.clinic_files import add_clinic_files, count_argument, telling
from protocol_sched.cli.declaring import Commands, declare
from protocol_sched.cli.ending import DONE, Refused
from protocol_sched.cli.inputs import add_printed_language, moments_of, read_text, write_files
from protocol_sched.clinic.capacity import Share, capacity
from protocol_sched.formats.documents import documents
from protocol_sched.formats.svg.capacity import capacity_picture
from protocol_sched.model.clinic_capacity import Chances
from protocol_sched.text.clinic_capacity import capacity_text

ABOUT = """\
Say how many new courses a week a clinic carries, and what it runs out of first. DIR holds a
directory for each kind of course, with course.toml and person.toml; what has happened in them is
passed over. They ask in turn, week after week from the next Monday on, and each is put in at its
best dates on what is left."""

MORE = """\
example:
  protocol-sched clinic capacity courses --clinic clinic.toml --mix Ada=3 --no-shows 5"""


def add_clinic_capacity(parts: Commands[argparse.ArgumentParser]) -> None:
    declare(
        parts,
        "capacity",
        run_clinic_capacity,
        _add,
        says="say how many new courses a week it carries",
        about=ABOUT,
        more=MORE,
    ).set_defaults(now=None)


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("courses", type=Path, metavar="DIR", help="a directory for each course")
    add_clinic_files(parser)
    add_printed_language(parser)
    parser.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date of the question; without it, today",
    )
    parser.add_argument(
        "--mix",
        action="append",
        default=[],
        type=_weight,
        metavar="NAME=N",
        help="how often the course in the directory NAME comes, beside the others; 1; may be given "
        "several times",
    )
    counts = (
        ("--weeks", 52, "N", "for how many weeks they come; 52"),
        ("--within", 14, "DAYS", "days later than in an empty clinic that one may begin; 14"),
        ("--no-shows", 0, "PERCENT", "visits missed, which take room once more on a later day; 0"),
        ("--overruns", 0, "PERCENT", "visits that take longer than planned; 0"),
        ("--overrun-minutes", 30, "N", "how much longer; 30"),
    )
    for name, standard, what, says in counts:
        parser.add_argument(name, type=number_argument, default=standard, metavar=what, help=says)
    parser.add_argument(
        "--seed",
        type=count_argument,
        default=1,
        metavar="N",
        help="another number draws other visits; the same one gives the same answer; 1",
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write a picture here")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument(
        "--progress",
        action="store_true",
        help="report progress on the error stream (always done at a terminal)",
    )


def _weight(text: str) -> tuple[str, int]:
    name, _, weight = text.rpartition("=")
    if not name or not re.fullmatch("[1-9][0-9]{0,2}", weight):
        raise argparse.ArgumentTypeError(f"{text!r} is not a name and a number, such as Ada=3")
    return name, int(weight)


def run_clinic_capacity(options: argparse.Namespace) -> tuple[str, int]:
    cases = cases_of(options)
    clinic = read_text(options.clinic, documents.read_clinic)
    as_of, _ = moments_of(options, clinic.zone)
    weights = dict(options.mix)
    for name in weights:
        if name not in cases:
            raise Refused(f"{options.courses}: has no course {name!r}; {', '.join(cases)}")
    chances = Chances(
        no_show=options.no_shows / 100,
        overrun=options.overruns / 100,
        overrun_minutes=options.overrun_minutes,
    )
    with telling(options.progress or sys.stderr.isatty(), _trying) as report:
        found = capacity(
            clinic,
            [Share(case=case, weight=weights.get(name, 1)) for name, case in cases.items()],
            as_of=as_of,
            weeks=options.weeks,
            within=options.within,
            chances=chances,
            seed=options.seed,
            report=report,
        )
    if options.svg is not None:
        drawn = capacity_picture(found, clinic.name)
        write_files(options.svg.parent, {options.svg.name: drawn.encode()})
    if options.json:
        return documents.write_json(attrs.asdict(found)), DONE
    return capacity_text(found, language=options.language), DONE


def _trying(rate: int) -> str:
    return f"{rate} new courses a week"
