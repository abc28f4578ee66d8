"""
Which names each reader may see: values of the model with what a level of privacy lets be told.

The page on privacy (`docs/privacy.md`) says it for every file and text.

==========  ==============  ======================  ======================
name of     minimal         neutral                 full
==========  ==============  ======================  ======================
a visit     *Appointment*   *Clinic appointment 3*  its title
a stage     nothing         nothing                 its own
a place     nothing         nothing                 its own
the clinic  nothing         its own, if harmless    its own
the person  nothing         their key, if harmless  their key, or the name
an escort   *escort*        their own, if harmless  their own
a reason    nothing         its own, if harmless    its own
the course  *Appointments*  *Clinic appointments*   the protocol's title
==========  ==============  ======================  ======================

A name is harmless if it holds no word listed in `text.privacy` and none of the `secrets_of` the
course. Pictures are drawn from these values; calendar files (`formats.ics.file`) and explanations
(`text.naming`, with words for each language) name things by the same table.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, DatedHours, Person
from protocol_sched.model.moments import utc
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Schedule, Visit
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.privacy import Privacy, tells
from protocol_sched.text.secrets import secrets_of


@attrs.frozen(kw_only=True)
class Shown:
    """A course with the names that a level of privacy lets be told; all times are as they were."""

    schedule: Schedule
    clinic: Clinic
    person: Person
    protocol: Protocol


def shown(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    privacy: Privacy,
    *,
    language: str = "en",
) -> Shown:
    """Return a course as a level tells it; at the full level as it is."""
    speech = LANGUAGES[language]
    words, earlier = speech.calendar, speech.tell("Earlier")
    if privacy is Privacy.FULL:
        return Shown(schedule=schedule, clinic=clinic, person=person, protocol=protocol)
    secrets = secrets_of(person, protocol)
    neutral = privacy is Privacy.NEUTRAL

    def told(text: str, instead: str = "") -> str:
        """Return a text where it may be told, else what stands for it."""
        return text if neutral and not tells(text, privacy, secrets) else instead

    def reasoned(dated: Iterable[DatedHours]) -> list[DatedHours]:
        return [attrs.evolve(one, why=told(one.why)) for one in dated]

    coming = sorted(schedule.visits, key=lambda visit: (utc(visit.start), visit.id))
    order = [*(one.id for one in schedule.past if one.kind), *(visit.id for visit in coming)]
    numbers = {identity: n for n, identity in enumerate(order, 1)}

    def called(identity: str) -> str:
        return words.numbered(numbers[identity]) if neutral else words.appointment

    def visit_of(visit: Visit) -> Visit:
        escort = told(visit.escort, speech.tell("escort")) if visit.escort is not None else None
        title = called(visit.id)
        hidden = attrs.evolve(visit, kind="", stages=(), places=(), staff=())
        return attrs.evolve(hidden, title=title, escort=escort)

    past = [
        attrs.evolve(one, title=called(one.id) if one.kind else earlier) for one in schedule.past
    ]
    return Shown(
        schedule=attrs.evolve(
            schedule,
            course=told(schedule.course, speech.tell("course")),
            visits=[visit_of(visit) for visit in schedule.visits],
            past=past,
            slacks=(),
            questions=(),
        ),
        clinic=attrs.evolve(
            clinic,
            name=told(clinic.name, speech.plain.clinic if neutral else speech.tell("office")),
            closures=reasoned(clinic.closures),
            extra_openings=reasoned(clinic.extra_openings),
        ),
        person=attrs.evolve(
            person, key=told(person.key, speech.tell("person")), name="", away=reasoned(person.away)
        ),
        protocol=attrs.evolve(
            protocol, title=words.clinic_appointments if neutral else words.appointments
        ),
    )


def shown_plan(
    plan: Plan, clinic: Clinic, person: Person, protocol: Protocol, privacy: Privacy
) -> Plan:
    """
    Return a plan as a level tells it: when visits are and who takes the person home.

    Below the full level nothing says what a visit is: no kind, phase, stage, place or staff, no
    identity of its own, no rule, date of a rule, question or conflict. Such a plan can be read and
    drawn; it cannot be checked, and nothing can be planned from it.
    """
    if privacy is Privacy.FULL:
        return plan
    agenda = plan.agenda
    schedule = None
    course = "course"
    if plan.schedule is not None:
        told = shown(plan.schedule, clinic, person, protocol, privacy).schedule
        course = told.course
        schedule = attrs.evolve(
            told,
            visits=[_without_kind(n, visit) for n, visit in enumerate(told.visits, 1)],
            past=[attrs.evolve(one, id=f"past-{n}", kind="") for n, one in enumerate(told.past, 1)],
            breaches=(),
            later=[f"later-{n}" for n, _ in enumerate(told.later, 1)],
        )
    return Plan(
        proof=plan.proof,
        agenda=Agenda(
            course=course,
            protocol="plan",
            as_of=agenda.as_of,
            month_end=agenda.month_end,
            dues=(),
            bindings=(),
        ),
        schedule=schedule,
        objective=plan.objective,
        work=plan.work,
    )


def _without_kind(number: int, visit: Visit) -> Visit:
    return attrs.evolve(
        visit,
        id=f"appointment-{number}",
        phase="",
        ordinal=number,
        type_ordinal=number,
        waits_for=(),
        tentative="provisional" if visit.tentative else "",
    )
