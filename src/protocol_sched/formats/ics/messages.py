"""
Invitations to escorts by e-mail (iTIP, RFC 5546; iMIP, RFC 6047), ready to be sent.

Each ride has a message of its own: a REQUEST when an escort is asked, also again after a move; a
CANCEL when the visit is off or another drives. Nothing is sent from here, and who really sent an
answer is a matter of mail security, which this library does not judge.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import attrs
from icalendar import STATUS, Event, vCalAddress

from protocol_sched.errors import InvalidValue
from protocol_sched.formats.ics.escort_entries import former_event, ride_event
from protocol_sched.formats.ics.file import (
    NO_OPTIONS,
    CalendarFile,
    CalendarOptions,
    FormerRide,
    Reader,
    open_file,
)
from protocol_sched.formats.ics.told import as_notified
from protocol_sched.formats.ics.words import is_mail_address, mail_address, one_line
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Course, Notified
from protocol_sched.model.last_notice import LastNotice, last_notices
from protocol_sched.model.moments import as_instant, utc, zoned
from protocol_sched.model.notifying import once_notified
from protocol_sched.model.schedule import Ride, Schedule, Visit
from protocol_sched.text.privacy import tells


class Method(enum.Enum):
    """What a message asks its reader's calendar to do."""

    REQUEST = "REQUEST"
    """Enter the ride, and answer."""
    CANCEL = "CANCEL"
    """Strike it."""


@attrs.frozen(kw_only=True)
class RideNotice:
    """What one escort must be told of one ride."""

    visit: str
    """The visit's identity."""
    day: date
    """The date of the ride, at the clinic."""
    escort: str
    """Their name."""
    method: Method
    to: str
    """Their e-mail address; empty where none is known and somebody must call them."""
    sender: str
    subject: str
    text: str
    """The same in words, for mail programs without a calendar and for a call."""
    calendar: bytes
    """The iCalendar object: one entry, its METHOD said in it too."""
    at: datetime = attrs.field(eq=as_instant)
    domain: str

    def email(self) -> EmailMessage:
        """
        Return the message: the text, and the calendar object as its alternative.

        The same notice gives the same bytes. ``smtplib.SMTP.send_message`` takes it as it is.

        Raises:
            InvalidValue: No e-mail address is known, or what is given is none.
        """
        to = mail_address(f"escort {self.escort!r}", "email", self.to)
        key = hashlib.sha256(self.to.encode() + b"\0" + self.calendar).hexdigest()[:32]
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(addr_spec=self.sender)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = self.subject
        message["Date"] = self.at
        message["Message-ID"] = f"<{key}@{self.domain}>"
        message.set_content(self.text, cte="quoted-printable")
        # Mail programs offer buttons only if the part itself names the method (RFC 6047).
        parameters = {"charset": "utf-8", "method": self.method.value, "component": "VEVENT"}
        message.add_alternative(
            self.calendar, maintype="text", subtype="calendar", cte="base64", params=parameters
        )
        message.set_boundary(f"=_{key}")
        return message


def ride_notices(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    course: Course,
    *,
    now: datetime,
    again: Iterable[str] = (),
    options: CalendarOptions = NO_OPTIONS,
) -> tuple[RideNotice, ...]:
    """
    Return what escorts must be told before a schedule's `notifications` are recorded.

    A REQUEST to each escort who is asked, or asked again because the time moved; a CANCEL to each
    whose visit is cancelled or who need not drive it any more. An escort of a ride that did not
    change hears nothing.

    Args:
        course: As it is before the notifications; afterwards nothing is new, and nothing returned.
        again: Identities of visits whose escort is asked once more though nothing changed: a
            message was lost, or their calendar asks for it (REFRESH).
        options: ``organizer`` is whom answers go to, without it the clinic's e-mail address.

    Returns:
        What is cancelled first, then what is asked, each in order of time.

    Raises:
        InvalidValue: No e-mail address to answer to, or one with a medical word in it; or as in
            `escort_calendar`.
    """
    sender = options.organizer or clinic.email
    if not sender:
        wanted = "an e-mail address for answers, as CalendarOptions.organizer or the clinic's email"
        raise InvalidValue("ride notices", "organizer", "none", wanted)
    options = attrs.evolve(options.knowing(course, schedule), organizer=sender)
    today = zoned("ride notices", "now", now).astimezone(clinic.zone).date()
    protocol = course.protocol_on(today)
    file = open_file(Reader.ESCORT, schedule, clinic, person, protocol, now, options)
    before, after = last_notices(course.events), once_notified(schedule, course)
    gone = sorted(_lost(before, after), key=lambda lost: (utc(lost[0].start), lost[0].visit))
    notices = []
    for notice, sequence in gone:
        ride = FormerRide(visit=as_notified(notice, schedule.zone, course), sequence=sequence)
        notices.append(_notice(file, ride.visit, Method.CANCEL, former_event(file, ride)))
    once_more = set(again)
    for visit in file.visits:
        if visit.id not in after:
            continue  # tentative: nobody is asked for it yet
        asked = after[visit.id].asked
        new = visit.id not in before or before[visit.id].asked != asked
        if asked is not None and (new or visit.id in once_more):
            if visit.ride is Ride.DECLINED:
                visit = attrs.evolve(visit, ride=Ride.UNCONFIRMED)
            # The buttons of the message ask; the entry itself shall not go on asking afterwards.
            event = ride_event(file, visit, status=STATUS.CONFIRMED)
            notices.append(_notice(file, visit, Method.REQUEST, event))
    return tuple(notices)


def _lost(
    before: dict[str, LastNotice], after: dict[str, LastNotice]
) -> Iterator[tuple[Notified, int]]:
    """Yield each ride that is taken from its escort, as last told, with its new SEQUENCE."""
    for visit, now in after.items():
        old = before.get(visit)
        if old is None or old.notice.escort is None or old.cancelled:
            continue
        if now.cancelled:
            yield old.notice, now.sequence
        else:
            yield from (lost for lost in now.former if lost not in old.former)


def _notice(file: CalendarFile, visit: Visit, method: Method, event: Event) -> RideNotice:
    name = visit.escort or ""
    addresses = [escort.email for escort in file.person.escorts if escort.name == name]
    to = addresses[0].strip() if addresses else ""
    if is_mail_address(to):
        event.attendees = [_attendee(file, visit, to, method)]
    on = visit.discharge.astimezone(file.zone).date()
    words, day = file.words, file.words.day(on)
    when = file.between(visit.discharge, visit.discharge_by, visit.discharge)
    where = str(event.get("LOCATION", ""))
    lines = [words.pick_up_on(day, when), *([words.where(where)] if where else [])]
    if method is Method.REQUEST:
        subject = words.can_you(day)
        asks = words.asks if is_mail_address(to) else words.asks_without_mail
        lines += [str(event.get("DESCRIPTION", "")), "", asks]
    else:
        subject = words.pick_up_cancelled(day)
        lines += ["", words.need_not_drive]
    return RideNotice(
        visit=visit.id,
        day=on,
        escort=name,
        method=method,
        to=to,
        sender=file.options.organizer,
        subject=subject,
        text="\n".join(lines) + "\n",
        calendar=file.written([event], method.value),
        at=file.now.astimezone(UTC),
        domain=file.options.domain,
    )


def _attendee(file: CalendarFile, visit: Visit, to: str, method: Method) -> vCalAddress:
    # A parameter cannot hold a quotation mark, and a caret begins an escape (RFC 6868).
    shown = one_line(visit.escort or "").replace('"', "'").replace("^", "")
    named = shown if shown and not tells(shown, file.privacy, file.secrets()) else None
    if method is Method.CANCEL:
        return vCalAddress.new(to, cn=named)
    yes = visit.ride is Ride.CONFIRMED
    return vCalAddress.new(
        to,
        cn=named,
        cutype="INDIVIDUAL",
        role="REQ-PARTICIPANT",
        partstat="ACCEPTED" if yes else "NEEDS-ACTION",
        rsvp=not yes,
    )
