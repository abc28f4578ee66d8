"""Calendar entries and messages to escorts in English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from protocol_sched.model.around import CoMedicationWindow
from protocol_sched.model.schedule import Ride
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span
from protocol_sched.text.around import window_text
from protocol_sched.text.calendar_words import CalendarWords
from protocol_sched.text.english.words import DAY_NAMES, MONTH_NAMES

_NONE = (None, CalendarSpan(), ElapsedSpan(0))


class EnglishCalendar(CalendarWords):
    """English, to the person as *you*."""

    appointment = "Appointment"
    clinic_appointment = "Clinic appointment"
    appointments = "Appointments"
    clinic_appointments = "Clinic appointments"
    rides = "Rides"
    ride = "Ride"
    no_driving = "Do not drive"
    provisional = " (provisional)"
    not_agreed = " (not agreed yet)"
    please_confirm = " (please confirm)"
    gone = "This is cancelled."
    date_provisional = "This date is provisional. The clinic will tell you when it is settled."
    instructions = "Follow the instructions you were given."
    other_instructions = "Follow the other instructions you were given for the time before."
    test_unnamed = "Ask the clinic what has to be done."
    night = "This entry counts the night from midnight: if yours begins later, so does driving."
    tomorrow = "Appointment tomorrow."
    cannot_drive = "You said that you cannot drive."
    need_not_drive = "You are not needed for this ride."
    ride_waived = "Ride home: waived by a clinician."
    ride_unnamed = "Ride home: nobody is arranged yet."
    asks = "Please answer yes or no, with your calendar's buttons or by replying to this message."
    asks_without_mail = "Please tell the clinic yes or no."

    def numbered(self, number: int) -> str:
        return f"Clinic appointment {number}"

    def course_day(self, day: int, week: int) -> str:
        return f"day {day}, week {week}"

    def cancelled(self, title: str) -> str:
        return f"{title} (cancelled)"

    def day(self, day: date) -> str:
        return f"{DAY_NAMES[day.weekday()]} {day.day} {MONTH_NAMES[day.month - 1][:3]} {day.year}"

    def time(self, clock: str) -> str:
        return clock

    def clock_on(self, clock: str, day: date) -> str:
        return f"{clock} on {self.day(day)}"

    def between(self, first: str, last: str) -> str:
        return f"at {first}" if first == last else f"between {first} and {last}"

    def length(self, span: Span) -> str:
        return str(span)

    def limits(self, least: Span | None, most: Span | None, before: bool, visit: str) -> str:
        parts = [f"at least {least}"] if least not in _NONE else []
        parts += [f"at most {most}"] if most is not None else []
        words = " and ".join(parts)
        return f"{words[:1].upper()}{words[1:]} {'before' if before else 'after'} {visit}."

    def phone(self, number: str) -> str:
        return f"Phone: {number}"

    def times_of(self, zone: str) -> str:
        return f"Times are those of {zone}."

    def arrive(self, clock: str) -> str:
        return f"Arrive at {clock}."

    def leave(self, when: str, perhaps_later: bool) -> str:
        return f"Expect to leave {when}{', possibly later' if perhaps_later else ''}."

    def _rested(self, rest: ElapsedSpan | None) -> str:
        return f", and not before a night's rest of {rest}" if rest else ""

    def test_before(self, name: str, visit: str) -> str:
        return f"{name or 'To be done'} before {visit[:1].lower()}{visit[1:]}"

    def test_between(self, earliest: date | None, latest: date) -> str:
        last = self.day(latest)
        if earliest is None:
            return f"To be done on or before {last}."
        if earliest >= latest:
            return f"To be done on {last}."
        return f"To be done between {self.day(earliest)} and {last}."

    def until(self, when: str, rest: ElapsedSpan | None) -> str:
        return f"Until {when}{self._rested(rest)}."

    def do_not_drive(self, when: str, rest: ElapsedSpan | None) -> str:
        return f"Do not drive before {when}{self._rested(rest)}."

    def visit_of(self, day: date) -> str:
        return f"your visit of {self.day(day)}"

    def what(self, what: str) -> str:
        return what

    def fast_from(self, what: str, clock: str) -> str:
        return f"No {what} after {clock}."

    def fast_last(self, what: str, span: ElapsedSpan) -> str:
        return f"No {what} for {span} before your appointment."

    def fast_now(self, what: str) -> str:
        return f"No {what} from now until your appointment."

    def starts_in(self, span: ElapsedSpan) -> str:
        return f"Appointment in {span}."

    def pick_up_in(self, span: ElapsedSpan) -> str:
        return f"Pick-up in {span}."

    def taken_home(self, name: str, ride: Ride) -> str:
        if not name:
            return "Someone must take you home; nobody is arranged yet."
        return {
            Ride.CONFIRMED: f"Ride home: {name}.",
            Ride.UNCONFIRMED: f"Ride home: {name} (not confirmed yet).",
            Ride.DECLINED: f"{name} cannot take you home. Please ask someone else.",
        }[ride]

    def escort(self) -> str:
        return "Your escort"

    def stage(self, begins: str, begins_by: str, name: str, until: str) -> str:
        to = f" to {begins_by}" if begins_by else ""
        return f"{begins}{to}: {name}{f' (until {until})' if until else ''}"

    def co_medication(self, window: CoMedicationWindow) -> str:
        text = window_text(window, year=True)
        return f"{text[:1].upper()}{text[1:]}."

    def task(self, name: str, first: str, last: str, held: Sequence[str]) -> str:
        who = f" ({', '.join(held)})" if held else ""
        return f"{name[:1].upper()}{name[1:]}: {first} to {last}{who}."

    def check(self, what: str, times: Sequence[str]) -> str:
        said = " and ".join(filter(None, [", ".join(times[:-1]), times[-1]]))
        return f"{what[:1].upper()}{what[1:]}: {said}."

    def arrives(self, clock: str) -> str:
        return f"Arrives at {clock}."

    def may_leave(self, when: str) -> str:
        return f"Discharge {when}."

    def ends(self, when: str) -> str:
        return f"Ends {when}."

    def no_driving_until(self, when: str, rest: ElapsedSpan | None) -> str:
        return f"No driving before {when}{self._rested(rest)}."

    def ride_home(self, who: Sequence[str], ride: Ride | None) -> str:
        answer = "" if ride is None else f" ({ride.value})"
        return f"Ride home: {', '.join(who) or 'an escort'}{answer}"

    def provisional_until(self, question: str) -> str:
        return f"Provisional until this is answered: {question}"

    def pick_up(self, of: str, by: str) -> str:
        return f"Pick-up{f' of {of}' if of else ''}{f' by {by}' if by else ''}"

    def ready(self, when: str, clock: str) -> str:
        return f"Ready {when}. Please be there at {clock}."

    def at_the_door(self, minutes: int) -> str:
        return f"The calendar entry has {minutes} minutes more before and after, to park and wait."

    def stay(self, span: ElapsedSpan) -> str:
        return f"Please stay for {span} after that."

    def where(self, place: str) -> str:
        return f"Where: {place}"

    def pick_up_on(self, day: str, when: str) -> str:
        return f"Pick-up on {day}, {when}."

    def can_you(self, day: str) -> str:
        return f"Pick-up on {day}: can you?"

    def pick_up_cancelled(self, day: str) -> str:
        return f"Cancelled: pick-up on {day}"
