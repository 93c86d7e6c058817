"""What a person sees before money is spent on an order: that there is nothing an action would change."""

from typing import TYPE_CHECKING

from radar.actions import Action
from radar.stages import Stage
from scenarios.network_transport import Mode
from twin.orders import OPEN_S, Order

if TYPE_CHECKING:
    from twin.world import World


def mode_of(action: Action) -> Mode:
    """Return the mode an action asks for; a plane where it names none."""
    return Mode(action.target or Mode.AIR.value)


def can_substitute(world: "World", order: Order, _action: Action) -> bool:
    """Return whether an order waits for goods in whose place others lie on a shelf."""
    substitute = world.network.items[order.item].substitute
    if substitute is None or not _lacks_goods(order):
        return False
    return max(_on_shelves(world, order, substitute)) >= order.quantity


def can_split(world: "World", order: Order, _action: Action) -> bool:
    """Return whether an order waits for goods that several warehouses have together."""
    item = world.network.items[order.item].name
    return _lacks_goods(order) and sum(_on_shelves(world, order, item)) >= order.quantity


def can_switch_mode(world: "World", order: Order, action: Action) -> bool:
    """Return whether an order's parcel could still go by another mode from where it is or will be."""
    return world.transport.can_switch(order, mode_of(action))


def can_correct(world: "World", order: Order, _action: Action) -> bool:
    """Return whether the desk holds an order."""
    return world.desk.holds(order)


def _lacks_goods(order: Order) -> bool:
    return order.stamps[Stage.VALIDATED] != OPEN_S == order.stamps[Stage.ALLOCATED]


def _on_shelves(world: "World", order: Order, item: str) -> list[int]:
    """Return how many pieces of an item lie in each warehouse that serves an order; 0 stands for none."""
    shelves = (world.stock.shelves.get((house, item)) for house in world.network.zones[order.zone].warehouses)
    return [0, *(shelf.on_hand for shelf in shelves if shelf is not None)]
