"""proven delivery"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budget_use",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("country", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "channel", "country"),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("prefix", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=False, server_default="")
        )

    with op.batch_alter_table("alert_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("paused_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True))

    with op.batch_alter_table("alert_text", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("template", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("variables", sa.JSON(), nullable=False, server_default="{}"))

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("country", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("step", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        # By channel first: one channel's worker must not read past a million rows of another's.
        batch_op.drop_index("ix_delivery_ready")
        batch_op.create_index(
            "ix_delivery_ready",
            ["channel", "priority", "id"],
            unique=False,
            sqlite_where=sa.text("state='ready'"),
            postgresql_where=sa.text("state='ready'"),
        )
        batch_op.create_index(
            "ix_delivery_provider",
            ["provider_id"],
            unique=False,
            sqlite_where=sa.text("provider_id IS NOT NULL"),
            postgresql_where=sa.text("provider_id IS NOT NULL"),
        )

    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.create_index("ix_recipient_employer", ["employer_id", "id"], unique=False)
