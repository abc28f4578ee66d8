"""Explications en français: explanations in French, what rules say included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never

import attrs

from protocol_sched.model.agenda import FLOOR, AtMost, Breach, DatedBy, Rules, Spacing
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
from protocol_sched.text.french import words
from protocol_sched.text.french.calendar import FrenchCalendar
from protocol_sched.text.french.causes import cause_text, dated_text, request_text
from protocol_sched.text.french.plan import FrenchPlan
from protocol_sched.text.french.rules import (
    binding_text,
    breach_text,
    chain_text,
    forbidden_text,
    passed_text,
    waived_text,
)
from protocol_sched.text.french.sentences import SENTENCES, THINGS
from protocol_sched.text.french.sheet import FrenchSheet
from protocol_sched.text.language import Amount, Language
from protocol_sched.text.lengths import floor_length, in_days
from protocol_sched.text.naming import Naming, PlainNames


class French(Language):
    """French, with the titles of visits as the protocol has them."""

    code: str = "fr"
    calendar = FrenchCalendar()
    plan = FrenchPlan()
    sheet = FrenchSheet()
    plain = PlainNames(
        appointment="rendez-vous",
        event="une date antérieure",
        clinic="le centre",
        office="le secrétariat",
        place="place",
        staff="personnel",
        work="ce qui l'entoure",
        driver="l'accompagnant",
        person="la personne",
        commitment="autre chose",
    )
    sentences = SENTENCES
    colon = " :"
    things = THINGS

    def amount(self, of: Amount) -> str:
        return words.amount_text(of)

    def counted(self, number: int, thing: str) -> str:
        one, more = self.things.get(thing, (thing, thing))
        return words.counted(number, one, more)

    def clock(self, clock: str) -> str:
        return words.hour(clock)

    def nth(self, number: int) -> str:
        return "1er" if number == 1 else f"{number}e"

    def article(self, title: str) -> str:
        return title

    def aloud(self, text: str) -> str:
        return words.aloud(text)

    def moment_aloud(self, moment: datetime, *, year: bool) -> str:
        on = words.aloud(words.date_text(moment.date(), year=year))
        return f"{on} à {words.at(moment)}"

    def small_number(self, number: int) -> str:
        return words.NUMBERS[number] if number < len(words.NUMBERS) else str(number)

    def day(self, day: date, *, year: bool = False) -> str:
        return words.date_text(day, year=year)

    def month(self, month: int, *, short: bool = False) -> str:
        return (words.SHORT_MONTHS if short else words.MONTHS)[month - 1]

    def days(self, days: Sequence[date], *, year: bool = False) -> str:
        return words.dates_text(days, year=year)

    def moment(self, moment: datetime) -> str:
        return words.moment_text(moment)

    def listed(self, parts: Sequence[str]) -> str:
        return words.listed(parts)

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
            together = " à la fois" if len(asked) > 1 else ""
            return f"impossible{together} : {wanted}, car"
        visit = names.visit(conflict.visit)
        if names.you:
            return f"il n'y a pas de date possible pour {visit}, car"
        return f"aucun plan n'est possible : il n'y a pas de date pour {visit}, car"

    def already(self, several: bool) -> str:
        return (
            f"même sans {'ces demandes' if several else 'cette demande'}, aucun plan n'est possible"
        )

    def further(self, conflict: Conflict, told: int, names: Naming) -> str:
        number = "un deuxième" if told == 1 else "un autre"
        return f"il y a {number} obstacle pour {names.visit(conflict.visit)}"

    def gives_way(self, enough: Sequence[bool | None], minimal: bool, more: bool) -> str:
        several, known = len(enough) > 1, None not in enough
        if not minimal:
            return "ces règles se contredisent, mais toutes ne comptent peut-être pas"
        if any(enough):
            if not several:
                return "il suffit que cela change"
            if all(enough):
                return "il suffit que l'une d'elles change"
            text = f"ces règles se contredisent. Changer l'une de celles marquées [{self.alone()}] "
            return f"{text}suffit{' ; changer une autre seule ne suffit pas' if known else ''}"
        if more:
            if not several:
                return "cela doit changer, et une règle de la liste suivante aussi"
            return "au moins une de ces règles doit changer, et une de la liste suivante aussi"
        if not several:
            return "changer cela seul ne suffit pas" if known else ""
        if known:
            return "ces règles se contredisent, et en changer une seule ne suffit pas"
        return "ces règles se contredisent ; au moins une doit changer"

    def each_alone(self) -> str:
        return "chacune l'empêche déjà à elle seule ; toutes doivent changer"

    def exclude(self, requests: int) -> str:
        if requests > 1:
            return "ces demandes se contredisent"
        return "cette heure n'existe pas"

    def alone(self) -> str:
        return "suffit"

    def fits(self, fits: Fits, names: Naming) -> str:
        due = f"{fits.of} traitements prévus" if names.full else f"{fits.of} rendez-vous prévus"
        many = str(fits.count) if fits.count else "aucun"
        fit = "tient" if fits.count <= 1 else "tiennent"
        return (
            f"sur {due}, {many} {fit} d'ici au {words.day(fits.by, names)} ; "
            f"{names.visit(fits.next)} serait le {words.day(fits.next_on, names)}"
        )

    def later(self, number: int, until: date, names: Naming) -> str:
        after = words.date_text(until, year=True)
        if number == 1:
            return f"1 autre rendez-vous est prévu après le {after}"
        return f"{number} autres rendez-vous sont prévus après le {after}"

    def clinician(self, names: Naming) -> str:
        return "accord d'un médecin nécessaire" if names.full else "accord nécessaire"

    def would_help(self) -> str:
        return "ce qui aiderait, le plus petit changement d'abord"

    def change(self, change: Change, names: Naming) -> str:
        you = names.you
        who = "vous" if you else "la personne"
        match change:
            case MoreHours(whose=whose, name=name, day=day, start=start, end=end):
                all_day = (start, end) == ALL_DAY
                when = "toute la journée" if all_day else words.window([(start, end)])
                on = f"aussi le {words.day(day, names)} {when}"
                match whose:
                    case Whose.ESCORT:
                        return f"{names.escort(name)} peut conduire {on}"
                    case Whose.PERSON if all_day:
                        comes = "venez" if you else "vient"
                        on = words.day(day, names)
                        return f"{who} {comes} le {on}, jour qui sinon n'est pas libre"
                    case Whose.PERSON:
                        return f"{who} {'êtes' if you else 'est'} libre {on}"
                    case Whose.CLINIC:
                        return f"{self.plain.clinic} est ouvert {on}"
                    case _:
                        assert_never(whose)
            case AnotherEscort(day=day):
                when = "chaque fois" if day is None else f"le {words.day(day, names)}"
                whom = "vous ramène" if you else "ramène la personne"
                return f"quelqu'un d'autre {whom} {when}"
            case WithoutEscort(visit=visit):
                if names.full:
                    return f"un médecin dispense {names.visit(visit)} d'accompagnant"
                title = names.visit(visit)
                return f"{title} se fait sans accompagnant, si {self.plain.clinic} est d'accord"
            case Unpinned(visit=visit):
                return f"{names.visit(visit)} peut être déplacé"
            case Skipped(what=what, day=day):
                skips = "renoncez" if you else "renonce"
                return f"{who} {skips} le {words.day(day, names)} à : {names.what(what)}"
            case NotAway(day=day):
                return f"{who} {'êtes' if you else 'est'} finalement là le {words.day(day, names)}"
            case Reopened(closure=closure):
                return f"{self.plain.clinic} ouvre quand même {dated_text(closure, names)}"
            case OneMorePlace(place=kind, day=day):
                return (
                    f"une place de plus se libère le {words.day(day, names)} : {names.place(kind)}"
                )
            case OneMoreStaff(staff=kind, day=day, skills=skills):
                wanted = words.wanted(names.wanted(Wanted(kind, skills)))
                return f"une personne de plus travaille le {words.day(day, names)} : {wanted}"
            case Looser(rule=rule, least=least, steps=steps):
                unit = words.jours(steps)
                if words.is_elapsed(rule):
                    unit = words.counted(steps, "heure", "heures")
                if rule.rule == FLOOR:
                    return self._before_target(rule, steps, unit, names)
                side = "plus près" if least else "plus loin"
                said = self.rule(loosened(rule, steps, least), (), names)
                if " doit avoir lieu " in said:
                    may = said.replace(" doit avoir lieu ", " peut avoir lieu ", 1)
                    return f"{may} ({unit} {side})"
                return f"permettre : {said} ({unit} {side})"
            case OneMoreVisit(rule=rule):
                more = attrs.evolve(rule, most=rule.most + 1)
                return f"permettre : {self.rule(more, (), names)} (un de plus)"
            case EndsLater(day=day):
                return f"les rendez-vous peuvent durer jusqu'au {words.day(day, names)}"
            case StartsSooner(day=day):
                return f"les rendez-vous peuvent commencer le {words.day(day, names)}"
            case _:
                assert_never(change)

    def _before_target(self, rule: Spacing, steps: int, unit: str, names: Naming) -> str:
        looser = loosened(rule, steps, rule.least is not None)
        other = words.end(rule.earlier, names)
        apart = words.length(in_days(floor_length(looser)))
        side, way = ("avant", "après") if rule.least is not None else ("après", "avant")
        return (
            f"permettre : {names.visit(rule.later)} a lieu {unit} {side} sa date cible "
            f"({apart} {way} {other})"
        )

    def then(self, visits: str, objective: Objective, names: Naming) -> str:
        if names.you:
            return f"alors : {visits}"
        return f"alors : {visits} ; {self.objective(objective, names)}"

    def as_with(self, number: int, moves: str) -> str:
        return f"comme avec {number}, mais {moves}" if moves else f"comme avec {number}"

    def cheapest(self, proved: bool, found: bool, names: Naming) -> str:
        if not found:
            return "aucun petit changement n'a été trouvé qui le rende possible"
        if not proved:
            return "il y a peut-être un plus petit changement qui n'a pas été examiné"
        return f"aucun plus petit changement ne suffit{'' if names.you else ' (prouvé)'}"

    def possible(self, asked: Sequence[Asked], names: Naming) -> str:
        match asked:
            case []:
                return "toutes les règles peuvent être respectées"
            case [Request(never=date() as never, visit=visit)]:
                without = "rendez-vous" if visit is None else names.visit(visit)
                return f"oui, c'est possible sans {without} le {words.day(never, names)}"
            case _:
                wanted = words.listed([request_text(request, names) for request in asked])
                return f"oui, c'est possible : {wanted}"

    def costs(self, more: str) -> str:
        return f"le prix : {more}" if more else "seules les heures changent"

    def unchanged(self) -> str:
        return "rien ne change : le meilleur plan a déjà ces dates"

    def moves(self, before: Sequence[Visit], now: Sequence[Visit], names: Naming) -> str:
        when = {visit.id: visit.start for visit in before}
        moved = [one for one in now if one.id in when and utc(one.start) != utc(when[one.id])]
        parts = []
        for n, visit in enumerate(moved):
            moves = "" if n else " est déplacé"
            at = f"{words.day(visit.day, names)} à {words.at(visit.start)}"
            parts.append(f"{names.visit(visit.id)}{moves} au {at}")
        return words.listed(parts) or "rien n'est déplacé"

    def visit_at(self, visit: Visit, year: bool, names: Naming) -> str:
        day = words.date_text(visit.day, year=year)
        return f"{names.visit(visit.id)} {day} {words.at(visit.start)}"

    def more(self, number: int) -> str:
        return f"... et {number} de plus"

    def proof(self, plan: Plan, names: Naming) -> str:
        proof, objective, unproved = plan.proof, plan.objective, plan.unproved
        match proof:
            case Proof.OPTIMAL if names.agenda.broken:
                return (
                    "toutes les règles ne sont pas respectées, voir plus haut ; prouvé : aucun "
                    "plan n'a moins de jours hors des limites enfreintes ni, avec autant, ne fait "
                    "mieux pour la cible, les préférences, la fin et les heures"
                )
            case Proof.OPTIMAL if names.agenda.cut_after:
                return (
                    f"meilleur plan prouvé des {names.agenda.cut_after} premiers rendez-vous "
                    "seulement, pas de tout le traitement"
                )
            case Proof.OPTIMAL if names.you:
                return "prouvé : aucune meilleure date ne respecte toutes les règles"
            case Proof.OPTIMAL:
                order = ORDER if objective is None else objective.order
                best = ", puis ".join(words.BEST[level] for level in order if level in words.BEST)
                return f"meilleur plan prouvé : {best}"
            case Proof.IMPOSSIBLE:
                return "prouvé : aucun plan ne respecte toutes les règles"
            case Proof.NOT_PROVED if unproved is Unproved.OPEN:
                return (
                    "meilleur plan non prouvé : une question ouverte décide de certaines de ces "
                    "dates"
                )
            case Proof.NOT_PROVED if unproved is Unproved.LATE and objective is None:
                hinging = words.hinging(plan.hinges, names)
                return f"aucun plan trouvé : {hinging} ; aucun n'est exclu"
            case Proof.NOT_PROVED if unproved is Unproved.LATE:
                return f"meilleur plan non prouvé : {words.hinging(plan.hinges, names)}"
            case Proof.NOT_PROVED if objective is None:
                return (
                    "l'effort permis était épuisé avant qu'un plan ne soit trouvé ; aucun n'est "
                    "exclu"
                )
            case Proof.NOT_PROVED:
                return (
                    "meilleur plan non prouvé : l'effort permis était épuisé ; aucun plan n'a "
                    f"moins de {words.jours(objective.bound)} hors cible"
                )
            case _:
                assert_never(proof)

    def objective(self, objective: Objective, names: Naming) -> str:
        return ", ".join(filter(None, (self._cost(one, objective) for one in objective.order)))

    def _cost(self, level: Level, objective: Objective) -> str:
        match level:
            case Level.BREACH if objective.breach:
                return f"{words.jours(objective.breach)} hors des limites enfreintes"
            case Level.DEVIATION:
                return f"{words.jours(objective.deviation)} hors cible"
            case Level.PREFERENCES:
                one, more = "préférence non respectée", "préférences non respectées"
                return words.counted(objective.preferences, one, more)
            case Level.FINISH if objective.finish is not None:
                return f"dernier rendez-vous le {words.date_text(objective.finish, year=True)}"
            case _:
                return ""

    def compared(
        self, now: Objective, without: Objective, pays: Sequence[Pays], names: Naming
    ) -> str:
        parts = []
        if (days := now.deviation - without.deviation) > 0:
            who = words.payers([one for one in pays if one.level is Level.DEVIATION], True, names)
            parts.append(f"{words.jours(days)} de plus hors cible{who}")
        if (preferences := now.preferences - without.preferences) > 0:
            who = words.payers(
                [one for one in pays if one.level is Level.PREFERENCES], False, names
            )
            one, more = "préférence de plus non respectée", "préférences de plus non respectées"
            parts.append(f"{words.counted(preferences, one, more)}{who}")
        if (later := words.later(now, without)) > 0:
            parts.append(f"le dernier rendez-vous {words.jours(later)} plus tard")
        return words.listed(parts)

    def gained(self, now: Objective, without: Objective, names: Naming) -> str:
        parts = []
        if (days := without.deviation - now.deviation) > 0:
            parts.append(f"{words.jours(days)} de moins hors cible")
        if (preferences := without.preferences - now.preferences) > 0:
            one, more = "préférence de plus respectée", "préférences de plus respectées"
            parts.append(words.counted(preferences, one, more))
        if (sooner := words.later(without, now)) > 0:
            parts.append(f"le dernier rendez-vous {words.jours(sooner)} plus tôt")
        return f"en échange : {words.listed(parts)}" if parts else ""

    # --- why then ----------------------------------------------------------------------------

    def placed(self, visit: Visit, names: Naming) -> str:
        return f"{names.visit(visit.id)} a lieu le {words.moment_text(visit.start)}"

    def slack(self, slack: Slack, names: Naming) -> str:
        text = self.rule(slack.rule, (), names)
        if slack.deviation:
            return f"{text} : {words.jours(slack.deviation)} hors cible"
        if slack.to_least is None and slack.to_most is None:
            return f"{text} : dans la cible"
        rest = room(slack)
        if isinstance(slack.rule, AtMost):
            return f"{text} : {f'de la place pour {rest} de plus' if rest else 'complet'}"
        if not rest:
            side = "plus tôt" if slack.to_least == 0 else "plus tard"
            if slack.to_least == 0 and slack.to_most == 0:
                side = "ni plus tôt ni plus tard"
                return f"{text} : {side}"
            return f"{text} : impossible {side}"
        timed = isinstance(slack.rule, Spacing) and words.is_elapsed(slack.rule)
        return f"{text} : {words.elapsed_text(rest) if timed else words.jours(rest)} de marge"

    def dated(self, which: str, dated: DatedBy, names: Naming) -> str:
        word = {"earliest": "au plus tôt", "target": "cible", "latest": "au plus tard"}[which]
        text = f"{word} {words.date_text(dated.day, year=True)}"
        if not names.full:
            return text
        source = f" ; source : {dated.source}" if dated.source else ""
        return f"{text} ({self.said(dated.rule)}{source})"

    def otherwise(self, which: str, other: Otherwise, plan: Objective, names: Naming) -> str:
        when = {
            "nearer": "plus près de la cible",
            "sooner": "à une date antérieure",
            "earlier": "plus tôt ce jour-là",
        }[which]
        if other.visit is not None and other.objective is not None:
            at = words.moment_text(other.visit.start)
            if names.you:
                return f"{when} : possible le {at}"
            costs = self.costs(self.compared(other.objective, plan, other.pays, names))
            gained = self.gained(other.objective, plan, names)
            return " ; ".join(filter(None, [f"{when} : possible le {at}", costs, gained]))
        if other.conflict is None:
            return f"{when} : inconnu, l'effort permis était épuisé"
        return f"{when} : impossible, car"
