"""What was asked, what the answer is, what would help, and why a visit is when it is."""

from __future__ import annotations

import attrs

from protocol_sched.model.agenda import Due
from protocol_sched.model.causes import Asked, Request
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.former import keeps_former
from protocol_sched.model.objective import Level, Objective
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.relaxations import Change
from protocol_sched.model.schedule import Plan, Slack, Visit


@attrs.frozen
class Pays:
    """What one visit costs more in one plan than in another."""

    level: Level
    """``DEVIATION`` or ``PREFERENCES``."""
    visit: str
    """Its identity."""
    amount: int
    """Days off target, or preferences not met."""


@attrs.frozen(kw_only=True)
class Relaxation:
    """A smallest change that makes room, or a few together, and the plan it gives."""

    changes: tuple[Change, ...] = attrs.field(converter=as_tuple)
    cost: int
    """The sum of what its changes cost; see `protocol_sched.planning.relaxed.COSTS`."""
    plan: Plan


@attrs.frozen(kw_only=True)
class Nearest:
    """How near to a request that cannot be met a plan can come."""

    request: Request
    visit: Visit
    """The visit at the nearest time on one side; of every visit asked for, the last one."""


@attrs.frozen(kw_only=True)
class Explanation:
    """
    The answer to whether something can be done, and what would help if it cannot.

    What is known is in ``plan.proof``: proved best, proved impossible, or neither within the
    allowed effort.
    """

    plan: Plan
    """With what was asked for kept."""
    asked: tuple[Asked, ...] = attrs.field(default=(), converter=as_tuple)
    without: Plan | None = None
    """The plan without what was asked for; ``None`` where nothing was."""
    pays: tuple[Pays, ...] = attrs.field(default=(), converter=as_tuple)
    """Which visits cost more with what was asked for than without it."""
    nearest: tuple[Nearest, ...] = attrs.field(default=(), converter=as_tuple)
    """Where what was asked for is impossible: the nearest dates that are not, the sooner first."""
    relaxations: tuple[Relaxation, ...] = attrs.field(default=(), converter=as_tuple)
    """Cheapest first; none takes a safety rule back."""
    cheapest: bool | None = None
    """Whether it is proved that no changes but those named cost less than the last one named;
    ``None`` where none were looked for."""


@keeps_former
@attrs.frozen(kw_only=True)
class Otherwise:
    """What happens if a visit is to be at another time: a conflict, or a plan that costs more."""

    request: Request
    objective: Objective | None = None
    """What the best plan with the request costs; ``None`` if there is none."""
    visit: Visit | None = None
    """The visit in that plan."""
    conflict: Conflict | None = None
    """Why there is no such plan; ``None`` also if the allowed effort ended first."""
    pays: tuple[Pays, ...] = attrs.field(default=(), converter=as_tuple)
    """Which visits cost more in that plan."""


@keeps_former
@attrs.frozen(kw_only=True)
class Why:
    """Why a planned visit is when it is."""

    visit: Visit
    due: Due
    """With its earliest, target and latest date, measured from the other visits as planned, and
    the rule and source behind each."""
    slacks: tuple[Slack, ...] = attrs.field(converter=as_tuple)
    """Each rule about this visit and those before it, those without room first."""
    nearer: Otherwise | None = None
    """Nearer to its target; ``None`` where it is on target."""
    sooner: Otherwise | None = None
    """On an earlier date; ``None`` where it is on the first date of all."""
    earlier: Otherwise | None = None
    """At an earlier time of the same date; ``None`` where it begins at midnight."""


def tight(slack: Slack) -> bool:
    """Tell whether a rule leaves no room on one side, or a target is missed."""
    return slack.to_least == 0 or slack.to_most == 0 or slack.deviation > 0


def room(slack: Slack) -> int:
    """Return the room a rule leaves on its narrower side."""
    sides = [side for side in (slack.to_least, slack.to_most) if side is not None]
    return min(sides, default=0)
