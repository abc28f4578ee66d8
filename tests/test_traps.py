"""
Published rules that "next visit = previous visit + interval" cannot say, one test each.

Every expected date was counted by hand from the source named in the test. The protocols here
hold the one rule in question; the catalog has the whole courses.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from protocol_sched import catalog
from protocol_sched.errors import InvalidDocument
from protocol_sched.model.agenda import Spacing
from protocol_sched.model.cadences import Consecutive, OnDemand, PerWeek
from protocol_sched.model.course import (
    Answered,
    Given,
    Happened,
    Omitted,
    Requested,
    Reviewed,
)
from protocol_sched.model.course import (
    Tested as GateTested,
)
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import CoursePoint, EachVisit
from protocol_sched.model.responses import Adaptation, InsertVisit, StepBack
from protocol_sched.model.rules import Clock, Give, Then, Tier
from protocol_sched.model.spans import (
    CalendarSpan,
    MonthEnd,
    calendar_span,
    elapsed_span,
    parse_span,
)
from protocols import (
    apart,
    at,
    course,
    dates,
    day,
    every,
    given,
    late,
    phase,
    protocol,
    questions,
    seen,
    starts,
    target,
    window,
)

NEW_YORK = ZoneInfo("America/New_York")


# --- anchors -----------------------------------------------------------------------------------

# Ocrelizumab HCP page, 5-month wording.
OCRELIZUMAB = protocol(
    phase("load", at("week 0", "week 2")),
    phase(
        "maintenance",
        every("6 months"),
        "open",
        begins=starts("6 months", "visit 1"),
        separations=[apart(least="5 months")],
    ),
)


def test_ocrelizumabs_first_maintenance_hangs_on_dose_1() -> None:
    run = course(OCRELIZUMAB, *given(load_1="2026-01-05", load_2="2026-01-19"))
    # The least distance is one from dose 2; from dose 1, nothing earlier than 6 months is written.
    assert dates(seen(run, "2026-01-20"), "maintenance-1")[:2] == ("2026-07-05", "2026-07-05")


def test_ocrelizumabs_catalog_entry_lets_the_published_floor_alone_decide() -> None:
    run = course(
        catalog.load("ocrelizumab-months"), *given(initial_1="2026-01-05", initial_2="2026-01-19")
    )
    assert dates(seen(run, "2026-01-20"), "maintenance-1")[:2] == ("2026-06-19", "2026-07-05")


def test_ocrelizumabs_floor_from_a_late_dose_2_wins_over_the_target_from_dose_1() -> None:
    run = course(OCRELIZUMAB, *given(load_1="2026-01-05", load_2="2026-03-02"))
    due = seen(run, "2026-03-03").due("maintenance-1")
    assert due.target is not None
    assert (str(due.target.day), due.target.rule) == (
        "2026-08-02",
        "at least 5 months after infusion 2",
    )


def test_ocrelizumabs_late_maintenance_dose_starts_the_clock_again() -> None:
    history = given(load_1="2026-01-05", load_2="2026-01-19", maintenance_1="2026-07-20")
    assert target(seen(course(OCRELIZUMAB, *history), "2026-07-21"), "maintenance-2") == (
        "2027-01-20"
    )


# Ravulizumab, MIMS and US label copy.
RAVULIZUMAB = protocol(
    phase("load", every("1 day"), "1"),
    phase(
        "maintenance",
        every("8 weeks"),
        "open",
        anchor="original dates",
        begins=starts("2 weeks"),
        tolerances=[window("7 days", "7 days", visits="from 2")],
    ),
)


def test_ravulizumabs_late_dose_makes_the_next_gap_shorter() -> None:
    history = given(load_1="2026-01-05", maintenance_1="2026-01-19", maintenance_2="2026-03-22")
    found = dates(seen(course(RAVULIZUMAB, *history), "2026-03-23"), "maintenance-3")
    assert found == ("2026-05-04", "2026-05-11", "2026-05-18")


def test_ravulizumabs_grid_keeps_the_original_date_of_a_late_first_maintenance_dose() -> None:
    history = given(load_1="2026-01-05", maintenance_1="2026-01-22")
    due = seen(course(RAVULIZUMAB, *history), "2026-01-23").due("maintenance-2")
    assert due.target is not None
    assert (str(due.target.day), due.target.rule) == (
        "2026-03-16",
        "8 weeks after the original date of infusion 2",
    )


def test_cabotegravir_returns_to_its_day_of_the_month_after_the_window_was_used() -> None:
    plan = protocol(
        phase(
            "maintenance",
            every("2 months"),
            "open",
            anchor="same day of the month",
            tolerances=[window("7 days", "7 days")],
        )
    )
    run = course(plan, *given(maintenance_1="2026-01-15", maintenance_2="2026-03-20"))
    found = dates(seen(run, "2026-03-21"), "maintenance-3")
    assert found == ("2026-05-08", "2026-05-15", "2026-05-22")


def efgartigimod(floor: str, *, since: str) -> Protocol:
    return protocol(
        phase(
            "cycle",
            every("1 week"),
            "4",
            cycles="open",
            next_cycle=OnDemand(on_demand="symptoms return"),
            anchor="original dates",
            separations=[apart(since, least=floor, visits="each")],
            late=[
                late(Clock.DUE_DATE, Tier(up_to=calendar_span("3 days"), then=Then.ORIGINAL_DATES))
            ],
        )
    )


EFGARTIGIMOD_2022 = efgartigimod("50 days", since="start of previous cycle")
EFGARTIGIMOD_NOW = efgartigimod("4 weeks", since="end of previous cycle")


def test_efgartigimods_late_dose_makes_the_next_gap_shorter() -> None:
    history = given(cycle_1="2026-01-05", cycle_2="2026-01-15")
    assert target(seen(course(EFGARTIGIMOD_NOW, *history), "2026-01-15"), "cycle-3") == (
        "2026-01-19"
    )


@pytest.mark.parametrize(
    ("last", "from_start", "from_last"),
    [("2026-01-26", "2026-02-24", "2026-02-23"), ("2026-01-29", "2026-02-24", "2026-02-26")],
)
def test_efgartigimods_two_floors_order_differently_on_time_and_late(
    last: str, from_start: str, from_last: str
) -> None:
    history = given(cycle_1="2026-01-05", cycle_2="2026-01-12", cycle_3="2026-01-19", cycle_4=last)
    asked = Requested(phase="cycle", on=day("2026-01-30"))
    found = [
        target(seen(course(plan, *history, asked), "2026-01-30"), "cycle-5")
        for plan in (EFGARTIGIMOD_2022, EFGARTIGIMOD_NOW)
    ]
    assert found == [from_start, from_last]


def test_bcg_triples_hang_on_months_from_the_start_of_induction() -> None:
    months = (3, 6, 12)
    points = [f"month {m}{more}" for m in months for more in ("", " + 1 week", " + 2 weeks")]
    plan = protocol(
        phase("induction", every("1 week"), "6"),
        phase("maintenance", at(*points), anchor="start of induction"),
    )
    agenda = seen(course(plan, *given(induction_1="2026-01-31")), "2026-01-31")
    assert [target(agenda, f"maintenance-{n}") for n in (1, 2, 3, 4, 7)] == [
        "2026-05-01",
        "2026-05-08",
        "2026-05-15",
        "2026-07-31",
        "2027-01-31",
    ]


def test_belatacept_waits_for_the_date_of_the_transplant() -> None:
    plan = protocol(phase("load", at("day 1", "day 5", "week 2"), anchor="event transplant"))
    unknown = seen(course(plan), "2026-01-05")
    assert dates(unknown, "load-2")[1:] == ("-", "-")
    assert questions(unknown) == ["event-transplant"]
    known = seen(course(plan, Happened(event="transplant", on=day("2026-02-01"))), "2026-01-05")
    assert [target(known, f"load-{n}") for n in (1, 2, 3)] == [
        "2026-02-01",
        "2026-02-05",
        "2026-02-15",
    ]
    assert questions(known) == []


def test_iron_in_dialysis_falls_on_the_next_sessions_and_asks_for_more_dates() -> None:
    plan = protocol(phase("iron", every("1 day"), "3", anchor="series dialysis"))
    sessions = [Happened(event="dialysis", on=day(f"2026-01-{n:02d}")) for n in (5, 7)]
    agenda = seen(course(plan, *sessions), "2026-01-04")
    assert [target(agenda, f"iron-{n}") for n in (1, 2, 3)] == ["2026-01-05", "2026-01-07", "-"]
    assert questions(agenda) == ["series-dialysis"]


# --- lateness ----------------------------------------------------------------------------------


def flips(days: str, cadence: str) -> Protocol:
    """Return original dates that are kept up to so much lateness and begin anew over it."""
    return protocol(
        phase(
            "dose",
            every(cadence),
            "open",
            anchor="original dates",
            late=[
                late(
                    Clock.DUE_DATE,
                    Tier(up_to=calendar_span(days), then=Then.ORIGINAL_DATES),
                    Tier(over=calendar_span(days), then=Then.FROM_THIS_VISIT),
                )
            ],
        )
    )


@pytest.mark.parametrize(
    ("second", "third"), [("2026-01-29", "2026-02-16"), ("2026-01-30", "2026-02-20")]
)
def test_patisirans_anchor_flips_between_3_and_4_days_late(second: str, third: str) -> None:
    run = course(flips("3 days", "3 weeks"), *given(dose_1="2026-01-05", dose_2=second))
    assert target(seen(run, second), "dose-3") == third


@pytest.mark.parametrize(
    ("second", "third"), [("2026-02-02", "2026-02-16"), ("2026-02-03", "2026-02-24")]
)
def test_trastuzumabs_anchor_flips_between_7_and_8_days_late(second: str, third: str) -> None:
    run = course(flips("1 week", "3 weeks"), *given(dose_1="2026-01-05", dose_2=second))
    assert target(seen(run, second), "dose-3") == third


@pytest.mark.parametrize(
    ("second", "third", "gap"),
    [("2026-02-16", "2026-03-02", 14), ("2026-02-17", "2026-03-17", 28)],
)
def test_crizanlizumab_day_14_leaves_a_2_week_gap_and_day_15_a_4_week_one(
    second: str, third: str, gap: int
) -> None:
    run = course(flips("2 weeks", "4 weeks"), *given(dose_1="2026-01-05", dose_2=second))
    agenda = seen(run, second)
    assert target(agenda, "dose-3") == third
    assert (day(third) - day(second)).days == gap


def test_a_visit_that_is_overdue_today_is_due_now_and_moves_the_rest_by_its_tier() -> None:
    run = course(flips("3 days", "3 weeks"), *given(dose_1="2026-01-05"))
    agenda = seen(run, "2026-02-02", until="2026-03-31")
    assert agenda.due("dose-2").overdue
    assert [target(agenda, f"dose-{n}") for n in (2, 3)] == ["2026-02-02", "2026-02-23"]


INCLISIRAN = protocol(
    phase("load", at("month 0", "month 3")),
    phase(
        "maintenance",
        every("6 months"),
        "open",
        anchor="original dates",
        late=[
            late(
                Clock.DUE_DATE,
                Tier(under=calendar_span("3 months"), then=Then.ORIGINAL_DATES),
                Tier(over=calendar_span("3 months"), give=Give.RESTART_COURSE),
            )
        ],
    ),
)
INCLISIRAN_GIVEN = {"load_1": "2026-01-05", "load_2": "2026-04-05"}


def test_inclisiran_under_3_months_late_stays_on_the_grid() -> None:
    run = course(INCLISIRAN, *given(**INCLISIRAN_GIVEN, maintenance_1="2027-01-04"))
    assert target(seen(run, "2027-01-04"), "maintenance-2") == "2027-04-05"


def test_inclisiran_over_3_months_late_begins_again_with_the_dose_given() -> None:
    run = course(INCLISIRAN, *given(**INCLISIRAN_GIVEN, maintenance_1="2027-01-06"))
    agenda = seen(run, "2027-01-06")
    assert [target(agenda, due.id) for due in agenda.dues] == ["2027-04-06", "2027-10-06"]


def test_inclisiran_at_exactly_3_months_is_a_question_and_nothing_is_guessed() -> None:
    run = course(INCLISIRAN, *given(**INCLISIRAN_GIVEN, maintenance_1="2027-01-05"))
    agenda = seen(run, "2027-01-05")
    assert target(agenda, "maintenance-2") == "-"
    (question,) = agenda.questions
    assert question.choices == (
        "under 3 months: give now, then on the original dates",
        "over 3 months: begin the course again",
    )
    answer = Answered(question=question.id, answer=question.choices[0], on=day("2027-01-06"))
    assert target(seen(run.after([answer]), "2027-01-06"), "maintenance-2") == "2027-04-05"


NUSINERSEN = protocol(
    phase("loading", at("0 days", "14 days", "28 days", "58 days"), anchor="previous visit"),
    phase(
        "maintenance",
        every("4 months"),
        "open",
        late=[
            late(
                Clock.LAST_VISIT,
                Tier(
                    under=calendar_span("8 months"),
                    then=Then.ORIGINAL_DATES,
                    original_at_least=calendar_span("14 days"),
                ),
                Tier(
                    at_least=calendar_span("8 months"),
                    under=calendar_span("16 months"),
                    extra=1,
                    extra_after=calendar_span("14 days"),
                    next_after=calendar_span("4 months"),
                ),
                Tier(
                    at_least=calendar_span("16 months"),
                    under=calendar_span("40 months"),
                    extra=2,
                    extra_after=calendar_span("14 days"),
                    next_after=calendar_span("4 months"),
                ),
                Tier(at_least=calendar_span("40 months"), give=Give.RESTART_COURSE),
            )
        ],
    ),
)


def nusinersen(maintenance_2: str) -> list[tuple[str, str]]:
    history = given(
        loading_1="2026-01-05",
        loading_2="2026-01-19",
        loading_3="2026-02-02",
        loading_4="2026-03-04",
        maintenance_1="2026-07-04",
        maintenance_2=maintenance_2,
    )
    agenda = seen(course(NUSINERSEN, *history), maintenance_2)
    return [(due.id, str(due.foreseen.day)) for due in agenda.dues if due.foreseen]


def test_nusinersens_loading_shifts_with_a_late_dose() -> None:
    run = course(NUSINERSEN, *given(loading_1="2026-01-05", loading_2="2026-01-26"))
    agenda = seen(run, "2026-01-26")
    assert [target(agenda, f"loading-{n}") for n in (3, 4)] == ["2026-02-09", "2026-03-11"]


@pytest.mark.parametrize(
    ("on", "follows"),
    [
        ("2027-02-18", [("maintenance-3", "2027-03-04")]),
        ("2027-02-19", [("maintenance-3", "2027-07-04")]),
        ("2027-03-03", [("maintenance-3", "2027-07-04")]),
        ("2027-03-04", [("maintenance-2-extra-1", "2027-03-18"), ("maintenance-3", "2027-07-18")]),
        (
            "2027-11-04",
            [
                ("maintenance-2-extra-1", "2027-11-18"),
                ("maintenance-2-extra-2", "2027-12-02"),
                ("maintenance-3", "2028-04-02"),
            ],
        ),
    ],
)
def test_nusinersens_lateness_since_the_last_dose_adds_doses_or_returns_to_the_original_dates(
    on: str, follows: list[tuple[str, str]]
) -> None:
    assert nusinersen(on) == follows


def test_nusinersen_after_40_months_begins_again() -> None:
    assert nusinersen("2029-11-04")[:3] == [
        ("loading-6", "2029-11-18"),
        ("loading-7", "2029-12-02"),
        ("loading-8", "2030-01-01"),
    ]


PALIPERIDONE = protocol(
    phase(
        "start",
        at("day 1", "day 8"),
        tolerances=[window("4 days", "4 days", visits="2")],
        late=[
            late(
                Clock.FIRST_VISIT,
                Tier(under=calendar_span("4 weeks")),
                Tier(
                    at_least=calendar_span("4 weeks"),
                    up_to=calendar_span("7 weeks"),
                    extra=1,
                    extra_after=calendar_span("1 week"),
                    next_after=calendar_span("1 month"),
                ),
                Tier(over=calendar_span("7 weeks"), give=Give.RESTART_COURSE),
                visits="2",
            )
        ],
    ),
    phase(
        "monthly",
        every("1 month"),
        "open",
        begins=starts("5 weeks", "visit 1"),
        tolerances=[window("7 days", "7 days", visits="from 2")],
        late=[
            late(
                Clock.LAST_VISIT,
                Tier(up_to=calendar_span("6 weeks"), then=Then.FROM_THIS_VISIT),
                Tier(
                    over=calendar_span("6 weeks"),
                    up_to=calendar_span("6 months"),
                    extra=1,
                    extra_after=calendar_span("1 week"),
                    next_after=calendar_span("1 month"),
                ),
                Tier(over=calendar_span("6 months"), give=Give.RESTART_COURSE),
                visits="from 2",
            )
        ],
    ),
)


def paliperidone(**visits: str) -> list[tuple[str, str]]:
    last = max(visits.values())
    agenda = seen(course(PALIPERIDONE, *given(**visits)), last)
    return [(due.id, str(due.foreseen.day)) for due in agenda.dues if due.foreseen]


def test_paliperidones_third_dose_is_5_weeks_after_the_first_whatever_the_second_did() -> None:
    assert paliperidone(start_1="2026-01-05", start_2="2026-01-16") == [("monthly-1", "2026-02-09")]


@pytest.mark.parametrize(
    ("second", "follows"),
    [
        ("2026-02-01", [("monthly-1", "2026-02-09")]),
        ("2026-02-02", [("start-2-extra-1", "2026-02-09"), ("monthly-1", "2026-03-09")]),
        ("2026-02-23", [("start-2-extra-1", "2026-03-02"), ("monthly-1", "2026-04-02")]),
        ("2026-02-24", [("start-3", "2026-03-03"), ("monthly-1", "2026-03-31")]),
    ],
)
def test_paliperidones_late_second_dose_is_measured_from_the_first(
    second: str, follows: list[tuple[str, str]]
) -> None:
    assert paliperidone(start_1="2026-01-05", start_2=second) == follows


@pytest.mark.parametrize(
    ("second", "follows"),
    [
        ("2026-03-23", [("monthly-3", "2026-04-23")]),
        ("2026-03-24", [("monthly-2-extra-1", "2026-03-31"), ("monthly-3", "2026-05-01")]),
    ],
)
def test_paliperidones_late_monthly_dose_is_measured_from_the_last(
    second: str, follows: list[tuple[str, str]]
) -> None:
    found = paliperidone(
        start_1="2026-01-05", start_2="2026-01-12", monthly_1="2026-02-09", monthly_2=second
    )
    assert found == follows


def test_donanemabs_21_day_floor_takes_away_part_of_the_next_window() -> None:
    plan = protocol(
        phase(
            "dose",
            every("4 weeks"),
            "open",
            anchor="original dates",
            tolerances=[window("7 days", "7 days")],
            separations=[apart(least="21 days")],
        )
    )
    on_time = course(plan, *given(dose_1="2026-01-05", dose_2="2026-02-02"))
    late_dose = course(plan, *given(dose_1="2026-01-05", dose_2="2026-02-09"))
    assert dates(seen(on_time, "2026-02-10"), "dose-3") == (
        "2026-02-23",
        "2026-03-02",
        "2026-03-09",
    )
    assert dates(seen(late_dose, "2026-02-10"), "dose-3") == (
        "2026-03-02",
        "2026-03-02",
        "2026-03-09",
    )


def test_a_dose_that_did_not_count_stays_due_and_starts_the_clock() -> None:
    plan = protocol(phase("dose", every("4 weeks"), "2"))
    failed = Given(visit="dose-2", on=day("2026-01-20"), counts=False, why_not="too early")
    agenda = seen(course(plan, *given(dose_1="2026-01-05"), failed), "2026-01-21")
    due = agenda.due("dose-2")
    assert due.target is not None
    assert (str(due.target.day), due.target.rule) == (
        "2026-02-17",
        "4 weeks after infusion 2 that did not count",
    )


# --- blocks, sets and hours --------------------------------------------------------------------


def test_teplizumabs_missed_day_slides_the_end_and_weekends_count() -> None:
    block = Consecutive(consecutive_days=Count(14, 14), weekends=True)
    plan = protocol(phase("block", block, "14"))
    run = course(plan, *given(block_1="2026-01-05", block_2="2026-01-06"), start="2026-01-05")
    assert target(seen(run, "2026-01-07"), "block-14") == "2026-01-18"
    assert target(seen(run, "2026-01-08"), "block-14") == "2026-01-19"


def test_schwartzmans_ten_days_leave_out_the_weekends() -> None:
    block = Consecutive(consecutive_days=Count(10, 10), weekends=False)
    run = course(protocol(phase("block", block, "10")), start="2026-01-08")
    agenda = seen(run, "2026-01-01")
    assert [target(agenda, f"block-{n}") for n in (1, 2, 3, 10)] == [
        "2026-01-08",
        "2026-01-09",
        "2026-01-12",
        "2026-01-21",
    ]


def test_esketamines_two_a_week_is_a_set_and_not_two_dates() -> None:
    plan = protocol(phase("induction", PerWeek(per_week=2), "8"))
    agenda = seen(course(plan, *given(induction_1="2026-01-05")), "2026-01-05")
    assert dates(agenda, "induction-2")[::2] == ("2026-01-06", "2026-01-11")
    assert dates(agenda, "induction-3")[::2] == ("2026-01-12", "2026-01-18")
    assert dates(agenda, "induction-8")[::2] == ("2026-01-27", "2026-02-01")


def test_esketamine_steps_back_one_cadence_when_a_response_is_worse() -> None:
    plan = protocol(
        phase("weekly", every("1 week"), "4"),
        phase("fortnightly", every("2 weeks"), "open"),
        adaptations=[
            Adaptation(
                name="worse",
                measure="worse",
                at_least=1,
                then=StepBack(step_back="weekly > fortnightly"),
                source="local",
            )
        ],
    )
    history = given(
        weekly_1="2026-01-05",
        weekly_2="2026-01-12",
        weekly_3="2026-01-19",
        weekly_4="2026-01-26",
        fortnightly_1="2026-02-09",
    )
    worse = Reviewed(on=day("2026-02-16"), scores=(("worse", 1),))
    agenda = seen(course(plan, *history, worse), "2026-02-16")
    assert (agenda.dues[0].id, target(agenda, "weekly-5")) == ("weekly-5", "2026-02-16")


def test_bortezomib_is_kept_72_hours_apart_whatever_its_days_say() -> None:
    plan = protocol(
        phase(
            "cycle",
            at("day 1", "day 4", "day 8", "day 11", cycle="21 days"),
            cycles="2",
            separations=[apart(least="72 hours")],
        )
    )
    start = datetime(2026, 1, 10, 15, tzinfo=NEW_YORK)
    history = (
        *given(cycle_1="2026-01-05"),
        Given(visit="cycle-2", on=day("2026-01-10"), start=start),
    )
    agenda = seen(course(plan, *history), "2026-01-10")
    assert [target(agenda, f"cycle-{n}") for n in (3, 4, 5)] == [
        "2026-01-13",
        "2026-01-16",
        "2026-01-26",
    ]


def test_folfoxs_disconnect_is_46_hours_after_each_dose_in_real_time() -> None:
    plan = protocol(
        phase("cycle", every("14 days"), "2"),
        other_visits=[
            OtherVisit(
                name="disconnect",
                visit="review",
                cadence=at("46 hours"),
                anchor=EachVisit("cycle"),
                source="local",
            )
        ],
    )
    agenda = seen(course(plan, start="2026-01-05"), "2026-01-01")
    assert [target(agenda, f"disconnect-{n}") for n in (1, 2)] == ["2026-01-07", "2026-01-21"]
    assert [
        str(rule.target)
        for rule in agenda.bindings
        if isinstance(rule, Spacing) and rule.rule == "other visit"
    ] == ["46 hours", "46 hours"]


def test_dihydroergotamine_every_8_hours_has_three_visits_a_day() -> None:
    plan = protocol(phase("block", every("8 hours"), "3"))
    agenda = seen(course(plan, start="2026-01-05"), "2026-01-01")
    orders = [
        (str(rule.least), rule.between.value)
        for rule in agenda.bindings
        if isinstance(rule, Spacing) and rule.rule == "order"
    ]
    assert orders == [("0 minutes", "end to start")] * 2
    assert target(agenda, "block-2") == "2026-01-05"


# --- gates, insertions -------------------------------------------------------------------------

LECANEMAB = protocol(
    phase("dose", every("2 weeks"), "7"),
    gates=[
        Gate(
            name="mri",
            before=Ordinals.parse("5, 7"),
            max_age=calendar_span("7 days"),
            source="local",
        )
    ],
)


def needs(plan: Protocol, *events: object) -> dict[str, tuple[str, str]]:
    run = course(plan, *given(dose_1="2026-01-05"), *events)  # type: ignore[arg-type]
    return {
        due.id: (str(need.earliest), str(need.latest))
        for due in seen(run, "2026-01-06").dues
        for need in due.needs
    }


def test_the_mri_is_before_the_5th_infusion_given_and_moves_with_one_left_out() -> None:
    assert needs(LECANEMAB) == {
        "dose-5": ("2026-02-23", "2026-03-02"),
        "dose-7": ("2026-03-23", "2026-03-30"),
    }
    assert needs(LECANEMAB, Omitted(visit="dose-2", on=day("2026-01-19"))) == {
        "dose-6": ("2026-03-09", "2026-03-16"),
    }


def test_a_test_that_was_not_passed_holds_the_visit_behind_it_and_asks() -> None:
    plan = protocol(
        phase("dose", every("2 weeks"), "2"),
        gates=[Gate(name="labs", before=Ordinals.parse("2"), source="local")],
    )
    failed = GateTested(gate="labs", on=day("2026-01-18"), passed=False)
    agenda = seen(course(plan, *given(dose_1="2026-01-05"), failed), "2026-01-18")
    assert target(agenda, "dose-2") == "-"
    assert [question.asks for question in agenda.questions] == [
        "labs of 2026-01-18 was not passed; infusion 2 is on hold: when is labs passed?"
    ]
    passed = GateTested(gate="labs", on=day("2026-01-20"))
    again = seen(course(plan, *given(dose_1="2026-01-05"), failed, passed), "2026-01-20")
    assert (target(again, "dose-2"), questions(again)) == ("2026-01-20", [])


def test_vedolizumabs_week_10_dose_leaves_the_other_dates_alone() -> None:
    plan = protocol(
        phase("induction", at("week 0", "week 2", "week 6")),
        phase("maintenance", every("8 weeks"), "open"),
        adaptations=[
            Adaptation(
                name="no response",
                measure="response",
                up_to=0,
                then=InsertVisit(insert=CoursePoint("week 10"), phase="induction"),
                source="local",
            )
        ],
    )
    history = given(induction_1="2026-01-05", induction_2="2026-01-19", induction_3="2026-02-16")
    plain = seen(course(plan, *history), "2026-02-17")
    review = Reviewed(on=day("2026-02-16"), scores=(("response", 0),))
    more = seen(course(plan, *history, review), "2026-02-17")
    assert [(due.title, target(plain, due.id)) for due in plain.dues] == [
        ("infusion 4", "2026-04-13")
    ]
    assert [(due.title, target(more, due.id)) for due in more.dues] == [
        ("infusion 4", "2026-03-16"),
        ("infusion 5", "2026-04-13"),
    ]


# --- date arithmetic ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month_end", "second"),
    [(MonthEnd.NEXT_DAY, "2026-10-01"), (MonthEnd.LAST_DAY, "2026-09-30")],
)
def test_31_march_and_6_months_lands_as_the_named_policy_says(
    month_end: MonthEnd, second: str
) -> None:
    plan = protocol(phase("dose", every("6 months"), "2"), month_end=month_end)
    assert target(seen(course(plan, *given(dose_1="2026-03-31")), "2026-04-01"), "dose-2") == second


@pytest.mark.parametrize(
    ("month_end", "second"),
    [(MonthEnd.NEXT_DAY, "2029-03-01"), (MonthEnd.LAST_DAY, "2029-02-28")],
)
def test_29_february_and_a_year_lands_as_the_named_policy_says(
    month_end: MonthEnd, second: str
) -> None:
    plan = protocol(phase("dose", every("1 year"), "2"), month_end=month_end)
    assert target(seen(course(plan, *given(dose_1="2028-02-29")), "2028-03-01"), "dose-2") == second


def test_a_monthly_grid_over_a_leap_day_does_not_drift() -> None:
    plan = protocol(phase("dose", every("1 month"), "5", anchor="original dates"))
    agenda = seen(course(plan, *given(dose_1="2027-12-31")), "2027-12-31")
    assert [target(agenda, f"dose-{n}") for n in (2, 3, 4, 5)] == [
        "2028-01-31",
        "2028-03-01",
        "2028-03-31",
        "2028-05-01",
    ]


def test_day_1_and_week_0_are_the_same_date_and_day_0_is_refused() -> None:
    assert CoursePoint("day 1").span == CoursePoint("week 0").span
    assert CoursePoint("day -1").span == parse_span("- 1 day")
    assert CoursePoint("week -2 + 1 day").span == CalendarSpan(weeks=-2, days=1)
    with pytest.raises(InvalidDocument, match="day 1 or later"):
        protocol(phase("dose", at("day 0")))


def test_six_months_and_24_weeks_are_not_the_same_date() -> None:
    found = [
        target(
            seen(
                course(protocol(phase("dose", every(text), "2")), *given(dose_1="2026-01-05")),
                "2026-01-06",
            ),
            "dose-2",
        )
        for text in ("6 months", "24 weeks")
    ]
    assert found == ["2026-07-05", "2026-06-22"]


def test_pegloticases_lab_is_at_most_48_hours_old() -> None:
    plan = protocol(
        phase("dose", every("2 weeks"), "2"),
        gates=[
            Gate(
                name="uric acid",
                before=Ordinals.parse("each"),
                max_age=elapsed_span("48 hours"),
                source="local",
            )
        ],
    )
    assert needs(plan) == {"dose-2": ("2026-01-17", "2026-01-19")}


def test_the_same_day_of_each_month_is_said_as_that_day() -> None:
    plan = protocol(phase("dose", every("1 month"), "4", anchor="same day of the month"))
    found = seen(course(plan, *given(dose_1="2026-01-31")), "2026-02-01").due("dose-2")
    assert found.target is not None
    assert found.target.rule == "on day 31 of the month"
