"""Kalendereinträge und Nachrichten auf Deutsch: entries and messages to escorts in German."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from protocol_sched.model.around import CoMedicationWindow
from protocol_sched.model.schedule import Ride
from protocol_sched.model.spans import ElapsedSpan, Span
from protocol_sched.text.calendar_words import CalendarWords, end_of
from protocol_sched.text.german import words

FOOD: Mapping[str, str] = {
    "alcohol": "Alkohol",
    "caffeine": "Koffein",
    "clear fluids": "klare Flüssigkeiten",
    "clear liquids": "klare Flüssigkeiten",
    "coffee": "Kaffee",
    "drinks": "Getränke",
    "fluids": "Flüssigkeiten",
    "food": "Essen",
    "food or drink": "Essen und Trinken",
    "liquids": "Flüssigkeiten",
    "milk": "Milch",
    "solid food": "feste Nahrung",
    "solids": "feste Nahrung",
    "water": "Wasser",
}
"""What people are asked to leave out most often; anything else stays as the protocol has it."""
_ANSWERS = {
    Ride.CONFIRMED: "zugesagt",
    Ride.UNCONFIRMED: "noch nicht zugesagt",
    Ride.DECLINED: "abgesagt",
}


class GermanCalendar(CalendarWords):
    """German, to the person as *Sie*."""

    appointment = "Termin"
    clinic_appointment = "Kliniktermin"
    appointments = "Termine"
    clinic_appointments = "Kliniktermine"
    rides = "Fahrten"
    ride = "Fahrt"
    no_driving = "Nicht selbst fahren"
    provisional = " (vorläufig)"
    not_agreed = " (noch nicht vereinbart)"
    please_confirm = " (bitte zusagen)"
    gone = "Dieser Termin entfällt."
    date_provisional = (
        "Dieser Termin ist vorläufig. Sie erfahren von der Klinik, sobald er feststeht."
    )
    instructions = "Bitte halten Sie sich an die Anweisungen, die Sie bekommen haben."
    other_instructions = "Bitte halten Sie sich auch an die übrigen Anweisungen für die Zeit davor."
    test_unnamed = "Fragen Sie die Praxis, was zu erledigen ist."
    night = (
        "Dieser Eintrag zählt die Nachtruhe ab Mitternacht: Beginnt Ihre später, dürfen Sie "
        "auch erst später fahren."
    )
    tomorrow = "Morgen haben Sie einen Termin."
    cannot_drive = "Sie haben abgesagt."
    need_not_drive = "Diesmal brauchen Sie nicht zu fahren."
    ride_waived = "Heimfahrt: Begleitung ärztlich erlassen."
    ride_unnamed = "Heimfahrt: noch niemand eingetragen."
    asks = "Bitte sagen Sie zu oder ab, im Kalender oder mit einer Antwort auf diese Nachricht."
    asks_without_mail = "Bitte geben Sie der Klinik Bescheid, ob Sie fahren können."

    def numbered(self, number: int) -> str:
        return f"Kliniktermin {number}"

    def course_day(self, day: int, week: int) -> str:
        return f"Tag {day}, Woche {week}"

    def cancelled(self, title: str) -> str:
        return f"{title} (abgesagt)"

    def day(self, day: date) -> str:
        return words.date_text(day, year=True)

    def time(self, clock: str) -> str:
        return f"{clock} Uhr"

    def clock_on(self, clock: str, day: date) -> str:
        return f"{clock} am {self.day(day)}"

    def between(self, first: str, last: str) -> str:
        return f"um {first}" if first == last else f"zwischen {first} und {last}"

    def length(self, span: Span) -> str:
        return words.length(span)

    def limits(self, least: Span | None, most: Span | None, before: bool, visit: str) -> str:
        text = words.lengths(least, most)
        return f"{text[:1].upper()}{text[1:]} {'vor' if before else 'nach'} {visit}."

    def phone(self, number: str) -> str:
        return f"Telefon: {number}"

    def times_of(self, zone: str) -> str:
        return f"Alle Uhrzeiten gelten für {zone}."

    def arrive(self, clock: str) -> str:
        return f"Bitte kommen Sie um {clock}."

    def leave(self, when: str, perhaps_later: bool) -> str:
        later = " Es kann auch später werden." if perhaps_later else ""
        return f"Voraussichtlich können Sie {when} gehen.{later}"

    def _rested(self, rest: ElapsedSpan | None) -> str:
        return f" und nicht vor einer Nachtruhe von {self._hours(rest)}" if rest else ""

    def _hours(self, span: ElapsedSpan) -> str:
        """Return a length in the dative: ``8 Stunden``, ``30 Minuten``."""
        return words.elapsed_text(span.minutes)

    def test_before(self, name: str, visit: str) -> str:
        return f"{name or 'Zu erledigen'} vor: {visit}"

    def test_between(self, earliest: date | None, latest: date) -> str:
        last = self.day(latest)
        if earliest is None:
            return f"Spätestens am {last} zu erledigen."
        if earliest >= latest:
            return f"Am {last} zu erledigen."
        return f"Zwischen {self.day(earliest)} und {last} zu erledigen."

    def until(self, when: str, rest: ElapsedSpan | None) -> str:
        return f"Nicht vor {when}{self._rested(rest)}."

    def do_not_drive(self, when: str, rest: ElapsedSpan | None) -> str:
        return f"Fahren Sie nicht selbst vor {when}{self._rested(rest)}."

    def visit_of(self, day: date) -> str:
        return f"Ihrem Termin vom {self.day(day)}"

    def what(self, what: str) -> str:
        return FOOD.get(what.casefold(), what)

    def fast_from(self, what: str, clock: str) -> str:
        return f"Bitte ab {clock} verzichten auf: {what}."

    def fast_last(self, what: str, span: ElapsedSpan) -> str:
        return f"Bitte in den letzten {self._hours(span)} davor verzichten auf: {what}."

    def fast_now(self, what: str) -> str:
        return f"Bitte von jetzt an bis zu Ihrem Termin verzichten auf: {what}."

    def starts_in(self, span: ElapsedSpan) -> str:
        return f"Termin in {self._hours(span)}."

    def pick_up_in(self, span: ElapsedSpan) -> str:
        return f"Abholung in {self._hours(span)}."

    def taken_home(self, name: str, ride: Ride) -> str:
        if not name:
            return "Jemand muss Sie nach Hause bringen; es ist noch niemand eingetragen."
        return {
            Ride.CONFIRMED: f"{name} bringt Sie nach Hause.",
            Ride.UNCONFIRMED: f"{name} soll Sie nach Hause bringen (noch nicht zugesagt).",
            Ride.DECLINED: f"{name} kann Sie nicht nach Hause bringen; bitte fragen Sie "
            "jemand anderen.",
        }[ride]

    def escort(self) -> str:
        return "Ihre Begleitung"

    def stage(self, begins: str, begins_by: str, name: str, until: str) -> str:
        to = f" bis {begins_by}" if begins_by else ""
        return f"{begins}{to}: {name}{f' (bis: {until})' if until else ''}"

    def co_medication(self, window: CoMedicationWindow) -> str:
        no, first, last = "nicht " if window.barred else "", window.first, window.last
        starts = "" if first is None else end_of(first, self.day(first))
        ends = "" if last is None else end_of(last, self.day(last))
        if not starts:
            when = f"bis {ends}"
        elif not ends:
            when = f"ab {starts}"
        elif first == last:
            when = f"am {starts}"
        else:
            when = f"{'von' if window.barred else 'zwischen'} {starts} "
            when += f"{'bis' if window.barred else 'und'} {ends}"
        return f"{window.name[:1].upper()}{window.name[1:]}: {no}{when}."

    def task(self, name: str, first: str, last: str, held: Sequence[str]) -> str:
        who = f" ({', '.join(held)})" if held else ""
        return f"{name[:1].upper()}{name[1:]}: {first} bis {last}{who}."

    def check(self, what: str, times: Sequence[str]) -> str:
        return f"{what[:1].upper()}{what[1:]}: {words.listed(times)}."

    def arrives(self, clock: str) -> str:
        return f"Kommt um {clock}."

    def may_leave(self, when: str) -> str:
        return f"Kann voraussichtlich {when} gehen."

    def ends(self, when: str) -> str:
        return f"Endet {when}."

    def no_driving_until(self, when: str, rest: ElapsedSpan | None) -> str:
        return f"Nicht selbst fahren vor {when}{self._rested(rest)}."

    def ride_home(self, who: Sequence[str], ride: Ride | None) -> str:
        answer = "" if ride is None else f" ({_ANSWERS[ride]})"
        return f"Heimfahrt: {', '.join(who) or 'eine Begleitung'}{answer}"

    def provisional_until(self, question: str) -> str:
        return f"Vorläufig, bis das beantwortet ist: {question}"

    def pick_up(self, of: str, by: str) -> str:
        return f"Abholung{f' von {of}' if of else ''}{f' durch {by}' if by else ''}"

    def ready(self, when: str, clock: str) -> str:
        return f"Abholbereit {when}. Bitte seien Sie um {clock} da."

    def at_the_door(self, minutes: int) -> str:
        return (
            f"Der Kalendereintrag hat davor und danach {minutes} Minuten mehr, zum Parken und "
            "Warten."
        )

    def stay(self, span: ElapsedSpan) -> str:
        return f"Bitte bleiben Sie danach noch {self._hours(span)}."

    def where(self, place: str) -> str:
        return f"Ort: {place}"

    def pick_up_on(self, day: str, when: str) -> str:
        return f"Abholung am {day}, {when}."

    def can_you(self, day: str) -> str:
        return f"Abholung am {day}: Können Sie fahren?"

    def pick_up_cancelled(self, day: str) -> str:
        return f"Abgesagt: Abholung am {day}"
