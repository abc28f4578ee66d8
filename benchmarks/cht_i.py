"""
Plan instances of CHT-I, a French day hospital, whole: consultation, seat, mixing, monitoring.

    python benchmarks/cht_i.py [--seed N] [--moves N] [--rest] FILE...

Prints a line of JSON for each file: people and visits placed, start delay in days against that of
each person alone in the hospital, the last day used, seconds, and the rules that a judge of this
file finds broken, who reads the instance itself and knows nothing of the library.

How an instance becomes a clinic: a slot is 20 minutes. A visit is a consultation with a doctor of
the sector, if it is asked for, then the installation by a nurse in a seat, then monitoring, in
which a nurse watches several. The pharmacy mixes beside the installation, for as many slots as it
takes, and may begin as soon as the consultation is over; the person waits in the seat until the
drug is there. Where it may be mixed the day before, nobody waits for it. How long each visit waits
is settled before all are planned, by the day on which its person could begin alone, and again for
those who begin late, by what others leave. Days between two visits of a person are the days of rest
and one, as the description has it; with ``--rest`` they are the days of rest.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from protocol_sched import Ask, ClinicPlan, Effort, plan_agendas
from protocol_sched.model.agenda import Agenda, Due, PastVisit, Rules, Spacing
from protocol_sched.model.availability import Booking, Clinic, Hours, Person, Place, Ratio, Staff
from protocol_sched.model.cadences import OnDemand
from protocol_sched.model.numbers import Count
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, SpanRange
from protocol_sched.model.stages import Stage

FIRST = date(2027, 3, 1)
OPENS, SLOT = 8 * 60, 20
EFFORT = Effort(rounds=40, moves=1500)
AGAIN = 2
"""How often those who begin late are given other ways to go."""


# --- the instance as model values ----------------------------------------------------------------


def clinic_of(instance: dict[str, Any]) -> Clinic:
    """Return the hospital."""
    param = instance["param"]
    slots = len(param["nurses"][0])
    closes = OPENS + SLOT * slots
    week = f"{OPENS // 60:02}:{OPENS % 60:02}-{closes // 60:02}:{closes % 60:02}"
    return Clinic(
        name="Day hospital",
        zone=ZoneInfo("UTC"),
        hours=Hours.of(dict.fromkeys(WEEKDAYS, week)),
        places=[Place(name=f"seat {n}", kind="seat") for n in range(1, param["numMaterials"] + 1)],
        staff=[_staff(kind, rows) for kind, rows in rows_of(instance).items()],
        ratios=[Ratio(one="nurse", for_=(("monitoring", param["multitasks"]),))],
        start_every=SLOT,
    )


def _staff(kind: str, rows: Sequence[Sequence[int]]) -> Staff:
    """Return staff of whom there are so many in each slot of each day, as what is left of most."""
    units = max(1, *(most for row in rows for most in row))
    booked = [
        Booking(
            day=FIRST + timedelta(days=day),
            start=OPENS + SLOT * slot,
            end=OPENS + SLOT * (slot + 1),
            units=units - there,
        )
        for day, row in enumerate(rows)
        for slot, there in enumerate(row)
        if there < units
    ]
    return Staff(kind=kind, units=units, booked=booked)


@attrs.frozen
class Flow:
    """How a visit goes: what each of its slots holds, in order."""

    slots: tuple[tuple[str, tuple[str, ...]], ...]
    """``(stage, kinds held)``."""

    @property
    def waits(self) -> int:
        return sum(stage == "waiting" for stage, _ in self.slots)


@lru_cache(maxsize=4096)
def flows(
    sector: int, consulting: int, installing: int, mixing: int, treating: int, ready: int
) -> list[Flow]:
    """
    Return how a visit may go, those that wait least first.

    Args:
        ready: The slots of mixing the day before; 0 for none.
    """
    found: dict[Flow, None] = {}
    for before in range(6 if consulting else 1):
        for extra in range(max(0, mixing - installing - before), mixing + 7):
            monitored = before + installing + extra  # after the consultation
            for mixed in range(monitored - mixing + 1) if mixing else (0,):
                slots = [("consultation", (f"doctor {sector}",))] * consulting
                for at in range(monitored):
                    name = "installation" if before <= at < before + installing else "waiting"
                    held = ("seat",) if at >= before else ()
                    held += ("nurse",) if name == "installation" else ()
                    held += (f"mixed {ready}",) if name == "installation" and ready else ()
                    held += ("pharmacy",) if mixing and mixed <= at < mixed + mixing else ()
                    slots.append((name, held))
                slots += [("monitoring", ("seat", "nurse"))] * treating
                found[Flow(tuple(slots))] = None
    return sorted(found, key=lambda one: one.waits)


def flows_of(one: dict[str, Any], param: dict[str, Any]) -> list[Flow]:
    """Return how one of the instance's visits may go."""
    consulting = param["consultationLength"] if one["needingConsultation"] else 0
    mixing, treating = one["medPrepDuration"], one["treatmentDuration"]
    installing = param["installationLength"]
    found = []
    if not one["medPreparedSameDay"]:
        found = flows(one["sectorId"], consulting, installing, 0, treating, mixing)
    return [*found, *flows(one["sectorId"], consulting, installing, mixing, treating, 0)]


def rows_of(instance: dict[str, Any]) -> dict[str, list[list[int]]]:
    """Return how many there are of each kind in each slot of each day; many where that is open."""
    param, many = instance["param"], len(instance["demands"]) + 1
    rows = {"nurse": param["nurses"]}
    rows["pharmacy"] = [[many * int(open_) for open_ in row] for row in param["pharmacy"]]
    rows |= {f"doctor {sector}": each for sector, each in param["doctors"].items()}
    lengths = {
        one["medPrepDuration"]
        for demand in instance["demands"]
        for one in demand["rdvDemands"]
        if not one["medPreparedSameDay"] and one["medPrepDuration"]
    }
    for length in sorted(lengths):
        # Drugs that take so long are there if the pharmacy could mix them the day before.
        rows[f"mixed {length}"] = [
            [many * int(day > 0 and _run(param["pharmacy"][day - 1]) >= length)] * len(row)
            for day, row in enumerate(param["pharmacy"])
        ]
    return rows


def _run(row: Sequence[bool]) -> int:
    """Return for how many slots on end the pharmacy is open on a day."""
    best = run = 0
    for open_ in row:
        run = run + 1 if open_ else 0
        best = max(best, run)
    return best


Starts = dict[tuple[int, int], tuple[int, int, Flow]]
"""Day, slot and flow of each visit, by person and visit."""
Rows = dict[str, list[list[int]]]
"""How much there is of each kind in each slot of each day; of nurses in shares of one."""


def shares_of(instance: dict[str, Any]) -> Rows:
    """Return all there is of each kind, seats too."""
    param = instance["param"]
    rows = {kind: [list(row) for row in each] for kind, each in rows_of(instance).items()}
    rows["seat"] = [[param["numMaterials"]] * len(row) for row in param["nurses"]]
    rows["nurse"] = [[param["multitasks"] * there for there in row] for row in param["nurses"]]
    return rows


def need(kind: str, stage: str, param: dict[str, Any]) -> int:
    """Return how many shares of a kind a slot of a stage takes."""
    return int(param["multitasks"]) if kind == "nurse" and stage == "installation" else 1


def room(flow: Flow, rows: Rows, param: dict[str, Any], day: int) -> int:
    """Return at how many starts of a day a visit has room."""
    slots = len(rows["nurse"][day])
    good = [
        [
            all(rows[kind][day][at] >= need(kind, stage, param) for kind in held)
            for at in range(slots)
        ]
        for stage, held in flow.slots
    ]
    last = slots - len(flow.slots)
    return sum(all(row[start + n] for n, row in enumerate(good)) for start in range(last + 1))


def used(rows: Rows, starts: Starts, person: int, param: dict[str, Any], sign: int) -> None:
    """Give back what the visits of a person hold, or take it."""
    for (who, _), (day, slot, flow) in starts.items():
        if who == person:
            for n, (stage, held) in enumerate(flow.slots):
                for kind in held:
                    rows[kind][day][slot + n] += sign * need(kind, stage, param)


def chosen(
    demand: dict[str, Any], param: dict[str, Any], rows: Rows, rest: int
) -> tuple[int, list[Flow]]:
    """Return the first day on which a person has room, and how the visits go then."""
    visits = demand["rdvDemands"]
    for day in range(first_day(param), len(param["nurses"])):
        on, picked = day, []
        for n, one in enumerate(visits):
            on += one["afterLastRequest"] + rest if n else 0
            if on >= len(param["nurses"]):
                break
            # Each slot of waiting is worth a start less.
            options = [
                (room(one_, rows, param, on) - one_.waits, one_) for one_ in flows_of(one, param)
            ]
            able = [(count, one_) for count, one_ in options if count + one_.waits > 0]
            if not able:
                break
            picked.append(max(able, key=lambda option: option[0])[1])
        if len(picked) == len(visits):
            return day, picked
    raise ValueError(f"person {demand['id']} has no day")


def visit_type(flow: Flow) -> VisitType:
    """Return a visit's stages; its name tells those of one shape apart from others."""
    stages: list[Stage] = []
    for (name, held), run in groupby(flow.slots):
        length = ElapsedSpan(SLOT * len(list(run)))
        again = sum(stage.name.split()[0] == name for stage in stages)
        stages.append(
            Stage(
                name=f"{name} {again + 1}" if again else name,
                length=SpanRange(length, length),
                needs=tuple((kind, 1) for kind in held),
                source="local",
            )
        )
    called = ", ".join(
        f"{stage.name} {stage.most} {' '.join(kind for kind, _ in stage.needs)}".strip()
        for stage in stages
    )
    return VisitType(name=called, stages=stages)


def first_day(param: dict[str, Any]) -> int:
    """Return the first day with a nurse."""
    return next(day for day, row in enumerate(param["nurses"]) if any(row))


def ask_of(demand: dict[str, Any], picked: Sequence[Flow], param: dict[str, Any], rest: int) -> Ask:
    """Return one person's visits; each day that the first begins late is a day off target."""
    visits = demand["rdvDemands"]
    types = [visit_type(flow) for flow in picked]
    kinds = {kind.name: kind for kind in types}
    ids = [f"v{one['id']}" for one in visits]
    begin, none = FIRST + timedelta(days=first_day(param)), CalendarSpan()
    start = PastVisit("first day", "the first day", begin)
    rules: list[Rules] = [
        Spacing(
            rule="start",
            earlier=start,
            later=ids[0],
            least=none,
            target=SpanRange(none, none),
        )
    ]
    for (a, b), one in zip(pairwise(ids), visits[1:], strict=True):
        days = CalendarSpan(days=one["afterLastRequest"] + rest)
        rules.append(Spacing(rule="rest", earlier=a, later=b, least=days, most=days))
    key = f"p{demand['id']}"
    phase = Phase(
        name="course",
        visit=next(iter(kinds)),
        visits=Count.parse("open"),
        cadence=OnDemand(on_demand="bench"),
        source="local",
    )
    dues = [
        Due(
            id=name,
            title=name,
            kind=kind.name,
            phase="course",
            ordinal=n,
            type_ordinal=1,
        )
        for n, (name, kind) in enumerate(zip(ids, types, strict=True), 1)
    ]
    return Ask(
        agenda=Agenda(
            course=key,
            protocol="cht-i",
            as_of=FIRST,
            month_end=MonthEnd.LAST_DAY,
            dues=dues,
            bindings=rules,
        ),
        protocol=Protocol(name="cht-i", title="CHT-I", visit_types=kinds.values(), phases=[phase]),
        person=Person(key=key, available=Hours.of(dict.fromkeys(WEEKDAYS, "all day"))),
        first=FIRST,
        until=FIRST + timedelta(days=len(param["nurses"]) - 1),
    )


# --- a judge of its own --------------------------------------------------------------------------


def broken(instance: dict[str, Any], starts: Starts, rest: int) -> Iterator[str]:
    """Yield every rule of the instance that some visits break, read from the instance alone."""
    param = instance["param"]
    count: Counter[tuple[str, int, int]] = Counter()
    for demand in instance["demands"]:
        before: int | None = None
        for one in demand["rdvDemands"]:
            name = f"person {demand['id']} visit {one['id']}"
            if (demand["id"], one["id"]) not in starts:
                yield f"{name} has no place"
                continue
            day, slot, flow = starts[demand["id"], one["id"]]
            if before is not None and day - before != one["afterLastRequest"] + rest:
                yield f"{name} comes {day - before} days after the one before"
            before = day
            yield from (f"{name}: {says}" for says in _misdone(one, flow, param))
            ahead = not any("pharmacy" in held for _, held in flow.slots)
            length = 0 if one["medPreparedSameDay"] or not ahead else one["medPrepDuration"]
            if length and (day == 0 or _run(param["pharmacy"][day - 1]) < length):
                yield f"{name} cannot be mixed the day before"
            for n, (stage, held) in enumerate(flow.slots):
                for kind in held:
                    if kind == "pharmacy" and not _there(param["pharmacy"], day, slot + n):
                        yield f"{name} is mixed while the pharmacy is closed"
                    count[f"{kind} {stage}" if kind == "nurse" else kind, day, slot + n] += 1
    for (kind, day, at), taken in list(count.items()):
        when = f"on day {day} in slot {at}"
        if kind.startswith("nurse"):
            watched = count["nurse monitoring", day, at]
            nurses = count["nurse installation", day, at] - -watched // param["multitasks"]
            if nurses > _there(param["nurses"], day, at):
                yield f"too few nurses {when}"
        elif kind == "seat" and taken > param["numMaterials"]:
            yield f"too few seats {when}"
        elif kind.startswith("doctor") and taken > _there(
            param["doctors"][kind.split()[1]], day, at
        ):
            yield f"too few doctors of sector {kind.split()[1]} {when}"


def _misdone(one: dict[str, Any], flow: Flow, param: dict[str, Any]) -> Iterator[str]:
    """Yield what a visit does otherwise than the instance asks for."""
    at = {
        stage: [n for n, (name, _) in enumerate(flow.slots) if name == stage]
        for stage in ("consultation", "installation", "monitoring")
    }
    mixed = [n for n, (_, held) in enumerate(flow.slots) if "pharmacy" in held]
    consulting = param["consultationLength"] if one["needingConsultation"] else 0
    mixing = one["medPrepDuration"] if mixed or one["medPreparedSameDay"] else 0
    end = len(flow.slots)
    monitored = end - one["treatmentDuration"]
    if at["consultation"] != list(range(consulting)):
        yield "the consultation is not first or not as long"
    seated = at["installation"][0] if at["installation"] else end
    if at["installation"] != list(range(seated, seated + param["installationLength"])):
        yield "the installation is not in one go or not as long"
    if not consulting <= seated <= monitored - param["installationLength"]:
        yield "the installation is not between consultation and monitoring"
    if at["monitoring"] != list(range(monitored, end)):
        yield "the monitoring is not last or not as long"
    if len(mixed) != mixing or (mixed and mixed[-1] - mixed[0] + 1 != mixing):
        yield "mixing is not in one go or not as long"
    if mixed and not (consulting <= mixed[0] and mixed[-1] < monitored):
        yield "mixing is not between consultation and monitoring"
    if not all("seat" in held for _, held in flow.slots[seated:]):
        yield "the seat is not kept"
    if not all("nurse" in flow.slots[n][1] for n in (*at["installation"], *at["monitoring"])):
        yield "there is no nurse"


def _there(rows: Sequence[Sequence[int]], day: int, slot: int) -> int:
    return rows[day][slot] if day < len(rows) and slot < len(rows[day]) else 0


# --- what is reported ----------------------------------------------------------------------------


def starts_of(plan: ClinicPlan, picked: dict[int, list[Flow]]) -> Starts:
    """Return the visits of a plan as days and slots of the instance."""
    return {
        (int(one.agenda.course[1:]), int(visit.id[1:])): (
            (visit.day - FIRST).days,
            (60 * visit.start.hour + visit.start.minute - OPENS) // SLOT,
            picked[int(one.agenda.course[1:])][int(visit.id[1:])],
        )
        for one in plan.plans
        if one.schedule is not None
        for visit in one.schedule.visits
    }


def solved(
    instance: dict[str, Any], *, seed: int = 1, effort: Effort = EFFORT, rest: int = 1
) -> dict[str, Any]:
    """Plan one instance whole and return what is reported of it."""
    began = time.process_time()
    param = instance["param"]
    rows, clinic = shares_of(instance), clinic_of(instance)
    days = {one["id"]: chosen(one, param, rows, rest) for one in instance["demands"]}
    picked = {person: flows_ for person, (_, flows_) in days.items()}

    def planned() -> ClinicPlan:
        asks = [ask_of(one, picked[one["id"]], param, rest) for one in instance["demands"]]
        return plan_agendas(asks, clinic, seed=seed, effort=effort)

    plan = planned()
    for _ in range(AGAIN):
        # Whoever begins late may go another way where others have left room for it.
        found = starts_of(plan, picked)
        kept = dict(picked)
        for demand in instance["demands"]:
            used(rows, found, demand["id"], param, -1)
        for demand in instance["demands"]:
            person = demand["id"]
            begins = found.get((person, 0), (len(param["nurses"]), 0, None))[0]
            if begins > days[person][0]:
                used(rows, found, person, param, 1)
                day, flows_ = chosen(demand, param, rows, rest)
                if day < begins:
                    picked[person] = flows_
                else:
                    used(rows, found, person, param, -1)
        rows = shares_of(instance)
        if picked == kept:
            break
        other = planned()
        if (len(other.unplaced), other.deviation) >= (len(plan.unplaced), plan.deviation):
            picked = kept
            break
        plan = other
    seconds = time.process_time() - began
    starts = starts_of(plan, picked)
    visits = sum(len(demand["rdvDemands"]) for demand in instance["demands"])
    return {
        "people": len(days),
        "unplaced": list(plan.unplaced),
        "visits": visits,
        "placed": len(starts),
        "delay": plan.deviation,
        "alone": sum(day - first_day(param) for day, _ in days.values()),
        "last day": max((day for day, _, _ in starts.values()), default=0),
        "seconds": round(seconds, 2),
        "broken": list(broken(instance, starts, rest)),
    }


def main(arguments: list[str]) -> int:
    """Plan each file and print what is reported of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--moves", type=int, default=EFFORT.moves)
    parser.add_argument("--rest", action="store_true")
    asked = parser.parse_args(arguments)
    for name in asked.files:
        instance = json.loads(Path(name).read_text())
        effort = Effort(rounds=EFFORT.rounds, moves=asked.moves)
        found = solved(instance, seed=asked.seed, effort=effort, rest=int(not asked.rest))
        print(json.dumps({"instance": Path(name).stem, **found}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
