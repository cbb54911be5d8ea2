"""the list of people, at a million

Pages of the list are read in the order of the people's numbers out of an index that holds all they are narrowed by; the erased are
counted without a look at the others.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_posting_person", "posting", ["registrant_id", "country", "status", "confirmed_at"])
    op.create_index("ix_posting_listing", "posting", ["country", "registrant_id", "status", "confirmed_at"])
    op.drop_index("ix_posting_registrant_id", table_name="posting")
    gone = sa.text("wrapped IS NULL")
    op.create_index("ix_person_key_gone", "person_key", ["registrant_id"], sqlite_where=gone, postgresql_where=gone)
    op.create_index("ix_roster_import_employer", "roster_import", ["employer_id", "created_at"])
