"""Settings: from the environment (`LINGBAO_*`), then `lingbao.toml` in the home directory, then the defaults here.

The description of each field is its documentation: `lingbao settings` prints it, and a test holds `docs/settings.md` to it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core.errors import WrongSetting
from core.group_bots import GroupBot, safe_url
from core.i18n import Message, t
from core.settings_backup import BackupSettings
from core.settings_reading import ReadingSettings
from core.settings_safe import SafeSettings
from core.settings_seeing import SeeingSettings
from core.settings_tables import Budget, ExtraSource, PostSite, Price
from core.settings_watch import WatchSettings

FILE_NAME = "lingbao.toml"
PREFIX = "LINGBAO_"
NUMBER_OR_NONE = r"^(\+[1-9]\d{6,14})?$"


class Settings(WatchSettings, SafeSettings, ReadingSettings, SeeingSettings, BackupSettings, BaseSettings):
    """Every setting of the program. Durations are in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(Path("var"), description="Directory of the database, captures, keys and Prefect's own files.")
    database_url: str = Field("", description="SQLAlchemy URL of the database; empty: SQLite in the home directory.")
    lang: Literal["", "zh-CN", "en"] = Field(
        "", description="Language of messages; empty: as the locale says, else Chinese."
    )
    token: SecretStr = Field(SecretStr(""), description="Token of the user who acts (see `--as`).")
    master_keys: SecretStr = Field(
        SecretStr(""),
        description="Master keys as `id:base64,id:base64`, the first in use; empty: the key file in the home directory.",
    )

    office_name: str = Field("示例市外办", description="Name of the office, as notices show it.")
    office_name_en: str = Field("Sample City Foreign Affairs Office", description="Name of the office in English.")
    office_phone: str = Field("", description="Telephone of the office for people who get a notice; empty: left out.")
    contact: str = Field("", description="Mail address shown to publishers in our user agent; empty: none.")
    public_base_url: str = Field(
        "http://127.0.0.1:8430",
        description="Address under which providers reach our callbacks, without a slash at the end.",
    )
    zone: str = Field("Asia/Shanghai", description="Time zone of the office.")

    sources_off: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="Sources that are not read, by id."
    )
    sources_on: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="Sources that are read although they are off by default, by id."
    )
    posts: tuple[PostSite, ...] = Field(
        (), description="Sites of embassies and consulates, as tables `[[posts]]` in the file or as JSON."
    )
    extra_sources: tuple[ExtraSource, ...] = Field(
        (), description="Sources added by the office, as tables `[[extra_sources]]` in the file or as JSON."
    )
    policy_file: Path | None = Field(None, description="Policy of the office; empty: the shipped default policy.")
    fetch_timeout: float = Field(30.0, gt=0, description="Longest wait for one page of a source.")
    fetch_tries: int = Field(
        3, ge=1, le=10, description="Tries for one page of a source before it counts as unreachable."
    )
    fetch_max_bytes: int = Field(8_000_000, gt=0, description="Largest page of a source that is read, in bytes.")
    confirm_after: int = Field(
        600, ge=0, description="A fall counts only if a second read this much later still shows it."
    )

    sandbox_port: int = Field(
        8425, gt=0, lt=65535, description="Port of the local sandbox; its mail server is one above."
    )
    twilio_base_url: str = Field(
        "", description="Address of Twilio; empty: the sandbox in mode sandbox, else Twilio itself."
    )
    twilio_account_sid: str = Field("AC" + "0" * 32, description="Twilio account.")
    twilio_auth_token: SecretStr = Field(SecretStr("sandbox"), description="Secret of the Twilio account.")
    twilio_messaging_service_sid: str = Field(
        "MG" + "0" * 32, description="Twilio Messaging Service that sends our SMS."
    )
    whatsapp_from: str = Field(
        "",
        pattern=NUMBER_OR_NONE,
        description="Our WhatsApp number as +…; empty: the Messaging Service sends WhatsApp too.",
    )
    whatsapp_templates: dict[str, Annotated[str, Field(pattern="^HX[0-9a-fA-F]{32}$")]] = Field(
        {},
        description="Approved WhatsApp templates: our name (`first`, `update`, `correction`, `all-clear`, `service`) to Twilio's "
        "id (HX…); a name with a language, as `first.en`, goes before one without. Empty: WhatsApp is not sent.",
    )
    whatsapp_variables: Annotated[tuple[str, ...], NoDecode] = Field(
        ("office", "kind", "places", "title", "advice", "ref"),
        description="What the WhatsApp templates have gaps for, in the order of their numbers.",
    )
    voice_from: str = Field(
        "", pattern=NUMBER_OR_NONE, description="Our number at Twilio that calls, as +…; empty: nobody is called."
    )
    voice_rings: int = Field(40, ge=5, le=600, description="How long a telephone rings until nobody was there.")
    smtp_host: str = Field("", description="Mail relay; empty: the sandbox in mode sandbox, else mail is off.")
    smtp_port: int = Field(25, gt=0, lt=65536, description="Port of the mail relay.")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        "none", description="How the line to the mail relay is secured."
    )
    smtp_username: str = Field("", description="User at the mail relay; empty: no login.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail relay.")
    mail_from: str = Field(
        "alerts@example.invalid", description="Sender address of our mail; its domain names our messages."
    )
    bounce_address: str = Field(
        "", description="Mail address to which undeliverable mail comes back, as `bounces@…`; our reference is added after a +. "
        "Empty: to the sender address, and nobody reads it by machine.",
    )  # fmt: skip
    bounce_mailbox: SecretStr = Field(
        SecretStr(""),
        description="Where bounces are read: the path of a Maildir, or `imaps://user:password@host/INBOX`; empty: nowhere.",
    )
    channels: Annotated[tuple[str, ...], NoDecode] = Field(
        ("sms", "email"), description="Channels in use, in order of preference."
    )

    wecom_base_url: str = Field(
        "", description="Address of WeCom; empty: the sandbox in mode sandbox, else WeCom itself."
    )
    wecom_corp_id: str = Field(
        "", description="Number of the company at WeCom (企业ID); empty: no messages over WeCom."
    )
    wecom_agent_id: int = Field(0, ge=0, description="Number of our application at WeCom (AgentId).")
    wecom_secret: SecretStr = Field(SecretStr(""), description="Secret of our application at WeCom.")
    groups: tuple[GroupBot, ...] = Field(
        (), description="Groups in which a robot posts, as tables `[[groups]]` in the file or as JSON."
    )
    sms_cn_provider: Literal["", "aliyun", "tencent", "webhook"] = Field(
        "",
        description="Who sends SMS to +86 numbers: `aliyun`, `tencent`, or `webhook` for the gateway of the city; empty: nobody.",
    )
    sms_cn_base_url: str = Field(
        "", description="Address of that cloud; empty: the sandbox in mode sandbox, else the cloud itself."
    )
    sms_cn_key_id: str = Field("", description="Key id at that cloud (AccessKeyId or SecretId).")
    sms_cn_key_secret: SecretStr = Field(SecretStr(""), description="Secret of that key.")
    sms_cn_signature: str = Field("", description="Approved SMS signature, without the brackets 【】.")
    sms_cn_templates: dict[str, str] = Field(
        {},
        description="Approved templates: our name (`first`, `update`, `correction`, `all-clear`, `service`) to the cloud's number.",
    )
    sms_cn_variables: Annotated[tuple[str, ...], NoDecode] = Field(
        ("kind", "places", "title", "advice", "ref"),
        description="What the approved templates have gaps for; at Tencent Cloud in this order.",
    )
    sms_cn_app_id: str = Field("", description="SdkAppId of the SMS application, at Tencent Cloud only.")
    sms_cn_region: str = Field("ap-guangzhou", description="Region of the SMS service, at Tencent Cloud only.")
    sms_cn_callback_secret: SecretStr = Field(
        SecretStr(""),
        description="Secret part of the address to which that cloud pushes receipts; empty: pushes are refused.",
    )
    gateway_url: str = Field(
        "",
        description="Address of the city's own gateway, for the channel `wechat` and for `sms_cn` by webhook; empty: none.",
    )
    gateway_secret: SecretStr = Field(SecretStr(""), description="Secret by which we and the gateway sign, both ways.")
    gateway_lookup: bool = Field(
        False, description="The gateway can be asked what it has of a message (GET with our reference)."
    )

    sms_most_parts: int = Field(
        4, ge=1, le=10, description="Most parts of a Chinese SMS; other languages may take twice as many."
    )
    prices: tuple[Price, ...] = Field(
        (), description="Prices for the preview, as tables `[[prices]]` (channel, country, per_part, currency)."
    )
    test_addresses: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="Addresses of officers to which `lingbao alert test` may send a text, in any mode."
    )

    dispatch_concurrency: int = Field(64, ge=1, le=1024, description="Calls to one provider at the same time.")
    connect_timeout: float = Field(5.0, gt=0, description="Longest wait for a connection to a provider.")
    send_timeout: float = Field(
        20.0, gt=0, description="Longest wait for a provider's answer; after it we are in doubt."
    )
    lease: float = Field(
        90.0, gt=0, description="How long a notice may be in a worker's hands before it counts as in doubt."
    )
    grace: float = Field(60.0, ge=0, description="Wait after a doubt before the provider is asked what it has.")
    max_attempts: int = Field(6, ge=1, description="Calls to a provider for one notice before it is given up.")
    # Shorter than ladder_after: nobody is told again whom the provider knows to be reached.
    poll_after: float = Field(
        480.0, ge=0, description="Ask the provider for a status if no receipt came within this time."
    )
    rates: dict[str, Annotated[float, Field(gt=0)]] = Field(
        {},
        description="Most calls a second over a channel, as a table `[rates]` or as JSON; all dispatchers keep it together. "
        "A channel that is not named has no limit.",
    )
    budgets: tuple[Budget, ...] = Field(
        (), description="Most calls a day by channel and country, as tables `[[budgets]]` in the file or as JSON."
    )
    ladder_after: float = Field(
        600.0, gt=0,
        description="From level 3 up, a person's next channel is used if nothing was confirmed within this time.",
    )  # fmt: skip
    api_calls_per_minute: int = Field(
        120, ge=1, description="Calls to the API that one user of a company may make within a minute."
    )
    drill_allow: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="Addresses that may be written to in mode drill."
    )

    allow_foreign_providers: bool = Field(
        True, description="Numbers and texts may go to a provider abroad, with consent or in an emergency; off: never."
    )
    smtp_abroad: bool = Field(
        False, description="The mail relay is abroad: mail then needs consent or an emergency too."
    )
    keep_returned_days: int = Field(
        180, ge=1, description="Days after the end of all stays of a person until everything about them is erased."
    )

    keep_captures_days: int = Field(
        400, ge=30, description="Days after which the bytes of publishers' pages are deleted that no alert rests on."
    )
    keep_records_days: int = Field(
        400, ge=60,
        description="Days after which records of runs are deleted that prove nothing: nights and their gaps, digests, canaries, "
        "counts of budgets.",
    )  # fmt: skip

    canaries: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses of the office's own, one for a channel, for `lingbao canary`: `sms:+86…,email:…`."
    )
    canary_minutes: int = Field(5, ge=1, le=120, description="Minutes within which the receipt of a canary must come.")
    cap_public: bool = Field(
        False, description="Publish what home authorities say and we passed on by rule as CAP messages, for everybody."
    )

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator(
        "sources_off", "sources_on", "channels", "drill_allow", "test_addresses", "canaries", mode="before"
    )
    @classmethod
    def _by_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("policy_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    resident_calls_per_hour: int = Field(
        60,
        ge=1,
        description="Codes and other proofs that residents may ask for on the pages, per hour and caller's address.",
    )

    @field_validator("sms_cn_variables", "whatsapp_variables", mode="before")
    @classmethod
    def _variables_by_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("wecom_base_url", "sms_cn_base_url", "gateway_url")
    @classmethod
    def _safe_or_empty(cls, value: str) -> str:
        return safe_url(value) if value else value

    @field_validator("groups")
    @classmethod
    def _named_once(cls, value: tuple[GroupBot, ...]) -> tuple[GroupBot, ...]:
        if len({one.name for one in value}) < len(value):
            raise ValueError("two groups have the same name")
        return value

    @model_validator(mode="after")
    def _groups_have_a_channel(self) -> Self:
        for one in self.groups:
            if one.kind not in self.channels:
                raise ValueError(f"the group {one.name} needs {one.kind} among `channels`")
        return self

    @field_validator("budgets")
    @classmethod
    def _one_limit_each(cls, value: tuple[Budget, ...]) -> tuple[Budget, ...]:
        if len({(one.channel, one.country) for one in value}) < len(value):
            raise ValueError("two budgets are for the same channel and country")
        return value

    @field_validator("public_base_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"no time zone is named {value}")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, environment, `lingbao.toml` of the home directory, defaults."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _file(init_settings))

    @property
    def database(self) -> str:
        """Return the URL of the database in use."""
        return self.database_url or f"sqlite:///{self.home / 'lingbao.db'}"


def _file(init_settings: PydanticBaseSettingsSource) -> Path:
    home = init_settings().get("home") or os.environ.get("LINGBAO_HOME") or "var"
    return Path(home).expanduser() / FILE_NAME


def load(**values: Any) -> Settings:
    """Read the settings; `values` go before everything else.

    Raises:
        WrongSetting: a setting is unknown or makes no sense; the sentence names each one.
    """
    if "home" not in values and os.environ.get(f"{PREFIX}HOME") == "":
        # Most likely a variable that was not set: the office would begin anew wherever the command is started.
        raise WrongSetting(t("LINGBAO_HOME is empty. Name the directory of the office, or take the variable out."))
    unknown = sorted(name for name in os.environ if _is_unknown(name))
    if unknown:
        # A misspelt limit that is silently not set would be worse than a stop.
        raise WrongSetting(t("The environment names settings that do not exist: {names}", names=", ".join(unknown)))
    try:
        return Settings(**values)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors())
        raise WrongSetting(t("Wrong setting. {faults}", faults=faults)) from error
    except ValueError as error:
        raise WrongSetting(t("The settings file cannot be read: {error}", error=str(error))) from error


def _is_unknown(name: str) -> bool:
    prefix, _, rest = name.upper().partition(PREFIX)
    return not prefix and bool(rest) and rest.lower() not in Settings.model_fields


@dataclass(frozen=True)
class SettingView:
    """One setting as a person reads it: name, environment variable, default in words, and meaning."""

    name: str
    variable: str
    default: str
    meaning: Message


def describe() -> list[SettingView]:
    """Return every setting in the order of the class: what `docs/settings.md` and `lingbao settings` show."""
    return [
        SettingView(name, f"{PREFIX}{name}".upper(), _shown(field.default), Message(field.description or ""))
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple | frozenset):
        value = ",".join(sorted(value) if isinstance(value, frozenset) else value)
    return "" if value is None else str(value)


def origin(name: str, settings: Settings) -> str:
    """Return where the value of setting `name` comes from: `environment`, `file` or `default`."""
    if f"LINGBAO_{name}".upper() in {key.upper() for key in os.environ}:
        return "environment"
    if name in settings.model_fields_set:
        return "file"
    return "default"
