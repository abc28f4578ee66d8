"""Every call and every command across an hour that comes twice, and across one that never comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.cli import main
from protocol_sched.clinic.courses import Case, booked, holdings, replan_in_turn
from protocol_sched.clinic.jobs import Job, replan_many
from protocol_sched.clinic.waiting import FreedPlace, waiting_list, who_can_take
from protocol_sched.errors import InvalidEvent
from protocol_sched.formats.documents.documents import (
    clinic_to_dict,
    course_to_dict,
    person_to_dict,
    plan_from_dict,
    plan_to_dict,
    protocol_to_dict,
    read_course,
    read_json,
    replan_from_dict,
    replan_to_dict,
    write_events,
    write_json,
    write_toml,
)
from protocol_sched.formats.ics.entries import clinic_calendar, escort_calendar, patient_calendar
from protocol_sched.formats.ics.file import CalendarOptions
from protocol_sched.formats.ics.reading.schedule import read_calendar
from protocol_sched.judge.calendar_file import judge_calendar
from protocol_sched.judge.checker import violations
from protocol_sched.judge.recording import record
from protocol_sched.judge.rides import rides_at_risk
from protocol_sched.judge.verdicts import Judged, judge_history, verdict
from protocol_sched.model.availability import Clinic, Escort, Hours, Person, Place
from protocol_sched.model.before_and_after import NoDriving, RideHome
from protocol_sched.model.causes import Request
from protocol_sched.model.changes import Fate
from protocol_sched.model.course import (
    Confirmed,
    Course,
    Declined,
    Event,
    Given,
    Missed,
    Notified,
    Pinned,
)
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.moments import elapsed, later_by, utc
from protocol_sched.model.notifying import notifications
from protocol_sched.model.numbers import Count
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.rules import Between, Separation
from protocol_sched.model.schedule import Plan, Proof, Ride, Visit
from protocol_sched.model.spans import elapsed_span, parse_range, parse_span
from protocol_sched.model.stages import Stage
from protocol_sched.planning.course import best_courses, first_dates, plan_course
from protocol_sched.planning.explain import explain_course, why_course
from protocol_sched.planning.lookahead import startable
from protocol_sched.planning.replan import replan_course
from protocol_sched.text.changes import changes_text
from protocols import every

HALF_HOUR = timedelta(minutes=30)
LENGTHS = (30, 60, 90)


@attrs.frozen
class Change:
    """A night on which a zone's clock is put forward or back."""

    zone: ZoneInfo
    at: datetime
    """The instant of it, in UTC."""
    by: timedelta

    def __str__(self) -> str:
        return f"{self.zone.key} {self.at.astimezone(self.zone):%Y-%m-%d}"

    @property
    def starts(self) -> list[datetime]:
        """Return each half hour by the clock from an hour and a half before it to as long after."""
        steps = range(-3, 4)
        return [(self.at + n * HALF_HOUR).astimezone(self.zone) for n in steps]

    @property
    def asked(self) -> date:
        """Return the date of planning: three days before."""
        return self.starts[0].date() - timedelta(days=3)

    @property
    def over(self) -> date:
        """Return the date on which all is over: two days after."""
        return self.starts[-1].date() + timedelta(days=2)


def changes(key: str, year: int) -> Iterator[Change]:
    """Yield the changes of a zone's clock in a year."""
    zone, hour = ZoneInfo(key), timedelta(minutes=30)
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        before, after = (one.astimezone(zone).utcoffset() for one in (at, at + hour))
        if before != after and before is not None and after is not None:
            yield Change(zone, at + hour, after - before)
        at += hour


ZONES = ("America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut")
CHANGES = [change for key in ZONES for change in changes(key, 2027)]
DOUBLED = [change for change in CHANGES if change.by < timedelta(0)]


def test_the_changes_are_of_each_kind() -> None:
    clocks = {
        str(change): (f"{change.at.astimezone(change.zone):%H:%M}", change.by // HALF_HOUR)
        for change in CHANGES
    }
    assert clocks == {
        "America/New_York 2027-03-14": ("03:00", 2),
        "America/New_York 2027-11-07": ("01:00", -2),
        "Australia/Lord_Howe 2027-04-04": ("01:30", -1),
        "Australia/Lord_Howe 2027-10-03": ("02:30", 1),
        "America/Santiago 2027-04-03": ("23:00", -2),
        "America/Santiago 2027-09-05": ("01:00", 2),
        "Asia/Beirut 2027-03-28": ("01:00", 2),
        "Asia/Beirut 2027-10-30": ("23:00", -2),
    }


# --- a small course ----------------------------------------------------------------------------

ESCORTS = [Escort(name="Ada", available=Hours()), Escort(name="Bo", available=Hours())]
PERSON = Person(key="p-1", name="Ida", escorts=ESCORTS)


def protocol(length: int, visits: int = 1) -> Protocol:
    """Stays of so many minutes with a ride home, 20 hours or more apart by real time."""
    stage = Stage(
        name="stay", length=parse_range(f"{length} minutes"), needs=(("bed", 1),), source="local"
    )
    kind = VisitType(
        name="stay",
        stages=[stage],
        ride_home=RideHome(confirm_before=elapsed_span("24 hours"), source="local"),
        no_driving=NoDriving(until="12 hours", source="local"),
    )
    apart = Separation(least=parse_span("20 hours"), between=Between.END_AND_START, source="local")
    phase = Phase(
        name="stay",
        visit="stay",
        visits=Count(visits, visits),
        cadence=every("1 day"),
        separations=[apart] if visits > 1 else [],
        source="local",
    )
    return Protocol(name="stays", title="Stays", visit_types=[kind], phases=[phase])


def clinic(change: Change, *windows: tuple[int, int], beds: int = 1) -> Clinic:
    """Return a ward open day and night, or at some hours of the dates of the change only."""
    days = [change.starts[0].date() + timedelta(days=n) for n in range(2)]
    hours = Hours.of(None, dict.fromkeys(days, windows)) if windows else Hours()
    places = [Place(name=f"bed {n + 1}", kind="bed") for n in range(beds)]
    return Clinic(name="Ward", zone=change.zone, hours=hours, places=places, start_every=30)


def course(change: Change, length: int, *events: Event, visits: int = 1) -> Course:
    first = change.starts[0].date()
    return Course(key="c-1", protocol=protocol(length, visits), not_before=first, events=events)


def notified(start: datetime, length: int, on: date, **more: str) -> Notified:
    end = later_by(start, timedelta(minutes=length))
    places = {"bed": more.get("bed", "bed 1")}
    escort = more.get("escort", "Ada")
    return Notified(
        visit=more.get("visit", "stay-1"),
        on=on,
        start=start,
        discharge=end,
        discharge_by=end,
        places=places,
        escort=escort,
    )


def planned(plan: Plan) -> Visit:
    assert plan.schedule is not None, plan.conflicts
    return plan.schedule.visits[0]


def cases() -> Iterator[tuple[Change, int, datetime]]:
    for change in CHANGES:
        for length in LENGTHS:
            for start in change.starts:
                yield change, length, start


CASES = pytest.mark.parametrize(
    ("change", "length", "start"),
    list(cases()),
    ids=[f"{change}-{length}-{start:%H%M%z}" for change, length, start in cases()],
)
ALL = pytest.mark.parametrize("change", CHANGES, ids=str)
TWICE = pytest.mark.parametrize("change", DOUBLED, ids=str)


# --- one visit at each place of the night -------------------------------------------------------


@CASES
def test_a_visit_pinned_there_is_planned_told_written_read_and_given(
    change: Change, length: int, start: datetime
) -> None:
    real = timedelta(minutes=length)
    pinned = course(change, length, Pinned(visit="stay-1", start=start, on=change.asked))
    ward = clinic(change)
    plan = plan_course(pinned, ward, PERSON, as_of=change.asked)
    visit = planned(plan)
    assert utc(visit.start) == utc(start)
    assert elapsed(visit.start, visit.discharge) == elapsed(visit.start, visit.discharge_by) == real
    assert isinstance(visit.no_driving_until, datetime)
    assert elapsed(visit.discharge, visit.no_driving_until) == timedelta(hours=12)
    assert plan.schedule is not None
    assert violations(plan.agenda, plan.schedule, ward, PERSON, pinned.protocol) == ()

    # Written down and read back it is the same plan, both passages of a doubled hour apart.
    again = plan_from_dict(read_json(write_json(plan_to_dict(plan))))
    assert again.schedule == plan.schedule
    assert utc(planned(again).discharge) == utc(start) + real

    # Told, and told once more with nothing new; the events read back are the same.
    new = notifications(plan.schedule, pinned, on=change.asked)
    notified_course = record(pinned, new, as_of=change.asked)
    assert [utc(one.start) for one in new if isinstance(one, Notified)] == [utc(start)]
    assert notifications(plan.schedule, notified_course, on=change.asked) == ()
    text = write_toml(course_to_dict(notified_course))
    assert read_course(text, pinned.protocol) == notified_course

    # The calendar files hold the same instants.
    options = CalendarOptions()
    shared = (plan.schedule, ward, PERSON, pinned.protocol)
    now = datetime.combine(change.asked, time(), change.zone)
    for write in (clinic_calendar, patient_calendar):
        file = write(*shared, now=now, options=options)
        back = read_calendar(file, plan.agenda, ward, PERSON, pinned.protocol)
        (found,) = back.schedule.visits
        assert (utc(found.start), utc(found.discharge_by)) == (utc(start), utc(start) + real)
        judged = judge_calendar(file, pinned, ward, PERSON, as_of=change.asked)
        assert judged.violations == ()
    assert b"BEGIN:VEVENT" in escort_calendar(*shared, now=now)

    # Given, it is on its date, and no earlier `now` lets it have happened.
    happened = Given(visit="stay-1", on=visit.day, start=start)
    given = record(notified_course, [happened], as_of=visit.day, now=start)
    assert [one.judged for one in judge_history(given)] == [Judged.IN_WINDOW]
    assert verdict(pinned, "stay-1", visit.day).judged is Judged.IN_WINDOW
    with pytest.raises(InvalidEvent, match="begins after"):
        record(
            notified_course, [happened], as_of=visit.day, now=later_by(start, -timedelta(minutes=1))
        )


# --- planned where the clinic is open in that hour only -----------------------------------------


def first_passage(change: Change) -> datetime:
    """Return when the hour that comes twice comes for the first time."""
    return later_by(change.at.astimezone(change.zone), change.by)


def doubled_window(change: Change) -> tuple[int, int]:
    """Return the doubled hour by the clock, in minutes after midnight."""
    begins = change.at.astimezone(change.zone)
    first = 60 * begins.hour + begins.minute
    return first, first - change.by // timedelta(minutes=1)


@TWICE
def test_a_doubled_hour_holds_a_visit_of_both_its_passages(change: Change) -> None:
    window = doubled_window(change)
    twice = -2 * change.by // timedelta(minutes=1)
    ward = clinic(change, window)
    fits = course(change, twice)
    plan = plan_course(fits, ward, PERSON, as_of=change.asked)
    visit = planned(plan)
    assert (plan.proof, utc(visit.start)) == (Proof.OPTIMAL, utc(first_passage(change)))
    assert elapsed(visit.start, visit.discharge) == timedelta(minutes=twice)
    assert plan.schedule is not None
    assert violations(plan.agenda, plan.schedule, ward, PERSON, fits.protocol) == ()
    night = visit.day
    dates = first_dates(fits, ward, PERSON, as_of=change.asked)
    assert [one.day for one in dates] == [night]
    assert [one.day for one in startable(fits, ward, PERSON, as_of=change.asked).dates] == [night]
    (best,) = best_courses(fits, ward, PERSON, as_of=change.asked, until=change.over)
    assert planned(best) == visit
    same, (why,) = why_course(fits, ward, PERSON, as_of=change.asked)
    assert why.visit == visit == planned(same)
    longer = course(change, twice + 30)
    explained = explain_course(longer, ward, PERSON, as_of=change.asked, until=change.over)
    assert explained.plan.proof is Proof.IMPOSSIBLE


def shown_inside(start: datetime, length: int, windows: Iterable[tuple[int, int]]) -> bool:
    """Tell whether the clock shows a time inside some hours at each minute of a stay."""
    minutes = (later_by(start, timedelta(minutes=n)) for n in range(length))
    clock = [60 * one.hour + one.minute for one in minutes]
    return all(any(opens <= at < closes for opens, closes in windows) for at in clock)


@ALL
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("edges", [(0, 30), (30, 60), (-60, 30), (30, 120), (0, 60)])
def test_hours_are_what_the_clock_shows(
    change: Change, length: int, edges: tuple[int, int]
) -> None:
    """Hours such as 01:30 to 02:00 are half an hour before the clock goes back and one after."""
    first = doubled_or_skipped(change)
    window = (max(first + edges[0], 0), min(first + edges[1], 1440))
    stay = course(change, length)
    for start in change.starts:
        pinned = attrs.evolve(stay, events=[Pinned(on=change.asked, visit="stay-1", start=start)])
        wants = shown_inside(start, length, [window])
        own = Hours.of(None, dict.fromkeys(dates_of(change), (window,)))
        for ward, who in (
            (clinic(change, window), PERSON),
            (clinic(change), attrs.evolve(PERSON, available=own)),
        ):
            plan = plan_course(pinned, ward, who, as_of=change.asked, until=change.over)
            found = plan.schedule is not None
            assert found == wants, (start, window)


def dates_of(change: Change) -> list[date]:
    """Return the dates of the night of a change."""
    return [change.starts[0].date() + timedelta(days=n) for n in range(2)]


def doubled_or_skipped(change: Change) -> int:
    """Return when by the clock the hour that comes twice, or never, begins, in minutes."""
    begins = change.at.astimezone(change.zone)
    return 60 * begins.hour + begins.minute - max(change.by, timedelta(0)) // timedelta(minutes=1)


@ALL
def test_visits_apart_by_hours_are_so_by_real_time(change: Change) -> None:
    """Twenty hours from each latest discharge to the next start, over the change."""
    three = course(change, 60, visits=3)
    ward = clinic(change)
    for plan in best_courses(three, ward, PERSON, as_of=change.asked):
        assert plan.schedule is not None
        apart = [elapsed(a.discharge_by, b.start) for a, b in pairwise(plan.schedule.visits)]
        assert min(apart) >= timedelta(hours=20)
        assert [utc(one.start) for one in plan.schedule.visits] == sorted(
            utc(one.start) for one in plan.schedule.visits
        )
        assert violations(plan.agenda, plan.schedule, ward, PERSON, three.protocol) == ()


@TWICE
def test_a_request_for_the_doubled_hour_is_met_on_its_first_passage(change: Change) -> None:
    first = first_passage(change)
    minute, night = doubled_window(change)[0], first.date()
    request = Request(visit="stay-1", first=night, last=night, earliest=minute, latest=minute)
    explained = explain_course(
        course(change, 60), clinic(change), PERSON, as_of=change.asked, asked=[request]
    )
    assert utc(planned(explained.plan).start) == utc(first)


# --- planned anew at moments of the doubled hour ------------------------------------------------


def replanned(
    change: Change, notified_for: datetime, now: datetime, length: int = 60
) -> tuple[list[str], list[tuple[Fate, datetime | None, str]]]:
    """Return which visits are unrecorded, and what becomes of each."""
    knowing = course(change, length, notified(notified_for, length, change.asked))
    local = now.astimezone(change.zone)
    ward = clinic(change)
    found = replan_course(knowing, ward, PERSON, as_of=local.date(), now=now, until=change.over)
    job = Job(
        course=knowing, clinic=ward, person=PERSON, as_of=local.date(), now=now, until=change.over
    )
    assert next(iter(replan_many([job]))) == found
    case = Case(course=knowing, person=PERSON)
    (turned,) = replan_in_turn([case], ward, as_of=local.date(), now=now)
    assert [one.fate for one in turned.changes] == [one.fate for one in found.changes]
    assert replan_from_dict(read_json(write_json(replan_to_dict(found)))) == found
    assert changes_text(found, ward)
    fates = [
        (one.fate, one.after.start if one.after else None, one.reason) for one in found.changes
    ]
    return [one.id for one in found.unrecorded], fates


@ALL
def test_a_visit_that_has_begun_is_unrecorded_and_one_to_come_is_kept(change: Change) -> None:
    for start in change.starts[1:]:
        for now in change.starts[1:]:
            unrecorded, fates = replanned(change, start, now)
            if utc(start) < utc(now):
                assert (unrecorded, fates) == (["stay-1"], [])
            else:
                assert unrecorded == []
                ((fate, after, reason),) = fates
                assert (fate, reason) == (Fate.KEPT, "")
                assert after is not None
                assert utc(after) == utc(start)


@ALL
def test_nothing_is_planned_before_now_and_all_from_now_on_is_open(change: Change) -> None:
    """The best start is the earliest by the clock of the half hours that are not over."""
    length, first = 30, change.starts[0]
    for now in change.starts[1:]:
        for late in (timedelta(0), timedelta(minutes=1)):
            moment = later_by(now, -late)
            day = moment.astimezone(change.zone).date()
            gone = notified(first, length, change.asked)
            missed = Missed(visit="stay-1", on=first.date())
            events = (gone, missed) if day > first.date() else ()
            plan = replan_course(
                course(change, length, *events),
                clinic(change),
                PERSON,
                as_of=day,
                now=moment,
                until=change.over,
            ).plan
            open_ = [later_by(now, n * HALF_HOUR) for n in range(48)]
            best = min(open_, key=lambda one: (one.replace(tzinfo=None), utc(one)))
            assert utc(planned(plan).start) == utc(best)


def test_a_plan_without_room_says_by_the_clock_what_is_over() -> None:
    (change,) = (one for one in DOUBLED if one.zone.key == "America/New_York")
    now = later_by(first_passage(change), timedelta(minutes=75))
    ward = attrs.evolve(
        clinic(change), hours=Hours.of(None, {now.date(): [doubled_window(change)]})
    )
    found = replan_course(course(change, 60), ward, PERSON, as_of=now.date(), now=now)
    assert changes_text(found, ward) == (
        "Nothing is changed.\n"
        "No plan is possible: the stay cannot be placed, because:\n"
        "  - Ward is closed on Sun 7 November, 00:00-01:30 (that time is over)\n"
        "  - Ward is open on Sun 7 November 01:00-02:00\n"
        "Change any one of these and it can be done.\n"
    )
    assert replan_from_dict(read_json(write_json(replan_to_dict(found)))) == found


@TWICE
def test_a_visit_moved_from_one_passage_to_the_other_is_told_anew(change: Change) -> None:
    first = first_passage(change)
    second = later_by(first, -change.by)
    assert f"{first:%H:%M}" == f"{second:%H:%M}"
    knowing = course(change, 60, notified(first, 60, change.asked))
    moved = record(knowing, [notified(second, 60, change.asked)], as_of=change.asked)
    assert len(moved.events) == 2
    assert utc(last_notices(moved)["stay-1"].notice.start) == utc(second)
    text = write_toml(course_to_dict(moved))
    assert read_course(text, moved.protocol) == moved
    assert "-" in write_events(moved.events)
    # And a plan for the other passage says that it moves.
    plan = plan_course(
        knowing.after([Pinned(visit="stay-1", start=second, on=change.asked)]),
        clinic(change),
        PERSON,
        as_of=change.asked,
    )
    assert plan.schedule is not None
    (new,) = notifications(plan.schedule, knowing, on=change.asked)
    assert isinstance(new, Notified)
    assert utc(new.start) == utc(second)


@TWICE
def test_visits_given_in_the_two_passages_do_not_overlap(change: Change) -> None:
    first = first_passage(change)
    second = later_by(first, -change.by)
    length = -change.by // timedelta(minutes=1)
    plain = attrs.evolve(course(change, length), protocol=twice_a_day(length))
    one = Given(visit="stay-1", on=first.date(), start=first)
    both = record(
        plain, [one, Given(visit="stay-2", on=second.date(), start=second)], as_of=change.over
    )
    assert len(both.events) == 2
    early = later_by(second, -timedelta(minutes=1))
    with pytest.raises(InvalidEvent, match="was given at that time"):
        record(plain, [one, Given(visit="stay-2", on=early.date(), start=early)], as_of=change.over)


def twice_a_day(length: int) -> Protocol:
    """Return stays that may follow one another at once."""
    two = protocol(length, 2)
    phases = [attrs.evolve(phase, cadence=every("1 hour"), separations=[]) for phase in two.phases]
    return attrs.evolve(two, phases=phases)


# --- rides --------------------------------------------------------------------------------------


@TWICE
def test_answers_of_both_passages_count_in_the_order_of_real_time(change: Change) -> None:
    first = first_passage(change)
    second = later_by(first, -change.by)
    start = later_by(second, timedelta(hours=24))
    asked = course(change, 60, notified(start, 60, change.asked))
    day = first.date()
    yes = Confirmed(visit="stay-1", escort="Ada", on=day, at=first)
    no = Declined(visit="stay-1", escort="Ada", on=day, at=second)
    orders: list[list[Event]] = [[yes, no], [no, yes]]
    for events in orders:
        answered = record(asked, events, as_of=change.over)
        assert last_notices(answered)["stay-1"].ride is Ride.DECLINED
        (risk,) = rides_at_risk(answered, clinic(change), PERSON, now=second)
        assert (risk.next_escort, utc(risk.start)) == ("Bo", utc(start))


@ALL
def test_a_ride_is_at_risk_from_real_hours_before_the_visit_until_it_begins(
    change: Change,
) -> None:
    minute = timedelta(minutes=1)
    for by in change.starts[1:]:
        start = later_by(by, timedelta(hours=24))
        asked = course(change, 60, notified(start, 60, change.asked))

        def risks(now: datetime, asked: Course = asked) -> list[datetime]:
            found = rides_at_risk(asked, clinic(change), PERSON, now=now)
            return [one.confirm_before for one in found]

        assert risks(later_by(by, -minute)) == []
        (due,) = risks(by)
        assert utc(due) == utc(by)
    for start in change.starts[1:]:
        asked = course(change, 60, notified(start, 60, change.asked))
        assert len(rides_at_risk(asked, clinic(change), PERSON, now=later_by(start, -minute))) == 1
        assert rides_at_risk(asked, clinic(change), PERSON, now=start) == ()


# --- many courses at one clinic -----------------------------------------------------------------


@TWICE
def test_an_opening_in_either_passage_is_offered_to_who_would_come_sooner(change: Change) -> None:
    first = first_passage(change)
    second = later_by(first, -change.by)
    length = 30
    later = later_by(second, timedelta(hours=6))
    case = Case(course=course(change, length, notified(later, length, change.asked)), person=PERSON)
    ward = clinic(change)
    waiting = waiting_list([case], ward, as_of=change.asked)
    for start in (first, second):
        freed = FreedPlace(
            place="bed 1", start=start, end=later_by(start, timedelta(minutes=length))
        )
        (offer,) = who_can_take(freed, waiting)
        assert utc(offer.start) == utc(start)
        assert offer.sooner == elapsed(start, later)
    # One that is known for the first passage would not come sooner by the second.
    early = Case(
        course=course(change, length, notified(first, length, change.asked)), person=PERSON
    )
    freed = FreedPlace(place="bed 1", start=second, end=later_by(second, timedelta(minutes=length)))
    assert who_can_take(freed, waiting_list([early], ward, as_of=change.asked)) == ()
    back = Case(
        course=course(change, length, notified(second, length, change.asked)), person=PERSON
    )
    freed = FreedPlace(place="bed 1", start=first, end=later_by(first, timedelta(minutes=length)))
    (offer,) = who_can_take(freed, waiting_list([back], ward, as_of=change.asked))
    assert offer.sooner == -change.by


@TWICE
def test_an_opening_ends_after_it_starts_by_real_time(change: Change) -> None:
    first = first_passage(change)
    second = later_by(first, -change.by)
    over = FreedPlace(place="bed 1", start=later_by(second, -timedelta(minutes=1)), end=second)
    assert elapsed(over.start, over.end) == timedelta(minutes=1)
    with pytest.raises(ValueError, match="end must be after"):
        FreedPlace(place="bed 1", start=second, end=first)


@CASES
def test_what_one_course_holds_no_other_is_planned_into(
    change: Change, length: int, start: datetime
) -> None:
    holding = holdings(course(change, length, notified(start, length, change.asked)), change.asked)
    ends = later_by(start, timedelta(minutes=length))
    assert [(utc(one.start), utc(one.end)) for one in holding] == [(utc(start), utc(ends))]
    around = booked(clinic(change), holding)
    now = change.starts[0]
    other = replan_course(
        course(change, length), around, PERSON, as_of=now.date(), now=now, until=change.over
    )
    visit = planned(other.plan)
    assert utc(visit.discharge_by) <= utc(start) or utc(ends) <= utc(visit.start)


# --- the command line ---------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path


def files(here: Path, change: Change, ward: Clinic, one: Course) -> str:
    """Write a course's files and return what commands call them."""
    (here / "protocol.toml").write_text(write_toml(protocol_to_dict(one.protocol)))
    (here / "clinic.toml").write_text(write_toml(clinic_to_dict(ward)))
    (here / "person.toml").write_text(write_toml(person_to_dict(PERSON)))
    (here / "course.toml").write_text(write_toml(course_to_dict(one)))
    named = (("--protocol", "protocol"), ("--clinic", "clinic"), ("--person", "person"))
    options = " ".join(f"{option} {here}/{file}.toml" for option, file in named)
    return f"{here}/course.toml {options}"


@ALL
def test_every_command_goes_across_it(
    change: Change, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    length = 60  # from 01:00 EDT to 01:00 EST

    def run(command: str) -> str:
        assert main(command.split()) == 0, capsys.readouterr()
        said = capsys.readouterr()
        assert said.err == ""
        return said.out

    ward = clinic(change)
    for n, start in enumerate(change.starts[1:5]):
        pin = Pinned(visit="stay-1", start=start, on=change.asked)
        inputs = files(here, change, ward, course(change, length, pin))
        out, asked = here / f"out-{n}", f"--as-of {change.asked}"
        run(f"plan {inputs} {asked} --out {out}")
        plan = plan_from_dict(read_json((out / "plan.json").read_text()))
        assert utc(planned(plan).start) == utc(start)
        course_only = inputs.split(" --clinic")[0]
        assert "stay" in run(f"dates {course_only} {asked}")
        assert "stay" in run(f"why {inputs} {asked}")
        assert run(f"explain {inputs} {asked}")
        options = inputs.partition(" ")
        assert run(f"check {out}/plan.json {options[0]} {options[2]}") == "Every rule is kept.\n"
        assert run(f"check {out}/clinic.ics {options[0]} {options[2]} {asked}")

        # Told as the plan says it, planned anew a minute before it begins and a minute after.
        knowing = course(change, length)
        text = write_toml(course_to_dict(knowing)) + "\n" + (out / "notified.toml").read_text()
        (here / "course.toml").write_text(text)
        for minutes in (-1, 1):
            now = later_by(start, timedelta(minutes=minutes))
            again = here / f"again-{n}-{minutes}"
            said = run(f"replan {inputs} --now {now.isoformat()} --out {again}")
            anew = plan_from_dict(read_json((again / "plan.json").read_text()))
            assert anew.schedule is not None
            if minutes < 0:
                assert [utc(one.start) for one in anew.schedule.visits] == [utc(start)]
            else:
                assert anew.schedule.visits == ()
                assert "Not recorded: stay, " in said
