"""The figures on the dispatcher's wall: stated assumptions, all of them, to be tuned in playbooks."""

import msgspec


class ResponseRules(msgspec.Struct, frozen=True):
    """What the default response goes by."""

    late_cost_cny: float = 100.0
    """What a late order costs beyond its value: complaints, returns, customers who do not come again. Under a fifth
    of the mean order of the reference network (CNY 540); help that costs more than the orders it reaches is left."""
    pile: int = 12
    """Orders warned of behind one resource within a day from which somebody looks at the resource."""
    round_h: int = 6
    """Between two looks at the queues."""
    quiet_rounds: int = 8
    """Looks without anything to do after which a resource is watched no longer."""
    line_queue_h: float = 12.0
    """Work that may wait at a line: less than its promise leaves room for ..."""
    bench_queue_h: float = 3.0
    """... and at a bench, whose parcels are to catch the truck of the evening."""
    usable: float = 0.95
    """Share of the open hours of a line or bench that is worked."""
    queue_factor: float = 2.0
    """Orders that one order of a standing queue makes late: itself, and one that comes behind it."""
    left_share: float = 0.75
    """Share of a zone's round that may be left for the next morning."""
    shift_hours: float = 8.0
    """A shift where no queue can be counted: goods are short that a line of ours makes for the shelf."""
    repair_h: float = 8.0
    """A line that is down for longer than this is not back soon: usual repairs take two hours."""
    switch_days: float = 2.0
    backup_days: float = 10.0
    reroute_days: float = 1.0
    coupon_after_days: float = 2.0
    """Expected lateness from which a broken promise is made good; of VIP customers every one ..."""
    coupon_share: float = 0.05
    """... by this share of the order's value."""
    coupon_max_cny: float = 30.0
    vip_coupon_max_cny: float = 80.0
    repromise_days: float = 2.0
