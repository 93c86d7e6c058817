"""Clusters: more bad ones at one place than its own usual rate explains, said with a bounded rate of false alarms.

Theory of operation. A place is a line, an item, an area, a carrier ... Every trial there (a piece inspected, an order
delivered) is expected to bring ``rate`` bad ones: the place's own decayed share, drawn to that of its kind while
trials are few, plus one standard deviation of what is not known of it. Against it runs a Poisson CUSUM (Page 1954;
Lucas 1985): each bad one adds ln(ratio), each trial takes (ratio - 1) x rate away, never below 0; past the limit a
warning is raised, and the cluster began where the sum last left 0. What stands is resolved by the same sum turned
round: once the trials since are ``RESOLVE`` times likelier at the usual rate. Where bad ones show up days after their
trial (complaints after deliveries) trials are not taken off one by one: at each epoch the sum is lifted to 0 and the
whole day's expectation, from the deliveries of the last days, taken off at once, so that within the day it errs low.

The limit is ln(A), with A the trials that all places see between two tolerated false alarms. While the usual rates
hold every step multiplies a likelihood ratio of mean at most 1, so the mean number of trials to a false alarm is at
least A (Lorden 1971; for trials that are bounded and not Poisson Shin, Ramdas and Rinaldo 2023, "E-detectors"). Places
add trials and not tests, so the bound holds for all of them together. Where days differ by more than chance the sum is
divided by that spread (quasi-likelihood); the bound is then approximate, and was measured on undisturbed runs
(docs/wider.md).

What one warning explains is not said twice: while a place stands, its trials count for no other place, and when it is
raised the others begin anew.
"""

from collections.abc import Iterable, Iterator
from math import log, sqrt

import msgspec

from radar.instant import DAY_US, EARLIEST, Instant
from radar.outputs import Change, Level, Output, Reason, Row, StateRow, WarningChange, WarningKind
from radar.rules import ClusterRules
from radar.wording import reason

HALF_LIFE_DAYS = 28
RESOLVE = 20.0
UPDATE_STEP = 1.5
"""A standing warning is said anew, once a day, when its bad ones grew by this factor."""
LASTING_US = 14 * DAY_US
"""A cluster that stands longer becomes the usual, little by little."""
FADED = 0.5
"""Decayed trials below which a place is forgotten."""
SPREAD_MAX = 9.0
"""Of a day's squared deviation, in units of its variance: one wild day is no proof that days always differ."""
SPREAD_BELIEF = 30.0
"""Days of places for which a spread like chance is believed beforehand."""
TRIALS_MIN = 100.0
LAG_SHARE = 1 - 0.5 ** (1 / 1.5)
"""How fast the trials a day follow where bad ones show up late: a half-life of one and a half days."""
_TABLE = ""
"""Key of the row of what all places share: no place is called so."""
FADE = 0.5 ** (1 / HALF_LIFE_DAYS)


class _Place(msgspec.Struct, array_like=True):
    version: int
    rate: float
    # Since the last epoch.
    trials: float = 0.0
    bad: float = 0.0
    fresh: float = 0.0
    """Trials not yet set against the sum."""
    level: float = 0.0
    """Trials a day lately: what bad ones are expected of where they show up late."""
    # The usual, decayed.
    usual_trials: float = 0.0
    usual_bad: float = 0.0
    # The run since the sum last left 0.
    total: float = 0.0
    since_at: Instant = EARLIEST
    run_trials: float = 0.0
    run_bad: float = 0.0
    run_events: int = 0
    # The standing warning.
    raised_at: Instant = EARLIEST
    raises: int = 0
    """Warnings ever raised; part of their ids."""
    sequence: int = 0
    said_bad: float = 0.0
    back: float = 0.0
    """The sum turned round."""

    @property
    def stands(self) -> bool:
        return self.raised_at != EARLIEST


class _Table(msgspec.Struct, array_like=True):
    """What all places share; changes at epochs only."""

    version: int
    days: int = 0
    weight: float = 0.0
    """Decayed count of the days."""
    limit: float = 0.0
    spread: float = 1.0
    """Variance of a day's count over what chance alone gives."""
    squares: float = 0.0
    """Decayed sum of squared deviations of days in units of their variance, and of days."""
    squares_count: float = 0.0
    rates: dict[str, float] = msgspec.field(default_factory=dict)
    """Kind of place -> usual rate."""


class Subject(msgspec.Struct, frozen=True):
    """What a cluster is of."""

    machine: str
    """Name of its rows."""
    kind: WarningKind
    words: str
    """Code of its reason; ``<words>.over`` resolves it."""
    explains_nothing: str = " "
    """First part of the keys of places beside which all others are judged on."""
    is_lagged: bool = False
    """Whether bad ones show up hours and days after their trial."""


class Clusters:
    """One kind of cluster warning over all its places."""

    def __init__(self, subject: Subject, rules: ClusterRules, epoch_us: int = DAY_US) -> None:
        self._subject = subject
        self._rules = rules
        self._is_lagged = subject.is_lagged
        self._epochs_between = rules.false_alarm_us / epoch_us
        self._step = log(rules.ratio)
        self._places: dict[str, _Place] = {}
        self._table = _Table(1)
        self._dirty: set[str] = set()
        self.standing: set[str] = set()
        """Places that a warning stands for."""

    # --- what is told ------------------------------------------------------------------------------------

    def expose(self, key: str, trials: float = 1.0) -> None:
        """Count trials at a place."""
        place = self._places.get(key) or self._new(key)
        if place is not None:
            place.trials += trials
            place.fresh += 0.0 if self._is_lagged else trials
            self._dirty.add(key)

    def count(self, key: str, bad: float, at: Instant) -> Output | None:
        """Count bad ones, or a part of one, at a place; return the warning they raise."""
        place = self._places.get(key) or self._new(key)
        if place is None or bad <= 0:
            return None
        self._settle(place)
        self._dirty.add(key)
        place.bad += bad
        gain = self._step * bad / self._table.spread
        if place.since_at == EARLIEST:
            place.since_at = at
            place.run_trials = place.level if self._is_lagged else bad
        place.run_bad += bad
        place.run_events += 1
        if place.stands:
            place.back = place.back - gain if self._is_lagged else max(0.0, place.back - gain)
            return None
        place.total += gain
        return self._raised(key, place, at) if self._is_over(place) else None

    def look(self, key: str, at: Instant) -> Output | None:
        """Return the all-clear of a standing place whose trials are back at the usual."""
        place = self._places.get(key)
        if place is None or not place.stands:
            return None
        self._settle(place)
        self._dirty.add(key)
        return self._resolved(key, place, at) if place.back >= log(RESOLVE) else None

    def is_followed(self, key: str) -> bool:
        """Return whether a place is followed."""
        return key in self._places

    def roll(self, at: Instant) -> list[Output]:
        """Let the day enter the usual rates; update and resolve what stands."""
        out: list[Output] = []
        if not self._places:
            return out
        self._spread()
        for key in sorted(self._places):
            place = self._places[key]
            if self._is_lagged:
                place.level += LAG_SHARE * (place.trials - place.level)
                place.fresh = place.level
                place.total = max(0.0, place.total)
            self._settle(place)
            self._learn(place, at)
            if place.stands:
                out.extend(self._stood(key, place, at))
        self._forget()
        self._share()
        self._dirty.update((*self._places, _TABLE))
        return out

    # --- rows --------------------------------------------------------------------------------------------

    def take_dirty(self) -> list[Row]:
        """Return the places changed since last asked."""
        rows: list[Row] = []
        for key in sorted(self._dirty):
            kept = self._table if key == _TABLE else self._places.get(key)
            state = b"" if kept is None else msgspec.msgpack.encode(kept)
            rows.append(StateRow(self._subject.machine, key, state, is_gone=kept is None))
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore the places."""
        for row in rows:
            assert isinstance(row, StateRow)
            if row.is_gone:
                self._places.pop(row.key, None)
            elif row.key == _TABLE:
                self._table = msgspec.msgpack.decode(row.state, type=_Table)
            else:
                place = self._places[row.key] = msgspec.msgpack.decode(row.state, type=_Place)
                if place.stands:
                    self.standing.add(row.key)

    # --- the sums ----------------------------------------------------------------------------------------

    def _new(self, key: str) -> _Place | None:
        """Return a new place; None where too many came since the last epoch."""
        kind = _kind(key)
        if len(self._places) >= 2 * self._rules.places_max * max(1, len(self._table.rates)):
            return None
        rate = self._table.rates.get(kind, self._believed())
        place = self._places[key] = _Place(1, rate)
        return place

    def _believed(self) -> float:
        rules = self._rules
        return rules.usual_rate + sqrt(rules.usual_rate / rules.usual_trials)

    def _settle(self, place: _Place) -> None:
        """Set the trials since against the sum."""
        if not place.fresh:
            return
        loss = (self._rules.ratio - 1) * place.rate * place.fresh / self._table.spread
        place.run_trials += place.fresh
        place.fresh = 0.0
        if place.stands:
            place.back = max(0.0, place.back + loss)
        else:
            is_over = place.total <= 0.0 if self._is_lagged else place.total <= loss
            place.total = place.total - loss if self._is_lagged else max(0.0, place.total - loss)
            if is_over:
                place.since_at, place.run_trials, place.run_bad, place.run_events = EARLIEST, 0.0, 0.0, 0

    def _is_over(self, place: _Place) -> bool:
        is_judged = self._rules.is_on and self._table.days >= self._rules.days_min
        return is_judged and place.run_events >= self._rules.events_min and place.total >= self._table.limit

    # --- the usual ---------------------------------------------------------------------------------------

    def _spread(self) -> None:
        """Take in how far the day's counts lay from what was expected, against what chance allows."""
        table = self._table
        table.squares *= FADE
        table.squares_count *= FADE
        for place in self._places.values():
            expected = place.rate * (place.level if self._is_lagged else place.trials)
            if expected >= 1.0 and not place.stands:
                table.squares += min(SPREAD_MAX, (place.bad - expected) ** 2 / expected)
                table.squares_count += 1.0

    def _learn(self, place: _Place, at: Instant) -> None:
        is_usual = not place.stands or at - place.raised_at > LASTING_US
        place.usual_trials = place.usual_trials * FADE + place.trials * is_usual
        place.usual_bad = place.usual_bad * FADE + place.bad * is_usual
        place.trials = place.bad = 0.0

    def _forget(self) -> None:
        """Drop the places that faded, and of each kind those with fewest trials beyond what is followed."""
        kinds: dict[str, list[tuple[float, str]]] = {}
        for key, place in self._places.items():
            if not place.stands:
                kinds.setdefault(_kind(key), []).append((place.usual_trials + place.usual_bad, key))
        for known in kinds.values():
            known.sort(reverse=True)
            for rank, (known_of, key) in enumerate(known):
                if known_of < FADED or rank >= self._rules.places_max:
                    del self._places[key]
                    self._dirty.add(key)

    def _share(self) -> None:
        """Set the rates, scales and the limit until the next epoch."""
        rules, table = self._rules, self._table
        table.days += 1
        table.weight = table.weight * FADE + 1.0
        trials_each = sum(place.usual_trials for place in self._places.values()) / table.weight
        table.limit = log(max(TRIALS_MIN, trials_each * self._epochs_between))
        table.spread = max(1.0, (table.squares + SPREAD_BELIEF) / (table.squares_count + SPREAD_BELIEF))
        sums: dict[str, tuple[float, float]] = {}
        for key in sorted(self._places):
            place, (trials, bad) = self._places[key], sums.get(_kind(key), (0.0, 0.0))
            sums[_kind(key)] = (trials + place.usual_trials, bad + place.usual_bad)
        table.rates = {}
        for kind, (trials, bad) in sums.items():
            table.rates[kind] = (bad + rules.usual_rate * rules.usual_trials) / (trials + rules.usual_trials)
        for key, place in self._places.items():
            weight = place.usual_trials + rules.usual_trials
            rate = (place.usual_bad + table.rates[_kind(key)] * rules.usual_trials) / weight
            place.rate = rate + sqrt(rate / weight)

    # --- the warning -------------------------------------------------------------------------------------

    def _raised(self, key: str, place: _Place, at: Instant) -> Output:
        place.raised_at, place.said_bad, place.sequence = at, place.run_bad, 0
        # Of the day it is raised on only a part is left: that day is no evidence that it is over.
        place.back = -(self._rules.ratio - 1) * place.rate * place.level / self._table.spread
        place.raises += 1
        self.standing.add(key)
        if not key.startswith(self._subject.explains_nothing):
            for name, other in self._places.items():
                if other.total > 0.0 and not other.stands:
                    other.total = min(0.0, other.total)
                    self._dirty.add(name)
        return self._change(key, place, Change.RAISED, at, self._why(key, place))

    def _stood(self, key: str, place: _Place, at: Instant) -> Iterator[Output]:
        if place.back >= log(RESOLVE) or place.usual_trials < FADED:
            yield self._resolved(key, place, at)
        elif place.run_bad >= UPDATE_STEP * place.said_bad:
            place.sequence += 1
            place.said_bad = place.run_bad
            yield self._change(key, place, Change.UPDATED, at, self._why(key, place))

    def _resolved(self, key: str, place: _Place, at: Instant) -> Output:
        place.sequence += 1
        said = self._change(key, place, Change.RESOLVED, at, reason(f"{self._subject.words}.over", subject=key))
        place.raised_at, place.total, place.since_at = EARLIEST, 0.0, EARLIEST
        place.run_trials, place.run_bad, place.run_events = 0.0, 0.0, 0
        self.standing.discard(key)
        return said

    def _why(self, key: str, place: _Place) -> Reason:
        trials = max(place.run_trials, place.run_bad)
        return reason(
            self._subject.words,
            subject=key,
            bad=round(place.run_bad, 1),
            trials=round(trials, 1),
            found_ratio=round(place.run_bad / trials, 4),
            usual_ratio=round(place.rate, 4),
            since_at=place.since_at,
        )

    def _change(self, key: str, place: _Place, change: Change, at: Instant, why: Reason) -> WarningChange:
        return WarningChange(
            warning_id=f"{self._subject.kind}:{key}:{place.raised_at}:{place.raises}",
            sequence=place.sequence,
            change=change,
            kind=self._subject.kind,
            entity=key,
            rule="cusum",
            level=Level.WARNING,
            due_at=place.raised_at,
            at=at,
            reasons=(why,),
        )


def experience(row: StateRow, _days: int) -> StateRow:
    """Return a row as it moves to another room: usual rates stay, runs and standing warnings are left behind."""
    if row.key == _TABLE:
        return row
    place = msgspec.msgpack.decode(row.state, type=_Place)
    learned = _Place(1, place.rate, level=place.level, raises=place.raises)
    learned.usual_trials, learned.usual_bad = place.usual_trials, place.usual_bad
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(learned))


def _kind(key: str) -> str:
    return key.partition(":")[0]
