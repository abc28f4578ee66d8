"""How many new courses a week a clinic carries, where the answer is known by hand."""

from __future__ import annotations

from xml.etree import ElementTree

import attrs
import pytest

from protocol_sched.clinic.capacity import Share, capacity
from protocol_sched.clinic.courses import Case
from protocol_sched.errors import InvalidValue
from protocol_sched.formats.svg.capacity import capacity_picture
from protocol_sched.model.availability import Clinic, Hours, Person, Place, Staff
from protocol_sched.model.clinic_capacity import Chances, ClinicCapacity
from protocol_sched.model.course import Course
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.text.clinic_capacity import bound_by, capacity_text
from test_clinic_plan import MONDAY, UTC
from test_clinic_replan import protocol


def clinic(chairs: int, nurses: int) -> Clinic:
    """Return a clinic that is open for eight hours on five days a week."""
    return Clinic(
        name="Small",
        zone=UTC,
        hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], "09:00-17:00")),
        places=[Place(name=f"chair {n + 1}", kind="chair") for n in range(chairs)],
        staff=[Staff(kind="nurse", units=nurses)],
        start_every=60,
    )


def share(what: Protocol, key: str = "a", weight: int = 1) -> Share:
    person = Person(key=f"person-{key}")
    return Share(case=Case(course=Course(key=key, protocol=what), person=person), weight=weight)


def found(
    place: Clinic, *mix: Share, chances: Chances | None = None, seed: int = 1, weeks: int = 8
) -> ClinicCapacity:
    return capacity(place, mix, as_of=MONDAY, weeks=weeks, within=4, chances=chances, seed=seed)


FOUR_HOURS = share(protocol(1, 4))


def test_a_chair_takes_two_visits_of_half_a_day_on_each_of_five_days() -> None:
    one = found(clinic(1, 2), FOUR_HOURS)
    assert (one.rate, one.binding, one.overruns) == (10, ("chair",), False)
    assert (one.visits, one.missed, one.late) == (80, 0, 0)
    chair, nurse = one.loads
    assert (chair.kind, nurse.kind) == ("chair", "nurse")
    assert max(chair.weeks) <= 1
    assert sum(chair.weeks[2:-2]) == pytest.approx(4)
    assert [2 * load for load in nurse.weeks] == pytest.approx(chair.weeks)
    # One more a week than there is room for: they wait longer from week to week.
    assert one.beyond[0] < one.beyond[-1] == 5


def test_the_nurse_binds_where_there_are_chairs_enough_and_both_where_neither_is() -> None:
    assert found(clinic(3, 1), FOUR_HOURS).binding == ("nurse",)
    both = found(clinic(1, 1), FOUR_HOURS)
    assert (both.rate, both.binding) == (10, ("chair", "nurse"))


def test_courses_come_in_turn_as_often_as_they_weigh() -> None:
    # Three courses of one visit and one of two, of eight hours each, are five days together.
    mix = (share(protocol(1, 8), "one", 3), share(protocol(2, 8), "two"))
    one = found(clinic(1, 1), *mix)
    assert (one.rate, one.visits) == (4, 40)


def test_who_does_not_come_takes_room_twice() -> None:
    some, again = (found(clinic(1, 1), FOUR_HOURS, chances=Chances(no_show=0.25)) for _ in "ab")
    assert some == again
    assert some.missed > 0
    # Of four visits one is missed, and again of those made up for: at the best there is room for
    # three quarters of ten.
    assert 5 <= some.rate <= 8
    assert some.visits == some.rate * 8 + some.missed


def test_visits_that_take_longer_make_those_after_them_late() -> None:
    always = Chances(overrun=1.0, overrun_minutes=60, late=0.0)
    one = found(clinic(1, 1), FOUR_HOURS, chances=always)
    # Each makes the next of its day late, so that one a day is all. Of four a week one asks on
    # Saturday, and shares Monday.
    assert (one.rate, one.overruns, one.binding) == (3, True, ())
    assert found(clinic(1, 1), FOUR_HOURS, chances=attrs.evolve(always, late=0.5)).rate == 10


TEXT = """\
The clinic carries 10 new courses a week for 8 weeks; none begins more than 4 days later than it
would in an empty clinic. First to run out: chair.

taken of  on average  in the fullest week
--------  ----------  -------------------
chair     98 %        100 %
nurse     49 %        50 %
"""


def test_it_is_said_and_drawn() -> None:
    one = found(clinic(1, 2), FOUR_HOURS)
    assert capacity_text(one) == TEXT
    late = attrs.evolve(one, binding=(), overruns=True, missed=1, late=2)
    assert (
        capacity_text(late)
        .partition("\n\n")[0]
        .replace("\n", " ")
        .endswith(
            " With one more a week too many visits would begin late. Of 80 visits, 1 was missed "
            "and made up for later. 2 visits began more than a quarter of an hour late."
        )
    )
    hours = bound_by(attrs.evolve(one, binding=()))
    assert hours == "More places or staff would not allow one more a week: the hours are too short."
    assert bound_by(attrs.evolve(one, binding=("chair", "nurse"))) == (
        "First to run out: chair and nurse."
    )
    drawn = ElementTree.fromstring(capacity_picture(one, "Small <1>"))
    says = [node.text for node in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert says[0] == "Small <1>: 10 new courses a week"
    assert "chair: 100 % in the fullest week" in says
    assert f"week {len(one.beyond)}, 11 a week: 5 days" in says


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(InvalidValue, match="mix must be one course or more"):
        found(clinic(1, 1))
    with pytest.raises(InvalidValue, match="courses with a plan in the clinic"):
        found(clinic(1, 1), share(protocol(1, 9)))
    with pytest.raises(InvalidValue, match="courses whose rules count days"):
        found(clinic(1, 1), share(protocol(2, 1, in_hours=True)))
    with pytest.raises(InvalidValue, match="no_show must be from 0 to 1"):
        Chances(no_show=5)
