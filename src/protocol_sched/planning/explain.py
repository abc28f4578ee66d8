"""Why not, what would help, and why then: a course's answer with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.lags import date_window
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.errors import UnknownName
from protocol_sched.expansion.beside import asked_of_anchor
from protocol_sched.expansion.forecast import comes_before
from protocol_sched.expansion.wording import EARLIEST, LATEST, TARGET, in_words
from protocol_sched.model.agenda import (
    Agenda,
    DatedBy,
    Due,
    FixedAt,
    NotAfter,
    NotBefore,
    Noticed,
    OfDates,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.causes import Asked, Request
from protocol_sched.model.course import Course
from protocol_sched.model.explanation import (
    Explanation,
    Nearest,
    Otherwise,
    Relaxation,
    Why,
    room,
    tight,
)
from protocol_sched.model.moments import as_instant, later_by
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Plan, Proof, Schedule, Slack, Visit
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan
from protocol_sched.planning.conflicts import with_requests
from protocol_sched.planning.course import (
    EFFORT,
    CourseRoad,
    answer,
    answer_settled,
    compile_within,
    road_of,
)
from protocol_sched.planning.cutting import shown
from protocol_sched.planning.nearest import nearest_possible
from protocol_sched.planning.paying import pays
from protocol_sched.planning.relaxed import Situation
from protocol_sched.planning.relaxing import relaxations
from protocol_sched.planning.settling import settled


def explain_course(
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    as_of: date,
    asked: Sequence[Asked] = (),
    until: date | None = None,
    count: int = 3,
    treatment: bool = True,
    effort: int = EFFORT,
    now: datetime | None = None,
) -> Explanation:
    """
    Say whether a course, or something asked of it, can be done, and why not and what would help.

    Args:
        asked: Requests that shall hold beside every rule: a visit on a date, the course's end.
        until: As for `plan_course`, for every plan that is named.
        count: How many relaxations at the most; 0 looks for none.

        treatment: Whether changes are looked for that weaken a rule of treatment, to which a
            clinician must agree. No text for the person ever names one.
        now: The moment from which visits' notice is counted, as for `plan_course`.

    Returns:
        The plan with what was asked for; or the smallest sets of rules that cannot all hold, the
        nearest dates that are possible, and the cheapest changes that make room, each with the
        plan it gives.

    Raises:
        UnknownName: A request names a visit that is not due.
    """
    road = road_of(course, clinic, person, as_of, until, now=now)
    found = _explained(road.laid_out(), asked, count, Budget(effort), road, treatment)
    return attrs.evolve(
        found,
        plan=shown(found.plan, until),
        without=shown(found.without, until) if found.without is not None else None,
        relaxations=[attrs.evolve(one, plan=shown(one.plan, until)) for one in found.relaxations],
    )


def explain_agenda(
    agenda: Agenda,
    protocol: Protocol,
    clinic: Clinic,
    person: Person,
    *,
    first: date,
    until: date | None = None,
    asked: Sequence[Asked] = (),
    count: int = 3,
    effort: int = EFFORT,
) -> Explanation:
    """
    Explain an agenda whose visits are from ``first`` on; see `explain_course`.

    Here ``until`` is the last date on which a visit may be, as for `plan_agenda`.
    """
    compiled = compile_within(agenda, protocol, clinic, person, first, until)
    return _explained(compiled, asked, count, Budget(effort))


def _explained(
    compiled: Compiled,
    asked: Sequence[Asked],
    count: int,
    budget: Budget,
    road: CourseRoad | None = None,
    treatment: bool = True,
) -> Explanation:
    _refuse_unknown(compiled, asked)
    plan = _planned(compiled, asked, budget, road)
    without = _planned(compiled, (), budget, road) if asked else None
    found: tuple[Relaxation, ...] = ()
    proved: bool | None = None
    if plan.proof is Proof.IMPOSSIBLE and count:
        dates = compiled.horizon
        world = (compiled.agenda, compiled.clinic, compiled.person, dates.first, dates.last)
        found, proved = relaxations(
            Situation(*world),
            compiled.protocol,
            asked=asked,
            count=count,
            treatment=treatment,
            budget=budget,
        )
    near: tuple[Nearest, ...] = ()
    if plan.proof is Proof.IMPOSSIBLE and without is not None and without.schedule is not None:
        near = nearest_possible(
            compiled, asked, lambda some: _planned(compiled, some, budget, road), budget
        )
    more = () if without is None else pays(plan, without, compiled.person)
    return Explanation(
        plan=plan,
        asked=asked,
        without=without,
        pays=more,
        nearest=near,
        relaxations=found,
        cheapest=proved,
    )


def _planned(
    compiled: Compiled, asked: Sequence[Asked], budget: Budget, road: CourseRoad | None
) -> Plan:
    result = solve(with_requests(compiled, asked).problem, budget)
    if road is None:
        return answer(compiled, result, compiled.clinic, asked, budget)
    found = settled(road, compiled, result, budget, asked)
    return answer_settled(road, found, asked, budget)


def _refuse_unknown(compiled: Compiled, asked: Iterable[Asked]) -> None:
    """Refuse a request about a visit that is not planned."""
    known = tuple(due.id for due in compiled.dues)
    for request in asked:
        if (
            isinstance(request, Request)
            and request.visit is not None
            and request.visit not in known
        ):
            raise UnknownName(f"course {compiled.agenda.course!r}", "request", request.visit, known)


# --- why then --------------------------------------------------------------------------------


def why_course(
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    as_of: date,
    visits: Sequence[str] = (),
    until: date | None = None,
    effort: int = EFFORT,
    now: datetime | None = None,
) -> tuple[Plan, tuple[Why, ...]]:
    """
    Say why each visit of the best plan is when it is.

    Args:
        visits: Identities of the visits asked about; all of them if none is named.
        until: As for `plan_course`; visits after it are said only where they are named.
        now: The moment from which visits' notice is counted, as for `plan_course`.

    Returns:
        The plan, and for each visit its rules and what another time would break or cost; nothing
        about visits where the plan has no schedule.

    Raises:
        UnknownName: A visit is not planned.
    """
    road = road_of(course, clinic, person, as_of, until, now=now)
    compiled = road.laid_out()
    _refuse_unknown(compiled, [Request(visit=visit) for visit in visits])
    budget = Budget(effort)
    plan = _planned(compiled, (), budget, road)
    if plan.schedule is None:
        return plan, ()
    asked = visits or [
        visit.id for visit in plan.schedule.visits if until is None or visit.day <= until
    ]

    def otherwise(request: Request) -> Otherwise:
        other = _planned(compiled, (request,), budget, road)
        if other.schedule is None:
            conflict = other.conflicts[0] if other.conflicts else None
            return Otherwise(request=request, conflict=conflict)
        visit = other.schedule.visit(request.visit or "")
        more = pays(other, plan, compiled.person)
        return Otherwise(request=request, objective=other.objective, visit=visit, pays=more)

    found = []
    for name in asked:
        visit = plan.schedule.visit(name)
        own = [one for one in plan.schedule.slacks if _is_about(one, name)]
        tries = _tries(visit, sorted(own, key=_tight_first), compiled.horizon.first)
        slacks = sorted((*own, *_of_visits_before(plan.schedule, name)), key=_tight_first)
        answers = {key: otherwise(request) for key, request in tries}
        due = _as_planned(plan.agenda, plan.schedule, name, clinic)
        found.append(Why(visit=visit, due=due, slacks=slacks, **answers))
    return shown(plan, until, asked), tuple(found)


def _tight_first(slack: Slack) -> tuple[bool, int]:
    return not tight(slack), room(slack)


def _of_visits_before(schedule: Schedule, name: str) -> Iterator[Slack]:
    """
    Yield what visits that come before the one they are measured from ask of it.

    A screening 14 days before a first dose holds the dose back as well: the same distance, told as
    a rule about the dose.
    """
    for slack in schedule.slacks:
        rule = slack.rule
        if isinstance(rule, Spacing) and rule.earlier == name and comes_before(rule):
            yield attrs.evolve(
                slack,
                rule=asked_of_anchor(rule, rule.later, name),
                found=-slack.found,
                to_least=slack.to_most,
                to_most=slack.to_least,
            )


def _as_planned(agenda: Agenda, schedule: Schedule, name: str, clinic: Clinic) -> Due:
    """
    Return a visit with the dates that its rules leave it where the other visits are as planned.

    An agenda's own dates are those of a course in which every visit falls on its target.
    """
    titles = {due.id: due.title for due in agenda.dues}
    edges: dict[str, list[tuple[date, Rules]]] = {}
    for edge, day, rule in _edges(agenda, schedule, name, clinic):
        edges.setdefault(edge, []).append((day, rule))

    def dated(edge: str, strictest: Callable[[Iterable[date]], date]) -> DatedBy | None:
        if edge not in edges:
            return None
        day = strictest(when for when, _ in edges[edge])
        rules = [rule for when, rule in edges[edge] if when == day]
        # What the protocol says tells more than that time passes.
        rule = next((one for one in rules if one.rule not in ("order", "today")), rules[0])
        return DatedBy(day, in_words(rule, edge, name, titles), rule.source)

    return attrs.evolve(
        agenda.due(name),
        earliest=dated(EARLIEST, max),
        target=dated(TARGET, max),
        target_until=max((day for day, _ in edges.get(UNTIL, ())), default=None),
        latest=dated(LATEST, min),
        forecast=None,
    )


UNTIL = "until"
"""The edge that is the last date of a target."""


def _edges(
    agenda: Agenda, schedule: Schedule, name: str, clinic: Clinic
) -> Iterator[tuple[str, date, Rules]]:
    """Yield the dates between which each rule keeps a visit, and those it is best on."""
    visit = schedule.visit(name)
    for slack in schedule.slacks:
        match slack.rule:
            case Spacing(rule="gate", earlier=earlier) if earlier == name:
                # The distance to a later visit shrinks as this one comes later.
                nearer, further = slack.to_most, slack.to_least
            case Spacing(later=later) if later == name:
                nearer, further = slack.to_least, slack.to_most
                for edge, day in _best(slack, visit, agenda):
                    yield edge, day, slack.rule
            case NotBefore(visit=of) | NotAfter(visit=of) if of == name:
                nearer, further = slack.to_least, slack.to_most
            case _:
                continue
        if nearer is not None:
            yield EARLIEST, _moved(visit, -nearer, slack), slack.rule
        if further is not None:
            yield LATEST, _moved(visit, further, slack), slack.rule
    for slack in _of_visits_before(schedule, name):
        # Its target is the other visit's to keep: of this one it asks that it waits.
        if slack.to_least is not None:
            yield EARLIEST, _moved(visit, -slack.to_least, slack), slack.rule
        if slack.to_most is not None:
            yield LATEST, _moved(visit, slack.to_most, slack), slack.rule
    for rule in agenda.bindings:
        match rule:
            case Noticed(visit=of) if of == name and as_instant(visit.start) != as_instant(
                rule.stays
            ):
                yield EARLIEST, rule.not_before.date(), rule
            case FixedAt(visit=of) if of == name:
                for edge in (EARLIEST, TARGET, LATEST):
                    yield edge, visit.day, rule
            case OfDates(later=later, earlier=earlier) if later == name:
                on = earlier.on if isinstance(earlier, PastVisit) else schedule.visit(earlier).day
                apart = (visit.day - on).days
                window = date_window(rule, on, abs(apart), clinic, agenda.month_end)
                ends = {EARLIEST: window.least, LATEST: window.most}
                if window.least is not None and window.least == window.most:
                    ends = dict.fromkeys((EARLIEST, TARGET, LATEST), apart)
                for edge, days in ends.items():
                    if days is not None:
                        yield edge, on + timedelta(days=days), rule
            case _:
                pass


def _best(slack: Slack, visit: Visit, agenda: Agenda) -> Iterator[tuple[str, date]]:
    """Yield the first and the last date that a spacing's target names."""
    target = getattr(slack.rule, "target", None)
    if target is None:
        return
    for edge, length in ((TARGET, target.least), (UNTIL, target.most)):
        if isinstance(length, CalendarSpan):
            before = visit.day - timedelta(days=slack.found)
            yield edge, length.after(before, agenda.month_end)
        elif _is_timed(slack):
            yield edge, _moved(visit, length.minutes - slack.found, slack)


def _moved(visit: Visit, by: int, slack: Slack) -> date:
    """Return the date of a visit moved by what a rule counts: minutes or days."""
    if not _is_timed(slack):
        return visit.day + timedelta(days=by)
    return later_by(visit.start, timedelta(minutes=by)).date()


def _is_timed(slack: Slack) -> bool:
    """Tell whether a rule's distance is in minutes; in days where a past time is not known."""
    rule = slack.rule
    if not isinstance(rule, Spacing):
        return False
    lengths = (rule.least, rule.most, rule.target.least if rule.target else None)
    past = rule.earlier
    if isinstance(past, PastVisit):
        known = past.end if rule.between is Between.END_AND_START else past.start
        if known is None:
            return False
    return any(isinstance(length, ElapsedSpan) for length in lengths)


def _tries(visit: Visit, slacks: Sequence[Slack], first: date) -> Iterator[tuple[str, Request]]:
    """Yield the other times that are asked about."""
    day, one = visit.day, timedelta(days=1)
    off = [rule for rule in slacks if rule.deviation]
    if off:
        later = all(_is_short(rule) for rule in off)
        if later:
            yield "nearer", Request(visit=visit.id, first=day + one)
        else:
            yield "nearer", Request(visit=visit.id, last=day - one)
    if day > first and not (off and not later):
        yield "sooner", Request(visit=visit.id, last=day - one)
    minute = 60 * visit.start.hour + visit.start.minute
    if minute:
        yield "earlier", Request(visit=visit.id, first=day, last=day, latest=minute - 1)


def _is_short(slack: Slack) -> bool:
    """Tell whether a distance off its target is too short; else it is too long."""
    rule = slack.rule
    if not isinstance(rule, Spacing) or rule.target is None:
        return False
    least = rule.target.least
    days = getattr(least, "minutes", None)
    if days is None and not least.by_months:  # type: ignore[union-attr]
        days = least.in_days  # type: ignore[union-attr]
    return days is not None and slack.found < days


def _is_about(slack: Slack, visit: str) -> bool:
    rule = slack.rule
    return visit in rule.about if rule.dated is None else visit == rule.dated
