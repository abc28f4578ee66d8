"""Sheets in German."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from protocol_sched.model.moments import utc
from protocol_sched.model.schedule import Ride
from protocol_sched.text.german.words import DAYS, MONTHS, elapsed_text
from protocol_sched.text.sheets import Appointment, Contact, Pickup

NO = {
    "solid food": "keine feste Nahrung",
    "clear liquids": "keine klaren Flüssigkeiten",
    "liquids": "keine Getränke",
    "food": "nichts essen",
    "food or drink": "nichts essen und nichts trinken",
    "alcohol": "kein Alkohol",
    "caffeine": "kein Koffein",
    "water": "kein Wasser",
}
"""What is left out, in whole words; what is not here is quoted as the protocol has it."""


class GermanSheet:
    """See `SheetWords`."""

    code = "de"
    your_appointments = "Ihre Termine"
    your_rides = "Ihre Fahrten"
    columns = ("Wann", "Vorher", "Heimweg")
    ride_columns = ("Tag", "Bitte da sein", "Abgemacht?")
    nothing_planned = "Es ist nichts geplant."

    def day(self, day: date, year: bool) -> str:
        text = f"{DAYS[day.weekday()]}, {day.day}. {MONTHS[day.month - 1]}"
        return f"{text} {day.year}" if year else text

    def called(self, one: Appointment) -> str:
        if one.title:
            return one.title[:1].upper() + one.title[1:]
        return f"Termin {one.number}" if one.number else "Termin"

    def provisional(self) -> str:
        return "Dieser Termin ist vorläufig. Die Bestätigung folgt."

    def be_there(self, start: datetime) -> str:
        return f"Da sein um {start:%H:%M} Uhr"

    def leave_out(self, what: str, begins: datetime, on: date) -> str:
        when = f"{begins:%H:%M} Uhr"
        if begins.date() != on:
            when = f"{self.day(begins.date(), False)}, {when}"
        no = NO.get(what.casefold(), f"verzichten auf: {what}")
        return f"Ab {when} {no}."

    def test(self, name: str, earliest: date | None, latest: date) -> str:
        when = f"spätestens am {self.day(latest, False)}"
        if earliest is not None:
            when = f"am {self.day(latest, False)}"
            if earliest < latest:
                when = f"zwischen {self.day(earliest, False)}, und {self.day(latest, False)}"
        if name:
            return f"{name[:1].upper()}{name[1:]}: {when}."
        return f"Etwas ist zu erledigen {when}. Fragen Sie die Praxis, was es ist."

    def other_instructions(self, any_before: bool) -> str:
        return f"Bitte halten Sie sich {'auch ' if any_before else ''}an die übrigen Hinweise."

    def expect_to_leave(self, one: Appointment) -> str:
        later = ", vielleicht später" if one.open_end else ""
        return f"Ende etwa {self._between(*one.ready, one.start.date())}{later}."

    def ride_home(self, one: Appointment) -> str:
        if one.waived or one.ride is None:
            return ""
        if not one.escort:
            return "Jemand muss Sie nach Hause bringen. Noch ist niemand gefunden."
        if one.ride is Ride.DECLINED:
            return (
                f"{one.escort} kann Sie nicht nach Hause bringen. Bitte fragen Sie jemand anderen."
            )
        confirmed = "" if one.ride is Ride.CONFIRMED else " (noch nicht bestätigt)"
        return f"Fahrt nach Hause: {one.escort}{confirmed}."

    def no_driving(self, one: Appointment) -> str:
        until = one.no_driving_until
        if until is None:
            return ""
        day = until.date() if isinstance(until, datetime) else until
        clock = f", {until:%H:%M} Uhr" if isinstance(until, datetime) else ""
        rest = ""
        if one.rest is not None:
            rest = f", und erst nach {elapsed_text(one.rest.minutes)} Nachtruhe"
        return f"Vor {self.day(day, False)}{clock}, nicht Auto fahren{rest}."

    def fetch(self, one: Pickup) -> str:
        first, last = one.ready
        parts = [f"um {first:%H:%M} Uhr"]
        if utc(first) != utc(last):
            parts.append(f"Abholbereit {self._between(first, last, first.date())}")
        parts += ["Es kann später werden"] if one.open_end else []
        return f"{'. '.join(parts)}."

    def stay(self, one: Pickup) -> str:
        if not one.stay:
            return ""
        return f"Bitte bleiben Sie danach noch {elapsed_text(one.stay // timedelta(minutes=1))}."

    def answer(self, one: Pickup) -> str:
        if one.provisional:
            return "Der Termin ist vorläufig."
        return "Ja, danke." if one.confirmed else "Noch nicht: Bitte sagen Sie zu oder ab."

    def where(self, of: Contact) -> str:
        return ", ".join(part for part in (of.clinic, of.address) if part)

    def call(self, of: Contact) -> str:
        return f"Fragen, oder Sie können nicht kommen? Telefon {of.phone}." if of.phone else ""

    def call_about_ride(self, of: Contact) -> str:
        return f"Verspätet, oder Sie können nicht fahren? Telefon {of.phone}." if of.phone else ""

    def clock(self, of: Contact) -> str:
        return f"Alle Zeiten sind Ortszeit ({of.zone})."

    def made(self, on: date) -> str:
        return f"Stand: {self.day(on, True)}. Ein neueres Blatt ersetzt dieses."

    def _between(self, first: datetime, last: datetime, on: date) -> str:
        """Return two moments, with their dates where those are not the one that is known."""
        begins, ends = self._at(first, on), self._at(last, first.date())
        if utc(first) == utc(last):
            return f"um {begins}"
        if first.date() != on:
            begins += ","
        if first.date() == on == last.date():
            begins = f"{first:%H:%M}"
        return f"zwischen {begins} und {ends}"

    def _at(self, moment: datetime, on: date) -> str:
        day = "" if moment.date() == on else f" am {self.day(moment.date(), False)}"
        return f"{moment:%H:%M} Uhr{day}"
