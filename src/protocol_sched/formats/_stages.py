"""Which stage a visit is about, for formats that show one of them before the others."""

from __future__ import annotations

from protocol_sched.model.moments import elapsed
from protocol_sched.model.schedule import PlannedStage, Visit

PURPOSES = ("infusion", "injection", "administration", "dosing")
"""Stages of such names are what a visit is for, where none is named like its type."""


def main_stage(visit: Visit) -> PlannedStage | None:
    """
    Return the stage a visit is about; ``None`` of a visit without stages.

    The first one named like the visit's type, else like a purpose, else the longest.
    """
    for name in filter(None, (visit.kind.lower(), *PURPOSES)):
        for stage in visit.stages:
            if name in stage.name.lower():
                return stage
    lengths = [elapsed(stage.start, stage.end_by) for stage in visit.stages]
    return visit.stages[lengths.index(max(lengths))] if lengths else None
