"""The earlier name of `last_notice`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol_sched.model.former import names_of

if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of("protocol_sched.model.last_notice")
