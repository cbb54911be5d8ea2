"""The words people read for what the register holds: states, grounds, channels, and the rows of a history. Pure."""

from __future__ import annotations

from datetime import datetime

from core.i18n import Language, Message, t
from core.languages import language_name
from core.places.names import display
from registry.history import DOUBLE, Change, Values
from registry.scope.doubles import Said
from registry.tables import Ground, PostingStatus

STATUSES = {
    PostingStatus.PLANNED: t("leaving for it"), PostingStatus.ABROAD: t("there"),
    PostingStatus.RETURNED: t("returned"), PostingStatus.DOUBTFUL: t("Doubtful"),
}  # fmt: skip
GROUNDS = {
    Ground.CONSENT: t("own consent"), Ground.EMPLOYMENT: t("employment"), Ground.STATUTORY: t("duty of the office by law"),
    Ground.EMERGENCY: t("emergency"),
}  # fmt: skip
CHANNELS = {
    "sms": t("text message"), "email": t("mail"), "whatsapp": t("WhatsApp"), "voice": t("voice call"),
    "wecom": t("WeCom"), "dingtalk": t("DingTalk"), "feishu": t("Feishu"),
}  # fmt: skip
STOPS = {
    "asked": t("the person asked"), "erased": t("erased"), "roster undone": t("roster taken back"),
    "provider: no such address": t("the provider says that there is no such address"),
}  # fmt: skip
"""Why an address is stopped, where the program wrote it; an officer's own reason is shown as it is."""
ROWS = {
    "registrant": t("Entry"), "posting": t("Stay"), "address": t("Way to reach them"), "consent": t("Consent"),
    "home_contact": t("Contact at home"), DOUBLE: t("perhaps the same as"),
}  # fmt: skip
COLUMNS = {
    "country": t("Country"), "region": t("Region"), "city": t("City"), "site": t("Site"), "project": t("Project"),
    "date_from": t("First day"), "date_to": t("Last day"), "status": t("State"), "confirmed_at": t("Confirmed"),
    "language": t("Language"), "channel": t("Channel"), "verified_at": t("Verified"), "stopped_at": t("Stopped"),
    "stop_reason": t("Reason"), "preference": t("Order"), "ground": t("Ground"), "text_version": t("Text shown"),
    "foreign": t("Providers abroad"), "withdrawn_at": t("Withdrawn"), "relation": t("Relation"),
    "ended_at": t("Ended"), "name_sealed": t("Name"), "value_sealed": t("Number or mail"), "phone_sealed": t("Number"),
    DOUBLE: t("Said"),
}  # fmt: skip
"""Columns of a history that say something to people; the others (fingerprints, ids, time zones) are for machines: `--json`."""
SAID = {Said.TWO: t("two people"), Said.SAME: t("the same")}
LANGUAGES = {"zh": t("Chinese"), "en": t("English")}
WORDS = {
    "language": LANGUAGES,
    "status": STATUSES,
    "ground": GROUNDS,
    "channel": CHANNELS,
    "stop_reason": STOPS,
    DOUBLE: SAID,
}
YES, NO, SHUT, WRITTEN = t("yes"), t("no"), t("(sealed)"), t("written down")


def word(column: str, value: object, language: Language) -> str:
    """Return one value as people read it; what has no word of its own is shown as it is, and sealed bytes not at all."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bytes):
        return SHUT.render(language)
    if isinstance(value, bool):
        return (YES if value else NO).render(language)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%MZ}"
    if column == "country":
        return display(str(value), language)
    if column == "language" and str(value) not in LANGUAGES:
        return language_name(str(value), language)
    known: dict[str, Message] = {str(key): message for key, message in WORDS.get(column, {}).items()}  # type: ignore[attr-defined]
    return known[str(value)].render(language) if str(value) in known else str(value)


def change_cells(change: Change, language: Language) -> tuple[str, str, str, str]:
    """Return what a change is of, the number of its row, and its columns before and after."""
    before, after = _columns(change.before, language), _columns(change.after, language)
    if change.before is None and not after:
        after = WRITTEN.render(language)
    of = ROWS[change.table_name].render(language) if change.table_name in ROWS else change.table_name
    return of, str(change.row_id), before, after


def _columns(values: Values | None, language: Language) -> str:
    shown = [
        (COLUMNS[name].render(language), word(name, value, language))
        for name, value in (values or {}).items()
        if name in COLUMNS
    ]
    return "; ".join(f"{name}: {value}" for name, value in shown)
