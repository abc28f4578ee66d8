"""A calendar file taken apart into what a CalDAV server stores: one object for each entry."""

from __future__ import annotations

from icalendar import Calendar

KEPT = ("VERSION", "PRODID", "CALSCALE")
"""What an object has of its file; a METHOD it must not have (RFC 4791, section 4.1)."""


def calendar_objects(raw: bytes) -> dict[str, bytes]:
    """
    Return each entry of a file of this library as a calendar object of its own, by UID.

    In the file's order. Put each at a name made of its UID, such as ``<uid>.ics``: then a newer
    file replaces it, and a cancelled entry stays as cancelled.

    Args:
        raw: As `formats.ics` writes it.
    """
    calendar = Calendar.from_ical(raw)
    zones = {str(zone["TZID"]): zone for zone in calendar.walk("VTIMEZONE")}
    objects = {}
    for event in calendar.walk("VEVENT"):
        one = Calendar()
        for name in KEPT:
            one[name] = calendar[name]
        for key in sorted(
            {event[n].params["TZID"] for n in ("DTSTART", "DTEND") if "TZID" in event[n].params}
        ):
            one.add_component(zones[key])
        one.add_component(event)
        objects[str(event["UID"])] = bytes(one.to_ical())
    return objects
