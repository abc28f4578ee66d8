"""
Moments compared and measured in real time; nothing else in this package does either by itself.

Python compares and subtracts two datetimes of one zone by what the clock on the wall shows, and
takes no notice of ``fold``: in the hour that comes twice 01:30 EDT is "after" 01:00 EST. Across
zones it never finds a moment of that hour equal to any other. So moments are put into UTC first,
and `utc` is what says so where it is done.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from protocol_sched.errors import InvalidValue, NaiveMoment


def zoned(owner: str, field: str, moment: datetime) -> datetime:
    """
    Return the moment unchanged if it carries a time zone.

    Raises:
        NaiveMoment: It carries none.
        InvalidValue: It is no moment at all.
    """
    if not isinstance(moment, datetime):
        raise InvalidValue(owner, field, repr(moment), "a moment with a time zone")
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise NaiveMoment(owner, field, moment.isoformat())
    return moment


def utc(moment: datetime) -> datetime:
    """
    Return the moment in UTC, where ``<``, ``==``, ``-`` and sorting mean real time.

    Raises:
        NaiveMoment: It carries no zone.
    """
    return zoned("time", "moment", moment).astimezone(UTC)


def elapsed(earlier: datetime, later: datetime) -> timedelta:
    """
    Return the real time from one moment to another; negative if ``later`` comes first.

    Raises:
        NaiveMoment: One of them carries no zone.
    """
    return utc(later) - utc(earlier)


def later_by(moment: datetime, by: timedelta) -> datetime:
    """
    Return the moment so much real time later, by the clock of the same zone.

    Raises:
        NaiveMoment: It carries no zone.
        OverflowError: No date is that far away.
    """
    return (utc(moment) + by).astimezone(moment.tzinfo)


def as_instant(value: object) -> object:
    """
    Return what a field that holds a moment is equal by: the moment in UTC.

    Given as ``eq`` to every such field, so that values of the model are the same whenever their
    moments are, in whatever zone, and both times of a doubled hour differ. What is no moment, such
    as a date or nothing, stands for itself, and so does a moment without a zone.
    """
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:  # in the first hours of year 1, or the last of 9999
        return value
