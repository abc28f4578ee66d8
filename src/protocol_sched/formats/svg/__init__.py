"""A course as one picture."""
