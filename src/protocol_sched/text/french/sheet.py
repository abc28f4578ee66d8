"""Feuilles en français: sheets in French."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from protocol_sched.model.moments import utc
from protocol_sched.model.schedule import Ride
from protocol_sched.text.french.calendar import FOOD
from protocol_sched.text.french.words import DAYS, MONTHS, at, capital, elapsed_text
from protocol_sched.text.sheets import Appointment, Contact, Pickup


class FrenchSheet:
    """See `SheetWords`."""

    code = "fr"
    your_appointments = "Vos rendez-vous"
    your_rides = "Vos trajets"
    columns = ("Quand", "Avant de venir", "Retour")
    ride_columns = ("Jour", "Merci d'être là", "Convenu ?")
    nothing_planned = "Rien n'est prévu."

    def day(self, day: date, year: bool) -> str:
        number = "1er" if day.day == 1 else str(day.day)
        text = f"{DAYS[day.weekday()]} {number} {MONTHS[day.month - 1]}"
        return capital(f"{text} {day.year}" if year else text)

    def _on(self, day: date, year: bool = False) -> str:
        return f"le {self.day(day, year).lower()}"

    def called(self, one: Appointment) -> str:
        if one.title:
            return capital(one.title)
        return f"Rendez-vous {one.number}" if one.number else "Rendez-vous"

    def provisional(self) -> str:
        return "Cette date est provisoire. On vous préviendra quand elle sera confirmée."

    def be_there(self, start: datetime) -> str:
        return f"Soyez là à {at(start)}"

    def leave_out(self, what: str, begins: datetime, on: date) -> str:
        when = at(begins)
        if begins.date() != on:
            when += f" {self._on(begins.date())}"
        return f"À partir de {when}, {FOOD.get(what.casefold(), f'pas de : {what}')}."

    def test(self, name: str, earliest: date | None, latest: date) -> str:
        when = f"au plus tard {self._on(latest)}"
        if earliest is not None:
            when = self._on(latest)
            if earliest < latest:
                when = f"entre {self._on(earliest)} et {self._on(latest)}"
        if name:
            return f"{name[:1].upper()}{name[1:]} : {when}."
        return f"Il y a quelque chose à faire {when}. Demandez au cabinet de quoi il s'agit."

    def other_instructions(self, any_before: bool) -> str:
        other = "aussi les autres" if any_before else "les"
        return f"Suivez {other} consignes reçues."

    def expect_to_leave(self, one: Appointment) -> str:
        later = ", peut-être plus tard" if one.open_end else ""
        return f"Sortie prévue {self._between(*one.ready, one.start.date())}{later}."

    def ride_home(self, one: Appointment) -> str:
        if one.waived or one.ride is None:
            return ""
        if not one.escort:
            return "Quelqu'un doit vous ramener chez vous. Personne n'est encore prévu."
        if one.ride is Ride.DECLINED:
            return f"{one.escort} ne peut pas vous ramener. Demandez à quelqu'un d'autre."
        confirmed = "" if one.ride is Ride.CONFIRMED else " (pas encore confirmé)"
        return f"Retour : {one.escort}{confirmed}."

    def no_driving(self, one: Appointment) -> str:
        until = one.no_driving_until
        if until is None:
            return ""
        day = until.date() if isinstance(until, datetime) else until
        clock = f" à {at(until)}" if isinstance(until, datetime) else ""
        rest = ""
        if one.rest is not None:
            rest = f", et seulement après {elapsed_text(one.rest.minutes)} de repos la nuit"
        return f"Ne conduisez pas avant {self._on(day)}{clock}{rest}."

    def fetch(self, one: Pickup) -> str:
        first, last = one.ready
        parts = [f"à {at(first)}"]
        if utc(first) != utc(last):
            parts.append(f"Sortie prévue {self._between(first, last, first.date())}")
        parts += ["Cela peut être plus tard"] if one.open_end else []
        return f"{'. '.join(parts)}."

    def stay(self, one: Pickup) -> str:
        if not one.stay:
            return ""
        return f"Merci de rester encore {elapsed_text(one.stay // timedelta(minutes=1))} ensuite."

    def answer(self, one: Pickup) -> str:
        if one.provisional:
            return "La date est provisoire."
        return "Oui, merci." if one.confirmed else "Pas encore : merci de dire oui ou non."

    def where(self, of: Contact) -> str:
        return ", ".join(part for part in (of.clinic, of.address) if part)

    def call(self, of: Contact) -> str:
        if not of.phone:
            return ""
        return f"Une question, un empêchement ? Appelez le {of.phone}."

    def call_about_ride(self, of: Contact) -> str:
        if not of.phone:
            return ""
        return f"En retard, ou vous ne pouvez pas conduire ? Appelez le {of.phone}."

    def clock(self, of: Contact) -> str:
        return f"Les heures sont locales ({of.zone})."

    def made(self, on: date) -> str:
        return f"Établi {self._on(on, True)}. Une feuille plus récente remplace celle-ci."

    def _between(self, first: datetime, last: datetime, on: date) -> str:
        """Return two moments, with their dates where those are not the one that is known."""
        begins = self._at(first, on)
        if utc(first) == utc(last):
            return f"à {begins}"
        return f"entre {begins} et {self._at(last, first.date())}"

    def _at(self, moment: datetime, on: date) -> str:
        day = "" if moment.date() == on else f" {self._on(moment.date())}"
        return f"{at(moment)}{day}"
