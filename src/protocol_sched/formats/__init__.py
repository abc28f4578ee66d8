"""Formats: each module turns model values into one kind of text and back; none opens a file."""
