"""The entries of tests that a visit waits for: between which days each has to be done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from icalendar import STATUS, Event, vText

from protocol_sched.formats.ics import uids
from protocol_sched.formats.ics.file import CalendarFile
from protocol_sched.formats.ics.words import one_line
from protocol_sched.model.agenda import Need
from protocol_sched.model.gates import Gate
from protocol_sched.model.schedule import Visit
from protocol_sched.text.privacy import Privacy, tells


def events_before(file: CalendarFile, visit: Visit) -> Iterator[Event]:
    """
    Yield an entry for each test that a visit still waits for, in the order of the protocol.

    It fills whole days, from the first to the last on which the test counts, and blocks none of
    them: many programs show no tasks (VTODO), and none of them a window. What is received, such as
    a drug that was ordered, is not for the person to do. Of a visit cancelled all its tests are.
    """
    gates = [gate for gate in file.protocol.gates if gate.visit is None and not gate.receipt]
    waits = {need.gate: need for need in visit.waits_for if need.latest is not None}
    for number, gate in enumerate(gates[: uids.MOST_TESTS], 1):
        need = waits.get(gate.name)
        if need is not None and need.latest is not None and not file.cancelled(visit):
            yield _event(file, visit, number, gate, need, need.latest)
        elif file.cancelled(visit) and _guards(gate, visit):
            # Nobody knows which of them were done, and one that was is no worse for it.
            yield _event(file, visit, number, gate, None, visit.day)


def _guards(gate: Gate, visit: Visit) -> bool:
    return gate.phase in (None, visit.phase) and (gate.each_cycle or visit.ordinal in gate.before)


def _event(
    file: CalendarFile, visit: Visit, number: int, gate: Gate, need: Need | None, last: date
) -> Event:
    name = one_line(gate.name)
    if tells(name, file.privacy, file.secrets()):
        name = ""
    first = last if need is None or need.earliest is None else min(need.earliest, last)
    lines: list[str] = []
    if need is not None:
        lines = [file.words.test_between(need.earliest, last)]
        if file.privacy is Privacy.MINIMAL:
            lines.append(file.words.instructions)
        else:
            lines += [*([] if name else [file.words.test_unnamed]), *file.phone()]
    event = file.event(
        visit,
        uids.before_visit(number),
        (first, last + timedelta(days=1)),
        file.words.test_before(name, file.title(visit)),
        lines,
        STATUS.CANCELLED if need is None else STATUS.CONFIRMED,
        transparent=True,
    )
    parent = file.uid(uids.PATIENT_VISIT, visit.id)
    event.related_to = [vText(parent, params={"RELTYPE": "PARENT"})]
    return event
