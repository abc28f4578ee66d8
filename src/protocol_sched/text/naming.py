"""What a text for one reader calls visits, people and places, and what it leaves out."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date

import attrs

from protocol_sched.model.agenda import Agenda, AtMost, Noticed, PastVisit, Spacing
from protocol_sched.model.causes import (
    Closed,
    Declined,
    EscortHours,
    MustDrive,
    NoSuchKind,
    NotTwoDaysRunning,
    OneEscort,
    OneWeekday,
    OnlyWeekdays,
    OpeningHours,
    Origin,
    PersonAway,
    PersonBusy,
    PersonFree,
    PlacesTaken,
    StaffTaken,
    TeamTaken,
    TooLateFor,
    Turnover,
    Wanted,
)
from protocol_sched.text.privacy import Privacy, tells


class Reader(enum.Enum):
    """Whom a text is for."""

    PATIENT = "patient"
    """The person themselves, told what they may read on a shared phone."""
    SCHEDULER = "scheduler"
    """Whoever makes the clinic's appointments, told everything."""


@attrs.frozen(kw_only=True)
class PlainNames:
    """What a language calls things whose own name would tell too much."""

    appointment: str
    """With a number behind it: ``appointment 3``."""
    event: str
    """Something outside the course, in the past."""
    clinic: str
    office: str
    """The clinic, where even that word tells too much."""
    place: str
    staff: str
    work: str
    """What is done around a visit without the person."""
    driver: str
    person: str
    commitment: str


@attrs.frozen(kw_only=True)
class Naming:
    """
    How one text names things.

    Below the full level visits have numbers instead of titles, what is booked has no kind, and
    reasons and names that hold a medical word are left out.
    """

    agenda: Agenda
    reader: Reader
    privacy: Privacy
    plain: PlainNames
    _titles: Mapping[str, str] = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(lambda self: _titles(self), takes_self=True),
    )

    @property
    def you(self) -> bool:
        """Tell whether the person is spoken to."""
        return self.reader is Reader.PATIENT

    @property
    def full(self) -> bool:
        """Tell whether nothing is kept back."""
        return self.privacy is Privacy.FULL

    def far(self, day: date) -> bool:
        """Tell whether a date lies in another year than the question, so that its year is said."""
        return day.year != self.agenda.as_of.year

    def visit(self, identity: str) -> str:
        """Return what a visit that is due is called."""
        return self._titles.get(identity, identity)

    def end(self, end: str | PastVisit) -> str:
        """Return what a visit is called, due or past."""
        if isinstance(end, str):
            return self.visit(end)
        if self.full:
            return end.title
        return self._titles.get(end.id, self.plain.event)

    def renamed(self) -> Agenda:
        """Return the agenda with the titles this text uses."""
        dues = [attrs.evolve(due, title=self.visit(due.id)) for due in self.agenda.dues]
        return attrs.evolve(self.agenda, dues=dues)

    def past(self, end: str | PastVisit) -> str | PastVisit:
        """Return a visit with the title this text uses."""
        return end if isinstance(end, str) else attrs.evolve(end, title=self.end(end))

    def clinic(self, name: str = "") -> str:
        """Return what the clinic is called."""
        if name and not tells(name, self.privacy):
            return name
        return self.plain.office if self.privacy is Privacy.MINIMAL else self.plain.clinic

    def escort(self, name: str) -> str:
        """Return what an escort is called; at the minimal level nobody is named."""
        hidden = self.privacy is Privacy.MINIMAL or tells(name, self.privacy)
        return self.plain.driver if hidden else name

    def person(self, name: str) -> str:
        """Return what the person is called where they are not spoken to."""
        hidden = not name or self.privacy is Privacy.MINIMAL or tells(name, self.privacy)
        return self.plain.person if hidden else name

    def place(self, kind: str) -> str:
        """Return what a kind of place is called."""
        return kind if self.full else self.plain.place

    def staff(self, kind: str) -> str:
        """Return what a kind of staff is called."""
        return kind if self.full else self.plain.staff

    def wanted(self, one: Wanted) -> Wanted:
        """Return whom a visit needs as they are called, their skills only where all is told."""
        return one if self.full else Wanted(self.staff(one.role))

    def work(self, name: str) -> str:
        """Return what work around a visit is called."""
        return name if self.full else self.plain.work

    def what(self, commitment: str) -> str:
        """Return what a commitment is called."""
        return self.plain.commitment if tells(commitment, self.privacy) else commitment

    def why(self, reason: str) -> str:
        """Return a reason, or nothing where it tells too much."""
        return "" if tells(reason, self.privacy) else reason


def _titles(naming: Naming) -> dict[str, str]:
    agenda = naming.agenda
    if naming.full:
        past = {visit.id: visit.title for visit in agenda.past}
        return past | {due.id: due.title for due in agenda.dues}
    names = [*(one.id for one in agenda.past if one.kind), *(due.id for due in agenda.dues)]
    numbered = enumerate(dict.fromkeys(names), 1)
    return {name: f"{naming.plain.appointment} {n}" for n, name in numbered}


def renamed(rule: Origin, names: Naming, you: str | None) -> Origin:
    """Return a rule with the names a text uses; ``you`` stands for the person where given."""
    match rule:
        case Spacing(earlier=PastVisit() as past):
            return attrs.evolve(rule, earlier=names.past(past))
        case AtMost(visits=visits):
            return attrs.evolve(rule, visits=[names.past(visit) for visit in visits])
        case OpeningHours(clinic=clinic) | NoSuchKind(clinic=clinic):
            rule = attrs.evolve(rule, clinic=names.clinic(clinic))
            if isinstance(rule, NoSuchKind):
                near = rule.near if names.full else ""
                return attrs.evolve(rule, needed=names.place(rule.needed), near=near)
            return attrs.evolve(rule, work=names.work(rule.work) if rule.work else "")
        case Closed(clinic=clinic, closure=closure, work=work):
            closure = attrs.evolve(closure, why=names.why(closure.why))
            return Closed(names.clinic(clinic), closure, names.work(work) if work else "")
        case Noticed(work=str(work)) if work:
            return attrs.evolve(rule, work=names.work(work))
        case TooLateFor(work=work):
            return TooLateFor(names.work(work))
        case Turnover(needed=kind):
            return Turnover(names.place(kind))
        case PlacesTaken(place=kind):
            return PlacesTaken(names.place(kind))
        case StaffTaken(staff=kind):
            return StaffTaken(names.staff(kind))
        case TeamTaken(wanted=wanted):
            near = rule.near if names.full else ""
            wanted = tuple(dict.fromkeys(map(names.wanted, wanted)))
            return attrs.evolve(rule, wanted=wanted, near=near)
        case PersonFree(person=person, hours=hours):
            return PersonFree(you or names.person(person), hours)
        case OnlyWeekdays(person=person, weekdays=weekdays):
            return OnlyWeekdays(you or names.person(person), weekdays)
        case NotTwoDaysRunning(person=person):
            return NotTwoDaysRunning(you or names.person(person))
        case OneWeekday(person=person):
            return OneWeekday(you or names.person(person))
        case OneEscort(person=person):
            return OneEscort(you or names.person(person))
        case PersonAway(person=person, away=away):
            return PersonAway(
                you or names.person(person), attrs.evolve(away, why=names.why(away.why))
            )
        case PersonBusy(person=person, commitment=commitment):
            what = names.what(commitment.what)
            return PersonBusy(you or names.person(person), attrs.evolve(commitment, what=what))
        case MustDrive(person=person, commitment=commitment):
            what = names.what(commitment.what)
            named_so = attrs.evolve(commitment, what=what)
            return attrs.evolve(rule, person=you or names.person(person), commitment=named_so)
        case Declined(escorts=escorts):
            return Declined(tuple(names.escort(name) for name in escorts))
        case EscortHours(escort=name, available=free, away=away):
            away = tuple(attrs.evolve(one, why=names.why(one.why)) for one in away)
            return EscortHours(names.escort(name), free, away)
        case _:
            return rule
