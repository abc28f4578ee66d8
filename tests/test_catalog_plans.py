"""Catalog files as files: what each must say, and that an example clinic can place its visits."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from catalog_dates import BEFORE, START, course_through, on
from protocol_sched import catalog
from protocol_sched.formats.documents.documents import read_clinic, read_person
from protocol_sched.judge.checker import violations
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Event, Happened, Requested, Reviewed
from protocol_sched.planning.course import plan_course

EXAMPLES = Path(__file__).parents[1] / "examples"


def example_clinic(name: str) -> Clinic:
    return read_clinic((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"))


def example_person(name: str) -> Person:
    return read_person((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"))


# --- every file ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", catalog.names())
def test_a_file_bears_its_name_and_says_that_a_clinician_confirms_it(name: str) -> None:
    protocol = catalog.load(name)
    assert protocol.name == name
    assert protocol.note == "Schedule only. A clinician must confirm it before use."


@pytest.mark.parametrize("name", catalog.names())
def test_every_source_of_a_file_is_cited_in_it(name: str) -> None:
    rules, _, sources = catalog.text(name).partition("[sources.")
    keys = re.findall(r"^\[?(?:sources\.)?(\w+)\]$", "[sources." + sources, re.MULTILINE)
    assert sorted(keys) == sorted(key for key, _ in catalog.load(name).sources)
    assert [key for key in keys if not re.search(rf"\b{key}\b", rules)] == []


@pytest.mark.parametrize("name", catalog.names())
def test_every_line_of_a_file_fits_on_a_page(name: str) -> None:
    lines = catalog.text(name).splitlines()
    assert [one for one in lines if len(one) > 100 and not one.startswith("address = ")] == []


@pytest.mark.parametrize("name", catalog.names())
def test_what_is_from_memory_is_marked_as_unverified(name: str) -> None:
    tables = re.split(r"\n(?=\[)", catalog.text(name))
    from_memory = [
        one for one in tables if re.search(r'^source = ".*\bmemory\b', one, re.MULTILINE)
    ]
    assert [one for one in from_memory if "unverified = [" not in one] == []


# --- plans -----------------------------------------------------------------------------------

ORDINARY = ("clinic", "person")
"""Open on weekdays; a person with commitments and two escorts."""
BUSY = ("clinic", "person-any-day")
"""The same clinic; a person who is free on any day, and so is their escort."""
WARD = ("inpatient-clinic", "person-any-day")
"""Open day and night."""

PLANS: list[tuple[str, tuple[str, str], int]] = [
    ("abatacept", ORDINARY, 120),
    ("alemtuzumab", WARD, 400),
    ("anifrolumab", ORDINARY, 60),
    ("aripiprazole-monthly", ORDINARY, 20),
    ("bcg-bladder", BUSY, 1130),
    ("belatacept-transplant", WARD, 130),
    ("belimumab", ORDINARY, 120),
    ("benralizumab", ORDINARY, 120),
    ("bortezomib-21-days", BUSY, 190),
    ("bortezomib-35-days", ORDINARY, 40),
    ("bortezomib-vmp", BUSY, 390),
    ("brexanolone-depression", WARD, 20),
    ("buprenorphine-monthly", ORDINARY, 20),
    ("cabotegravir-2-monthly", ORDINARY, 120),
    ("cabotegravir-monthly", ORDINARY, 20),
    ("cabotegravir-prevention", ORDINARY, 120),
    ("carboplatin-paclitaxel", ORDINARY, 60),
    ("crizanlizumab", ORDINARY, 60),
    ("cyclophosphamide-lupus", ORDINARY, 100),
    ("daratumumab", BUSY, 180),
    ("denosumab-osteoporosis", ORDINARY, 20),
    ("dhe-five-days", WARD, 8),
    ("dhe-repetitive", WARD, 8),
    ("docetaxel-3-weeks", ORDINARY, 20),
    ("donanemab", ORDINARY, 20),
    ("donanemab-trial", ORDINARY, 20),
    ("doxorubicin-cyclophosphamide-dose-dense", BUSY, 130),
    ("eculizumab-eu", ORDINARY, 50),
    ("eculizumab-us", ORDINARY, 50),
    ("efgartigimod", ORDINARY, 40),
    ("efgartigimod-2022", ORDINARY, 40),
    ("efgartigimod-eu", ORDINARY, 40),
    ("eptinezumab-12-weeks", ORDINARY, 200),
    ("eptinezumab-3-months", ORDINARY, 120),
    ("esketamine-depression", ORDINARY, 90),
    ("esketamine-suicidality", ORDINARY, 40),
    ("ferric-carboxymaltose", ORDINARY, 30),
    ("ferric-carboxymaltose-heart-failure", ORDINARY, 280),
    ("ferric-derisomaltose", ORDINARY, 20),
    ("ferumoxytol", ORDINARY, 60),
    ("folfox-6", BUSY, 190),
    ("golimumab", ORDINARY, 120),
    ("guselkumab-colitis-4-weeks", ORDINARY, 130),
    ("guselkumab-colitis-8-weeks", ORDINARY, 130),
    ("immunoglobulin-cidp", ORDINARY, 60),
    ("immunoglobulin-immunodeficiency", ORDINARY, 60),
    ("inclisiran", ORDINARY, 300),
    ("inebilizumab", ORDINARY, 210),
    ("infliximab", ORDINARY, 120),
    ("infliximab-ankylosing", ORDINARY, 120),
    ("infliximab-eu", ORDINARY, 120),
    ("iron-sucrose-haemodialysis", BUSY, 40),
    ("iron-sucrose-kidney", BUSY, 20),
    ("iron-sucrose-peritoneal", ORDINARY, 50),
    ("ketamine-boosters", ORDINARY, 20),
    ("ketamine-crps-clinic", BUSY, 40),
    ("ketamine-crps-inpatient-goldberg", WARD, 200),
    ("ketamine-crps-inpatient-sigtermans", WARD, 100),
    ("ketamine-crps-outpatient", BUSY, 150),
    ("ketamine-depression", ORDINARY, 60),
    ("ketamine-depression-thrice-weekly", BUSY, 60),
    ("ketamine-depression-twice-weekly", ORDINARY, 220),
    ("ketamine-headache-inpatient-lauritsen", WARD, 120),
    ("ketamine-headache-inpatient-pomeroy", WARD, 30),
    ("ketamine-headache-inpatient-schwenk", WARD, 110),
    ("ketamine-induction", ORDINARY, 60),
    ("ketamine-migraine", ORDINARY, 60),
    ("ketamine-migraine-response", ORDINARY, 60),
    ("ketamine-pain-consensus", ORDINARY, 60),
    ("lecanemab", ORDINARY, 210),
    ("lecanemab-before-2025-08", ORDINARY, 210),
    ("lutetium-dotatate", ORDINARY, 190),
    ("methylprednisolone-relapse", BUSY, 20),
    ("migraine-infusion-days", ORDINARY, 90),
    ("mirikizumab-colitis", ORDINARY, 120),
    ("mirikizumab-crohn", ORDINARY, 120),
    ("natalizumab", ORDINARY, 210),
    ("natalizumab-crohn", ORDINARY, 210),
    ("nivolumab-2-weeks", ORDINARY, 20),
    ("nivolumab-4-weeks", ORDINARY, 20),
    ("nusinersen", ORDINARY, 210),
    ("ocrelizumab-injection", ORDINARY, 20),
    ("nusinersen-eu", ORDINARY, 210),
    ("nusinersen-older-label", ORDINARY, 210),
    ("nusinersen-two-loading", ORDINARY, 150),
    ("ocrelizumab-months", ORDINARY, 210),
    ("ocrelizumab-weeks", ORDINARY, 190),
    ("omalizumab-2-weeks", ORDINARY, 30),
    ("omalizumab-4-weeks", ORDINARY, 40),
    ("onabotulinumtoxina-migraine", ORDINARY, 20),
    ("paclitaxel-weekly", ORDINARY, 20),
    ("paclitaxel-weekly-3-of-4", ORDINARY, 40),
    ("paliperidone-monthly", ORDINARY, 60),
    ("patisiran", ORDINARY, 20),
    ("pegloticase", ORDINARY, 30),
    ("pembrolizumab-3-weeks", ORDINARY, 20),
    ("pembrolizumab-6-weeks", ORDINARY, 20),
    ("pertuzumab-trastuzumab", ORDINARY, 380),
    ("pertuzumab-trastuzumab-injection", ORDINARY, 380),
    ("ravulizumab", ORDINARY, 40),
    ("ravulizumab-from-eculizumab", ORDINARY, 50),
    ("reslizumab", ORDINARY, 20),
    ("risankizumab-crohn", ORDINARY, 120),
    ("rituximab-chop", BUSY, 150),
    ("rituximab-arthritis", ORDINARY, 60),
    ("rituximab-lymphoma-blocks", ORDINARY, 580),
    ("rituximab-lymphoma-maintenance", ORDINARY, 640),
    ("rituximab-lymphoma-weekly", ORDINARY, 60),
    ("rozanolixizumab-eu", ORDINARY, 50),
    ("rozanolixizumab-us", ORDINARY, 50),
    ("rtms-depression", ORDINARY, 80),
    ("teplizumab", WARD, 30),
    ("teprotumumab", ORDINARY, 180),
    ("tocilizumab", ORDINARY, 270),
    ("trastuzumab-eu", ORDINARY, 1100),
    ("trastuzumab-eu-metastatic", ORDINARY, 20),
    ("trastuzumab-eu-weekly", ORDINARY, 20),
    ("trastuzumab-us-12-weeks", ORDINARY, 1100),
    ("trastuzumab-us-18-weeks", ORDINARY, 1100),
    ("ublituximab", ORDINARY, 190),
    ("ustekinumab", ORDINARY, 120),
    ("vedolizumab-colitis-eu", ORDINARY, 120),
    ("vedolizumab-crohn-eu", ORDINARY, 120),
    ("vedolizumab-us", ORDINARY, 120),
    ("zoledronate-yearly", ORDINARY, 20),
]
"""A protocol, where and for whom, and the day from the start by which all of it is placed."""

ASKED: dict[str, list[Event]] = {
    "belatacept-transplant": [Happened(event="transplant", on=START)],
    "iron-sucrose-haemodialysis": [
        Happened(event="dialysis", on=on(day)) for day in (0, 2, 4, 7, 9, 14, 16, 18, 21, 23)
    ],
    "ketamine-boosters": [Requested(phase="boosters", on=date(2027, 2, 19), wanted=START)],
    "ketamine-migraine-response": [
        Reviewed(on=date(2027, 2, 19), scores=[("HIT-6", 64), ("monthly headache days", 20)])
    ],
    "rituximab-lymphoma-maintenance": [Happened(event="end of chemotherapy", on=on(-56))],
    "ravulizumab-from-eculizumab": [Happened(event="next eculizumab date", on=on(9))],
}


def test_every_file_is_planned() -> None:
    assert sorted(name for name, _, _ in PLANS) == list(catalog.names())


@pytest.mark.parametrize(("name", "where", "days"), PLANS, ids=[row[0] for row in PLANS])
def test_a_course_can_be_planned_on_an_example_clinic(
    name: str, where: tuple[str, str], days: int
) -> None:
    clinic, person = example_clinic(where[0]), example_person(where[1])
    course = course_through(name, *ASKED.get(name, []))
    plan = plan_course(course, clinic, person, as_of=BEFORE, until=on(days))
    assert plan.conflicts == ()
    assert plan.schedule is not None
    assert [visit.id for visit in plan.schedule.visits] == [
        due.id for due in plan.agenda.dues if not due.tentative
    ]
    found = violations(plan.agenda, plan.schedule, clinic, person, course.protocol)
    assert [str(one) for one in found] == []
