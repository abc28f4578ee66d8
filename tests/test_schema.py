"""The JSON Schema accepts what reading accepts, and refuses what people get wrong."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from protocol_sched import catalog
from protocol_sched.errors import UnknownName
from protocol_sched.formats.documents import documents
from protocol_sched.formats.documents.schema import KINDS, schema_of
from protocol_sched.formats.documents.shape import TEXTS, Text
from protocol_sched.model import (
    before_and_after,
    cadences,
    gates,
    numbers,
    other_visits,
    responses,
    rules,
    stages,
)
from protocol_sched.model import protocol as model
from protocol_sched.model.protocol import Protocol
from strategies import clinics, courses, of_shape, persons, plans, protocols

SCHEMA = schema_of("protocol")
FOUNDING = json.loads(
    json.dumps(documents.read_toml(catalog.text("ketamine-migraine")), default=str)
)


VALIDATORS = {name: Draft202012Validator(schema_of(name)) for name in KINDS}
EXAMPLES = Path(__file__).parents[1] / "examples"


def refusals(document: dict[str, Any], name: str = "protocol") -> list[str]:
    """Return the path of everything the schema refuses in a file."""
    errors = VALIDATORS[name].iter_errors(document)
    return sorted(error.json_path for error in errors)


@pytest.mark.parametrize("name", KINDS)
def test_the_schema_is_one_of_its_dialect(name: str) -> None:
    Draft202012Validator.check_schema(schema_of(name))
    assert schema_of(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_kind_of_file_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="protocol, clinic, person, course, plan"):
        schema_of("agenda")


def example_kind(path: Path) -> str:
    return next((kind for kind in KINDS if kind in path.stem.split("-")), "protocol")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_file_fits_the_schema_of_its_kind(path: Path) -> None:
    document = documents.read_toml(path.read_text("utf-8"))
    assert refusals(json.loads(json.dumps(document, default=str)), example_kind(path)) == []


@pytest.mark.parametrize("name", catalog.names())
def test_every_protocol_of_the_catalog_fits_the_schema(name: str) -> None:
    document = documents.read_toml(catalog.text(name))
    assert refusals(json.loads(json.dumps(document, default=str))) == []


@given(protocol=protocols())
@settings(max_examples=25, deadline=None)
def test_whatever_is_written_fits_the_schema(protocol: Protocol) -> None:
    assert refusals(documents.protocol_to_dict(protocol)) == []


@given(value=st.one_of(clinics(), persons(), courses(), plans()))
@settings(max_examples=40, deadline=None)
def test_clinics_persons_courses_and_plans_fit_their_schemas(value: Any) -> None:
    name = type(value).__name__.lower()
    written = getattr(documents, f"{name}_to_dict")(value)
    assert refusals(written, name) == []


@pytest.mark.parametrize(
    ("name", "path", "value", "refused"),
    [
        ("clinic", ("zone",), 5, "$.zone"),
        ("clinic", ("hours", "Mondy"), "08:00-12:00", "$.hours"),
        ("clinic", ("hours", "Monday"), "8 to 12", "$.hours.Monday"),
        ("clinic", ("places", 0, "kimd"), "chair", "$.places[0]"),
        ("person", ("escorts", 0, "name"), 5, "$.escorts[0].name"),
        ("person", ("nmae",), "x", "$"),
        ("course", ("not_before",), "soon", "$.not_before"),
        ("course", ("protocol",), 3, "$.protocol"),
        ("course", ("events",), [{"kind": "giveen"}], "$.events[0]"),
    ],
)
def test_the_other_schemas_refuse(
    name: str, path: tuple[str | int, ...], value: object, refused: str
) -> None:
    text = (EXAMPLES / f"{name}.toml").read_text("utf-8")
    document: Any = json.loads(json.dumps(documents.read_toml(text), default=str))
    owner = document
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    assert refusals(document, name) == [refused]


@pytest.mark.parametrize(
    ("path", "value", "refused"),
    [
        (("tittle",), "x", "$"),
        (("phases", 0, "vists"), 6, "$.phases[0]"),
        (("phases", 0, "visits"), -6, "$.phases[0].visits"),
        (("phases", 0, "visits"), "six", "$.phases[0].visits"),
        (("phases", 0, "cadence"), {"every": "2 to 3 dais"}, "$.phases[0].cadence"),
        (("phases", 0, "cadence"), {"evry": "2 days"}, "$.phases[0].cadence"),
        (("phases", 0, "separations", 0, "least"), "2 dayz", "$.phases[0].separations[0].least"),
        (("phases", 0, "separations", 0, "least"), 2, "$.phases[0].separations[0].least"),
        (("phases", 0, "separations", 0, "from"), "last one", "$.phases[0].separations[0].from"),
        (("phases", 0, "caps", 0, "in_any"), "72 hours", "$.phases[0].caps[0].in_any"),
        (("phases", 0, "caps", 0, "most"), True, "$.phases[0].caps[0].most"),
        (("gates", 0, "if_not"), "holt", "$.gates[0].if_not"),
        (("gates", 0, "before"), "from four", "$.gates[0].before"),
        (("visit_types", 0, "fasting", 0, "lead"), "1 day", "$.visit_types[0].fasting[0].lead"),
        (("visit_types", 0, "stages", 0, "needs"), [1], "$.visit_types[0].stages[0].needs[0]"),
        (("sources", "seed", "read_on"), "1 March", "$.sources.seed.read_on"),
        (("month_end",), "next day", "$.month_end"),
    ],
)
def test_the_schema_refuses(path: tuple[str | int, ...], value: object, refused: str) -> None:
    document: Any = copy.deepcopy(FOUNDING)
    owner = document
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    assert refusals(document) == [refused]


@pytest.mark.parametrize("key", ["source", "name", "cadence"])
def test_the_schema_asks_for_what_a_phase_must_have(key: str) -> None:
    document = copy.deepcopy(FOUNDING)
    del document["phases"][0][key]
    assert refusals(document) == ["$.phases[0]"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=lambda text: text.name)
@given(data=st.data())
def test_every_text_that_is_written_matches_its_pattern(text: Text, data: st.DataObject) -> None:
    written = text.write(data.draw(of_shape(text)))
    schema = {"type": "string", "pattern": text.pattern}
    assert Draft202012Validator(schema).is_valid(str(written))


def test_every_field_of_the_model_is_in_the_schema() -> None:
    found = {Protocol.__name__: SCHEMA, **SCHEMA["$defs"]}
    homes = (
        model,
        rules,
        numbers,
        cadences,
        gates,
        other_visits,
        responses,
        stages,
        before_and_after,
    )
    classes = {name: kind for home in homes for name, kind in vars(home).items()}
    tables = {name: part["properties"] for name, part in found.items() if "properties" in part}
    assert len(tables) > 20
    for name, properties in tables.items():
        assert list(properties) == [field.name.rstrip("_") for field in attrs.fields(classes[name])]


def test_a_rule_is_described_for_an_editor() -> None:
    assert SCHEMA["$defs"]["Cap"] == {
        "description": "At most so many visits of the phase in any so many days in a row.",
        "type": "object",
        "properties": {
            "source": {"type": "string"},
            "unverified": {"type": "array", "items": {"type": "string"}},
            "most": {"type": "integer"},
            "in_any": {"$ref": "#/$defs/CalendarSpan"},
            "safety": {"type": "boolean"},
        },
        "required": ["source", "most", "in_any"],
        "additionalProperties": False,
    }
