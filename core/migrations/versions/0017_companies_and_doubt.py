"""companies at a million, and what is left in doubt

The people of a company are counted out of the index alone: those of one company lie all over the table of people. What was left
unresolved is found without a look at the millions of notices that were not.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_registrant_employer", table_name="registrant")
    op.create_index("ix_registrant_employer", "registrant", ["employer_id", "id"])
    unresolved = sa.text("state='unresolved'")
    op.create_index(
        "ix_delivery_unresolved",
        "delivery",
        ["channel", "version_id"],
        sqlite_where=unresolved,
        postgresql_where=unresolved,
    )
