"""What a scenario itself did, and whether the radar foresaw just that: the same luck with and without it.

Without the scenario the very same orders meet the very same luck (common random numbers). So an order that is late
with it and on time without it is late *because* of it, whatever the parts of the chain blame; and an alarm that is
raised with it and not without it is about it. Recall and precision of these say how well the radar reads one kind of
trouble, apart from the usual noise of the network.
"""

from typing import NamedTuple

from twin.kpi import LEAD_S, Heard, share, warned_in_time
from twin.masks import Masks
from twin.truth import Truth


class Usual(NamedTuple):
    """The run without the scenario, as far as it is compared with."""

    late: frozenset[str]
    alarmed: frozenset[str]
    """Warned of at least 36 h before the promise."""


def usual_of(truth: Truth, heard: Heard) -> Usual:
    """Return what to compare with, from a run without the scenario that listened."""
    counted = truth.counted()
    late = frozenset(order.id for order in counted if truth.is_late(order))
    return Usual(late, warned_in_time(counted, heard.predicted_s))


def first_sign_s(onset_s: int, masks: Masks) -> int:
    """Return the first second at which anybody could have known: the onset or the news of it, whichever is earlier."""
    return min((onset_s, *(signal.at_s for signal in masks.signals)))


def caused(truth: Truth, heard: Heard, usual: Usual, sign_s: int) -> dict[str, float | None]:
    """Return the figures of one run with a scenario.

    Args:
        truth: What happened.
        heard: What the radar said.
        usual: The same luck without the scenario.
        sign_s: The first sign of the scenario. An order promised less than 36 h after it could not be warned of in
            time by anybody; the rest is foreseeable.
    """
    counted = truth.counted()
    alarmed = warned_in_time(counted, heard.predicted_s)
    late = frozenset(order.id for order in counted if truth.is_late(order))
    more = late - usual.late
    foreseeable = frozenset(order.id for order in counted if order.id in more and order.promise_s - LEAD_S >= sign_s)
    about = alarmed - usual.alarmed
    return {
        "caused_late": float(len(more)),
        "caused_warned36": float(len(more & alarmed)),
        "caused_recall36": share(len(more & alarmed), len(more)),
        "foreseeable_late": float(len(foreseeable)),
        "foreseeable_warned36": float(len(foreseeable & alarmed)),
        "foreseeable_recall36": share(len(foreseeable & alarmed), len(foreseeable)),
        "caused_alarms36": float(len(about)),
        "caused_alarms36_true": float(len(about & late)),
        "caused_precision36": share(len(about & late), len(about)),
    }
