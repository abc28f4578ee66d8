"""A plan as text, compared whole."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings

from protocol_sched.model.agenda import (
    AtMost,
    DatedBy,
    Due,
    FixedAt,
    Need,
    NextWorkingDay,
    NotBefore,
    PastVisit,
    Question,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Clinic, DatedHours, Hours, Person
from protocol_sched.model.causes import Closed, EscortHours
from protocol_sched.model.conflict import Conflict, Reason
from protocol_sched.model.course import Course, Waiting
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import VisitType
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Plan, Proof, Ride, Schedule, main_stage
from protocol_sched.model.spans import CalendarSpan, parse_range, parse_span
from protocol_sched.model.stages import Stage
from protocol_sched.planning.course import plan_course
from protocol_sched.text.plans import agenda_text, plan_text, zone_abbreviation
from protocol_sched.text.table import width
from protocols import every, phase, protocol
from samples import EVALUATION, agenda, proved, schedule, slack, visit
from samples import clinic as sample_clinic
from strategies import clinics, plans

NEW_YORK = ZoneInfo("America/New_York")


def at(month: int, day: int, hour: int, minute: int = 0, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK)


def course_plan() -> Plan:
    """Return an evaluation and three infusions across the night on which clocks go forward."""
    visits = [
        visit("evaluation", at(3, 1, 9), EVALUATION, title="evaluation"),
        visit("i-1", at(3, 11, 8, 30), ride=Ride.CONFIRMED),
        visit("i-2", at(3, 15, 14), ordinal=2),
        visit("i-3", at(3, 17, 9, 15), ordinal=3, ride=Ride.DECLINED, escort="Kim Loe"),
    ]
    rules: list[Rules] = [
        NotBefore(rule="start", visit="evaluation", day=date(2027, 3, 1)),
        NotBefore(rule="start", visit="i-1", day=date(2027, 3, 1)),
        AtMost(rule="cap", most=3, days=7, visits=("i-1", "i-2", "i-3")),
        FixedAt(rule="pinned", visit="i-3", start=at(3, 17, 9, 15)),
    ]
    how = [
        slack("evaluation", "i-1", 10, "1 day", "30 days", rule="gate", room=(9, 20)),
        slack("i-1", "i-2", 4, target="2 to 3 days", rule="cadence", deviation=1),
        slack("i-1", "i-2", 4, "2 days", "5 days", room=(2, 1)),
        slack("i-1", "i-2", 4, "1 day", rule="order", room=(3, None)),
        slack("i-2", "i-3", 2, target="2 to 3 days", rule="cadence"),
        slack("i-2", "i-3", 2, "2 days", "5 days", room=(0, 3)),
        slack("i-2", "i-3", 2, "1 day", rule="order", room=(1, None)),
    ]
    due = agenda(
        *visits,
        bindings=rules,
        questions=(Question(id="late", asks="What follows when an infusion is late?"),),
    )
    return proved(due, schedule(*visits, slacks=how), deviation=1, preferences=1)


def closing_clinic() -> Clinic:
    return attrs.evolve(
        sample_clinic(),
        closures=[
            DatedHours(first=date(2027, 3, 12), why="staff training"),
            DatedHours(first=date(2027, 3, 16), hours=[(720, 1020)]),
            DatedHours(first=date(2027, 5, 31), why="Memorial Day"),
        ],
    )


def test_a_course_is_a_table_with_the_rule_each_date_keeps_and_its_proof() -> None:
    expected = """\
visit       2027        arrive  main stage   discharge             since last  ride home
----------  ----------  ------  -----------  --------------------  ----------  -------------------
evaluation  Mon  1 Mar  09:00   09:00-09:45  09:45                 -           -
infusion 1  Thu 11 Mar  08:30   09:15-10:15  from 11:00, by 11:15  10 days     Sam Poe (confirmed)
infusion 2  Mon 15 Mar  14:00   14:45-15:45  from 16:30, by 16:45  4 days      Sam Poe
infusion 3  Wed 17 Mar  09:15   10:00-11:00  from 11:45, by 12:00  2 days      Kim Loe (declined)

Why these dates
  evaluation  the evaluation must be on Mon 1 March or later (the course starts then)
  infusion 1  10 days after the evaluation (allowed 1 to 30)
  infusion 2  4 days after infusion 1 (allowed 2 to 5, target 2 to 3; 1 day off target)
  infusion 3  2 days after infusion 2 (allowed 2 to 5, target 2 to 3); infusion 3 is fixed on Wed 17
              March at 09:15
  together    at most 3 of infusion 1 to infusion 3 in any 7 days

Proved best: fewest days off target, then most preferences met, then earliest end, then earliest
  times.
This plan: 1 day off target, 1 preference not met, last visit Wed 17 March 2027.
Rides not confirmed yet: infusion 2.
Rides declined: infusion 3.
Recovery may take longer than shown (until: walks unaided).
Times are in America/New_York: EST until Thu 11 March, EDT from Mon 15 March.
Closed meanwhile: Fri 12 March (staff training) and Tue 16 March, 12:00-17:00.

For a clinician to decide:
  - What follows when an infusion is late?
"""
    assert plan_text(course_plan(), closing_clinic()) == expected


def test_a_plan_without_a_schedule_names_the_rules_that_cannot_all_hold() -> None:
    closure = DatedHours(first=date(2027, 3, 12), last=date(2027, 3, 14), why="staff training")
    mornings = Hours.of({"Monday": "08:00-12:00"})
    spaced = [
        Spacing(
            rule="separation",
            earlier=f"i-{n}",
            later=f"i-{n + 1}",
            least=parse_span("2 days"),
            most=parse_span("5 days"),
        )
        for n in (1, 2)
    ]
    conflict = Conflict(
        visit="i-3",
        reasons=[
            Reason(
                rule=EscortHours("Kim Loe, who lives next door", mornings),
                visits=["i-3"],
                dates=[date(2027, 3, 15), date(2027, 3, 16)],
            ),
            Reason(rule=Closed("the clinic", closure), visits=["i-3"], enough=True),
            *(Reason(rule=rule) for rule in spaced),
        ],
    )
    plan = Plan(proof=Proof.IMPOSSIBLE, agenda=course_plan().agenda, conflicts=[conflict])
    expected = """\
No plan is possible: infusion 3 cannot be placed, because:
  - Kim Loe, who lives next door can drive only 08:00-12:00 on Mon 15 March and cannot drive on Tue
    16 March
  - the clinic is closed from Fri 12 March to Sun 14 March (staff training) [changing this is
    enough]
  - infusion 2 and infusion 3 must each come 2 to 5 calendar days after the one before
These rules conflict. Changing one of those marked is enough.
"""
    assert plan_text(plan).split("\n\n")[0] + "\n" == expected


def test_a_search_that_ended_early_rules_nothing_out() -> None:
    plan = Plan(proof=Proof.NOT_PROVED, agenda=agenda())
    assert plan_text(plan) == (
        "The search limit was reached before a plan was found; there may be one.\n"
    )


def test_a_schedule_that_is_not_proved_best_says_what_is_known() -> None:
    plan = course_plan()
    assert plan.objective is not None
    plan = attrs.evolve(
        plan, proof=Proof.NOT_PROVED, objective=attrs.evolve(plan.objective, deviation=3, bound=1)
    )
    known = plan_text(plan).split("\n\n")[2].split("\n")[:2]
    assert known == [
        "Not proved best: the search limit was reached; no plan has fewer than 1 day off target.",
        "This plan: 3 days off target, 1 preference not met, last visit Wed 17 March 2027.",
    ]


def test_a_course_that_ended_has_nothing_due() -> None:
    plan = proved(agenda(ended="discontinued on 2027-02-19: moved away"), schedule())
    assert (
        plan_text(plan)
        == """\
Nothing is due.

Nothing more is due: discontinued on 2027-02-19: moved away.
"""
    )


def test_what_is_not_planned_and_what_is_waited_for_comes_last() -> None:
    one, two = visit("i-1", at(3, 11, 9)), visit("b-1", at(4, 11, 9), title="booster 1")
    due = agenda(one, two)
    first, second = due.dues
    needs = (
        Need(gate="MRI", earliest=date(2027, 2, 26), latest=date(2027, 3, 11)),
        Need(gate="blood test", earliest=None, latest=date(2027, 3, 9)),
    )
    done = Need(gate="consent", earliest=None, latest=None, done=True)
    dues = [attrs.evolve(first, needs=[*needs, done]), attrs.evolve(second, tentative=True)]
    due = attrs.evolve(due, dues=dues)
    one = attrs.evolve(one, waits_for=needs)
    expected = """\
Not planned yet, awaiting a decision: booster 1.
Infusion 1 needs a test first: MRI (between Fri 26 February and Thu 11 March 2027) and blood test
  (on or before Tue 9 March 2027).
"""
    assert plan_text(proved(due, schedule(one))).split("\n\n")[-1] == expected


def test_visits_already_given_stand_above_and_the_oldest_are_counted() -> None:
    past = [
        PastVisit(f"i-{n}", f"infusion {n}", date(2026, 12, 1) + timedelta(7 * n), kind="infusion")
        for n in range(1, 5)
    ]
    past += [
        PastVisit("t", "transplant", date(2027, 1, 2)),
        PastVisit(
            "i-5", "infusion 5", date(2027, 1, 5), at(1, 5, 9, 30), counts=False, kind="infusion"
        ),
    ]
    again = visit("i-5", at(1, 8, 10), ordinal=5)
    how = [slack(past[-1], "i-5", 3, "2 days", room=(1, None))]
    plan = proved(agenda(again, past=tuple(past)), schedule(again, past=past, slacks=how))
    expected = """\
(3 earlier visits not shown, the first on Tue 8 December 2026)
visit       date             arrive  infusion     discharge             since last  ride home
----------  ---------------  ------  -----------  --------------------  ----------  ---------
infusion 4  Tue 29 Dec 2026                       given                 7 days
transplant  Sat  2 Jan 2027                       happened              4 days
infusion 5  Tue  5 Jan 2027  09:30                did not count         7 days
infusion 5  Fri  8 Jan 2027  10:00   10:45-11:45  from 12:30, by 12:45  3 days      Sam Poe

Why these dates
  infusion 5  3 days after infusion 5 on Tue 5 January, which did not count (allowed at least 2)"""
    assert "\n\n".join(plan_text(plan).split("\n\n")[:2]) == expected


def test_rules_in_hours_are_told_in_hours() -> None:
    visits = [visit("i-1", at(3, 11, 9)), visit("i-2", at(3, 14, 9), ordinal=2)]
    visits.append(visit("i-3", at(3, 16, 9), ordinal=3))
    how = [
        slack("i-1", "i-2", 4260, "48 hours", room=(1380, None)),
        slack("i-1", "i-2", 4260, target="72 hours", deviation=1),
        slack(
            "i-2",
            "i-3",
            2715,
            "45 hours",
            room=(15, None),
            between=Between.END_AND_START,
        ),
    ]
    text = plan_text(proved(agenda(*visits), schedule(*visits, slacks=how)))
    assert text.split("\n\n")[1].split("\n") == [
        "Why these dates",
        "  infusion 2  71 hours after infusion 1 "
        "(allowed at least 48 hours, target 72 hours; 1 day off",
        "              target)",
        "  infusion 3  45 hours 15 minutes after the end of infusion 2 (allowed at least 45 hours)",
    ]


def test_a_visit_whose_only_rule_is_order_says_so() -> None:
    visits = [visit("i-1", at(3, 11, 9)), visit("i-2", at(3, 12, 9), ordinal=2)]
    how = [slack("i-1", "i-2", 1, "1 day", rule="order", room=(0, None))]
    text = plan_text(proved(agenda(*visits), schedule(*visits, slacks=how)))
    said = "Why these dates\n  infusion 2  1 day after infusion 1 (in this order)"
    assert text.split("\n\n")[1] == said


def test_visits_that_only_come_in_order_are_as_far_apart_as_the_table_says() -> None:
    visits = [visit("i-1", at(3, 11, 9)), visit("i-2", at(3, 28, 9), ordinal=2)]
    how = [slack("i-1", "i-2", 24395, "0 minutes", rule="order", between=Between.END_AND_START)]
    text = plan_text(proved(agenda(*visits), schedule(*visits, slacks=how)))
    assert "17 days after infusion 1 (in this order)" in text
    assert "17 days  " in text.split("\n\n")[0].splitlines()[-1]


def test_working_days_are_named_instead_of_the_order() -> None:
    visits = [visit("i-1", at(3, 11, 9)), visit("i-2", at(3, 12, 9), ordinal=2)]
    how = [slack("i-1", "i-2", 1, "1 day", rule="order", room=(0, None))]
    rules = [NextWorkingDay(rule="cadence", earlier="i-1", later="i-2")]
    text = plan_text(proved(agenda(*visits, bindings=rules), schedule(*visits, slacks=how)))
    assert text.split("\n\n")[1].split("\n") == [
        "Why these dates",
        "  infusion 2  infusion 2 must come on the next working day after infusion 1 "
        "(Monday to Friday)",
    ]


def night(hours: int) -> VisitType:
    stages = [Stage(name="infusion", length=parse_range(f"{hours} hours"), source="local")]
    return VisitType(name="infusion", stages=stages)


@pytest.mark.parametrize(
    ("start", "hours", "leave"),
    [
        (at(3, 10, 20), 12, "Thu 08:00"),
        (at(3, 10, 20), 8 * 24, "18 Mar 21:00 EDT"),
        (at(3, 13, 22), 8, "Sun 07:00 EDT"),
        (at(11, 6, 22), 4, "Sun 01:00 EST"),
        (at(11, 6, 22), 3, "Sun 01:00 EDT"),
    ],
)
def test_a_visit_over_midnight_says_the_day_and_over_a_clock_change_the_zone(
    start: datetime, hours: int, leave: str
) -> None:
    one = visit("i-1", start, night(hours))
    lines = plan_text(proved(agenda(one), schedule(one))).split("\n")
    column = lines[0].index("discharge")
    assert lines[2][column:].split("  ")[0] == leave


@pytest.mark.parametrize(
    ("zone", "abbreviation"),
    [
        ("America/New_York", "EST"),
        ("Australia/Lord_Howe", "UTC+11:00"),
        ("Asia/Kathmandu", "UTC+05:45"),
        ("America/Sao_Paulo", "UTC-03:00"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_without_letters_is_called_by_its_offset(zone: str, abbreviation: str) -> None:
    assert zone_abbreviation(datetime(2027, 1, 5, tzinfo=ZoneInfo(zone))) == abbreviation


def test_every_change_of_the_clock_on_the_way_is_named_with_its_year() -> None:
    days = [at(3, 1, 9), at(6, 1, 9), at(12, 1, 9), at(6, 1, 9, year=2028)]
    visits = [visit(f"i-{n}", day, ordinal=n) for n, day in enumerate(days, start=1)]
    text = plan_text(proved(agenda(*visits), schedule(*visits)))
    said = (
        "Times are in America/New_York: EST until Mon 1 March 2027, EDT from Tue 1 June 2027, "
        "EST from Wed 1\n  December 2027, EDT from Thu 1 June 2028.\n"
    )
    assert text.endswith(said)


def test_wide_letters_and_accents_keep_columns_in_line() -> None:
    one = visit("i-1", at(3, 11, 9), title="点滴 1", escort="Zoe\u0308 李")
    two = visit("i-2", at(3, 13, 9), title="infusion 2", escort="Sam")
    lines = plan_text(proved(agenda(one, two), schedule(one, two))).split("\n")
    assert [width(line.partition("Mar")[0]) for line in lines[2:4]] == [19, 19]
    assert [width(line.partition("09:45")[0]) for line in lines[2:4]] == [32, 32]
    assert width("点滴 1") == 6
    assert width("Zoe\u0308 李") == 6


@settings(max_examples=60, deadline=None)
@given(plan=plans(), clinic=clinics())
def test_any_plan_has_a_text_without_trailing_spaces(plan: Plan, clinic: Clinic) -> None:
    text = plan_text(plan, clinic)
    assert text.endswith("\n")
    assert all(line == line.rstrip() for line in text.split("\n"))


@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_each_visit_has_its_row(plan: Plan) -> None:
    visits = plan.schedule.visits if isinstance(plan.schedule, Schedule) else ()
    text = plan_text(plan)
    assert all(" ".join(one.title.splitlines()) in text for one in visits)


@pytest.mark.parametrize(
    ("kind", "stages", "main"),
    [
        ("infusion", ("check-in 15", "infusion 45", "recovery 60"), "infusion"),
        ("session", ("check-in 15", "self-administration 15", "observation 120"), "administration"),
        ("talk", ("waiting 5", "talking it over 45"), "talking it over"),
        ("imaging", ("contrast 10", "scan 40", "rest 20"), "scan"),
    ],
)
def test_a_visit_is_about_the_stage_of_its_name_or_purpose_or_the_longest(
    kind: str, stages: tuple[str, ...], main: str
) -> None:
    made = [stage.rpartition(" ") for stage in stages]
    parts = [
        Stage(name=name, length=parse_range(f"{minutes} minutes"), source="local")
        for name, _, minutes in made
    ]
    found = main_stage(visit("v-1", at(3, 1, 9), VisitType(name=kind, stages=parts)))
    assert found is not None
    assert found.name.endswith(main)


def test_a_course_that_waits_for_months_because_waiting_is_free_says_so() -> None:
    weekly = protocol(phase("run", every("7 days"), "2"))
    course = Course(key="c", protocol=weekly, not_before=date(2027, 1, 11), waiting=Waiting.FREE)
    week = dict.fromkeys(WEEKDAYS, "08:00-17:00")
    open_later = Clinic(
        name="Clinic",
        zone=NEW_YORK,
        hours=Hours.of(week),
        closures=[DatedHours(first=date(2027, 1, 1), last=date(2027, 3, 31), why="building")],
    )
    plan = plan_course(course, open_later, Person(key="p"), as_of=date(2027, 1, 11))
    says = (
        "Infusion 1 comes 80 days after the course could start, because the course "
        "file says that it may wait."
    )
    assert plan.schedule is not None
    assert says in " ".join(plan_text(plan).split())
    counted = attrs.evolve(course, first_treatment_within=CalendarSpan(days=7))
    plan = plan_course(counted, open_later, Person(key="p"), as_of=date(2027, 1, 11))
    assert "waiting" not in plan_text(plan)


def test_a_visit_whose_rules_leave_no_date_is_named() -> None:
    early = DatedBy(date(2027, 3, 9), "at least 8 days after infusion 1")
    late = DatedBy(date(2027, 3, 4), "at most 3 days after infusion 1")
    due = Due(
        id="run-2",
        title="infusion 2",
        kind="infusion",
        phase="run",
        ordinal=2,
        type_ordinal=2,
        earliest=early,
        latest=late,
    )
    text = " ".join(agenda_text(attrs.evolve(agenda(), dues=[due])).split())
    assert text.endswith(
        "No date is left for infusion 2: not before 2027-03-09 (at least 8 days after infusion 1), "
        "not after 2027-03-04 (at most 3 days after infusion 1)."
    )
