"""How the readers of a text are called. Pure."""

from __future__ import annotations

from core.i18n import Message, t
from notify.texts.rules import LATER

READERS = {
    "abroad": t("to people there"), "planned": t("to people about to leave for there"),
    "shared": t("to numbers of several people"), "group": t("to groups"),
}  # fmt: skip


def variant_words(variant: str) -> Message | str:
    """Return what people read for a variant of a text; of one for a single country, with its code."""
    if variant.startswith(LATER):
        plain = variant_words(variant.removeprefix(LATER))
        return t("{who}, who came later", who=plain)
    kind, _, country = variant.partition(".")
    if kind not in READERS:
        return variant
    return t("{who}, {country}", who=READERS[kind], country=country) if country else READERS[kind]
