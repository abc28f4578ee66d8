"""Many clinics planned by any executor: the same plans, byte for byte, in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

import attrs
import pytest

from protocol_sched.clinic.jobs import ClinicJob, plan_clinics
from protocol_sched.clinic.plan import ClinicPlan
from protocol_sched.clinic.together import Effort
from protocol_sched.errors import InvalidValue
from protocol_sched.formats.documents import documents
from test_clinic import ASKED, BUSY, cases


def jobs() -> Iterator[ClinicJob]:
    """Yield clinics that differ in how many courses and chairs they have."""
    for n in range(4):
        place = attrs.evolve(BUSY, name=f"Clinic {n}", places=BUSY.places[: 2 + n % 2])
        effort = Effort(rounds=8, moves=60)
        yield ClinicJob(cases=cases(3 + n), clinic=place, as_of=ASKED, seed=n, effort=effort)


def written(plans: Iterator[ClinicPlan]) -> list[str]:
    """Return each plan with its numbers as it would be written to a file."""
    return [
        documents.write_json(
            {
                "plans": [documents.plan_to_dict(one) for one in plan.plans],
                "numbers": [plan.bound, plan.rounds, plan.moves],
            }
        )
        for plan in plans
    ]


@pytest.fixture(scope="module")
def serial() -> list[str]:
    return written(plan_clinics(jobs()))


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_gives_what_is_planned_in_turn(kind: type[Executor], serial: list[str]) -> None:
    with kind(2) as executor:  # type: ignore[call-arg]
        assert written(plan_clinics(jobs(), executor, at_once=2)) == serial


def test_a_dask_cluster_gives_what_is_planned_in_turn(serial: list[str]) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed here")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert written(plan_clinics(jobs(), client.get_executor())) == serial


def test_at_least_one_job_is_given_away_at_a_time() -> None:
    with pytest.raises(InvalidValue, match="at_once must be 1 or more, got 0"):
        list(plan_clinics(jobs(), at_once=0))
