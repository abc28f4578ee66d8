"""Imports go one way, and only the command line touches the world."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import protocol_sched

ROOT = Path(protocol_sched.__file__).parent

# What each module may import from this package, its own package's modules aside. A new module
# needs a line here, and so a place in the order of layers.
LOW = "errors windows bitsets horizon"
MAY_IMPORT = {
    "errors": "",
    "windows": "errors",
    "bitsets": "",
    "horizon": "errors windows",
    "model": "errors",
    "calendars": f"{LOW} model",
    "expansion": "errors model",
    "verdicts": "errors model expansion",
    "recording": "errors model expansion",
    "judging": "errors model expansion verdicts checker formats",
    "checker": "errors model",
    "problem": "errors windows bitsets",
    "shapes": "model",
    "candidates": f"{LOW} model calendars shapes problem",
    "compiler": f"{LOW} model candidates shapes problem",
    "lifting": "model candidates shapes compiler problem",
    "solvers": "errors windows bitsets problem",
    "explain": "errors bitsets problem",
    "conflicts": f"{LOW} model calendars candidates problem compiler solvers explain",
    "formats": "errors model",
    "catalog": "errors model formats",
    "planning": f"{LOW} model expansion candidates compiler conflicts lifting solvers recording",
    "replanning": f"{LOW} model expansion candidates problem compiler solvers planning",
    "lookahead": f"{LOW} model candidates conflicts problem compiler solvers planning",
    "rides": f"{LOW} model calendars expansion",
    "clinic": f"{LOW} model expansion candidates shapes planning replanning",
    "jobs": f"{LOW} model candidates replanning",
    "waiting": f"{LOW} model candidates problem solvers planning replanning clinic",
    "relaxing": f"{LOW} model candidates compiler conflicts solvers explain planning",
    "explaining": f"{LOW} model expansion candidates compiler conflicts solvers planning relaxing",
}
ANYTHING = ("cli", "__main__", "__init__")

# Libraries that stay in one place, so that the rest neither loads nor learns them.
ONLY_IN = {
    "icalendar": "formats.ics",
    "ortools": "solvers.cpsat",
    "zoneinfo": "horizon calendars candidates compiler model.availability formats cli",
    "dateutil": "model.spans",
    "random": "",
    "socket": "",
    "matplotlib": "",
}
# How often a module knows a value by its address: only where the table that does so lives no
# longer than what holds the value, which is the problem, or in ``candidates`` the table itself.
BY_ADDRESS = {
    "candidates": 1,
    "solvers.chain": 6,
    "solvers.choices": 2,
    "solvers.feasible": 5,
    "solvers.timed": 2,
    "solvers.wishes": 1,
}
# A bare name is a builtin that is called; a dotted one is looked up wherever it stands.
ONLY_CLI = {"print", "input", "open", "datetime.now", "datetime.today", "datetime.utcnow"}
ONLY_CLI |= {"date.today", "time.time", "time.monotonic", "os.environ", "os.getenv"}

MODULES = {
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): ast.parse(path.read_text())
    for path in sorted(ROOT.rglob("*.py"))
}


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield every module a file imports, lazily or not, as a dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_layers_below_it(module: str) -> None:
    own = module.split(".")[0]
    if own in ANYTHING:
        return
    names = [n.split(".") for n in imported(MODULES[module]) if n.startswith("protocol_sched.")]
    allowed = {own, *MAY_IMPORT[own].split()}
    assert {name[1] for name in names} <= allowed
    if own == "formats":
        siblings = {".".join(n[1:3]) for n in names if n[1] == "formats" and len(n) > 2}
        family = ("formats._", module.split("_")[0])
        strays = {name for name in siblings if not name.startswith(family)}
        assert strays == set(), "a format knows no other format, only what all formats share"


@pytest.mark.parametrize("module", MODULES)
def test_a_library_is_used_only_where_it_belongs(module: str) -> None:
    used = {name.split(".")[0] for name in imported(MODULES[module])} & set(ONLY_IN)
    strays = {lib for lib in used if not module.startswith(tuple(ONLY_IN[lib].split()))}
    assert strays == set()


@pytest.mark.parametrize("module", [name for name in MODULES if name != "cli"])
def test_only_the_command_line_touches_clock_files_and_screen(module: str) -> None:
    nodes = list(ast.walk(MODULES[module]))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    found = {ast.unparse(node.func) for node in calls}
    found |= {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    assert found & ONLY_CLI == set()
    zoneless = [node for node in calls if not node.args and not node.keywords]
    asked = [
        ast.unparse(node) for node in zoneless if ast.unparse(node.func).endswith("astimezone")
    ]
    assert asked == [], "astimezone() without a zone reads the system's"


@pytest.mark.parametrize("module", MODULES)
def test_no_value_is_known_by_its_address(module: str) -> None:
    """An address is given again once its value is gone, so a table keyed by it may lie."""
    names = [node for node in ast.walk(MODULES[module]) if isinstance(node, ast.Name)]
    read = [node for node in names if node.id == "id" and isinstance(node.ctx, ast.Load)]
    assert len(read) == BY_ADDRESS.get(module, 0), [f"line {node.lineno}" for node in read]
