"""Demand: when orders come and what is asked, drawn by order number for the whole run at once.

Orders come as a Poisson process whose rate is a step function; order ``i`` stands where the rate has added up to
the ``i``-th sum of unit gaps. A demand peak adds orders of its own stream, so the usual orders keep their luck and
their time; a slump leaves out those whose luck says so.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import log1p

import numpy as np
from numpy.typing import NDArray

from radar.events.common import Tier
from scenarios.network import Network
from scenarios.network_supply import Origin
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
    """What the orders of one stream ask for, drawn by order number."""

    def __init__(self, network: Network, chance: Chance, name: str, count: int) -> None:
        self._network = network
        draws = chance.stream(f"mix/{name}").random((count, 8))
        customers = network.customers
        self.items = _pick([item.share for item in network.items], draws[:, 0])
        self.zones = _pick([zone.share for zone in network.zones], draws[:, 1])
        means = [item.quantity_mean for item in network.items]
        self.quantities = [
            _geometric(means[item], luck) for item, luck in zip(self.items, draws[:, 2].tolist(), strict=True)
        ]
        self.tiers = draws[:, 3].tolist()
        self.urgent = draws[:, 4].tolist()
        self.languages = _pick(list(customers.languages.values()), draws[:, 5])
        self.channels = _pick(list(customers.channels.values()), draws[:, 6])
        self.luck = chance.luck(f"order/{name}", DRAWS)


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
        made = [order for stream in self._streams for order in self._of_day(stream, day)]
        kept = [order for order in made if not self._is_left_out(order)]
        kept.sort(key=lambda order: (order.placed_s, order.id))
        return kept

    def _stream(self, name: str, prefix: str, rate: Pace, chance: Chance, mask: DemandMask | None) -> "_Stream":
        gap_s = self._gap_s / self._share(mask)
        times = arrival_times(rate, gap_s, chance.stream(f"arrivals/{name}"))
        return _Stream(prefix, times, Mix(self._network, chance, name, len(times)), mask)

    def _share(self, mask: DemandMask | None) -> float:
        """Return the part of all demand that a mask speaks of."""
        if mask is None or mask.target == "demand:*":
            return 1.0
        parts = self._network.items if mask.target.startswith("demand:item/") else self._network.zones
        name = mask.target.split("/", 1)[1]
        return sum(p.share for p in parts if p.name == name) / sum(p.share for p in parts)

    def _of_day(self, stream: "_Stream", day: int) -> Iterator[Order]:
        first, last = np.searchsorted(stream.times, [day * DAY_S, (day + 1) * DAY_S], side="left").tolist()
        for index, placed_s in enumerate(stream.times[first:last].tolist(), first):
            yield self._order(stream, index, placed_s)

    def _order(self, stream: "_Stream", index: int, placed_s: int) -> Order:
        mix, network = stream.mix, self._network
        order = Order(index, f"{stream.prefix}{index:07d}", placed_s, mix.luck.row(index))
        order.item = stream.forced_item(network, mix.items[index])
        order.zone = stream.forced_zone(network, mix.zones[index])
        order.quantity = mix.quantities[index]
        item = network.items[order.item]
        order.value = round(item.price * order.quantity, 2)
        order.tier = _tier(network, mix.tiers[index])
        order.is_urgent = mix.urgent[index] < network.customers.urgent_share
        order.rank = RANKS[order.tier] - (1 if order.is_urgent else 0)
        order.language = self._languages[mix.languages[index]]
        order.channel = self._channels[mix.channels[index]]
        order.promise_s = promise_of(network, placed_s, item.origin, network.zones[order.zone].promise_days)
        order.is_address_wrong = order.luck[Draw.ADDRESS] < network.desk.wrong_address_share
        return order

    def _is_left_out(self, order: Order) -> bool:
        return any(
            mask.start_s <= order.placed_s < mask.end_s
            and self._is_meant(mask, order)
            and order.luck[Draw.THIN] * NORMAL >= mask.permille
            for mask in self._thinned
        )

    def _is_meant(self, mask: DemandMask, order: Order) -> bool:
        if mask.target == "demand:*":
            return True
        item, zone = self._network.items[order.item].name, self._network.zones[order.zone].name
        return mask.target in (f"demand:item/{item}", f"demand:area/{zone}")


RANKS = {Tier.VIP: 1, Tier.PREFERRED: 3, Tier.STANDARD: 5}
"""Place of each tier in queues, lower first; an urgent order stands one before its tier (R26)."""


class _Stream:
    """One stream of arrivals."""

    __slots__ = ("mask", "mix", "prefix", "times")

    def __init__(self, prefix: str, times: Ints, mix: Mix, mask: DemandMask | None) -> None:
        self.prefix = prefix
        self.times = times
        self.mix = mix
        self.mask = mask

    def forced_item(self, network: Network, drawn: int) -> int:
        if self.mask is None or not self.mask.target.startswith("demand:item/"):
            return drawn
        return [item.name for item in network.items].index(self.mask.target.split("/", 1)[1])

    def forced_zone(self, network: Network, drawn: int) -> int:
        if self.mask is None or not self.mask.target.startswith("demand:area/"):
            return drawn
        return [zone.name for zone in network.zones].index(self.mask.target.split("/", 1)[1])


def promise_of(network: Network, placed_s: int, origin: Origin, transit_days: float) -> int:
    """Return the end of the promised day."""
    promise = network.promise
    day = placed_s // DAY_S
    if placed_s - day * DAY_S >= promise.cut_off * 60:
        day += 1
    handling = promise.make_days if origin is Origin.MAKE else promise.stock_days
    return (day + 1) * DAY_S + round((handling + transit_days) * DAY_S)


def _tier(network: Network, luck: float) -> Tier:
    mix = network.customers.tiers
    if luck < mix.vip:
        return Tier.VIP
    return Tier.PREFERRED if luck < mix.vip + mix.preferred else Tier.STANDARD


def _pick(weights: Sequence[float], draws: NDArray[np.float64]) -> list[int]:
    """Return for each draw the number of the weight it falls on."""
    sums = list(accumulate(weights))
    edges = np.array(sums[:-1]) / sums[-1]
    picked: list[int] = np.searchsorted(edges, draws, side="right").tolist()
    return picked


def _geometric(mean: float, luck: float) -> int:
    """Return a geometric count from 1 with the given mean."""
    if mean <= 1.0:
        return 1
    return 1 + int(log1p(-luck) / log1p(-1.0 / mean))
