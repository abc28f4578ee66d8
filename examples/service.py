"""
A web service for one clinic: the plan, why a request cannot be met, and the calendar file.

    python service.py 8000

    POST /plan          the plan as JSON; status 409 and the conflict where there is none
    POST /explanation   why the `requests` cannot be met, and what would help
    POST /patient.ics   the person's calendar file

A request holds what the TOML files hold, as JSON:

    {"as_of": "2027-02-20", "course": {...}, "person": {...},
     "requests": [{"visit": "induction-3", "on": "2027-03-11"}]}

Nothing is stored. It stands on Python's own server, so it runs as it is; under a web framework
`plan`, `explanation` and `calendar` stay the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from protocol_sched import (
    Course,
    Person,
    ProtocolSchedError,
    Request,
    catalog,
    course_from_dict,
    explain_course,
    explanation_text,
    patient_calendar,
    person_from_dict,
    plan_course,
    plan_to_dict,
    read_clinic,
)

CLINIC = read_clinic((Path(__file__).parent / "clinic.toml").read_text("utf-8"))


class Asked(NamedTuple):
    course: Course
    person: Person
    as_of: date
    requests: list[Request]


class Answer(NamedTuple):
    status: int
    kind: str
    body: bytes


def asked(body: Mapping[str, Any]) -> Asked:
    """Read a request; whatever is wrong with it is an error that names the field."""
    days = [(one["visit"], date.fromisoformat(one["on"])) for one in body.get("requests", [])]
    return Asked(
        course_from_dict(body["course"], catalog.load),
        person_from_dict(body["person"]),
        date.fromisoformat(body["as_of"]),
        [Request(visit=visit, first=day, last=day) for visit, day in days],
    )


def plan(of: Asked) -> Answer:
    found = plan_course(of.course, CLINIC, of.person, as_of=of.as_of)
    status = 200 if found.schedule else 409
    return Answer(status, "application/json", json.dumps(plan_to_dict(found)).encode())


def explanation(of: Asked) -> Answer:
    found = explain_course(of.course, CLINIC, of.person, as_of=of.as_of, asked=of.requests)
    return Answer(200, "text/plain; charset=utf-8", explanation_text(found).encode())


def calendar(of: Asked) -> Answer:
    found = plan_course(of.course, CLINIC, of.person, as_of=of.as_of).schedule
    if found is None:
        return Answer(409, "text/plain; charset=utf-8", b"no plan keeps every rule\n")
    raw = patient_calendar(found, CLINIC, of.person, of.course.protocol, now=datetime.now(UTC))
    return Answer(200, "text/calendar", raw)


ANSWERS: dict[str, Callable[[Asked], Answer]] = {
    "/plan": plan,
    "/explanation": explanation,
    "/patient.ics": calendar,
}


class Service(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        found = self.answer()
        self.send_response(found.status)
        self.send_header("Content-Type", found.kind)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        self.wfile.write(found.body)

    def answer(self) -> Answer:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path not in ANSWERS:
            return Answer(404, "text/plain; charset=utf-8", b"no such page\n")
        try:
            return ANSWERS[self.path](asked(json.loads(body)))
        except (ProtocolSchedError, KeyError, TypeError, ValueError) as error:
            # An error of the library names the field, what was found and what would be right.
            return Answer(422, "text/plain; charset=utf-8", f"{error}\n".encode())


def server(port: int) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", port), Service)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python service.py PORT")
    server(int(sys.argv[1])).serve_forever()
