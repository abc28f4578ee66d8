"""
A plan as FHIR R4 Appointments: visits with a time, visits still to be placed, visits called off.

An appointment is known by the identity that the person's calendar entry has, so that a plan made
again changes the same resources.

Source:
    HL7, FHIR 4.0.1, Appointment: with both times or with neither, and with neither only where it is
    proposed, cancelled or on a waiting list (rules app-2, app-3).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from protocol_sched.errors import InvalidValue
from protocol_sched.formats.ics.uids import PATIENT_VISIT, digest
from protocol_sched.model.agenda import Due, PastVisit
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Course, Notified
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.moments import elapsed
from protocol_sched.model.notifying import once_notified
from protocol_sched.model.schedule import Plan, Ride, Visit

ESCORT = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
            "code": "ESC",
            "display": "escort",
        }
    ]
}
_ANSWERS = {Ride.CONFIRMED: "accepted", Ride.DECLINED: "declined", Ride.UNCONFIRMED: "needs-action"}
BUNDLES = ("collection", "transaction")


def write_appointments(
    plan: Plan,
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    domain: str = "calendar.invalid",
    patient: str = "",
    bundle: str = "collection",
) -> str:
    """
    Return a plan as a Bundle of FHIR R4 Appointments, in JSON.

    A visit with a time is ``booked``, one that depends on an open question ``proposed``; one
    without a time is ``proposed`` with its possible dates as ``requestedPeriod``, which those
    with a time have too. What people were told of and no longer takes place is ``cancelled``, and
    what was given is ``fulfilled`` where its times are known. Who takes the person home is a
    participant of the type ESC with the answer they gave; where nobody is named yet, without an
    actor.

    Args:
        plan: With a schedule or without one.
        course: What people were told, what was called off and who said yes come from its events.
        domain: What follows the ``@`` in identities, as in calendar files.
        patient: Reference to the person's own resource, such as ``Patient/17``; without it they are
            named by key and name.
        bundle: ``collection``, or ``transaction`` to be sent to a server: each appointment is then
            put in its place.

    Raises:
        InvalidValue: The plan is of another course, or another word for ``bundle``.
    """
    if bundle not in BUNDLES:
        raise InvalidValue("write_appointments", "bundle", repr(bundle), " or ".join(BUNDLES))
    made = _Appointments(plan, course, clinic, person, domain, patient)
    entries = []
    for one in made.all():
        entry: dict[str, Any] = {"fullUrl": f"urn:uuid:{_uuid(one['id'])}", "resource": one}
        if bundle == "transaction":
            entry["request"] = {"method": "PUT", "url": f"Appointment/{one['id']}"}
        entries.append(entry)
    document: dict[str, Any] = {"resourceType": "Bundle", "type": bundle}
    if entries:
        document["entry"] = entries
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


class _Appointments:
    def __init__(
        self,
        plan: Plan,
        course: Course,
        clinic: Clinic,
        person: Person,
        domain: str,
        patient: str,
    ) -> None:
        self.plan, self.course, self.clinic, self.person = plan, course, clinic, person
        self.domain, self.patient = domain, patient
        schedule = plan.schedule
        self.known = last_notices(course) if schedule is None else once_notified(schedule, course)
        self.dues = {due.id: due for due in plan.agenda.dues}

    def all(self) -> Iterator[dict[str, Any]]:
        schedule = self.plan.schedule
        placed = [] if schedule is None else list(schedule.visits)
        past = [] if schedule is None else list(schedule.past)
        seen = {one.id for one in placed}
        for given in past:
            if given.kind and given.counts and given.start and given.end and given.id not in seen:
                seen.add(given.id)
                yield self._given(given)
        for visit in placed:
            yield self._placed(visit)
        for due in self.dues.values():
            if due.id not in seen:
                seen.add(due.id)
                yield self._to_place(due)
        for identity, one in self.known.items():
            if identity not in seen and one.cancelled:
                yield self._cancelled(one.notice)

    def _base(self, visit: str, status: str) -> dict[str, Any]:
        identity = digest(self.course.key, visit, PATIENT_VISIT)
        return {
            "resourceType": "Appointment",
            "id": identity,
            "identifier": [{"use": "official", "value": f"{identity}@{self.domain}"}],
            "status": status,
        }

    def _placed(self, visit: Visit) -> dict[str, Any]:
        due = self.dues.get(visit.id)
        tentative = bool(visit.tentative) or (due is not None and due.tentative)
        return {
            **self._base(visit.id, "proposed" if tentative else "booked"),
            "serviceType": [{"text": visit.kind}],
            "description": visit.title,
            **self._times(visit.start, visit.discharge_by),
            "participant": list(self._participants(visit)),
            **self._period(due),
        }

    def _given(self, past: PastVisit) -> dict[str, Any]:
        assert past.start is not None
        assert past.end is not None
        return {
            **self._base(past.id, "fulfilled"),
            "serviceType": [{"text": past.kind}],
            "description": past.title,
            **self._times(past.start, past.end),
            "participant": [self._patient()],
        }

    def _to_place(self, due: Due) -> dict[str, Any]:
        return {
            **self._base(due.id, "proposed"),
            "serviceType": [{"text": due.kind}],
            "description": due.title,
            "participant": [self._patient()],
            **self._period(due),
        }

    def _cancelled(self, notice: Notified) -> dict[str, Any]:
        return {
            **self._base(notice.visit, "cancelled"),
            **self._times(notice.start, notice.discharge_by),
            "participant": [self._patient()],
        }

    def _times(self, start: datetime, end: datetime) -> dict[str, Any]:
        minutes = elapsed(start, end) // timedelta(minutes=1)
        zone = self.clinic.zone
        times = {
            name: at.astimezone(zone).isoformat() for name, at in (("start", start), ("end", end))
        }
        return {**times, **({"minutesDuration": minutes} if minutes else {})}

    def _period(self, due: Due | None) -> dict[str, Any]:
        """Return the dates a visit may have: the earliest and the latest, both allowed."""
        if due is None:
            return {}
        first, last = due.earliest or due.foreseen, due.latest
        if first is not None and last is not None and last.day < first.day:
            last = None  # its last date has passed; a period may not end before it begins
        ends = {"start": first, "end": last}
        period = {name: end.day.isoformat() for name, end in ends.items() if end is not None}
        return {"requestedPeriod": [period]} if period else {}

    def _patient(self) -> dict[str, Any]:
        if self.patient:
            actor: dict[str, Any] = {"reference": self.patient}
        else:
            actor = {"type": "Patient", "identifier": {"value": self.person.key}}
        if self.person.name:
            actor["display"] = self.person.name
        return {"actor": actor, "required": "required", "status": "accepted"}

    def _participants(self, visit: Visit) -> Iterator[dict[str, Any]]:
        yield self._patient()
        names = [self.clinic.name, *(name for _, name in visit.places)]
        for name in filter(None, names):
            actor = {"type": "Location", "display": name}
            yield {"actor": actor, "required": "required", "status": "accepted"}
        for name in dict.fromkeys(one.name for one in visit.staff):
            actor = {"type": "Practitioner", "display": name}
            yield {"actor": actor, "required": "required", "status": "accepted"}
        if visit.ride is None or visit.waived:
            return
        told = self.known.get(visit.id)
        ride = visit.ride if told is None or told.ride is None else told.ride
        escort: dict[str, Any] = {"type": [ESCORT]}
        if visit.escort is not None:
            escort["actor"] = {"type": "RelatedPerson", "display": visit.escort}
        answer = _ANSWERS[ride] if visit.escort is not None else "needs-action"
        yield {**escort, "required": "required", "status": answer}


def _uuid(digits: str) -> str:
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(parts)
