"""What each stream began with, so that a file replaced between two runs is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; streams read before have no head until something more is read of them."""
    op.create_table(
        "heads",
        sa.Column("partition", sa.String(200), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(1000), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
