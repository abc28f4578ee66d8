"""Erklärungen auf Deutsch: explanations in German, what rules say included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never

import attrs

from protocol_sched.model.agenda import (
    FLOOR,
    AtMost,
    Breach,
    DatedBy,
    Rules,
    Spacing,
)
from protocol_sched.model.causes import Asked, Origin, Request, Wanted
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.explanation import Otherwise, Pays, room
from protocol_sched.model.moments import utc
from protocol_sched.model.objective import ORDER, Level, Objective
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
from protocol_sched.model.schedule import Fits, Plan, Proof, Slack, Unproved, Visit
from protocol_sched.text.german import words
from protocol_sched.text.german.calendar import GermanCalendar
from protocol_sched.text.german.causes import cause_text, dated_text, request_text
from protocol_sched.text.german.plan import GermanPlan
from protocol_sched.text.german.rules import (
    binding_text,
    breach_text,
    chain_text,
    forbidden_text,
    passed_text,
    waived_text,
)
from protocol_sched.text.german.sentences import SENTENCES, THINGS
from protocol_sched.text.german.sheet import GermanSheet
from protocol_sched.text.language import Amount, Language
from protocol_sched.text.lengths import floor_length, in_days
from protocol_sched.text.naming import Naming, PlainNames


class German(Language):
    """German, with the titles of visits as the protocol has them."""

    code: str = "de"
    calendar = GermanCalendar()
    plan = GermanPlan()
    sheet = GermanSheet()
    plain = PlainNames(
        appointment="Termin",
        event="ein früheres Datum",
        clinic="die Einrichtung",
        office="das Büro",
        place="Platz",
        staff="Personal",
        work="was dazu gehört",
        driver="die Begleitung",
        person="die Person",
        commitment="etwas anderes",
    )

    def listed(self, parts: Sequence[str]) -> str:
        return words.listed(parts)

    sentences = SENTENCES
    things = THINGS

    def amount(self, of: Amount) -> str:
        return words.amount_text(of)

    def nth(self, number: int) -> str:
        return f"{number}."

    def article(self, title: str) -> str:
        return title

    def aloud(self, text: str) -> str:
        return words.aloud(text)

    def moment_aloud(self, moment: datetime, *, year: bool) -> str:
        on = words.aloud(words.date_text(moment.date(), year=year))
        return f"{on}, um {moment:%H:%M} Uhr"

    def small_number(self, number: int) -> str:
        return words.NUMBERS[number] if number < len(words.NUMBERS) else str(number)

    def day(self, day: date, *, year: bool = False) -> str:
        return words.date_text(day, year=year)

    def month(self, month: int, *, short: bool = False) -> str:
        return words.MONTHS[month - 1][: 3 if short else None]

    def days(self, days: Sequence[date], *, year: bool = False) -> str:
        return words.dates_text(days, year=year)

    def moment(self, moment: datetime) -> str:
        return words.moment_text(moment)

    # --- rules -------------------------------------------------------------------------------

    def rule(self, rule: Origin, dates: Sequence[date], names: Naming) -> str:
        if isinstance(rule, Rules):
            return binding_text(rule, names)
        return cause_text(rule, dates, names)

    def breach(self, breach: Breach, names: Naming) -> str:
        return breach_text(breach, names)

    def waived(self, rule: Rules, names: Naming) -> str:
        return waived_text(rule, names)

    def forbidden(self, rule: Rules, names: Naming) -> str:
        return forbidden_text(rule, names)

    def passed(self, rule: Rules, names: Naming) -> str:
        return passed_text(rule, names)

    def chain(self, first: Spacing, count: int, last: str, names: Naming) -> str:
        return chain_text(first, count, last, names)

    def request(self, request: Asked, names: Naming) -> str:
        return request_text(request, names)

    # --- the answer --------------------------------------------------------------------------

    def impossible(self, conflict: Conflict, asked: Sequence[Asked], names: Naming) -> str:
        if asked:
            wanted = words.listed([request_text(request, names) for request in asked])
            return f"{'zusammen ' if len(asked) > 1 else ''}nicht möglich: {wanted}, denn"
        visit = names.visit(conflict.visit)
        if names.you:
            return f"für {visit} gibt es kein mögliches Datum, denn"
        return f"kein Plan ist möglich: für {visit} gibt es kein Datum, denn"

    def already(self, several: bool) -> str:
        wishes = "diese Wünsche" if several else "diesen Wunsch"
        return f"auch ohne {wishes} ist kein Plan möglich"

    def further(self, conflict: Conflict, told: int, names: Naming) -> str:
        number = "zweites" if told == 1 else "weiteres"
        return f"es gibt ein {number} Hindernis für {names.visit(conflict.visit)}"

    def gives_way(self, enough: Sequence[bool | None], minimal: bool, more: bool) -> str:
        several, known = len(enough) > 1, None not in enough
        if not minimal:
            return "diese Regeln widersprechen sich, doch vielleicht kommt es nicht auf jede an"
        if any(enough):
            if not several:
                return "es genügt, wenn sich das ändert"
            if all(enough):
                return "es genügt, wenn sich eines davon ändert"
            only = "Nur was" if known else "Was"
            mark = f"mit [{self.alone()}] markiert ist, genügt allein"
            return f"diese Regeln widersprechen sich. {only} {mark}"
        if more:
            if not several:
                return "das muss sich ändern und dazu eines aus der nächsten Liste"
            return "mindestens eines davon muss sich ändern und dazu eines aus der nächsten Liste"
        if not several:
            return "das allein zu ändern genügt nicht" if known else ""
        if known:
            return "diese Regeln widersprechen sich, und eine allein zu ändern genügt nicht"
        return "diese Regeln widersprechen sich; mindestens eine muss sich ändern"

    def each_alone(self) -> str:
        return "jedes davon verhindert es schon allein; alle müssen sich ändern"

    def exclude(self, requests: int) -> str:
        return "diese Wünsche widersprechen sich" if requests > 1 else "diese Uhrzeit gibt es nicht"

    def alone(self) -> str:
        return "genügt allein"

    def fits(self, fits: Fits, names: Naming) -> str:
        kind = "Behandlungen" if names.full else "Terminen"
        fit = "geht" if fits.count <= 1 else "gehen"
        many = str(fits.count) if fits.count else "keine" if names.full else "keiner"
        return (
            f"von {fits.of} ausstehenden {kind} {fit} {many} bis "
            f"{words.day(fits.by, names)}; {names.visit(fits.next)} wäre am "
            f"{words.day(fits.next_on, names)}"
        )

    def later(self, number: int, until: date, names: Naming) -> str:
        after = words.date_text(until, year=True)
        if number == 1:
            return f"1 weiterer Termin ist nach dem {after} geplant"
        return f"{number} weitere Termine sind nach dem {after} geplant"

    def clinician(self, names: Naming) -> str:
        return "ärztliche Zustimmung nötig" if names.full else "Zustimmung nötig"

    def would_help(self) -> str:
        return "was helfen würde, die kleinste Änderung zuerst"

    def change(self, change: Change, names: Naming) -> str:
        you = names.you
        person = "Sie" if you else "die Person"
        match change:
            case MoreHours(whose=whose, name=name, day=day, start=start, end=end):
                when = "ganztägig" if (start, end) == ALL_DAY else words.window([(start, end)])
                on = f"am {words.day(day, names)} auch {when}"
                match whose:
                    case Whose.ESCORT:
                        return f"{names.escort(name)} kann {on} fahren"
                    case Whose.PERSON if (start, end) == ALL_DAY:
                        comes = "kommen" if you else "kommt"
                        return (
                            f"{person} {comes} am {words.day(day, names)}, obwohl sonst nicht frei"
                        )
                    case Whose.PERSON:
                        return f"{person} {'sind' if you else 'ist'} {on} frei"
                    case Whose.CLINIC:
                        return f"{self.plain.clinic} hat {on} geöffnet"
                    case _:
                        assert_never(whose)
            case AnotherEscort(day=day):
                when = "von jedem Termin" if day is None else f"am {words.day(day, names)}"
                return f"jemand anderes fährt {person} {when} nach Hause"
            case WithoutEscort(visit=visit):
                if names.full:
                    return f"für {names.visit(visit)} wird die Begleitung ärztlich erlassen"
                return f"{names.visit(visit)} geht ohne Begleitung, wenn die Einrichtung zustimmt"
            case Unpinned(visit=visit):
                return f"{names.visit(visit)} darf verlegt werden"
            case Skipped(what=what, day=day):
                lets = "lassen" if you else "lässt"
                return f"{person} {lets} am {words.day(day, names)} ausfallen: {names.what(what)}"
            case NotAway(day=day):
                return f"{person} {'sind' if you else 'ist'} am {words.day(day, names)} doch da"
            case Reopened(closure=closure):
                return f"{self.plain.clinic} öffnet trotzdem {dated_text(closure, names)}"
            case OneMorePlace(place=kind, day=day):
                return f"am {words.day(day, names)} wird noch etwas frei: {names.place(kind)}"
            case OneMoreStaff(staff=kind, day=day, skills=skills):
                who = words.wanted(names.wanted(Wanted(kind, skills)))
                return f"am {words.day(day, names)} arbeitet eine Kraft mehr: {who}"
            case Looser(rule=rule, least=least, steps=steps):
                unit = (
                    words.counted(steps, "Stunde", "Stunden")
                    if words.is_elapsed(rule)
                    else words.tage(steps)
                )
                side = "näher" if least else "weiter auseinander"
                if rule.rule == FLOOR:
                    return self._before_target(rule, steps, unit, names)
                said = self.rule(loosened(rule, steps, least), (), names)
                if " muss " in said:
                    return f"{said.replace(' muss ', ' darf ', 1)} ({unit} {side})"
                return f"erlauben: {said} ({unit} {side})"
            case OneMoreVisit(rule=rule):
                more = attrs.evolve(rule, most=rule.most + 1)
                return f"erlauben: {self.rule(more, (), names)} (einer mehr)"
            case EndsLater(day=day):
                return f"die Termine dürfen bis {words.day(day, names)} dauern"
            case StartsSooner(day=day):
                return f"die Termine dürfen am {words.day(day, names)} beginnen"
            case _:
                assert_never(change)

    def _before_target(self, rule: Spacing, steps: int, unit: str, names: Naming) -> str:
        looser = loosened(rule, steps, rule.least is not None)
        other = words.end(rule.earlier, names)
        apart = words.length(in_days(floor_length(looser)))
        side, way = ("vor", "nach") if rule.least is not None else ("nach", "vor")
        return (
            f"erlauben: {names.visit(rule.later)} ist {unit} {side} dem Zieldatum "
            f"({apart} {way} {other})"
        )

    def then(self, visits: str, objective: Objective, names: Naming) -> str:
        return (
            f"dann: {visits}"
            if names.you
            else f"dann: {visits}; {self.objective(objective, names)}"
        )

    def as_with(self, number: int, moves: str) -> str:
        return f"wie bei {number}, aber {moves}" if moves else f"wie bei {number}"

    def cheapest(self, proved: bool, found: bool, names: Naming) -> str:
        if not found:
            return "es wurde keine kleine Änderung gefunden, mit der es ginge"
        if not proved:
            return "vielleicht gibt es eine kleinere Änderung, die nicht geprüft wurde"
        return f"eine kleinere Änderung genügt nicht{'' if names.you else ' (bewiesen)'}"

    def possible(self, asked: Sequence[Asked], names: Naming) -> str:
        match asked:
            case []:
                return "alle Regeln können eingehalten werden"
            case [Request(never=date() as never, visit=visit)]:
                without = "Termin" if visit is None else names.visit(visit)
                return f"ja, es geht ohne {without} am {words.day(never, names)}"
            case _:
                wanted = words.listed([request_text(request, names) for request in asked])
                return f"ja, das ist möglich: {wanted}"

    def costs(self, more: str) -> str:
        return f"Folgen: {more}" if more else "nur die Uhrzeiten ändern sich"

    def unchanged(self) -> str:
        return "nichts ändert sich: der beste Plan ist schon so"

    def moves(self, before: Sequence[Visit], now: Sequence[Visit], names: Naming) -> str:
        when = {visit.id: visit.start for visit in before}
        moved = [one for one in now if one.id in when and utc(one.start) != utc(when[one.id])]
        parts = []
        for n, visit in enumerate(moved):
            moves = "" if n else " verschiebt sich"
            at = f"{words.day(visit.day, names)} {visit.start:%H:%M} Uhr"
            parts.append(f"{names.visit(visit.id)}{moves} auf {at}")
        return words.listed(parts) or "nichts wird verschoben"

    def visit_at(self, visit: Visit, year: bool, names: Naming) -> str:
        day = words.date_text(visit.day, year=year)
        return f"{names.visit(visit.id)} {day} {visit.start:%H:%M} Uhr"

    def more(self, number: int) -> str:
        return f"... und {number} weitere"

    def proof(self, plan: Plan, names: Naming) -> str:
        proof, objective, unproved = plan.proof, plan.objective, plan.unproved
        match proof:
            case Proof.OPTIMAL if names.agenda.broken:
                return (
                    "nicht jede Regel ist eingehalten, siehe oben; bewiesen: kein Plan liegt "
                    "weniger Tage außerhalb der verletzten Grenzen, und keiner mit ebenso wenigen "
                    "ist bei Ziel, Wünschen, Ende und Uhrzeiten besser"
                )
            case Proof.OPTIMAL if names.agenda.cut_after:
                return (
                    f"bewiesen bester Plan nur der ersten {names.agenda.cut_after} Termine, "
                    "nicht der ganzen Behandlung"
                )
            case Proof.OPTIMAL if names.you:
                return "bewiesen: keine besseren Tage halten alle Regeln ein"
            case Proof.OPTIMAL:
                order = ORDER if objective is None else objective.order
                best = ", dann ".join(words.BEST[level] for level in order if level in words.BEST)
                return f"bewiesen bester Plan: {best}"
            case Proof.IMPOSSIBLE:
                return "bewiesen: kein Plan hält alle Regeln ein"
            case Proof.NOT_PROVED if unproved is Unproved.OPEN:
                return (
                    "nicht bewiesen bester Plan: eine offene Frage entscheidet über einige "
                    "dieser Tage"
                )
            case Proof.NOT_PROVED if unproved is Unproved.LATE and objective is None:
                hinging = words.hinging(plan.hinges, names)
                return f"kein Plan gefunden: {hinging}; keiner ist ausgeschlossen"
            case Proof.NOT_PROVED if unproved is Unproved.LATE:
                return f"nicht bewiesen bester Plan: {words.hinging(plan.hinges, names)}"
            case Proof.NOT_PROVED if objective is None:
                return (
                    "der erlaubte Aufwand war zu Ende, bevor ein Plan gefunden war; "
                    "keiner ist ausgeschlossen"
                )
            case Proof.NOT_PROVED:
                bound = words.tage(objective.bound)
                return (
                    "nicht bewiesen bester Plan: der erlaubte Aufwand war zu Ende; "
                    f"kein Plan hat weniger als {bound} außerhalb des Ziels"
                )
            case _:
                assert_never(proof)

    def objective(self, objective: Objective, names: Naming) -> str:
        return ", ".join(filter(None, (self._cost(one, objective) for one in objective.order)))

    def _cost(self, level: Level, objective: Objective) -> str:
        match level:
            case Level.BREACH if objective.breach:
                return f"{words.tage(objective.breach)} außerhalb verletzter Grenzen"
            case Level.DEVIATION:
                return f"{words.tage(objective.deviation)} außerhalb des Ziels"
            case Level.PREFERENCES:
                return f"{words.counted(objective.preferences, 'Wunsch', 'Wünsche')} nicht erfüllt"
            case Level.FINISH if objective.finish is not None:
                return f"letzter Termin {words.date_text(objective.finish, year=True)}"
            case _:
                return ""

    def compared(
        self, now: Objective, without: Objective, pays: Sequence[Pays], names: Naming
    ) -> str:
        parts = []
        if (days := now.deviation - without.deviation) > 0:
            who = words.payers([one for one in pays if one.level is Level.DEVIATION], True, names)
            parts.append(f"{words.tage(days)} mehr außerhalb des Ziels{who}")
        if (preferences := now.preferences - without.preferences) > 0:
            more = "1 weiterer Wunsch" if preferences == 1 else f"{preferences} weitere Wünsche"
            who = words.payers(
                [one for one in pays if one.level is Level.PREFERENCES], False, names
            )
            parts.append(f"{more} nicht erfüllt{who}")
        if (later := words.later(now, without)) > 0:
            parts.append(f"der letzte Termin {words.tage(later)} später")
        return words.listed(parts)

    def gained(self, now: Objective, without: Objective, names: Naming) -> str:
        parts = []
        if (days := without.deviation - now.deviation) > 0:
            parts.append(f"{words.tage(days)} weniger außerhalb des Ziels")
        if (preferences := without.preferences - now.preferences) > 0:
            parts.append(f"{words.counted(preferences, 'Wunsch', 'Wünsche')} mehr erfüllt")
        if (sooner := words.later(without, now)) > 0:
            parts.append(f"der letzte Termin {words.tage(sooner)} früher")
        return f"dafür: {words.listed(parts)}" if parts else ""

    # --- why then ----------------------------------------------------------------------------

    def placed(self, visit: Visit, names: Naming) -> str:
        return f"{names.visit(visit.id)} ist am {words.moment_text(visit.start)}"

    def slack(self, slack: Slack, names: Naming) -> str:
        text = self.rule(slack.rule, (), names)
        if slack.deviation:
            return f"{text}: {words.tage(slack.deviation)} außerhalb des Ziels"
        if slack.to_least is None and slack.to_most is None:
            return f"{text}: im Ziel"
        rest = room(slack)
        if isinstance(slack.rule, AtMost):
            return f"{text}: {f'Platz für {rest} mehr' if rest else 'kein Platz für einen mehr'}"
        if not rest:
            side = "früher" if slack.to_least == 0 else "später"
            if slack.to_least == 0 and slack.to_most == 0:
                side = "früher oder später"
            return f"{text}: {side} geht nicht"
        timed = isinstance(slack.rule, Spacing) and words.is_elapsed(slack.rule)
        return f"{text}: {words.elapsed_text(rest) if timed else words.tage(rest)} Spielraum"

    def dated(self, which: str, dated: DatedBy, names: Naming) -> str:
        word = {"earliest": "frühestens", "target": "Ziel", "latest": "spätestens"}[which]
        text = f"{word} {words.date_text(dated.day, year=True)}"
        if not names.full:
            return text
        source = f"; Quelle: {dated.source}" if dated.source else ""
        return f"{text} ({self.said(dated.rule)}{source})"

    def otherwise(self, which: str, other: Otherwise, plan: Objective, names: Naming) -> str:
        when = {
            "nearer": "näher am Ziel",
            "sooner": "an einem früheren Tag",
            "earlier": "früher an diesem Tag",
        }[which]
        if other.visit is not None and other.objective is not None:
            at = words.moment_text(other.visit.start)
            if names.you:
                return f"{when}: möglich am {at}"
            costs = self.costs(self.compared(other.objective, plan, other.pays, names))
            gained = self.gained(other.objective, plan, names)
            return "; ".join(filter(None, [f"{when}: möglich am {at}", costs, gained]))
        if other.conflict is None:
            return f"{when}: nicht bekannt, der erlaubte Aufwand war zu Ende"
        return f"{when}: nicht möglich, denn"
