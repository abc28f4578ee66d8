"""No plan leaves that the judge refuses, and no rule is read by one of its ends alone."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

import protocol_sched.judge.signing
from protocol_sched import (
    Case,
    Clinic,
    Course,
    FreedPlace,
    Given,
    InternalFault,
    Job,
    Missed,
    Person,
    Pinned,
    best_courses,
    catalog,
    explain_course,
    notifications,
    plan_agenda,
    plan_course,
    read_clinic,
    read_course,
    read_person,
    replan_course,
    replan_in_turn,
    replan_many,
    violations,
    waiting_list,
    who_can_take,
    why_course,
)
from protocol_sched.cli import main
from protocol_sched.formats.documents.documents import fault_from_dict
from protocol_sched.judge.violation import Violation
from protocol_sched.model.agenda import Agenda, Due, PastVisit, Spacing
from protocol_sched.model.availability import Escort, Hours, Preferences
from protocol_sched.model.before_and_after import RideHome
from protocol_sched.model.cadences import Cadence, Consecutive, Every
from protocol_sched.model.causes import Request
from protocol_sched.model.numbers import Count
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.rules import Separation
from protocol_sched.model.schedule import Keep
from protocol_sched.model.spans import MonthEnd, parse_range, parse_span
from protocol_sched.model.stages import Stage

EXAMPLES = Path(__file__).parents[1] / "examples"
NEW_YORK = ZoneInfo("America/New_York")
AS_OF = date(2027, 2, 20)
MONDAY = date(2027, 3, 1)


def stays(length: str, cadence: Cadence, visits: int, ride: RideHome | None = None) -> Protocol:
    """Return a protocol of some visits of one length."""
    stage = Stage(name="stay", length=parse_range(length), source="local")
    kind = VisitType(name="stay", stages=[stage], ride_home=ride)
    count = Count(visits, visits)
    phase = Phase(name="stay", visit="stay", visits=count, cadence=cadence, source="local")
    return Protocol(name="small", title="Small", visit_types=[kind], phases=[phase])


def ward(hours: dict[str, str]) -> Clinic:
    return Clinic(name="Ward", zone=NEW_YORK, hours=Hours.of(hours), start_every=60)


def starts(plan: Any) -> list[str]:
    return [f"{visit.start:%a %H:%M}" for visit in plan.schedule.visits] if plan.schedule else []


DAILY = Every(every=parse_range("1 day"))


# --- a rule with two ends in two units ---------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "most", "wanted"),
    [
        ("1 day", "48 hours", ["Tue 12:00"]),
        ("30 hours", "2 days", ["Tue 14:00"]),
        ("2 days", "52 hours", ["Wed 12:00"]),
        ("2 days", "50 hours", []),
    ],
)
@pytest.mark.parametrize("given", [True, False])
def test_both_ends_of_a_spacing_bind_whichever_their_units(
    least: str, most: str, wanted: list[str], given: bool
) -> None:
    limits = Separation(least=parse_span(least), most=parse_span(most), source="local")
    protocol = stays("60 minutes", DAILY, 2)
    phase = attrs.evolve(protocol.phases[0], separations=[limits])
    protocol = attrs.evolve(protocol, phases=[phase])
    at = datetime(2027, 3, 1, 8, tzinfo=NEW_YORK)
    event = Given if given else Pinned
    first = event(visit="stay-1", on=MONDAY, start=at)
    course = Course(key="c", protocol=protocol, not_before=MONDAY, events=[first])
    later = dict.fromkeys(WEEKDAYS[1:], "12:00-20:00")
    plan = plan_course(
        course, ward({"Monday": "08:00-09:00"} | later), Person(key="p"), as_of=MONDAY
    )
    assert starts(plan) == ([] if given or not wanted else ["Mon 08:00"]) + wanted


# --- nobody is at two places at once -----------------------------------------------------------


def test_a_visit_begins_after_one_that_ran_past_midnight_is_over() -> None:
    cadence = Consecutive(consecutive_days=Count(2, 2), weekends=True)
    course = Course(key="c", protocol=stays("3 hours", cadence, 2), not_before=MONDAY)
    clinic = ward({"Monday": "22:00-24:00", "Tuesday": "00:00-04:00"})
    plan = plan_course(course, clinic, Person(key="p"), as_of=MONDAY)
    assert starts(plan) == ["Mon 22:00", "Tue 01:00"]


def test_stays_of_more_than_a_day_do_not_overlap() -> None:
    course = Course(key="c", protocol=stays("30 hours", DAILY, 3), not_before=MONDAY)
    clinic = ward(dict.fromkeys(WEEKDAYS, "00:00-24:00"))
    plan = plan_course(course, clinic, Person(key="p"), as_of=MONDAY)
    assert starts(plan) == ["Mon 00:00", "Tue 06:00", "Wed 12:00"]


def test_a_visit_begins_after_the_longest_of_one_that_was_given() -> None:
    given = Given(visit="stay-1", on=MONDAY, start=datetime(2027, 3, 1, 22, tzinfo=NEW_YORK))
    course = Course(
        key="c", protocol=stays("3 to 5 hours", DAILY, 2), not_before=MONDAY, events=[given]
    )
    clinic = ward(dict.fromkeys(WEEKDAYS, "00:00-24:00"))
    plan = plan_course(course, clinic, Person(key="p"), as_of=MONDAY + timedelta(days=1))
    assert starts(plan) == ["Tue 03:00"]
    sooner = attrs.evolve(
        clinic, hours=Hours.of({"Tuesday": "02:00-07:00", "Wednesday": "00:00-24:00"})
    )
    assert plan.schedule is not None
    early = plan_course(course, sooner, Person(key="p"), as_of=MONDAY + timedelta(days=1))
    assert starts(early) == ["Wed 00:00"]


def test_the_judge_sees_that_a_visit_overlaps_one_that_was_given() -> None:
    start = datetime(2027, 3, 1, 22, tzinfo=NEW_YORK)
    course = Course(key="c", protocol=stays("3 hours", DAILY, 2), not_before=MONDAY)
    clinic = ward(dict.fromkeys(WEEKDAYS, "00:00-24:00"))
    plan = plan_course(course, clinic, Person(key="p"), as_of=MONDAY)
    assert plan.schedule is not None
    second = attrs.evolve(plan.schedule, visits=plan.schedule.visits[1:], slacks=())
    past = PastVisit("stay-1", "stay 1", MONDAY, start, start + timedelta(hours=3), "stay")
    agenda = attrs.evolve(plan.agenda, dues=plan.agenda.dues[1:], bindings=(), past=[past])
    found = violations(agenda, second, clinic, Person(key="p"), course.protocol)
    assert [str(one) for one in found] == [
        "stay 2 starts on Tue 2027-03-02 00:00; wanted a start after stay 1 ends on "
        "Tue 2027-03-02 01:00 (overlap)"
    ]


# --- each visit has its own escorts ------------------------------------------------------------


def test_few_escorts_looks_at_who_declined_each_visit() -> None:
    ride = RideHome(source="local")
    protocol = stays("60 minutes", DAILY, 3, ride)
    escorts = [Escort(name=name, available=Hours()) for name in ("Ada", "Ben", "Cy")]
    person = Person(key="p", escorts=escorts, preferences=Preferences(few_escorts=True))
    clinic = ward(dict.fromkeys(WEEKDAYS, "09:00-10:00"))
    course = Course(key="c", protocol=protocol, not_before=MONDAY)
    said_no = {"stay-1": ("Ada",), "stay-2": ("Ben",), "stay-3": ("Ada", "Ben")}
    keep = {
        visit: Keep(start=datetime(2027, 3, n, 9, tzinfo=NEW_YORK), declined=names)
        for n, (visit, names) in enumerate(said_no.items(), start=1)
    }
    plan = plan_course(course, clinic, person, as_of=MONDAY, keep=keep)
    assert plan.schedule is not None
    assert [visit.escort for visit in plan.schedule.visits] == ["Cy"] * 3
    assert [f"{visit.day:%d}" for visit in plan.schedule.visits] == ["01", "02", "03"]


# --- the signature -----------------------------------------------------------------------------


def example() -> tuple[Course, Clinic, Person]:
    def text(name: str) -> str:
        return (EXAMPLES / name).read_text()

    course = read_course(text("course.toml"), catalog.load)
    return course, read_clinic(text("clinic.toml")), read_person(text("person.toml"))


COURSE, CLINIC, PERSON = example()
PLAN = plan_course(COURSE, CLINIC, PERSON, as_of=AS_OF)
assert PLAN.schedule is not None
TOLD = COURSE.after(notifications(PLAN.schedule, COURSE, on=AS_OF))
MISSED = TOLD.after([Missed(visit="induction-1", on=date(2027, 3, 3))])
ASKED: Any = {"as_of": AS_OF}


def relaxed() -> object:
    request = Request(
        visit="induction-3", first=date(2027, 3, 10), last=date(2027, 3, 10), earliest=960
    )
    return explain_course(COURSE, CLINIC, PERSON, asked=[request], count=1, **ASKED)


def offered() -> object:
    freed = FreedPlace(
        place=CLINIC.places[0].name,
        start=datetime(2027, 3, 4, 9, tzinfo=CLINIC.zone),
        end=datetime(2027, 3, 4, 17, tzinfo=CLINIC.zone),
    )
    case = Case(course=MISSED, person=PERSON)
    return who_can_take(freed, waiting_list([case], CLINIC, as_of=date(2027, 3, 4)))


CALLS: dict[str, Callable[[], object]] = {
    "plan_course": lambda: plan_course(COURSE, CLINIC, PERSON, **ASKED),
    "plan_agenda": lambda: plan_agenda(
        plan_course(COURSE, CLINIC, PERSON, **ASKED).agenda,
        COURSE.protocol,
        CLINIC,
        PERSON,
        first=AS_OF,
    ),
    "best_courses": lambda: best_courses(COURSE, CLINIC, PERSON, **ASKED),
    "replan_course": lambda: replan_course(TOLD, CLINIC, PERSON, **ASKED),
    "replan_many": lambda: list(
        replan_many([Job(course=TOLD, clinic=CLINIC, person=PERSON, as_of=AS_OF)])
    ),
    "replan_in_turn": lambda: list(
        replan_in_turn([Case(course=TOLD, person=PERSON)], CLINIC, as_of=AS_OF)
    ),
    "explain_course": lambda: explain_course(COURSE, CLINIC, PERSON, **ASKED),
    "a relaxation": relaxed,
    "why_course": lambda: why_course(COURSE, CLINIC, PERSON, **ASKED),
    "who_can_take": offered,
}


@pytest.mark.parametrize("call", CALLS)
def test_every_plan_is_judged_before_it_is_handed_out(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CALLS[call]() not in (None, (), [])
    monkeypatch.setattr(protocol_sched.judge.signing, "violations", _always)
    with pytest.raises(InternalFault):
        CALLS[call]()


def _always(*_: object) -> tuple[Violation, ...]:
    return (Violation(rule="spacing", visits=(), found="one day", wanted="two days"),)


def test_a_fault_holds_what_reproduces_it(monkeypatch: pytest.MonkeyPatch) -> None:
    right = plan_course(COURSE, CLINIC, PERSON, **ASKED)
    monkeypatch.setattr(protocol_sched.judge.signing, "violations", _always)
    with pytest.raises(InternalFault) as caught:
        plan_course(COURSE, CLINIC, PERSON, **ASKED)
    fault = pickle.loads(pickle.dumps(caught.value))
    assert str(fault) == (
        "course 'course-0417': a plan was made and is not handed out, since the judge refuses "
        "it. "
        "This is a defect of protocol_sched, not of your files.\n"
        "  one day; wanted two days (spacing)"
    )
    monkeypatch.undo()
    held = fault_from_dict(json.loads(fault.document))
    again = plan_agenda(
        held.agenda,
        held.protocol,
        held.clinic,
        held.person,
        first=held.first,
        until=held.last,
        keep=dict(held.keep),
    )
    assert again.schedule == right.schedule == held.plan.schedule
    assert held.violations == ("one day; wanted two days (spacing)",)


def test_the_judge_counts_what_a_plan_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_course(COURSE, CLINIC, PERSON, **ASKED)
    assert plan.objective is not None
    cheaper = attrs.evolve(plan, objective=attrs.evolve(plan.objective, time_of_day=0))
    with pytest.raises(InternalFault, match="the plan says time of day 0; wanted 4560"):
        protocol_sched.judge.signing.signed(
            cheaper, COURSE.protocol, CLINIC, PERSON, first=AS_OF, last=AS_OF, keep={}
        )


@pytest.mark.parametrize("command", ["plan", "replan", "explain", "why"])
def test_the_command_line_keeps_a_fault_in_one_file_and_has_a_code_for_it(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(protocol_sched.judge.signing, "violations", _always)
    monkeypatch.chdir(tmp_path)
    words = [command, str(EXAMPLES / "course.toml"), "--as-of", "2027-02-20"]
    for name in ("clinic", "person"):
        words += [f"--{name}", str(EXAMPLES / f"{name}.toml")]
    out = tmp_path / "out" if command in ("plan", "replan") else Path()
    words += ["--out", str(out)] if command in ("plan", "replan") else []
    assert main(words) == 3
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 1
    assert fault_from_dict(json.loads(written[0].read_text())).agenda.course == COURSE.key
    said = capsys.readouterr()
    assert said.out == ""
    assert str(out / written[0].name) in said.err


def test_an_agenda_without_an_order_still_has_one_visit_at_a_time() -> None:
    kinds = stays("3 hours", DAILY, 2)
    dues = [
        Due(id=f"stay-{n}", title=f"stay {n}", kind="stay", phase="stay", ordinal=n, type_ordinal=n)
        for n in (1, 2, 3)
    ]
    target = parse_range("0 days")
    start = PastVisit("start", "start", MONDAY)
    rules = [Spacing(rule="start", earlier=start, later=due.id, target=target) for due in dues]
    agenda = Agenda(
        course="c",
        protocol="small",
        as_of=MONDAY,
        month_end=MonthEnd.LAST_DAY,
        dues=dues,
        bindings=rules,
    )
    clinic = ward(dict.fromkeys(WEEKDAYS, "09:00-19:00"))
    plan = plan_agenda(agenda, kinds, clinic, Person(key="p"), first=MONDAY)
    assert starts(plan) == ["Mon 09:00", "Mon 12:00", "Mon 15:00"]
