"""scope rows to an organization

A database one revision behind answers UndefinedColumn for boards, gateways and activity, while the
health endpoints stay 200.
"""

import sqlalchemy as sa
from alembic import op

revision = "4d0f2e6c8a55"
down_revision = "3c9e1d5b7f40"

SCOPED_TABLES = ("boards", "gateways", "activity_events")


def upgrade() -> None:
    for table in SCOPED_TABLES:
        op.add_column(
            table, sa.Column("organization", sa.Text, nullable=False, server_default="default")
        )


def downgrade() -> None:
    for table in SCOPED_TABLES:
        op.drop_column(table, "organization")
