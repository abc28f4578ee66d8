"""Calendars that others wrote, read within limits."""
