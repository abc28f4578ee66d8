"""
The catalog's ketamine, esketamine and headache courses against their published timing.

Expected days are worked out by hand from the text of the source; day 0 is the start of the
course, Monday 1 March 2027.
"""

from __future__ import annotations

from datetime import date

import pytest

from catalog_dates import BEFORE, given, laid_out, on, ranges, run, targets, windows
from protocol_sched import catalog
from protocol_sched.model.course import Answered, Event, Given, Omitted, Requested, Reviewed
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.spans import SpanRange, elapsed_span

TARGETS = [
    # one infusion of 4.2 days, reviewed until week 12
    ("ketamine-crps-inpatient-sigtermans", {"stay-1": 0, "review": 84}),
    # five days; reviewed at three and six months: 1 June and 1 September
    ("ketamine-crps-inpatient-goldberg", {"stay-1": 0} | run("review", 92, 184)),
    ("ketamine-headache-inpatient-pomeroy", {"stay-1": 0}),
    ("ketamine-headache-inpatient-schwenk", {"stay-1": 0} | run("office-visit", 38, 101)),
    # two days in a row; reviewed one and two months after 2 March: 2 April and 2 May
    ("migraine-infusion-days", run("treatment", 0, 1) | run("review", 32, 62)),
    # history and physical, then four days back to back
    ("ketamine-crps-clinic", {"evaluation": 0} | run("series", 1, 2, 3, 4)),
    # evaluated two weeks or more before; ten treatment days without weekends; three months after
    # Friday 26 March is 26 June
    (
        "ketamine-crps-outpatient",
        {"evaluation": 0}
        | run("treatment", 14, 15, 16, 17, 18, 21, 22, 23, 24, 25)
        | {"follow-up": 117},
    ),
    ("ketamine-pain-consensus", {"single-1": 0, "reassessment": 21}),
    ("ketamine-boosters", {}),
    ("brexanolone-depression", {"stay-1": 0}),
    # counted from noon of the first day, as long as its hour is not known
    ("dhe-repetitive", run("treatment", 0, 0, 1, 1, 1, 2, 2, 2, 3)),
    (
        "dhe-five-days",
        run("treatment", 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4),
    ),
]


@pytest.mark.parametrize(("name", "days"), TARGETS, ids=[name for name, _ in TARGETS])
def test_every_visit_is_due_on_its_published_day(name: str, days: dict[str, int | None]) -> None:
    assert targets(laid_out(name)) == days


# Visits counted for each week, without a date: how many fall into week 0, week 1 and so on.
WEEKS = [
    # six in two weeks
    ("ketamine-depression", {"induction": [3, 3]}),
    # weeks 1 to 4 two each, weeks 5 to 8 one each
    ("esketamine-depression", {"weeks-1-to-4": [2] * 4, "weeks-5-to-8": [0] * 4 + [1] * 4}),
    ("esketamine-suicidality", {"weeks-1-to-4": [2] * 4}),
    # 36 sessions: five a week for six weeks, then three, two and one
    (
        "rtms-depression",
        {
            "daily": [5] * 6,
            "three-a-week": [0] * 6 + [3],
            "two-a-week": [0] * 7 + [2],
            "one-a-week": [0] * 8 + [1],
        },
    ),
]


@pytest.mark.parametrize(("name", "phases"), WEEKS, ids=[name for name, _ in WEEKS])
def test_visits_counted_by_the_week_have_the_whole_week(
    name: str, phases: dict[str, list[int]]
) -> None:
    found = windows(laid_out(name))
    for phase, weeks in phases.items():
        places = [(w, n) for w, count in enumerate(weeks) for n in range(count)]
        # The third of three is a day after the second, which is best on day 2 of the week.
        first = {(3, 2): 3}
        expected = {
            f"{phase}-{k}": (
                7 * w + first.get((weeks[w], n), n),
                None if (w, n) == (0, 0) else 7 * w + 6,
            )
            for k, (w, n) in enumerate(places, start=1)
        }
        assert {key: value for key, value in found.items() if key in expected} == expected


# --- ketamine --------------------------------------------------------------------------------


def test_weekly_ketamine_is_a_week_after_the_sixth_and_a_week_apart() -> None:
    found = targets(laid_out("ketamine-depression"))
    # the sixth is best on Friday of the second week, day 11
    assert [found[f"weekly-{n}"] for n in range(1, 5)] == [18, 25, 32, 39]


def test_esketamine_every_week_or_two_begins_in_week_9() -> None:
    events: list[Event] = [given(f"weeks-1-to-4-{n}", 3 * n) for n in range(1, 9)]
    events += [given(f"weeks-5-to-8-{n}", 26 + 7 * n) for n in range(1, 5)]
    # the twelfth was a day early, on day 54; week 9 begins eight weeks after the first, day 59
    agenda = laid_out("esketamine-depression", *events, as_of=on(54))
    assert windows(agenda)["maintenance-1"][0] == 61
    late = [*events[:-1], given("weeks-5-to-8-4", 50)]
    agenda = laid_out("esketamine-depression", *late, as_of=on(54))
    assert windows(agenda)["maintenance-1"][0] == 59


def test_weekly_ketamine_waits_for_the_response() -> None:
    agenda = laid_out("ketamine-depression")
    assert [due.id for due in agenda.dues if due.tentative] == [
        "weekly-1",
        "weekly-2",
        "weekly-3",
        "weekly-4",
    ]
    asked = [question.asks for question in agenda.questions]
    assert "What is score drop in percent after induction?" in asked


SIX_GIVEN = [given(f"induction-{n}", day) for n, day in enumerate((0, 2, 4, 7, 9, 11), start=1)]


@pytest.mark.parametrize(
    ("drop", "due"), [(50, ["weekly-1", "weekly-2", "weekly-3", "weekly-4"]), (49.5, [])]
)
def test_half_the_score_gone_is_enough_to_go_on(drop: float, due: list[str]) -> None:
    review = Reviewed(on=on(12), scores=[("score drop in percent", drop)])
    agenda = laid_out("ketamine-depression", *SIX_GIVEN, review, as_of=on(12))
    assert [one.id for one in agenda.dues if not one.tentative] == due


def test_an_induction_of_four_spans_7_to_28_days() -> None:
    assert windows(laid_out("ketamine-induction")) == {
        "induction-1": (0, None),
        "induction-2": (1, 28),
        "induction-3": (3, 28),  # the second is best on day 2
        "induction-4": (7, 28),
        "response-review": (21, 38),
    }


def test_an_induction_of_eight_ends_7_to_28_days_after_it_began() -> None:
    answer = Answered(question="count-induction", answer="8", on=BEFORE)
    found = windows(laid_out("ketamine-induction", answer))
    assert found["induction-8"] == (7, 28)
    assert found["response-review"] == (21, 38)


def test_a_booster_is_due_when_asked_for_and_only_then() -> None:
    assert laid_out("ketamine-boosters").dues == ()
    asked = Requested(phase="boosters", on=on(0), wanted=on(30))
    assert targets(laid_out("ketamine-boosters", asked, as_of=on(1))) == {"boosters-1": 30}


def test_ten_treatment_days_from_a_thursday_leave_out_both_weekends() -> None:
    evaluated = Given(visit="evaluation", on=date(2027, 2, 15))
    thursday = Given(visit="treatment-1", on=on(3))
    found = targets(laid_out("ketamine-crps-outpatient", evaluated, thursday, as_of=on(3)))
    days = [found[f"treatment-{n}"] for n in range(2, 11)]
    assert days == [4, 7, 8, 9, 10, 11, 14, 15, 16]


def test_a_history_30_days_old_still_counts_and_one_of_31_days_does_not() -> None:
    first = {"series-1": 0, "series-2": 1, "series-3": 2, "series-4": 3}
    old = Given(visit="evaluation", on=date(2027, 1, 30))
    assert targets(laid_out("ketamine-crps-clinic", old)) == first
    older = Given(visit="evaluation", on=date(2027, 1, 29))
    assert targets(laid_out("ketamine-crps-clinic", older))["evaluation-2"] == 0


def test_four_or_eight_days_back_to_back_leave_no_day_between() -> None:
    evaluated = Given(visit="evaluation", on=date(2027, 2, 15))
    eight = Answered(question="count-series", answer="8", on=BEFORE)
    found = targets(laid_out("ketamine-crps-clinic", evaluated, eight))
    assert found == run("series", 0, 1, 2, 3, 4, 5, 6, 7)


def test_refractory_headache_calls_come_three_to_six_months_later() -> None:
    # 1 June to 1 September
    assert ranges(laid_out("ketamine-headache-inpatient-lauritsen")) == {
        "stay-1": (0, None),
        "call": (92, 184),
    }


STAYS = [
    ("ketamine-crps-inpatient-sigtermans", "infusion", "100 hours + 48 minutes", None),
    ("ketamine-crps-inpatient-goldberg", "infusion", "120 hours", "120 hours"),
    ("ketamine-headache-inpatient-pomeroy", "infusion", "48 hours", "216 hours"),
    ("ketamine-headache-inpatient-schwenk", "infusion", "120 hours", "120 hours"),
]


@pytest.mark.parametrize(("name", "stage", "least", "most"), STAYS, ids=[row[0] for row in STAYS])
def test_a_stay_is_as_long_as_published(
    name: str, stage: str, least: str, most: str | None
) -> None:
    kind = catalog.load(name).visit_type("stay")
    length = next(one.length for one in kind.stages if one.name == stage)
    assert length == SpanRange(elapsed_span(least), elapsed_span(most or least))


def test_a_stay_that_ends_by_a_criterion_has_an_open_length() -> None:
    kind = catalog.load("ketamine-headache-inpatient-lauritsen").visit_type("stay")
    infusion = kind.stages[1]
    assert infusion.length == SpanRange(elapsed_span("8 hours"), None)
    assert infusion.until == "the pain is 3 of 10 or less and has stayed so for at least 8 hours"


def test_brexanolone_changes_at_4_24_52_56_and_ends_at_60_hours() -> None:
    hours, ends = 0, []
    for stage in catalog.load("brexanolone-depression").visit_type("stay").stages[1:-1]:
        hours += stage.least // 60
        ends.append(hours)
    assert ends == [4, 24, 52, 56, 60]


# --- esketamine ------------------------------------------------------------------------------


WEEKS_1_TO_8 = [
    *(given(f"weeks-1-to-4-{n}", day) for n, day in enumerate((0, 3, 7, 10, 14, 17, 21, 24), 1)),
    *(given(f"weeks-5-to-8-{n}", day) for n, day in enumerate((28, 35, 42, 49), 1)),
]


def test_from_week_9_a_session_is_due_one_to_two_weeks_after_the_last() -> None:
    agenda = laid_out("esketamine-depression", *WEEKS_1_TO_8, as_of=on(49))
    assert ranges(agenda) == {"maintenance-1": (56, 63)}


@pytest.mark.parametrize(("weeks", "due"), [(1, 56), (2, 63)])
def test_the_lowest_frequency_that_holds_is_recorded(weeks: int, due: int) -> None:
    review = Reviewed(on=on(49), scores=[("weeks between sessions", weeks)])
    agenda = laid_out("esketamine-depression", *WEEKS_1_TO_8, review, as_of=on(49))
    assert ranges(agenda) == {"maintenance-1": (due, due)}


def test_worse_after_missed_maintenance_steps_back_to_weekly_sessions() -> None:
    events: list[Event] = [
        *WEEKS_1_TO_8,
        given("maintenance-1", 63),
        Omitted(visit="maintenance-2", on=on(78)),
        Reviewed(on=on(80), scores=[("worse after missed sessions", 1)]),
    ]
    agenda = laid_out("esketamine-depression", *events, as_of=on(80))
    assert [due.phase for due in agenda.dues] == [*["weeks-5-to-8"] * 4, "maintenance"]
    # the first as soon as possible, then one in each week from it
    assert targets(agenda)["weeks-5-to-8-5"] == 80
    assert windows(agenda)["weeks-5-to-8-6"] == (87, 93)


def test_worse_after_missed_weekly_sessions_steps_back_to_two_a_week() -> None:
    events: list[Event] = [
        *WEEKS_1_TO_8,
        Reviewed(on=on(70), scores=[("worse after missed weekly sessions", 1)]),
    ]
    agenda = laid_out("esketamine-depression", *events, as_of=on(70))
    assert [due.phase for due in agenda.dues][:8] == ["weeks-1-to-4"] * 8
    assert windows(agenda)["weeks-1-to-4-10"] == (71, 76)


def test_a_session_missed_in_weeks_1_to_4_carries_on() -> None:
    events: list[Event] = [*WEEKS_1_TO_8[:2], Omitted(visit="weeks-1-to-4-3", on=on(13))]
    found = windows(laid_out("esketamine-depression", *events, as_of=on(9)))
    assert found["weeks-1-to-4-4"] == (9, 13)
    assert found["weeks-1-to-4-5"] == (14, 20)


def test_esketamine_observation_is_two_hours_and_until_judged_stable() -> None:
    for name in ("esketamine-depression", "esketamine-suicidality"):
        session = catalog.load(name).visit_type("session")
        observation = session.stages[-1]
        assert observation.length == SpanRange(elapsed_span("2 hours"), None)
        assert (
            observation.until == "a health professional judges the person stable and fit to leave"
        )
        assert session.no_driving is not None
        assert session.no_driving.until == "next day"
        assert str(session.no_driving.rest) == "8 hours"
        leads = {fast.what: str(fast.lead) for fast in session.fasting}
        assert leads == {"food": "2 hours", "liquids": "30 minutes"}


def test_the_benefit_of_esketamine_is_checked_before_week_5() -> None:
    agenda = laid_out("esketamine-depression")
    needs = {due.id: [need.gate for need in due.needs] for due in agenda.dues if due.needs}
    assert needs == {"weeks-1-to-4-1": ["enrolment"], "weeks-5-to-8-1": ["benefit-check"]}
    assert targets(laid_out("esketamine-suicidality"))["benefit-check"] == 28


def test_three_published_rules_for_driving_are_not_one() -> None:
    clinic = catalog.load("ketamine-crps-clinic").visit_type("infusion").no_driving
    assert clinic is not None
    assert clinic.until == "24 hours"
    esketamine = catalog.load("esketamine-depression").visit_type("session").no_driving
    assert esketamine is not None
    assert esketamine.until == "next day"
    brexanolone = catalog.load("brexanolone-depression").visit_type("stay")
    assert "until she is no longer drowsy" in brexanolone.note


# --- eptinezumab -----------------------------------------------------------------------------


def test_three_months_and_twelve_weeks_drift_apart() -> None:
    # 1 June, 1 September and 1 December against 84, 168 and 252 days
    months = ranges(laid_out("eptinezumab-3-months", until=280))
    assert months == {
        "treatment-1": (0, None),
        "treatment-2": (92, 92),
        "treatment-3": (184, 184),
        "treatment-4": (275, 275),
        "response-review": (92, 184),
    }
    weeks = ranges(laid_out("eptinezumab-12-weeks", until=280))
    assert weeks == {
        "treatment-1": (0, None),
        "treatment-2": (84, 84),
        "treatment-3": (168, 168),
        "treatment-4": (252, 252),
        "response-review": (184, 184),
    }


def test_thirty_november_and_three_months_is_the_first_of_march() -> None:
    first = Given(visit="treatment-1", on=date(2027, 11, 30))
    agenda = laid_out("eptinezumab-3-months", first, as_of=date(2027, 11, 30))
    assert [due.target.day for due in agenda.dues if due.phase == "treatment" and due.target] == [
        date(2028, 3, 1)
    ]


def test_eptinezumab_is_counted_from_the_infusion_as_given() -> None:
    events: list[Event] = [given("treatment-1", 0), given("treatment-2", 100)]
    agenda = laid_out("eptinezumab-12-weeks", *events, as_of=on(100))
    assert targets(agenda)["treatment-3"] == 184


# --- the seed case ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "open_in_the_article",
    [
        "How many infusions",
        "How far apart the infusions are",
        "How long the recovery lasts",
        "When the response is reviewed",
        "How far apart boosters are",
        "How long nobody drives",
        "How long before it nobody eats or drinks",
        "Whether the response was reviewed before the first booster",
        "How severity and response set the frequency",
    ],
)
def test_the_clinic_is_asked_what_the_article_leaves_open(open_in_the_article: str) -> None:
    asked = [question.asks for question in laid_out("ketamine-migraine").questions]
    assert [one for one in asked if one.startswith(open_in_the_article)] != []


def test_the_six_infusions_are_the_clinics_own_number() -> None:
    assert catalog.load("ketamine-migraine").phase("induction").source == "local"


EVEN = (1, 3, 6, 8, 10, 13)
"""Six infusions, 2 to 3 days apart."""


def test_a_booster_waits_until_the_response_was_reviewed() -> None:
    events: list[Event] = [given(f"induction-{n}", day) for n, day in enumerate(EVEN, start=1)]
    events += [given("response-review", 28)]
    events += [Requested(phase="boosters", on=on(29), wanted=on(29))]
    (waits,) = laid_out("ketamine-migraine", *events, as_of=on(29)).dues
    assert [need.gate for need in waits.needs if not need.done] == ["response-reviewed"]
    events += [GateTested(gate="response-reviewed", on=on(29))]
    (goes,) = laid_out("ketamine-migraine", *events, as_of=on(29)).dues
    assert (goes.id, windows(laid_out("ketamine-migraine", *events, as_of=on(29)))) == (
        "boosters-1",
        {"boosters-1": (29, None)},
    )


def test_a_review_that_says_no_holds_every_booster() -> None:
    events: list[Event] = [given(f"induction-{n}", day) for n, day in enumerate(EVEN, start=1)]
    events += [Requested(phase="boosters", on=on(29), wanted=on(29))]
    events += [GateTested(gate="response-reviewed", on=on(29), passed=False)]
    agenda = laid_out("ketamine-migraine", *events, as_of=on(29))
    assert targets(agenda)["boosters-1"] is None
    assert any("response-reviewed" in question.id for question in agenda.questions)
