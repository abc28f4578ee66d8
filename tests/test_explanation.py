"""Explanations as people read them: whole texts, in two languages, and no word too many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol_sched.formats.documents.documents import (
    explanation_to_dict,
    plan_from_dict,
    plan_to_dict,
)
from protocol_sched.model.availability import DatedHours, Hours
from protocol_sched.model.causes import Asked, PreferenceKept, Request
from protocol_sched.model.course import Given, Pinned
from protocol_sched.model.explanation import Explanation
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.planning.explain import explain_course, why_course
from protocol_sched.text.explanations import explanation_text, why_text
from protocol_sched.text.naming import Reader
from protocol_sched.text.privacy import Privacy, medical_words
from test_explaining import explained
from test_planning import examples
from worlds import World, worlds

AS_OF = date(2027, 2, 20)
NEW_YORK = ZoneInfo("America/New_York")
ALWAYS_FREE = examples()[2].available
TEXTS = Path(__file__).parent / "texts"


def on(day: int, month: int = 3, *, visit: str = "induction-3", at: int | None = None) -> Request:
    """Return the request for a visit on a date."""
    when = date(2027, month, day)
    return Request(visit=visit, first=when, last=when, earliest=at, latest=at)


@cache
def explanation(name: str) -> Explanation:
    """Return the explanation of a named case."""
    course, clinic, person = examples()
    asked: Sequence[Asked] = ()
    count = 1
    match name:
        case "a request on a closed day":
            asked = [on(11, at=600)]
        case "a request nobody can drive home from":
            asked = [on(10, at=960)]
        case "a request while driving is barred":
            asked = [on(9)]
        case "a request that costs a day":
            asked = [Request(never=date(2027, 3, 10))]
        case "preferences made hard":
            preferences = attrs.evolve(person.preferences, weekdays=["Monday", "Tuesday"])
            asked = [PreferenceKept("Maya Lindqvist", "weekdays", preferences)]
            person = attrs.evolve(person, preferences=preferences)
            count = 0
        case "no escort":
            person = attrs.evolve(person, escorts=())
            count = 0
        case "too short a course":
            course = attrs.evolve(course, finish_by=date(2027, 3, 24))
            count = 2
        case "a fixed visit on a closed day":
            pin = datetime(2027, 3, 11, 9, tzinfo=NEW_YORK)
            course = course.after([Pinned(visit="induction-3", start=pin, on=AS_OF)])
        case "two conflicts":
            pin = datetime(2027, 3, 11, 9, tzinfo=NEW_YORK)
            course = course.after([Pinned(visit="induction-3", start=pin, on=AS_OF)])
            late = datetime(2027, 3, 26, 9, tzinfo=NEW_YORK)
            course = course.after([Pinned(visit="response-review", start=late, on=AS_OF)])
        case _:
            away = DatedHours(first=date(2027, 3, 4), last=date(2027, 3, 10), why="a trip")
            person = attrs.evolve(person, away=[*person.away, away])
            given_on = date(2027, 3, 3)
            events = [Given(visit="evaluation", on=date(2027, 3, 1))]
            course = course.after([*events, Given(visit="induction-1", on=given_on)])
            return explain_course(course, clinic, person, as_of=date(2027, 3, 4), count=2)
    return explain_course(course, clinic, person, as_of=AS_OF, asked=asked, count=count)


CASES = (
    ("a request on a closed day", Reader.SCHEDULER, "en"),
    ("a request nobody can drive home from", Reader.PATIENT, "en"),
    ("a request while driving is barred", Reader.PATIENT, "de"),
    ("a request that costs a day", Reader.SCHEDULER, "en"),
    ("a request that costs a day", Reader.PATIENT, "en"),
    ("preferences made hard", Reader.SCHEDULER, "en"),
    ("no escort", Reader.PATIENT, "en"),
    ("too short a course", Reader.SCHEDULER, "de"),
    ("a fixed visit on a closed day", Reader.PATIENT, "en"),
    ("two conflicts", Reader.SCHEDULER, "en"),
    ("away after the first infusion", Reader.PATIENT, "en"),
)


def file_of(name: str, reader: Reader, language: str) -> Path:
    """Return where the text of a case is kept."""
    return TEXTS / f"{name.replace(' ', '-')}.{reader.value}.{language}.txt"


@pytest.mark.parametrize(("name", "reader", "language"), CASES)
def test_an_explanation_is_said_in_these_words(name: str, reader: Reader, language: str) -> None:
    text = explanation_text(explanation(name), reader, language=language)
    assert text == file_of(name, reader, language).read_text("utf-8")
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("reader", Reader)
def test_why_is_said_in_these_words(reader: Reader) -> None:
    course, clinic, person = examples()
    visits = ["induction-6", "response-review"]
    plan, whys = why_course(course, clinic, person, as_of=AS_OF, visits=visits)
    text = why_text(plan, whys, reader)
    assert text == file_of("why two visits", reader, "en").read_text("utf-8")


@settings(max_examples=6, deadline=None)
@given(
    world=worlds(),
    privacy=st.sampled_from([Privacy.MINIMAL, Privacy.NEUTRAL]),
    reader=st.sampled_from(Reader),
    language=st.sampled_from(["en", "de"]),
)
def test_no_medical_word_is_written_below_the_full_level(
    world: World, privacy: Privacy, reader: Reader, language: str
) -> None:
    found = explained(world, count=1)
    text = explanation_text(found, reader, language=language, privacy=privacy)
    assert medical_words(text, places=privacy is Privacy.MINIMAL) == ()


@pytest.mark.parametrize("privacy", [Privacy.MINIMAL, Privacy.NEUTRAL])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("reader", Reader)
@pytest.mark.parametrize("name", dict.fromkeys(name for name, _, _ in CASES))
def test_the_examples_write_no_medical_word_below_the_full_level(
    name: str, reader: Reader, language: str, privacy: Privacy
) -> None:
    text = explanation_text(explanation(name), reader, language=language, privacy=privacy)
    assert medical_words(text, places=privacy is Privacy.MINIMAL) == ()
    if privacy is Privacy.MINIMAL:
        assert not any(who in text for who in ("Maya", "Lindqvist", "Priya", "Tomas"))


@settings(max_examples=5, deadline=None)
@given(world=worlds())
def test_a_plan_with_its_conflicts_comes_back_from_json(world: World) -> None:
    found = explained(world, count=1)
    assert plan_from_dict(plan_to_dict(found.plan)) == found.plan
    written = explanation_to_dict(found)
    assert len(written.get("relaxations", ())) == len(found.relaxations)


def answered(*asked: Asked, free: Hours = ALWAYS_FREE) -> str:
    """Return what is said to requests in the example."""
    course, clinic, person = examples()
    person = attrs.evolve(person, available=free)
    found = explain_course(course, clinic, person, as_of=AS_OF, asked=asked, count=0)
    return explanation_text(found)


def test_all_that_closes_the_date_of_a_request_is_named() -> None:
    sunday = on(7, visit="induction-2")
    free = Hours.of({"Monday": "08:00-17:00", "Wednesday": "08:00-17:00"})
    assert answered(sunday, free=free) == (
        "Not possible: infusion 2 on Sun 7 March, because:\n"
        "  - Maya Lindqvist is not free on Sun 7 March\n"
        "  - Harbour Street Infusion Clinic is closed on Sun 7 March\n"
        "Each of these blocks it alone; all of them have to change.\n"
        "There is a second obstacle for infusion 2:\n"
        "  - Tomas Lindqvist cannot drive on Sun 7 March\n"
        "  - Priya Nair cannot drive on Sun 7 March\n"
        "These rules conflict, and changing any one of them alone is not enough.\n"
        "The nearest possible date of infusion 2: Wed 24 March 2027 at 09:00.\n"
    )


def test_a_request_that_holds_already_changes_nothing() -> None:
    lines = answered(on(8)).splitlines()
    assert lines[1] == "Nothing changes: the best plan already has these dates."
    assert not any("price" in line for line in lines)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Even without this request no plan is possible.\n"),
        ("de", "Auch ohne diesen Wunsch ist kein Plan möglich.\n"),
    ],
)
def test_a_request_where_nothing_fits_anyway_says_that_first(language: str, says: str) -> None:
    course, clinic, person = examples()
    shut = attrs.evolve(course, finish_by=date(2027, 3, 5))
    request = Request(visit="induction-2", first=date(2027, 3, 4), last=date(2027, 3, 4))
    found = explain_course(shut, clinic, person, as_of=date(2027, 2, 20), asked=[request], count=0)
    assert explanation_text(found, Reader.SCHEDULER, language=language).startswith(says)


def test_an_earlier_end_is_no_cost() -> None:
    possible = explanation("a request that costs a day")
    objective = possible.plan.objective
    assert objective is not None
    assert objective.finish is not None
    late = attrs.evolve(objective, deviation=0, finish=objective.finish + timedelta(days=7))
    without = attrs.evolve(possible.without or possible.plan, objective=late)
    text = explanation_text(attrs.evolve(possible, without=without))
    assert (
        "The price: 1 more day off target (infusion 4); the last visit would be 7 days earlier."
    ) in text
    assert "more preference" not in text


def test_a_patient_is_not_told_how_far_the_search_went() -> None:
    unproved = attrs.evolve(explanation("a fixed visit on a closed day"), cheapest=False)
    assert explanation_text(unproved, Reader.PATIENT).splitlines()[-2].startswith("     ")
    last = explanation_text(unproved).splitlines()[-1]
    assert last == "There may be a smaller change that was not looked at."


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", dict.fromkeys(name for name, _, _ in CASES))
def test_dates_in_another_year_are_written_with_it(name: str, language: str) -> None:
    found = explanation(name)
    agenda = attrs.evolve(found.plan.agenda, as_of=date(2026, 12, 20))
    found = attrs.evolve(found, plan=attrs.evolve(found.plan, agenda=agenda))
    for line in " ".join(explanation_text(found, language=language).split()).split(" - "):
        # Of several dates in a row the last one says the year; a list of visits its first one.
        assert not re.search(r"(?:March|März)", line) or "2027" in line, line


def test_of_many_visits_the_first_and_the_last_are_listed() -> None:
    found = explanation("a fixed visit on a closed day")
    plan = found.relaxations[0].plan
    assert plan.schedule is not None
    visits = plan.schedule.visits
    next_year = date(2028, 1, 3) - visits[-1].day
    last = attrs.evolve(visits[-1], start=visits[-1].start + next_year)
    many = attrs.evolve(plan.schedule, visits=[*visits[:-1], *visits[-2:-1] * 4, last])
    plan = attrs.evolve(plan, schedule=many)
    text = explanation_text(Explanation(plan=plan))
    said = " ".join(text.split())
    assert said.count("infusion") == 7
    assert "11:00, ... and 3 more, response review Mon 3 January 2028 09:00." in said
    assert "2027," not in said


def test_a_request_outside_all_dates_is_told_why() -> None:
    past = Request(visit="induction-2", first=date(2025, 1, 1), last=date(2025, 1, 1))
    assert answered(past) == (
        "Not possible: infusion 2 on Wed 1 January 2025, because:\n"
        "  - planning begins on Sat 20 February 2027\n"
        "The nearest possible date of infusion 2: Fri 5 March 2027 at 09:00.\n"
    )
    far = Request(visit="induction-2", first=date(2045, 1, 1), last=date(2045, 1, 1))
    assert "\n  - planning ends on " in answered(far)


def test_requests_that_contradict_each_other_are_told_so() -> None:
    assert answered(on(5), on(8)) == (
        "Not possible together: infusion 3 on Fri 5 March and infusion 3 on Mon 8 March, because:\n"
        "  - infusion 3 is on Fri 5 March\n"
        "  - infusion 3 is on Mon 8 March\n"
        "These requests contradict each other.\n"
    )


@settings(max_examples=12, deadline=None)
@given(
    requests=st.lists(
        st.builds(
            lambda visit, day, long, at: Request(
                visit=visit, first=day, last=day + long, earliest=at, latest=at
            ),
            st.sampled_from(["induction-1", "induction-2"]),
            st.dates(date(2027, 2, 1), date(2027, 4, 30)),
            st.sampled_from([timedelta(), timedelta(), timedelta(days=3)]),
            st.sampled_from([None, None, 540, 607]),
        ),
        min_size=1,
        max_size=2,
    ),
    language=st.sampled_from(["en", "de"]),
)
def test_no_list_of_reasons_is_empty(requests: list[Request], language: str) -> None:
    course, clinic, person = examples()
    found = explain_course(course, clinic, person, as_of=AS_OF, asked=requests, count=0)
    lines = explanation_text(found, language=language).splitlines()
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        assert not line.endswith(":") or after.startswith("  - ")


def test_three_answers_are_three_sentences() -> None:
    possible = explanation("a request that costs a day")
    plan = Plan(proof=Proof.NOT_PROVED, agenda=possible.plan.agenda)
    not_found = explanation_text(Explanation(plan=plan))
    assert not_found == "The search limit was reached before a plan was found; there may be one.\n"
    assert possible.plan.objective is not None
    bound = attrs.evolve(possible.plan.objective, deviation=3, bound=1)
    found = attrs.evolve(possible.plan, proof=Proof.NOT_PROVED, objective=bound)
    last = explanation_text(Explanation(plan=found)).splitlines()[-1]
    assert last == (
        "Not proved best: the search limit was reached; no plan has fewer than 1 day off target."
    )
    best = explanation_text(Explanation(plan=possible.plan))
    assert best.splitlines()[-2].startswith("Proved best: fewest days off target")


if __name__ == "__main__":  # writes the texts anew, to be read before they are kept
    TEXTS.mkdir(exist_ok=True)
    for case, whom, code in CASES:
        said = explanation_text(explanation(case), whom, language=code)
        file_of(case, whom, code).write_text(said, "utf-8")
    for whom in Reader:
        made = why_course(*examples(), as_of=AS_OF, visits=["induction-6", "response-review"])
        file_of("why two visits", whom, "en").write_text(why_text(*made, whom), "utf-8")
