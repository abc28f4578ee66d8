"""Imports go one way, and only the command line touches the world."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import protocol_sched

ROOT = Path(protocol_sched.__file__).parent

# What each room may import from this package, its own modules aside. A room is a wing, or a part
# of one that may see less; a module belongs to the room with the longest name that fits. The table
# is exact: what no import uses any more is taken out, and what is new is a decision.
MAY_IMPORT = {
    "errors": "",
    "model": "errors",
    "expansion": "model",
    # From an agenda to integers. Solvers see integers only, and the search for a conflict or for
    # the cheapest changes is handed a function that answers, and knows no solver.
    "engine": "errors model engine.bitsets engine.problem",
    "engine.bitsets": "",
    "engine.problem": "",
    "engine.solvers": "errors engine.bitsets engine.problem",
    "engine.solvers.quickxplain": "",
    "engine.solvers.corrections": "",
    "text": "model",
    # One format never imports another.
    "formats.documents": "errors model",
    # What the readers of other standards share.
    "formats.elsewhere": "errors model",
    # But what busy times are, and an entry's identity, is one thing in every format.
    "formats.fhir": "errors model formats.elsewhere formats.single_visits formats.ics "
    "formats.ics.reading",
    # Cells that no spreadsheet runs.
    "formats.cells": "",
    "formats.holidays": "errors model",
    "formats.html": "model text",
    "formats.ics": "errors model text",
    "formats.ics.reading": "errors model formats.ics",
    "formats.single_visits": "model",
    "formats.svg": "model text",
    "formats.usdm": "errors model formats.elsewhere formats.single_visits",
    "formats.tables": "errors model formats.cells formats.elsewhere",
    "catalog": "errors model formats.documents",
    # The judge of a schedule sees the model only, so that it can catch a mistake in all the rest.
    "judge.clock": "model",
    "judge.violation": "model judge.clock",
    "judge.insisted": "model judge.clock judge.violation",
    "judge.block_days": "model judge.clock judge.violation",
    "judge.rules": "model judge.block_days judge.clock judge.violation judge.insisted",
    "judge.objective": "model judge.clock judge.violation judge.rules",
    "judge.prerequisites": "judge.clock judge.violation judge.rules",
    "judge.breaches": "model judge.block_days judge.clock judge.violation judge.rules",
    "judge.team": "model judge.clock judge.violation",
    "judge.checker": "model judge.clock judge.violation judge.rules judge.objective "
    "judge.prerequisites judge.breaches judge.team",
    "judge.clinic": "model judge.clock judge.violation judge.checker judge.team",
    "judge.measured": "model expansion",
    "judge.deciding": "model expansion judge.measured",
    "judge.one_visit": "model expansion judge.deciding judge.measured",
    "judge.verdicts": "model expansion judge.measured judge.one_visit",
    "judge.together": "model expansion",
    "judge.recording": "errors model expansion judge.together",
    "judge.rides": "model expansion engine",
    "judge.signing": "errors model formats.documents judge.checker judge.objective judge.violation",
    "judge.calendar_file": "model expansion formats.ics.reading judge.checker judge.verdicts "
    "judge.violation",
    "planning": "errors model expansion engine engine.bitsets engine.problem engine.solvers "
    "engine.solvers.quickxplain engine.solvers.corrections text "
    "judge.objective judge.recording judge.signing",
    "clinic": "errors model expansion engine engine.bitsets engine.problem engine.solvers "
    "formats.documents judge.clinic planning",
    "cli": "errors model expansion text catalog formats.documents formats.ics formats.ics.reading "
    "formats.elsewhere formats.fhir formats.html formats.svg formats.tables formats.usdm "
    "judge.breaches judge.checker judge.recording judge.rides "
    "judge.verdicts judge.calendar_file planning clinic",
}
THE_DOOR = ("__init__", "__main__")

# Libraries that stay in one place, so that the rest neither loads nor learns them.
ONLY_IN = {
    "icalendar": "formats.ics",
    "ortools": "",
    "zoneinfo": "engine.horizon engine.calendars engine.candidates model.availability model.typed "
    "formats cli",
    "dateutil": "model.spans",
    "numpy": "clinic.fewest_fast clinic.rows clinic.volume",
    "random": "clinic",
    "socket": "",
    "matplotlib": "",
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


def room_of(name: str) -> str | None:
    fits = [room for room in MAY_IMPORT if f"{name}.".startswith(f"{room}.")]
    return max(fits, key=len, default=None)


def rooms_seen(module: str) -> set[str]:
    """Return the rooms a module imports from, its own aside."""
    whole = [name for name in imported(MODULES[module]) if name.startswith("protocol_sched.")]
    names = {name.removeprefix("protocol_sched.") for name in whole} - {"formats", "judge"}
    return {room_of(name) or name for name in names} - {room_of(module)}


HOUSED = [name for name in MODULES if name not in THE_DOOR]


def test_every_module_has_a_room() -> None:
    wings_of_rooms = ["formats.__init__", "judge.__init__"]
    assert [name for name in HOUSED if not room_of(name)] == wings_of_rooms


@pytest.mark.parametrize("module", HOUSED)
def test_a_module_imports_only_from_layers_below_it(module: str) -> None:
    assert rooms_seen(module) <= set(MAY_IMPORT.get(room_of(module) or "", "").split())


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_no_room_may_import_what_it_does_not(room: str) -> None:
    used = {seen for module in HOUSED if room_of(module) == room for seen in rooms_seen(module)}
    assert used == set(MAY_IMPORT[room].split())


def test_no_room_is_above_itself() -> None:
    TopologicalSorter({room: seen.split() for room, seen in MAY_IMPORT.items()}).prepare()


def test_solvers_know_no_date() -> None:
    """Days and starts are numbers there, and what a rule or a person is called is a name."""
    blind = ("engine.bitsets", "engine.problem", "engine.solvers")
    seen = {
        name for module in HOUSED if module.startswith(blind) for name in imported(MODULES[module])
    }
    libraries = {name.split(".")[0] for name in seen}
    assert libraries & {"datetime", "zoneinfo", "dateutil", "calendar", "time"} == set()


@pytest.mark.parametrize("module", MODULES)
def test_a_library_is_used_only_where_it_belongs(module: str) -> None:
    used = {name.split(".")[0] for name in imported(MODULES[module])} & set(ONLY_IN)
    strays = {lib for lib in used if not module.startswith(tuple(ONLY_IN[lib].split()))}
    assert strays == set()


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_used_wherever_it_may_be(library: str) -> None:
    users = [
        name
        for name, tree in MODULES.items()
        if library in {n.split(".")[0] for n in imported(tree)}
    ]
    places = ONLY_IN[library].split()
    assert [place for place in places if not any(name.startswith(place) for name in users)] == []


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith("cli.")])
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
    read = [node for node in names if isinstance(node.ctx, ast.Load)]
    found = [f"{module}:{node.lineno}" for node in read if node.id == "id"]
    assert found == [], "builtin id() in use"
