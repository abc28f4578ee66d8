"""What pictures say, in German."""

from __future__ import annotations

from collections.abc import Mapping

PICTURES: Mapping[str, str] = {
    "Earlier": "Früher",
    "escort": "Begleitung",
    "office": "Büro",
    "{start} to {end}": "{start} bis {end}",
    "from {start}": "ab {start}",
    "until {end}": "bis {end}",
    "all day": "ganztägig",
    "arrive {clock}": "Ankunft {clock}",
    "discharge at {last}": "Entlassung um {last}",
    "discharge between {first} and {last}": "Entlassung zwischen {first} und {last}",
    "{text} on {day}": "{text} am {day}",
    "the ride home is waived": "die Begleitung nach Hause ist erlassen",
    "home with {escort}, ride unconfirmed": "nach Hause mit {escort}, noch nicht zugesagt",
    "home with {escort}, ride confirmed": "nach Hause mit {escort}, zugesagt",
    "home with {escort}, ride declined": "nach Hause mit {escort}, abgesagt",
    "no driving until {when}": "nicht selbst fahren bis {when}",
    "ride waived": "Begleitung erlassen",
    " declined": " abgesagt",
    "closed": "geschlossen",
    "the person can come": "die Person kann kommen",
    "an escort can drive": "eine Begleitung kann fahren",
    "No visit is due.": "Es steht kein Termin aus.",
    "course {key}": "Behandlung {key}",
    "times in {zone}": "Uhrzeiten in {zone}",
    "{visits} on {first}.": "{visits} am {first}.",
    "{visits} from {first} to {last}.": "{visits} von {first} bis {last}.",
    "no visits for {weeks}, {first} to {last}": "{weeks} ohne Termin, {first} bis {last}",
    "clinic closed {days}": "Klinik geschlossen {days}",
    "the person is away": "die Person ist nicht da",
    "away": "nicht da",
    "no driving": "nicht selbst fahren",
    "may run until then": "kann so lange dauern",
    "clinic closed on that date": "Klinik an diesem Tag geschlossen",
    "closed on that weekday": "an diesem Wochentag geschlossen",
    "person away": "Person nicht da",
    "already given": "schon gewesen",
    "ride not confirmed yet": "Heimfahrt noch nicht zugesagt",
    "Each day is drawn from {first} to {last}; its light strip is when the clinic is open.": (
        "Jeder Tag reicht von {first} bis {last}; der helle Streifen zeigt, wann die Klinik "
        "geöffnet ist."
    ),
    "as of {day}": "Stand {day}",
    "no visit in {last}": "kein Termin im {last}",
    "no visit in {first} to {last}": "kein Termin von {first} bis {last}",
    "planned": "geplant",
    "asked for by the protocol": "vom Protokoll verlangt",
    "allowed dates; a tick marks a limit": "wann er sein darf; ein Strich ist eine Grenze",
}
"""By the English template."""
