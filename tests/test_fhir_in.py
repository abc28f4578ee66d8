"""Plan definitions of FHIR become protocols; what a protocol cannot hold is told."""

from __future__ import annotations

import copy
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from protocol_sched.cli import main
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import protocol_to_dict, read_protocol, write_toml
from protocol_sched.formats.fhir.protocols import read_plan_definition
from protocol_sched.model.course import Course, Pinned
from protocol_sched.model.imported import Imported

GUIDE = Path(__file__).parents[2] / "shared" / "designs" / "fhir"
EXTENSIONS = "http://hl7.org/fhir/uv/vulcan-schedule/StructureDefinition/"
WINDOW = f"{EXTENSIONS}AcceptableOffsetRangeSoa"

here = pytest.mark.skipif(not GUIDE.exists(), reason="the guide's examples are not on this machine")


# --- FHIR Shorthand, as far as the guide's four examples use it ---------------------------------


def fsh(text: str) -> dict[str, Any]:
    """Return the resource that a Shorthand instance is: rules with paths, indented under one."""
    resource: dict[str, Any] = {"resourceType": "PlanDefinition"}
    last: dict[str, int] = {}
    above: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = re.match(r"( *)\* ([^=\s]+)\s*(=.*)?", line)
        if match is None:
            continue
        indent, rule, value = len(match[1]), match[2], match[3]
        while above and above[-1][0] >= indent:
            above.pop()
        path = counted(".".join([*(one for _, one in above[-1:]), rule]), last)
        above.append((indent, path))
        if value is not None:
            put(resource, path, read_value(value.removeprefix("=").strip()))
    return resource


LISTS = {"action", "extension", "relatedAction", "condition", "identifier"}


def counted(path: str, last: dict[str, int]) -> str:
    done = ""
    for part in path.split("."):
        name, _, index = part.partition("[")
        index = index.rstrip("]")
        if name not in LISTS:
            done = f"{done}.{name}" if done else name
            continue
        key = f"{done}.{name}" if done else name
        if index == "+":
            last[key] = last.get(key, -1) + 1
        elif index.isdigit():
            last[key] = int(index)
        number = last.setdefault(key, 0)
        done = f"{key}[{number}]"
        if index == "acceptableOffsetRange":
            done += "!"
    return done


def put(resource: dict[str, Any], path: str, value: Any) -> None:
    owner: Any = resource
    parts = path.split(".")
    for n, part in enumerate(parts):
        match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?(!?)", part)
        assert match is not None, path
        if match[2] is not None:
            listed = owner.setdefault(match[1], [])
            while len(listed) <= int(match[2]):
                listed.append({"url": WINDOW} if match[3] else {})
            owner = listed[int(match[2])]
        elif n == len(parts) - 1:
            owner[match[1]] = value
        else:
            owner = owner.setdefault(match[1], {})


def read_value(text: str) -> Any:
    if match := re.match(r'"((?:[^"\\]|\\.)*)"', text):
        return match[1]
    if match := re.match(r"(-?[\d.]+)\s*'(\w+)'", text):
        unit = {"system": "http://unitsofmeasure.org", "code": match[2], "unit": match[2]}
        return {"value": int(match[1]), **unit}
    if text.startswith(("true", "false")):
        return text.startswith("true")
    return text.split()[0].rpartition("#")[2]


def example(name: str) -> dict[str, Any]:
    [path] = GUIDE.glob(f"*{name}*")
    return fsh(path.read_text("utf-8"))
