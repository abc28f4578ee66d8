"""
What explanations say, for whoever writes it in one more language.

A language is one class with a sentence for each rule, change and finding. Facts come in as values;
names come from a `Naming`, which knows what the reader may see. Sentences begin in lower case
where the language allows it and end without a full stop; the layout adds both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from protocol_sched.model.agenda import Breach, DatedBy, Rules, Spacing
from protocol_sched.model.availability import Commitment, LocalWindow
from protocol_sched.model.before_and_after import Notice
from protocol_sched.model.causes import Asked, Origin
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.explanation import Otherwise, Pays
from protocol_sched.model.numbers import Band
from protocol_sched.model.objective import Objective
from protocol_sched.model.relaxations import Change
from protocol_sched.model.schedule import Fits, Plan, Slack, Visit
from protocol_sched.model.sentences import Counted, Nth, Sentence
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, SpanRange
from protocol_sched.text.calendar_words import CalendarWords
from protocol_sched.text.naming import Naming, PlainNames
from protocol_sched.text.plan_words import PlanWords
from protocol_sched.text.sheets import SheetWords

FEW_DATES = 3
"""On so many dates somebody's hours are said for each; for more, those of the week."""


def drives_near(
    commitment: Commitment, dates: Sequence[date]
) -> dict[tuple[LocalWindow, ...], list[date]]:
    """
    Return when a person drives on the dates of visits and on the mornings after, by the hours.

    Empty where there are too many dates for each to be told.
    """
    found: dict[tuple[LocalWindow, ...], list[date]] = {}
    if len(dates) > FEW_DATES:
        return found
    for day in sorted({day + timedelta(days=n) for day in dates for n in (0, 1)}):
        if windows := commitment.hours.on(day):
            found.setdefault(windows, []).append(day)
    return found


Amount = CalendarSpan | ElapsedSpan | SpanRange | Band | Notice | float


class Language(ABC):
    """One language; every method returns text."""

    code: str
    """As in ISO 639-1."""
    plain: PlainNames
    calendar: CalendarWords
    """What calendar files and messages to escorts say."""
    plan: PlanWords
    """What a plan says beside its rules and its proof."""
    sheet: SheetWords
    """What sheets for the person and for escorts say."""
    sentences: Mapping[str, str]
    """What each English template says in this language, with the same names in braces; a template
    that stands here not is said in English."""
    things: Mapping[str, tuple[str, str]]
    """One and several of each thing that is counted, by its English name: ``day``, ``visit``."""

    colon: str = ":"
    """With the space before it, where the language has one."""

    def clock(self, clock: str) -> str:
        """Return a time of day as it stands in a sentence: ``09:00``."""
        return clock

    def said(self, text: str) -> str:
        """
        Say a text that was made in English, if it remembers how; any other text as it is.

        Dates in it are those of a sentence, not those of a file.
        """
        return self.tell(text.template, **text.facts) if isinstance(text, Sentence) else text

    def tell(self, template: str, /, **facts: object) -> str:
        """Say a template with its facts: texts as they are, all else as this language says it."""
        said = {name: self._fact(fact) for name, fact in facts.items()}
        return self.sentences.get(template, template).format_map(said)

    def counted(self, number: int, thing: str) -> str:
        """Say ``1 day`` or ``3 days``."""
        one, more = self.things.get(thing, (thing, thing))
        return f"{number} {one if number == 1 else more}"

    def _fact(self, fact: object) -> str:
        match fact:
            case str():
                return self.said(fact)
            case datetime():
                return self.moment(fact)
            case date():
                return self.day(fact, year=True)
            case time():
                return self.clock(f"{fact:%H:%M}")
            case CalendarSpan() | ElapsedSpan() | SpanRange() | Band() | Notice() | float():
                return self.amount(fact)
            case Counted():
                return self.counted(fact.number, fact.thing)
            case Nth():
                return self.nth(fact)
            case tuple():
                return self.listed([self._fact(one) for one in fact])
            case _:
                return str(fact)

    @abstractmethod
    def amount(self, of: Amount) -> str:
        """Say a length, a range of lengths, a band of numbers, a notice, or a number."""

    @abstractmethod
    def nth(self, number: int) -> str:
        """Say a place in a row: ``3rd``."""

    @abstractmethod
    def article(self, title: str) -> str:
        """Name a visit in a sentence: ``the evaluation``, ``infusion 3``."""

    @abstractmethod
    def aloud(self, text: str) -> str:
        """Return a text to be read aloud: the weekdays of its dates in full."""

    @abstractmethod
    def moment_aloud(self, moment: datetime, *, year: bool) -> str:
        """Say a date and a time to be read aloud, the weekday in full."""

    @abstractmethod
    def small_number(self, number: int) -> str:
        """Say a number of visits, the small ones in a word."""

    def of_it(self, text: str, title: str, person: str) -> str:
        """Return a reason about a visit, to be said where it was just named, to the person."""
        return text

    @abstractmethod
    def day(self, day: date, *, year: bool = False) -> str:
        """Say a date with its weekday."""

    @abstractmethod
    def month(self, month: int, *, short: bool = False) -> str:
        """Name a month by its number; ``short`` as in a narrow column."""

    @abstractmethod
    def days(self, days: Sequence[date], *, year: bool = False) -> str:
        """Say dates in order, runs shortened."""

    @abstractmethod
    def moment(self, moment: datetime) -> str:
        """Say a date and a time."""

    @abstractmethod
    def rule(self, rule: Origin, dates: Sequence[date], names: Naming) -> str:
        """Say a rule; ``dates`` are those on which it matters, if they are few."""

    @abstractmethod
    def breach(self, breach: Breach, names: Naming) -> str:
        """Say how a rule is not kept: by how much, and because of what or waived by whom."""

    @abstractmethod
    def waived(self, rule: Rules, names: Naming) -> str:
        """Say that a rule is waived, by whom and why, and what it asks."""

    @abstractmethod
    def forbidden(self, rule: Rules, names: Naming) -> str:
        """Say that a safety rule is broken, and how a clinician may waive it."""

    @abstractmethod
    def passed(self, rule: Rules, names: Naming) -> str:
        """Say that a limit cannot be kept any more, and by how much at the least."""

    @abstractmethod
    def chain(self, first: Spacing, count: int, last: str, names: Naming) -> str:
        """Say spacings that are the same from each visit to the next, ``count`` of them."""

    @abstractmethod
    def request(self, request: Asked, names: Naming) -> str:
        """Say what is asked for: ``infusion 3 on Tue 9 March at 10:00``."""

    @abstractmethod
    def impossible(self, conflict: Conflict, asked: Sequence[Asked], names: Naming) -> str:
        """Say that it cannot be done; reasons follow."""

    @abstractmethod
    def already(self, several: bool) -> str:
        """Say that nothing fits even without what was asked for."""

    @abstractmethod
    def further(self, conflict: Conflict, told: int, names: Naming) -> str:
        """Say that there is a further conflict after so many told; reasons follow."""

    @abstractmethod
    def gives_way(self, enough: Sequence[bool | None], minimal: bool, more: bool) -> str:
        """
        Say whether changing one reason is enough; empty where that is not known of the only one.

        Args:
            enough: For each reason whether it is; ``None`` where that is not known.
            more: Conflicts are named below.
        """

    @abstractmethod
    def each_alone(self) -> str:
        """Say that each of several reasons is enough to stand in the way."""

    @abstractmethod
    def exclude(self, requests: int) -> str:
        """Say that so many requests cannot be kept, whatever the rules; one is of no such time."""

    @abstractmethod
    def alone(self) -> str:
        """Mark one reason of several: changing this one alone is enough."""

    @abstractmethod
    def fits(self, fits: Fits, names: Naming) -> str:
        """Say how many treatments fit by the course's last date, and when the next would be."""

    @abstractmethod
    def later(self, number: int, until: date, names: Naming) -> str:
        """Say that so many visits more are planned after a date, and not shown."""

    @abstractmethod
    def clinician(self, names: Naming) -> str:
        """
        Say of a change that it weakens a rule of treatment: a clinician must agree.

        Below the full level only that somebody has to.
        """

    @abstractmethod
    def would_help(self) -> str:
        """Head the list of changes."""

    @abstractmethod
    def change(self, change: Change, names: Naming) -> str:
        """Say a change as something to do."""

    @abstractmethod
    def then(self, visits: str, objective: Objective, names: Naming) -> str:
        """Say the plan that a change gives."""

    @abstractmethod
    def as_with(self, number: int, moves: str) -> str:
        """Say that visits are as in the plan of change ``number``, but for those that move."""

    @abstractmethod
    def cheapest(self, proved: bool, found: bool, names: Naming) -> str:
        """Say whether the changes named are proved the cheapest; or that none were found."""

    @abstractmethod
    def possible(self, asked: Sequence[Asked], names: Naming) -> str:
        """Say that it can be done."""

    @abstractmethod
    def costs(self, more: str) -> str:
        """Say the price of what is asked for; only times of day change where it is empty."""

    @abstractmethod
    def moves(self, before: Sequence[Visit], now: Sequence[Visit], names: Naming) -> str:
        """Say which visits move from one plan to another, and where they move to."""

    @abstractmethod
    def listed(self, parts: Sequence[str]) -> str:
        """Join parts: ``a, b and c``."""

    @abstractmethod
    def visit_at(self, visit: Visit, year: bool, names: Naming) -> str:
        """Name a visit with its date and time, short: ``infusion 3 Mon 8 March 11:00``."""

    @abstractmethod
    def more(self, number: int) -> str:
        """Say that a list goes on with so many: ``... and 41 more``."""

    @abstractmethod
    def proof(self, plan: Plan, names: Naming) -> str:
        """Say what is proved about a plan."""

    @abstractmethod
    def objective(self, objective: Objective, names: Naming) -> str:
        """Say what a plan costs."""

    @abstractmethod
    def compared(
        self, now: Objective, without: Objective, pays: Sequence[Pays], names: Naming
    ) -> str:
        """
        Say what a plan costs more than another one, and which visits pay; empty for nothing more.
        """

    @abstractmethod
    def gained(self, now: Objective, without: Objective, names: Naming) -> str:
        """Say what is better than in another plan; empty where nothing is."""

    @abstractmethod
    def unchanged(self) -> str:
        """Say that the best plan without what is asked for keeps it already."""

    @abstractmethod
    def placed(self, visit: Visit, names: Naming) -> str:
        """Say when a visit is: ``infusion 3 is on Mon 8 March 2027 at 11:00``."""

    @abstractmethod
    def slack(self, slack: Slack, names: Naming) -> str:
        """Say how a rule is kept and how much room it leaves."""

    @abstractmethod
    def dated(self, which: str, dated: DatedBy, names: Naming) -> str:
        """Say an ``earliest``, ``target`` or ``latest`` date and the rule that set it."""

    @abstractmethod
    def otherwise(self, which: str, other: Otherwise, plan: Objective, names: Naming) -> str:
        """Say what another time would cost or that it is not possible; reasons may follow."""
