"""`lingbao settings` shows what holds, whatever it is."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from cli.app import app

TABLES = """\
[[extra_sources]]
id = "example"
kind = "rss"
publisher = "Example"
publisher_zh = "示例"
url = "https://example.org/feed.xml"

[[prices]]
channel = "sms"
country = "ZM"
per_part = 0.55
currency = "CNY"
"""


def test_tables_of_settings_are_shown(tmp_path: Path) -> None:
    """An office with sources and prices of its own can look at its settings."""
    (tmp_path / "lingbao.toml").write_text(TABLES, encoding="utf-8")
    env = {"LINGBAO_HOME": str(tmp_path), "LINGBAO_LANG": "en", "COLUMNS": "400"}
    plain, json = (CliRunner().invoke(app, ["settings", *more], env=env) for more in ([], ["--json"]))
    assert (plain.exit_code, json.exit_code) == (0, 0), (plain.exception, json.exception)
    assert "https://example.org/feed.xml" in json.stdout
