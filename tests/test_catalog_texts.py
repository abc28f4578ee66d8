"""
The catalog against the texts it rests on, rule by rule: published worked cases as data.

Each row names the file, the words of its source in our own and where they stand. Dates are worked
out by hand; day 0 is the start of the course, Monday 1 March 2027.
"""

from __future__ import annotations

import re

import pytest

from catalog_dates import given, laid_out, on, rules, run, targets, windows
from protocol_sched import catalog
from protocol_sched.model.course import Event, Requested
from protocol_sched.model.gates import Gate, Outcome

# --- the test before the dose ----------------------------------------------------------------


def gate(file: str, name: str) -> Gate:
    (found,) = [one for one in catalog.load(file).gates if one.name == name]
    return found


GATES = [
    # everyone is screened for hepatitis B (MHRA 2013; US boxed warning)
    ("rituximab-lymphoma-blocks", "hepatitis-b-screening", "first", "-", "-", "hbv_mhra"),
    ("rituximab-lymphoma-maintenance", "hepatitis-b-screening", "first", "-", "-", "hbv_mhra"),
    ("rituximab-lymphoma-weekly", "hepatitis-b-screening", "first", "-", "-", "hbv_mhra"),
    # "at baseline and prior to each dose"
    ("nusinersen", "platelets-clotting-times-and-urine-protein", "each", "-", "-", "nusi_lab"),
    (
        "nusinersen-two-loading",
        "platelets-clotting-times-and-urine-protein",
        "each",
        "-",
        "-",
        "nusi_lab",
    ),
    (
        "nusinersen-older-label",
        "platelets-clotting-times-and-urine-protein",
        "each",
        "-",
        "-",
        "nusi_lab",
    ),
    # a recent MRI first, then before the 2nd, 3rd, 4th and 7th; the trial: within 49 days
    ("donanemab", "mri", "1, 2, 3, 4, 7", "-", "-", "dona_mri"),
    ("donanemab-trial", "baseline-mri", "first", "49 days", "-", "dona_mri"),
    ("donanemab", "amyloid-shown", "first", "-", "-", "dona_amyloid"),
    # within 2 to 4 weeks before each infusion
    ("lutetium-dotatate", "blood-count-kidney-and-liver", "each", "4 weeks", "-", "luta_hk"),
    # defer until clear of infection and of visible blood
    ("bcg-bladder", "no-visible-blood-and-no-urinary-infection", "each", "-", "-", "bcg_checks"),
    # two weeks before, or under antibacterial cover: a person decides, so it holds
    ("eculizumab-eu", "meningococcal-vaccine", "first", "-", "2 weeks", "cover_eu"),
    ("eculizumab-us", "meningococcal-vaccine", "first", "-", "2 weeks", "cover_us"),
    ("ravulizumab", "meningococcal-vaccine", "first", "-", "2 weeks", "cover_eu"),
    # a switch only checks that the vaccination is current
    (
        "ravulizumab-from-eculizumab",
        "meningococcal-vaccination-current",
        "first",
        "-",
        "-",
        "cover_eu",
    ),
    # stopped before, and not begun while on it; flare protection a week before
    ("pegloticase", "no-oral-urate-lowering-drug", "each", "-", "-", "peg_label"),
    ("pegloticase", "gout-flare-protection-begun", "first", "-", "1 week", "peg_flare"),
    # baseline and every 3 months; baseline and about every 12 weeks
    ("trastuzumab-eu", "ejection-fraction", "each", "3 months", "-", "tras_heart"),
    ("pertuzumab-trastuzumab", "ejection-fraction", "each", "12 weeks", "-", "phesgo_heart"),
    # at least 7 days by mouth first
    ("buprenorphine-monthly", "buprenorphine-by-mouth-for-7-days", "first", "-", "7 days", "sublo"),
    # the antibody once; again only where it was negative (below)
    ("natalizumab", "jc-virus-antibody-test", "first", "-", "-", "tysabri_pdr"),
    ("natalizumab-crohn", "jc-virus-antibody-test", "first", "-", "-", "tysabri_pdr"),
    ("lecanemab", "amyloid-shown", "first", "-", "-", "leca"),
    ("lecanemab", "apoe-genotype-known", "first", "-", "-", "leca"),
    # carriers of hepatitis B go to an expert: nothing stops by itself
    ("ocrelizumab-weeks", "hepatitis-b-screening", "first", "-", "-", "ocr_weeks"),
    ("ocrelizumab-months", "hepatitis-b-screening", "first", "-", "-", "ocr_months"),
    ("ublituximab", "hepatitis-b-screening", "first", "-", "-", "briumvi"),
    ("ocrelizumab-weeks", "immunoglobulins", "first", "-", "-", "ocr_label"),
    ("belimumab", "live-vaccines", "first", "-", "30 days", "belim_vaccine"),
    ("belatacept-transplant", "tuberculosis-ruled-out", "first", "-", "-", "belat_tb"),
    (
        "teplizumab",
        "no-acute-epstein-barr-cytomegalovirus-or-serious-infection",
        "first",
        "-",
        "-",
        "tepl_rx",
    ),
]


@pytest.mark.parametrize(
    ("file", "name", "before", "max_age", "lead", "source"),
    GATES,
    ids=[f"{row[0]}-{row[1]}" for row in GATES],
)
def test_the_test_that_the_text_asks_for_stands_before_the_visits_it_names(
    file: str, name: str, before: str, max_age: str, lead: str, source: str
) -> None:
    one = gate(file, name)
    assert (str(one.before), str(one.max_age or "-"), str(one.min_age or "-")) == (
        before,
        max_age,
        lead,
    )
    assert any(key.startswith(source) for key in one.source.split(", "))
    assert (one.if_not, one.safety) == (Outcome.HOLD, True)


NUMBERS = [
    # "ANC >= 1.5, platelets >= 100" (CancerCare Manitoba)
    ("folfox-6", {"neutrophils": (1.5, None), "platelets": (100, None)}),
    # US text of teplizumab, section 2.2; multiples of the upper limit for the liver
    (
        "teplizumab",
        {
            "lymphocytes": (1, None),
            "neutrophils": (1.5, None),
            "platelets": (150, None),
            "haemoglobin": (10, None),
            "alt-and-ast": (None, 2),
            "bilirubin": (None, 1.5),
        },
    ),
    (
        "tocilizumab",
        {"neutrophils": (2, None), "platelets": (100, None), "alt-and-ast": (None, 1.5)},
    ),
    ("rituximab-chop", {"neutrophils": (1.5, None)}),
    ("pegloticase", {"uric-acid": (None, 6)}),
]


@pytest.mark.parametrize(("file", "limits"), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_a_limit_that_the_text_has_is_a_number_of_the_gate(
    file: str, limits: dict[str, tuple[float | None, float | None]]
) -> None:
    assert {name: (gate(file, name).at_least, gate(file, name).up_to) for name in limits} == limits


@pytest.mark.parametrize("file", ["eculizumab-eu", "eculizumab-us", "ravulizumab"])
def test_antibacterial_cover_stands_for_the_vaccine_where_treatment_cannot_wait(file: str) -> None:
    assert gate(file, "meningococcal-vaccine").unless == "antibiotic cover"


NOT_FOR_EVERYONE = [
    # retest of people without the antibody, and of a low index after two years (MIMS Singapore)
    ("natalizumab", "jc-virus-antibody-test-again-if-negative"),
    ("natalizumab-crohn", "jc-virus-antibody-test-again-if-negative"),
    # "whenever possible"
    ("ocrelizumab-weeks", "other-vaccines"),
    ("ocrelizumab-months", "other-vaccines"),
    ("ublituximab", "other-vaccines"),
    # considered
    ("vedolizumab-us", "tuberculosis-screening-considered"),
    # none in week 6 in three of six groups
    ("ferric-carboxymaltose-heart-failure", "week-6-needed-by-weight-and-haemoglobin"),
]


@pytest.mark.parametrize(("file", "name"), NOT_FOR_EVERYONE)
def test_a_gate_is_no_harder_than_its_text(file: str, name: str) -> None:
    assert not gate(file, name).safety


# --- lengths by ordinal, and what comes before the drug --------------------------------------

MINUTES = [
    # 30 before, antiemetic 30, amino acids 30 before, 30 to 40 during and 3 hours after
    ("lutetium-dotatate", "treatment", [(30 + 30 + 30 + 40 + 180)] * 2),
    # check-in 15, instillation 30, two hours in the bladder at most
    ("bcg-bladder", "instillation", [15 + 30 + 120] * 2),
    # a corticosteroid on the first three days of a course: not on days 4 and 5 of the first
    ("alemtuzumab", "infusion", [450, 450, 450, 390, 390, 450, 450, 450, 450]),
    # one and a half hours twice, then two and a half; check-in 15, watch 30
    ("iron-sucrose-peritoneal", "infusion", [15 + 90 + 30, 15 + 90 + 30, 15 + 150 + 30]),
    # two and a half hours twice, then three and a half at most; 15, premedication 60, watch 60
    ("ocrelizumab-weeks", "infusion", [15 + 60 + 150 + 60] * 2 + [15 + 60 + 210 + 60] * 2),
    # premedication on each of the first five days
    ("teplizumab", "infusion", [90] * 5 + [60] * 9),
    # watched for an hour after the first twelve
    ("natalizumab", "infusion", [150] * 12 + [90]),
    # premedicated for half an hour; 30 preparation, 4 hours
    ("rituximab-arthritis", "infusion", [300, 300]),
    # six hours from the start the first time, then two
    ("trastuzumab-eu", "infusion", [30 + 360, 30 + 120, 30 + 120]),
    # 60, a watch of 30 to 60, 90; then 30 to 60, the watch and 30 to 90
    ("pertuzumab-trastuzumab", "treatment", [30 + 60 + 60 + 90, 30 + 60 + 60 + 90]),
    # premedication 30; four to six hours, then three to four
    ("rituximab-lymphoma-weekly", "infusion", [30 + 30 + 360, 30 + 30 + 240]),
    # 90 minutes twice, then 60, or 90 where the first were not well borne
    ("teprotumumab", "infusion", [30 + 90] * 3),
    # ten minutes, half an hour of premedication; an hour, then a quarter of an hour
    ("ocrelizumab-injection", "injection", [15 + 30 + 10 + 60, 15 + 30 + 10 + 15]),
]


@pytest.mark.parametrize(("file", "kind", "minutes"), MINUTES, ids=[row[0] for row in MINUTES])
def test_a_visit_takes_as_long_as_the_text_says(file: str, kind: str, minutes: list[int]) -> None:
    visit = catalog.load(file).visit_type(kind)
    assert [visit.most(ordinal) for ordinal in range(1, len(minutes) + 1)] == minutes


# --- late ------------------------------------------------------------------------------------

# Months 0, 1 and 3: 1 March, 1 April, 1 June (day 92). The next is due 1 August (153); three
# months after 1 June is 1 September (184).
CABOTEGRAVIR: list[Event] = [
    given("initiation-1", 0),
    given("initiation-2", 31),
    given("continuation-1", 92),
]
LATE_CABOTEGRAVIR = [
    # within 7 days of its day: back to the 1st, 1 October
    (160, {"continuation-3": 214}),
    # 9 August: the new day is the 9th, 9 October
    (161, {"continuation-3": 222}),
    # 1 September, three months since the last: 1 November
    (184, {"continuation-3": 245}),
    # 2 September: one more on 2 October, then every two months from it, 2 December
    (185, {"continuation-2-extra-1": 215, "continuation-3": 276}),
]


@pytest.mark.parametrize(("late", "days"), LATE_CABOTEGRAVIR)
def test_late_cabotegravir_goes_on_or_begins_again_by_the_time_since_the_last(
    late: int, days: dict[str, int | None]
) -> None:
    events = [*CABOTEGRAVIR, given("continuation-2", late)]
    assert targets(laid_out("cabotegravir-2-monthly", *events, as_of=on(late))) == days


INFLIXIMAB: list[Event] = [given("induction-1", 0), given("induction-2", 14)]
INFLIXIMAB += [given("induction-3", 42)]
GAPS = [
    # 16 weeks after day 42 is day 154; 8 weeks after it, day 98
    ("infliximab", 154, 210, []),
    ("infliximab", 155, None, ["late-maintenance-1"]),
    ("infliximab", 468, None, ["late-maintenance-1"]),
    ("infliximab-ankylosing", 98, 140, []),
    ("infliximab-ankylosing", 99, None, ["late-maintenance-1"]),
]


@pytest.mark.parametrize(("file", "late", "second", "asked"), GAPS)
def test_a_long_gap_in_infliximab_is_asked_about(
    file: str, late: int, second: int | None, asked: list[str]
) -> None:
    agenda = laid_out(file, *INFLIXIMAB, given("maintenance-1", late), as_of=on(late))
    assert targets(agenda)["maintenance-2"] == second
    assert [one.id for one in agenda.questions if one.id.startswith("late-")] == asked


@pytest.mark.parametrize("file", ["nusinersen", "nusinersen-older-label"])
def test_a_late_loading_injection_of_nusinersen_is_14_days_before_the_next(file: str) -> None:
    events = [given("loading-1", 0), given("loading-2", 21)]
    assert windows(laid_out(file, *events, as_of=on(21)))["loading-3"][0] == 35


def test_late_buprenorphine_always_has_a_date() -> None:
    late = laid_out("buprenorphine-monthly", given("treatment-1", 0), as_of=on(90))
    assert windows(late)["treatment-2"] == (90, None)


def test_lutetium_is_seven_weeks_apart_and_a_late_one_is_only_reported() -> None:
    agenda = laid_out("lutetium-dotatate", given("treatment-1", 0), as_of=on(1))
    assert windows(agenda)["treatment-2"][0] == 49
    late = laid_out("lutetium-dotatate", given("treatment-1", 0), as_of=on(80))
    assert targets(late)["treatment-2"] == 80


# Day 1, day 8, then five weeks after day 1: 5 April (day 35).
THIRD = [
    # a week late, then 6 weeks since the second (8 March), on 19 April, and a day more
    (42, {"monthly-2": 72}),
    (49, {"monthly-2": 79}),
    (50, {"monthly-1-extra-1": 57, "monthly-2": 87}),
]


@pytest.mark.parametrize(("late", "days"), THIRD)
def test_paliperidones_third_injection_is_a_monthly_one(
    late: int, days: dict[str, int | None]
) -> None:
    second = [given("initiation-1", 0), given("initiation-2", 7)]
    early = laid_out("paliperidone-monthly", *second, as_of=on(7))
    assert windows(early)["monthly-1"] == (28, 42)
    events = [*second, given("monthly-1", late)]
    assert targets(laid_out("paliperidone-monthly", *events, as_of=on(late))) == days


def test_two_ketamine_boosters_are_14_days_apart() -> None:
    asked = [Requested(phase="boosters", on=on(day), wanted=on(day)) for day in (0, 1)]
    agenda = laid_out("ketamine-boosters", *asked, as_of=on(1))
    first, second = targets(agenda).values()
    assert first is not None
    assert second == first + 14


# --- courses that came later -----------------------------------------------------------------

# The 1st of June, August, October, December and February.
EVERY_2_MONTHS = (92, 153, 214, 275, 337)
YEAR = 366

COURSES = [
    # two a week for three weeks; six months after the last, 18 March, is 18 September
    ("ketamine-depression-twice-weekly", {"follow-up": 201}),
    # every 12 weeks
    ("onabotulinumtoxina-migraine", run("treatment", *range(0, YEAR, 84))),
    # one infusion, 8 weeks later an injection, then every 8 weeks
    ("ustekinumab", {"induction-1": 0} | run("maintenance", *range(56, YEAR, 56))),
    # weeks 0, 4 and 8; week 12 and every 8 weeks
    (
        "risankizumab-crohn",
        run("induction", 0, 28, 56) | run("maintenance", *range(84, YEAR, 56)),
    ),
    ("pembrolizumab-3-weeks", run("treatment", *range(0, YEAR, 21))),
    ("pembrolizumab-6-weeks", run("treatment", *range(0, YEAR, 42))),
    # 3 to 8 days later; the blood a month after the second, 4 March
    ("ferumoxytol", run("treatment", 0, 3) | {"blood-test": 34}),
    # 1 March, 1 September, 1 March
    ("denosumab-osteoporosis", run("treatment", 0, 184, 366)),
    # weeks 1 to 8, 9 to 23 every 2, from 25 every 4: week 9 begins on day 56, week 25 on day 168
    (
        "daratumumab",
        run("weekly", *range(0, 56, 7))
        | run("every-2-weeks", *range(56, 168, 14))
        | run("every-4-weeks", *range(168, YEAR, 28)),
    ),
    ("tocilizumab", run("treatment", *range(0, YEAR, 28))),
    ("immunoglobulin-immunodeficiency", run("treatment", *range(0, YEAR, 21))),
    ("anifrolumab", run("treatment", *range(0, YEAR, 28))),
    ("teprotumumab", run("treatment", *range(0, 168, 21))),
    ("cabotegravir-prevention", run("initiation", 0, 31) | run("continuation", *EVERY_2_MONTHS)),
    ("benralizumab", run("initial", 0, 28, 56) | run("maintenance", *range(112, YEAR, 56))),
    ("reslizumab", run("treatment", *range(0, YEAR, 28))),
    # days 0, 14, 28 and 63, 3 May; every 4 months: 3 September, 3 January
    ("nusinersen-eu", run("loading", 0, 14, 28, 63) | run("maintenance", 186, 308)),
    # days 0 and 14, 15 March; every 4 months: 15 July, 15 November
    ("nusinersen-two-loading", run("loading", 0, 14) | run("maintenance", 136, 259)),
    ("infliximab-eu", run("induction", 0, 14, 42) | run("maintenance", *range(98, YEAR, 56))),
    ("trastuzumab-eu-weekly", run("treatment", *range(0, YEAR, 7))),
    ("trastuzumab-eu-metastatic", run("treatment", *range(0, YEAR, 21))),
    ("pertuzumab-trastuzumab-injection", run("treatment", *range(0, 378, 21))),
    ("nivolumab-2-weeks", run("treatment", *range(0, YEAR, 14))),
    ("nivolumab-4-weeks", run("treatment", *range(0, YEAR, 28))),
    ("docetaxel-3-weeks", run("treatment", *range(0, YEAR, 21))),
    ("golimumab", run("initial", 0, 28) | run("maintenance", *range(84, YEAR, 56))),
    # days 1 and 15; six months from the first, 1 September, and 1 March
    ("inebilizumab", run("initial", 0, 14) | run("maintenance", 184, 366)),
    ("mirikizumab-colitis", run("induction", 0, 28, 56) | run("maintenance", *range(84, YEAR, 28))),
    ("mirikizumab-crohn", run("induction", 0, 28, 56) | run("maintenance", *range(84, YEAR, 28))),
    ("ocrelizumab-injection", run("treatment", 0, 184, 366)),
    ("rituximab-chop", run("treatment", *range(0, 126, 21))),
    (
        "guselkumab-colitis-8-weeks",
        run("induction", 0, 28, 56) | run("maintenance", *range(112, YEAR, 56)),
    ),
    (
        "guselkumab-colitis-4-weeks",
        run("induction", 0, 28, 56) | run("maintenance", *range(84, YEAR, 28)),
    ),
    ("carboplatin-paclitaxel", run("treatment", *range(0, YEAR, 21))),
    ("methylprednisolone-relapse", run("treatment", 0, 1, 2)),
    ("cyclophosphamide-lupus", run("treatment", *range(0, 84, 14))),
    (
        "doxorubicin-cyclophosphamide-dose-dense",
        run("doxorubicin-cyclophosphamide", 0, 14, 28, 42) | run("paclitaxel", 56, 70, 84, 98),
    ),
]


@pytest.mark.parametrize(("file", "days"), COURSES, ids=[row[0] for row in COURSES])
def test_a_course_that_came_later_has_its_published_days(
    file: str, days: dict[str, int | None]
) -> None:
    found = targets(laid_out(file, until=YEAR))
    assert {visit: found.get(visit) for visit in days} == days


@pytest.mark.parametrize(
    ("file", "weeks"),
    [("ketamine-depression-twice-weekly", [2] * 3), ("ketamine-depression-thrice-weekly", [3] * 4)],
)
def test_infusions_counted_by_the_week(file: str, weeks: list[int]) -> None:
    found = [due.latest for due in laid_out(file).dues if due.latest is not None]
    last = [(one.day - on(0)).days // 7 for one in found]
    # the first has no latest date
    assert [last.count(week) + (week == 0) for week in range(len(weeks))] == weeks


LATE_LATER = [
    # due on day 28, 14 days late: the next on day 56, 14 days on; 15 days late: it is skipped
    ("anifrolumab", ["treatment-1"], "treatment-2", 42, "treatment-3", 56),
    ("anifrolumab", ["treatment-1"], "treatment-2", 43, "treatment-3", 84),
    # two days late: the distance is kept from it
    ("daratumumab", ["weekly-1"], "weekly-2", 9, "weekly-3", 16),
    # given 20 September: 20 March
    ("denosumab-osteoporosis", ["treatment-1"], "treatment-2", 203, "treatment-3", 385),
    # week 12 is day 84; a late one leaves day 140
    (
        "risankizumab-crohn",
        ["induction-1", "induction-2", "induction-3"],
        "maintenance-1",
        95,
        "maintenance-2",
        140,
    ),
    # 7 or 21 days after the late one
    ("trastuzumab-eu-weekly", ["treatment-1"], "treatment-2", 14, "treatment-3", 21),
    ("trastuzumab-eu-weekly", ["treatment-1"], "treatment-2", 15, "treatment-3", 22),
    ("trastuzumab-eu-metastatic", ["treatment-1"], "treatment-2", 28, "treatment-3", 49),
    ("trastuzumab-eu-metastatic", ["treatment-1"], "treatment-2", 29, "treatment-3", 50),
]


@pytest.mark.parametrize(("file", "before", "late", "day", "following", "due"), LATE_LATER)
def test_a_late_visit_of_a_later_course_is_followed_as_published(
    file: str, before: list[str], late: str, day: int, following: str, due: int
) -> None:
    events = [given(visit, 28 * n) for n, visit in enumerate(before)]
    agenda = laid_out(file, *events, given(late, day), as_of=on(day))
    assert targets(agenda)[following] == due


@pytest.mark.parametrize(("late", "asked"), [(112 + 42, []), (113 + 42, ["late-maintenance-1"])])
def test_infliximab_in_the_eu_is_not_given_again_after_16_weeks_without_a_question(
    late: int, asked: list[str]
) -> None:
    agenda = laid_out("infliximab-eu", *INFLIXIMAB, given("maintenance-1", late), as_of=on(late))
    assert [one.id for one in agenda.questions if one.id.startswith("late-")] == asked


def test_aripiprazole_is_never_less_than_26_days_apart() -> None:
    agenda = laid_out("aripiprazole-monthly", given("treatment-1", 0), as_of=on(1))
    assert windows(agenda)["treatment-2"][0] == 26
    assert targets(agenda)["treatment-2"] == 31


@pytest.mark.parametrize(("days", "asked"), [(42, []), (43, ["late-treatment-5"])])
def test_a_late_aripiprazole_injection_is_given_up_to_six_weeks_after_the_last(
    days: int, asked: list[str]
) -> None:
    before = [given(f"treatment-{n}", day) for n, day in enumerate((0, 31, 61, 92), 1)]
    late = 92 + days
    agenda = laid_out("aripiprazole-monthly", *before, given("treatment-5", late), as_of=on(late))
    assert [one.id for one in agenda.questions if one.id.startswith("late-")] == asked


# --- after the last --------------------------------------------------------------------------


def test_alemtuzumab_has_blood_every_month_and_the_skin_every_year() -> None:
    found = targets(laid_out("alemtuzumab", until=367))
    months = (31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337, 366)
    published = run("monthly-tests", *months) | run("skin-check", 366)
    assert {visit: found[visit] for visit in published} == published


# --- every file: provenance, doses, claims ---------------------------------------------------


@pytest.mark.parametrize("name", catalog.names())
def test_a_machine_written_answer_is_never_the_only_witness_of_a_checked_number(name: str) -> None:
    protocol = catalog.load(name)
    machine = {
        key
        for key, source in protocol.sources
        if "droracle" in source.address + source.title or source.title.startswith("Machine")
    }
    alone = [
        (type(rule).__name__, rule.source)
        for rule in rules(protocol)
        if (keys := set(rule.source.split(", ")) - {"local", "memory"})
        and keys <= machine
        and not rule.unverified
    ]
    assert alone == []


@pytest.mark.parametrize("name", catalog.names())
def test_a_file_holds_no_dose(name: str) -> None:
    amount = r"\b\d[\d.,]*\s?(?:mg|mcg|\u00b5g|ug|IU|mL|mg/kg|mg/m2|GBq|mCi)\b(?!/dL)"
    assert re.findall(amount, catalog.text(name)) == []


CLAIMS = (
    "effective",
    "efficacy",
    "best given",
    "may be enough",
    "weigh it against",
    "recommend",
    "first choice",
    "well tolerated",
    "superior",
    "should be treated",
)
"""Words that say a treatment is good, or better than another."""


@pytest.mark.parametrize("name", catalog.names())
def test_a_file_makes_no_claim(name: str) -> None:
    lines = [one for one in catalog.text(name).splitlines() if not one.startswith("address = ")]
    text = "\n".join(lines).lower()
    assert [word for word in CLAIMS if word in text] == []
