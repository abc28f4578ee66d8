"""
What is said by template, in German: dates and their rules, questions, changes, verdicts, a clinic.

What a visit is measured from stands in the dative, as it always comes after ``nach``, ``vor`` or
``von``. What files call their keys and answers stays as files have it.
"""

from __future__ import annotations

from collections.abc import Mapping

from protocol_sched.text.german.pictures import PICTURES
from protocol_sched.text.german.protocols import PROTOCOLS

THINGS: Mapping[str, tuple[str, str]] = {
    "calendar day": ("Kalendertag", "Kalendertage"),
    "course": ("Behandlung", "Behandlungen"),
    "cycle": ("Zyklus", "Zyklen"),
    "day": ("Tag", "Tage"),
    "new course": ("neue Behandlung", "neue Behandlungen"),
    "rule": ("Regel", "Regeln"),
    "visit": ("Termin", "Termine"),
    "week": ("Woche", "Wochen"),
}

_DATES: Mapping[str, str] = {
    "start of the course": "dem Beginn der Behandlung",
    "first possible date": "dem ersten möglichen Tag",
    "day asked for": "dem gewünschten Tag",
    "the original date of {title}": "dem ursprünglichen Tag von {title}",
    "day {day} of the month": "dem {day}. des Monats",
    "{name} of {on}": "{name} vom {on}",
    "{title} that did not count": "{title}, der nicht zählte",
    "as soon as possible": "so bald wie möglich",
    "as soon as possible, overdue since {since}": "so bald wie möglich, überfällig seit {since}",
    "{span}": "{span}",
    "{span} after {name}": "{span} nach {name}",
    "{span} before {name}": "{span} vor {name}",
    "on {name}": "am Tag von {name}",
    "on the {name}": "am Tag von {name}",
    "on the day of {name}": "am Tag von {name}",
    "after {name}": "nach {name}",
    "ideally {apart}": "am besten {apart}",
    "at least {apart}": "mindestens {apart}",
    "at most {apart}": "höchstens {apart}",
    "at least {span} before {name}": "mindestens {span} vor {name}",
    "at most {span} before {name}": "höchstens {span} vor {name}",
    "at least {span} after {name}": "mindestens {span} nach {name}",
    "{apart}, spread evenly": "{apart}, gleichmäßig verteilt",
    "at most {number} in any {span}": "höchstens {number} je {span}",
    "not before its target, {apart}; no earlier limit is published": (
        "nicht vor dem Zieldatum, {apart}; eine frühere Grenze ist nicht veröffentlicht"
    ),
    "not after its target, {apart}; no later limit is published": (
        "nicht nach dem Zieldatum, {apart}; eine spätere Grenze ist nicht veröffentlicht"
    ),
    "not before {day}": "nicht vor {day}",
    "not before {day}, the day of the agenda": "nicht vor {day}, dem Stichtag",
    "not before {day}, the start of the course": "nicht vor {day}, dem Beginn der Behandlung",
    "not before {day}, the day after it was missed": "nicht vor {day}, dem Tag nach dem Ausfall",
    "not after {day}, the end of the course": "nicht nach {day}, dem Ende der Behandlung",
    "on {day} at the latest": "spätestens am {day}",
    "postponed until {day}": "verschoben auf {day}",
    "on {weekdays} only": "nur am {weekdays}",
    "on {days} of a month": "am {days} eines Monats",
    "day {first}": "{first}.",
    "day {first} to {last}": "{first}. bis {last}.",
    "fixed at {day} {clock}": "festgelegt auf {day}, {clock} Uhr",
    "late enough for {work} ahead of it": "spät genug für {work} davor",
    "with {notice} of notice": "mit Vorlauf ({notice})",
    "after {gate} is received": "nach dem Eingang von {gate}",
    "after a test: {gate}": "nach einer Untersuchung: {gate}",
    "at least {span} after a test that can be from {day} on": (
        "mindestens {span} nach einer Untersuchung, die ab {day} sein kann"
    ),
    "with {title} of {on} instead of {gate}": "mit {title} vom {on} statt {gate}",
    "the next working day after {name}": "am nächsten Werktag nach {name}",
    "{days} working days after {name}": "{days} Werktage nach {name}",
    "{days} working day": "{days} Werktag",
    "{days} working days": "{days} Werktage",
    "{days} after {name}, or made up before or after a day the clinic is closed": (
        "{days} nach {name}, oder nachgeholt vor oder nach einem Tag, an dem die Klinik "
        "geschlossen ist"
    ),
    "{days} after {name} on which the clinic is open, a weekend only for days that were closed": (
        "{days} nach {name}, an denen die Klinik geöffnet ist, ein Wochenende nur für Tage, an "
        "denen sie geschlossen war"
    ),
    "the next day after {name} on which the clinic is open": (
        "am nächsten Tag nach {name}, an dem die Klinik geöffnet ist"
    ),
    "the next day from Monday to Friday after {name} on which the clinic is open": (
        "am nächsten Tag von Montag bis Freitag nach {name}, an dem die Klinik geöffnet ist"
    ),
    "{span} after {name}, or on {day}": "{span} nach {name}, oder {day}",
    "the next day on which the clinic is open": "am nächsten Tag, an dem die Klinik geöffnet ist",
    "the previous day on which the clinic is open": (
        "am letzten Tag davor, an dem die Klinik geöffnet ist"
    ),
    "the nearest day on which the clinic is open": (
        "am nächstgelegenen Tag, an dem die Klinik geöffnet ist"
    ),
    "in {week}, {number} a week from {name} on and no more than it has days on which the clinic "
    "is open": (
        "in {week}, {number} pro Woche ab {name} und nicht mehr, als sie Tage hat, an denen die "
        "Klinik geöffnet ist"
    ),
    "the week that has room for it": "der Woche, die dafür Platz hat",
    "the week after the one that has room for the visit before it": (
        "der Woche nach der, die für den Termin davor Platz hat"
    ),
    "{span} after the week of {name}, weeks from {begins}": (
        "{span} nach der Woche von {name}, Wochen ab {begins}"
    ),
    "in the week of {name}, weeks from {begins}": "in der Woche von {name}, Wochen ab {begins}",
    "the first visit of the phase": "dem ersten Termin der Phase",
    "on another weekday than {name}": "an einem anderen Wochentag als {name}",
    "Monday": "Montag",
    "Tuesday": "Dienstag",
    "Wednesday": "Mittwoch",
    "Thursday": "Donnerstag",
    "Friday": "Freitag",
    "Saturday": "Samstag",
    "Sunday": "Sonntag",
}

_LATE: Mapping[str, str] = {
    "{late}: {follows}": "{late}: {follows}",
    "{action} ({note})": "{action} ({note})",
    "{first}, {then}": "{first}, {then}",
    "over {span}": "über {span}",
    "at least {span}": "mindestens {span}",
    "under {span}": "unter {span}",
    "up to {span}": "bis {span}",
    "any lateness": "bei jeder Verspätung",
    "a clinician decides {what}": "ärztlich zu entscheiden: {what}",
    "give now": "jetzt geben",
    "skip it": "auslassen",
    "begin the phase again": "die Phase neu beginnen",
    "begin {phase}": "mit {phase} beginnen",
    "begin the course again": "die Behandlung neu beginnen",
    "{number} more visit {span} apart": "{number} Termin mehr (Abstand {span})",
    "{number} more visits {span} apart": "{number} Termine mehr (Abstand {span})",
    "the next {span} later": "der nächste {span} danach",
    "then on the original dates": "dann an den ursprünglichen Tagen",
    "then on the original dates, if at least {span} away": (
        "dann an den ursprünglichen Tagen, wenn mindestens {span} entfernt"
    ),
    "then from this visit": "dann ab diesem Termin",
    "then as before": "dann wie bisher",
    "{title} was due by {due}": "{title} war bis {due} fällig",
    "{late}; on {on} a clinician decides {what}": "{late}; am {on} ärztlich zu entscheiden: {what}",
    "{title} was due by {due}; the source leaves open what follows on {on}": (
        "{title} war bis {due} fällig; die Quelle lässt offen, was am {on} folgt"
    ),
}

_QUESTIONS: Mapping[str, str] = {
    "the course has more than {count} treatment visits; only the first {count} are laid out and "
    "planned. Is it meant to be this long?": (
        "die Behandlung hat mehr als {count} Termine; nur die ersten {count} sind ausgelegt und "
        "geplant. Soll sie so lang sein?"
    ),
    "{title} of {day} was not planned; do the visits after it count from it?": (
        "{title} vom {day} war nicht geplant; zählen die Termine danach von ihm an?"
    ),
    "{title} was given too soon; does it count?": "{title} war zu früh; zählt der Termin?",
    "{visit} was given on {on} and is not a visit of this course; which visit was it?": (
        "{visit} ist für {on} vermerkt und kein Termin dieser Behandlung; welcher Termin war es?"
    ),
    "{name} was recorded on {on} but the protocol reads no such measure; is it {near}?": (
        "{name} ist für {on} vermerkt, und das Protokoll kennt keinen solchen Messwert; ist "
        "{near} gemeint?"
    ),
    "How long after one cycle of {phase} does the next begin?": (
        "Wie lange nach einem Zyklus von {phase} beginnt der nächste?"
    ),
    "{title} was postponed on {on}{why}; what is the first date it may be on?": (
        "{title} wurde am {on} verschoben{why}; ab welchem Tag ist der Termin wieder möglich?"
    ),
    "{gate} of {on} has no result on record; {title} needs {band}: what was it?": (
        "zu {gate} vom {on} ist kein Ergebnis vermerkt; {title} braucht {band}: was war es?"
    ),
    "{gate} of {on} was not passed": "{gate} vom {on} war nicht bestanden",
    "{gate} of {on} was {value}, not {band}": "{gate} vom {on} war {value}, nicht {band}",
    "{said} ({row} of {of} in a row)": "{said} ({row} von {of} nacheinander)",
    "{said}; {title} is on hold: when is {gate} passed?": (
        "{said}; {title} wartet: wann ist {gate} bestanden?"
    ),
    "{said}; {title} is on hold until {who} decides whether to go on": (
        "{said}; {title} wartet, bis {who} sagt, ob es weitergeht"
    ),
    "{said}, and {who} said stop": "{said}, und {who} hat abgebrochen",
    "a clinician": "jemand ärztlich Verantwortliches",
    "The {title} was skipped on {on}, and {other} is planned without it; who decided that?": (
        "{title} wurde am {on} ausgelassen, und {other} ist ohne das geplant; wer hat das "
        "entschieden?"
    ),
    "{gate} received on {on} expires on {expires}, before {title} can be: on which day from "
    "{first} to {last} is it received again?": (
        "{gate}, eingegangen am {on}, läuft am {expires} ab, bevor {title} sein kann: an welchem "
        "Tag von {first} bis {last} geht es neu ein?"
    ),
    "when on {on} did {title} begin? {counted} from it; without its time the safe end of that "
    "date is taken": (
        "um wie viel Uhr begann {title} am {on}? {counted} von da an; ohne die Uhrzeit gilt das "
        "sichere Ende dieses Tages"
    ),
    "the next visit is counted": "der nächste Termin zählt",
    "{hours} are counted": "{hours} zählen",
    "On which dates is {name} from here on?": "An welchen Tagen ist {name} von jetzt an?",
    "When is or was {name}?": "Wann ist oder war {name}?",
    "What is {measure} after {after}?": "Wie ist {measure} nach {after}?",
    "What was {measure} before the course, above zero? Its value after {after} is compared with "
    "it.": (
        "Wie war {measure} vor der Behandlung, über null? Der Wert nach {after} wird damit "
        "verglichen."
    ),
    "{measure} was {value} on {on}, which no band of the protocol holds; what follows after "
    "{after}?": (
        "{measure} war am {on} {value}, was in keinem Bereich des Protokolls liegt; was folgt "
        "nach {after}?"
    ),
    "{measure} was {value} on {on}, and {response} acts from {opens} on; is it recorded again "
    "then?": (
        "{measure} war am {on} {value}, und {response} wirkt ab {opens}; wird dann erneut gemessen?"
    ),
    "{measure} was {value} on {on}, and {response} has already acted on that; does the "
    "course go on, or is it discontinued?": (
        "{measure} war am {on} {value}, wofür {response} schon gewirkt hat; geht die Behandlung "
        "weiter, oder wird sie abgebrochen?"
    ),
    "What is {measure} now that {visit} of {on} did not take place?": (
        "Wie ist {measure}, seit {visit} vom {on} ausgefallen ist?"
    ),
    "What is {measure} before {phase}?": "Wie ist {measure} vor {phase}?",
    "How many visits does {phase} have: {count}?": "Wie viele Termine hat {phase}: {count}?",
    "Has {phase} ended, so that {after} begins?": ("Ist {phase} zu Ende, sodass {after} beginnt?"),
    "{title}, followed from {on} on, has no phase {old}; which goes on?": (
        "{title}, gültig ab {on}, hat keine Phase {old}; mit welcher geht es weiter?"
    ),
    "{title} was neither given nor omitted, though a later visit was given on {on}; was it "
    "given?": (
        "{title} ist weder als gegeben noch als ausgelassen vermerkt, obwohl ein späterer Termin "
        "am {on} war; hat er stattgefunden?"
    ),
}

_CHANGES: Mapping[str, str] = {
    "Moved: {visit} from {old} to {new}{ride}: {reason}": (
        "Verlegt: {visit} von {old} auf {new}{ride}: {reason}"
    ),
    "Cancelled: {visit}, {when}: {reason}": "Entfällt: {visit}, {when}: {reason}",
    "Cancelled: {visit}, {when} to {end}: {reason}": (
        "Entfällt: {visit}, {when} bis {end}: {reason}"
    ),
    "On hold: {visit}, {when}: {reason}": "Offen: {visit}, {when}: {reason}",
    "On hold: {visit}, {when} to {end}: {reason}": "Offen: {visit}, {when} bis {end}: {reason}",
    "Added: {visit}, {when}{ride}: {reason}": "Neu: {visit}, {when}{ride}: {reason}",
    "Ride changed: {visit}, {new} instead of {old}: {reason}": (
        "Andere Heimfahrt: {visit}, {new} statt {old}: {reason}"
    ),
    "Unchanged: {visits}": "Bleibt: {visits}",
    "Not recorded: {what}": "{what}",
    "Nothing is planned.": "Es ist nichts geplant.",
    "Nothing is changed.": "Nichts ändert sich.",
    "No plan was found; nothing is changed.": "Kein Plan gefunden; nichts ändert sich.",
    "nobody": "niemand",
    "{before} (now {title})": "{before} (jetzt {title})",
    " (ride: {new} instead of {old})": " (Heimfahrt: {new} statt {old})",
    " (ride: {escort})": " (Heimfahrt: {escort})",
    "no plan was found": "kein Plan gefunden",
    "no plan: {visit} cannot be placed": "kein Plan: für {visit} gibt es kein Datum",
    "{number} moved": "{number} verlegt",
    "{number} cancelled": "{number} entfallen",
    "{number} on hold": "{number} offen",
    "{number} added": "{number} neu",
    "{number} with a changed ride": "{number} mit anderer Heimfahrt",
    "{number} unchanged": "{number} wie bisher",
    "nothing planned": "nichts geplant",
    "it was skipped on {on}": "ausgelassen am {on}",
    "they were skipped on {on}": "ausgelassen am {on}",
    "it was postponed on {on}": "verschoben am {on}",
    "they were postponed on {on}": "verschoben am {on}",
    "it was postponed until {on}": "verschoben auf {on}",
    "they were postponed until {on}": "verschoben auf {on}",
    "it was missed on {on}": "konnte am {on} nicht stattfinden",
    "they were missed on {on}": "konnten am {on} nicht stattfinden",
    "the course has ended: {how}": "die Behandlung ist beendet: {how}",
    "it waits for {gate}, not passed on {on}": "wartet auf {gate}, nicht bestanden am {on}",
    "they wait for {gate}, not passed on {on}": "warten auf {gate}, nicht bestanden am {on}",
    "{text}; ask a clinician": "{text}; bitte ärztlich klären",
    "it waits for an answer: {asks}": "wartet auf eine Antwort: {asks}",
    "they wait for an answer: {asks}": "warten auf eine Antwort: {asks}",
    "it waits for an answer": "wartet auf eine Antwort",
    "they wait for an answer": "warten auf eine Antwort",
    "the review of {on} changed what follows": "die Beurteilung vom {on} hat geändert, was folgt",
    "the protocol was amended on {on}": "das Protokoll wurde am {on} geändert",
    "the protocol no longer asks for it": "das Protokoll verlangt es nicht mehr",
    "the {title} of {on} is too old": "{title} vom {on} liegt zu lange zurück",
    "{days} later than its target, {rule}": "{days} nach dem Zieldatum, {rule}",
    "a clinician decided that no ride home is needed": (
        "die Begleitung nach Hause wurde ärztlich erlassen"
    ),
    "{escort} cannot come": "{escort} kann nicht kommen",
    "{escort} is not free for the ride home": "{escort} hat zur Heimfahrt keine Zeit",
    "other visits need its time": "die anderen Termine brauchen diesen Platz",
    # --- read aloud to the person ---
    "We have not found new dates yet. For now your visits stay as they are.": (
        "Wir haben noch keine neuen Tage gefunden. Vorerst bleiben Ihre Termine, wie Sie sie "
        "kennen."
    ),
    "None of your visits has changed.": "Keiner Ihrer Termine ändert sich.",
    "You have one new visit.": "Sie haben einen neuen Termin.",
    "You have {number} new visits.": "Sie haben {number} neue Termine.",
    "One of your visits has changed.": "Einer Ihrer Termine ändert sich.",
    "{number} of your visits have changed.": "{number} Ihrer Termine ändern sich.",
    "{visits}, from {first} to {last}, are cancelled, because {reason}.": (
        "{visits}, von {first} bis {last}, finden nicht statt. Der Grund: {reason}."
    ),
    "{visits}, from {first} to {last}, are on hold, because {reason}.": (
        "{visits}, von {first} bis {last}, finden vorerst nicht statt. Der Grund: {reason}."
    ),
    "{visit} moves from {before} to {now}, because {reason}.": (
        "{visit} war am {before} und ist jetzt am {now}. Der Grund: {reason}."
    ),
    "{visit} on {before} is cancelled, because {reason}.": (
        "{visit} am {before} findet nicht statt. Der Grund: {reason}."
    ),
    "{visit} on {before} is on hold, because {reason}.": (
        "{visit} am {before} findet vorerst nicht statt. Der Grund: {reason}."
    ),
    "{visit} is new, on {now}.": "{visit} ist neu, am {now}.",
    "{visit} stays on {before}, but the ride home changes, because {reason}.": (
        "{visit} bleibt am {before}, aber die Heimfahrt ändert sich. Der Grund: {reason}."
    ),
    "{before}, from now on {title},": "{before}, von jetzt an {title},",
    " You need no ride home.": " Sie brauchen keine Begleitung nach Hause.",
    " {escort} is to take you home at {clock}.": " {escort} bringt Sie um {clock} Uhr nach Hause.",
    " {escort} is to take you home between {first} and {last}.": (
        " {escort} bringt Sie zwischen {first} und {last} Uhr nach Hause."
    ),
    "{visit} on {when}": "{visit} am {when}",
    "All {number} others stay as they are.": "Alle {number} anderen bleiben unverändert.",
    "There are {number}, from {first} to {last}.": "Es sind {number}, von {first} bis {last}.",
    "They are {visits}.": "Es sind {visits}.",
    "It is {visits}.": "Es ist {visits}.",
    "{visits} stay as they are.": "{visits} bleiben unverändert.",
    "{visits} stays as it is.": "{visits} bleibt unverändert.",
}

_VERDICTS: Mapping[str, str] = {
    "recorded as": "vermerkt als",
    "earliest": "frühestens",
    "target": "Ziel",
    "forecast": "voraussichtlich",
    "latest": "spätestens",
    "rule": "Regel",
    " (if decided)": " (falls so entschieden)",
    "not known yet": "noch nicht bekannt",
    "{first} to {last}": "{first} bis {last}",
    "{visit} asks for something before {day}, when this plan begins ({what}); find out "
    "whether it was kept": (
        "{visit} verlangt etwas vor dem {day}, mit dem dieser Plan beginnt ({what}); bitte klären, "
        "ob es eingehalten wurde"
    ),
    "no date is left for {visit}: not before {first} ({why}), not after {last} ({why_not})": (
        "für {visit} bleibt kein Tag: nicht vor {first} ({why}), nicht nach {last} ({why_not})"
    ),
    "{visits} depends on the time of the visit before, which is not on record; dates here count "
    "from noon": (
        "{visits} hängt von der Uhrzeit des Termins davor ab, die nicht vermerkt ist; die Tage "
        "hier zählen ab Mittag"
    ),
    "No date is on record as told to anyone, so each counts as new. If people already know a plan, "
    "give it with --previous": (
        "Von keinem Tag ist vermerkt, dass ihn jemand weiß, daher gilt jeder als neu. Ist schon "
        "ein Plan bekannt, nennt ihn --previous"
    ),
    "{visits} depend on the time of the visit before, which is not on record; dates here count "
    "from noon": (
        "{visits} hängen von der Uhrzeit des Termins davor ab, die nicht vermerkt ist; die Tage "
        "hier zählen ab Mittag"
    ),
    "local": "örtlich",
    "memory": "aus dem Gedächtnis",
    "in part from memory": "zum Teil aus dem Gedächtnis",
    "unverified": "nicht geprüft",
    "Status: {status}": "Stand: {status}",
    "given": "gegeben",
    "judged": "Urteil",
    "too early": "zu früh",
    "grace": "noch zulässig",
    "exception": "Ausnahme",
    "in window": "im Zeitfenster",
    "late": "verspätet",
    "too late": "zu spät",
    "not due": "nicht fällig",
    "before its target": "vor dem Zieldatum",
    "wrong weekday": "falscher Wochentag",
    "wrong day of the month": "falscher Tag des Monats",
    "cannot be told": "nicht zu sagen",
    "{judged} by {by}": "{judged}, um {by}",
    "{judged}, {days} off target": "{judged}, {days} außerhalb des Ziels",
    "{day} {clock}": "{day}, {clock} Uhr",
    "{visit} on {day}": "{visit} am {day}",
    "No visit is on record as given.": "Kein Termin ist als gegeben vermerkt.",
    "no visit given breaks a rule": "kein Termin verletzt eine Regel",
    "{broken} of {visits} given breaks a rule": "{visits}: {broken} verletzt eine Regel",
    "{broken} of {visits} given break a rule": "{visits}: {broken} verletzen eine Regel",
    "; for {visits} it cannot be told, because no time is recorded": (
        "; für {visits} ist es nicht zu sagen, weil keine Uhrzeit vermerkt ist"
    ),
    "dates here depend on the days the clinic is closed, and without --clinic no day is known to "
    "be closed": (
        "die Termine hängen hier von Schließtagen ab, und ohne --clinic ist kein Schließtag bekannt"
    ),
    "; for {visits} it depends on the days the clinic was closed": (
        "; für {visits} hängt es davon ab, an welchen Tagen die Klinik geschlossen war"
    ),
    "{visit} is not due: the course has no such visit that could be on that date": (
        "{visit} ist nicht fällig: die Behandlung hat keinen solchen Termin, der an diesem Tag "
        "sein könnte"
    ),
    "{visit} is in its window": "{visit} liegt im Zeitfenster",
    "{visit} is in its window, {days} off target": (
        "{visit} liegt im Zeitfenster, {days} außerhalb des Ziels"
    ),
    "{visit} is {by} outside its separation, but still counts": (
        "{visit} liegt {by} außerhalb des Mindestabstands, zählt aber trotzdem"
    ),
    "{visit} is {by} outside its tolerance, but still counts": (
        "{visit} liegt {by} außerhalb der Toleranz, zählt aber trotzdem"
    ),
    "{visit} is on a weekday on which it may not be": (
        "{visit} liegt auf einem Wochentag, an dem der Termin nicht sein darf"
    ),
    "{visit} is on a day of the month on which it may not be": (
        "{visit} liegt auf einem Tag des Monats, an dem der Termin nicht sein darf"
    ),
    "it cannot be said yet whether {visit} is allowed": (
        "ob {visit} richtig ist, ist noch nicht zu sagen"
    ),
    "it cannot be said whether {visit} is allowed": "ob {visit} richtig ist, ist nicht zu sagen",
    "{visit} is {judged}": "{visit}: {judged}",
    "it is recorded as given then": "so ist der Termin vermerkt",
    "it is recorded as given on {when}: {judged}": "vermerkt ist der Termin am {when}: {judged}",
    "the deciding rule: {rule}": "es entscheidet die Regel: {rule}",
    "the rule: {rule}": "die Regel ist: {rule}",
    " (source: {source})": " (Quelle: {source})",
    "by the record it was from {least} to {most}; the times of both visits would settle it": (
        "nach dem, was vermerkt ist, waren es {least} bis {most}; die Uhrzeiten beider Termine "
        "würden es klären"
    ),
    "its dates depend on an open question: {asks}": "die Tage hängen von einer Frage ab: {asks}",
    "a visit before it has no date yet": "ein Termin davor hat noch keinen Tag",
    "it depends on which days the clinic was closed, which is not known here": (
        "es hängt davon ab, an welchen Tagen die Klinik geschlossen war, was hier nicht "
        "vermerkt ist"
    ),
    "what follows: {follows}": "daraus folgt: {follows}",
    "its earliest date is {day}": "frühestens ist er am {day}",
    "its target is {day}": "das Zieldatum ist {day}",
    "its target is {first} to {last}": "das Ziel ist {first} bis {last}",
    "its forecast is {day}": "voraussichtlich ist er am {day}",
    "its latest date is {day}": "spätestens ist er am {day}",
    "this is counted from {dates}, as forecast": "gezählt ab {dates}, wie voraussichtlich",
    "the nearest allowed date is {days}": "der nächste richtige Tag ist {days}",
    "the nearest allowed dates are {days}": "die nächsten richtigen Tage sind {days}",
    "no date near it is allowed": "kein Tag in der Nähe ist richtig",
    "not passed in time for {visit}: {gates}": "nicht rechtzeitig bestanden für {visit}: {gates}",
    "perhaps not passed in time for {visit}, as no time is recorded: {gates}": (
        "vielleicht nicht rechtzeitig bestanden für {visit}, weil keine Uhrzeit vermerkt ist: "
        "{gates}"
    ),
    "waived for {visit}: {rule}": "aufgehoben für {visit}: {rule}",
    "{rule} of {gate}": "{rule} von {gate}",
    "{what}, by {by} on {on}{why}": "{what}, durch {by} am {on}{why}",
}

_CLINIC: Mapping[str, str] = {
    "place": "Platz",
    "staff": "Personal",
    "person": "Person",
    "stage": "Abschnitt",
    "stages": "Abschnitte",
    "from": "von",
    "to": "bis",
    "done": "erledigt",
    "nothing": "nichts",
    "booked": "belegt",
    "By place": "Nach Plätzen",
    "By staff": "Nach Personal",
    "Without place or staff": "Ohne Platz und Personal",
    "{number} at once": "{number} zugleich",
    "course": "Behandlung",
    "first visit": "erster Termin",
    "last visit": "letzter Termin",
    "days off target": "Tage außerhalb des Ziels",
    "what changes": "was sich ändert",
    "would begin": "würde beginnen",
    "sooner by": "früher um",
    "other visits that move": "andere Termine, die sich verschieben",
    "Nobody can take {place} then.": "Niemand kann dann {place} übernehmen.",
    "no plan": "kein Plan",
    "No plan was found.": "Kein Plan gefunden.",
    "{missing} of {courses} without a plan; the others are {days} off target together": (
        "{courses}, {missing} davon ohne Plan; die anderen liegen zusammen {days} außerhalb des "
        "Ziels"
    ),
    "{courses}, {days} off target together; proved: no plan has fewer": (
        "{courses}, zusammen {days} außerhalb des Ziels; bewiesen: kein Plan hat weniger"
    ),
    "{courses}, {days} off target together; no plan has fewer than {bound}, so at most {gap} "
    "could be saved": (
        "{courses}, zusammen {days} außerhalb des Ziels; kein Plan hat weniger als {bound}; zu "
        "sparen wären also höchstens {gap}"
    ),
    "Call in this order:": "Anrufen in dieser Reihenfolge:",
    "{visits} moved; no room was found for {without}.": (
        "{visits} verlegt; ohne Platz: {without}."
    ),
    "Every visit stays as it is.": "Alle Termine bleiben unverändert.",
    "No visit moves.": "Kein Termin wird verlegt.",
    "{visits} of {courses} moved": "{visits} verlegt ({courses})",
    "{found}; proved: no plan of all courses moves fewer.": (
        "{found}; bewiesen: kein Plan für alle verlegt weniger."
    ),
    "{found}; any plan of all courses moves {bound} or more.": (
        "{found}; jeder Plan für alle verlegt {bound} oder mehr."
    ),
    "first ask {whom}": "zuerst fragen: {whom}",
    "first ask {whom}; then {others}": "zuerst fragen: {whom}; dann {others}",
    "{escorts} for the ride home": "{escorts} wegen der Heimfahrt",
    "{people}, because this takes the time they free": (
        "{people}, da dies den Platz nimmt, den sie frei machen"
    ),
    "{day} at {clock}": "{day} um {clock} Uhr",
    "{visit}, {old}, is cancelled": "{visit}, {old}, entfällt",
    "{visit}, {old}, moves to {new}": "{visit}, {old}, wird verlegt auf {new}",
    "{visit}, {old}, stays, {what}": "{visit}, {old}, bleibt, {what}",
    "in {places}": "auf {places}",
    "with {escort} for the ride home": "mit {escort} für die Heimfahrt",
    "In another place at the announced time, so nobody needs a call:": (
        "Zur bekannten Zeit auf einem anderen Platz, ohne Anruf:"
    ),
    "{visit}, {day} at {clock}, in {places}": "{visit}, {day} um {clock} Uhr, auf {places}",
    "no place": "keinem Platz",
    "has no time": "hat noch keinen Termin",
    "with another end or other staff": "mit anderem Ende oder anderem Personal",
}

_NEAREST: Mapping[str, str] = {
    "The earliest possible end: {day}.": "Frühestmögliches Ende: {day}.",
    "The earliest possible date of {visit}: {start}.": (
        "Frühestmöglicher Termin für {visit}: {start}."
    ),
    "The latest possible date of {visit}: {start}.": (
        "Spätestmöglicher Termin für {visit}: {start}."
    ),
    "The nearest possible date of {visit}: {start}.": (
        "Der nächstliegende mögliche Termin für {visit}: {start}."
    ),
    "The nearest possible dates of {visit}: {starts}.": (
        "Die nächstliegenden möglichen Termine für {visit}: {starts}."
    ),
}

_CAPACITY: Mapping[str, str] = {
    "The clinic carries at least {courses} a week for {weeks}; none begins more than "
    "{days} later than it would in an empty clinic.": (
        "Die Klinik trägt {weeks} lang mindestens {courses} pro Woche; keine beginnt mehr "
        "als {days} später als in einer leeren Klinik."
    ),
    "The clinic carries {courses} a week for {weeks}; none begins more than {days} later "
    "than it would in an empty clinic.": (
        "Die Klinik trägt {weeks} lang {courses} pro Woche; keine beginnt mehr als {days} "
        "später als in einer leeren Klinik."
    ),
    "Of {visits}, {number} were missed and made up for later.": (
        "{visits}, davon {number} ausgefallen und später nachgeholt."
    ),
    "Of {visits}, {number} was missed and made up for later.": (
        "{visits}, davon {number} ausgefallen und später nachgeholt."
    ),
    "{visits} began more than a quarter of an hour late.": (
        "Mehr als eine Viertelstunde zu spät: {visits}."
    ),
    "What runs out first was not determined.": ("Woran es zuerst fehlt, wurde nicht gesucht."),
    "With one more a week too many visits would begin late.": (
        "Mit einer mehr pro Woche würden zu viele Termine zu spät beginnen."
    ),
    "More places or staff would not allow one more a week: the hours are too short.": (
        "Auch mehr Plätze oder Personal trügen keine mehr pro Woche: die Öffnungszeiten sind "
        "zu kurz."
    ),
    "First to run out: {kinds}.": "Zuerst fehlt: {kinds}.",
    "taken of": "belegt von",
    "on average": "im Mittel",
    "in the fullest week": "in der vollsten Woche",
}

_TO_TELL: Mapping[str, str] = {
    "Nobody has to be told anything new.": "Niemand muss etwas Neues erfahren.",
    "the person": "Patient",
    "drives home": "fährt nach Hause",
    "the clinic": "Praxis",
    "who": "wer",
    "is": "Rolle",
    "as they know it": "bisher bekannt",
    "now": "jetzt",
    "cancelled": "entfällt",
}

SENTENCES: Mapping[str, str] = {
    **_DATES,
    **_NEAREST,
    **_LATE,
    **_QUESTIONS,
    **_CHANGES,
    **_VERDICTS,
    **_CLINIC,
    **_CAPACITY,
    **_TO_TELL,
    **PROTOCOLS,
    **PICTURES,
}
"""By the English template. Names in braces are facts; a translation may leave one out."""
