"""What the portal says after something was done, and the words for states. Pure."""

from __future__ import annotations

from console.pages.digest import WRITTEN
from core.i18n import t
from registry.asking.tables import QuestionKind
from registry.history import DOUBLE
from registry.liaisons import Duty
from registry.roster.doubts import DoubtKind
from registry.roster.model import Outcome
from registry.tables import PostingStatus

DONE = {
    "unchanged": t("Thank you. Everybody on your list is confirmed for this month."),
    "answered": t("Thank you. Your answer is written down."),
    "applied": t("The list was applied. Should it have been a mistake, you can undo it below."),
    "undone": t("The list was undone: your people are registered as they were before."),
    "undone-notices": t(
        "The list was undone. Notices that were still waiting for its people were called off or go to their other addresses; "
        "those without any other address must be called: see under Alerts."
    ),
    "discarded": t("The list was put aside. Nothing was changed."),
    "mended": t("Checked again with what you typed."),
    "saved": t("Saved."),
    "erase-asked": t("Written down. The data of this person are erased in the coming nights."),
    "double-two": t("Written down: these are two people. They are not asked about again."),
    "double-same": t("Written down: this is one person. Now end the entry that is wrong."),
    "said-safe": t("Written down. The office sees it now."),
    "said-help": t("Written down. The officer on duty is being called."),
    "contact-added": t("The contact was added. They can sign in with this mail address at once."),
    "contact-ended": t("The contact was ended. They can sign in no more."),
    "digest-chosen": WRITTEN,
    "revoked": t("The token was revoked. A system that uses it gets no further."),
    "session-ended": t("The session was ended."),
}
"""By the mark in the address of the page that follows."""

STATUS = {
    PostingStatus.PLANNED: t("leaving soon"), PostingStatus.ABROAD: t("abroad"), PostingStatus.DOUBTFUL: t("doubtful"),
    PostingStatus.RETURNED: t("back"),
}  # fmt: skip
OUTCOMES = {
    Outcome.REFUSED: t("left out"), Outcome.DOUBTFUL: t("to be checked"), Outcome.CHANGED: t("read otherwise than written"),
    Outcome.ACCEPTED: t("accepted"),
}  # fmt: skip
DUTIES = {
    Duty.LIAISON: t("liaison"), Duty.SECURITY: t("security"), Duty.HR: t("staff"), Duty.OVERSEAS: t("abroad, on site"),
    Duty.MANAGER: t("management"),
}  # fmt: skip
KINDS = {
    QuestionKind.ABSENT: t("They are not on your last full list."),
    QuestionKind.ENDED: t("The end of the stay has passed."),
}
DOUBTS = {
    DoubtKind.NAME: t("somebody of this name is registered with other numbers, or several of this name share one"),
    DoubtKind.NUMBER: t("this number is registered under another name"),
    DoubtKind.EMPLOYED: t("a company has registered somebody of this name and number already"),
}
COLUMNS = {
    "registrant": t("name or language"), "posting": t("stay"), "address": t("number or mail"), "consent": t("consent"),
    "home_contact": t("contact at home"), DOUBLE: t("whether somebody is registered twice"),
}  # fmt: skip
