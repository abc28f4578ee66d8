"""
The catalog's courses of iron, bone, blood and metabolism, and its long-acting injections, against
their published timing.

Expected days are worked out by hand from the text of the source; day 0 is the start of the
course, Monday 1 March 2027.
"""

from __future__ import annotations

import pytest

from catalog_dates import given, laid_out, on, run, targets, windows
from protocol_sched.model.course import Answered, Deferred, Event, Happened, Omitted
from protocol_sched.model.course import Tested as GateTested

DAYS_A_YEAR = 366
"""The first year, its last day included: until 1 March 2028."""

MONTHS = (0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337, 366)
"""The 1st of each month from March to March."""

TARGETS = [
    # 3 infusions, 14 days apart
    ("iron-sucrose-peritoneal", run("treatment", 0, 14, 28)),
    ("ferric-carboxymaltose", run("treatment", 0, 7)),
    # day 1, week 6, weeks 12, 24 and 36
    (
        "ferric-carboxymaltose-heart-failure",
        run("repletion", 0, 42) | run("maintenance", 84, 168, 252),
    ),
    ("zoledronate-yearly", run("treatment", 0, 366)),
    # weeks 0 and 2, then every 4 weeks: week 6 and so on
    ("crizanlizumab", run("initial", 0, 14) | run("maintenance", *range(42, 366, 28))),
    # 1 March, 1 June, 1 December
    ("inclisiran", run("initial", 0, 92) | run("maintenance", 275)),
    ("teplizumab", run("treatment", *range(14))),
    # days 1 and 8, five weeks after the first (5 April), then the 5th of each month
    (
        "paliperidone-monthly",
        run("initiation", 0, 7)
        | run("monthly", 35, 65, 96, 126, 157, 188, 218, 249, 279, 310, 341),
    ),
    ("cabotegravir-monthly", run("treatment", *MONTHS)),
    # months 0 and 1, then months 3, 5, 7, 9 and 11
    (
        "cabotegravir-2-monthly",
        run("initiation", 0, 31) | run("continuation", 92, 153, 214, 275, 337),
    ),
    ("buprenorphine-monthly", run("treatment", *MONTHS)),
]


@pytest.mark.parametrize(("name", "days"), TARGETS, ids=[name for name, _ in TARGETS])
def test_every_visit_of_a_year_is_due_on_its_published_day(
    name: str, days: dict[str, int | None]
) -> None:
    assert targets(laid_out(name, until=DAYS_A_YEAR)) == days


# --- iron ------------------------------------------------------------------------------------


def test_five_iron_infusions_lie_inside_14_days() -> None:
    assert windows(laid_out("iron-sucrose-kidney")) == {
        "treatment-1": (0, None),
        "treatment-2": (1, 13),
        "treatment-3": (3, 13),  # the one before is best on day 2, and so on
        "treatment-4": (5, 13),
        "treatment-5": (7, 13),
    }


def test_iron_in_haemodialysis_falls_on_the_sessions() -> None:
    sessions = [Happened(event="dialysis", on=on(day)) for day in (0, 2, 4, 7)]
    found = targets(laid_out("iron-sucrose-haemodialysis", *sessions))
    assert list(found.values()) == [0, 2, 4, 7] + 6 * [None]


@pytest.mark.parametrize(("until", "wanted"), [(4, 4), (5, 7)])
def test_iron_that_is_put_off_falls_on_a_session_again(until: int, wanted: int) -> None:
    sessions = [Happened(event="dialysis", on=on(day)) for day in (0, 2, 4, 7)]
    off = Deferred(visit="treatment-2", on=on(1), until=on(until))
    agenda = laid_out("iron-sucrose-haemodialysis", *sessions, given("treatment-1", 0), off)
    assert windows(agenda)["treatment-2"] == (wanted, wanted)
    assert agenda.broken == ()


def test_a_second_ferric_carboxymaltose_has_a_least_distance_and_no_greatest() -> None:
    assert windows(laid_out("ferric-carboxymaltose"))["treatment-2"] == (7, None)


def test_an_iron_infusion_that_is_not_needed_leaves_the_next_date_alone() -> None:
    events: list[Event] = [given("repletion-1", 0), given("repletion-2", 42)]
    events += [GateTested(gate="ferritin-and-transferrin-saturation", on=on(80), passed=False)]
    events += [Omitted(visit="maintenance-1", on=on(84))]
    agenda = laid_out("ferric-carboxymaltose-heart-failure", *events, as_of=on(85))
    assert targets(agenda) == {"maintenance-2": 168, "maintenance-3": 252}


# --- crizanlizumab and inclisiran ------------------------------------------------------------

CRIZANLIZUMAB = [given("initial-1", 0), given("initial-2", 14)]


@pytest.mark.parametrize(("first", "second", "gap"), [(56, 70, 14), (57, 85, 28)])
def test_crizanlizumab_14_days_late_leaves_a_gap_of_2_weeks_and_15_days_one_of_4(
    first: int, second: int, gap: int
) -> None:
    events = [*CRIZANLIZUMAB, given("maintenance-1", first)]
    agenda = laid_out("crizanlizumab", *events, as_of=on(first))
    assert (targets(agenda)["maintenance-2"], second - first) == (second, gap)


@pytest.mark.parametrize(("second", "third"), [(28, 42), (29, 57)])
def test_crizanlizumabs_second_infusion_flips_the_same_way(second: int, third: int) -> None:
    events = [given("initial-1", 0), given("initial-2", second)]
    agenda = laid_out("crizanlizumab", *events, as_of=on(second))
    assert targets(agenda)["maintenance-1"] == third


# Due 1 December 2027 (day 275); three months later is 1 March 2028 (366). The next original date
# is 1 June 2028 (458).
INCLISIRAN = [given("initial-1", 0), given("initial-2", 92)]


def test_inclisiran_less_than_3_months_late_keeps_its_dates() -> None:
    agenda = laid_out("inclisiran", *INCLISIRAN, given("maintenance-1", 365), as_of=on(365))
    assert targets(agenda) == {"maintenance-2": 458}


def test_inclisiran_more_than_3_months_late_begins_again_with_the_injection_given() -> None:
    agenda = laid_out("inclisiran", *INCLISIRAN, given("maintenance-1", 367), as_of=on(367))
    # given 2 March 2028: 3 months later 2 June, 6 months after that 2 December
    assert list(targets(agenda).values()) == [459, 642]


def test_inclisiran_exactly_3_months_late_is_a_question() -> None:
    events: list[Event] = [*INCLISIRAN, given("maintenance-1", 366)]
    agenda = laid_out("inclisiran", *events, as_of=on(366))
    (question,) = agenda.questions
    assert (question.id, targets(agenda)) == ("late-maintenance-1", {"maintenance-2": None})
    events.append(Answered(question=question.id, answer=question.choices[0], on=on(366)))
    assert targets(laid_out("inclisiran", *events, as_of=on(366))) == {"maintenance-2": 458}


# --- teplizumab ------------------------------------------------------------------------------


def test_teplizumabs_missed_day_slides_the_end() -> None:
    events = [given("treatment-1", 0), given("treatment-2", 1)]
    agenda = laid_out("teplizumab", *events, as_of=on(3))
    assert list(targets(agenda).values()) == list(range(3, 15))


# --- paliperidone ----------------------------------------------------------------------------

SECOND = [
    # a day before 4 weeks are over, and at 4 weeks
    (27, {"monthly-1": 35}),
    # 29 March, one more on 5 April, then monthly: 5 May
    (28, {"initiation-2-extra-1": 35, "monthly-1": 65}),
    # at 7 weeks, 19 April: one more on 26 April, then 26 May
    (49, {"initiation-2-extra-1": 56, "monthly-1": 86}),
]


@pytest.mark.parametrize(("late", "days"), SECOND)
def test_paliperidones_late_second_injection_is_judged_from_the_first(
    late: int, days: dict[str, int | None]
) -> None:
    events = [given("initiation-1", 0), given("initiation-2", late)]
    assert targets(laid_out("paliperidone-monthly", *events, as_of=on(late))) == days


def test_paliperidone_begins_again_when_the_second_is_more_than_7_weeks_after_the_first() -> None:
    events = [given("initiation-1", 0), given("initiation-2", 50)]
    agenda = laid_out("paliperidone-monthly", *events, as_of=on(50))
    assert list(targets(agenda).values()) == [57, 85]


def test_paliperidones_third_injection_stays_5_weeks_after_the_first() -> None:
    events = [given("initiation-1", 0), given("initiation-2", 11)]
    assert targets(laid_out("paliperidone-monthly", *events, as_of=on(11))) == {"monthly-1": 35}


STARTED = [given("initiation-1", 0), given("initiation-2", 7), given("monthly-1", 35)]

# The last was on 5 April (day 35); six weeks later is 17 May (77), six months 5 October (218).
MONTHLY = [
    # 17 May: monthly goes on, 17 June
    (77, {"monthly-3": 108}),
    # 18 May: one more on 25 May, then 25 June
    (78, {"monthly-2-extra-1": 85, "monthly-3": 116}),
    # 5 October: one more on 12 October, then 12 November
    (218, {"monthly-2-extra-1": 225, "monthly-3": 256}),
]


@pytest.mark.parametrize(("late", "days"), MONTHLY)
def test_paliperidones_late_monthly_injection_is_judged_from_the_last(
    late: int, days: dict[str, int | None]
) -> None:
    events = [*STARTED, given("monthly-2", late)]
    assert targets(laid_out("paliperidone-monthly", *events, as_of=on(late))) == days


def test_paliperidone_begins_again_more_than_6_months_after_the_last() -> None:
    events = [*STARTED, given("monthly-2", 219)]
    agenda = laid_out("paliperidone-monthly", *events, as_of=on(219))
    assert list(targets(agenda).values()) == [226, 254]


# --- cabotegravir and buprenorphine ----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "events", "visit", "day"),
    [
        # due 1 April, given 6 April: the next is 1 May
        (
            "cabotegravir-monthly",
            [given("treatment-1", 0), given("treatment-2", 36)],
            "treatment-3",
            61,
        ),
        # month 1 given 5 days late: month 3 is 1 June all the same
        (
            "cabotegravir-2-monthly",
            [given("initiation-1", 0), given("initiation-2", 36)],
            "continuation-1",
            92,
        ),
        # month 3 given 7 days early: month 5 is 1 August all the same
        (
            "cabotegravir-2-monthly",
            [given("initiation-1", 0), given("initiation-2", 31), given("continuation-1", 85)],
            "continuation-2",
            153,
        ),
    ],
)
def test_cabotegravir_returns_to_its_day_of_the_month(
    name: str, events: list[Event], visit: str, day: int
) -> None:
    agenda = laid_out(name, *events, as_of=max(event.on for event in events))
    assert targets(agenda)[visit] == day
    assert windows(agenda)[visit][1] == day + 7


@pytest.mark.parametrize("name", ["cabotegravir-monthly", "cabotegravir-2-monthly"])
def test_cabotegravir_more_than_7_days_late_is_a_question(name: str) -> None:
    first = "treatment" if name.endswith("-monthly") and "2" not in name else "initiation"
    on_time = laid_out(name, given(f"{first}-1", 0), given(f"{first}-2", 38), as_of=on(38))
    late = laid_out(name, given(f"{first}-1", 0), given(f"{first}-2", 39), as_of=on(39))
    assert [q.id for q in on_time.questions if q.id.startswith("late")] == []
    assert [q.id for q in late.questions if q.id.startswith("late")] == [f"late-{first}-2"]


def test_buprenorphine_is_26_days_after_the_last_or_more_and_late_starts_again() -> None:
    on_time = laid_out("buprenorphine-monthly", given("treatment-1", 0), as_of=on(1))
    assert windows(on_time)["treatment-2"] == (26, None)
    events = [given("treatment-1", 0), given("treatment-2", 50)]
    # given 20 April: a month later is 20 May
    assert targets(laid_out("buprenorphine-monthly", *events, as_of=on(50))) == {"treatment-3": 80}
