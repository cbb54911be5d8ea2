"""What the two clouds that send SMS at home have in common: approved templates, our reference, the number as they write it.

Both take a signature, a template and what fills it, never free text. Neither lets a call be repeated safely (Alibaba Cloud's
pages say so outright), so a doubt is looked up under our own reference, which both keep and give back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.settings import Settings
from notify.channels.base import Outgoing, Rejected

CHINA = ZoneInfo("Asia/Shanghai")
"""The clouds count days by it."""

NUMBER = re.compile(r"\+86(1[0-9]{10})")
SETTLED = timedelta(minutes=3)
"""What was taken is in a list only a while later [belief]: that it is not there proves nothing before."""

NOTHING = "无"
OURS = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})\.([0-9A-Z]{6})")


@dataclass(frozen=True)
class Filled:
    """A template of the provider's, and what fills it, in the order of the settings."""

    template: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Account:
    """What the settings say of our account."""

    key_id: str
    secret: str
    signature: str
    templates: Mapping[str, str]
    variables: tuple[str, ...]

    def fill(self, notice: Outgoing) -> Filled | Rejected:
        """Return the approved template of a notice; refused if there is none, which is the same for everybody."""
        number = self.templates.get(notice.template, "")
        if not number:
            name = notice.template or "(none)"
            return Rejected("no-template", f"sms_cn_templates has none for {name}", stops_channel=True)
        lacking = [name for name in self.variables if name not in notice.variables]
        if lacking:
            return Rejected("no-variable", f"the notice has no {', '.join(lacking)}")
        # The clouds refuse a gap that is filled with nothing [belief]: better a word than no notice.
        return Filled(number, {name: notice.variables[name] or NOTHING for name in self.variables})


def account_of(settings: Settings) -> Account:
    """Return the account of the settings."""
    return Account(
        settings.sms_cn_key_id, settings.sms_cn_key_secret.get_secret_value(), settings.sms_cn_signature,
        settings.sms_cn_templates, settings.sms_cn_variables,
    )  # fmt: skip


def number_of(address: str) -> str:
    """Return a number in China as it is dialled there, eleven digits; empty if it is no such number."""
    found = NUMBER.fullmatch(address)
    return found.group(1) if found else ""


def our_id(notice: Outgoing) -> str:
    """Return what we ask the provider to keep: number of the delivery, of the attempt, and the reference that proves it ours."""
    return f"{notice.delivery_id}.{notice.attempt}.{notice.ref}"


def kept_by(kept: str) -> tuple[int, str] | None:
    """Return number and reference out of what a provider kept for us; None if it is not ours."""
    found = OURS.fullmatch(kept)
    return (int(found.group(1)), found.group(3)) if found else None


def is_ours(kept: str, notice: Outgoing) -> bool:
    """Tell whether what a provider kept names this delivery, whichever attempt it was."""
    return kept_by(kept) == (notice.delivery_id, notice.ref)


def settled(notice: Outgoing, since: datetime, now: datetime) -> bool:
    """Tell whether a message would be in the provider's list by now. Each further attempt began later: it gets as long."""
    return now - since >= SETTLED * min(max(notice.attempt, 1), 4)
