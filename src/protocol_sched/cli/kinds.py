"""What a file is, told from its content, for whoever gave the wrong one."""

from __future__ import annotations

from collections.abc import Mapping

from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.documents import documents

_KEYS: Mapping[str, tuple[str, ...]] = {
    "protocol": ("phases", "visit_types"),
    "course": ("protocol", "events", "not_before", "start", "finish_by"),
    "clinic": ("hours", "places", "staff", "team", "closures", "start_every"),
    "person": ("key", "escorts", "available", "away", "preferences", "commitments"),
    "plan": ("proof", "agenda"),
}
"""Keys that only such a file has, the surest first."""
_BEGINNINGS = {
    "BEGIN:VCALENDAR": "a calendar file",
    "<?XML": "an XML file or a picture",
    "<SVG": "a picture",
    "<!DOCTYPE": "a web page",
    "<HTML": "a web page",
}


def kind_of(keys: Mapping[str, object]) -> str:
    """Return which of our files a document with these keys is; empty where it is none."""
    if "phases" in keys:
        return "protocol"
    if {"key", "protocol"} <= keys.keys():
        return "course"
    fits = {kind: len(keys.keys() & {*marks}) for kind, marks in _KEYS.items()}
    kind = max(fits, key=lambda one: fits[one])
    return kind if fits[kind] else ""


def said_to_be(text: str) -> str:
    """Return what a text is, with its article; empty where nothing is known or it is broken."""
    begins = text.lstrip("\ufeff \t\r\n")[:20].upper()
    for beginning, what in _BEGINNINGS.items():
        if begins.startswith(beginning):
            return what
    try:
        mapping = documents.read_document(text)
    except InvalidDocument:
        first = text.strip().partition("\n")[0]
        return "a table" if "," in first and "=" not in first and "[" not in first else ""
    if "usdmVersion" in mapping or "study" in mapping:
        return "a study design, which `import` reads"
    if "resourceType" in mapping:
        return "a FHIR resource, which `import` may read"
    kind = kind_of(mapping)
    return f"a {kind}" if kind else ""
