"""Editing a draft by a form: whoever else changed it meanwhile is named, and nothing of theirs is written over unseen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from core.errors import BadInput
from core.i18n import t
from notify import alerts
from notify.alerts import Acting
from notify.edit import ChangedMeanwhile, Edit, as_draft, edit, edited, mark_of
from notify.manual import LISTED, ManualAlert, read_countries
from notify.model import AlertDraft
from notify.own import schedule, store
from notify.own.model import Audience
from notify.own.tables import AlertSchedule
from notify.own.write import audience_for
from notify.routing import SMS_CN
from notify.tables import AlertStatus, AlertVersion
from notify.words import status_words

HOUR = 60


@dataclass(frozen=True)
class Standing:
    """A draft as it stands.

    Attributes:
        mark: of this state: another mark means that somebody changed it.
    """

    version: AlertVersion
    draft: AlertDraft
    schedule: AlertSchedule | None
    mark: str

    @property
    def quoted(self) -> bool:
        """Tell whether its words are a publisher's, which are not ours to change."""
        return self.draft.source_id is not None

    @property
    def valid_hours(self) -> int:
        """Return how long it is valid, in hours as a form shows them."""
        return max(1, round(self.draft.validity_minutes / HOUR))


@dataclass(frozen=True)
class Revision:
    """What a form says a draft is to be.

    Attributes:
        mark: of the draft as it was when the form was shown.
        level_stays: the form names no level: the source stated none, and none is made up.
    """

    manual: ManualAlert
    mark: str
    level_stays: bool = False


def standing(connection: Connection, alert_id: int) -> Standing:
    """Return a draft as it stands.

    Raises:
        NotFound: there is no such alert. BadInput: it is no draft any more.
    """
    version = alerts.find(connection, alert_id)
    if version.status != AlertStatus.DRAFT:
        raise BadInput(t("Alert {number} is {status} now: only a draft can be changed.",
                         number=alert_id, status=status_words(version.status)))  # fmt: skip
    draft, waiting = as_draft(connection, version), store.waiting_schedule(connection, version.id or 0)
    return Standing(version, draft, waiting, f"{mark_of(draft)}/{waiting.id if waiting else ''}")


def revise(connection: Connection, alert_id: int, wanted: Revision, acting: Acting) -> bool:
    """Make a draft what a form says; False if it is that already: who changes nothing does not become an author of it.

    Raises:
        ChangedMeanwhile: somebody else changed it since; nothing was written.
        BadInput, NotFound: as for `notify.own.write.prepare` and `notify.edit.edit`.
    """
    before = standing(connection, alert_id)
    if before.mark != wanted.mark:
        raise ChangedMeanwhile(t("Somebody else has changed this draft since you opened it."))
    change = edit_of(connection, wanted, before)
    moved = _is_moved(before, wanted.manual)
    if edited(before.draft, change, acting) == before.draft and not moved:
        return False
    edit(connection, before.version, change, acting, mark=mark_of(before.draft))
    if moved:
        _schedule(connection, before, wanted.manual, acting)
    return True


def edit_of(connection: Connection, wanted: Revision, before: Standing) -> Edit:
    """Return the edit that makes a draft what a form says; what the form does not change is left as it is.

    Raises:
        BadInput: a country is unknown or means everybody. NotFound: no such employer, group or person.
    """
    manual, draft = wanted.manual, before.draft
    audience = audience_for(connection, manual)
    made = Edit(
        countries=read_countries(manual.countries),
        level=None if wanted.level_stays or manual.level == draft.level else manual.level,
        channels=_channels(manual, draft),
        validity_minutes=None if manual.valid_hours == before.valid_hours else manual.valid_hours * HOUR,
        ask_safe=manual.ask_safe,
        audience=None if _same(audience, draft.audience) else audience,
    )
    if before.quoted:
        return made
    return replace(made, title_zh=manual.title_zh, title_en=manual.title_en, body_zh=manual.body_zh,
                   body_en=manual.body_en, url=manual.url)  # fmt: skip


def _channels(manual: ManualAlert, draft: AlertDraft) -> tuple[str, ...]:
    """Return the channels of the form, and those of the draft that no form lists: robots of groups, and SMS at home with SMS."""
    listed = [one for one in draft.channels if one in LISTED]
    if set(manual.channels) == set(listed):
        return draft.channels
    unlisted = [one for one in draft.channels if one not in LISTED and (one != SMS_CN or "sms" in manual.channels)]
    return (*manual.channels, *unlisted)


def _same(one: Audience, other: Audience) -> bool:
    return set(one.rows()) == set(other.rows())


def _is_moved(before: Standing, manual: ManualAlert) -> bool:
    waiting = before.schedule
    if waiting is None or manual.send_at is None:
        return waiting is not None or manual.send_at is not None
    within = timedelta(hours=manual.expire_hours)
    return (waiting.at, waiting.expires_at) != (manual.send_at, manual.send_at + within)


def _schedule(connection: Connection, before: Standing, manual: ManualAlert, acting: Acting) -> None:
    version_id = before.version.id or 0
    if manual.send_at is None:
        schedule.withdraw(connection, version_id, acting)
    else:
        schedule.set_schedule(connection, version_id, manual.send_at, timedelta(hours=manual.expire_hours), acting)
