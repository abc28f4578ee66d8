"""Pläne auf Deutsch: what a plan says beside its rules and its proof, in German."""

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
from protocol_sched.text.german import words
from protocol_sched.text.german.calendar import FOOD
from protocol_sched.text.lengths import backward
from protocol_sched.text.naming import Naming
from protocol_sched.text.plan_words import Kept, PlanWords

ANSWERS = {Ride.CONFIRMED: " (zugesagt)", Ride.DECLINED: " (abgesagt)"}
WISHES = {
    "weekdays": ("an einem gewünschten Wochentag", "Terminen"),
    "earliest": ("nicht zu früh am Tag", "Terminen"),
    "latest": ("rechtzeitig zu Ende", "Terminen"),
    "hours": ("in den gewünschten Stunden", "Terminen"),
    "same_time": ("zur selben Tageszeit", "Terminen"),
    "same_weekday": ("am selben Wochentag", "Terminen"),
    "few_escorts": ("", "Begleitungen"),
    "not_two_days_running": ("nicht an zwei Tagen nacheinander", "Paaren von Terminen"),
    "evenly_spread": ("gleichmäßig verteilt", "Abständen"),
}


class GermanPlan(PlanWords):
    """German, with the titles of visits as the protocol has them."""

    visit = "Termin"
    date_head = "Datum"
    day_number = "Tag"
    arrive = "Ankunft"
    infusion = "Infusion"
    main_stage = "Hauptteil"
    may_leave = "kann gehen"
    since_last = "Abstand"
    who_drives = "wer fährt"
    provisional = " (vorläufig)"
    happened = "war"
    given = "gegeben"
    did_not_count = "zählte nicht"
    waived = "erlassen"
    nobody_yet = "noch niemand"
    around = "Rund um diese Termine"
    why_dates = "Warum diese Tage"
    together = "zusammen"
    nothing_yet = "Noch lässt sich nichts planen."
    nothing_due = "Es steht nichts aus."
    to_decide = "Ärztlich zu entscheiden:"

    def day_cell(self, day: date, year: bool) -> str:
        text = f"{words.SHORT[day.weekday()]} {day.day:2}. {words.MONTHS[day.month - 1][:3]}"
        return f"{text} {day.year}" if year else text

    def weekday(self, day: date) -> str:
        return words.SHORT[day.weekday()]

    def short_day(self, day: date) -> str:
        return f"{day.day}. {words.MONTHS[day.month - 1][:3]}"

    def days(self, number: int) -> str:
        return words.tage(number)

    def from_by(self, first: str, last: str) -> str:
        return f"ab {first}, bis {last}"

    def driver(self, name: str, ride: Ride | None) -> str:
        return f"{name}{'' if ride is None else ANSWERS.get(ride, '')}"

    def hidden(self, number: int, first: date) -> str:
        earlier = words.counted(number, "früherer Termin", "frühere Termine")
        return f"({earlier} nicht gezeigt, der erste am {words.date_text(first, year=True)})"

    def titles(self, titles: Sequence[str]) -> str:
        runs: list[list[str]] = []
        for title in titles:
            if runs and _follows(runs[-1][-1], title):
                runs[-1].append(title)
            else:
                runs.append([title])
        parts: list[str] = []
        for run in runs:
            parts += [f"{run[0]} bis {run[-1]}"] if len(run) > 2 else run
        return words.listed(parts)

    def end(self, end: str | PastVisit, names: Naming) -> str:
        return words.end(end, names).removesuffix(",")

    def fast(self, what: str, day: date | None, clock: str) -> str:
        return f"ab {_at(day, clock)} verzichten auf: {FOOD.get(what.casefold(), what)}"

    def co_medication(self, window: CoMedicationWindow) -> str:
        no, first, last = "nicht " if window.barred else "", window.first, window.last
        starts = "" if first is None else _moment(first)
        ends = "" if last is None else _moment(last)
        if not starts:
            return f"{window.name}: {no}bis {ends}"
        if not ends:
            return f"{window.name}: {no}ab {starts}"
        if first == last:
            return f"{window.name}: {no}am {starts}"
        if window.barred:
            return f"{window.name}: nicht von {starts} bis {ends}"
        return f"{window.name}: zwischen {starts} und {ends}"

    def check(self, what: str, times: Sequence[str]) -> str:
        return f"{what}: {words.listed(times)} Uhr"

    def task(self, name: str, start: tuple[date | None, str], end: tuple[date | None, str]) -> str:
        return f"{name}: {_at(*start)} bis {_at(*end)}"

    # --- why these dates ---------------------------------------------------------------------

    def waited(self, days: int, other: str) -> str:
        return f"{words.tage(days)} nach {other} ({words.tage(days)} außerhalb des Ziels)"

    def kept(self, kept: Kept) -> str:
        before = kept.before and not kept.of_anchor
        side = "vor" if before else "nach"
        limits = _short(words.lengths(kept.least, kept.most))
        if around_text(kept.least, kept.most) and kept.least and kept.most:
            early, late = words.length(backward(kept.least)), words.length(kept.most)
            limits = f"{_short(early)} davor bis {_short(late)} danach"
        if kept.in_order:
            limits = "in dieser Reihenfolge"
        best = [_best(target) for target in kept.best]
        if kept.floor:
            best.append("nicht näher" if before else "nicht früher")
        says = ", ".join([limits, *best] if limits else best)
        if kept.off:
            says += f"; {words.tage(kept.off)} außerhalb des Ziels"
        distance = words.elapsed_text(kept.found) if kept.elapsed else words.tage(kept.found)
        end = "dem Ende von " if kept.from_end else ""
        text = f"{distance} {side} {end}{kept.other}"
        if not kept.found and not kept.elapsed:
            text = f"am selben Tag wie {kept.other}"
        return f"{text} (Regel: {says})" if says else text

    # --- what is known about it --------------------------------------------------------------

    def not_shown(self, number: int, until: date) -> str:
        after = words.date_text(until, year=True)
        if number == 1:
            return f"1 weiterer Termin ist nach dem {after} geplant und nicht gezeigt"
        return f"{number} weitere Termine sind nach dem {after} geplant und nicht gezeigt"

    def overruled(self, by: str, rule: str) -> str:
        return f"{by}; das geht vor: {rule}"

    def this_plan(self, costs: str) -> str:
        return f"dieser Plan: {costs}"

    def wish(self, wish: Wish) -> str:
        what, things = WISHES[wish.which]
        if wish.which == "few_escorts":
            return f"{wish.of} {things}"
        return f"{what} {wish.met} von {wish.of} {things}"

    def wishes(self, unmet: Sequence[str]) -> str:
        return f"Wünsche nur zum Teil erfüllt: {', '.join(unmet)}"

    def gave_way(self, titles: Sequence[str]) -> str:
        can = "kann" if len(titles) == 1 else "können"
        its = "seiner" if len(titles) == 1 else "ihrer"
        late = f"{self.titles(titles)} {can} nur zu spät sein"
        return f"{late}: innerhalb {its} Grenzen ist kein Tag frei"

    def late_start(self, visit: str, days: int) -> str:
        return (
            f"{visit} kommt {words.tage(days)} nach dem ersten möglichen Beginn, weil Warten laut "
            "der Datei der Behandlung nichts kostet"
        )

    def unconfirmed(self, titles: Sequence[str]) -> str:
        return f"Heimfahrt noch nicht zugesagt: {self.titles(titles)}"

    def declined(self, titles: Sequence[str]) -> str:
        return f"Heimfahrt abgesagt: {self.titles(titles)}"

    def may_take_longer(self, stage: str, until: str) -> str:
        return f"{stage} kann länger dauern als gezeigt (bis: {until})"

    def times_are_in(self, zone: str, clocks: Sequence[tuple[str, date, date]]) -> str:
        if len(clocks) == 1:
            return f"Uhrzeiten gelten für {zone} ({clocks[0][0]})"
        year = clocks[0][1].year != clocks[-1][2].year
        parts = [f"{clocks[0][0]} bis {words.date_text(clocks[0][2], year=year)}"]
        parts += [f"{name} ab {words.date_text(first, year=year)}" for name, first, _ in clocks[1:]]
        return f"Uhrzeiten gelten für {zone}: {', '.join(parts)}"

    def closed(self, closures: Sequence[tuple[Sequence[date], str, str]], year: bool) -> str:
        parts = []
        for days, hours, why in closures:
            text = words.date_text(days[0], year=year)
            if len(days) > 1:
                text += f" bis {words.date_text(days[-1], year=year)}"
            text += f", {hours} Uhr" if hours else ""
            parts.append(f"{text} ({why})" if why else text)
        return f"unterwegs geschlossen: {words.listed(parts)}"

    # --- what stands above it, and short notice ----------------------------------------------

    def variant(
        self, country: str, indication: str, version: str, since: date | None, until: date | None
    ) -> str:
        said = (
            f"Land {country}" if country else "",
            f"bei {indication}" if indication else "",
            f"Fassung {version}" if version else "",
            f"gültig ab {since}" if since else "",
            f"gültig bis {until}" if until else "",
        )
        return "; ".join(filter(None, said))

    def over(self, visit: str, moment: datetime) -> str:
        return f"{visit} hätte am {_exact(moment)} begonnen; das ist vorbei"

    def too_near(self, visit: str, minutes: int, fasts: Sequence[tuple[str, ElapsedSpan]]) -> str:
        what = words.listed(
            [
                f"{words.length(lead)} verzichten auf {FOOD.get(w.casefold(), w)}"
                for w, lead in fasts
            ]
        )
        left = f"in {words.elapsed_text(minutes)}" if minutes else "sofort"
        return f"{visit} beginnt {left}; die Anweisung für die Zeit davor ist: {what}"

    def ride_unconfirmed(self, visit: str, by: datetime) -> str:
        return f"die Heimfahrt nach {visit} musste bis {_exact(by)} zugesagt sein"

    # --- what is open ------------------------------------------------------------------------

    def ended(self, why: str) -> str:
        return f"es steht nichts mehr aus: {why}"

    def waits_for_decision(self, titles: Sequence[str]) -> str:
        return f"noch nicht geplant, wartet auf eine Entscheidung: {self.titles(titles)}"

    def provisional_until(self, titles: Sequence[str], question: str) -> str:
        are = "ist" if len(titles) == 1 else "sind"
        return f"{self.titles(titles)} {are} vorläufig, bis das beantwortet ist: {question}"

    def late(self, late: Late) -> str:
        by, on = words.tage((late.on - late.due_by).days), words.date_text(late.due_by, year=True)
        return f"{late.title} ist {by} nach dem letzten Tag, {on}; {late.follows}"

    def overdue(self, due: Due) -> str:
        last = f" (spätestens {words.date_text(due.latest.day, year=True)})" if due.latest else ""
        return f"{due.title} ist überfällig{last} und so bald wie möglich geplant"

    def waits_for(self, titles: Sequence[str], needs: Sequence[Need]) -> str:
        gates = [_test_text(need) for need in needs]
        waits = "wartet" if len(titles) == 1 else "warten"
        each = " jeweils" if len(titles) > 1 else ""
        for_ = "den Eingang von" if needs[0].receipt else "eine Untersuchung"
        says = f"{self.titles(titles)} {waits}{each} auf {for_}: "
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
            f"{visit} geht ohne {gate}: die Quelle lässt ab {day} stattdessen {instead} gelten "
            f"({source})"
        )

    def untested(self, one: Untested) -> str:
        kept = "eingegangen" if one.receipt else "bestanden"
        return (
            f"{one.gate} ist vor {self.titles(one.visits)} nicht als {kept} vermerkt; "
            "steht es anderswo?"
        )

    def unrecorded(self, past: PastVisit, on: str) -> str:
        return (
            f"nicht vermerkt: {past.title}, {on}; geplant, als hätte er stattgefunden. War es so?"
        )

    def question(self, question: Question) -> str:
        choices = words.listed(question.choices, "oder")
        return f"{question.asks} ({choices})" if choices else question.asks


def _at(day: date | None, clock: str) -> str:
    return f"{clock} Uhr" if day is None else f"{words.date_text(day)} {clock} Uhr"


def _moment(end: date) -> str:
    """Return an end of a window: a date, with the time where it is a moment."""
    text = words.date_text(end)
    return f"{text} {end:%H:%M} Uhr" if isinstance(end, datetime) else text


def _exact(moment: datetime) -> str:
    return f"{words.date_text(moment, year=True)} um {moment:%H:%M} Uhr"


def _follows(before: str, title: str) -> bool:
    one, other = (re.fullmatch(r"(.*\D)(\d+)", text) for text in (before, title))
    return bool(one and other and one[1] == other[1] and int(one[2]) + 1 == int(other[2]))


def _short(text: str) -> str:
    """Return ``2 bis 5 Tage`` for ``2 bis 5 Kalendertage``: beside a distance it is clear."""
    return text.replace("Kalendertag", "Tag")


def _best(target: SpanRange) -> str:
    if target == SpanRange(CalendarSpan(), CalendarSpan()):
        return "am besten am Tag selbst"
    text = words.lengths(target.least, target.most or target.least)
    return f"am besten {_short(text.removeprefix('genau '))}"


def _test_text(need: Need) -> str:
    text = f"{need.gate} ({words.numbers(need.band)})" if need.band else need.gate
    return f"{text}, {need.more}-mal nacheinander" if need.more > 1 else text


def _window_text(need: Need) -> str:
    if need.latest is None:
        return ""
    last = words.date_text(need.latest, year=True)
    if need.earliest is None:
        return f"spätestens am {last}"
    if need.earliest >= need.latest:
        return f"am {last}"
    first = words.date_text(need.earliest, year=need.earliest.year != need.latest.year)
    return f"zwischen {first} und {last}"
