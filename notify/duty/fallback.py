"""Who is called if nobody is on duty. Pure."""

from __future__ import annotations

from core.settings import Settings
from registry.phones import Phone, read_phone


def fallback_phone(settings: Settings) -> str:
    """Return the number of the settings as E.164: `duty_phone`, else `office_phone` if it is a mobile one; else empty."""
    if settings.duty_phone:
        return settings.duty_phone
    found = read_phone(settings.office_phone, host_country="CN") if settings.office_phone else None
    return found.e164 if isinstance(found, Phone) and not found.fixed else ""
