"""What reading a course from another standard gives: a protocol, and all that it could not hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from protocol_sched.model.plain import as_tuple
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.typed import typed


@attrs.frozen(kw_only=True, field_transformer=typed)
class Note:
    """Something of a file that the protocol holds otherwise than it was said, or not at all."""

    kind: str
    """Of which sort it is: ``no window``, ``decision``, ``other timeline``."""
    where: str
    """The identifier in the file, or the path where there is none."""
    said: str
    """The file's own words or numbers."""
    became: str
    """What was made of it, in words."""

    def __str__(self) -> str:
        said = f": {self.said}" if self.said else ""
        return f"{self.kind} ({self.where}){said}; {self.became}"


def _read_only(names: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(names))


@attrs.frozen(kw_only=True, field_transformer=typed)
class Imported:
    """
    A course read from a file of another standard.

    Every number of the file is in the protocol or in a note, and nothing was guessed in silence.
    """

    protocol: Protocol
    day_one: str
    """Identity of the visit that all others are dated from; pin it, or record it as given."""
    notes: tuple[Note, ...] = attrs.field(converter=as_tuple)
    names: Mapping[str, str] = attrs.field(converter=_read_only, hash=False)
    """Identity of the visit that each identifier of the file became; stable between two readings of
    a changed file, as it is made from the names there."""
    kept: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Identifiers of the file's timings whose numbers the protocol holds."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Exported:
    """A file of another standard, and what it cannot hold of the protocol."""

    text: str
    notes: tuple[Note, ...] = attrs.field(converter=as_tuple)
