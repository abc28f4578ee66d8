"""Options of the measurements: which bench of standard courses, and how much of it."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption("--suite", type=Path, help="folder with a bench of standard courses")
    parser.addoption("--each", type=int, default=10, help="courses measured of each group")
    parser.addoption("--no-peers", action="store_true", help="measure no other solver")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each standard course to the tests that ask for one."""
    if "standard" not in metafunc.fixturenames:
        return
    folder, each = metafunc.config.getoption("suite"), metafunc.config.getoption("each")
    courses: list[Any] = []
    if folder is not None:
        sys.path.insert(0, str(folder))
        gen = importlib.import_module("gen")
        with (folder / "course_optima.csv").open() as rows:
            optima = {row["name"]: row for row in csv.DictReader(rows)}
        taken: dict[tuple[int, int], int] = {}
        for seed, load, chairs in gen.COURSE_SUITE + gen.COURSE_INFEASIBLE:
            taken[load, chairs] = taken.get((load, chairs), 0) + 1
            if taken[load, chairs] <= each:
                instance = gen.course(seed, load, chairs)
                courses.append((instance, optima[instance["name"]]))
    metafunc.parametrize(
        "standard", courses, ids=[instance["name"] for instance, _ in courses], scope="module"
    )


@pytest.fixture(scope="session")
def peers(request: pytest.FixtureRequest) -> bool:
    """Tell whether other solvers are measured too: they are where OR-Tools is installed."""
    if request.config.getoption("no_peers"):
        return False
    return importlib.util.find_spec("ortools") is not None
