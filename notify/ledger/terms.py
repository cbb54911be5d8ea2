"""The words people read in a proof: channels, ways, what came of a call. Pure."""

from __future__ import annotations

from core.i18n import Message, t
from notify.byhand.tables import Way
from notify.tables import VersionKind
from notify.words import state_words

CHANNELS = {
    "sms": t("text message"), "sms_cn": t("text message (China)"), "whatsapp": t("WhatsApp"), "voice": t("telephone call by machine"),
    "email": t("mail"), "wecom": t("WeCom"), "wechat": t("WeChat"), "wecom_bot": t("WeCom group"), "dingtalk_bot": t("DingTalk group"),
    "feishu_bot": t("Feishu group"), "by-hand": t("by hand"),
}  # fmt: skip
WAYS = {
    Way.WECHAT_GROUP: t("in a WeChat group"), Way.PHONE: t("by telephone"), Way.VISIT: t("in person"), Way.OTHER: t("in another way"),
}  # fmt: skip
KINDS = {
    VersionKind.FIRST: t("first notice"), VersionKind.UPDATE: t("update"), VersionKind.CORRECTION: t("correction"),
    VersionKind.ALL_CLEAR: t("all clear"),
}  # fmt: skip
OUTCOMES = {
    "accepted": t("accepted by provider"), "notsent": t("certainly not sent"), "indoubt": t("no clear answer"),
    "rejected": t("refused by the provider"), "found": t("found at the provider"), "absent": t("the provider does not have it"),
}  # fmt: skip
HAND_STATES = {
    "told": t("told by hand"), "confirmed": t("told by their company, as it says"), "withdrawn": t("withdrawn by a later record"),
    "withdraws": t("withdraws an earlier record"),
}  # fmt: skip
GROUNDS = {"consent": t("consent of the person"), "emergency": t("danger to life")}


def channel_words(channel: str) -> Message | str:
    """Return what people read for a channel; one that is not known is shown as it is."""
    return CHANNELS.get(channel, channel)


def way_words(way: str) -> Message:
    """Return what people read for the way in which somebody was told by hand."""
    return WAYS[Way(way)]


def outcome_words(outcome: str) -> Message | str:
    """Return what people read for what came of a call."""
    return OUTCOMES.get(outcome, outcome)


def row_state_words(state: str) -> Message | str:
    """Return what people read for the state of a row of the ledger: of a notice, or of something told by hand; "" for none."""
    return HAND_STATES.get(state) or (state_words(state) if state else "")
