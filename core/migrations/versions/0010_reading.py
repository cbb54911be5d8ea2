"""reading matter"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moment = sqlmodel.sql.sqltypes.UTCDateTime
short = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "mailing",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("edition", short(length=80), nullable=False),
        sa.Column("reader", short(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("code", short(length=60), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("digest", short(length=64), nullable=False),
        sa.Column("sha256", short(length=64), nullable=False),
        sa.Column("begun_at", moment(), nullable=False),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("created_by", short(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "edition", "reader", name="uq_mailing"),
    )
    bulletin_up()
    digest_up()


def bulletin_up() -> None:
    op.create_table(
        "bulletin",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("week", short(length=8), nullable=False),
        sa.Column("title", short(length=200), nullable=False),
        sa.Column("language", short(length=10), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("sha256", short(length=64), nullable=False),
        sa.Column("released_at", moment(), nullable=False),
        sa.Column("released_by", short(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("week", name="uq_bulletin_week"),
    )


def digest_up() -> None:
    op.create_table(
        "digest_reader",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("employer_id", number, nullable=True),
        sa.Column("registrant_id", number, nullable=True),
        sa.Column("rhythm", sa.String(length=64), nullable=False),
        sa.Column("since", moment(), nullable=False),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("created_by", short(length=100), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_digest_reader_employer_id", "digest_reader", ["employer_id"])
    op.create_index("ix_digest_reader_registrant_id", "digest_reader", ["registrant_id"])
    op.create_table(
        "digest_told",
        sa.Column("reader_id", number, nullable=False),
        sa.Column("change_id", number, nullable=False),
        sa.Column("edition", short(length=80), nullable=False),
        sa.ForeignKeyConstraint(["reader_id"], ["digest_reader.id"]),
        sa.PrimaryKeyConstraint("reader_id", "change_id"),
    )
