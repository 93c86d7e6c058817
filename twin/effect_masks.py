"""One window of a disruption as the masks it puts on the parts it hits (``twin/masks.py``)."""

from collections.abc import Sequence

import msgspec

from radar.instant import SECOND_US
from scenarios.disruptions import (
    DemandDisruption,
    Disruption,
    InformationDisruption,
    LaneDisruption,
    LineDisruption,
    PoolDisruption,
    SignalDisruption,
    SiteDisruption,
    SupplierDisruption,
    ZoneDisruption,
)
from scenarios.network import Network
from scenarios.selectors import pools_of
from twin.masks import (
    CapacityMask,
    DemandMask,
    FeedFault,
    FeedMask,
    Masks,
    Ongoing,
    QualityMask,
    SpeedMask,
    StockLoss,
    SupplyMask,
)
from twin.pace import NORMAL

STAIRS = 4
"""Steps of a ramp or a linear recovery: each line step is a sensor report, and finer stairs change no figure."""


class Window(msgspec.Struct, frozen=True):
    """One onset of one disruption, as it happens in one replication."""

    id: str
    """The cause, as orders are blamed on it: the disruption's dotted id."""
    start_s: int
    full_s: int
    """From here the whole effect is there."""
    ease_s: int
    """From here it recovers."""
    end_s: int
    severity: float
    cost_cny: float = 0.0


def effect_masks(network: Network, one: Disruption, targets: Sequence[str], window: Window) -> Masks:
    """Return what one window of a disruption does to its targets."""
    match one:
        case LineDisruption():
            return _line(one, targets, window)
        case PoolDisruption():
            return _pools(one.effect.speed, one.effect.capacity, Ongoing(one.in_service), targets, window)
        case SiteDisruption():
            return _site(network, one, targets, window)
        case LaneDisruption():
            return _lane(one, targets, window)
        case ZoneDisruption():
            zones = [f"zone:{name}" for name in targets]
            speeds = _speeds(zones, one.effect.speed, Ongoing.PAUSE, window)
            return Masks(speeds=speeds, capacities=_capacities(zones, one.effect.capacity, window))
        case SupplierDisruption():
            return _supplier(one, targets, window)
        case DemandDisruption():
            masks = [
                DemandMask(f"demand:{name}", start_s, end_s, permille, window.id)
                for name in targets
                for start_s, end_s, permille, _ in _stairs(window, one.effect.demand)
            ]
            return Masks(demands=tuple(masks))
        case InformationDisruption():
            return _information(one, targets, window)
        case SignalDisruption():
            return Masks()
        case _:
            raise AssertionError(f"the loader lets no {one.kind} through")


def _stairs(window: Window, factor: float) -> list[tuple[int, int, int, bool]]:
    """Return (start, end, per mille, is the whole effect) of a factor over a window."""
    strength = window.severity
    steps: list[tuple[int, int, int, bool]] = []

    def add(start_s: int, end_s: int, share: float, *, is_full: bool) -> None:
        permille = max(0, round(NORMAL * (1 + (factor - 1) * strength * share)))
        if end_s > start_s and permille != NORMAL:
            steps.append((start_s, end_s, permille, is_full))

    for start_s, end_s, middle in _slices(window.start_s, window.full_s):
        add(start_s, end_s, middle, is_full=False)
    add(window.full_s, window.ease_s, 1.0, is_full=True)
    for start_s, end_s, middle in _slices(window.ease_s, window.end_s):
        add(start_s, end_s, 1 - middle, is_full=False)
    return steps


def _slices(start_s: int, end_s: int) -> list[tuple[int, int, float]]:
    """Return the stairs between two instants, each with the middle of its step as a share of the way."""
    if end_s <= start_s:
        return []
    edges = [start_s + (end_s - start_s) * step // STAIRS for step in range(STAIRS + 1)]
    return [(edges[step], edges[step + 1], (step + 0.5) / STAIRS) for step in range(STAIRS)]


def _speeds(targets: Sequence[str], speed: float | None, ongoing: Ongoing, window: Window) -> tuple[SpeedMask, ...]:
    if speed is None:
        return ()
    return tuple(
        # On the stairs work goes on at the speed there is: only the whole effect ends what is under way.
        SpeedMask(target, start_s, end_s, permille, ongoing if is_full else Ongoing.PAUSE, window.id)
        for target in targets
        for start_s, end_s, permille, is_full in _stairs(window, speed)
    )


def _capacities(targets: Sequence[str], capacity: float | None, window: Window) -> tuple[CapacityMask, ...]:
    if capacity is None:
        return ()
    return tuple(
        CapacityMask(target, start_s, end_s, permille, window.id)
        for target in targets
        for start_s, end_s, permille, _ in _stairs(window, capacity)
    )


def _line(one: LineDisruption, targets: Sequence[str], window: Window) -> Masks:
    speeds = _speeds([f"line:{name}" for name in targets], one.effect.speed, Ongoing(one.in_service), window)
    if one.effect.defects is None:
        return Masks(speeds=speeds)
    permille = min(NORMAL, round(NORMAL * one.effect.defects * window.severity))
    bad = tuple(QualityMask(name, window.start_s, window.end_s, permille, window.id) for name in targets)
    return Masks(speeds=speeds, qualities=bad)


def _pools(
    speed: float | None, capacity: float | None, ongoing: Ongoing, pools: Sequence[str], window: Window
) -> Masks:
    targets = [f"pool:{name}" for name in pools]
    # A hub's sorter is one machine: half of it is half its speed.
    sorters = [target for target in targets if target.endswith(".sort")]
    benches = [target for target in targets if target not in sorters]
    return Masks(
        speeds=(*_speeds(targets, speed, ongoing, window), *_speeds(sorters, capacity, Ongoing.PAUSE, window)),
        capacities=_capacities(benches, capacity, window),
    )


def _site(network: Network, one: SiteDisruption, targets: Sequence[str], window: Window) -> Masks:
    pools = [pool for name in targets for pool in pools_of(network, name)]
    masks = _pools(one.effect.speed, one.effect.capacity, Ongoing(one.in_service), pools, window)
    lost = one.effect.stock_loss
    if lost is None:
        return masks
    houses = [house.name for house in network.warehouses if house.name in targets]
    permille = min(NORMAL, round(NORMAL * lost.share * window.severity))
    losses = [
        StockLoss(name, item, window.start_s, permille, window.id) for name in houses for item in lost.items or ("*",)
    ]
    return masks.plus(Masks(losses=tuple(losses)))


_ON_THE_ROAD = {"hold": Ongoing.PAUSE, "continue": Ongoing.FINISH, "return": Ongoing.RETURN, "lost": Ongoing.LOST}


def _lane(one: LaneDisruption, targets: Sequence[str], window: Window) -> Masks:
    lanes = [f"lane:{name}" for name in targets]
    speeds = _speeds(lanes, one.effect.speed, _ON_THE_ROAD[one.in_transit.value], window)
    return Masks(speeds=speeds, capacities=_capacities(lanes, one.effect.capacity, window))


def _supplier(one: SupplierDisruption, targets: Sequence[str], window: Window) -> Masks:
    late = one.effect.lead_time
    extra_s = 0 if late is None else round(late.extra / SECOND_US * window.severity)
    factor = 1.0 if late is None else 1 + (late.factor - 1) * window.severity
    masks = (
        SupplyMask(name, window.start_s, window.end_s, extra_s, round(NORMAL * factor), one.effect.is_failed, window.id)
        for name in targets
    )
    return Masks(supplies=tuple(masks))


def _information(one: InformationDisruption, targets: Sequence[str], window: Window) -> Masks:
    effect, strength = one.effect, window.severity
    masks = (
        FeedMask(
            source=name,
            start_s=window.start_s,
            end_s=window.end_s,
            fault=FeedFault(effect.reports.value),
            extra_lag_s=round(effect.lag / SECOND_US * strength),
            loss_permille=min(NORMAL, round(NORMAL * effect.loss * strength)),
            duplicate_permille=min(NORMAL, round(NORMAL * effect.duplicates * strength)),
            error_permille=min(NORMAL, round(NORMAL * effect.errors * strength)),
            cause=window.id,
        )
        for name in targets
    )
    return Masks(feeds=tuple(masks))
