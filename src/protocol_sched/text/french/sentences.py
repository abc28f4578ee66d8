"""
What is said by template, in French: dates and their rules, questions, changes, verdicts, a clinic.

What files call their keys and answers stays as files have it.
"""

from __future__ import annotations

from collections.abc import Mapping

from protocol_sched.text.french.pictures import PICTURES
from protocol_sched.text.french.protocols import PROTOCOLS

THINGS: Mapping[str, tuple[str, str]] = {
    "calendar day": ("jour calendaire", "jours calendaires"),
    "course": ("traitement", "traitements"),
    "cycle": ("cycle", "cycles"),
    "day": ("jour", "jours"),
    "new course": ("nouveau traitement", "nouveaux traitements"),
    "rule": ("règle", "règles"),
    "visit": ("rendez-vous", "rendez-vous"),
    "week": ("semaine", "semaines"),
}

_DATES: Mapping[str, str] = {
    "start of the course": "le début du traitement",
    "first possible date": "le premier jour possible",
    "day asked for": "le jour demandé",
    "the original date of {title}": "la date d'origine de {title}",
    "day {day} of the month": "le {day} du mois",
    "{name} of {on}": "{name} du {on}",
    "{title} that did not count": "{title}, non compté",
    "as soon as possible": "dès que possible",
    "as soon as possible, overdue since {since}": "dès que possible, en retard depuis le {since}",
    "{span}": "{span}",
    "{span} after {name}": "{span} après {name}",
    "{span} before {name}": "{span} avant {name}",
    "on {name}": "{name}",
    "on the {name}": "{name}",
    "on the day of {name}": "le jour de {name}",
    "after {name}": "après {name}",
    "ideally {apart}": "de préférence {apart}",
    "at least {apart}": "au moins {apart}",
    "at most {apart}": "au plus {apart}",
    "at least {span} before {name}": "au moins {span} avant {name}",
    "at most {span} before {name}": "au plus {span} avant {name}",
    "at least {span} after {name}": "au moins {span} après {name}",
    "{apart}, spread evenly": "{apart}, à intervalles réguliers",
    "at most {number} in any {span}": "au plus {number} par période de {span}",
    "not before its target, {apart}; no earlier limit is published": (
        "pas avant sa date cible, {apart} ; aucune limite plus précoce n'est publiée"
    ),
    "not after its target, {apart}; no later limit is published": (
        "pas après sa date cible, {apart} ; aucune limite plus tardive n'est publiée"
    ),
    "not before {day}": "pas avant le {day}",
    "not before {day}, the day of the agenda": "pas avant le {day}, date de la question",
    "not before {day}, the start of the course": "pas avant le {day}, début du traitement",
    "not before {day}, the day after it was missed": (
        "pas avant le {day}, lendemain du rendez-vous manqué"
    ),
    "not after {day}, the end of the course": "pas après le {day}, fin du traitement",
    "on {day} at the latest": "au plus tard le {day}",
    "postponed until {day}": "reporté au {day}",
    "on {weekdays} only": "le {weekdays} seulement",
    "on {days} of a month": "{days} du mois",
    "day {first}": "le {first}",
    "day {first} to {last}": "du {first} au {last}",
    "fixed at {day} {clock}": "fixé au {day} à {clock}",
    "late enough for {work} ahead of it": "assez tard pour {work} auparavant",
    "with {notice} of notice": "avec un préavis de {notice}",
    "after {gate} is received": "après réception de {gate}",
    "after a test: {gate}": "après un examen : {gate}",
    "at least {span} after a test that can be from {day} on": (
        "au moins {span} après un examen possible à partir du {day}"
    ),
    "with {title} of {on} instead of {gate}": "avec {title} du {on} au lieu de {gate}",
    "the next working day after {name}": "le premier jour ouvré après {name}",
    "{days} working days after {name}": "{days} jours ouvrés après {name}",
    "{days} working day": "{days} jour ouvré",
    "{days} working days": "{days} jours ouvrés",
    "{days} after {name}, or made up before or after a day the clinic is closed": (
        "{days} après {name}, ou rattrapé avant ou après un jour de fermeture du centre"
    ),
    "{days} after {name} on which the clinic is open, a weekend only for days that were closed": (
        "{days} d'ouverture du centre après {name}, un week-end seulement pour des jours de "
        "fermeture"
    ),
    "the next day after {name} on which the clinic is open": (
        "le premier jour d'ouverture du centre après {name}"
    ),
    "the next day from Monday to Friday after {name} on which the clinic is open": (
        "le premier jour d'ouverture du centre, du lundi au vendredi, après {name}"
    ),
    "{span} after {name}, or on {day}": "{span} après {name}, ou {day}",
    "the next day on which the clinic is open": "le jour d'ouverture suivant",
    "the previous day on which the clinic is open": "le jour d'ouverture précédent",
    "the nearest day on which the clinic is open": "le jour d'ouverture le plus proche",
    "in {week}, {number} a week from {name} on and no more than it has days on which the clinic "
    "is open": (
        "dans {week}, {number} par semaine à partir de {name} et pas plus que de jours d'ouverture"
    ),
    "the week that has room for it": "la semaine où il y a de la place",
    "the week after the one that has room for the visit before it": (
        "la semaine qui suit celle où le rendez-vous précédent a sa place"
    ),
    "{span} after the week of {name}, weeks from {begins}": (
        "{span} après la semaine de {name}, semaines à partir de {begins}"
    ),
    "in the week of {name}, weeks from {begins}": (
        "la semaine de {name}, semaines à partir de {begins}"
    ),
    "the first visit of the phase": "premier rendez-vous de la phase",
    "on another weekday than {name}": "un autre jour de la semaine que {name}",
    "Monday": "lundi",
    "Tuesday": "mardi",
    "Wednesday": "mercredi",
    "Thursday": "jeudi",
    "Friday": "vendredi",
    "Saturday": "samedi",
    "Sunday": "dimanche",
}

_LATE: Mapping[str, str] = {
    "{late}: {follows}": "{late} : {follows}",
    "{action} ({note})": "{action} ({note})",
    "{first}, {then}": "{first}, {then}",
    "over {span}": "plus de {span}",
    "at least {span}": "au moins {span}",
    "under {span}": "moins de {span}",
    "up to {span}": "jusqu'à {span}",
    "any lateness": "quel que soit le retard",
    "a clinician decides {what}": "un médecin décide : {what}",
    "give now": "donner maintenant",
    "skip it": "sauter",
    "begin {phase}": "commencer {phase}",
    "begin the phase again": "recommencer la phase",
    "begin the course again": "recommencer le traitement",
    "{number} more visit {span} apart": "{number} rendez-vous de plus à {span} d'intervalle",
    "{number} more visits {span} apart": "{number} rendez-vous de plus à {span} d'intervalle",
    "the next {span} later": "le suivant {span} plus tard",
    "then on the original dates": "puis aux dates d'origine",
    "then on the original dates, if at least {span} away": (
        "puis aux dates d'origine, si elles sont à au moins {span}"
    ),
    "then from this visit": "puis à partir de ce rendez-vous",
    "then as before": "puis comme avant",
    "{title} was due by {due}": "{title} était prévu au plus tard le {due}",
    "{late}; on {on} a clinician decides {what}": "{late} ; le {on}, un médecin décide : {what}",
    "{title} was due by {due}; the source leaves open what follows on {on}": (
        "{title} était prévu au plus tard le {due} ; la source ne dit pas ce qui suit le {on}"
    ),
}

_QUESTIONS: Mapping[str, str] = {
    "the course has more than {count} treatment visits; only the first {count} are laid out and "
    "planned. Is it meant to be this long?": (
        "le traitement compte plus de {count} rendez-vous ; seuls les {count} premiers sont prévus "
        "et planifiés. Doit-il être aussi long ?"
    ),
    "{title} of {day} was not planned; do the visits after it count from it?": (
        "{title} du {day} n'était pas prévu ; les rendez-vous suivants comptent-ils à partir "
        "de lui ?"
    ),
    "{title} was given too soon; does it count?": "{title} a eu lieu trop tôt ; compte-t-il ?",
    "{visit} was given on {on} and is not a visit of this course; which visit was it?": (
        "{visit} est noté le {on} et n'est pas un rendez-vous de ce traitement ; lequel était-ce ?"
    ),
    "{name} was recorded on {on} but the protocol reads no such measure; is it {near}?": (
        "{name} est noté le {on} et le protocole ne connaît pas cette mesure ; est-ce {near} ?"
    ),
    "How long after one cycle of {phase} does the next begin?": (
        "Combien de temps après un cycle de {phase} le suivant commence-t-il ?"
    ),
    "{title} was postponed on {on}{why}; what is the first date it may be on?": (
        "{title} a été reporté le {on}{why} ; à partir de quelle date est-il possible ?"
    ),
    "{gate} of {on} has no result on record; {title} needs {band}: what was it?": (
        "{gate} du {on} n'a pas de résultat noté ; {title} demande {band} : quel était-il ?"
    ),
    "{gate} of {on} was not passed": "{gate} du {on} n'a pas été validé",
    "{gate} of {on} was {value}, not {band}": "{gate} du {on} était de {value}, et non {band}",
    "{said} ({row} of {of} in a row)": "{said} ({row} sur {of} de suite)",
    "{said}; {title} is on hold: when is {gate} passed?": (
        "{said} ; {title} est en attente : quand {gate} sera-t-il validé ?"
    ),
    "{said}; {title} is on hold until {who} decides whether to go on": (
        "{said} ; {title} est en attente jusqu'à ce que {who} dise si l'on continue"
    ),
    "{said}, and {who} said stop": "{said}, et {who} a dit d'arrêter",
    "a clinician": "un médecin",
    "The {title} was skipped on {on}, and {other} is planned without it; who decided that?": (
        "{title} a été omis le {on}, et {other} est planifié sans lui ; qui l'a décidé ?"
    ),
    "{gate} received on {on} expires on {expires}, before {title} can be: on which day from "
    "{first} to {last} is it received again?": (
        "{gate}, reçu le {on}, expire le {expires}, avant que {title} soit possible : quel "
        "jour, du "
        "{first} au {last}, sera-t-il reçu de nouveau ?"
    ),
    "when on {on} did {title} begin? {counted} from it; without its time the safe end of that "
    "date is taken": (
        "à quelle heure {title} a-t-il commencé le {on} ? {counted} à partir de là ; sans l'heure, "
        "la fin la plus sûre de ce jour est retenue"
    ),
    "the next visit is counted": "le rendez-vous suivant se compte",
    "{hours} are counted": "{hours} se comptent",
    "On which dates is {name} from here on?": "À quelles dates {name} a-t-il lieu désormais ?",
    "When is or was {name}?": "Quand {name} a-t-il ou aura-t-il lieu ?",
    "What is {measure} after {after}?": "Quelle est la valeur de {measure} après {after} ?",
    "What was {measure} before the course, above zero? Its value after {after} is compared with "
    "it.": (
        "Quelle était la valeur de {measure} avant le traitement, au-dessus de zéro ? La valeur "
        "après {after} lui est comparée."
    ),
    "{measure} was {value} on {on}, which no band of the protocol holds; what follows after "
    "{after}?": (
        "{measure} était de {value} le {on}, hors de toute plage du protocole ; que se passe-t-il "
        "après {after} ?"
    ),
    "{measure} was {value} on {on}, and {response} acts from {opens} on; is it recorded again "
    "then?": (
        "{measure} était de {value} le {on}, et {response} agit à partir du {opens} ; sera-t-il "
        "mesuré de nouveau alors ?"
    ),
    "{measure} was {value} on {on}, and {response} has already acted on that; does the "
    "course go on, or is it discontinued?": (
        "{measure} était de {value} le {on}, pour quoi {response} a déjà agi ; le traitement "
        "continue-t-il, ou est-il arrêté ?"
    ),
    "What is {measure} now that {visit} of {on} did not take place?": (
        "Quelle est la valeur de {measure} depuis que {visit} du {on} n'a pas eu lieu ?"
    ),
    "What is {measure} before {phase}?": "Quelle est la valeur de {measure} avant {phase} ?",
    "How many visits does {phase} have: {count}?": (
        "Combien de rendez-vous {phase} compte-t-il : {count} ?"
    ),
    "Has {phase} ended, so that {after} begins?": (
        "La phase {phase} est-elle terminée, si bien que {after} commence ?"
    ),
    "{title}, followed from {on} on, has no phase {old}; which goes on?": (
        "{title}, suivi à partir du {on}, n'a pas de phase {old} ; laquelle continue ?"
    ),
    "{title} was neither given nor omitted, though a later visit was given on {on}; was it "
    "given?": (
        "{title} n'est noté ni comme fait ni comme omis, alors qu'un rendez-vous suivant a eu lieu "
        "le {on} ; a-t-il eu lieu ?"
    ),
}

_CHANGES: Mapping[str, str] = {
    "Moved: {visit} from {old} to {new}{ride}: {reason}": (
        "Déplacé : {visit}, du {old} au {new}{ride} : {reason}"
    ),
    "Cancelled: {visit}, {when}: {reason}": "Annulé : {visit}, {when} : {reason}",
    "Cancelled: {visit}, {when} to {end}: {reason}": (
        "Annulé : {visit}, du {when} au {end} : {reason}"
    ),
    "On hold: {visit}, {when}: {reason}": "En attente : {visit}, {when} : {reason}",
    "On hold: {visit}, {when} to {end}: {reason}": (
        "En attente : {visit}, du {when} au {end} : {reason}"
    ),
    "Added: {visit}, {when}{ride}: {reason}": "Ajouté : {visit}, {when}{ride} : {reason}",
    "Ride changed: {visit}, {new} instead of {old}: {reason}": (
        "Autre retour : {visit}, {new} au lieu de {old} : {reason}"
    ),
    "Unchanged: {visits}": "Inchangé : {visits}",
    "Not recorded: {what}": "{what}",
    "Nothing is planned.": "Rien n'est planifié.",
    "Nothing is changed.": "Rien ne change.",
    "No plan was found; nothing is changed.": "Aucun plan trouvé ; rien ne change.",
    "nobody": "personne",
    "{before} (now {title})": "{before} (maintenant {title})",
    " (ride: {new} instead of {old})": " (retour : {new} au lieu de {old})",
    " (ride: {escort})": " (retour : {escort})",
    "no plan was found": "aucun plan trouvé",
    "no plan: {visit} cannot be placed": "pas de plan : aucune date pour {visit}",
    "{number} moved": "déplacés : {number}",
    "{number} cancelled": "annulés : {number}",
    "{number} on hold": "en attente : {number}",
    "{number} added": "ajoutés : {number}",
    "{number} with a changed ride": "avec un autre retour : {number}",
    "{number} unchanged": "inchangés : {number}",
    "nothing planned": "rien de planifié",
    "it was skipped on {on}": "omis le {on}",
    "they were skipped on {on}": "omis le {on}",
    "it was postponed on {on}": "reporté le {on}",
    "they were postponed on {on}": "reportés le {on}",
    "it was postponed until {on}": "reporté au {on}",
    "they were postponed until {on}": "reportés au {on}",
    "it was missed on {on}": "n'a pas pu avoir lieu le {on}",
    "they were missed on {on}": "n'ont pas pu avoir lieu le {on}",
    "the course has ended: {how}": "le traitement est terminé : {how}",
    "it waits for {gate}, not passed on {on}": "attend {gate}, non validé le {on}",
    "they wait for {gate}, not passed on {on}": "attendent {gate}, non validé le {on}",
    "{text}; ask a clinician": "{text} ; à voir avec un médecin",
    "it waits for an answer: {asks}": "attend une réponse : {asks}",
    "they wait for an answer: {asks}": "attendent une réponse : {asks}",
    "it waits for an answer": "attend une réponse",
    "they wait for an answer": "attendent une réponse",
    "the review of {on} changed what follows": "le bilan du {on} a changé la suite",
    "the protocol was amended on {on}": "le protocole a été modifié le {on}",
    "the protocol no longer asks for it": "le protocole ne le demande plus",
    "the {title} of {on} is too old": "{title} du {on} est trop ancien",
    "{days} later than its target, {rule}": "{days} après sa date cible, {rule}",
    "a clinician decided that no ride home is needed": (
        "un médecin a décidé qu'il ne faut pas d'accompagnant"
    ),
    "{escort} cannot come": "{escort} ne peut pas venir",
    "{escort} is not free for the ride home": "{escort} n'est pas libre pour le retour",
    "other visits need its time": "les autres rendez-vous ont besoin de sa place",
    # --- read aloud to the person ---
    "We have not found new dates yet. For now your visits stay as they are.": (
        "Nous n'avons pas encore trouvé de nouvelles dates. Pour l'instant, vos rendez-vous "
        "restent "
        "tels que vous les connaissez."
    ),
    "None of your visits has changed.": "Aucun de vos rendez-vous ne change.",
    "You have one new visit.": "Vous avez un nouveau rendez-vous.",
    "You have {number} new visits.": "Vous avez {number} nouveaux rendez-vous.",
    "One of your visits has changed.": "Un de vos rendez-vous change.",
    "{number} of your visits have changed.": "{number} de vos rendez-vous changent.",
    "{visits}, from {first} to {last}, are cancelled, because {reason}.": (
        "{visits}, du {first} au {last}, n'ont pas lieu. La raison : {reason}."
    ),
    "{visits}, from {first} to {last}, are on hold, because {reason}.": (
        "{visits}, du {first} au {last}, n'ont pas lieu pour le moment. La raison : {reason}."
    ),
    "{visit} moves from {before} to {now}, because {reason}.": (
        "{visit} était le {before} et aura lieu le {now}. La raison : {reason}."
    ),
    "{visit} on {before} is cancelled, because {reason}.": (
        "{visit}, le {before}, n'a pas lieu. La raison : {reason}."
    ),
    "{visit} on {before} is on hold, because {reason}.": (
        "{visit}, le {before}, n'a pas lieu pour le moment. La raison : {reason}."
    ),
    "{visit} is new, on {now}.": "{visit} est nouveau, le {now}.",
    "{visit} stays on {before}, but the ride home changes, because {reason}.": (
        "{visit} reste le {before}, mais le retour change. La raison : {reason}."
    ),
    "{before}, from now on {title},": "{before}, désormais {title},",
    " You need no ride home.": " Vous n'avez pas besoin d'accompagnant pour rentrer.",
    " {escort} is to take you home at {clock}.": " {escort} vous ramène chez vous à {clock}.",
    " {escort} is to take you home between {first} and {last}.": (
        " {escort} vous ramène chez vous entre {first} et {last}."
    ),
    "{visit} on {when}": "{visit} le {when}",
    "All {number} others stay as they are.": "Les {number} autres restent inchangés.",
    "There are {number}, from {first} to {last}.": "Il y en a {number}, de {first} à {last}.",
    "They are {visits}.": "Ce sont {visits}.",
    "It is {visits}.": "C'est {visits}.",
    "{visits} stay as they are.": "{visits} restent inchangés.",
    "{visits} stays as it is.": "{visits} reste inchangé.",
}

_VERDICTS: Mapping[str, str] = {
    "recorded as": "noté comme",
    "earliest": "au plus tôt",
    "target": "cible",
    "forecast": "prévu",
    "latest": "au plus tard",
    "rule": "règle",
    " (if decided)": " (si décidé)",
    "not known yet": "pas encore connu",
    "{first} to {last}": "{first} à {last}",
    "{visit} asks for something before {day}, when this plan begins ({what}); find out "
    "whether it was kept": (
        "{visit} demande quelque chose avant le {day}, début de ce plan ({what}) ; vérifiez que "
        "cela a été respecté"
    ),
    "no date is left for {visit}: not before {first} ({why}), not after {last} ({why_not})": (
        "il ne reste aucune date pour {visit} : pas avant {first} ({why}), pas après {last} "
        "({why_not})"
    ),
    "{visits} depends on the time of the visit before, which is not on record; dates here count "
    "from noon": (
        "{visits} dépend de l'heure du rendez-vous précédent, qui n'est pas notée ; les dates sont "
        "ici comptées à partir de midi"
    ),
    "No date is on record as told to anyone, so each counts as new. If people already know a plan, "
    "give it with --previous": (
        "Aucune date n'est notée comme communiquée, donc chacune compte comme nouvelle. Si un "
        "plan est connu, --previous l'indique"
    ),
    "{visits} depend on the time of the visit before, which is not on record; dates here count "
    "from noon": (
        "{visits} dépendent de l'heure du rendez-vous précédent, qui n'est pas notée ; les dates "
        "sont ici comptées à partir de midi"
    ),
    "local": "local",
    "memory": "de mémoire",
    "in part from memory": "en partie de mémoire",
    "unverified": "non vérifié",
    "Status: {status}": "Statut : {status}",
    "given": "fait",
    "judged": "verdict",
    "too early": "trop tôt",
    "grace": "toléré",
    "exception": "exception",
    "in window": "dans la fenêtre",
    "late": "en retard",
    "too late": "trop tard",
    "not due": "pas prévu",
    "before its target": "avant sa date cible",
    "wrong weekday": "mauvais jour de la semaine",
    "wrong day of the month": "mauvais jour du mois",
    "cannot be told": "indéterminé",
    "{judged} by {by}": "{judged}, de {by}",
    "{judged}, {days} off target": "{judged}, {days} hors cible",
    "{day} {clock}": "{day} à {clock}",
    "{visit} on {day}": "{visit} le {day}",
    "No visit is on record as given.": "Aucun rendez-vous n'est noté comme fait.",
    "no visit given breaks a rule": "aucun rendez-vous fait n'enfreint une règle",
    "{broken} of {visits} given breaks a rule": "{visits} : {broken} enfreint une règle",
    "{broken} of {visits} given break a rule": "{visits} : {broken} enfreignent une règle",
    "; for {visits} it cannot be told, because no time is recorded": (
        " ; pour {visits}, on ne peut pas le dire, car aucune heure n'est notée"
    ),
    "dates here depend on the days the clinic is closed, and without --clinic no day is known to "
    "be closed": (
        "les dates dépendent ici des jours de fermeture, "
        "et sans --clinic aucun jour de fermeture n'est connu"
    ),
    "; for {visits} it depends on the days the clinic was closed": (
        " ; pour {visits}, cela dépend des jours de fermeture du centre"
    ),
    "{visit} is not due: the course has no such visit that could be on that date": (
        "{visit} n'est pas prévu : le traitement n'a pas de tel rendez-vous possible à cette date"
    ),
    "{visit} is in its window": "{visit} est dans sa fenêtre",
    "{visit} is in its window, {days} off target": (
        "{visit} est dans sa fenêtre, {days} hors cible"
    ),
    "{visit} is {by} outside its separation, but still counts": (
        "{visit} est {by} en dehors de l'écart minimal, mais compte quand même"
    ),
    "{visit} is {by} outside its tolerance, but still counts": (
        "{visit} est {by} en dehors de sa tolérance, mais compte quand même"
    ),
    "{visit} is on a weekday on which it may not be": (
        "{visit} tombe un jour de la semaine qui n'est pas permis"
    ),
    "{visit} is on a day of the month on which it may not be": (
        "{visit} tombe un jour du mois qui n'est pas permis"
    ),
    "it cannot be said yet whether {visit} is allowed": (
        "on ne peut pas encore dire si {visit} est correct"
    ),
    "it cannot be said whether {visit} is allowed": "on ne peut pas dire si {visit} est correct",
    "{visit} is {judged}": "{visit} : {judged}",
    "it is recorded as given then": "c'est ainsi qu'il est noté",
    "it is recorded as given on {when}: {judged}": "il est noté le {when} : {judged}",
    "the deciding rule: {rule}": "la règle qui décide : {rule}",
    "the rule: {rule}": "la règle : {rule}",
    " (source: {source})": " (source : {source})",
    "by the record it was from {least} to {most}; the times of both visits would settle it": (
        "d'après ce qui est noté, c'était de {least} à {most} ; les heures des deux rendez-vous "
        "permettraient de trancher"
    ),
    "its dates depend on an open question: {asks}": (
        "ses dates dépendent d'une question ouverte : {asks}"
    ),
    "a visit before it has no date yet": "un rendez-vous précédent n'a pas encore de date",
    "it depends on which days the clinic was closed, which is not known here": (
        "cela dépend des jours de fermeture du centre, qui ne sont pas notés ici"
    ),
    "what follows: {follows}": "la suite : {follows}",
    "its earliest date is {day}": "au plus tôt le {day}",
    "its target is {day}": "date cible le {day}",
    "its target is {first} to {last}": "date cible du {first} au {last}",
    "its forecast is {day}": "date prévue le {day}",
    "its latest date is {day}": "au plus tard le {day}",
    "this is counted from {dates}, as forecast": "compté à partir de {dates}, comme prévu",
    "the nearest allowed date is {days}": "la date correcte la plus proche : {days}",
    "the nearest allowed dates are {days}": "les dates correctes les plus proches : {days}",
    "no date near it is allowed": "aucune date proche n'est correcte",
    "not passed in time for {visit}: {gates}": "pas validé à temps pour {visit} : {gates}",
    "perhaps not passed in time for {visit}, as no time is recorded: {gates}": (
        "peut-être pas validé à temps pour {visit}, car aucune heure n'est notée : {gates}"
    ),
    "waived for {visit}: {rule}": "levé pour {visit} : {rule}",
    "{rule} of {gate}": "{rule} de {gate}",
    "{what}, by {by} on {on}{why}": "{what}, par {by} le {on}{why}",
}

_CLINIC: Mapping[str, str] = {
    "place": "place",
    "staff": "personnel",
    "person": "personne",
    "stage": "étape",
    "stages": "étapes",
    "from": "de",
    "to": "à",
    "done": "fait",
    "nothing": "rien",
    "booked": "réservé",
    "By place": "Par place",
    "By staff": "Par personnel",
    "Without place or staff": "Sans place ni personnel",
    "{number} at once": "{number} à la fois",
    "course": "traitement",
    "first visit": "premier rendez-vous",
    "last visit": "dernier rendez-vous",
    "days off target": "jours hors cible",
    "what changes": "ce qui change",
    "would begin": "commencerait",
    "sooner by": "plus tôt de",
    "other visits that move": "autres rendez-vous déplacés",
    "has no time": "n'a pas d'horaire",
    "In another place at the announced time, so nobody needs a call:": (
        "À une autre place à l'heure annoncée, si bien que personne n'est appelé :"
    ),
    "{visit}, {day} at {clock}, in {places}": "{visit}, {day} à {clock}, sur {places}",
    "no place": "aucune place",
    "The nearest possible dates of {visit}: {starts}.": (
        "Les dates possibles les plus proches pour {visit} : {starts}."
    ),
    "The nearest possible date of {visit}: {start}.": (
        "La date possible la plus proche pour {visit} : {start}."
    ),
    "The earliest possible date of {visit}: {start}.": (
        "La première date possible pour {visit} : {start}."
    ),
    "The latest possible date of {visit}: {start}.": (
        "La dernière date possible pour {visit} : {start}."
    ),
    "The earliest possible end: {day}.": "La fin possible la plus proche : {day}.",
    "Nobody can take {place} then.": "Personne ne peut alors prendre {place}.",
    "no plan": "pas de plan",
    "No plan was found.": "Aucun plan trouvé.",
    "{missing} of {courses} without a plan; the others are {days} off target together": (
        "{courses}, dont {missing} sans plan ; les autres sont en tout {days} hors cible"
    ),
    "{courses}, {days} off target together; proved: no plan has fewer": (
        "{courses}, en tout {days} hors cible ; prouvé : aucun plan n'en a moins"
    ),
    "{courses}, {days} off target together; no plan has fewer than {bound}, so at most {gap} "
    "could be saved": (
        "{courses}, en tout {days} hors cible ; aucun plan n'en a moins de {bound} : on peut en "
        "gagner au plus {gap}"
    ),
    "Call in this order:": "À appeler dans cet ordre :",
    "{visits} moved; no room was found for {without}.": (
        "Déplacé : {visits} ; sans place : {without}."
    ),
    "Every visit stays as it is.": "Tous les rendez-vous restent inchangés.",
    "No visit moves.": "Aucun rendez-vous n'est déplacé.",
    "{visits} of {courses} moved": "déplacé : {visits} ({courses})",
    "{found}; proved: no plan of all courses moves fewer.": (
        "{found} ; prouvé : aucun plan d'ensemble n'en déplace moins."
    ),
    "{found}; any plan of all courses moves {bound} or more.": (
        "{found} ; tout plan d'ensemble en déplace {bound} ou plus."
    ),
    "first ask {whom}": "demander d'abord : {whom}",
    "first ask {whom}; then {others}": "demander d'abord : {whom} ; puis {others}",
    "{escorts} for the ride home": "{escorts} pour le retour",
    "{people}, because this takes the time they free": (
        "{people}, car ceci prend la place qu'ils libèrent"
    ),
    "{day} at {clock}": "{day} à {clock}",
    "{visit}, {old}, is cancelled": "{visit}, {old}, n'a pas lieu",
    "{visit}, {old}, moves to {new}": "{visit}, {old}, est déplacé au {new}",
    "{visit}, {old}, stays, {what}": "{visit}, {old}, reste, {what}",
    "in {places}": "sur {places}",
    "with {escort} for the ride home": "avec {escort} pour le retour",
    "with another end or other staff": "avec une autre fin ou un autre personnel",
}

_CAPACITY: Mapping[str, str] = {
    "The clinic carries at least {courses} a week for {weeks}; none begins more than "
    "{days} later than it would in an empty clinic.": (
        "Le centre absorbe au moins {courses} par semaine pendant {weeks} ; aucun ne "
        "commence plus de {days} plus tard que dans un centre vide."
    ),
    "The clinic carries {courses} a week for {weeks}; none begins more than {days} later "
    "than it would in an empty clinic.": (
        "Le centre absorbe {courses} par semaine pendant {weeks} ; aucun ne commence plus de "
        "{days} plus tard que dans un centre vide."
    ),
    "Of {visits}, {number} were missed and made up for later.": (
        "{visits}, dont {number} manqués et repris plus tard."
    ),
    "Of {visits}, {number} was missed and made up for later.": (
        "{visits}, dont {number} manqué et repris plus tard."
    ),
    "{visits} began more than a quarter of an hour late.": (
        "Commencés avec plus d'un quart d'heure de retard : {visits}."
    ),
    "What runs out first was not determined.": ("Ce qui manque d'abord n'a pas été recherché."),
    "With one more a week too many visits would begin late.": (
        "Avec un de plus par semaine, trop de rendez-vous commenceraient en retard."
    ),
    "More places or staff would not allow one more a week: the hours are too short.": (
        "Même plus de places ou de personnel n'en absorberaient pas un de plus par semaine : "
        "les horaires sont trop courts."
    ),
    "First to run out: {kinds}.": "Ce qui manque d'abord : {kinds}.",
    "taken of": "occupé de",
    "on average": "en moyenne",
    "in the fullest week": "la semaine la plus pleine",
}

_TO_TELL: Mapping[str, str] = {
    "Nobody has to be told anything new.": "Personne n'a rien de nouveau à apprendre.",
    "the person": "patient",
    "drives home": "raccompagne",
    "the clinic": "cabinet",
    "who": "qui",
    "is": "rôle",
    "as they know it": "comme convenu",
    "now": "maintenant",
    "cancelled": "annulé",
}

SENTENCES: Mapping[str, str] = {
    **_DATES,
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
"""By the English template. Names in braces are facts."""
