"""
Small faults put into the sources one at a time: would a test notice?

``python tests/mutants.py [--count N] [--seed S] [--wing NAME ...] [COVERAGE TIMES]`` draws N places
from the wings evenly, the same ones for the same seed, and puts one fault into each. Prints each
mutant that no test noticed, and how many were killed in each wing. Ends with 1 where fewer were
killed than a wing asks for.

Without more it runs the test files that are `near` a source, exact cases before laws, until one
fails or 30 seconds of processor time are spent; a fault that is not noticed by then counts as not
noticed. With COVERAGE and TIMES it runs the tests that ran the line, those that take the least
first: a coverage.py data file with one context a test, and the JUnit file of the same run, which
``make coverage`` writes.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue

from attrs import define, frozen
from coverage import CoverageData

from near import near
from unnoticed import EXPLAINED

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "protocol_sched"
WINGS: Mapping[str, float] = {
    "engine/solvers": 0.95,
    "judge": 0.95,
    "model": 0.9,
    "expansion": 0.9,
    "engine": 0.9,
    "planning": 0.9,
    "clinic": 0.9,
}
"""The wings that are tried, and the share of their mutants that tests have to kill."""
FIRST_SECONDS, ALL_SECONDS = 15.0, 90.0
"""What the tests of one mutant may take by their times in TIMES: the quick ones, then the rest."""
NEAR_SECONDS = 30
"""Of processor time, for the files near a mutant."""
ALIKE = 3
"""How many cases of one parametrized test are run."""

PYTEST = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]

LIMITED = """
import os, resource, sys
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_CPU, (most, most))
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Runs a command for so much processor time at most; threads make a hook before it unsafe."""

COMPARED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
CALLED: Mapping[str, str] = {"min": "max", "max": "min", "any": "all", "all": "any"}


@frozen
class Mutant:
    """One place of one file (path below the package), as it is and as the fault has it."""

    path: str
    line: int
    start: int
    """In characters from the beginning of the file; so is `end`."""
    end: int
    was: str
    becomes: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What is the same when lines are added above it."""
        return self.path, " ".join(self.was.split()), " ".join(self.becomes.split())

    def put_into(self, text: str) -> str:
        """Return the file's text with the fault in it."""
        return text[: self.start] + self.becomes + text[self.end :]


def faults(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what might stand in a node's place and be wrong."""
    match node:
        case ast.Compare(left, [op], right):
            yield ast.Compare(left, [COMPARED[type(op)]()], right)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.BinOp(left, ast.Add(), right):
            yield ast.BinOp(left, ast.Sub(), right)
        case ast.BinOp(left, ast.Sub(), right):
            yield ast.BinOp(left, ast.Add(), right)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield ast.Constant(value + 1)
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Call(ast.Name(name), args, keywords) if name in CALLED:
            yield ast.Call(ast.Name(CALLED[name]), args, keywords)
        case ast.Expr(ast.Call()) | ast.Raise() | ast.AugAssign():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()


def bodies(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield every node inside a function, without annotations, defaults and decorators."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                yield from _inside(statement)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef):  # its turn comes by itself
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _inside(child)


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file, in the order of its text."""
    text = path.read_text()
    begins = [0]
    for one in text.splitlines(keepends=True):
        begins.append(begins[-1] + len(one))
    for node in bodies(ast.parse(text)):
        for fault in faults(node):
            assert isinstance(node, ast.expr | ast.stmt)
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            # Offsets count bytes of UTF-8; a line with other letters is passed over.
            if not text.splitlines()[node.lineno - 1].isascii():
                continue
            becomes = ast.unparse(fault)
            yield Mutant(
                str(path.relative_to(PACKAGE)),
                node.lineno,
                start := begins[node.lineno - 1] + node.col_offset,
                end := begins[node.end_lineno - 1] + node.end_col_offset,
                text[start:end],
                f"({becomes})" if isinstance(fault, ast.expr) else becomes,
            )


@define
class Record:
    """Which tests ran which lines, and how long each took."""

    data: CoverageData
    seconds: dict[str, float]

    @classmethod
    def read(cls, coverage: str, times: str) -> Record:
        """Read what ``make coverage`` wrote."""
        data = CoverageData(coverage)
        data.read()
        seconds = {}
        for case in ET.parse(times).iter("testcase"):
            module = case.get("classname", "").replace(".", "/")
            seconds[f"{module}.py::{case.get('name')}"] = float(case.get("time", 0))
        return cls(data, seconds)

    @cached_property
    def files(self) -> dict[str, str]:
        """Measured file of each path below the package."""
        return {name.rpartition("/protocol_sched/")[2]: name for name in self.data.measured_files()}

    def tests(self, mutant: Mutant) -> list[str]:
        """Return the tests that ran a mutant's line, those that take the least first."""
        if mutant.path not in self.files:
            return []
        ran = self.data.contexts_by_lineno(self.files[mutant.path]).get(mutant.line, [])
        found = {context.partition("|")[0] for context in ran if "::" in context}
        cases: dict[str, list[str]] = defaultdict(list)
        for test in sorted(found):
            cases[test.partition("[")[0]].append(test)
        some = [test for alike in cases.values() for test in _spread(alike, ALIKE)]
        return sorted(some, key=lambda test: (self.seconds.get(test, 0.0), test))


def _spread(tests: list[str], count: int) -> list[str]:
    return tests if len(tests) <= count else [tests[i * len(tests) // count] for i in range(count)]


def notice(mutant: Mutant, tests: Sequence[str], record: Record, sources: Path) -> bool:
    """Say whether one of the tests fails with the fault in a copy of the sources."""
    with _there(mutant, sources):
        left, batch, limit = list(tests), list[str](), FIRST_SECONDS
        spent = 0.0
        while left and spent < ALL_SECONDS:
            batch = []
            while left and spent < limit:
                batch.append(left.pop(0))
                spent += record.seconds.get(batch[-1], 0.1) + 0.02
            if _fails(batch, sources):
                return True
            limit = ALL_SECONDS
        return False


def notice_near(mutant: Mutant, sources: Path) -> bool:
    """Say whether the files near a fault notice it: exact cases first, then laws."""
    with _there(mutant, sources):
        files = near(mutant.path)
        return any(
            _fails([*files, "-m", which], sources, NEAR_SECONDS // 2)
            for which in ("not hypothesis", "hypothesis")
        )


@contextmanager
def _there(mutant: Mutant, sources: Path) -> Iterator[None]:
    """Have the fault in a copy of the sources."""
    file = sources / "protocol_sched" / mutant.path
    text = file.read_text()
    file.write_text(mutant.put_into(text))
    try:
        yield
    finally:
        file.write_text(text)


def _fails(tests: Sequence[str], sources: Path, seconds: int | None = None) -> bool:
    """
    Run tests, for so many seconds of processor time if any are named.

    Without, an endless loop is noticed as a failure is; with them nobody can tell it from slow
    tests, and it is not.
    """
    listed = sources / "tests.txt"
    listed.write_text("\n".join(tests))
    paths = os.pathsep.join([str(sources), str(ROOT / "tests")])
    limited = [] if seconds is None else [sys.executable, "-c", LIMITED, str(seconds)]
    try:
        ended = subprocess.run(
            [*limited, *PYTEST, f"@{listed}"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=30 + 8 * ALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return True
    if seconds is not None and ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL, 5):
        return False
    if ended.returncode not in (0, 1, 2, 4):
        raise RuntimeError(ended.stdout.decode() + ended.stderr.decode())
    return ended.returncode != 0


def wing_of(path: str) -> str:
    """Return the wing a file belongs to: the longest that fits."""
    return max((wing for wing in WINGS if path.startswith(f"{wing}/")), key=len, default="")


def sample(count: int, seed: int, wings: Sequence[str]) -> list[Mutant]:
    """Draw mutants, as many from each wing as can be had evenly, the same ones for a seed."""
    every: dict[str, list[Mutant]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        wing = wing_of(str(path.relative_to(PACKAGE)))
        if wing in wings:
            every[wing] += mutants(path)
    draw = random.Random(seed)
    return [
        mutant
        for wing in wings
        for mutant in draw.sample(every[wing], min(len(every[wing]), -(-count // len(wings))))
    ]


def all_at(place: str) -> list[Mutant]:
    """Return every mutant of a line, named as survivors are printed: ``judge/team.py:53``."""
    path, _, line = place.partition(":")
    return [mutant for mutant in mutants(PACKAGE / path) if mutant.line == int(line)]


def main(asked: Sequence[str]) -> int:
    """Try a sample; return 1 where a wing's tests noticed fewer than they have to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("coverage", nargs="?")
    parser.add_argument("times", nargs="?")
    parser.add_argument("--count", type=int, default=70)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wing", action="append", choices=WINGS)
    parser.add_argument("--at", action="append", help="instead of a sample: all of PATH:LINE")
    options = parser.parse_args(asked)
    record = Record.read(options.coverage, options.times) if options.times else None
    drawn = (
        [mutant for place in options.at for mutant in all_at(place)]
        if options.at
        else sample(options.count, options.seed, options.wing or list(WINGS))
    )
    tried, killed = Counter[str](), Counter[str]()
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as made:
        copies = SimpleQueue[Path]()
        for number in range(workers):
            copies.put(Path(made) / str(number))
            shutil.copytree(PACKAGE, Path(made) / str(number) / "protocol_sched")

        def attempt(mutant: Mutant) -> None:
            wing = wing_of(mutant.path)
            sources = copies.get()
            if record is None:
                noticed, tried_by = notice_near(mutant, sources), ", ".join(near(mutant.path))
            else:
                tests = record.tests(mutant)
                noticed = notice(mutant, tests, record, sources)
                tried_by = f"{len(tests)} tests run the line"
            copies.put(sources)
            tried[wing] += 1
            if noticed:
                killed[wing] += 1
            elif mutant.key in EXPLAINED:
                killed[wing] += 1
                print(f"explained: {mutant.path}:{mutant.line}: {EXPLAINED[mutant.key]}")
            else:
                print(
                    f"{mutant.path}:{mutant.line}: {mutant.was}  ->  {mutant.becomes}"
                    f"  ({tried_by})",
                    flush=True,
                )

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(attempt, drawn))
    short = False
    for wing, share in WINGS.items():
        if tried[wing]:
            print(f"{wing:16} {killed[wing]:4} of {tried[wing]:4} noticed")
            short |= killed[wing] < share * tried[wing]
    return int(short)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
