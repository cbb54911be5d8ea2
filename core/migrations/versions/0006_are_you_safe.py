"""are you safe"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "safe_word",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("alert_id", number, nullable=False),
        sa.Column("registrant_id", number, nullable=False),
        sa.Column("answer", sa.String(length=64), nullable=False),
        sa.Column("means", sa.String(length=64), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert_id", "registrant_id", "means", "key", name="uq_safe_word"),
    )
    op.create_index("ix_safe_word_registrant_id", "safe_word", ["registrant_id"], unique=False)
    _ways()


def _ways() -> None:
    """Make the tables of messages from strangers, and of the rounds to the silent."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment, word = sqlmodel.sql.sqltypes.UTCDateTime, sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "unknown_sender",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("key", word(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("settled_at", moment(), nullable=True),
        sa.Column("settled_by", word(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name="uq_unknown_sender"),
    )
    op.create_table(
        "safe_call",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("alert_id", number, nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("employer_id", number, nullable=True),
        sa.Column("registrant_id", number, nullable=True),
        sa.Column("outcome", word(length=20), nullable=False),
        sa.Column("code", word(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", moment(), nullable=False),
        sa.Column("ended_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_safe_call_alert_id", "safe_call", ["alert_id"], unique=False)
    op.create_table(
        "safe_step",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("alert_id", number, nullable=False),
        sa.Column("registrant_id", number, nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("call_id", number, nullable=True),
        sa.Column("at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert_id", "registrant_id", "step", name="uq_safe_step"),
    )
    op.create_index("ix_safe_step_call_id", "safe_step", ["call_id"], unique=False)
