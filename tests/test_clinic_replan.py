"""Something happens to a clinic: the fewest visits move over all courses, and who is called."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol_sched.clinic.courses import Case
from protocol_sched.clinic.fewest import fewest_moves
from protocol_sched.clinic.intake import intake
from protocol_sched.clinic.loads import Fields, Loads, Need, Pool, Profile
from protocol_sched.clinic.replan import ClinicReplan, Moving, replan_clinic
from protocol_sched.clinic.seats import seats
from protocol_sched.clinic.seekers import OfCase
from protocol_sched.clinic.signing import signed_together
from protocol_sched.clinic.together import Effort
from protocol_sched.engine.candidates import Calendars
from protocol_sched.errors import InternalFault, InvalidValue
from protocol_sched.formats.documents import documents
from protocol_sched.judge.clinic import Beside, clinic_violations
from protocol_sched.model.availability import (
    Booking,
    Clinic,
    DatedHours,
    Escort,
    Hours,
    Person,
    Place,
    Staff,
)
from protocol_sched.model.before_and_after import RideHome
from protocol_sched.model.course import Course, Notified
from protocol_sched.model.numbers import Count
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.rules import Separation
from protocol_sched.model.spans import ElapsedSpan, SpanRange, parse_span
from protocol_sched.model.stages import Stage
from protocol_sched.planning.replan import replan_course
from protocols import every
from test_clinic import ASKED, BUSY, THURSDAY, WEDNESDAY, cases, notified
from test_clinic_plan import MONDAY, UTC

DAY = timedelta(days=1)
SUNDAY = MONDAY - DAY


def protocol(visits: int, hours: int, *, ride: bool = False, in_hours: bool = False) -> Protocol:
    """Return visits of so many hours, each 1 to 3 days after the one before it."""
    length = ElapsedSpan(60 * hours)
    stage = Stage(
        name="infusion",
        length=SpanRange(length, length),
        needs=(("chair", 1), ("nurse", 1)),
        source="local",
    )
    least, most = ("20 hours", "76 hours") if in_hours else ("1 day", "3 days")
    return Protocol(
        name="small",
        title="Small",
        visit_types=[
            VisitType(
                name="infusion",
                stages=[stage],
                ride_home=RideHome(source="local") if ride else None,
            )
        ],
        phases=[
            Phase(
                name="infusion",
                visit="infusion",
                visits=Count(visits, visits),
                cadence=every("1 to 2 days"),
                separations=[
                    Separation(least=parse_span(least), most=parse_span(most), source="local")
                ],
                source="local",
            )
        ],
    )


def clinic(
    nurses: int = 2, hours: int = 3, chairs: int = 3, booked: Sequence[Booking] = ()
) -> Clinic:
    return Clinic(
        name="Small",
        zone=UTC,
        hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], f"09:00-{9 + hours:02}:00")),
        places=[Place(name=f"chair {n}", kind="chair") for n in range(1, chairs + 1)],
        staff=[Staff(kind="nurse", units=nurses, booked=booked)],
        closures=[
            DatedHours(first=MONDAY + 5 * DAY, last=MONDAY + 700 * DAY, why="the week is over")
        ],
        start_every=60,
    )


def case(
    key: str,
    told: Sequence[tuple[int, int]],
    hours: int = 1,
    *,
    chair: str = "chair 1",
    protocol_of: Protocol | None = None,
    escorts: Sequence[str] = (),
) -> Case:
    """Return a course whose visits people know on days after Monday at hours of the clock."""
    protocol_ = protocol_of or protocol(len(told), hours)
    events = []
    for n, (day, hour) in enumerate(told, 1):
        start = datetime.combine(MONDAY + day * DAY, time(hour), UTC)
        end = start + timedelta(hours=hours)
        events.append(
            Notified(
                visit=f"infusion-{n}",
                on=SUNDAY,
                start=start,
                discharge=end,
                discharge_by=end,
                places={"chair": chair},
                escort=escorts[0] if escorts else None,
            )
        )
    always = Hours.of(dict.fromkeys(WEEKDAYS, "all day"))
    return Case(
        course=Course(
            key=key,
            protocol=protocol_,
            not_before=MONDAY,
            events=events,
        ),
        person=Person(
            key=f"person-{key}", escorts=[Escort(name=one, available=always) for one in escorts]
        ),
    )


def ill(day: int, first: int = 9, last: int = 12, units: int = 1) -> Booking:
    return Booking(day=MONDAY + day * DAY, start=60 * first, end=60 * last, units=units)


def moves(found: ClinicReplan) -> dict[str, int]:
    """Return how many visits of each course move."""
    return {one.plan.agenda.course: len(one.moved) for one in found.replans if one.plan.schedule}


def judged(found: ClinicReplan, some: Sequence[Case], place: Clinic) -> tuple[str, ...]:
    return tuple(
        str(one)
        for one in clinic_violations(
            [
                Beside(
                    agenda=one.plan.agenda,
                    schedule=one.plan.schedule,
                    protocol=each.course.protocol,
                    person=each.person,
                )
                for each, one in zip(some, found.replans, strict=True)
                if one.plan.schedule is not None
            ],
            place,
        )
    )


# --- the fewest of all together ------------------------------------------------------------------


@pytest.mark.parametrize("long", ["z9", "A0"])
@pytest.mark.parametrize("in_hours", [False, True])
def test_one_long_visit_moves_rather_than_three_short_ones(long: str, in_hours: bool) -> None:
    # Whatever the courses are called, and whether their rules count days or hours.
    def kind(hours: int) -> Protocol:
        return protocol(2, hours, in_hours=in_hours)

    some = [
        *(
            case(f"a{n}", [(0, 9 + n), (1, 9 + n)], protocol_of=kind(1), chair="chair 2")
            for n in range(3)
        ),
        case(long, [(0, 9), (1, 9)], 3, protocol_of=kind(3)),
    ]
    some.sort(key=lambda one: one.course.key)
    place = attrs.evolve(
        clinic(booked=[ill(1)]),
        hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], "09:00-15:00")),
    )
    found = replan_clinic(some, place, as_of=SUNDAY)
    assert found.unplaced == ()
    assert (found.moved, found.bound, found.gap) == (1, 1, 0)
    assert [name for name, count in moves(found).items() if count] == [long]
    assert judged(found, some, place) == ()


def test_a_nurse_is_ill_on_a_full_thursday() -> None:
    before = notified(cases(14), BUSY)
    short_of = Booking(day=THURSDAY, start=8 * 60, end=17 * 60)
    short = attrs.evolve(BUSY, staff=[Staff(kind="nurse", units=3, booked=[short_of])])
    found = replan_clinic(before, short, as_of=WEDNESDAY, effort=Effort(rounds=15, moves=300))
    assert found.unplaced == ()
    assert found.moved <= 8
    assert 0 < found.bound <= found.moved
    assert judged(found, before, short) == ()


def test_a_day_is_closed_and_a_chair_is_out_of_order() -> None:
    some = [case("a", [(0, 9), (1, 9)]), case("b", [(0, 9), (2, 9)], chair="chair 2")]
    closed = attrs.evolve(
        clinic(),
        hours=Hours.of(dict.fromkeys(("Monday", "Wednesday", "Thursday"), "09:00-12:00")),
    )
    found = replan_clinic(some, closed, as_of=SUNDAY)
    assert (moves(found), found.bound) == ({"a": 1, "b": 0}, 1)
    broken = attrs.evolve(
        clinic(chairs=2),
        places=[
            Place(name="chair 1", kind="chair", booked=[ill(0)]),
            Place(name="chair 2", kind="chair"),
        ],
    )
    found = replan_clinic(some, broken, as_of=SUNDAY)
    assert (found.moved, found.gap) == (1, 0)
    assert judged(found, some, broken) == ()


def test_nothing_moves_where_nothing_has_changed() -> None:
    before = notified(cases(8), BUSY)
    found = replan_clinic(before, BUSY, as_of=ASKED)
    assert (found.moved, found.gap, found.calls) == (0, 0, ())
    assert {change.fate.value for one in found.replans for change in one.changes} == {"kept"}


def test_courses_in_hours_and_in_days_move_the_fewest_together() -> None:
    hourly = protocol(2, 1, in_hours=True)
    some = [
        case("a", [(0, 9), (1, 9)], protocol_of=hourly),
        case("b", [(0, 10), (1, 9)], chair="chair 2"),
        case("c", [(0, 11), (2, 9)], protocol_of=hourly, chair="chair 3"),
    ]
    place = clinic(booked=[ill(1)])
    found = replan_clinic(some, place, as_of=SUNDAY)
    assert (found.moved, found.bound) == (1, 1)
    assert judged(found, some, place) == ()


# --- whom to call --------------------------------------------------------------------------------


def test_who_drives_is_asked_before_the_person_is_told() -> None:
    some = [
        case("a", [(0, 9)], escorts=["Tom"], protocol_of=protocol(1, 1, ride=True)),
        case("b", [(0, 10)], 2, chair="chair 2"),
    ]
    place = clinic(nurses=1, booked=[ill(0, 9, 10)])
    found = replan_clinic(some, place, as_of=SUNDAY)
    assert (moves(found), found.bound) == ({"a": 1, "b": 0}, 1)
    assert [(one.course, one.escorts, one.after) for one in found.calls] == [("a", ("Tom",), ())]
    (change,) = found.calls[0].changes
    assert change.reason == "not enough nurse time is free"


def test_who_takes_the_room_of_another_is_called_after_them() -> None:
    # Monday is lost, and all that is free is an hour on Wednesday: the long visit has room only
    # where the short one leaves.
    some = [
        case("long", [(0, 9)], 2),
        case("short", [(1, 9)], chair="chair 2"),
    ]
    other = [ill(0), ill(1, 11, 12), ill(2, 9, 11)]
    place = attrs.evolve(
        clinic(nurses=1, booked=other),
        hours=Hours.of(dict.fromkeys(WEEKDAYS[:3], "09:00-12:00")),
    )
    found = replan_clinic(some, place, as_of=SUNDAY)
    assert (moves(found), found.bound) == ({"long": 1, "short": 1}, 2)
    assert [(one.course, one.after) for one in found.calls] == [
        ("short", ()),
        ("long", ("short",)),
    ]


# --- what it promises ----------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_and_each_course_comes_once() -> None:
    some = [case(f"c{n}", [(0, 9 + n % 3), (2, 9)], chair=f"chair {n}") for n in range(1, 3)]
    place = clinic(nurses=1, booked=[ill(2)])
    one, other = (replan_clinic(some, place, as_of=SUNDAY, seed=3) for _ in range(2))
    assert one == other
    with pytest.raises(InvalidValue, match="'c1' twice"):
        replan_clinic([some[0], some[0]], place, as_of=SUNDAY)
    assert replan_clinic([], place, as_of=SUNDAY).gap == 0


def test_what_the_judge_of_the_clinic_refuses_comes_with_all_it_was_made_from() -> None:
    some = [case("a", [(0, 9)]), case("b", [(0, 9)], chair="chair 1")]
    place = clinic(chairs=1)
    seekers = [OfCase(one, place, SUNDAY, None, Calendars()) for one in some]
    # Each alone, so that both have the one chair at nine.
    plans = [replan_course(one.course, place, one.person, as_of=SUNDAY).plan for one in some]
    with pytest.raises(InternalFault) as fault:
        signed_together(plans, seekers, place)
    refused = documents.clinic_fault_from_dict(json.loads(fault.value.document))
    assert [one.agenda.course for one in refused.courses] == ["a", "b"]
    assert refused.clinic == place
    again = clinic_violations(
        [
            Beside(
                agenda=one.agenda,
                schedule=one.plan.schedule,
                protocol=one.protocol,
                person=one.person,
            )
            for one in refused.courses
            if one.plan.schedule is not None
        ],
        refused.clinic,
    )
    assert tuple(map(str, again)) == refused.violations != ()


def test_ended_at_once_it_gives_the_best_so_far() -> None:
    some = [case(f"c{n}", [(0, 9), (2, 9)], chair=f"chair {n}") for n in range(1, 3)]
    seen: list[Moving] = []

    def at_once(now: Moving) -> bool:
        seen.append(now)
        return False

    place = clinic(booked=[ill(2)])
    found = replan_clinic(some, place, as_of=SUNDAY, report=at_once)
    assert (len(seen), found.unplaced, found.bound) == (1, (), 0)
    assert judged(found, some, place) == ()


# --- an oracle that tries everything -------------------------------------------------------------

Start = tuple[int, int]


def _courses(
    told: Sequence[Start], hours: int, opens: Sequence[range]
) -> Iterator[tuple[int, tuple[Start, ...]]]:
    """Yield every course that keeps its rules, with how many visits it moves."""

    def after(found: tuple[Start, ...]) -> Iterator[tuple[Start, ...]]:
        if len(found) == len(told):
            yield found
            return
        first, last = (0, 4) if not found else (found[-1][0] + 1, found[-1][0] + 3)
        for day in range(first, min(last, len(opens) - 1) + 1):
            for hour in opens[day]:
                if hour + hours <= opens[day].stop:
                    yield from after((*found, (day, hour)))

    for found in after(()):
        yield sum(a != b for a, b in zip(found, told, strict=True)), found


def fewest_by_trying(
    courses: Sequence[tuple[Sequence[Start], int]], opens: Sequence[range], nurses: dict[Start, int]
) -> int | None:
    """Return how few visits can move; ``None`` if not all courses have room."""
    options = [sorted(_courses(told, hours, opens)) for told, hours in courses]
    best: int | None = None

    def tried(n: int, held: dict[Start, int], moved: int) -> None:
        nonlocal best
        if best is not None and moved >= best:
            return
        if n == len(courses):
            best = moved
            return
        for count, dates in options[n]:
            if best is not None and moved + count >= best:
                break
            now = dict(held)
            for day, hour in dates:
                for each in range(hour, hour + courses[n][1]):
                    now[day, each] = now.get((day, each), 0) + 1
            if all(units <= nurses.get(at, 2) for at, units in now.items()):
                tried(n + 1, now, moved + count)

    tried(0, {}, 0)
    return best


@st.composite
def told_clinics(
    draw: st.DrawFn,
) -> tuple[list[tuple[list[Start], int]], Booking]:
    """Draw courses that fit beside each other, and a nurse who is ill on one of the days."""
    held: dict[Start, int] = {}
    courses: list[tuple[list[Start], int]] = []
    for _ in range(draw(st.integers(2, 5))):
        hours = draw(st.integers(1, 2))
        told: list[Start] = []
        day = draw(st.integers(0, 2))
        for _ in range(draw(st.integers(1, 2))):
            free = [
                hour
                for hour in range(9, 13 - hours)
                if day < 5 and all(held.get((day, h), 0) < 2 for h in range(hour, hour + hours))
            ]
            if not free:
                break
            hour = draw(st.sampled_from(free))
            for each in range(hour, hour + hours):
                held[day, each] = held.get((day, each), 0) + 1
            told.append((day, hour))
            day += draw(st.integers(1, 3))
        if told:
            courses.append((told, hours))
    first = draw(st.integers(9, 11))
    booking = ill(draw(st.integers(0, 3)), first, draw(st.integers(first + 1, 12)))
    return courses, attrs.evolve(booking, units=draw(st.integers(1, 2)))


def bounds(some: Sequence[Case], place: Clinic, goal: int) -> tuple[int, int]:
    """Return the bound with numpy and that without."""
    fast = pytest.importorskip("protocol_sched.clinic.fewest_fast", exc_type=ModuleNotFoundError)
    kept = Calendars()
    whole = intake([OfCase(one, place, SUNDAY, None, kept).compiled for one in some], place)
    chains = [chain for chain in whole.chains if chain is not None]
    assert len(chains) == len(some)
    of = (whole.axis.fields, whole.profiles, whole.pools)
    return (
        fast.fewest_moves_of(chains, *of, places=1, kinds=2, goal=goal, rounds=100),
        fewest_moves(chains, [], *of, goal=goal, rounds=50),
    )


@settings(max_examples=25)
@given(told_clinics())
def test_as_few_visits_move_as_by_trying_everything(
    world: tuple[list[tuple[list[Start], int]], Booking],
) -> None:
    courses, booking = world
    some = [
        case(f"c{n}", told, hours, chair=f"chair {n + 1}")
        for n, (told, hours) in enumerate(courses)
    ]
    place = clinic(booked=[booking], chairs=6)
    day = (booking.day - MONDAY).days
    short = {
        (day, hour): 2 - booking.units for hour in range(booking.start // 60, booking.end // 60)
    }
    best = fewest_by_trying(courses, [range(9, 12)] * 5, short)
    found = replan_clinic(some, place, as_of=SUNDAY, effort=Effort(rounds=80, moves=1500))
    if best is None:
        assert found.unplaced
        return
    assert found.unplaced == ()
    assert found.bound <= best
    assert found.moved == best
    assert max(bounds(some, place, best + 5)) <= best
    assert judged(found, some, place) == ()


def test_who_comes_anew_leaves_the_chair_that_a_later_visit_is_known_for() -> None:
    fields = Fields(8, 4)
    need = {hours: Need(0, ((0, hours, 1),)) for hours in (1, 3)}
    profiles = (Profile((need[3],)), Profile((need[1],)))
    chairs = ("chair 1", "chair 2")
    pool = Pool(0, fields.packed([2] * 8), chairs)
    loads = Loads(fields, profiles, [(pool,)])
    placed = {
        0: [loads.hold(0, 0, fields.start(1))],  # for three slots, in any chair
        1: [loads.hold(1, 0, fields.start(2))],  # known for one of them
    }
    for known, other in (chairs, chairs[::-1]):
        assert seats(loads, placed, {(1, 0): (known,)}) == {(0, 0, 0): other, (1, 0, 0): known}
