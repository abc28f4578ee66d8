"""FHIR: plan definitions read and written, appointments out, slots in."""
