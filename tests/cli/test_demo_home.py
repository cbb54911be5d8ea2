"""The demo keeps to its own directory, and never reaches the office's."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.demo_home import MARKER, foreign_settings, move_in, own_directory, write_settings
from core.errors import WrongUse
from core.settings import load


def test_directory_is_made_and_cleared_for_each_demo(tmp_path: Path) -> None:
    """A second demo begins with nothing but the marker; the office's home beside it is left as it is."""
    (tmp_path / "lingbao.db").write_text("the office's own")
    with own_directory(tmp_path) as directory:
        (directory / "lingbao.db").write_text("old")
        (directory / "captures").mkdir()
        (directory / "captures" / "one").write_text("old")
    with own_directory(tmp_path) as again:
        assert [path.name for path in again.iterdir()] == [MARKER]
    assert (tmp_path / "lingbao.db").read_text() == "the office's own"


def test_directory_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A directory `demo` without the marker is not cleared."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("precious")
    with pytest.raises(WrongUse, match="left alone"), own_directory(tmp_path):
        pass
    assert (tmp_path / "demo" / "thesis.txt").read_text() == "precious"


def test_link_to_another_directory_is_not_followed(tmp_path: Path) -> None:
    """A link named `demo` is refused, even if a marker lies where it leads."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / MARKER).touch()
    (tmp_path / "demo").symlink_to(tmp_path / "other")
    with pytest.raises(WrongUse, match="left alone"), own_directory(tmp_path):
        pass


def test_running_demo_is_not_cleared_by_another(tmp_path: Path) -> None:
    """While one demo works in the directory a second one is refused, and destroys nothing."""
    with own_directory(tmp_path) as directory:
        (directory / "lingbao.db").write_text("in use")
        with pytest.raises(WrongUse, match="is running"), own_directory(tmp_path):
            pass
        assert (directory / "lingbao.db").read_text() == "in use"


def test_links_inside_are_removed_and_not_what_they_lead_to(tmp_path: Path) -> None:
    """Clearing removes a link, never the directory it points to."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    with own_directory(tmp_path) as directory:
        (directory / "link").symlink_to(tmp_path / "kept")
    with own_directory(tmp_path) as directory:
        assert not (directory / "link").exists()
    assert (tmp_path / "kept" / "file").exists()


def test_environment_of_the_office_is_set_aside(tmp_path: Path) -> None:
    """Nothing of the office's database, providers or Prefect server is left to win over the demo's settings."""
    environ = {
        "LINGBAO_DATABASE_URL": "postgresql://office/lingbao", "lingbao_twilio_base_url": "https://api.twilio.com",
        "PREFECT_API_URL": "http://office:4200/api", "LINGBAO_LANG": "en", "PATH": "/bin",
    }  # fmt: skip
    assert foreign_settings(environ) == ["LINGBAO_DATABASE_URL", "PREFECT_API_URL", "lingbao_twilio_base_url"]
    move_in(tmp_path, environ)
    assert environ.pop("PREFECT_LOGGING_LEVEL")
    assert environ == {"LINGBAO_LANG": "en", "PATH": "/bin", "LINGBAO_HOME": str(tmp_path)}


def test_settings_file_is_read_back(tmp_path: Path) -> None:
    """What the demo writes is what every later command in its home reads."""
    values = {
        "smtp_host": "127.0.0.1",
        "smtp_port": 2525,
        "lease": 10.0,
        "office_name": '示例"外办"',
        "sources_off": ["gdacs"],
    }
    write_settings(tmp_path, values)
    read = load(home=tmp_path)
    assert (read.smtp_host, read.smtp_port, read.lease, read.office_name) == ("127.0.0.1", 2525, 10.0, '示例"外办"')
    assert read.sources_off == {"gdacs"}
