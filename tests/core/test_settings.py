"""Settings: where they come from, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import WrongSetting
from core.settings import Settings, describe, load, origin

ROOT = Path(__file__).resolve().parents[2]
SetEnvironment = Callable[..., None]


@pytest.fixture
def environment() -> Iterator[SetEnvironment]:
    """Give a way to set `LINGBAO_*` variables; everything is put back afterwards."""
    before = {name: value for name, value in os.environ.items() if name.startswith("LINGBAO_")}
    for name in before:
        del os.environ[name]

    def set_all(**values: str) -> None:
        os.environ.update({f"LINGBAO_{name}": value for name, value in values.items()})

    yield set_all
    for name in [name for name in os.environ if name.startswith("LINGBAO_")]:
        del os.environ[name]
    os.environ.update(before)


def test_arguments_go_before_the_environment_and_that_before_the_file(
    tmp_path: Path, environment: SetEnvironment
) -> None:
    """Each setting comes from the nearest place that has it, and says which."""
    (tmp_path / "lingbao.toml").write_text('office_name = "甲"\noffice_phone = "1"\ncontact = "a@b.example"\n')
    environment(HOME=str(tmp_path), OFFICE_NAME="乙", OFFICE_PHONE="2")
    settings = load(office_phone="3")
    assert (settings.office_name, settings.office_phone, settings.contact) == ("乙", "3", "a@b.example")
    names = ("office_name", "contact", "fetch_tries")
    assert [origin(name, settings) for name in names] == ["environment", "file", "default"]


def test_an_empty_home_is_a_mistake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty LINGBAO_HOME is refused: no second office begins, with keys of its own, wherever a command is started."""
    monkeypatch.setenv("LINGBAO_HOME", "")
    with pytest.raises(WrongSetting, match="LINGBAO_HOME is empty"):
        load()
    assert load(home=tmp_path).home == tmp_path


def test_the_database_lies_in_the_home_directory_unless_it_is_elsewhere(
    tmp_path: Path, environment: SetEnvironment
) -> None:
    """Without an address SQLite in the home directory, which is made absolute."""
    environment()
    assert load(home=tmp_path).database == f"sqlite:///{tmp_path}/lingbao.db"
    assert load(home="here").home == Path("here").resolve()
    assert load(home=tmp_path, database_url="postgresql://h/d").database == "postgresql://h/d"


@pytest.mark.parametrize("text", ["sms,email", " sms , email, "])
def test_a_list_is_written_with_commas(environment: SetEnvironment, text: str) -> None:
    """Lists in the environment are plain words with commas, in order; empty is none."""
    environment(CHANNELS=text, SOURCES_OFF="", DRILL_ALLOW="+8613800000000")
    settings = load()
    assert (settings.channels, settings.sources_off) == (("sms", "email"), frozenset())
    assert settings.drill_allow == {"+8613800000000"}


def test_a_list_in_the_file_is_a_list(tmp_path: Path, environment: SetEnvironment) -> None:
    """TOML has lists of its own."""
    environment()
    (tmp_path / "lingbao.toml").write_text('sources_off = ["us-state"]\n')
    assert load(home=tmp_path).sources_off == {"us-state"}


def test_an_empty_policy_is_the_shipped_one(environment: SetEnvironment) -> None:
    """An empty variable is no path."""
    environment(POLICY_FILE="")
    assert load().policy_file is None


def test_the_public_address_has_no_slash_at_its_end(environment: SetEnvironment) -> None:
    """A slash too many would make every signature of a callback wrong."""
    environment(PUBLIC_BASE_URL="https://office.example/")
    assert load().public_base_url == "https://office.example"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"LANG": "fr"}, "lang"),
        ({"FETCH_TRIES": "0", "SMTP_PORT": "many"}, "fetch_tries.*smtp_port"),
        ({"ZONE": "Asia/Yantai"}, "Asia/Yantai"),
        ({"APPROVE_PEPLE": "100"}, "LINGBAO_APPROVE_PEPLE"),
    ],
)
def test_a_wrong_setting_is_named(environment: SetEnvironment, values: dict[str, str], named: str) -> None:
    """Every value that makes no sense, and every variable that is no setting, is named; nothing is guessed."""
    environment(**values)
    with pytest.raises(WrongSetting, match=named):
        load()


@pytest.mark.parametrize(("text", "words"), [("office_nam = 1", "office_nam"), ("= 1", "cannot be read")])
def test_a_wrong_settings_file_is_refused(tmp_path: Path, environment: SetEnvironment, text: str, words: str) -> None:
    """An unknown name and broken TOML are said so."""
    environment()
    (tmp_path / "lingbao.toml").write_text(text)
    with pytest.raises(WrongSetting, match=words):
        load(home=tmp_path)


def test_secrets_do_not_show(environment: SetEnvironment) -> None:
    """The settings as text, as logs would show them, carry no secret."""
    environment(TWILIO_AUTH_TOKEN="geheim", SMTP_PASSWORD="geheim", MASTER_KEYS="geheim", TOKEN="geheim")
    assert "geheim" not in repr(load())


def page() -> str:
    """Write `docs/settings.md` as the code has it."""
    lines = [
        "# Settings 设置",
        "",
        "From the environment (`LINGBAO_*`), then `lingbao.toml` in the home directory, then the defaults below.",
        "Lists are written with commas in the environment and as lists in the file. `lingbao settings` shows what holds now.",
        "依次取自环境变量（`LINGBAO_*`）、主目录中的 `lingbao.toml` 和下列默认值。列表在环境变量中用逗号分隔，在文件中写成列表。",
        "`lingbao settings` 显示当前的设置。时长未注明单位的均为秒。Durations are in seconds unless the name says otherwise.",
        "",
        "| setting 设置项 | variable 环境变量 | default 默认值 | meaning 含义 |",
        "|---|---|---|---|",
    ]
    for one in describe():
        default = f"`{one.default}`" if one.default else ""
        meaning = f"{one.meaning.render('en')}<br>{one.meaning.render('zh')}"
        lines.append(f"| `{one.name}` | `{one.variable}` | {default} | {meaning} |")
    return "\n".join(lines) + "\n"


def test_the_page_of_settings_is_the_code() -> None:
    """`docs/settings.md` has every setting with its variable, default and meaning in both languages, and no other."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == page()


def test_every_setting_is_described() -> None:
    """No field is without a meaning in English."""
    assert all(field.description for field in Settings.model_fields.values())
