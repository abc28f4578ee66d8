"""What pictures say, in French."""

from __future__ import annotations

from collections.abc import Mapping

PICTURES: Mapping[str, str] = {
    "Earlier": "Plus tôt",
    "escort": "accompagnant",
    "office": "secrétariat",
    "{start} to {end}": "{start} à {end}",
    "from {start}": "à partir de {start}",
    "until {end}": "jusqu'à {end}",
    "all day": "toute la journée",
    "arrive {clock}": "arrivée à {clock}",
    "discharge at {last}": "sortie à {last}",
    "discharge between {first} and {last}": "sortie entre {first} et {last}",
    "{text} on {day}": "{text} le {day}",
    "the ride home is waived": "dispensé d'accompagnant",
    "home with {escort}, ride unconfirmed": "retour avec {escort}, pas encore confirmé",
    "home with {escort}, ride confirmed": "retour avec {escort}, confirmé",
    "home with {escort}, ride declined": "retour avec {escort}, refusé",
    "no driving until {when}": "ne pas conduire avant le {when}",
    "ride waived": "dispensé",
    " declined": " refusé",
    "closed": "fermé",
    "the person can come": "la personne peut venir",
    "an escort can drive": "un accompagnant peut conduire",
    "No visit is due.": "Aucun rendez-vous n'est prévu.",
    "course {key}": "traitement {key}",
    "times in {zone}": "heures de {zone}",
    "{visits} on {first}.": "{visits} le {first}.",
    "{visits} from {first} to {last}.": "{visits} du {first} au {last}.",
    "no visits for {weeks}, {first} to {last}": "{weeks} sans rendez-vous, du {first} au {last}",
    "clinic closed {days}": "centre fermé {days}",
    "the person is away": "la personne n'est pas là",
    "away": "absence",
    "no driving": "ne pas conduire",
    "may run until then": "peut durer jusque-là",
    "clinic closed on that date": "centre fermé ce jour-là",
    "closed on that weekday": "fermé ce jour de la semaine",
    "person away": "personne absente",
    "already given": "déjà fait",
    "ride not confirmed yet": "retour pas encore confirmé",
    "Each day is drawn from {first} to {last}; its light strip is when the clinic is open.": (
        "Chaque jour va de {first} à {last} ; la bande claire montre quand le centre est ouvert."
    ),
    "as of {day}": "au {day}",
    "no visit in {last}": "aucun rendez-vous en {last}",
    "no visit in {first} to {last}": "aucun rendez-vous de {first} à {last}",
    "planned": "planifié",
    "asked for by the protocol": "demandé par le protocole",
    "allowed dates; a tick marks a limit": "quand il peut avoir lieu ; un trait est une limite",
}
"""By the English template."""
