"""The closed vocabulary of actions (DESIGN 5): ordered by playbooks; live a task, in the twin an actuator."""

from enum import StrEnum

import msgspec


class ActionName(StrEnum):
    """Everything that can be done about an order in trouble."""

    EXPEDITE = "expedite"
    ADD_SHIFT = "add_shift"
    SWITCH_LINE = "switch_line"
    TRANSFER_STOCK = "transfer_stock"
    EXPEDITE_SUPPLY = "expedite_supply"
    BACKUP_SUPPLIER = "backup_supplier"
    SUBSTITUTE = "substitute"
    SPLIT = "split"
    SWITCH_MODE = "switch_mode"
    REROUTE = "reroute"
    ADD_VEHICLES = "add_vehicles"
    SWITCH_CARRIER = "switch_carrier"
    REASSIGN_COURIER = "reassign_courier"
    VERIFY_ADDRESS = "verify_address"
    CORRECT_ORDER = "correct_order"
    NOTIFY_CUSTOMER = "notify_customer"
    COMPENSATE = "compensate"
    REPROMISE = "repromise"
    FAILOVER_FEED = "failover_feed"
    ASK = "ask"
    SURVEY = "survey"


class Action(msgspec.Struct, frozen=True):
    """One order to act."""

    name: ActionName
    subject: str = ""
    """Line, lane, zone, item, supplier or source it acts on, where it acts on one."""
    order_ids: tuple[str, ...] = ()
    target: str = ""
    """Where to: line, warehouse, mode, lane, item ..."""
    value: float = 0.0
    """How much: pieces, servers, hours, vehicles, CNY; what it means hangs on the name."""
    case_id: str = ""
