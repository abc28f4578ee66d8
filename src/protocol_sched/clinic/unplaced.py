"""What would help the courses of a clinic for which there was no room beside the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from protocol_sched.clinic.courses import Case, booked, held_by
from protocol_sched.clinic.plan import ClinicPlan
from protocol_sched.model.availability import Clinic
from protocol_sched.model.explanation import Explanation
from protocol_sched.planning.explain import explain_course


def explain_unplaced(
    found: ClinicPlan,
    cases: Sequence[Case],
    clinic: Clinic,
    *,
    as_of: date,
    now: datetime | None = None,
    count: int = 3,
) -> Mapping[str, Explanation]:
    """
    Say of each course without a plan what stands in its way beside all the others as they are.

    Args:
        found: What `plan_clinic` said to these cases.
        count: As for `explain_course`.

    Returns:
        By the keys of the courses, in their order.
    """
    holding = [
        one
        for case, plan in zip(cases, found.plans, strict=True)
        if plan.schedule is not None
        for one in held_by(plan.schedule.visits, case.course.protocol_on(as_of), clinic)
    ]
    around = booked(clinic, holding)
    return {
        case.course.key: explain_course(
            case.course, around, case.person, as_of=as_of, now=now, count=count
        )
        for case, plan in zip(cases, found.plans, strict=True)
        if plan.schedule is None
    }
