"""All plans of a clinic signed together: nothing is handed out that its judge refuses."""

from __future__ import annotations

from collections.abc import Sequence

from protocol_sched.clinic.seekers import Seeker
from protocol_sched.errors import InternalFault
from protocol_sched.judge.clinic import Beside, clinic_violations
from protocol_sched.model.availability import Clinic
from protocol_sched.model.schedule import Plan


def signed_together(plans: Sequence[Plan], seekers: Sequence[Seeker], clinic: Clinic) -> None:
    """
    Let the judge of the clinic look at all plans together.

    Raises:
        InternalFault: It finds something.
    """
    found = clinic_violations(
        (
            Beside(
                agenda=plan.agenda,
                schedule=plan.schedule,
                protocol=seeker.protocol,
                person=seeker.person,
            )
            for plan, seeker in zip(plans, seekers, strict=True)
            if plan.schedule is not None
        ),
        clinic,
    )
    if found:
        raise InternalFault("all of the clinic", found, "")
