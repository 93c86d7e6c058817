"""How a network moves parcels: hubs, lanes, zones."""

from enum import StrEnum

from pydantic import Field

from scenarios.loader import Declared
from scenarios.network_parts import Count, Names, NonNegative, Positive, Sigma, SomeTime
from scenarios.scalars import Duration, Flag, Named, Ratio, TimeOfDay


class Mode(StrEnum):
    """How a lane moves."""

    ROAD = "road"
    AIR = "air"
    RAIL = "rail"


class Hub(Declared):
    """A sorting centre."""

    name: Named
    calendar: Named
    parcels_per_hour: Positive
    """Sorting rate of the whole hub."""


class Lane(Declared):
    """A timetable between two hubs."""

    name: Named
    origin: Named = Field(alias="from")
    target: Named = Field(alias="to")
    mode: Mode = Mode.ROAD
    departures: tuple[TimeOfDay, ...]
    weekdays: Named = "mon-sun"
    cut_off: Duration = 0
    """A parcel must be ready this long before the departure."""
    capacity: Count
    """Parcels a departure carries."""
    transit: SomeTime
    """Median driving time."""
    sigma: Sigma
    carrier: Named
    parcel_cost: NonNegative = 0.0
    """CNY for one parcel."""
    trip_cost: NonNegative = 0.0
    """CNY for one extra truck or flight."""


class Zone(Declared):
    """An area of customers, its station and its couriers."""

    name: Named
    hub: Named
    share: Positive
    """Weight in the order mix."""
    warehouses: Names
    """Where its orders ship from, best first."""
    couriers: Count
    parcels_per_round: Count
    """What a courier carries on one round."""
    rounds: tuple[TimeOfDay, ...]
    weekdays: Named = "mon-sun"
    stop_time: SomeTime
    """From one door to the next."""
    absent_share: Ratio = 0.0
    """Share of visits that find nobody."""
    attempts_max: Count = 3
    promise_days: NonNegative
    """Transit days the shop promises."""
    is_remote: Flag = False
    rain_share: Ratio = 0.0
    """Share of days with bad weather."""
    round_cost: NonNegative = 0.0
    """CNY for one extra courier and round."""
