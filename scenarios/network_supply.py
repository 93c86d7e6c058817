"""What a network makes and keeps: items, materials, suppliers, lines, warehouses."""

from enum import StrEnum

from pydantic import Field

from scenarios.loader import Declared
from scenarios.network_parts import Count, Crew, Names, NonNegative, Positive, Sigma, SomeTime, Tally
from scenarios.scalars import Duration, Named, Ratio


class Origin(StrEnum):
    """How an order for an item is met."""

    STOCK = "stock"
    MAKE = "make-to-order"


class StockRule(Declared):
    """When and how much to replenish, in days of mean demand at that warehouse."""

    initial_days: NonNegative
    reorder_days: NonNegative
    batch_days: Positive


class Item(Declared):
    """What customers order."""

    name: Named
    category: Named
    origin: Origin
    share: Positive
    """Weight in the order mix; the weights need not add up to 1."""
    price: Positive
    """CNY for one piece."""
    quantity_mean: Positive = 1.2
    """Mean pieces in an order, geometric from 1."""
    weight_kg: Positive = 2.0
    line: Named | None = None
    """Line that makes it; none: it is bought from ``supplier``."""
    supplier: Named | None = None
    unit_time: SomeTime | None = None
    """Line time of one piece at normal speed."""
    materials: dict[Named, Positive] = Field(default_factory=dict)
    """Bill of material: pieces of each for one piece of the item."""
    stock: StockRule | None = None
    substitute: Named | None = None


class Material(Declared):
    """What lines use up; kept at the plant."""

    name: Named
    supplier: Named
    stock: StockRule
    price: Positive = 1.0


class Supplier(Declared):
    """Who sells materials or finished items to us."""

    name: Named
    lead_time: SomeTime
    """Median from purchase order to arrival."""
    sigma: Sigma
    late_share: Ratio = 0.0
    """Share of purchase orders that come late beyond that spread ..."""
    late_by: Duration = 0
    """... by this much."""
    notice: Duration = 0
    """How long before the promised arrival the supplier tells of a delay; 0: never."""
    reject_share: Ratio = 0.0
    """Share of a delivery that the inspection refuses."""
    backup: Named | None = None
    """Supplier to turn to when this one fails."""


class Line(Declared):
    """A production line: one job at a time."""

    name: Named
    calendar: Named
    setup: Duration = 0
    """Change-over when the item differs from the one before."""
    sigma: Sigma = 0.0
    """Spread of a job's time."""
    uptime_mean: SomeTime | None = None
    """Mean time between failures (exponential); none: it never fails."""
    repair_median: SomeTime | None = None
    repair_sigma: Sigma = 0.0
    defect_share: Ratio = 0.0
    """Share of jobs that fail inspection and are made again."""
    alternates: Names = ()
    """Lines that can take its work."""
    hour_cost: NonNegative = 0.0
    """CNY for an hour of overtime."""


class Warehouse(Declared):
    """Where finished items wait, are picked and packed."""

    name: Named
    hub: Named
    """Hub its parcels leave from."""
    pick: Crew
    pack: Crew
    supply_time: Duration = 0
    """From the plant's gate to the shelf."""
    supply_sigma: Sigma = 0.0


class Plant(Declared):
    """Where the lines stand; made-to-order goods ship from its warehouse."""

    warehouse: Named
    material_batch_max: Count = 1_000_000
    """Largest purchase order, pieces."""
    rush_lead: Tally = 0
    """Rank given to replenishment batches against orders; higher waits longer."""


class RemedyRule(Declared):
    """What one kind of action costs, how soon it works, how often it can be had."""

    cost: NonNegative = 0.0
    """CNY each time, per order or unit."""
    lead: Duration = 0
    """From the order to act until it works."""
    per_day_max: Count = 1_000_000
