"""Agendas et messages en français: entries and messages to escorts in French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from protocol_sched.model.around import CoMedicationWindow
from protocol_sched.model.schedule import Ride
from protocol_sched.model.spans import ElapsedSpan, Span
from protocol_sched.text.calendar_words import CalendarWords
from protocol_sched.text.french import words

FOOD: Mapping[str, str] = {
    "alcohol": "pas d'alcool",
    "caffeine": "pas de caféine",
    "clear fluids": "pas de liquides clairs",
    "clear liquids": "pas de liquides clairs",
    "coffee": "pas de café",
    "drinks": "pas de boissons",
    "fluids": "pas de boissons",
    "food": "rien à manger",
    "food or drink": "rien à manger ni à boire",
    "liquids": "pas de boissons",
    "milk": "pas de lait",
    "solid food": "pas d'aliments solides",
    "solids": "pas d'aliments solides",
    "water": "pas d'eau",
}
"""What people are asked to leave out most often; anything else stays as the protocol has it."""
_ANSWERS = {
    Ride.CONFIRMED: "confirmé",
    Ride.UNCONFIRMED: "pas encore confirmé",
    Ride.DECLINED: "refusé",
}


def in_words(window: CoMedicationWindow, *, year: bool) -> str:
    """Return ``triptan : pas du dim. 28 février à 9 h au lun. 1er mars à 9 h``."""

    def when(end: date) -> str:
        text = words.date_text(end, year=year)
        return f"{text} à {words.at(end)}" if isinstance(end, datetime) else text

    no, first, last = "pas " if window.barred else "", window.first, window.last
    if first is None and last is not None:
        return f"{window.name} : {no}jusqu'au {when(last)}"
    assert first is not None  # a distance has at least one end
    if last is None:
        return f"{window.name} : {no}à partir du {when(first)}"
    if first == last:
        return f"{window.name} : {no}le {when(first)}"
    if window.barred:
        return f"{window.name} : pas du {when(first)} au {when(last)}"
    return f"{window.name} : entre le {when(first)} et le {when(last)}"


def _the(when: str) -> str:
    """Return a date with its article; a time of day as it is."""
    return when if when[:1].isdigit() else f"le {when}"


class FrenchCalendar(CalendarWords):
    """French, to the person as *vous*."""

    appointment = "Rendez-vous"
    clinic_appointment = "Rendez-vous au centre"
    appointments = "Rendez-vous"
    clinic_appointments = "Rendez-vous au centre"
    rides = "Trajets"
    ride = "Trajet"
    no_driving = "Ne pas conduire"
    provisional = " (provisoire)"
    not_agreed = " (pas encore convenu)"
    please_confirm = " (à confirmer)"
    gone = "Ce rendez-vous n'a plus lieu."
    date_provisional = (
        "Cette date est provisoire. Le centre vous préviendra dès qu'elle sera confirmée."
    )
    instructions = "Suivez les consignes que vous avez reçues."
    other_instructions = "Suivez aussi les autres consignes reçues pour avant le rendez-vous."
    test_unnamed = "Demandez au cabinet ce qu'il y a à faire."
    night = (
        "Cette entrée compte la nuit à partir de minuit : si la vôtre commence plus tard, vous "
        "pourrez aussi conduire plus tard."
    )
    tomorrow = "Vous avez rendez-vous demain."
    cannot_drive = "Vous avez dit que vous ne pouvez pas conduire."
    need_not_drive = "Cette fois, vous n'avez pas besoin de conduire."
    ride_waived = "Retour : dispense accordée par un médecin."
    ride_unnamed = "Retour : encore personne de prévu."
    asks = "Merci de répondre oui ou non, dans votre agenda ou en répondant à ce message."
    asks_without_mail = "Merci de dire au centre si vous pouvez conduire."

    def numbered(self, number: int) -> str:
        return f"Rendez-vous {number} au centre"

    def course_day(self, day: int, week: int) -> str:
        return f"jour {day}, semaine {week}"

    def cancelled(self, title: str) -> str:
        return f"{title} (annulé)"

    def day(self, day: date) -> str:
        return words.date_text(day, year=True)

    def time(self, clock: str) -> str:
        return words.hour(clock)

    def clock_on(self, clock: str, day: date) -> str:
        return f"{clock} le {self.day(day)}"

    def between(self, first: str, last: str) -> str:
        return f"à {first}" if first == last else f"entre {first} et {last}"

    def length(self, span: Span) -> str:
        return words.length(span)

    def limits(self, least: Span | None, most: Span | None, before: bool, visit: str) -> str:
        text = words.capital(words.lengths(least, most))
        return f"{text} {'avant' if before else 'après'} {visit}."

    def phone(self, number: str) -> str:
        return f"Téléphone : {number}"

    def times_of(self, zone: str) -> str:
        return f"Les heures sont celles de {zone}."

    def arrive(self, clock: str) -> str:
        return f"Arrivez à {clock}."

    def leave(self, when: str, perhaps_later: bool) -> str:
        later = " Cela peut être plus tard." if perhaps_later else ""
        return f"Sortie prévue {when}.{later}"

    def _rested(self, rest: ElapsedSpan | None) -> str:
        return f", et pas avant une nuit de repos de {words.length(rest)}" if rest else ""

    def test_before(self, name: str, visit: str) -> str:
        return f"{name or 'À faire'} avant : {visit}"

    def test_between(self, earliest: date | None, latest: date) -> str:
        last = self.day(latest)
        if earliest is None:
            return f"À faire au plus tard le {last}."
        if earliest >= latest:
            return f"À faire le {last}."
        return f"À faire entre le {self.day(earliest)} et le {last}."

    def until(self, when: str, rest: ElapsedSpan | None) -> str:
        return f"Pas avant {_the(when)}{self._rested(rest)}."

    def do_not_drive(self, when: str, rest: ElapsedSpan | None) -> str:
        return f"Ne conduisez pas avant {_the(when)}{self._rested(rest)}."

    def visit_of(self, day: date) -> str:
        return f"votre rendez-vous du {self.day(day)}"

    def what(self, what: str) -> str:
        return FOOD.get(what.casefold(), f"pas de : {what}")

    def fast_from(self, what: str, clock: str) -> str:
        return f"À partir de {clock}, {what}."

    def fast_last(self, what: str, span: ElapsedSpan) -> str:
        return f"Pendant les dernières {words.length(span)} avant, {what}."

    def fast_now(self, what: str) -> str:
        return f"Dès maintenant et jusqu'à votre rendez-vous, {what}."

    def starts_in(self, span: ElapsedSpan) -> str:
        return f"Rendez-vous dans {words.length(span)}."

    def pick_up_in(self, span: ElapsedSpan) -> str:
        return f"À venir chercher dans {words.length(span)}."

    def taken_home(self, name: str, ride: Ride) -> str:
        if not name:
            return "Quelqu'un doit vous ramener chez vous ; personne n'est encore prévu."
        return {
            Ride.CONFIRMED: f"{name} vous ramène chez vous.",
            Ride.UNCONFIRMED: f"{name} doit vous ramener chez vous (pas encore confirmé).",
            Ride.DECLINED: f"{name} ne peut pas vous ramener chez vous ; demandez à quelqu'un "
            "d'autre.",
        }[ride]

    def escort(self) -> str:
        return "Votre accompagnant"

    def stage(self, begins: str, begins_by: str, name: str, until: str) -> str:
        to = f" à {begins_by}" if begins_by else ""
        end = f" (jusqu'à : {until})" if until else ""
        return f"{begins}{to} : {name}{end}"

    def co_medication(self, window: CoMedicationWindow) -> str:
        return f"{words.capital(in_words(window, year=True))}."

    def task(self, name: str, first: str, last: str, held: Sequence[str]) -> str:
        who = f" ({', '.join(held)})" if held else ""
        return f"{words.capital(name)} : de {first} à {last}{who}."

    def check(self, what: str, times: Sequence[str]) -> str:
        return f"{words.capital(what)} : {words.listed(times)}."

    def arrives(self, clock: str) -> str:
        return f"Arrive à {clock}."

    def may_leave(self, when: str) -> str:
        return f"Sortie prévue {when}."

    def ends(self, when: str) -> str:
        return f"Se termine {when}."

    def no_driving_until(self, when: str, rest: ElapsedSpan | None) -> str:
        return f"Ne pas conduire avant {_the(when)}{self._rested(rest)}."

    def ride_home(self, who: Sequence[str], ride: Ride | None) -> str:
        answer = "" if ride is None else f" ({_ANSWERS[ride]})"
        return f"Retour : {', '.join(who) or 'un accompagnant'}{answer}"

    def provisional_until(self, question: str) -> str:
        return f"Provisoire jusqu'à la réponse à cette question : {question}"

    def pick_up(self, of: str, by: str) -> str:
        whom = f"Aller chercher {of}" if of else "Aller chercher"
        return f"{whom}{f' ({by})' if by else ''}"

    def ready(self, when: str, clock: str) -> str:
        return f"Sortie prévue {when}. Merci d'être là à {clock}."

    def at_the_door(self, minutes: int) -> str:
        return (
            f"L'entrée de l'agenda compte {minutes} minutes de plus avant et après, pour se garer "
            "et attendre."
        )

    def stay(self, span: ElapsedSpan) -> str:
        return f"Merci de rester encore {words.length(span)} ensuite."

    def where(self, place: str) -> str:
        return f"Lieu : {place}"

    def pick_up_on(self, day: str, when: str) -> str:
        return f"À venir chercher le {day}, {when}."

    def can_you(self, day: str) -> str:
        return f"Trajet du {day} : pouvez-vous conduire ?"

    def pick_up_cancelled(self, day: str) -> str:
        return f"Annulé : trajet du {day}"
