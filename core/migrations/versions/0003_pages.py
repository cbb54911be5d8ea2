"""pages"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    portal_up()
    residents_up()


def portal_up() -> None:
    for name, times in (("sign_in_link", ("created_at", "expires_at")), ("web_session", ("created_at", "used_at"))):
        link = name == "sign_in_link"
        op.create_table(
            name,
            sa.Column("id", NUMBER, autoincrement=True, nullable=False),
            sa.Column("token_hash", sa.LargeBinary(), nullable=False),
            sa.Column("employer_id", NUMBER, nullable=False),
            sa.Column("contact_id", NUMBER, nullable=True),
            sa.Column("user_id", NUMBER, nullable=True),
            *(() if link else (sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),)),
            *(sa.Column(one, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False) for one in times),
            sa.Column("used_at" if link else "ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
            sa.ForeignKeyConstraint(["employer_id"], ["employer.id"]),
            sa.ForeignKeyConstraint(["contact_id"], ["employer_contact.id"]),
            sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
            sa.PrimaryKeyConstraint("id"),
            sa.UniqueConstraint("token_hash"),
        )
    op.create_table(
        "attempt_window",
        sa.Column("key_index", sa.LargeBinary(), nullable=False),
        sa.Column("begins", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_index", "begins"),
    )
    op.create_table(
        "roster_draft",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("employer_id", NUMBER, nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("file_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("notes_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("roster_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_draft_employer_id"), ["employer_id"], unique=False)


def residents_up() -> None:
    op.create_table(
        "resident_visit",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("registrant_id", NUMBER, nullable=False),
        sa.Column("address_id", NUMBER, nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("resident_visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resident_visit_registrant_id"), ["registrant_id"], unique=False)
    with op.batch_alter_table("address_check", schema=None) as batch_op:
        batch_op.alter_column("address_id", existing_type=NUMBER, nullable=True)
