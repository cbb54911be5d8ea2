"""What the pages of companies say. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from core.i18n import Message, t
from notify.service import Handed
from registry.accounts.companies import Of
from registry.liaisons import Duty

DONE: Mapping[str, Message] = {
    "company-added": t("The company was written down. Add a contact next: they are invited by mail, and upload the list."),
    "company-verified": t("Written down: the office has checked this company."),
    "company-contact-added": t("The contact was added. Invite them by mail next."),
    "company-contact-ended": t("The contact was ended. They can sign in no more."),
    "company-invited": t("The invitation is on its way."),
    "company-invited-perhaps": t("The invitation may be on its way: the mail server gave no clear answer. Ask the contact."),
    "double-two": t("Written down: these are two people. They are not asked about again."),
    "double-same": t("Written down: this is one person. Now end the entry that is wrong."),
}  # fmt: skip
OF: Mapping[Of, Message] = {
    Of.ALL: t("all companies"), Of.SHUT: t("without a contact who can sign in"),
    Of.OWING: t("that have not answered whether their list is right"), Of.UNVERIFIED: t("not checked by the office yet"),
}  # fmt: skip
DUTIES: Mapping[Duty, Message] = {
    Duty.LIAISON: t("liaison"), Duty.SECURITY: t("security"), Duty.HR: t("staff"), Duty.OVERSEAS: t("abroad, on site"),
    Duty.MANAGER: t("management"),
}  # fmt: skip


def not_sent(handed: Handed) -> Message:
    """Say why an invitation was not sent, and what to do."""
    return t(
        "The invitation was not sent ({code}). Look at the mail settings, or call the contact.",
        code=handed.code or handed.outcome,
    )
