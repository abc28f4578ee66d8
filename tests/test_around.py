"""Published rules about the visit itself and the hours around it, each with its source."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from protocol_sched import catalog, plan_course, read_clinic, read_person
from protocol_sched.errors import NaiveMoment
from protocol_sched.model.around import companion_windows
from protocol_sched.model.course import Course
from protocol_sched.model.schedule import Schedule

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
    """Source luta: one 4 to 24 h after, none less than 4 weeks before the next dose."""
    (kind,) = catalog.load("lutetium-dotatate").visit_types
    start = datetime(2027, 3, 14, 13, tzinfo=NEW_YORK)  # the clocks went forward that night
    found = [
        (one.name.split("-")[0], one.barred, one.first, one.last)
        for one in companion_windows(kind, start, start + timedelta(hours=6))
    ]
    after = datetime(2027, 3, 14, 19, tzinfo=NEW_YORK)
    assert found == [
        ("long", False, after + timedelta(hours=4), after + timedelta(hours=24)),
        ("long", True, date(2027, 2, 15), date(2027, 3, 14)),
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
