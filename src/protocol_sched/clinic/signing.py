"""All plans of a clinic signed together: nothing is handed out that its judge refuses."""

from __future__ import annotations

from collections.abc import Sequence

from protocol_sched.clinic.seekers import Seeker
from protocol_sched.errors import InternalFault
from protocol_sched.formats.documents.documents import clinic_fault_to_dict, write_json
from protocol_sched.judge.clinic import Beside, clinic_violations
from protocol_sched.model.availability import Clinic
from protocol_sched.model.fault import RefusedClinic, RefusedCourse
from protocol_sched.model.schedule import Plan


def signed_together(plans: Sequence[Plan], seekers: Sequence[Seeker], clinic: Clinic) -> None:
    """
    Let the judge of the clinic look at all plans together.

    Raises:
        InternalFault: It finds something.
    """
    planned = [
        (plan, plan.schedule, seeker)
        for plan, seeker in zip(plans, seekers, strict=True)
        if plan.schedule is not None
    ]
    found = clinic_violations(
        (
            Beside(
                agenda=plan.agenda,
                schedule=schedule,
                protocol=seeker.protocol,
                person=seeker.person,
            )
            for plan, schedule, seeker in planned
        ),
        clinic,
    )
    if found:
        refused = RefusedClinic(
            clinic=clinic,
            courses=[
                RefusedCourse(
                    agenda=plan.agenda, protocol=seeker.protocol, person=seeker.person, plan=plan
                )
                for plan, _, seeker in planned
            ],
            violations=[str(one) for one in found],
        )
        document = write_json(clinic_fault_to_dict(refused))
        raise InternalFault("all of the clinic", found, document)
