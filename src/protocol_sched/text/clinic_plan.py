"""A plan of a whole clinic in words: a line for each course, and how good all of it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from protocol_sched.model.changes import Replan
from protocol_sched.model.schedule import Plan
from protocol_sched.text.changes import summary_text
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.prose import plan_conflicts, sentence
from protocol_sched.text.table import columns


def clinic_plan_text(
    courses: Mapping[str, Replan],
    bound: int,
    helps: Mapping[str, str] | None = None,
    *,
    language: str = "en",
) -> str:
    """
    Return every course with its first and last visit, or what stands in its way.

    Args:
        courses: By what each is called here.
        bound: Days off target that no plan of all of them can be under.
        helps: Of courses without a plan, what is said of them instead of the plan's conflicts; see
            `explanation_text`.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    said = {} if helps is None else helps
    speech = LANGUAGES[language]
    tell = speech.tell
    head = (
        tell("course"),
        tell("first visit"),
        tell("last visit"),
        tell("days off target"),
        tell("what changes"),
    )
    rows = [head, *(_row(name, replan, speech) for name, replan in courses.items())]
    blocks = ["\n".join(columns(rows))] if courses else []
    for name, replan in courses.items():
        if replan.plan.schedule is None:
            why = said.get(name) or "\n".join(_conflict(replan.plan, speech))
            blocks.append(f"{name}{speech.colon} {why.rstrip()}")
    blocks.append("\n".join(sentence(_value(courses, bound, speech))))
    return "\n\n".join(blocks) + "\n"


def _row(name: str, replan: Replan, speech: Language) -> tuple[str, ...]:
    plan = replan.plan
    if plan.schedule is None:
        return (name, "-", "-", "-", speech.tell("no plan"))
    if not plan.schedule.visits:
        return (name, "-", "-", "0", summary_text(replan, language=speech.code))
    first, last = (plan.schedule.visits[n].day for n in (0, -1))
    off = 0 if plan.objective is None else plan.objective.deviation
    days = (speech.day(day, year=True) for day in (first, last))
    return (name, *days, str(off), summary_text(replan, language=speech.code))


def _conflict(plan: Plan, speech: Language) -> Iterator[str]:
    if plan.conflicts:
        yield from plan_conflicts(plan, speech)
    else:
        yield speech.tell("No plan was found.")


def _value(courses: Mapping[str, Replan], bound: int, speech: Language) -> str:
    plans = [replan.plan for replan in courses.values()]
    off = sum(plan.objective.deviation for plan in plans if plan.objective is not None)
    missing = sum(plan.schedule is None for plan in plans)
    all_of, days = speech.counted(len(plans), "course"), speech.counted(off, "day")
    if missing:
        return speech.tell(
            "{missing} of {courses} without a plan; the others are {days} off target together",
            missing=missing,
            courses=all_of,
            days=days,
        )
    if off <= bound:
        return speech.tell(
            "{courses}, {days} off target together; proved: no plan has fewer",
            courses=all_of,
            days=days,
        )
    return speech.tell(
        "{courses}, {days} off target together; no plan has fewer than {bound}, so at most {gap} "
        "could be saved",
        courses=all_of,
        days=days,
        bound=bound,
        gap=off - bound,
    )
