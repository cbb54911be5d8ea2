"""Upgrades with data: what any release wrote is there, whole and linked, under the newest schema. On both databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, MetaData, Table, select, text
from sqlmodel import SQLModel

from core import chain
from core.clock import FixedClock
from core.database import MIGRATIONS, alembic_config, at_head, reading, writing
from notify.store.proof import CHAINED
from tests.core.old_rows import Snapshot, fill_all, losses, rows_of, schema_of
from tests.core.test_migrations import ROOT

REVISIONS = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


def test_what_every_release_wrote_is_there_under_the_newest_schema(bare_engine: Engine, clock: FixedClock) -> None:
    """Rows of all tables, put in and sealed under each schema in turn, live on: none lost, none changed, all links and seals whole."""
    written: Snapshot = {}
    for step, revision in enumerate(REVISIONS):
        command.upgrade(alembic_config(bare_engine), revision)
        with writing(bare_engine) as connection:
            tables = schema_of(connection)
            fill_all(connection, tables, step)
            chain.seal_batch(connection, as_of_then(tables), clock.now())
            for name, rows in rows_of(connection, tables).items():
                written[name] = rows | written.get(name, {})
    assert at_head(bare_engine)
    with reading(bare_engine) as connection:
        assert losses(written, rows_of(connection, tables)) == []
        assert list(chain.verify(connection, CHAINED)) == []
        assert connection.dialect.name != "sqlite" or connection.execute(text("PRAGMA foreign_key_check")).all() == []
        for one in SQLModel.metadata.sorted_tables:
            assert len(connection.execute(select(one)).all()) >= 1, one.name


def as_of_then(tables: Sequence[Table]) -> list[Table]:
    """Return the sealed tables as they are in this schema: those that are there, with the columns that are there."""
    there = {one.name: set(one.c.keys()) for one in tables}
    return [_narrowed(one, there[one.name]) for one in CHAINED if one.name in there]


def _narrowed(one: Table, names: set[str]) -> Table:
    columns = [Column(column.name, column.type) for column in one.c if column.name in names]
    return Table(one.name, MetaData(), *columns)


def test_two_who_upgrade_at_once_do_not_meet(bare_engine: Engine) -> None:
    """Two processes that start on an old database at the same time: one upgrades it, the other waits and finds it done."""
    command.upgrade(alembic_config(bare_engine), "0009")
    url = bare_engine.url.render_as_string(hide_password=False)
    program = f"from core.database import open_engine, upgrade; upgrade(open_engine({url!r}))"
    both = [
        subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in "ab"
    ]
    assert [(one.communicate(timeout=60)[1], one.returncode) for one in both] == [("", 0), ("", 0)]
    assert at_head(bare_engine)
