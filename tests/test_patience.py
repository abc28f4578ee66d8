"""That a command is still at work is told at a terminal, and nowhere else."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable

import pytest

from protocol_sched.cli import inputs


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class AtOnce:
    """A timer that goes off when it is started."""

    daemon = False

    def __init__(self, _: float, says: Callable[[], None]) -> None:
        self.says = says

    def start(self) -> None:
        self.says()

    def cancel(self) -> None:
        pass


@pytest.mark.parametrize(("stream", "said"), [(Terminal(), "wait\n"), (io.StringIO(), "")])
def test_work_is_told_at_a_terminal_only(
    stream: io.StringIO, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "Timer", AtOnce)
    monkeypatch.setattr(sys, "stderr", stream)
    with inputs.patience("wait"):
        pass
    assert stream.getvalue() == said
