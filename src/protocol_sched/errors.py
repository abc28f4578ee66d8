"""What can be wrong with the input: few classes, frozen, with the parts kept as fields."""

from __future__ import annotations

import attrs


class ProtocolSchedError(Exception):
    """Base of every error this library raises on purpose."""


@attrs.frozen
class InvalidValue(ProtocolSchedError, ValueError):
    """A value was built from parts that cannot be true of it."""

    owner: str
    """The object, as a person would name it: ``stage 'infusion'``."""
    field: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.owner}: {self.field} must be {self.wanted}, got {self.found}"


@attrs.frozen
class UnknownName(ProtocolSchedError, LookupError):
    """Something is called by a name that nothing there bears."""

    owner: str
    field: str
    name: str
    known: tuple[str, ...]
    hint: str = ""
    """What else could be done, for the person who reads it."""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.owner}: {self.field} names {self.name!r}; {known_here(self.known)}{hint}"


MOST_NAMES = 20
"""Of more names than these none are listed."""


def known_here(names: tuple[str, ...]) -> str:
    """Return which names there are, or how many where nobody would read them all."""
    if len(names) > MOST_NAMES:
        return f"none of the {len(names)} known names"
    return f"known: {', '.join(names) or 'nothing'}"


@attrs.frozen
class NaiveMoment(ProtocolSchedError, ValueError):
    """A moment came without a time zone, so nobody can say when it is."""

    owner: str
    field: str
    found: str

    def __str__(self) -> str:
        return (
            f"{self.owner}: {self.field} must carry a time zone, got {self.found}; "
            f"use for example datetime(..., tzinfo=ZoneInfo('America/New_York'))"
        )


@attrs.frozen
class Fault:
    """One thing wrong in a document, and where."""

    path: str
    """Where in the document, as ``phases[0].separations[1].least``; empty for the whole."""
    says: str

    def __str__(self) -> str:
        return f"{self.path}: {self.says}" if self.path else self.says


@attrs.frozen
class InvalidDocument(ProtocolSchedError, ValueError):
    """A file or mapping cannot be read; every fault found in it is listed."""

    name: str
    """What was read: a file name, or ``protocol``."""
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        lines = "".join(f"\n  {fault}" for fault in self.faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        return f"{self.name}: {count}{lines}"


@attrs.frozen
class InvalidEvent(ProtocolSchedError, ValueError):
    """An event cannot have happened in this course; the course is unchanged."""

    course: str
    event: str
    reason: str

    def __str__(self) -> str:
        return f"course {self.course!r}: {self.event} is refused: {self.reason}"


@attrs.frozen
class InternalFault(ProtocolSchedError, RuntimeError):
    """
    A plan was made that its own judge refuses: a defect of this library, not of the input.

    Nothing was handed out. The document holds all inputs, so that the fault can be found; it
    also holds all that is known of the person.
    """

    course: str
    violations: tuple[object, ...]
    """What the judge says; ``str`` gives each sentence."""
    document: str
    """The inputs and the plan as JSON; `protocol_sched.formats.documents.documents.fault_from_dict`
    reads it back."""

    def __str__(self) -> str:
        lines = "".join(f"\n  {violation}" for violation in self.violations)
        return (
            f"course {self.course!r}: a plan was made and is not handed out, since the judge "
            f"refuses it. This is a defect of protocol_sched, not of your files.{lines}"
        )


@attrs.frozen
class MissingExtra(ProtocolSchedError, ImportError):
    """Something was asked for that needs a library which is installed only on demand."""

    purpose: str
    library: str
    extra: str

    def __str__(self) -> str:
        return f"{self.purpose} needs {self.library}: pip install 'protocol-sched[{self.extra}]'"
