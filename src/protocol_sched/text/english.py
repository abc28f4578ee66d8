"""Explanations in English; what rules say is in `wording`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never

import attrs

from protocol_sched.model.agenda import FLOOR, AtMost, Breach, DatedBy, PastVisit, Rules, Spacing
from protocol_sched.model.availability import clock_text
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
    PreferenceKept,
    Request,
    StaffTaken,
    TeamTaken,
    TooLateFor,
    Turnover,
    Wanted,
)
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.explanation import Asked, Otherwise, Pays, room
from protocol_sched.model.moments import utc
from protocol_sched.model.objective import Level, Objective
from protocol_sched.model.relaxations import (
    ALL_DAY,
    AnotherEscort,
    Change,
    EndsLater,
    Looser,
    MoreHours,
    NotAway,
    OneMorePlace,
    OneMoreStaff,
    OneMoreVisit,
    Reopened,
    Skipped,
    StartsSooner,
    Unpinned,
    Whose,
    WithoutEscort,
    loosened,
)
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Fits, Plan, Proof, Slack, Visit
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.model.standing import Broken, BrokenBy, Unit, Waived
from protocol_sched.text.calendar_english import EnglishCalendar
from protocol_sched.text.language import Language
from protocol_sched.text.naming import Naming, PlainNames
from protocol_sched.text.plan_english import EnglishPlan
from protocol_sched.text.sheet_english import EnglishSheet
from protocol_sched.text.wording import (
    as_calendar_days,
    binding_text,
    cause_text,
    counted,
    date_text,
    dates_text,
    elapsed_text,
    fits_text,
    floor_length,
    in_days,
    listed,
    moment_text,
    named,
    objective_text,
    preference_text,
    proof_text,
    range_text,
    request_text,
    wanted_text,
    with_article,
)


class English(Language):
    """English, as it is spoken in the `wording` of rules."""

    code = "en"
    calendar = EnglishCalendar()
    plan = EnglishPlan()
    sheet = EnglishSheet()
    plain = PlainNames(
        appointment="appointment",
        event="an earlier date",
        clinic="the clinic",
        office="the office",
        place="place",
        staff="staff",
        work="what is done around it",
        driver="the driver",
        person="the person",
        commitment="something else",
    )

    def day(self, day: date, *, year: bool = False) -> str:
        return date_text(day, year=year)

    def days(self, days: Sequence[date], *, year: bool = False) -> str:
        return dates_text(days, year=year)

    def moment(self, moment: datetime) -> str:
        return moment_text(moment)

    # --- rules -------------------------------------------------------------------------------

    def rule(self, rule: Origin, dates: Sequence[date], names: Naming) -> str:
        rule = renamed(rule, names, "you" if names.you else None)
        if isinstance(rule, Rules):
            return _discreet(binding_text(rule, names.renamed()), names)
        text = _discreet(cause_text(rule, names.renamed(), dates), names)
        return _to_you(text) if names.you else text

    def breach(self, breach: Breach, names: Naming) -> str:
        rule = breach.rule
        later = with_article(names.visit(breach.visits[-1]))
        given = breach.cause is BrokenBy.GIVEN
        amount = _amount(breach.amount, breach.unit)
        if isinstance(rule, Spacing):
            found = _amount(breach.found, breach.unit)
            ends = "the end of " if rule.between is Between.END_AND_START else ""
            earlier = f"{ends}{named(names.past(rule.earlier), names.renamed())}"
            more = (
                f"{amount} less than the least" if breach.too_soon else f"{amount} more than the "
            )
            more += "" if breach.too_soon else "most"
            limit = f"at least {rule.least}" if breach.too_soon else f"at most {rule.most}"
            text = f"{later} {'came' if given else 'comes'} {found} after {earlier}, {more} "
            text += f"(rule: {limit}){_left_out(rule, names)}"
        else:
            side = "before its first" if breach.too_soon else "after its last"
            text = f"{later} {'was' if given else 'is'} {amount} {side} date "
            text += f"(rule: {self.rule(breach.rule, (), names)})"
        if isinstance(rule.status, Waived):
            return f"rule waived{_by(rule.status, names)}: {_discreet(text, names)}"
        because = "" if given or rule.broken is None else f", {_because(rule.broken, names)}"
        return f"rule broken: {_discreet(text + because, names)}"

    def waived(self, rule: Rules, names: Naming) -> str:
        assert isinstance(rule.status, Waived)
        return f"rule waived{_by(rule.status, names)}: {self.rule(rule, (), names)}"

    def forbidden(self, rule: Rules, names: Naming) -> str:
        if names.you:
            return f"{self.passed(rule, names)}; only a clinician can decide what follows"
        visit = rule.dated
        return (
            f"safety {self.passed(rule, names)}. There is no plan until a clinician waives this "
            f'rule, with an event "exempted" for visit "{visit}" and rule "{rule.rule}"'
        )

    def passed(self, rule: Rules, names: Naming) -> str:
        broken = rule.broken
        assert broken is not None
        over = counted((broken.first - broken.limit).days, "day")
        text = f"rule broken: {self.rule(rule, (), names)}{_left_out(rule, names)}; "
        text += f"the first date left is {_day(broken.first, names)}, {over} over, "
        text += _because(broken, names)
        return _discreet(text, names)

    def chain(self, first: Spacing, count: int, last: str, names: Naming) -> str:
        later = names.visit(first.later)
        if first.rule == FLOOR:
            apart = as_calendar_days(str(floor_length(first)))
            to = "and" if count == 2 else "to"
            return (
                f"{later} {to} {names.visit(last)} are each not before their target, {apart} "
                "after the one before (no earlier limit is published)"
            )
        apart = as_calendar_days(range_text(first.least, first.most))
        verb = "begin" if _elapsed(first) else "come"
        to = "and" if count == 2 else "to"
        return f"{later} {to} {names.visit(last)} each {verb} {apart} after the one before"

    def request(self, request: Asked, names: Naming) -> str:
        match request:
            case Request():
                return _discreet(request_text(request, names.renamed()), names)
            case PreferenceKept():
                return _discreet(preference_text(request), names)
            case _:
                assert_never(request)

    # --- the answer --------------------------------------------------------------------------

    def impossible(self, conflict: Conflict, asked: Sequence[Asked], names: Naming) -> str:
        if asked:
            wanted = listed([self._asked(request, names) for request in asked])
            return f"not possible{' together' if len(asked) > 1 else ''}: {wanted}, because"
        visit = with_article(names.visit(conflict.visit))
        if names.you:
            return f"there is no possible date for {visit}, because"
        return f"no plan is possible: {visit} cannot be placed, because"

    def _asked(self, request: Asked, names: Naming) -> str:
        """Return what is asked for without a verb: ``infusion 3 on Tue 9 March at 10:00``."""
        return self.request(request, names).replace(" is ", " ", 1)

    def already(self, several: bool) -> str:
        return f"even without {'these requests' if several else 'this request'} no plan is possible"

    def further(self, conflict: Conflict, told: int, names: Naming) -> str:
        visit = with_article(names.visit(conflict.visit))
        return f"there is {'a second' if told == 1 else 'another'} obstacle for {visit}"

    def gives_way(self, enough: Sequence[bool | None], minimal: bool, more: bool) -> str:
        several, known = len(enough) > 1, None not in enough
        if not minimal:
            return "these rules conflict, but perhaps not all of them matter"
        if any(enough):
            if not several:
                return "change only this and it can be done"
            if all(enough):
                return "change any one of these and it can be done"
            text = "these rules conflict. Changing one of those marked is enough"
            return f"{text}; changing any other alone is not" if known else text
        if more:
            which = "at least one of these rules" if several else "this"
            return f"{which} has to change, and one from the next list as well"
        if not several:
            return "changing this alone is not enough" if known else ""
        if known:
            return "these rules conflict, and changing any one of them alone is not enough"
        return "these rules conflict; at least one of them has to change"

    def each_alone(self) -> str:
        return "each of these blocks it alone; all of them have to change"

    def exclude(self, requests: int) -> str:
        return "these requests contradict each other" if requests > 1 else "there is no such time"

    def alone(self) -> str:
        return "changing this is enough"

    def fits(self, fits: Fits, names: Naming) -> str:
        text = fits_text(fits, names.renamed())
        return text if names.full else text.replace("treatment", "appointment")

    def later(self, number: int, until: date, names: Naming) -> str:
        after = date_text(until, year=True)
        noun = _discreet("visit" if number == 1 else "visits", names)
        return f"{number} more {noun} {'is' if number == 1 else 'are'} planned after {after}"

    def clinician(self, names: Naming) -> str:
        return "a clinician must agree" if names.full else "this needs approval"

    def would_help(self) -> str:
        return "what would help, smallest change first"

    def change(self, change: Change, names: Naming) -> str:
        agenda = names.renamed()
        you = names.you
        match change:
            case MoreHours(whose=whose, name=name, day=day, start=start, end=end):
                when = "all day" if (start, end) == ALL_DAY else _clock(start, end)
                on = f"{when} on {_day(day, names)}"
                match whose:
                    case Whose.ESCORT:
                        return f"{names.escort(name)} can also drive {on}"
                    case Whose.PERSON if (start, end) == ALL_DAY:
                        comes = "you come" if you else "the person comes"
                        are = "you are" if you else "they are"
                        return f"{comes} on {_day(day, names)}, although {are} otherwise not free"
                    case Whose.PERSON:
                        who = "you are" if you else "the person is"
                        return f"{who} also free {on}"
                    case Whose.CLINIC:
                        return f"the {'clinic' if names.full else 'place'} is also open {on}"
                    case _:
                        assert_never(whose)
            case AnotherEscort(day=day):
                who = "you" if you else "the person"
                every = "visit" if names.full else "appointment"
                when = f"from every {every}" if day is None else f"on {_day(day, names)}"
                return f"somebody else takes {who} home {when}"
            case WithoutEscort(visit=visit):
                title = with_article(names.visit(visit))
                if names.full:
                    return f"a clinician waives the escort for {title}"
                who = "you" if you else "the person"
                return f"nobody has to take {who} home from {title}, if {names.clinic()} agrees"
            case Unpinned(visit=visit):
                return f"{with_article(names.visit(visit))} may move"
            case Skipped(what=what, day=day):
                who = "you leave" if you else "the person leaves"
                return f"{who} out {names.what(what)!r} on {_day(day, names)}"
            case NotAway(day=day):
                who = "you are" if you else "the person is"
                return f"{who} there on {_day(day, names)} after all"
            case Reopened(closure=closure):
                place = "the clinic" if names.full else "the place"
                rule = cause_text(Closed(place, closure), agenda)
                said = rule.replace(f" ({closure.why})", "") if not names.full else rule
                return said.replace(f"{place} is closed", f"{place} is open after all", 1)
            case OneMorePlace(place=kind, day=day):
                return f"one more {names.place(kind)} is made free on {_day(day, names)}"
            case OneMoreStaff(staff=kind, day=day, skills=skills):
                who = wanted_text(names.wanted(Wanted(kind, skills)))
                return f"one more {who} works on {_day(day, names)}"
            case Looser(rule=rule, least=least, steps=steps):
                unit = "hour" if _elapsed(rule) else "day"
                side = "nearer" if least else "further apart"
                if rule.rule == FLOOR:
                    return self._before_target(rule, steps, unit, names)
                said = self.rule(loosened(rule, steps, least), (), names)
                return f"allow that {said} ({counted(steps, unit)} {side})"
            case OneMoreVisit(rule=rule):
                more = attrs.evolve(rule, most=rule.most + 1)
                return f"allow {self.rule(more, (), names)} (one more)"
            case EndsLater(day=day):
                return f"the course may last until {_day(day, names)}"
            case StartsSooner(day=day):
                return f"the course may start on {_day(day, names)}"
            case _:
                assert_never(change)

    def _before_target(self, rule: Spacing, steps: int, unit: str, names: Naming) -> str:
        """Say that a floor gives way by so many days or hours."""
        looser = loosened(rule, steps, rule.least is not None)
        later = with_article(names.visit(rule.later))
        title = names.end(rule.earlier)
        apart = as_calendar_days(str(in_days(floor_length(looser))))
        side, way = ("before", "after") if rule.least is not None else ("after", "before")
        return (
            f"allow that {later} is {counted(steps, unit)} {side} its target "
            f"({apart} {way} {with_article(title)})"
        )

    def then(self, visits: str, objective: Objective, names: Naming) -> str:
        if names.you:
            return f"then: {visits}"
        return f"then: {visits}; {self.objective(objective, names)}"

    def as_with(self, number: int, moves: str) -> str:
        return f"as with {number}, but {moves}" if moves else f"as with {number}"

    def cheapest(self, proved: bool, found: bool, names: Naming) -> str:
        if not found:
            return "no small change was found that would make this possible"
        if not proved:
            return "there may be a smaller change that was not looked at"
        of = "" if names.you else " (proved for the kinds of change listed in Explanations)"
        return f"no smaller change would work{of}"

    def possible(self, asked: Sequence[Asked], names: Naming) -> str:
        match asked:
            case []:
                return _possible(names)
            case [Request(never=date() as never, visit=visit)]:
                without = "a visit" if names.full else "an appointment"
                if visit is not None:
                    without = with_article(names.visit(visit))
                return f"yes, the course works without {without} on {_day(never, names)}"
            case [one]:
                said = self.request(one, names)
                can = re.sub(r" (is|begins|ends) ", lambda verb: _CAN[verb[1]], said, count=1)
                return f"yes, {can}" if can != said else f"yes, this is possible: {said}"
            case _:
                wanted = listed([self.request(request, names) for request in asked])
                return f"yes, this is possible: {wanted}"

    def costs(self, more: str) -> str:
        return f"the price: {more}" if more else "only times of day change"

    def unchanged(self) -> str:
        return "nothing changes: the best plan has these dates already"

    def listed(self, parts: Sequence[str]) -> str:
        return listed(parts)

    def moves(self, before: Sequence[Visit], now: Sequence[Visit], names: Naming) -> str:
        when = {visit.id: visit.start for visit in before}
        moved = [one for one in now if one.id in when and utc(one.start) != utc(when[one.id])]
        parts = []
        for n, visit in enumerate(moved):
            moves = "" if n else " moves"
            at = f"{_day(visit.day, names)} {visit.start:%H:%M}"
            parts.append(f"{with_article(names.visit(visit.id))}{moves} to {at}")
        return listed(parts) or "nothing moves"

    def visit_at(self, visit: Visit, year: bool, names: Naming) -> str:
        return f"{names.visit(visit.id)} {date_text(visit.day, year=year)} {visit.start:%H:%M}"

    def more(self, number: int) -> str:
        return f"... and {number} more"

    def proof(self, plan: Plan, names: Naming) -> str:
        proof, objective, unproved = plan.proof, plan.objective, plan.unproved
        if names.you and proof is Proof.OPTIMAL and not names.agenda.broken:
            return "proved: no better dates keep every rule"
        hinges = [names.visit(visit) for visit in plan.hinges]
        return _discreet(proof_text(proof, objective, unproved, names.agenda, hinges), names)

    def objective(self, objective: Objective, names: Naming) -> str:
        return _discreet(objective_text(objective), names)

    def compared(
        self, now: Objective, without: Objective, pays: Sequence[Pays], names: Naming
    ) -> str:
        parts = []
        if (days := now.deviation - without.deviation) > 0:
            who = _payers([one for one in pays if one.level is Level.DEVIATION], "day", names)
            parts.append(f"{days} more {'day' if days == 1 else 'days'} off target{who}")
        if (preferences := now.preferences - without.preferences) > 0:
            who = _payers([one for one in pays if one.level is Level.PREFERENCES], "", names)
            parts.append(f"{_more_preferences(preferences)} not met{who}")
        if (later := _later(now, without)) > 0:
            parts.append(f"the last {_discreet('visit', names)} {counted(later, 'day')} later")
        return listed(parts)

    def gained(self, now: Objective, without: Objective, names: Naming) -> str:
        parts = []
        if (days := without.deviation - now.deviation) > 0:
            parts.append(f"{counted(days, 'day')} fewer would be off target")
        if (preferences := without.preferences - now.preferences) > 0:
            parts.append(f"{_more_preferences(preferences)} would be met")
        if (sooner := _later(without, now)) > 0:
            last = f"the last {_discreet('visit', names)}"
            parts.append(f"{last} would be {counted(sooner, 'day')} earlier")
        return listed(parts)

    # --- why then ----------------------------------------------------------------------------

    def placed(self, visit: Visit, names: Naming) -> str:
        return f"{with_article(names.visit(visit.id))} is on {moment_text(visit.start)}"

    def slack(self, slack: Slack, names: Naming) -> str:
        text = self.rule(slack.rule, (), names)
        if slack.deviation:
            return f"{text}: {counted(slack.deviation, 'day')} off target"
        if slack.to_least is None and slack.to_most is None:
            return f"{text}: on target"
        rest = room(slack)
        if isinstance(slack.rule, AtMost):
            return f"{text}: {'no room for one more' if not rest else f'room for {rest} more'}"
        timed = isinstance(slack.rule, Spacing) and _elapsed(slack.rule)
        length = elapsed_text(rest) if timed else counted(rest, "day")
        if not rest:
            side = "earlier" if slack.to_least == 0 else "later"
            if slack.to_least == 0 and slack.to_most == 0:
                side = "earlier or later"
            return f"{text}: it cannot be {side}"
        return f"{text}: {length} of room"

    def dated(self, which: str, dated: DatedBy, names: Naming) -> str:
        text = f"{which} {date_text(dated.day, year=True)}"
        if not names.full:
            return text
        source = f"; source: {dated.source}" if dated.source else ""
        return f"{text} ({dated.rule}{source})"

    def otherwise(self, which: str, other: Otherwise, plan: Objective, names: Naming) -> str:
        when = {
            "nearer": "nearer to its target",
            "sooner": "on an earlier date",
            "earlier": "earlier on that date",
        }[which]
        if other.visit is not None and other.objective is not None:
            at = moment_text(other.visit.start)
            if names.you:
                return f"{when}: possible on {at}"
            costs = self.costs(self.compared(other.objective, plan, other.pays, names))
            gained = self.gained(other.objective, plan, names)
            return "; ".join(filter(None, [f"{when}: possible on {at}", costs, gained]))
        if other.conflict is None:
            return f"{when}: not known, the allowed effort ended first"
        return f"{when}: not possible, because"


_CAN = {"is": " can be ", "begins": " can begin ", "ends": " can end "}


def _day(day: date, names: Naming) -> str:
    return date_text(day, year=names.far(day))


def _more_preferences(count: int) -> str:
    return f"{count} more {'preference' if count == 1 else 'preferences'}"


def _payers(pays: Sequence[Pays], unit: str, names: Naming) -> str:
    """Return `` (infusion 4 by 1 day, the review by 2)``: which visits pay, and how much each."""
    if not pays:
        return ""
    visits = [with_article(names.visit(one.visit)) for one in pays]
    if len(pays) == 1 or not unit:
        return f" ({listed(visits)})"
    by = [counted(pays[0].amount, unit), *(str(one.amount) for one in pays[1:])]
    return f" ({listed([f'{visit} by {much}' for visit, much in zip(visits, by, strict=True)])})"


def _later(now: Objective, than: Objective) -> int:
    """Return how many days the last visit is later than in another plan; 0 if not known."""
    return (now.finish - than.finish).days if now.finish and than.finish else 0


def _clock(start: int, end: int) -> str:
    return f"{clock_text(start)}-{clock_text(end)}"


def _elapsed(rule: Spacing) -> bool:
    return any(isinstance(length, ElapsedSpan) for length in (rule.least, rule.most))


def _possible(names: Naming) -> str:
    if any(rule.broken for rule in names.agenda.bindings):
        return "every other rule can be kept"
    return "every rule can be kept"


def _left_out(rule: Rules, names: Naming) -> str:
    """Return ``, with induction-2 left out between them``, or nothing."""
    between = names.agenda.left_out_between(rule)
    return f", with {listed([names.visit(one) for one in between])} left out" if between else ""


def _amount(number: int, unit: Unit) -> str:
    return counted(number, "day") if unit is Unit.DAYS else elapsed_text(number)


def _because(broken: Broken, names: Naming) -> str:
    match broken.cause:
        case BrokenBy.TODAY:
            return f"because its last date, {_day(broken.limit, names)}, has passed"
        case BrokenBy.DEFERRED:
            why = names.why(broken.why)
            put_off = f"because it was put off until {_day(broken.first, names)}"
            return f"{put_off} ({why})" if why else put_off
        case BrokenBy.RULES:
            return f"because other rules leave no date before {_day(broken.first, names)}"
        case BrokenBy.CALENDARS:
            return f"because calendars leave no date before {_day(broken.first, names)}"
        case BrokenBy.GIVEN:
            return f"as given on {_day(broken.first, names)}"
        case _:
            assert_never(broken.cause)


def _by(waived: Waived, names: Naming) -> str:
    """Return `` by Dr Okoye on Sun 7 March (stable)``."""
    by = f" by {names.person(waived.by)}" if waived.by else ""
    why = names.why(waived.why)
    return f"{by} on {_day(waived.waived_on, names)}" + (f" ({why})" if why else "")


def _discreet(text: str, names: Naming) -> str:
    """Return a sentence without the word that below the full level tells too much."""
    return text if names.full else re.sub(r"\bvisit(s?)\b", r"appointment\1", text)


def _to_you(text: str) -> str:
    """Return a sentence about the person as one to them."""
    if not text.startswith("you "):
        return text
    text = text.replace("you is ", "you are ", 1)
    text = text.replace("you has to drive ", "you have to drive ", 1)
    return text.replace(" and has to drive then", " and have to drive then")


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
