"""One course: planned, planned again, and explained where nothing fits."""
