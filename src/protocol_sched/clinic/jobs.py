"""Many courses or clinics planned, each by itself, here or wherever an executor sends them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from datetime import date, datetime
from itertools import islice
from typing import TypeVar

import attrs

from protocol_sched.clinic.courses import Case
from protocol_sched.clinic.plan import ClinicPlan, plan_clinic
from protocol_sched.clinic.together import STANDARD, Effort
from protocol_sched.engine.candidates import Calendars
from protocol_sched.errors import InvalidValue
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Course
from protocol_sched.model.moments import as_instant
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.typed import typed
from protocol_sched.planning.course import EFFORT
from protocol_sched.planning.replan import replan_course


@attrs.frozen(kw_only=True, field_transformer=typed)
class Job:
    """One course to plan again, with all that is needed to do it somewhere else."""

    course: Course
    clinic: Clinic
    person: Person
    as_of: date
    now: datetime | None = attrs.field(default=None, eq=as_instant)
    until: date | None = None
    effort: int = EFFORT
    """Steps for this job alone, so that its answer is the same wherever it is done."""


def replan_job(job: Job, calendars: Calendars | None = None) -> Replan:
    """Do a job; the same as `replan_course`."""
    return replan_course(
        job.course,
        job.clinic,
        job.person,
        as_of=job.as_of,
        now=job.now,
        until=job.until,
        effort=job.effort,
        calendars=calendars,
    )


def replan_many(
    jobs: Iterable[Job], executor: Executor | None = None, *, at_once: int = 256
) -> Iterator[Replan]:
    """
    Plan independent courses again, by any executor, and yield the answers in the jobs' order.

    Args:
        jobs: Taken as they are needed; each course is planned around its own clinic's bookings.
        executor: Of ``concurrent.futures`` or alike, such as Dask's
            ``client.get_executor()``; its workers need this package. Without one, in turn here.
        at_once: How many jobs wait in the executor at a time.

    Raises:
        InvalidEvent, InvalidValue: For the first job whose course cannot be planned; the jobs
            that wait are cancelled.
    """
    calendars = Calendars()

    def here(job: Job) -> Replan:
        return replan_job(job, calendars)

    yield from _spread(jobs, here if executor is None else replan_job, executor, at_once)


@attrs.frozen(kw_only=True, field_transformer=typed)
class ClinicJob:
    """One clinic with all its courses to plan, with all that is needed to do it somewhere else."""

    cases: tuple[Case, ...] = attrs.field(converter=as_tuple)
    clinic: Clinic
    as_of: date
    now: datetime | None = attrs.field(default=None, eq=as_instant)
    seed: int = 1
    effort: Effort = STANDARD


def plan_clinic_job(job: ClinicJob) -> ClinicPlan:
    """Do a job; the same as `plan_clinic`."""
    return plan_clinic(
        job.cases, job.clinic, as_of=job.as_of, now=job.now, seed=job.seed, effort=job.effort
    )


def plan_clinics(
    jobs: Iterable[ClinicJob], executor: Executor | None = None, *, at_once: int = 64
) -> Iterator[ClinicPlan]:
    """
    Plan many clinics, each by itself, by any executor, and yield the plans in the jobs' order.

    Effort is counted, so a plan is the same wherever it is made, byte for byte.

    Args:
        jobs: Taken as they are needed.
        executor: As for `replan_many`.
        at_once: How many jobs wait in the executor at a time.

    Raises:
        InvalidEvent, InvalidValue, InternalFault: For the first job that cannot be planned; the
            jobs that wait are cancelled.
    """
    return _spread(jobs, plan_clinic_job, executor, at_once)


_Job = TypeVar("_Job")
_Done = TypeVar("_Done")


def _spread(
    jobs: Iterable[_Job], do: Callable[[_Job], _Done], executor: Executor | None, at_once: int
) -> Iterator[_Done]:
    if at_once < 1:
        raise InvalidValue("jobs", "at_once", str(at_once), "1 or more")
    if executor is None:
        yield from map(do, jobs)
        return
    waiting = iter(jobs)
    futures = deque(executor.submit(do, job) for job in islice(waiting, at_once))
    try:
        while futures:
            done = futures.popleft().result()
            futures.extend(executor.submit(do, job) for job in islice(waiting, 1))
            yield done
    finally:
        for future in futures:
            future.cancel()
