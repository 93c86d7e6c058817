"""What leaves memory is in the store first: forgotten and poison orders within one commit."""

import pytest

from radar.instant import DAY_US, Instant
from radar.outputs import OrderRow
from radar.quarantine import QuarantinedError
from tests.radar.harness import FakePredictor, at, delivered, placed, rules, run, watch_of


@pytest.mark.req("R52")
def test_an_order_placed_delivered_and_forgotten_between_two_commits_still_reaches_the_store():
    watch = watch_of(rules())
    run(watch, [placed(), delivered(at(5))], until=Instant(at(6) + 60 * DAY_US))
    assert "SO-1" not in watch.orders
    (row,) = [row for row in watch.take_dirty() if isinstance(row, OrderRow)]
    assert (row.order_id, row.phase, row.delivered_at) == ("SO-1", "delivered", at(5))
    assert watch.take_dirty() == []


class Poison(FakePredictor):
    """Breaks on every order."""

    def placed(self, order, at):
        raise ZeroDivisionError("poison")


@pytest.mark.req("R51")
def test_a_poison_order_is_put_aside_and_its_row_says_so():
    poison = Poison()
    watch = watch_of(rules(), poison)
    with pytest.raises(QuarantinedError, match="poison"):
        run(watch, [placed()])
    assert [name for name, *_ in poison.told] == ["heard"], "who keeps a book of open orders must look again"
    rows = watch.take_dirty()
    assert [row.phase for row in rows if isinstance(row, OrderRow)] == ["quarantined"]
    again = watch_of(rules())
    again.load(rows)
    assert "SO-1" not in again.orders
    with pytest.raises(QuarantinedError):
        again.observe(delivered(at(5)))
