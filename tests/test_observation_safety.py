"""Observations, recoveries and rides home say whether they are safety rules; none is relaxed."""

from __future__ import annotations

import re
from datetime import date

import attrs
import pytest

from protocol_sched import catalog
from protocol_sched.formats.documents.documents import protocol_to_dict, read_protocol, write_toml
from protocol_sched.model.availability import Escort, Hours, Person
from protocol_sched.model.before_and_after import RideHome
from protocol_sched.model.course import Course
from protocol_sched.model.relaxations import AnotherEscort, WithoutEscort
from protocol_sched.model.schedule import Proof
from protocol_sched.model.spans import elapsed_span, parse_range
from protocol_sched.model.stages import Check, Stage
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.review import review, review_text
from protocols import course, every, phase, protocol
from test_weekdays_of_a_person import WARD

SUNDAY = date(2026, 1, 4)


def escorted(*, safety: bool) -> Course:
    """Return an infusion with a monitored recovery and a ride home."""
    plan = protocol(phase("run", every("1 day"), "1"))
    recovery = Stage(
        name="monitored recovery",
        length=parse_range("30 minutes"),
        checks=[
            Check(what="pulse", every=elapsed_span("10 minutes"), safety=safety, source="local")
        ],
        safety=safety,
        source="local",
    )
    kinds = [
        attrs.evolve(
            kind,
            stages=(*kind.stages, recovery),
            ride_home=RideHome(safety=safety, source="local"),
        )
        if kind.name == "infusion"
        else kind
        for kind in plan.visit_types
    ]
    return course(attrs.evolve(plan, visit_types=kinds), start="2026-01-05")


ONE_DAY = attrs.evolve(WARD, hours=Hours.of({}, {date(2026, 1, 5): [(480, 720)]}))
NOBODY_DRIVES = Person(
    key="p1", escorts=[Escort(name="Jo Park", available=Hours.of({"Sunday": "all day"}))]
)


@pytest.mark.parametrize("safety", [False, True])
def test_a_visit_without_an_escort_is_offered_only_where_the_ride_is_no_safety_rule(
    safety: bool,
) -> None:
    run = attrs.evolve(escorted(safety=safety), finish_by=date(2026, 1, 5))
    found = explain_course(run, ONE_DAY, NOBODY_DRIVES, as_of=SUNDAY, count=12)
    assert found.plan.proof is Proof.IMPOSSIBLE
    offered = [change for one in found.relaxations for change in one.changes]
    assert any(isinstance(change, WithoutEscort) for change in offered) is not safety
    assert any(isinstance(change, AnotherEscort) for change in offered)
    for language in ("en", "de"):
        text = " ".join(explanation_text(found, language=language).split())
        assert bool(re.search("waives the escort|Begleitung ärztlich erlassen", text)) is not safety


def test_the_sheet_to_sign_says_what_is_a_safety_rule() -> None:
    for safety in (True, False):
        lines = {line.about: line for line in review(escorted(safety=safety).protocol)}
        assert lines["ride home"].safety is safety
        assert lines["stage monitored recovery"].safety is (safety or None)
        assert lines["check pulse"].safety is (safety or None)
    assert "SAFETY RULE" in review_text(escorted(safety=True).protocol)


def test_files_keep_the_marks() -> None:
    plan = escorted(safety=True).protocol
    text = write_toml(protocol_to_dict(plan))
    assert text.count("safety = true") == 3
    assert read_protocol(text) == plan


@pytest.mark.parametrize("name", catalog.names())
def test_every_observation_of_the_catalog_is_a_safety_rule(name: str) -> None:
    for kind in catalog.load(name).visit_types:
        for stage in kind.stages:
            watched = re.search("observation|recovery", stage.name) is not None
            assert stage.safety is watched, stage.name
            assert all(check.safety for check in stage.checks)
