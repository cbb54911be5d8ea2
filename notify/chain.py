"""The chain of an alert: an officer's update, correction or all-clear is its next version, on the way through the same hands.

It goes to exactly those who got an earlier version or may have, over the same channels; an update and a correction also to
those who came since.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from core.errors import BadInput
from core.i18n import t
from notify import alerts
from notify.alerts import Acting
from notify.edit import as_draft
from notify.model import OFFICER, AlertDraft, manner_of
from notify.store import alerts as store
from notify.store import chain as counted
from notify.tables import AlertStatus, AlertVersion, VersionKind
from notify.words import status_words

OPEN = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)


@dataclass(frozen=True)
class Next:
    """What the next version of an alert says; what is empty or None stays as it was.

    Attributes:
        valid_hours: hours within which an unsent notice may still leave.
        ask_safe: an update asks everybody (again) whether they are safe, or does not; None: as the last version.
    """

    kind: VersionKind
    title_zh: str = ""
    title_en: str = ""
    body_zh: str = ""
    body_en: str = ""
    level: int | None = None
    countries: tuple[str, ...] = ()
    valid_hours: int | None = None
    ask_safe: bool | None = None


@dataclass(frozen=True)
class Reach:
    """Who would get the next version.

    Attributes:
        told: people who got an earlier one, or may have.
        new: people who came since, or whose notice of an earlier one had not left.
    """

    told: int
    new: int


def follow(connection: Connection, alert_id: int, wanted: Next, acting: Acting) -> int:
    """Write the next version of an alert as a draft; return its number. Nothing is sent.

    Raises:
        NotFound: there is no such alert.
        BadInput: nobody was told of it yet, another version waits already, it is over already, or nothing is said that is new.
    """
    newest = alerts.find(connection, alert_id)
    if newest.status in OPEN and newest.released_at is None:
        _refuse_open(connection, newest)
    told = store.told_versions(connection, alert_id)
    if not told:
        raise BadInput(t("Nobody was told of alert {number}: there is nothing to correct or to end.", number=alert_id))
    last = store.version(connection, told[-1])
    if wanted.kind is VersionKind.ALL_CLEAR and last.kind == VersionKind.ALL_CLEAR:
        raise BadInput(t("Alert {number} is over already.", number=alert_id))
    says = wanted.title_zh or wanted.body_zh or wanted.level or wanted.countries or wanted.ask_safe
    if wanted.kind is not VersionKind.ALL_CLEAR and not says:
        raise BadInput(t("Say what is new: a title, a text, a level or a country."))
    draft = next_draft(as_draft(connection, last), wanted, acting)
    version_id = alerts.open_alert(connection, replace(draft, follows=alert_id), acting)
    assert version_id is not None  # it comes from no change, so nothing of the same origin can be there
    return version_id


def next_draft(last: AlertDraft, wanted: Next, acting: Acting) -> AlertDraft:
    """Return the next version: the office's own words in place of the last ones. A new text in Chinese alone takes the English one's
    place too: those who read English get the heading without a text, never Chinese, and never what is being mended.

    An update and a correction go out at least as loudly as what they replace: whoever was woken by a mistake is woken by its
    correction.
    """
    level = wanted.level or last.level
    own, office, now = manner_of(level, acting.rules.quiet.broken_by), acting.office, acting.now
    draft = replace(
        last, kind=wanted.kind, level=level, level_words=last.level_words if level == last.level else "",
        title_zh=wanted.title_zh or last.title_zh, title_en=_english(wanted.title_zh, wanted.title_en, last.title_en),
        body_zh=wanted.body_zh or last.body_zh, body_en=wanted.body_en or ("" if wanted.body_zh else last.body_en),
        origin_zh=office.zh, origin_en=office.en, countries=wanted.countries or last.countries, as_of=now, issued_at=now,
        rule=OFFICER, policy="", source_id=None, native_id=None, change_id=None, advisory_id=None, told_only=False,
        every_channel=last.every_channel or own.every_channel, quiet=last.quiet and own.quiet,
        include_doubtful=last.include_doubtful or own.include_doubtful,
        ask_safe=last.ask_safe if wanted.ask_safe is None else wanted.ask_safe,
        validity_minutes=last.validity_minutes if wanted.valid_hours is None else wanted.valid_hours * 60,
    )  # fmt: skip
    return _all_clear(last, wanted, draft) if wanted.kind is VersionKind.ALL_CLEAR else draft


def _all_clear(last: AlertDraft, wanted: Next, draft: AlertDraft) -> AlertDraft:
    """Return the end of an alert: its words are not said again, for "leave now" would be read as a new order. It wakes nobody."""
    title_zh = wanted.title_zh or f"此前发布的安全提醒“{last.title_zh}”已解除，请继续关注当地安全形势"
    known = f'The earlier safety notice "{last.title_en.strip(chr(34))}" has ended. Please keep watching the situation there'
    return replace(
        draft, title_zh=title_zh, title_en=_english(wanted.title_zh, wanted.title_en, known), body_zh=wanted.body_zh,
        body_en=wanted.body_en, level_words="", url="", every_channel=False, quiet=True, ask_safe=False,
    )  # fmt: skip


def _english(title_zh: str, title_en: str, known: str) -> str:
    return title_en or (f'"{title_zh}"' if title_zh else known)


def reach(connection: Connection, version: AlertVersion) -> Reach:
    """Count who a later version would go to. Called before it is released; afterwards its recipients say it."""
    assert version.id is not None
    earlier = [one for one in store.told_versions(connection, version.alert_id) if one < version.id]
    return Reach(*counted.reach(connection, version, earlier))


def _refuse_open(connection: Connection, waiting: AlertVersion) -> None:
    told = store.told_versions(connection, waiting.alert_id)
    if not told:
        raise BadInput(
            t("Nobody was told of alert {number}: there is nothing to correct or to end.", number=waiting.alert_id)
        )
    raise BadInput(t("Version {no} of alert {number} is {status}: send it or cancel it first.", no=waiting.no,
                     number=waiting.alert_id, status=status_words(waiting.status)))  # fmt: skip
