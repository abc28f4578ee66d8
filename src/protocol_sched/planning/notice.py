"""How soon visits may be that need notice, counted from the moment at which a plan is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from protocol_sched.model.agenda import Agenda, FixedAt, Noticed
from protocol_sched.model.around import tasks
from protocol_sched.model.availability import Clinic
from protocol_sched.model.moments import later_by
from protocol_sched.model.open_days import notice_ends
from protocol_sched.model.protocol import Protocol


def with_notice(
    agenda: Agenda,
    protocol: Protocol,
    clinic: Clinic,
    now: datetime,
    stays: Mapping[str, datetime],
) -> Agenda:
    """
    Return the agenda with the first moment of each visit that needs notice.

    So does one for which something is done ahead: it cannot be before that is ready.

    Args:
        now: The moment from which notice is counted.
        stays: When people know visits to be, by identity; there a visit may stay. One that a
            clinician fixed to a moment needs no notice.
    """
    notices = {kind.name: kind.notice for kind in protocol.visit_types if kind.notice is not None}
    ahead = {
        kind.name: kind
        for kind in protocol.visit_types
        if any(ready.ahead is not None for ready in kind.preparation)
    }
    if not notices and not ahead:
        return agenda
    fixed = {rule.visit for rule in agenda.bindings if isinstance(rule, FixedAt)}
    firsts = {name: notice_ends(notice, now, clinic) for name, notice in notices.items()}
    added = [
        Noticed(
            rule="notice",
            visit=due.id,
            notice=notices[due.kind],
            not_before=firsts[due.kind],
            stays=stays.get(due.id),
        )
        for due in agenda.dues
        if due.kind in notices and due.id not in fixed
    ]
    added += [
        Noticed(
            rule="notice",
            visit=due.id,
            work=task.work.name,
            not_before=later_by(now, timedelta(minutes=-task.start)),
            stays=stays.get(due.id),
        )
        for due in agenda.dues
        if due.kind in ahead and due.id not in fixed
        for task in tasks(ahead[due.kind], due.type_ordinal)
        if task.end < 0
    ]
    return attrs.evolve(agenda, bindings=(*agenda.bindings, *added))
