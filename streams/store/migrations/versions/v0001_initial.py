"""The first store: orders, warnings, cases, dead letters and the checkpoint."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring an empty database to this version."""
    _create_orders()
    _create_warnings()
    _create_warning_changes()
    _create_cases()
    _create_tasks()
    _create_actions()
    _create_messages()
    _create_dead_letters()
    _create_feeds()
    _create_runs()
    _create_machine_rows()
    _create_positions()
    _create_counters()


def _create_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("order_id", sa.String(200), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("partition", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("order_type", sa.String(100), nullable=False),
        sa.Column("tier", sa.String(20), nullable=False),
        sa.Column("is_urgent", sa.Boolean, nullable=False),
        sa.Column("lane", sa.String(200), nullable=False),
        sa.Column("supplier", sa.String(200), nullable=False),
        sa.Column("carrier", sa.String(200), nullable=False),
        sa.Column("value", sa.Float, nullable=True),
        sa.Column("placed_at", INSTANT, nullable=True),
        sa.Column("promise_at", INSTANT, nullable=True),
        sa.Column("handed_over_at", INSTANT, nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("late_probability", sa.Float, nullable=True),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("warnings_open", sa.Integer, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_orders_closed", "orders", ["partition", "closed_at"])


def _create_warnings() -> None:
    op.create_table(
        "warnings",
        sa.Column("warning_id", sa.String(300), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("entity", sa.String(220), nullable=False),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("promise_at", INSTANT, nullable=True),
        sa.Column("late_probability", sa.Float, nullable=True),
        sa.Column("is_short_notice", sa.Boolean, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
    )
    op.create_index(
        "ix_warnings_open",
        "warnings",
        ["kind"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_warnings_entity", "warnings", ["entity"])


def _create_warning_changes() -> None:
    op.create_table(
        "warning_changes",
        sa.Column("warning_id", sa.String(300), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("change", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("entity", sa.String(220), nullable=False),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("promise_at", INSTANT, nullable=True),
        sa.Column("late_probability", sa.Float, nullable=True),
        sa.Column("is_short_notice", sa.Boolean, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
    )


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(300), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(220), nullable=False),
        sa.Column("problem_type", sa.String(100), nullable=False),
        sa.Column("severity", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("playbook", sa.String(200), nullable=False),
        sa.Column("orders_affected", sa.Integer, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("state_blob", sa.LargeBinary, nullable=True),
    )


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.String(300), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(300), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("ix_tasks_case", "tasks", ["case_id"])


def _create_actions() -> None:
    op.create_table(
        "actions",
        sa.Column("action_id", sa.String(300), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(300), nullable=False),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("target", sa.String(220), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cost", sa.Float, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("ix_actions_case", "actions", ["case_id"])


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("message_id", sa.String(300), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(300), nullable=False),
        sa.Column("channel", sa.String(60), nullable=False),
        sa.Column("recipient", sa.String(300), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index(
        "ix_messages_waiting",
        "messages",
        ["created_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _create_dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("stream", sa.String(1000), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("offset", sa.Integer, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("partition", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("event_id", sa.String(1000), nullable=False),
        sa.Column("order_id", sa.String(1000), nullable=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_dead_letters_reason", "dead_letters", ["reason"])


def _create_feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("source", sa.String(1000), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("partition", sa.String(200), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("is_silent", sa.Boolean, nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Integer, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("rules_hash", sa.String(100), nullable=False),
        sa.Column("engine", sa.String(20), nullable=False),
        sa.Column("specs", sa.Text, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )


def _create_machine_rows() -> None:
    op.create_table(
        "machine_rows",
        sa.Column("machine", sa.String(100), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(1000), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("partition", sa.String(200), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )


def _create_positions() -> None:
    op.create_table(
        "positions",
        sa.Column("partition", sa.String(200), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(1000), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("low_offset", sa.Integer, nullable=False),
        sa.Column("read_offset", sa.Integer, nullable=False),
        sa.Column("is_finished", sa.Boolean, nullable=False),
    )


def _create_counters() -> None:
    op.create_table(
        "counters",
        sa.Column("partition", sa.String(200), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("applied", sa.Integer, nullable=False),
        sa.Column("duplicates", sa.Integer, nullable=False),
        sa.Column("dead", sa.Integer, nullable=False),
        sa.Column("pending", sa.Integer, nullable=False),
        sa.Column("late", sa.Integer, nullable=False),
        sa.Column("clock", INSTANT, nullable=False),
        sa.Column("watermark", INSTANT, nullable=False),
    )
