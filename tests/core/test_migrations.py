"""Migrations: from nothing to the newest schema, on both databases."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.database import (
    MIGRATIONS,
    alembic_config,
    at_head,
    ensure_instance,
    reading,
    schema_version,
    upgrade,
    writing,
)
from core.errors import WrongSetting
from core.keys import MasterKeys

ROOT = Path(__file__).resolve().parents[2]
for room in ("core", "sources", "registry", "notify"):
    for file in sorted((ROOT / room).rglob("tables.py")):
        if file.parent.name != "places":  # data tables, not of the database
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


def test_a_database_without_tables_has_no_version(bare_engine: Engine) -> None:
    """Asking for the version makes nothing."""
    assert schema_version(bare_engine) is None
    assert not at_head(bare_engine)
    assert inspect(bare_engine).get_table_names() == []


def test_the_migrated_schema_is_the_one_the_code_means(bare_engine: Engine) -> None:
    """After the upgrade no table, column, type, index or key differs from the models of all rooms."""
    upgrade(bare_engine)
    assert at_head(bare_engine)
    with bare_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_upgrading_again_changes_nothing(bare_engine: Engine, clock: FixedClock, keys: MasterKeys) -> None:
    """An upgrade of the newest schema keeps every row."""
    upgrade(bare_engine)
    ensure_instance(bare_engine, keys, clock.now())
    before = whole(bare_engine)
    upgrade(bare_engine)
    assert whole(bare_engine) == before


def whole(engine: Engine) -> list[Any]:
    """Return the instance row and the version."""
    with reading(engine) as connection:
        return [*connection.execute(text("SELECT * FROM instance")), schema_version(engine)]


def test_a_newer_database_is_refused_with_words(bare_engine: Engine) -> None:
    """A schema this program does not know is left alone, and the sentence names it."""
    upgrade(bare_engine)
    with writing(bare_engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongSetting, match="9999"):
        upgrade(bare_engine)
    assert schema_version(bare_engine) == "9999"


def test_there_is_one_newest_schema() -> None:
    """Two migrations side by side would leave it open which schema is the newest."""
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_rows_of_the_first_schema_survive(bare_engine: Engine) -> None:
    """People, employers and imports written under the first schema are there after the upgrade, with sensible new columns."""
    command.upgrade(alembic_config(bare_engine), "0001")
    with writing(bare_engine) as connection:
        for line in (
            "INSERT INTO employer VALUES (1, 'C1', '甲公司', '', '', NULL, '2026-01-01 00:00:00', 'a')",
            "INSERT INTO registrant (id, employer_id, name_sealed, name_index, language, created_at, created_by, updated_at, updated_by)"
            " VALUES (7, 1, 'x', 'y', 'zh', '2026-01-01 00:00:00', 'a', '2026-01-01 00:00:00', 'a')",
            "INSERT INTO posting (id, registrant_id, country, region, city, site, kind, zone, status, confirmed_at, created_at,"
            " created_by, updated_at, updated_by) VALUES (9, 7, 'FR', '', '', '', 'posted', 'Europe/Paris', 'abroad',"
            " '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'a', '2026-01-01 00:00:00', 'a')",
            "INSERT INTO roster_import VALUES (3, 1, 'f.xlsx', 'h', 5, 5, 0, '', '2026-01-01 00:00:00', 'a')",
        ):
            connection.execute(text(line))
    upgrade(bare_engine)
    with reading(bare_engine) as connection:
        person = connection.execute(text("SELECT employer_id, companion_of FROM registrant WHERE id = 7")).one()
        stay = connection.execute(text("SELECT country, project FROM posting WHERE id = 9")).one()
        brought = connection.execute(text("SELECT rows, partial, undone_at FROM roster_import WHERE id = 3")).one()
    assert (tuple(person), tuple(stay)) == ((1, None), ("FR", ""))
    assert (brought.rows, bool(brought.partial), brought.undone_at) == (5, True, None)
