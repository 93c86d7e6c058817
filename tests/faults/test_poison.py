"""An order that the rules cannot handle is put aside; all others go on as if it were not there."""

import sqlite3

import pytest

from benchmarks.event_mix import events
from radar import fold
from radar.events.transport import ShipmentHandedOver
from streams.codec import encode
from streams.pace import Pace
from tests.streams.flow import Flow

pytestmark = pytest.mark.req("R51")
POISON = "SO-0000003"


@pytest.fixture
def poisoned(monkeypatch):
    """Make the fold of one order raise when it is handed over."""
    sound = fold.FOLDS[ShipmentHandedOver]

    def raising(order, data, at):
        if order.order_id == POISON:
            raise ZeroDivisionError("a fault of the test's own")
        return sound(order, data, at)

    monkeypatch.setitem(fold.FOLDS, ShipmentHandedOver, raising)


@pytest.mark.parametrize("engine", ["plain", "bytewax"])
def test_a_poison_order_is_quarantined_and_the_flow_lives(tmp_path, poisoned, engine):
    stream = list(events(10, orders_a_day=40))
    flow = Flow(tmp_path)
    flow.write([encode(event) + b"\n" for event in stream])
    told = flow.run("with poison", engine=engine)
    steps = [event for event in stream if event.subject == POISON]
    handed_over = next(index for index, event in enumerate(steps) if isinstance(event.data, ShipmentHandedOver))
    assert told.dead_letters == len(steps) - handed_over
    assert told.lines == told.events + told.dead_letters
    with sqlite3.connect(tmp_path / "with poison.db") as store:
        kept = store.execute("SELECT DISTINCT order_id, reason, detail FROM dead_letters").fetchall()
        others = store.execute("SELECT count(*) FROM orders WHERE phase = 'delivered'").fetchone()[0]
    assert [(row[0], row[1]) for row in kept] == [(POISON, "quarantine")]
    assert "ZeroDivisionError: a fault of the test's own" in kept[0][2]
    assert others >= 7


def test_a_poison_order_stays_quarantined_over_a_restart(tmp_path, poisoned):
    stream = list(events(10, orders_a_day=40))
    lines = [encode(event) + b"\n" for event in stream]
    flow = Flow(tmp_path)
    flow.write(lines)
    flow.run("at once", pace=Pace(epoch_s=0.0, block_lines=4))
    half = len(lines) // 2
    flow.write(lines[:half])
    flow.run("in two", pace=Pace(epoch_s=0.0, block_lines=4))
    flow.write(lines)
    flow.run("in two", pace=Pace(epoch_s=0.0, block_lines=4))
    with sqlite3.connect(tmp_path / "in two.db") as store:
        dead = store.execute("SELECT count(*) FROM dead_letters WHERE order_id = ?", (POISON,)).fetchone()
    with sqlite3.connect(tmp_path / "at once.db") as store:
        assert dead == store.execute("SELECT count(*) FROM dead_letters WHERE order_id = ?", (POISON,)).fetchone()
