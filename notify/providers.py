"""Which channels are open in this instance, and where their providers are."""

from __future__ import annotations

from core.clock import SystemClock
from core.errors import WrongSetting
from core.i18n import t
from core.settings import Settings
from core.tables import Mode
from notify.channels.base import Channel
from notify.home import home_channels

LOCAL = "127.0.0.1"
NO_SERVICE = "MG" + "0" * 32
"""What the setting holds until somebody has put a Messaging Service there; the sandbox takes it."""

SANDBOX_SENDER = "+15005550006"
SANDBOX_TEMPLATES = {
    name: f"HX{number:032x}"
    for number, name in enumerate(("first", "update", "correction", "all-clear", "service"), 1)
}  # fmt: skip
"""The sandbox takes any template: it does not know their words."""


def open_channels(settings: Settings, mode: Mode) -> dict[str, Channel]:
    """Open the channels of the settings, by name. In mode sandbox, what has no address of its own goes to the local sandbox.

    Raises:
        WrongSetting: a channel in use lacks what it needs.
    """
    sandbox = f"http://{LOCAL}:{settings.sandbox_port}" if mode is Mode.SANDBOX else ""
    channels = _twilio(settings, sandbox) | _mail(settings, sandbox) | home_channels(settings, SystemClock(), sandbox)
    return {name: channels[name] for name in settings.channels if name in channels}


def _twilio(settings: Settings, sandbox: str) -> dict[str, Channel]:
    # Here, because the provider's library takes half a second to import, and most commands send nothing.
    from notify.channels.twilio_sms import TwilioSms
    from notify.channels.twilio_voice import TwilioVoice
    from notify.channels.twilio_whatsapp import TwilioWhatsapp

    base_url = settings.twilio_base_url or sandbox
    channels: dict[str, Channel] = {"sms": TwilioSms(settings, base_url)}
    if "whatsapp" in settings.channels:
        templates = settings.whatsapp_templates or (SANDBOX_TEMPLATES if sandbox else {})
        if not templates:
            raise WrongSetting(
                t("whatsapp is in channels, but whatsapp_templates is empty: no notice could be sent over it.")
            )
        if not (settings.whatsapp_from or sandbox or settings.twilio_messaging_service_sid != NO_SERVICE):
            raise WrongSetting(t("whatsapp is in channels: set whatsapp_from or twilio_messaging_service_sid."))
        channels["whatsapp"] = TwilioWhatsapp(settings, base_url, templates)
    if "voice" in settings.channels:
        if not (settings.voice_from or sandbox):
            raise WrongSetting(t("voice is in channels: set voice_from, the number that calls."))
        channels["voice"] = TwilioVoice(settings, base_url, settings.voice_from or SANDBOX_SENDER)
    return channels


def _mail(settings: Settings, sandbox: str) -> dict[str, Channel]:
    from notify.channels.email import Email

    if settings.smtp_host:
        return {"email": Email(settings, settings.smtp_host, settings.smtp_port)}
    return {"email": Email(settings, LOCAL, settings.sandbox_port + 1)} if sandbox else {}
