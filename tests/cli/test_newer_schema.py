"""A database of a newer program is refused at every door, before anything is read or written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.engine import URL
from typer.testing import CliRunner

from cli.app import app
from core.database import alembic_config, open_engine, writing
from core.errors import WrongSetting
from core.settings import load
from notify.office import open_office
from tests.core.test_migrations import ROOT
from tests.databases import tell

DOORS = (
    ("db", "init"), ("db", "upgrade"), ("db", "show"), ("serve",), ("up",), ("dispatch", "--until-empty"), ("dispatch", "--stay"),
    ("night",), ("reconcile",), ("retention", "run"), ("watchdog",), ("alert", "status"), ("people", "list"),
    ("ledger", "verify"), ("user", "list"), ("doctor",),
)  # fmt: skip
FLOW = "from flows.office import open_here; open_here()"


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the home of an office whose schema no program here knows."""
    home = tmp_path_factory.mktemp("newer")
    office = open_office(load(home=home))
    with writing(office.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    office.engine.dispose()
    return home


@pytest.mark.parametrize("words", DOORS, ids=" ".join)
def test_no_command_touches_a_newer_database(newer: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Every command that opens the office says that the database is newer; not a byte of it is changed."""
    shutil.copytree(newer, tmp_path / "home")
    before = (tmp_path / "home" / "lingbao.db").read_bytes()
    found = CliRunner().invoke(app, [*words], env={"LINGBAO_HOME": str(tmp_path / "home"), "LINGBAO_LANG": "en"})
    said = found.output + str(found.exception)
    assert "9999" in said, said
    assert found.exit_code != 0
    assert isinstance(found.exception, WrongSetting) or words == ("doctor",)
    assert (tmp_path / "home" / "lingbao.db").read_bytes() == before


def test_no_flow_touches_a_newer_database(newer: Path) -> None:
    """A flow that Prefect starts is refused in the same words."""
    env = {**os.environ, "LINGBAO_HOME": str(newer), "LINGBAO_LANG": "en"}
    found = subprocess.run(
        [sys.executable, "-c", FLOW], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert found.returncode != 0
    assert "9999" in found.stderr


def test_an_older_database_without_its_key_gets_no_other_one(tmp_path: Path) -> None:
    """An upgrade makes no key: beside people that only the lost one opens, a new one would hide that it is lost."""
    engine = open_engine(load(home=tmp_path).database)
    command.upgrade(alembic_config(engine), "0014")
    engine.dispose()
    with pytest.raises(WrongSetting):
        open_office(load(home=tmp_path, backup_before_upgrade=False))
    assert not (tmp_path / "keys" / "master.keys").exists()


def test_a_newer_postgresql_is_refused(postgres_server: URL, tmp_path: Path) -> None:
    """The office on PostgreSQL is as careful as on SQLite."""
    tell(postgres_server, "CREATE DATABASE newer_schema")
    url = postgres_server.set(database="newer_schema").render_as_string(hide_password=False)
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    with pytest.raises(WrongSetting, match="9999"):
        open_office(load(home=tmp_path, database_url=url))
    engine.dispose()
