"""What becomes of a day on which the clinic is closed: each choice for a block and for a week."""

from __future__ import annotations

from datetime import date

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
from protocol_sched.model.agenda import CaughtUp, FilledWeek
from protocol_sched.model.availability import DatedHours
from protocol_sched.model.cadences import ClosedDays, Consecutive, PerWeek, Week
from protocol_sched.model.numbers import Count
from protocol_sched.model.protocol import Phase
from protocol_sched.model.schedule import Proof
from protocol_sched.model.spans import elapsed_span
from protocol_sched.model.verdict import Judged
from protocol_sched.text.english.two_dates import in_english
from protocol_sched.text.german.two_dates import in_german
from protocol_sched.text.plans import plan_text
from protocols import course, dates, day, given, phase, protocol, seen
from test_closed_days import BANK_HOLIDAY, PERSON, SATURDAY, clinic, days_of, planned

EXTRA = ClosedDays.EXTRA_OPENING
WEEKENDS = (DatedHours(first=date(2027, 5, 1)), DatedHours(first=date(2027, 5, 8)))


def block(days: int, closed_days: ClosedDays = EXTRA, weekends: bool = False) -> Phase:
    makes_up = closed_days is ClosedDays.MAKE_UP
    cadence = Consecutive(
        consecutive_days=Count(days, days),
        weekends=weekends,
        closed_days=closed_days,
        make_up_apart=elapsed_span("6 hours") if makes_up else None,
    )
    return phase("rt", cadence, str(days))


def weekly(per_week: int, visits: int, week: Week = Week.MONDAY) -> Phase:
    cadence = PerWeek(per_week=per_week, week=week, closed_days=ClosedDays.SKIP)
    return phase("rt", cadence, str(visits))


# --- one bank holiday and twenty fractions ---------------------------------------------------
#
# Public report F4: twenty fractions, Monday to Friday, from 12 April 2027, closed on Monday 3 May.
# A block that had to wait began on 4 May, 22 days later. The choices are those of the Royal College
# of Radiologists' guidance on interruptions, BFCO(08)6: treat at the weekend, twice a day at least
# six hours apart, or add at the end.


@pytest.mark.parametrize(
    ("run", "extra", "last"),
    [
        (block(20, ClosedDays.SKIP), (), "Mon 10 May"),
        (block(20, ClosedDays.MAKE_UP), (), "Fri 07 May"),
        (block(20), (SATURDAY,), "Sat 08 May"),
        (block(20), (), "Mon 10 May"),
        (block(20, ClosedDays.SKIP, weekends=True), (SATURDAY,), "Sat 08 May"),
        (weekly(5, 20), (), "Mon 10 May"),
        (weekly(5, 20), (SATURDAY,), "Sat 08 May"),
        (weekly(5, 20, Week.SUNDAY), (), "Mon 10 May"),
        (weekly(5, 20, Week.FIRST_VISIT), (), "Mon 10 May"),
    ],
    ids=[
        "at the end",
        "twice a day",
        "at the weekend",
        "at the weekend, which is closed",
        "any day that is open",
        "five a week",
        "five a week and a Saturday",
        "five a week from Sunday",
        "five a week from the first visit",
    ],
)
def test_a_bank_holiday_moves_no_start_by_weeks(
    run: Phase, extra: tuple[DatedHours, ...], last: str
) -> None:
    asked = course(protocol(run), start="2027-04-12")
    place = clinic(BANK_HOLIDAY, extra=extra)
    plan = planned(asked, place)
    assert plan.proof is Proof.OPTIMAL
    assert (days_of(plan)[0], days_of(plan)[-1]) == ("Mon 12 Apr", last)
    assert plan.schedule is not None
    assert violations(plan.agenda, plan.schedule, place, PERSON, asked.protocol) == ()


def test_thirty_daily_sessions_of_magnetic_stimulation_span_thanksgiving() -> None:
    # Five sessions a week for six weeks: the schedule of the FDA's pivotal trial of rTMS (O'Reardon
    # and others, Biological Psychiatry 62 (2007), 1208-1216).
    asked = course(protocol(weekly(5, 30)), start="2026-11-02")
    closed = DatedHours(first=date(2026, 11, 26), last=date(2026, 11, 27), why="Thanksgiving")
    found = days_of(planned(asked, clinic(closed)))
    assert found[17:19] == ["Wed 25 Nov", "Mon 30 Nov"]
    assert (found[0], found[-1]) == ("Mon 02 Nov", "Tue 15 Dec")


# --- an extra opening ------------------------------------------------------------------------


def test_a_saturday_is_not_used_where_no_day_was_closed() -> None:
    asked = course(protocol(block(20)), start="2027-04-12")
    assert days_of(planned(asked, clinic(extra=WEEKENDS)))[-1] == "Fri 07 May"


def test_one_closed_day_takes_one_saturday_and_no_other() -> None:
    asked = course(protocol(block(26)), start="2027-04-12")
    later = DatedHours(first=date(2027, 5, 15))
    found = days_of(planned(asked, clinic(BANK_HOLIDAY, extra=(*WEEKENDS, later))))
    assert [one for one in found if one.startswith("Sat")] == ["Sat 08 May"]
    assert found[-1] == "Mon 17 May"


def test_a_holiday_before_the_block_begins_is_owed_nothing() -> None:
    asked = course(protocol(block(5)), start="2027-05-04")
    found = days_of(planned(asked, clinic(BANK_HOLIDAY, extra=(SATURDAY,))))
    assert found[-2:] == ["Fri 07 May", "Mon 10 May"]


def test_a_block_never_begins_on_a_saturday_that_is_open() -> None:
    asked = course(protocol(block(2)), start="2027-05-08")
    found = days_of(planned(asked, clinic(extra=(SATURDAY,))))
    assert found == ["Mon 10 May", "Tue 11 May"]


@pytest.mark.parametrize(
    ("as_of", "left"),
    [
        ("2027-05-05", ["Wed 05 May", "Thu 06 May", "Fri 07 May", "Sat 08 May"]),
        # Nobody came on 5 and 6 May: three days are owed, and there is one Saturday.
        ("2027-05-07", ["Fri 07 May", "Sat 08 May", "Mon 10 May", "Tue 11 May"]),
    ],
)
def test_a_block_that_is_behind_takes_the_saturday(as_of: str, left: list[str]) -> None:
    history = given(rt_1="2027-04-30", rt_2="2027-05-04")
    asked = course(protocol(block(6)), *history, start="2027-04-30")
    assert days_of(planned(asked, clinic(BANK_HOLIDAY, extra=(SATURDAY,)), as_of)) == left


def test_two_fractions_a_day_are_two_on_the_saturday_too() -> None:
    cadence = Consecutive(
        consecutive_days=Count(4, 4), weekends=False, per_day=2, closed_days=EXTRA
    )
    asked = course(protocol(phase("rt", cadence, "8")), start="2027-04-30")
    asked = attrs.evolve(asked, not_before=date(2027, 5, 4))
    gone = DatedHours(first=date(2027, 5, 6))
    found = days_of(planned(asked, clinic(BANK_HOLIDAY, gone, extra=(SATURDAY,))))
    assert found[-2:] == ["Sat 08 May", "Sat 08 May"]


def test_an_extra_opening_is_for_blocks_from_monday_to_friday() -> None:
    with pytest.raises(InvalidValue) as refused:
        block(5, weekends=True)
    assert str(refused.value) == (
        "cadence: weekends must be false where only a closed day is made up on a Saturday or a "
        "Sunday, got true"
    )


# --- visits counted by the week --------------------------------------------------------------


def test_a_week_with_a_holiday_holds_fewer_and_the_rest_come_at_the_end() -> None:
    asked = course(protocol(weekly(5, 12)), start="2027-04-26")
    found = days_of(planned(asked, clinic(BANK_HOLIDAY)))
    assert [one[4:] for one in found[5:9]] == ["04 May", "05 May", "06 May", "07 May"]
    assert found[-1] == "Wed 12 May"


def test_a_week_with_days_enough_holds_as_many_as_ever() -> None:
    asked = course(protocol(weekly(2, 4)), start="2027-04-26")
    found = days_of(planned(asked, clinic(BANK_HOLIDAY)))
    assert all(date(2027, 5, 4) <= day("2027-05-" + one[4:6]) for one in found[2:])
    assert found[-1] in ("Thu 06 May", "Fri 07 May")


def test_the_next_phase_begins_in_the_week_after_the_last_visit() -> None:
    closed = DatedHours(first=date(2027, 5, 3), last=date(2027, 5, 5))
    next_phase = phase("taper", PerWeek(per_week=2, week=Week.MONDAY), "2")
    asked = course(protocol(weekly(3, 9), next_phase), start="2027-04-26")
    plan = planned(asked, clinic(closed))
    assert plan.proof is Proof.OPTIMAL
    assert days_of(plan)[8:10] == ["Mon 17 May", "Mon 24 May"]


def test_a_missed_visit_of_a_week_moves_to_one_with_room() -> None:
    history = given(rt_1="2027-04-26", rt_2="2027-04-27", rt_3="2027-04-28")
    asked = course(protocol(weekly(5, 8)), *history, start="2027-04-26")
    found = days_of(planned(asked, clinic(BANK_HOLIDAY), "2027-04-30"))
    assert found == ["Fri 30 Apr", "Tue 04 May", "Wed 05 May", "Thu 06 May", "Fri 07 May"]


def test_visits_by_the_week_are_not_made_up_twice_a_day() -> None:
    with pytest.raises(InvalidValue) as refused:
        PerWeek(per_week=5, closed_days=ClosedDays.MAKE_UP)
    assert str(refused.value) == (
        "cadence: closed_days must be 'counted' or 'skip' where visits are counted by the week, "
        "got 'make up'"
    )


# --- dates, verdicts, words and files --------------------------------------------------------


def test_dates_with_and_without_a_clinic() -> None:
    history = given(rt_1="2027-04-29", rt_2="2027-04-30")
    asked = course(protocol(block(3)), *history, start="2027-04-29")
    assert dates(seen(asked, "2027-04-30"), "rt-3") == ("2027-05-03", "2027-05-03", "-")
    agenda = expand(asked, day("2027-04-30"), clinic=clinic(BANK_HOLIDAY))
    assert dates(agenda, "rt-3") == ("2027-05-04", "2027-05-04", "2027-05-04")


def test_a_verdict_without_a_clinic_says_that_it_hangs_on_closed_days() -> None:
    for run in (block(3), weekly(1, 2)):
        history = given(rt_1="2027-04-30", rt_2="2027-05-18")
        asked = course(protocol(run), *history, start="2027-04-30")
        assert judge_history(asked)[1].judged is Judged.CANNOT_BE_TOLD
    asked = course(protocol(block(2)), *given(rt_1="2027-04-30"), start="2027-04-30")
    assert verdict(asked, "rt-2", day("2027-05-03")).judged is Judged.IN_WINDOW


CATCHES_UP = CaughtUp(rule="cadence", earlier="a", later="b", days=3)
FILLS = FilledWeek(rule="cadence", earlier="a", later="b", visits=6, per_week=5, begins=Week.MONDAY)


def test_the_rules_in_words() -> None:
    assert in_english(CATCHES_UP, "dose 4", "dose 1") == (
        "dose 4 must come 3 working days (Monday to Friday) after dose 1 on which the clinic is "
        "open; "
        "an open Saturday or Sunday makes up for a closed day"
    )
    assert in_german(CATCHES_UP, "Gabe 4", "Gabe 1", str) == (
        "Gabe 4 ist 3 geöffnete Werktage (Montag bis Freitag) nach Gabe 1; ein geöffneter Samstag "
        "oder Sonntag gleicht einen geschlossenen Tag aus"
    )
    assert in_english(FILLS, "dose 7", "dose 1") == (
        "dose 7 must be in the week that has room for it (5 a week from dose 1 on, and no more "
        "than it has open days)"
    )
    assert in_german(attrs.evolve(FILLS, weeks=1), "Gabe 8", "Gabe 1", str) == (
        "Gabe 8 ist in der Woche nach der, die für den Termin davor Platz hat (5 pro Woche ab Gabe "
        "1, und nicht mehr, als sie geöffnete Tage hat)"
    )


def test_a_plan_says_which_week_has_room() -> None:
    asked = course(protocol(weekly(5, 7)), start="2027-04-26")
    text = " ".join(plan_text(planned(asked, clinic(BANK_HOLIDAY))).split())
    assert "5 a week from infusion 1 on, and no more than it has open days" in text


def test_files_keep_them() -> None:
    plan = protocol(block(5), attrs.evolve(weekly(5, 10), name="week"))
    text = write_toml(protocol_to_dict(plan))
    assert 'closed_days = "extra opening"' in text
    assert 'closed_days = "skip"' in text
    assert read_protocol(text) == plan
    agenda = seen(course(plan, *given(rt_1="2027-04-30"), start="2027-04-30"), "2027-04-30")
    assert any(isinstance(rule, CaughtUp) for rule in agenda.bindings)
    assert any(isinstance(rule, FilledWeek) for rule in agenda.bindings)
    assert agenda_from_dict(agenda_to_dict(agenda)) == agenda
