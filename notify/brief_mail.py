"""The morning brief by mail: to each officer named in the settings, once a day, also when nothing happened."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import NotFound
from core.i18n import Language, t
from notify import rundown
from notify.brief import brief, is_quiet
from notify.mailings.once import MailLetter, Outcome, send_letters
from notify.mailings.tables import MailingKind
from notify.markup import page, plain
from notify.office import Office


def look(office: Office) -> tuple[dict[str, Any] | None, str]:
    """Return the last night as it stands now and its brief as Markdown; None and a warning if no night was ever worked."""
    words = rundown.language(office)
    try:
        summary = rundown.last_night(office)
    except NotFound as nothing:
        title = t("Morning brief {day} · {office}", day="", office=office.settings.office_name).render(words)
        return None, f"# {title}\n\n**{nothing.message.render(words)}**\n"
    return summary, brief(summary, office.settings.office_name, office.settings.zone, words)


def send_brief(office: Office, summary: Mapping[str, Any] | None, text: str, *, by: str) -> list[Outcome]:
    """Mail the brief of today to each officer who has not got it yet; a second run on the same day sends nothing."""
    words = rundown.language(office)
    day = f"{office.clock.now().astimezone(ZoneInfo(office.settings.zone)):%Y-%m-%d}"
    title = subject(summary, day, office.name.signature, words)
    letters = [
        MailLetter(MailingKind.BRIEF, day, _reader(one), (one,), words, title, plain(text), page(text, title, words))
        for one in office.settings.brief_to
    ]
    return send_letters(office, letters, by=by)


def subject(summary: Mapping[str, Any] | None, day: str, signature: str, words: Language) -> str:
    """Return the subject, from which an officer sees whether to open it now. Pure."""
    if summary is None or summary.get("hours_ago") is not None:
        return signature + t("Morning brief {day}: THE NIGHT DID NOT RUN", day=day).render(words)
    counts = {"alerts": len(summary["alerts"]), "changes": len(summary["changes"]), "open": len(summary["gaps"])}
    if is_quiet(summary):
        return signature + t("Morning brief {day}: a quiet night", day=day).render(words)
    line = t("Morning brief {day}: {alerts} alerts, {changes} changes, {open} open matters", day=day, **counts)
    return signature + line.render(words)


def _reader(address: str) -> str:
    """Name a reader without the address: the table of letters holds none."""
    return f"officer/{hashlib.sha256(address.casefold().encode()).hexdigest()[:16]}"
