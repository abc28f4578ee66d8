"""The command ``clinic capacity``: how many new courses a week a clinic carries."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs

from protocol_sched import catalog
from protocol_sched.cli.clinic_files import add_clinic_files
from protocol_sched.cli.declaring import Commands, declare
from protocol_sched.cli.inputs import (
    DONE,
    NOT_SO,
    Refused,
    add_printed_language,
    date_argument,
    number_argument,
    protocols_of,
    read_text,
    write_files,
)
from protocol_sched.clinic.capacity import capacity
from protocol_sched.errors import UnknownName
from protocol_sched.formats.documents import documents
from protocol_sched.formats.svg.capacity import capacity_picture
from protocol_sched.model.capacity import ANYONE, MixShare
from protocol_sched.model.protocol import Protocol
from protocol_sched.text.clinic_capacity import capacity_text

ABOUT = """\
Say how many new courses a week a clinic carries, week after week, and which kind of place or of
staff one more of would carry one course more. Each course is booked whole when it is asked for,
around all that are booked already; it is carried if its first visit is in time. Visits that are
missed or take longer are drawn by the seed. A year takes a minute or more; --weeks 12 is quick."""

MORE = """\
example:
  protocol-sched clinic capacity --clinic clinic.toml --mix ketamine-migraine=2 \\
    --mix infliximab-crohn-us --person person.toml --from 2027-03-01 --weeks 12"""


def add_clinic_capacity(parts: Commands[argparse.ArgumentParser]) -> None:
    declare(
        parts,
        "capacity",
        run_clinic_capacity,
        _add,
        says="say how many new courses a week the clinic carries",
        about=ABOUT,
        more=MORE,
    )


def _add(parser: argparse.ArgumentParser) -> None:
    add_clinic_files(parser)
    parser.add_argument(
        "--mix",
        action="append",
        required=True,
        metavar="NAME[=PARTS]",
        help="a protocol by its name, and how many parts of all courses follow it; may be given "
        "several times",
    )
    parser.add_argument(
        "--person",
        type=Path,
        metavar="FILE",
        help="when such people can come and who drives them, a TOML or JSON file; without it they "
        "can come at any hour, and nobody drives them",
    )
    parser.add_argument(
        "--from",
        dest="first",
        type=date_argument,
        required=True,
        metavar="DATE",
        help="the day on which the first week begins",
    )
    for flag, standard, says in (
        ("--weeks", 52, "for how many weeks people ask"),
        ("--patience", 14, "the most days from asking to the first visit"),
        ("--no-show", 0, "how many of a hundred visits nobody comes to"),
        ("--overrun", 0, "how many of a hundred visits take half an hour longer"),
        ("--seed", 1, "for what is drawn"),
    ):
        parser.add_argument(
            flag, type=number_argument, default=standard, metavar="N", help=f"{says}; {standard}"
        )
    parser.add_argument(
        "--svg", type=Path, metavar="FILE", help="write a picture of the weeks here"
    )
    add_printed_language(parser)
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run_clinic_capacity(options: argparse.Namespace) -> tuple[str, int]:
    clinic = read_text(options.clinic, documents.read_clinic)
    own = protocols_of(options)
    shares = [_share(text, own) for text in options.mix]
    if options.person is not None:
        person = read_text(options.person, documents.read_person)
        shares = [attrs.evolve(share, person=person) for share in shares]

    def tried(number: int, carried: bool) -> None:
        if sys.stderr.isatty():
            said = "carried" if carried else "too many"
            print(f"{number} a week: {said}", file=sys.stderr, flush=True)

    found = capacity(
        clinic,
        shares,
        first=options.first,
        weeks=options.weeks,
        patience=options.patience,
        no_show=options.no_show,
        overrun=options.overrun,
        seed=options.seed,
        tried=tried,
    )
    if options.svg is not None:
        write_files(options.svg.parent, {options.svg.name: capacity_picture(found).encode()})
    code = DONE if found.a_week else NOT_SO
    if options.json:
        return documents.write_json(documents.capacity_to_dict(found)), code
    return capacity_text(found, language=options.language), code


def _share(text: str, own: Mapping[str, Protocol]) -> MixShare:
    name, _, parts = text.partition("=")
    if parts and not (parts.isdecimal() and 1 <= int(parts) <= 1000):
        raise Refused(f"--mix {text!r}: after = comes how many parts, 1 to 1000")
    if name not in own:
        try:
            protocol = catalog.load(name)
        except UnknownName as error:
            hint = "give a protocol of your own with --protocol FILE"
            raise attrs.evolve(error, hint=hint) from None
    else:
        protocol = own[name]
    return MixShare(protocol=protocol, parts=int(parts or 1), person=ANYONE)
