"""Run migrations on the engine that `core.database` hands over."""

from alembic import context
from sqlmodel import SQLModel

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        # Machines that start together after an update would both make the same tables: the second waits here, and then finds
        # nothing left to do. (On SQLite the transaction itself is the only writer.)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4763002)")
        context.run_migrations()
    connection.commit()
