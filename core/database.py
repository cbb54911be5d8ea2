"""The database: SQLite (WAL, synchronous FULL) by default, PostgreSQL by URL. One place makes engines and transactions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import StoreBusy, WrongSetting
from core.i18n import t
from core.keys import MasterKeys
from core.tables import Instance, Mode, table

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 10_000
LINE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
"""How long a line to PostgreSQL may be dead (libpq's words; seconds, the last in ms). By default one that was cut without a word is
waited for for ever when it is opened, and for two hours afterwards."""

_MISJUDGED = text(
    "SELECT c.relname FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid WHERE pg_table_is_visible(c.oid) AND"
    " (c.reltuples <= 0 AND pg_relation_size(c.oid) > 1000000 OR s.n_mod_since_analyze > 10000 + 0.2 * s.n_live_tup)"
)
_one_directory = Lock()  # SQLite's own is of the process too, and is not to be changed by two at once


def open_engine(url: str, *, busy_ms: int = BUSY_MS) -> Engine:
    """Open a database by SQLAlchemy URL. A SQLite directory is made; nothing else is touched.

    Args:
        busy_ms: milliseconds a writer waits for another one on SQLite before it is refused.

    Raises:
        WrongSetting: the URL is none, or for a database this program does not run on.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # The text is not repeated: it may hold a password.
        raise WrongSetting(t("database_url: this is no database address.")) from error
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise WrongSetting(
            t("database_url: only SQLite and PostgreSQL are supported, not {name}.", name=parsed.drivername)
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        # People's data lie here: for the owner's eyes only, whatever the umask says.
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # hide_parameters: an error would else carry the values of its statement into a log.
    server = parsed.get_backend_name() != "sqlite"
    # What the address says itself goes before ours.
    arguments = {name: value for name, value in LINE.items() if server and name not in parsed.query}
    engine = create_engine(parsed, pool_pre_ping=server, hide_parameters=True, connect_args=arguments)
    if engine.dialect.name == "sqlite":
        beside = _directory_of(parsed.database or "")
        event.listen(engine, "connect", partial(_sqlite_pragmas, busy_ms, beside))
        event.listen(engine, "begin", _sqlite_begin)
    return engine


def _directory_of(database: str) -> str:
    """Return the directory of a SQLite file; empty if it is in memory."""
    return "" if database in {"", ":memory:"} else str(Path(database).resolve().parent)


def _sqlite_pragmas(busy_ms: int, beside: str, connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: we begin them, and begin them as writers (see _sqlite_begin).
    connection.isolation_level = None
    cursor = connection.cursor()
    # secure_delete: what is erased is overwritten, a destroyed key above all; by default its bytes stay in the file.
    # cache_size in kB: with the 2 MB of the default, a fan-out to a quarter of a million reads the same pages over and over.
    wanted = (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", f"busy_timeout={busy_ms}",
        "cache_size=-32768",
    )  # fmt: skip
    for pragma in wanted:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA temp_store={'FILE' if beside and _sorts_beside(cursor, beside) else 'MEMORY'}")
    cursor.close()


def _sorts_beside(cursor: DBAPICursor, directory: str) -> bool:
    """Let SQLite put what it sorts and does not fit into its cache beside the database; tell whether it does.

    Such rows are about people and must not lie in a directory of the system's; kept in memory they are hundreds of megabytes for
    a fan-out to a million. SQLite takes one directory for the whole process and unlinks each file as soon as it is open. The
    first database that was opened gives it, until its directory is gone.
    """
    with _one_directory:
        present = _temporary(cursor)
        if not present or not Path(present).is_dir():
            quoted = directory.replace("'", "''")
            cursor.execute(f"PRAGMA temp_store_directory='{quoted}'")
            present = _temporary(cursor)
        return bool(present)  # a build of SQLite may lack the pragma


def _temporary(cursor: DBAPICursor) -> str:
    cursor.execute("PRAGMA temp_store_directory")
    row = cursor.fetchone()
    return str(row[0]) if row and row[0] else ""


def _sqlite_begin(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads and then writes would otherwise fail with "locked" without waiting.
    reading = connection.get_execution_options().get("lingbao_read")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Run a transaction that writes; it is committed at the end, or rolled back whole.

    Raises:
        StoreBusy: the database stayed locked, or its disk is full, or it is gone.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        if _is_fault(error):
            raise
        raise StoreBusy(t("The database cannot be written now: {error}", error=str(error.orig))) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Run a transaction that only reads: one consistent picture, no lock on writers.

    Raises:
        StoreBusy: the database is gone.
    """
    options: dict[str, Any] = {"lingbao_read": True}
    if engine.dialect.name == "postgresql":
        # By default every statement there sees a newer picture than the one before.
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        with engine.connect() as opened, opened.execution_options(**options) as connection:
            yield connection
    except OperationalError as error:
        if _is_fault(error):
            raise
        raise StoreBusy(t("The database cannot be read now: {error}", error=str(error.orig))) from error


@contextmanager
def in_bulk(connection: Connection) -> Iterator[None]:
    """Run statements on very many rows that this transaction made itself. PostgreSQL has no statistics of those, takes them for
    a few, and would look up each by itself; and it sorts on disk what does not fit into 4 MB. SQLite needs no word.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
        connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
    yield
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("RESET enable_nestloop")
        connection.exec_driver_sql("RESET work_mem")


def learn_sizes(connection: Connection) -> None:
    """Let PostgreSQL look anew at tables that are not as it believes: never looked at, or changed by a fifth since.

    It does so by itself, but a minute late. An alert right after the import of a register would be planned for a few people, by
    steps that take hours for many. What somebody else looks at now is left to them. SQLite needs no word.
    """
    if connection.dialect.name != "postgresql":
        return
    preparer = connection.dialect.identifier_preparer
    names = [preparer.quote(one) for one in connection.execute(_MISJUDGED).scalars()]
    if names:
        connection.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {', '.join(names)}")


def empty_log(engine: Engine) -> None:
    """Empty SQLite's write-ahead log into the database, so that what was erased or wrapped anew is in neither.

    While somebody reads an older picture the log stays as it is, until the next call or the last one to close. PostgreSQL
    rewrites its files by itself (autovacuum, recycled log), in its own time.
    """
    if engine.dialect.name == "sqlite":
        opened = engine.raw_connection()  # past `_sqlite_begin`: within a transaction there is no checkpoint
        try:
            opened.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            opened.close()


def _is_fault(error: OperationalError) -> bool:
    """Tell a fault of this program (SQLite reports a missing column as it does a full disk) from a database that cannot."""
    return str(error.orig).startswith(("no such", "near ", "table "))


def alembic_config(engine: Engine) -> Config:
    """Return the migration set-up for this database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version. Repeatable.

    Raises:
        WrongSetting: the database was made by a newer version of this program.
    """
    check_not_newer(engine)
    command.upgrade(alembic_config(engine), "head")


def check_not_newer(engine: Engine) -> None:
    """Refuse a database whose schema this program does not know: it was made by a newer version."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    found = schema_version(engine)
    if found is not None and found not in known:
        raise WrongSetting(
            t("The database is newer than this program (schema {found}). Nothing was changed.", found=found)
        )


def schema_version(engine: Engine) -> str | None:
    """Return the schema version of the database, None if it has none yet."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def at_head(engine: Engine) -> bool:
    """Tell whether the schema is the newest one."""
    return schema_version(engine) == newest_schema()


@cache
def newest_schema() -> str | None:
    """Return the version of the schema that this program works with. Read once: `/readyz` and the figures ask every few seconds."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def ensure_instance(engine: Engine, keys: MasterKeys, now: datetime) -> None:
    """Write the instance row on first use: a new identity, mode `sandbox`, a fresh blind-index key. Repeatable."""
    instances = table(Instance)
    with writing(engine) as connection:
        if connection.execute(select(instances.c.id)).first() is None:
            _, wrapped = keys.new_key()
            values = {"id": 1, "uid": str(uuid.uuid4()), "mode": Mode.SANDBOX, "index_key": wrapped, "created_at": now}
            insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
            connection.execute(
                insert(instances).values(values).on_conflict_do_nothing()
            )  # another process may be first


def set_mode(connection: Connection, mode: Mode) -> None:
    """Set what this instance may do."""
    connection.execute(update(table(Instance)).values(mode=mode))
