"""The agenda of a course: an outline's visits, rules and questions put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from itertools import pairwise

import attrs

from protocol_sched.expansion.beside import visits_beside
from protocol_sched.expansion.bindings import in_order
from protocol_sched.expansion.dates import plus_days
from protocol_sched.expansion.forecast import Edge, bounds_of, open_question
from protocol_sched.expansion.gate_names import gate_of
from protocol_sched.expansion.gates import given_for, left_out
from protocol_sched.expansion.hours import moments, times_asked
from protocol_sched.expansion.late import hung_open, planned_late
from protocol_sched.expansion.outline import outline
from protocol_sched.expansion.past_breaches import past_breaches
from protocol_sched.expansion.standing import standing
from protocol_sched.expansion.titles import titled
from protocol_sched.expansion.track import Aside, Laid, Track
from protocol_sched.expansion.walk import Outline
from protocol_sched.expansion.wording import EARLIEST, LATEST, TARGET, in_words
from protocol_sched.model.agenda import (
    LIBRARY,
    WAITING,
    Agenda,
    AtMost,
    Breach,
    DatedBy,
    Due,
    NotBefore,
    PastVisit,
    Question,
    Rules,
    Spacing,
    Untested,
)
from protocol_sched.model.availability import Clinic
from protocol_sched.model.checks import need_a, need_date
from protocol_sched.model.course import COUNTS, COUNTS_NOT, Course, Waiting, too_soon
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import Between
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import CalendarSpan, SpanRange, comparable
from protocol_sched.model.standing import Waived


def expand(
    course: Course, as_of: date, until: date | None = None, clinic: Clinic | None = None
) -> Agenda:
    """
    Return what is still due in a course and the rules that still bind, as seen on a date.

    Args:
        course: The protocol and what has happened so far.
        as_of: Today. Nothing due is dated before it; events after it count all the same.
        until: How far open-ended phases are laid out; without it, one visit ahead.

        clinic: Whose closed days count where a rule speaks of them. Without it the dates are those
            of a clinic that is always open, and say in words what a closed day changes.

    Returns:
        Every visit still due with its earliest, target and latest date and the rule that set
        each, as if every visit before it falls on its target; the bindings a plan has to keep;
        and a question for everything the protocol's source leaves open. Nothing is guessed and
        nothing is refused: a history that fits no protocol still has an agenda.

    Raises:
        InvalidValue: An argument is no course, or no date.
    """
    need_a("agenda", "course", course, Course)
    need_date("agenda", "as_of", as_of)
    if until is not None:
        need_date("agenda", "until", until)
    return agenda_of(outline(course, as_of, until, clinic=clinic), until)


def agenda_of(found: Outline, until: date | None = None) -> Agenda:
    """Return the agenda of a course laid out by `outline`; ``until`` as there."""
    course, as_of = found.track.course, found.track.as_of  # its protocol as amended
    asides: list[Aside] = []
    questions = list(found.questions)
    for item in visits_beside(found, until):
        if isinstance(item, Question):
            questions.append(item)
        else:
            asides.append(item)
    due_asides = [one for one in asides if one.past is None]
    for one in due_asides:
        held = open_question(one.id, one.kind, found.track.history)
        questions += [held] if held is not None else []
    laid = [one for one in found.track.laid if one.past is None and not one.omitted]
    named = _named(due_asides, found)
    titles = {one.turn.id: one.title for one in found.track.laid}
    titles |= {identity: title for identity, (title, _) in named.items()}
    protocol = course.protocol
    dues = [due_of(prompted(one, found.track), titles) for one in laid]
    others = [due_beside(one, named[one.id], titles) for one in due_asides]
    aimed = [(one.turn.id, one.bounds.target) for one in laid]
    at = moments([*aimed, *((one.id, one.bounds.target) for one in due_asides)])
    dues = [attrs.evolve(due, at=at.get(due.id)) for due in dues]
    others = [attrs.evolve(due, at=at.get(due.id)) for due in others]
    clocks = {one.turn.id: one.clock for one in laid} | {one.id: one.clock for one in due_asides}
    rules = [rule for one in due_asides for rule in one.rules]
    rules += [rule for one in laid for rule in one.rules]
    rules += _prompt(course, found)
    guarded = {one.id: one.guarded for one in found.gate_visits}
    ordered = _in_order(dues, others, guarded, clocks, found.track)
    rules += _one_by_one(ordered, rules)
    past = _past(found, asides)
    ordered = hung_open(ordered, rules)
    track = found.track
    broken_before = tuple(past_breaches(found, asides))
    rules = list(_merged(rules, track.floor))
    return Agenda(
        course=course.key,
        protocol=protocol.name,
        as_of=as_of,
        month_end=found.track.month_end,
        dues=ordered,
        bindings=standing(
            *(rules, ordered, track.history, track.floor, track.calendar.counted),
            planned={visit: at.date() for visit, at in track.planned.items()},
            given_way=track.given_way,
        ),
        past=past,
        waived=tuple(due.id for due in dues if due.id in found.track.history.waived),
        left_out=tuple(found.track.history.omitted),
        questions=(
            *questions,
            *times_asked(rules),
            *_cut(found),
            *_too_soon(broken_before, past, track.history.answers),
            *_unspecified(protocol, found),
            *_strangers(found, past),
            *_unread(protocol, found),
        ),
        untested=_untested(protocol, found),
        ended=found.ended,
        overruled=[
            *(one for aside in due_asides for one in aside.overruled),
            *(one for visit in laid for one in visit.overruled),
        ],
        aliases=(*found.aliases.items(), *_former_names(found)),
        late=tuple(planned_late(found)),
        breaches=broken_before,
        cut_after=len(track.laid) if found.cut else 0,
    )


def _former_names(found: Outline) -> Iterator[tuple[str, str]]:
    """Yield for each gate's visit that is due again the name it had before."""
    for one in found.gate_visits:
        for name in one.before:
            yield name, one.id


def _one_by_one(dues: Sequence[Due], rules: Sequence[Rules]) -> Iterator[Rules]:
    """
    Yield an order for neighbours that no other rule puts in order.

    A treatment and a visit beside it, such as a review, may fall on one date; they do not
    overlap, and they come in the order of their target dates. Two of one series that counts days
    are on two dates.
    """
    in_days = {
        rule.later
        for rule in rules
        if isinstance(rule, Spacing)
        and rule.target is not None
        and isinstance(rule.target.least, CalendarSpan)
    }
    ordered = {
        (rule.earlier, rule.later)
        for rule in rules
        if isinstance(rule, Spacing)
        and isinstance(rule.earlier, str)
        and rule.least is not None
        and (comparable(rule.least) > 0 or rule.between is Between.END_AND_START)
    }
    for earlier, later in pairwise(due for due in dues if not due.tentative):
        if (earlier.id, later.id) not in ordered and (later.id, earlier.id) not in ordered:
            series = earlier.phase == later.phase and {earlier.id, later.id} <= in_days
            yield in_order(earlier.id, later.id, not series)


def _prompt(course: Course, found: Outline) -> Iterator[Rules]:
    """
    Yield the preference that the first treatment comes soon.

    Soon is within the time that the course names, counted from its start. Without it every day
    counts from the first date that the start and what must come before leave, unless waiting is
    free or the visit is fixed.
    """
    first = next(iter(found.track.laid), None)
    if first is None or first.past is not None or first.tries or first.omitted:
        return
    if (within := soon(first, found.track)) is not None:
        yield within
        return
    # A date that the protocol aims at is not waited for.
    earliest = first.bounds.target or first.bounds.earliest
    fixed = first.turn.id in found.track.history.pins
    if course.waiting is Waiting.COUNTED and earliest is not None and not fixed:
        yield Spacing(
            rule=WAITING,
            source=LIBRARY,
            earlier=PastVisit("first date", told("first possible date"), earliest.day),
            later=first.turn.id,
            target=SpanRange(CalendarSpan(), CalendarSpan()),
        )


def soon(laid: Laid, track: Track) -> Spacing | None:
    """Return the dates within which a course names its first treatment; ``None`` of any other."""
    course = track.course
    first = next(iter(track.laid), laid)
    if first.turn.id != laid.turn.id or laid.tries or laid.omitted:
        return None
    if course.not_before is None or course.first_treatment_within is None:
        return None
    start = PastVisit("start", told("start of the course"), course.not_before)
    target = SpanRange(CalendarSpan(), course.first_treatment_within)
    return Spacing(rule="start", earlier=start, later=laid.turn.id, target=target)


def prompted(laid: Laid, track: Track) -> Laid:
    """Return a treatment due with the dates as its target within which the course names it."""
    rule, bounds = soon(laid, track), laid.bounds
    expected = bounds.target or bounds.earliest
    if rule is None or expected is None or (bounds.target is not None and not bounds.forecast):
        return laid
    within = bounds_of(laid.turn.id, [rule], track.calendar)
    assert within.target is not None
    day = max(expected.day, within.target.day)
    last = within.target_until or within.target.day
    target, until = Edge(day, rule if day <= last else expected.rule), max(last, day)
    named = attrs.evolve(bounds, target=target, target_until=until, forecast=False)
    return attrs.evolve(laid, bounds=named)


def _in_order(
    treatments: list[Due],
    others: list[Due],
    guarded: Mapping[str, str],
    clocks: Mapping[str, int],
    track: Track,
) -> list[Due]:
    """
    Return dues in order of time.

    A treatment without a date follows the one before it; a gate's visit without one comes before
    the treatment it guards. On one date the hours of the forecast say the order, and a visit that
    depends on no hour comes before the treatment. What is planned stands where it is planned, and
    the rest comes after it, as after visits given: an earlier target of theirs is past by then.
    """
    on = {visit: at.date() for visit, at in track.planned.items()}
    placed: list[tuple[date, int, int, Due]] = []
    last, clock = date.min, 0
    for due in treatments:
        dated = due.foreseen or (due.earliest if not placed else None)
        day = on.get(due.id) or (dated.day if dated else None)
        before = last
        last = max(last, day) if day else last if placed else date.max
        clock = max(clock, clocks[due.id]) if last == before else clocks[due.id]
        placed.append((last, clock, 0, due))
    days = {due.id: day for day, _, _, due in placed}
    for due in others:
        behind = days.get(guarded.get(due.id, ""), date.max)
        aimed = on.get(due.id) or (due.foreseen.day if due.foreseen else behind)
        placed.append((aimed, clocks[due.id], 1, due))
    moments = {visit: _moment(at) for visit, at in track.planned.items()}
    settled = [moments[visit] for visit in moments if visit not in track.given_way]
    over, minute = max(settled, default=(date.min, 0))

    def moment(due: Due, day: date, clock: int) -> tuple[date, int]:
        if due.id in moments:
            return moments[due.id]
        if guarded.get(due.id) in moments:
            return day, clock
        return max((day, clock), (over, minute + 1))

    return [
        due
        for day, clock, kind, due in sorted(
            placed, key=lambda item: (*moment(item[3], *item[:2]), *item[1:3])
        )
    ]


def _moment(at: datetime) -> tuple[date, int]:
    """Return a moment as its date and the minutes after midnight."""
    return at.date(), 60 * at.hour + at.minute


def _named(asides: Iterable[Aside], found: Outline) -> Mapping[str, tuple[str, int]]:
    """
    Return title and number of the visits beside the treatments, numbered in order of time.

    Titles count the treatments left out, as those of treatments do, and a gate's visits left out
    before them.
    """
    protocol = found.track.course.protocol
    counts: Counter[str] = Counter(
        laid.turn.phase.visit for laid in found.track.laid if not laid.omitted
    )
    treatments = Counter(laid.turn.phase.visit for laid in found.track.laid if laid.omitted)
    for name, given in found.track.history.given.items():
        runs = {gate.name: gate.visit for gate in protocol.gates}
        runs |= {other_visit.name: other_visit.visit for other_visit in protocol.other_visits}
        gate = gate_of(name, protocol)
        stem = gate.name if gate is not None and name not in runs else name
        stem = stem if stem in runs else name.rpartition("-")[0]
        if (kind := runs.get(stem)) is not None and any(event.counts for event in given):
            counts[kind] += 1
    gone = {gate.name: left_out(gate, found.track) for gate in protocol.gates if gate.visit}
    named = {}
    for one in sorted(
        asides, key=lambda one: one.bounds.target.day if one.bounds.target else date.max
    ):
        counts[one.kind] += 1
        number = counts[one.kind]
        before = sum(ordinal < one.ordinal for ordinal in gone.get(one.run, ()))
        title = titled(one.kind, number + treatments[one.kind] + before, protocol)
        named[one.id] = (title, number)
    return named


def named_beside(found: Outline, asides: Iterable[Aside]) -> Mapping[str, tuple[str, int]]:
    """
    Return title and number of the visits beside the treatments, given and due, by identity.

    Those given are numbered by their dates, before those due.
    """
    asides, protocol = tuple(asides), found.track.course.protocol
    given = {past.id: past for past in found.gates_past if past.counts}
    given |= {one.id: one.past for one in asides if one.past is not None}
    counts = Counter(laid.turn.phase.visit for laid in found.track.laid)
    named = {}
    for past in sorted(given.values(), key=lambda one: one.on):
        counts[past.kind] += 1
        named[past.id] = titled(past.kind, counts[past.kind], protocol), counts[past.kind]
    return {**named, **_named([one for one in asides if one.past is None], found)}


def _dated(edge: Edge | None, which: str, visit: str, titles: Mapping[str, str]) -> DatedBy | None:
    if edge is None:
        return None
    return DatedBy(edge.day, in_words(edge.rule, which, visit, titles), edge.rule.source)


def due_of(laid: Laid, titles: Mapping[str, str]) -> Due:
    """Return a treatment still due with its dates; rules are said with titles by identity."""
    turn, bounds = laid.turn, laid.bounds
    target = _dated(bounds.target, TARGET, turn.id, titles)
    if laid.overdue and bounds.target and isinstance(bounds.target.rule, NotBefore):
        words = told("as soon as possible, overdue since {since}", since=laid.overdue_since)
        target = DatedBy(bounds.target.day, words, bounds.target.rule.source)
    return Due(
        id=turn.id,
        title=laid.title,
        kind=turn.phase.visit,
        phase=turn.phase.name,
        ordinal=turn.number,
        type_ordinal=laid.type_ordinal,
        earliest=_dated(bounds.earliest, EARLIEST, turn.id, titles),
        target=None if bounds.forecast else target,
        target_until=None if bounds.forecast else bounds.target_until,
        forecast=target if bounds.forecast else None,
        latest=_dated(bounds.latest, LATEST, turn.id, titles),
        needs=laid.needs,
        overdue=laid.overdue,
        tentative=laid.tentative,
        open=laid.open,
    )


def due_beside(one: Aside, named: tuple[str, int], titles: Mapping[str, str]) -> Due:
    """Return a visit beside the treatments that is still due with its dates."""
    expected = _dated(one.bounds.target, TARGET, one.id, titles)
    return Due(
        id=one.id,
        title=named[0],
        kind=one.kind,
        phase=one.run,
        ordinal=one.ordinal,
        type_ordinal=named[1],
        earliest=_dated(one.bounds.earliest, EARLIEST, one.id, titles),
        target=None if one.bounds.forecast else expected,
        target_until=None if one.bounds.forecast else one.bounds.target_until,
        forecast=expected if one.bounds.forecast else None,
        latest=_dated(one.bounds.latest, LATEST, one.id, titles),
        overdue=one.overdue,
        tentative=one.tentative,
    )


def _merged(rules: list[Rules], floor: date) -> Iterator[Rules]:
    """Yield the rules, with one cap for all the visits it is about."""
    longest: dict[tuple[object, ...], AtMost] = {}
    waived: dict[tuple[object, ...], AtMost] = {}
    for rule in rules:
        if isinstance(rule, AtMost) and rule.status is not None:
            waived.setdefault((rule.source, rule.most, rule.days, rule.visits[-1]), rule)
        elif isinstance(rule, AtMost):
            key = (
                *(rule.source, rule.most, rule.days),
                *(rule.visits[0], str(rule.visits[-1]).rpartition("-")[0]),
            )
            if len(rule.visits) >= len(longest[key].visits if key in longest else ()):
                longest[key] = rule
        else:
            yield rule
    # What one visit may come after is waived once, however many caps it stands in.
    yield from (rule for rule in waived.values() if isinstance(rule.visits[-1], str))
    for cap in longest.values():
        first = plus_days(floor, -cap.days)
        near = [one for one in cap.visits if not isinstance(one, PastVisit) or one.on > first]
        if len(near) > cap.most:
            yield attrs.evolve(cap, visits=tuple(near))


def _past(found: Outline, asides: Iterable[Aside]) -> tuple[PastVisit, ...]:
    visits: list[PastVisit] = [*found.gates_past]
    if found.ended or found.complete:  # what they stand before may not be laid out any more
        visits += given_for(found.track.course.protocol.gates, found.track)
    for laid in found.track.laid:
        visits += laid.tries
        if laid.past is not None:
            visits.append(laid.past)
    visits += [one.past for one in asides if one.past is not None]
    return tuple(sorted(dict.fromkeys(visits), key=lambda visit: visit.on))


def _untested(protocol: Protocol, found: Outline) -> Iterator[Untested]:
    for gate in protocol.gates:
        if gate.visit is not None and not gate.band:
            continue  # a visit that was not given is said by `record` and by the plan
        titles = [
            laid.title
            for laid in found.track.laid
            if laid.past is not None
            and any(
                not need.done and (need.gate == gate.name or gate_of(need.gate, protocol) == gate)
                for need in laid.needs
            )
        ]
        if titles:
            yield Untested(gate=gate.name, visits=titles, receipt=gate.receipt)


def _cut(found: Outline) -> Iterator[Question]:
    """Yield that a course is longer than what was laid out of it."""
    if found.cut:
        count = len(found.track.laid)
        yield Question(
            id="more-visits",
            asks=told(
                "the course has more than {count} treatment visits; only the first {count} are "
                "laid out and planned. Is it meant to be this long?",
                count=count,
            ),
        )


def _too_soon(
    breaches: Iterable[Breach], past: Iterable[PastVisit], answers: Mapping[str, str]
) -> Iterator[Question]:
    """Yield whether a visit given too soon counts, which no rule can say; waived it does."""
    counted = {visit.id: visit for visit in past if visit.counts}
    broken = [b for b in breaches if b.too_soon and not isinstance(b.rule.status, Waived)]
    for name in dict.fromkeys(b.visits[-1] for b in broken):
        visit = counted.get(name)
        if visit is None:
            continue
        again = any(one.id == name and one.on < visit.on for one in past)
        identity = too_soon(name, visit.on, again)
        if identity in answers:
            continue
        yield Question(
            id=identity,
            asks=told("{title} was given too soon; does it count?", title=visit.title),
            choices=(COUNTS, COUNTS_NOT),
            about=name,
        )


def _unspecified(protocol: Protocol, found: Outline) -> Iterator[Question]:
    for n, sentence in enumerate(protocol.unspecified, start=1):
        identity = f"unspecified-{n}"
        if identity not in found.track.history.answers:
            yield Question(id=identity, asks=sentence)


def _unread(protocol: Protocol, found: Outline) -> Iterator[Question]:
    """Yield a question for a score that nothing reads and that is named nearly as one that is."""
    measures = list(dict.fromkeys(one.measure for one in protocol.adaptations))
    plain = {measure.casefold(): measure for measure in measures}
    for review in found.track.history.reviewed:
        for name, _ in review.scores:
            near = get_close_matches(name.casefold(), plain, 1, 0.75)
            if name not in measures and near:
                yield Question(
                    id=f"measure-{name}-{review.on}",
                    asks=told(
                        "{name} was recorded on {on} but the protocol reads no such measure; is it "
                        "{near}?",
                        name=repr(name),
                        on=review.on,
                        near=repr(plain[near[0]]),
                    ),
                )


def _strangers(found: Outline, past: Iterable[PastVisit]) -> Iterator[Question]:
    known = {visit.id for visit in past} | {laid.turn.id for laid in found.track.laid}
    for visit, given in found.track.history.given.items():
        if visit not in known:
            yield Question(
                id=f"unknown-{visit}",
                asks=told(
                    "{visit} was given on {on} and is not a visit of this course; which visit was "
                    "it?",
                    visit=repr(visit),
                    on=given[-1].on,
                ),
                about=visit,
            )
