"""`lingbao settings`."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from pydantic import SecretStr

from cli.context import Context
from cli.show import as_json, table
from core.i18n import Message, t
from core.settings import Settings, origin


def settings(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False
) -> None:
    """所有设置：值、来源、含义。Every setting: value, where it comes from, what it means. Secrets are masked."""
    here: Context = context.obj
    rows = [
        (name, shown(getattr(here.settings, name)), origin(name, here.settings), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    if json:
        as_json({name: {"value": value, "origin": where, "meaning": meaning} for name, value, where, meaning in rows})
        return
    titles = [t("Setting"), t("Value"), t("From"), t("Meaning")]
    table(titles, [(name, value, where, Message(meaning)) for name, value, where, meaning in rows])


def shown(value: Any) -> Any:
    """Return a value as it may be shown: secrets masked, paths and sets as text."""
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    if isinstance(value, frozenset | tuple):
        return ", ".join(str(one) for one in (sorted(value) if isinstance(value, frozenset) else value))
    return value if isinstance(value, int | float | bool) or value is None else str(value)
