"""The channels: can each be opened, and does somebody listen where its provider is?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from cli.doctor.model import Finding, Patient, fault, ok, skipped, warning
from core.database import reading
from core.errors import WrongSetting
from core.i18n import Message, t
from core.settings import Settings
from core.tables import Mode
from notify.gate import is_loopback
from notify.ledger.terms import channel_words
from notify.office import Office
from notify.providers import open_channels
from notify.store.alerts import instance

NAME = "channels"
TWILIO = ("sms", "whatsapp", "voice")
EXAMPLE_ACCOUNT, EXAMPLE_SECRET = "AC" + "0" * 32, "sandbox"


@dataclass(frozen=True)
class Line:
    """Where the provider of a channel listens."""

    host: str
    port: int
    tls: bool


def check(patient: Patient, office: Office) -> Iterable[Finding]:
    """Open each channel in use, and a line to its provider. Sends nothing."""
    settings = patient.settings
    with reading(office.engine) as connection:
        mode = Mode(instance(connection).mode)
    try:
        opened = open_channels(settings, mode) if office.channels is None else dict(office.channels)
    except WrongSetting as error:
        yield fault(NAME, error.message, t("Set what is missing, or take the channel out of `channels`."))
        return
    for name in settings.channels:
        if name not in opened:
            yield fault(NAME, t("{channel} is in use and has no provider in mode {mode}: nothing goes over it.",
                                channel=channel_words(name), mode=mode.value),
                        t("Set its provider (for mail `smtp_host`), or take it out of `channels`."))  # fmt: skip
    if not opened:
        yield warning(NAME, t("No channel is in use: nobody can be told."), t("Name some in the setting `channels`."))
    if mode is not Mode.SANDBOX and any(name in opened for name in TWILIO):
        yield from _secrets(settings)
    for name, channel in opened.items():
        yield _reach(patient, channel_words(name), line_of(settings, name, channel.endpoint, mode), mode)


def _secrets(settings: Settings) -> Iterator[Finding]:
    if settings.twilio_account_sid == EXAMPLE_ACCOUNT or settings.twilio_auth_token.get_secret_value() in {
        "",
        EXAMPLE_SECRET,
    }:
        yield fault(NAME, t("Twilio is in use, and its account or secret is the example."),
                    t("Set `twilio_account_sid` and LINGBAO_TWILIO_AUTH_TOKEN."))  # fmt: skip


def line_of(settings: Settings, name: str, host: str, mode: Mode) -> Line:
    """Return where the provider of a channel listens. Pure.

    Args:
        host: as the channel names it, the same that its gate looks at.
    """
    if name == "email":
        port = settings.smtp_port if settings.smtp_host else settings.sandbox_port + 1
        return Line(host, port, settings.smtp_security == "tls")
    given = {
        **dict.fromkeys(TWILIO, settings.twilio_base_url),
        "wecom": settings.wecom_base_url,
        "wechat": settings.gateway_url,
        "sms_cn": settings.gateway_url if settings.sms_cn_provider == "webhook" else settings.sms_cn_base_url,
    }.get(name, "")
    url = urlsplit(given)
    if given:
        return Line(host, url.port or (443 if url.scheme == "https" else 80), url.scheme == "https")
    if mode is Mode.SANDBOX and is_loopback(host):
        return Line(host, settings.sandbox_port, tls=False)
    return Line(host, 443, tls=True)


def _reach(patient: Patient, channel: Message | str, line: Line, mode: Mode) -> Finding:
    place = f"{line.host}:{line.port}"
    if patient.wish.offline and not is_loopback(line.host):
        return skipped(NAME, t("{channel}: {place} was not asked (--offline).", channel=channel, place=place))
    if mode is Mode.SANDBOX and not is_loopback(line.host):
        return fault(NAME, t("{channel}: {place} is not on this machine; a sandbox sends nothing there.", channel=channel, place=place),
                     t("Take its address out of the settings, or leave the sandbox with `lingbao db mode drill`."))  # fmt: skip
    try:
        patient.tools.connect(line.host, line.port, line.tls)
    except OSError as error:
        words = t(
            "{channel}: {place} cannot be reached: {reason}",
            channel=channel,
            place=place,
            reason=error.strerror or str(error),
        )
        if mode is Mode.SANDBOX:
            return warning(NAME, words, t("Start the sandbox providers: `lingbao up`, or `lingbao sandbox`."))
        return fault(
            NAME,
            words,
            t("Look at the network, the firewall and the address in the settings. See docs/runbooks/provider-down.md."),
        )
    return ok(NAME, t("{channel}: {place} answers.", channel=channel, place=place))
