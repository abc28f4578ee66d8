"""A plan in another language: nothing of the English one is left in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import attrs
import pytest

from protocol_sched import catalog
from protocol_sched.model.availability import Clinic
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.plans import notice_text, plan_text
from protocol_sched.text.variant import heading_text
from test_catalog_disrupted import middle, planned
from test_catalog_plans import PLANS, example_clinic, example_person

TEXTS = Path(__file__).parent / "texts"
FRENCH = "date dates mars mar plan six est edt on car son or cycle long possible"
"""What is written the same in French; names of files in it are the same as well."""
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
    "fr": set(FRENCH.split()),
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


@pytest.mark.parametrize("code", OTHERS)
def test_the_whole_plan_of_the_example_reads_as_a_person_would_write_it(code: str) -> None:
    plan, protocol, clinic = plan_of("ketamine-migraine", away=False)
    text = plan_text(plan, clinic, protocol, language=code)
    assert text == (TEXTS / f"plan.{code}.txt").read_text(encoding="utf-8")


SHORT_NOTICE = {
    "de": """\
Infusion 1 beginnt in 1 Stunde; die Anweisung für die Zeit davor ist: 6 Stunden verzichten auf feste
  Nahrung und 2 Stunden verzichten auf klare Flüssigkeiten.
Die Heimfahrt nach infusion 1 musste bis Di 2. März 2027 um 09:00 Uhr zugesagt sein.
""",
    "fr": """\
Infusion 1 commence dans 1 heure ; la consigne avant cela est : pas d'aliments solides pendant 6
  heures et pas de liquides clairs pendant 2 heures.
Le retour après infusion 1 devait être confirmé au plus tard le mar. 2 mars 2027 à 9 h.
""",
}


@pytest.mark.parametrize("code", OTHERS)
def test_short_notice_is_said_in_that_language(code: str) -> None:
    plan, protocol, _ = plan_of("ketamine-migraine", away=False)
    assert plan.schedule is not None
    second = attrs.evolve(plan.schedule, visits=plan.schedule.visits[1:2])
    near = second.visits[0].start - timedelta(hours=1)
    assert notice_text(second, protocol, near, language=code) == SHORT_NOTICE[code]
    over = notice_text(second, protocol, near + timedelta(hours=2), language=code)
    assert over == OVER[code]


OVER = {
    "de": "Infusion 1 hätte am Mi 3. März 2027 um 09:00 Uhr begonnen; das ist vorbei.\n",
    "fr": "Infusion 1 aurait commencé le mer. 3 mars 2027 à 9 h, c'est passé.\n",
}


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("name", NAMES)
def test_the_wording_of_a_protocol_is_named_in_that_language(code: str, name: str) -> None:
    protocol = catalog.load(name)
    english, other = heading_text(protocol), heading_text(protocol, language=code)
    english, other = (text.partition(f"{protocol.title}\n")[2] for text in (english, other))
    assert english.count("; ") == other.count("; ")
    assert not re.search(r"\b(country|for|version|valid)\b", other)
