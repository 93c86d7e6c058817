"""Order tables and samples made by hand, for the tests of the anchors."""

import numpy as np

from console.backtest.anchors.histories import Floats, OrderTable, Samples
from radar.instant import HOUR_US

NEVER = np.inf


def table_of(rows: list[dict[str, float]], lane: list[int] | None = None, area: list[int] | None = None) -> OrderTable:
    """Return a table; a row names what it knows, in local days; the rest is unknown or never."""
    count = len(rows)
    none, unknown = np.zeros(count, np.intp), np.full(count, np.nan)

    def times(name: str) -> Floats:
        return np.array([row.get(name, NEVER) for row in rows], np.float64)

    return OrderTable(
        order_ids=tuple(f"SO-{n}" for n in range(count)),
        placed=times("placed"),
        paid=times("paid"),
        ship_by=times("ship_by"),
        handed=times("handed"),
        delivered=times("delivered"),
        cancelled=times("cancelled"),
        promise=times("promise"),
        lane=none if lane is None else np.array(lane, np.intp),
        area=none if area is None else np.array(area, np.intp),
        origin=none,
        supplier=none,
        category=none,
        distance_km=unknown,
        weight_kg=unknown,
        value=unknown,
        freight=unknown,
        line_count=np.ones(count),
    )


def samples_at(table: OrderTable, asked: list[tuple[int, float]]) -> Samples:
    """Return samples of (order, local day)."""
    ranked = sorted(asked, key=lambda one: (one[1], one[0]))
    horizons = [round(float(table.promise[order] - at) * 24) * HOUR_US for order, at in ranked]
    keys = [(table.order_ids[order], horizon) for (order, _), horizon in zip(ranked, horizons, strict=True)]
    return Samples(
        np.array([order for order, _ in ranked], np.intp),
        np.array(horizons, np.int64),
        np.array([at for _, at in ranked], np.float64),
        {key: place for place, key in enumerate(keys)},
    )


def steady_world(count: int, transit_d: float, first: float = 17_000.0) -> list[dict[str, float]]:
    """Return orders placed one a day at noon, handed over a day later, delivered ``transit_d`` after that."""
    days = [first + n + 0.5 for n in range(count)]
    return [
        {
            "placed": day,
            "paid": day,
            "handed": day + 1,
            "delivered": day + 1 + transit_d,
            "promise": float(int(day)) + 9,
        }
        for day in days
    ]
