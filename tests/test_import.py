"""Importing the package is light: what is heavy loads when it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import protocol_sched

HEAVY = ("icalendar", "ortools", "matplotlib", "hypothesis", "numpy", "pandas")


def test_importing_the_package_loads_no_heavy_library() -> None:
    program = "import sys, protocol_sched; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in result.stdout.split()}
    assert "protocol_sched" in loaded
    assert loaded & set(HEAVY) == set()


def test_a_list_of_the_commands_loads_none_of_them() -> None:
    program = "import sys; from protocol_sched.cli import main\ntry: main(['--help'])\n"
    program += "except SystemExit: "
    result = subprocess.run(
        [sys.executable, "-c", f"{program}print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name for name in result.stdout.split() if name.startswith("protocol_sched.")}
    assert "protocol_sched.cli.commands" in loaded
    wings = {name.split(".")[1] for name in loaded}
    assert wings == {"cli", "errors", "model"}
    assert "protocol_sched.model.protocol" not in loaded


def test_every_public_name_is_there_and_nothing_else_is() -> None:
    assert len(protocol_sched.__all__) > 90
    for name in protocol_sched.__all__:
        assert getattr(protocol_sched, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'plan'"):
        getattr(protocol_sched, "plan")  # noqa: B009


def test_the_list_of_public_names_has_one_on_each_line_and_loses_none() -> None:
    stub = ast.parse(Path(protocol_sched.__file__).with_suffix(".pyi").read_text())
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    names = [alias.name for node in imports for alias in node.names]
    assert sorted(names) == protocol_sched.__all__
    assert all(alias.asname == alias.name for node in imports for alias in node.names)


def test_star_brings_the_public_names() -> None:
    brought: dict[str, object] = {}
    exec("from protocol_sched import *", brought)
    assert set(protocol_sched.__all__) == brought.keys() - {"__builtins__"}
