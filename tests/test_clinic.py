"""Many courses at one clinic: in turn, by any executor, and from a waiting list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import attrs
import pytest

from histories import CLINIC, NEW_YORK, PROTOCOL
from protocol_sched.clinic.courses import Case, Held, booked, holdings, replan_in_turn
from protocol_sched.clinic.jobs import Job, replan_many
from protocol_sched.clinic.waiting import FreedPlace, waiting_list, who_can_take
from protocol_sched.errors import InvalidEvent, InvalidValue, UnknownName
from protocol_sched.expansion import expand
from protocol_sched.judge.checker import violations
from protocol_sched.judge.recording import record
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
from protocol_sched.model.course import Confirmed, Course, Deferred, Given, Missed, Pinned
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.plain import WEEKDAYS as DAYS
from protocol_sched.model.schedule import Schedule
from protocol_sched.model.spans import CalendarSpan
from protocol_sched.planning.replan import replan_course
from protocol_sched.text.changes import changes_text

WEDNESDAY = date(2027, 4, 7)
THURSDAY = WEDNESDAY + timedelta(days=1)
ASKED = WEDNESDAY - timedelta(days=1)
ESCORTS = [
    Escort(name=name, available=Hours.of(dict.fromkeys(DAYS, "08:00-20:00"))) for name in "AB"
]
BUSY = Clinic(
    name="Busy Clinic",
    zone=NEW_YORK,
    hours=Hours.of(dict.fromkeys(DAYS, "08:00-17:00")),
    places=[Place(name=f"chair {n + 1}", kind="chair") for n in range(3)],
    staff=[Staff(kind="nurse", units=3)],
    start_every=30,
)


def cases(count: int) -> tuple[Case, ...]:
    return tuple(
        Case(
            course=Course(
                key=f"c{n:02}",
                protocol=PROTOCOL,
                not_before=WEDNESDAY,
                first_treatment_within=CalendarSpan(days=1),
            ),
            person=Person(key=f"p{n:02}", escorts=ESCORTS),
        )
        for n in range(count)
    )


def notified(some: Sequence[Case], clinic: Clinic, day: date = ASKED) -> tuple[Case, ...]:
    """Return the cases planned in turn and everybody told."""
    at = datetime.combine(day, time(7), NEW_YORK)
    found = tuple(replan_in_turn(some, clinic, as_of=day))
    return tuple(
        attrs.evolve(case, course=record(case.course, one.events(day, at), as_of=day))
        for case, one in zip(some, found, strict=True)
    )


def around(some: Sequence[Case], n: int, clinic: Clinic, day: date) -> Clinic:
    others = [case for m, case in enumerate(some) if m != n]
    return booked(clinic, [one for case in others for one in holdings(case.course, day)])


def broken(case: Case, schedule: Schedule, clinic: Clinic, day: date) -> list[str]:
    agenda = expand(case.course, day)
    return [str(one) for one in violations(agenda, schedule, clinic, case.person, PROTOCOL)]


def on_day(some: Sequence[Case], day: date) -> int:
    return sum(
        one.notice.start.date() == day
        for case in some
        for one in last_notices(case.course.events).values()
    )


def test_fourteen_visits_on_a_thursday_and_a_nurse_is_ill() -> None:
    before = notified(cases(14), BUSY)
    assert on_day(before, THURSDAY) == 14
    ill = Booking(day=THURSDAY, start=8 * 60, end=17 * 60)
    short = attrs.evolve(BUSY, staff=[Staff(kind="nurse", units=3, booked=[ill])])
    found = tuple(replan_in_turn(before, short, as_of=WEDNESDAY))
    at = datetime.combine(WEDNESDAY, time(7), NEW_YORK)
    after = tuple(
        attrs.evolve(case, course=record(case.course, one.events(WEDNESDAY, at), as_of=WEDNESDAY))
        for case, one in zip(before, found, strict=True)
    )
    for n, (case, one) in enumerate(zip(after, found, strict=True)):
        assert one.plan.schedule is not None
        clinic = around(after, n, short, WEDNESDAY)
        assert broken(case, one.plan.schedule, clinic, WEDNESDAY) == []
    # Two nurses have room for twelve visits of an hour and a half on that day.
    assert on_day(after, THURSDAY) == 12
    # One at a time is not the fewest moves of all together; those told first moved inside the day.
    assert sum(bool(one.moved) for one in found) <= 4
    (first, *_) = [one for one in found if one.moved]
    assert changes_text(first, short).splitlines()[0].endswith("not enough nurse time is free")


def test_a_visit_holds_its_place_throughout_and_staff_stage_by_stage() -> None:
    (case,) = notified(cases(1), BUSY)
    start = last_notices(case.course.events)["dose-1"].notice.start.astimezone(UTC)
    end = start + timedelta(minutes=90)
    assert [one for one in holdings(case.course, ASKED) if one.start == start] == [
        Held(name="chair 1", start=start, end=end),
        Held(name="nurse", start=start, end=end),
    ]


def test_bookings_over_midnight_are_one_for_each_date() -> None:
    start = datetime(2027, 4, 7, 22, tzinfo=NEW_YORK)
    held = Held(name="chair 1", start=start, end=start + timedelta(hours=26), units=1)
    (chair, *_) = booked(BUSY, [held]).places
    assert [(one.day.day, one.start, one.end) for one in chair.booked] == [
        (7, 1320, 1440),
        (8, 0, 1440),
    ]


# --- the waiting list --------------------------------------------------------------------------

AFTERNOON = FreedPlace(
    place="chair 1",
    start=datetime(2027, 4, 8, 13, tzinfo=NEW_YORK),
    end=datetime(2027, 4, 8, 17, tzinfo=NEW_YORK),
)


ALL_DAY = Booking(day=THURSDAY, start=8 * 60, end=17 * 60)
FREED = attrs.evolve(
    BUSY,
    places=[
        Place(name="chair 1", kind="chair", booked=[attrs.evolve(ALL_DAY, end=13 * 60)]),
        Place(name="chair 2", kind="chair", booked=[ALL_DAY]),
        Place(name="chair 3", kind="chair", booked=[ALL_DAY]),
    ],
)
"""On Thursday nothing is free but the opening."""


def begun(count: int) -> tuple[Case, ...]:
    """Return courses whose first dose was given on Monday, planned when Thursday was full."""
    some = [
        attrs.evolve(case, course=attrs.evolve(case.course, not_before=ASKED - timedelta(days=2)))
        for case in cases(count)
    ]
    full = attrs.evolve(BUSY, closures=[DatedHours(first=WEDNESDAY, last=THURSDAY)])
    result = []
    for case in notified(some, full, ASKED - timedelta(days=3)):
        given = [
            Given(visit=visit, on=one.notice.start.date(), start=one.notice.start)
            for visit, one in last_notices(case.course.events).items()
            if one.notice.start.date() < ASKED
        ]
        result.append(attrs.evolve(case, course=record(case.course, given, as_of=ASKED)))
    return tuple(result)


def taken(some: Sequence[Case], n: int, start: datetime) -> bool:
    """Tell whether some visit of a course can lawfully begin then and be sooner than known."""
    case = some[n]
    for visit, one in last_notices(case.course.events).items():
        if one.given or one.notice.start <= AFTERNOON.start:
            continue
        pinned = case.course.after([Pinned(visit=visit, start=start, on=ASKED)])
        found = replan_course(pinned, around(some, n, FREED, ASKED), case.person, as_of=ASKED)
        schedule = found.plan.schedule
        if schedule is not None and dict(schedule.visit(visit).places).get("chair"):
            return True
    return False


def test_whoever_may_lawfully_take_a_chair_is_offered_it_and_nobody_else() -> None:
    some = begun(6)
    waiting = waiting_list(some, FREED, as_of=ASKED)
    offers = who_can_take(AFTERNOON, waiting, most=99)
    starts = [AFTERNOON.start + timedelta(minutes=30) * n for n in range(6)]
    lawful = {
        case.course.key
        for n, case in enumerate(some)
        if any(taken(some, n, start) for start in starts)
    }
    assert {offer.course for offer in offers} == lawful
    assert offers, "the example shows nothing"
    for offer in offers:
        n = [case.course.key for case in some].index(offer.course)
        schedule = offer.replan.plan.schedule
        assert schedule is not None
        assert broken(some[n], schedule, around(some, n, FREED, ASKED), ASKED) == []
        visit = schedule.visit(offer.visit)
        assert dict(visit.places)["chair"] == AFTERNOON.place
        assert AFTERNOON.start <= visit.start == offer.start < AFTERNOON.end
        assert visit.discharge_by <= AFTERNOON.end
        assert offer.sooner > timedelta(0)
    ranks = [(not offer.overdue, offer.others_moved) for offer in offers]
    assert ranks == sorted(ranks)
    assert who_can_take(AFTERNOON, waiting, most=2) == offers[:2]
    assert offers[0].course not in {
        offer.course for offer in who_can_take(AFTERNOON, waiting.without(offers[0].course))
    }


def test_nobody_is_offered_what_they_cannot_take() -> None:
    (case,) = begun(1)
    away = attrs.evolve(case.person, away=[DatedHours(first=THURSDAY)])

    def offered(one: Case) -> tuple[str, ...]:
        waiting = waiting_list([one], FREED, as_of=ASKED)
        return tuple(offer.visit for offer in who_can_take(AFTERNOON, waiting))

    assert offered(case)
    assert offered(attrs.evolve(case, person=away)) == ()
    assert offered(attrs.evolve(case, person=attrs.evolve(case.person, escorts=[]))) == ()
    (visit,) = offered(case)
    at = last_notices(case.course.events)[visit].notice.start
    pinned = record(case.course, [Pinned(visit=visit, start=at, on=ASKED)], as_of=ASKED)
    assert visit not in offered(attrs.evolve(case, course=pinned))
    escort = last_notices(case.course.events)[visit].notice.escort or ""
    yes = record(case.course, [Confirmed(visit=visit, escort=escort, on=ASKED)], as_of=ASKED)
    assert visit not in offered(attrs.evolve(case, course=yes))


def test_an_opening_is_of_a_place_the_clinic_has() -> None:
    waiting = waiting_list([], FREED, as_of=ASKED)
    with pytest.raises(UnknownName, match="'chair 99'"):
        who_can_take(attrs.evolve(AFTERNOON, place="chair 99"), waiting)


def test_an_opening_ends_after_it_begins() -> None:
    with pytest.raises(InvalidValue, match="freed place: end must be after"):
        FreedPlace(place="chair 1", start=AFTERNOON.end, end=AFTERNOON.start)


# --- many courses by any executor --------------------------------------------------------------


def jobs(count: int) -> Iterator[Job]:
    for n, case in enumerate(notified(cases(count), BUSY)):
        act = Missed(visit="evaluation", on=WEDNESDAY)
        course = case.course if n % 2 else record(case.course, [act], as_of=WEDNESDAY)
        yield Job(course=course, clinic=BUSY, person=case.person, as_of=WEDNESDAY)


@pytest.mark.parametrize("at_once", [1, 3, 256])
def test_any_executor_gives_the_same_answers_in_the_same_order(at_once: int) -> None:
    some = list(jobs(7))
    here = list(replan_many(some))
    assert [bool(one.moved) for one in here] == [True, False] * 3 + [True]
    with ThreadPoolExecutor(2) as pool:
        assert list(replan_many(some, pool, at_once=at_once)) == here


def test_jobs_are_taken_as_they_are_needed() -> None:
    taken_so_far: list[int] = []

    class Now(Executor):
        def submit(self, call, /, *args, **kwargs):  # type: ignore[no-untyped-def]
            future: Future[object] = Future()
            future.set_result(call(*args, **kwargs))
            return future

    def some() -> Iterator[Job]:
        for n, job in enumerate(jobs(6)):
            taken_so_far.append(n)
            yield job

    answers = replan_many(some(), Now(), at_once=2)
    next(answers)
    assert taken_so_far == [0, 1, 2]


def test_a_course_that_cannot_be_is_told_where_it_is_asked_for() -> None:
    (good, *_) = jobs(1)
    bad = attrs.evolve(good, course=good.course.after([Given(visit="dose-9", on=WEDNESDAY)]))
    with ThreadPoolExecutor(1) as pool:
        answers = replan_many([good, bad, good], pool)
        next(answers)
        with pytest.raises(InvalidEvent, match="'dose-9'"):
            next(answers)
    with pytest.raises(InvalidValue, match="at_once must be 1 or more"):
        next(replan_many([good], None, at_once=0))


def test_a_dask_cluster_gives_the_same_answers() -> None:
    distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    some = list(jobs(4))
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = list(replan_many(some, client.get_executor()))
    assert found == list(replan_many(some))


def test_clinic_of_histories_is_planned_in_turn_too() -> None:
    assert all(one.plan.schedule for one in replan_in_turn(cases(2), CLINIC, as_of=ASKED))


def test_nobody_is_offered_the_time_they_have() -> None:
    (case,) = notified(cases(1), BUSY)
    for one in last_notices(case.course.events).values():
        start = one.notice.start
        freed = FreedPlace(place="chair 1", start=start, end=start + timedelta(hours=3))
        early = attrs.evolve(freed, start=start - timedelta(minutes=10))
        waiting = waiting_list([case], BUSY, as_of=ASKED)
        for some in (freed, early):
            offers = who_can_take(some, waiting)
            assert all(offer.sooner > timedelta(0) for offer in offers)


def test_a_visit_put_off_is_offered_the_chair_before_anybody_else() -> None:
    some = list(begun(3))
    visit = "dose-2"
    put_off = Deferred(visit=visit, on=ASKED, until=AFTERNOON.start.date())
    some[2] = attrs.evolve(some[2], course=record(some[2].course, [put_off], as_of=ASKED))
    (first, *_) = who_can_take(AFTERNOON, waiting_list(some, FREED, as_of=ASKED))
    assert (first.course, first.visit, first.sooner) == ("c02", visit, timedelta(0))
    schedule = first.replan.plan.schedule
    assert schedule is not None
    assert broken(some[2], schedule, around(some, 2, FREED, ASKED), ASKED) == []


def test_a_visit_missed_or_put_off_holds_nothing() -> None:
    (case,) = notified(cases(1), BUSY)
    day = last_notices(case.course.events)["dose-1"].notice.start.date()
    for act in (
        Missed(visit="dose-1", on=day),
        Deferred(visit="dose-1", on=ASKED, until=THURSDAY),
    ):
        lapsed = record(case.course, [act], as_of=day)
        assert len(holdings(case.course, ASKED)) - len(holdings(lapsed, ASKED)) == 2
