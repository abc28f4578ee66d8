"""
Turns a treatment protocol, one person's history and real calendars into dated visits.

A protocol says what is given and how far apart; a course is one person's run through it.
`expand` tells what is still due, `plan_course` places it on real calendars so that every rule
is kept and no better plan exists, and `violations` judges any schedule independently.
Files and calendars are read and written by `protocol_sched.formats`, texts by
`protocol_sched.text`; what most programs need of them has its name here too.

The library schedules. It never doses or recommends treatment.

Public names are loaded when they are first used, so that importing the package costs nothing.
A function that is taken from here says which of its arguments has a wrong type, and which one it
wants; inside the package a type checker has seen to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import get_data
from types import FunctionType
from typing import Any


@cache
def _homes() -> dict[str, str]:
    """Return each public name with its module, as the imports in ``__init__.pyi`` list them."""
    listed = (get_data(__name__, "__init__.pyi") or b"").decode().splitlines()
    imports = [line.split() for line in listed if line.startswith("from ")]
    return {name: module for _, module, _, name, *_ in imports}


@cache
def _earlier() -> Mapping[str, tuple[str, str]]:
    """Return public names as they were called, each with its module and its name now."""
    from protocol_sched.model.former import NAMES

    return {name: place for name, place in NAMES.items() if place[1] in _homes()}


def _at_the_door(function: Any, name: str) -> Any:
    """Return a function that looks at its arguments first, and can be sent to another process."""
    from protocol_sched.model.typed import asked

    careful = asked(function)
    careful.__module__, careful.__qualname__ = __name__, name
    return careful


def __getattr__(name: str) -> Any:
    homes = _homes()
    if name == "__all__":
        return sorted(homes)
    if name in homes:
        found = getattr(import_module(homes[name]), name)
        if isinstance(found, FunctionType):
            found = _at_the_door(found, name)
        globals()[name] = found
        return found
    if name in _earlier():
        return getattr(import_module(__name__), _earlier()[name][1])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "__all__", *_homes()})
