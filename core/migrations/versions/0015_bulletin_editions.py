"""editions of a bulletin

What was wrong in a released bulletin is corrected by a second edition, which is named by week and number: 2026-W47/2.
"""

import sqlmodel.sql.sqltypes
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("bulletin") as bulletin:
        bulletin.alter_column(
            "week",
            existing_type=sqlmodel.sql.sqltypes.AutoString(length=8),
            type_=sqlmodel.sql.sqltypes.AutoString(length=16),
            existing_nullable=False,
        )
