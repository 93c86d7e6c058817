"""The tables of the store: what the radar knows, what it said, and how far it has read.

People query these tables by hand, so every column carries its meaning (``comment``); docs/reference/store.md
is held against them by a test. Migrations under ``migrations/`` create them; this module is what the code reads.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from radar.instant import Instant, to_instant
from streams.store.stamp import parse_stamp, stamp

STORE_VERSION = "0002"
"""The newest migration; a store of an unknown version is refused."""


class InstantText(TypeDecorator[Instant]):
    """An ``Instant``: RFC 3339 text in UTC, always with six decimals so that text sorts as time does.

    PostgreSQL keeps it as ``timestamptz``.
    """

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the native type where the database has one."""
        native = DateTime(timezone=True) if dialect.name == "postgresql" else String(27)
        return dialect.type_descriptor(native)

    def process_bind_param(self, value: Instant | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy calls it
        """Return the text of an instant; PostgreSQL reads the same text."""
        return None if value is None else stamp(value)

    def process_result_value(self, value: object, dialect: Dialect) -> Instant | None:  # noqa: ARG002 - SQLAlchemy calls it
        """Return the instant of what the database gave."""
        if isinstance(value, datetime):
            return to_instant(value)
        return parse_stamp(value) if isinstance(value, str) else None


metadata = MetaData()
Kind = TypeEngine[Any] | type[TypeEngine[Any]]


def _column(name: str, kind: Kind, meaning: str, **how: bool) -> Column[Any]:
    """Return a column that says what it means; required unless told otherwise."""
    return Column(
        name,
        kind,
        comment=meaning,
        primary_key=how.get("primary_key", False),
        nullable=how.get("nullable", False),
        autoincrement=how.get("autoincrement", False),
    )


orders = Table(
    "orders",
    metadata,
    _column("order_id", String(200), "The order, as its source names it.", primary_key=True),
    _column("partition", String(200), "Source partition the order is read from."),
    _column("version", Integer, "Grows with every change of the order."),
    _column("phase", String(20), "`open`, `held`, `delivered`, `cancelled`, `lost` or `returned`."),
    _column("stage", String(20), "Highest milestone reached, `placed` ... `delivered`."),
    _column("order_type", String(100), "Type that chooses the route and the standards."),
    _column("tier", String(20), "Customer tier: `standard`, `preferred` or `vip`."),
    _column("is_urgent", Boolean, "Whether the order was marked urgent."),
    _column("lane", String(200), "Origin and destination area, `origin-area`."),
    _column("supplier", String(200), "Who makes or hands over the goods."),
    _column("carrier", String(200), "Who carries them; empty before hand-over."),
    _column("value", Float, "Order value in its currency.", nullable=True),
    _column("placed_at", InstantText, "When it was placed.", nullable=True),
    _column("promise_at", InstantText, "The first promise; never overwritten.", nullable=True),
    _column("handed_over_at", InstantText, "When the carrier took it.", nullable=True),
    _column("delivered_at", InstantText, "When the customer got it.", nullable=True),
    _column("closed_at", InstantText, "When it ended, however it ended.", nullable=True),
    _column("updated_at", InstantText, "Stream clock of the last change."),
    _column("late_probability", Float, "Latest predicted probability of being late, 0..1.", nullable=True),
    _column("level", Integer, "Highest level of its open warnings: 1 notice, 2 warning, 3 critical; 0 none."),
    _column("warnings_open", Integer, "How many of its warnings stand."),
    _column("state", LargeBinary, "What restores the order (MessagePack)."),
)
Index("ix_orders_closed", orders.c.partition, orders.c.closed_at)

warnings = Table(
    "warnings",
    metadata,
    _column("warning_id", String(300), "Deterministic: kind, entity, rule and first due time.", primary_key=True),
    _column("state", String(20), "`open`, `resolved` or `withdrawn`."),
    _column("kind", String(40), "What it is about: `stage-overdue`, `predicted-late`, ..."),
    _column("entity", String(220), "Order id, or `source:<name>`, `line:<name>`, ..."),
    _column("rule", String(200), "The rule that fired."),
    _column("level", Integer, "1 notice, 2 warning, 3 critical."),
    _column("due_at", InstantText, "When the rule's condition came true."),
    _column("raised_at", InstantText, "Stream clock of the raise."),
    _column("changed_at", InstantText, "Stream clock of the last change."),
    _column("ended_at", InstantText, "When it was resolved or withdrawn.", nullable=True),
    _column("promise_at", InstantText, "Promise of the order it is about.", nullable=True),
    _column("late_probability", Float, "Probability of being late at the last change, 0..1.", nullable=True),
    _column("is_short_notice", Boolean, "Raised inside the last 36 h before the promise."),
    _column("sequence", Integer, "Number of changes since the raise."),
    _column("reasons", Text, "JSON list of reasons: code, facts, weight."),
)
Index("ix_warnings_entity", warnings.c.entity)
Index(
    "ix_warnings_open",
    warnings.c.kind,
    sqlite_where=warnings.c.state == "open",
    postgresql_where=warnings.c.state == "open",
)

warning_changes = Table(
    "warning_changes",
    metadata,
    _column("warning_id", String(300), "The warning that changed.", primary_key=True),
    _column("sequence", Integer, "0 for the raise, then 1, 2, ...", primary_key=True),
    _column("change", String(20), "`raised`, `updated`, `resolved` or `withdrawn`."),
    _column("kind", String(40), "Kind of the warning."),
    _column("entity", String(220), "What it is about."),
    _column("rule", String(200), "The rule that spoke."),
    _column("level", Integer, "Level after the change."),
    _column("due_at", InstantText, "When the condition came true."),
    _column("at", InstantText, "Stream clock when this was said."),
    _column("promise_at", InstantText, "Promise of the order at that time.", nullable=True),
    _column("late_probability", Float, "Probability of being late, 0..1.", nullable=True),
    _column("is_short_notice", Boolean, "Inside the last 36 h before the promise."),
    _column("reasons", Text, "JSON list of reasons: code, facts, weight."),
)

cases = Table(
    "cases",
    metadata,
    _column("case_id", String(300), "The case: one cause and everything it touches.", primary_key=True),
    _column("version", Integer, "Grows with every change."),
    _column("state", String(20), "`open`, `acknowledged`, `recovering` or `closed`."),
    _column("cause", String(220), "What the orders have in common: `line:L3`, `lane:A-B`, an order id."),
    _column("problem_type", String(100), "Problem type that chooses the playbook."),
    _column("severity", Integer, "1 notice, 2 warning, 3 critical."),
    _column("owner", String(200), "Who answers for it; empty while nobody does."),
    _column("playbook", String(200), "Playbook chosen, `name@hash`; empty while none is."),
    _column("orders_affected", Integer, "Orders under this case now."),
    _column("opened_at", InstantText, "Stream clock of the opening."),
    _column("closed_at", InstantText, "Stream clock of the closing.", nullable=True),
    _column("updated_at", InstantText, "Stream clock of the last change."),
    _column("state_blob", LargeBinary, "What restores the case (MessagePack); null once forgotten.", nullable=True),
)

tasks = Table(
    "tasks",
    metadata,
    _column("task_id", String(300), "The task.", primary_key=True),
    _column("case_id", String(300), "The case it belongs to."),
    _column("version", Integer, "Grows with every change."),
    _column("role", String(100), "Who should do it."),
    _column("action", String(100), "What is to be done, a word of the action vocabulary."),
    _column("state", String(20), "`open`, `acknowledged`, `done`, `escalated` or `dropped`."),
    _column("due_at", InstantText, "When it should be done.", nullable=True),
    _column("updated_at", InstantText, "Stream clock of the last change."),
    _column("detail", Text, "JSON: parameters and the text shown."),
)
Index("ix_tasks_case", tasks.c.case_id)

actions = Table(
    "actions",
    metadata,
    _column("action_id", String(300), "The action.", primary_key=True),
    _column("case_id", String(300), "The case it belongs to."),
    _column("action", String(100), "A word of the action vocabulary: `expedite`, `reroute`, ..."),
    _column("target", String(220), "What it acts on."),
    _column("state", String(20), "`asked`, `approved`, `applied`, `failed` or `refused`."),
    _column("cost", Float, "Cost in the house currency, when known.", nullable=True),
    _column("at", InstantText, "Stream clock of the decision."),
    _column("detail", Text, "JSON: parameters and outcome."),
)
Index("ix_actions_case", actions.c.case_id)

messages = Table(
    "messages",
    metadata,
    _column("message_id", String(300), "Deterministic, so that a message is never sent twice.", primary_key=True),
    _column("case_id", String(300), "The case it belongs to; empty for none."),
    _column("channel", String(60), "`webhook`, `smtp`, `dingtalk`, ..."),
    _column("recipient", String(300), "Address within the channel."),
    _column("state", String(20), "`waiting`, `sent`, `failed` or `dropped`."),
    _column("attempts", Integer, "How often it was tried."),
    _column("created_at", InstantText, "Stream clock when it was written."),
    _column("sent_at", InstantText, "Wall clock of the receipt.", nullable=True),
    _column("body", Text, "What is sent."),
)
Index(
    "ix_messages_waiting",
    messages.c.created_at,
    sqlite_where=messages.c.state == "waiting",
    postgresql_where=messages.c.state == "waiting",
)

dead_letters = Table(
    "dead_letters",
    metadata,
    _column("stream", String(1000), "File, journal or topic partition the line came from.", primary_key=True),
    _column(
        "offset",
        Integer,
        "Byte offset of its first byte (Kafka: message offset).",
        primary_key=True,
        autoincrement=False,
    ),
    _column("partition", String(200), "Source partition it counts in."),
    _column("state", String(20), "`kept`, or `replayed` once `radar deadletter replay` applied it."),
    _column("reason", String(60), "Short code: `bad-json`, `unknown-kind`, `naive-time`, `quarantine`, ..."),
    _column("detail", Text, "What is wrong, where, and what is allowed."),
    _column("event_id", String(1000), "Event id, when it could be read."),
    _column("order_id", String(1000), "Order id, when it could be read."),
    _column("line", LargeBinary, "The raw line, cut at 64 KiB."),
)
Index("ix_dead_letters_reason", dead_letters.c.reason)

feeds = Table(
    "feeds",
    metadata,
    _column("source", String(1000), "Source system, as events name it.", primary_key=True),
    _column("partition", String(200), "Source partition it is heard in.", primary_key=True),
    _column("events", Integer, "Events heard."),
    _column("last_at", InstantText, "Largest event time heard."),
    _column("is_silent", Boolean, "Whether it has been silent beyond its limit."),
)

runs = Table(
    "runs",
    metadata,
    _column("run_id", Integer, "1, 2, 3, ... in the order they were started.", primary_key=True, autoincrement=True),
    _column(
        "status", String(20), "`running`, `done`, `stopped`, `failed`, or `crashed` (found unfinished by the next run)."
    ),
    _column("started_at", InstantText, "Wall clock of the start."),
    _column("ended_at", InstantText, "Wall clock of the end.", nullable=True),
    _column("version", String(60), "Version of Order Radar."),
    _column("rules_hash", String(100), "Hash of the rules file."),
    _column("engine", String(20), "`bytewax` or `plain`; `model` where a model was put in."),
    _column("specs", Text, "JSON list of what was read, as given."),
    _column("settings", Text, "JSON: lateness, epoch, speed, zone and versions of Python and packages."),
    _column("message", Text, "Why it failed; empty otherwise."),
)

machine_rows = Table(
    "machine_rows",
    metadata,
    _column("machine", String(100), "The machine of the core that wrote it.", primary_key=True),
    _column("key", String(1000), "What it is about.", primary_key=True),
    _column("partition", String(200), "Source partition it belongs to.", primary_key=True),
    _column("state", LargeBinary, "MessagePack, read by the machine that wrote it."),
)

positions = Table(
    "positions",
    metadata,
    _column("partition", String(200), "Source partition.", primary_key=True),
    _column("stream", String(1000), "File, journal file or topic partition.", primary_key=True),
    _column("low_offset", Integer, "A restart reads again from here: the oldest line not yet applied."),
    _column("read_offset", Integer, "One past the last byte taken in."),
    _column("is_finished", Boolean, "Whether the stream ended; nothing more is read from it."),
)

heads = Table(
    "heads",
    metadata,
    _column("partition", String(200), "Source partition.", primary_key=True),
    _column("stream", String(1000), "File or journal file.", primary_key=True),
    _column("length", Integer, "How many of its first bytes are meant, 4096 at most."),
    _column("sha256", String(64), "SHA-256 of these bytes; a file that begins otherwise was replaced and is refused."),
)

counters = Table(
    "counters",
    metadata,
    _column(
        "partition", String(200), "Source partition; `lines = applied + duplicates + dead + pending`.", primary_key=True
    ),
    _column("lines", Integer, "Lines read since the first."),
    _column("applied", Integer, "Events applied."),
    _column("duplicates", Integer, "Events recognised as already applied."),
    _column("dead", Integer, "Lines kept in `dead_letters` and not replayed."),
    _column("pending", Integer, "Events waiting for the watermark."),
    _column("late", Integer, "Applied events that came after the watermark."),
    _column("clock", InstantText, "The stream clock: nothing earlier is applied in order any more."),
    _column("watermark", InstantText, "Up to here the events are complete, as far as the lateness allows."),
)
