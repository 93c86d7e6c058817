"""A model for a person: a head, and tables of what was learned."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from radar.bottlenecks import Bottleneck
from radar.instant import DAY_US, Instant
from radar.learned import Learned, LearnedType
from radar.learned_flow import LearnedQueue, LearnedStation
from streams.model_files import ModelManifest

HASH_SHOWN = 12


def screen(manifest: ModelManifest, learned: Learned, now: Instant) -> RenderableType:
    """Return what is shown; ``now`` tells the age."""
    parts: list[RenderableType] = [Text(line) for line in _head(manifest, now)]
    parts += [Text(""), _types(manifest, learned.types)]
    if learned.stations:
        parts += [Text(""), _stations(learned.stations), Text(""), _queues(learned.queues)]
    for title, rows in (("Lanes that lose most time", learned.lanes), ("Suppliers", learned.suppliers)):
        if rows:
            parts += [Text(""), _losses(title, rows)]
    if learned.conditions:
        said = ", ".join(f"{code} {weight:.2f}" for code, weight in learned.conditions.items())
        parts += [Text(""), Text(f"Worth of forecasts of delay (1 as said, 0 nothing): {said}")]
    parts += [Text(f"Places whose throughput is known: {learned.places}")]
    return Group(*parts)


def _head(manifest: ModelManifest, now: Instant) -> Iterator[str]:
    yield f"Model of Order Radar {manifest.product}, {manifest.rows_sha256[:HASH_SHOWN]}"
    until = manifest.learned_until
    if until is None:
        yield "learned from no event"
    else:
        days = (now - until) // DAY_US
        age = f"{days} days old" if days >= 0 else f"{-days} days ahead of the clock of this machine"
        yield f"learned from {manifest.events:,} events, {manifest.first_at} to {manifest.last_at}, {age}"
    data = manifest.data_sha256[:HASH_SHOWN] if manifest.data_sha256 else "of a store"
    yield f"rules {manifest.rules_sha256[:HASH_SHOWN]}, data {data}"
    if manifest.learned_from:
        yield f"began with {', '.join(one[:HASH_SHOWN] for one in manifest.learned_from)}"


def _types(manifest: ModelManifest, types: Sequence[LearnedType]) -> Table:
    table = Table(title="Order types", title_justify="left")
    names = ("orders", "delivered", "until", "transit", "spread", "seller", "on its way", "warned at the lead from")
    table.add_column("type")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    known = {one.order_type: one for one in types}
    counted = {one.order_type: one for one in manifest.order_types}
    for name in (*counted, *(name for name in known if name not in counted)):
        count, one = counted.get(name), known.get(name)
        cells = ("-", "-") if count is None else (f"{count.orders:,}", f"{count.deliveries:,}")
        table.add_row(Text(name or "(none)"), *cells, *(["-"] * 6 if one is None else _cells(one)))
    table.caption = (
        "transit: days from hand-over to delivery, and the spread of its logarithm; seller, on its way: log-odds of "
        "the daily hazards are multiplied and shifted"
    )
    table.caption_justify = "left"
    return table


def _cells(one: LearnedType) -> list[str]:
    threshold = one.threshold_at_lead
    return [
        one.learned_until,
        f"{one.transit_days:.2f} d",
        f"{one.transit_sigma:.2f}",
        f"x {one.seller_scale:.2f} {one.seller_shift:+.2f}",
        f"x {one.transit_scale:.2f} {one.transit_shift:+.2f}",
        "-" if threshold is None else f"{threshold:.0%}",
    ]


def _stations(stations: Sequence[LearnedStation]) -> Table:
    table = Table(title="Hours usually left, by type and the stage reached", title_justify="left")
    types = sorted({one.order_type for one in stations})
    table.add_column("")
    for name in types:
        table.add_column(Text(name or "(none)"), justify="right", no_wrap=True)
    known = {(one.station, one.order_type): f"{one.left_h:.1f} h (off by {one.error_h:.1f} h)" for one in stations}
    for station in dict.fromkeys(one.station for one in stations):
        table.add_row(station, *(known.get((station, name), "-") for name in types))
    table.caption = "these types are predicted by hours left and queues; what stands above of them serves until then"
    table.caption_justify = "left"
    return table


def _queues(queues: Sequence[LearnedQueue]) -> Table:
    table = Table(title="Busiest places before each milestone", title_justify="left")
    for name in ("before", "place"):
        table.add_column(name)
    for name in ("can do a day", "gets done now"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in queues:
        table.add_row(one.stage, Text(one.place), f"{one.a_day:,.0f}", f"{one.pace:.0%}")
    return table


def _losses(title: str, rows: Sequence[Bottleneck]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in ("hours lost", "share", "an order", "trend"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        cells = (f"{row.lost:,.0f}", f"{row.share_ratio:.0%}", f"{row.per_order:.1f} h", f"x {row.trend:.2f}")
        table.add_row(Text(row.name), *cells)
    return table
