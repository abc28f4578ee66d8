"""Published rules about the visit itself and the hours around it, each with its source."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched import catalog, plan_course, read_clinic, read_person
from protocol_sched.errors import InvalidValue, NaiveMoment
from protocol_sched.model.around import companion_windows
from protocol_sched.model.availability import Clinic, Commitment, Hours, Person
from protocol_sched.model.course import Course
from protocol_sched.model.rules import NoDriving
from protocol_sched.model.schedule import Schedule
from protocol_sched.model.spans import elapsed_span
from protocols import TREATMENT, every, phase, protocol

EXAMPLES = Path(__file__).parents[1] / "examples"
NEW_YORK = ZoneInfo("America/New_York")


def planned(name: str, clinic: str) -> Schedule:
    """Plan a protocol of the catalog from 1 March 2027 on, for a person free on any day."""
    course = Course(key="c", protocol=catalog.load(name), start=date(2027, 3, 1))
    person = read_person((EXAMPLES / "person-any-day.toml").read_text())
    where = read_clinic((EXAMPLES / clinic).read_text())
    until = date(2027, 6, 30)
    plan = plan_course(course, where, person, as_of=date(2027, 2, 20), until=until)
    assert plan.schedule is not None
    return plan.schedule


def test_lutetium_bars_and_asks_for_companions_on_both_sides_of_a_dose() -> None:
    """Source luta: an injection 4 to 24 h after, none in the 4 weeks before the next dose."""
    (kind,) = catalog.load("lutetium-dotatate").visit_types
    start = datetime(2027, 3, 14, 13, tzinfo=NEW_YORK)  # the clocks went forward that night
    found = [
        (one.name.split("-")[0], one.barred, one.first, one.last)
        for one in companion_windows(kind, start, start + timedelta(hours=6))
    ]
    after = datetime(2027, 3, 14, 19, tzinfo=NEW_YORK)
    assert found == [
        ("long", False, after + timedelta(hours=4), after + timedelta(hours=24)),
        ("long", True, date(2027, 2, 14), date(2027, 3, 14)),
        # 24 real hours before 13:00 summer time is 12:00 winter time.
        ("short", True, datetime(2027, 3, 13, 12, tzinfo=NEW_YORK), start),
    ]


def test_companions_of_a_moment_without_a_zone_are_refused() -> None:
    (kind,) = catalog.load("lutetium-dotatate").visit_types
    with pytest.raises(NaiveMoment):
        companion_windows(kind, datetime(2027, 3, 14), datetime(2027, 3, 15))  # noqa: DTZ001


def test_sigtermans_infusion_is_one_visit_of_4_2_days_over_midnights() -> None:
    """Source sigtermans: one infusion of 100.8 hours."""
    schedule = planned("ketamine-crps-inpatient-sigtermans", "inpatient-clinic.toml")
    stay = next(visit for visit in schedule.visits if visit.kind != "review")
    (infusion,) = [stage for stage in stay.stages if "infusion" in stage.name]
    assert infusion.end.timestamp() - infusion.start.timestamp() == 100.8 * 3600
    assert infusion.end.date() - infusion.start.date() >= timedelta(days=4)


def test_esketamine_driving_is_again_from_the_next_day_on() -> None:
    """Source esk_hcp: no driving until the next day after restful sleep."""
    schedule = planned("esketamine-depression", "clinic.toml")
    for visit in schedule.visits:
        assert visit.no_driving_until == visit.day + timedelta(days=1)
        assert visit.discharge.timestamp() - visit.start.timestamp() >= 2 * 3600


NIGHT_BUS = {"Tuesday": "00:30-05:00", "Friday": "00:30-05:00"}


def evenings(*commitments: Commitment, rest: str = "8 hours") -> date | None:
    """Plan one session on a Monday, Tuesday or Wednesday evening until 19:30; return its date."""
    sober = NoDriving(until="next day", rest=elapsed_span(rest), source="local")
    session = attrs.evolve(TREATMENT, name="infusion", no_driving=sober)
    one = attrs.evolve(protocol(phase("session", every("1 day"), "1")), visit_types=[session])
    course = Course(key="c", protocol=one, start=date(2027, 3, 1))
    hours = dict.fromkeys(("Monday", "Tuesday", "Wednesday"), "19:00-19:30")
    clinic = Clinic(name="Clinic", zone=ZoneInfo("America/Chicago"), hours=Hours.of(hours))
    person = Person(key="p", commitments=commitments)
    plan = plan_course(course, clinic, person, as_of=date(2027, 3, 1), until=date(2027, 3, 7))
    assert plan.schedule is not None
    return plan.schedule.visits[0].day if plan.schedule.visits else None


def driving(hours: dict[str, str], *, what: str = "night bus", drives: bool = True) -> Commitment:
    return Commitment(what=what, hours=Hours.of(hours), driving=drives)


def test_nobody_drives_a_night_bus_before_a_nights_rest() -> None:
    """
    Esketamine's label: no driving until the next day after a restful sleep.

    Midnight is the next day, and no night's rest.
    """
    assert evenings() == date(2027, 3, 1)
    assert evenings(driving(NIGHT_BUS)) == date(2027, 3, 2)


@pytest.mark.parametrize(
    ("hours", "rest", "day"),
    [
        ("03:30-04:00", "8 hours", date(2027, 3, 1)),  # 19:30 and 8 hours
        ("03:15-04:00", "8 hours", date(2027, 3, 2)),
        ("00:00-00:30", "1 hour", date(2027, 3, 1)),  # rested, and the next day has begun
        ("23:00-24:00", "1 hour", date(2027, 3, 1)),  # on Tuesday evening
    ],
)
def test_a_drive_leaves_time_for_the_rest_that_a_protocol_asks_for(
    hours: str, rest: str, day: date
) -> None:
    assert evenings(driving({"Tuesday": hours}), rest=rest) == day


def test_a_rest_before_midnight_does_not_make_it_the_next_day() -> None:
    assert evenings(driving({"Monday": "23:00-24:00"}), rest="1 hour") == date(2027, 3, 2)


def test_what_breaks_the_night_is_no_rest() -> None:
    """A watch from 22:00 to 05:00 leaves 2.5 hours before it and 1 hour before the drive."""
    watch = driving({"Monday": "22:00-24:00", "Tuesday": "00:00-05:00"}, drives=False)
    early = driving({"Tuesday": "06:00-07:00"}, what="school run")
    assert evenings(early) == date(2027, 3, 1)
    assert evenings(watch, early) == date(2027, 3, 2)


def test_a_rest_belongs_to_the_next_day_and_not_to_hours() -> None:
    with pytest.raises(InvalidValue, match="rest must be nothing where until is not 'next day'"):
        NoDriving(until="24 hours", rest=elapsed_span("8 hours"), source="local")
