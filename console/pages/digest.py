"""Choosing the digest on a page, the same for companies and residents. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from console.pages.forms import Form
from core.i18n import Message, t
from notify.digest.tables import DigestReader, Rhythm

FIELD, NEVER = "rhythm", "never"
OPTIONS: tuple[tuple[str, Message, Message | str], ...] = (
    (NEVER, t("No digest"), t("Urgent warnings come all the same.")),
    (Rhythm.WEEKLY.value, t("Once a week"), ""),
    (Rhythm.DAILY.value, t("Once a day"), t("A day without news brings no mail.")),
)
"""What can be chosen, as radio buttons want it: value, words, hint."""
CHOOSE_ONE = t("Choose how often the digest comes.")
WRITTEN = t("Your choice of the digest is written down.")


def value_of(standing: Sequence[DigestReader]) -> str:
    """Return the value of what stands now."""
    return standing[0].rhythm if standing else NEVER


def is_choice(form: Form) -> bool:
    """Tell whether something was chosen that can be."""
    return form.text(FIELD, 20) in {value for value, _, _ in OPTIONS}


def rhythm_of(form: Form) -> Rhythm | None:
    """Return what was chosen; None: no digest."""
    said = form.text(FIELD, 20)
    return None if said == NEVER else Rhythm(said)
