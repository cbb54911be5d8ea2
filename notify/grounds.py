"""On what ground a number and a text may go to a provider abroad (PIPL art. 38 to 43), or why they may not. Pure.

A provider abroad gets the number and the text only. The ground is the person's own consent; without it, danger to life:
the Provisions on Promoting and Regulating Cross-border Data Flows (CAC, 2024-03-22, art. 5) exempt emergencies in which
life, health or property must be protected.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import Settings
from sources.model import Advisory

CONSENT, EMERGENCY = "consent", "emergency"
NO_GROUND, FORBIDDEN = "no-ground", "foreign-forbidden"
REFUSALS = (NO_GROUND, FORBIDDEN)
"""Why a notice is suppressed; they stand where the ground would."""

ABROAD = frozenset({"sms", "whatsapp", "voice"})
"""Channels of Twilio, which works abroad. No setting declares them to be at home."""

EMERGENCY_LEVEL = 3
EMERGENCY_TIER = 2


@dataclass(frozen=True)
class Transfer:
    """What this office may do with providers abroad. The same in every mode: a drill without it would prove nothing.

    Attributes:
        abroad: channels whose provider is abroad.
        allowed: the office uses providers abroad at all.
        in_use: channels that are open at this office: they decide which number goes to whom (see `notify.routing`).
    """

    abroad: frozenset[str] = ABROAD
    allowed: bool = True
    in_use: frozenset[str] = frozenset()


def transfer_of(settings: Settings) -> Transfer:
    """Return what the settings say of providers abroad."""
    mail = frozenset({"email"}) if settings.smtp_abroad else frozenset()
    return Transfer(ABROAD | mail, settings.allow_foreign_providers, frozenset(settings.channels))


def is_emergency(level: int | None, advisory: Advisory | None) -> bool:
    """Tell whether a warning is about danger to life: level 3 or 4, something said to be happening, a hazard of tier 2 or 3."""
    if (level or 0) >= EMERGENCY_LEVEL:
        return True
    return advisory is not None and (advisory.acute or (advisory.tier or 0) >= EMERGENCY_TIER)
