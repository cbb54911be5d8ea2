"""What hazards and levels are called in CAP: its categories, and its words for urgency and severity. Pure."""

from __future__ import annotations

from datetime import timedelta

from core.i18n import Message, t
from sources.model import Hazard

CATEGORIES = {
    Hazard.CONFLICT: "Security", Hazard.TERRORISM: "Security", Hazard.CRIME: "Security", Hazard.KIDNAPPING: "Security",
    Hazard.FRAUD: "Security", Hazard.UNREST: "Security", Hazard.NATURAL_DISASTER: "Geo", Hazard.WEATHER: "Met",
    Hazard.EPIDEMIC: "Health", Hazard.TRAFFIC: "Transport", Hazard.LEGAL: "Other", Hazard.IMMIGRATION: "Other",
    Hazard.OUTDOOR: "Safety", Hazard.DRONES: "Security", Hazard.GAMBLING_FRAUD: "Security", Hazard.AVIATION: "Transport",
    Hazard.OTHER: "Other",
}  # fmt: skip
EVENTS = {
    Hazard.CONFLICT: t("Armed conflict"), Hazard.TERRORISM: t("Terrorism"), Hazard.CRIME: t("Crime"),
    Hazard.KIDNAPPING: t("Kidnapping"), Hazard.FRAUD: t("Fraud"), Hazard.UNREST: t("Unrest"),
    Hazard.NATURAL_DISASTER: t("Natural disaster"), Hazard.WEATHER: t("Severe weather"), Hazard.EPIDEMIC: t("Epidemic"),
    Hazard.TRAFFIC: t("Traffic safety"), Hazard.LEGAL: t("Law and order"), Hazard.IMMIGRATION: t("Entry and residence"),
    Hazard.OUTDOOR: t("Outdoor safety"), Hazard.DRONES: t("Drones"), Hazard.GAMBLING_FRAUD: t("Gambling and fraud"),
    Hazard.AVIATION: t("Aviation"), Hazard.OTHER: t("Safety of travellers"),
}  # fmt: skip
"""At most 35 characters in either language, as the WMO's profile wants it."""
SEVERITY = {4: "Extreme", 3: "Severe", 2: "Moderate", 1: "Minor"}
URGENCY = {4: "Immediate", 3: "Expected", 2: "Future", 1: "Future"}
RESPONSE = {4: "Avoid", 3: "Avoid", 2: "Monitor", 1: "Monitor"}
UNKNOWN = "Unknown"
STATUS = {"live": "Actual", "drill": "Exercise", "sandbox": "Test"}
"""By the mode of the alert: a drill is never Actual."""
SUDDEN = frozenset({Hazard.NATURAL_DISASTER, Hazard.WEATHER})
BRIEF, LONG, LONGEST = timedelta(hours=24), timedelta(days=7), timedelta(days=14)
"""How long a message stands: of what is sudden, of all else, and at most. Longer ones keep masking newer ones (climweb issue 816)."""


def hazard_of(word: str) -> Hazard:
    """Return the hazard of an alert; one this version does not know counts as other."""
    return Hazard(word) if word in set(Hazard) else Hazard.OTHER


def event_of(hazard: Hazard) -> Message:
    """Return what the event is called."""
    return EVENTS[hazard]
