"""The command line: the only place that reads the clock and files, and prints."""

from __future__ import annotations

from protocol_sched.cli.main import main

__all__ = ["main"]
