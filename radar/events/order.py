"""Events about an order as a contract: placed, checked, paid, changed, ended."""

from typing import Annotated

from msgspec import Meta

from radar.events.common import Amount, Aware, Label, Name, Payload, Reasoned, Tier


class OrderLine(Payload, frozen=True):
    """One item of an order."""

    item: Name
    quantity: Amount
    category: Label = ""
    unit_price: Amount | None = None


class ShipTo(Payload, frozen=True):
    """Where the order goes, as coarse as prediction needs it; no street, no person."""

    area: Label = ""
    """Region or state code, the unit of weather alerts and lanes."""
    postcode: Label = ""
    city: Label = ""
    country: Label = ""
    is_remote: bool = False
    """A remote area, where a parcel may go longer without a scan."""


class OrderPlaced(Payload, frozen=True):
    """A customer ordered; ``promise_at`` is the first promise and never changes (OTIF, 36 h)."""

    promise_at: Aware | None = None
    customer_id: Label = ""
    tier: Tier = Tier.STANDARD
    order_type: Annotated[str, Meta(max_length=100)] = "standard"
    """What kind of order it is; it chooses the route and the standards of its stages."""
    is_urgent: bool = False
    """Urgent orders start one warning level up."""
    lines: Annotated[tuple[OrderLine, ...], Meta(max_length=1000)] = ()
    value: Amount | None = None
    currency: Annotated[str, Meta(max_length=3)] = "CNY"
    """ISO 4217 code of ``value`` and ``freight``."""
    ship_to: ShipTo = ShipTo()
    origin: Label = ""
    """Area or site the order ships from; with ``ship_to.area`` it names the lane."""
    supplier: Label = ""
    """Who must make or hand over the goods: seller, vendor, plant."""
    requested_at: Aware | None = None
    channel: Annotated[str, Meta(max_length=100)] = ""
    """Where the order came in: web, store, partner."""
    language: Annotated[str, Meta(max_length=35)] = ""
    """BCP 47 tag of the customer's language: ``zh-TW``."""
    zone: Annotated[str, Meta(max_length=64)] = ""
    """IANA zone of the customer: quiet hours, screens, local-day promises."""
    distance_km: Amount | None = None
    weight_kg: Amount | None = None
    volume_m3: Amount | None = None
    freight: Amount | None = None
    sample_weight: Annotated[float, Meta(gt=0, le=1e6)] = 1.0
    """How many orders of the population this one stands for; used in scores only."""


class OrderValidated(Payload, frozen=True):
    """The entry checks passed."""


class OrderHeld(Reasoned, frozen=True):
    """A suspect order waits for a person (R25)."""


class OrderReleased(Payload, frozen=True):
    """A person cleared a held order."""


class OrderChanged(Payload, frozen=True):
    """The customer or a clerk changed the order; absent fields stay as they were."""

    ship_to: ShipTo | None = None
    lines: Annotated[tuple[OrderLine, ...], Meta(max_length=1000)] | None = None
    requested_at: Aware | None = None
    repromise_at: Aware | None = None
    """Latest promise given; ``promise_at`` itself is never overwritten."""
    is_urgent: bool | None = None
    """The order became urgent, or is no longer."""


class OrderCancelled(Reasoned, frozen=True):
    """The order will not be delivered, and nobody waits for it any more."""


class PaymentApproved(Payload, frozen=True):
    """The money is there."""

    ship_by_at: Aware | None = None
    """The seller's deadline to hand over, known from now on and not before."""
    amount: Amount | None = None
