"""What forecasts of delay are worth: one multiplier a kind of condition, learned from what became of touched orders.

A touched order's delivery tells ``realised = delivered - usual``. Per kind the multiplier ``m`` of "said" delays is
the Bayesian least-squares slope of realised on said, with the prior N(1, 1/4): heavy where said delays are large
against the spread of usual times, next to nothing for an hour's delay of a week's journey. Orders of one day share
their luck, so a day counts no more than the prior. A kind that never delays anybody goes to 0 and loses its weight.
"""

from collections.abc import Iterable

import msgspec

from radar.conditions.condition import Code
from radar.instant import DAY_US, HOUR_US, Instant
from radar.orders import Order
from radar.outputs import Row, StateRow
from radar.stages import Stage

KEY = "weight:"
PRIOR = 4.0
"""Precision of the prior: the multiplier is 1 give or take 0.5."""
DAY_MAX = 4.0
"""Evidence of one day, at most."""
HALF_LIFE_DAYS = 30
WEIGHT_MAX = 3.0
TINY = 1e-9


class _Evidence(msgspec.Struct, array_like=True):
    version: int
    day: int = 0
    said: float = 0.0
    """Decayed sum of said x said / variance."""
    real: float = 0.0
    """Decayed sum of said x realised / variance."""
    fresh_said: float = 0.0
    fresh_real: float = 0.0
    orders: int = 0


class Weights:
    """Kind of condition -> multiplier of its said delays."""

    def __init__(self) -> None:
        self._evidence: dict[Code, _Evidence] = {}
        self._weights: dict[Code, float] = {}
        self._dirty: set[Code] = set()

    def of(self, code: Code) -> float:
        """Return the multiplier; 1 until something is known."""
        return self._weights.get(code, 1.0)

    def delivered(self, order: Order) -> None:
        """Learn from a delivered order that conditions touched; several share its delay by what each had said."""
        at = order.reached[Stage.DELIVERED]
        said_h = sum(touch.said_us for touch in order.touches) / HOUR_US
        widest = max(order.touches, key=lambda touch: touch.said_us)
        if not widest.spread_us:
            return
        realised_h = (at - widest.usual_at) / HOUR_US
        variance = (widest.spread_us / HOUR_US) ** 2
        for touch in order.touches:
            own_h = touch.said_us / HOUR_US
            evidence = self._evidence.setdefault(Code(touch.code), _Evidence(1))
            evidence.fresh_said += own_h * own_h / variance
            evidence.fresh_real += own_h * realised_h * (own_h / said_h) / variance
            evidence.orders += 1
            self._dirty.add(Code(touch.code))

    def roll(self, at: Instant) -> None:
        """Let fresh evidence move the multipliers."""
        day = at // DAY_US
        for code in sorted(self._evidence):
            one = self._evidence[code]
            if one.fresh_said > TINY:
                fade = 0.5 ** (max(0, day - one.day) / HALF_LIFE_DAYS)
                part = min(1.0, DAY_MAX / one.fresh_said)
                one.said = one.said * fade + part * one.fresh_said
                one.real = one.real * fade + part * one.fresh_real
                one.fresh_said = one.fresh_real = 0.0
                one.day = day
                self._dirty.add(code)
                self._weigh(code, one)

    def take_dirty(self, machine: str) -> list[Row]:
        """Return the evidence changed since last asked."""
        rows: list[Row] = [
            StateRow(machine, KEY + code, msgspec.msgpack.encode(self._evidence[code])) for code in sorted(self._dirty)
        ]
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[StateRow]) -> None:
        """Restore the evidence."""
        for row in rows:
            code = Code(row.key.removeprefix(KEY))
            self._evidence[code] = msgspec.msgpack.decode(row.state, type=_Evidence)
            self._weigh(code, self._evidence[code])

    def _weigh(self, code: Code, one: _Evidence) -> None:
        weight = (PRIOR + one.real) / (PRIOR + one.said)
        self._weights[code] = min(WEIGHT_MAX, max(0.0, weight))


def moved(row: StateRow, days: int) -> StateRow:
    """Return a row so many days on."""
    one = msgspec.msgpack.decode(row.state, type=_Evidence)
    one.day += days if one.day else 0
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(one))
