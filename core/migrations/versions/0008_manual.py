"""manual alerts"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "alert_audience",
        sa.Column("version_id", number, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("word", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("number", number, nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["alert_version.id"]),
        sa.PrimaryKeyConstraint("version_id", "kind", "word", "number"),
    )
    op.create_table(
        "alert_group",
        sa.Column("id", number, nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("employers", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("removed_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    standing = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_alert_group_name", "alert_group", ["name"], unique=True, sqlite_where=standing, postgresql_where=standing
    )
    op.create_table(
        "alert_group_member",
        sa.Column("group_id", number, nullable=False),
        sa.Column("registrant_id", number, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["alert_group.id"]),
        sa.PrimaryKeyConstraint("group_id", "registrant_id"),
    )
    op.create_table(
        "alert_schedule",
        sa.Column("id", number, nullable=False),
        sa.Column("version_id", number, nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["alert_version.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "uq_alert_schedule",
        "alert_schedule",
        ["version_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "own_notice",
        sa.Column("id", number, nullable=False),
        sa.Column("alert_id", number, nullable=False),
        sa.Column("advisory_id", number, nullable=False),
        sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("home", sa.Boolean(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.ForeignKeyConstraint(["advisory_id"], ["advisory.id"]),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256", name="uq_own_notice"),
    )
