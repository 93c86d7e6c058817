"""Silence: what is known of open orders while whoever would speak of them says nothing.

Theory of operation. That nothing came of an order tells something only while somebody could have told it. So an order
whose next milestone nobody can tell stands where it stood when its source last spoke, and needs what it usually needed
then less the time gone since: its promise comes no nearer. An order that passed a door in the meantime was never seen
to wait behind it: it needs what orders usually need from that door, told apart by the part of the day they passed it.
Places are taken to have gone on as they went before (``queues``, ``rounds``); nothing is learned of them, nor of the
orders, until their source speaks again, and then all of it at the times at which it happened.
"""

from collections.abc import Sequence

import numpy as np

from radar.instant import Instant
from radar.learning.curves import STEP_H
from radar.learning.doors import steps_of
from radar.learning.left_times import LeftTimes
from radar.learning.local_days import Flags, Floats, Ints
from radar.learning.positions import (
    DOOR_NUMBER,
    DOORS,
    HELD,
    STATIONS,
    STEPS,
    STEPS_A_WEEK,
    STRIDE,
    TYPES_MAX,
    Positions,
    since_classes,
)
from radar.stages import STAGE_COUNT, Stage

_DOOR_OF: Ints = np.array([DOOR_NUMBER.get(Stage(one), -1) if one < STAGE_COUNT else -1 for one in range(STATIONS)])
"""Number of the door that an order at a station has just passed, -1 for none."""


def nobody_is_silent(_at: Instant) -> Sequence[int]:
    """Return no silence: what is believed before anybody follows the sources."""
    return (0,) * STAGE_COUNT


def silent_hours(positions: Positions, silent_h: Floats, is_passing: Flags) -> Floats:
    """Return for how long nobody could have told what comes next of each order: 0 where somebody could.

    Args:
        positions: The open orders.
        silent_h: Hours since each milestone could last have been told.
        is_passing: (types, doors): whether orders of a type pass a door.
    """
    if not silent_h.any():
        return np.zeros(len(positions.stages))
    by_stage, following = np.zeros((TYPES_MAX, STAGE_COUNT)), np.full(TYPES_MAX, int(Stage.DELIVERED))
    for stage in reversed(Stage):
        by_stage[:, stage] = silent_h[following]
        if stage in DOORS:
            following[is_passing[:, DOOR_NUMBER[stage]]] = stage
    found: Floats = np.minimum(by_stage[positions.types, positions.stages], positions.since_h)
    found[positions.stations == HELD] = 0.0  # who clears them speaks of them
    return found


def usual_hours(times: LeftTimes, positions: Positions, part: int, silent_h: Floats) -> tuple[Floats, Floats]:
    """Return the usual hours left of open orders, and their standard error; in silence they may be less than none.

    Args:
        times: The usual times.
        positions: The open orders.
        part: Part of the week that begins.
        silent_h: As ``silent_hours`` returns them.
    """
    parts, since = np.full(len(silent_h), part), positions.since
    unheard = np.flatnonzero(silent_h)
    if len(unheard):
        ago = STRIDE * np.rint(silent_h[unheard] / STEP_H / STRIDE).astype(np.int64)  # only steps teach their parts
        parts[unheard] = (part - ago) % STEPS_A_WEEK
        since = since.copy()
        since[unheard] = since_classes((positions.since_h - silent_h)[unheard])
    places = positions.areas, positions.ways
    usual, error = times.usual(positions.types, positions.stations, parts, since, places)
    is_unseen = (silent_h[unheard] == positions.since_h[unheard]) & (_DOOR_OF[positions.stations[unheard]] >= 0)
    unseen = unheard[is_unseen]
    if len(unseen):
        doors, areas, ways = _DOOR_OF[positions.stations[unseen]], positions.areas[unseen], positions.ways[unseen]
        steps = steps_of((part - silent_h[unseen] / STEP_H) / STEPS) % STEPS
        usual[unseen], error[unseen] = times.usual_from(doors, steps, (areas, ways))
    return usual - silent_h, error
