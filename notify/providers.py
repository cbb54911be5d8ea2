"""Which channels are open in this instance, and where their providers are."""

from __future__ import annotations

from core.settings import Settings
from core.tables import Mode
from notify.channels.base import Channel

LOCAL = "127.0.0.1"


def open_channels(settings: Settings, mode: Mode) -> dict[str, Channel]:
    """Open the channels of the settings, by name. In mode sandbox, what has no address of its own goes to the local sandbox."""
    # Here, because the providers' libraries take half a second to import, and most commands send nothing.
    from notify.channels.email import Email
    from notify.channels.twilio_sms import TwilioSms

    sandbox = mode is Mode.SANDBOX
    base_url = settings.twilio_base_url or (f"http://{LOCAL}:{settings.sandbox_port}" if sandbox else "")
    channels: dict[str, Channel] = {"sms": TwilioSms(settings, base_url)}
    if settings.smtp_host:
        channels["email"] = Email(settings, settings.smtp_host, settings.smtp_port)
    elif sandbox:
        channels["email"] = Email(settings, LOCAL, settings.sandbox_port + 1)
    return {name: channels[name] for name in settings.channels if name in channels}
