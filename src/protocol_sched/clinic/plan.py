"""
All courses of a clinic planned together, with a bound on how much better any plan could be.

Courses whose rules count days are planned at once; those with rules in hours, or with wishes about
the whole course, come first, one after another. Every plan is signed by the judge of a course, and
all of them together by the judge of the clinic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import attrs

from protocol_sched.clinic.courses import Case, Held, booked
from protocol_sched.clinic.intake import intake
from protocol_sched.clinic.seats import seats
from protocol_sched.clinic.seekers import (
    Answer,
    Ask,
    OfAgenda,
    OfCase,
    Seeker,
    answer_at,
    each_once,
    known_places,
    one_more,
)
from protocol_sched.clinic.signing import signed_together
from protocol_sched.clinic.together import STANDARD, Effort, Report, together
from protocol_sched.engine.candidates import Calendars
from protocol_sched.model.availability import Clinic
from protocol_sched.model.changes import Change
from protocol_sched.model.schedule import Plan
from protocol_sched.model.typed import typed


@attrs.frozen(kw_only=True, field_transformer=typed)
class ClinicPlan:
    """A plan for every course of a clinic, and how good it is."""

    plans: tuple[Plan, ...]
    """In the order of the courses. One without a schedule says what stands in its way, beside all
    the others as they are."""
    changes: tuple[tuple[Change, ...], ...]
    """For each course what becomes of each visit people know of, or do not know of yet."""
    bound: int
    """Days off target that no plan of all these courses can be under."""
    rounds: int
    """How often the bound's prices changed."""
    moves: int
    """How often courses were taken out and put back."""

    @property
    def unplaced(self) -> tuple[str, ...]:
        """Return the keys of the courses without a plan."""
        return tuple(plan.agenda.course for plan in self.plans if plan.schedule is None)

    @property
    def deviation(self) -> int:
        """Return the days off target of all courses with a plan together."""
        return sum(plan.objective.deviation for plan in self.plans if plan.objective is not None)

    @property
    def gap(self) -> int | None:
        """Return how many days off target a better plan could save at most; 0 is proved best.

        ``None`` where a course has no plan.
        """
        return None if self.unplaced else self.deviation - self.bound


def plan_clinic(
    cases: Iterable[Case],
    clinic: Clinic,
    *,
    as_of: date,
    now: datetime | None = None,
    seed: int = 1,
    effort: Effort = STANDARD,
    report: Report | None = None,
    calendars: Calendars | None = None,
) -> ClinicPlan:
    """
    Plan all courses of a clinic together: as many as possible whole, then the least change for
    people who know their visits, then the fewest days off target.

    Args:
        cases: Each person has one course. What is pinned stays; what people were told of moves
            only where it must.
        clinic: Its bookings are those of others, not of these courses.
        as_of: Today at the clinic.
        now: As for `replan_course`.
        seed: Another number leads the search elsewhere. The same one gives the same plan.
        effort: Counted steps.
        report: Told how far it has come, and asked whether to go on.
        calendars: As for `plan_course`.

    Returns:
        A plan for each course, in their order, with a bound. A course without a plan is an
        answer, not an error.

    Raises:
        InvalidValue: Two courses have the same key, or there is none.
        InvalidEvent, UnknownName: As for `plan_course`.
        InternalFault: A judge refuses a plan that was made.
    """
    kept = Calendars(256) if calendars is None else calendars
    seekers = [OfCase(case, clinic, as_of, now, kept) for case in cases]
    return _planned(seekers, clinic, seed, effort, report)


def plan_agendas(
    asks: Iterable[Ask],
    clinic: Clinic,
    *,
    seed: int = 1,
    effort: Effort = STANDARD,
    report: Report | None = None,
    calendars: Calendars | None = None,
) -> ClinicPlan:
    """Plan agendas of one clinic together; see `plan_clinic`."""
    kept = Calendars(256) if calendars is None else calendars
    seekers = [OfAgenda(ask, clinic, kept) for ask in asks]
    return _planned(seekers, clinic, seed, effort, report)


# --- all of them -------------------------------------------------------------------------------


def _planned(
    seekers: Sequence[Seeker], clinic: Clinic, seed: int, effort: Effort, report: Report | None
) -> ClinicPlan:
    keys = each_once(seekers)
    if not keys:
        return ClinicPlan(plans=(), changes=(), bound=0, rounds=0, moves=0)
    answers: dict[int, Answer] = {}
    held: dict[int, tuple[Held, ...]] = {}
    whole = intake([one.compiled for one in seekers], clinic)
    # First those that are no chains, one after another, so that all others fit around them.
    alone = [n for n, chain in enumerate(whole.chains) if chain is None]
    for n in alone:
        one_more(n, seekers[n], clinic, answers, held)
    base = whole
    if held:
        around = booked(clinic, (one for each in held.values() for one in each))
        chained = [one.compiled for one in seekers]
        again = intake(chained, around)
        whole = attrs.evolve(
            again, chains=[None if n in alone else one for n, one in enumerate(again.chains)]
        )
    places = len({place.kind for place in clinic.places})
    work = together(whole, base, keys, places=places, seed=seed, effort=effort, report=report)
    names = seats(
        work.loads,
        {n: one.visits for n, one in sorted(work.placed.items())},
        known_places(seekers, work.placed),
    )
    late = []
    for n, one in sorted(work.placed.items()):
        chosen = answer_at(seekers[n], whole, n, one.visits, names, clinic, work.loads)
        if chosen is None:
            late.append(n)
        else:
            answers[n] = chosen
            held[n] = seekers[n].holds(chosen[0], clinic)
    # Last those whose own dates change their rules, and those that found no room.
    missing = [n for n in range(len(keys)) if n not in answers and n not in late]
    for n in (*late, *missing):
        one_more(n, seekers[n], clinic, answers, held)
    plans = tuple(answers[n][0] for n in range(len(keys)))
    signed_together(plans, seekers, clinic)
    return ClinicPlan(
        plans=plans,
        changes=tuple(answers[n][1] for n in range(len(keys))),
        bound=work.bound,
        rounds=work.rounds,
        moves=work.moves,
    )
