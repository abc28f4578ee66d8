"""Many independent courses planned anew, here or wherever an executor sends them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from datetime import date, datetime
from itertools import islice

import attrs

from protocol_sched.engine.candidates import Calendars
from protocol_sched.errors import InvalidValue
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Course
from protocol_sched.model.moments import as_instant
from protocol_sched.model.typed import typed
from protocol_sched.planning.course import EFFORT
from protocol_sched.planning.replan import replan_course


@attrs.frozen(kw_only=True, field_transformer=typed)
class Job:
    """One course to plan anew, with all that is needed to do it somewhere else."""

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
    Plan independent courses anew, by any executor, and yield the answers in the jobs' order.

    Args:
        jobs: Taken as they are needed; each course is planned around its own clinic's bookings.
        executor: Of ``concurrent.futures`` or alike, such as Dask's
            ``client.get_executor()``; its workers need this package. Without one, in turn here.
        at_once: How many jobs wait in the executor at a time.

    Raises:
        InvalidEvent, InvalidValue: For the first job whose course cannot be planned; the jobs
            that wait are cancelled.
    """
    if at_once < 1:
        raise InvalidValue("replan many", "at_once", str(at_once), "1 or more")
    if executor is None:
        calendars = Calendars()
        for job in jobs:
            yield replan_job(job, calendars)
        return
    waiting = iter(jobs)
    futures = deque(executor.submit(replan_job, job) for job in islice(waiting, at_once))
    try:
        while futures:
            done = futures.popleft().result()
            futures.extend(executor.submit(replan_job, job) for job in islice(waiting, 1))
            yield done
    finally:
        for future in futures:
            future.cancel()
