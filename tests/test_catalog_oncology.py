"""
The catalog's oncology courses against their published timing.

Expected days are worked out by hand from the text of the source; day 0 is the start of the
course, Monday 1 March 2027.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from catalog_dates import given, laid_out, on, run, targets, windows
from protocol_sched import catalog
from protocol_sched.formats.documents.documents import read_clinic, read_person
from protocol_sched.model.agenda import Spacing
from protocol_sched.model.course import Course, Event, Given
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.rules import Between
from protocol_sched.planning.course import plan_course

EXAMPLES = Path(__file__).parents[1] / "examples"
NEW_YORK = ZoneInfo("America/New_York")


def cycles(points: tuple[int, ...], length: int, count: int, start: int = 0) -> tuple[int, ...]:
    """Return the days of so many cycles; points are counted from 1."""
    return tuple(start + length * c + p - 1 for c in range(count) for p in points)


VMP_TWICE = (1, 4, 8, 11, 22, 25, 29, 32)
VMP_ONCE = (1, 8, 22, 29)

TARGETS = [
    # 12 cycles of 14 days; the pump is off two days after each
    (
        "folfox-6",
        0,
        run("treatment", *range(0, 168, 14)) | run("disconnect", *range(2, 170, 14)),
    ),
    ("paclitaxel-weekly-3-of-4", 83, run("treatment", *cycles((1, 8, 15), 28, 3))),
    ("paclitaxel-weekly", 50, run("treatment", *range(0, 50, 7))),
    ("bortezomib-21-days", 0, run("treatment", *cycles((1, 4, 8, 11), 21, 8))),
    ("bortezomib-35-days", 69, run("treatment", *cycles((1, 8, 15, 22), 35, 2))),
    # four cycles of 42 days end on day 168; five more
    (
        "bortezomib-vmp",
        0,
        run("twice-weekly", *cycles(VMP_TWICE, 42, 4))
        | run("weekly", *cycles(VMP_ONCE, 42, 5, start=168)),
    ),
    # weeks 0 to 51, every 3; the heart 6, 12, 18 and 24 months after the last, 21 February 2028:
    # 21 August, 21 February, 21 August and 21 February 2030
    (
        "trastuzumab-eu",
        0,
        run("treatment", *range(0, 364, 21))
        | run("heart-function-afterwards", 539, 723, 904, 1088),
    ),
    # weeks 0 to 11, then week 12 and every 3 weeks to week 51
    (
        "trastuzumab-us-12-weeks",
        0,
        run("weekly", *range(0, 84, 7))
        | run("three-weekly", *range(84, 364, 21))
        | run("heart-function-afterwards", 539, 723, 904, 1088),
    ),
    (
        "trastuzumab-us-18-weeks",
        0,
        run("weekly", *range(0, 126, 7))
        | run("three-weekly", *range(126, 364, 21))
        | run("heart-function-afterwards", 539, 723, 904, 1088),
    ),
    ("pertuzumab-trastuzumab", 0, run("treatment", *range(0, 378, 21))),
    ("lutetium-dotatate", 0, run("treatment", 0, 56, 112, 168)),
    # weeks 0 to 5, then three weekly from 1 June, 1 September, 1 March, 1 September 2028,
    # 1 March 2029, 1 September 2029 and 1 March 2030
    (
        "bcg-bladder",
        0,
        run("induction", 0, 7, 14, 21, 28, 35)
        | run(
            "maintenance",
            *(92, 99, 106),
            *(184, 191, 198),
            *(366, 373, 380),
            *(550, 557, 564),
            *(731, 738, 745),
            *(915, 922, 929),
            *(1096, 1103, 1110),
        ),
    ),
]


@pytest.mark.parametrize(("name", "until", "days"), TARGETS, ids=[row[0] for row in TARGETS])
def test_every_visit_is_due_on_its_published_day(
    name: str, until: int, days: dict[str, int | None]
) -> None:
    assert targets(laid_out(name, until=until)) == days


# --- FOLFOX ----------------------------------------------------------------------------------


def test_the_pump_is_taken_off_46_hours_after_the_visit_in_real_time() -> None:
    agenda = laid_out("folfox-6")
    hours = [
        (rule.between, str(rule.least), str(rule.most))
        for rule in agenda.bindings
        if isinstance(rule, Spacing) and rule.rule == "tolerance"
    ]
    assert hours == 12 * [(Between.END_AND_START, "46 hours", "46 hours")]


def test_46_hours_of_a_visit_given_are_counted_from_its_planned_end() -> None:
    # three hours from 14:30 on Friday 12 March; 46 real hours after 17:30 it is Sunday at 16:30,
    # because the clocks go forward on Sunday 14 March, day 13
    start = datetime(2027, 3, 12, 14, 30, tzinfo=NEW_YORK)
    history = Given(visit="treatment-1", on=on(11), start=start)
    agenda = laid_out("folfox-6", history, as_of=on(11))
    (rule,) = [
        one
        for one in agenda.bindings
        if isinstance(one, Spacing) and one.rule == "other visit" and one.later == "disconnect-1"
    ]
    assert not isinstance(rule.earlier, str)
    assert rule.earlier.end == datetime(2027, 3, 12, 17, 30, tzinfo=NEW_YORK)
    assert targets(agenda)["disconnect-1"] == 13


@pytest.mark.parametrize("day", [3, 4])
def test_no_cycle_begins_on_a_thursday_or_a_friday_where_weekends_are_closed(day: int) -> None:
    clinic = read_clinic((EXAMPLES / "clinic.toml").read_text(encoding="utf-8"))
    person = read_person((EXAMPLES / "person-any-day.toml").read_text(encoding="utf-8"))
    late = Course(key="c1", protocol=catalog.load("folfox-6"), not_before=on(day))
    plan = plan_course(late, clinic, person, as_of=on(-9), until=on(180))
    assert plan.schedule is not None
    starts = [one.start for one in plan.schedule.visits if one.kind == "infusion"]
    assert len(starts) == 12
    assert {f"{start:%A}" for start in starts} <= {"Monday", "Tuesday", "Wednesday"}


def test_more_than_18_days_after_the_cycle_before_is_late_and_not_forbidden() -> None:
    agenda = laid_out("folfox-6", given("treatment-1", 0), as_of=on(1))
    assert windows(agenda)["treatment-2"][1] == 18
    limits = [one for one in agenda.bindings if isinstance(one, Spacing) and one.later[-2:] == "-2"]
    assert [rule.rule for rule in limits if rule.most is not None] == ["tolerance"]
    assert {rule.later for rule in limits if rule.most is not None} == {"disconnect-2"}


def test_low_counts_hold_a_cycle_and_a_later_test_lets_it_go_on() -> None:
    low = GateTested(gate="platelets", on=on(14), value=99)
    held = laid_out("folfox-6", given("treatment-1", 0), low, as_of=on(14))
    assert targets(held)["treatment-2"] is None
    enough = GateTested(gate="platelets", on=on(18), value=100)
    agenda = laid_out("folfox-6", given("treatment-1", 0), low, enough, as_of=on(18))
    assert (targets(agenda)["treatment-2"], targets(agenda)["treatment-3"]) == (18, 32)


# --- bortezomib ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bortezomib-21-days", "bortezomib-35-days", "bortezomib-vmp"])
def test_bortezomib_is_never_less_than_72_hours_apart(name: str) -> None:
    protocol = catalog.load(name)
    assert [
        (str(rule.least), rule.between, rule.safety)
        for phase in protocol.phases
        for rule in phase.separations
    ] == [("72 hours", Between.STARTS, True)] * len(protocol.phases)


def test_a_late_second_injection_pushes_the_third_by_72_hours_and_not_the_next_cycle() -> None:
    late = datetime(2027, 3, 6, 15, tzinfo=NEW_YORK)
    events: list[Event] = [
        given("treatment-1", 0),
        Given(visit="treatment-2", on=on(5), start=late),
    ]
    found = targets(laid_out("bortezomib-21-days", *events, as_of=on(5)))
    # due on days 7 and 10; 72 hours after 15:00 on day 5 is day 8; the next cycle is on 21, 24 ...
    assert list(found.values())[:6] == [8, 11, 21, 24, 28, 31]


def test_the_next_cycle_hangs_on_the_start_of_this_one_as_given() -> None:
    events = [given(f"treatment-{n}", day) for n, day in enumerate((2, 9, 16), start=1)]
    agenda = laid_out("paclitaxel-weekly-3-of-4", *events, as_of=on(16), until=31)
    assert targets(agenda) == {"treatment-4": 30, "treatment-5": 37, "treatment-6": 44}


# --- trastuzumab and pertuzumab --------------------------------------------------------------


@pytest.mark.parametrize(("second", "third"), [(28, 49), (29, 50)])
def test_the_three_weeks_of_trastuzumab_count_from_a_late_infusion(second: int, third: int) -> None:
    """The present European text; a copy of 2011 kept the dates up to a week late."""
    events = [given("treatment-1", 0), given("treatment-2", second)]
    assert targets(laid_out("trastuzumab-eu", *events, as_of=on(second)))["treatment-3"] == third


@pytest.mark.parametrize(("second", "numbers"), [(28, [1, 2, 3, 4]), (29, [1, 1, 2, 3])])
def test_trastuzumab_loaded_again_is_as_long_as_the_first(second: int, numbers: list[int]) -> None:
    """More than a week late the infusion takes 90 minutes again, and the watch as long."""
    events = [given("treatment-1", 0), given("treatment-2", second)]
    found = laid_out("trastuzumab-eu", *events, as_of=on(second))
    kind = catalog.load("trastuzumab-eu").visit_type("infusion")
    ahead = [due.type_ordinal for due in found.dues if due.kind == "infusion"][:2]
    assert ahead == numbers[2:]
    due = laid_out("trastuzumab-eu", events[0], as_of=on(second))
    (late,) = [one for one in due.dues if one.id == "treatment-2"]
    assert late.type_ordinal == numbers[1]
    assert kind.least(late.type_ordinal) == (390 if numbers[1] == 1 else 90)


def test_us_trastuzumab_goes_on_7_or_21_days_after_a_late_infusion() -> None:
    weekly = [given(f"weekly-{n}", 7 * (n - 1)) for n in range(1, 12)]
    late = [*weekly, given("weekly-12", 80)]
    found = targets(laid_out("trastuzumab-us-12-weeks", *late, as_of=on(80)))
    assert (found["three-weekly-1"], found["three-weekly-2"]) == (87, 108)
    later = [*late, given("three-weekly-1", 90)]
    assert targets(laid_out("trastuzumab-us-12-weeks", *later, as_of=on(90)))["three-weekly-2"] == (
        111
    )


@pytest.mark.parametrize(("second", "loaded_again"), [(41, ""), (42, "loaded again")])
def test_pertuzumab_is_loaded_again_from_six_weeks_after_the_last(
    second: int, loaded_again: str
) -> None:
    events = [given("treatment-1", 0), given("treatment-2", second)]
    found = targets(laid_out("pertuzumab-trastuzumab", *events, as_of=on(second)))
    assert found["treatment-3"] == second + 21
    (table,) = catalog.load("pertuzumab-trastuzumab").phases[0].late
    under, over = table.tiers
    assert (str(under.under), str(over.at_least), over.note) == (
        "6 weeks",
        "6 weeks",
        "loaded again",
    )
    assert loaded_again == (over.note if second >= 42 else under.note)


# --- lutetium and BCG ------------------------------------------------------------------------


def test_lutetium_bars_other_drugs_before_a_treatment_and_wants_one_after_it() -> None:
    kind = catalog.load("lutetium-dotatate").visit_type("treatment")
    assert [
        (one.name, str(one.before or ""), str(one.after or ""), one.barred)
        for one in kind.co_medications
    ] == [
        ("long-acting somatostatin analogue", "", "4 to 24 hours", False),
        ("long-acting somatostatin analogue", "0 to 27 days", "", True),
        ("short-acting somatostatin analogue", "0 minutes to 24 hours", "", True),
    ]


def test_bcg_blocks_hang_on_the_first_instillation_however_late_the_last_was() -> None:
    events = [given(f"induction-{n}", day) for n, day in enumerate((0, 7, 14, 21, 28, 50), start=1)]
    found = targets(laid_out("bcg-bladder", *events, as_of=on(50)))
    assert [found[f"maintenance-{n}"] for n in (1, 2, 3, 4)] == [92, 99, 106, 184]


def test_the_bladder_is_looked_at_before_each_block_of_three() -> None:
    dues = laid_out("bcg-bladder").dues
    guarded = [due.id for due in dues if any(need.gate == "cystoscopy" for need in due.needs)]
    assert guarded == [f"maintenance-{n}" for n in (1, 4, 7, 10, 13, 16, 19)]
