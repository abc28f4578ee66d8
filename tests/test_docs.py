"""
What README.md and docs/ show is run, and what they print is what they show.

In each file, in order and in one directory with a copy of ``examples/``: ``python`` blocks are
executed, sharing their names; in ``console`` blocks every line after ``$ `` is run, and lines
below it, if any, are its output. A ``text`` block right below a ``python`` block is what that
one prints. Blocks marked ``sh`` are for people and not run. Run as a program, this file writes
the outputs anew.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import protocol_sched
from command_line import in_process

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
DRAWN, PICTURE = Path("out/course.svg"), ROOT / "docs" / "course.svg"
REFERENCE = sorted((ROOT / "docs" / "reference").glob("*.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
PLAIN = re.compile(r"protocol-sched [^|&;<>$`*?#~(){}\\]*")
KNOWN = {"python", "console", "text", "sh", "toml", "json"}


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def run(command: str) -> subprocess.CompletedProcess[str]:
    """
    Run a shell command here; both its streams come back as one.

    What needs no shell, such as a ``protocol-sched`` without pipes and files, has none.
    """
    if PLAIN.fullmatch(joined := command.replace("\\\n", " ")):
        return in_process(shlex.split(joined)[1:], Path.cwd(), together=True)
    if command.startswith("make "):
        # The environment the tests run in stands for the one `make` would set up.
        given = f"--no-print-directory OUT=out VENV={sys.prefix} -o {sys.prefix}/.package"
        command = command.replace("make", f"make {given}", 1)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "PATH": path, "MAKEFLAGS": "", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def console(block: str) -> str:
    """Return a console block with the outputs its commands have now, where it shows any."""
    text = ""
    for entry in re.finditer(r"^\$ ((?:.*\\\n)*.*\n)((?:(?!\$ ).*\n)*)", block, re.M):
        command, shown = entry.groups()
        result = run(command.rstrip("\n"))
        assert result.returncode == 0 or "make " not in command, result.stdout
        text += f"$ {command}"
        if shown.strip():
            text += result.stdout.rstrip() + "\n" + ("\n" if shown.endswith("\n\n") else "")
        else:
            assert result.returncode == 0, f"{command}{result.stdout}"
            text += shown
    return text


def executed(page: Path) -> str:
    """Return the page's text with every shown output as it is now; run in an empty directory."""
    names: dict[str, object] = {"__name__": "__docs__"}

    def again(match: re.Match[str]) -> str:
        language, block, shown = match.groups()
        assert language in KNOWN, f"{page.name}: a block in {language!r}, not {sorted(KNOWN)}"
        if language == "console":
            return match[0].replace(block, console(block), 1)
        if language != "python":
            return match[0]
        line = page.read_text("utf-8")[: match.start()].count("\n") + 1
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile("\n" * line + block, str(page), "exec"), names)
        if shown is None:
            assert not printed.getvalue(), f"{page.name}:{line}: printed but not shown"
            return match[0]
        return match[0].replace(f"```text\n{shown}", f"```text\n{printed.getvalue()}")

    return BLOCK.sub(again, page.read_text("utf-8"))


def prepared(directory: Path) -> None:
    """Copy into a directory what a reader of the docs has in their checkout."""
    shutil.copytree(ROOT / "examples", directory / "examples")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, directory)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_shows_what_its_examples_print(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert executed(page) == page.read_text("utf-8")


def test_the_picture_in_the_readme_is_the_one_its_demo_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(tmp_path)
    monkeypatch.chdir(tmp_path)
    executed(ROOT / "README.md")
    assert DRAWN.read_bytes() == PICTURE.read_bytes()


def anchors(page: Path) -> set[str]:
    """Return what a page's headings are called in links, as GitHub and MkDocs both have it."""
    prose = BLOCK.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ (.+)$", prose, re.M)
    plain = (re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-") for text in plain}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_links_to_files_and_headings_that_exist(page: Path) -> None:
    dead = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)", BLOCK.sub("", page.read_text("utf-8"))):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_public_name_is_in_the_reference_once_in_an_example_and_documented() -> None:
    told, used = [], ""
    for page in REFERENCE:
        text = page.read_text("utf-8")
        told += " ".join(re.findall(r"<!-- names: (.*?) -->", text)).split()
        used += "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.M | re.S))
    assert sorted(told) == sorted(protocol_sched.__all__)
    assert [name for name in told if not re.search(rf"\b{name}\b", used)] == []
    assert [name for name in told if not described(getattr(protocol_sched, name))] == []


def described(value: object) -> bool:
    """Tell whether a value has a docstring of its own, not one that its kind wrote for it."""
    own = vars(value).get("__doc__") if isinstance(value, type) else inspect.getdoc(value)
    return bool(own) and not str(own).startswith("Method generated by attrs")


if __name__ == "__main__":
    for page in PAGES:
        with tempfile.TemporaryDirectory() as directory:
            prepared(Path(directory))
            with contextlib.chdir(directory):
                text = executed(page)
                if page.name == "README.md":
                    shutil.copy(DRAWN, PICTURE)
        page.write_text(text, "utf-8")
