"""add board webhooks"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "3c9e1d5b7f40"
down_revision = "2b6d8f0a4c13"


def upgrade() -> None:
    op.create_table(
        "board_webhooks",
        sa.Column("id", UUID(), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("board_id", UUID(), sa.ForeignKey("boards.id"), nullable=False),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_table("board_webhooks")
