"""Scores and the bands they fall in, or do not: what is asked and what is refused."""

from __future__ import annotations

import math
from typing import Any

import attrs
import pytest

from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.model.course import Given, Reviewed
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.responses import Adaptation, GoTo
from protocols import course, day, every, given, phase, protocol, seen


def banded(*adaptations: Adaptation) -> Protocol:
    """Return three weekly visits, after which a score of pain decides what follows."""
    return protocol(
        phase("weekly", every("1 week"), "3"),
        phase("often", every("3 days"), "6"),
        phase("taper", every("2 weeks"), "3"),
        adaptations=adaptations,
    )


def pain(name: str, then: str, **band: Any) -> Adaptation:
    action = GoTo(go_to=then)
    return Adaptation(
        name=name, measure="pain", after="weekly", then=action, source="local", **band
    )


def test_a_score_between_two_bands_is_asked_about_and_nothing_is_planned_on_a_guess() -> None:
    plan = banded(pain("poor", "often", at_least=6), pain("good", "taper", under=4))
    visits = given(weekly_1="2027-03-01", weekly_2="2027-03-08", weekly_3="2027-03-15")
    reviewed = Reviewed(on=day("2027-03-16"), scores={"pain": 5})
    agenda = seen(course(plan, *visits, reviewed), "2027-03-17")
    assert [due.id for due in agenda.dues if not due.tentative] == []
    assert [question.asks for question in agenda.questions] == [
        "pain was 5 on 2027-03-16, which no band of the protocol holds; what follows after weekly?"
    ]
    worse = attrs.evolve(reviewed, scores={"pain": 6})
    assert seen(course(plan, *visits, worse), "2027-03-17").dues[0].phase == "often"


def test_a_score_beyond_all_bands_changes_nothing() -> None:
    plan = banded(pain("good", "taper", under=4))
    visits = given(weekly_1="2027-03-01", weekly_2="2027-03-08", weekly_3="2027-03-15")
    reviewed = Reviewed(on=day("2027-03-16"), scores={"pain": 5})
    agenda = seen(course(plan, *visits, reviewed), "2027-03-17")
    assert agenda.dues[0].phase == "often"
    assert agenda.questions == ()


def test_two_bands_of_one_score_that_overlap_are_refused() -> None:
    with pytest.raises(InvalidDocument) as caught:
        banded(pain("poor", "often", at_least=6), pain("good", "taper", up_to=7))
    assert str(caught.value) == (
        "protocol 'test': 1 fault\n  adaptations[1]: its band of 'pain' overlaps that of "
        "adaptations[0], and only one can say what follows"
    )
    edges = banded(pain("poor", "often", at_least=6), pain("good", "taper", under=6))
    assert len(edges.adaptations) == 2


def test_a_measure_nobody_reads_is_asked_about_if_it_is_named_nearly_as_one_that_is_read() -> None:
    plan = banded(pain("poor", "often", at_least=6))
    scores = {"Pain": 8, "MIDAS": 3}
    agenda = seen(course(plan, Reviewed(on=day("2027-03-01"), scores=scores)), "2027-03-02")
    assert [question.asks for question in agenda.questions][1:] == [
        "'Pain' was recorded on 2027-03-01 but the protocol reads no such measure; is it 'pain'?"
    ]


@pytest.mark.parametrize("score", ["8", math.nan, None])
def test_a_score_that_is_no_number_is_refused(score: Any) -> None:
    with pytest.raises(InvalidValue, match="scores"):
        Reviewed(on=day("2027-03-01"), scores={"pain": score})


def test_an_event_is_on_a_date() -> None:
    with pytest.raises(InvalidValue, match="a date without a time"):
        Given(visit="weekly-1", on="2027-03-01")  # type: ignore[arg-type]
