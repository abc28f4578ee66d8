"""Pages of the documentation that are made from the package itself: protocols and public names."""

from __future__ import annotations

import ast
import enum
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby

import attrs

import protocol_sched
from protocol_sched import Course, agenda_picture, catalog, expand
from protocol_sched.model.agenda import Agenda, DatedBy
from protocol_sched.model.protocol import Protocol
from protocol_sched.text.review import Line, Standing, review
from protocol_sched.text.variant import status_text, variant_text

DAY_ONE = date(2027, 3, 1)
SHOWN = 24
"""So many dates of a protocol are worked out on its page."""
DOUBTFUL = {
    Standing.UNVERIFIED: "part of it was not checked in its source",
    Standing.MEMORY: "it was not read anywhere",
}


def marked(text: str) -> str:
    """Return text so that Markdown and HTML show it as it is, on one line."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_{}\[\]|#])", r"\\\1", plain)


# --- protocols -------------------------------------------------------------------------------


def protocol_list() -> str:
    """Return the page that lists every protocol of the catalog."""
    lines = [
        "# Published protocols",
        "",
        "Each is one file that says when, how far apart and who must be there. None holds a dose, "
        "and none is advice: a clinician must confirm every line before it is used. The pages are "
        "made from the files alone.",
        "",
        "| protocol | country | rules | to be checked |",
        "| --- | --- | --- | --- |",
    ]
    for name in catalog.names():
        protocol = catalog.load(name)
        found = review(protocol)
        doubts = sum(one.standing in DOUBTFUL for one in found)
        where = protocol.variant.country or "-"
        link = f"[{marked(protocol.title)}]({name}.md)"
        lines.append(f"| {link} | {where} | {len(found)} | {doubts or '-'} |")
    return "\n".join(lines) + "\n"


def worked(protocol: Protocol) -> Agenda:
    """Return the dates of a course of a protocol that may begin on Monday 1 March 2027."""
    course = Course(key="example", protocol=protocol, not_before=DAY_ONE)
    return expand(course, as_of=DAY_ONE, until=DAY_ONE + timedelta(365))


def protocol_picture(name: str) -> str:
    """Return the dates of a protocol as a picture."""
    protocol = catalog.load(name)
    return agenda_picture(worked(protocol), protocol.title)


def protocol_page(name: str) -> str:
    """Return all that is known of a protocol, from its file alone."""
    protocol = catalog.load(name)
    agenda = worked(protocol)
    lines = review(protocol)
    parts = [
        f"# {marked(protocol.title)}",
        marked(status_text(protocol)),
        f"`{name}`: {marked(variant_text(protocol))}. {marked(protocol.note)}",
        f"![The dates of {marked(protocol.title)}, month by month]({name}.svg)",
        f"The file: [{name}.toml]({name}.toml).",
        "## Dates, worked out",
        "For a course that may begin on Monday 1 March 2027, if every visit is on its target:",
        "\n".join(_dates(agenda)),
        *_questions(agenda, protocol),
        "## Rules",
        *_rules(lines),
        "## Not verified",
        "\n".join(_doubts(lines))
        or "Every rule was read in its source, or is a clinic's own choice.",
        *(_left_open(protocol) if protocol.unspecified else ()),
        "## Sources",
        "\n".join(_sources(protocol)) or "None is named.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _dates(agenda: Agenda) -> Iterator[str]:
    def day(of: DatedBy | None) -> str:
        return f"{of.day:%a} {of.day.isoformat()}" if of is not None else "-"

    yield "| visit | earliest | target | latest | rule |"
    yield "| --- | --- | --- | --- | --- |"
    for due in agenda.dues[:SHOWN]:
        target = day(due.target)
        if due.target is None and due.forecast is not None:
            target = f"({day(due.forecast)})"
        rule = marked(due.foreseen.rule) if due.foreseen is not None else "not dated yet"
        dates = f"{day(due.earliest)} | {target} | {day(due.latest)}"
        yield f"| {marked(due.title)} | {dates} | {rule} |"
    if len(agenda.dues) > SHOWN:
        yield f"\n{len(agenda.dues) - SHOWN} more follow."
    if any(due.target is None and due.forecast is not None for due in agenda.dues[:SHOWN]):
        yield "\nIn brackets: no target is published; it is the first date there can be."


def _questions(agenda: Agenda, protocol: Protocol) -> Iterator[str]:
    asked = [one.asks for one in agenda.questions if one.asks not in protocol.unspecified]
    if asked:
        yield "Open questions at the start:"
        yield "\n".join(f"- {marked(text)}" for text in asked)


def _rules(lines: Iterable[Line]) -> Iterator[str]:
    for part, of in groupby(lines, key=lambda line: line.part):
        yield f"### {marked(part[:1].upper() + part[1:])}"
        rows = ["| rule | says | known | source |", "| --- | --- | --- | --- |"]
        for line in of:
            known = line.standing.value if line.standing is not None else "-"
            safety = " (safety)" if line.safety else ""
            source = ", ".join(marked(one) for one in line.sources) or "-"
            rows.append(
                f"| {marked(line.about)}{safety} | {marked(line.says)} | {known} | {source} |"
            )
        yield "\n".join(rows)


def _doubts(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        if line.standing in DOUBTFUL:
            keys = f" ({', '.join(line.unverified)})" if line.unverified else ""
            what = f"{marked(line.part)}, {marked(line.about)}"
            yield f"- {what}{marked(keys)}: {DOUBTFUL[line.standing]}."


def _left_open(protocol: Protocol) -> Iterator[str]:
    yield "What the sources leave open, for a clinician to decide:"
    yield "\n".join(f"- {marked(text)}" for text in protocol.unspecified)


def _sources(protocol: Protocol) -> Iterator[str]:
    for key, source in sorted(dict(protocol.sources).items()):
        title = marked(source.title)
        linked = f"[{title}]({source.address})" if source.address.startswith("http") else title
        about = [source.country, source.indication]
        about += (
            [f"read on {source.read_on}"] if source.read_on else ["when it was read: not stated"]
        )
        yield f"- {marked(key)}: {linked} ({'; '.join(marked(one) for one in about if one)})"


# --- public names ----------------------------------------------------------------------------


def documented(name: str) -> str:
    """Return a public name with its signature and its docstring, as a section of a page."""
    value = getattr(protocol_sched, name)
    parts = [f"## {name}"]
    if not attrs.has(value) if inspect.isclass(value) else True:
        parts.append(f"```python\n{_signature(name, value)}\n```")
    parts += _sections(inspect.cleandoc(inspect.getdoc(value) or ""))
    if inspect.isclass(value):
        parts += _fields(value)
        parts += _methods(value)
    return "\n\n".join(part for part in parts if part)


def _signature(name: str, value: object) -> str:
    assert callable(value)
    try:
        of = inspect.signature(value)
    except ValueError:
        return name
    shown = [_parameter(one) for one in of.parameters.values()]
    back = f" -> {of.return_annotation}" if inspect.isfunction(value) else ""
    kind = "def " if inspect.isfunction(value) else "class "
    stars = ["*"] if any(one.kind is one.KEYWORD_ONLY for one in of.parameters.values()) else []
    plain = [
        s
        for s, p in zip(shown, of.parameters.values(), strict=True)
        if p.kind is not p.KEYWORD_ONLY
    ]
    named = shown[len(plain) :]
    text = f"{kind}{name}({', '.join([*plain, *stars, *named])}){back}"
    if len(text) > 88:
        inner = "".join(f"    {one},\n" for one in [*plain, *stars, *named])
        text = f"{kind}{name}(\n{inner}){back}"
    return re.sub(r"\bprotocol_sched(?:\.\w+)*\.", "", text).replace("'", "")


def _parameter(of: inspect.Parameter) -> str:
    kind = of.annotation
    said = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    told = "" if kind is of.empty else f": {said}"
    return f"{of.name}{told}" + ("" if of.default is of.empty else " = ...")


def _sections(docstring: str) -> Iterator[str]:
    """Yield a docstring's text, its arguments and the like as lists."""
    text = re.sub(r"``([^`]+)``", r"`\1`", docstring)
    heads = r"^(Args|Returns|Raises|Yields|Source|Attributes):$"
    first, *rest = re.split(heads, text, flags=re.M)
    yield first.strip()
    for head, body in zip(rest[::2], rest[1::2], strict=True):
        yield f"**{head}**"
        block = inspect.cleandoc(body)
        items = re.split(r"^(?=\*?\*?\w+: )", block, flags=re.M)
        listed = head in {"Args", "Raises", "Attributes"}
        if not listed:
            yield block
            continue
        rows = [" ".join(item.split()) for item in items if item.strip()]
        yield "\n".join(f"- `{row.partition(': ')[0]}`: {row.partition(': ')[2]}" for row in rows)


def _fields(value: type) -> Iterator[str]:
    """Yield the fields of a frozen class, or the members of an enumeration, each with its note."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(value)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    rows = []
    for one, after in zip(body, [*body[1:], None], strict=True):
        match one:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=default):
                given = "" if default is None or _is_required(default) else ", optional"
                about = f"`{name}` (`{ast.unparse(kind)}`{given})"
            case ast.Assign(targets=[ast.Name(id=name)]) if issubclass(value, enum.Enum):
                about = f"`{name}`"
            case _:
                continue
        if name.startswith("_"):
            continue
        match after:
            case ast.Expr(value=ast.Constant(value=str(note))):
                rows.append(f"- {about}: {' '.join(note.split())}")
            case _:
                rows.append(f"- {about}")
    if rows:
        yield "**Members**" if issubclass(value, enum.Enum) else "**Fields**"
        yield re.sub(r"``([^`]+)``", r"`\1`", "\n".join(rows))


def _is_required(default: ast.expr) -> bool:
    """Tell whether what stands behind a field gives it no default."""
    named = {one.arg for one in default.keywords} if isinstance(default, ast.Call) else {"default"}
    return not named & {"default", "factory"} and ast.unparse(default).startswith("attrs.field")


def _methods(value: type) -> Iterator[str]:
    rows = []
    for name, member in vars(value).items():
        if name.startswith("_") or not (isinstance(member, property) or inspect.isroutine(member)):
            continue
        member = getattr(member, "__func__", member)
        says = inspect.getdoc(member)
        if says:
            call = "" if isinstance(member, property) else "()"
            rows.append(f"- `.{name}{call}`: {' '.join(says.split(chr(10) * 2)[0].split())}")
    if rows:
        yield "\n".join(re.sub(r"``([^`]+)``", r"`\1`", row) for row in rows)
