"""Whatever happens to a course, and in whatever order, planning it anew stays lawful."""

from __future__ import annotations

from hypothesis import settings

from histories import Histories

TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
