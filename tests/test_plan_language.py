"""A plan in another language: nothing of the English one is left in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from protocol_sched import catalog
from protocol_sched.model.availability import Clinic
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.plans import plan_text
from test_catalog_disrupted import middle, planned
from test_catalog_plans import PLANS, example_clinic, example_person

OTHERS = [code for code in LANGUAGES if code != "en"]
NAMES = (
    "ketamine-migraine",
    "paliperidone-monthly",
    "iron-sucrose-peritoneal",
    "belatacept-transplant",
    "docetaxel-3-weeks",
    "esketamine-depression",
    "infliximab",
    "natalizumab",
    "alemtuzumab",
    "folfox-6",
    "bcg-bladder",
    "dhe-five-days",
)
ALIKE = {
    "de": {
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "nov",
        "plan",
        "infusion",
        "in",
        "so",
        "an",
        "am",
        "est",
        "edt",
        "fr",
        "mo",
        "sa",
        "april",
    }
    | {"august", "september", "november", "was", "also", "will"},
}
"""What is written the same in both languages."""


@cache
def plan_of(name: str, *, away: bool) -> tuple[Plan, Protocol, Clinic]:
    where = next(where for file, where, _ in PLANS if file == name)
    plan = planned(name, away=middle(name) if away else None)
    return plan, catalog.load(name), example_clinic(where[0])


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-zà-ÿ]{2,}", text.lower()))


def own_names(plan: Plan, protocol: Protocol, clinic: Clinic, person: str) -> Iterator[str]:
    """Yield what files call things, which stays as it is in each language."""
    agenda = plan.agenda
    yield from (due.title for due in agenda.dues)
    yield from (past.title for past in agenda.past)
    yield from (f"{one.asks} {' '.join(one.choices)}" for one in agenda.questions)
    yield from (late.follows for late in agenda.late)
    yield from (gate.name for gate in protocol.gates)
    yield from (closure.why for closure in clinic.closures)
    for kind in protocol.visit_types:
        yield from (f"{stage.name} {stage.until or ''}" for stage in kind.stages)
        yield from (need for stage in kind.stages for need, _ in stage.needs)
        yield from (one.name for one in kind.co_medications)
        yield from (one.what for stage in kind.stages for one in stage.checks)
        yield from (one.what for one in kind.fasting)
        yield from (one.name for one in (*kind.preparation, *kind.cleaning))
    someone = example_person(person)
    yield from (escort.name for escort in someone.escorts)
    yield from (one.what for one in someone.commitments)
    yield " ".join((clinic.name, clinic.zone.key, agenda.ended, someone.name, "away"))


@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("code", OTHERS)
def test_no_word_of_the_english_plan_is_left(code: str, name: str, away: bool) -> None:
    plan, protocol, clinic = plan_of(name, away=away)
    person = next(where[1] for file, where, _ in PLANS if file == name)
    given = (plan, clinic, protocol, example_person(person))
    english, other = plan_text(*given), plan_text(*given, language=code)
    named = words_of(" ".join(own_names(plan, protocol, clinic, person)))
    left = (words_of(english) & words_of(other)) - named - ALIKE[code]
    assert left == set(), other
    assert len(other.splitlines()) > 3
