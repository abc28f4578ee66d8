"""Which test files are about which sources, where no run says which test runs which line."""

from __future__ import annotations

from collections.abc import Mapping

NEAR: Mapping[str, tuple[str, ...]] = {
    "model": ("test_fields", "test_notation", "test_moments", "test_documents", "test_checker"),
    "model/availability.py": ("test_documents", "test_team", "test_checker", "test_planning"),
    "model/last_notice.py": ("test_last_notice", "test_replanning", "test_rides"),
    "model/open_days.py": ("test_closed_days", "test_verdicts_closed_days"),
    "model/verdict.py": ("test_verdicts", "test_dates_text"),
    "model/wishes.py": ("test_wishes", "test_planning"),
    "expansion": ("test_expansion", "test_histories", "test_response", "test_recording"),
    "expansion/cadences.py": ("test_expansion", "test_day_of_month", "test_closed_days"),
    "expansion/gates.py": ("test_expansion", "test_gate_target", "test_gates_bind",
                           "test_repeated_tests", "test_gate_visit_results"),
    "expansion/lateness.py": ("test_expansion", "test_bands", "test_late_asked"),
    "expansion/other_visits.py": ("test_expansion", "test_unplanned_visits", "test_exemptions"),
    "engine": ("test_planning", "test_checker", "test_conflicts", "test_off_target"),
    "engine/crews.py": ("test_team",),
    "engine/solvers": ("test_solver", "test_feasible", "test_dive", "test_effort"),
    "engine/solvers/corrections.py": ("test_explaining", "test_conflicts"),
    "engine/solvers/quickxplain.py": ("test_conflicts", "test_feasible"),
    "judge": ("test_checker", "test_judges_clock", "test_verdicts"),
    "judge/calendar_file.py": ("test_ics_back", "test_signing"),
    "judge/clinic.py": ("test_clinic_replan", "test_clinic_plan"),
    "judge/clock.py": ("test_judges_clock", "test_clock_changes", "test_checker"),
    "judge/deciding.py": ("test_verdicts", "test_verdicts_closed_days"),
    "judge/insisted.py": ("test_wishes", "test_weekdays_of_a_person"),
    "judge/objective.py": ("test_checker", "test_wishes"),
    "judge/one_visit.py": ("test_verdicts", "test_verdicts_closed_days"),
    "judge/recording.py": ("test_recording", "test_on_record"),
    "judge/rides.py": ("test_rides",),
    "judge/signing.py": ("test_signing",),
    "judge/team.py": ("test_team",),
    "judge/together.py": ("test_recording", "test_one_history"),
    "planning": ("test_planning", "test_replanning", "test_until"),
    "planning/conflicts.py": ("test_conflicts", "test_explanation"),
    "planning/explain.py": ("test_explaining", "test_explanation"),
    "planning/lookahead.py": ("test_lookahead",),
    "planning/notice.py": ("test_notice",),
    "planning/relaxed.py": ("test_explanation", "test_explaining"),
    "planning/relaxing.py": ("test_explanation", "test_explaining"),
    "planning/replan.py": ("test_replanning", "test_changes_text"),
    "clinic": ("test_clinic", "test_clinic_plan"),
    "clinic/capacity.py": ("test_clinic_capacity",),
    "clinic/day.py": ("test_clinic_day",),
    "clinic/fewest.py": ("test_clinic_replan",),
    "clinic/jobs.py": ("test_clinic_jobs",),
    "clinic/leaving.py": ("test_clinic_replan",),
    "clinic/replan.py": ("test_clinic_replan",),
    "clinic/staying.py": ("test_clinic_replan",),
    "clinic/waiting.py": ("test_clinic_jobs", "test_clinic"),
}  # fmt: skip
"""By path below the package; of several that fit, the longest is taken."""


def near(path: str) -> list[str]:
    """Return the test files for a source, those that most likely notice a fault of it first."""
    fits = max((begin for begin in NEAR if path.startswith(begin)), key=len)
    return [f"tests/{name}.py" for name in NEAR[fits]]
