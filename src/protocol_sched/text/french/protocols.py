"""What a protocol's own rules say, and the sheet on which they are signed, in French."""

from __future__ import annotations

from collections.abc import Mapping

_CADENCES: Mapping[str, str] = {
    "visits {numbers}": "les rendez-vous {numbers}",
    "visit {numbers}": "le rendez-vous {numbers}",
    "before {visits}": "avant {visits}",
    "{text} (only {visits})": "{text} (seulement {visits})",
    "{least} to {most} visits": "{least} à {most} rendez-vous",
    "{least} to {most} cycles": "{least} à {most} cycles",
    "day {number}": "jour {number}",
    "week {number}": "semaine {number}",
    "month {number}": "mois {number}",
    "year {number}": "année {number}",
    "{point} + {span}": "{point} + {span}",
    "{point} - {span}": "{point} - {span}",
    "{points} after {start}": "{points} après {start}",
    "at {points}, counted from {start}": "{points}, à compter depuis {start}",
    "on {points}, counted from {start}": "{points}, à compter depuis {start}",
    "on {number} days in a row, without weekends": "{number} jours de suite, sans les week-ends",
    "on {number} days in a row, weekends included": "{number} jours de suite, week-ends compris",
    "{number} a week (weeks begin on {begins}), ideally spread over it": (
        "{number} par semaine (début de semaine : {begins}), de préférence bien répartis"
    ),
    "{number} a week (weeks begin on {begins}), on any days of it": (
        "{number} par semaine (début de semaine : {begins}), n'importe quels jours"
    ),
    "{text}, counted from {start}": "{text}, à compter depuis {start}",
    "{text}, counted from when the visit before was given": (
        "{text}, à compter depuis le rendez-vous précédent, tel qu'il a eu lieu"
    ),
    "one every day": "un par jour",
    "one every week": "un par semaine",
    "one every month": "un par mois",
    "one every year": "un par an",
    "one every hour": "un par heure",
    "one every minute": "un par minute",
    "one every {span}": "{span} entre deux rendez-vous",
    "on the day itself": "le jour même",
    "{span} ({earlier} earlier to {later} later)": (
        "{span} (de {earlier} plus tôt à {later} plus tard)"
    ),
    "{span} (up to {later} later)": "{span} (jusqu'à {later} plus tard)",
    "{span} (up to {earlier} earlier)": "{span} (jusqu'à {earlier} plus tôt)",
    "{text}; a cycle is {span} long": "{text} ; un cycle dure {span}",
    "each visit": "chaque rendez-vous",
    "the first visit": "le premier rendez-vous",
    "each visit from the {nth} on": "chaque rendez-vous à partir du {nth}",
    "before each visit": "avant chaque rendez-vous",
    "before the first visit": "avant le premier rendez-vous",
    "before each visit from the {nth} on": "avant chaque rendez-vous à partir du {nth}",
    "visits without a stated end": "rendez-vous sans fin indiquée",
    "cycles without a stated end": "cycles sans fin indiquée",
    "without a stated end": "sans fin indiquée",
    "at least {things}, without a stated end": "au moins {things}, sans fin indiquée",
    "{things}": "{things}",
    "{text}, {number} a day": "{text}, {number} par jour",
    "{text}, without closed days": "{text}, sans les jours de fermeture",
    "{text}, a closed day made up by the next Saturday or Sunday that is open": (
        "{text}, un jour de fermeture rattrapé le samedi ou le dimanche d'ouverture suivant"
    ),
    "{text}, a closed day made up by a second visit on the day before or after, at least {span} "
    "apart": (
        "{text}, un jour de fermeture rattrapé par un second rendez-vous la veille ou le "
        "lendemain, "
        "à au moins {span} d'intervalle"
    ),
    "all of them in {span} from the first to the last, ideally spread over it": (
        "{span} du premier au dernier, de préférence à intervalles réguliers"
    ),
    "all of them in {span} from the first to the last, on any days of it": (
        "{span} du premier au dernier, n'importe quels jours"
    ),
    "one when it is asked for: {what}": "un à la demande : {what}",
    "{first} on": "à partir de {first}",
    "the weekday of the first visit": "jour du premier rendez-vous",
    "the visit before": "le rendez-vous précédent",
    "visit {number} of the course": "le rendez-vous {number} du traitement",
    "visit {number} of {phase}": "le rendez-vous {number} de {phase}",
    "each visit of {phase}": "chaque rendez-vous de {phase}",
    "the original dates": "les dates d'origine",
    "the day of the month of the first": "le jour du mois du premier",
    "the day {day} of the month": "le {day} du mois",
    "the start of the cycle": "le début du cycle",
    "the start of the previous cycle": "le début du cycle précédent",
    "the start of the course": "le début du traitement",
    "the start of the phase": "le début de la phase",
    "the start of {what}": "le début de {what}",
    "the end of the cycle": "la fin du cycle",
    "the end of the previous cycle": "la fin du cycle précédent",
    "the end of the course": "la fin du traitement",
    "the end of the phase": "la fin de la phase",
    "the end of {what}": "la fin de {what}",
    "the event {name}": "l'événement {name}",
    "each date of the series {name}": "chaque date de la série {name}",
}

_RULES: Mapping[str, str] = {
    "{name}": "{name}",
    "{name}: {span}": "{name} : {span}",
    "{text}; {more}": "{text} ; {more}",
    "{text}: {action}": "{text} : {action}",
    "({keys})": "({keys})",
    "{key}: {value}": "{key} : {value}",
    "none": "aucun",
    "yes": "oui",
    "no": "non",
    "{name} ({visit}): {how}": "{name} ({visit}) : {how}",
    "{name} ({visit}): {many}, {how}": "{name} ({visit}) : {many}, {how}",
    "{text}; begun when it is asked for: {what}": "{text} ; commence à la demande : {what}",
    "{text}; another cycle when it is asked for: {what}": (
        "{text} ; un autre cycle à la demande : {what}"
    ),
    "{text}; the first on day {days} of a month": "{text} ; le premier le jour {days} du mois",
    "{text}; two in a row are on different weekdays": (
        "{text} ; deux qui se suivent tombent des jours différents de la semaine"
    ),
    "{span} after {start}": "{span} après {start}",
    "{span} after {start} or {other}, whichever is later": (
        "{span} après {start} ou {other}, selon ce qui vient en dernier"
    ),
    "{span} after the visit before, counted along the original dates": (
        "{span} après le rendez-vous précédent, à compter sur les dates d'origine"
    ),
    "the first comes {after}": "le premier a lieu {after}",
    "the first is on the day of {days}": "le premier a lieu le même jour que {days}",
    "{visits} is {days}": "{visits} a lieu {days}",
    "{visits} are {days}": "{visits} ont lieu {days}",
    "on its date": "à la date cible",
    "within {span} of its date": "à {span} près de la date cible",
    "on its date or up to {span} after it": "à la date cible ou jusqu'à {span} après",
    "on its date or up to {span} before it": "à la date cible ou jusqu'à {span} avant",
    "{before} before to {after} after its date": (
        "de {before} avant à {after} après la date cible"
    ),
    "{text}; anything outside is only reported": (
        "{text} ; un écart plus grand est seulement signalé"
    ),
    "at most {span}": "au plus {span}",
    "at least {least} and at most {most}": "au moins {least} et au plus {most}",
    "{least} to {most}": "{least} à {most}",
    "{visits} comes {limits} after {starts}": "{visits} a lieu {limits} après {starts}",
    "{visits} come {limits} after {starts}": "{visits} ont lieu {limits} après {starts}",
    "{text}, from the end of the one to the start of the other": (
        "{text}, de la fin de l'un au début de l'autre"
    ),
    "{text}; one up to {span} too soon counts and is reported": (
        "{text} ; jusqu'à {span} trop tôt, il compte et est signalé"
    ),
    "at most {visits} in any {span} in a row": "au plus {visits} par période de {span}",
    "{visits}, if late: {rows}; otherwise ask a clinician": (
        "{visits}, en cas de retard : {rows} ; pour tout le reste, voir avec un médecin"
    ),
    "however late": "quel que soit le retard",
    "more than {span}": "plus de {span}",
    "less than {span}": "moins de {span}",
    "{band} after its date": "{band} après sa date",
    "{band} after the visit before": "{band} après le rendez-vous précédent",
    "{band} after the first visit": "{band} après le premier rendez-vous",
    "{late}: a clinician decides {what}": "{late} : un médecin décide : {what}",
    "it is given now": "il a lieu maintenant",
    "it is skipped": "il est omis",
    "the phase begins again": "la phase recommence",
    "it is the first of {phase}": "c'est le premier de {phase}",
    "{text}; it is skipped unless a late visit or a response leads to it": (
        "{text} ; sauté, sauf si un rendez-vous en retard ou une réponse y mène"
    ),
    "{text}, the first {span} after {start}": "{text}, le premier {span} après {start}",
    "{text}, the first on the day of {start}": "{text}, le premier le jour de {start}",
    "the course begins again": "le traitement recommence",
    "the next are on the original dates": "les suivants ont lieu aux dates d'origine",
    "the next count from it": "les suivants se comptent à partir de lui",
    "the next as before": "les suivants comme avant",
    "{visits} more, {span} apart": "{visits} de plus, à {span} d'intervalle",
    "the next regular one {span} later": "le suivant régulier {span} plus tard",
    "any of these dates closer than {span} is skipped": (
        "une de ces dates à moins de {span} est omise"
    ),
    "it is treated as the first of its type, and the next as the second": (
        "il vaut comme le premier de son type, et le suivant comme le deuxième"
    ),
    "{visits} of the course": "{visits} du traitement",
    "{visits} of {phase}": "{visits} de {phase}",
    "{visits} in each cycle": "{visits} dans chaque cycle",
    "{age} {visits}": "{age} {visits}",
    "{name}: {passed} {when}": "{name} : {passed} {when}",
    "{name}: {passed}, {when}": "{name} : {passed}, {when}",
    "passed": "validé",
    "passed {number} times in a row": "validé {number} fois de suite",
    "the visit {visit}": "le rendez-vous {visit}",
    "{text}; {other} is accepted instead": "{text} ; {other} est accepté à la place",
    "{text}; if not, {otherwise}": "{text} ; sinon, {otherwise}",
    "{text}; if not {number} times in a row, {otherwise}": (
        "{text} ; sinon, {number} fois de suite, {otherwise}"
    ),
    "the visit is on hold and a clinician is asked": (
        "le rendez-vous est en attente, à voir avec un médecin"
    ),
    "the visit is on hold, and {asked} may say that it goes on": (
        "le rendez-vous est en attente, et {asked} peut dire que l'on continue"
    ),
    "the visit is postponed": "le rendez-vous est reporté",
    "the course stops": "le traitement s'arrête",
    "{text}, until {span} after {start}": "{text}, jusqu'à {span} après {start}",
    "{text}, until {start}": "{text}, avant {start}",
    "{text}, until {span} after it": "{text}, jusqu'à {span} après",
    "{text}, counted from the end of that": "{text}, à compter de sa fin",
    "percent fall from the first": "baisse en pour cent depuis la première mesure",
    "rise from the one before": "hausse depuis la mesure précédente",
    "{name}: if {what} is {band}": "{name} : si {what} est {band}",
    "{text}, read after {phase}": "{text}, lu après {phase}",
    "{text}, read before {phase}": "{text}, lu avant {phase}",
    "{text}, no earlier than {span} after {start}": "{text}, au plus tôt {span} après {start}",
    "{phase} goes on with {how}": "{phase} continue avec {how}",
    "on to {phase}": "passage à {phase}",
    "one more visit in {phase}, at {place}": "un rendez-vous de plus dans {phase}, à {place}",
    "{visits} more in {phase}": "{visits} de plus dans {phase}",
    "one step back in {ladder}": "un cran en arrière dans {ladder}",
    "no further treatment: {why}": "fin du traitement : {why}",
    "{text}, holds {needs}": "{text}, occupe {needs}",
    "{text}, until {what}": "{text}, jusqu'à : {what}",
    "{text}, {span} set aside": "{text}, {span} réservés",
    "{text}, {span} without a ride home": "{text}, {span} sans accompagnant pour le retour",
    "{span} before": "{span} avant",
    "{span} after": "{span} après",
    "within {span}": "au plus {span}",
    "{name}: {when} it": "{name} : {when} le rendez-vous",
    "{name}: not {when} it": "{name} : pas {when} le rendez-vous",
    "at any time around": "à tout moment avant ou après",
    "{what}: every {span}": "{what} : toutes les {span}",
    "{what}: {times} after the stage begins": "{what} : {times} après le début de l'étape",
    "{text}; it is repeated {span} after that at the earliest": (
        "{text} ; on recommence au plus tôt {span} après"
    ),
    "{name}: {span}, over before the arrival": "{name} : {span}, fini avant l'arrivée",
    "{name}: {span}, over before the stage {stage}": "{name} : {span}, fini avant l'étape {stage}",
    "{name}: {span}, over {ahead} before the arrival": (
        "{name} : {span}, fini {ahead} avant l'arrivée"
    ),
    "{name}: {span}, over {ahead} before the stage {stage}": (
        "{name} : {span}, fini {ahead} avant l'étape {stage}"
    ),
    "{name}: {span} after the discharge": "{name} : {span} après la sortie",
    "{name}: {span} after the stage {stage}": "{name} : {span} après l'étape {stage}",
    "an adult takes the person home and is free for the whole discharge window; "
    "confirmed {span} before": (
        "un adulte ramène la personne chez elle et est libre pendant tout le temps de la sortie "
        "possible ; confirmé {span} avant"
    ),
    "{text}; stays {span} after the discharge": "{text} ; reste {span} après la sortie",
    "no driving until the next day": "ne pas conduire avant le lendemain",
    "no driving for {span}": "ne pas conduire pendant {span}",
    "{text}, and not before a rest of {span}": "{text}, et pas avant un repos de {span}",
    "no {what} for {span} before the arrival": "pas de : {what}, pendant {span} avant l'arrivée",
    "no {what} for {span} before the stage {stage}": (
        "pas de : {what}, pendant {span} avant l'étape {stage}"
    ),
}

_SHEET: Mapping[str, str] = {
    "Every line is to be confirmed by a clinician before the protocol is used. It says when, how "
    "far apart and who must be there; it holds no dose and no advice.": (
        "Chaque ligne est à confirmer par un médecin avant l'usage du protocole. Elle dit quand, à "
        "quel intervalle et qui doit être là ; elle ne contient ni dose ni conseil."
    ),
    "{rules}: {standings}; {number} are safety rules.": (
        "{rules} : {standings} ; {number} sont des règles de sécurité."
    ),
    "{rules}: {standings}; {number} is a safety rule.": (
        "{rules} : {standings} ; {number} est une règle de sécurité."
    ),
    "{rules}: {standings}; none is a safety rule.": (
        "{rules} : {standings} ; aucune n'est une règle de sécurité."
    ),
    "found in a source": "d'après une source",
    "found in part (the rest local)": "en partie d'après une source (le reste local)",
    "the clinic's own choice (local)": "choix du centre (local)",
    "not checked in the source named (unverified)": "sans vérification dans la source citée",
    "from memory": "de mémoire",
    "Found": "Lu",
    "Part is the clinic's own choice; found": "En partie choix du centre ; lu",
    "Local, the clinic's own choice": "Local, choix du centre",
    "Unverified": "Non vérifié",
    "From memory, not checked": "De mémoire, non vérifié",
    "SAFETY RULE. ": "RÈGLE DE SÉCURITÉ. ",
    "Not a safety rule. ": "Pas une règle de sécurité. ",
    "No source.": "Sans source.",
    "; not checked: {keys}": " ; non vérifié : {keys}",
    "read {on}": "lu le {on}",
    "not read again": "non relu",
    "text of another country, {country}; {read}": "texte d'un autre pays, {country} ; {read}",
    "Open in the sources: what does this clinic do?": (
        "Non précisé par les sources : que fait ce centre ?"
    ),
    "Sources": "Sources",
    "Signed": "Signé",
    "Name": "Nom",
    "Date": "Date",
    "Signature": "Signature",
    "the file": "le fichier",
    "before the visits": "avant les rendez-vous",
    "phase {name}": "phase {name}",
    "visit type {name}": "type de rendez-vous {name}",
    "other visits": "autres rendez-vous",
    "responses": "adaptations",
    "{name}: {says}": "{name} : {says}",
    "{text}; the least distance is a safety rule, the greatest is not": (
        "{text} ; l'écart minimal est une règle de sécurité, l'écart maximal non"
    ),
    "a date that its month does not have is on its last day": (
        "une date qui n'existe pas dans son mois est le dernier jour de celui-ci"
    ),
    "a date that its month does not have is on the 1st of the next one": (
        "une date qui n'existe pas dans son mois est le 1er du suivant"
    ),
    "only on {weekdays}": "seulement le {weekdays}",
    "{first} or {last}": "{first} ou {last}",
    "{notice} of notice": "préavis : {notice}",
    "country not stated": "pays non indiqué",
    "indication not stated": "indication non précisée",
    "{theirs} compared with {mine}": "{theirs} comparé à {mine}",
    "No rule differs.": "Aucune règle ne diffère.",
    "In {name}: {counts}.": "Dans {name} : {counts}.",
    "open: {asks}": "ouvert : {asks}",
    "found": "lu",
    "found in part": "lu en partie",
    "not checked: {keys}": "non vérifié : {keys}",
    "safety rule": "règle de sécurité",
    "added": "ajouté",
    "missing": "manque",
    "changed": "changé",
    "now": "ici",
    "{number} missing": "manquantes : {number}",
    "{number} changed": "changées : {number}",
}

PROTOCOLS: Mapping[str, str] = {**_CADENCES, **_RULES, **_SHEET}
"""By the English template."""
