"""May it be, and is it so: schedules, dates, events and rides, judged."""
