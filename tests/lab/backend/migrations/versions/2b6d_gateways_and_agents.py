"""add gateways and agents"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "2b6d8f0a4c13"
down_revision = "1f3a5c7e9b21"


def _id() -> sa.Column:
    return sa.Column(
        "id", UUID(), primary_key=True, server_default=sa.text("gen_random_uuid()")
    )


def upgrade() -> None:
    op.create_table(
        "gateways",
        _id(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "agents",
        _id(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("token_salt", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("agents")
    op.drop_table("gateways")
