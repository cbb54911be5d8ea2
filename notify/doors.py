"""What must stand outside before a release makes sense: a list of those who practise, and approved templates for a correction. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.errors import BadInput
from core.i18n import t
from core.languages import words_in
from core.settings import Settings
from notify.tables import VersionKind


@dataclass(frozen=True)
class Doors:
    """What the settings say of the ways out.

    Attributes:
        practising: how many addresses a drill may reach.
        templates: by channel whose provider sends approved templates only, our names of those that are approved.
    """

    practising: int
    templates: Mapping[str, frozenset[str]] = field(default_factory=dict)


def doors_of(settings: Settings) -> Doors:
    """Return what the settings say. The city's own gateway takes free text."""
    found = {"whatsapp": frozenset(settings.whatsapp_templates)}
    if settings.sms_cn_provider in ("aliyun", "tencent"):
        found["sms_cn"] = frozenset(settings.sms_cn_templates)
    return Doors(len(settings.drill_allow), found)


def refuse_empty_drill(doors: Doors) -> None:
    """Look whether a drill would reach anybody.

    Raises:
        BadInput: nobody is on the allow-list.
    """
    if not doors.practising:
        raise BadInput(t("Nobody is on the allow-list of drills: nothing of this one would leave. Set drill_allow to the numbers and "
                         "addresses of those who practise, then send again."))  # fmt: skip


def refuse_without_template(doors: Doors, written: Iterable[tuple[str, str]]) -> None:
    """Look whether a mistake could be put right over the channels that send approved templates only.

    Args:
        written: channels and languages of the texts of a version.

    Raises:
        BadInput: one of these has no approved template for a correction.
    """
    wanted = VersionKind.CORRECTION.value
    for channel, language in written:
        names = doors.templates.get(channel)
        if names is not None and not names & {wanted, f"{wanted}.{words_in(language)}"}:
            raise BadInput(t("No correction could be sent over {channel}: its provider sends approved templates only, and the setting "
                             "{setting} names none for “{template}”. Have one approved, or leave the channel out.", channel=channel,
                             setting=f"{channel}_templates", template=wanted))  # fmt: skip
