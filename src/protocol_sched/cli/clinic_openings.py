"""The commands ``clinic first-dates`` and ``clinic waiting-list``: what is left of the clinic."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

from protocol_sched.cli.clinic_files import add_clinic_files
from protocol_sched.cli.inputs import (
    DONE,
    EXIT_CODES,
    NOT_SO,
    Refused,
    add_printed_language,
    date_argument,
    moment_argument,
    moments_of,
    number_argument,
    read_text,
)
from protocol_sched.cli.plan import cases_of
from protocol_sched.clinic.courses import booked, holdings
from protocol_sched.clinic.waiting import FreedPlace, Offer, waiting_list, who_can_take
from protocol_sched.formats.documents import documents
from protocol_sched.model.moments import utc
from protocol_sched.planning.course import first_dates
from protocol_sched.text.clinic_openings import first_dates_text, offers_text

FIRST_USAGE = """\
protocol-sched clinic first-dates DIR NAME --clinic FILE [--protocol FILE] [--as-of DATE]
                                         [--until DATE] [--count N] [--language CODE] [--json]"""

FIRST_ABOUT = """\
Say on which dates a course can begin beside all the others, with its last visit and how many days
it is off target then. DIR holds a directory for each course, with course.toml and person.toml in
it; NAME is that of the course. Of the others counts what people know of (events "notified")."""

FIRST_MORE = """\
example:
  protocol-sched clinic first-dates courses Ada --clinic clinic.toml --until 2027-05-31"""

WAITING_USAGE = """\
protocol-sched clinic waiting-list DIR --clinic FILE --place PLACE --from MOMENT --to MOMENT
                                          [--protocol FILE] [--as-of DATE] [--count N]
                                          [--language CODE] [--json]"""

WAITING_ABOUT = """\
Say who may lawfully take a place that has become free, the best first: whose visit was missed or
put off, then whose other visits move least. DIR holds a directory for each course, with
course.toml, in which events "notified" say what people know, and person.toml."""

WAITING_MORE = """\
example:
  protocol-sched clinic waiting-list courses --clinic clinic.toml --place 'chair 2' \\
    --from 2027-03-08T09:00-05:00 --to 2027-03-08T12:00-05:00"""


def add_clinic_openings(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    first = parts.add_parser(
        "first-dates",
        help="say when a course can begin beside the others",
        usage=FIRST_USAGE,
        description=FIRST_ABOUT,
        epilog=f"{FIRST_MORE}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    first.add_argument("courses", type=Path, metavar="DIR", help="a directory for each course")
    first.add_argument("name", metavar="NAME", help="the directory of the course")
    _add_common(first)
    first.add_argument(
        "--until", type=date_argument, metavar="DATE", help="the last date that is named"
    )
    first.add_argument(
        "--count", type=number_argument, default=10, metavar="N", help="dates shown; 10"
    )
    first.set_defaults(command=run_first_dates, now=None)

    waiting = parts.add_parser(
        "waiting-list",
        help="say who may take a place that has become free",
        usage=WAITING_USAGE,
        description=WAITING_ABOUT,
        epilog=f"{WAITING_MORE}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    waiting.add_argument("courses", type=Path, metavar="DIR", help="a directory for each course")
    _add_common(waiting)
    waiting.add_argument("--place", required=True, metavar="PLACE", help="the place by its name")
    for name, dest, says in (("--from", "start", "from when"), ("--to", "end", "until when")):
        waiting.add_argument(
            name,
            dest=dest,
            type=moment_argument,
            required=True,
            metavar="MOMENT",
            help=f"{says} it is free",
        )
    waiting.add_argument(
        "--count", type=number_argument, default=5, metavar="N", help="offers at the most; 5"
    )
    waiting.set_defaults(command=run_waiting_list, now=None)


def _add_common(parser: argparse.ArgumentParser) -> None:
    add_clinic_files(parser)
    add_printed_language(parser)
    parser.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date of the question; without it, today",
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run_first_dates(options: argparse.Namespace) -> tuple[str, int]:
    cases = cases_of(options)
    clinic = read_text(options.clinic, documents.read_clinic)
    as_of, _ = moments_of(options, clinic.zone)
    if options.name not in cases:
        raise Refused(f"{options.courses}: has no course {options.name!r}; {', '.join(cases)}")
    others = [case.course for name, case in cases.items() if name != options.name]
    around = booked(clinic, [one for course in others for one in holdings(course, as_of, clinic)])
    case = cases[options.name]
    found = first_dates(case.course, around, case.person, as_of=as_of, until=options.until)
    code = DONE if found.dates else NOT_SO
    if options.json:
        return documents.write_json(documents.first_dates_to_dict(found)), code
    return first_dates_text(found, options.count, language=options.language), code


def run_waiting_list(options: argparse.Namespace) -> tuple[str, int]:
    cases = cases_of(options)
    clinic = read_text(options.clinic, documents.read_clinic)
    as_of, _ = moments_of(options, clinic.zone)
    if utc(options.end) <= utc(options.start):
        raise Refused("--to must be after --from")
    ready = waiting_list(cases.values(), clinic, as_of=as_of)
    freed = FreedPlace(place=options.place, start=options.start, end=options.end)
    offers = who_can_take(freed, ready, options.count)
    names = {case.course.key: name for name, case in cases.items()}
    code = DONE if offers else NOT_SO
    if options.json:
        return documents.write_json({"offers": [_offer(one, names) for one in offers]}), code
    rows = [
        (
            names[one.course],
            one.title,
            one.start.astimezone(clinic.zone),
            _sooner(one),
            one.others_moved,
        )
        for one in offers
    ]
    return offers_text(rows, options.place, language=options.language), code


def _offer(offer: Offer, names: dict[str, str]) -> dict[str, object]:
    return {
        "course": names[offer.course],
        "visit": offer.visit,
        "title": offer.title,
        "start": offer.start.isoformat(),
        "sooner_minutes": offer.sooner // timedelta(minutes=1),
        "overdue": offer.overdue,
        "others_moved": offer.others_moved,
        "replan": documents.replan_to_dict(offer.replan),
    }


def _sooner(offer: Offer) -> str:
    minutes = offer.sooner // timedelta(minutes=1)
    if not minutes:
        return "has no time"
    days, rest = divmod(minutes, 24 * 60)
    hours, rest = divmod(rest, 60)
    units = ((days, "d"), (hours, "h"), (rest, "min"))
    return " ".join(f"{number} {unit}" for number, unit in units if number)
