"""watch"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    shifts_up(number)
    pages_up(number)
    calls_up(number)


def shifts_up(number: sa.types.TypeEngine[int]) -> None:
    op.create_table(
        "duty_shift",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("begins_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_duty_shift_phone_index", "duty_shift", ["phone_index"])
    op.create_index("ix_duty_shift_ends_at", "duty_shift", ["ends_at"])


def pages_up(number: sa.types.TypeEngine[int]) -> None:
    op.create_table(
        "duty_page",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("cause", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("acked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("acked_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, columns, where, unique in (
        ("uq_duty_page_open", ["cause"], sa.text("settled_at IS NULL"), True),
        ("ix_duty_page_due", ["due"], sa.text("due IS NOT NULL"), False),
    ):
        op.create_index(name, "duty_page", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def calls_up(number: sa.types.TypeEngine[int]) -> None:
    op.create_table(
        "duty_call",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("shift_id", number, nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=64), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(length=6), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("begun_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("provider_id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_duty_call_phone_index", "duty_call", ["phone_index"])
    op.create_index("ix_duty_call_outcome", "duty_call", ["outcome"])
    op.create_table(
        "duty_call_page",
        sa.Column("call_id", number, nullable=False),
        sa.Column("page_id", number, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "page_id"),
        sa.UniqueConstraint("page_id", "step", name="uq_duty_call_page"),
    )
    op.create_table(
        "pulse",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
