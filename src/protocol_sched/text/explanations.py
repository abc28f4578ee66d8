"""Answers with their reasons: sentences for a person, facts for a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from protocol_sched.model.agenda import Agenda
from protocol_sched.model.causes import Request
from protocol_sched.model.explanation import Explanation, Relaxation, Why, tight
from protocol_sched.model.moments import as_instant
from protocol_sched.model.relaxations import Change, Looser, OneMoreVisit, weakens
from protocol_sched.model.schedule import Plan, Proof, Visit
from protocol_sched.text.breaches import breach_lines
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.naming import Naming, Reader
from protocol_sched.text.privacy import Privacy
from protocol_sched.text.prose import conflict_lines, reason_lines, sentence, wrapped

MOST_VISITS = 10
"""Of a plan with more visits than these only the first ones and the last are listed."""

PRIVACY: Mapping[Reader, Privacy] = {
    Reader.PATIENT: Privacy.NEUTRAL,
    Reader.SCHEDULER: Privacy.FULL,
}
"""What a reader is told unless it is said otherwise."""


def explanation_text(
    explanation: Explanation,
    reader: Reader = Reader.SCHEDULER,
    *,
    language: str = "en",
    privacy: Privacy | None = None,
) -> str:
    """
    Return whether it can be done, why not and what would help, in sentences.

    The facts are the same for every reader. Below the full level no word of the list in
    `text.privacy` is written. Ends with a line feed.

    Raises:
        KeyError: There is no such language.
    """
    words = LANGUAGES[language]
    names = _naming(explanation.plan.agenda, reader, words, privacy)
    return _text(_explained(explanation, words, names))


def why_text(
    plan: Plan,
    whys: Sequence[Why],
    reader: Reader = Reader.SCHEDULER,
    *,
    language: str = "en",
    privacy: Privacy | None = None,
) -> str:
    """Return why visits are when they are, in sentences; see `explanation_text`."""
    words = LANGUAGES[language]
    names = _naming(plan.agenda, reader, words, privacy)
    if plan.schedule is None:
        return explanation_text(Explanation(plan=plan), reader, language=language, privacy=privacy)
    head = tuple(breach_lines(plan.schedule, words, names))
    lines = (line for why in whys for line in (*_why(why, plan, words, names), ""))
    return _text(iter((*head, *([""] if head else []), *lines)))


def _naming(agenda: Agenda, reader: Reader, language: Language, privacy: Privacy | None) -> Naming:
    return Naming(
        agenda=agenda,
        reader=reader,
        privacy=privacy or PRIVACY[reader],
        plain=language.plain,
    )


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines).strip("\n") + "\n"


def _explained(explanation: Explanation, language: Language, names: Naming) -> Iterator[str]:
    plan = explanation.plan
    yield from breach_lines(plan.schedule, language, names)
    if plan.schedule is not None and plan.objective is not None:
        yield from sentence(language.possible(explanation.asked, names))
        before = explanation.without
        if before is not None and before.schedule is not None and before.objective is not None:
            if _starts(before) == _starts(plan):
                yield from sentence(language.unchanged())
            else:
                visits = (before.schedule.visits, plan.schedule.visits)
                yield from sentence(language.moves(*visits, names))
                if not names.you:
                    both = (plan.objective, before.objective)
                    costs = language.costs(language.compared(*both, explanation.pays, names))
                    gained = language.gained(*both, names)
                    yield from sentence(language.plan.semicolon.join(filter(None, [costs, gained])))
        else:
            yield from wrapped(f"  {_visits(plan, language, names)}.", "  ")
        if plan.schedule.later and plan.schedule.until is not None:
            later = (len(plan.schedule.later), plan.schedule.until)
            yield from sentence(language.later(*later, names))
        if not names.you:
            yield from sentence(language.objective(plan.objective, names))
        yield from sentence(language.proof(plan, names))
        return
    if plan.proof is not Proof.IMPOSSIBLE or not plan.conflicts:
        yield from sentence(language.proof(plan, names))
        return
    before = explanation.without
    if before is not None and before.proof is Proof.IMPOSSIBLE:
        yield from sentence(language.already(len(explanation.asked) > 1))
    yield from conflict_lines(plan.conflicts, explanation.asked, language, names)
    if plan.fits is not None:
        yield from sentence(language.fits(plan.fits, names))
    for request in dict.fromkeys(one.request for one in explanation.nearest):
        near = [one.visit for one in explanation.nearest if one.request == request]
        yield from sentence(_nearest(request, near, language, names))
    found = _offered(explanation.relaxations, names)
    if found:
        yield ""
        yield from sentence(f"{language.would_help()}{language.colon}")
        for n in range(1, len(found) + 1):
            yield from _relaxation(n, found[:n], language, names)
    # How far the search went is no matter of the person's.
    untold = len(found) < len(explanation.relaxations)
    proved = explanation.cheapest and not untold
    if explanation.cheapest is not None and (proved or not (found and names.you)):
        yield ""
        yield from sentence(language.cheapest(bool(proved), bool(found), names))


def _nearest(request: Request, near: Sequence[Visit], language: Language, names: Naming) -> str:
    """Return which dates near to what was asked for are possible."""
    tell = language.tell
    if request.visit is None:
        return tell("The earliest possible end: {day}.", day=near[-1].day)
    visit = names.visit(request.visit)
    starts = tuple(one.start for one in near)
    if request.first is None or request.last is None:
        if request.first is None:
            return tell(
                "The earliest possible date of {visit}: {start}.", visit=visit, start=starts[0]
            )
        return tell("The latest possible date of {visit}: {start}.", visit=visit, start=starts[0])
    if len(starts) == 1:
        return tell("The nearest possible date of {visit}: {start}.", visit=visit, start=starts[0])
    return tell("The nearest possible dates of {visit}: {starts}.", visit=visit, starts=starts)


def _offered(found: Sequence[Relaxation], names: Naming) -> tuple[Relaxation, ...]:
    """Return what may be offered to a reader: to the person no rule of treatment made weaker."""
    if not names.you:
        return tuple(found)
    return tuple(one for one in found if not any(weakens(change) for change in one.changes))


def _said(change: Change, language: Language, names: Naming) -> str:
    """Return a change as something to do, and who must agree to it."""
    says = language.change(change, names)
    if not isinstance(change, Looser | OneMoreVisit):
        return says
    return f"{says}; {language.clinician(names)}"


def _relaxation(
    number: int, shown: Sequence[Relaxation], language: Language, names: Naming
) -> Iterator[str]:
    """Yield the last of some changes with its plan, told by what differs from one before."""
    relaxation = shown[-1]
    says = language.listed([_said(one, language, names) for one in relaxation.changes])
    indent = " " * (len(str(number)) + 4)
    yield from wrapped(f"  {number}. {says}", indent)
    plan = relaxation.plan
    if plan.schedule is not None and plan.objective is not None:
        then = language.then(_differing(shown, language, names), plan.objective, names)
        yield from wrapped(f"{indent}{then}", indent)


def _differing(shown: Sequence[Relaxation], language: Language, names: Naming) -> str:
    """Return the visits of the last plan; where most are as in one before, those that are not."""
    now, starts = shown[-1].plan, _starts(shown[-1].plan)
    differ = {
        n: [visit for visit, at in starts.items() if _starts(one.plan).get(visit) != at]
        for n, one in enumerate(shown[:-1], 1)
        if _starts(one.plan).keys() == starts.keys()
    }
    nearest = min(differ, key=lambda n: len(differ[n]), default=None)
    if nearest is None or now.schedule is None or 2 * len(differ[nearest]) > len(starts):
        return _visits(now, language, names)
    before = shown[nearest - 1].plan.schedule
    if not differ[nearest] or before is None:
        return language.as_with(nearest, "")
    moves = language.moves(before.visits, now.schedule.visits, names)
    return language.as_with(nearest, moves)


def _starts(plan: Plan) -> dict[str, object]:
    return (
        {}
        if plan.schedule is None
        else {one.id: as_instant(one.start) for one in plan.schedule.visits}
    )


def _visits(plan: Plan, language: Language, names: Naming) -> str:
    if plan.schedule is None:
        return ""
    visits = plan.schedule.visits
    years = [names.agenda.as_of.year, *(visit.day.year for visit in visits)]
    texts = [
        language.visit_at(visit, visit.day.year != before, names)
        for visit, before in zip(visits, years, strict=False)
    ]
    if len(texts) > MOST_VISITS:
        shown = MOST_VISITS - 2
        last = language.visit_at(visits[-1], years[-1] != years[shown], names)
        texts = [*texts[:shown], language.more(len(texts) - shown - 1), last]
    return ", ".join(texts)


def _why(why: Why, plan: Plan, language: Language, names: Naming) -> Iterator[str]:
    yield from sentence(language.placed(why.visit, names))
    for which in ("earliest", "target", "latest"):
        dated = getattr(why.due, which)
        if dated is not None:
            yield from wrapped(f"  {language.dated(which, dated, names)}", "    ")
    binds = [one for one in why.slacks if tight(one)]
    for slack in (*binds, *(one for one in why.slacks if not tight(one))):
        if getattr(slack.rule, "rule", "") == "order" and len(why.slacks) > 1:
            continue
        yield from wrapped(f"  - {language.slack(slack, names)}", "    ")
    for which in ("nearer", "sooner", "earlier"):
        other = getattr(why, which)
        if other is None or plan.objective is None:
            continue
        yield from wrapped(f"  {language.otherwise(which, other, plan.objective, names)}", "    ")
        if other.conflict is not None:
            reasons = [one for one in other.conflict.reasons if one.rule != other.request]
            yield from reason_lines(reasons, language, names, "    ")
