"""Days on which the clinic is closed, inside a series and on the date of one visit."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.errors import InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import (
    agenda_from_dict,
    agenda_to_dict,
    protocol_to_dict,
    read_protocol,
    write_toml,
)
from protocol_sched.judge.checker import violations
from protocol_sched.judge.verdicts import judge_history, verdict
from protocol_sched.model.agenda import OnOpenDay, Spacing
from protocol_sched.model.availability import Clinic, DatedHours, Hours, Person
from protocol_sched.model.cadences import ClosedDay, ClosedDays, Consecutive
from protocol_sched.model.course import Course
from protocol_sched.model.numbers import Count
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase
from protocol_sched.model.references import StartOf
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, elapsed_span
from protocol_sched.model.verdict import Judged
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.english.two_dates import in_english
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.german.two_dates import in_german
from protocol_sched.text.plans import plan_text
from protocol_sched.text.verdicts import history_text, verdict_text
from protocols import at, course, dates, day, every, given, phase, protocol, seen

LONDON = ZoneInfo("Europe/London")
PERSON = Person(key="p-1")
BANK_HOLIDAY = DatedHours(first=date(2027, 5, 3), why="bank holiday")
SATURDAY = DatedHours(first=date(2027, 5, 8), hours=((480, 720),), why="compensation Saturday")


def clinic(*closures: DatedHours, extra: tuple[DatedHours, ...] = ()) -> Clinic:
    hours = Hours.of(dict.fromkeys(WEEKDAYS[:5], "08:00-18:00"))
    return Clinic(
        name="Hill Radiotherapy", zone=LONDON, hours=hours, closures=closures, extra_openings=extra
    )


def series(days: int, weekends: bool = False, skip: bool = True) -> Phase:
    cadence = Consecutive(
        consecutive_days=Count(days, days),
        weekends=weekends,
        closed_days=ClosedDays.SKIP if skip else ClosedDays.COUNTED,
    )
    return phase("rt", cadence, str(days))


def planned(one: Course, place: Clinic, as_of: str | None = None) -> Plan:
    assert one.not_before is not None
    return plan_course(one, place, PERSON, as_of=day(as_of) if as_of else one.not_before)


def days_of(plan: Plan) -> list[str]:
    assert plan.schedule is not None
    return [f"{visit.day:%a %d %b}" for visit in plan.schedule.visits]


# --- series of days in a row -----------------------------------------------------------------


def test_twenty_fractions_span_a_bank_holiday_and_end_one_working_day_later() -> None:
    # Public report F4: Monday to Friday from 12 April 2027, closed on Monday 3 May.
    run = course(protocol(series(20)), start="2027-04-12")
    plan = planned(run, clinic(BANK_HOLIDAY, extra=(SATURDAY,)))
    assert plan.proof is Proof.OPTIMAL
    found = days_of(plan)
    assert found[0] == "Mon 12 Apr"
    assert found[14:17] == ["Fri 30 Apr", "Tue 04 May", "Wed 05 May"]
    assert found[-1] == "Mon 10 May"


def test_without_a_word_a_closed_day_is_a_day_the_series_needs() -> None:
    run = course(protocol(series(20, skip=False)), start="2027-04-12")
    assert days_of(planned(run, clinic(BANK_HOLIDAY)))[0] == "Tue 04 May"


def test_thirty_six_sessions_span_a_holiday_of_two_days() -> None:
    # A usual course of rTMS: 36 sessions on working days; Thanksgiving and the day after closed.
    run = course(protocol(series(36)), start="2026-11-02")
    closed = DatedHours(first=date(2026, 11, 26), last=date(2026, 11, 27), why="Thanksgiving")
    found = days_of(planned(run, clinic(closed)))
    assert found[17:20] == ["Wed 25 Nov", "Mon 30 Nov", "Tue 01 Dec"]
    assert found[-1] == "Wed 23 Dec"


def test_a_block_of_five_days_goes_on_after_the_days_that_are_closed() -> None:
    run = course(protocol(series(5, weekends=True)), start="2027-05-06")
    hours = Hours.of(dict.fromkeys(WEEKDAYS, "08:00-18:00"))
    place = attrs.evolve(clinic(DatedHours(first=date(2027, 5, 8))), hours=hours)
    found = days_of(planned(run, place))
    assert found == ["Thu 06 May", "Fri 07 May", "Sun 09 May", "Mon 10 May", "Tue 11 May"]


def test_a_weekday_on_which_the_clinic_never_opens_is_skipped_each_week() -> None:
    run = course(protocol(series(5)), start="2027-04-12")
    place = attrs.evolve(
        clinic(), hours=Hours.of({"Monday": "08:00-12:00", "Thursday": "08:00-12:00"})
    )
    expected = ["Mon 12 Apr", "Thu 15 Apr", "Mon 19 Apr", "Thu 22 Apr", "Mon 26 Apr"]
    assert days_of(planned(run, place)) == expected


def test_a_day_closed_for_some_hours_is_open() -> None:
    run = course(protocol(series(2)), start="2027-04-30")
    morning = attrs.evolve(BANK_HOLIDAY, hours=((0, 720),))
    assert days_of(planned(run, clinic(morning))) == ["Fri 30 Apr", "Mon 03 May"]


def test_the_end_is_kept_by_beginning_sooner() -> None:
    run = course(protocol(series(5)), start="2027-04-19")
    run = attrs.evolve(run, finish_by=date(2027, 5, 4))
    plan = planned(run, clinic(BANK_HOLIDAY))
    assert plan.schedule is not None
    assert plan.schedule.visits[-1].day <= date(2027, 5, 4)


@pytest.mark.parametrize("as_of", ["2027-05-03", "2027-05-04"])
def test_a_series_goes_on_after_the_holiday_and_no_rule_is_broken(as_of: str) -> None:
    run = course(protocol(series(3)), *given(rt_1="2027-04-30"), start="2027-04-30")
    plan = planned(run, clinic(BANK_HOLIDAY), as_of)
    assert days_of(plan) == ["Tue 04 May", "Wed 05 May"]
    assert plan.agenda.broken == ()
    assert plan.schedule is not None
    assert plan.schedule.breaches == ()


def test_a_day_on_which_the_clinic_was_open_and_nobody_came_is_told() -> None:
    run = course(protocol(series(3)), *given(rt_1="2027-04-30"), start="2027-04-30")
    plan = planned(run, clinic(BANK_HOLIDAY), "2027-05-06")
    assert days_of(plan) == ["Thu 06 May", "Fri 07 May"]
    assert plan.schedule is not None
    assert [(one.visits, one.amount) for one in plan.schedule.breaches] == [(("rt-1", "rt-2"), 2)]


def test_the_judge_finds_a_day_left_out_of_a_series() -> None:
    run = course(protocol(series(3)), start="2027-04-30")
    place = clinic(BANK_HOLIDAY)
    plan = planned(run, place)
    assert plan.schedule is not None
    last = plan.schedule.visits[-1]
    moved = {
        field: getattr(last, field) + timedelta(days=1)
        for field in ("start", "discharge", "discharge_by")
    }
    stages = [
        attrs.evolve(
            stage,
            **{
                field: getattr(stage, field) + timedelta(days=1)
                for field in ("start", "start_by", "end", "end_by")
            },
        )
        for stage in last.stages
    ]
    late = attrs.evolve(last, stages=stages, **moved)
    schedule = attrs.evolve(plan.schedule, visits=[*plan.schedule.visits[:-1], late], slacks=())
    found = violations(plan.agenda, schedule, place, PERSON, run.protocol)
    assert [str(one) for one in found] == [
        "infusion 3 is on Thu 2027-05-06, infusion 2 on Tue 2027-05-04; wanted Wed 2027-05-05, "
        "by the days on which the clinic is open (cadence)"
    ]


def twice(days: int, apart: str = "6 hours") -> Phase:
    cadence = Consecutive(
        consecutive_days=Count(days, days),
        weekends=False,
        closed_days=ClosedDays.MAKE_UP,
        make_up_apart=elapsed_span(apart),
    )
    return phase("rt", cadence, str(days))


def test_a_closed_day_made_up_by_a_second_visit_keeps_the_end() -> None:
    # Two fractions on one day at least 6 hours apart: Royal College of Radiologists, BFCO(08)6.
    run = course(protocol(twice(20)), start="2027-04-12")
    plan = planned(run, clinic(BANK_HOLIDAY))
    assert plan.proof is Proof.OPTIMAL
    found = days_of(plan)
    assert (found[0], found[-1]) == ("Mon 12 Apr", "Fri 07 May")
    assert found[14:17] == ["Fri 30 Apr", "Fri 30 Apr", "Tue 04 May"]
    assert plan.schedule is not None
    first, second = plan.schedule.visits[14:16]
    assert second.start - first.discharge_by >= timedelta(hours=6)


def test_two_closed_days_are_made_up_on_either_side() -> None:
    run = course(protocol(twice(5)), start="2027-03-24")
    easter = DatedHours(first=date(2027, 3, 26), last=date(2027, 3, 29), why="Easter")
    found = days_of(planned(run, clinic(easter)))
    assert found == ["Wed 24 Mar", "Thu 25 Mar", "Thu 25 Mar", "Tue 30 Mar", "Tue 30 Mar"]


def test_three_closed_days_in_a_row_cannot_be_made_up() -> None:
    run = course(protocol(twice(6)), start="2027-03-24")
    run = attrs.evolve(run, first_treatment_within=CalendarSpan(), finish_by=date(2027, 3, 31))
    closed = DatedHours(first=date(2027, 3, 26), last=date(2027, 3, 30), why="Easter")
    assert planned(run, clinic(closed)).proof is Proof.IMPOSSIBLE


def test_a_second_visit_has_its_distance_or_there_is_none() -> None:
    run = course(protocol(twice(2, "12 hours")), start="2027-05-03")
    run = attrs.evolve(run, finish_by=date(2027, 5, 4))
    history = given(rt_1="2027-04-30")
    plan = planned(
        attrs.evolve(run, events=history, not_before=date(2027, 4, 30)), clinic(BANK_HOLIDAY)
    )
    assert days_of(plan) == ["Tue 04 May"]


@pytest.mark.parametrize(
    ("apart", "per_day", "says"),
    [
        (
            None,
            1,
            "cadence: make_up_apart must be given with closed_days = 'make up', and with nothing "
            "else, got None",
        ),
        (
            elapsed_span("6 hours"),
            2,
            "cadence: per_day must be 1 where closed days are made up by a second visit, got 2",
        ),
    ],
)
def test_making_up_needs_its_distance_and_one_visit_a_day(
    apart: ElapsedSpan | None, per_day: int, says: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        Consecutive(
            consecutive_days=Count(2, 2),
            weekends=False,
            per_day=per_day,
            closed_days=ClosedDays.MAKE_UP,
            make_up_apart=apart,
        )
    assert str(refused.value) == says


# --- one dated visit -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "on"),
    [
        (ClosedDay.PREVIOUS, "Fri 30 Apr"),
        (ClosedDay.NEXT, "Tue 04 May"),
        (ClosedDay.NEAREST, "Tue 04 May"),
    ],
)
def test_a_visit_of_a_closed_day_goes_where_its_phase_says(which: ClosedDay, on: str) -> None:
    weekly = attrs.evolve(
        phase("run", every("7 days"), "3", anchor="original dates"), closed_day=which
    )
    plan = planned(course(protocol(weekly), start="2027-04-26"), clinic(BANK_HOLIDAY))
    assert days_of(plan) == ["Mon 26 Apr", on, "Mon 10 May"]
    assert plan.proof is not Proof.IMPOSSIBLE


def test_the_nearest_open_day_can_be_before() -> None:
    weekly = attrs.evolve(phase("run", every("4 days"), "2"), closed_day=ClosedDay.NEAREST)
    plan = planned(course(protocol(weekly), start="2027-04-27"), clinic())
    assert days_of(plan) == ["Tue 27 Apr", "Fri 30 Apr"]


def test_another_visit_of_a_closed_day_goes_where_it_says() -> None:
    check = OtherVisit(
        name="check",
        visit="review",
        cadence=at("day 8"),
        anchor=StartOf("course"),
        closed_day=ClosedDay.PREVIOUS,
        source="local",
    )
    plan = planned(
        course(
            protocol(phase("run", every("1 day"), "1"), other_visits=[check]), start="2027-04-26"
        ),
        clinic(BANK_HOLIDAY),
    )
    assert days_of(plan) == ["Mon 26 Apr", "Fri 30 Apr"]


def test_a_range_of_dates_has_no_closed_day() -> None:
    with pytest.raises(InvalidValue) as refused:
        attrs.evolve(phase("run", every("2 to 3 days"), "3"), closed_day=ClosedDay.NEXT)
    assert str(refused.value) == (
        "phase 'run': closed_day must be left out, or each visit so many days after one other and "
        "without a tolerance, got next"
    )


# --- dates without a clinic ------------------------------------------------------------------


def test_dates_say_in_words_what_a_closed_day_changes() -> None:
    run = course(protocol(series(2)), *given(rt_1="2027-04-30"), start="2027-04-30")
    agenda = seen(run, "2027-04-30")
    assert dates(agenda, "rt-2") == ("2027-05-03", "2027-05-03", "-")
    expected = agenda.due("rt-2").target
    assert expected is not None
    assert expected.rule == (
        "the next day from Monday to Friday after infusion 1 on which the clinic is open"
    )


def test_dates_with_a_clinic_know_its_closed_days() -> None:
    run = course(protocol(series(2)), *given(rt_1="2027-04-30"), start="2027-04-30")
    agenda = expand(run, day("2027-04-30"), clinic=clinic(BANK_HOLIDAY))
    assert dates(agenda, "rt-2") == ("2027-05-04", "2027-05-04", "2027-05-04")


def test_what_hangs_on_closed_days_cannot_be_told_without_a_clinic() -> None:
    history = given(rt_1="2027-04-30", rt_2="2027-05-04")
    run = course(protocol(series(2)), *history, start="2027-04-30")
    assert [one.judged for one in judge_history(run)] == [Judged.IN_WINDOW, Judged.CANNOT_BE_TOLD]
    assert history_text(judge_history(run)).endswith(
        "No visit given breaks a rule; for 1 visit it depends on the days the clinic was closed.\n"
    )
    assert verdict(run, "rt-2", day("2027-05-03")).judged is Judged.IN_WINDOW
    assert verdict(run, "rt-2", day("2027-05-01")).judged in (
        Judged.TOO_EARLY,
        Judged.WRONG_WEEKDAY,
    )
    notified = verdict_text(verdict(run, "rt-2", day("2027-05-05")))
    assert "It depends on which days the clinic was closed, which is not known here." in notified


# --- words and files -------------------------------------------------------------------------

SKIPS = OnOpenDay(
    rule="cadence", earlier="a", later="b", after=CalendarSpan(days=1), weekends=False
)
MOVES = OnOpenDay(
    rule="closed day",
    earlier="a",
    later="b",
    after=CalendarSpan(weeks=1),
    closed_day=ClosedDay.PREVIOUS,
)


def test_rules_about_closed_days_in_words() -> None:
    assert in_english(SKIPS, "dose 2", "dose 1") == (
        "dose 2 must come on the next working day (Monday to Friday) after dose 1 on which the "
        "clinic "
        "is open"
    )
    assert in_english(MOVES, "dose 2", "dose 1") == (
        "dose 2 must come 1 week after dose 1, or where the clinic is closed then, on the "
        "previous day "
        "on which it is open"
    )
    assert in_german(SKIPS, "Gabe 2", "Gabe 1", str) == (
        "Gabe 2 ist am nächsten Werktag (Montag bis Freitag) nach Gabe 1, an dem die Klinik "
        "geöffnet ist"
    )
    assert in_german(MOVES, "Gabe 2", "Gabe 1", lambda _: "1 Woche") == (
        "Gabe 2 ist 1 Woche nach Gabe 1, oder wenn die Klinik dann geschlossen ist, am letzten "
        "geöffneten Tag davor"
    )


def test_a_series_that_ends_too_late_says_so_in_both_languages() -> None:
    run = course(protocol(series(3)), start="2027-04-30")
    run = attrs.evolve(run, finish_by=date(2027, 5, 4), first_treatment_within=CalendarSpan())
    found = explain_course(run, clinic(BANK_HOLIDAY), PERSON, as_of=day("2027-04-30"))
    assert found.plan.proof is Proof.IMPOSSIBLE
    for language, words in (
        ("en", "on which the clinic is open"),
        ("de", "an dem die Klinik geöffnet ist"),
    ):
        assert words in " ".join(explanation_text(found, language=language).split())


def test_files_keep_what_a_closed_day_means() -> None:
    block = series(5)
    weekly = attrs.evolve(phase("run", every("7 days"), "3"), closed_day=ClosedDay.NEAREST)
    twice_a_day = attrs.evolve(twice(4), name="twice")
    plan = protocol(block, weekly, twice_a_day)
    text = write_toml(protocol_to_dict(plan))
    assert 'closed_days = "skip"' in text
    assert 'closed_day = "nearest"' in text
    assert read_protocol(text) == plan
    agenda = seen(course(plan, start="2027-04-30"), "2027-04-30")
    assert any(isinstance(rule, OnOpenDay) for rule in agenda.bindings)
    assert agenda_from_dict(agenda_to_dict(agenda)) == agenda


def test_a_visit_that_goes_to_an_open_day_has_no_floor() -> None:
    weekly = attrs.evolve(phase("run", every("7 days"), "2"), closed_day=ClosedDay.PREVIOUS)
    agenda = seen(course(protocol(weekly), start="2027-04-26"), "2027-04-26")
    kinds = [rule.rule for rule in agenda.bindings if isinstance(rule, Spacing)]
    assert "floor" not in kinds


@pytest.mark.parametrize("which", ClosedDay)
def test_a_closed_day_that_moves_a_visit_is_named_wherever_it_moves_it_to(which: ClosedDay) -> None:
    weekly = attrs.evolve(phase("dose", every("1 week"), "2"), closed_day=which)
    ward = clinic(BANK_HOLIDAY)
    run = course(protocol(weekly), start="2027-04-26")
    plan = plan_course(run, ward, PERSON, as_of=day("2027-04-26"))
    assert "Closed meanwhile: Mon 3 May (bank holiday)." in plan_text(plan, ward)


def test_a_closed_day_that_a_whole_block_waits_for_is_named() -> None:
    ward = clinic(BANK_HOLIDAY)
    run = course(protocol(series(5, skip=False)), start="2027-05-03")
    plan = plan_course(run, ward, PERSON, as_of=day("2027-05-03"))
    assert plan.schedule is not None
    assert plan.schedule.visits[0].day == day("2027-05-04")
    assert "Closed meanwhile: Mon 3 May (bank holiday)." in plan_text(plan, ward)
