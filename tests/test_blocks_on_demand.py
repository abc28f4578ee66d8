"""A block of visits that begins when it is asked for, such as two infusions on consecutive days."""

from __future__ import annotations

from datetime import date

import pytest

from protocol_sched import catalog
from protocol_sched.errors import InvalidEvent, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import read_protocol
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import judge_history
from protocol_sched.model.cadences import Consecutive, OnDemand
from protocol_sched.model.course import Course, Event, Given, Missed, Omitted, Requested
from protocol_sched.model.numbers import Count
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase
from protocol_sched.model.references import parse_reference
from protocol_sched.model.verdict import Judged
from protocol_sched.text.protocol_rules import rule_text
from protocols import apart, at, course, day, every, given, phase, protocol, seen

WORSE = OnDemand(on_demand="severity rises")


TWO, ONE_OR_TWO = Count(2, 2), Count(1, 2)


def two_days(days: Count = TWO, cycles: str = "open") -> Phase:
    return phase(
        "boosters",
        Consecutive(consecutive_days=days, weekends=True),
        str(days),
        cycles=cycles,
        begins=WORSE,
        separations=[apart(least="14 days", visits="first")],
    )


def series(block: Phase) -> Course:
    plan = protocol(phase("series", every("1 day"), "2"), block)
    return course(plan, *given(series_1="2027-03-01", series_2="2027-03-02"))


def asked(on: str, wanted: str | None = None, visits: int | None = None) -> Requested:
    when = day(wanted) if wanted else None
    return Requested(phase="boosters", on=day(on), wanted=when, visits=visits)


def targets(run: Course, as_of: str, *events: Event) -> dict[str, str]:
    agenda = expand(run.after(events), day(as_of))
    dated = {due.id: due.target or due.forecast for due in agenda.dues}
    return {visit: f"{one.day:%m-%d}" for visit, one in dated.items() if one}


def test_a_block_begins_when_it_is_asked_for_and_not_before() -> None:
    run = series(two_days())
    assert targets(run, "2027-04-01") == {}
    assert targets(run, "2027-04-01", asked("2027-04-01", "2027-04-05")) == {
        "boosters-1": "04-05",
        "boosters-2": "04-06",
    }


def test_a_block_keeps_its_distance_from_what_came_before() -> None:
    found = targets(series(two_days()), "2027-03-03", asked("2027-03-03"))
    assert found == {"boosters-1": "03-16", "boosters-2": "03-17"}


def test_each_request_is_a_block_of_its_own_on_its_own_date() -> None:
    run = series(two_days())
    first, second = asked("2027-04-01", "2027-04-05"), asked("2027-04-02", "2027-05-10")
    expected = {"boosters-1": "04-05", "boosters-2": "04-06"}
    expected |= {"boosters-3": "05-10", "boosters-4": "05-11"}
    assert targets(run, "2027-04-02", first, second) == expected
    begun: list[Event] = [first, second, *given(boosters_1="2027-04-05")]
    expected.pop("boosters-1")
    assert targets(run, "2027-04-05", *begun) == expected
    both: list[Event] = [*begun, *given(boosters_2="2027-04-06")]
    assert targets(run, "2027-04-07", *both) == {"boosters-3": "05-10", "boosters-4": "05-11"}


def test_where_only_one_block_is_foreseen_a_second_request_adds_none() -> None:
    run = series(two_days(cycles="1"))
    events: list[Event] = [
        asked("2027-04-01"),
        *given(boosters_1="2027-04-02", boosters_2="2027-04-03"),
    ]
    assert targets(run, "2027-04-04", *events, asked("2027-04-04")) == {}


def test_whoever_asks_says_how_many_days_a_block_has() -> None:
    run = series(two_days(ONE_OR_TWO))
    assert targets(run, "2027-04-01", asked("2027-04-01")) == {"boosters-1": "04-01"}
    one, two = asked("2027-04-01", visits=1), asked("2027-04-01", "2027-04-20", visits=2)
    assert targets(run, "2027-04-01", one, two) == {
        "boosters-1": "04-01",
        "boosters-2": "04-20",
        "boosters-3": "04-21",
    }


def test_a_number_that_no_block_has_is_refused() -> None:
    run = series(two_days(ONE_OR_TWO))
    with pytest.raises(InvalidEvent, match="a block of it has 1 to 2 visits, not 3"):
        record(run, [asked("2027-04-01", visits=3)], as_of=day("2027-04-01"))
    one = Requested(phase="series", on=day("2027-04-01"), visits=2)
    with pytest.raises(InvalidEvent, match="one by one"):
        record(run, [one], as_of=day("2027-04-01"))
    with pytest.raises(InvalidValue, match="a whole number"):
        asked("2027-04-01", visits=0)


def test_a_block_missed_or_left_out_is_no_request_for_another() -> None:
    run, request = series(two_days()), asked("2027-04-01", "2027-04-05")
    missed = Missed(visit="boosters-1", on=day("2027-04-05"))
    assert targets(run, "2027-04-05", request, missed) == {
        "boosters-1": "04-06",
        "boosters-2": "04-07",
    }
    left_out = [Omitted(visit=f"boosters-{n}", on=day("2027-04-05")) for n in (1, 2)]
    assert targets(run, "2027-04-05", request, *left_out) == {}


def test_a_verdict_holds_a_block_to_its_days() -> None:
    run = series(two_days()).after([asked("2027-04-01", "2027-04-05")])
    took_place = [
        Given(visit="boosters-1", on=day("2027-04-05")),
        Given(visit="boosters-2", on=day("2027-04-08")),
    ]
    found = {one.visit: one.judged for one in judge_history(run.after(took_place))}
    assert found["boosters-1"] is Judged.IN_WINDOW
    assert found["boosters-2"] is Judged.TOO_LATE


def test_a_block_is_said_in_words() -> None:
    assert rule_text(two_days()) == (
        "boosters (infusion): on 2 days in a row, weekends included; begun when it is asked for: "
        "severity rises; cycles without a stated end"
    )


def test_visits_asked_for_one_by_one_are_no_block() -> None:
    with pytest.raises(InvalidValue, match="asked for on its own"):
        phase("boosters", WORSE, "open", begins=WORSE)


def test_the_file_reads_a_block() -> None:
    plan = read_protocol(
        """
        name = "two-days"
        title = "Two days when they are needed"
        [[phases]]
        name = "boosters"
        visit = "infusion"
        cycles = "open"
        starts = { on_demand = "severity rises" }
        cadence = { consecutive_days = 2, weekends = true }
        source = "local"
        [[visit_types]]
        name = "infusion"
        [[visit_types.stages]]
        name = "infusion"
        length = "60 minutes"
        source = "local"
        """
    )
    assert plan.phases[0].starts == WORSE
    assert seen(course(plan, start="2027-03-01"), "2027-03-01").dues == ()


def test_a_clinics_booster_of_two_days_back_to_back_is_one_request() -> None:
    """Waterford Wellness, ketamine for CRPS: boosters of "1-2 back-to-back days"."""
    plan = catalog.load("ketamine-crps-clinic")
    history = [Given(visit="evaluation", on=date(2027, 2, 26))]
    history += [Given(visit=f"series-{n}", on=date(2027, 3, n)) for n in (1, 2, 3, 4)]
    run = course(plan, *history)
    wanted = asked("2027-05-01", "2027-05-03", visits=2)
    assert targets(run, "2027-05-01", wanted) == {"boosters-1": "05-03", "boosters-2": "05-04"}


def test_a_second_day_follows_each_visit_that_was_asked_for_beside_the_treatments() -> None:
    unplanned = OtherVisit(name="unplanned", visit="review", cadence=WORSE, source="local")
    second = OtherVisit(
        name="day after",
        visit="review",
        cadence=at("day 2"),
        anchor=parse_reference("each visit of unplanned"),
        source="local",
    )
    plan = protocol(phase("series", every("1 week"), "2"), other_visits=[second, unplanned])
    run = course(plan, *given(series_1="2027-03-01"))
    requests = [
        Requested(phase="unplanned", on=day("2027-03-02"), wanted=day(wanted))
        for wanted in ("2027-03-03", "2027-03-10")
    ]
    dated = {due.id: due.target for due in expand(run.after(requests), day("2027-03-02")).dues}
    assert {visit: f"{one.day:%m-%d}" for visit, one in dated.items() if one} == {
        "series-2": "03-08",
        "unplanned-1": "03-03",
        "unplanned-2": "03-10",
        "day after-1": "03-04",
        "day after-2": "03-11",
    }
