"""What the pages of people say: the words of the list, of states and reasons, and after something was done. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from core.i18n import Message, t
from notify.words import STATES
from registry.coverage import Fault
from registry.history import DOUBLE
from registry.rights.model import RequestKind
from registry.scope.listing import Show
from registry.tables import Ground, PostingStatus

DONE: Mapping[str, Message] = {
    "person-saved": t("Saved."),
    "person-confirmed": t("Written down: this person is where their stays say."),
    "person-erased": t("Erased. Nothing of this person can be read again; the proof of what was sent stays verifiable."),
    "person-waits": t("A notice to this person is still on its way. They are erased when it is at its end, by the nightly run."),
}  # fmt: skip
SHOWN: Mapping[Show, Message] = {
    Show.AWAY: t("abroad or about to leave"), Show.ABROAD: t("abroad"), Show.PLANNED: t("about to leave"),
    Show.DOUBTFUL: t("doubtful"), Show.STALE: t("not confirmed for 90 days"), Show.RETURNED: t("back"),
    Show.ALL: t("everybody, those who are back too"),
}  # fmt: skip
STATUS: Mapping[PostingStatus, Message] = {
    PostingStatus.PLANNED: t("leaving soon"), PostingStatus.ABROAD: t("abroad"), PostingStatus.DOUBTFUL: t("doubtful"),
    PostingStatus.RETURNED: t("back"),
}  # fmt: skip
GROUNDS: Mapping[str, Message] = {
    Ground.CONSENT: t("own consent"), Ground.EMPLOYMENT: t("employment"), Ground.STATUTORY: t("duty of the office by law"),
    Ground.EMERGENCY: t("emergency"),
}  # fmt: skip
STOPS: Mapping[str, Message] = {
    "asked": t("the person asked"), "erased": t("erased"), "roster undone": t("roster taken back"),
    "provider: no such address": t("the provider says that there is no such address"),
}  # fmt: skip
"""Why an address is stopped, where the program wrote it; an officer's own reason is shown as it is."""
COLUMNS: Mapping[str, Message] = {
    "registrant": t("name or language"), "posting": t("stay"), "address": t("number or mail"), "consent": t("consent"),
    "home_contact": t("contact at home"), DOUBLE: t("whether somebody is registered twice"),
}  # fmt: skip
FAULTS: Mapping[Fault, Message] = {
    Fault.NO_PLACE: t("no place known"), Fault.NO_WAY: t("no way to reach them"),
    Fault.SHARED_WAY: t("only a number shared with others"), Fault.ONE_WAY: t("one way only"),
    Fault.DEAD_ADDRESS: t("a dead address"), Fault.STALE: t("not confirmed for 90 days"),
    Fault.HOME_NUMBER: t("only Chinese numbers"),
}  # fmt: skip
ANSWERS: Mapping[str, Message] = {"safe": t("safe"), "help": t("needs help"), "unclear": t("unclear")}
REQUESTS: Mapping[str, Message] = {
    RequestKind.ACCESS: t("access"), RequestKind.CORRECTION: t("correction of data"), RequestKind.EXPORT: t("a file to take away"),
    RequestKind.ERASURE: t("erasure"), RequestKind.RETENTION: t("erasure when the time of keeping was over"),
}  # fmt: skip
GOOD, BAD = frozenset({"delivered", "read"}), frozenset({"undelivered", "failed", "canceled"})
LOST = frozenset({"failed", "suppressed", "expired", "unresolved"})


def stop_words(reason: str) -> Message | str:
    """Return why an address is not used any more."""
    return STOPS.get(reason, reason)


def notice_words(state: str, provider_status: str) -> Message:
    """Return what became of a notice: the provider's word where it has one; without an address that nobody was written to."""
    if not state:
        return t("no way to reach them")
    return STATES.get(
        f"provider_{provider_status}" if provider_status and state == "accepted" else state, STATES["unknown"]
    )


def notice_kind(state: str, provider_status: str) -> str:
    """Return how a state is marked: `good` arrived, `bad` needs a hand, else nothing."""
    if state == "accepted" and provider_status in GOOD:
        return "good"
    return "bad" if not state or state in LOST or (state == "accepted" and provider_status in BAD) else ""
