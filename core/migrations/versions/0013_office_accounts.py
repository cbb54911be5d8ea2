"""office accounts"""

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "office_credential",
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", NUMBER, nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", TIME(), nullable=True),
        sa.Column("changed_at", TIME(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("user_id"),
    )
    codes: list[sa.Column[Any]] = [
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        *_times("created_at", used_at=True),
    ]
    links: list[sa.Column[Any]] = [
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        *_times("created_at", "expires_at", used_at=True),
    ]
    sessions: list[sa.Column[Any]] = [
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        *_times("created_at", "used_at", ended_at=True),
    ]
    _of_a_user("office_recovery_code", codes)
    _of_a_user("office_set_up_link", links)
    _of_a_user("office_session", sessions)
    with op.batch_alter_table("audit", schema=None) as batch_op:
        for name in ("at", "actor", "action"):
            batch_op.create_index(batch_op.f(f"ix_audit_{name}"), [name], unique=False)


def _times(*names: str, **maybe: bool) -> list[sa.Column[Any]]:
    always: list[sa.Column[Any]] = [sa.Column(name, TIME(), nullable=False) for name in names]
    return always + [sa.Column(name, TIME(), nullable=may) for name, may in maybe.items()]


def _of_a_user(name: str, columns: list[sa.Column[Any]]) -> None:
    op.create_table(
        name,
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(columns[0].name),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{name}_user_id"), ["user_id"], unique=False)
