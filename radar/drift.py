"""When the world is no longer the one that was learned: a notice for operators, and wider intervals while it lasts.

Theory of operation. Two kinds of series, one point an epoch once enough orders stand behind it. Per stage: the mean
log duration against its own usual level (weekdays apart, decayed) in units of its usual spread between days. And the
calibration: late less predicted at the lead, in units of what a calibrated forecast scatters. Each runs through a
two-sided CUSUM (Page 1954): it adds up what exceeds a slack and raises the notice past a limit; the run begins where
the sum last left zero. The usual level follows slowly, so a lasting change becomes the new usual; the notice is
resolved once the recent points are back at it.
"""

from collections.abc import Iterable, Sequence
from math import exp, log, sqrt

import msgspec

from radar.instant import DAY_US, EARLIEST, HOUR_US, Instant, to_datetime
from radar.orders import NEVER, Order
from radar.outputs import Change, Level, Output, Reason, Row, StateRow, WarningChange, WarningKind
from radar.rules import DriftRules
from radar.stages import Stage
from radar.wording import reason

MACHINE = "drift"
CALIBRATION = "calibration"
HALF_LIFE_DAYS = 28
RECENT_DAYS = 5
"""Half-life of what counts as recent when a notice is to be resolved."""
ORDERS_MIN = 10
"""Orders behind one point of a stage."""
VARIANCE_MIN = 1.0
"""Expected scatter of the late orders behind one point of the calibration."""
CALIBRATION_DAYS = 90
"""Half-life of the usual gap of the calibration."""
GAP_MAX = 0.10
"""A usual gap wider than this is not got used to."""
BELIEF = 30
"""Points for which a calibrated forecast, without any gap, is believed beforehand."""
Z_MAX = 3.0
"""A single wild day does not make a drift."""
RECENT_MAX = 0.5
"""Recent mean deviation, in units of scatter, below which a drift is over."""
SPREAD_MIN = 0.02
"""Between-day spread of a mean log duration that is taken for none."""
TAME_AFTER = 14
"""Points after which a wild one no longer moves the usual by all of its deviation."""
WEEKDAY_SHARE = 0.1
"""How fast a weekday's own offset follows."""
_SHORTEST_H = 1 / 60


WATCHED: dict[Stage, tuple[Stage, ...]] = {
    Stage.PAID: (Stage.PLACED,),
    Stage.PRODUCED: (Stage.PAID, Stage.PLACED),
    Stage.HANDED_OVER: (Stage.PRODUCED, Stage.PAID, Stage.PLACED),
    Stage.DELIVERED: (Stage.HANDED_OVER, Stage.PRODUCED, Stage.PAID, Stage.PLACED),
}
"""Stages whose duration is watched -> where their clock starts: the first of these that was reported."""


class _Run(msgspec.Struct, array_like=True):
    """One side of the CUSUM, since it last left zero."""

    total: float = 0.0
    since_at: Instant = EARLIEST
    count: int = 0
    shift: float = 0.0
    """Sum of count x deviation."""

    def add(self, z: float, series: "_Series", deviation: float, at: Instant) -> None:
        """Add a point; back at zero the run begins anew with the next."""
        if self.total == 0.0:
            self.since_at, self.count, self.shift = at, 0, 0.0
        self.total = max(0.0, self.total + z)
        self.count += series.count
        self.shift += series.count * deviation


class _Series(msgspec.Struct, array_like=True):
    version: int
    name: str
    # What has come in since the last point.
    count: int = 0
    total: float = 0.0
    """Sum of log hours; for the calibration of late less predicted."""
    variance: float = 0.0
    """For the calibration: sum of p (1 - p)."""
    # The usual.
    points: int = 0
    level: float = 0.0
    spread: float = 1.0
    """Variance between points."""
    weekdays: list[float] = msgspec.field(default_factory=lambda: [0.0] * 7)
    up: _Run = msgspec.field(default_factory=_Run)
    down: _Run = msgspec.field(default_factory=_Run)
    recent: float = 0.0
    """Decayed mean of the points in units of spread."""
    # The standing notice.
    raised_at: Instant = EARLIEST
    since_at: Instant = EARLIEST

    @property
    def is_calibration(self) -> bool:
        return self.name == CALIBRATION


class Drift:
    """Change detection on stage times and calibration."""

    def __init__(self, rules: DriftRules) -> None:
        self._rules = rules
        self._series: dict[str, _Series] = {}
        self._dirty: set[str] = set()

    # --- what is told ------------------------------------------------------------------------------------

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        """Take in how long a watched stage took, since the watched one before it."""
        reached = order.reached
        for before in WATCHED.get(stage, ()):
            since = reached[before]
            if since != NEVER:
                if since <= at:
                    series = self._of(stage.label)
                    series.count += 1
                    series.total += log(max(_SHORTEST_H, (at - since) / HOUR_US))
                return

    def resolved(self, order: Order, *, is_late: bool) -> None:
        """Take in what became of a prediction at the lead."""
        probability = order.lead_probability
        if probability is not None:
            series = self._of(CALIBRATION)
            series.count += 1
            series.total += is_late - probability
            series.variance += probability * (1 - probability)

    @property
    def widening(self) -> float:
        """Return the factor by which intervals widen now: 1 without drift."""
        standing = (one for one in self._series.values() if one.raised_at != EARLIEST)
        worst = max((abs(one.recent) for one in standing), default=0.0)
        return 1.0 + min(self._rules.widening_max - 1.0, worst / Z_MAX)

    def roll(self, at: Instant) -> Sequence[Output]:
        """Make the points of the epoch and say which series drift, or no longer do."""
        out: list[Output] = []
        if not self._rules.is_on:
            return out
        for name in sorted(self._series):
            series = self._series[name]
            is_enough = series.variance >= VARIANCE_MIN if series.is_calibration else series.count >= ORDERS_MIN
            if is_enough:
                self._dirty.add(name)
                out.extend(self._point(series, at))
                series.count, series.total, series.variance = 0, 0.0, 0.0
        return out

    def take_dirty(self) -> list[Row]:
        """Return the series changed since last asked."""
        rows: list[Row] = [
            StateRow(MACHINE, name, msgspec.msgpack.encode(self._series[name])) for name in sorted(self._dirty)
        ]
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore the series."""
        for row in rows:
            assert isinstance(row, StateRow)
            self._series[row.key] = msgspec.msgpack.decode(row.state, type=_Series)

    # --- inside ------------------------------------------------------------------------------------------

    def _of(self, name: str) -> _Series:
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = _Series(1, name)
        self._dirty.add(name)
        return series

    def _point(self, series: _Series, at: Instant) -> Iterable[Output]:
        weekday = to_datetime(Instant(at - DAY_US)).weekday()
        mean = series.total / series.count
        usual = series.level if series.is_calibration else series.level + series.weekdays[weekday]
        deviation = mean - usual
        z = _standardised(series, deviation)
        is_judged = series.points >= (1 if series.is_calibration else self._rules.points_min)
        _learn(series, mean, z, weekday)
        if not is_judged:
            return ()
        series.up.add(z - self._rules.slack, series, deviation, at)
        series.down.add(-z - self._rules.slack, series, deviation, at)
        series.recent += (1 - 0.5 ** (1 / RECENT_DAYS)) * (z - series.recent)
        return self._judge(series, at)

    def _judge(self, series: _Series, at: Instant) -> Iterable[Output]:
        run = max(series.up, series.down, key=lambda one: one.total)
        if series.raised_at == EARLIEST and run.total > self._rules.limit:
            series.raised_at, series.since_at = at, run.since_at
            yield _change(series, Change.RAISED, at, (_why(series, run),))
        elif series.raised_at != EARLIEST and abs(series.recent) < RECENT_MAX:
            why = reason("drift.over", series=series.name, since_at=series.since_at)
            yield _change(series, Change.RESOLVED, at, (why,))
            series.raised_at = series.since_at = EARLIEST
            series.up, series.down = _Run(), _Run()


def experience(row: StateRow, _days: int) -> StateRow:
    """Return a row as it moves to another room: what is usual; whether the world is so now, that room finds out."""
    series = msgspec.msgpack.decode(row.state, type=_Series)
    usual = msgspec.structs.replace(series, up=_Run(), down=_Run(), recent=0.0, raised_at=EARLIEST, since_at=EARLIEST)
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(usual))


def _standardised(series: _Series, deviation: float) -> float:
    """Return a point in units of its usual scatter, within ``Z_MAX``."""
    if series.is_calibration:
        scatter = sqrt(series.variance * max(1.0, series.spread)) / series.count
    else:
        scatter = max(SPREAD_MIN, sqrt(series.spread))
    return min(Z_MAX, max(-Z_MAX, deviation / scatter))


def _learn(series: _Series, mean: float, z: float, weekday: int) -> None:
    """Let a point move the usual: level, scatter and the weekday's own offset.

    The calibration's usual is near 0: a standing gap (orders that never arrive count as late, and no predictor can
    know them) is no drift. Learned besides is how much more than a calibrated forecast it scatters.
    """
    series.points += 1
    share = max(1 - 0.5 ** (1 / HALF_LIFE_DAYS), 1 / series.points)
    if series.is_calibration:
        series.spread += share * (z * z * max(1.0, series.spread) - series.spread)
        slow = max(1 - 0.5 ** (1 / CALIBRATION_DAYS), 1 / (series.points + BELIEF))
        series.level = min(GAP_MAX, max(-GAP_MAX, series.level + slow * (mean - series.level)))
        return
    offset, scatter = series.weekdays[weekday], max(SPREAD_MIN, sqrt(series.spread))
    deviation = mean - offset - series.level
    if series.points > TAME_AFTER:
        deviation = min(Z_MAX * scatter, max(-Z_MAX * scatter, deviation))
    series.level += share * deviation
    series.weekdays[weekday] += WEEKDAY_SHARE * (1 - share) * deviation
    square = deviation * deviation
    series.spread = square if series.points <= 2 else series.spread + share * (square - series.spread)


def _why(series: _Series, run: _Run) -> Reason:
    """Return what drifted, since when and by how much; a share of the duration, or of the orders."""
    shift = run.shift / max(1, run.count)
    if series.is_calibration:
        code = "drift.calibration" if shift > 0 else "drift.calibration-less"
        return reason(code, since_at=series.since_at, shift_ratio=abs(shift), count=run.count)
    code = "drift.stage" if shift > 0 else "drift.stage-faster"
    grown = abs(exp(shift) - 1)
    return reason(code, stage=series.name, since_at=series.since_at, shift_ratio=grown, count=run.count)


def _change(series: _Series, change: Change, at: Instant, why: tuple[Reason, ...]) -> WarningChange:
    return WarningChange(
        warning_id=f"{WarningKind.DRIFT}:{series.name}:{series.raised_at}",
        sequence=0 if change is Change.RAISED else 1,
        change=change,
        kind=WarningKind.DRIFT,
        entity=f"drift:{series.name}",
        rule="cusum",
        level=Level.NOTICE,
        due_at=series.raised_at,
        at=at,
        reasons=why,
    )
