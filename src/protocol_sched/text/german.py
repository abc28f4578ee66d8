"""Erklärungen auf Deutsch: explanations in German, what rules say included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import assert_never

import attrs

from protocol_sched.model.agenda import (
    FLOOR,
    SPREAD,
    WAITING,
    AtMost,
    Breach,
    DatedBy,
    FixedAt,
    Gated,
    NotAfter,
    NotBefore,
    Noticed,
    OfDates,
    OnDaysOfMonth,
    OnWeekdays,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import (
    ALWAYS,
    DatedHours,
    Hours,
    LocalWindow,
    clock_text,
    merged,
)
from protocol_sched.model.causes import (
    AsAnnounced,
    Cause,
    Closed,
    CourseEnds,
    CourseStarts,
    Declined,
    EscortFree,
    EscortHours,
    EvenlySpread,
    FewEscorts,
    HorizonBegins,
    HorizonEnds,
    InOrder,
    MustDrive,
    NoSuchKind,
    NotTwoDaysRunning,
    OneEscort,
    OneWeekday,
    OnlyWeekdays,
    OpeningHours,
    Origin,
    PersonAway,
    PersonBusy,
    PersonFree,
    PlacesTaken,
    PreferenceKept,
    Request,
    SameTime,
    SameWeekday,
    StaffTaken,
    StartTimes,
    TeamTaken,
    TooLateFor,
    Turnover,
    Wanted,
)
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.explanation import Asked, Otherwise, Pays, room
from protocol_sched.model.moments import utc
from protocol_sched.model.objective import ORDER, Level, Objective
from protocol_sched.model.relaxations import (
    ALL_DAY,
    AnotherEscort,
    Change,
    EndsLater,
    Looser,
    MoreHours,
    NotAway,
    OneMorePlace,
    OneMoreStaff,
    OneMoreVisit,
    Reopened,
    Skipped,
    StartsSooner,
    Unpinned,
    Whose,
    WithoutEscort,
    loosened,
)
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Fits, Plan, Proof, Slack, Unproved, Visit
from protocol_sched.model.spans import CalendarSpan, SpanRange
from protocol_sched.model.standing import Broken, BrokenBy, Waived
from protocol_sched.text import german_words as words
from protocol_sched.text.calendar_german import GermanCalendar
from protocol_sched.text.language import FEW_DATES, Language
from protocol_sched.text.naming import Naming, PlainNames
from protocol_sched.text.plan_german import GermanPlan
from protocol_sched.text.sheet_german import GermanSheet
from protocol_sched.text.two_dates import in_german
from protocol_sched.text.wording import (
    drives_near,
    floor_length,
    in_days,
)

OPEN, SHUT = "hat {on} nur {hours} geöffnet", "ist {on} geschlossen"
FREE, NOT_FREE = "{on} nur {hours} frei", "{on} nicht frei"
DRIVES, CANNOT_DRIVE = "kann {on} nur {hours} fahren", "kann {on} nicht fahren"
"""Where the hours of some dates stand in a sentence."""


class German(Language):
    """German, with the titles of visits as the protocol has them."""

    code = "de"
    calendar = GermanCalendar()
    plan = GermanPlan()
    sheet = GermanSheet()
    plain = PlainNames(
        appointment="Termin",
        event="ein früheres Datum",
        clinic="die Einrichtung",
        office="das Büro",
        place="Platz",
        staff="Personal",
        work="was dazu gehört",
        driver="die Begleitung",
        person="die Person",
        commitment="etwas anderes",
    )

    def day(self, day: date, *, year: bool = False) -> str:
        return words.date_text(day, year=year)

    def days(self, days: Sequence[date], *, year: bool = False) -> str:
        runs: list[list[date]] = []
        for day in days:
            if runs and day - runs[-1][1] == timedelta(days=1):
                runs[-1][1] = day
            else:
                runs.append([day, day])
        year = year or (bool(days) and days[0].year != days[-1].year)
        cut = len(runs) > words.MORE_STRETCHES
        parts = []
        for first, last in runs[: words.MORE_STRETCHES - 2] if cut else runs:
            start = "" if first == last else f"{self.day(first, year=year)} bis "
            parts.append(f"{start}{self.day(last, year=year)}")
        if cut:
            left = len(runs) - len(parts)
            parts.append(f"{left} weiteren Zeiten bis {self.day(days[-1], year=year)}")
        return words.listed(parts)

    def moment(self, moment: datetime) -> str:
        return f"{self.day(moment.date(), year=True)} um {moment:%H:%M} Uhr"

    def listed(self, parts: Sequence[str]) -> str:
        return words.listed(parts)

    # --- rules -------------------------------------------------------------------------------

    def rule(self, rule: Origin, dates: Sequence[date], names: Naming) -> str:
        if isinstance(rule, Rules):
            return self._binding(rule, names)
        return self._cause(rule, dates, names)

    def _end(self, end: str | PastVisit, names: Naming) -> str:
        return words.end(end, names)

    def _day(self, day: date, names: Naming) -> str:
        return self.day(day, year=names.far(day))

    def _binding(self, rule: Rules, names: Naming) -> str:
        match rule:
            case Spacing():
                return self._spacing(rule, names)
            case OfDates():
                ends = (self._end(rule.later, names), self._end(rule.earlier, names))
                return in_german(rule, *ends, words.length)
            case AtMost():
                titles = [names.end(visit) for visit in rule.visits]
                of = titles[0] if len(titles) == 1 else f"{titles[0]} bis {titles[-1]}"
                days = "an einem Tag" if rule.days == 1 else f"in {rule.days} Tagen"
                return f"höchstens {rule.most} von {of} {days}"
            case NotBefore():
                return f"{names.visit(rule.visit)} ist frühestens am {self._day(rule.day, names)}"
            case NotAfter():
                return f"{names.visit(rule.visit)} ist spätestens am {self._day(rule.day, names)}"
            case OnWeekdays():
                return f"{names.visit(rule.visit)} ist an einem {words.weekdays(rule.weekdays)}"
            case OnDaysOfMonth(first=first, last=last):
                days = f"{first}." if first == last else f"{first}. bis {last}."
                return f"{names.visit(rule.visit)} ist am {days} eines Monats"
            case FixedAt():
                on = self._day(rule.start.date(), names)
                return f"{names.visit(rule.visit)} liegt fest: {on} um {rule.start:%H:%M} Uhr"
            case Noticed():
                on = self._day(rule.not_before.date(), names)
                if rule.not_before.time() != time():
                    on += f" um {rule.not_before:%H:%M} Uhr"
                known = " oder wie schon bekannt" if rule.stays is not None else ""
                return (
                    f"{names.visit(rule.visit)} braucht {words.notice(rule.notice)} Vorlauf und "
                    f"ist frühestens am {on}{known}"
                )
            case Gated():
                return self._gated(rule, names)
            case _:
                assert_never(rule)

    def _gated(self, rule: Gated, names: Naming) -> str:
        limits = words.lengths(rule.least, rule.most)
        row = f"{rule.in_a_row}-mal nacheinander" if rule.in_a_row > 1 else ""
        asked = ", ".join(filter(None, (words.numbers(rule.band), row)))
        test = f"{rule.gate} ({asked})" if asked else rule.gate
        text = f"{names.visit(rule.visit)} ist {f'{limits} ' if limits else ''}nach {test}"
        if rule.receipt:
            text += " (Eingang)"
        if rule.tests:
            days = " oder ".join(self._day(test.on, names) for test in rule.tests)
            return f"{text} ({'eingegangen' if rule.receipt else 'bestanden'} am {days})"
        if rule.instead is not None:
            on = self._day(rule.instead.on, names)
            return f"{text}, oder ab {on} mit {rule.instead.title}"
        if rule.again is None:
            return text
        if rule.receipt:
            on = self._day(rule.again, names)
            return f"{text} (noch nicht eingegangen; frühestens am {on})"
        return f"{text} (noch nicht bestanden; frühestens am {self._day(rule.again, names)})"

    def _spacing(self, rule: Spacing, names: Naming) -> str:
        later, earlier = self._end(rule.later, names), self._end(rule.earlier, names)
        after = f"nach {earlier}"
        if rule.between is not Between.STARTS:
            after = f"nach dem Ende von {earlier}"
        if rule.rule == "order":
            return f"{later} kommt {after}"
        if rule.rule == FLOOR:
            apart = words.length(floor_length(rule))
            if rule.least is None:
                before = after.replace("nach", "vor", 1)
                return (
                    f"{later} ist nicht nach dem Zieldatum, {apart} {before} "
                    "(eine spätere Grenze ist nicht veröffentlicht)"
                )
            return (
                f"{later} ist nicht vor dem Zieldatum, {apart} {after} "
                "(eine frühere Grenze ist nicht veröffentlicht)"
            )
        if rule.rule == WAITING and isinstance(rule.earlier, PastVisit):
            day = self._day(rule.earlier.on, names)
            return f"{later} ist am besten am {day}, dem ersten möglichen Tag"
        rule, after = words.forward(rule, after, earlier)
        limits = words.lengths(rule.least, rule.most)
        if rule.rule == "gate" and limits and not isinstance(rule.earlier, PastVisit):
            return f"{earlier} muss {limits} vor {later} liegen"
        target = words.lengths(rule.target.least, rule.target.most) if rule.target else ""
        target = target.removeprefix("genau ")
        if rule.between is Between.STARTS and (around := words.either_side(rule, earlier)):
            best = f", am besten {target} {after}" if target else ""
            return f"{later} muss {around} liegen{best}"
        if limits and target:
            return f"{later} muss {limits} {after} liegen, am besten {target}"
        if limits:
            return f"{later} muss {limits} {after} liegen"
        if rule.target == SpanRange(CalendarSpan(), CalendarSpan()):
            return f"{later} ist am besten am selben Tag wie {earlier}"
        if target and rule.rule == SPREAD:
            return f"{later} ist am besten {target} {after}, über die Woche verteilt"
        return (
            f"{later} ist am besten {target} {after}" if target else f"{later} zählt ab {earlier}"
        )

    def breach(self, breach: Breach, names: Naming) -> str:
        rule, later = breach.rule, names.visit(breach.visits[-1])
        given = breach.cause is BrokenBy.GIVEN
        was = "war" if given else "ist"
        amount = words.amount(breach.amount, breach.unit)
        if isinstance(rule, Spacing):
            after = f"nach {self._end(rule.earlier, names)}"
            if rule.between is not Between.STARTS:
                after = f"nach dem Ende von {self._end(rule.earlier, names)}"
            more = f"{amount} zu früh" if breach.too_soon else f"{amount} zu spät"
            limit = (
                words.lengths(rule.least, None)
                if breach.too_soon
                else words.lengths(None, rule.most)
            )
            text = f"{later} {was} {words.amount(breach.found, breach.unit)} {after}, {more} "
            text += f"(Regel: {limit}){words.left_out(rule, names)}"
        else:
            side = "vor dem ersten" if breach.too_soon else "nach dem letzten"
            text = f"{later} {was} {amount} {side} Tag (Regel: {self._binding(rule, names)})"
        if isinstance(rule.status, Waived):
            return f"Regel aufgehoben{self._by(rule.status, names)}: {text}"
        because = "" if given or rule.broken is None else f", {self._because(rule.broken, names)}"
        return f"Regel verletzt: {text}{because}"

    def waived(self, rule: Rules, names: Naming) -> str:
        assert isinstance(rule.status, Waived)
        by = self._by(rule.status, names)
        return f"Regel aufgehoben{by}: {self._binding(rule, names)}"

    def forbidden(self, rule: Rules, names: Naming) -> str:
        if names.you:
            return f"{self.passed(rule, names)}; was folgt, entscheidet eine Ärztin oder ein Arzt"
        visit = rule.dated
        return (
            f"Sicherheitsregel: {self.passed(rule, names)}. Es gibt keinen Plan, bis jemand "
            "ärztlich Verantwortliches diese Regel aufhebt, mit einem Ereignis "
            f'"exempted" für den Termin "{visit}" und die Regel "{rule.rule}"'
        )

    def passed(self, rule: Rules, names: Naming) -> str:
        broken = rule.broken
        assert broken is not None
        over = words.tage((broken.first - broken.limit).days)
        left_out = words.left_out(rule, names)
        text = f"Regel verletzt: {self._binding(rule, names)}{left_out}; der erste freie Tag ist "
        text += f"{self._day(broken.first, names)}, {over} zu spät, "
        return text + self._because(broken, names)

    def _because(self, broken: Broken, names: Naming) -> str:
        first = self._day(broken.first, names)
        match broken.cause:
            case BrokenBy.TODAY:
                return f"weil ihr letzter Tag, {self._day(broken.limit, names)}, vorbei ist"
            case BrokenBy.DEFERRED:
                why = names.why(broken.why)
                return f"weil der Termin auf {first} verschoben wurde{f' ({why})' if why else ''}"
            case BrokenBy.RULES:
                return f"weil andere Regeln keinen Tag vor {first} lassen"
            case BrokenBy.CALENDARS:
                return f"weil die Kalender keinen Tag vor {first} lassen"
            case BrokenBy.GIVEN:
                return f"gegeben am {first}"
            case _:
                assert_never(broken.cause)

    def _by(self, waived: Waived, names: Naming) -> str:
        by = f" von {names.person(waived.by)}" if waived.by else ""
        why = names.why(waived.why)
        return f"{by} am {self._day(waived.waived_on, names)}" + (f" ({why})" if why else "")

    def chain(self, first: Spacing, count: int, last: str, names: Naming) -> str:
        apart = words.lengths(first.least, first.most)
        later = names.visit(first.later)
        to = "und" if count == 2 else "bis"
        if first.rule == FLOOR:
            return (
                f"{later} {to} {names.visit(last)} sind jeweils nicht vor dem Zieldatum, "
                f"{words.length(floor_length(first))} nach dem Termin davor "
                "(eine frühere Grenze ist nicht veröffentlicht)"
            )
        which = f"{later} {to} {names.visit(last)}"
        return f"{which} müssen jeweils {apart} nach dem Termin davor liegen"

    def _cause(self, cause: Cause, dates: Sequence[date], names: Naming) -> str:
        match cause:
            case OpeningHours(work=str(work)) | Closed(work=str(work)) if work:
                said = self._cause(attrs.evolve(cause, work=""), dates, names)
                return f"{said}, auch für {names.work(work)}"
            case TooLateFor():
                work = names.work(cause.work)
                return f"hätte schon beginnen müssen: {work}"
            case Turnover():
                kind = names.place(cause.needed)
                return f"nicht für zwei Termine zugleich, samt Vor- und Nacharbeit: {kind}"
            case OpeningHours():
                clinic = names.clinic(cause.clinic)
                if 0 < len(dates) <= FEW_DATES:
                    extra = {day: [w for one in cause.extra for w in one.on(day)] for day in dates}
                    on = [(day, merged((*cause.hours.on(day), *extra[day]))) for day in dates]
                    return f"{clinic} {self._hours_on(on, OPEN, SHUT, names)}"
                return f"{clinic} hat geöffnet: {words.week(cause.hours)}"
            case Closed():
                clinic = names.clinic(cause.clinic)
                return f"{clinic} ist geschlossen {self._dated(cause.closure, names)}"
            case StartTimes():
                return f"Termine beginnen alle {cause.minutes} Minuten"
            case NoSuchKind():
                meant = words.meant(cause.near if names.full else "")
                return f"{names.clinic(cause.clinic)} hat nicht: {names.place(cause.needed)}{meant}"
            case PlacesTaken():
                return f"nicht lange genug frei{self._on(dates, names)}: {names.place(cause.place)}"
            case StaffTaken():
                return f"nicht genug frei{self._on(dates, names)}: {names.staff(cause.staff)}"
            case TeamTaken():
                who = words.listed([words.wanted(names.wanted(one)) for one in cause.wanted])
                if cause.nobody:
                    return f"nicht im Team: {who}{words.meant(cause.near if names.full else '')}"
                if cause.together:
                    return f"nicht zusammen lange genug frei{self._on(dates, names)}: {who}"
                return f"nicht lange genug frei{self._on(dates, names)}: {who}"
            case PersonFree():
                who = self._who(cause.person, names)
                if 0 < len(dates) <= FEW_DATES:
                    free = [(day, cause.hours.on(day)) for day in dates]
                    return f"{who} {self._hours_on(free, FREE, NOT_FREE, names)}"
                return f"{who} frei: {words.week(cause.hours)}"
            case OnlyWeekdays():
                who = self._can(cause.person, names)
                return f"{who} nur an einem {words.weekdays(cause.weekdays)} kommen"
            case PersonAway():
                who = self._who(cause.person, names)
                return f"{who} abwesend {self._dated(cause.away, names)}"
            case PersonBusy():
                who = self._who(cause.person, names)
                what, hours = names.what(cause.commitment.what), cause.commitment.hours
                drives = ""
                if cause.commitment.needs_driving:
                    drives = f" und {'müssen' if names.you else 'muss'} dann selbst fahren"
                return f"{who} {words.week(hours)} verhindert{drives} ({what})"
            case MustDrive():
                who = "Sie müssen" if names.you else f"{names.person(cause.person)} muss"
                barred = "vor einer Nachtruhe" if cause.rest else "in der fahrfreien Zeit"
                near = drives_near(cause.commitment, dates).items()
                some = [
                    f"am {self._days(days, names)} {words.window(hours)}" for hours, days in near
                ]
                when = words.listed(some) or words.week(cause.commitment.hours)
                return f"{who} {barred} selbst fahren: {when} ({names.what(cause.commitment.what)})"
            case EscortFree():
                if not cause.escorts:
                    return "es ist keine Begleitperson eingetragen"
                who = words.listed([names.escort(name) for name in cause.escorts], "oder")
                return f"nicht frei für die ganze Zeit der Abholung: {who}"
            case EscortHours():
                return self._escort(cause, dates, names)
            case InOrder():
                return "die Termine kommen in ihrer Reihenfolge"
            case CourseStarts():
                return f"die Termine beginnen am {self._day(cause.day, names)}"
            case CourseEnds():
                return f"die Termine enden spätestens am {self._day(cause.day, names)}"
            case HorizonBegins():
                return f"geplant wird ab {self.day(cause.first, year=True)}"
            case HorizonEnds():
                return f"geplant wird nur bis {self.day(cause.last, year=True)}"
            case Declined():
                who = words.listed([names.escort(name) for name in cause.escorts])
                return f"für die bekannte Zeit hat abgesagt: {who}"
            case SameTime():
                kind = cause.visit_type if names.full else "Termin"
                return f"gewünscht: {kind} immer um {clock_text(cause.minute)} Uhr"
            case SameWeekday():
                kind = cause.visit_type if names.full else "Termin"
                return f"gewünscht: {kind} immer an einem {words.weekdays((cause.weekday,))}"
            case FewEscorts():
                who = words.listed([names.escort(name) for name in cause.escorts], "oder")
                return f"gewünscht: Begleitung nur durch {who}"
            case EvenlySpread():
                return f"gewünscht: alle {cause.days} oder {cause.days + 1} Tage ein Termin"
            case NotTwoDaysRunning():
                return f"{self._can(cause.person, names)} nicht an zwei Tagen nacheinander kommen"
            case OneWeekday():
                who = self._can(cause.person, names)
                return f"{who} zu Terminen einer Art nur am selben Wochentag kommen"
            case OneEscort():
                return f"{self._can(cause.person, names)} nur immer mit derselben Begleitung kommen"
            case AsAnnounced():
                return f"{names.visit(cause.visit)} ist bekannt für {self.moment(cause.start)}"
            case Request() | PreferenceKept():
                return f"gewünscht: {self.request(cause, names)}"
            case _:
                assert_never(cause)

    def _can(self, person: str, names: Naming) -> str:
        return "Sie können" if names.you else f"{names.person(person)} kann"

    def _who(self, person: str, names: Naming) -> str:
        return "Sie sind" if names.you else f"{names.person(person)} ist"

    def _on(self, dates: Sequence[date], names: Naming) -> str:
        return f" am {self._days(dates, names)}" if dates else ""

    def _days(self, days: Sequence[date], names: Naming) -> str:
        return self.days(days, year=bool(days) and names.far(days[0]))

    def _hours_on(
        self,
        hours: Sequence[tuple[date, Sequence[LocalWindow]]],
        some: str,
        none: str,
        names: Naming,
    ) -> str:
        by_hours: dict[str, list[date]] = {}
        for day, windows in hours:
            by_hours.setdefault(words.window(windows) if windows else "", []).append(day)
        parts = []
        for text, days in by_hours.items():
            on = f"am {self._days(days, names)}"
            parts.append(some.format(on=on, hours=text) if text else none.format(on=on))
        return words.listed(parts)

    def _escort(self, cause: EscortHours, dates: Sequence[date], names: Naming) -> str:
        who = names.escort(cause.escort)
        if 0 < len(dates) <= FEW_DATES:
            away = {day for day in dates if any(one.on(day) for one in cause.away)}
            on = [(day, () if day in away else cause.available.on(day)) for day in dates]
            return f"{who} {self._hours_on(on, DRIVES, CANNOT_DRIVE, names)}"
        text = f"{who} kann fahren: {words.week(cause.available)}"
        if cause.away:
            text += f", aber nicht {words.listed([self._dated(one, names) for one in cause.away])}"
        return text

    def _dated(self, dated: DatedHours, names: Naming) -> str:
        first, last = self._day(dated.first, names), self._day(dated.last, names)
        on = f"am {first}" if dated.first == dated.last else f"von {first} bis {last}"
        if dated.hours != ALWAYS[0]:
            on += f", {words.window(dated.hours)}"
        why = names.why(dated.why)
        return f"{on} ({why})" if why else on

    def request(self, request: Asked, names: Naming) -> str:
        match request:
            case Request(never=date() as never):
                who = (
                    "kein Termin"
                    if request.visit is None
                    else f"{names.visit(request.visit)} nicht"
                )
                return f"{who} am {self._day(never, names)}"
            case Request():
                who = "jeder Termin" if request.visit is None else names.visit(request.visit)
                return f"{who} {self._when(request, names)}"
            case PreferenceKept(which=which, preferences=preferences):
                if which == "weekdays":
                    return f"jeder Termin an einem {words.weekdays(preferences.weekdays)}"
                if which == "hours":
                    hours = Hours() if preferences.hours is None else preferences.hours
                    return f"jeder Termin in diesen Zeiten: {words.week(hours)}"
                if which == "not_two_days_running":
                    return "keine zwei Termine an zwei Tagen nacheinander"
                if which == "earliest":
                    return f"jeder Termin ab {clock_text(preferences.earliest or 0)} Uhr"
                return f"jeder Termin bis {clock_text(preferences.latest or 0)} Uhr"
            case _:
                assert_never(request)

    def _when(self, request: Request, names: Naming) -> str:
        parts = []
        first = None if request.first is None else self._day(request.first, names)
        last = None if request.last is None else self._day(request.last, names)
        if first is not None and first == last:
            parts.append(f"am {first}")
        elif first is not None and last is not None:
            parts.append(f"von {first} bis {last}")
        elif first is not None:
            parts.append(f"am {first} oder später")
        elif last is not None:
            parts.append(f"am {last} oder früher")
        if request.earliest is not None and request.earliest == request.latest:
            parts.append(f"um {clock_text(request.earliest)} Uhr")
        else:
            if request.earliest is not None:
                parts.append(f"ab {clock_text(request.earliest)} Uhr")
            if request.latest is not None:
                parts.append(f"bis {clock_text(request.latest)} Uhr")
        return " ".join(parts) or "zu irgendeiner Zeit"

    # --- the answer --------------------------------------------------------------------------

    def impossible(self, conflict: Conflict, asked: Sequence[Asked], names: Naming) -> str:
        if asked:
            wanted = words.listed([self.request(request, names) for request in asked])
            return f"{'zusammen ' if len(asked) > 1 else ''}nicht möglich: {wanted}, denn"
        visit = names.visit(conflict.visit)
        if names.you:
            return f"für {visit} gibt es kein mögliches Datum, denn"
        return f"kein Plan ist möglich: für {visit} gibt es kein Datum, denn"

    def already(self, several: bool) -> str:
        wishes = "diese Wünsche" if several else "diesen Wunsch"
        return f"auch ohne {wishes} ist kein Plan möglich"

    def further(self, conflict: Conflict, told: int, names: Naming) -> str:
        number = "zweites" if told == 1 else "weiteres"
        return f"es gibt ein {number} Hindernis für {names.visit(conflict.visit)}"

    def gives_way(self, enough: Sequence[bool | None], minimal: bool, more: bool) -> str:
        several, known = len(enough) > 1, None not in enough
        if not minimal:
            return "diese Regeln widersprechen sich, doch vielleicht kommt es nicht auf jede an"
        if any(enough):
            if not several:
                return "es genügt, wenn sich das ändert"
            if all(enough):
                return "es genügt, wenn sich eines davon ändert"
            only = "Nur was" if known else "Was"
            mark = f"mit [{self.alone()}] markiert ist, genügt allein"
            return f"diese Regeln widersprechen sich. {only} {mark}"
        if more:
            if not several:
                return "das muss sich ändern und dazu eines aus der nächsten Liste"
            return "mindestens eines davon muss sich ändern und dazu eines aus der nächsten Liste"
        if not several:
            return "das allein zu ändern genügt nicht" if known else ""
        if known:
            return "diese Regeln widersprechen sich, und eine allein zu ändern genügt nicht"
        return "diese Regeln widersprechen sich; mindestens eine muss sich ändern"

    def each_alone(self) -> str:
        return "jedes davon verhindert es schon allein; alle müssen sich ändern"

    def exclude(self, requests: int) -> str:
        return "diese Wünsche widersprechen sich" if requests > 1 else "diese Uhrzeit gibt es nicht"

    def alone(self) -> str:
        return "genügt allein"

    def fits(self, fits: Fits, names: Naming) -> str:
        kind = "Behandlungen" if names.full else "Terminen"
        fit = "geht" if fits.count <= 1 else "gehen"
        many = str(fits.count) if fits.count else "keine" if names.full else "keiner"
        return (
            f"von {fits.of} ausstehenden {kind} {fit} {many} bis "
            f"{self._day(fits.by, names)}; {names.visit(fits.next)} wäre am "
            f"{self._day(fits.next_on, names)}"
        )

    def later(self, number: int, until: date, names: Naming) -> str:
        after = self.day(until, year=True)
        if number == 1:
            return f"1 weiterer Termin ist nach dem {after} geplant"
        return f"{number} weitere Termine sind nach dem {after} geplant"

    def clinician(self, names: Naming) -> str:
        return "ärztliche Zustimmung nötig" if names.full else "Zustimmung nötig"

    def would_help(self) -> str:
        return "was helfen würde, die kleinste Änderung zuerst"

    def change(self, change: Change, names: Naming) -> str:
        you = names.you
        person = "Sie" if you else "die Person"
        match change:
            case MoreHours(whose=whose, name=name, day=day, start=start, end=end):
                when = "ganztägig" if (start, end) == ALL_DAY else words.window([(start, end)])
                on = f"am {self._day(day, names)} auch {when}"
                match whose:
                    case Whose.ESCORT:
                        return f"{names.escort(name)} kann {on} fahren"
                    case Whose.PERSON if (start, end) == ALL_DAY:
                        comes = "kommen" if you else "kommt"
                        return (
                            f"{person} {comes} am {self._day(day, names)}, obwohl sonst nicht frei"
                        )
                    case Whose.PERSON:
                        return f"{person} {'sind' if you else 'ist'} {on} frei"
                    case Whose.CLINIC:
                        return f"{self.plain.clinic} hat {on} geöffnet"
                    case _:
                        assert_never(whose)
            case AnotherEscort(day=day):
                when = "von jedem Termin" if day is None else f"am {self._day(day, names)}"
                return f"jemand anderes fährt {person} {when} nach Hause"
            case WithoutEscort(visit=visit):
                if names.full:
                    return f"für {names.visit(visit)} wird die Begleitung ärztlich erlassen"
                return f"{names.visit(visit)} geht ohne Begleitung, wenn die Einrichtung zustimmt"
            case Unpinned(visit=visit):
                return f"{names.visit(visit)} darf verlegt werden"
            case Skipped(what=what, day=day):
                lets = "lassen" if you else "lässt"
                return f"{person} {lets} am {self._day(day, names)} ausfallen: {names.what(what)}"
            case NotAway(day=day):
                return f"{person} {'sind' if you else 'ist'} am {self._day(day, names)} doch da"
            case Reopened(closure=closure):
                return f"{self.plain.clinic} öffnet trotzdem {self._dated(closure, names)}"
            case OneMorePlace(place=kind, day=day):
                return f"am {self._day(day, names)} wird noch etwas frei: {names.place(kind)}"
            case OneMoreStaff(staff=kind, day=day, skills=skills):
                who = words.wanted(names.wanted(Wanted(kind, skills)))
                return f"am {self._day(day, names)} arbeitet eine Kraft mehr: {who}"
            case Looser(rule=rule, least=least, steps=steps):
                unit = (
                    words.counted(steps, "Stunde", "Stunden")
                    if words.is_elapsed(rule)
                    else words.tage(steps)
                )
                side = "näher" if least else "weiter auseinander"
                if rule.rule == FLOOR:
                    return self._before_target(rule, steps, unit, names)
                said = self.rule(loosened(rule, steps, least), (), names)
                if " muss " in said:
                    return f"{said.replace(' muss ', ' darf ', 1)} ({unit} {side})"
                return f"erlauben: {said} ({unit} {side})"
            case OneMoreVisit(rule=rule):
                more = attrs.evolve(rule, most=rule.most + 1)
                return f"erlauben: {self.rule(more, (), names)} (einer mehr)"
            case EndsLater(day=day):
                return f"die Termine dürfen bis {self._day(day, names)} dauern"
            case StartsSooner(day=day):
                return f"die Termine dürfen am {self._day(day, names)} beginnen"
            case _:
                assert_never(change)

    def _before_target(self, rule: Spacing, steps: int, unit: str, names: Naming) -> str:
        looser = loosened(rule, steps, rule.least is not None)
        other = self._end(rule.earlier, names)
        apart = words.length(in_days(floor_length(looser)))
        side, way = ("vor", "nach") if rule.least is not None else ("nach", "vor")
        return (
            f"erlauben: {names.visit(rule.later)} ist {unit} {side} dem Zieldatum "
            f"({apart} {way} {other})"
        )

    def then(self, visits: str, objective: Objective, names: Naming) -> str:
        return (
            f"dann: {visits}"
            if names.you
            else f"dann: {visits}; {self.objective(objective, names)}"
        )

    def as_with(self, number: int, moves: str) -> str:
        return f"wie bei {number}, aber {moves}" if moves else f"wie bei {number}"

    def cheapest(self, proved: bool, found: bool, names: Naming) -> str:
        if not found:
            return "es wurde keine kleine Änderung gefunden, mit der es ginge"
        if not proved:
            return "vielleicht gibt es eine kleinere Änderung, die nicht geprüft wurde"
        return f"eine kleinere Änderung genügt nicht{'' if names.you else ' (bewiesen)'}"

    def possible(self, asked: Sequence[Asked], names: Naming) -> str:
        match asked:
            case []:
                return "alle Regeln können eingehalten werden"
            case [Request(never=date() as never, visit=visit)]:
                without = "Termin" if visit is None else names.visit(visit)
                return f"ja, es geht ohne {without} am {self._day(never, names)}"
            case _:
                wanted = words.listed([self.request(request, names) for request in asked])
                return f"ja, das ist möglich: {wanted}"

    def costs(self, more: str) -> str:
        return f"Folgen: {more}" if more else "nur die Uhrzeiten ändern sich"

    def unchanged(self) -> str:
        return "nichts ändert sich: der beste Plan ist schon so"

    def moves(self, before: Sequence[Visit], now: Sequence[Visit], names: Naming) -> str:
        when = {visit.id: visit.start for visit in before}
        moved = [one for one in now if one.id in when and utc(one.start) != utc(when[one.id])]
        parts = []
        for n, visit in enumerate(moved):
            moves = "" if n else " verschiebt sich"
            at = f"{self._day(visit.day, names)} {visit.start:%H:%M} Uhr"
            parts.append(f"{names.visit(visit.id)}{moves} auf {at}")
        return words.listed(parts) or "nichts wird verschoben"

    def visit_at(self, visit: Visit, year: bool, names: Naming) -> str:
        return f"{names.visit(visit.id)} {self.day(visit.day, year=year)} {visit.start:%H:%M} Uhr"

    def more(self, number: int) -> str:
        return f"... und {number} weitere"

    def proof(self, plan: Plan, names: Naming) -> str:
        proof, objective, unproved = plan.proof, plan.objective, plan.unproved
        match proof:
            case Proof.OPTIMAL if names.agenda.broken:
                return (
                    "nicht jede Regel ist eingehalten, siehe oben; bewiesen: kein Plan liegt "
                    "weniger Tage außerhalb der verletzten Grenzen, und keiner mit ebenso wenigen "
                    "ist bei Ziel, Wünschen, Ende und Uhrzeiten besser"
                )
            case Proof.OPTIMAL if names.agenda.cut_after:
                return (
                    f"bewiesen bester Plan nur der ersten {names.agenda.cut_after} Termine, "
                    "nicht der ganzen Behandlung"
                )
            case Proof.OPTIMAL if names.you:
                return "bewiesen: keine besseren Tage halten alle Regeln ein"
            case Proof.OPTIMAL:
                order = ORDER if objective is None else objective.order
                best = ", dann ".join(words.BEST[level] for level in order if level in words.BEST)
                return f"bewiesen bester Plan: {best}"
            case Proof.IMPOSSIBLE:
                return "bewiesen: kein Plan hält alle Regeln ein"
            case Proof.NOT_PROVED if unproved is Unproved.OPEN:
                return (
                    "nicht bewiesen bester Plan: eine offene Frage entscheidet über einige "
                    "dieser Tage"
                )
            case Proof.NOT_PROVED if unproved is Unproved.LATE and objective is None:
                hinging = words.hinging(plan.hinges, names)
                return f"kein Plan gefunden: {hinging}; keiner ist ausgeschlossen"
            case Proof.NOT_PROVED if unproved is Unproved.LATE:
                return f"nicht bewiesen bester Plan: {words.hinging(plan.hinges, names)}"
            case Proof.NOT_PROVED if objective is None:
                return (
                    "der erlaubte Aufwand war zu Ende, bevor ein Plan gefunden war; "
                    "keiner ist ausgeschlossen"
                )
            case Proof.NOT_PROVED:
                bound = words.tage(objective.bound)
                return (
                    "nicht bewiesen bester Plan: der erlaubte Aufwand war zu Ende; "
                    f"kein Plan hat weniger als {bound} außerhalb des Ziels"
                )
            case _:
                assert_never(proof)

    def objective(self, objective: Objective, names: Naming) -> str:
        return ", ".join(filter(None, (self._cost(one, objective) for one in objective.order)))

    def _cost(self, level: Level, objective: Objective) -> str:
        match level:
            case Level.BREACH if objective.breach:
                return f"{words.tage(objective.breach)} außerhalb verletzter Grenzen"
            case Level.DEVIATION:
                return f"{words.tage(objective.deviation)} außerhalb des Ziels"
            case Level.PREFERENCES:
                return f"{words.counted(objective.preferences, 'Wunsch', 'Wünsche')} nicht erfüllt"
            case Level.FINISH if objective.finish is not None:
                return f"letzter Termin {self.day(objective.finish, year=True)}"
            case _:
                return ""

    def compared(
        self, now: Objective, without: Objective, pays: Sequence[Pays], names: Naming
    ) -> str:
        parts = []
        if (days := now.deviation - without.deviation) > 0:
            who = words.payers([one for one in pays if one.level is Level.DEVIATION], True, names)
            parts.append(f"{words.tage(days)} mehr außerhalb des Ziels{who}")
        if (preferences := now.preferences - without.preferences) > 0:
            more = "1 weiterer Wunsch" if preferences == 1 else f"{preferences} weitere Wünsche"
            who = words.payers(
                [one for one in pays if one.level is Level.PREFERENCES], False, names
            )
            parts.append(f"{more} nicht erfüllt{who}")
        if (later := words.later(now, without)) > 0:
            parts.append(f"der letzte Termin {words.tage(later)} später")
        return words.listed(parts)

    def gained(self, now: Objective, without: Objective, names: Naming) -> str:
        parts = []
        if (days := without.deviation - now.deviation) > 0:
            parts.append(f"{words.tage(days)} weniger außerhalb des Ziels")
        if (preferences := without.preferences - now.preferences) > 0:
            parts.append(f"{words.counted(preferences, 'Wunsch', 'Wünsche')} mehr erfüllt")
        if (sooner := words.later(without, now)) > 0:
            parts.append(f"der letzte Termin {words.tage(sooner)} früher")
        return f"dafür: {words.listed(parts)}" if parts else ""

    # --- why then ----------------------------------------------------------------------------

    def placed(self, visit: Visit, names: Naming) -> str:
        return f"{names.visit(visit.id)} ist am {self.moment(visit.start)}"

    def slack(self, slack: Slack, names: Naming) -> str:
        text = self.rule(slack.rule, (), names)
        if slack.deviation:
            return f"{text}: {words.tage(slack.deviation)} außerhalb des Ziels"
        if slack.to_least is None and slack.to_most is None:
            return f"{text}: im Ziel"
        rest = room(slack)
        if isinstance(slack.rule, AtMost):
            return f"{text}: {f'Platz für {rest} mehr' if rest else 'kein Platz für einen mehr'}"
        if not rest:
            side = "früher" if slack.to_least == 0 else "später"
            if slack.to_least == 0 and slack.to_most == 0:
                side = "früher oder später"
            return f"{text}: {side} geht nicht"
        timed = isinstance(slack.rule, Spacing) and words.is_elapsed(slack.rule)
        return f"{text}: {words.elapsed_text(rest) if timed else words.tage(rest)} Spielraum"

    def dated(self, which: str, dated: DatedBy, names: Naming) -> str:
        word = {"earliest": "frühestens", "target": "Ziel", "latest": "spätestens"}[which]
        text = f"{word} {self.day(dated.day, year=True)}"
        return f"{text} (Quelle: {dated.source})" if names.full and dated.source else text

    def otherwise(self, which: str, other: Otherwise, plan: Objective, names: Naming) -> str:
        when = {
            "nearer": "näher am Ziel",
            "sooner": "an einem früheren Tag",
            "earlier": "früher an diesem Tag",
        }[which]
        if other.visit is not None and other.objective is not None:
            at = self.moment(other.visit.start)
            if names.you:
                return f"{when}: möglich am {at}"
            costs = self.costs(self.compared(other.objective, plan, other.pays, names))
            gained = self.gained(other.objective, plan, names)
            return "; ".join(filter(None, [f"{when}: möglich am {at}", costs, gained]))
        if other.conflict is None:
            return f"{when}: nicht bekannt, der erlaubte Aufwand war zu Ende"
        return f"{when}: nicht möglich, denn"
