"""Run migrations on the engine that `core.database` hands over: all of them in one transaction, one process at a time."""

from alembic import context
from sqlmodel import SQLModel

WAIT_MS = 600_000
engine = context.config.attributes["engine"]
with engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    known = connection.exec_driver_sql("PRAGMA busy_timeout").scalar() if sqlite else 0
    connection.rollback()
    # Processes that start together after an update would both make the same tables: the second waits here, and then finds nothing
    # left to do. On SQLite the transaction itself is the only writer; a large register takes longer than a writer otherwise waits.
    if sqlite:
        connection.connection.driver_connection.execute(f"PRAGMA busy_timeout={WAIT_MS}")
    with connection.begin():
        if not sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4763002)")
        context.configure(
            connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True
        )
        context.run_migrations()
    if sqlite:
        connection.connection.driver_connection.execute(f"PRAGMA busy_timeout={known}")
