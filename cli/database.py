"""`lingbao db`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, say
from core import audit
from core.database import at_head, reading, schema_version, set_mode, writing
from core.errors import NotAllowed
from core.i18n import t
from core.tables import Mode
from notify.store.alerts import instance
from registry.tables import Role

app = typer.Typer(no_args_is_help=True)


@app.command("init")
def init(context: typer.Context) -> None:
    """建立或升级数据库。Make the database and the master key, or bring the schema up to date. Repeatable."""
    here: Context = context.obj
    say(t("The database is ready: {url}", url=here.office.engine.url.render_as_string(hide_password=True)))


@app.command("show")
def show(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False
) -> None:
    """数据库的身份和模式。Which database this is, and what it may do."""
    here: Context = context.obj
    with reading(here.office.engine) as connection:
        one = instance(connection)
    found = {"instance": one.uid, "mode": str(one.mode), "schema": schema_version(here.office.engine),
             "newest": at_head(here.office.engine),
             "url": here.office.engine.url.render_as_string(hide_password=True)}  # fmt: skip
    if json:
        as_json(found)
    else:
        say(t("Instance {instance}, mode {mode}, schema {schema}, {url}", **found))


@app.command("mode")
def mode(context: typer.Context, wanted: Annotated[Mode, typer.Argument(help="模式 Mode.")]) -> None:
    """切换模式；正式发送须由管理员开启。Set what this instance may do. Only an administrator may."""
    here: Context = context.obj
    if here.actor.role != Role.ADMINISTRATOR or here.actor.user_id is None:
        raise NotAllowed(t("Only an administrator with a token may change the mode."))
    with writing(here.office.engine) as connection:
        set_mode(connection, wanted)
        audit.record(connection, actor=here.actor.name, action="instance.mode", subject="instance/1",
                     now=here.office.clock.now(), detail=wanted)  # fmt: skip
    say(t("This instance is now in mode {mode}.", mode=wanted.value))
