"""Explanations in English; what rules say is in `wording`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import assert_never

from protocol_sched.model.agenda import FLOOR, AtMost, Breach, DatedBy, Rules, Spacing
from protocol_sched.model.causes import Asked, Origin, PreferenceKept, Request
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.explanation import Otherwise, Pays, room
from protocol_sched.model.moments import utc
from protocol_sched.model.objective import Level, Objective
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.relaxations import (
    Change,
)
from protocol_sched.model.schedule import Fits, Plan, Proof, Slack, Visit
from protocol_sched.model.sentences import Counted, Nth
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.english.breaches import (
    breach_text,
    day_of,
    discreet,
    forbidden_text,
    is_elapsed,
    passed_text,
    rule_text,
    waived_text,
)
from protocol_sched.text.english.calendar import EnglishCalendar
from protocol_sched.text.english.causes import (
    preference_text,
    request_text,
)
from protocol_sched.text.english.plan import EnglishPlan
from protocol_sched.text.english.proofs import fits_text, objective_text, proof_text
from protocol_sched.text.english.relaxations import change_text
from protocol_sched.text.english.sheet import EnglishSheet
from protocol_sched.text.english.words import (
    MONTH_NAMES,
    as_calendar_days,
    counted,
    date_text,
    dates_text,
    elapsed_text,
    listed,
    moment_text,
    range_text,
    with_article,
)
from protocol_sched.text.language import Amount, Language
from protocol_sched.text.lengths import floor_length
from protocol_sched.text.naming import Naming, PlainNames

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class English(Language):
    """English, as it is spoken in the `wording` of rules."""

    code: str = "en"
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

    sentences: Mapping[str, str] = {}
    """English is what the templates are in."""
    things: Mapping[str, tuple[str, str]] = {}

    def said(self, text: str) -> str:
        return text

    def amount(self, of: Amount) -> str:
        if isinstance(of, ElapsedSpan):
            return elapsed_text(of.minutes)
        return f"{of:g}" if isinstance(of, float) else str(of)

    def counted(self, number: int, thing: str) -> str:
        return str(Counted(number, thing))

    def nth(self, number: int) -> str:
        return str(Nth(number))

    def article(self, title: str) -> str:
        return with_article(title)

    def aloud(self, text: str) -> str:
        for weekday in WEEKDAYS:
            text = re.sub(rf"\b{weekday[:3]}(?= \d)", f"{weekday},", text)
        return text

    def moment_aloud(self, moment: datetime, *, year: bool) -> str:
        weekday, month = WEEKDAYS[moment.weekday()], MONTH_NAMES[moment.month - 1]
        on = f"{weekday}, {moment.day} {month}{f' {moment.year}' if year else ''}"
        return f"{on}, at {moment:%H:%M}"

    def small_number(self, number: int) -> str:
        return NUMBERS[number] if number < len(NUMBERS) else str(number)

    def of_it(self, text: str, title: str, person: str) -> str:
        for said, spoken in (("is", "you are"), ("has to", "you have to"), ("was", "you were")):
            text = re.sub(rf"^{re.escape(person)} {said}\b", spoken, text)
        title = with_article(title)
        for said, spoken in (
            ("must", "it must"),
            ("is not", "it must not be"),
            ("is", "it must be"),
        ):
            text = re.sub(rf"^{re.escape(title)} {said}\b", spoken, text)
        return re.sub(r"\bcalendar (days?)\b", r"\1", text)

    def day(self, day: date, *, year: bool = False) -> str:
        return date_text(day, year=year)

    def month(self, month: int, *, short: bool = False) -> str:
        return MONTH_NAMES[month - 1][: 3 if short else None]

    def days(self, days: Sequence[date], *, year: bool = False) -> str:
        return dates_text(days, year=year)

    def moment(self, moment: datetime) -> str:
        return moment_text(moment)

    # --- rules -------------------------------------------------------------------------------

    def rule(self, rule: Origin, dates: Sequence[date], names: Naming) -> str:
        return rule_text(rule, dates, names)

    def breach(self, breach: Breach, names: Naming) -> str:
        return breach_text(breach, names)

    def waived(self, rule: Rules, names: Naming) -> str:
        return waived_text(rule, names)

    def forbidden(self, rule: Rules, names: Naming) -> str:
        return forbidden_text(rule, names)

    def passed(self, rule: Rules, names: Naming) -> str:
        return passed_text(rule, names)

    def change(self, change: Change, names: Naming) -> str:
        return change_text(change, names)

    def chain(self, first: Spacing, count: int, last: str, names: Naming) -> str:
        later = names.visit(first.later)
        if first.rule == FLOOR:
            apart = as_calendar_days(str(floor_length(first)))
            to = "and" if count == 2 else "to"
            return (
                f"{later} {to} {names.visit(last)} must each not be before their target, {apart} "
                "after the one before (no earlier limit is published)"
            )
        apart = as_calendar_days(range_text(first.least, first.most))
        verb = "begin" if is_elapsed(first) else "come"
        to = "and" if count == 2 else "to"
        return f"{later} {to} {names.visit(last)} must each {verb} {apart} after the one before"

    def request(self, request: Asked, names: Naming) -> str:
        match request:
            case Request():
                return discreet(request_text(request, names.renamed()), names)
            case PreferenceKept():
                return discreet(preference_text(request), names)
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
        noun = discreet("visit" if number == 1 else "visits", names)
        return f"{number} more {noun} {'is' if number == 1 else 'are'} planned after {after}"

    def clinician(self, names: Naming) -> str:
        return "a clinician must agree" if names.full else "this needs approval"

    def would_help(self) -> str:
        return "what would help, smallest change first"

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
                return f"yes, the course works without {without} on {day_of(never, names)}"
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
        return "nothing changes: the best plan already has these dates"

    def listed(self, parts: Sequence[str]) -> str:
        return listed(parts)

    def moves(self, before: Sequence[Visit], now: Sequence[Visit], names: Naming) -> str:
        when = {visit.id: visit.start for visit in before}
        moved = [one for one in now if one.id in when and utc(one.start) != utc(when[one.id])]
        parts = []
        for n, visit in enumerate(moved):
            moves = "" if n else " moves"
            at = f"{day_of(visit.day, names)} {visit.start:%H:%M}"
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
        return discreet(proof_text(proof, objective, unproved, names.agenda, hinges), names)

    def objective(self, objective: Objective, names: Naming) -> str:
        return discreet(objective_text(objective), names)

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
            parts.append(f"the last {discreet('visit', names)} {counted(later, 'day')} later")
        return listed(parts)

    def gained(self, now: Objective, without: Objective, names: Naming) -> str:
        parts = []
        if (days := without.deviation - now.deviation) > 0:
            parts.append(f"{counted(days, 'day')} fewer would be off target")
        if (preferences := without.preferences - now.preferences) > 0:
            parts.append(f"{_more_preferences(preferences)} would be met")
        if (sooner := _later(without, now)) > 0:
            last = f"the last {discreet('visit', names)}"
            parts.append(f"{last} would be {counted(sooner, 'day')} earlier")
        return listed(parts)

    # --- why then ----------------------------------------------------------------------------

    def placed(self, visit: Visit, names: Naming) -> str:
        return f"{with_article(names.visit(visit.id))} is on {moment_text(visit.start)}"

    def slack(self, slack: Slack, names: Naming) -> str:
        text = rule_text(slack.rule, (), names)
        if slack.deviation:
            return f"{text}: {counted(slack.deviation, 'day')} off target"
        if slack.to_least is None and slack.to_most is None:
            return f"{text}: on target"
        rest = room(slack)
        if isinstance(slack.rule, AtMost):
            return f"{text}: {'no room for one more' if not rest else f'room for {rest} more'}"
        timed = isinstance(slack.rule, Spacing) and is_elapsed(slack.rule)
        length = elapsed_text(rest) if timed else counted(rest, "day")
        if not rest:
            side = "earlier" if slack.to_least == 0 else "later"
            if slack.to_least == 0 and slack.to_most == 0:
                side = "earlier or later"
            return f"{text}: it cannot be {side}"
        return f"{text}: {length} to spare"

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
            return f"{when}: not known, the search limit was reached first"
        return f"{when}: not possible, because"


_CAN = {"is": " can be ", "begins": " can begin ", "ends": " can end "}


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


def _possible(names: Naming) -> str:
    if any(rule.broken for rule in names.agenda.bindings):
        return "every other rule can be kept"
    return "every rule can be kept"
