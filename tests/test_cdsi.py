"""The CDC's published immunisation cases: date sums, forecasts and spacing verdicts, to the day."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from protocol_sched.expansion import expand
from protocol_sched.judge.verdicts import Judged, verdict
from protocol_sched.model.course import Course, Given
from protocol_sched.model.protocol import Phase
from protocol_sched.model.references import parse_reference
from protocol_sched.model.rules import Separation, Starts, Tolerance
from protocol_sched.model.spans import (
    CalendarSpan,
    MonthEnd,
    SpanRange,
    calendar_span,
)
from protocols import apart, course, day, every, phase, protocol

CASES = Path(__file__).parents[2] / "shared" / "conformance" / "cdsi_cases.json"
if not CASES.exists():
    pytest.skip("the published CDSi cases are not beside the checkout", allow_module_level=True)
DATA: dict[str, Any] = json.loads(CASES.read_text())
Case = dict[str, Any]


def named(cases: list[Case], *keys: str) -> list[Any]:
    return [
        pytest.param(case, id="-".join(str(case[key]) for key in ("id", *keys))) for case in cases
    ]


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=f"{case['start']} + {case['add']}") for case in DATA["date_arithmetic"]],
)
def test_a_date_sum_is_the_published_one(case: Case) -> None:
    landed = calendar_span(case["add"]).after(day(case["start"]), MonthEnd.NEXT_DAY)
    assert str(landed) == case["result"]


def reference(rule: Case, given: list[Case]) -> str:
    """Return the reference of a rule; doses that did not count have no number of their own."""
    if rule["from_kind"] == "previous":
        return "previous visit"
    counted = [dose["dose"] for dose in given if dose["counts"]]
    return f"visit {counted.index(rule['from_dose']) + 1}"


def separations(case: Case) -> list[Separation]:
    """Return the minimum intervals; the absolute ones below them are their grace of days."""
    found = []
    for rule in case["rules"]:
        least, abs_min = calendar_span(rule["min"]), calendar_span(rule["abs_min"])
        grace = least.plus(abs_min.times(-1))
        days = str(grace) if grace != CalendarSpan() else None
        found.append(apart(reference(rule, case["given"]), least=rule["min"], grace=days))
    return found


def recommended(case: Case) -> tuple[Starts | None, list[Tolerance]]:
    """
    Return the target and how long after it a dose is past due: latest minus one day.

    Where two rules have a target, it is their minimum too, so the separations carry it.
    """
    rules = [rule for rule in case["rules"] if rule["earliest_rec"] is not None]
    if len(rules) != 1:
        assert all(rule["earliest_rec"] == rule["min"] for rule in rules)
        assert all(rule["latest_rec"] is None for rule in case["rules"])
        return None, []
    rule = rules[0]
    target = calendar_span(rule["earliest_rec"])
    found = Starts(
        after=SpanRange(target, target),
        from_=(parse_reference(reference(rule, case["given"])),),
        source="local",
    )
    if rule["latest_rec"] is None:
        return found, []
    latest = calendar_span(rule["latest_rec"])
    after = latest.plus(target.times(-1)).plus(CalendarSpan(days=-1))
    if latest == target:
        after = CalendarSpan()  # past due is never before the earliest date
    return found, [Tolerance(before=target, after=after, source="local")]


def series(case: Case, last: Phase) -> Course:
    """Return the doses given as a course with the next one in a phase of its own."""
    counted = sum(dose["counts"] for dose in case["given"])
    first = [phase("given", every("1 day"), str(counted))] if counted else []
    plan = protocol(*first, last)
    events, number = [], 1
    for dose in case["given"]:
        name = "next-1" if number > counted else f"given-{number}"
        events.append(Given(visit=name, on=day(dose["date"]), counts=dose["counts"]))
        number += dose["counts"]
    return course(plan, *events, start="1990-01-01")


@pytest.mark.parametrize("case", named(DATA["forecasts"], "next_dose"))
def test_a_forecast_has_the_published_dates(case: Case) -> None:
    begins, tolerances = recommended(case)
    last = phase(
        "next",
        every("1 day"),
        "1",
        begins=begins,
        tolerances=tolerances,
        separations=separations(case),
    )
    plan = series(case, last)
    due = expand(plan, max(day(dose["date"]) for dose in case["given"])).due("next-1")
    found = {"earliest": due.earliest, "recommended": due.target, "past_due": due.latest}
    for which, published in case["expected"].items():
        dated = found[which]
        assert (str(dated.day) if dated else None) == published, which


@pytest.mark.parametrize("case", named(DATA["spacing"], "dose", "candidate"))
def test_a_spacing_verdict_is_the_published_one(case: Case) -> None:
    last = phase(
        "next",
        every("1 day"),
        "1",
        separations=separations(case),
        begins=Starts(after=SpanRange(CalendarSpan(), None), source="local"),
    )
    found = verdict(series(case, last), "next-1", date.fromisoformat(case["candidate"]))
    counts = found.judged in (Judged.GRACE, Judged.IN_WINDOW)
    assert ("counts" if counts else "too_soon") == case["expected"], found
