"""Sheets in English."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from protocol_sched.model.moments import utc
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.schedule import Ride
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.english.words import MONTH_NAMES
from protocol_sched.text.sheets import Appointment, Contact, Pickup


class EnglishSheet:
    """See `SheetWords`."""

    code = "en"
    your_appointments = "Your appointments"
    your_rides = "Your rides"
    columns = ("When", "Before you come", "Going home")
    ride_columns = ("Day", "Pick-up", "Confirmed?")
    nothing_planned = "Nothing is planned."

    def day(self, day: date, year: bool) -> str:
        text = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTH_NAMES[day.month - 1]}"
        return f"{text} {day.year}" if year else text

    def called(self, one: Appointment) -> str:
        if one.title:
            return one.title[:1].upper() + one.title[1:]
        return f"Appointment {one.number}" if one.number else "Appointment"

    def provisional(self) -> str:
        return "This date is provisional. You will be told when it is settled."

    def be_there(self, start: datetime) -> str:
        return f"Be there at {start:%H:%M}"

    def leave_out(self, what: str, begins: datetime, on: date) -> str:
        when = f"{begins:%H:%M}"
        if begins.date() != on:
            when += f" on {self.day(begins.date(), False)}"
        return f"No {what} after {when}."

    def test(self, name: str, earliest: date | None, latest: date) -> str:
        when = f"on or before {self.day(latest, False)}"
        if earliest is not None:
            when = f"on {self.day(latest, False)}"
            if earliest < latest:
                when = f"between {self.day(earliest, False)} and {self.day(latest, False)}"
        if name:
            return f"{name[:1].upper()}{name[1:]}: {when}."
        return f"Something has to be done {when}. Ask the clinic what it is."

    def other_instructions(self, any_before: bool) -> str:
        other = "other " if any_before else ""
        return f"Follow the {other}instructions you were given."

    def expect_to_leave(self, one: Appointment) -> str:
        later = ", possibly later" if one.open_end else ""
        return f"Expect to leave {self._between(*one.ready, one.start.date())}{later}."

    def ride_home(self, one: Appointment) -> str:
        if one.waived or one.ride is None:
            return ""
        if not one.escort:
            return "Someone must take you home. Nobody is arranged yet."
        if one.ride is Ride.DECLINED:
            return f"{one.escort} cannot take you home. Please ask someone else."
        confirmed = "" if one.ride is Ride.CONFIRMED else " (not confirmed yet)"
        return f"Ride home: {one.escort}{confirmed}."

    def no_driving(self, one: Appointment) -> str:
        until = one.no_driving_until
        if until is None:
            return ""
        day = until.date() if isinstance(until, datetime) else until
        clock = f"{until:%H:%M} on " if isinstance(until, datetime) else ""
        rest = f", and only after {one.rest} of rest at night" if one.rest is not None else ""
        return f"Do not drive before {clock}{self.day(day, False)}{rest}."

    def fetch(self, one: Pickup) -> str:
        first, last = one.ready
        parts = [f"Be there at {first:%H:%M}"]
        if utc(first) != utc(last):
            parts.append(f"Ready {self._between(first, last, first.date())}")
        parts += ["It may be later"] if one.open_end else []
        return f"{'. '.join(parts)}."

    def stay(self, one: Pickup) -> str:
        return f"Please stay for {_length(one.stay)} after that." if one.stay else ""

    def answer(self, one: Pickup) -> str:
        if one.provisional:
            return "The date is provisional."
        return "Confirmed, thank you." if one.confirmed else "Not confirmed: please say yes or no."

    def where(self, of: Contact) -> str:
        return ", ".join(part for part in (of.clinic, of.address) if part)

    def call(self, of: Contact) -> str:
        return f"Questions, or you cannot come? Call {of.phone}." if of.phone else ""

    def call_about_ride(self, of: Contact) -> str:
        return f"Late, or you cannot drive? Call {of.phone}." if of.phone else ""

    def clock(self, of: Contact) -> str:
        return f"Times are local ({of.zone})."

    def made(self, on: date) -> str:
        return f"Made on {self.day(on, True)}. A newer sheet replaces this one."

    def _between(self, first: datetime, last: datetime, on: date) -> str:
        """Return two moments, with their dates where those are not the one that is known."""
        begins = self._at(first, on)
        if utc(first) == utc(last):
            return f"at {begins}"
        return f"between {begins} and {self._at(last, first.date())}"

    def _at(self, moment: datetime, on: date) -> str:
        day = "" if moment.date() == on else f" on {self.day(moment.date(), False)}"
        return f"{moment:%H:%M}{day}"


def _length(span: timedelta) -> str:
    return str(ElapsedSpan(span // timedelta(minutes=1)))
