"""initial schema"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "1f3a5c7e9b21"
down_revision = None


def _id() -> sa.Column:
    return sa.Column(
        "id", UUID(), primary_key=True, server_default=sa.text("gen_random_uuid()")
    )


def _created_at() -> sa.Column:
    return sa.Column(
        "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
    )


def upgrade() -> None:
    op.create_table(
        "users",
        _id(),
        sa.Column("subject", sa.Text, nullable=False, unique=True),
        _created_at(),
    )
    op.create_table("boards", _id(), sa.Column("name", sa.Text, nullable=False), _created_at())
    op.create_table(
        "activity_events",
        _id(),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        _created_at(),
    )


def downgrade() -> None:
    for table in ("activity_events", "boards", "users"):
        op.drop_table(table)
