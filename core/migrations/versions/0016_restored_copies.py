"""restored copies

An instance that came out of a backup knows it: it sends nothing live until an administrator says that it is the live one.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("instance") as instance:
        for name in ("restored_at", "backup_at", "claimed_at"):
            instance.add_column(sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
