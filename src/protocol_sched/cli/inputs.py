"""What commands share: arguments, files read and written, the clock, and how they end."""

from __future__ import annotations

import argparse
import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from errno import EISDIR
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import attrs

from protocol_sched import catalog
from protocol_sched.cli.ending import Refused
from protocol_sched.cli.kinds import said_to_be
from protocol_sched.errors import InvalidDocument, ProtocolSchedError, UnknownName
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import documents
from protocol_sched.formats.ics.reading.busy import Account, away_escort, away_person, read_busy
from protocol_sched.formats.ics.reading.lines import LIMITS
from protocol_sched.formats.ics.uids import known_digests
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Course
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.privacy import Privacy

_T = TypeVar("_T")


def add_course(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "course", type=Path, metavar="COURSE", help="the course, a TOML or JSON file"
    )
    add_protocols(parser, "the protocol the course names")


def add_protocols(parser: argparse.ArgumentParser, says: str) -> None:
    parser.add_argument(
        "--protocol",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help=f"{says}, a TOML or JSON file; without it, the catalog's; may be given several times",
    )


def add_clinic_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--clinic", type=Path, metavar="FILE", required=True, help="the clinic, a TOML or JSON file"
    )


def add_closed_days(parser: argparse.ArgumentParser) -> None:
    """Add the clinic whose closed days count for a question that needs no clinic otherwise."""
    parser.add_argument(
        "--clinic",
        type=Path,
        metavar="FILE",
        help="the clinic whose closed days count, a TOML or JSON file; without it no day is known "
        "to be closed",
    )


def add_courses(parser: argparse.ArgumentParser) -> None:
    """Add what a question about all courses of a clinic takes."""
    parser.add_argument("courses", type=Path, metavar="DIR", help="a directory for each course")
    add_clinic_file(parser)
    add_protocols(parser, "a protocol that courses name")


def add_inputs(parser: argparse.ArgumentParser) -> None:
    add_course(parser)
    add_clinic_file(parser)
    parser.add_argument(
        "--person", type=Path, metavar="FILE", required=True, help="the person, a TOML or JSON file"
    )
    parser.add_argument(
        "--busy",
        action="append",
        default=[],
        metavar="FILE",
        help="a calendar file of the person, or NAME=FILE of the escort of that name: the "
        "times taken there count as absences; may be given several times",
    )


def add_domain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--domain",
        default="calendar.invalid",
        metavar="DOMAIN",
        help="what follows the @ in the identities of calendar entries; one you own, never changed",
    )


_CODES = " or ".join(filter(None, [", ".join([*LANGUAGES][:-1]), [*LANGUAGES][-1]]))


def add_language(parser: argparse.ArgumentParser, *, also: str = "") -> None:
    """
    Add the language of what is written.

    Args:
        also: What else is in that language, with a comma and a space behind it.
    """
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        default="en",
        metavar="CODE",
        help=f"of {also}calendar files, sheets and messages to escorts: {_CODES} (default: en)",
    )


def add_privacy(parser: argparse.ArgumentParser) -> None:
    """Add how much the picture tells, and a plan to hand on."""
    parser.add_argument(
        "--privacy",
        choices=[level.value for level in Privacy],
        default=Privacy.FULL.value,
        metavar="LEVEL",
        help="how much course.svg tells: minimal, neutral or full (default: full); below full, "
        "plan-LEVEL.json is a plan to hand on that tells no more",
    )


def add_printed_language(parser: argparse.ArgumentParser) -> None:
    """Add the language of what is printed, where no file is written in it."""
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        default="en",
        metavar="CODE",
        help=f"of what is printed: {_CODES} (default: en)",
    )


@attrs.frozen(kw_only=True)
class Inputs:
    """What `plan` and `check` read."""

    course: Course
    clinic: Clinic
    person: Person


def plan_of(path: Path, course: Course) -> Plan:
    """Return the plan in a file, which must be one of the course with a schedule."""
    plan = read_text(path, _read_plan, "plan")
    if plan.schedule is None:
        raise Refused(f"{path}: holds no schedule, because no plan was found")
    if plan.schedule.course != course.key:
        raise Refused(
            f"{path}: is a plan of course {plan.schedule.course!r}, not of {course.key!r}"
        )
    return plan


def _read_plan(text: str, name: str) -> Plan:
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        raise Refused(
            f"{name}: is no plan; a plan is the plan.json that `plan --out` or `replan --out` "
            "writes, or for `check` a calendar file (.ics)"
        )
    return documents.read_plan(text, name)


def inputs_of(options: argparse.Namespace) -> Inputs:
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

    protocols = tried(lambda: protocols_of(options))
    # A protocol that cannot be read would only make a second, misleading fault here.
    course = (
        None
        if protocols is None
        else tried(lambda: read_text(options.course, course_reader(protocols), "course"))
    )
    clinic = tried(lambda: read_text(options.clinic, documents.read_clinic, "clinic"))
    person = tried(lambda: read_text(options.person, documents.read_person, "person"))
    read: list[str] = []
    for busy in options.busy:
        if course is not None and clinic is not None and person is not None:
            first = options.as_of or course.not_before or datetime.now(clinic.zone).date()
            taken = functools.partial(_with_busy, busy, person, clinic, course, first)
            found = tried(taken)
            if found is not None:
                person, account = found
                read += [f"{busy}: {line}" for line in account.lines()]
    if troubles or course is None or clinic is None or person is None:
        raise Refused("\n".join(troubles))
    for line in read:
        print(line, file=sys.stderr)
    return Inputs(course=course, clinic=clinic, person=person)


_BUSY_DAYS = 5 * 366
"""How far ahead calendars are followed: five years."""


def _with_busy(
    busy: str, person: Person, clinic: Clinic, course: Course, first: date
) -> tuple[Person, Account]:
    """
    Return the person with the times away that ``NAME=FILE`` or ``FILE`` says, and what was read.

    The course's own entries in it do not count, or no visit could stay where it is.
    """
    agenda = expand(course, first, first + timedelta(days=_BUSY_DAYS))
    visits = {*(due.id for due in agenda.dues), *(past.id for past in agenda.past)}
    visits |= {*last_notices(course.events)}
    name, equals, file = busy.partition("=")
    escort = next((one for one in person.escorts if equals and one.name == name), None)
    path = Path(busy if escort is None else file)
    if equals and escort is None and not path.exists():
        raise UnknownName("--busy", "escort", name, tuple(one.name for one in person.escorts))
    owner = person if escort is None else escort
    taken = read_busy(
        read_bytes(path),
        zone=owner.zone or clinic.zone,
        first=first,
        last=first + timedelta(days=_BUSY_DAYS),
        address="" if escort is None else escort.email,
        own=known_digests(course.key, visits),
        name=str(path),
    )
    why = f"own calendar {path.name}"
    if escort is None:
        return away_person(person, taken, why), taken.account
    return away_escort(person, escort.name, taken, why), taken.account


def protocols_of(options: argparse.Namespace) -> dict[str, Protocol]:
    """
    Return the protocols whose files were given, by their names.

    Raises:
        Refused: A file cannot be read, or two protocols that differ have one name.
    """
    found: dict[str, Protocol] = {}
    for path in options.protocol:
        protocol = read_text(path, documents.read_protocol, "protocol")
        if found.get(protocol.name, protocol) != protocol:
            raise Refused(f"{path}: is called {protocol.name!r}, as another protocol is")
        found[protocol.name] = protocol
    return found


def course_reader(
    protocols: Mapping[str, Protocol], *, catalog_too: bool = False
) -> Callable[[str, str], Course]:
    """
    Return a reader of course files that takes their protocol from files or the catalog.

    Args:
        catalog_too: Courses that name none of the files are looked up in the catalog. Otherwise
            the catalog counts only where there is no file, since one that is not used is a mistake.
    """

    def named(name: str) -> Protocol:
        if name in protocols:
            return protocols[name]
        if protocols and not catalog_too:
            raise UnknownName("--protocol", "name", name, (*protocols,))
        try:
            return catalog.load(name)
        except UnknownName as error:
            hint = "give a protocol of your own with --protocol FILE"
            raise attrs.evolve(error, hint=hint) from None

    return lambda text, name: documents.read_course(text, named, name)


def read_one_course(options: argparse.Namespace) -> Course:
    """Return the course of a command that is about one."""
    return read_text(options.course, course_reader(protocols_of(options)), "course")


def moments_of(options: argparse.Namespace, zone: ZoneInfo) -> tuple[date, datetime]:
    """Return the date on which the question is asked, and the moment files are made."""
    if options.as_of is not None and options.now is None:
        return options.as_of, datetime.combine(options.as_of, time(), zone)
    now = in_zone(options.now or datetime.now(UTC), zone)
    return options.as_of or now.astimezone(zone).date(), now


def read_bytes(path: Path) -> bytes:
    """Return a file's octets; of one longer than any calendar that is read, the beginning."""
    try:
        with path.open("rb") as file:
            return file.read(LIMITS.octets + 1)
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}") from None


def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment of the command line with its zone, the clinic's where it has no offset."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def read_text(path: Path, reader: Callable[[str, str], _T], wanted: str = "") -> _T:
    """
    Read a file.

    Args:
        wanted: What it should be, such as ``clinic``; one of another kind is called what it is,
            where every key of it would be a fault.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"cannot read {path}: it is not UTF-8 text") from None
    try:
        return reader(text, str(path))
    except InvalidDocument:
        what = said_to_be(text) if wanted else ""
        if what and what != f"a {wanted}":
            raise Refused(f"{path}: is {what}; wanted a {wanted}") from None
        raise


def write_files(directory: Path, files: Mapping[str, bytes]) -> None:
    """
    Write all files or none: each is complete beside its place before the first one is put there.

    Names may have one directory in them, parted by ``/``.

    Raises:
        Refused: The directory or a file cannot be written.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            if (directory / name).is_dir():
                raise IsADirectoryError(EISDIR, "Is a directory", str(directory / name))
            (directory / name).parent.mkdir(exist_ok=True)
            beside = (directory / name).with_name(f".{Path(name).name}.{os.getpid()}")
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
def patience(says: str) -> Iterator[None]:
    """
    Tell at a terminal that work goes on, once it takes longer than a second.

    Elsewhere nothing is said: what a program reads must not depend on how fast the machine is.
    """
    if not sys.stderr.isatty():
        yield
        return
    timer = threading.Timer(1, lambda: print(says, file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
