"""Short notice, compared whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

from protocol_sched import catalog
from protocol_sched.model.schedule import Ride
from protocol_sched.text.plans import notice_text
from samples import schedule, visit

PROTOCOL = catalog.load("ketamine-migraine")
START = datetime(2027, 3, 14, 8, tzinfo=ZoneInfo("America/New_York"))


def said(before: timedelta, **more: object) -> str:
    """Return what is said so long before one infusion begins, in real time."""
    one = attrs.evolve(visit("induction-1", START, escort="Priya", **more), title="infusion 1")  # type: ignore[arg-type]
    now = (START.astimezone(ZoneInfo("UTC")) - before).astimezone(ZoneInfo("Asia/Tokyo"))
    return "\n".join(notice_text(schedule(one), PROTOCOL, now).replace("\n  ", " ").splitlines())


def test_a_visit_nearer_than_its_fasting_and_its_ride_says_so() -> None:
    assert said(timedelta(minutes=30)) == (
        "Infusion 1 begins in 30 minutes; its instructions are no solid food for 6 hours and no "
        "clear liquids for 2 hours before it.\n"
        "The ride home from infusion 1 had to be confirmed by Sat 13 March 2027 at 07:00."
    )


def test_what_can_still_be_kept_is_not_remarked_upon() -> None:
    assert said(timedelta(hours=24)) == ""
    assert said(timedelta(hours=6), ride=Ride.CONFIRMED) == ""
    assert said(timedelta(hours=5, minutes=59), ride=Ride.CONFIRMED) == (
        "Infusion 1 begins in 5 hours 59 minutes; its instructions are no solid food for 6 hours "
        "before it."
    )


def test_a_visit_whose_time_is_over_is_named() -> None:
    assert said(-timedelta(minutes=1)) == (
        "Infusion 1 would have begun on Sun 14 March 2027 at 08:00, which is over."
    )
