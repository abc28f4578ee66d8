"""Frozen values: protocol, availability, course, agenda, schedule. They know no other layer."""
