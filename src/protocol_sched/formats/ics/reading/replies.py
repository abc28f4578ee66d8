"""
What an escort's mail program answers to the request for a ride home (iTIP, RFC 5546).

An answer counts only if it comes from the address that was asked, is about the ride as it was
last told, and is newer than the last answer that counted; then it is an event of the course.
Everything else has its outcome and a reason a person can act on, and changes nothing.

Who really sent a message is not known: an address in a calendar file proves nothing. Let the
mail server check the sender (SPF, DKIM, DMARC) before an answer is handed to this module.
"""

from __future__ import annotations

import contextlib
import enum
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.errors import Fault
from protocol_sched.formats.ics import uids
from protocol_sched.formats.ics.reading.busy import address_of
from protocol_sched.formats.ics.reading.clocks import PROPERTIES, Clocks, clocks_of, moment_of
from protocol_sched.formats.ics.reading.events import length_of
from protocol_sched.formats.ics.reading.lines import (
    DAY,
    LIMITS,
    Component,
    Limits,
    Property,
    Reading,
    Unreadable,
    calendars,
    read_number,
    read_text,
    value_of,
    when_of,
)
from protocol_sched.model.availability import Person
from protocol_sched.model.course import Confirmed, Course, Declined
from protocol_sched.model.last_notice import LastNotice, last_notices
from protocol_sched.model.moments import as_instant, utc, zoned

__all__ = ["Outcome", "Reply", "read_reply"]

if TYPE_CHECKING:
    Mail = Message[Any, Any]
else:  # It takes no parameters while it runs.
    Mail = Message


class Outcome(enum.Enum):
    """What an answer is."""

    CONFIRMED = "confirmed"
    """The escort takes the person home: a `Confirmed`."""
    DECLINED = "declined"
    """The escort does not: a `Declined`; ask the next."""
    DELEGATED = "delegated"
    """The escort does not and named somebody else: a `Declined`; ask ``delegate`` or another."""
    UNDECIDED = "undecided"
    """Tentative, or an answer of no known kind; the ride stays as it was."""
    COUNTERED = "countered"
    """Another time is proposed, for a person to look at."""
    ASKED_AGAIN = "asked again"
    """The escort wants the request once more (REFRESH)."""
    OUTDATED = "outdated"
    """About the ride as it was before it was last told; the new request has no answer yet."""
    NOT_NEWER = "not newer"
    """A duplicate, or older than an answer that counted."""
    STRANGER = "stranger"
    """From an address that was not asked for this ride."""
    NOT_ASKED = "not asked"
    """Nobody is asked for this ride now: cancelled, given, or needs no escort."""
    NO_RIDE = "no ride"
    """About an entry that is no ride of this course."""
    NO_ANSWER = "no answer"
    """No answer to a request at all."""
    UNCLEAR = "unclear"
    """It lacks what is needed to count it, or contradicts itself."""


@attrs.frozen(kw_only=True)
class Reply:
    """What an answer comes to."""

    outcome: Outcome
    reason: str
    """A sentence."""
    event: Confirmed | Declined | None = None
    """To be added to the course; ``None`` changes nothing."""
    visit: str = ""
    """Identity of the visit whose ride it is about, where that is known."""
    escort: str = ""
    """Name of the escort who was asked."""
    address: str = ""
    """Of whom the answer is, in lower case."""
    at: datetime | None = attrs.field(default=None, eq=as_instant)
    """When it was given (DTSTAMP), in UTC."""
    delegate: str = ""
    """The address that a delegating escort named."""
    sent_by: str = ""
    """The address of who answered in the escort's name (SENT-BY)."""
    comment: str = ""
    """What they wrote, as they wrote it."""
    proposed: tuple[datetime, datetime] | None = None
    """The start and end proposed by a COUNTER, in UTC; ``None`` too where they cannot be read."""
    passed: tuple[Fault, ...] = ()
    """What was damaged in the calendar and passed over, because it cannot change the answer."""


_ANSWERS = ("REPLY", "COUNTER", "REFRESH")
_SKEW = timedelta(days=1)
"""How far the clock of who answers may be ahead: a day, for a clock set by another zone's."""

_WANTED = PROPERTIES | {
    *("METHOD", "VERSION", "UID", "SEQUENCE", "DTSTAMP", "DTEND", "DURATION", "ATTENDEE"),
    *("COMMENT", "RECURRENCE-ID"),
}


def read_reply(
    file: str | bytes | Mail,
    course: Course,
    person: Person,
    *,
    now: datetime | None = None,
    strict: bool = False,
    name: str = "reply",
    limits: Limits = LIMITS,
) -> Reply:
    """
    Return what an answer to a request for a ride home comes to.

    The rules, in the order in which they are looked at: the METHOD is REPLY (or COUNTER or
    REFRESH); one entry, whose UID is that of a ride of this course; the ride is asked for; the
    one ATTENDEE is the address of the escort who is asked (case aside); SEQUENCE is that of the
    last request (missing is 0; `LastNotice.asked`); DTSTAMP is later than that of the last answer
    that counted, and not in the future: not after the ride, nor more than a day after ``now``.

    Calendars beside the answer that answer nothing, such as the request that a mail quotes, do
    not count, and the reason says that they are there. Of several answers to one request the one
    with the latest DTSTAMP decides, which the reason says too; if they differ and none is later,
    the answer is unclear.

    Args:
        file: A calendar file, or a whole mail message with one in it.
        course: With its events; the state of each ride is folded from them.
        person: Whose escorts have the addresses.
        now: When the answer arrived, if known.
        strict: As in `read_busy`.
        name: What errors call the file. Lines count within the calendar, not within the mail.

    Raises:
        InvalidDocument: The calendar is malformed or breaks a limit, with the line of each fault;
            or the mail holds none.
    """
    reading = Reading(name, limits, strict=strict)
    found = _calendars_of(file, reading)
    reading.settle()
    holding = [one for one in found if any(one.calendar.inside("VEVENT"))]
    if not holding:
        return Reply(outcome=Outcome.NO_ANSWER, reason="It holds no entry.")
    answering = [one for one in holding if one.method in _ANSWERS]
    if not answering:
        words = dict.fromkeys(one.method for one in holding)
        said = " and ".join(f"METHOD:{word[:40]}" if word else "no METHOD" for word in words)
        return Reply(outcome=Outcome.NO_ANSWER, reason=f"It has {said}, which answers nothing.")
    entries = [(entry, one) for one in answering for entry in one.calendar.inside("VEVENT")]
    rides = {uids.digest_of(entry.text("UID")) for entry, _ in entries}
    if len(rides) > 1 or any(len([*one.calendar.inside("VEVENT")]) > 1 for one in answering):
        reason = f"It answers {len(entries)} entries; a ride is one."
        return Reply(outcome=Outcome.UNCLEAR, reason=reason)
    answers = []
    for entry, one in entries:
        clocks = clocks_of(one.calendar, reading, ZoneInfo("UTC"), 3_000 * 366 * DAY)
        answers.append(_Answer(entry, one.method, clocks))
    try:
        reply = _judged(answers, course, person, now)
    except Unreadable as error:
        raise reading.refuse(error.line or entries[0][0].line, str(error)) from None
    reading.settle()
    beside = len(holding) - len(answering)
    if beside:
        quoted = (
            "The mail holds another calendar, which answers nothing."
            if beside == 1
            else f"The mail holds {beside} other calendars, which answer nothing."
        )
        reply = attrs.evolve(reply, reason=f"{reply.reason} {quoted}")
    return attrs.evolve(reply, passed=reading.passed)


# --- the rules -------------------------------------------------------------------------------


@attrs.frozen
class _Answer:
    entry: Component
    method: str
    clocks: Clocks

    def at(self) -> datetime | None:
        """Return DTSTAMP in UTC; ``None`` if it is not there."""
        stamp = self.entry.only("DTSTAMP")
        return None if stamp is None else self._moment(stamp)

    def _moment(self, one: Property) -> datetime:
        instant = self.clocks.instant(when_of(one), one.line)
        if not _sound(instant):
            raise Unreadable(f"{one.name}: must be in the years 1970 to 2199", one.line)
        return moment_of(instant)

    def sequence(self) -> int:
        """Return SEQUENCE; 0 if it is missing."""
        found = self.entry.only("SEQUENCE")
        if found is None or not found.value.strip():
            return 0
        return value_of(found, lambda text: read_number(text, 0, 2**31 - 1, "it"))

    def attendees(self) -> list[Property]:
        """Return who answers; who was only delegated to does not count beside who delegated."""
        every = self.entry.all("ATTENDEE")
        own = [one for one in every if not one.param("DELEGATED-FROM")]
        return own or every

    def proposed(self) -> tuple[datetime, datetime] | None:
        """Return the times proposed; ``None`` if there are none that can be read."""
        try:
            opens = self.entry.only("DTSTART")
            if opens is None:
                return None
            start = self._moment(opens)
            length = length_of(self.entry, when_of(opens), self.clocks, self.clocks.reading)
            seconds = length.days * DAY + length.seconds
            instant = self.clocks.instant(when_of(opens), opens.line) + seconds
        except Unreadable as error:
            self.clocks.reading.ignored(error, self.entry.line)
            return None
        return (start, moment_of(instant)) if _sound(instant) else None

    def says(self) -> tuple[str, ...]:
        """Return what it says of whom, to be compared."""
        who = [(address_of(one), *one.params.get("PARTSTAT", ())) for one in self.attendees()]
        return (self.method, str(self.sequence()), *(" ".join(one).upper() for one in who))


_YEARS = (
    datetime(1970, 1, 1, tzinfo=UTC).toordinal() * DAY,
    datetime(2200, 1, 1, tzinfo=UTC).toordinal() * DAY,
)


def _sound(instant: int) -> bool:
    return _YEARS[0] <= instant < _YEARS[1]


def _judged(
    answers: list[_Answer], course: Course, person: Person, arrived: datetime | None
) -> Reply:
    state = last_notices(course.events)
    answer, beside, unclear = _deciding(answers)
    uid = answer.entry.text("UID")
    mine = uids.digest_of(uid)
    visit = next((v for v in state if uids.digest(course.key, v, uids.RIDE) == mine), None)
    if visit is None:
        reason = f"UID {uid[:80]!r} is of no ride of course {course.key!r}."
        return Reply(outcome=Outcome.NO_RIDE, reason=reason)
    now = state[visit]
    comment = " ".join(read_text(one.value) for one in answer.entry.all("COMMENT")).strip()
    reply = Reply(outcome=Outcome.UNCLEAR, reason="", visit=visit, comment=comment[:500])
    if answer.entry.get("RECURRENCE-ID") is not None:
        return _as(reply, Outcome.UNCLEAR, "It is about one of several times; a ride has one.")
    if (why := _not_asked(now)) or now.notice.escort is None:
        return _as(reply, Outcome.NOT_ASKED, why or "The visit has no escort.")
    reply = attrs.evolve(reply, escort=now.notice.escort)
    if unclear:
        return _as(reply, Outcome.UNCLEAR, unclear)
    attendees = answer.attendees()
    if len(attendees) != 1:
        reason = f"It names {len(attendees)} attendees; an answer is one person's."
        return _as(reply, Outcome.UNCLEAR, reason)
    reply = _of_one(answer, attendees[0], reply, now, person, arrived)
    return attrs.evolve(reply, reason=f"{reply.reason}{beside}")


def _deciding(answers: list[_Answer]) -> tuple[_Answer, str, str]:
    """Return which of several answers decides, what is said of it, and why none does."""
    if len(answers) == 1:
        return answers[0], "", ""
    if len({answer.says() for answer in answers}) == 1:
        return answers[-1], "", ""
    stamps = [utc(answer.at() or moment_of(_YEARS[0])) for answer in answers]
    last = max(stamps)
    latest = [answer for answer, at in zip(answers, stamps, strict=True) if at == last]
    if len({answer.says() for answer in latest}) > 1:
        count = len(answers)
        return latest[0], "", f"It holds {count} answers that differ, and none is the latest."
    return latest[0], f" Of {len(answers)} answers in it the latest decides.", ""


def _not_asked(now: LastNotice) -> str:
    if now.cancelled:
        return "The visit no longer takes place."
    if now.given:
        return "The visit has taken place."
    return "" if now.ride is not None else "The visit needs no ride home."


def _of_one(
    answer: _Answer,
    who: Property,
    reply: Reply,
    now: LastNotice,
    person: Person,
    arrived: datetime | None,
) -> Reply:
    """Return what one attendee's answer to a ride that is asked for comes to."""
    address, at = address_of(who), answer.at()
    sent_by = who.param("SENT-BY").strip().lower().removeprefix("mailto:")
    reply = attrs.evolve(reply, address=address, sent_by=sent_by, at=at)
    if (why := _stranger(address, reply.escort, now, person)) is not None:
        return _as(reply, Outcome.STRANGER, why)
    if answer.method == "REFRESH":
        return _as(reply, Outcome.ASKED_AGAIN, f"{reply.escort} wants the request once more.")
    sequence, asked = answer.sequence(), now.asked or 0
    if sequence < asked:
        reason = f"It answers SEQUENCE {sequence}; the ride was last asked for with {asked}."
        return _as(reply, Outcome.OUTDATED, reason)
    if sequence > asked:
        reason = f"It answers SEQUENCE {sequence}; the ride was asked for up to {asked} only."
        return _as(reply, Outcome.UNCLEAR, reason)
    if answer.method == "COUNTER":
        reason = f"{reply.escort} proposes another time; the ride stays as it was."
        return attrs.evolve(_as(reply, Outcome.COUNTERED, reason), proposed=answer.proposed())
    if at is None:
        reason = "It has no DTSTAMP, so nobody can say which answer is the last."
        return _as(reply, Outcome.UNCLEAR, reason)
    if why := _in_the_future(at, now, arrived):
        return _as(reply, Outcome.UNCLEAR, why)
    if why := _not_newer(at, now):
        return _as(reply, Outcome.NOT_NEWER, why)
    return _decided(who, at, reply, now)


def _stranger(address: str, escort: str, now: LastNotice, person: Person) -> str | None:
    """Return why an address is not the escort's; ``None`` if it is."""
    invited = next((one for one in person.escorts if one.name == escort), None)
    if invited is None or not invited.email.strip():
        return f"No address of {escort} is known, so no answer can be theirs."
    if address == invited.email.strip().lower():
        return None
    others = [one.name for one in person.escorts if one.email.strip().lower() == address]
    if address and others and others[0] in [notice.escort for notice, _ in now.former]:
        return f"{others[0]} is not asked for this ride any more; {escort} is."
    if address and others:
        return f"{others[0]} was not asked for this ride; {escort} was."
    return f"The answer is of {address or 'nobody with an address'}, who was not asked."


def _in_the_future(at: datetime, now: LastNotice, arrived: datetime | None) -> str:
    """
    Return why the time of an answer cannot be right; empty if it can.

    A wrong clock's answer would be newer than all later ones: a yes would outlive every no.
    """
    said = f"It says it was given on {at:%Y-%m-%d %H:%M:%S} UTC"
    if utc(at) > utc(now.notice.discharge_by):
        return f"{said}, after the ride: the clock it was written by must be wrong. Ask again."
    if arrived is not None and utc(at) > utc(zoned("reply", "now", arrived)) + _SKEW:
        return f"{said}, after it arrived: the clock it was written by must be wrong. Ask again."
    return ""


def _not_newer(at: datetime, now: LastNotice) -> str:
    """Return why an answer is not newer than the last that counted; empty if it is."""
    last = now.answer
    if last is None or now.answered_too_late:
        return ""
    if last.at is None:
        zone = now.notice.start.tzinfo
        if at.astimezone(zone).date() >= last.on:
            return ""
        return f"It is older than the answer recorded on {last.on}."
    if utc(at) > utc(last.at):
        return ""
    age = "as old as" if utc(at) == utc(last.at) else "older than"
    return f"It is {age} the answer of {last.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC."


def _decided(who: Property, at: datetime, reply: Reply, now: LastNotice) -> Reply:
    """Return what the answer itself says."""
    said, escort = who.param("PARTSTAT").strip().upper(), reply.escort
    several = dict.fromkeys(one.strip().upper() for one in who.params.get("PARTSTAT", ()))
    if len(several) > 1:
        reason = f"It says {' and '.join(several)} at once: ask {escort}."
        return _as(reply, Outcome.UNCLEAR, reason)
    on = at.astimezone(now.notice.start.tzinfo).date()
    match said:
        case "ACCEPTED":
            event: Confirmed | Declined = Confirmed(visit=reply.visit, escort=escort, on=on, at=at)
            reply = _as(reply, Outcome.CONFIRMED, f"{escort} takes the person home.")
        case "DECLINED":
            event = Declined(visit=reply.visit, escort=escort, on=on, at=at)
            reply = _as(reply, Outcome.DECLINED, f"{escort} does not take the person home.")
        case "DELEGATED":
            event = Declined(visit=reply.visit, escort=escort, on=on, at=at)
            other = who.param("DELEGATED-TO").strip().lower().removeprefix("mailto:")
            reason = f"{escort} does not take the person home and named {other or 'nobody'}."
            reply = attrs.evolve(_as(reply, Outcome.DELEGATED, reason), delegate=other)
        case _:
            stands = now.ride.value if now.ride is not None else "unconfirmed"
            reason = f"{escort} answered {said or 'nothing'}; the ride stays {stands}: ask them."
            return _as(reply, Outcome.UNDECIDED, reason)
    return attrs.evolve(reply, event=event)


def _as(reply: Reply, outcome: Outcome, reason: str) -> Reply:
    return attrs.evolve(reply, outcome=outcome, reason=reason)


# --- mail ------------------------------------------------------------------------------------

_MOST_PARTS = 100
_MOST_NESTED = 20
_CHARSETS = re.compile(r"us-ascii|utf-?8|utf-?16(le|be)?|iso-8859-\d+|windows-125\d|cp125\d")
"""Other codecs may take long for what a mail can hold, and nobody writes calendars in them."""


@attrs.frozen
class _Found:
    """A calendar that was handed in."""

    calendar: Component
    method: str
    """In capitals: as the calendar says, else as the part of the mail does."""


def _calendars_of(file: str | bytes | Mail, reading: Reading) -> list[_Found]:
    """Return the calendars in what was handed in, in their order."""
    if isinstance(file, Message):
        parts = _in_mail(file.as_bytes(policy=compat32), reading)
    else:
        data = file.encode("utf-8", "surrogatepass") if isinstance(file, str) else bytes(file)
        start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].upper()
        if start == b"BEGIN:VCALENDAR" or b"content-type:" not in data[:20_000].lower():
            parts = [(data, "")]
        else:
            parts = _in_mail(data, reading)
    found = []
    for text, method in parts:
        for calendar in calendars(text, reading, _WANTED):
            word = reading.tried(calendar.line, partial(calendar.only, "METHOD"))
            said = word.value.strip() if word is not None else ""
            found.append(_Found(calendar, (said or method).upper()))
    return found


def _in_mail(data: bytes, reading: Reading) -> list[tuple[bytes, str]]:
    """
    Return the calendars of a mail, and the methods that their parts name.

    The limits come first: how long the mail library takes grows with lines times nesting.
    """
    limits = reading.limits
    if len(data) > 2 * limits.octets or data.count(b"\n") > limits.lines:
        most = f"{2 * limits.octets} octets and {limits.lines} lines"
        raise reading.refuse(1, f"the mail is too long; at most {most} are read")
    if len(re.findall(rb"multipart/|message/", data, re.IGNORECASE)) > _MOST_NESTED:
        raise reading.refuse(1, f"the mail has more than {_MOST_NESTED} parts within parts")
    found = []
    for part in _parts(message_from_bytes(data), reading):
        named = (part.get_filename() or "").lower().endswith(".ics")
        if part.get_content_type() not in ("text/calendar", "application/ics") and not named:
            continue
        text = part.get_payload(decode=True)
        if not isinstance(text, bytes):
            continue
        charset = (part.get_content_charset() or "utf-8").lower()
        if _CHARSETS.fullmatch(charset):
            with contextlib.suppress(LookupError, ValueError):
                # Where it is wrong, the reader tells which line is not UTF-8.
                text = text.decode(charset).encode("utf-8")
        method = part.get_param("method", "")
        found.append((text, method if isinstance(method, str) else ""))
    if found:
        return found
    raise reading.refuse(1, "the mail holds no calendar: none of its parts is text/calendar")


def _parts(message: Mail, reading: Reading) -> Iterator[Mail]:
    """Yield the parts of a message that hold something, however they are nested."""
    waiting, seen = [message], 0
    while waiting:
        part, seen = waiting.pop(), seen + 1
        if seen > _MOST_PARTS:
            raise reading.refuse(1, f"the mail has more than {_MOST_PARTS} parts")
        inner = part.get_payload()
        if part.is_multipart() and isinstance(inner, list):
            waiting += [one for one in reversed(inner) if isinstance(one, Message)]
        else:
            yield part
