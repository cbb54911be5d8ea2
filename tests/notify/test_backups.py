"""When backups are written: by hand, at night, before an upgrade; and into what they are restored."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, text, update

from core.backup.faults import BackupFailed
from core.backup.sealing import new_recovery_key
from core.backup.write import Written
from core.clock import FixedClock
from core.database import alembic_config, at_head, open_engine, reading, schema_version, writing
from core.errors import LingbaoError, WrongSetting, WrongUse
from core.keys import KEY_FILE, MasterKeys, fresh_key
from core.settings import Settings, load
from core.tables import Instance, table
from notify.backups import back_up, before_upgrade, newest, nightly
from notify.duty.findings import backup as backup_findings
from notify.office import open_office
from notify.restore import check_backup, restore
from tests.databases import open_quickly

KEY = new_recovery_key()
OLD = "0015"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path]:
    """An office on SQLite, and a backup of it."""
    home = tmp_path_factory.mktemp("home")
    settings = load(home=home / "a", backup_recipient=KEY.public, backup_dir=home / "safe")
    office = open_office(settings)
    written = back_up(office.engine, settings, office.clock.now(), None)
    office.engine.dispose()
    return settings, written.written.path


def files(folder: Path) -> set[str]:
    """Return everything below a directory."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_database_with_data_is_written_down_before_its_schema_changes(
    bare_engine: Engine, tmp_path: Path, clock: FixedClock
) -> None:
    """An older schema with an instance in it: its rows are in a file for the owner alone, and can be restored with the old keys."""
    command.upgrade(alembic_config(bare_engine), OLD)
    home = tmp_path / "home"
    (home / KEY_FILE).parent.mkdir(parents=True)
    (home / KEY_FILE).write_text(fresh_key("k1"))
    url = bare_engine.url.render_as_string(hide_password=False)
    settings = load(home=home, database_url=url)
    assert before_upgrade(bare_engine, settings, clock.now()) is None  # nothing to lose yet
    keys = MasterKeys.from_file(home / KEY_FILE)
    with writing(bare_engine) as connection:
        insert = text("INSERT INTO instance (id, uid, mode, index_key, created_at) VALUES (1, 'u', 'drill', :key, :at)")
        connection.execute(insert, {"key": keys.new_key()[1], "at": clock.now()})
    office = open_office(settings, clock)
    assert at_head(office.engine)
    office.engine.dispose()
    (found,) = (home / "backups").iterdir()
    assert (found.stat().st_mode & 0o777, found.name) == (0o600, "before-0015-20261122T000000Z.tar.gz")
    assert keys.current.encode() + b":" not in found.read_bytes()[:200]
    report = restore(load(home=home, database_url=f"sqlite:///{home / 'again.db'}"), found, "", clock.now())
    assert (report.manifest.schema, report.holds, report.shut) == (OLD, True, 0)
    again = open_engine(f"sqlite:///{home / 'again.db'}")
    assert schema_version(again) != OLD
    again.dispose()


def test_an_upgrade_that_cannot_be_written_down_changes_nothing(tmp_path: Path, clock: FixedClock) -> None:
    """If there is no room for the backup, the schema stays; who has another backup can say so."""
    engine = open_quickly(tmp_path / "lingbao.db")
    command.upgrade(alembic_config(engine), OLD)
    with writing(engine) as connection:
        insert = text("INSERT INTO instance (id, uid, mode, index_key, created_at) VALUES (1, 'u', 'drill', :key, :at)")
        connection.execute(insert, {"key": b"k1:x", "at": clock.now()})
    (tmp_path / "backups").write_text("a file is in the way")
    (tmp_path / KEY_FILE).parent.mkdir()
    (tmp_path / KEY_FILE).write_text(fresh_key("k1"))
    with pytest.raises(BackupFailed):
        open_office(load(home=tmp_path), clock)
    assert schema_version(engine) == OLD
    open_office(load(home=tmp_path, backup_before_upgrade=False), clock).engine.dispose()
    assert at_head(engine)
    engine.dispose()


def test_only_two_backups_from_before_upgrades_are_kept(tmp_path: Path, clock: FixedClock) -> None:
    """They hold people who were erased since: two, and none older than thirty days."""
    engine = open_quickly(tmp_path / "lingbao.db")
    command.upgrade(alembic_config(engine), OLD)
    with writing(engine) as connection:
        insert = text("INSERT INTO instance (id, uid, mode, index_key, created_at) VALUES (1, 'u', 'drill', :key, :at)")
        connection.execute(insert, {"key": b"k1:x", "at": clock.now()})
    settings = load(home=tmp_path)
    for _ in range(3):
        clock.advance(timedelta(hours=1))
        assert isinstance(before_upgrade(engine, settings, clock.now()), Written)
    kept = sorted((tmp_path / "backups").iterdir())
    assert [path.name[12:27] for path in kept] == ["20261122T020000", "20261122T030000"]
    for path, days in zip(kept, (31, 29), strict=True):
        moment = (clock.now() - timedelta(days=days)).timestamp()
        os.utime(path, (moment, moment))
    assert nightly(engine, settings, clock.now()) is None
    assert list((tmp_path / "backups").iterdir()) == kept[1:]
    engine.dispose()


def test_the_backup_of_the_night(made: tuple[Settings, Path], tmp_path: Path, clock: FixedClock) -> None:
    """With a key and a directory one is written and the oldest go; without, nothing happens, and by hand words say what is missing."""
    settings = made[0].model_copy(update={"backup_dir": tmp_path, "backup_keep": 2})
    engine = open_engine(settings.database)
    for _ in range(3):
        clock.advance(timedelta(days=1))
        assert nightly(engine, settings, clock.now()) is not None
    assert len(list(tmp_path.iterdir())) == 2
    assert newest(settings) is not None
    assert newest(settings.model_copy(update={"backup_dir": None})) is None
    assert nightly(engine, settings.model_copy(update={"backup_recipient": ""}), clock.now()) is None
    with pytest.raises(WrongSetting, match="recovery-key"):
        back_up(engine, settings.model_copy(update={"backup_recipient": ""}), clock.now(), None)
    engine.dispose()


def test_a_missing_backup_is_found(clock: FixedClock) -> None:
    """Two days without one, in an office that is older than that: the brief says so."""
    now = clock.now()
    long_ago, day = now - timedelta(days=9), timedelta(days=1)
    assert [one.cause for one in backup_findings(None, now, long_ago)] == ["watch/backup"]
    assert [one.cause for one in backup_findings(now - 3 * day, now, long_ago)] == ["watch/backup"]
    assert backup_findings(now - day, now, long_ago) == []
    assert backup_findings(None, now, now - day) == []


def test_a_check_leaves_nothing(made: tuple[Settings, Path]) -> None:
    """A backup is read whole, its keys tried, its ledger verified, in a place that is gone afterwards."""
    settings, path = made
    before = files(settings.home)
    report = check_backup(settings, path, KEY.secret)
    assert (report.holds, report.sealed_keys > 0, report.remarks) == (True, True, ())
    assert files(settings.home) == before


def test_only_an_empty_place_is_filled(made: tuple[Settings, Path], tmp_path: Path, clock: FixedClock) -> None:
    """Where there is a database, or another master key, nothing is written; what fails in the middle leaves nothing."""
    settings, path = made
    before = files(settings.home)
    with pytest.raises(WrongUse, match="no database yet"):
        restore(settings, path, KEY.secret, clock.now())
    assert files(settings.home) == before
    other = tmp_path / "other"
    (other / KEY_FILE).parent.mkdir(parents=True)
    (other / KEY_FILE).write_text(fresh_key("k9"))
    with pytest.raises(WrongUse, match="other master keys"):
        restore(load(home=other), path, KEY.secret, clock.now())
    assert files(other) == {"keys", "keys/master.keys"}
    bad = tmp_path / "bad.age"
    bad.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(LingbaoError):
        restore(load(home=tmp_path / "new"), bad, KEY.secret, clock.now())
    assert files(tmp_path / "new") == set()


def test_a_postgresql_that_is_not_empty_or_fails_stays_as_it_was(
    bare_engine: Engine, made: tuple[Settings, Path], tmp_path: Path, clock: FixedClock
) -> None:
    """Nothing of a restore that fails is left in a database that was empty; one with a table of anybody's is refused."""
    if bare_engine.dialect.name == "sqlite":
        pytest.skip("a SQLite file is made beside its place, and moved there when it is whole")
    _, path = made
    url = bare_engine.url.render_as_string(hide_password=False)
    bad = tmp_path / "bad.age"
    bad.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(LingbaoError):
        restore(load(home=tmp_path / "new", database_url=url), bad, KEY.secret, clock.now())
    with reading(bare_engine) as connection:
        query = text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        assert connection.execute(query).scalar_one() == 0
    with writing(bare_engine) as connection:
        connection.execute(text("CREATE TABLE theirs (x int)"))
    with pytest.raises(WrongUse, match="not empty"):
        restore(load(home=tmp_path / "new", database_url=url), path, KEY.secret, clock.now())


def test_the_old_database_is_not_opened_by_restored_settings(tmp_path: Path, clock: FixedClock) -> None:
    """`database_url` in the settings file of a backup names the old database: it is switched off; a file that is here stays."""
    (tmp_path / "a").mkdir()
    settings = load(home=tmp_path / "a", backup_recipient=KEY.public)
    office = open_office(settings, clock)
    (tmp_path / "a" / "lingbao.toml").write_text('office_name = "x"\ndatabase_url = "postgresql://old"\n')
    path = back_up(office.engine, settings, clock.now(), tmp_path / "one.age").written.path
    office.engine.dispose()
    restore(load(home=tmp_path / "b"), path, KEY.secret, clock.now())
    assert load(home=tmp_path / "b").database.startswith("sqlite")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "lingbao.toml").write_text('office_name = "y"\n')
    restore(load(home=tmp_path / "c"), path, KEY.secret, clock.now())
    assert load(home=tmp_path / "c").office_name == "y"
    assert (tmp_path / "c" / "lingbao.toml.restored").exists()
    engine = open_engine(load(home=tmp_path / "c").database)
    with writing(engine) as connection:
        assert connection.execute(update(table(Instance)).values(mode="drill")).rowcount == 1
    engine.dispose()
