"""Documents with something else in one place, for readers that must refuse or read them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from protocol_sched.errors import InvalidDocument

_JUNK: tuple[Any, ...] = (None, 7, True, "x", [], {}, [None], [[]], {"id": {}}, -1.5, [{}])


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every part of a document but the whole."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


def refusals(read: Callable[[Any], object], document: dict[str, Any]) -> int:
    """
    Return how many documents with junk in one place are refused; all others must be read.

    Raises:
        Exception: Whatever a reader raises but `InvalidDocument`.
    """
    tried = 0
    for path in list(places(document)):
        for junk in _JUNK:
            of = copy.deepcopy(document)
            owner: Any = of
            for key in path[:-1]:
                owner = owner[key]
            owner[path[-1]] = copy.deepcopy(junk)
            try:
                read(of)
            except InvalidDocument:
                tried += 1
    return tried
