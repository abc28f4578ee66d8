"""JSON Schema of each kind of file, walked from the model, so that editors complete and check."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, assert_never

from protocol_sched.errors import UnknownName
from protocol_sched.formats.documents.shape import WINDOWS as HOURS
from protocol_sched.formats.documents.shape import (
    Choice,
    Listing,
    NameOr,
    OneOf,
    Plain,
    Record,
    Shape,
    Table,
    Text,
    Weekly,
    When,
    fields,
    words,
)
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Course
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = rf"{_DAY}[Tt ][0-9]{{2}}:[0-9]{{2}}.*(?:[Zz]|[+-][0-9]{{2}}:[0-9]{{2}}).*"
_KINDS = {str: "string", int: "integer", float: "number", bool: "boolean"}

Schema = dict[str, Any]


KINDS: Mapping[str, type] = {
    "protocol": Protocol,
    "clinic": Clinic,
    "person": Person,
    "course": Course,
    "plan": Plan,
}
"""What each kind of file holds."""


def schema_of(name: str) -> Schema:
    """
    Return the JSON Schema (draft 2020-12) of one kind of file.

    It accepts every value that `protocol_sched.formats.documents.documents` writes, such as
    `protocol_to_dict`, and refuses unknown and missing keys, wrong types, and texts not of their
    form. What needs more than one place to see, such as a name that nothing bears, only reading
    finds. Dates and moments are texts, as JSON has no others.

    Args:
        name: ``protocol``, ``clinic``, ``person``, ``course`` or ``plan``.

    Raises:
        UnknownName: There is no such kind.
    """
    if name not in KINDS:
        raise UnknownName("schema", "name", name, tuple(KINDS))
    walk = _Walk()
    schema = {
        "$schema": DIALECT,
        "title": f"protocol_sched {name}",
        **walk.record(KINDS[name]),
    }
    return {**schema, "$defs": dict(sorted(walk.defs.items()))}


class _Walk:
    """Collects one definition for each class and text form that is met."""

    def __init__(self) -> None:
        self.defs: dict[str, Schema] = {}

    def schema(self, shape: Shape) -> Schema:
        match shape:
            case Text(name=name):
                return self._named(name, _text(shape))
            case Plain(kind=kind):
                return {"type": _KINDS[kind]}
            case When(day=day, moment=moment):
                pattern = "|".join([_DAY] * day + [_MOMENT] * moment)
                return {"type": "string", "pattern": f"^(?:{pattern})$"}
            case OneOf(kind=kind):
                values = [member.value for member in kind]
                return self._named(kind.__name__, {"description": _about(kind), "enum": values})
            case Listing(item=item, single=single):
                many = {"type": "array", "items": self.schema(item)}
                return {"anyOf": [self.schema(item), many]} if single else many
            case Table(item=item):
                part = self.schema(item)
                pair = {"prefixItems": [{"type": "string"}, part], "items": False, "minItems": 2}
                return {  # pairs where a name comes twice, such as two chairs of one visit
                    "type": ["object", "array"],
                    "additionalProperties": part,
                    "items": {"type": "array", **pair},
                }
            case Record(kind=kind) if kind is Protocol:  # in a course, where a name may stand
                return {"anyOf": [{"type": "string"}, self._record(kind)]}
            case Record(kind=kind):
                return self._record(kind)
            case Choice(kinds=kinds, tagged=tagged):
                return {"anyOf": [self._record(kind, tagged) for kind in kinds.values()]}
            case NameOr(kind=kind):
                return {"anyOf": [{"type": "string"}, self._record(kind)]}
            case Weekly():
                days = {"anyOf": [{"enum": list(WEEKDAYS)}, {"pattern": f"^{_DAY}$"}]}
                hours = self.schema(HOURS)
                return {"type": "object", "propertyNames": days, "additionalProperties": hours}
            case _:
                assert_never(shape)

    def record(self, kind: type, tagged: bool = False) -> Schema:
        """Return the schema of a table with one key for each field of a class."""
        properties: dict[str, Schema] = {"kind": {"const": words(kind)}} if tagged else {}
        required = ["kind"] if tagged else []
        for field in fields(kind):
            properties[field.key] = self.schema(field.shape)
            if field.required and field.implied is None:
                required.append(field.key)
        return {
            "description": _about(kind),
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _record(self, kind: type, tagged: bool = False) -> Schema:
        name = f"{kind.__name__}Tagged" if tagged else kind.__name__
        return self._named(name, {} if name in self.defs else self.record(kind, tagged))

    def _named(self, name: str, schema: Schema) -> Schema:
        self.defs.setdefault(name, schema)
        return {"$ref": f"#/$defs/{name}"}


def _text(shape: Text) -> Schema:
    text = {"description": shape.wanted, "type": "string", "pattern": shape.pattern}
    if not shape.number:
        return text
    number = {"type": "integer", "minimum": 0}
    return {"description": shape.wanted, "anyOf": [number, {**text}]}


def _about(kind: type) -> str:
    """Return the first sentence of a class's docstring, without marks for code."""
    paragraph = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0]
    return " ".join(paragraph.split()).replace("`", "")
