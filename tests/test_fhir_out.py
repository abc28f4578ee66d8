"""Protocols and plans as FHIR resources, and the busy times of FHIR slots."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings

from protocol_sched import catalog
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.formats.documents.documents import (
    read_clinic,
    read_course,
    read_person,
    read_protocol,
)
from protocol_sched.formats.fhir.appointments import write_appointments
from protocol_sched.formats.fhir.plans import write_plan_definition
from protocol_sched.formats.fhir.protocols import read_plan_definition
from protocol_sched.formats.fhir.slots import read_busy_slots
from protocol_sched.formats.ics.reading.busy import away_person
from protocol_sched.model.course import Confirmed, Course, Given
from protocol_sched.model.notifying import notifications
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan
from protocol_sched.planning.course import plan_course
from single_visits import months_and_days, protocols, said

EXAMPLES = Path(__file__).parents[1] / "examples"
CLINIC = read_clinic((EXAMPLES / "clinic.toml").read_text())
PERSON = read_person((EXAMPLES / "person.toml").read_text())
COURSE = read_course((EXAMPLES / "course.toml").read_text(), catalog.load)
AS_OF = date(2027, 2, 20)
BERLIN = ZoneInfo("Europe/Berlin")


def planned(course: Course = COURSE, until: date | None = None) -> Plan:
    return plan_course(course, CLINIC, PERSON, as_of=AS_OF, until=until)


PLAN = planned()


def appointments(plan: Plan = PLAN, course: Course = COURSE, **how: Any) -> list[dict[str, Any]]:
    bundle = json.loads(write_appointments(plan, course, CLINIC, PERSON, **how))
    return [entry["resource"] for entry in bundle.get("entry", [])]


# --- a protocol as a plan definition ----------------------------------------------------------


@given(protocol=protocols())
@settings(max_examples=100)
def test_a_protocol_read_back_has_the_same_visits_targets_and_windows(protocol: Protocol) -> None:
    written = write_plan_definition(protocol)
    found = read_plan_definition(written.text, windows="absolute")
    assert said(found.protocol) == said(protocol)
    assert len(found.protocol.other_visits) == len(protocol.other_visits)
    assert found.day_one == "dose-1"
    assert {note.kind for note in written.notes} == {"length"}


def test_a_series_is_written_visit_by_visit() -> None:
    protocol = catalog.load("ketamine-migraine")
    written = write_plan_definition(protocol)
    actions = json.loads(written.text)["action"]
    induction = [one for one in actions if one["title"].startswith("induction")]
    assert len(induction) > 1
    [related] = induction[1]["relatedAction"]
    assert related["actionId"] == induction[0]["id"]
    assert related["relationship"] == "after-start"
    assert set(related) & {"offsetDuration", "offsetRange"}


def test_a_distance_in_months_and_days_is_no_distance_in_months() -> None:
    [written] = [
        note
        for note in write_plan_definition(months_and_days()).notes
        if note.kind == "date" and note.where == "late"
    ]
    assert written.said == "6 months - 4 days"


def test_every_protocol_of_the_catalog_is_written_and_read_back() -> None:
    for name in catalog.names():
        written = write_plan_definition(catalog.load(name))
        titles = [one["title"] for one in json.loads(written.text)["action"]]
        assert len(set(titles)) == len(titles)
        if "relatedAction" in written.text:
            found = read_plan_definition(written.text, windows="absolute")
            assert len(found.names) == len(titles), name


# --- a plan as appointments -------------------------------------------------------------------


def test_a_plan_is_an_appointment_for_each_visit() -> None:
    assert PLAN.schedule is not None
    found = appointments()
    placed = {one["id"]: one for one in found}
    assert len(found) == len(placed) >= len(PLAN.schedule.visits)
    first = PLAN.schedule.visits[0]
    one = next(each for each in found if each.get("start") == first.start.isoformat())
    assert one["status"] == "booked"
    assert one["end"] == first.discharge_by.isoformat()
    assert one["identifier"][0]["value"] == f"{one['id']}@calendar.invalid"
    assert "requestedPeriod" in one


def test_the_identity_is_that_of_the_persons_calendar_entry() -> None:
    from protocol_sched.formats.ics.entries import patient_calendar

    assert PLAN.schedule is not None
    raw = patient_calendar(
        PLAN.schedule, CLINIC, PERSON, COURSE.protocol, now=datetime(2027, 2, 20, tzinfo=UTC)
    )
    text = raw.decode().replace("\r\n ", "")
    for one in appointments():
        if one["status"] == "booked":
            assert f"UID:{one['identifier'][0]['value']}" in text


def test_who_drives_home_is_a_participant_with_their_answer() -> None:
    assert PLAN.schedule is not None
    told = COURSE.after(notifications(PLAN.schedule, COURSE, on=AS_OF))
    visit = next(one for one in PLAN.schedule.visits if one.escort is not None)
    assert visit.escort is not None
    yes = told.after([Confirmed(visit=visit.id, escort=visit.escort, on=AS_OF)])
    for course, answer in ((COURSE, "needs-action"), (told, "needs-action"), (yes, "accepted")):
        one = by_start(appointments(course=course), visit.start)
        [escort] = [each for each in one["participant"] if "type" in each]
        assert escort["type"][0]["coding"][0]["code"] == "ESC"
        assert (escort["actor"]["display"], escort["status"]) == (visit.escort, answer)


def by_start(found: list[dict[str, Any]], start: datetime) -> dict[str, Any]:
    [one] = [each for each in found if each.get("start") == start.isoformat()]
    return one


def test_a_ride_without_a_name_needs_someone() -> None:
    assert PLAN.schedule is not None
    bare = [attrs.evolve(one, escort=None) for one in PLAN.schedule.visits]
    plan = attrs.evolve(PLAN, schedule=attrs.evolve(PLAN.schedule, visits=bare))
    ride = next(each for each in bare if each.ride is not None)
    one = by_start(appointments(plan), ride.start)
    [escort] = [each for each in one["participant"] if "type" in each]
    assert "actor" not in escort
    assert escort["status"] == "needs-action"


def test_a_visit_that_is_not_placed_is_proposed_with_its_dates() -> None:
    plan = attrs.evolve(PLAN, schedule=None)
    found = appointments(plan)
    assert len(found) == len(PLAN.agenda.dues)
    assert {one["status"] for one in found} == {"proposed"}
    dues = {due.title: due for due in PLAN.agenda.dues}
    for one in found:
        assert "start" not in one
        due = dues[one["description"]]
        if due.earliest is not None:
            assert one["requestedPeriod"][0]["start"] == due.earliest.day.isoformat()


def test_what_was_told_and_is_gone_is_cancelled_under_its_identity() -> None:
    assert PLAN.schedule is not None
    told = COURSE.after(notifications(PLAN.schedule, COURSE, on=AS_OF))
    less = attrs.evolve(PLAN.schedule, visits=PLAN.schedule.visits[:-1])
    agenda = attrs.evolve(PLAN.agenda, dues=PLAN.agenda.dues[:-1])
    before = appointments()
    after = appointments(attrs.evolve(PLAN, schedule=less, agenda=agenda), told)
    gone = [one for one in after if one["status"] == "cancelled"]
    last = by_start(before, PLAN.schedule.visits[-1].start)
    assert [(one["id"], one["start"]) for one in gone] == [(last["id"], last["start"])]


def test_a_moved_visit_keeps_its_identity() -> None:
    assert PLAN.schedule is not None
    first = PLAN.schedule.visits[0]
    hour = timedelta(hours=1)
    moved = attrs.evolve(
        first,
        start=first.start + hour,
        discharge=first.discharge + hour,
        discharge_by=first.discharge_by + hour,
    )
    visits = [moved, *PLAN.schedule.visits[1:]]
    told = COURSE.after(notifications(PLAN.schedule, COURSE, on=AS_OF))
    plan = attrs.evolve(PLAN, schedule=attrs.evolve(PLAN.schedule, visits=visits))
    after = appointments(plan, told)
    assert by_start(after, moved.start)["id"] == by_start(appointments(), first.start)["id"]
    assert {one["status"] for one in after} == {one["status"] for one in appointments()}


def test_a_visit_that_was_given_is_fulfilled() -> None:
    assert PLAN.schedule is not None
    first = PLAN.schedule.visits[0]
    lived = COURSE.after([Given(visit=first.id, on=first.day, start=first.start)])
    plan = plan_course(lived, CLINIC, PERSON, as_of=first.day + timedelta(days=1))
    one = by_start(appointments(plan, lived), first.start)
    assert one["status"] == "fulfilled"
    assert one["id"] == by_start(appointments(), first.start)["id"]


def test_a_transaction_puts_each_in_its_place() -> None:
    how: dict[str, Any] = {"bundle": "transaction", "patient": "Patient/17", "domain": "x.org"}
    bundle = json.loads(write_appointments(PLAN, COURSE, CLINIC, PERSON, **how))
    assert bundle["type"] == "transaction"
    for entry in bundle["entry"]:
        one = entry["resource"]
        assert entry["request"] == {"method": "PUT", "url": f"Appointment/{one['id']}"}
        assert one["participant"][0]["actor"]["reference"] == "Patient/17"
    with pytest.raises(InvalidValue, match="collection or transaction"):
        write_appointments(PLAN, COURSE, CLINIC, PERSON, bundle="history")


# --- the official definitions -----------------------------------------------------------------

STATUSES = {
    "proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in "
    "waitlist"
}


def test_what_is_written_is_valid_r4() -> None:
    """By the definitions of the standard; R4B, as the validator has no R4 of its own."""
    bundles = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is not here")
    plans = pytest.importorskip("fhir.resources.R4B.plandefinition")
    for how in ({}, {"bundle": "transaction"}):
        for plan in (PLAN, attrs.evolve(PLAN, schedule=None)):
            text = write_appointments(plan, COURSE, CLINIC, PERSON, **how)
            bundles.Bundle.model_validate_json(text)
    for name in catalog.names():
        plans.PlanDefinition.model_validate_json(write_plan_definition(catalog.load(name)).text)


def test_times_and_statuses_keep_the_rules_no_validator_here_checks() -> None:
    """Rules app-1 to app-4 and per-1 of R4, by hand."""
    for plan in (PLAN, attrs.evolve(PLAN, schedule=None)):
        for one in appointments(plan):
            assert one["status"] in " ".join(STATUSES).split()
            assert ("start" in one) == ("end" in one)
            assert "start" in one or one["status"] in ("proposed", "cancelled", "waitlist")
            assert all("type" in each or "actor" in each for each in one["participant"])
            for period in one.get("requestedPeriod", []):
                assert period.get("start", "") <= period.get("end", "9999")


# --- slots ------------------------------------------------------------------------------------


def slot(status: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Slot",
        "schedule": {"reference": "Schedule/nurse-1"},
        "status": status,
        "start": start,
        "end": end,
        **more,
    }


SLOTS = [
    {"resourceType": "Schedule", "id": "nurse-1", "actor": [{"display": "Nurse"}]},
    slot("busy", "2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00"),
    slot("busy-unavailable", "2027-03-01T09:30:00Z", "2027-03-01T10:00:00Z"),
    slot("busy-tentative", "2027-03-02T08:00:00Z", "2027-03-02T09:00:00.500Z"),
    slot("free", "2027-03-03T08:00:00Z", "2027-03-03T09:00:00Z"),
    slot("entered-in-error", "2027-03-04T08:00:00Z", "2027-03-04T09:00:00Z"),
    slot("busy", "2028-03-04T08:00:00Z", "2028-03-04T09:00:00Z"),
]
BUNDLE = json.dumps(
    {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": one} for one in SLOTS],
    },
    indent=1,
)
LINES = "\n".join(json.dumps(one) for one in SLOTS)
DATES: dict[str, Any] = {"zone": BERLIN, "first": date(2027, 3, 1), "last": date(2027, 3, 31)}


def utc(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2027, 3, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize("text", [BUNDLE, LINES, LINES.encode(), f"{LINES}\n\n"], ids=range(4))
def test_slots_are_busy_times(text: str | bytes) -> None:
    busy = read_busy_slots(text, **DATES)
    assert busy.times == (
        (utc(1, 8), utc(1, 9)),
        (utc(1, 9, 30), utc(1, 10)),
        (utc(2, 8), utc(2, 9, 0, 1)),
    )
    assert (busy.account.entries, busy.account.taken) == (6, 3)
    assert busy.account.others == (("Schedule", 1),)
    assert away_person(PERSON, busy).away[-1].first == date(2027, 3, 2)


def test_slots_of_one_schedule_and_without_the_tentative() -> None:
    other = slot("busy", "2027-03-05T08:00:00Z", "2027-03-05T09:00:00Z")
    other["schedule"] = {"reference": "https://x.org/fhir/Schedule/nurse-2"}
    text = f"{LINES}\n{json.dumps(other)}"
    assert len(read_busy_slots(text, **DATES, tentative=False).times) == 3
    found = read_busy_slots(text, **DATES, schedule="Schedule/nurse-2")
    assert found.times == ((utc(5, 8), utc(5, 9)),)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"start": "2027-03-01T09:00:00"}, "must be a moment with an offset"),
        ({"end": "2027-03-01"}, "must be a moment with an offset"),
        ({"end": None}, "must be a moment with an offset"),
        ({"end": "2027-03-01T07:00:00Z"}, "must not be before its start"),
        ({"status": "perhaps"}, "status: must be one of busy"),
    ],
)
def test_a_damaged_slot_is_refused_with_its_place(more: dict[str, Any], says: str) -> None:
    bad = json.dumps({**SLOTS[1], **more})
    with pytest.raises(InvalidDocument, match=says):
        read_busy_slots(bad, **DATES)
    with pytest.raises(InvalidDocument, match=r"line 8"):
        read_busy_slots(f"{LINES}\n{bad}", **DATES)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must be JSON"),
        ("[]", "must be a resource of FHIR, got a list"),
        ('{"resourceType": "Bundle", "entry": {}}', "entry: must be a list"),
        ('{"resourceType": "Bundle", "entry": [{}]}', r"entry\[0\].resource: must be an object"),
        (f"{LINES}\n{{", "line 8: must be JSON"),
        (b"\xff", "must be UTF-8"),
    ],
    ids=range(6),
)
def test_what_is_no_fhir_is_refused(text: str | bytes, says: str) -> None:
    with pytest.raises(InvalidDocument, match=says):
        read_busy_slots(text, **DATES)


RELAPSES = """
name = "p"
title = "P"
visit_types = [
    { name = "v", stages = [{ name = "visit", length = "30 minutes", source = "local" }] },
]
phases = [
    { name = "dose", visit = "v", cadence = { at = ["day 1"] }, visits = 1, source = "local" },
]

[[other_visits]]
name = "relapse"
visit = "v"
cadence = { on_demand = "relapse" }
source = "local"

[[other_visits]]
name = "after it"
visit = "v"
cadence = { at = ["3 days"] }
anchor = "start of relapse"
source = "local"
"""


def test_day_1_is_told_where_as_many_visits_hang_on_another() -> None:
    """Else a reader would take the visit on demand for day 1."""
    found = read_plan_definition(write_plan_definition(read_protocol(RELAPSES)).text)
    assert found.day_one == "dose-1"
    anchors = [str(one.anchor) for one in found.protocol.other_visits if one.anchor is not None]
    assert anchors == ["start of relapse"]


def test_a_block_on_demand_is_written_without_a_date_and_noted() -> None:
    found = write_plan_definition(catalog.load("ketamine-crps-clinic"))
    [said] = [note for note in found.notes if "back-to-back" in str(note)]
    assert "on demand" in str(said)
