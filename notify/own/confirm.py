"""Confirming by hand: a live alert leaves only when somebody has typed where it goes. Pure."""

from __future__ import annotations

from collections.abc import Collection

from core.errors import BadInput
from core.i18n import t
from core.tables import Mode
from notify.manual import read_countries


def must_confirm(instance: Mode, alert: Mode) -> bool:
    """Tell whether a release needs a country typed: what reaches people does, a drill and a sandbox do not."""
    return instance is Mode.LIVE and alert is Mode.LIVE


def refuse_unconfirmed(typed: str, countries: Collection[str]) -> None:
    """Stop unless one of the countries of the alert was typed, by any of its names.

    Raises:
        BadInput: nothing, no country, or another country was typed.
    """
    if not set(countries) & set(read_countries([typed])):
        raise BadInput(t("“{typed}” is not among the countries of this alert.", typed=typed))
