"""Two visits in a row that are not on one weekday: in dates, plans, judgements and words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from protocol_sched.engine.lags import turned
from protocol_sched.engine.problem import TableLag, Window
from protocol_sched.formats.documents.documents import (
    agenda_from_dict,
    agenda_to_dict,
    protocol_to_dict,
    read_protocol,
    write_toml,
)
from protocol_sched.judge.checker import violations
from protocol_sched.judge.verdicts import verdict
from protocol_sched.model.agenda import Agenda, OtherWeekday
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.course import Course, Exempted
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol, SameWeekday
from protocol_sched.model.schedule import Plan, Proof, Visit
from protocol_sched.model.verdict import Judged
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocols import course, dates, day, every, given, phase, protocol, seen, target, window

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = "2026-01-05"
PERSON = Person(key="p-017", name="Jane Roe")


def weekly(visits: int = 3, days: str = "1 day", interval: str = "7 days") -> Protocol:
    """Return a protocol of visits a week apart, on changing weekdays."""
    load = phase("load", every(interval), str(visits), tolerances=[window(days, days)])
    return protocol(attrs.evolve(load, same_weekday=SameWeekday.NOT_IN_A_ROW))


def opened(*weekdays: str) -> Clinic:
    """Return a clinic that is open in the morning on some weekdays."""
    hours = Hours.of(dict.fromkeys(weekdays, "08:00-12:00"))
    return Clinic(name="Ward", zone=NEW_YORK, hours=hours)


def planned(plan: Course, clinic: Clinic, as_of: str = MONDAY, until: str = "2026-03-01") -> Plan:
    return plan_course(plan, clinic, PERSON, as_of=day(as_of), until=day(until))


def days_of(plan: Plan) -> list[date]:
    assert plan.schedule is not None
    return [visit.day for visit in plan.schedule.visits]


def in_a_row(agenda: Agenda) -> list[OtherWeekday]:
    return [rule for rule in agenda.bindings if isinstance(rule, OtherWeekday)]


# --- dates -----------------------------------------------------------------------------------


def test_a_target_on_the_weekday_of_the_visit_before_moves_to_the_next_date() -> None:
    agenda = seen(course(weekly(), *given(load_1=MONDAY), start=MONDAY), "2026-01-06")
    assert dates(agenda, "load-2") == ("2026-01-11", "2026-01-13", "2026-01-13")
    aim = agenda.due("load-2").target
    assert aim is not None
    assert aim.rule == "on another weekday than infusion 1"
    assert target(agenda, "load-3") == "2026-01-21"


def test_a_first_date_on_the_weekday_of_the_visit_before_moves_to_the_next_one() -> None:
    plan = weekly(days="0 days", interval="7 to 9 days")
    agenda = seen(course(plan, *given(load_1=MONDAY), start=MONDAY), "2026-01-06")
    assert dates(agenda, "load-2")[0] == "2026-01-13"


def test_the_rule_is_about_visits_of_one_phase_in_a_row() -> None:
    first = weekly(2).phases[0]
    later = attrs.evolve(phase("more", every("7 days"), "2"))
    agenda = seen(course(protocol(first, later), start=MONDAY), MONDAY)
    assert [rule.about for rule in in_a_row(agenda)] == [("load-1", "load-2")]


def test_a_phase_that_says_nothing_has_no_such_rule() -> None:
    plan = protocol(phase("load", every("7 days"), "3"))
    assert in_a_row(seen(course(plan, start=MONDAY), MONDAY)) == []


# --- plans -----------------------------------------------------------------------------------


def test_visits_of_a_plan_change_the_weekday_each_time() -> None:
    plan = planned(course(weekly(4), start=MONDAY), opened(*WEEKDAYS[:5]))
    assert plan.proof is Proof.OPTIMAL
    found = days_of(plan)
    assert found[0] == day(MONDAY)
    assert all(a.weekday() != b.weekday() for a, b in pairwise(found))


def test_a_visit_given_bars_its_weekday_to_the_next_one() -> None:
    plan = course(weekly(2), *given(load_1=MONDAY), start=MONDAY)
    found = days_of(planned(plan, opened(*WEEKDAYS), "2026-01-06"))
    assert found == [day("2026-01-11")]


def test_a_visit_that_a_clinician_exempts_may_be_on_the_same_weekday() -> None:
    notified = datetime(2026, 1, 6, 12, tzinfo=UTC)
    exempted = Exempted(
        on=notified.date(), visit="load-2", rule="weekday in a row", by="Dr. Poe", why="travels"
    )
    plan = course(weekly(2), *given(load_1=MONDAY), exempted, start=MONDAY)
    found = planned(plan, opened(*WEEKDAYS), "2026-01-06")
    assert days_of(found) == [day("2026-01-12")]
    assert found.agenda is not None
    assert found.schedule is not None
    assert not violations(found.agenda, found.schedule, opened(*WEEKDAYS), PERSON, plan.protocol)


@settings(max_examples=25, deadline=None)
@drawn(
    open_on=st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda some: sorted(some)),
    first=st.sampled_from(["2026-01-05", "2026-01-08", "2026-01-10"]),
    tolerance=st.integers(0, 2),
    past=st.booleans(),
)
def test_a_plan_is_the_best_of_all_that_never_repeat_a_weekday(
    open_on: list[str], first: str, tolerance: int, past: bool
) -> None:
    length = "1 day" if tolerance == 1 else f"{tolerance} days"
    events = given(load_1=first) if past else ()
    history = course(weekly(3, length), *events, start=first)
    start, last = day(first), day(first) + timedelta(days=20)
    plan = planned(history, opened(*open_on), str(start + timedelta(days=past)), str(last))
    free = [start + timedelta(days=n) for n in range(21)]
    free = [one for one in free if WEEKDAYS[one.weekday()] in open_on]
    costs = [
        (a - start).days + abs((b - a).days - 7) + abs((c - b).days - 7)
        for a, b, c in product([start] if past else free, free, free)
        if abs((b - a).days - 7) <= tolerance
        and abs((c - b).days - 7) <= tolerance
        and a.weekday() != b.weekday() != c.weekday()
    ]
    assert (plan.proof is Proof.IMPOSSIBLE) == (not costs)
    if costs:
        assert plan.proof is Proof.OPTIMAL
        assert plan.objective is not None
        assert plan.objective.deviation == min(costs)
        assert plan.agenda is not None
        assert plan.schedule is not None
        world = (opened(*open_on), PERSON, history.protocol)
        assert not violations(plan.agenda, plan.schedule, *world)


# --- judgements ------------------------------------------------------------------------------


def test_a_plan_changed_to_the_same_weekday_is_refused() -> None:
    plan = course(weekly(2), start=MONDAY)
    clinic = opened(*WEEKDAYS)
    found = planned(plan, clinic)
    assert found.agenda is not None
    assert found.schedule is not None
    world = (clinic, PERSON, plan.protocol)
    assert not violations(found.agenda, found.schedule, *world)
    first, second = found.schedule.visits
    back = (first.day + timedelta(days=7) - second.day).days
    tampered = attrs.evolve(found.schedule, visits=(first, _moved(second, back)), slacks=())
    broken = [one.rule for one in violations(found.agenda, tampered, *world)]
    assert broken == ["weekday in a row"]


def _moved(visit: Visit, days: int) -> Visit:
    """Return a visit with its stages so many days later."""
    by = timedelta(days=days)
    stages = [
        attrs.evolve(
            stage,
            start=stage.start + by,
            start_by=stage.start_by + by,
            end=stage.end + by,
            end_by=stage.end_by + by,
        )
        for stage in visit.stages
    ]
    return attrs.evolve(
        visit,
        start=visit.start + by,
        discharge=visit.discharge + by,
        discharge_by=visit.discharge_by + by,
        stages=stages,
    )


@pytest.mark.parametrize(
    ("on", "judged"),
    [
        ("2026-01-10", Judged.TOO_EARLY),
        ("2026-01-11", Judged.IN_WINDOW),
        ("2026-01-12", Judged.WRONG_WEEKDAY),
        ("2026-01-13", Judged.IN_WINDOW),
        ("2026-01-14", Judged.TOO_LATE),
    ],
)
def test_a_date_on_the_same_weekday_is_the_wrong_weekday(on: str, judged: Judged) -> None:
    history = course(weekly(2), *given(load_1=MONDAY), start=MONDAY)
    found = verdict(history, "load-2", day(on))
    assert found.judged is judged
    if judged is Judged.WRONG_WEEKDAY:
        assert found.rule == "on another weekday than infusion 1"


# --- words and documents ---------------------------------------------------------------------


def test_a_conflict_names_the_rule() -> None:
    plan = planned(course(weekly(2), start=MONDAY), opened("Monday"))
    assert plan.proof is Proof.IMPOSSIBLE
    rules = [reason.rule for conflict in plan.conflicts for reason in conflict.reasons]
    (rule,) = [one for one in rules if isinstance(one, OtherWeekday)]
    assert rule.about == ("load-1", "load-2")


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "infusion 2 must be on another weekday than infusion 1"),
        ("de", "infusion 2 ist an einem anderen Wochentag als infusion 1"),
    ],
)
def test_an_explanation_says_the_rule(language: str, says: str) -> None:
    history, clinic = course(weekly(2), start=MONDAY), opened("Monday")
    found = explain_course(history, clinic, PERSON, as_of=day(MONDAY), until=day("2026-03-01"))
    text = explanation_text(found, language=language)
    assert says in " ".join(text.split())


def test_a_protocol_file_says_it_in_one_key() -> None:
    plan = weekly(2)
    written = write_toml(protocol_to_dict(plan))
    assert 'same_weekday = "not twice in a row"' in written
    assert read_protocol(written) == plan
    assert "same_weekday" not in write_toml(
        protocol_to_dict(protocol(phase("load", every("7 days"), "2")))
    )


def test_the_rule_keeps_its_kind_in_an_agenda_file() -> None:
    agenda = seen(course(weekly(2), *given(load_1=MONDAY), start=MONDAY), "2026-01-06")
    written = agenda_to_dict(agenda)
    assert "other weekday" in [one.get("kind") for one in written["bindings"]]
    assert agenda_from_dict(written) == agenda


def test_a_rule_turned_round_bars_the_same_pairs_of_dates() -> None:
    holes = frozenset({-14, -7, 0, 7, 14})
    lag = TableLag(0, 1, (Window(holes=holes),) * 15, "weekday")
    back = turned(lag)
    assert isinstance(back, TableLag)
    for a, b in product(range(15), repeat=2):
        allowed = lag.windows[a].cost(b - a) is not None
        assert (back.windows[b].cost(a - b) is not None) == allowed
