"""A plan as text that a person likes to read, in lines of at most about 110 characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from protocol_sched.model.agenda import Agenda, PastVisit, Spacing
from protocol_sched.model.schedule import (
    Kept,
    NoRoom,
    Objective,
    Plan,
    Proof,
    Ride,
    Schedule,
    Visit,
)
from protocol_sched.model.spans import SpanRange

HEAD = (
    "",
    "date",
    "arrive",
    "infusion",
    "may leave",
    "ride home",
    "since last",
    "wanted",
    "allowed",
)

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_text(day: date, width: int = 1) -> str:
    """Return a date such as ``Wed 3 Mar 2027``, the same in every locale."""
    return f"{_DAYS[day.weekday()]} {day.day:{width}} {_MONTHS[day.month - 1]} {day.year}"


def plan_text(plan: Plan) -> str:
    """
    Return the whole answer: the visits with what is proved, or what stands in the way.

    Ends with a line feed. Open questions of the protocol come last.
    """
    lines: list[str] = []
    if plan.schedule is not None:
        lines += [schedule_text(plan.schedule), *_ride_lines(plan.schedule)]
        lines += _proof_lines(plan.proof, plan.objective)
    elif plan.no_room is not None:
        lines += _no_room_lines(plan.no_room)
    else:
        lines.append("The allowed effort ended before a plan was found; none is ruled out.")
    if plan.agenda.ended:
        lines.append(f"Nothing more is due: {plan.agenda.ended}")
    lines += _question_lines(plan.agenda)
    return "\n".join(lines).rstrip("\n") + "\n"


def schedule_text(schedule: Schedule) -> str:
    """
    Return one line for each visit, in order, under a line of headings.

    Times are the clinic's local times. A range such as ``11:15-11:30`` says between which times
    something can fall. ``since last`` counts dates from the visit of the line above, or from the
    last visit given; then come the distances that the protocol wants and allows between them.
    """
    before: list[Visit | PastVisit] = [*schedule.past[-1:], *schedule.visits]
    previous = dict(zip((v.id for v in before[1:]), before, strict=False))
    rows = [HEAD]
    for visit in schedule.visits:
        last = previous.get(visit.id)
        rows.append(
            (
                visit.title,
                day_text(visit.day, 2),
                f"{visit.start:%H:%M}",
                _infusion(visit),
                _between(visit.discharge, visit.discharge_by),
                _ride(visit),
                _since(last, visit),
                *_asked(last, visit, schedule.kept),
            )
        )
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "".join(line.rstrip() + "\n" for line in lines)


def _between(start: datetime, end: datetime) -> str:
    return f"{start:%H:%M}" if start == end else f"{start:%H:%M}-{end:%H:%M}"


def _infusion(visit: Visit) -> str:
    starts = [s for s in visit.stages if "infusion" in s.name.lower()]
    return _between(starts[0].start, starts[0].start_by) if starts else "-"


def _ride(visit: Visit) -> str:
    if visit.waived:
        return "waived"
    return visit.escort or "-"


def _day(visit: Visit | PastVisit) -> date:
    return visit.day if isinstance(visit, Visit) else visit.on


def _since(last: Visit | PastVisit | None, visit: Visit) -> str:
    if last is None:
        return "-"
    days = (visit.day - _day(last)) // timedelta(days=1)
    return "1 day" if days == 1 else f"{days} days"


def _asked(last: Visit | PastVisit | None, visit: Visit, kept: Sequence[Kept]) -> tuple[str, str]:
    """Return the distance from the last visit that the rules want, and the one they allow."""
    spacings = [
        one.rule
        for one in kept
        if isinstance(one.rule, Spacing)
        and last is not None
        and one.rule.later == visit.id
        and one.rule.rule != "order"
        and _identity(one.rule.earlier) == last.id
    ]
    wanted = " and ".join(str(s.target) for s in spacings if s.target is not None)
    return wanted or "-", " and ".join(filter(None, map(_limits, spacings))) or "-"


def _identity(end: str | PastVisit) -> str:
    return end.id if isinstance(end, PastVisit) else end


def _limits(spacing: Spacing) -> str:
    least, most = spacing.least, spacing.most
    if least is not None:
        return str(SpanRange(least, most))
    return f"at most {most}" if most is not None else ""


def _ride_lines(schedule: Schedule) -> Iterator[str]:
    rides = [visit for visit in schedule.visits if visit.escort is not None]
    open_ = [visit.title for visit in rides if visit.ride is Ride.UNCONFIRMED]
    declined = [visit.title for visit in rides if visit.ride is Ride.DECLINED]
    if declined:
        yield f"Rides home that were declined: {', '.join(declined)}."
    if open_ and len(open_) == len(rides):
        yield f"No ride home is confirmed yet ({len(rides)} to ask for)."
    elif open_:
        yield f"Rides home still to be confirmed: {', '.join(open_)}."


def _proof_lines(proof: Proof, objective: Objective | None) -> Iterator[str]:
    if objective is None or objective.finish is None:
        return
    off, unmet = objective.deviation, objective.preferences
    yield f"Days off target: {off}. Wishes not met: {unmet}. Ends {day_text(objective.finish)}."
    if proof is Proof.OPTIMAL:
        yield "Proved: no plan that keeps every rule is better."
    else:
        yield f"Not proved: no plan has fewer than {objective.bound} days off target."


def _no_room_lines(no_room: NoRoom) -> Iterator[str]:
    yield f"No plan keeps every rule: {no_room.says}."
    yield "In the way:"
    yield from (f"  - {obstacle.says}" for obstacle in no_room.obstacles)


def _question_lines(agenda: Agenda) -> Iterator[str]:
    if agenda.questions:
        yield ""
        yield "For a clinician to decide:"
        for question in agenda.questions:
            choices = f" ({', '.join(question.choices)})" if question.choices else ""
            yield f"  - {question.asks}{choices}"
