"""The courses of a clinic: one directory each, with ``course.toml`` and ``person.toml`` in it."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import attrs

from protocol_sched.cli.ending import Refused
from protocol_sched.cli.inputs import Inputs, course_reader, protocols_of, read_text
from protocol_sched.clinic.courses import Case, booked, holdings
from protocol_sched.errors import ProtocolSchedError
from protocol_sched.formats.documents import documents

_FORMS = (".toml", ".json")


def _file(directory: Path, name: str) -> Path:
    """
    Return the file of that name in one of the forms a file may have.

    Raises:
        Refused: Both are there, and nobody can tell which one is kept up.
    """
    found = [
        directory / f"{name}{form}" for form in _FORMS if (directory / f"{name}{form}").exists()
    ]
    if len(found) > 1:
        raise Refused(f"{directory}: has both {found[0].name} and {found[1].name}; keep one")
    return found[0] if found else directory / f"{name}.toml"


def cases_of(options: argparse.Namespace) -> dict[str, Case]:
    """Return the courses in a directory by the names of their directories, in order."""
    reader = course_reader(protocols_of(options), catalog_too=True)
    try:
        found = sorted(
            {path.parent for form in _FORMS for path in options.courses.glob(f"*/course{form}")}
        )
    except OSError as error:
        raise Refused(f"cannot read {options.courses}: {error.strerror}") from None
    if not options.courses.is_dir():
        why = "is a file" if options.courses.exists() else "is not there"
        raise Refused(
            f"{options.courses}: {why}; wanted a directory that holds one for each course"
        )
    if not found:
        raise Refused(f"{options.courses}: holds no directory with a course.toml or course.json")
    cases: dict[str, Case] = {}
    troubles: list[str] = []
    for path in found:
        try:
            course = read_text(_file(path, "course"), reader, "course")
            person = read_text(_file(path, "person"), documents.read_person, "person")
            cases[path.name] = Case(course=course, person=person)
        except (Refused, ProtocolSchedError) as error:
            troubles.append(str(error))
    if troubles:
        raise Refused("\n".join(troubles))
    return cases


def add_beside(parser: argparse.ArgumentParser) -> None:
    """Add the other courses of the clinic for a question about one of them."""
    parser.add_argument(
        "--beside",
        dest="courses",
        type=Path,
        metavar="DIR",
        help="the other courses of the clinic, a directory for each: what people know of their "
        'visits (events "notified") is taken',
    )


def beside(options: argparse.Namespace, inputs: Inputs, as_of: date) -> Inputs:
    """Return the inputs with what the other courses hold of the clinic as bookings of it."""
    if options.courses is None:
        return inputs
    others = [case.course for case in cases_of(options).values()]
    held = [
        one
        for course in others
        if course.key != inputs.course.key
        for one in holdings(course, as_of, inputs.clinic)
    ]
    return attrs.evolve(inputs, clinic=booked(inputs.clinic, held))
