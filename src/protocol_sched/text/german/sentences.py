"""What is said by template, in German."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "The earliest possible end: {day}.": "Frühestmögliches Ende: {day}.",
    "The earliest possible date of {visit}: {start}.": "Frühestmöglicher Termin für {visit}: "
    "{start}.",
    "The latest possible date of {visit}: {start}.": "Spätestmöglicher Termin für {visit}: "
    "{start}.",
    "The nearest possible date of {visit}: {start}.": "Der nächstliegende mögliche Termin für "
    "{visit}: {start}.",
    "The nearest possible dates of {visit}: {starts}.": "Die nächstliegenden möglichen Termine für "
    "{visit}: {starts}.",
}
THINGS: Mapping[str, tuple[str, str]] = {}
