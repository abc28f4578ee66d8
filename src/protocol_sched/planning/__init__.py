"""One course: planned, planned anew, and explained where nothing fits."""
