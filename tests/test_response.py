"""The response decides: severity, response and duration of benefit, band by band."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from protocol_sched import catalog, read_course
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.course import (
    Answered,
    Course,
    Event,
    Given,
    Missed,
    Omitted,
    Reviewed,
)
from protocol_sched.model.responses import Adaptation, Stop
from protocols import every, phase, protocol

PROTOCOL = catalog.load("ketamine-migraine-response")
START = date(2027, 3, 1)
BOOSTERS = tuple(one.name for one in PROTOCOL.phases[1:])


def on(days: int) -> date:
    return START + timedelta(days=days)


def reviewed(days: int, **scores: float) -> Reviewed:
    names = {"hit": "HIT-6", "mhd": "monthly headache days", "midas": "MIDAS"}
    names["weeks"] = "weeks of benefit"
    return Reviewed(on=on(days), scores=[(names[key], value) for key, value in scores.items()])


def seen(*events: Event, days: int) -> Agenda:
    return expand(Course(key="c", protocol=PROTOCOL, not_before=START, events=events), on(days))


def infusions(count: int, first: int = 1) -> list[Event]:
    visits = [Given(visit=f"induction-{n + 1}", on=on(first + 3 * n)) for n in range(count)]
    return [Given(visit="evaluation", on=on(0)), *visits]


BASE = reviewed(-3, hit=64, mhd=20, midas=40)
SIX = (BASE, *infusions(6))
"""Given on days 1, 4, 7, 10, 13 and 16."""


MORE = (Given(visit="induction-7", on=on(32)), Given(visit="induction-8", on=on(35)))


def firm(agenda: Agenda) -> list[str]:
    return [due.id for due in agenda.dues if not due.tentative]


def asked(agenda: Agenda) -> list[str]:
    return [one.asks for one in agenda.questions if one.id.startswith(("review", "again"))]


# --- severity sets the initial frequency -------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "apart"),
    [
        (36, "7 days after infusion 1"),
        (55, "7 days after infusion 1"),
        (56, "3 to 4 days after infusion 1"),
        (59, "3 to 4 days after infusion 1"),
        (60, "2 to 3 days after infusion 1"),
        (78, "2 to 3 days after infusion 1"),
    ],
)
def test_severity_sets_the_initial_frequency(score: float, apart: str) -> None:
    agenda = seen(reviewed(-3, hit=score, mhd=20, midas=40), days=-2)
    target = agenda.due("induction-2").target
    assert target is not None
    assert target.rule == apart
    assert firm(agenda)[:3] == ["evaluation", "induction-1", "induction-2"]


def test_without_a_severity_only_the_evaluation_is_planned_and_the_score_asked_for() -> None:
    agenda = seen(days=-2)
    assert firm(agenda) == ["evaluation"]
    assert asked(agenda)[:2] == [
        "What is HIT-6 before induction?",
        "What is monthly headache days before induction?",
    ]
    assert firm(seen(reviewed(-3, hit=64), days=-2)) == ["evaluation"]


# --- the response decides what follows ---------------------------------------------------------


@pytest.mark.parametrize(
    ("headache_days", "follows"),
    [
        (0, ["boosters-2-weeks-1"]),
        (10, ["boosters-2-weeks-1"]),
        (10.01, ["induction-7", "induction-8"]),
        (14, ["induction-7", "induction-8"]),
        (14.01, []),
        (20, []),
        (25, []),
    ],
)
def test_responders_taper_partial_responders_extend_and_others_stop(
    headache_days: float, follows: list[str]
) -> None:
    review: list[Event] = [
        Given(visit="response-review", on=on(30)),
        reviewed(30, mhd=headache_days, weeks=2),
    ]
    agenda = seen(*SIX, *review, days=30)
    treatments = [visit for visit in firm(agenda) if not visit.endswith("review")]
    assert treatments == follows
    stops = "monthly headache days fell by less than 30 percent"
    assert agenda.ended == ("" if follows else stops)


def test_the_review_is_two_weeks_after_the_sixth_infusion_and_nothing_follows_before_it() -> None:
    agenda = seen(*SIX, days=17)
    assert firm(agenda) == ["response-review"]
    target = agenda.due("response-review").target
    assert target is not None
    assert target.day == on(30)
    assert asked(agenda) == [
        "What is monthly headache days after induction?",
        "What is weeks of benefit before boosters-2-weeks?",
    ]


def test_an_extended_induction_is_reviewed_again_and_then_tapers() -> None:
    partial = reviewed(30, mhd=13)
    agenda = seen(*SIX, partial, *MORE, days=35)
    assert "extension-review" in firm(agenda)
    done = reviewed(49, mhd=9, weeks=5)
    assert firm(seen(*SIX, partial, *MORE, done, days=49))[-1] == "boosters-4-weeks-1"


def test_a_second_partial_response_is_a_question_and_nothing_is_planned_on_a_guess() -> None:
    events: list[Event] = [*SIX, reviewed(30, mhd=13), *MORE, reviewed(49, mhd=12, weeks=5)]
    agenda = seen(*events, days=49)
    assert not [visit for visit in firm(agenda) if visit.startswith(("induction", "booster"))]
    assert asked(agenda) == [
        "monthly headache days was 12 on 2027-04-19, and 'partial-responder' has already acted on "
        "that; does the course go on, or is it discontinued?"
    ]
    go_on = Answered(question="again-partial-responder-2027-04-19", answer="go on", on=on(49))
    assert "boosters-4-weeks-1" in firm(seen(*events, go_on, days=49))


# --- boosters follow the duration of benefit ---------------------------------------------------


@pytest.mark.parametrize(
    ("weeks", "phase", "apart"),
    [
        (0, "boosters-2-weeks", 14),
        (3.9, "boosters-2-weeks", 14),
        (4, "boosters-4-weeks", 28),
        (7.9, "boosters-4-weeks", 28),
        (8, "boosters-8-weeks", 56),
        (30, "boosters-8-weeks", 56),
    ],
)
def test_the_interval_of_boosters_follows_the_duration_of_benefit(
    weeks: float, phase: str, apart: int
) -> None:
    agenda = seen(*SIX, reviewed(30, mhd=8, weeks=weeks), days=30)
    due = agenda.due(f"{phase}-1")
    assert due.target is not None
    assert due.target.day == max(on(16 + apart), on(30))
    assert not due.tentative


def test_nobody_is_asked_whether_boosters_have_ended_as_the_response_decides_it() -> None:
    agenda = seen(*SIX, reviewed(30, mhd=8, weeks=5), days=30)
    assert [question.id for question in agenda.questions] == ["unspecified-1", "unspecified-2"]


def test_a_later_review_changes_the_interval_either_way() -> None:
    first: list[Event] = [
        *SIX,
        reviewed(30, mhd=8, weeks=5),
        Given(visit="boosters-4-weeks-1", on=on(44)),
    ]
    longer = seen(*first, reviewed(60, weeks=9), days=60).due("boosters-8-weeks-1").target
    assert longer is not None
    assert longer.day == on(44 + 56)
    shorter = seen(*first, reviewed(50, weeks=2), days=50).due("boosters-2-weeks-1").target
    assert shorter is not None
    assert shorter.day == on(44 + 14)


# --- worse after a missed booster --------------------------------------------------------------

FOUR_WEEKLY = (*SIX, reviewed(30, mhd=8, midas=20, weeks=5))


@pytest.mark.parametrize("act", [Missed, Omitted])
@pytest.mark.parametrize(
    ("midas", "stepped"), [(20, False), (24, False), (25, True), (40, True), (5, False)]
)
def test_worse_after_a_missed_booster_steps_back_one_cadence(
    act: type[Missed | Omitted], midas: float, stepped: bool
) -> None:
    missed = act(visit="boosters-4-weeks-1", on=on(44))
    agenda = seen(*FOUR_WEEKLY, missed, reviewed(50, midas=midas), days=50)
    (due,) = [due for due in agenda.dues if due.phase in BOOSTERS]
    assert due.phase == ("boosters-2-weeks" if stepped else "boosters-4-weeks")


def test_worse_without_a_missed_booster_does_not_step_back() -> None:
    agenda = seen(*FOUR_WEEKLY, reviewed(40, midas=40), days=40)
    assert "boosters-4-weeks-1" in firm(agenda)


def test_after_a_missed_booster_the_score_is_asked_for() -> None:
    agenda = seen(*FOUR_WEEKLY, Missed(visit="boosters-4-weeks-1", on=on(44)), days=45)
    assert asked(agenda) == [
        "What is MIDAS now that boosters-4-weeks-1 of 2027-04-14 did not take place?"
    ]
    assert "boosters-4-weeks-1" in firm(agenda)


# --- the bands themselves ----------------------------------------------------------------------


@drawn(value=st.floats(-100, 100))
@pytest.mark.parametrize("measure", ["HIT-6", "monthly headache days", "weeks of benefit"])
def test_every_value_lies_in_one_band(measure: str, value: float) -> None:
    bands = [one for one in PROTOCOL.adaptations if one.measure == measure]
    assert sum(one.band.holds(value) for one in bands) == 1


def test_every_band_can_be_reached() -> None:
    tested: Mapping[str, float] = {
        "severe": 60,
        "substantial": 56,
        "some-or-little": 55,
        "responder": 50,
        "partial-responder": 30,
        "non-responder": 29,
        "benefit-under-4-weeks": 3,
        "benefit-4-weeks-or-more": 4,
        "benefit-8-weeks-or-more": 8,
        "worse-after-a-missed-booster": 5,
    }
    assert {
        one.name: one.band.holds(tested[one.name]) for one in PROTOCOL.adaptations
    } == dict.fromkeys(tested, True)


def test_a_fall_from_zero_is_no_percentage_and_so_is_asked_for() -> None:
    zero = [reviewed(-3, hit=64, mhd=0, midas=0), *infusions(6), reviewed(30, mhd=0, weeks=9)]
    assert (
        "What was monthly headache days before the course, above zero? "
        "Its value after induction is compared with it."
    ) in asked(seen(*zero, days=30))


def test_an_adaptation_reads_before_or_after_a_phase_and_acts_once_or_more() -> None:
    run = phase("load", every("7 days"), "2")
    with pytest.raises(InvalidValue, match="left out where after is given"):
        Adaptation(
            name="x", measure="m", after="load", before="load", then=Stop(stop="x"), source="local"
        )
    with pytest.raises(InvalidValue, match="times must be 1 or more"):
        Adaptation(name="x", measure="m", times=0, then=Stop(stop="x"), source="local")
    wrong = Adaptation(
        name="x", measure="m", during=["a"], missed=["b"], then=Stop(stop="x"), source="local"
    )
    with pytest.raises(InvalidDocument) as refused:
        protocol(run, adaptations=[wrong])
    assert [str(fault) for fault in refused.value.faults] == [
        "adaptations[0].during[0]: names 'a'; known: load",
        "adaptations[0].missed[0]: names 'b'; known: load",
    ]


def test_the_example_course_is_planned_at_the_frequency_its_score_asks_for() -> None:
    text = (Path(__file__).parents[1] / "examples" / "response-course.toml").read_text()
    agenda = expand(read_course(text, catalog.load), date(2027, 2, 20))
    assert firm(agenda)[:2] == ["evaluation", "induction-1"]
