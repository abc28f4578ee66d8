"""The long search itself: what it counts, and what it says of a law that is broken."""

from __future__ import annotations

import pytest

import fuzz

PRINTED = """\
tests/test_x.py::test_law:

  - during generate phase (1.00 seconds):
    - Typical runtimes: ~ 1ms
    - 40 passing examples, 0 failing examples, 3 invalid examples
    - Events:
      * 50.00%, a gate by a visit
"""


def test_worlds_are_counted_and_a_broken_law_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = iter([0, 1])
    monkeypatch.setattr(fuzz, "files", lambda *_: iter([("tests/test_x.py", 7)] * 2))
    said = PRINTED + "FAILED tests/test_x.py::test_law\n"
    monkeypatch.setattr(fuzz, "run", lambda *_: (said, next(ends)))
    assert fuzz.main(1, []) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("tests/test_x.py, seed 7\nFAILED tests/test_x.py::test_law\n")
    assert "      80 tests/test_x.py::test_law\n      80 worlds in all\n" in printed
    assert printed.endswith("      40 a gate by a visit\n")
