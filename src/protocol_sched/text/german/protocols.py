"""What a protocol's own rules say, and the sheet on which they are signed, in German."""

from __future__ import annotations

from collections.abc import Mapping

_CADENCES: Mapping[str, str] = {
    "visits {numbers}": "die Termine {numbers}",
    "visit {numbers}": "Termin {numbers}",
    "before {visits}": "vor {visits}",
    "{text} (only {visits})": "{text} (nur {visits})",
    "{least} to {most} visits": "{least} bis {most} Termine",
    "{least} to {most} cycles": "{least} bis {most} Zyklen",
    "day {number}": "Tag {number}",
    "week {number}": "Woche {number}",
    "month {number}": "Monat {number}",
    "year {number}": "Jahr {number}",
    "{point} + {span}": "{point} + {span}",
    "{point} - {span}": "{point} - {span}",
    "{points} after {start}": "{points} nach {start}",
    "at {points}, counted from {start}": "in {points}, gezählt ab {start}",
    "on {points}, counted from {start}": "an {points}, gezählt ab {start}",
    "on {number} days in a row, without weekends": (
        "an {number} Tagen nacheinander, ohne Wochenenden"
    ),
    "on {number} days in a row, weekends included": (
        "an {number} Tagen nacheinander, auch am Wochenende"
    ),
    "{number} a week (weeks begin on {begins}), ideally spread over it": (
        "{number} pro Woche (Wochen beginnen am {begins}), am besten darüber verteilt"
    ),
    "{number} a week (weeks begin on {begins}), on any days of it": (
        "{number} pro Woche (Wochen beginnen am {begins}), an beliebigen Tagen"
    ),
    "{text}, counted from {start}": "{text}, gezählt ab {start}",
    "{text}, counted from when the visit before was given": (
        "{text}, gezählt ab dem Termin davor, wie er war"
    ),
    "one every day": "einer täglich",
    "one every week": "einer wöchentlich",
    "one every month": "einer monatlich",
    "one every year": "einer jährlich",
    "one every hour": "einer stündlich",
    "one every minute": "einer jede Minute",
    "one every {span}": "einer alle {span}",
    "on the day itself": "am Tag selbst",
    "{span} ({earlier} earlier to {later} later)": "{span} ({earlier} früher bis {later} später)",
    "{span} (up to {later} later)": "{span} (bis zu {later} später)",
    "{span} (up to {earlier} earlier)": "{span} (bis zu {earlier} früher)",
    "{text}; a cycle is {span} long": "{text}; ein Zyklus dauert {span}",
    "each visit": "jeder Termin",
    "the first visit": "der erste Termin",
    "each visit from the {nth} on": "jeder Termin ab dem {nth}",
    "before each visit": "vor jedem Termin",
    "before the first visit": "vor dem ersten Termin",
    "before each visit from the {nth} on": "vor jedem Termin ab dem {nth}",
    "visits without a stated end": "Termine ohne genanntes Ende",
    "cycles without a stated end": "Zyklen ohne genanntes Ende",
    "without a stated end": "ohne genanntes Ende",
    "at least {things}, without a stated end": "mindestens {things}, ohne genanntes Ende",
    "{things}": "{things}",
    "{text}, {number} a day": "{text}, {number} am Tag",
    "{text}, without closed days": "{text}, ohne geschlossene Tage",
    "{text}, a closed day made up by the next Saturday or Sunday that is open": (
        "{text}, ein geschlossener Tag nachgeholt am nächsten geöffneten Samstag oder Sonntag"
    ),
    "{text}, a closed day made up by a second visit on the day before or after, at least {span} "
    "apart": (
        "{text}, ein geschlossener Tag nachgeholt mit einem zweiten Termin am Tag davor oder "
        "danach, mit mindestens {span} dazwischen"
    ),
    "all of them in {span} from the first to the last, ideally spread over it": (
        "vom ersten bis zum letzten {span}, möglichst gleichmäßig verteilt"
    ),
    "all of them in {span} from the first to the last, on any days of it": (
        "vom ersten bis zum letzten {span}, an beliebigen Tagen"
    ),
    "one when it is asked for: {what}": "einer auf Anforderung: {what}",
    "{first} on": "ab {first}",
    "the weekday of the first visit": "Wochentag des ersten Termins",
    "the visit before": "dem Termin davor",
    "visit {number} of the course": "Termin {number} der Behandlung",
    "visit {number} of {phase}": "Termin {number} von {phase}",
    "each visit of {phase}": "jedem Termin von {phase}",
    "the original dates": "den ursprünglichen Tagen",
    "the day of the month of the first": "dem Monatstag des ersten",
    "the day {day} of the month": "dem {day}. des Monats",
    "the start of the cycle": "dem Beginn des Zyklus",
    "the start of the previous cycle": "dem Beginn des vorigen Zyklus",
    "the start of the course": "dem Beginn der Behandlung",
    "the start of the phase": "dem Beginn der Phase",
    "the start of {what}": "dem Beginn von {what}",
    "the end of the cycle": "dem Ende des Zyklus",
    "the end of the previous cycle": "dem Ende des vorigen Zyklus",
    "the end of the course": "dem Ende der Behandlung",
    "the end of the phase": "dem Ende der Phase",
    "the end of {what}": "dem Ende von {what}",
    "the event {name}": "dem Ereignis {name}",
    "each date of the series {name}": "jedem Tag der Reihe {name}",
}

_RULES: Mapping[str, str] = {
    "{name}": "{name}",
    "{name}: {span}": "{name}: {span}",
    "{text}; {more}": "{text}; {more}",
    "{text}: {action}": "{text}: {action}",
    "({keys})": "({keys})",
    "{key}: {value}": "{key}: {value}",
    "none": "keine",
    "yes": "ja",
    "no": "nein",
    "{name} ({visit}): {how}": "{name} ({visit}): {how}",
    "{name} ({visit}): {many}, {how}": "{name} ({visit}): {many}, {how}",
    "{text}; begun when it is asked for: {what}": "{text}; beginnt auf Anforderung: {what}",
    "{text}; another cycle when it is asked for: {what}": (
        "{text}; ein weiterer Zyklus auf Anforderung: {what}"
    ),
    "{text}; the first on day {days} of a month": "{text}; der erste am Tag {days} eines Monats",
    "{text}; it is skipped unless a late visit or a response leads to it": (
        "{text}; wird übergangen, wenn nicht ein verspäteter Termin oder ein Befund dorthin führt"
    ),
    "{text}; two in a row are on different weekdays": (
        "{text}; zwei nacheinander liegen auf verschiedenen Wochentagen"
    ),
    "{span} after {start}": "{span} nach {start}",
    "{span} after {start} or {other}, whichever is later": (
        "{span} nach {start} oder {other}, je nachdem, was später ist"
    ),
    "{span} after the visit before, counted along the original dates": (
        "{span} nach dem Termin davor, gezählt an den ursprünglichen Tagen"
    ),
    "the first comes {after}": "der erste ist {after}",
    "the first is on the day of {days}": "der erste ist am Tag von {days}",
    "{visits} is {days}": "{visits} liegt {days}",
    "{visits} are {days}": "{visits} liegen {days}",
    "on its date": "am Zieldatum",
    "within {span} of its date": "bis zu {span} vor oder nach dem Zieldatum",
    "on its date or up to {span} after it": "am Zieldatum oder bis zu {span} danach",
    "on its date or up to {span} before it": "am Zieldatum oder bis zu {span} davor",
    "{before} before to {after} after its date": "{before} vor bis {after} nach dem Zieldatum",
    "{text}; anything outside is only reported": "{text}; was außerhalb liegt, wird nur gemeldet",
    "at most {span}": "höchstens {span}",
    "at least {least} and at most {most}": "mindestens {least} und höchstens {most}",
    "{least} to {most}": "{least} bis {most}",
    "{visits} comes {limits} after {starts}": "{visits} ist {limits} nach {starts}",
    "{visits} come {limits} after {starts}": "{visits} sind {limits} nach {starts}",
    "{text}, from the end of the one to the start of the other": (
        "{text}, vom Ende des einen bis zum Beginn des anderen"
    ),
    "{text}; one up to {span} too soon counts and is reported": (
        "{text}; einer, der bis zu {span} zu früh ist, zählt und wird gemeldet"
    ),
    "at most {visits} in any {span} in a row": "höchstens {visits} je {span} nacheinander",
    "{visits}, if late: {rows}; otherwise ask a clinician": (
        "{visits}, bei Verspätung: {rows}; alles andere ist ärztlich zu klären"
    ),
    "however late": "bei jeder Verspätung",
    "more than {span}": "mehr als {span}",
    "less than {span}": "weniger als {span}",
    "{band} after its date": "{band} nach dem Zieldatum",
    "{band} after the visit before": "{band} nach dem Termin davor",
    "{band} after the first visit": "{band} nach dem ersten Termin",
    "{late}: a clinician decides {what}": "{late}: ärztlich zu entscheiden: {what}",
    "it is given now": "er wird jetzt gegeben",
    "it is skipped": "er wird ausgelassen",
    "it is the first of {phase}": "er ist der erste von {phase}",
    "the phase begins again": "die Phase beginnt neu",
    "the course begins again": "die Behandlung beginnt neu",
    "the next are on the original dates": "die nächsten sind an den ursprünglichen Tagen",
    "the next count from it": "die nächsten zählen ab ihm",
    "the next as before": "die nächsten wie bisher",
    "{visits} more, {span} apart": "{visits} mehr (Abstand {span})",
    "the next regular one {span} later": "der nächste reguläre {span} danach",
    "any of these dates closer than {span} is skipped": (
        "einer dieser Tage, der näher als {span} ist, entfällt"
    ),
    "it is treated as the first of its type, and the next as the second": (
        "er gilt als der erste seiner Art und der nächste als der zweite"
    ),
    "{visits} of the course": "{visits} der Behandlung",
    "{visits} of {phase}": "{visits} von {phase}",
    "{visits} in each cycle": "{visits} in jedem Zyklus",
    "{age} {visits}": "{age} {visits}",
    "{name}: {passed} {when}": "{name}: {passed} {when}",
    "{name}: {passed}, {when}": "{name}: {passed}, {when}",
    "passed": "bestanden",
    "passed {number} times in a row": "{number}-mal nacheinander bestanden",
    "the visit {visit}": "der Termin {visit}",
    "{text}; {other} is accepted instead": "{text}; stattdessen gilt auch {other}",
    "{text}; if not, {otherwise}": "{text}; wenn nicht: {otherwise}",
    "{text}; if not {number} times in a row, {otherwise}": (
        "{text}; wenn {number}-mal nacheinander nicht: {otherwise}"
    ),
    "the visit is on hold and a clinician is asked": "der Termin wartet, ärztlich zu klären",
    "the visit is on hold, and {asked} may say that it goes on": (
        "der Termin wartet, und {asked} kann sagen, dass es weitergeht"
    ),
    "the visit is postponed": "der Termin wird verschoben",
    "the course stops": "die Behandlung endet",
    "{text}, the first on the day of {start}": "{text}, der erste am Tag von {start}",
    "{text}, the first {span} after {start}": "{text}, der erste {span} nach {start}",
    "{text}, until {span} after {start}": "{text}, bis {span} nach {start}",
    "{text}, until {start}": "{text}, bis zu {start}",
    "{text}, until {span} after it": "{text}, bis {span} danach",
    "{text}, counted from the end of that": "{text}, gezählt ab dessen Ende",
    "percent fall from the first": "Abnahme in Prozent seit der ersten Messung",
    "rise from the one before": "Zunahme seit der vorigen Messung",
    "{name}: if {what} is {band}": "{name}: wenn {what} {band} ist",
    "{text}, read after {phase}": "{text}, gelesen nach {phase}",
    "{text}, read before {phase}": "{text}, gelesen vor {phase}",
    "{text}, no earlier than {span} after {start}": "{text}, frühestens {span} nach {start}",
    "{phase} goes on with {how}": "{phase} geht weiter mit: {how}",
    "on to {phase}": "weiter mit {phase}",
    "one more visit in {phase}, at {place}": "ein Termin mehr in {phase}, bei {place}",
    "{visits} more in {phase}": "{visits} mehr in {phase}",
    "one step back in {ladder}": "eine Stufe zurück in {ladder}",
    "no further treatment: {why}": "keine weitere Behandlung: {why}",
    "{text}, holds {needs}": "{text}, belegt {needs}",
    "{text}, until {what}": "{text}, bis: {what}",
    "{text}, {span} set aside": "{text}, {span} eingeplant",
    "{text}, {span} without a ride home": "{text}, {span} ohne Begleitung nach Hause",
    "{span} before": "{span} vor",
    "{span} after": "{span} nach",
    "within {span}": "bis zu {span}",
    "{name}: {when} it": "{name}: {when} dem Termin",
    "{name}: not {when} it": "{name}: nicht {when} dem Termin",
    "at any time around": "jederzeit vor oder nach",
    "{what}: every {span}": "{what}: alle {span}",
    "{what}: {times} after the stage begins": "{what}: {times} nach Beginn des Abschnitts",
    "{text}; it is repeated {span} after that at the earliest": (
        "{text}; sie wird frühestens {span} danach wiederholt"
    ),
    "{name}: {span}, over before the arrival": "{name}: {span}, vor der Ankunft beendet",
    "{name}: {span}, over before the stage {stage}": (
        "{name}: {span}, vor dem Abschnitt {stage} beendet"
    ),
    "{name}: {span}, over {ahead} before the arrival": (
        "{name}: {span}, {ahead} vor der Ankunft beendet"
    ),
    "{name}: {span}, over {ahead} before the stage {stage}": (
        "{name}: {span}, {ahead} vor dem Abschnitt {stage} beendet"
    ),
    "{name}: {span} after the discharge": "{name}: {span} nach der Entlassung",
    "{name}: {span} after the stage {stage}": "{name}: {span} nach dem Abschnitt {stage}",
    "an adult takes the person home and is free for the whole discharge window; "
    "confirmed {span} before": (
        "eine erwachsene Begleitung bringt die Person nach Hause und hat für die ganze Zeit der "
        "möglichen Entlassung frei; {span} vorher zugesagt"
    ),
    "{text}; stays {span} after the discharge": "{text}; bleibt {span} nach der Entlassung",
    "no driving until the next day": "bis zum nächsten Tag nicht selbst fahren",
    "no driving for {span}": "{span} nicht selbst fahren",
    "{text}, and not before a rest of {span}": "{text}, und nicht vor einer Ruhe von {span}",
    "no {what} for {span} before the arrival": "{span} vor der Ankunft verzichten auf: {what}",
    "no {what} for {span} before the stage {stage}": (
        "{span} vor dem Abschnitt {stage} verzichten auf: {what}"
    ),
}

_SHEET: Mapping[str, str] = {
    "Every line is to be confirmed by a clinician before the protocol is used. It says when, how "
    "far apart and who must be there; it holds no dose and no advice.": (
        "Jede Zeile ist ärztlich zu bestätigen, bevor das Protokoll benutzt wird. Es sagt, "
        "wann, in "
        "welchem Abstand und wer da sein muss; es enthält keine Dosis und keinen Rat."
    ),
    "{rules}: {standings}; {number} are safety rules.": (
        "{rules}: {standings}; {number} davon sind Sicherheitsregeln."
    ),
    "{rules}: {standings}; {number} is a safety rule.": (
        "{rules}: {standings}; {number} davon ist eine Sicherheitsregel."
    ),
    "{rules}: {standings}; none is a safety rule.": (
        "{rules}: {standings}; keine davon ist eine Sicherheitsregel."
    ),
    "found in a source": "in einer Quelle gefunden",
    "found in part (the rest local)": "zum Teil gefunden (der Rest örtlich)",
    "the clinic's own choice (local)": "Entscheidung der Klinik (örtlich)",
    "not checked in the source named (unverified)": "in der genannten Quelle nicht geprüft",
    "from memory": "aus dem Gedächtnis",
    "Found": "Gefunden",
    "Part is the clinic's own choice; found": "Zum Teil Entscheidung der Klinik; gefunden",
    "Local, the clinic's own choice": "Örtlich, Entscheidung der Klinik",
    "Unverified": "Nicht geprüft",
    "From memory, not checked": "Aus dem Gedächtnis, nicht geprüft",
    "SAFETY RULE. ": "SICHERHEITSREGEL. ",
    "Not a safety rule. ": "Keine Sicherheitsregel. ",
    "No source.": "Keine Quelle.",
    "; not checked: {keys}": "; nicht geprüft: {keys}",
    "read {on}": "gelesen {on}",
    "not read again": "nicht erneut gelesen",
    "text of another country, {country}; {read}": "Text eines anderen Landes, {country}; {read}",
    "Open in the sources: what does this clinic do?": (
        "In den Quellen offen: was macht diese Klinik?"
    ),
    "Sources": "Quellen",
    "Signed": "Unterschrieben",
    "Name": "Name",
    "Date": "Datum",
    "Signature": "Unterschrift",
    "the file": "die Datei",
    "before the visits": "vor den Terminen",
    "phase {name}": "Phase {name}",
    "visit type {name}": "Terminart {name}",
    "other visits": "andere Termine",
    "responses": "Anpassungen",
    "{name}: {says}": "{name}: {says}",
    "{text}; the least distance is a safety rule, the greatest is not": (
        "{text}; der kleinste Abstand ist eine Sicherheitsregel, der größte nicht"
    ),
    "a date that its month does not have is on its last day": (
        "ein Datum, das es in seinem Monat nicht gibt, ist an dessen letztem Tag"
    ),
    "a date that its month does not have is on the 1st of the next one": (
        "ein Datum, das es in seinem Monat nicht gibt, ist am 1. des nächsten"
    ),
    "only on {weekdays}": "nur am {weekdays}",
    "{first} or {last}": "{first} oder {last}",
    "{notice} of notice": "Vorlauf: {notice}",
    "country not stated": "Land nicht genannt",
    "indication not stated": "Indikation nicht genannt",
    "{theirs} compared with {mine}": "{theirs} im Vergleich mit {mine}",
    "No rule differs.": "Keine Regel ist anders.",
    "In {name}: {counts}.": "In {name}: {counts}.",
    "open: {asks}": "offen: {asks}",
    "found": "gefunden",
    "found in part": "zum Teil gefunden",
    "not checked: {keys}": "nicht geprüft: {keys}",
    "safety rule": "Sicherheitsregel",
    "added": "neu",
    "missing": "fehlt",
    "changed": "anders",
    "now": "jetzt",
    "{number} missing": "{number} fehlen",
    "{number} changed": "{number} anders",
}

PROTOCOLS: Mapping[str, str] = {**_CADENCES, **_RULES, **_SHEET}
"""By the English template."""
