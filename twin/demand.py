"""Demand: when orders come and what is asked, drawn by order number for the whole run at once.

Orders come as a Poisson process whose rate is a step function; order ``i`` stands where the rate has added up to
the ``i``-th sum of unit gaps. A demand peak adds orders of its own stream, so the usual orders keep their luck and
their time; a slump leaves out those whose luck says so.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from radar.events.common import Tier
from scenarios.network import Network
from scenarios.network_supply import Item, Origin
from scenarios.network_transport import Zone
from twin.chance import Chance
from twin.context import DAY_S
from twin.masks import DemandMask
from twin.orders import DRAWS, Draw, Order
from twin.pace import NORMAL, Pace

CHUNK = 4096
Ints = NDArray[np.int64]


def rate_of(network: Network, days: int) -> Pace:
    """Return the demand over time, per mille of its mean, hour by hour."""
    demand = network.demand
    hours, weekdays = demand.by_hour, demand.by_weekday
    factors = [1.0] * days
    for peak in demand.peaks:
        for day in range((peak.first - network.start).days, (peak.last - network.start).days + 1):
            if 0 <= day < days:
                factors[day] *= peak.factor
    starts, speeds = [], []
    for day in range(days):
        of_day = weekdays[(network.start.weekday() + day) % 7] * 7 / sum(weekdays) * factors[day]
        for hour in range(24):
            starts.append(day * DAY_S + hour * 3600)
            speeds.append(round(NORMAL * of_day * hours[hour] * 24 / sum(hours)))
    return Pace([*starts, days * DAY_S], [*speeds, 0])


def arrival_times(rate: Pace, gap_s: float, generator: np.random.Generator) -> Ints:
    """Return every arrival of a Poisson process with mean gap ``gap_s`` at normal rate, ascending."""
    done = np.array(rate.done, dtype=np.int64)
    starts = np.array(rate.starts, dtype=np.int64)
    speeds = np.array(rate.speeds, dtype=np.int64)
    found: list[Ints] = []
    total = 0
    while total <= done[-1]:
        gaps = np.rint(generator.exponential(gap_s * NORMAL, CHUNK)).astype(np.int64) + 1
        sums = total + np.cumsum(gaps)
        total = int(sums[-1])
        sums = sums[sums <= done[-1]]
        step = np.searchsorted(done, sums, side="left") - 1
        found.append(starts[step] - (-(sums - done[step]) // speeds[step]))
    return np.concatenate(found)


class Mix:
    """What the orders of one stream ask for, drawn by order number, column by column."""

    def __init__(self, network: Network, chance: Chance, name: str, times: Ints, target: str) -> None:
        """Draw for orders at ``times``; ``target`` is ``demand:*``, or the item or area they all want."""
        customers = network.customers
        draws = chance.stream(f"mix/{name}").random((len(times), 8))
        items = _forced(network.items, "demand:item/", target, _pick([i.share for i in network.items], draws[:, 0]))
        zones = _forced(network.zones, "demand:area/", target, _pick([z.share for z in network.zones], draws[:, 1]))
        means = np.array([item.quantity_mean for item in network.items])
        quantities = _geometric(means[items], draws[:, 2])
        tiers = np.searchsorted(_tier_edges(network), draws[:, 3], side="right")
        urgent = draws[:, 4] < customers.urgent_share
        prices = np.array([item.price for item in network.items])
        self.luck = chance.luck(f"order/{name}", DRAWS)
        self.times = times
        self.columns = (
            times.tolist(),
            items.tolist(),
            zones.tolist(),
            quantities.tolist(),
            np.round(prices[items] * quantities, 2).tolist(),
            [TIERS[tier] for tier in tiers.tolist()],
            urgent.tolist(),
            (_RANKS[tiers] - urgent).tolist(),
            _pick(list(customers.languages.values()), draws[:, 5]).tolist(),
            _pick(list(customers.channels.values()), draws[:, 6]).tolist(),
            promises_of(network, times, items, zones).tolist(),
        )


class Demand:
    """All orders of a run, made day by day."""

    def __init__(self, network: Network, chance: Chance, masks: Sequence[DemandMask], days: int) -> None:
        self._network = network
        self._gap_s = DAY_S / network.demand.orders_per_day
        self._languages = list(network.customers.languages)
        self._channels = list(network.customers.channels)
        self._thinned = [mask for mask in masks if mask.permille < NORMAL]
        rate = rate_of(network, days)
        self._streams = [self._stream("base", "S", rate, chance, None)]
        for number, mask in enumerate(mask for mask in masks if mask.permille > NORMAL):
            surge = rate.slowed([(-(2**40), mask.start_s, 0), (mask.end_s, 2**40, 0)])
            surge = surge.slowed([(mask.start_s, mask.end_s, mask.permille - NORMAL)])
            self._streams.append(self._stream(f"surge-{number}", f"X{number}-", surge, chance, mask))

    def day(self, day: int) -> list[Order]:
        """Return the orders of one scenario day, by time."""
        made = [order for stream in self._streams for order in self._of_day(*stream, day)]
        kept = [order for order in made if not self._is_left_out(order)]
        kept.sort(key=lambda order: (order.placed_s, order.id))
        return kept

    def _stream(self, name: str, prefix: str, rate: Pace, chance: Chance, mask: DemandMask | None) -> tuple[str, Mix]:
        gap_s = self._gap_s / self._share(mask)
        times = arrival_times(rate, gap_s, chance.stream(f"arrivals/{name}"))
        return prefix, Mix(self._network, chance, name, times, EVERYTHING if mask is None else mask.target)

    def _share(self, mask: DemandMask | None) -> float:
        """Return the part of all demand that a mask speaks of."""
        if mask is None or mask.target == EVERYTHING:
            return 1.0
        parts = self._network.items if mask.target.startswith("demand:item/") else self._network.zones
        name = mask.target.split("/", 1)[1]
        return sum(p.share for p in parts if p.name == name) / sum(p.share for p in parts)

    def _of_day(self, prefix: str, mix: Mix, day: int) -> Iterator[Order]:
        first, last = np.searchsorted(mix.times, [day * DAY_S, (day + 1) * DAY_S], side="left").tolist()
        row, wrong_share = mix.luck.row, self._network.desk.wrong_address_share
        languages, channels = self._languages, self._channels
        for index, asked in enumerate(zip(*(column[first:last] for column in mix.columns), strict=True), first):
            luck = row(index)
            order = Order(index, f"{prefix}{index:07d}", asked[0], luck)
            (
                _placed_s,
                order.item,
                order.zone,
                order.quantity,
                order.value,
                order.tier,
                order.is_urgent,
                order.rank,
                language,
                channel,
                order.promise_s,
            ) = asked
            order.language, order.channel = languages[language], channels[channel]
            order.is_address_wrong = luck[Draw.ADDRESS] < wrong_share
            yield order

    def _is_left_out(self, order: Order) -> bool:
        return any(
            mask.start_s <= order.placed_s < mask.end_s
            and self._is_meant(mask, order)
            and order.luck[Draw.THIN] * NORMAL >= mask.permille
            for mask in self._thinned
        )

    def _is_meant(self, mask: DemandMask, order: Order) -> bool:
        if mask.target == EVERYTHING:
            return True
        item, zone = self._network.items[order.item].name, self._network.zones[order.zone].name
        return mask.target in (f"demand:item/{item}", f"demand:area/{zone}")


EVERYTHING = "demand:*"
TIERS = (Tier.VIP, Tier.PREFERRED, Tier.STANDARD)
_RANKS = np.array([1, 3, 5])
"""Place of each tier in queues, lower first; an urgent order stands one before its tier (R26)."""


def promises_of(network: Network, times: Ints, items: Ints, zones: Ints) -> Ints:
    """Return the end of each order's promised day."""
    promise = network.promise
    handling = [promise.make_days if item.origin is Origin.MAKE else promise.stock_days for item in network.items]
    days = np.array(handling)[items] + np.array([zone.promise_days for zone in network.zones])[zones]
    counted = times // DAY_S + (times % DAY_S >= promise.cut_off * 60)
    ends: Ints = (counted + 1) * DAY_S + np.rint(days * DAY_S).astype(np.int64)
    return ends


def _forced(parts: Sequence[Item] | Sequence[Zone], prefix: str, target: str, drawn: Ints) -> Ints:
    """Return the drawn parts, or the one that a target names for all."""
    if not target.startswith(prefix):
        return drawn
    return np.full_like(drawn, [part.name for part in parts].index(target.removeprefix(prefix)))


def _tier_edges(network: Network) -> NDArray[np.float64]:
    mix = network.customers.tiers
    return np.array([mix.vip, mix.vip + mix.preferred])


def _pick(weights: Sequence[float], draws: NDArray[np.float64]) -> Ints:
    """Return for each draw the number of the weight it falls on."""
    sums = list(accumulate(weights))
    return np.searchsorted(np.array(sums[:-1]) / sums[-1], draws, side="right").astype(np.int64)


def _geometric(means: NDArray[np.float64], draws: NDArray[np.float64]) -> Ints:
    """Return geometric counts from 1 with the given means."""
    with np.errstate(divide="ignore"):  # a mean of 1 has no chance of 2
        steps = np.log1p(-draws) / np.log1p(-1.0 / means)
    return 1 + steps.astype(np.int64)
