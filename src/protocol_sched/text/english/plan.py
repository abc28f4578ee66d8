"""What a plan says beside its rules and its proof, in English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from protocol_sched.model.agenda import Due, Late, Need, PastVisit, Question, Untested
from protocol_sched.model.around import CoMedicationWindow
from protocol_sched.model.schedule import Ride
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.model.wishes import Wish
from protocol_sched.text.around import window_text
from protocol_sched.text.english.proofs import question_text, untested_text
from protocol_sched.text.english.words import (
    DAY_NAMES,
    MONTH_NAMES,
    around_text,
    counted,
    date_text,
    dates_text,
    elapsed_text,
    listed,
    moment_text,
    named,
    range_text,
    target_text,
    titles_text,
    with_article,
)
from protocol_sched.text.naming import Naming
from protocol_sched.text.plan_words import Kept, PlanWords

WISHES = {
    "weekdays": ("on a preferred weekday", "visits"),
    "earliest": ("not too early in the day", "visits"),
    "latest": ("over in time", "visits"),
    "hours": ("in the preferred hours", "visits"),
    "same_time": ("at the same time of day", "visits"),
    "same_weekday": ("on the same weekday", "visits"),
    "few_escorts": ("", "escorts"),
    "not_two_days_running": ("not on two days running", "pairs of visits"),
    "evenly_spread": ("evenly spread", "distances"),
}


class EnglishPlan(PlanWords):
    """English."""

    visit = "visit"
    date_head = "date"
    day_number = "day"
    arrive = "arrive"
    infusion = "infusion"
    main_stage = "main stage"
    may_leave = "discharge"
    since_last = "since last"
    who_drives = "ride home"
    provisional = " (provisional)"
    happened = "happened"
    given = "given"
    did_not_count = "did not count"
    waived = "waived"
    nobody_yet = "nobody yet"
    around = "Around these visits"
    why_dates = "Why these dates"
    together = "together"
    nothing_yet = "Nothing can be planned yet."
    nothing_due = "Nothing is due."
    to_decide = "For a clinician to decide:"

    def day_cell(self, day: date, year: bool) -> str:
        text = f"{DAY_NAMES[day.weekday()]} {day.day:2} {MONTH_NAMES[day.month - 1][:3]}"
        return f"{text} {day.year}" if year else text

    def weekday(self, day: date) -> str:
        return DAY_NAMES[day.weekday()]

    def short_day(self, day: date) -> str:
        return f"{day.day} {MONTH_NAMES[day.month - 1][:3]}"

    def days(self, number: int) -> str:
        return counted(number, "day")

    def from_by(self, first: str, last: str) -> str:
        return f"from {first}, by {last}"

    def driver(self, name: str, ride: Ride | None) -> str:
        return f"{name} ({ride.value})" if ride in (Ride.CONFIRMED, Ride.DECLINED) else name

    def hidden(self, number: int, first: date) -> str:
        on = date_text(first, year=True)
        return f"({counted(number, 'earlier visit')} not shown, the first on {on})"

    def titles(self, titles: Sequence[str]) -> str:
        return titles_text(titles)

    def end(self, end: str | PastVisit, names: Naming) -> str:
        return named(end, names.agenda)

    def fast(self, what: str, day: date | None, clock: str) -> str:
        return f"no {what} from {_at(day, clock)}"

    def co_medication(self, window: CoMedicationWindow) -> str:
        return window_text(window)

    def check(self, what: str, times: Sequence[str]) -> str:
        return f"{what}: {listed(times)}"

    def task(self, name: str, start: tuple[date | None, str], end: tuple[date | None, str]) -> str:
        return f"{name}: {_at(*start)} to {_at(*end)}"

    # --- why these dates ---------------------------------------------------------------------

    def waited(self, days: int, other: str) -> str:
        return f"{counted(days, 'day')} after {other} ({counted(days, 'day')} off target)"

    def kept(self, kept: Kept) -> str:
        limits = around_text(kept.least, kept.most).removesuffix(" of")
        limits = limits or range_text(kept.least, kept.most)
        if kept.in_order:
            limits = "in this order"
        before = kept.before and not kept.of_anchor
        best = [f"target {_bare(target_text(target))}" for target in kept.best]
        if kept.floor:
            best.append("not closer" if before else "not earlier")
        says = ", ".join(
            [limits if kept.in_order else f"allowed {_bare(limits)}", *best] if limits else best
        )
        if kept.off:
            says += f"; {counted(kept.off, 'day')} off target"
        distance = elapsed_text(kept.found) if kept.elapsed else counted(kept.found, "day")
        end = "the end of " if kept.from_end else ""
        text = f"{distance} {'before' if before else 'after'} {end}{kept.other}"
        if not kept.found and kept.other.startswith(("day ", "the day ")):
            text = f"on {kept.other}"
        return f"{text} ({says})" if says else text

    # --- what is known about it --------------------------------------------------------------

    def not_shown(self, number: int, until: date) -> str:
        after = date_text(until, year=True)
        if number == 1:
            return f"1 more visit is planned after {after} and not shown"
        return f"{number} more visits are planned after {after} and not shown"

    def overruled(self, by: str, rule: str) -> str:
        return f"{by}; this overrides: {rule}"

    def this_plan(self, costs: str) -> str:
        return f"this plan: {costs}"

    def wish(self, wish: Wish) -> str:
        what, things = WISHES[wish.which]
        if wish.which == "few_escorts":
            return f"{wish.of} {things}"
        return f"{what} {wish.met} of {wish.of} {things}"

    def wishes(self, unmet: Sequence[str]) -> str:
        return f"preferences met only in part: {', '.join(unmet)}"

    def gave_way(self, titles: Sequence[str]) -> str:
        its = "its" if len(titles) == 1 else "their"
        return f"{titles_text(titles)} will be late: no date is left within {its} limits"

    def late_start(self, visit: str, days: int) -> str:
        return (
            f"{visit} comes {days} days after the course could start, because the course file "
            "says that it may wait"
        )

    def unconfirmed(self, titles: Sequence[str]) -> str:
        return f"rides not confirmed yet: {titles_text(titles)}"

    def declined(self, titles: Sequence[str]) -> str:
        return f"rides declined: {titles_text(titles)}"

    def may_take_longer(self, stage: str, until: str) -> str:
        return f"{stage} may take longer than shown (until: {until})"

    def times_are_in(self, zone: str, clocks: Sequence[tuple[str, date, date]]) -> str:
        if len(clocks) == 1:
            return f"times are in {zone} ({clocks[0][0]})"
        year = clocks[0][1].year != clocks[-1][2].year
        parts = [f"{clocks[0][0]} until {date_text(clocks[0][2], year=year)}"]
        parts += [f"{name} from {date_text(first, year=year)}" for name, first, _ in clocks[1:]]
        return f"times are in {zone}: {', '.join(parts)}"

    def closed(self, closures: Sequence[tuple[Sequence[date], str, str]], year: bool) -> str:
        parts = []
        for days, hours, why in closures:
            text = dates_text(days, year=year) + (f", {hours}" if hours else "")
            parts.append(f"{text} ({why})" if why else text)
        return f"closed meanwhile: {listed(parts)}"

    # --- what stands above it, and short notice ----------------------------------------------

    def variant(
        self, country: str, indication: str, version: str, since: date | None, until: date | None
    ) -> str:
        said = (
            f"country {country}" if country else "",
            f"for {indication}" if indication else "",
            f"version {version}" if version else "",
            f"valid from {since}" if since else "",
            f"valid until {until}" if until else "",
        )
        return "; ".join(filter(None, said))

    def over(self, visit: str, moment: datetime) -> str:
        return f"{with_article(visit)} was due to begin on {moment_text(moment)}, which has passed"

    def too_near(self, visit: str, minutes: int, fasts: Sequence[tuple[str, ElapsedSpan]]) -> str:
        what = listed([f"no {what} for {lead}" for what, lead in fasts])
        left = elapsed_text(minutes) if minutes else "no time"
        return f"{with_article(visit)} begins in {left}; its instructions ask for {what} beforehand"

    def ride_unconfirmed(self, visit: str, by: datetime) -> str:
        return (
            f"the ride home from {with_article(visit)} was due to be confirmed by {moment_text(by)}"
        )

    # --- what is open ------------------------------------------------------------------------

    def ended(self, why: str) -> str:
        return f"nothing more is due: {why}"

    def waits_for_decision(self, titles: Sequence[str]) -> str:
        return f"not planned yet, awaiting a decision: {titles_text(titles)}"

    def provisional_until(self, titles: Sequence[str], question: str) -> str:
        are = "is" if len(titles) == 1 else "are"
        return f"{titles_text(titles)} {are} provisional until answered: {question}"

    def late(self, late: Late) -> str:
        by = counted((late.on - late.due_by).days, "day")
        on = date_text(late.due_by, year=True)
        return f"{late.title} is {by} after it was due on {on}; {late.follows}"

    def overdue(self, due: Due) -> str:
        last = f", latest {date_text(due.latest.day, year=True)}" if due.latest else ""
        return f"{due.title} is overdue{last}; it gets the first date the rules allow"

    def waits_for(self, titles: Sequence[str], needs: Sequence[Need]) -> str:
        gates = [_test_text(need) for need in needs]
        says = f"{titles[0]} needs a test first: "
        if len(titles) > 1:
            says = f"{titles_text(titles)} each need a test first: "
        if needs[0].receipt:
            waits = "needs" if len(titles) == 1 else "need"
            says = f"{titles_text(titles)} {waits} this to be received first: "
        if len(titles) > 1:
            return says + listed(gates)
        windows = [_window_text(need) for need in needs]
        if len(set(windows)) == 1 and windows[0]:
            return f"{says}{listed(gates)}, {windows[0]}"
        return says + self.test_window(needs)

    def test_window(self, needs: Sequence[Need]) -> str:
        windows = [_window_text(need) for need in needs]
        if len(set(windows)) == 1:
            return windows[0]
        pairs = zip(map(_test_text, needs), windows, strict=True)
        return listed([f"{gate} ({on})" if on else gate for gate, on in pairs])

    def accepted(self, visit: str, gate: str, instead: str, on: date, source: str) -> str:
        day = date_text(on, year=True)
        return (
            f"{visit} needs no {gate}: the source accepts {instead} instead, from {day} on "
            f"({source})"
        )

    def untested(self, one: Untested) -> str:
        return f"{untested_text(one)}; is it recorded elsewhere?"

    def unrecorded(self, past: PastVisit, on: str) -> str:
        return f"not recorded: {past.title}, {on}; the plan assumes it was given. Was it?"

    def question(self, question: Question) -> str:
        return question_text(question)


def _at(day: date | None, clock: str) -> str:
    return clock if day is None else f"{date_text(day)} {clock}"


def _bare(text: str) -> str:
    """Return ``2 to 5`` for ``2 to 5 days``; other lengths keep their unit."""
    return re.sub(r"^((?:at (?:least|most) )?\d+(?: to \d+)?) days?$", r"\1", text)


def _test_text(need: Need) -> str:
    """Return what a visit waits for: ``blood test``, ``neutrophils of at least 1.5``."""
    text = f"{need.gate} of {need.band}" if need.band else need.gate
    return f"{text}, {need.more} times in a row" if need.more > 1 else text


def _window_text(need: Need) -> str:
    """Return the dates on which a test counts: ``between Fri 26 February and Mon 12 March``."""
    if need.latest is None:
        return ""
    last = date_text(need.latest, year=True)
    if need.earliest is None:
        return f"on or before {last}"
    if need.earliest >= need.latest:
        return f"on {last}"
    first = date_text(need.earliest, year=need.earliest.year != need.latest.year)
    return f"between {first} and {last}"
