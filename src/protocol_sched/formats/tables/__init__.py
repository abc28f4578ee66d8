"""Tables: plans, dates and verdicts as CSV, schedules of activities as CSV in."""
