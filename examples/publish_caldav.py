"""
Publish a course to a calendar on a CalDAV server, and publish it again when it changes.

    pip install protocol-sched caldav
    python publish_caldav.py https://calendar.example.org/alex/visits/ alex PASSWORD

Entries keep their UID, so a second run replaces them. An entry that is newer on the server
stays: the last file wins in whatever order files arrive. A visit that no longer takes place
stays as cancelled.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import caldav
from icalendar import Calendar

from protocol_sched import catalog, plan_course, read_clinic, read_course, read_person
from protocol_sched.formats.ics.entries import CalendarOptions, patient_calendar
from protocol_sched.formats.ics.file import calendar_objects
from protocol_sched.model.notifying import notifications

HERE = Path(__file__).parent


def publish(calendar: caldav.Calendar, raw: bytes) -> tuple[int, int]:
    """Put each entry of a file where it belongs; return how many were put and were newer there."""
    put = newer = 0
    for uid, entry in calendar_objects(raw).items():
        # Plain GET and PUT: the client's own way to save would change SEQUENCE.
        url = str(calendar.url.join(f"{uid}.ics"))
        there = calendar.client.request(url)
        if there.status == 200 and rank(there.raw) >= rank(entry):
            newer += 1
            continue
        # Nobody else's change since then is lost: the server refuses the PUT instead.
        unchanged = (
            {"If-Match": there.headers["ETag"]} if there.status == 200 else {"If-None-Match": "*"}
        )
        headers = {"Content-Type": "text/calendar; charset=utf-8", **unchanged}
        answer = calendar.client.put(url, entry, headers)
        if answer.status not in (200, 201, 204):
            raise RuntimeError(f"{url}: the server says {answer.status} {answer.reason}")
        put += 1
    return put, newer


def rank(entry: str | bytes) -> tuple[int, str]:
    """Return what RFC 5546 compares two versions of an entry by."""
    raw = entry if isinstance(entry, bytes) else entry.encode()
    [event] = Calendar.from_ical(raw).events
    return int(event.get("SEQUENCE", 0)), event["DTSTAMP"].to_ical().decode()


def main(url: str, user: str, password: str) -> None:
    clinic = read_clinic((HERE / "clinic.toml").read_text())
    person = read_person((HERE / "person.toml").read_text())
    course = read_course((HERE / "course.toml").read_text(), catalog.load)
    today = date(2027, 2, 20)

    plan = plan_course(course, clinic, person, as_of=today)
    if plan.schedule is None:
        sys.exit("no plan keeps every rule")
    # What people are told is recorded in the course, and with it the numbers of the next file.
    course = course.after(notifications(plan.schedule, course, on=today))
    options = CalendarOptions().knowing(course, plan.schedule)
    raw = patient_calendar(
        plan.schedule, clinic, person, course.protocol, now=datetime.now(UTC), options=options
    )

    with caldav.DAVClient(url=url, username=user, password=password) as client:
        put, newer = publish(client.calendar(url=url), raw)
    print(f"{put} entries put, {newer} as new there already")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: python publish_caldav.py URL USER PASSWORD")
    main(*sys.argv[1:4])
