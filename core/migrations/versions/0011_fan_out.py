"""fan-out

A recipient refers to its version without a foreign key, as a notice does: PostgreSQL looks each row's version up by itself, and a
fan-out to a quarter of a million took a tenth longer for it.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("recipient_version_id_fkey", "recipient", type_="foreignkey")
        return
    # SQLite cannot drop a constraint: the table is written anew.
    names = {"fk": "fk_%(table_name)s_%(column_0_name)s"}
    with op.batch_alter_table("recipient", naming_convention=names) as batch:
        batch.drop_constraint("fk_recipient_version_id", type_="foreignkey")
