"""The judge's signature: no plan is handed out that the checker refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from protocol_sched.errors import InternalFault
from protocol_sched.judge.checker import violations
from protocol_sched.judge.objective import objective
from protocol_sched.judge.violation import Violation
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.fault import Refused
from protocol_sched.model.objective import Level
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Keep, Plan

CHANGE = (Level.MOVED, Level.MINUTES_MOVED, Level.RIDES_CHANGED)
"""What a plan costs beside what people know, which a schedule does not show."""


def signed(
    plan: Plan,
    protocol: Protocol,
    clinic: Clinic,
    person: Person,
    *,
    first: date,
    last: date,
    keep: Mapping[str, Keep],
) -> Plan:
    """
    Return the plan, once the checker has found that it keeps every rule and costs what it says.

    Rules that no plan can keep any more are the exception: the plan names each, with its amount,
    and the checker refuses one that hides any.

    Args:
        first: The first date the plan could use.
        last: The last one.
        keep: How people knew the visits.

    Raises:
        InternalFault: The planner and the checker disagree, so one of them is wrong.
    """
    if plan.schedule is None:
        return plan
    found = (
        *violations(plan.agenda, plan.schedule, clinic, person, protocol),
        *_miscounted(plan, person),
        *_closed(plan),
    )
    if not found:
        return plan
    raise _fault(
        Refused(
            agenda=plan.agenda,
            protocol=protocol,
            clinic=clinic,
            person=person,
            first=first,
            last=last,
            keep=tuple(keep.items()),
            plan=plan,
            violations=tuple(str(one) for one in found),
        ),
        found,
    )


def _fault(refused: Refused, found: tuple[Violation, ...]) -> InternalFault:
    """Return the error that carries a file of all that was asked."""
    # Loaded only here: no plan without a fault is written.
    from protocol_sched.formats.documents.documents import fault_to_dict, write_json

    return InternalFault(refused.agenda.course, found, write_json(fault_to_dict(refused)))


def _closed(plan: Plan) -> Iterator[Violation]:
    """Yield visits that the plan has as settled though their dates depend on an open question."""
    open_ = {due.id: due.open for due in plan.agenda.dues}
    for visit in plan.schedule.visits if plan.schedule is not None else ():
        if visit.tentative != open_.get(visit.id, ""):
            wanted = open_.get(visit.id) or "settled"
            found = visit.tentative or "settled"
            yield Violation(rule="tentative", visits=(visit.id,), found=found, wanted=wanted)


def _miscounted(plan: Plan, person: Person) -> Iterator[Violation]:
    """Yield what the plan says it costs and does not."""
    if plan.schedule is None or plan.objective is None:
        return
    right = dict(objective(plan.agenda, plan.schedule, person).levels)
    for level, said in plan.objective.levels:
        if level not in CHANGE and said != (wanted := right[level]):
            found = f"the plan says {level.value.replace('_', ' ')} {said}"
            yield Violation(rule="objective", visits=(), found=found, wanted=str(wanted))
