"""An agenda as integers, its best plan, and the way back to dates and times."""
