"""The entries of an escort's calendar file: rides, and rides taken away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from icalendar import STATUS, Event

from protocol_sched.formats.ics import uids
from protocol_sched.formats.ics.file import MINUTE, CalendarFile, FormerRide
from protocol_sched.formats.ics.shared import LAST_ALARM, add_place
from protocol_sched.model.moments import later_by
from protocol_sched.model.schedule import Ride, Visit
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.privacy import Privacy, tells

AT_THE_DOOR = timedelta(minutes=15)
"""An escort's entry begins so long before the earliest discharge and ends so long after the
latest: time to park and to find the door. A convention of this library."""


def ride_event(
    file: CalendarFile, visit: Visit, named: bool = False, status: STATUS | None = None
) -> Event:
    """
    Return the entry of a ride; ``named`` says whose it is, in a file for several escorts.

    Its status is the escort's answer, unless another is given.
    """
    if file.cancelled(visit) or visit.ride is Ride.DECLINED:
        status = STATUS.CANCELLED
    elif status is None:
        status = STATUS.CONFIRMED if visit.ride is Ride.CONFIRMED else STATUS.TENTATIVE
    sequence = file.sequence(visit)
    if not file.cancelled(visit):
        sequence = dict(file.options.asked).get(visit.id, sequence)
    declined = visit.ride is Ride.DECLINED and not file.cancelled(visit)
    gone = file.words.cannot_drive if declined else ""
    return _ride_event(file, visit, named, status, sequence, gone)


def former_event(file: CalendarFile, ride: FormerRide) -> Event:
    """Return the entry that strikes a ride which was taken from its escort."""
    says = file.words.need_not_drive
    return _ride_event(file, ride.visit, False, STATUS.CANCELLED, ride.sequence, says)


def _ride_event(
    file: CalendarFile, visit: Visit, named: bool, status: STATUS, sequence: int, gone: str = ""
) -> Event:
    stay = _stay(file, visit)
    span = (
        later_by(visit.discharge, -AT_THE_DOOR),
        later_by(visit.discharge_by, AT_THE_DOOR + stay),
    )
    of = by = ""
    if file.privacy is Privacy.FULL:
        of = file.person.name or file.person.key
    if named and visit.escort and not tells(visit.escort, file.privacy, file.secrets()):
        by = visit.escort
    summary = file.words.pick_up(of, by)
    if status is STATUS.TENTATIVE:
        summary += file.words.please_confirm
    lines = _ride_home_lines(file, visit, stay)
    event = file.event(visit, uids.RIDE, span, summary, lines, status, sequence=sequence, gone=gone)
    add_place(file, event)
    if file.privacy is not Privacy.MINIMAL:
        event.categories = [file.words.ride]
    if status is not STATUS.CANCELLED:
        file.alarm(event, file.words.pick_up_in(ElapsedSpan(LAST_ALARM // MINUTE)), LAST_ALARM)
    return event


def _stay(file: CalendarFile, visit: Visit) -> timedelta:
    """Return how long the escort stays; zero where the protocol has the visit no more."""
    kinds = [kind for kind in file.protocol.visit_types if kind.name == visit.kind]
    rules = [kind.ride_home for kind in kinds if kind.ride_home is not None]
    return rules[0].stay_with.delta if rules else timedelta(0)


def _ride_home_lines(file: CalendarFile, visit: Visit, stay: timedelta) -> Iterator[str]:
    ready = file.between(visit.discharge, visit.discharge_by, visit.discharge)
    yield file.words.ready(ready, file.clock(visit.discharge))
    yield file.words.at_the_door(AT_THE_DOOR // MINUTE)
    if stay:
        yield file.words.stay(ElapsedSpan(stay // MINUTE))
    yield from file.phone()
    escorts = [e for e in file.person.escorts if e.name == visit.escort]
    yield from file.elsewhere(escorts[0].zone if escorts else None)
