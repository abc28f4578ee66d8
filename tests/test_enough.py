"""Whether changing one rule of a conflict is enough, and that no sentence says otherwise."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from dropping import only, possible
from protocol_sched.model.availability import DatedHours
from protocol_sched.model.causes import Closed, CourseEnds, CourseStarts, HorizonEnds
from protocol_sched.model.conflict import Conflict, Reason, as_read
from protocol_sched.model.relaxations import EndsLater, Looser, OneMoreVisit, StartsSooner
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.languages import LANGUAGES
from test_explaining import explained, impossible_worlds, rules_in
from test_planning import examples
from worlds import World

AS_OF = date(2027, 2, 20)
MARKS = {"en": "[changing this is enough]", "de": "[genügt allein]", "fr": "[suffit]"}


def said(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


@pytest.mark.parametrize("language", MARKS)
def test_the_last_date_of_a_course_is_marked_where_a_later_one_makes_room(language: str) -> None:
    course, clinic, person = examples()
    course = attrs.evolve(course, finish_by=date(2027, 3, 24))
    found = explain_course(course, clinic, person, as_of=AS_OF, count=0)
    (conflict,) = found.plan.conflicts
    enough = {type(one.rule): one.enough for one in conflict.reasons}
    assert enough[CourseEnds] is True
    assert enough[CourseStarts] is True
    text = said(explanation_text(found, language=language))
    ends = {
        "en": "the course ends by Wed 24 March",
        "de": "spätestens am Mi 24. März",
        "fr": "au plus tard le mer. 24 mars",
    }
    assert f"{ends[language]} {MARKS[language]}" in text


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(world=impossible_worlds())
def test_an_end_of_the_dates_is_enough_where_a_world_without_it_has_room(world: World) -> None:
    plan = explained(world, count=0).plan
    for conflict in plan.conflicts:
        for reason in conflict.reasons:
            match reason.rule:
                case CourseStarts():
                    now = attrs.evolve(world, first=min(world.first, world.agenda.as_of))
                case CourseEnds() | HorizonEnds():
                    now = attrs.evolve(world, last=world.last + timedelta(days=366))
                case _:
                    continue
            kept = [rule for rule in rules_in(now) if rule != reason.rule]
            assert reason.enough is possible(only(now, kept, timedelta()))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(world=impossible_worlds())
def test_no_change_that_helps_alone_is_about_a_rule_said_not_to_be_enough(world: World) -> None:
    found = explained(world, count=3)
    plan = found.plan
    for relaxation in found.relaxations:
        if len(relaxation.changes) != 1:
            continue
        for reason in (one for conflict in plan.conflicts for one in conflict.reasons):
            match relaxation.changes[0], reason.rule:
                case (EndsLater(), CourseEnds()) | (StartsSooner(), CourseStarts()):
                    assert reason.enough is True
                case ((Looser(rule=rule) | OneMoreVisit(rule=rule)), other) if rule == other:
                    assert reason.enough is True


def sentences(*enough: bool | None, language: str = "en", more: bool = False) -> str:
    """Return what is said of the causes of a conflict."""
    return LANGUAGES[language].gives_way(enough, True, more)


def test_each_number_of_causes_has_a_true_sentence() -> None:
    assert sentences(True) == "change only this and it can be done"
    assert sentences(False) == "changing this alone is not enough"
    assert sentences(None) == ""
    assert sentences(True, True) == "change any one of these and it can be done"
    assert sentences(False, False) == (
        "these rules conflict, and changing any one of them alone is not enough"
    )
    assert sentences(False, False, more=True) == (
        "at least one of these rules has to change, and one from the next list as well"
    )
    assert sentences(True, False) == (
        "these rules conflict. Changing one of those marked is enough; changing any other alone "
        "is not"
    )
    # What is not known is neither said to be enough nor said not to be.
    assert sentences(True, None) == "these rules conflict. Changing one of those marked is enough"
    assert sentences(False, None) == "these rules conflict; at least one of them has to change"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_is_never_said_to_be_too_little(language: str) -> None:
    for enough in ((None,), (None, None), (False, None), (True, None)):
        text = sentences(*enough, language=language)
        assert not any(word in text for word in ("not enough", "genügt nicht", "Nur ", "only"))


def test_spacings_read_as_one_rule_are_enough_as_one() -> None:
    """Lifting one of five is not enough; lifting the line that a reader sees is."""
    course, clinic, person = examples()
    away = [DatedHours(first=date(2027, 3, day), last=date(2027, 3, day + 6)) for day in (4, 15)]
    person = attrs.evolve(person, away=[*person.away, *away])
    course = attrs.evolve(course, not_before=date(2027, 3, 1), finish_by=date(2027, 5, 28))
    plan = explain_course(course, clinic, person, as_of=AS_OF, count=0).plan
    for conflict in plan.conflicts:
        for line in as_read(conflict.reasons):
            assert len({one.enough for one in line}) == 1


def test_a_reason_nobody_judged_is_not_known() -> None:
    closed = Closed("the clinic", DatedHours(first=date(2027, 3, 4)))
    assert Reason(rule=closed).enough is None
    assert Conflict(visit="a", reasons=[Reason(rule=closed)]).reasons[0].enough is None
