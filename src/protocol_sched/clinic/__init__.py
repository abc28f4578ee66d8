"""Many courses in one clinic."""
