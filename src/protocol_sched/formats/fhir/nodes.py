"""An object of a FHIR file with its path: fields are asked for by type and refused by place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from protocol_sched.errors import Fault, InvalidDocument
from protocol_sched.formats.elsewhere import kind_of

MOST_SAID = 300
"""Characters of a field that is not read, as a note quotes it."""


def refused(path: str, says: str) -> InvalidDocument:
    return InvalidDocument("FHIR file", (Fault(path, says),))


@attrs.frozen
class Node:
    """An object of the file."""

    fields: Mapping[str, Any]
    path: str = ""

    @classmethod
    def of(cls, found: object, path: str) -> Node:
        """Return what was found as a node; refused unless it is an object."""
        if not isinstance(found, dict):
            raise refused(path, f"must be an object, got {kind_of(found)}")
        return cls(found, path)

    def place(self, field: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{field}" if self.path else field

    def text(self, *names: str) -> str:
        """Return the first of some texts that is not empty; empty if none is there."""
        for name in names:
            found = self.fields.get(name)
            if found is not None and not isinstance(found, str):
                raise refused(self.place(name), f"must be a text, got {kind_of(found)}")
            if found and found.strip():
                return found.strip()
        return ""

    def inside(self, name: str) -> Node | None:
        """Return the object that a field holds; ``None`` if it is not there."""
        found = self.fields.get(name)
        return None if found is None else Node.of(found, self.place(name))

    def each(self, name: str) -> Iterator[Node]:
        """Yield the objects of a list; none if it is not there."""
        found = self.fields.get(name)
        if found is None:
            return
        if not isinstance(found, list):
            raise refused(self.place(name), f"must be a list, got {kind_of(found)}")
        for n, one in enumerate(found):
            yield Node.of(one, f"{self.place(name)}[{n}]")

    @property
    def called(self) -> str:
        """Return the last part of an extension's address in lower case: it is known by that."""
        url = self.fields.get("url")
        return url.rstrip("/").rsplit("/", 1)[-1].lower() if isinstance(url, str) else ""

    def rest(self, known: frozenset[str]) -> tuple[tuple[str, str], ...]:
        """Return the fields that are not known and say something, each with what it says."""
        return tuple(
            (field, quoted(value))
            for field, value in self.fields.items()
            if field not in known and not field.startswith("_") and value not in (None, "", [], {})
        )


def quoted(value: object) -> str:
    """Return what a field says, shortened."""
    written = value if isinstance(value, str) else json.dumps(value, default=str)
    return written if len(written) <= MOST_SAID else f"{written[:MOST_SAID]} ..."
