"""What the visits of a gate came to: which result belongs to which of them, and which count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import attrs

from protocol_sched.expansion.history import History
from protocol_sched.model.agenda import PastVisit
from protocol_sched.model.course import Tested
from protocol_sched.model.gates import Gate


@attrs.frozen(kw_only=True)
class Results:
    """The visits given for a gate, by what they came to."""

    counted: frozenset[str] = frozenset()
    """The identities of those that end a row of as many passed as the gate asks for."""
    open: frozenset[str] = frozenset()
    """Those without a result, where the gate asks for a number; until it is told they count."""
    last: str = ""
    """The identity of the newest one; empty if none was given."""
    failed: Tested | None = None
    """The result of the newest one, if it was not passed."""
    in_a_row: int = 0
    """How many were passed since one was not."""
    failed_in_a_row: int = 0
    """How many were not passed since one was."""


def results_of(
    gate: Gate, visits: Iterable[PastVisit], history: History, until: date | None
) -> Results:
    """
    Return what the visits given for a gate came to.

    A result belongs to the last of them given by its date; of two, the later one counts. Without
    a number to pass, a visit was passed unless a result says otherwise.

    Args:
        visits: Those given for the gate, also for other treatments: a row runs on over them.
        until: The last date of interest; ``None`` is all that is on record.
    """
    row = sorted(
        (one for one in visits if one.counts and (until is None or one.on <= until)),
        key=lambda one: one.on,
    )
    told: dict[str, Tested] = {}
    for test in history.tested.get(gate.name, ()):
        before = [one for one in row if one.on <= test.on]
        if before and (until is None or test.on <= until):
            told[before[-1].id] = test
    found = Results()
    for one in row:
        result = told.get(one.id)
        passed = result is None or result.passes(gate)
        in_a_row = found.in_a_row + 1 if passed else 0
        counts = {one.id} if in_a_row >= gate.in_a_row else set()
        found = Results(
            counted=found.counted | counts,
            open=found.open | ({one.id} if gate.band and result is None else set()),
            last=one.id,
            failed=None if passed else result,
            in_a_row=in_a_row,
            failed_in_a_row=0 if passed else found.failed_in_a_row + 1,
        )
    return found
