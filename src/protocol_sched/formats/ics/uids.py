"""
The identities of calendar entries: the same for ever, and telling nothing.

Who writes entries and who reads them back, or hears an answer to one, meet here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

PATIENT_VISIT, NO_DRIVING = "patient visit", "no driving"
RIDE = "ride"
CLINIC_VISIT = "clinic visit"
COURSE = "course"
"""What an entry is to its reader. The role keeps apart what two readers have of one visit, in
case both files land in one calendar."""


def clinic_stage(number: int) -> str:
    """Return the role of a visit's stage, counted from 1, in the clinic's file."""
    return f"clinic stage {number}"


def clinic_work(number: int) -> str:
    """Return the role of work around a visit, counted from 1 in its type, in the clinic's file."""
    return f"clinic work {number}"


def before_visit(number: int) -> str:
    """Return the role of a test before a visit, counted from 1 among those of the protocol."""
    return f"test {number}"


def digest(course: str, visit: str, role: str) -> str:
    """
    Return 128 bits of what an entry is about, as 32 hexadecimal digits.

    A digest, because visit identities hold medical words; JSON keeps the parts apart.
    """
    return hashlib.sha256(json.dumps([course, visit, role]).encode("ascii")).hexdigest()[:32]


MOST_STAGES = 30
MOST_WORK = 10
MOST_TESTS = 20


def known_digests(course: str, visits: Iterable[str]) -> dict[str, tuple[str, str]]:
    """
    Return visit and role by the digest of every entry that may be about some visits.

    Stages are counted up to `MOST_STAGES`, work around a visit up to `MOST_WORK`, tests up to
    `MOST_TESTS`. An entry is one of them if its UID begins so before the ``@``, whatever the
    domain.
    """
    roles = [PATIENT_VISIT, NO_DRIVING, RIDE, CLINIC_VISIT]
    roles += [clinic_stage(n) for n in range(1, MOST_STAGES + 1)]
    roles += [clinic_work(n) for n in range(1, MOST_WORK + 1)]
    roles += [before_visit(n) for n in range(1, MOST_TESTS + 1)]
    return {digest(course, visit, role): (visit, role) for visit in visits for role in roles}


def digest_of(uid: str) -> str:
    """Return the part of any UID that would be the digest if it were one of ours."""
    return uid.partition("@")[0].strip().lower()


def uid(course: str, visit: str, role: str, domain: str) -> str:
    """Return the UID of an entry: ``digest@domain``."""
    return f"{digest(course, visit, role)}@{domain}"


def ride_uid(course: str, visit: str, domain: str) -> str:
    """Return the UID of the ride home from a visit; it outlives moves and changes of escort."""
    return uid(course, visit, RIDE, domain)


def alarm(uid: str, number: int) -> str:
    """Return the identity of an entry's alarm, counted from 1."""
    name, _, domain = uid.partition("@")
    return f"{name}-{number}@{domain}"
