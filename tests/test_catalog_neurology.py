"""
The catalog's courses of neurology, complement and RNA medicine against their published timing.

Expected days are worked out by hand from the text of the source; day 0 is the start of the
course, Monday 1 March 2027.
"""

from __future__ import annotations

import pytest

from catalog_dates import given, laid_out, on, run, targets, windows
from protocol_sched.model.course import Event, Happened, Omitted, Requested, Reviewed

DAYS_A_YEAR = 366
"""The first year, its last day included: until 1 March 2028."""

TARGETS = [
    # every 4 weeks; reviews at 3 and 6 months, then every 6: 1 June, 1 September, 1 March
    (
        "natalizumab",
        run("treatment", *range(0, 366, 28))
        | {"review-at-3-months": 92}
        | run("review-every-6-months", 184, 366),
    ),
    # the same, with a benefit check in week 12
    (
        "natalizumab-crohn",
        run("treatment", *range(0, 366, 28))
        | {"benefit-check": 84, "review-at-3-months": 92}
        | run("review-every-6-months", 184, 366),
    ),
    # weeks 0 and 2, then 6 and 12 months after the first: 1 September and 1 March
    ("ocrelizumab-months", run("initial", 0, 14) | run("maintenance", 184, 366)),
    # weeks 0 and 2, then 24 and 48 weeks after the first
    ("ocrelizumab-weeks", run("initial", 0, 14) | run("maintenance", 168, 336)),
    # days 1 and 15, then 24 and 48 weeks after the first
    ("ublituximab", run("initial", 0, 14) | run("maintenance", 168, 336)),
    ("lecanemab", run("treatment", *range(0, 366, 14)) | run("cognition-review", 184, 366)),
    (
        "lecanemab-before-2025-08",
        run("treatment", *range(0, 366, 14)) | run("cognition-review", 184, 366),
    ),
    ("donanemab", run("treatment", *range(0, 366, 28))),
    ("donanemab-trial", run("treatment", *range(0, 366, 28))),
    # one cycle; the next only on request
    ("efgartigimod-2022", run("cycle", 0, 7, 14, 21)),
    ("efgartigimod", run("cycle", 0, 7, 14, 21)),
    ("efgartigimod-eu", run("cycle", 0, 7, 14, 21)),
    ("rozanolixizumab-us", run("cycle", 0, 7, 14, 21, 28, 35)),
    ("rozanolixizumab-eu", run("cycle", 0, 7, 14, 21, 28, 35)),
    # days 0, 14, 28, then 30 days on: 28 April; every 4 months: 28 August, 28 December
    ("nusinersen", run("loading", 0, 14, 28, 58) | run("maintenance", 180, 302)),
    ("nusinersen-older-label", run("loading", 0, 14, 28, 58) | run("maintenance", 180, 302)),
    # weeks 0 to 3, week 4, then every 14 days
    (
        "eculizumab-eu",
        run("initial", 0, 7, 14, 21) | run("maintenance", *range(28, 366, 14)),
    ),
    (
        "eculizumab-us",
        run("initial", 0, 7, 14, 21) | run("maintenance", *range(28, 366, 14)),
    ),
    # week 0, week 2, then every 8 weeks: weeks 10, 18, 26, 34, 42, 50
    (
        "ravulizumab",
        {"loading-1": 0} | run("maintenance", 14, 70, 126, 182, 238, 294, 350),
    ),
    ("patisiran", run("treatment", *range(0, 366, 21))),
]


@pytest.mark.parametrize(("name", "days"), TARGETS, ids=[name for name, _ in TARGETS])
def test_every_visit_of_a_year_is_due_on_its_published_day(
    name: str, days: dict[str, int | None]
) -> None:
    assert targets(laid_out(name, until=DAYS_A_YEAR)) == days


# --- natalizumab -----------------------------------------------------------------------------


def test_natalizumab_goes_on_every_six_weeks_after_a_stable_year() -> None:
    events: list[Event] = [given(f"treatment-{n}", 28 * (n - 1)) for n in range(1, 15)]
    stable = ("stable on infusions every 4 weeks for 12 months", 1)
    events.append(Reviewed(on=on(370), scores=[stable]))
    agenda = laid_out("natalizumab", *events, as_of=on(370), until=460)
    # the 14th was on day 364
    assert {k: v for k, v in targets(agenda).items() if k.startswith("treatment")} == {
        "treatment-15": 406,
        "treatment-16": 448,
    }


# --- ocrelizumab and ublituximab -------------------------------------------------------------

# The floor from a late second infusion wins over the date counted from the first. Second on day
# 63 (3 May): 5 months later is 3 October; 20 weeks later is day 203; 5 months after 22 March, the
# day 21, is 22 August, a week after the 24 weeks are over.
FLOORS = [
    ("ocrelizumab-months", 14, 184),
    ("ocrelizumab-months", 63, 216),
    ("ocrelizumab-weeks", 14, 168),
    ("ocrelizumab-weeks", 63, 203),
    ("ublituximab", 14, 168),
    ("ublituximab", 21, 174),
]


@pytest.mark.parametrize(("name", "second", "third"), FLOORS)
def test_the_third_infusion_hangs_on_the_first_unless_the_floor_is_later(
    name: str, second: int, third: int
) -> None:
    agenda = laid_out(name, given("initial-1", 0), given("initial-2", second), as_of=on(second))
    assert targets(agenda)["maintenance-1"] == third


@pytest.mark.parametrize(
    ("name", "fourth"),
    # given 20 September, day 203: 6 months later is 20 March; 24 weeks later is day 371
    [("ocrelizumab-months", 385), ("ocrelizumab-weeks", 371), ("ublituximab", 371)],
)
def test_a_late_maintenance_infusion_starts_the_clock_again(name: str, fourth: int) -> None:
    events = [given("initial-1", 0), given("initial-2", 14), given("maintenance-1", 203)]
    assert targets(laid_out(name, *events, as_of=on(203)))["maintenance-2"] == fourth


def test_vaccines_are_four_and_two_weeks_before_the_first_infusion() -> None:
    needs = {
        need.gate: need.latest for need in laid_out("ocrelizumab-weeks").due("initial-1").needs
    }
    assert needs == {
        "hepatitis-b-screening": on(0),
        "immunoglobulins": on(0),
        "liver-tests": on(0),
        "live-vaccines": on(-28),
        "other-vaccines": on(-14),
        "no-active-infection": on(0),
    }


# --- alemtuzumab -----------------------------------------------------------------------------


def test_alemtuzumab_is_five_days_and_twelve_months_after_the_last_of_them_three() -> None:
    agenda = laid_out("alemtuzumab")
    found = {k: v for k, v in targets(agenda).items() if "-course-" in k}
    # the fifth is on 5 March; 5 March of the leap year is day 370
    assert found == run("first-course", 0, 1, 2, 3, 4) | run("later-course", 370, 371, 372)


def test_a_third_alemtuzumab_course_is_on_demand_and_twelve_months_after_the_second() -> None:
    events: list[Event] = [given(f"first-course-{n}", n - 1) for n in range(1, 6)]
    events += [given(f"later-course-{n}", 369 + n) for n in (1, 2, 3)]
    quiet = laid_out("alemtuzumab", *events, as_of=on(400))
    assert [k for k in targets(quiet) if "-course-" in k] == []
    asked = Requested(phase="later-course", on=on(400))
    agenda = laid_out("alemtuzumab", *events, asked, as_of=on(400))
    # the last was on 7 March 2028; 7 March 2029 is day 737
    found = {k: v for k, v in targets(agenda).items() if "-course-" in k}
    assert found == {"later-course-4": 737, "later-course-5": 738, "later-course-6": 739}


# --- lecanemab and donanemab -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "guarded"),
    [
        ("lecanemab-before-2025-08", [1, 5, 7, 14]),
        ("lecanemab", [1, 3, 5, 7, 14]),
        ("donanemab", [1, 2, 3, 4, 7]),
        ("donanemab-trial", [2, 3, 4, 7]),
    ],
)
def test_the_mri_is_before_the_listed_infusions(name: str, guarded: list[int]) -> None:
    dues = laid_out(name, until=DAYS_A_YEAR).dues
    assert [d.ordinal for d in dues if any(need.gate == "mri" for need in d.needs)] == guarded


def test_the_mri_is_before_the_5th_infusion_given_when_one_was_left_out() -> None:
    events: list[Event] = [given("treatment-1", 0), Omitted(visit="treatment-2", on=on(14))]
    dues = laid_out("lecanemab-before-2025-08", *events, as_of=on(15), until=120).dues
    guarded = [due.id for due in dues if any(need.gate == "mri" for need in due.needs)]
    assert guarded == ["treatment-6", "treatment-8"]


@pytest.mark.parametrize(("second", "third"), [(28, (49, 63)), (35, (56, 63))])
def test_donanemabs_floor_of_21_days_takes_away_part_of_the_next_window(
    second: int, third: tuple[int, int]
) -> None:
    events = [given("treatment-1", 0), given("treatment-2", second)]
    agenda = laid_out("donanemab-trial", *events, as_of=on(second))
    assert windows(agenda)["treatment-3"] == third


# --- efgartigimod and rozanolixizumab --------------------------------------------------------


def four(last: int) -> list[Event]:
    return [given(f"cycle-{n}", day) for n, day in enumerate((0, 7, 14, last), start=1)]


def six(last: int) -> list[Event]:
    days = (0, 7, 14, 21, 28, last)
    return [given(f"cycle-{n}", day) for n, day in enumerate(days, start=1)]


# On time the older floor is a day later; with the last infusion 3 days late it is 2 days earlier.
CYCLES = [
    ("efgartigimod-2022", four(21), run("cycle", 50, 57, 64, 71)),
    ("efgartigimod", four(21), run("cycle", 49, 56, 63, 70)),
    # the EU text: 7 weeks from the start
    ("efgartigimod-eu", four(21), run("cycle", 49, 56, 63, 70)),
    ("efgartigimod-eu", four(24), run("cycle", 49, 56, 63, 70)),
    ("efgartigimod-2022", four(24), run("cycle", 50, 57, 64, 71)),
    ("efgartigimod", four(24), run("cycle", 52, 59, 66, 73)),
    ("rozanolixizumab-us", six(35), run("cycle", 63, 70, 77, 84, 91, 98)),
    # no least distance: the day after the one on which it is asked for
    ("rozanolixizumab-eu", six(35), run("cycle", 40, 47, 54, 61, 68, 75)),
]


@pytest.mark.parametrize(("name", "events", "days"), CYCLES)
def test_another_cycle_is_not_sooner_than_its_floor(
    name: str, events: list[Event], days: dict[str, int | None]
) -> None:
    asked = Requested(phase="cycle", on=on(40))
    agenda = laid_out(name, *events, asked, as_of=on(40))
    assert list(targets(agenda).values()) == list(days.values())


def test_vaccines_are_checked_before_the_first_infusion_of_each_cycle() -> None:
    asked = Requested(phase="cycle", on=on(40))
    left_out: list[Event] = [*four(21)[:3], Omitted(visit="cycle-4", on=on(21))]
    dues = laid_out("efgartigimod", *left_out, asked, as_of=on(40)).dues
    assert [(due.id, [need.gate for need in due.needs]) for due in dues] == [
        ("cycle-5", ["vaccines"]),
        ("cycle-6", []),
        ("cycle-7", []),
        ("cycle-8", []),
    ]


LATE_IN_A_CYCLE = [
    ("efgartigimod", 10, 14, []),
    ("efgartigimod", 11, None, ["late-cycle-2"]),
    # the EU text knows what follows: it is left out, and the next keeps its date
    ("efgartigimod-eu", 11, 14, []),
    ("rozanolixizumab-us", 11, 14, []),
    ("rozanolixizumab-us", 12, None, ["late-cycle-2"]),
]


@pytest.mark.parametrize(("name", "second", "third", "asks"), LATE_IN_A_CYCLE)
def test_a_late_infusion_leaves_the_next_date_alone_until_the_source_falls_silent(
    name: str, second: int, third: int | None, asks: list[str]
) -> None:
    agenda = laid_out(name, given("cycle-1", 0), given("cycle-2", second), as_of=on(second))
    assert targets(agenda)["cycle-3"] == third
    assert [q.id for q in agenda.questions if q.id.startswith("late")] == asks


def test_efgartigimod_in_the_eu_leaves_out_what_is_more_than_3_days_late() -> None:
    still = laid_out("efgartigimod-eu", given("cycle-1", 0), as_of=on(10))
    assert windows(still)["cycle-2"] == (10, 10)
    # given on day 10 it is 3 days from the earliest date of the third
    late = laid_out("efgartigimod-eu", given("cycle-1", 0), given("cycle-2", 10), as_of=on(10))
    assert windows(late)["cycle-3"] == (13, 17)
    gone = laid_out("efgartigimod-eu", given("cycle-1", 0), as_of=on(11))
    assert targets(gone) == {"cycle-3": 14, "cycle-4": 21}


# --- nusinersen ------------------------------------------------------------------------------

LOADED = [given(f"loading-{n}", day) for n, day in enumerate((0, 14, 28, 58), start=1)]

# The last loading injection was on 28 April 2027 (day 58). Due 28 August; the next on 28 December
# (day 302). Eight months after the last: 28 December 2027 (302); sixteen: 28 August 2028 (546);
# forty: 28 August 2030 (1276).
NUSINERSEN = [
    # 14 December: the original date is 14 days away and kept
    (288, {"maintenance-2": 302}),
    # 15 December: it is 13 days away; the one after is 28 April 2028
    (289, {"maintenance-2": 424}),
    # 27 December: still less than 8 months
    (301, {"maintenance-2": 424}),
    # 28 December: one more 14 days later (11 January), then 4 months (11 May)
    (302, {"maintenance-1-extra-1": 316, "maintenance-2": 437}),
    # 27 August 2028: still less than 16 months; 10 September, then 10 January 2029
    (545, {"maintenance-1-extra-1": 559, "maintenance-2": 681}),
    # 28 August 2028: two more, 11 and 25 September, then 25 January 2029
    (546, {"maintenance-1-extra-1": 560, "maintenance-1-extra-2": 574, "maintenance-2": 696}),
]


@pytest.mark.parametrize(("late", "days"), NUSINERSEN)
def test_nusinersens_gap_since_the_last_injection_says_what_follows(
    late: int, days: dict[str, int | None]
) -> None:
    events = [*LOADED, given("maintenance-1", late)]
    assert targets(laid_out("nusinersen", *events, as_of=on(late))) == days


def test_nusinersen_after_forty_months_begins_again_with_the_injection_given() -> None:
    agenda = laid_out("nusinersen", *LOADED, given("maintenance-1", 1276), as_of=on(1276))
    assert list(targets(agenda).values())[:3] == [1290, 1304, 1334]


def test_nusinersens_older_label_has_no_tiers() -> None:
    events = [*LOADED, given("maintenance-1", 302)]
    # four months after 28 December is 28 April
    assert targets(laid_out("nusinersen-older-label", *events, as_of=on(302))) == {
        "maintenance-2": 424
    }


def test_nusinersens_late_loading_injection_moves_the_rest() -> None:
    agenda = laid_out("nusinersen", given("loading-1", 0), given("loading-2", 21), as_of=on(21))
    found = targets(agenda)
    assert (found["loading-3"], found["loading-4"]) == (35, 65)


def test_nusinersens_european_table_is_kept_as_far_as_it_was_read() -> None:
    # the Swiss text's own example: the third on day 58 and not 28, then the fourth on day 93 and
    # not 63, 2 June; four months later, 2 October, is day 215
    given_late = [given(f"loading-{n}", day) for n, day in enumerate((0, 14, 58), start=1)]
    found = targets(laid_out("nusinersen-eu", *given_late, as_of=on(58)))
    assert (found["loading-4"], found["maintenance-1"]) == (93, 215)
    # the last on day 63, 3 May: under eight months later the next keeps its date of 3 January
    # (308) if that is 14 days away, and else is due on 3 May; from 3 January on it is asked
    whole = [given(f"loading-{n}", day) for n, day in enumerate((0, 14, 28, 63), start=1)]
    for late, follows in ((294, 308), (295, 429), (307, 429), (308, None)):
        agenda = laid_out("nusinersen-eu", *whole, given("maintenance-1", late), as_of=on(late))
        assert targets(agenda).get("maintenance-2") == follows, late


# --- complement inhibitors and patisiran -----------------------------------------------------

FIVE = [given(f"initial-{n}", 7 * (n - 1)) for n in range(1, 5)]


@pytest.mark.parametrize(
    ("name", "sixth", "window"),
    [("eculizumab-eu", 44, (42, 46)), ("eculizumab-us", 42, (40, 44))],
)
def test_eculizumab_counts_from_the_infusion_in_the_eu_and_from_fixed_points_in_the_us(
    name: str, sixth: int, window: tuple[int, int]
) -> None:
    # the fifth was due on day 28 and given two days late
    agenda = laid_out(name, *FIVE, given("maintenance-1", 30), as_of=on(30))
    assert targets(agenda)["maintenance-2"] == sixth
    assert windows(agenda)["maintenance-2"] == window


def test_ravulizumabs_late_infusion_makes_the_next_gap_shorter() -> None:
    events = [given("loading-1", 0), given("maintenance-1", 14), given("maintenance-2", 77)]
    agenda = laid_out("ravulizumab", *events, as_of=on(77))
    assert targets(agenda)["maintenance-3"] == 126
    assert windows(agenda)["maintenance-3"] == (119, 133)


def test_ravulizumabs_first_maintenance_infusion_is_on_its_day_and_may_be_late() -> None:
    agenda = laid_out("ravulizumab", given("loading-1", 0), as_of=on(1), until=80)
    assert windows(agenda) == {"maintenance-1": (14, 14), "maintenance-2": (63, 77)}
    late = laid_out("ravulizumab", given("loading-1", 0), as_of=on(20), until=80)
    assert targets(late)["maintenance-1"] == 20


def test_ravulizumab_after_eculizumab_begins_on_the_next_eculizumab_date() -> None:
    unknown = laid_out("ravulizumab-from-eculizumab")
    assert "event-next eculizumab date" in [question.id for question in unknown.questions]
    event = Happened(event="next eculizumab date", on=on(9))
    agenda = laid_out("ravulizumab-from-eculizumab", event, until=100)
    assert targets(agenda) == {"loading-1": 9, "maintenance-1": 23, "maintenance-2": 79}


@pytest.mark.parametrize(("second", "third"), [(24, 42), (25, 46)])
def test_patisirans_dates_stay_at_3_days_late_and_begin_anew_at_4(second: int, third: int) -> None:
    events = [given("treatment-1", 0), given("treatment-2", second)]
    assert targets(laid_out("patisiran", *events, as_of=on(second)))["treatment-3"] == third
