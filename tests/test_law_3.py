"""Law 3: a plan is a fixed point. Recorded as planned, it is planned again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import hypothesis
import pytest

from courses import EFFORT, Lived, lived
from protocol_sched import catalog
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import read_protocol
from protocol_sched.judge.checker import violations
from protocol_sched.model.availability import Clinic, DatedHours, Escort, Hours, Person, Staff
from protocol_sched.model.course import Course, Event, Given, Missed
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.planning.course import plan_course, road_of
from protocol_sched.planning.settling import settled

ZONE = ZoneInfo("Europe/Berlin")
CLINIC = Clinic(
    name="c", zone=ZONE, hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-20:00")), start_every=30
)
HEAD = """
name = "p"
title = "p"
month_end = "next_day"

[[visit_types]]
name = "visit"
[[visit_types.stages]]
name = "visit"
length = "30 minutes"
source = "local"

[[phases]]
name = "v"
visit = "visit"
source = "local"
"""


def away(*stretches: tuple[date, date]) -> Person:
    return Person(key="x", away=[DatedHours(first=a, last=b, why="away") for a, b in stretches])


def course(rules: str, *events: Event, start: date | None = None) -> Course:
    return Course(key="c", protocol=read_protocol(HEAD + rules), events=events, not_before=start)


def dates(plan: Plan) -> list[date]:
    return [visit.day for visit in plan.schedule.visits] if plan.schedule is not None else []


def given(visit: str, day: date) -> Given:
    return Given(visit=visit, on=day, start=datetime(day.year, day.month, day.day, 8, tzinfo=ZONE))


def kept_once_recorded(of: Course, clinic: Clinic, person: Person, as_of: date) -> Plan:
    """Plan a course, record each prefix as planned, and see the rest planned as before."""
    plan = plan_course(of, clinic, person, as_of=as_of)
    if plan.schedule is None:
        return plan
    assert violations(plan.agenda, plan.schedule, clinic, person, of.protocol) == ()
    known = of
    for n, visit in enumerate(plan.schedule.visits, 1):
        known = known.after([Given(visit=visit.id, on=visit.day, start=visit.start)])
        if n == len(plan.schedule.visits):
            break
        again = plan_course(known, clinic, person, as_of=visit.day)
        assert again.schedule is not None, f"after {visit.id}"
        rest = {one.id: one.start for one in plan.schedule.visits[n:]}
        now = {one.id: one.start for one in again.schedule.visits}
        assert {name: now.get(name) for name in rest} == rest, f"after {visit.id}"
        asked = {one.id for one in again.agenda.questions}
        assert asked <= {one.id for one in plan.agenda.questions}, f"after {visit.id}"
    return plan


GRID = """
visits = 3
cadence = { every = "3 weeks" }
anchor = "original dates"
[[phases.late]]
clock = "due date"
source = "local"
tiers = [
    { up_to = "1 week", give = "now", then = "original dates" },
    { over = "1 week", give = "now", then = "from this visit" },
]
"""


@pytest.mark.parametrize(
    ("back", "second", "third"),
    [
        (
            date(2025, 3, 28),
            date(2025, 3, 28),
            date(2025, 4, 14),
        ),  # 4 days late: the original dates
        (date(2025, 4, 1), date(2025, 4, 1), date(2025, 4, 22)),  # 8 days: from this visit
        (date(2025, 4, 20), date(2025, 4, 20), date(2025, 5, 11)),
    ],
)
def test_a_visit_planned_late_moves_the_next_as_its_table_says(
    back: date, second: date, third: date
) -> None:
    first = given("v-1", date(2025, 3, 3))
    person = away((date(2025, 3, 4), back - timedelta(days=1)))
    plan = kept_once_recorded(course(GRID, first), CLINIC, person, date(2025, 3, 4))
    assert dates(plan) == [second, third]
    if third == date(2025, 4, 14):
        assert (plan.proof, plan.rests_on) == (Proof.OPTIMAL, ())
    else:
        assert (plan.proof, plan.rests_on) == (Proof.NOT_PROVED, ("v-2",))
    assert [(one.visit, one.due_by, one.on) for one in plan.agenda.late] == [
        ("v-2", date(2025, 3, 24), second)
    ]


def test_a_plan_without_a_late_visit_is_proved_as_before() -> None:
    first = given("v-1", date(2025, 3, 3))
    plan = kept_once_recorded(course(GRID, first), CLINIC, away(), date(2025, 3, 4))
    assert dates(plan) == [date(2025, 3, 24), date(2025, 4, 14)]
    assert (plan.proof, plan.rests_on, plan.agenda.late) == (Proof.OPTIMAL, (), ())


def test_a_late_visit_that_goes_back_to_the_grid_leaves_the_next_where_it_was() -> None:
    rules = GRID.replace('anchor = "original dates"\n', "")
    first = given("v-1", date(2025, 3, 3))
    person = away((date(2025, 3, 4), date(2025, 3, 27)))
    plan = kept_once_recorded(course(rules, first), CLINIC, person, date(2025, 3, 4))
    assert dates(plan) == [date(2025, 3, 28), date(2025, 4, 14)]


MONTHLY = """
visits = 3
cadence = { every = "1 month" }
anchor = "same day of the month"
"""


def test_a_day_of_the_month_is_that_of_the_first_visit_as_planned() -> None:
    person = away((date(2025, 3, 1), date(2025, 3, 12)))
    of = course(MONTHLY, start=date(2025, 3, 1))
    plan = kept_once_recorded(of, CLINIC, person, date(2025, 3, 1))
    assert dates(plan) == [date(2025, 3, 13), date(2025, 4, 13), date(2025, 5, 13)]


ON_THE_DAY = """
visits = 2
cadence = { every = "1 month" }
anchor = "same day of the month"
[[phases.tolerances]]
before = "0 days"
after = "0 days"
source = "local"
"""


def closed_on(*days: date) -> Clinic:
    return attrs.evolve(CLINIC, closures=[DatedHours(first=day, why="works") for day in days])


def test_a_date_that_leaves_a_later_visit_none_is_given_up_for_another() -> None:
    """From 13 March the next visit is on 13 April, which is closed; from the 14th it is open."""
    person = away((date(2025, 3, 1), date(2025, 3, 12)))
    of = course(ON_THE_DAY, start=date(2025, 3, 1))
    plan = plan_course(of, closed_on(date(2025, 4, 13)), person, as_of=date(2025, 3, 1))
    assert dates(plan) == [date(2025, 3, 14), date(2025, 4, 14)]
    # The 13th was weighed against nothing.
    assert (plan.proof, plan.rests_on, plan.hinges) == (Proof.NOT_PROVED, ("v-1",), ("v-1",))


def test_the_visit_is_named_where_no_other_date_of_it_helps() -> None:
    april = [date(2025, 4, n) for n in range(2, 29)]
    of = attrs.evolve(course(ON_THE_DAY, start=date(2025, 3, 1)), finish_by=date(2025, 4, 28))
    person = away((date(2025, 3, 1), date(2025, 3, 12)))
    plan = plan_course(of, closed_on(*april), person, as_of=date(2025, 3, 1))
    assert (plan.schedule, plan.proof, plan.hinges) == (None, Proof.NOT_PROVED, ("v-1",))


SKIPPED = """
visits = 3
cadence = { every = "1 week" }
anchor = "original dates"
[[phases.late]]
clock = "due date"
source = "local"
tiers = [
    { up_to = "2 days", give = "now", then = "original dates" },
    { over = "2 days", give = "skip" },
]
"""


def test_a_visit_that_would_be_too_late_is_skipped_as_its_table_says() -> None:
    first = given("v-1", date(2025, 3, 3))
    person = away((date(2025, 3, 4), date(2025, 3, 13)))
    plan = plan_course(course(SKIPPED, first), CLINIC, person, as_of=date(2025, 3, 4))
    assert dates(plan) == [date(2025, 3, 17)]


ESK = """
visits = 8
cadence = { per_week = 2 }
[[phases.separations]]
from = "previous visit"
least = "2 days"
source = "local"
[[phases.late]]
clock = "due date"
source = "local"
tiers = [{ over = "0 days", give = "now", then = "as before" }]
"""


@pytest.mark.parametrize("as_of", [date(2025, 3, 13), date(2025, 3, 14), date(2025, 3, 17)])
def test_a_known_absence_gives_the_plan_that_it_gives_once_it_is_over(as_of: date) -> None:
    """From Thursday to Sunday nobody can come, so the second visit of the week is missed."""
    events: list[Event] = [
        given("v-1", date(2025, 3, 3)),
        given("v-2", date(2025, 3, 6)),
        given("v-3", date(2025, 3, 10)),
        Missed(visit="v-4", on=date(2025, 3, 13)),
    ]
    person = away((date(2025, 3, 13), date(2025, 3, 16)))
    of = course(ESK, *events)
    plan = plan_course(of, CLINIC, person, as_of=as_of)
    afterwards = plan_course(of, CLINIC, person, as_of=date(2025, 3, 17))
    assert dates(plan) == dates(afterwards)
    assert dates(plan)[0] == date(2025, 3, 17)


TOLERATED = """
visits = 3
cadence = { every = "4 weeks" }
[[phases.tolerances]]
before = "7 days"
after = "7 days"
source = "local"
[[phases.late]]
clock = "due date"
source = "local"
tiers = [{ over = "7 days", give = "now", then = "from this visit" }]
"""


def test_a_tolerance_gives_way_beforehand_as_it_does_afterwards() -> None:
    first = given("v-1", date(2025, 3, 3))
    person = away((date(2025, 3, 20), date(2025, 4, 9)))
    of = course(TOLERATED, first)
    plan = kept_once_recorded(of, CLINIC, person, date(2025, 3, 4))
    assert dates(plan) == [date(2025, 4, 10), date(2025, 5, 8)]
    assert plan.proof is Proof.NOT_PROVED
    afterwards = plan_course(of, CLINIC, person, as_of=date(2025, 4, 10))
    assert dates(afterwards) == dates(plan)


def test_a_limit_without_a_late_table_stays_impossible() -> None:
    rules, _, _ = TOLERATED.partition("[[phases.late]]")
    first = given("v-1", date(2025, 3, 3))
    person = away((date(2025, 3, 20), date(2025, 4, 9)))
    plan = plan_course(course(rules, first), CLINIC, person, as_of=date(2025, 3, 4))
    assert plan.proof is Proof.IMPOSSIBLE


def test_a_late_table_that_leaves_it_open_is_asked_about_beforehand() -> None:
    rules = TOLERATED.replace("[{ over", '[{ up_to = "7 days", give = "now" }, { over').replace(
        'over = "7 days", give', 'over = "20 days", give'
    )
    first = given("v-1", date(2025, 3, 3))
    person = away((date(2025, 3, 20), date(2025, 4, 9)))
    plan = kept_once_recorded(course(rules, first), CLINIC, person, date(2025, 3, 4))
    assert dates(plan)[0] == date(2025, 4, 10)
    assert [one.id for one in plan.agenda.questions] == ["late-v-2"]
    assert [due.open for due in plan.agenda.dues] == ["late-v-2", "late-v-2"]


# --- the catalog -----------------------------------------------------------------------------

START = date(2025, 1, 6)
LATE = [name for name in catalog.names() if any(phase.late for phase in catalog.load(name).phases)]


def open_for(protocol: Protocol) -> Clinic:
    """Return a clinic that is open every day and has all a protocol's visits need."""
    kinds = {
        kind for one in protocol.visit_types for stage in one.stages for kind, _ in stage.needs
    }
    staff = [Staff(kind=kind, units=3) for kind in sorted(kinds)]
    return attrs.evolve(CLINIC, staff=staff)


def under_way(protocol: Protocol, doses: int) -> tuple[Course, date]:
    """Return a course with its first visits given on target, and the date of the last of them."""
    of = Course(key="c", protocol=protocol, not_before=START)
    today = START
    for _ in range(doses):
        dues = [due for due in expand(of, today).dues if due.target is not None]
        if not dues or dues[0].target is None:
            break
        today = max(today, dues[0].target.day)
        of = of.after([given(dues[0].id, today)])
    return of, today


def absences(of: Course, today: date) -> Iterator[Person]:
    """Yield the person who is away around the next target: some days, weeks or months."""
    dues = [due for due in expand(of, today).dues if due.target is not None and not due.tentative]
    if not dues or dues[0].target is None:
        return
    first = max(today + timedelta(days=1), dues[0].target.day - timedelta(days=3))
    free = Escort(name="Sam", available=Hours.of(dict.fromkeys(WEEKDAYS, "00:00-24:00")))
    for days in (12, 40):
        one = away((first, first + timedelta(days=days)))
        yield attrs.evolve(one, escorts=[free])


LONG = ("trastuzumab", "lecanemab", "natalizumab", "ocrelizumab", "pertuzumab", "rozanolixizumab")
"""Entries of many visits, which take seconds for each absence: one of each kind is enough."""
SHORT = [name for name in LATE if not name.startswith(LONG)]


@pytest.mark.parametrize("name", [*SHORT, "rozanolixizumab-us"])
def test_a_plan_of_the_catalog_holds_whatever_the_absence(name: str) -> None:
    protocol = catalog.load(name)
    of, today = under_way(protocol, 1)
    for person in absences(of, today):
        kept_once_recorded(of, open_for(protocol), person, today)


# --- random courses --------------------------------------------------------------------------


@hypothesis.settings(max_examples=30, deadline=None)
@hypothesis.given(world=lived())
def test_a_plan_of_any_course_is_laid_out_the_same_by_its_own_dates(world: Lived) -> None:
    """
    Laid out from its own dates, a plan asks of its visits what it was planned by.

    So no rule of it hangs on a date that is not the plan's.
    """
    road = road_of(world.course, world.clinic, world.person, world.today, world.until)
    compiled = road.laid_out()
    budget = Budget(EFFORT)
    found = settled(road, compiled, solve(compiled.problem, budget), budget)
    if found.result.starts is None:
        return
    agenda = found.compiled.agenda
    minutes = found.compiled.problem.slot_minutes
    times = {
        due.id: found.compiled.horizon.moment(slot * minutes)
        for due, slot in zip(found.compiled.dues, found.result.starts, strict=True)
    }
    if not set(found.rests_on) <= set(times):
        return  # one of them would be so late that its table leaves it out
    again = road.agenda(times, frozenset(found.given_way))
    rules = [rule for rule in agenda.bindings if rule.rule != "order"]
    assert [rule for rule in again.bindings if rule.rule != "order"] == rules
    assert again.questions == agenda.questions
    assert {due.id for due in again.dues} == {due.id for due in agenda.dues}
