"""How a preview says what the narrower targets of an alert leave out."""

from __future__ import annotations

from typing import Any

from cli.show import language, remark, say
from core.i18n import t
from notify.own.narrowing import Narrowing


def narrowing_json(seen: Narrowing) -> dict[str, Any]:
    """Write an audience in numbers."""
    return {
        "there": seen.there,
        "told": seen.told,
        "targets": [
            {"target": one.target.render(language()), "kept": one.kept, "left": one.left} for one in seen.targets
        ],
    }


def tell_narrowing(seen: Narrowing) -> None:
    """Say for each target whom it leaves out, and warn where nobody is left. Nothing for an alert to everybody there."""
    if not seen.targets:
        return
    say(t("In its countries: {there} people; for this alert: {told}.", there=seen.there, told=seen.told))
    for one in seen.targets:
        say(t("- {target}: {kept} people, leaves out {left}.", target=one.target, kept=one.kept, left=one.left))
    if not seen.told:
        remark(t("Nobody is left: with these targets the alert goes to nobody."))
