"""Every English template in the source that a language says anew, read from the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import protocol_sched

ROOT = Path(protocol_sched.__file__).parent
TELLERS = ("told", "tell", "_limit")
"""Functions whose first argument is a template."""


def templates() -> Iterator[str]:
    """Yield each template once, in the order of files."""
    seen: set[str] = set()
    for path in sorted(ROOT.rglob("*.py")):
        if path.parent.name in ("english", "german", "french"):
            continue
        source = path.read_text()
        if not re.search(r"sentences import .*told|\.tell\b", source):
            continue
        for found in _of(ast.parse(source)):
            if found not in seen:
                seen.add(found)
                yield found


def _of(tree: ast.Module) -> Iterator[str]:
    """Yield texts handed to a teller, straight or by a name that holds texts in its function."""
    held: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, node.iter)]
        for target, value in pairs:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    held.setdefault(name.id, []).append(value)
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and call.args and _called(call.func) in TELLERS:
            yield from _texts(call.args[0], held)


def _called(function: ast.expr) -> str:
    match function:
        case ast.Attribute(value=ast.Name(id="teller")):
            return ""  # that one tells how far a long run is
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _texts(expr: ast.expr, held: dict[str, list[ast.expr]], depth: int = 0) -> Iterator[str]:
    match expr:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body, held, depth)
            yield from _texts(other, held, depth)
        case ast.Name(id=name) if depth < 3:
            for value in held.get(name, ()):
                yield from _all_texts(value, held, depth)
        case ast.Subscript(value=value):
            yield from _all_texts(value, held, depth)


def _all_texts(value: ast.expr, held: dict[str, list[ast.expr]], depth: int) -> Iterator[str]:
    """Yield the texts a name may hold: itself, one of a choice, or one of a table."""
    match value:
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for one in elements:
                yield from _all_texts(one, held, depth)
        case ast.Dict(values=values):
            for one in values:
                yield from _all_texts(one, held, depth)
        case _:
            yield from _texts(value, held, depth + 1)
