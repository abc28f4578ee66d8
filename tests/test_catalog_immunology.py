"""
The catalog's courses of immunology, gastroenterology, rheumatology and transplant against their
published timing.

Expected days are worked out by hand from the text of the source; day 0 is the start of the
course, Monday 1 March 2027.
"""

from __future__ import annotations

import pytest

from catalog_dates import course_through, given, laid_out, on, ranges, run, targets, windows
from protocol_sched import catalog
from protocol_sched.judge.verdicts import Judged, verdict
from protocol_sched.model import course
from protocol_sched.model.course import Answered, Event, Happened, Reviewed

DAYS_A_YEAR = 366
"""The first year, its last day included: until 1 March 2028."""

TARGETS = [
    # weeks 0, 2, 6, then every 8 weeks: weeks 14, 22, 30, 38, 46
    ("infliximab", run("induction", 0, 14, 42) | run("maintenance", 98, 154, 210, 266, 322)),
    # weeks 0, 2, 6, then every 6 weeks: weeks 12, 18, 24, 30, 36, 42, 48
    (
        "infliximab-ankylosing",
        run("induction", 0, 14, 42) | run("maintenance", 84, 126, 168, 210, 252, 294, 336),
    ),
    (
        "vedolizumab-crohn-eu",
        run("induction", 0, 14, 42)
        | run("maintenance", 98, 154, 210, 266, 322)
        | {"benefit-check": 98},
    ),
    (
        "vedolizumab-colitis-eu",
        run("induction", 0, 14, 42)
        | run("maintenance", 98, 154, 210, 266, 322)
        | {"benefit-check": 70},
    ),
    (
        "vedolizumab-us",
        run("induction", 0, 14, 42)
        | run("maintenance", 98, 154, 210, 266, 322)
        | {"benefit-check": 98},
    ),
    # days 1, 15, 29, then every 4 weeks
    ("abatacept", run("induction", 0, 14, 28) | run("maintenance", *range(56, 366, 28))),
    # weeks 0, 2, 4, then every 4 weeks
    ("belimumab", run("induction", 0, 14, 28) | run("maintenance", *range(56, 366, 28))),
    # two infusions 2 weeks apart, again after 24 weeks, again after 48
    ("rituximab-arthritis", run("treatment", 0, 14, 168, 182, 336, 350)),
    # four weekly, again after 6, 12 and 18 months: 1 September, 1 March, 1 September
    (
        "rituximab-lymphoma-blocks",
        run(
            "treatment",
            *(0, 7, 14, 21),
            *(184, 191, 198, 205),
            *(366, 373, 380, 387),
            *(550, 557, 564, 571),
        ),
    ),
    ("rituximab-lymphoma-weekly", run("weekly", 0, 7, 14, 21)),
    # two loading days, then every 3 weeks from the first of them
    ("immunoglobulin-cidp", run("loading", 0, 1) | run("maintenance", *range(21, 366, 21))),
    ("pegloticase", run("treatment", *range(0, 366, 14))),
    ("omalizumab-2-weeks", run("treatment", *range(0, 366, 14))),
    ("omalizumab-4-weeks", run("treatment", *range(0, 366, 28))),
]


@pytest.mark.parametrize(("name", "days"), TARGETS, ids=[name for name, _ in TARGETS])
def test_every_visit_of_a_year_is_due_on_its_published_day(
    name: str, days: dict[str, int | None]
) -> None:
    assert targets(laid_out(name, until=DAYS_A_YEAR)) == days


# --- infliximab and vedolizumab --------------------------------------------------------------


def test_week_6_is_counted_from_the_first_infusion_and_week_14_from_the_third() -> None:
    events = [given("induction-1", 0), given("induction-2", 17), given("induction-3", 45)]
    assert targets(laid_out("infliximab", *events[:2], as_of=on(17)))["induction-3"] == 42
    assert targets(laid_out("infliximab", *events, as_of=on(45)))["maintenance-1"] == 101


def test_an_extra_vedolizumab_infusion_in_week_10_leaves_week_14_alone() -> None:
    events: list[Event] = [
        given("induction-1", 0),
        given("induction-2", 14),
        given("induction-3", 42),
        Reviewed(on=on(60), scores=[("extra infusion in week 10", 1)]),
    ]
    agenda = laid_out("vedolizumab-crohn-eu", *events, as_of=on(60), until=160)
    assert targets(agenda) == {
        "induction-inserted-1": 70,
        "maintenance-1": 98,
        "benefit-check": 98,
        "maintenance-2": 154,
    }
    events.append(given("induction-inserted-1", 72))
    agenda = laid_out("vedolizumab-crohn-eu", *events, as_of=on(72), until=160)
    assert targets(agenda) == {"maintenance-1": 98, "benefit-check": 98, "maintenance-2": 154}


STOPS = [
    ("infliximab", "no response by week 14"),
    ("vedolizumab-crohn-eu", "no benefit by week 14"),
    ("vedolizumab-colitis-eu", "no benefit by week 10"),
    ("vedolizumab-us", "no benefit by week 14"),
]


@pytest.mark.parametrize(("name", "finding"), STOPS, ids=[name for name, _ in STOPS])
def test_without_benefit_the_course_ends(name: str, finding: str) -> None:
    events: list[Event] = [
        given("induction-1", 0),
        given("induction-2", 14),
        given("induction-3", 42),
        Reviewed(on=on(70), scores=[(finding, 1)]),
    ]
    agenda = laid_out(name, *events, as_of=on(70))
    assert [due.id for due in agenda.dues if due.kind == "infusion"] == []
    assert agenda.ended == finding


@pytest.mark.parametrize("name", ["infliximab", "vedolizumab-crohn-eu", "vedolizumab-colitis-eu"])
def test_the_interval_may_become_four_weeks(name: str) -> None:
    events: list[Event] = [
        given("induction-1", 0),
        given("induction-2", 14),
        given("induction-3", 42),
        given("maintenance-1", 98),
        Reviewed(on=on(98), scores=[("weeks between infusions", 4)]),
    ]
    agenda = laid_out(name, *events, as_of=on(98), until=154)
    treatments = [day for visit, day in targets(agenda).items() if visit != "benefit-check"]
    assert treatments == [126, 154]


OBSERVED = [
    # half an hour of preparation, then as published: the first visits, and the ones after them
    ("vedolizumab-crohn-eu", "infusion", [180, 180, 120, 120]),
    # in the US until the infusion is complete
    ("vedolizumab-us", "infusion", [60, 60, 60, 60]),
    ("omalizumab-2-weeks", "injection", [135, 135, 135, 45]),
    ("omalizumab-4-weeks", "injection", [135, 135, 135, 45]),
]


@pytest.mark.parametrize(("name", "kind", "minutes"), OBSERVED, ids=[row[0] for row in OBSERVED])
def test_early_visits_are_watched_longer(name: str, kind: str, minutes: list[int]) -> None:
    visit = catalog.load(name).visit_type(kind)
    assert [visit.most(ordinal) for ordinal in range(1, 5)] == minutes


# --- rituximab -------------------------------------------------------------------------------


def test_a_rituximab_course_never_comes_sooner_than_16_weeks() -> None:
    # the second infusion ten weeks late: 16 weeks after it is later than 24 after the first
    events = [given("treatment-1", 0), given("treatment-2", 84)]
    agenda = laid_out("rituximab-arthritis", *events, as_of=on(84))
    assert targets(agenda)["treatment-3"] == 84 + 112
    assert windows(agenda)["treatment-3"] == (196, None)


def test_a_relapse_has_four_weekly_infusions_or_eight() -> None:
    eight = Reviewed(on=on(0), scores=[("eight weekly infusions", 1)])
    assert targets(laid_out("rituximab-lymphoma-weekly", eight)) == run(
        "weekly", 0, 7, 14, 21, 28, 35, 42, 49
    )


AFTER_CHEMOTHERAPY = Happened(event="end of chemotherapy", on=on(-28))


def test_rituximab_after_chemotherapy_is_twelve_infusions_eight_weeks_apart() -> None:
    agenda = laid_out("rituximab-lymphoma-maintenance", AFTER_CHEMOTHERAPY)
    # 8 weeks after the end, four of which are over on day 0
    assert targets(agenda) == run("maintenance", *range(28, 28 + 12 * 56, 56))


def test_rituximab_after_chemotherapy_asks_for_its_end() -> None:
    questions = laid_out("rituximab-lymphoma-maintenance").questions
    assert "event-end of chemotherapy" in [question.id for question in questions]


def test_only_a_response_leads_to_maintenance() -> None:
    none = course.Tested(gate="response-to-chemotherapy", on=on(-1), passed=False)
    agenda = laid_out("rituximab-lymphoma-maintenance", AFTER_CHEMOTHERAPY, none, as_of=on(0))
    assert agenda.dues == ()


# --- immunoglobulin --------------------------------------------------------------------------


def test_five_loading_days_leave_the_first_maintenance_on_its_date() -> None:
    five = Answered(question="count-loading", answer="5", on=on(-10))
    found = targets(laid_out("immunoglobulin-cidp", five))
    assert found == run("loading", 0, 1, 2, 3, 4) | {"maintenance-1": 21}


@pytest.mark.parametrize("weeks", [2, 3, 4, 5, 6])
def test_the_immunoglobulin_interval_is_two_to_six_weeks(weeks: int) -> None:
    events: list[Event] = [
        given("loading-1", 0),
        given("loading-2", 1),
        Answered(question="count-loading", answer="2", on=on(1)),
        given("maintenance-1", 21),
        Reviewed(on=on(21), scores=[("weeks between infusions", weeks)]),
    ]
    agenda = laid_out("immunoglobulin-cidp", *events, as_of=on(21))
    assert targets(agenda) == {"maintenance-2": 21 + 7 * weeks}


# --- pegloticase -----------------------------------------------------------------------------


def test_uric_acid_counts_for_48_hours_before_each_infusion_but_the_first() -> None:
    """It is high before treatment begins; a limit on it would hold everybody's first infusion."""
    agenda = laid_out("pegloticase", until=30)
    found = {
        due.id: [(need.earliest, need.latest) for need in due.needs if need.gate == "uric-acid"]
        for due in agenda.dues
    }
    assert found == {
        "treatment-1": [],
        "treatment-2": [(on(12), on(14))],
        "treatment-3": [(on(26), on(28))],
    }


def test_a_failed_uric_acid_holds_the_infusion() -> None:
    failed = course.Tested(gate="uric-acid", on=on(13), passed=False)
    agenda = laid_out("pegloticase", given("treatment-1", 0), failed, as_of=on(13))
    assert targets(agenda) == {"treatment-2": None}


@pytest.mark.parametrize(
    ("days", "follows"),
    [
        (14, ""),
        (15, "give now, then from this visit"),
        (28, "give now, then from this visit"),
        (29, "give now, then from this visit (extra caution)"),
    ],
)
def test_a_gap_of_more_than_four_weeks_asks_for_extra_caution(days: int, follows: str) -> None:
    first = given("treatment-1", 0)
    pegloticase = course_through("pegloticase", first)
    assert verdict(pegloticase, "treatment-2", on(days)).follows == follows
    agenda = laid_out("pegloticase", first, given("treatment-2", days), as_of=on(days))
    assert targets(agenda) == {"treatment-3": days + 14}


# --- belatacept ------------------------------------------------------------------------------


def test_belatacept_is_counted_from_the_transplant() -> None:
    transplant = Happened(event="transplant", on=on(0))
    agenda = laid_out("belatacept-transplant", transplant, until=150)
    # days 1 and 5, the ends of weeks 2, 4, 8 and 12; week 16 and every 4 weeks from then on
    assert targets(agenda) == run("initial", 0, 4, 14, 28, 56, 84) | run("maintenance", 112, 140)


def test_belatacept_has_three_days_either_side_from_week_16_on() -> None:
    transplant = Happened(event="transplant", on=on(0))
    found = windows(laid_out("belatacept-transplant", transplant))
    assert found["maintenance-1"] == (109, 115)
    assert found["initial-6"][1] is None


@pytest.mark.parametrize(
    ("day", "judged"),
    [
        (108, Judged.TOO_EARLY),
        (109, Judged.IN_WINDOW),
        (115, Judged.IN_WINDOW),
        (116, Judged.TOO_LATE),
    ],
)
def test_belatacept_in_week_16_is_judged_by_its_three_days(day: int, judged: Judged) -> None:
    events: list[Event] = [Happened(event="transplant", on=on(0))]
    days = (0, 4, 14, 28, 56, 84)
    events += [given(f"initial-{n}", day) for n, day in enumerate(days, start=1)]
    belatacept = course_through("belatacept-transplant", *events)
    assert verdict(belatacept, "maintenance-1", on(day)).judged is judged


def test_belatacept_asks_for_the_transplant() -> None:
    agenda = laid_out("belatacept-transplant")
    assert ("event-transplant", "When is or was transplant?") in [
        (question.id, question.asks) for question in agenda.questions
    ]
    assert ranges(agenda)["initial-1"] == (None, None)
