"""From a protocol and a person's history to what is still due: every date with its rule."""

from __future__ import annotations

from protocol_sched.expansion.agenda import expand

__all__ = ["expand"]
