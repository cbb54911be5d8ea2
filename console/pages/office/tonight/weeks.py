"""The week that an address names."""

from __future__ import annotations

from console.pages.office.visit import Visit
from core.errors import NotFound
from core.i18n import t
from notify.bulletin.week import Week, week_named

OLDEST = 2000


def week_of(who: Visit, name: str) -> Week:
    """Return the week of a name such as `2026-W47`.

    Raises:
        WrongUse: there is no such week.
        NotFound: it has not begun yet, or is of another century.
    """
    if (
        not name[:4].isdecimal()
        or int(name[:4]) < OLDEST
        or (found := week_named(name, who.office.settings.zone)).begins > who.now
    ):
        raise NotFound(t("There is no bulletin of {week} yet.", week=name))
    return found
