"""Sentences about rules, causes and proofs, compared whole."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    Due,
    FixedAt,
    NextWorkingDay,
    NotAfter,
    NotBefore,
    OnDaysOfMonth,
    OnWeekdays,
    PastVisit,
    Question,
    Rules,
    Spacing,
    WeekApart,
)
from protocol_sched.model.availability import Commitment, DatedHours, Hours, Preferences
from protocol_sched.model.cadences import Week
from protocol_sched.model.causes import (
    Cause,
    Closed,
    CourseEnds,
    CourseStarts,
    EscortFree,
    EscortHours,
    HorizonBegins,
    HorizonEnds,
    InOrder,
    MustDrive,
    NoSuchKind,
    OpeningHours,
    PersonAway,
    PersonBusy,
    PersonFree,
    PlacesTaken,
    PreferenceKept,
    Request,
    StaffTaken,
    StartTimes,
)
from protocol_sched.model.objective import Objective
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Proof
from protocol_sched.model.spans import MonthEnd, parse_range, parse_span
from protocol_sched.text.english.causes import cause_text, origin_text
from protocol_sched.text.english.proofs import objective_text, proof_text, question_text
from protocol_sched.text.english.rules import binding_text
from protocol_sched.text.english.words import dates_text, elapsed_text, titles_text


def _due(identity: str, title: str) -> Due:
    return Due(
        id=identity, title=title, kind="infusion", phase="induction", ordinal=1, type_ordinal=1
    )


AGENDA = Agenda(
    course="c-1",
    protocol="p",
    as_of=date(2027, 2, 20),
    month_end=MonthEnd.NEXT_DAY,
    dues=[
        _due("evaluation", "evaluation"),
        *(_due(f"i-{n}", f"infusion {n}") for n in range(1, 7)),
    ],
    bindings=(),
)
TRANSPLANT = PastVisit("transplant", "transplant", date(2026, 12, 30))
GIVEN = PastVisit("i-0", "infusion 0", date(2027, 2, 18), kind="infusion")


def spacing(
    least: str = "",
    most: str = "",
    target: str = "",
    *,
    rule: str = "separation",
    earlier: str | PastVisit = "i-2",
    later: str = "i-3",
    between: Between = Between.STARTS,
) -> Spacing:
    return Spacing(
        rule=rule,
        earlier=earlier,
        later=later,
        least=parse_span(least) if least else None,
        most=parse_span(most) if most else None,
        target=parse_range(target) if target else None,
        between=between,
    )


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (spacing("2 days", "5 days"), "infusion 3 must come 2 to 5 calendar days after infusion 2"),
        (spacing("1 day", "1 day"), "infusion 3 must come 1 calendar day after infusion 2"),
        (spacing("2 days"), "infusion 3 must come at least 2 calendar days after infusion 2"),
        (
            spacing("0 days", "5 days"),
            "infusion 3 must come at most 5 calendar days after infusion 2",
        ),
        (spacing(most="1 day"), "infusion 3 must come at most 1 calendar day after infusion 2"),
        (spacing("0 days", "0 days"), "infusion 3 must be on the day of infusion 2"),
        (
            spacing("2 days", "5 days", "2 to 3 days"),
            "infusion 3 must come 2 to 5 calendar days after infusion 2, ideally 2 to 3 days",
        ),
        (spacing(target="14 days"), "infusion 3 should come 14 calendar days after infusion 2"),
        (
            spacing("6 months - 4 days", "7 months"),
            "infusion 3 must come 6 months - 4 days to 7 months after infusion 2",
        ),
        (
            spacing("12 months - 2 days", "12 months + 3 days"),
            "infusion 3 must come 12 months (2 days earlier to 3 days later) after infusion 2",
        ),
        (
            spacing("4 weeks", "4 weeks + 1 day"),
            "infusion 3 must come 4 weeks (up to 1 day later) after infusion 2",
        ),
        (
            spacing("2 days", earlier=GIVEN),
            "infusion 3 must come at least 2 calendar days after infusion 0 on Thu 18 February",
        ),
        (
            spacing("20 days", "40 days", earlier=TRANSPLANT),
            "infusion 3 must come 20 to 40 calendar days after the transplant on Wed 30 "
            "December 2026",
        ),
        (spacing(), "infusion 3 is measured from infusion 2"),
    ],
)
def test_a_spacing_in_calendar_days_says_its_limits(rule: Spacing, says: str) -> None:
    assert binding_text(rule, AGENDA) == says


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            spacing("48 hours", "72 hours"),
            "infusion 3 must begin 48 to 72 hours after infusion 2 begins",
        ),
        (
            spacing("72 hours", between=Between.END_AND_START),
            "infusion 3 must begin at least 72 hours after the end of infusion 2",
        ),
        (
            spacing("72 hours", "5 days"),
            "infusion 3 must begin at least 72 hours and at most 5 days after infusion 2 begins",
        ),
        (
            spacing(target="46 hours", between=Between.END_AND_START),
            "infusion 3 should begin 46 hours after the end of infusion 2",
        ),
    ],
)
def test_a_spacing_in_hours_says_between_which_moments(rule: Spacing, says: str) -> None:
    assert binding_text(rule, AGENDA) == says


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            spacing(most="30 days", rule="gate", earlier="evaluation", later="i-1"),
            "the evaluation must be at most 30 calendar days before infusion 1",
        ),
        (
            spacing("1 day", "30 days", rule="gate", earlier="evaluation", later="i-1"),
            "the evaluation must be 1 to 30 calendar days before infusion 1",
        ),
        (
            spacing("1 day", rule="order"),
            "infusion 3 must come on a later date than infusion 2",
        ),
        (
            spacing("0 minutes", rule="order", between=Between.END_AND_START),
            "infusion 3 must begin after infusion 2 ends",
        ),
        (
            NextWorkingDay(rule="cadence", earlier="i-1", later="i-2"),
            "infusion 2 must come on the next working day after infusion 1 (Monday to Friday)",
        ),
        (
            NextWorkingDay(rule="cadence", earlier="i-1", later="i-2", days=3),
            "infusion 2 must come 3 working days (Monday to Friday) after infusion 1",
        ),
        (
            WeekApart(rule="cadence", earlier="i-1", later="i-2", weeks=0, begins=Week.MONDAY),
            "infusion 2 must be in the same week as infusion 1 (weeks begin on Mondays)",
        ),
        (
            WeekApart(rule="cadence", earlier="i-1", later="i-2", weeks=1, begins=Week.SUNDAY),
            "infusion 2 must be in the week after that of infusion 1 (weeks begin on Sundays)",
        ),
        (
            WeekApart(rule="cadence", earlier="i-1", later="i-2", weeks=2, begins=Week.FIRST_VISIT),
            "infusion 2 must be 2 weeks after the week of infusion 1 "
            "(weeks begin on the weekday of the first visit)",
        ),
        (
            AtMost(rule="cap", most=3, days=7, visits=[f"i-{n}" for n in range(1, 7)]),
            "at most 3 of infusion 1 to infusion 6 in any 7 days",
        ),
        (
            AtMost(rule="cap", most=1, days=1, visits=[GIVEN, "i-2", "evaluation"]),
            "at most 1 of infusion 0, infusion 2 and the evaluation on any day",
        ),
        (
            NotBefore(rule="start", visit="i-1", day=date(2027, 3, 1)),
            "infusion 1 must be on Mon 1 March or later (the course starts then)",
        ),
        (
            NotBefore(rule="today", visit="evaluation", day=date(2027, 2, 20)),
            "the evaluation must be on Sat 20 February or later (the day of planning)",
        ),
        (
            NotBefore(rule="separation", visit="i-1", day=date(2028, 2, 29)),
            "infusion 1 must be on Tue 29 February 2028 or later",
        ),
        (
            NotAfter(rule="finish", visit="i-6", day=date(2027, 4, 1)),
            "infusion 6 must be on Thu 1 April or earlier (the course ends by then)",
        ),
        (
            OnWeekdays(rule="weekdays", visit="i-1", weekdays=("Friday", "Monday")),
            "infusion 1 must be on a Monday or a Friday",
        ),
        (
            OnWeekdays(rule="weekdays", visit="i-1", weekdays=("Sunday",)),
            "infusion 1 must be on a Sunday",
        ),
        (
            OnDaysOfMonth(rule="day of the month", visit="i-1", first=1, last=28),
            "infusion 1 must be on day 1 to 28 of a month",
        ),
        (
            OnWeekdays(
                rule="cadence",
                visit="i-1",
                weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
            ),
            "infusion 1 must be on a day from Monday to Friday",
        ),
        (
            FixedAt(
                rule="pinned",
                visit="i-2",
                start=datetime(2027, 3, 3, 9, 30, tzinfo=ZoneInfo("America/New_York")),
            ),
            "infusion 2 is fixed on Wed 3 March at 09:30",
        ),
    ],
)
def test_each_kind_of_rule_has_a_sentence(rule: Rules, says: str) -> None:
    assert binding_text(rule, AGENDA) == says
    assert origin_text(rule, AGENDA) == says


CLOSURE = DatedHours(first=date(2027, 3, 12), why="staff training")
SWIMMING = Commitment(what="drives the children to swimming", hours=Hours(), needs_driving=True)


WORKDAYS = dict.fromkeys(WEEKDAYS[:5], "08:00-17:00")
TUESDAYS = attrs.evolve(SWIMMING, hours=Hours.of({"Tuesday": "17:30-19:00"}))
TUESDAY = date(2027, 3, 9)
MONDAYS = "person-1 is free on Mondays 10:00-12:00"
SWIMS = "on Tuesdays 17:30-19:00 (drives the children to swimming)"


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        (OpeningHours("the clinic"), "the clinic is open at all times"),
        (
            OpeningHours("the clinic", Hours.of({**WORKDAYS, "Friday": "08:00-15:30"})),
            "the clinic is open from Monday to Thursday 08:00-17:00 and on Fridays 08:00-15:30",
        ),
        (
            Closed("the clinic", CLOSURE),
            "the clinic is closed on Fri 12 March (staff training)",
        ),
        (
            Closed("the clinic", DatedHours(first=date(2027, 3, 12), hours=[(720, 1080)])),
            "the clinic is closed on Fri 12 March, 12:00-18:00",
        ),
        (StartTimes(15), "visits begin at multiples of 15 minutes"),
        (StartTimes(1), "visits begin at multiples of 1 minute"),
        (NoSuchKind("The clinic", "stool"), "The clinic has no stool"),
        (PlacesTaken("chair"), "no chair is free for long enough"),
        (StaffTaken("nurse"), "not enough nurse time is free"),
        (PersonFree("person-1", Hours.of({"Monday": "10:00-12:00"})), MONDAYS),
        (
            PersonAway("Maya", DatedHours(first=date(2027, 12, 30), last=date(2028, 1, 2))),
            "Maya is away from Thu 30 December to Sun 2 January 2028",
        ),
        (PersonBusy("Maya", TUESDAYS), f"Maya is busy {SWIMS} and needs to drive then"),
        (
            MustDrive("Maya", SWIMMING),
            "Maya has to drive while it is barred: at all times (drives the children to swimming)",
        ),
        (EscortFree(()), "no escort is listed for the ride home"),
        (
            EscortFree(("Tomas",)),
            "Tomas is not free whenever the ride home may begin",
        ),
        (
            EscortFree(("Tomas", "Priya")),
            "none of Tomas and Priya is free whenever the ride home may begin",
        ),
        (
            EscortHours("Dana", Hours.of({"Monday": "08:00-12:00"}), [CLOSURE]),
            "Dana can drive on Mondays 08:00-12:00, but not on Fri 12 March (staff training)",
        ),
        (InOrder(), "visits must stay in order"),
        (CourseStarts(date(2027, 3, 1)), "the course starts on Mon 1 March"),
        (CourseEnds(date(2028, 3, 1)), "the course ends by Wed 1 March 2028"),
        (HorizonBegins(date(2027, 3, 5)), "planning begins on Fri 5 March 2027"),
        (HorizonEnds(date(2027, 3, 5)), "planning ends on Fri 5 March 2027"),
        (
            Request(
                visit="i-3", first=date(2027, 3, 9), last=date(2027, 3, 9), earliest=600, latest=600
            ),
            "infusion 3 is on Tue 9 March at 10:00, as asked for",
        ),
        (
            Request(visit="evaluation", last=date(2027, 3, 9)),
            "the evaluation is on Tue 9 March or earlier, as asked for",
        ),
        (Request(first=date(2027, 3, 9)), "every visit is on Tue 9 March or later, as asked for"),
        (
            Request(first=date(2027, 3, 9), last=date(2027, 3, 11), earliest=600),
            "every visit is between Tue 9 March and Thu 11 March at 10:00 or later, as asked for",
        ),
        (
            PreferenceKept("Maya", "weekdays", Preferences(weekdays=["Monday", "Friday"])),
            "every visit is on a Monday or a Friday, as asked for",
        ),
        (
            PreferenceKept("Maya", "earliest", Preferences(earliest=540)),
            "every visit begins at 09:00 or later, as asked for",
        ),
        (
            PreferenceKept("Maya", "latest", Preferences(latest=930)),
            "every visit ends by 15:30, as asked for",
        ),
    ],
)
def test_each_kind_of_cause_has_a_sentence(cause: Cause, says: str) -> None:
    assert cause_text(cause, AGENDA) == says
    assert origin_text(cause, AGENDA) == says


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        (
            OpeningHours("the clinic", Hours.of({"Friday": "08:00-15:30"})),
            "the clinic is open only 08:00-15:30 on Fri 12 March and is closed on Sat 13 March",
        ),
        (
            EscortHours("Dana", Hours.of({**WORKDAYS, "Saturday": "08:00-17:00"}), [CLOSURE]),
            "Dana cannot drive on Fri 12 March and can drive only 08:00-17:00 on Sat 13 March",
        ),
        (
            PersonFree("Maya", Hours.of({"Monday": "08:00-12:00"})),
            "Maya is not free on Fri 12 to Sat 13 March",
        ),
        (StaffTaken("nurse"), "not enough nurse time is free on Fri 12 to Sat 13 March"),
    ],
)
def test_hours_are_said_for_the_dates_that_matter(cause: Cause, says: str) -> None:
    assert cause_text(cause, AGENDA, [date(2027, 3, 12), date(2027, 3, 13)]) == says


def test_what_is_neither_rule_nor_cause_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^a rule or a cause is needed, got str$"):
        origin_text("closed", AGENDA)


@pytest.mark.parametrize(
    ("days", "says"),
    [
        ([], ""),
        ([(2027, 3, 5)], "Fri 5 March"),
        ([(2027, 3, 5), (2027, 3, 8)], "Fri 5 and Mon 8 March"),
        (
            [(2027, 3, 5), (2027, 3, 8), (2027, 3, 9), (2027, 3, 10)],
            "Fri 5 and Mon 8 to Wed 10 March",
        ),
        ([(2027, 3, 31), (2027, 4, 1)], "Wed 31 March to Thu 1 April"),
        ([(2027, 3, 1), (2027, 3, 31), (2027, 4, 2)], "Mon 1, Wed 31 March and Fri 2 April"),
        ([(2027, 12, 31), (2028, 1, 1)], "Fri 31 December 2027 to Sat 1 January 2028"),
        (
            [(2027, 12, 30), (2028, 1, 3), (2028, 1, 4)],
            "Thu 30 December 2027 and Mon 3 to Tue 4 January 2028",
        ),
        (
            [(2027, 3, day) for day in range(1, 31, 2)],
            "Mon 1, Wed 3, Fri 5, Sun 7, Tue 9, Thu 11 March and 9 more stretches until "
            "Mon 29 March",
        ),
    ],
)
def test_dates_are_listed_in_runs(days: list[tuple[int, int, int]], says: str) -> None:
    assert dates_text([date(*day) for day in days]) == says


def test_dates_carry_the_year_on_request() -> None:
    assert (
        dates_text([date(2027, 3, 5), date(2027, 3, 6)], year=True) == "Fri 5 to Sat 6 March 2027"
    )


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (60, "1 hour"),
        (4320, "72 hours"),
        (2971, "49 hours 31 minutes"),
    ],
)
def test_elapsed_time_is_in_hours_and_minutes(minutes: int, says: str) -> None:
    assert elapsed_text(minutes) == says


@pytest.mark.parametrize(
    ("titles", "says"),
    [
        (["infusion 1"], "infusion 1"),
        (["infusion 1", "infusion 2"], "infusion 1 and infusion 2"),
        (["infusion 1", "infusion 2", "infusion 3"], "infusion 1 to infusion 3"),
        (
            ["evaluation", "infusion 1", "infusion 2", "infusion 3", "infusion 5"],
            "the evaluation, infusion 1 to infusion 3 and infusion 5",
        ),
    ],
)
def test_titles_are_listed_in_runs(titles: list[str], says: str) -> None:
    assert titles_text(titles) == says


def _objective(deviation: int, preferences: int) -> Objective:
    return Objective(
        deviation=deviation,
        preferences=preferences,
        finish=date(2027, 4, 12),
        time_of_day=600,
        bound=deviation,
    )


@pytest.mark.parametrize(
    ("objective", "says"),
    [
        (
            _objective(0, 1),
            "0 days off target, 1 preference not met, last visit Mon 12 April 2027",
        ),
        (
            _objective(1, 0),
            "1 day off target, 0 preferences not met, last visit Mon 12 April 2027",
        ),
        (
            Objective(deviation=0, preferences=0, finish=None, time_of_day=0),
            "0 days off target, 0 preferences not met",
        ),
    ],
)
def test_an_objective_counts_days_and_preferences(objective: Objective, says: str) -> None:
    assert objective_text(objective) == says


@pytest.mark.parametrize(
    ("proof", "objective", "says"),
    [
        (
            Proof.OPTIMAL,
            _objective(0, 1),
            "proved best: fewest days off target, then most preferences met, then earliest end, "
            "then earliest times",
        ),
        (Proof.IMPOSSIBLE, None, "proved: no plan keeps every rule"),
        (
            Proof.NOT_PROVED,
            None,
            "the search limit was reached before a plan was found; there may be one",
        ),
        (
            Proof.NOT_PROVED,
            _objective(1, 0),
            "not proved best: the search limit was reached; "
            "no plan has fewer than 1 day off target",
        ),
    ],
)
def test_each_proof_says_what_it_means(
    proof: Proof, objective: Objective | None, says: str
) -> None:
    assert proof_text(proof, objective) == says


def test_a_question_names_its_choices() -> None:
    open_question = Question(id="q", asks="restart or carry on?")
    assert question_text(open_question) == "restart or carry on?"
    choices = Question(id="q", asks="what follows?", choices=("restart", "carry on", "stop"))
    assert question_text(choices) == "what follows? (restart, carry on or stop)"


def test_a_visit_before_the_one_it_is_measured_from_is_said_to_come_before_it() -> None:
    rule = Spacing(
        rule="tolerance",
        earlier="dose-1",
        later="screening",
        least=parse_span("- 16 days"),
        most=parse_span("- 14 days"),
        target=parse_range("- 14 days"),
    )
    says = binding_text(rule, AGENDA)
    assert " must come 14 to 16 calendar days before " in says
    assert says.endswith(", ideally 14 days")
