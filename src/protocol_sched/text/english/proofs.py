"""What is known about a plan, in English: what it costs, what is proved, what is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from protocol_sched.model.agenda import (
    Agenda,
    Question,
    Untested,
)
from protocol_sched.model.objective import ORDER, Level, Objective
from protocol_sched.model.schedule import Fits, Proof, Unproved
from protocol_sched.text.english.words import (
    counted,
    date_text,
    day_text,
    listed,
    named,
    titles_text,
)


def fits_text(fits: Fits, agenda: Agenda) -> str:
    """Return ``5 of 12 treatments fit by Mon 26 April; infusion 6 would be on Mon 3 May``."""
    said = f"{fits.count or 'none'} of the {counted(fits.of, 'treatment')} still due"
    said += f" {'fits' if fits.count <= 1 else 'fit'} by {day_text(fits.by, agenda)}"
    return f"{said}; {named(fits.next, agenda)} would be on {day_text(fits.next_on, agenda)}"


def objective_text(objective: Objective) -> str:
    """Return what a plan costs: ``0 days off target, 1 preference not met, ...``."""
    return ", ".join(filter(None, (_cost(level, objective) for level in objective.order)))


def _cost(level: Level, objective: Objective) -> str:
    """Return what a plan costs in a level, or nothing where that goes without saying."""
    match level:
        case Level.BREACH if objective.breach:
            return f"{counted(objective.breach, 'day')} outside broken limits"
        case Level.DEVIATION:
            return f"{counted(objective.deviation, 'day')} off target"
        case Level.PREFERENCES:
            unmet = objective.preferences
            return f"{unmet} preference not met" if unmet == 1 else f"{unmet} preferences not met"
        case Level.FINISH if objective.finish is not None:
            return f"last visit {date_text(objective.finish, year=True)}"
        case _:
            return ""


_BEST = {
    Level.DEVIATION: "fewest days off target",
    Level.PREFERENCES: "most preferences met",
    Level.FINISH: "earliest end",
    Level.TIME_OF_DAY: "earliest times",
}


def best_text(order: Iterable[Level] = ORDER) -> str:
    """Return ``fewest days off target, then most preferences met, ...``: what is best, in order."""
    return ", then ".join(_BEST[level] for level in order if level in _BEST)


def proof_text(
    proof: Proof,
    objective: Objective | None,
    unproved: Unproved = Unproved.EFFORT,
    agenda: Agenda | None = None,
    hinges: Sequence[str] = (),
) -> str:
    """
    Return what is known about an answer, with an objective about a schedule that was found.

    Args:
        agenda: Tells whether a limit was broken by what happened, and whether the course is longer
            than what was laid out of it; then it is said what the proof is about.
        hinges: Titles of visits whose dates change the rules of others, where nothing is proved.
    """
    order = ORDER if objective is None else objective.order
    match proof:
        case Proof.OPTIMAL if agenda is not None and agenda.broken:
            return (
                "not every rule is kept, as said above; proved: no plan is outside the broken "
                "limits by fewer days, or by as few and better on target, preferences, end and "
                "times"
                f"{_of_first(agenda)}"
            )
        case Proof.OPTIMAL if agenda is not None and agenda.cut_after:
            return (
                f"proved best of the first {agenda.cut_after} visits alone, not of the whole "
                f"course: {best_text(order)}"
            )
        case Proof.OPTIMAL:
            return f"proved best: {best_text(order)}"
        case Proof.IMPOSSIBLE:
            return "proved: no plan keeps every rule"
        case Proof.NOT_PROVED if unproved is Unproved.OPEN:
            return "not proved best: some of these dates depend on an open question"
        case Proof.NOT_PROVED if unproved is Unproved.LATE and objective is None:
            return f"no plan was found: {_hinging(hinges)}; there may be one"
        case Proof.NOT_PROVED if unproved is Unproved.LATE:
            return f"not proved best: {_hinging(hinges)}"
        case Proof.NOT_PROVED if objective is None:
            return "the search limit was reached before a plan was found; there may be one"
        case Proof.NOT_PROVED:
            bound = counted(objective.bound, "day")
            return (
                "not proved best: the search limit was reached; "
                f"no plan has fewer than {bound} off target"
            )
        case _:
            assert_never(proof)


def _hinging(hinges: Sequence[str]) -> str:
    """Return ``the date of infusion 3 changes the rules of later visits, and ...``."""
    if len(hinges) > 1:
        dates = f"the dates of {titles_text(hinges)} change"
        return f"{dates} the rules of later visits, and not all of them were tried"
    of = titles_text(hinges) or "one visit"
    return f"the date of {of} changes the rules of later visits, and not all its dates were tried"


def _of_first(agenda: Agenda) -> str:
    return f" (of the first {agenda.cut_after} visits alone)" if agenda.cut_after else ""


def untested_text(one: Untested) -> str:
    """Return ``no blood test on record as passed before infusion 1 to infusion 3``."""
    kept = "received" if one.receipt else "passed"
    return f"no {one.gate} on record as {kept} before {titles_text(one.visits)}"


def question_text(question: Question) -> str:
    """Return a question with its choices: ``restart or carry on? (restart, carry on)``."""
    choices = f" ({listed(question.choices, 'or')})" if question.choices else ""
    return f"{question.asks}{choices}"
