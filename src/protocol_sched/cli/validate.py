"""The command ``validate``: what files are, and all that is wrong in them, with the line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from protocol_sched import catalog
from protocol_sched.cli.ending import BAD_INPUT, DONE, Refused
from protocol_sched.cli.inputs import read_text
from protocol_sched.cli.kinds import kind_of
from protocol_sched.errors import Fault, InvalidDocument, ProtocolSchedError, UnknownName
from protocol_sched.formats.documents import documents
from protocol_sched.model.protocol import Protocol

VALIDATE_ABOUT = """\
Say of each file what it is, a clinic, a person, a course or a protocol (TOML) or a plan (JSON), and
list all that is wrong in it, with the line and the place in the file. A course is read with its
protocol: one of the files, or the catalog's of that name."""

VALIDATE_MORE = """\
The exit code is 0 where every file can be used, and 2 otherwise.

example:
  protocol-sched validate clinic.toml person.toml course.toml our-protocol.toml"""


def add_validate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="any of your files")


def run_validate(options: argparse.Namespace) -> tuple[str, int]:
    texts: dict[Path, str] = {}
    found: dict[Path, tuple[str, list[str]]] = {}
    kinds: dict[Path, str] = {}
    protocols: dict[str, Protocol] = {}
    for path in options.files:
        try:
            texts[path] = read_text(path, lambda text, _: text)
            kinds[path] = _kind_of(texts[path], path)
            if kinds[path] == "protocol":
                one = documents.read_protocol(texts[path], str(path))
                protocols[one.name] = one
                found[path] = "protocol", []
        except InvalidDocument as error:
            found[path] = kinds.get(path, "unknown"), located(error.faults, texts[path])
        except Refused as error:
            found[path] = "unknown", [str(error)]
    for path, kind in kinds.items():
        if path not in found:
            found[path] = kind, _problems(kind, texts[path], path, protocols)
    wrong = sum(bool(found[path][1]) for path in options.files)
    code = BAD_INPUT if wrong else DONE
    if options.json:
        facts = [
            {"file": str(path), "is": found[path][0], "problems": found[path][1]}
            for path in options.files
        ]
        return documents.write_json({"files": facts}), code
    lines = []
    for path in options.files:
        kind, problems = found[path]
        what = "of no kind that is known" if kind == "unknown" else f"a {kind}"
        lines.append(f"{path}: {what}{', valid' if not problems else ''}\n")
        lines += [f"  {problem}\n" for problem in problems]
    return "".join(lines), code


def _kind_of(text: str, path: Path) -> str:
    """
    Return what a file is.

    Raises:
        InvalidDocument: It is neither TOML nor JSON, or of no kind that is known.
    """
    read = documents.read_json if text.lstrip().startswith("{") else documents.read_toml
    kind = kind_of(read(text, str(path)))
    if not kind:
        says = "is no clinic, person, course, protocol or plan; `protocol-sched new` writes each"
        raise InvalidDocument(str(path), (Fault("", says),))
    return kind


def _problems(kind: str, text: str, path: Path, protocols: Mapping[str, Protocol]) -> list[str]:
    def named(name: str) -> Protocol:
        return protocols[name] if name in protocols else catalog.load(name)

    def plan(text: str, name: str) -> Any:
        return documents.plan_from_dict(documents.read_json(text, name), name)

    readers: Mapping[str, Callable[[str, str], Any]] = {
        "clinic": documents.read_clinic,
        "person": documents.read_person,
        "course": lambda text, name: documents.read_course(text, named, name),
        "plan": plan,
    }
    try:
        readers[kind](text, str(path))
    except InvalidDocument as error:
        return located(error.faults, text)
    except UnknownName as error:
        return [f"{error.field}: {error.name!r} is not known here; known: {', '.join(error.known)}"]
    except ProtocolSchedError as error:
        return [str(error)]
    return []


def located(faults: Iterable[Fault], text: str) -> list[str]:
    """Return faults as lines of text, each with the line of the file it is about."""
    lines = lines_of(text)
    said = []
    for fault in faults:
        path = fault.path
        while path and path not in lines:
            path = re.sub(r"(\.[^.\[\]]+|\[\d+\]|^[^.\[\]]+)$", "", path)
        said.append(f"line {lines[path]}: {fault}" if path else str(fault))
    return said


def lines_of(text: str) -> dict[str, int]:
    """
    Return on which line each table and key of a TOML text stands, by its path.

    Paths are those of faults: ``phases[0].separations[1].least``. Keys of tables that are written
    in one line are on that of the table.
    """
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[\[\s*([\w.\-]+)\s*\]\]", line):
            whole = _indexed(match[1], counts, new=True)
            prefix = f"{whole}."
            lines.setdefault(whole, number)
        elif match := re.match(r"\s*\[\s*([\w.\-]+)\s*\]", line):
            whole = _indexed(match[1], counts, new=False)
            prefix = f"{whole}."
            lines.setdefault(whole, number)
        elif match := re.match(r"\s*([\w\-]+)\s*=", line):
            lines.setdefault(f"{prefix}{match[1]}", number)
    return lines


def _indexed(name: str, counts: dict[str, int], *, new: bool) -> str:
    """Return the path of a table by its name in a header, each list with the place in it."""
    parts = name.split(".")
    path = ""
    for n, part in enumerate(parts):
        path = f"{path}.{part}" if path else part
        if n == len(parts) - 1 and new:
            for key in [key for key in counts if key.startswith(f"{path}[{counts.get(path, 0)}]")]:
                del counts[key]
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = f"{path}[{counts[path]}]"
    return path
