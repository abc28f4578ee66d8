"""Plans en français: what a plan says beside its rules and its proof, in French."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from protocol_sched.model.agenda import Due, Late, Need, PastVisit, Question, Untested
from protocol_sched.model.around import CoMedicationWindow
from protocol_sched.model.schedule import Ride
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, SpanRange
from protocol_sched.model.wishes import Wish
from protocol_sched.text.english.words import around_text
from protocol_sched.text.french import words
from protocol_sched.text.french.calendar import FOOD, in_words
from protocol_sched.text.lengths import backward
from protocol_sched.text.naming import Naming
from protocol_sched.text.plan_words import Kept, PlanWords

ANSWERS = {Ride.CONFIRMED: " (confirmé)", Ride.DECLINED: " (refusé)"}
WISHES = {
    "weekdays": ("un jour de la semaine souhaité", "rendez-vous"),
    "earliest": ("pas trop tôt dans la journée", "rendez-vous"),
    "latest": ("terminé à temps", "rendez-vous"),
    "hours": ("aux heures souhaitées", "rendez-vous"),
    "same_time": ("à la même heure", "rendez-vous"),
    "same_weekday": ("le même jour de la semaine", "rendez-vous"),
    "few_escorts": ("", "accompagnants"),
    "not_two_days_running": ("pas deux jours de suite", "paires de rendez-vous"),
    "evenly_spread": ("régulièrement espacés", "intervalles"),
}


class FrenchPlan(PlanWords):
    """French, with the titles of visits as the protocol has them."""

    visit = "rendez-vous"
    date_head = "date"
    day_number = "jour"
    arrive = "arrivée"
    infusion = "perfusion"
    main_stage = "partie principale"
    may_leave = "sortie"
    since_last = "écart"
    who_drives = "retour avec"
    provisional = " (provisoire)"
    happened = "passé"
    given = "fait"
    did_not_count = "non compté"
    waived = "dispensé"
    nobody_yet = "encore personne"
    semicolon = " ; "
    around = "Autour de ces rendez-vous"
    why_dates = "Pourquoi ces dates"
    together = "ensemble"
    nothing_yet = "Rien ne peut encore être planifié."
    nothing_due = "Rien n'est prévu."
    to_decide = "À décider par un médecin :"

    def day_cell(self, day: date, year: bool) -> str:
        text = f"{words.SHORT[day.weekday()]} {day.day:2} {words.SHORT_MONTHS[day.month - 1]}"
        return f"{text} {day.year}" if year else text

    def weekday(self, day: date) -> str:
        return words.SHORT[day.weekday()]

    def short_day(self, day: date) -> str:
        return f"{day.day} {words.SHORT_MONTHS[day.month - 1]}"

    def days(self, number: int) -> str:
        return words.jours(number)

    def from_by(self, first: str, last: str) -> str:
        return f"de {first} à {last}"

    def driver(self, name: str, ride: Ride | None) -> str:
        return f"{name}{'' if ride is None else ANSWERS.get(ride, '')}"

    def hidden(self, number: int, first: date) -> str:
        one, more = "rendez-vous antérieur non montré", "rendez-vous antérieurs non montrés"
        earlier = words.counted(number, one, more)
        return f"({earlier}, le premier le {words.date_text(first, year=True)})"

    def titles(self, titles: Sequence[str]) -> str:
        runs: list[list[str]] = []
        for title in titles:
            if runs and _follows(runs[-1][-1], title):
                runs[-1].append(title)
            else:
                runs.append([title])
        parts: list[str] = []
        for run in runs:
            parts += [f"{run[0]} à {run[-1]}"] if len(run) > 2 else run
        return words.listed(parts)

    def end(self, end: str | PastVisit, names: Naming) -> str:
        return words.end(end, names).removesuffix(",")

    def fast(self, what: str, day: date | None, clock: str) -> str:
        return f"à partir de {_at(day, clock)}, {FOOD.get(what.casefold(), f'pas de : {what}')}"

    def co_medication(self, window: CoMedicationWindow) -> str:
        return in_words(window, year=False)

    def check(self, what: str, times: Sequence[str]) -> str:
        return f"{what} : {words.listed([words.hour(one) for one in times])}"

    def task(self, name: str, start: tuple[date | None, str], end: tuple[date | None, str]) -> str:
        return f"{name} : de {_at(*start)} à {_at(*end)}"

    # --- why these dates ---------------------------------------------------------------------

    def waited(self, days: int, other: str) -> str:
        return f"{words.jours(days)} après {other} ({words.jours(days)} hors cible)"

    def kept(self, kept: Kept) -> str:
        before = kept.before and not kept.of_anchor
        side = "avant" if before else "après"
        limits = words.lengths(kept.least, kept.most)
        if around_text(kept.least, kept.most) and kept.least and kept.most:
            early, late = words.length(backward(kept.least)), words.length(kept.most)
            limits = f"de {early} avant à {late} après"
        if kept.in_order:
            limits = "dans cet ordre"
        best = [_best(target) for target in kept.best]
        if kept.floor:
            best.append("pas plus près" if before else "pas plus tôt")
        says = ", ".join([limits, *best] if limits else best)
        if kept.off:
            says += f" ; {words.jours(kept.off)} hors cible"
        distance = words.elapsed_text(kept.found) if kept.elapsed else words.jours(kept.found)
        other = f"la fin {words.of(kept.other)}" if kept.from_end else kept.other
        text = f"{distance} {side} {other}"
        if not kept.found and not kept.elapsed:
            text = f"le même jour que {kept.other}"
        return f"{text} (règle : {says})" if says else text

    # --- what is known about it --------------------------------------------------------------

    def not_shown(self, number: int, until: date) -> str:
        after = words.date_text(until, year=True)
        if number == 1:
            return f"1 autre rendez-vous est prévu après le {after} et n'est pas montré"
        return f"{number} autres rendez-vous sont prévus après le {after} et ne sont pas montrés"

    def overruled(self, by: str, rule: str) -> str:
        return f"{by} ; cela l'emporte sur : {rule}"

    def this_plan(self, costs: str) -> str:
        return f"ce plan : {costs}"

    def wish(self, wish: Wish) -> str:
        what, things = WISHES[wish.which]
        if wish.which == "few_escorts":
            return f"{wish.of} {things}"
        return f"{what} {wish.met} {things} sur {wish.of}"

    def wishes(self, unmet: Sequence[str]) -> str:
        return f"préférences respectées en partie seulement : {', '.join(unmet)}"

    def gave_way(self, titles: Sequence[str]) -> str:
        can = "ne peut être que tardif" if len(titles) == 1 else "ne peuvent être que tardifs"
        its = "ses" if len(titles) == 1 else "leurs"
        return f"{self.titles(titles)} {can} : il ne reste aucune date dans {its} limites"

    def late_start(self, visit: str, days: int) -> str:
        return (
            f"{visit} a lieu {words.jours(days)} après le premier début possible, car le fichier "
            "du traitement dit qu'attendre ne coûte rien"
        )

    def unconfirmed(self, titles: Sequence[str]) -> str:
        return f"retours pas encore confirmés : {self.titles(titles)}"

    def declined(self, titles: Sequence[str]) -> str:
        return f"retours refusés : {self.titles(titles)}"

    def may_take_longer(self, stage: str, until: str) -> str:
        return f"{stage} peut durer plus longtemps qu'indiqué (jusqu'à : {until})"

    def times_are_in(self, zone: str, clocks: Sequence[tuple[str, date, date]]) -> str:
        if len(clocks) == 1:
            return f"heures de {zone} ({clocks[0][0]})"
        year = clocks[0][1].year != clocks[-1][2].year
        parts = [f"{clocks[0][0]} jusqu'au {words.date_text(clocks[0][2], year=year)}"]
        parts += [
            f"{name} à partir du {words.date_text(first, year=year)}"
            for name, first, _ in clocks[1:]
        ]
        return f"heures de {zone} : {', '.join(parts)}"

    def closed(self, closures: Sequence[tuple[Sequence[date], str, str]], year: bool) -> str:
        parts = []
        for days, hours, why in closures:
            text = words.date_text(days[0], year=year)
            on = f"le {text}"
            if len(days) > 1:
                on = f"du {text} au {words.date_text(days[-1], year=year)}"
            on += f", {hours}" if hours else ""
            parts.append(f"{on} ({why})" if why else on)
        return f"fermé entre-temps : {words.listed(parts)}"

    # --- what stands above it, and short notice ----------------------------------------------

    def variant(
        self, country: str, indication: str, version: str, since: date | None, until: date | None
    ) -> str:
        said = (
            f"pays {country}" if country else "",
            f"contre {indication}" if indication else "",
            f"édition {version}" if version else "",
            f"valable à partir du {since}" if since else "",
            f"valable jusqu'au {until}" if until else "",
        )
        return " ; ".join(filter(None, said))

    def over(self, visit: str, moment: datetime) -> str:
        return f"{visit} aurait commencé le {words.moment_text(moment)}, c'est passé"

    def too_near(self, visit: str, minutes: int, fasts: Sequence[tuple[str, ElapsedSpan]]) -> str:
        what = words.listed(
            [
                f"{FOOD.get(what.casefold(), f'pas de : {what}')} pendant {words.length(lead)}"
                for what, lead in fasts
            ]
        )
        left = f"dans {words.elapsed_text(minutes)}" if minutes else "tout de suite"
        return f"{visit} commence {left} ; la consigne avant cela est : {what}"

    def ride_unconfirmed(self, visit: str, by: datetime) -> str:
        return (
            f"le retour après {visit} devait être confirmé au plus tard le {words.moment_text(by)}"
        )

    # --- what is open ------------------------------------------------------------------------

    def ended(self, why: str) -> str:
        return f"plus rien n'est prévu : {why}"

    def waits_for_decision(self, titles: Sequence[str]) -> str:
        return f"pas encore planifié, en attente d'une décision : {self.titles(titles)}"

    def provisional_until(self, titles: Sequence[str], question: str) -> str:
        are = "est provisoire" if len(titles) == 1 else "sont provisoires"
        return f"{self.titles(titles)} {are} jusqu'à la réponse à cette question : {question}"

    def late(self, late: Late) -> str:
        by, on = words.jours((late.on - late.due_by).days), words.date_text(late.due_by, year=True)
        return f"{late.title} a lieu {by} après l'échéance du {on} ; {late.follows}"

    def overdue(self, due: Due) -> str:
        last = ""
        if due.latest:
            last = f" (au plus tard le {words.date_text(due.latest.day, year=True)})"
        return f"{due.title} est en retard{last} et placé dès que possible"

    def waits_for(self, titles: Sequence[str], needs: Sequence[Need]) -> str:
        gates = [_test_text(need) for need in needs]
        waits = "attend" if len(titles) == 1 else "attendent"
        each = " chacun" if len(titles) > 1 else ""
        for_ = "la réception de" if needs[0].receipt else "un examen"
        says = f"{self.titles(titles)} {waits}{each} {for_} : "
        if len(titles) > 1:
            return says + words.listed(gates)
        windows = [_window_text(need) for need in needs]
        if len(set(windows)) == 1 and windows[0]:
            return f"{says}{words.listed(gates)}, {windows[0]}"
        return says + self.test_window(needs)

    def test_window(self, needs: Sequence[Need]) -> str:
        windows = [_window_text(need) for need in needs]
        if len(set(windows)) == 1:
            return windows[0]
        pairs = zip(map(_test_text, needs), windows, strict=True)
        return words.listed([f"{gate} ({on})" if on else gate for gate, on in pairs])

    def accepted(self, visit: str, gate: str, instead: str, on: date, source: str) -> str:
        day = words.date_text(on, year=True)
        return (
            f"{visit} se passe de {gate} : la source accepte {instead} à la place, à partir du "
            f"{day} ({source})"
        )

    def untested(self, one: Untested) -> str:
        kept = "reçu" if one.receipt else "validé"
        return (
            f"{one.gate} n'est pas noté comme {kept} avant {self.titles(one.visits)} ; est-ce noté "
            "ailleurs ?"
        )

    def unrecorded(self, past: PastVisit, on: str) -> str:
        return f"non noté : {past.title}, {on} ; planifié comme s'il avait eu lieu. Est-ce le cas ?"

    def question(self, question: Question) -> str:
        choices = words.listed(question.choices, "ou")
        return f"{question.asks} ({choices})" if choices else question.asks


def _at(day: date | None, clock: str) -> str:
    hour = words.hour(clock)
    return hour if day is None else f"{hour} le {words.date_text(day)}"


def _follows(before: str, title: str) -> bool:
    one, other = (re.fullmatch(r"(.*\D)(\d+)", text) for text in (before, title))
    return bool(one and other and one[1] == other[1] and int(one[2]) + 1 == int(other[2]))


def _best(target: SpanRange) -> str:
    if target == SpanRange(CalendarSpan(), CalendarSpan()):
        return "de préférence le jour même"
    return f"de préférence {words.lengths(target.least, target.most or target.least)}"


def _test_text(need: Need) -> str:
    text = f"{need.gate} ({words.numbers(need.band)})" if need.band else need.gate
    return f"{text}, {need.more} fois de suite" if need.more > 1 else text


def _window_text(need: Need) -> str:
    if need.latest is None:
        return ""
    last = words.date_text(need.latest, year=True)
    if need.earliest is None:
        return f"au plus tard le {last}"
    if need.earliest >= need.latest:
        return f"le {last}"
    first = words.date_text(need.earliest, year=need.earliest.year != need.latest.year)
    return f"entre le {first} et le {last}"
