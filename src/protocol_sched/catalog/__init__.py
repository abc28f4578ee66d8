"""Published protocols as data files, each with its sources; a clinician must confirm each."""

from __future__ import annotations

import difflib
from importlib import resources

from protocol_sched.errors import UnknownName
from protocol_sched.formats.documents.documents import read_protocol
from protocol_sched.model.protocol import Protocol


def names() -> tuple[str, ...]:
    """Return the names of all protocols in the catalog, in alphabetical order."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


def text(name: str) -> str:
    """
    Return the TOML text of one protocol of the catalog.

    Raises:
        UnknownName: There is none of that name; ``known`` holds the nearest names, or all.
    """
    known = names()
    if name not in known:
        near = tuple(difflib.get_close_matches(name, known, n=5))
        raise UnknownName("catalog", "protocol", name, near or known)
    return resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def load(name: str) -> Protocol:
    """
    Return one protocol of the catalog.

    Raises:
        UnknownName: There is none of that name.
    """
    return read_protocol(text(name), f"{name}.toml")
