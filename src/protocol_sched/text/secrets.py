"""What no text below the full level may have beside the words that are barred for everyone."""

from __future__ import annotations

import re

from protocol_sched.model.availability import Person
from protocol_sched.model.protocol import Protocol


def secrets_of(person: Person, protocol: Protocol) -> tuple[str, ...]:
    """Return the person's name and the words of the protocol's name and title."""
    return (person.name, *re.findall(r"[^\W\d_]{5,}", f"{protocol.name} {protocol.title}"))
