"""How cost grows with years of horizon and with visits, in a clinic booked to 80 %."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

import made
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from protocol_sched import Plan, Proof, plan_agenda

SIZES = [(1, 12), (2, 12), (3, 12), (4, 12), (1, 10), (1, 20), (1, 40), (1, 60)]


@pytest.mark.parametrize(("years", "visits"), SIZES)
def test_growth(benchmark: BenchmarkFixture, years: int, visits: int) -> None:
    clinic, person = made.clinic(365 * years), made.person()
    agenda, protocol = made.series(visits)
    last = made.FIRST + timedelta(days=365 * years - 1)

    def whole() -> Plan:
        return plan_agenda(agenda, protocol, clinic, person, first=made.FIRST, until=last)

    plan = benchmark.pedantic(whole, rounds=7, warmup_rounds=1)
    assert plan.proof is Proof.OPTIMAL
    tracemalloc.start()
    whole()
    benchmark.extra_info.update(
        years=years, visits=visits, megabytes=tracemalloc.get_traced_memory()[1] / 1e6
    )
    tracemalloc.stop()
