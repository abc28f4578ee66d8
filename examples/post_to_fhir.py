"""
Put a plan on a FHIR server, and put it there again when it changes.

    python post_to_fhir.py https://fhir.example.org/r4 Patient/17

The appointments go in one transaction: all of them are there, or none. Each has its own place, so
a second run changes the same ones. How you sign in is up to the server: add its header.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path

from protocol_sched import (
    catalog,
    notifications,
    plan_course,
    read_clinic,
    read_course,
    read_person,
    write_appointments,
)

HERE = Path(__file__).parent
DOMAIN = "clinic.example.org"  # one you own, and never another one: identities are made with it


def post(base: str, bundle: str) -> list[str]:
    """Send a transaction; return what the server says of each entry, such as ``201 Created``."""
    request = urllib.request.Request(
        base,
        data=bundle.encode(),
        headers={"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            entries = json.load(answer)["entry"]
    except urllib.error.HTTPError as error:
        sys.exit(f"{base}: the server says {error.code}: {error.read().decode(errors='replace')}")
    return [entry["response"]["status"] for entry in entries]


def main(base: str, patient: str) -> None:
    clinic = read_clinic((HERE / "clinic.toml").read_text("utf-8"))
    person = read_person((HERE / "person.toml").read_text("utf-8"))
    course = read_course((HERE / "course.toml").read_text("utf-8"), catalog.load)
    today = date(2027, 2, 20)

    plan = plan_course(course, clinic, person, as_of=today)
    if plan.schedule is None:
        sys.exit("no plan keeps every rule")
    bundle = write_appointments(
        plan, course, clinic, person, domain=DOMAIN, patient=patient, bundle="transaction"
    )
    said = post(base, bundle)
    # What people are told is recorded in the course: what no longer takes place in the next plan
    # is then cancelled there. Keep it with the course, as write_events(told) gives it.
    told = notifications(plan.schedule, course, on=today)
    print(f"{len(said)} appointments: {', '.join(sorted(set(said)))}; {len(told)} to record")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python post_to_fhir.py URL PATIENT")
    main(*sys.argv[1:3])
